"""Version files and forms: what goes out comes back as the same blocks."""

import datetime
import io
import zipfile

import docx
import pytest
from django.utils.translation import get_language
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from documents import html, kinds, richtext
from documents.blocks import Block
from documents.frozen import Frozen, FrozenSection
from documents.word import names, writer
from documents.word.form import FormSection, placeholder_texts, write_form
from documents.word.reader import read_docx
from documents.word.writer import write_version
from tests.documents.word.files import png

SAMPLE = """
<h3>Väliotsikko</h3><p>Kappale, jossa on <strong>vahvaa</strong>, <em>kursiivia</em> ja
<a href="https://example.org/?a=1&amp;b=2">linkki</a><span class="note">Viite &amp; <em>sen</em> sanat</span>.</p>
<h4>2. Toinen</h4><p>– ei luettelo</p><p>1) ei tämäkään</p><p>2) eikä tämä</p><p><strong>Lihava</strong></p>
<ul><li>yksi<ul><li>kaksi</li><li>kolme<ol><li>syvä</li></ol></li></ul></li><li>neljä</li></ul>
<ul><li>toinen luettelo</li></ul>
<ol><li>ensin</li><li>sitten<ul><li>piste</li></ul></li><li>lopuksi</li></ol>
<ol><li>alusta</li></ol>
<p>rivi<br>toinen &lt;rivi&gt;</p>
<blockquote><p>Lainaus</p></blockquote>
<table><caption>Taulukon nimi</caption>
<tr><th colspan="2">Yhdistetty</th><th>Kolmas</th></tr>
<tr><td rowspan="2"><p>a</p><ul><li>b<ul><li>c</li></ul></li></ul></td><td><strong>d</strong></td><td></td></tr>
<tr><td>f<span class="note">solun viite</span></td><td>g</td></tr></table>
<table><tr><th>Päärivi</th><td>x</td></tr><tr><th>Toinen</th><td>y</td></tr></table>
<figure data-file="kuva1"><img alt="Talo &amp; piha" data-file="kuva1">
<figcaption>Kuvan <em>teksti</em></figcaption></figure>
<figure data-file="kuva2" data-decorative="1"><img alt="" data-file="kuva2"></figure>
<p>Loppu</p>
"""


def ids(count):
    return [f"{number:010d}".replace("1", "b").replace("0", "c") for number in range(count)]


def blocks_of(source, language="fi", prefix="k"):
    """Blocks as the editor would save them, with ids of their own."""
    incoming = html.parse(source)
    return [
        Block(
            id=f"{prefix}{number:09d}",
            kind=row.kind,
            text={unit: {language: text} for unit, text in row.text.items()},
            data=row.data,
        )
        for number, row in enumerate(incoming)
    ]


def frozen(*sections, is_sample=False):
    rows = [
        FrozenSection(
            key=key,
            parent=None,
            depth=depth,
            number=number,
            heading={"fi": heading},
            facet="free",
            criterion=None,
            blocks=blocks,
        )
        for key, depth, number, heading, blocks in sections
    ]
    region = {"name": {"fi": "Esimerkkialue"}, "code": "19"}
    document = {"title": {"fi": "Suunnitelma & sen nimi"}, "region": region, "is_sample": is_sample}
    return Frozen(document, rows)


def write(version, **options):
    defaults = {"language": "fi", "image_bytes": lambda key: png(len(key)), "version_label": "Versio 3", "draft": False}
    return write_version(version, **(defaults | options))


def seen(rows):
    """Blocks or pieces as comparable rows, but for the names of pictures' files."""
    return [
        (
            row.id,
            row.kind,
            {unit: text for unit, text in row.text.items() if text},
            {key: value for key, value in row.data.items() if key != "file"},
        )
        for row in rows
    ]


def came_back(content):
    text = read_docx(content)
    assert text.agrees
    return text, [piece for piece in text.pieces if not piece.is_title and not piece.is_section_heading]


