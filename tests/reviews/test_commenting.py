import datetime
import re

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from documents import frozen
from documents.operations import DELETE, INSERT_AFTER, MOVE, REPLACE_TEXT, SET_FIELD
from documents.services.versions import freeze
from reviews.answering.wording import from_text, to_text
from reviews.models import CommentRound, Remark, RemarkNote, RemarkReport, Statement
from reviews.services.remarks import MOST_REPORTS, change_remark, say, take_back
from reviews.services.statements import ChangedMeanwhileError, begin, hand_in, save_fields
from tests.accounts.factories import UserFactory
from tests.plans.factories import make_full_goal, make_plan
from tests.regions.factories import BodyFactory, OrganisationFactory

from .factories import CLOSES, OPENS, InvitationFactory, RemarkFactory, StatementFactory
from .test_reading import come_with, page_of, places_of, round_on, version_of

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def _in_time(time_machine):
    time_machine.move_to(OPENS + DAY, tick=False)


@pytest.fixture
def comment_round():
    return round_on(version_of("<p>Kahvila on <strong>auki</strong>.</p><p>Piha on iso.</p>"), allows_anonymous=True)


@pytest.fixture
def statement(comment_round):
    statement = begin(comment_round, kind=Statement.Kind.PERSONAL, language="fi")
    return save_fields(statement, values={"signed_by": "Esko Esimerkki"}, shown={})


def form_of(client, address):
    """The fields of the form on a page, as a browser would send them."""
    response = client.get(address)
    return {name: response.context["form"][name].value() or "" for name in response.context["form"].fields}


def first_place(comment_round):
    section_key, blocks = places_of(comment_round)
    return page_of(comment_round, "remark-add", section_key, blocks[0].id)


# --- A respondent's way ---------------------------------------------------------------------------------


def test_a_stranger_comments_goes_on_changes_and_removes(client, comment_round):
    address = first_place(comment_round)
    sent = {**form_of(client, address), "text": "Aukiolo pitäisi <b>kertoa</b>.", "quote": "on auki"}
    response = client.post(address, sent)
    assert response.status_code == 422
    assert "Choose how you answer." in response.content.decode()
    assert "Aukiolo pitäisi &lt;b&gt;kertoa&lt;/b&gt;." in response.content.decode()
    assert not Statement.objects.exists()
    response = client.post(address, {**sent, "way": "anonymous", "wording_body": "Kahvila on auki arkisin."})
    assert response.url.startswith(page_of(comment_round) + "#p-")
    remark = Remark.objects.get()
    assert remark.statement.kind == Statement.Kind.ANONYMOUS
    assert (remark.quote, remark.starts_at, remark.ends_at) == ("on auki", 8, 15)
    assert [row["value"] for row in remark.operations] == ["Kahvila on <strong>auki</strong> arkisin."]
    client.post(address, {**sent, "text": "Aukiolo pitäisi kertoa."})  # sent twice
    assert Remark.objects.get().text == "Aukiolo pitäisi kertoa."

    mine = client.get(page_of(comment_round, "my-remarks")).content.decode()
    assert "Aukiolo pitäisi kertoa." in mine
    edit = re.search(r'href="([^"]*edit/)"', mine).group(1)
    response = client.post(edit, {**form_of(client, edit), "text": "Kertokaa aukiolo.", "back": "list"})
    assert response.url == page_of(comment_round, "my-remarks")
    assert Remark.objects.get().text == "Kertokaa aukiolo."
    remove = edit.replace("edit/", "remove/")
    assert client.get(remove).status_code == 200
    assert Remark.objects.exists()
    client.post(remove)
    assert not Remark.objects.exists()


