"""Which pictures a text may show: its own, its writer's, and those of drafts that the writer may read."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from documents.blocks import Block
from documents.forms import PictureForm
from documents.html import Rendering, parse, render
from documents.models import Document
from documents.services.documents import create_document
from documents.services.outline import add_section
from documents.services.publishing import publish
from documents.services.sections import save_section
from documents.services.versions import freeze
from regions.models import StoredFile
from tests.accounts.factories import UserFactory
from tests.documents.factories import fresh
from tests.documents.test_views import picture
from tests.regions.factories import BodyFactory, MembershipFactory, RegionFactory, make_stored_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def region():
    region = RegionFactory()
    BodyFactory(region=region, coordinating=True)
    region.refresh_from_db()
    return region


def document_of(region, **more):
    return create_document(
        region, kind=Document.Kind.REPORT, title={"fi": "Raportti"}, languages=["fi"], by=None, **more
    )


@pytest.fixture
def group(region):
    return BodyFactory(region=region)


@pytest.fixture
def writer(group):
    return MembershipFactory(body=group).user


@pytest.fixture
def document(region, group):
    return document_of(region, writing_body=group)


def figure(key, alt="Salainen piirros"):
    return f'<p>Kuvassa on talo.</p><figure><img data-file="{key}" alt="{alt}"></figure>'


def new_section(document):
    return add_section(document, heading={"fi": "Osio"}, by=None)


def write(section, html, by):
    section = fresh(section)
    return save_section(section, by=by, base=section.head, html={"fi": html})


def pictures(section):
    head = fresh(section).head
    return [block.data["file"] for block in head.blocks if block.kind == "figure"] if head else []


def test_picture_of_a_document_that_the_writer_cannot_read_is_refused_by_name(region, document, writer):
    stored = make_stored_file(region, by=UserFactory(), name="salaa.png")
    write(new_section(document_of(region)), figure(stored.public_id), None)
    section = new_section(document)
    with pytest.raises(ValidationError) as refused:
        write(section, figure(stored.public_id), writer)
    assert refused.value.code == "foreign_picture"
    assert "Salainen piirros" in refused.value.messages[0]
    assert "salaa.png" not in refused.value.messages[0]
    assert fresh(section).head is None


def test_picture_of_nobody_and_of_another_region_are_refused(region, document, writer):
    elsewhere = make_stored_file(by=writer)
    assert elsewhere.region != region
    for key in (elsewhere.public_id, "0000000000"):
        with pytest.raises(ValidationError):
            write(new_section(document), figure(key), writer)


def test_own_picture_and_the_documents_earlier_ones_stay(region, document, writer, group):
    stored = make_stored_file(region, by=writer)
    section = new_section(document)
    write(section, figure(stored.public_id), writer)
    write(section, "<p>Ilman kuvaa.</p>", writer)
    colleague = MembershipFactory(body=group).user
    write(section, figure(stored.public_id), colleague)
    write(new_section(document), figure(stored.public_id), colleague)
    assert pictures(section) == [stored.public_id]


def test_picture_is_copied_from_a_draft_that_the_writer_may_read(region, document, writer, group):
    stored = make_stored_file(region, by=UserFactory())
    write(new_section(document_of(region, coordinating_body=group)), figure(stored.public_id), None)
    section = new_section(document)
    write(section, figure(stored.public_id), writer)
    assert pictures(section) == [stored.public_id]


def test_coordinator_copies_from_every_draft_of_the_region(region, document):
    coordinator = MembershipFactory(body=region.coordinating_body).user
    stored = make_stored_file(region, by=UserFactory())
    write(new_section(document_of(region)), figure(stored.public_id), None)
    section = new_section(document)
    write(section, figure(stored.public_id), coordinator)
    assert pictures(section) == [stored.public_id]


def test_page_keeps_what_was_typed_beside_the_refusal(client, region, document, writer):
    stored = make_stored_file(region, by=UserFactory())
    section = new_section(document)
    client.force_login(writer)
    address = reverse("documents:section-detail", args=[region.slug, document.kind, document.public_id, section.key])
    response = client.post(address, {"text-fi": figure(stored.public_id), "base": "0"})
    assert response.status_code == 422
    assert "Salainen piirros" in response.context["error"]
    assert "Kuvassa on talo." in response.context["editors"][0].html


def test_key_written_as_words_opens_no_picture(client, region, document, writer):
    """Neither in the draft nor, after publishing, to everyone."""
    stored = make_stored_file(region, by=UserFactory())
    key = stored.public_id
    write(new_section(document), f'<p>{key}</p><p>"file": "{key}", "file":"{key}"</p>', writer)
    address = reverse("documents:file", args=[region.slug, document.kind, document.public_id, key])
    client.force_login(writer)
    assert client.get(address).status_code == 404
    publish(freeze(document, by=None), languages=["fi"], by=None)
    client.logout()
    assert client.get(address).status_code == 302
    assert StoredFile.objects.count() == 1


def test_a_decorative_picture_is_read_and_written_as_one():
    """It has no words, says so to the editor, and is left out by those who read the page aloud."""
    html = '<figure data-decorative="1"><img alt="" data-file="abcdefghij"></figure>'
    (incoming,) = parse(html)
    assert incoming.data == {"file": "abcdefghij", "decorative": True}
    block = Block(id="b1", kind="figure", text={"alt": {"fi": ""}}, data=incoming.data)
    assert block.is_decorative
    read = str(render([block], Rendering("fi")))
    assert 'alt="" role="presentation"' in read
    assert 'data-decorative="1"' in str(render([block], Rendering("fi", editing=True)))
    # Words win over the mark.
    (spoken,) = parse('<figure data-decorative="1"><img alt="Talo" data-file="abcdefghij"></figure>')
    assert "decorative" not in spoken.data


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"alt": " "}, ["alt"]),
        ({"alt": "", "decorative": "on"}, []),
        ({"alt": "Talo", "decorative": "on"}, []),
        ({"alt": "Talo"}, []),
    ],
)
def test_a_picture_needs_words_or_is_decoration(sent, expected):
    form = PictureForm(sent, {"picture": SimpleUploadedFile("a.png", picture())})
    assert list(form.errors) == expected
    if not expected:
        assert bool(form.cleaned_data["alt"]) != form.cleaned_data["decorative"]
