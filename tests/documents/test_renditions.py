"""Files made of versions: made once, handed out to those who may read, and exported by a command."""

import datetime
import io
import json
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEvent
from documents.models import Document, Rendition
from documents.printing.engine import PrintError
from documents.renditions import (
    LARGE,
    Choice,
    ask_for_rendition,
    builder_of,
    choices_of,
    edition_of,
    find_rendition,
    make_rendition,
    register_layout,
)
from documents.services.publishing import publish
from documents.services.versions import freeze
from jobs.models import Job
from jobs.services import claim, work
from regions.services import open_file
from tests.accounts.factories import UserFactory
from tests.documents.factories import make_document, make_section
from tests.documents.printing.structure import Structure
from tests.regions.factories import BodyFactory, MembershipFactory, RegionFactory, make_stored_file

pytestmark = pytest.mark.django_db

PDF, DOCX, JSON = Rendition.Format.PDF, Rendition.Format.DOCX, Rendition.Format.JSON


@pytest.fixture
def region():
    region = RegionFactory(bilingual=True)
    BodyFactory(region=region, coordinating=True)
    region.refresh_from_db()
    return region


@pytest.fixture
def member(region):
    return MembershipFactory(body=region.coordinating_body).user


@pytest.fixture
def version(region):
    document = make_document(region)
    make_section(document, "<p>Perhekahvila kokoontuu.</p>")
    return freeze(document, by=None)


def content_of(rendition):
    with open_file(rendition.file) as file:
        return file.read()


def at(version, choice=None, name="rendition"):
    document = version.document
    choice = choice or Choice("pdf", "full", "fi")
    return reverse(
        f"documents:{name}",
        args=[document.region.slug, document.kind, document.public_id, version.number, *vars(choice).values()],
    )


# --- Making ---------------------------------------------------------------------------------------------------


def test_file_is_made_once_and_stays(version, member):
    first = make_rendition(version, format=PDF, language="fi", by=member)
    second = make_rendition(version, format=PDF, language="fi", by=None)

    assert first == second
    assert Rendition.objects.count() == 1
    assert first.file.uploaded_by == member
    assert first.file.name == "esimerkki-v1-fi.pdf"
    assert first.check_report["compliant"]
    assert first.release != ""
    assert AuditEvent.objects.filter(verb="rendition.made").count() == 1


def test_pdf_has_the_words_of_the_version(version):
    structure = Structure(content_of(make_rendition(version, format=PDF, language="fi")))

    assert "Perhekahvila kokoontuu." in structure.document.text


def test_json_is_the_very_bytes_that_were_frozen(version):
    rendition = make_rendition(version, format=JSON, language="fi")

    assert content_of(rendition) == bytes(version.content)
    assert rendition.file.sha256 == version.sha256
    assert rendition.file.content_type == "application/json"


def test_word_file_is_made_and_is_the_same_each_time(version):
    rendition = make_rendition(version, format=DOCX, language="fi")
    content = content_of(rendition)

    assert content.startswith(b"PK")
    Rendition.objects.all().delete()
    assert content_of(make_rendition(version, format=DOCX, language="fi")) == content


def test_public_version_gets_a_file_without_the_mark_of_a_draft(version):
    draft = make_rendition(version, format=PDF, language="fi")
    publish(version, languages=["fi", "sv"], by=None, despite_missing=True)
    public = make_rendition(version, format=PDF, language="fi")

    assert (draft.is_draft, public.is_draft) == (True, False)
    assert content_of(draft) != content_of(public)
    assert find_rendition(version, format=PDF, layout="full", language="fi") == public


def test_language_that_the_document_does_not_have_is_refused(version):
    with pytest.raises(ValidationError) as caught:
        make_rendition(version, format=PDF, language="en")

    assert caught.value.code == "language"


@pytest.mark.parametrize("layout", ["summary", "table"])
def test_layout_that_a_handbook_does_not_have_is_refused(version, layout):
    with pytest.raises(ValidationError) as caught:
        make_rendition(version, format=PDF, layout=layout, language="fi")

    assert caught.value.code == "layout"


def test_file_that_fails_the_check_is_not_stored(version, monkeypatch):
    report = {"compliant": False, "failures": [{"rule": "R-1", "message": "rikki"}]}
    monkeypatch.setattr("documents.renditions.check_pdf", lambda content: report)

    with pytest.raises(PrintError, match="R-1: rikki"):
        make_rendition(version, format=PDF, language="fi")

    assert Rendition.objects.count() == 0


def test_two_at_once_keep_the_first(version, monkeypatch):
    builder = builder_of("handbook", "pdf", "full")

    def slow(edition):
        monkeypatch.undo()
        make_rendition(version, format=PDF, language="fi")
        return builder(edition)

    monkeypatch.setattr("documents.renditions.builder_of", lambda *key: slow)
    rendition = make_rendition(version, format=PDF, language="fi")

    assert list(Rendition.objects.all()) == [rendition]