def in_finnish(blocks):
    return [
        html.Incoming(kind=row.kind, text={u: t["fi"] for u, t in row.text.items()}, data=row.data, id=row.id)
        for row in blocks
    ]


def test_version_comes_back_with_ids_kinds_texts_lists_tables_and_notes():
    blocks = blocks_of(SAMPLE)
    content = write(frozen(("nykytila", 1, "1", "Nykytila", blocks)))
    text, pieces = came_back(content)
    assert seen([piece.incoming for piece in pieces]) == seen(in_finnish(blocks))
    assert {piece.section_key for piece in pieces} == {"nykytila"}
    assert not any(piece.heading_guess for piece in pieces)
    figures = [piece.incoming for piece in pieces if piece.kind == "figure"]
    assert {text.images[figure.data["file"]].content for figure in figures} == {png(5)}


def test_section_headings_come_back_with_key_number_and_level():
    long_key = "hyvin-pitka-avain-" * 4
    version = frozen(
        ("johtaminen", 1, "1", "1. luokka & muut", blocks_of("<p>a</p>")),
        ("johtaminen-2", 2, "1.1", "Alaluku", blocks_of("<h3>Oma</h3><h4>Sisempi</h4>", prefix="m")),
        (long_key, 3, "1.1.1", "Syvä", []),
    )
    text, _pieces = came_back(write(version))
    headings = [piece for piece in text.pieces if piece.is_section_heading]
    assert [(row.section_key, row.number, row.plain, row.heading_level) for row in headings] == [
        ("johtaminen", "1", "1. luokka & muut", 1),
        ("johtaminen-2", "1.1", "Alaluku", 2),
        (names.section_name(long_key), "1.1.1", "Syvä", 3),
    ]
    own = [piece for piece in text.pieces if piece.plain in {"Oma", "Sisempi"}]
    assert [(row.incoming.data["level"], row.heading_level) for row in own] == [(1, 3), (2, 4)]
    assert len(names.SECTION + names.section_name(long_key)) <= 40
    assert text.title == text.pieces[0].plain == "Suunnitelma & sen nimi"


def test_column_keys_come_back():
    source = '<table><tr><th data-col="cab12f3">A</th><th data-col="c000001">B</th></tr>'
    source += "<tr><td>a</td><td>b</td></tr></table>"
    _text, pieces = came_back(write(frozen(("a", 1, "1", "A", blocks_of(source)))))
    assert pieces[0].incoming.data["columns"] == ["cab12f3", "c000001"]


def test_a_block_split_in_word_keeps_its_id_in_the_first_half_and_new_text_is_read_as_typed():
    content = write(frozen(("a", 1, "1", "A", blocks_of("<p>Ensimmäinen osa. Toinen osa.</p>"))))
    document = docx.Document(io.BytesIO(content))
    paragraph = document.paragraphs[-1]
    paragraph.runs[0].text = "Ensimmäinen osa."
    document.add_paragraph("– Toinen osa.")
    stream = io.BytesIO()
    document.save(stream)
    _text, pieces = came_back(stream.getvalue())
    assert [(row.incoming.id, row.kind, row.plain) for row in pieces] == [
        ("k000000000", "paragraph", "Ensimmäinen osa."),
        (None, "list_item", "Toinen osa."),
    ]


def test_structured_blocks_are_tables_that_know_what_they_show():
    goal = Block(id="gggggggggg", kind="goal", text={"title": {"fi": "Tavoite"}})
    lines = [("Tavoite", "Jokainen löytää"), ("Perustelu & muuta", "<strong>Siksi</strong>"), ("Tyhjä", "")]
    version = frozen(("a", 1, "1", "A", [goal, *blocks_of("<p>Jälkeen</p>")]))
    _text, pieces = came_back(write(version, structured=lambda block: lines))
    assert [(row.kind, row.structured_id, row.plain) for row in pieces] == [
        ("table", "gggggggggg", ""),
        ("table_row", "gggggggggg", "Tavoite Jokainen löytää"),
        ("table_row", "gggggggggg", "Perustelu & muuta Siksi"),
        ("paragraph", "", "Jälkeen"),
    ]
    assert pieces[0].incoming.data["head_column"] is True