def test_what_cannot_be_kept_comes_back_with_the_words_beside_its_field(client, comment_round, statement, time_machine):
    come_with(client, comment_round, statement=statement)
    address = first_place(comment_round)
    fields = form_of(client, address)
    for wrong, field, words in (
        ({"text": " "}, "text", "Write a remark"),
        ({"text": "Huomio.", "quote": "ei täällä"}, "quote", "not at this place"),
        ({"text": "a" * 20_001}, "text", "20000"),
        ({"text": "Huomio.", "key": "a" * 41}, "key", "40"),
    ):
        response = client.post(address, {**fields, **wrong})
        assert response.status_code == 422
        assert words in str(response.context["form"].errors[field])
    hand = say(statement, key="b", text="Kyllä.", language="fi")
    hand_in(statement, key="a")
    time_machine.move_to(CLOSES, tick=False)
    come_with(client, comment_round, statement=statement)
    response = client.post(address, {**fields, "text": "Liian myöhään."})
    assert response.status_code == 422
    assert "Liian myöhään." in response.content.decode()
    assert list(Remark.objects.all()) == [hand]


def test_a_form_whose_link_is_gone_gives_the_words_back(client, comment_round):
    comment_round.kind = CommentRound.Kind.INVITED
    comment_round.save()
    words = "Tämä on niin pitkä huomio, ettei sitä kirjoiteta toista kertaa."
    response = client.post(first_place(comment_round), {"text": words})
    assert response.status_code == 403
    assert words in response.content.decode()


def test_nobody_reaches_the_remarks_of_another(client, comment_round, statement):
    theirs = say(statement, key="a", text="Minun.", language="fi")
    for name in ("remark-edit", "remark-remove", "remark-report"):
        address = page_of(comment_round, name, theirs.public_id)
        assert (client.get(address).status_code, client.post(address).status_code) == (404, 404)
    assert Remark.objects.get().text == "Minun."
    section_key, _blocks = places_of(comment_round)
    for place in (["muualla"], [section_key, "x"], ["x", _blocks[0].id]):
        assert client.get(page_of(comment_round, "remark-add", *place)).status_code == 404


def test_the_form_opens_in_the_text_and_answers_with_what_stands_beside_the_place(client, comment_round, statement):
    come_with(client, comment_round, statement=statement)
    address, inside = first_place(comment_round), {"HX-Request": "true"}
    html = client.get(address, headers=inside).content.decode()
    assert "<html" not in html
    assert "hx-post" in html
    fields = form_of(client, address)
    response = client.post(address, {**fields, "text": ""}, headers=inside)
    assert (response.status_code, response["HX-Retarget"]) == (422, "#open-p-" + address.split("/")[-2])
    html = client.post(address, {**fields, "text": "Huomio."}, headers=inside).content.decode()
    assert "data-announce" in html
    assert "1 own comment" in html


def test_the_form_saves_itself_only_once_somebody_has_begun(client, comment_round, statement):
    address = first_place(comment_round)
    sent = {**form_of(client, address), "text": "Huomio.", "autosave": "1"}
    assert client.post(address, sent).json() == {"kept": False}
    come_with(client, comment_round, statement=statement)
    answer = client.post(address, sent).json()
    assert (answer["kept"], answer["edit"]) == (True, 1)
    client.post(address, {**sent, "text": "Huomio pitempi."})  # the first answer was lost on the way
    assert Remark.objects.get().text == "Huomio pitempi."
    assert "error" in client.post(address, {**sent, "text": ""}).json()


def test_of_two_colleagues_the_later_is_shown_both_texts(comment_round):
    invitation = InvitationFactory(round=comment_round)
    one, other = Client(), Client()
    for browser in (one, other):
        come_with(browser, comment_round, invitation=invitation)
    statement = begin(comment_round, kind=Statement.Kind.OFFICIAL, language="fi", invitation=invitation)
    remark = say(statement, key="a", text="Alku.", language="fi")
    address = page_of(comment_round, "remark-edit", remark.public_id)
    first, second = form_of(one, address), form_of(other, address)
    one.post(address, {**first, "text": "Ensimmäisen."})
    response = other.post(address, {**second, "text": "Toisen."})
    html = response.content.decode()
    assert response.status_code == 422
    assert "Ensimmäisen." in html
    assert "Toisen." in html
    assert Remark.objects.get().text == "Ensimmäisen."
    again = {**second, "text": "Molempien.", "shown": response.context["form"]["shown"].value()}
    assert other.post(address, again).status_code == 302
    assert Remark.objects.get().text == "Molempien."
    with pytest.raises(ChangedMeanwhileError):
        say(statement, key="a", text="Vanha lomake.", language="fi", shown=1)


