"""The outline beside a text: what it tells, what it answers in place, and when the whole page comes anew."""

import pytest
from django.urls import reverse

from documents.models import Document, Visit
from documents.services.documents import create_document
from documents.services.outline import add_section
from documents.services.sections import save_section
from tests.accounts.factories import UserFactory
from tests.documents.factories import fresh, texts
from tests.regions.factories import BodyFactory, MembershipFactory, RegionFactory

pytestmark = pytest.mark.django_db

PANEL = {"HX-Request": "true", "HX-Target": "outline"}
DIALOG = {"HX-Request": "true", "HX-Target": "outline-dialog-body"}


@pytest.fixture
def body():
    body = BodyFactory(region=RegionFactory(), coordinating=True)
    body.region.refresh_from_db()
    return body


@pytest.fixture
def user(client, body):
    user = MembershipFactory(body=body, user=UserFactory(name="Liisa Mallikas")).user
    client.force_login(user)
    return user


@pytest.fixture
def document(body):
    document = create_document(
        body.region, kind=Document.Kind.REPORT, title={"fi": "Suunnitelma"}, languages=["fi"], by=None
    )
    first = add_section(document, heading={"fi": "Alku"}, key="alku", by=None)
    add_section(document, heading={"fi": "Ala"}, key="ala", parent=first, by=None)
    text = add_section(document, heading={"fi": "Keskellä"}, key="keski", by=None)
    add_section(document, heading={"fi": "Loppu"}, key="loppu", by=None)
    save_section(text, by=None, base=None, html={"fi": "<p>Yksi.</p><p>Kaksi.</p>"})
    return document


def at(document, name, *rest):
    return reverse(f"documents:{name}", args=[document.region.slug, document.kind, document.public_id, *rest])


def keys(document):
    def below(parent):
        rows = document.sections.present().filter(parent=parent).order_by("position", "pk")
        return [key for row in rows for key in ([row.key, below(row)] if row.children.exists() else [row.key])]

    return below(None)


def post(client, document, name, key, beside="keski", headers=PANEL, **sent):
    return client.post(at(document, name, key), {"beside": beside, **sent}, headers=headers)


def test_rows_tell_what_may_be_done_with_them(client, user, document):
    panel = client.get(at(document, "section-outline", "keski"), headers=PANEL).context["panel"]
    assert [(row.number, row.key, row.current, row.can) for row in panel["rows"]] == [
        ("1", "alku", False, "down below join"),
        ("2", "keski", True, "up down in below split join"),
        ("3", "loppu", False, "up in below"),
    ]
    assert [(row.number, row.can) for row in panel["rows"][0].children] == [("1.1", "out below")]
    assert panel["may_change"] is True


def test_what_others_have_changed_since_the_reader_was_there_is_marked(client, user, document):
    section = document.sections.get(key="keski")
    Visit.objects.create(region=document.region, document=document, section=section, user=user, number=1)

    def states():
        rows = client.get(at(document, "section-detail", "loppu")).context["panel"]["rows"]
        return [state for row in rows for state in row.states if state[0] == "unread"]

    assert states() == []
    save_section(section, by=user, base=section.head, html={"fi": "<p>Oma.</p>"})
    assert states() == []
    save_section(section, by=UserFactory(), base=fresh(section).head, html={"fi": "<p>Muun.</p>"})
    assert states() == [("unread", "1")]


@pytest.mark.parametrize(
    ("target", "where", "expected"),
    [
        ("alku", "before", ["loppu", "alku", ["ala"], "keski"]),
        ("alku", "after", ["alku", ["ala"], "loppu", "keski"]),
        ("keski", "before", ["alku", ["ala"], "loppu", "keski"]),
        ("alku", "below", ["alku", ["ala", "loppu"], "keski"]),
        ("ala", "before", ["alku", ["loppu", "ala"], "keski"]),
    ],
)
def test_a_section_is_put_where_it_was_dragged(client, user, document, target, where, expected):
    response = post(client, document, "section-move", "loppu", target=target, where=where)
    assert response.status_code == 200
    assert response["HX-Retarget"] == "#outline"
    assert keys(document) == expected
    panel = response.context["panel"]
    assert (panel["focus"], panel["current"], panel["tone"]) == ("loppu", "keski", "good")


@pytest.mark.parametrize(
    ("key", "sent"),
    [
        ("loppu", {"target": "nowhere", "where": "after"}),
        ("loppu", {"target": "loppu", "where": "after"}),
        ("loppu", {"target": "alku", "where": "somewhere"}),
        ("alku", {"target": "ala", "where": "below"}),
    ],
)
def test_what_cannot_be_moved_there_stays_and_says_so(client, user, document, key, sent):
    before = keys(document)
    response = post(client, document, "section-move", key, **sent)
    assert response.context["panel"]["tone"] == "bad"
    assert response.context["panel"]["said"]
    assert keys(document) == before


