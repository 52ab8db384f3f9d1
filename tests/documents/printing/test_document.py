import itertools
import re
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from documents.printing.document import print_pdf
from documents.printing.engine import check_pdf
from tests.documents.printing import texts
from tests.documents.printing.structure import Structure


def printed(content, **more):
    return print_pdf(texts.edition_of(content, **more), "print/document.html")


def one_section(*blocks, **document):
    return texts.frozen([texts.section("luku", "Luku", list(blocks))], **document)


def test_handbook_is_pdf_ua(handbook_pdf):
    assert check_pdf(handbook_pdf)["failures"] == []


def test_same_version_gives_same_bytes(handbook_pdf):
    assert printed(texts.handbook()) == handbook_pdf


def test_headings_are_numbered_in_order_and_skip_no_level(handbook):
    levels = [level for level, _text in handbook.headings()]

    assert levels[0] == 1
    assert all(following <= level + 1 for level, following in itertools.pairwise(levels))
    assert (2, "2 Palvelut") in handbook.headings()
    assert (3, "2.1 Nykytila") in handbook.headings()


def test_small_heading_without_a_larger_one_is_raised(handbook):
    assert [level for level, text in handbook.headings() if text == "Mikä toimii"] == [3] * 4


def test_contents_tell_the_pages_of_all_chapters(handbook):
    entries = {}
    for entry in handbook.all("TOCI"):
        number, heading, page = re.fullmatch(r"([\d.]+) (.+) (\d+)", entry.text_without("TOC")).groups()
        entries[heading, number] = int(page)

    assert entries["Perhekeskus alueella", "1"] == handbook.page_of("s-luku1") == 3
    assert entries["Kehittäminen", "4"] == handbook.page_of("s-luku4")
    assert entries["Sovitut asiat", "4.2"] == handbook.page_of("s-luku4-sovitut-asiat")
    assert len(handbook.all("TOCI")) == 12


def test_chapters_begin_new_pages(handbook):
    pages = [handbook.page_of(f"s-luku{number}") for number in range(1, 5)]

    assert len(set(pages)) == 4


def test_every_table_of_the_text_has_one_head_and_its_caption(handbook):
    tables = handbook.all("Table")

    assert len(tables) == 4
    assert [len(table.all("THead")) for table in tables] == [1] * 4
    assert ["Lapsiperheet alueittain" in table.all("Caption")[0].text for table in tables] == [True] * 4


def test_bookmarks_follow_the_headings(handbook):
    with handbook.pdf.open_outline() as outline:
        titles = [item.title for item in outline.root]
        below = [item.title for item in outline.root[1].children]

    assert [title.split(" ", 1)[-1] for title in titles[1:]] == [
        "Perhekeskus alueella",
        "Palvelut",
        "Kohtaamispaikat",
        "Kehittäminen",
    ]
    assert below == ["Mikä toimii", "1.1 Nykytila", "1.2 Sovitut asiat"]


def test_draft_stands_on_every_page_and_only_on_drafts(handbook):
    with translation.override("fi"):
        word = translation.pgettext("mark on every page", "DRAFT")
    public = Structure(printed(texts.handbook(), is_draft=False))

    assert all(word in words for words in handbook.artefacts[1:])
    assert word in handbook.document.text
    assert not any(word in words for words in public.artefacts)
    assert word not in public.document.text


def test_sample_mark_version_and_page_stand_on_every_page(handbook):
    with translation.override("fi"):
        mark = translation.gettext("Sample text – not an official document")
    count = len(handbook.pdf.pages)

    assert mark in handbook.document.text
    for number, words in enumerate(handbook.artefacts[1:], 2):
        assert mark in words
        assert "25.2.2026" in words
        assert f"{number} ({count})" in words
        assert "Pohjois-Pohjanmaan hyvinvointialue" in words


def test_text_without_a_sample_mark_where_it_is_real():
    with translation.override("fi"):
        mark = translation.gettext("Sample text – not an official document")
    real = Structure(printed(one_section(texts.paragraph(lambda: "t1", "Teksti."), is_sample=False)))

    assert mark not in real.document.text
    assert not any(mark in words for words in real.artefacts)


def test_decorative_picture_is_no_part_of_the_text():
    figure = {
        "id": "t2",
        "kind": "figure",
        "text": {"alt": {"fi": ""}},
        "data": {"file": "kuva", "decorative": True},
    }
    content = printed(one_section(texts.paragraph(lambda: "t1", "Teksti."), figure))
    structure = Structure(content)

    assert "Teksti." in structure.document.text
    assert structure.all("Figure") == []
    assert check_pdf(content)["failures"] == []


def test_picture_without_words_names_its_section():
    figure = {"id": "t1", "kind": "figure", "text": {"alt": {"fi": ""}}, "data": {"file": "kuva"}}

    with pytest.raises(ValidationError) as caught:
        printed(one_section(figure))

    assert caught.value.code == "picture_without_alt"
    assert "1" in caught.value.messages[0]


