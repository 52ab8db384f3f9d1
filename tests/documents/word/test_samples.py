"""The sample handbooks, which are as different as real ones: every word comes in."""

import io
import zipfile
from pathlib import Path

import docx
import pytest
from django.conf import settings
from lxml import etree

from documents.word.ooxml import name
from documents.word.pieces import Tracked, looks_like_form, table_end, unfold_table
from documents.word.reader import read_docx

FILES = sorted(Path(settings.BASE_DIR).glob("familycentre/sample/*/kasikirjat/*.docx"))


def counted_by_another_hand(path):
    """Words of the accepted text by nothing that the reader uses."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        parts = [part for part in ("word/document.xml", "word/footnotes.xml") if part in archive.namelist()]
        roots = [etree.fromstring(archive.read(part)) for part in parts]
    count = 0
    for root in roots:
        for paragraph in root.iter(name("w:p")):
            text = ""
            for element in paragraph.iter(name("w:t"), name("w:tab"), name("w:br")):
                above = [row.tag for row in element.iterancestors()]
                if name("w:moveFrom") in above or name("mc:Fallback") in above:
                    continue
                if next(element.iterancestors(name("w:p"))) is not paragraph:
                    continue  # a text box, whose paragraphs come by themselves
                text += (element.text or "") if element.tag == name("w:t") else " "
            count += len(text.split())
    return count


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_word_of_a_sample_comes_in(path):
    text = read_docx(path.read_bytes(), tracked=Tracked.ACCEPTED)
    assert text.words > 1000
    assert text.piece_words == text.words
    assert text.words + text.left_out_words == counted_by_another_hand(path)
    assert text.unread == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_real_headings_of_a_sample_are_read(path):
    text = read_docx(path.read_bytes())
    real = [row.text for row in docx.Document(str(path)).paragraphs if row.style.name.startswith("Heading")]
    read = [
        piece.plain for piece in text.pieces if piece.heading_level and not piece.heading_guess and not piece.is_title
    ]
    assert len(read) == len(real)
    assert all(heading.endswith(plain) for heading, plain in zip(real, read, strict=True))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_unfolding_forms_of_a_sample_loses_no_word(path):
    pieces = read_docx(path.read_bytes()).pieces
    for start, piece in enumerate(pieces):
        table = pieces[start : table_end(pieces, start)]
        if piece.kind == "table":
            assert sum(row.words for row in unfold_table(table)) == sum(row.words for row in table)


def test_the_form_among_the_samples_is_seen():
    (path,) = [path for path in FILES if path.stem == "koillismaa"]
    pieces = read_docx(path.read_bytes()).pieces
    tables = [pieces[start : table_end(pieces, start)] for start, row in enumerate(pieces) if row.kind == "table"]
    assert sum(looks_like_form(table) for table in tables) >= 10
    unfolded = unfold_table(tables[1])
    assert [piece.plain for piece in unfolded if piece.heading_level] == [
        "Nykytila",
        "Mikä toimii",
        "Kehittämistarpeet",
        "Toimenpide-ehdotukset",
    ]


def test_the_sample_with_tracked_changes_asks():
    (path,) = [path for path in FILES if path.stem == "oulunkaari"]
    text = read_docx(path.read_bytes())
    assert text.must_ask
    assert text.words_accepted != text.words_original
    original = read_docx(path.read_bytes(), tracked=Tracked.ORIGINAL)
    assert (original.words, original.agrees) == (text.words_original, True)
