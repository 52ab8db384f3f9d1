import pytest

from criteria.reference import load_criteria_sets
from handbooks.models import Handbook, WordImport
from handbooks.permissions import (
    can_assess,
    can_create_handbook,
    can_hand_in,
    can_import,
    can_upgrade_template,
    can_use_template,
)
from handbooks.services.imports import prepare_import
from handbooks.services.templates import load_template
from regions.permissions import rights_of
from tests.accounts.factories import UserFactory
from tests.handbooks.factories import SMALL, make_docx, make_handbook, writer_of
from tests.regions.factories import BodyFactory, MembershipFactory, RegionFactory

pytestmark = pytest.mark.django_db

ROLES = {
    # role: (make a handbook, import, assess, hand in, follow a newer template, take the template out)
    "coordinator": (True, True, True, True, True, True),
    "writer": (False, True, True, True, False, True),
    "member_of_another_body": (False, False, False, False, False, True),
    "writer_until_yesterday": (False, False, False, False, False, False),
    "coordinator_of_another_region": (False, False, False, False, False, False),
    "stranger": (False, False, False, False, False, False),
}


def person(role, handbook):
    match role:
        case "coordinator":
            return MembershipFactory(body=BodyFactory(region=handbook.region, coordinating=True)).user
        case "writer":
            return writer_of(handbook)
        case "member_of_another_body":
            return MembershipFactory(body=BodyFactory(region=handbook.region)).user
        case "writer_until_yesterday":
            return MembershipFactory(body=handbook.document.writing_body, ends_on="2021-01-01").user
        case "coordinator_of_another_region":
            return MembershipFactory(body=BodyFactory(coordinating=True)).user
        case "stranger":
            return UserFactory()


@pytest.mark.parametrize("role", ROLES)
def test_rights(role):
    handbook = make_handbook()
    user = person(role, handbook)
    handbook = Handbook.objects.select_related("region", "document__region").get(pk=handbook.pk)
    rights = rights_of(user)
    template = handbook.template_version.document.template
    assert (
        can_create_handbook(rights, handbook.region),
        can_import(rights, handbook),
        can_assess(rights, handbook),
        can_hand_in(rights, handbook),
        can_upgrade_template(rights, handbook),
        can_use_template(rights, template),
    ) == ROLES[role]


OK, FOUND, NO, GONE = 200, 302, 403, 404

PAGES = {
    # (verb, page): status for coordinator, writer, member of another body, stranger of another region
    ("get", "add/"): (OK, NO, NO, GONE),
    ("post", "add/"): (422, NO, NO, GONE),
    ("get", "{id}/import/"): (OK, OK, GONE, GONE),
    ("post", "{id}/import/"): (422, 422, GONE, GONE),
    ("get", "{id}/import/{import}/"): (OK, OK, GONE, GONE),
    ("post", "{id}/import/{import}/places/"): (422, 422, GONE, GONE),
    ("post", "{id}/import/{import}/run/"): (422, 422, GONE, GONE),
    ("post", "{id}/import/{import}/tracked/"): (FOUND, FOUND, GONE, GONE),
    ("post", "{id}/import/{import}/cancel/"): (FOUND, FOUND, GONE, GONE),
    ("get", "{id}/form/"): (OK, OK, GONE, GONE),
    ("get", "{id}/form/in/sv/"): (OK, OK, GONE, GONE),
    ("get", "{id}/form/in/se/"): (GONE, GONE, GONE, GONE),
    ("get", "{id}/meeting/"): (OK, OK, GONE, GONE),
    ("get", "{id}/meeting/johtaminen-tarpeet/"): (OK, OK, GONE, GONE),
    ("get", "{id}/meeting/johtaminen/"): (GONE, GONE, GONE, GONE),
    ("post", "{id}/meeting/johtaminen-tarpeet/ready/"): (FOUND, FOUND, GONE, GONE),
    ("post", "{id}/meeting/johtaminen-tarpeet/draft/"): (FOUND, FOUND, GONE, GONE),
    ("get", "{id}/assessment/"): (OK, OK, GONE, GONE),
    ("post", "{id}/assessment/"): (FOUND, FOUND, GONE, GONE),
    ("get", "{id}/handing-in/"): (OK, OK, GONE, GONE),
    ("post", "{id}/handing-in/do/"): (FOUND, FOUND, GONE, GONE),
    ("post", "{id}/handing-in/take-back/"): (FOUND, FOUND, GONE, GONE),
    ("post", "{id}/handing-in/template/"): (FOUND, NO, GONE, GONE),
    ("get", "{id}/handing-in/do/"): (405, 405, 405, 405),
}