def test_blocks_without_the_language_are_left_out_and_the_rest_stays():
    blocks = [*blocks_of("<p>Suomeksi</p>"), *blocks_of("<p>På svenska</p>", "sv", prefix="s")]
    _text, pieces = came_back(write(frozen(("a", 1, "1", "A", blocks)), language="sv"))
    assert [piece.plain for piece in pieces] == ["På svenska"]


def test_same_version_gives_the_same_bytes():
    version = frozen(("a", 1, "1", "A", blocks_of(SAMPLE)))
    assert write(version) == write(version)
    assert write(version) != write(version, draft=True)


def test_word_itself_would_open_it():
    content = write(frozen(("a", 1, "1", "Nykytila", blocks_of(SAMPLE)), is_sample=True))
    document = docx.Document(io.BytesIO(content))
    styles = {paragraph.style.name for paragraph in document.paragraphs}
    assert {
        "Title",
        "Heading 1",
        "Heading 2",
        "List Bullet",
        "List Bullet 2",
        "List Number",
        "Quote",
        "Caption",
    } <= styles
    assert document.core_properties.title == "Suunnitelma & sen nimi"
    assert document.core_properties.language == "fi-FI"
    assert len(document.tables) == 2
    assert len(document.inline_shapes) == 2
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}
        assert b'w:val="fi-FI"' in archive.read("word/styles.xml")
        assert archive.read("word/document.xml").count(b"<w:tblHeader/>") == 1


def header_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("word/header1.xml").decode()


def test_drafts_carry_a_band_with_version_and_date():
    day = datetime.date(2026, 2, 5)
    draft = write(frozen(is_sample=True), draft=True, date=day)
    assert "Versio 3 · 5.2.2026" in header_of(draft)
    assert "w:shd" in header_of(draft)
    final = header_of(write(frozen(), date=day))
    assert "w:shd" not in final
    text = read_docx(draft)
    assert {row.reason for row in text.left_out} == {"cover"}
    assert [row.text for row in text.left_out][:2] == ["Esimerkkialue", "Versio 3 · 5.2.2026"]
    assert len(text.left_out) == 4
    assert len(read_docx(write(frozen())).left_out) == 2


@pytest.mark.parametrize("broken", [b"", b"not a picture"])
def test_a_picture_that_cannot_be_measured_is_still_written(broken):
    blocks = blocks_of('<figure data-file="k"><img alt="x" data-file="k"></figure>')
    _text, pieces = came_back(write(frozen(("a", 1, "1", "A", blocks)), image_bytes=lambda key: broken))
    assert [piece.kind for piece in pieces] == ["figure"]


# --- Forms ------------------------------------------------------------------------------------------------

SECTIONS = [
    FormSection("johtaminen", "Johtaminen", asks=False),
    FormSection("nykytila", "Nykytila", level=2),
    FormSection("toimii", "Mikä toimii", level=2),
]
GUIDANCE = {
    "johtaminen": "<p>Tämä luku kertoo johtamisesta.</p>",
    "nykytila": "<p>Kuvatkaa <strong>nykytila</strong>.</p><ul><li>Ketkä johtavat?</li></ul>",
}


def form(**options):
    defaults = {"title": "Käsikirja", "language": "fi", "guidance": GUIDANCE}
    return write_form(SECTIONS, **(defaults | options))


def changed(content, change):
    document = docx.Document(io.BytesIO(content))
    change(document)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def test_an_empty_form_comes_back_empty():
    text, pieces = came_back(form())
    assert pieces == []
    assert [(row.section_key, row.plain) for row in text.pieces[1:]] == [
        ("johtaminen", "Johtaminen"),
        ("nykytila", "Nykytila"),
        ("toimii", "Mikä toimii"),
    ]
    assert [row.reason for row in text.left_out] == ["guidance"] * 3 + ["placeholder"] * 2