def test_only_the_versions_own_pictures_are_printed(region):
    own, foreign = make_stored_file(region), make_stored_file(region)
    document = make_document(region)
    make_section(document, f'<figure data-file="{own.public_id}"><img data-file="{own.public_id}" alt="Oma"></figure>')
    version = freeze(document, by=None)
    edition = edition_of(version, layout="full", language="fi")

    assert edition.picture(own.public_id)[1] == "image/png"
    with pytest.raises(KeyError):
        edition.picture(foreign.public_id)
    assert len(Structure(content_of(make_rendition(version, format=PDF, language="fi"))).all("Figure")) == 1


def test_cover_picture_is_printed(region):
    document = make_document(region)
    document.cover = make_stored_file(region)
    document.save(update_fields=["cover"])
    make_section(document, "<p>Teksti.</p>")
    content = content_of(make_rendition(freeze(document, by=None), format=PDF, language="fi"))

    assert len(Structure(content).all("Figure")) == 1


def test_a_layout_is_registered_once():
    builder = builder_of("plan", "pdf", "table")
    register_layout("plan", "pdf", "table", builder)

    with pytest.raises(ValueError, match="Two builders"):
        register_layout("plan", "pdf", "table", lambda edition: b"")


def test_choices_follow_the_kind_and_the_languages(version, region):
    assert Choice("pdf", "full", "sv") in choices_of(version)
    assert Choice("pdf", "table", "fi") not in choices_of(version)
    plan = make_document(region, kind=Document.Kind.PLAN)
    assert {(row.format, row.layout) for row in choices_of(type(version)(document=plan))} == {
        ("pdf", "full"),
        ("pdf", "summary"),
        ("pdf", "table"),
        ("docx", "full"),
        ("xlsx", "full"),
        ("xlsx", "table"),
        ("json", "full"),
    }


def test_job_makes_the_file_once(version):
    choice = Choice("pdf", "full", "fi")
    ask_for_rendition(version, choice)
    ask_for_rendition(version, choice)

    assert Job.objects.open().count() == 1
    assert work(claim())
    assert find_rendition(version, format="pdf", layout="full", language="fi") is not None


# --- In the browser -------------------------------------------------------------------------------------------


def test_looking_makes_nothing_and_the_button_makes_the_file(version, member, client):
    client.force_login(member)

    response = client.get(at(version))
    assert response.status_code == 200
    assert at(version, name="rendition-make") in response.content.decode()
    assert Rendition.objects.count() == 0

    response = client.post(at(version, name="rendition-make"), follow=True)
    assert response.redirect_chain == [(at(version), 302)]
    assert b"".join(response.streaming_content).startswith(b"%PDF")
    assert response.headers["Content-Disposition"] == 'attachment; filename="esimerkki-v1-fi.pdf"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Type"] == "application/pdf"


def test_large_document_is_made_in_the_background(version, member, client, monkeypatch):
    monkeypatch.setattr("documents.views.renditions.LARGE", 10)
    client.force_login(member)

    response = client.post(at(version, name="rendition-make"), follow=True)

    assert LARGE > 10
    assert response.context["making"] == "under_way"
    assert Rendition.objects.count() == 0
    waiting = client.get(at(version), headers={"HX-Request": "true"}).content.decode()
    assert "Tiedostoa tehdään." in waiting
    assert "<h1>" not in waiting
    assert work(claim())
    ready = client.get(at(version), headers={"HX-Request": "true"}).content.decode()
    assert 'data-announce="Tiedosto on valmis."' in ready
    assert "hx-trigger" not in ready
    assert client.get(at(version)).headers["Content-Type"] == "application/pdf"


def test_page_tells_when_nobody_makes_files(version, member, client, monkeypatch):
    monkeypatch.setattr("documents.views.renditions.LARGE", 10)
    client.force_login(member)
    client.post(at(version, name="rendition-make"))
    Job.objects.update(created_at=timezone.now() - datetime.timedelta(minutes=3))

    assert "eikä se näytä olevan käynnissä" in client.get(at(version)).content.decode()
    Job.objects.update(started_at=timezone.now())
    assert "Tiedostoa tehdään." in client.get(at(version)).content.decode()


def test_what_the_writers_must_mend_is_told(region, member, client):
    key = make_stored_file(region).public_id
    document = make_document(region)
    make_section(document, f'<figure data-file="{key}"><img data-file="{key}" alt=""></figure>')
    version = freeze(document, by=None)
    client.force_login(member)

    response = client.post(at(version, name="rendition-make"))

    assert response.status_code == 422
    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    assert Rendition.objects.count() == 0