@pytest.fixture
def places():
    handbook = make_handbook()
    row = prepare_import(
        handbook, content=make_docx(("h1", "Johtaminen"), "Teksti."), name="a.docx", language="fi", by=None
    )
    other = MembershipFactory(body=BodyFactory(coordinating=True)).user
    users = [person("coordinator", handbook), writer_of(handbook), person("member_of_another_body", handbook), other]
    return handbook, row, users


@pytest.mark.parametrize(("verb", "rest"), PAGES)
def test_who_may_open_which_page(client, places, verb, rest):
    handbook, row, users = places
    path = rest.format(**{"id": handbook.document.public_id, "import": row.public_id})
    found = []
    for user in users[::-1]:
        client.force_login(user)
        if "cancel" in rest and not WordImport.objects.exists():
            row = prepare_import(handbook, content=make_docx("Teksti."), name="b.docx", language="fi", by=None)
            path = rest.format(**{"id": handbook.document.public_id, "import": row.public_id})
        found.insert(0, getattr(client, verb)(f"/en/{handbook.region.slug}/handbook/{path}").status_code)
    assert tuple(found) == PAGES[verb, rest]


def test_nobody_reads_a_handbook_under_another_regions_name(client, places):
    handbook, row, users = places
    other = RegionFactory()
    client.force_login(users[0])
    for rest in ("import/", f"import/{row.public_id}/", "meeting/"):
        assert client.get(f"/en/{other.slug}/handbook/{handbook.document.public_id}/{rest}").status_code == GONE


def test_import_of_another_handbook_is_not_found(client, places):
    handbook, row, users = places
    other = make_handbook(handbook.region, area=None, centre="Toinen")
    client.force_login(users[0])
    assert (
        client.get(
            f"/en/{handbook.region.slug}/handbook/{other.document.public_id}/import/{row.public_id}/"
        ).status_code
        == GONE
    )


def test_without_signing_in_the_pages_ask_for_it(client, places):
    handbook, row, _users = places
    response = client.get(f"/en/{handbook.region.slug}/handbook/{handbook.document.public_id}/import/{row.public_id}/")
    assert response.status_code == FOUND
    assert "login" in response.url


@pytest.mark.parametrize(("role", "status"), [("coordinator", OK), ("member_of_another_body", OK), ("stranger", GONE)])
def test_template_goes_out_as_a_form(client, role, status):
    handbook = make_handbook()
    template = handbook.template_version.document.template
    client.force_login(person(role, handbook))
    address = f"/en/{handbook.region.slug}/template/{template.document.public_id}/form/"
    response = client.get(address)
    assert response.status_code == status
    if status == OK:
        assert response.content.startswith(b"PK")
        assert "attachment" in response["Content-Disposition"]
        assert client.get(f"{address}in/sv/").content != response.content


def test_template_that_was_never_frozen_has_no_form(client):
    load_criteria_sets()
    region = RegionFactory(bilingual=True)
    loaded = load_template(region, SMALL, by=None)
    user = MembershipFactory(body=BodyFactory(region=region, coordinating=True)).user
    loaded.template.document.versions.all().delete()
    client.force_login(user)
    assert client.get(f"/en/{region.slug}/template/{loaded.template.document.public_id}/form/").status_code == GONE