def test_answers_come_back_to_their_sections_with_their_ids():
    answers = {"nykytila": blocks_of(SAMPLE), "toimii": blocks_of("<p>Hyvin</p>", prefix="t")}
    _text, pieces = came_back(form(answers=answers, image_bytes=lambda key: png()))
    for key, blocks in answers.items():
        mine = [piece.incoming for piece in pieces if piece.section_key == key]
        assert seen(mine) == seen(in_finnish(blocks))


def test_a_filled_form_comes_back_without_guessing():
    def fill(document):
        controls = document.element.body.findall("w:sdt", document.element.nsmap)
        for control, words in zip(
            [row for row in controls if b'w:val="fc:' in etree.tostring(row)],
            ["Meillä on tiimi.", "– Kahvila toimii"],
            strict=True,
        ):
            control.findall(".//w:t", control.nsmap)[0].text = words

    text, pieces = came_back(changed(form(), fill))
    assert [(piece.section_key, piece.kind, piece.plain) for piece in pieces] == [
        ("nykytila", "paragraph", "Meillä on tiimi."),
        ("toimii", "list_item", "Kahvila toimii"),
    ]
    assert [row.reason for row in text.left_out] == ["guidance"] * 3


def test_what_is_typed_into_guidance_or_below_an_answer_is_not_lost():
    def scribble(document):
        guidance = [
            row
            for row in document.element.iter(f"{{{document.element.nsmap['w']}}}t")
            if row.text == "– Ketkä johtavat?"
        ]
        guidance[0].text += " Me kaikki."
        document.add_paragraph("Lopuksi vielä")

    text, pieces = came_back(changed(form(), scribble))
    assert [(row.section_key, row.in_guidance, row.plain) for row in pieces] == [
        ("nykytila", True, "Ketkä johtavat? Me kaikki."),
        ("toimii", False, "Lopuksi vielä"),
    ]
    assert [row.text for row in text.left_out if row.reason == "guidance"] == [
        "Tämä luku kertoo johtamisesta.",
        "Kuvatkaa nykytila.",
    ]


ASKED_TWICE = GUIDANCE | {"toimii": "<ul><li>Ketkä johtavat?</li></ul>"}


def bookmark_names(content):
    body = docx.Document(io.BytesIO(content)).element.body
    return [row.get(f"{{{body.nsmap['w']}}}name") for row in body.iterfind(".//w:bookmarkStart", body.nsmap)]


def test_the_same_guidance_in_two_sections_has_two_bookmarks():
    marks = bookmark_names(form(guidance=ASKED_TWICE))
    assert len(marks) == len(set(marks))


@pytest.mark.parametrize(("ending", "known"), [("_Copy_1", []), ("", ["Ketkä johtavat?"])])
def test_guidance_is_known_after_another_program_wrote_the_file(ending, known):
    def written_elsewhere(document):
        body = document.element.body
        for row in list(body.iterfind(".//w:bookmarkStart", body.nsmap)):
            key = f"{{{body.nsmap['w']}}}name"
            if not row.get(key).startswith(names.GUIDANCE):
                continue
            if ending:
                row.set(key, row.get(key) + ending)
            elif "Ketkä" in row.getparent().xpath("string()"):
                row.getparent().remove(row)

    text = read_docx(changed(form(guidance=ASKED_TWICE), written_elsewhere), guidance=known)
    assert [row.reason for row in text.left_out].count("guidance") == 4


def test_form_says_its_language_and_locks_its_answer_areas():
    content = form(language="sv")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        body = archive.read("word/document.xml").decode()
        assert 'w:val="sv-FI"' in archive.read("word/styles.xml").decode()
        assert "Käsikirja" in archive.read("word/header1.xml").decode()
    assert body.count('<w:lock w:val="sdtLocked"/>') == 2
    assert body.count("<w:showingPlcHdr/>") == 2
    assert any(text in body for text in placeholder_texts())
    assert form() == form()