# --- Taking back, reporting -----------------------------------------------------------------------------


def test_taking_back_a_remark_keeps_what_was_done_about_it(statement):
    draft = say(statement, key="a", text="Luonnos.", language="fi")
    handled = say(statement, key="b", text="Käsittelyssä.", language="fi")
    RemarkNote.objects.create(region=handled.region, remark=handled, author=UserFactory(), text="Tärkeä.")
    take_back(draft)
    take_back(handled)
    take_back(handled)
    assert list(Remark.objects.all()) == [handled]
    assert list(Remark.objects.said()) == []
    assert handled.notes.count() == 1
    say(statement, key="b", text="Sittenkin.", language="fi")
    say(statement, key="c", text="Toinen.", language="fi")
    assert [row.text for row in Remark.objects.said()] == ["Sittenkin.", "Toinen."]
    statement.refresh_from_db()
    hand_in(statement, key="k")
    take_back(handled)
    assert [row.text for row in Remark.objects.received()] == ["Toinen."]
    statement.refresh_from_db()
    assert [row["text"] for row in hand_in(statement, key="l").content["remarks"]] == ["Toinen."]


def test_a_reader_reports_a_remark_that_she_can_read(client, comment_round):
    remark = RemarkFactory(statement=StatementFactory(round=comment_round))
    address = page_of(comment_round, "remark-report", remark.public_id)
    assert client.get(address).status_code == 404
    CommentRound.objects.update(sharing=CommentRound.Sharing.AT_ONCE)
    assert address in client.get(page_of(comment_round, "remark-add")).content.decode()
    assert client.get(address).status_code == 200
    assert not RemarkReport.objects.exists()
    client.post(address, {"text": "Mainos."})
    assert RemarkReport.objects.get().text == "Mainos."
    for _time in range(MOST_REPORTS + 15):
        response = client.post(address)
    assert RemarkReport.objects.count() == MOST_REPORTS
    assert response.status_code == 422
    remark.refresh_from_db()
    assert remark.hidden_at is None


# --- Proposals ------------------------------------------------------------------------------------------


def test_members_of_an_asked_body_propose_more_than_words(client, comment_round):
    invitation = InvitationFactory(
        round=comment_round, organisation=None, body=BodyFactory(region=comment_round.region)
    )
    come_with(client, comment_round, invitation=invitation)
    address = first_place(comment_round)
    _key, (first, second) = places_of(comment_round)
    fields = form_of(client, address)
    client.post(address, {**fields, "new": "Uusi <script>kappale</script>.", "behind": second.id})
    remark = Remark.objects.get()
    assert [row["op"] for row in remark.operations] == [INSERT_AFTER, MOVE]
    assert remark.operations[0]["new"]["text"] == {"body": {"fi": "Uusi &lt;script&gt;kappale&lt;/script&gt;."}}
    assert remark.operations[1]["value"] == second.id
    edit = page_of(comment_round, "remark-edit", remark.public_id)
    shown = form_of(client, edit)
    assert (shown["new"], shown["behind"]) == ("Uusi <script>kappale</script>.", second.id)
    both = {**fields, "new": "", "removed": "on", "wording_body": "Toisin."}
    response = client.post(edit, both)
    assert response.status_code == 422
    assert "Choose one." in response.content.decode()
    client.post(edit, {**shown, "new": "", "behind": "", "removed": "on"})
    assert [row["op"] for row in Remark.objects.get().operations] == [DELETE]
    assert first.id in str(Remark.objects.get().operations)


