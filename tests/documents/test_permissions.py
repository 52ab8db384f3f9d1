"""Who may open and do what: role × page × verb."""

import datetime

import pytest
from django.urls import reverse

from documents.models import Document
from documents.services.documents import create_document
from documents.services.outline import add_section
from documents.services.sections import save_section
from documents.services.versions import freeze
from tests.accounts.factories import UserFactory
from tests.regions.factories import BodyFactory, MembershipFactory, RegionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    """A region with a coordinating body, a writing body and a handbook-like plan with two sections and a version."""
    region = RegionFactory(bilingual=True)
    coordinators = BodyFactory(region=region, coordinating=True)
    writers = BodyFactory(region=region)
    region.refresh_from_db()
    document = create_document(
        region,
        kind=Document.Kind.REPORT,
        title={"fi": "Suunnitelma", "sv": "Plan"},
        languages=["fi", "sv"],
        by=None,
        writing_body=writers,
    )
    first = add_section(document, heading={"fi": "Nykytila"}, key="nykytila", by=None)
    add_section(document, heading={"fi": "Tavoitteet"}, key="tavoitteet", by=None)
    save_section(first, by=None, base=None, html={"fi": "<p>Yksi.</p><p>Kaksi.</p>"})
    save_section(first, by=None, base=None, html={"fi": "<p>Yksi.</p><p>Kaksi.</p><p>Kolme.</p>"})
    freeze(document, by=None)
    return {"document": document, "coordinators": coordinators, "writers": writers}


def user_in(role, place):
    if role == "anonymous":
        return None
    if role == "coordinator":
        return MembershipFactory(body=place["coordinators"]).user
    if role == "writer":
        return MembershipFactory(body=place["writers"]).user
    if role == "ended":
        return MembershipFactory(body=place["writers"], ends_on=datetime.date(2021, 1, 1)).user
    if role == "coming":
        return MembershipFactory(body=place["writers"], starts_on=datetime.date(2999, 1, 1)).user
    if role == "neighbour":  # in the same region, in another body
        return MembershipFactory(body=BodyFactory(region=place["document"].region)).user
    if role == "elsewhere":
        return MembershipFactory(body=BodyFactory(coordinating=True)).user
    return UserFactory()


ROLES = ["coordinator", "writer", "neighbour", "ended", "coming", "elsewhere", "nobody", "anonymous"]
READ = {"coordinator": 200, "writer": 200, "anonymous": 302}
CHANGE = {"coordinator": 302, "writer": 302, "anonymous": 302}
LEAD = {"coordinator": 200, "writer": 403, "anonymous": 302}
LEAD_CHANGE = {"coordinator": 302, "writer": 403, "anonymous": 302}