def test_fault_of_the_layout_is_told_and_logged(version, member, client, monkeypatch, caplog):
    def broken(*args, **kwargs):
        raise PrintError(["The heading skips a level."])

    monkeypatch.setattr("documents.views.renditions.make_rendition", broken)
    client.force_login(member)

    assert client.post(at(version, name="rendition-make")).status_code == 422
    assert "The heading skips a level." in caplog.text


@pytest.mark.parametrize(
    "choice", [Choice("pdf", "summary", "fi"), Choice("exe", "full", "fi"), Choice("pdf", "full", "en")]
)
def test_what_nobody_can_have_does_not_exist(version, member, client, choice):
    client.force_login(member)

    assert client.get(at(version, choice)).status_code == 404
    assert client.post(at(version, choice, name="rendition-make")).status_code == 404


@pytest.mark.parametrize("name", ["rendition", "rendition-make"])
def test_file_of_another_region_does_not_exist(version, client, name):
    other = RegionFactory()
    BodyFactory(region=other, coordinating=True)
    other.refresh_from_db()
    client.force_login(MembershipFactory(body=other.coordinating_body).user)
    call = client.get if name == "rendition" else client.post

    assert call(at(version, name=name)).status_code == 404
    client.force_login(UserFactory())
    assert call(at(version, name=name)).status_code == 404


def test_public_file_is_for_everyone_in_its_languages(version, client):
    assert client.get(at(version)).status_code == 302
    publish(version, languages=["fi"], by=None, despite_missing=True)

    assert client.get(at(version)).status_code == 200
    client.post(at(version, name="rendition-make"))
    assert Rendition.objects.count() == 0  # a visitor does not occupy a web process with printing
    assert work(claim())
    assert client.get(at(version)).headers["Content-Type"] == "application/pdf"
    assert client.get(at(version, Choice("pdf", "full", "sv"))).status_code == 302


def test_number_of_queries_does_not_grow(version, member, client, django_assert_num_queries):
    client.force_login(member)
    make_rendition(version, format=PDF, language="fi")
    client.get(at(version))

    with django_assert_num_queries(7):
        client.get(at(version))


# --- The command ----------------------------------------------------------------------------------------------


def test_list_has_a_line_for_each_document(version, region):
    make_document(region, kind=Document.Kind.PLAN)
    out = io.StringIO()
    call_command("export", "--list", stdout=out)
    lines = [line.split("\t") for line in out.getvalue().splitlines()]

    assert len(lines) == 2
    assert [version.document.public_id, "handbook", "Esimerkki"] in lines


def test_export_writes_the_latest_version(version, tmp_path):
    make_section(version.document, "<p>Uusi.</p>", key="uusi")
    freeze(version.document, by=None)
    target = tmp_path / "suunnitelma.json"
    call_command("export", version.document.public_id, "--format", "json", "-o", str(target), stderr=io.StringIO())

    assert [row["key"] for row in json.loads(target.read_bytes())["sections"]] == ["nykytila", "uusi"]


def test_export_writes_the_version_that_is_asked_for(version, tmp_path):
    freeze(version.document, by=None)
    target = tmp_path / "suunnitelma.pdf"
    arguments = ["--version", "1", "--format", "pdf", "--layout", "full", "--lang", "sv", "-o", str(target)]
    call_command("export", version.document.public_id, *arguments, stderr=io.StringIO())

    assert target.read_bytes().startswith(b"%PDF")
    assert list(Rendition.objects.values_list("version__number", "language")) == [(1, "sv")]


def test_export_writes_to_standard_output(version, capsysbinary):
    call_command("export", version.document.public_id, "--format", "json", "-o", "-")

    assert capsysbinary.readouterr().out == bytes(version.content)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "or --list"),
        (["puuttuu"], "There is no document puuttuu"),
        (["ID", "--version", "9"], "no version 9"),
        (["ID", "--layout", "summary"], ""),
        (["ID", "--lang", "en"], ""),
        (["ID", "--format", "json", "-o", "/ei/ole/olemassa"], "cannot be written"),
    ],
)
def test_export_refuses_with_a_sentence(version, arguments, sentence):
    arguments = [version.document.public_id if argument == "ID" else argument for argument in arguments]

    with pytest.raises(CommandError) as caught:
        call_command("export", *arguments)

    assert sentence in str(caught.value)
    assert str(caught.value) != ""


def test_export_of_a_draft_alone_says_what_to_do(region):
    document = make_document(region)

    with pytest.raises(CommandError, match="has no version yet"):
        call_command("export", document.public_id)


def test_export_without_a_file_name_takes_the_files_own(version, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call_command("export", version.document.public_id, "--format", "json", stderr=io.StringIO())

    assert [path.name for path in Path(tmp_path).iterdir()] == ["esimerkki-v1-fi.json"]
