"""A translator's Word file: out, through a word processor, and back onto its texts."""

import io
import re
import shutil
import subprocess
import zipfile

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from lxml import etree

from accounts.models import User
from documents.blocks import BEHIND, CURRENT, MISSING
from documents.jobs import forget_translators_files
from documents.models import Document, Revision
from documents.services.outline import add_section, rename_section
from documents.services.sections import move_blocks, save_section
from documents.views.section import editing_html
from documents.word.ooxml import TC, TR, P, R, T, name
from documents.word.translation import read_translation
from plans.services.goals import add_action, add_goal
from regions.models import StoredFile
from regions.services import store_file
from tests.documents.factories import blocks, fresh, head, ids, make_document, texts
from tests.documents.test_translating import at, box, document, original_says, page_of, region, section, states, user
from tests.plans.factories import make_plan
from tests.regions.factories import BodyFactory, MembershipFactory

pytestmark = pytest.mark.django_db
__all__ = ["document", "region", "section", "user"]

SOFFICE = shutil.which("soffice")


@pytest.fixture
def rich(document):
    """Running text, a list, a table with a list in a cell and a footnote."""
    section = add_section(document, heading={"fi": "Kaikkea", "sv": "Allt"}, key="kaikkea", by=None)
    html = (
        '<p>Perhekeskus <strong>auttaa</strong> <a href="https://example.org/">aina</a>.</p>'
        "<ul><li>Ensimmäinen</li><li>Toinen<br>rivi</li></ul>"
        "<table><caption>Ajat</caption><tr><th>Paikka</th><th>Aika</th></tr>"
        "<tr><td>Oulu</td><td><ul><li>ma</li><li>ti</li></ul></td></tr></table>"
        '<p>Alaviite<span class="note">Lähde: tilasto</span> tässä.</p>'
    )
    save_section(section, by=None, base=None, html={"fi": html})
    return fresh(section)


def download(client, document, query=""):
    response = client.get(at(document, "translation-word", "sv") + query)
    assert response.status_code == 200, response
    assert "attachment" in response["Content-Disposition"]
    return response.content


def filled(content, translations, *, column=1):
    """The file as a translator sends it back: the words on the left and what is written beside them."""
    stream = io.BytesIO(content)
    out = io.BytesIO()
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            data = old.read(part)
            if part == "word/document.xml":
                root = etree.fromstring(data)
                for row in root.iter(TR):
                    cells = row.findall(TC)
                    said = "".join(cells[0].itertext())
                    for source, text in translations.items():
                        if source in said:
                            _write(cells[column], text)
                data = etree.tostring(root)
            new.writestr(part, data)
    return out.getvalue()


def _write(cell, text):
    """As a person does: the old words go, new ones come into the first paragraph."""
    paragraph = cell.find(P)
    for run in list(cell.iter(R, name("w:hyperlink"))):
        if run.getparent() is not None:
            run.getparent().remove(run)
    run = etree.SubElement(paragraph, R)
    etree.SubElement(run, T).text = text


def upload(client, document, content, name="kaannos.docx"):
    return client.post(
        at(document, "translation-import-add", "sv"), {"file": SimpleUploadedFile(name, content)}, follow=False
    )


def bring_in(client, document, content, **data):
    added = upload(client, document, content)
    assert added.status_code == 302, added.content.decode()
    preview = client.get(added.url)
    return preview, client.post(added.url, data)