S = ("nykytila",)
# (name, further arguments, method, posted, what each role gets; everyone else: 404)
PAGES = [
    ("document-detail", (), "get", {}, READ),
    ("document-detail", ("sv",), "get", {}, READ),
    ("document-settings", (), "get", {}, LEAD),
    ("document-settings", (), "post", {"title_fi": "Uusi", "title_sv": "Ny", "languages": ["fi", "sv"]}, LEAD_CHANGE),
    ("document-outline", (), "get", {}, READ),
    ("section-add", (), "get", {}, READ),
    ("section-add", (), "post", {"heading_fi": "Uusi"}, CHANGE),
    ("section-detail", S, "get", {}, READ),
    ("section-detail", S, "post", {"base": "1", "client_key": "k", "text-fi": "<p>Uusi.</p>"}, CHANGE),
    ("section-rename", S, "get", {}, READ),
    ("section-rename", S, "post", {"heading_fi": "Uusi"}, CHANGE),
    ("section-mark-ready", S, "post", {}, CHANGE),
    ("section-mark-draft", S, "post", {}, CHANGE),
    ("section-up", S, "post", {}, CHANGE),
    ("section-down", S, "post", {}, CHANGE),
    ("section-in", S, "post", {}, CHANGE),
    ("section-out", S, "post", {}, CHANGE),
    ("section-outline", S, "get", {}, {"coordinator": 302, "writer": 302, "anonymous": 302}),
    ("section-move", S, "post", {"target": "tavoitteet", "where": "after"}, CHANGE),
    ("section-add-after", S, "get", {}, READ),
    ("section-add-below", S, "post", {"heading_fi": "Uusi"}, CHANGE),
    ("section-remove", S, "get", {}, READ),
    ("section-remove", S, "post", {}, CHANGE),
    ("section-bring-back", S, "post", {}, CHANGE),
    ("section-split", S, "get", {}, READ),
    ("section-join", S, "get", {}, READ),
    ("section-join", S, "post", {}, CHANGE),
    ("section-history", S, "get", {}, READ),
    ("section-compare", S, "get", {"old": "0", "new": "2"}, READ),
    ("section-revision", (*S, 1), "get", {}, READ),
    ("section-restore", (*S, 1), "get", {}, READ),
    ("section-restore", (*S, 1), "post", {}, CHANGE),
    ("block-restore", (*S, 1, "block"), "get", {}, {"coordinator": 404, "writer": 404, "anonymous": 302}),
    ("section-authors", S, "get", {}, READ),
    ("document-history", (), "get", {}, READ),
    ("document-then", (), "get", {"at": "2999-01-01T00:00"}, READ),
    ("document-compare", (), "get", {"at": "2999-01-01T00:00"}, READ),
    ("document-restore", (), "get", {"at": "2999-01-01T00:00"}, READ),
    ("document-restore", (), "post", {"at": "2999-01-01T00:00"}, CHANGE),
    ("change-list", (), "get", {}, READ),
    ("changes-seen", (), "post", {"seen": "nykytila:1"}, CHANGE),
    ("conflict-keep", (*S, 1), "post", {}, {"coordinator": 404, "writer": 404, "anonymous": 302}),
    ("conflict-take", (*S, 1), "post", {}, {"coordinator": 404, "writer": 404, "anonymous": 302}),
    ("conflict-combine", (*S, 1), "post", {}, {"coordinator": 404, "writer": 404, "anonymous": 302}),
    ("picture-add", (), "post", {}, {"coordinator": 422, "writer": 422, "anonymous": 302}),
    ("version-list", (), "get", {}, READ),
    ("version-freeze", (), "post", {"name": "Lausunnoille"}, LEAD_CHANGE),
    ("version-publish", (1,), "get", {}, LEAD),
    ("version-publish", (1,), "post", {"languages": ["fi", "sv"], "despite_sv": "on"}, LEAD_CHANGE),
    ("version-withdraw", (1,), "post", {}, LEAD_CHANGE),
    ("version-rename", (1,), "get", {}, LEAD),
    ("version-rename", (1,), "post", {"name": "Uusi"}, LEAD_CHANGE),
    ("version-detail", (1,), "get", {}, READ),
    ("version-detail", (1, "sv"), "get", {}, READ),
    ("version-compare", (), "get", {"old": "1", "new": "draft", "language": "fi"}, READ),
]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("name", "rest", "method", "sent", "expected"), PAGES)
def test_role_page_verb(client, place, role, name, rest, method, sent, expected):
    document = place["document"]
    url = reverse(f"documents:{name}", args=[document.region.slug, document.kind, document.public_id, *rest])
    user = user_in(role, place)
    if user:
        client.force_login(user)

    response = getattr(client, method)(url, sent)

    assert response.status_code == expected.get(role, 404)
    if role == "anonymous":
        assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize(("name", "rest", "method", "sent", "expected"), [row for row in PAGES if row[2] == "post"])
def test_changing_pages_change_nothing_on_get(client, place, name, rest, method, sent, expected):
    document = place["document"]
    url = reverse(f"documents:{name}", args=[document.region.slug, document.kind, document.public_id, *rest])
    client.force_login(user_in("coordinator", place))
    before = list(Document.objects.values()), list(document.sections.values()), document.versions.count()

    response = client.get(url)

    assert response.status_code in {200, 404, 405}
    assert (list(Document.objects.values()), list(document.sections.values()), document.versions.count()) == before


def test_the_outline_of_a_handbook_is_changed_by_coordinators_alone(client, place):
    document = place["document"]
    Document.objects.filter(pk=document.pk).update(kind=Document.Kind.HANDBOOK)
    document.refresh_from_db()
    url = reverse("documents:document-outline", args=[document.region.slug, document.kind, document.public_id])

    client.force_login(user_in("writer", place))
    assert client.get(url).status_code == 403
    client.force_login(user_in("coordinator", place))
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("part", ["region", "kind"])
def test_an_address_that_names_the_wrong_place_leads_nowhere(client, place, part):
    document = place["document"]
    other = RegionFactory()
    client.force_login(user_in("coordinator", place))
    region = other.slug if part == "region" else document.region.slug
    kind = "handbook" if part == "kind" else document.kind

    assert client.get(reverse("documents:document-detail", args=[region, kind, document.public_id])).status_code == 404


def test_list_shows_what_one_may_open(client, place):
    document = place["document"]
    url = reverse("documents:document-list", args=[document.region.slug, document.kind])
    for role, status, shown in [("coordinator", 200, True), ("writer", 200, True), ("neighbour", 200, False)]:
        client.force_login(user_in(role, place))
        response = client.get(url)
        assert response.status_code == status
        assert (document.public_id in response.content.decode()) is shown
    client.force_login(user_in("elsewhere", place))
    assert client.get(url).status_code == 404
