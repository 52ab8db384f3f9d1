"""What a template's tasks ask: shown on its pages, and written by its coordinators."""

import pytest

from audit.models import AuditEvent
from criteria.models import Criterion
from documents.models import Document, Section
from documents.services.documents import create_document
from documents.services.notes import add_note
from documents.services.versions import freeze
from handbooks.models import Handbook, Template
from tests.accounts.factories import UserFactory
from tests.handbooks.factories import bring, make_docx, make_handbook, make_template, writer_of
from tests.handbooks.test_views import coordinator_of, write
from tests.regions.factories import BodyFactory, MembershipFactory

pytestmark = pytest.mark.django_db

KEY = "johtaminen-nykytila"


def page(template, rest=""):
    return f"/en/{template.region.slug}/template/{template.document.public_id}/{rest}"


@pytest.fixture
def template():
    return make_template().template


@pytest.fixture
def coordinator(client, template):
    user = coordinator_of(template.region)
    client.force_login(user)
    return user


@pytest.mark.parametrize("rest", ["", "v1/"])
def test_template_shows_what_its_tasks_ask(client, template, coordinator, rest):
    text = client.get(page(template, rest)).content.decode()
    section = text.partition(f'id="s-{KEY}"')[2].partition("</section>")[0]
    assert "<dd>Current state</dd>" in section
    assert f"<dd>{Criterion.objects.get(key='management').code} " in section
    assert "Kuvatkaa johtamista." in section
    chapter = text.partition('id="s-johtaminen"')[2].partition("</section>")[0]
    assert "Asks for" not in chapter


def test_template_asks_nobody_to_write_text_into_it(client, template, coordinator):
    assert "sections that have no text" not in client.get(page(template)).content.decode()
    text = client.get(page(template, f"s/{KEY}/")).content.decode()
    assert "data-edit-form" not in text
    assert page(template, f"s/{KEY}/task/") in text


def test_coordinator_changes_a_task(client, template, coordinator):
    criterion = Criterion.objects.get(set=template.criteria_set, key="meeting_place")
    data = {
        "facet": "success",
        "criterion": criterion.pk,
        "guidance-fi": "<h3>Ohje</h3><p onclick=x>Kertokaa <strong>lyhyesti</strong>.</p><script>x</script>",
        "guidance-sv": "<p></p>",
    }
    response = client.post(page(template, f"s/{KEY}/task/"), data)
    assert response.url == page(template, f"s/{KEY}/")
    section = template.document.sections.get(key=KEY)
    assert section.guidance == {"fi": "<p>Ohje</p><p>Kertokaa <strong>lyhyesti</strong>.</p>"}
    assert (section.facet, section.criterion) == (Section.Facet.SUCCESS, criterion)
    event = AuditEvent.objects.get(verb="template.task_changed")
    assert (event.actor, event.details["changed"]) == (coordinator, ["guidance", "facet", "criterion"])
    client.post(page(template, f"s/{KEY}/task/"), data)
    assert AuditEvent.objects.filter(verb="template.task_changed").count() == 1


def test_frozen_versions_and_their_handbooks_keep_their_tasks(client):
    handbook = make_handbook()
    template = handbook.template_version.document.template
    client.force_login(coordinator_of(template.region))
    before = bytes(handbook.template_version.content)
    data = {"facet": "success", "criterion": "", "guidance-fi": "<p>Uusi.</p>", "guidance-sv": "<p>Ny.</p>"}
    client.post(page(template, f"s/{KEY}/task/"), data)
    handbook.template_version.refresh_from_db()
    assert bytes(handbook.template_version.content) == before
    client.post(page(template, "versions/freeze/"), {"name": ""})
    version = template.document.versions.latest("number")
    assert version.number == 2
    assert "Uusi." in bytes(version.content).decode()


def test_criterion_of_another_set_is_refused(client, template, coordinator):
    other = Criterion.objects.exclude(set=template.criteria_set).first()
    data = {"facet": "success", "criterion": other.pk if other else 0, "guidance-fi": "<p>Kirjoitettu.</p>"}
    response = client.post(page(template, f"s/{KEY}/task/"), data)
    assert response.status_code == 422
    assert "Kirjoitettu." in response.content.decode()
    assert template.document.sections.get(key=KEY).facet == Section.Facet.CURRENT_STATE


def test_only_coordinators_change_tasks(client, template):
    for user, status in [
        (MembershipFactory(body=BodyFactory(region=template.region)).user, 404),
        (MembershipFactory(body=BodyFactory(coordinating=True)).user, 404),
        (UserFactory(), 404),
    ]:
        client.force_login(user)
        assert client.get(page(template, f"s/{KEY}/task/")).status_code == status
        assert client.post(page(template, f"s/{KEY}/task/"), {"facet": "free"}).status_code == status


# --- Removing what was made by mistake ------------------------------------------------------------------------


def remove_page(document):
    return f"/en/{document.region.slug}/{document.kind}/{document.public_id}/remove/"


def test_empty_handbook_is_removed(client):
    handbook = make_handbook()
    document, name = handbook.document, str(handbook.document)
    client.force_login(coordinator_of(document.region))
    assert f"Remove “{name}”?" in client.get(remove_page(document)).content.decode()
    response = client.post(remove_page(document), follow=True)
    assert f"“{name}” was removed." in response.content.decode()
    assert not Handbook.objects.exists()
    assert not Document.objects.filter(pk=document.pk).exists()
    assert AuditEvent.objects.get(verb="document.removed").object_label == name


def written(handbook):
    write(handbook, KEY)


def emptied(handbook):
    write(handbook, KEY)
    write(handbook, KEY, "")


def imported(handbook):
    bring(handbook, make_docx(("h1", "Johtaminen")))


def noted(handbook):
    add_note(
        handbook.document.sections.get(key=KEY), text="Muista tämä.", by=writer_of(handbook), site="https://x.example/"
    )


def frozen(handbook):
    freeze(handbook.document, by=None)


@pytest.mark.parametrize("happens", [written, emptied, imported, noted, frozen])
def test_handbook_with_anything_in_it_stays(client, happens):
    handbook = make_handbook()
    happens(handbook)
    client.force_login(coordinator_of(handbook.region))
    text = client.get(remove_page(handbook.document)).content.decode()
    assert "cannot be removed" in text
    assert "Remove for good" not in text
    assert client.post(remove_page(handbook.document)).status_code == 422
    assert Handbook.objects.get() == handbook


def test_template_that_handbooks_follow_stays(client):
    handbook = make_handbook()
    template = handbook.template_version.document.template
    client.force_login(coordinator_of(template.region))
    assert client.post(remove_page(template.document)).status_code == 422
    assert Template.objects.get() == template


def test_writers_do_not_remove(client):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    assert client.get(remove_page(handbook.document)).status_code == 403
    assert client.post(remove_page(handbook.document)).status_code == 403


def test_empty_report_is_removed(client, template, coordinator):
    report = create_document(template.region, kind="report", title={"fi": "Raportti"}, languages=["fi"], by=None)
    assert client.post(remove_page(report)).status_code == 302
    assert not Document.objects.filter(pk=report.pk).exists()