def test_others_cannot_propose_more_than_words(client, comment_round):
    invitation = InvitationFactory(round=comment_round)
    come_with(client, comment_round, invitation=invitation)
    address = first_place(comment_round)
    fields = form_of(client, address)
    assert "removed" not in fields
    client.post(address, {**fields, "text": "Huomio.", "removed": "on", "new": "Uusi.", "behind": "x"})
    assert Remark.objects.get().operations == []


def test_another_owner_and_dates_are_proposed_for_a_measure(client):
    plan = make_plan()
    make_full_goal(plan)
    other = OrganisationFactory(region=plan.region)
    comment_round = round_on(freeze(plan.document, by=None), kind=CommentRound.Kind.INVITED)
    invitation = InvitationFactory(round=comment_round, organisation=None, body=BodyFactory(region=plan.region))
    come_with(client, comment_round, invitation=invitation)
    section, action = next(
        (row, block)
        for row in frozen.read(comment_round.version).sections
        for block in row.blocks
        if block.kind == "action"
    )
    address = page_of(comment_round, "remark-add", section.key, action.id)
    fields = form_of(client, address)
    lead = f"organisation:{other.public_id}"
    response = client.post(address, {**fields, "field_starts_on": "1.9.2025", "field_ends_on": "1.8.2025"})
    assert "must end after it starts" in str(response.context["form"].errors["field_ends_on"])
    changed = {"field_roles": lead, "field_starts_on": "1.9.2023", "field_ends_on": "", "new": "Avataan pihat"}
    assert client.post(address, {**fields, **changed}).status_code == 302
    operations = Remark.objects.get().operations
    assert operations[0]["new"]["data"]["goal"] == action.data["goal"]
    assert operations[0]["new"]["text"]["title"] == {"fi": "Avataan pihat"}
    values = {row["unit"]: row["value"] for row in operations[1:] if row["op"] == SET_FIELD}
    assert values["roles"][0] == {"key": lead, "role": "lead"}
    assert values["starts_on"] == "2023-09-01"
    assert lead in client.get(page_of(comment_round, "remark-edit", Remark.objects.get().public_id)).content.decode()
    html = client.get(page_of(comment_round, "my-remarks")).content.decode()
    assert str(other) in html
    assert client.post(address, {**fields, "key": "b", "field_roles": "organisation:x"}).status_code == 422


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Kahvila on auki [kesällä].\nTule!", None),
        ("Kahvila on aina auki [kesällä].\nTule!", 'Kahvila on aina <a href="https://x.fi/">auki</a>'),
        ("Kahvila on kiinni [kesällä].\nTule!", 'Kahvila on <a href="https://x.fi/">kiinni</a>'),
        ("Kahvila [kesällä] <script>", 'Kahvila<span class="note">kesällä</span> &lt;script&gt;'),
        ("", ""),
    ],
)
def test_edited_words_keep_links_and_footnotes_that_still_stand(text, html):
    source = 'Kahvila on <a href="https://x.fi/">auki</a><span class="note">kesällä</span>.<br>Tule!'
    assert to_text(source) == "Kahvila on auki [kesällä].\nTule!"
    result = from_text(source, text)
    assert result == source if html is None else result.startswith(html)
    assert to_text("<p>Yksi</p><ul><li>Kaksi</li></ul>") is None


def test_a_proposal_of_other_words_stays_when_only_the_remark_is_changed(statement, comment_round):
    _key, blocks = places_of(comment_round)
    remark = say(statement, key="a", language="fi", block_id=blocks[0].id, wording={"body": "Kahvila on kiinni."})
    change_remark(remark, text="Koska remontti.")
    assert [row["op"] for row in Remark.objects.get().operations] == [REPLACE_TEXT]
    with pytest.raises(ValidationError):
        change_remark(remark, text="", wording={})
