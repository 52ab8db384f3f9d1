"""The Word file of a version with gaps in its Swedish comes back without turning Finnish into Swedish."""

import io

import docx
import pytest
from django.urls import reverse
from django.utils import translation

from documents import frozen
from documents.models import Revision
from documents.services.sections import save_section
from documents.services.versions import freeze
from documents.word.writer import write_version
from handbooks.services.imports import prepare_import
from tests.handbooks.factories import bring, make_handbook, texts, writer_of
from tests.handbooks.test_imports import section

pytestmark = pytest.mark.django_db

KEY, PLACES = "johtaminen-nykytila", "kohtaamispaikat-nykytila"
FINNISH = "<p>Tiimi johtaa.</p><ul><li>Kokoukset</li><li>Viestintä</li></ul><p>Tiimi kokoontuu kuukausittain.</p>"
TABLE = "<table><caption>Paikat</caption><tr><th>Paikka</th><th>Auki</th></tr><tr><td>Perhetalo</td><td>ma–pe</td></tr>"


@pytest.fixture
def handbook():
    """Finnish throughout; the first paragraph, the second item and one cell have Swedish."""
    handbook = make_handbook()
    write(handbook, KEY, FINNISH)
    ids = [block.id for block in section(handbook, KEY).head.blocks]
    item = f'<ul><li data-id="{ids[1]}"></li><li data-id="{ids[2]}">Kommunikation</li></ul>'
    write(handbook, KEY, f'<p data-id="{ids[0]}">Ett team leder.</p>{item}<p data-id="{ids[3]}"></p>', "sv")
    write(handbook, PLACES, f"{TABLE}</table>")
    assert texts(handbook, KEY, "sv") == ["Ett team leder.", "Kommunikation"]
    return handbook


def write(handbook, key, html, language="fi"):
    row = section(handbook, key)
    return save_section(row, by=None, base=row.head, html={language: html})


def swedish_file(handbook, *, said=()):
    """The newest version in Swedish, with some texts replaced in Word."""
    content = write_version(
        frozen.read(freeze(handbook.document, by=None)),
        language="sv",
        image_bytes=lambda key: b"",
        version_label="Version 1",
        draft=True,
    )
    file = docx.Document(io.BytesIO(content))
    inside = [paragraph for table in file.tables for cell in table._cells for paragraph in cell.paragraphs]
    for paragraph in [*file.paragraphs, *inside]:
        for old, new in dict(said).items():
            if paragraph.text == old:
                paragraph.runs[0].text = new
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def everything(handbook):
    return {key: [row.to_json() for row in section(handbook, key).head.blocks] for key in (KEY, PLACES)}


def test_untouched_file_changes_nothing_and_its_words_agree(handbook):
    before = everything(handbook)
    content = swedish_file(handbook)
    for _time in range(2):
        result = bring(handbook, content, language="sv")
        assert result.changed == []
        assert result.word_import.words_imported == result.word_import.words_in_file
    assert everything(handbook) == before
    assert not Revision.objects.filter(origin=Revision.Origin.IMPORTED).exists()


def test_what_was_translated_in_word_comes_in_as_swedish_and_finnish_is_untouched(handbook):
    before = everything(handbook)
    said = {"Tiimi kokoontuu kuukausittain.": "Teamet träffas varje månad.", "Perhetalo": "Familjehuset"}
    bring(handbook, swedish_file(handbook, said=said), language="sv")
    assert texts(handbook, KEY, "sv") == ["Ett team leder.", "Kommunikation", "Teamet träffas varje månad."]
    assert texts(handbook, PLACES, "sv") == ["Familjehuset"]
    after = everything(handbook)
    for key, rows in before.items():
        assert [(row["id"], row["kind"]) for row in after[key]] == [(row["id"], row["kind"]) for row in rows]
        assert [finnish(row) for row in after[key]] == [finnish(row) for row in rows]


def finnish(row):
    return {unit: texts.get("fi") for unit, texts in row["text"].items() if texts.get("fi")}


def test_page_of_places_says_how_many_words_are_not_a_translation(client, handbook):
    row = prepare_import(handbook, content=swedish_file(handbook), name="a.docx", language="sv", by=None)
    untranslated = [item["text"] for item in row.placement["left_out"] if item["reason"] == "original"]
    assert untranslated == [
        "Kokoukset",
        "Tiimi kokoontuu kuukausittain.",
        "Paikat",
        *("Paikka", "Auki", "Perhetalo", "ma–pe"),
    ]
    client.force_login(writer_of(handbook))
    document = handbook.document
    page = client.get(
        reverse("handbooks:word-import", args=[document.region.slug, document.public_id, row.public_id])
    ).content.decode()
    with translation.override("fi"):
        sentence = translation.ngettext(
            "One word of the file stands in the original language for want of a translation. It is not imported.",
            "%(number)s words of the file stand in the original language for want of a translation. "
            "They are not imported.",
            9,
        )
    assert sentence % {"number": "9"} in page