# --- Any blocks -------------------------------------------------------------------------------------------

WORDS = st.text("abcÄö 1.)–-&<>•", min_size=1, max_size=20).map(
    lambda text: text.replace("<", "&lt;").replace(">", "&gt;").replace("&", "&amp;")
)
INLINE = st.lists(
    st.one_of(
        WORDS,
        WORDS.map(lambda text: f"<strong>{text}</strong>"),
        WORDS.map(lambda text: f"<em>{text}</em>"),
        WORDS.map(lambda text: f'<a href="https://example.org/">{text}</a>'),
        WORDS.map(lambda text: f'<span class="note">{text.strip()}</span>'),
        st.just("<br>"),
    ),
    min_size=1,
    max_size=4,
).map("".join)
ITEMS = st.lists(INLINE.map(lambda text: f"<li>{text}</li>"), min_size=1, max_size=3).map("".join)
BLOCKS = st.one_of(
    INLINE.map(lambda text: f"<p>{text}</p>"),
    INLINE.map(lambda text: f"<h3>{text}</h3>"),
    INLINE.map(lambda text: f"<blockquote><p>{text}</p></blockquote>"),
    ITEMS.map(lambda text: f"<ul>{text}</ul>"),
    ITEMS.map(lambda text: f"<ol>{text}</ol>"),
    st.tuples(INLINE, ITEMS, INLINE).map(lambda row: f"<ul><li>{row[0]}<ol>{row[1]}</ol></li><li>{row[2]}</li></ul>"),
    st.lists(st.tuples(INLINE, ITEMS), min_size=1, max_size=3).map(
        lambda rows: (
            "<table>" + "".join(f"<tr><td>{a}</td><td><p>x</p><ul>{b}</ul></td></tr>" for a, b in rows) + "</table>"
        )
    ),
)


@given(st.lists(BLOCKS, max_size=6).map("".join))
def test_any_blocks_come_back(source):
    blocks = [
        row for row in blocks_of(source) if row.kind in {"table", "table_row"} or richtext.plain(row.html_in("fi"))
    ]
    blocks = [row for row in blocks if row.kind != "heading" or "<br>" not in row.get("body", "fi")]
    _text, pieces = came_back(write(frozen(("a", 1, "1", "A", blocks))))
    assert [(p.incoming.id, p.kind) for p in pieces] == [(b.id, b.kind) for b in blocks]
    assert [p.plain.split() for p in pieces] == [richtext.plain(b.html_in("fi")).split() for b in blocks]


def test_registered_kinds_tell_their_own_lines(monkeypatch):
    def lines(block, resolved, language):
        return [("Tavoite", block.get("title", language)), ("Vastuu", resolved["owner"])]

    kind = kinds.BlockKind(name="promise", label="", template="", lines=lines)
    monkeypatch.setitem(kinds._blocks, "promise", kind)
    promise = Block(id="pppppppppp", kind="promise", text={"title": {"fi": "Lupaus"}})
    unknown = Block(id="uuuuuuuuuu", kind="unheard-of")
    version = frozen(("a", 1, "1", "A", [promise, unknown]))
    version.resolved["pppppppppp"] = {"owner": "Kunta"}
    _text, pieces = came_back(write(version))
    assert [piece.plain for piece in pieces] == ["", "Tavoite Lupaus", "Vastuu Kunta"]


def test_the_draft_mark_is_said_in_the_language_of_the_file(monkeypatch):
    spoken = {"fi": "LUONNOS", "sv": "UTKAST", "en": "DRAFT"}
    monkeypatch.setattr(writer, "gettext", lambda text: spoken[get_language()] if text == "DRAFT" else text)
    for language, word in spoken.items():
        assert f">{word} · Versio 3<" in header_of(write(frozen(), draft=True, language=language))
