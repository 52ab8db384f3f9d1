"""What a version lacks in a language is shown in the original's, and does not come back as a translation."""

import io
import re
import zipfile
from dataclasses import replace

import docx
import pytest
from django.utils import translation
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st

from documents import kinds
from documents.blocks import Block
from documents.word.reader import read_docx
from tests.documents.word.files import png
from tests.documents.word.test_writer import BLOCKS, SAMPLE, blocks_of, came_back, frozen, write


def bilingual(*blocks, heading=None, title=None):
    version = frozen(("nykytila", 1, "1", "Nykytila", list(blocks)))
    version.document["languages"] = ["fi", "sv"]
    version.document["title"] = title or {"fi": "Suunnitelma", "sv": "Plan"}
    version.sections[0].heading.update(heading if heading is not None else {"sv": "Nuläge"})
    return version


def in_swedish(block, **texts):
    """The block with Swedish words in these units."""
    return replace(block, text={unit: {**old, "sv": texts.get(unit, "")} for unit, old in block.text.items()})


def part(content, name="word/document.xml"):
    return zipfile.ZipFile(io.BytesIO(content)).read(name).decode()


def words_by_language(content):
    """Each run's words with the language that is marked on it."""
    runs = re.findall(r"<w:r>(?:<w:rPr>(.*?)</w:rPr>)?<w:t(?: [^>]*)?>(.*?)</w:t></w:r>", part(content))
    return [((re.findall(r'<w:lang w:val="(.*?)"/>', looks) or [""])[0], words) for looks, words in runs]


def edited(content, change):
    file = docx.Document(io.BytesIO(content))
    change(file)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def note(original):
    with translation.override("sv"):
        return translation.gettext(f"Some of the text is only in {original}.")


def test_missing_text_is_shown_in_the_original_with_its_language_and_left_out_when_read():
    own, missing = blocks_of("<p>Kahvila</p><p>Kokoontuu <strong>viikoittain</strong>.</p>")
    content = write(bilingual(in_swedish(own, body="Kafé"), missing), language="sv")
    said = words_by_language(content)
    assert ("", "Kafé") in said
    assert ("fi-FI", "viikoittain") in said
    assert ("", "viikoittain") not in said
    text, pieces = came_back(content)
    assert [(piece.incoming.id, piece.plain) for piece in pieces] == [(own.id, "Kafé")]
    assert [row.text for row in text.left_out if row.reason == "original"] == ["Kokoontuu viikoittain."]
    assert text.language == "sv"


def test_every_kind_of_text_is_shown_and_none_comes_back():
    blocks = blocks_of(SAMPLE)
    content = write(bilingual(*blocks), language="sv")
    shown = docx.Document(io.BytesIO(content))
    words = part(content) + part(content, "word/footnotes.xml")
    for said in ("Väliotsikko", "vahvaa", "sen", "syvä", "Lainaus", "Taulukon nimi", "solun viite", "Talo &amp; piha"):
        assert said in words
    runs = [run._r for paragraph in shown.paragraphs[5:] for run in paragraph.runs if run.text.strip()]
    assert {run.find(qn("w:rPr")).find(qn("w:lang")).get(qn("w:val")) for run in runs} == {"fi-FI"}
    _text, pieces = came_back(content)
    assert {unit: text for piece in pieces for unit, text in piece.incoming.text.items() if text} == {}
    assert {piece.kind for piece in pieces} == {"table", "table_row", "figure"}
    assert content == write(bilingual(*blocks), language="sv")


@given(st.lists(BLOCKS, min_size=1, max_size=6).map("".join))
def test_no_words_of_any_untranslated_blocks_come_back(source):
    _text, pieces = came_back(write(bilingual(*blocks_of(source)), language="sv"))
    assert [piece.plain for piece in pieces if piece.plain] == []


def test_original_shows_no_fallback_and_no_sentence():
    own = in_swedish(blocks_of("<p>a</p>")[0], body="b")
    alone = Block(id="svsvsvsvsv", kind="paragraph", text={"body": {"sv": "Bara här"}})
    content = write(bilingual(own, alone), language="fi")
    assert "Bara här" not in part(content)
    assert "w:lang" not in part(content)
    assert "_fcf_" not in part(content)


def test_heading_and_title_are_marked_and_still_find_their_section():
    content = write(bilingual(heading={}, title={"fi": "Suunnitelma"}), language="sv")
    assert {("fi-FI", "Suunnitelma"), ("fi-FI", "Nykytila"), ("", "1")} <= set(words_by_language(content))
    heading = next(piece for piece in read_docx(content).pieces if piece.is_section_heading)
    assert (heading.section_key, heading.plain) == ("nykytila", "Nykytila")