def test_untranslated_text_is_printed_and_marked_as_finnish():
    swedish = {"id": "t1", "kind": "paragraph", "text": {"body": {"fi": "Suomeksi.", "sv": "På svenska."}}}
    finnish = {"id": "t2", "kind": "paragraph", "text": {"body": {"fi": "Vain suomeksi."}}}
    structure = Structure(printed(one_section(swedish, finnish), language="sv"))
    languages = {row.text: str(row.raw.get("/Lang", "")) for row in structure.all("P")}

    assert languages["På svenska."] == ""
    assert languages["Vain suomeksi."] == "fi"
    assert "Suomeksi." not in languages
    assert [str(row.raw.Lang) for row in structure.all("H2") if "Luku" in row.text] == ["fi"]


def test_footnote_stands_on_the_page_of_its_words():
    note = '<span class="note">Lähde: oma laskenta.</span>'
    words = {"id": "t1", "kind": "paragraph", "text": {"body": {"fi": f"Sanat alaviitteen edellä.{note}"}}}
    rest = [
        {"id": f"t{number}", "kind": "paragraph", "text": {"body": {"fi": "Muuta tekstiä. " * 40}}}
        for number in range(2, 12)
    ]
    structure = Structure(printed(one_section(words, *rest)))
    pages = ["".join(structure._words(page)[0].values()) for page in structure.pdf.pages]

    def page_with(text):
        return next(number for number, said in enumerate(pages) if text in said)

    assert page_with("Lähde: oma") == page_with("Sanat alaviitteen") == structure.page_of("s-luku") - 1


def test_place_of_a_compiled_line_is_told_once():
    ids = texts._Ids()
    blocks = [texts.paragraph(ids, "Perhekahvila toimii."), texts.paragraph(ids, "Koillismaa: kahvila toimii.")]
    blocks += texts.items(ids, ["Ylempi"]) + texts.items(ids, ["Alempi"], level=1)
    whole = {"sources": [texts._source(block["id"], "Koillismaa", "2") for block in blocks[:3]]}
    content = texts.frozen([texts.section("luku", "Kohtaamispaikat", blocks)], whole=whole)
    text = Structure(printed(content)).document.text

    assert "Perhekahvila toimii. (Koillismaa)" in text
    assert "Koillismaa: kahvila toimii. (" not in text
    assert "Ylempi (Koillismaa)" in text
    assert "Alempi (" not in text


def test_text_cannot_bring_markup_or_addresses_into_print():
    block = texts.paragraph(lambda: "t1", 'A<script>x</script><img src="https://example.org/a.png">')
    structure = Structure(printed(one_section(block, title={"fi": "<b>Otsikko</b> & muuta"})))

    assert "A" in [row.text for row in structure.all("P")]
    assert structure.headings()[0][1].startswith("<b>Otsikko</b> &")


def test_link_with_bold_words_stays_one_link():
    block = texts.paragraph(lambda: "t1", 'Lue <a href="https://example.org/">koko <strong>opas</strong></a>.')
    content = printed(one_section(block))

    assert check_pdf(content)["failures"] == []
    assert [row.text for row in Structure(content).all("Link")][-1] == "koko opas"


def test_long_document_stays_accessible_over_many_pages():
    sections = [
        texts.section(f"luku{number}", f"Luku {number}", list(texts.prose(texts._Ids(), number, 7)))
        for number in range(38)
    ]
    ids = texts._Ids()
    for row in sections:
        row["blocks"] = [{**block, "id": ids()} for block in row["blocks"]]
    edition = replace(texts.edition_of(texts.frozen(sections)), is_draft=True)
    content = print_pdf(edition, "print/document.html")

    assert len(Structure(content).pdf.pages) >= 30
    assert check_pdf(content)["failures"] == []


@pytest.mark.parametrize(("language", "said"), [("sv", 1), ("fi", 0)])
def test_cover_says_once_that_some_of_the_text_is_only_in_the_original(language, said):
    missing = {"id": "t1", "kind": "paragraph", "text": {"body": {"fi": "Suomeksi."}}}
    content = texts.frozen([texts.section("luku", {"fi": "Luku", "sv": "Kapitel"}, [missing])])
    structure = Structure(print_pdf(texts.edition_of(content, language=language), "print/document.html"))
    with translation.override(language):
        sentence = translation.gettext("Some of the text is only in Finnish.")

    assert [row.text.strip() for row in structure.all("P")].count(sentence) == said


def test_cover_says_nothing_of_languages_where_all_is_translated():
    whole = {"id": "t1", "kind": "paragraph", "text": {"body": {"fi": "Suomeksi.", "sv": "På svenska."}}}
    content = texts.frozen([texts.section("luku", {"fi": "Luku", "sv": "Kapitel"}, [whole])])
    with translation.override("sv"):
        sentence = translation.gettext("Some of the text is only in Finnish.")

    structure = Structure(print_pdf(texts.edition_of(content, language="sv"), "print/document.html"))

    assert sentence not in [row.text.strip() for row in structure.all("P")]