def test_the_first_section_cannot_go_up(client, user, document):
    response = post(client, document, "section-up", "alku")
    assert response.context["panel"]["tone"] == "bad"
    assert client.post(at(document, "section-up", "alku")).url == at(document, "document-outline")


def test_removing_another_section_answers_with_the_way_back(client, user, document):
    response = post(client, document, "section-remove", "alku")
    panel = response.context["panel"]
    assert [row.key for row in panel["rows"]] == ["keski", "loppu"]
    assert panel["focus"] == "keski"
    back = client.post(panel["undo"], {"beside": "keski"}, headers=PANEL)
    assert keys(document) == ["alku", ["ala"], "keski", "loppu"]
    assert back.context["panel"]["focus"] == "alku"


@pytest.mark.parametrize(("beside", "leads_to"), [("keski", "loppu"), ("loppu", "keski"), ("ala", "keski")])
def test_removing_the_open_section_leads_to_the_next_one(client, user, document, beside, leads_to):
    response = post(client, document, "section-remove", "alku" if beside == "ala" else beside, beside=beside)
    assert response["HX-Redirect"] == at(document, "section-detail", leads_to)
    page = client.get(response["HX-Redirect"])
    assert at(document, "section-bring-back", "alku" if beside == "ala" else beside) in page.content.decode()


def test_bringing_back_from_a_message_leads_to_the_section(client, user, document):
    client.post(at(document, "section-remove", "keski"))
    response = client.post(at(document, "section-bring-back", "keski"), {"back": "section"})
    assert response.url == at(document, "section-detail", "keski")
    assert texts(fresh(document.sections.get(key="keski"))) == ["Yksi.", "Kaksi."]


def test_forms_open_in_the_dialog_and_come_back_with_their_errors(client, user, document):
    opened = client.get(at(document, "section-rename", "keski"), headers=DIALOG)
    assert opened.content.decode().count("<form") == 1
    assert "<html" not in opened.content.decode()
    wrong = post(client, document, "section-rename", "keski", headers=DIALOG, heading_fi="")
    assert wrong.status_code == 422
    assert wrong.context["form"].errors
    right = post(client, document, "section-rename", "keski", headers=DIALOG, heading_fi="Nykytila")
    assert right["HX-Retarget"] == "#outline"
    assert [row.title for row in right.context["panel"]["rows"]] == ["Alku", "Nykytila", "Loppu"]


def test_splitting_the_open_section_brings_the_whole_page_and_another_does_not(client, user, document):
    ids = [block.id for block in document.sections.get(key="keski").blocks]
    sent = {"at": ids[1], "heading_fi": "Toinen"}
    response = post(client, document, "section-split", "keski", headers=DIALOG, **sent)
    assert response["HX-Redirect"] == at(document, "section-detail", "keski")
    new = document.sections.present().get(heading__fi="Toinen")
    joined = post(client, document, "section-join", "keski", beside="loppu", headers=DIALOG)
    assert joined["HX-Retarget"] == "#outline"
    assert texts(fresh(document.sections.get(key="keski"))) == ["Yksi.", "Kaksi."]
    assert not document.sections.present().filter(pk=new.pk).exists()


def test_readers_without_the_right_have_no_menu(client, body, document):
    """A handbook's outline is its template's: its writers see the panel and change nothing there."""
    group = BodyFactory(region=body.region)
    handbook = create_document(
        body.region,
        kind=Document.Kind.HANDBOOK,
        title={"fi": "Käsikirja"},
        languages=["fi"],
        by=None,
        writing_body=group,
    )
    add_section(handbook, heading={"fi": "Osio"}, key="osio", by=None)
    client.force_login(MembershipFactory(body=group).user)
    page = client.get(at(handbook, "section-detail", "osio"))
    assert page.context["panel"]["may_change"] is False
    html = page.content.decode()
    assert "data-row-menu" not in html
    assert "outline-menu" not in html
    assert client.get(at(handbook, "section-outline", "osio"), headers=PANEL).status_code == 200
    assert client.post(at(handbook, "section-move", "osio"), {"target": "osio"}, headers=PANEL).status_code == 403


@pytest.mark.parametrize("count", [1, 4])
def test_the_panel_takes_the_same_queries(client, user, document, django_assert_num_queries, count):
    for number in range(count):
        add_section(document, heading={"fi": f"Osio {number}"}, by=None)
    client.get(at(document, "section-outline", "keski"), headers=PANEL)
    with django_assert_num_queries(8):
        client.get(at(document, "section-outline", "keski"), headers=PANEL)
