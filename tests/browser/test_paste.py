"""Pasting from Word and from browsers' documents: as it is seen there, without its looks."""

import pytest

from tests.browser.test_editor import TEXT, body, box, document, open_section, save, section, user  # noqa: F401 fixtures
from tests.documents.factories import blocks, fresh

pytestmark = pytest.mark.django_db(transaction=True)

BULLET = (
    "<![if !supportLists]><span style='font-family:Symbol;mso-fareast-font-family:Symbol'>"
    "<span style='mso-list:Ignore'>{}<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp;&nbsp;&nbsp; </span>"
    "</span></span><![endif]>"
)


def item(words, mark="·", level=1, name="l0 level{} lfo1", place="Middle"):
    style = f"margin-left:{36 * level}.0pt;text-indent:-18.0pt;mso-list:{name.format(level)}"
    return (
        f"<p class=MsoListParagraphCxSp{place} style='{style}'>{BULLET.format(mark)}"
        f"<span lang=FI style='color:red'>{words}<o:p></o:p></span></p>\n"
    )


# What Word 365 puts on the clipboard, shortened; the words were written for this test.
WORD = (
    """<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"
xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40">
<head><meta http-equiv=Content-Type content="text/html; charset=utf-8"><meta name=Generator content="Microsoft Word 15">
<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]-->
<style><!-- @list l0 {mso-list-id:1; mso-list-type:hybrid;} p.MsoNormal {margin:0cm; font-size:11.0pt;} --></style>
</head><body lang=FI style='tab-interval:65.2pt'><!--StartFragment-->
<h1 style='mso-list:l2 level1 lfo3'>"""
    + BULLET.format("1")
    + """<span lang=FI>Kohtaamispaikat<o:p></o:p></span></h1>
<p class=MsoNormal><b style='mso-bidi-font-weight:normal'><span lang=FI style='font-size:14pt'>Talo</span></b><span
lang=FI> on <i>auki</i> arkisin<a style='mso-footnote-id:ftn1' href="#_ftn1" name="_ftnref1" title=""><span
class=MsoFootnoteReference><span style='mso-special-character:footnote'>[1]</span></span></a>.<o:p></o:p></span></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<h2>Toiminta<o:p></o:p></h2>
"""
    + item("Perhekahvila", place="First")
    + item("Kuusamossa", "o", 2)
    + item("joka toinen viikko", "§", 3)
    + item("Taivalkoskella", "o", 2)
    + item("Isäryhmä", place="Last")
    + item("Ota yhteyttä", "1.", name="l1 level{} lfo2", place="First")
    + item("Varaa aika", "2.", name="l1 level{} lfo2", place="Last")
    + """<p class=MsoNormal><span lang=FI>Katso <a href="https://example.org/talo"><span style='color:blue'>talon
sivut</span></a>.<o:p></o:p></span></p>
<table class=MsoTableGrid border=1 style='border-collapse:collapse;mso-yfti-tbllook:1184'>
<thead><tr style='mso-yfti-irow:0;mso-yfti-firstrow:yes'><td width=301
style='width:225pt'><p class=MsoNormal>Paikka<o:p></o:p></p></td>
<td width=301><p class=MsoNormal>Aika<o:p></o:p></p></td></tr></thead>
<tr><td width=301><p class=MsoNormal>Oulu<o:p></o:p></p></td>
<td width=301><p class=MsoNormal>ma–pe<o:p></o:p></p></td></tr>
</table>
<div style='mso-element:footnote-list'><![if !supportFootnotes]><br
clear=all><hr align=left size=1 width="33%"><![endif]>
<div style='mso-element:footnote' id=ftn1><p class=MsoFootnoteText><a style='mso-footnote-id:ftn1' href="#_ftnref1"
name="_ftn1" title=""><span class=MsoFootnoteReference>[1]</span></a> Kysely vuodelta 2025.<o:p></o:p></p></div></div>
<!--EndFragment--></body></html>"""
)


def paste(page, html):
    box(page).click()
    page.keyboard.press("Control+a")
    box(page).evaluate(
        """(target, html) => {
            const data = new DataTransfer();
            data.setData("text/html", html);
            data.setData("text/plain", "unused");
            target.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        html,
    )


def told(section):  # noqa: F811
    return [
        (
            block.kind
            if block.kind != "list_item"
            else ("ol" if block.data["ordered"] else "ul") + str(block.data["level"]),
            " | ".join(text["fi"] for text in block.text.values() if text.get("fi")),
        )
        for block in blocks(fresh(section))
    ]


def test_word_is_pasted_as_it_is_seen_there(page, user, section):  # noqa: F811
    open_section(page, section)
    paste(page, WORD)
    save(page)
    assert told(section) == [
        ("heading", "Kohtaamispaikat"),
        ("paragraph", '<strong>Talo</strong> on <em>auki</em> arkisin<span class="note">Kysely vuodelta 2025.</span>.'),
        ("heading", "Toiminta"),
        ("ul0", "Perhekahvila"),
        ("ul1", "Kuusamossa"),
        ("ul2", "joka toinen viikko"),
        ("ul1", "Taivalkoskella"),
        ("ul0", "Isäryhmä"),
        ("ol0", "Ota yhteyttä"),
        ("ol0", "Varaa aika"),
        ("paragraph", 'Katso <a href="https://example.org/talo">talon sivut</a>.'),
        ("table", ""),
        ("table_row", "Paikka | Aika"),
        ("table_row", "Oulu | ma–pe"),
    ]
    levels = [block.data["level"] for block in blocks(fresh(section)) if block.kind == "heading"]
    heads = [block.data["head"] for block in blocks(fresh(section)) if block.kind == "table_row"]
    assert (levels, heads) == ([1, 2], [True, False])


def test_looks_of_other_documents_are_read_as_what_they_mean(page, user, section):  # noqa: F811
    open_section(page, section)
    paste(
        page,
        '<b style="font-weight:normal" id="docs-internal-guid-1"><h2 style="color:red">Tilat</h2>'
        '<p style="line-height:1.4"><span style="font-weight:700">Iso</span> ja '
        '<span style="font-style:italic">pieni</span> tila</p><ul><li><p>Sali</p></li></ul></b>',
    )
    save(page)
    assert told(section) == [
        ("heading", "Tilat"),
        ("paragraph", "<strong>Iso</strong> ja <em>pieni</em> tila"),
        ("ul0", "Sali"),
    ]


def test_hostile_html_is_pasted_as_nothing_but_words(page, user, section):  # noqa: F811
    open_section(page, section)
    paste(
        page,
        "<p style='mso-list:l0 level9 lfo1' onclick='alert(1)'>Yksi<script>alert(1)</script>"
        "<img src=x onerror=alert(1)></p><p style='mso-list:l0 level1 lfo1'><a href='javascript:alert(1)'>Kaksi</a></p>"
        "<style>p{display:none}</style><iframe src='https://example.org'></iframe>",
    )
    save(page)
    assert told(section) == [("ul0", "Yksi"), ("ul0", "Kaksi")]