def by_office(content, folder):
    """The file opened and saved again by LibreOffice."""
    source = folder / "in.docx"
    source.write_bytes(content)
    out = folder / "out"
    subprocess.run(
        [SOFFICE, "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", "docx",
         "--outdir", str(out), str(source)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return (out / "in.docx").read_bytes()


def test_only_what_is_missing_or_behind_goes_out(client, document, section):
    original_says(section, "Avoin kohtaamispaikka", "Avoin ja lämmin kohtaamispaikka")
    file = read_translation(download(client, document))
    assert (file.document_id, file.language) == (document.public_id, "sv")
    first, second = ids(section)
    assert {row.id for row in file.rows if len(row.id) == 10} >= {first, second}
    assert len(file.rows) == 3  # with the heading
    client.post(page_of(section), {"base": str(head(section).number), box(second): "Andra."})
    assert second not in {row.id for row in read_translation(download(client, document)).rows}
    assert second in {row.id for row in read_translation(download(client, document, "?all=1")).rows}


def test_changed_words_stand_in_the_left_column_in_words(client, document, section):
    original_says(section, "Avoin kohtaamispaikka", "Lämmin kohtaamispaikka")
    with zipfile.ZipFile(io.BytesIO(download(client, document))) as archive:
        xml = archive.read("word/document.xml").decode()
    said = re.sub(r"<[^>]+>", "", xml)
    assert "[–Avoin–]" in said and "[+Lämmin+]" in said


def test_nothing_goes_out_when_nothing_is_left(client, document):
    add_section(document, heading={"fi": "Tyhjä", "sv": "Tom"}, key="tyhja", by=None)
    assert client.get(at(document, "translation-word", "sv")).status_code == 302


def test_untouched_file_changes_nothing(client, document, rich):
    content = download(client, document, "?all=1")
    before = Revision.objects.count()
    preview, _done = bring_in(client, document, content)
    assert (preview.context["to_save"], preview.context["originals_edited"]) == (0, 0)
    assert Revision.objects.count() == before


def test_translations_come_back_onto_their_texts(client, document, section):
    content = filled(download(client, document), {"Toinen kappale": "Andra stycket.", "Nykytila": "Nuläge"})
    preview, done = bring_in(client, document, content)
    assert preview.context["to_save"] == 2
    assert done.url == at(document, "translation-list", "sv")
    assert texts(section, "sv") == ["Öppen mötesplats.", "Andra stycket."]
    assert states(section) == [CURRENT, CURRENT]
    assert fresh(section).heading["sv"] == "Nuläge"
    assert head(section).origin == Revision.Origin.IMPORTED
    assert head(section).note == "kaannos.docx"


def test_preview_saves_nothing(client, document, section):
    content = filled(download(client, document), {"Toinen kappale": "Andra stycket."})
    number = head(section).number
    client.get(upload(client, document, content).url)
    assert head(section).number == number


def test_same_file_twice_changes_nothing_the_second_time(client, document, section):
    content = filled(download(client, document), {"Toinen kappale": "Andra stycket."})
    bring_in(client, document, content)
    second = ids(section)[1]
    client.post(page_of(section), {"base": str(head(section).number), box(second): "Andra stycket, bättre."})
    number = head(section).number
    preview, _done = bring_in(client, document, content)
    assert preview.context["already"] == 1
    assert head(section).number == number
    assert not document.conflicts.exists()
    assert texts(section, "sv")[1] == "Andra stycket, bättre."


def test_original_that_changed_after_the_file_went_out_leaves_the_translation_behind(client, document, section):
    content = filled(download(client, document), {"Toinen kappale": "Andra stycket."})
    original_says(section, "Toinen kappale", "Toinen ja kolmas kappale")
    preview, _done = bring_in(client, document, content)
    assert preview.context["behind_again"] == 1
    assert texts(section, "sv")[1] == "Andra stycket."
    assert states(section)[1] == BEHIND


def test_translation_changed_in_both_places_is_a_conflict_and_nothing_is_lost(client, document, section):
    original_says(section, "Avoin kohtaamispaikka", "Avoin lämmin kohtaamispaikka")
    content = filled(download(client, document), {"lämmin": "En varm mötesplats."})
    first = ids(section)[0]
    client.post(page_of(section), {"base": str(head(section).number), box(first): "Varm plats."})
    preview, _done = bring_in(client, document, content)
    assert preview.context["meanwhile"] == 1
    conflict = document.conflicts.get()
    assert {texts(section, "sv")[0], conflict.mine} == {"Varm plats.", "En varm mötesplats."}


def test_text_whose_place_is_gone_is_shown_to_be_copied(client, document, section):
    content = filled(download(client, document), {"Toinen kappale": "Andra stycket.", "Nykytila": "Nuläge"})
    current = fresh(section)
    html = editing_html(current.blocks, current.document, "fi").split("</p>")[0] + "</p>"
    save_section(current, by=None, base=head(section), html={"fi": html})
    preview, _done = bring_in(client, document, content)
    assert preview.context["unplaced"] == 1
    assert "Andra stycket." in preview.content.decode()
    assert len(blocks(section)) == 1
    assert fresh(section).heading["sv"] == "Nuläge"


def test_text_that_moved_to_another_section_is_found_there(client, document, section):
    other = add_section(document, heading={"fi": "Toinen osa"}, key="toinen", by=None)
    content = filled(download(client, document), {"Toinen kappale": "Andra stycket."})
    move_blocks([ids(section)[1]], source=fresh(section), target=fresh(other), by=None)
    bring_in(client, document, content)
    assert texts(other, "sv") == ["Andra stycket."]


def test_left_column_is_not_brought_in_but_told_of(client, document, section):
    content = filled(download(client, document), {"Toinen kappale": "Ihan muuta."}, column=0)
    preview, _done = bring_in(client, document, content)
    assert preview.context["originals_edited"] == 1
    assert texts(section)[1] == "Toinen kappale."


def test_emptied_cell_leaves_the_translation(client, document, section):
    content = filled(download(client, document, "?all=1"), {"Avoin kohtaamispaikka": ""})
    preview, _done = bring_in(client, document, content)
    assert preview.context["emptied"] == 1
    assert texts(section, "sv")[0] == "Öppen mötesplats."


def test_translation_left_as_it_was_is_confirmed_only_when_it_is_said(client, document, section):
    original_says(section, "Avoin kohtaamispaikka.", "Avoin kohtaamispaikka!")
    content = filled(download(client, document), {"Toinen kappale": "Andra."})
    preview, _done = bring_in(client, document, content)
    assert preview.context["untouched_behind"] == 1
    assert states(section) == [BEHIND, CURRENT]
    _preview, _done = bring_in(client, document, content, confirm_untouched="1")
    assert states(section) == [CURRENT, CURRENT]


def test_heading_that_changed_here_meanwhile_is_not_written_over(client, document, section):
    content = filled(download(client, document), {"Nykytila": "Nuläge"})
    rename_section(section, heading={"fi": "Nykytila", "sv": "Läget nu"}, by=None)
    preview, _done = bring_in(client, document, content)
    assert preview.context["unplaced"] == 1
    assert fresh(section).heading["sv"] == "Läget nu"


def test_headings_of_a_handbook_do_not_change_by_a_file_of_its_writing_group(client, document, section):
    content = filled(download(client, document), {"Nykytila": "Nuläge", "Toinen kappale": "Andra."})
    writers = BodyFactory(region=document.region)
    Document.objects.filter(pk=document.pk).update(kind=Document.Kind.HANDBOOK, writing_body=writers)
    document.refresh_from_db()
    client.force_login(MembershipFactory(body=writers).user)
    preview, done = bring_in(client, document, content)
    assert [item["saved"] for _number, _name, items in preview.context["sections"] for item in items] == [False, True]
    assert done.status_code == 302
    assert texts(section, "sv")[1] == "Andra."
    assert fresh(section).heading.get("sv", "") == ""


def test_goals_and_measures_go_out_and_come_back(client, region, user):
    plan = make_plan(region, languages=("fi", "sv"))
    goal = add_goal(
        plan, section=plan.document.sections.get(key="tavoitteet"), by=None, title={"fi": "Tukea perheille"}
    )
    action = add_action(goal, by=None, title={"fi": "Avataan paikka"}, schedule={"fi": "syksy 2026"})
    content = filled(
        download(client, plan.document),
        {"Tukea perheille": "Stöd åt familjer", "Avataan paikka": "En plats öppnas", "syksy 2026": "hösten 2026"},
    )
    bring_in(client, plan.document, content)
    goal.refresh_from_db()
    action.refresh_from_db()
    assert goal.title["sv"] == "Stöd åt familjer"
    assert (action.title["sv"], action.schedule["sv"]) == ("En plats öppnas", "hösten 2026")


def test_file_of_another_document_is_refused(client, region, document, section):
    content = download(client, document)
    other = make_document(region, kind=Document.Kind.REPORT)
    response = upload(client, other, content)
    assert response.status_code == 422
    assert response.context["form"].has_error("file", "other_document")
    stored = upload(client, document, content).url.rstrip("/").rpartition("/")[2]
    assert client.get(at(other, "translation-import", "sv", stored)).status_code == 404


@pytest.mark.parametrize("content", [b"nothing", b"PK\x03\x04broken"])
def test_other_files_are_refused_and_not_kept(client, document, content):
    assert upload(client, document, content).status_code == 422
    assert not StoredFile.objects.exists()


def test_ordinary_word_file_is_refused(client, document):
    from tests.handbooks.factories import make_docx

    response = upload(client, document, make_docx("<w:p><w:r><w:t>Hei</w:t></w:r></w:p>"))
    assert response.context["form"].has_error("file", "not_translation")


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_file_survives_a_word_processor(client, document, rich, tmp_path):
    """Opened and saved by LibreOffice: what nobody touched is known, and what was written finds its place."""
    client.post(
        page_of(rich),
        {
            "base": str(head(rich).number),
            box(ids(rich)[0]): 'Familjecentret <strong>hjälper</strong> <a href="https://example.org/">alltid</a>.',
        },
    )
    row = blocks(rich)[5]
    cells = list(row.text)
    client.post(
        page_of(rich),
        {"base": str(head(rich).number), box(row.id, cells[0]): "Uleåborg", box(row.id, cells[1]): "- må\n- ti"},
    )
    untouched = by_office(download(client, document, "?all=1"), tmp_path)
    preview, _done = bring_in(client, document, untouched)
    states_now = {item["state"] for _row, items in preview.context["sections"] for item in items}
    assert (preview.context["to_save"], states_now) == (0, set())
    assert preview.context["originals_edited"] == 0
    content = by_office(
        filled(download(client, document), {"Ensimmäinen": "Den första", "Alaviite": "Fotnot här.", "Ajat": "Tider"}),
        tmp_path,
    )
    bring_in(client, document, content)
    assert "Den första" in texts(rich, "sv") and "Fotnot här." in texts(rich, "sv")
    assert blocks(rich)[5].get(cells[1], "sv") == "<ul><li>må</li><li>ti</li></ul>"
    assert states(rich)[0] == CURRENT
    assert MISSING in states(rich)


# --- Files that nobody brings in ------------------------------------------------------------------------


def test_files_are_kept_for_a_month_and_others_for_ever(client, document, section):
    content = download(client, document)
    url = at(document, "translation-import-add", "sv")
    with time_machine.travel("2026-01-02T10:00Z", tick=False):
        client.post(url, {"file": SimpleUploadedFile("vanha.docx", content)})
        other = store_file(document.region, name="muu.docx", content=content, by=None)
    with time_machine.travel("2026-02-03T10:00Z", tick=False):
        client.force_login(User.objects.latest("pk"))
        client.post(url, {"file": SimpleUploadedFile("uusi.docx", content)})
        forget_translators_files({})
        assert set(StoredFile.objects.values_list("name", flat=True)) == {"uusi.docx", other.name}
