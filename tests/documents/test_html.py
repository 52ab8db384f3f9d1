"""What editors and clipboards send, and what is shown: nothing dropped, nothing dangerous, nothing that hangs."""

import time
from html import escape

import pytest
from django.core.exceptions import ValidationError

from documents import richtext
from documents.blocks import HEADING, LIST_ITEM, PARAGRAPH, QUOTE, TABLE, TABLE_ROW, Block
from documents.html import MAX_COLUMNS, MAX_DEPTH, Rendering, parse, render
from documents.models import BlockIdentity
from documents.services.sections import save_section

from .factories import blocks, fresh, ids, make_document, make_section, texts

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal{margin:0}</style>
<!--[if gte mso 9]><xml><o:OfficeDocumentSettings/></xml><![endif]--></head><body lang=FI>
<h1 style="mso-list:l0 level1 lfo1"><a name="_Toc1"></a>Nykytila<o:p></o:p></h1>
<p class=MsoNormal style="text-align:justify"><b style="mso-bidi-font-weight:normal"><span lang=FI
style='font-size:11.0pt;font-family:"Calibri",sans-serif'>Neuvola</span></b><span lang=FI> toimii <i>hyvin</i>,
katso <a href="https://example.org/a?b=1&amp;c=2"><span class=MsoHyperlink>ohje</span></a>.<o:p></o:p></span></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p></body></html>"""


def kinds_and_texts(source):
    return [(block.kind, richtext.plain(" ".join(block.text.values()))) for block in parse(source)]


def rows(source):
    return [block for block in parse(source) if block.kind == TABLE_ROW]


def test_text_pasted_from_word_keeps_words_marks_and_links_only():
    heading, paragraph = parse(WORD)[:2]
    assert (heading.kind, heading.text["body"]) == (HEADING, "Nykytila")
    assert paragraph.text["body"] == (
        '<strong>Neuvola</strong> toimii <em>hyvin</em>, katso <a href="https://example.org/a?b=1&amp;c=2">ohje</a>.'
    )
    assert "Mso" not in str(parse(WORD))


@pytest.mark.parametrize(
    "source",
    [
        "<p>Hyvä<script>alert(1)</script></p>",
        '<p onclick="alert(1)">Hyvä</p>',
        '<p>Hyvä<img src=x onerror="alert(1)"></p>',
        '<p><a href="javascript:alert(1)">Hyvä</a></p>',
        '<p><a href=" jAvA\tscript:alert(1)">Hyvä</a></p>',
        '<p><a href="data:text/html;base64,PHN2Zz4=">Hyvä</a></p>',
        '<p><a href="vbscript:x">Hyvä</a></p>',
        "<p>Hyvä<svg><a xlink:href='javascript:alert(1)'></a></svg></p>",
        '<p style="background:url(javascript:alert(1))">Hyvä</p>',
        "<p>Hyvä<iframe src='//evil.example'></iframe></p>",
    ],
)
def test_scripts_and_dangerous_links_are_left_out(source):
    (block,) = parse(source)
    assert block.text["body"] == "Hyvä"
    assert str(render([Block("b", PARAGRAPH, {"body": {"fi": source}})], Rendering("fi"))) == '<p id="b-b">Hyvä</p>'


def test_addresses_in_links_cannot_break_out_of_their_attribute():
    (block,) = parse("""<p><a href='https://a.example/"><script>alert(1)</script>'>x</a></p>""")
    assert "<script" not in block.text["body"]
    assert richtext.sanitise(block.text["body"]) == block.text["body"]


def test_nested_lists_keep_their_levels():
    source = "<ul><li>yksi<ol><li>kaksi<ul><li>kolme</li></ul></li></ol></li><li>neljä</li></ul>"
    items = parse(source)
    assert [(item.text["body"], item.data["level"], item.data["ordered"]) for item in items] == [
        ("yksi", 0, False),
        ("kaksi", 1, True),
        ("kolme", 2, False),
        ("neljä", 0, False),
    ]


def test_words_in_invalid_places_of_a_list_are_kept():
    assert kinds_and_texts("<ul>irto<li>a</li>välissä<ul><li>b</li></ul>loppu</ul>") == [
        (LIST_ITEM, word) for word in ("irto", "a", "välissä", "b", "loppu")
    ]


def test_list_directly_in_a_list_is_a_level_deeper():
    assert [(item.text["body"], item.data["level"]) for item in parse("<ul><li>a</li><ul><li>b</li></ul></ul>")] == [
        ("a", 0),
        ("b", 1),
    ]


def test_quote_keeps_everything_in_it():
    assert kinds_and_texts("<blockquote>irto<p>a</p>loppu<ul><li>x</li></ul><h2>o</h2></blockquote>") == [
        (QUOTE, "irto"),
        (QUOTE, "a"),
        (QUOTE, "loppu"),
        (LIST_ITEM, "x"),
        (HEADING, "o"),
    ]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<ul><li>x<blockquote><p>a</p><p>b</p></blockquote></li></ul>", "x<br>a<br>b"),
        ("<ul><li><p>a</p><p>b</p></li></ul>", "a<br>b"),
        ("<ul><li><div>a</div><div>b</div>c</li></ul>", "a<br>b<br>c"),
        ("<figure data-file='k'><img><figcaption><p>a</p><p>b</p></figcaption></figure>", "a<br>b"),
    ],
)
def test_words_of_neighbouring_boxes_never_run_together(source, words):
    block = parse(source)[0]
    assert block.text.get("body", block.text.get("caption")) == words


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        ("<div>a</div><div>b</div>", "a<br>b"),
        ("<h3>a</h3>b", "a<br>b"),
        ("ulko<table><tr><td>a</td><td>b</td></tr></table>", "ulko<br>a<br>b"),
        ("<p>a</p><p>b</p>", "<p>a</p><p>b</p>"),
        ("<p>a</p>", "a"),
        ("<ul><li>a</li><li>b</li></ul>", "<ul><li>a</li><li>b</li></ul>"),
    ],
)
def test_cell_keeps_its_lines(cell, stored):
    (row,) = rows(f"<table><tr><td>{cell}</td></tr></table>")
    assert list(row.text.values()) == [stored]


def test_figure_that_wraps_a_table_gives_the_table():
    source = '<figure class="table"><table><tr><td>a</td></tr></table><figcaption>Selite</figcaption></figure>'
    assert [kind for kind, _words in kinds_and_texts(source)] == [TABLE, TABLE_ROW, PARAGRAPH]


def test_only_our_own_pictures_are_taken_in_and_also_from_within_a_line():
    assert kinds_and_texts('<p>teksti <img data-file="abc" alt="Kuva" src="x"> lisää</p>') == [
        (PARAGRAPH, "teksti lisää"),
        ("figure", "Kuva"),
    ]
    assert parse('<p><img src="https://evil.example/p.png" alt="x"></p>') == []


def test_merged_cells_and_several_head_rows_come_back_the_same():
    source = (
        "<table><caption>Palvelut</caption><thead><tr><th colspan=2>A</th></tr><tr><th>a</th><th>b</th></tr></thead>"
        "<tbody><tr><td rowspan=2>1</td><td>2</td></tr><tr><td>3</td></tr></tbody></table>"
    )
    table, one, two, three, four = parse(source)
    left, right = table.data["columns"]
    assert table.text["caption"] == "Palvelut"
    assert one.data == {"head": True, "spans": {left: [2, 1]}, "covered": [right]}
    assert two.data == {"head": True}
    assert three.data == {"head": False, "spans": {left: [1, 2]}}
    assert (four.text, four.data) == ({right: "3"}, {"head": False, "covered": [left]})
    kept = [
        Block(f"b{n}", item.kind, {unit: {"fi": text} for unit, text in item.text.items()}, item.data)
        for n, item in enumerate(parse(source))
    ]
    shown = str(render(kept, Rendering("fi", editing=True)))
    again = parse(shown)
    assert [(item.text, item.data) for item in again] == [
        ({unit: texts["fi"] for unit, texts in block.text.items()}, block.data) for block in kept
    ]
    assert shown.count("<thead>") == 1
    assert '<th scope="col" colspan="2"' in shown


@pytest.mark.parametrize("tag", ["div", "blockquote", "strong", "ul><li", "table><tr><td"])
def test_ten_thousand_nested_tags_are_refused_at_once(tag):
    start = time.process_time()
    with pytest.raises(ValidationError) as error:
        parse(f"<{tag}>" * 10_000 + "x")
    assert error.value.code == "text_too_deep"
    assert time.process_time() - start < 10


def test_deep_but_believable_text_keeps_its_words():
    depth = MAX_DEPTH - 10
    assert kinds_and_texts("<div>" * depth + "syvällä" + "</div>" * depth) == [(PARAGRAPH, "syvällä")]


def test_marks_within_the_same_marks_are_one():
    assert richtext.sanitise("<strong>" * 5_000 + "x" + "</strong>" * 5_000) == "<strong>x</strong>"
    assert richtext.sanitise("<em><b>a<em>b</em></b></em>") == "<em><strong>ab</strong></em>"


def test_lists_of_a_cell_stop_at_a_depth_and_keep_their_words():
    once = richtext.sanitise("<ul><li>a" * 3_000, cell=True)
    assert richtext.plain(once).count("a") == 3_000
    assert once.count("<ul>") == 16
    assert richtext.sanitise(once, cell=True) == once


@pytest.mark.parametrize(
    "table",
    [
        "<table>" + ("<tr>" + "<td colspan=100 rowspan=100>a</td>" * 50 + "</tr>") * 200 + "</table>",
        "<table><tr>" + "<td>a</td>" * (MAX_COLUMNS + 1) + "</tr></table>",
        "<table>" + ("<tr>" + "<td>a</td>" * MAX_COLUMNS + "</tr>") * 501 + "</table>",
    ],
)
def test_table_beyond_all_measure_is_refused(table):
    with pytest.raises(ValidationError) as error:
        parse(table)
    assert error.value.code == "table_too_large"


def test_text_beyond_all_measure_is_refused():
    with pytest.raises(ValidationError) as error:
        parse("<p>" + "a" * 5_000_001)
    assert error.value.code == "text_too_long"


def test_very_long_word_is_kept():
    (block,) = parse("<p>" + "ä" * 200_000 + "</p>")
    assert block.text["body"] == "ä" * 200_000


@pytest.mark.parametrize("sign", ["\x00", "&#1;", "\x01", "\x1f", "\ud800", "\udfff", "￾", "￿"])
def test_signs_that_cannot_be_stored_are_left_out(sign):
    (block,) = parse(f"<p>Neu{sign}vola</p>")
    assert block.text["body"] == "Neuvola"
    assert richtext.sanitise(f"Neu{sign}vola") == "Neuvola"


def test_null_as_a_character_reference_cannot_be_stored_either():
    assert "\x00" not in richtext.sanitise("a&#0;b")


def test_vertical_tab_of_word_parts_words():
    assert parse("<p>yksi\x0bkaksi</p>")[0].text["body"] == "yksi kaksi"


@pytest.mark.django_db
def test_null_signs_and_halves_of_signs_reach_the_database_as_text():
    section = make_section(make_document(), "<p>Neu\x00vola \ud83d toimii.</p><table><tr><td>\x00a</td></tr></table>")
    assert texts(section) == ["Neuvola toimii.", "", "a"]


@pytest.mark.django_db
def test_id_of_another_document_is_not_taken():
    other = make_section(make_document(), "<p>Toisen asiakirjan teksti.</p>")
    (foreign,) = ids(other)
    section = make_section(make_document())

    save_section(section, by=None, base=None, html={"fi": f'<p data-id="{foreign}">Lainattu.</p>'})

    (own,) = ids(section)
    assert own != foreign
    assert ids(other) == [foreign]
    assert BlockIdentity.objects.get(block_id=foreign).document == other.document


@pytest.mark.django_db
@pytest.mark.parametrize("made_up", ["keksitty00", "x" * 500, "'\"><script>", "\x00"])
def test_id_that_was_never_issued_is_not_taken(made_up):
    section = make_section(make_document())
    save_section(section, by=None, base=None, html={"fi": f'<p data-id="{escape(made_up)}">Teksti.</p>'})
    (own,) = ids(section)
    assert own != made_up
    assert len(own) == 10


@pytest.mark.django_db
def test_one_block_named_by_a_hundred_carriers_stays_one():
    section = make_section(make_document(), "<p>Alku.</p>")
    (a,) = ids(section)
    html = "".join(f'<p data-id="{a}">Kappale {n}.</p>' for n in range(100))
    save_section(fresh(section), by=None, base=fresh(section).head, html={"fi": html})
    assert len(set(ids(section))) == len(blocks(section)) == 100


def test_reading_again_what_readers_see_in_another_language_marks_the_language():
    block = Block("b", PARAGRAPH, {"body": {"fi": "Neuvola"}})
    assert str(render([block], Rendering("sv", fallback="fi"))) == '<p id="b-b" lang="fi">Neuvola</p>'
    assert str(render([block], Rendering("sv"))) == ""


def test_an_empty_heading_cell_is_no_heading_to_a_reader():
    table = Block("b1", TABLE, data={"columns": ["a", "b"]})
    head = Block("b2", TABLE_ROW, {"a": {"fi": "Paikka"}, "b": {}}, data={"head": True})
    shown = str(render([table, head], Rendering("fi")))
    assert (shown.count("<th"), shown.count("<td></td>")) == (2, 1)  # one in "<thead>"
    assert str(render([table, head], Rendering("fi", editing=True))).count('<th scope="col" data-col') == 2