@pytest.mark.parametrize("translated", ["Samlas varje vecka", "Kokoontuu viikoittain på svenska"])
def test_what_was_translated_in_word_comes_in_with_its_id(translated):
    (missing,) = blocks_of("<p>Kokoontuu viikoittain</p>")

    def change(file):
        paragraph = next(row for row in file.paragraphs if row.text == "Kokoontuu viikoittain")
        paragraph.runs[0].text = translated

    _text, pieces = came_back(edited(write(bilingual(missing), language="sv"), change))
    assert [(piece.incoming.id, piece.plain) for piece in pieces] == [(missing.id, translated)]


def test_a_changed_note_makes_the_text_a_translation():
    (missing,) = blocks_of('<p>Kahvila<span class="note">Suljettu kesällä</span></p>')
    content = write(bilingual(missing), language="sv")
    assert came_back(content)[1] == []
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace("Suljettu kesällä".encode(), "Stängt på sommaren".encode()))
    assert came_back(stream.getvalue())[1][0].incoming.text["body"].count("Stängt på sommaren") == 1


def test_cells_are_left_out_one_by_one():
    table, head, row = blocks_of(
        "<table><tr><th>Paikka</th><th>Auki</th></tr><tr><td>Talo</td><td>ke</td></tr></table>"
    )
    first, second = table.data["columns"]
    row = in_swedish(row, **{first: "Huset"})
    content = write(bilingual(table, head, row), language="sv")
    _text, pieces = came_back(content)
    assert [piece.incoming.text for piece in pieces[1:]] == [{first: "", second: ""}, {first: "Huset", second: ""}]

    def change(file):
        file.tables[0].cell(1, 1).paragraphs[0].runs[0].text = "ons"

    _text, pieces = came_back(edited(content, change))
    assert [piece.incoming.text for piece in pieces[1:]] == [{first: "", second: ""}, {first: "Huset", second: "ons"}]


def test_text_alternative_of_the_original_stays_the_original():
    (figure,) = blocks_of('<figure data-file="k"><img alt="Talo" data-file="k"><figcaption>Kuva</figcaption></figure>')
    content = write(bilingual(figure), language="sv", image_bytes=lambda key: png(1))
    assert 'descr="Talo"' in part(content)
    (piece,) = came_back(content)[1]
    assert (piece.incoming.id, piece.incoming.text) == (figure.id, {"alt": "", "caption": ""})
    translated = edited(content, lambda file: file.inline_shapes[0]._inline.docPr.set("descr", "Hus"))
    (piece,) = came_back(translated)[1]
    assert piece.incoming.text == {"alt": "Hus", "caption": ""}


LISTS = "<ol><li>eka</li><li>toka</li></ol><ol><li>uusi</li><li>viimeinen</li></ol><p>väli</p><ol><li>kolmas</li></ol>"


@pytest.mark.parametrize("missing", range(6))
def test_lists_begin_where_they_did_whatever_is_missing(missing):
    blocks = blocks_of(LISTS)
    told = [row if place == missing else in_swedish(row, body=f"ord {place}") for place, row in enumerate(blocks)]
    _text, pieces = came_back(write(bilingual(*told), language="sv"))
    assert [(row.incoming.id, row.incoming.data) for row in pieces] == [
        (row.id, row.data) for place, row in enumerate(blocks) if place != missing
    ]


def test_mark_before_its_paragraph_holds_and_lends_its_id_to_nobody():
    missing, own = blocks_of("<p>Suomeksi</p><p>Kahvila</p>")

    def change(file):
        paragraph = next(row for row in file.paragraphs if row.text == "Suomeksi")._p
        for mark in paragraph.findall(qn("w:bookmarkStart")):
            paragraph.addprevious(mark)

    content = edited(write(bilingual(missing, in_swedish(own, body="Kafé")), language="sv"), change)
    assert [(row.incoming.id, row.plain) for row in came_back(content)[1]] == [(own.id, "Kafé")]


def test_structured_blocks_show_the_original_with_its_language(monkeypatch):
    kind = kinds.BlockKind(name="promise", label="", template="")
    monkeypatch.setitem(kinds._blocks, "promise", kind)
    promise = Block(
        id="pppppppppp",
        kind="promise",
        text={"title": {"fi": "Lupaus &amp; muuta"}, "why": {"fi": "Siksi", "sv": "Därför"}},
    )
    said = words_by_language(write(bilingual(promise), language="sv"))
    assert ("fi-FI", "Lupaus &amp; muuta") in said
    assert ("", "Därför") in said
    assert "Siksi" not in [words for _language, words in said]


def test_file_says_once_that_some_of_it_is_not_translated():
    missing = blocks_of("<p>Suomeksi</p>")[0]
    whole, gaps = bilingual(in_swedish(missing, body="På svenska")), bilingual(missing)
    assert part(write(gaps, language="sv")).count(note("Finnish")) == 1
    assert note("Finnish") not in part(write(whole, language="sv"))
    text, _pieces = came_back(write(gaps, language="sv"))
    assert note("Finnish") in [row.text for row in text.left_out if row.reason == "cover"]
