"""Proposals taken into the text, merged with what others wrote, and out of it again."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from documents.operations import REPLACE_TEXT
from documents.services.sections import save_section
from documents.services.versions import freeze
from reviews.deciding.standing import CHANGED, Text
from reviews.models import Answer, Remark
from reviews.services.accepting import (
    BUILT_UPON,
    KEPT,
    TAKEN_OUT,
    TextsDisagreeError,
    accept,
    accept_with,
    answer_anew,
    place,
    undo,
    write_proposal,
)
from tests.documents.factories import blocks, fresh, ids, make_document, make_section, texts
from tests.documents.test_concurrency import together
from tests.regions.factories import BodyFactory, MembershipFactory, OrganisationFactory, RegionFactory
from tests.reviews.factories import CommentRoundFactory, RemarkFactory, StatementFactory

pytestmark = pytest.mark.django_db

ONE_REMARK = ("proposal-change", "proposal-reject", "proposal-write", "remark-place")
NEW = {"id": "", "kind": "paragraph", "text": {"body": {"fi": "Uusi."}}}


class Desk:
    """A document whose section says two things, frozen and commented on, and one who writes it."""

    def __init__(self, html="<p>Kahvila on auki tiistaisin.</p><p>Ryhmä kokoontuu.</p>"):
        self.region = RegionFactory(languages=["fi"])
        self.region.coordinating_body = BodyFactory(region=self.region)
        self.region.save()
        self.user = MembershipFactory(body=self.region.coordinating_body, region=self.region).user
        self.document = make_document(self.region, languages=("fi",))
        self.section = make_section(self.document, html)
        self.freeze()

    def freeze(self):
        self.version = freeze(self.document, by=None)
        self.round = CommentRoundFactory(region=self.region, version=self.version)
        return self.version

    def proposal(self, index=0, value="Kahvila on auki keskiviikkoisin.", *, operations=None, **more):
        organisation = OrganisationFactory(region=self.region)
        statement = StatementFactory(round=self.round, official=True, organisation=organisation)
        block_id = next(iter(self.version_ids[index : index + 1]))
        wording = {"op": REPLACE_TEXT, "block_id": block_id, "unit": "body", "language": "fi", "value": value}
        return RemarkFactory(
            statement=statement,
            version=self.version,
            section_key=self.section.key,
            block_id=block_id,
            operations=[wording] if operations is None else operations,
            **more,
        )

    @property
    def version_ids(self):
        return [raw["id"] for raw in self.version.json["sections"][0]["blocks"]]

    def write(self, *paragraphs):
        """The section anew, each paragraph with the id of the one that stood in its place, or None for a new one."""
        html = "".join(f'<p data-id="{key}">{text}</p>' if key else f"<p>{text}</p>" for key, text in paragraphs)
        section = fresh(self.section)
        save_section(section, by=self.user, base=section.head, html={"fi": html})

    def address(self, name, *rest):
        return reverse(f"reviews:{name}", args=[*self.args, *rest])

    @property
    def args(self):
        return [self.region.slug, self.document.kind, self.document.public_id]


@pytest.fixture
def desk():
    return Desk()


def test_proposal_is_accepted_into_the_text_with_an_answer(desk):
    remark = desk.proposal()
    given = accept(remark, by=desk.user)
    assert texts(desk.section)[0] == "Kahvila on auki keskiviikkoisin."
    assert given.outcome == Answer.Outcome.ACCEPTED
    assert given.revision == fresh(desk.section).head
    assert given.first_version is None
    version = freeze(desk.document, by=None)
    given.refresh_from_db()
    assert given.first_version == version


def test_proposal_is_accepted_once(desk):
    remark = desk.proposal()
    accept(remark, by=desk.user)
    number = fresh(desk.section).head.number
    with pytest.raises(ValidationError) as raised:
        accept(remark, by=desk.user)
    assert raised.value.code == "answered"
    assert fresh(desk.section).head.number == number


def test_proposal_merges_with_what_was_written_since(desk):
    remark = desk.proposal(value="Perhekahvila on auki tiistaisin.")
    first, second = ids(desk.section)
    desk.write((first, "Kahvila on auki tiistaisin klo 9."), (second, "Ryhmä kokoontuu."))
    accept(remark, by=desk.user)
    assert texts(desk.section)[0] == "Perhekahvila on auki tiistaisin klo 9."


def test_true_conflict_saves_nothing_and_a_person_decides(desk):
    remark = desk.proposal()
    first, second = ids(desk.section)
    desk.write((first, "Kahvila on auki maanantaisin."), (second, "Ryhmä kokoontuu."))
    number = fresh(desk.section).head.number
    with pytest.raises(TextsDisagreeError):
        accept(remark, by=desk.user)
    assert fresh(desk.section).head.number == number
    assert not Answer.objects.exists()
    assert not desk.document.conflicts.exists()
    shown = {first: blocks(desk.section)[0]}
    given = accept_with(
        remark,
        wordings={0: "Kahvila on auki maanantaisin ja keskiviikkoisin."},
        taken=(),
        shown=shown,
        outcome=Answer.Outcome.CHANGED,
        reason={"fi": "Molemmat päivät."},
        by=desk.user,
    )
    assert texts(desk.section)[0] == "Kahvila on auki maanantaisin ja keskiviikkoisin."
    assert given.revision.note == remark.public_id


def test_own_words_meet_what_another_wrote_meanwhile(desk):
    remark = desk.proposal()
    first, second = ids(desk.section)
    shown = {first: blocks(desk.section)[0]}
    desk.write((first, "Kahvila on auki sunnuntaisin."), (second, "Ryhmä kokoontuu."))
    with pytest.raises(TextsDisagreeError):
        accept_with(
            remark,
            wordings={0: "Kahvila on auki lauantaisin."},
            taken=(),
            shown=shown,
            outcome=Answer.Outcome.CHANGED,
            reason={"fi": "Näin."},
            by=desk.user,
        )
    assert texts(desk.section)[0] == "Kahvila on auki sunnuntaisin."


def test_proposal_on_text_that_is_gone_waits_until_a_person_finds_its_place(desk):
    remark = desk.proposal()
    second = ids(desk.section)[1]
    desk.write((second, "Ryhmä kokoontuu."))
    with pytest.raises(ValidationError) as raised:
        accept(remark, by=desk.user)
    assert raised.value.code == "block_gone"
    place(remark, block_id=second, by=desk.user)
    with pytest.raises(TextsDisagreeError):
        accept(remark, by=desk.user)
    accept_with(
        remark,
        wordings={0: "Ryhmä kokoontuu. Kahvila on auki keskiviikkoisin."},
        taken=(),
        shown={},
        outcome=Answer.Outcome.CHANGED,
        reason={"fi": "Samassa kappaleessa."},
        by=desk.user,
    )
    assert texts(desk.section) == ["Ryhmä kokoontuu. Kahvila on auki keskiviikkoisin."]


def test_undoing_takes_the_change_out_and_keeps_what_others_wrote(desk):
    given = accept(desk.proposal(), by=desk.user)
    first, second = ids(desk.section)
    desk.write((first, "Kahvila on auki keskiviikkoisin."), (second, "Ryhmä kokoontuu iltaisin."))
    undone = undo(given, by=desk.user)
    assert undone.text == TAKEN_OUT
    assert texts(desk.section) == ["Kahvila on auki tiistaisin.", "Ryhmä kokoontuu iltaisin."]
    assert undone.answer.withdrawn_at
    assert undone.answer.revision


def test_undoing_leaves_the_text_where_others_built_upon_it(desk):
    given = accept(desk.proposal(), by=desk.user)
    first, second = ids(desk.section)
    desk.write((first, "Kahvila on auki keskiviikkoisin. Tervetuloa!"), (second, "Ryhmä kokoontuu."))
    assert undo(given, by=desk.user).text == TAKEN_OUT
    assert texts(desk.section)[0] == "Kahvila on auki tiistaisin. Tervetuloa!"
    again = accept(Remark.objects.get(), by=desk.user)
    desk.write((first, "Kahvila on auki torstaisin."), (second, "Ryhmä kokoontuu."))
    undone = undo(again, by=desk.user)
    assert undone.text == BUILT_UPON
    assert undone.answer.withdrawn_at
    assert texts(desk.section)[0] == "Kahvila on auki torstaisin."


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ({"op": "delete"}, ["Ryhmä kokoontuu."]),
        ({"op": "move", "value": 1}, ["Ryhmä kokoontuu.", "Kahvila on auki tiistaisin."]),
        (
            {"op": "insert_after", "new": {"id": "uusi000001", "kind": "paragraph", "text": {"body": {"fi": "Uusi."}}}},
            ["Kahvila on auki tiistaisin.", "Uusi.", "Ryhmä kokoontuu."],
        ),
    ],
)
def test_other_changes_are_made_and_undone(desk, operation, expected):
    before = texts(desk.section)
    raw = {**operation, "block_id": desk.version_ids[0]}
    if "value" in raw:
        raw["value"] = desk.version_ids[raw["value"]]
    given = accept(desk.proposal(operations=[raw]), by=desk.user)
    assert texts(desk.section) == expected
    assert undo(given, by=desk.user).text == TAKEN_OUT
    assert texts(desk.section) == before
    assert ids(desk.section) == desk.version_ids


def test_move_to_another_section_is_undone(desk):
    other = make_section(desk.document, "<p>Toinen luku.</p>", key="toinen")
    version = desk.freeze()
    target = version.json["sections"][1]["blocks"][0]["id"]
    remark = desk.proposal(operations=[{"op": "move", "block_id": desk.version_ids[0], "value": target}])
    given = accept(remark, by=desk.user)
    assert texts(other) == ["Toinen luku.", "Kahvila on auki tiistaisin."]
    assert undo(given, by=desk.user).text == TAKEN_OUT
    assert texts(other) == ["Toinen luku."]
    assert ids(desk.section) == desk.version_ids


def test_remarks_own_words_become_a_proposal(desk):
    remark = desk.proposal(operations=[], text="Kahvilan pitäisi olla auki keskiviikkoisin.")
    write_proposal(remark, wording={"body": "Kahvila on auki keskiviikkoisin."}, by=desk.user)
    remark.refresh_from_db()
    assert remark.proposal_by == desk.user
    assert remark.text == "Kahvilan pitäisi olla auki keskiviikkoisin."
    accept(remark, by=desk.user)
    assert texts(desk.section)[0] == "Kahvila on auki keskiviikkoisin."


def test_handler_does_not_overwrite_the_respondents_own_proposal(desk):
    with pytest.raises(ValidationError) as raised:
        write_proposal(desk.proposal(), wording={"body": "Muuta."}, by=desk.user)
    assert raised.value.code == "has_proposal"


def test_place_is_one_of_the_draft(desk):
    remark = desk.proposal()
    with pytest.raises(ValidationError) as raised:
        place(remark, block_id="eiolemassa", by=desk.user)
    assert raised.value.code == "no_such_place"
    place(remark, section_key=desk.section.key, by=desk.user)
    assert Remark.objects.get().section_in_draft == desk.section.key
    assert Text.of_draft(desk.document).sections.keys() == {desk.section.key}


# --- Through the pages ----------------------------------------------------------------------------


def test_one_press_puts_a_proposal_into_the_text_and_the_history_says_whose_it_was(client, desk):
    remark = desk.proposal()
    client.force_login(desk.user)
    page = client.post(desk.address("proposal-accept", remark.public_id), follow=True)
    assert page.redirect_chain[0][0].startswith(desk.address("remark", remark.public_id))
    assert texts(desk.section)[0] == "Kahvila on auki keskiviikkoisin."
    again = client.post(desk.address("proposal-accept", remark.public_id), follow=True)
    assert again.status_code == 200
    assert Answer.objects.count() == 1
    history = reverse("documents:section-history", args=[*desk.args, desk.section.key])
    assert [
        (line.source.url, str(remark.statement.organisation) in line.source.label) for line in _sources(client, history)
    ] == [(desk.address("remark", remark.public_id), True)]
    given = Answer.objects.get()
    client.post(desk.address("proposal-undo", remark.public_id, given.public_id))
    assert texts(desk.section)[0] == "Kahvila on auki tiistaisin."
    assert len(_sources(client, history)) == 2


def _sources(client, url):
    return [line for line in client.get(url).context["lines"] if line.source]


def test_person_decides_between_three_texts(client, desk):
    remark = desk.proposal()
    first, second = ids(desk.section)
    desk.write((first, "Kahvila on auki maanantaisin."), (second, "Ryhmä kokoontuu."))
    client.force_login(desk.user)
    page = client.post(desk.address("proposal-accept", remark.public_id), follow=True)
    url = desk.address("proposal-change", remark.public_id)
    assert page.redirect_chain[0][0] == url
    (part,) = page.context["parts"]
    assert "tiistaisin" in part.choice.was
    assert "<ins>" in part.choice.now
    assert part.value == "Kahvila on auki keskiviikkoisin."
    sent = {"seen-0": part.seen, "text-0": "Kahvila on auki aina.", "outcome": "changed", "reason_fi": ""}
    refused = client.post(url, sent)
    assert refused.status_code == 422
    assert refused.context["parts"][0].value == "Kahvila on auki aina."
    desk.write((first, "Kahvila on auki lauantaisin."), (second, "Ryhmä kokoontuu."))
    met = client.post(url, sent | {"reason_fi": "Aina on parempi."})
    assert met.status_code == 422
    assert met.context["problem"]
    assert "lauantaisin" in met.context["parts"][0].choice.now
    seen = met.context["parts"][0].seen
    client.post(url, sent | {"reason_fi": "Aina on parempi.", "seen-0": seen})
    assert texts(desk.section)[0] == "Kahvila on auki aina."
    assert Answer.objects.get().outcome == Answer.Outcome.CHANGED


def test_structured_change_can_be_left_out(client, desk):
    remark = desk.proposal(operations=[{"op": "delete", "block_id": desk.version_ids[0]}])
    client.force_login(desk.user)
    url = desk.address("proposal-change", remark.public_id)
    refused = client.post(url, {"outcome": "partly", "reason_fi": "Ei kaikkea."})
    assert refused.status_code == 422
    client.post(url, {"outcome": "accepted", "take-0": "1"})
    assert texts(desk.section) == ["Ryhmä kokoontuu."]


def test_rejected_proposal_needs_a_reason(client, desk):
    remark = desk.proposal()
    client.force_login(desk.user)
    url = desk.address("proposal-reject", remark.public_id)
    assert client.post(url, {"reason_fi": ""}).status_code == 422
    client.post(url, {"reason_fi": "Aukiolo on sovittu."})
    assert Answer.objects.get().outcome == Answer.Outcome.NO_CHANGE
    assert texts(desk.section)[0] == "Kahvila on auki tiistaisin."


def test_colliding_proposals_stand_together_and_the_others_stay_open(client, desk):
    one = desk.proposal(value="Perhekahvila on auki.")
    other = desk.proposal(operations=[{"op": "delete", "block_id": desk.version_ids[0]}])
    desk.proposal(1, value="Ryhmä kokoontuu joskus.")
    client.force_login(desk.user)
    (place_,) = client.get(desk.address("proposal-list")).context["places"]
    assert [rival.remark for rival in place_["collision"].rivals] == [one, other]
    client.post(desk.address("proposal-accept", one.public_id), {"then": "list"})
    assert Remark.objects.unanswered().count() == 2
    page = client.get(desk.address("remark", other.public_id))
    assert page.context["shown"].standing.state == CHANGED
    assert client.get(desk.address("proposal-list")).context["places"] == []


def test_tray_holds_what_has_no_place_until_a_person_finds_one(client, desk):
    gone = desk.proposal(operations=[], text="Älkää poistako.")
    loose = desk.proposal(operations=[], text="Tiedostosta.", unplaced=True)
    Remark.objects.filter(pk=loose.pk).update(section_key="", block_id="")
    second = ids(desk.section)[1]
    desk.write((second, "Ryhmä kokoontuu."))
    client.force_login(desk.user)
    page = client.get(desk.address("tray"))
    assert (page.context["gone"], page.context["unplaced"]) == (1, 1)
    url = desk.address("remark-place", gone.public_id)
    assert second in client.get(url, {"section": desk.section.key}).content.decode()
    assert client.post(url, {"section": desk.section.key, "block": "eiolemassa"}).status_code == 422
    client.post(url, {"section": desk.section.key, "block": second})
    client.post(desk.address("remark-place", loose.public_id), {"section": "~whole"})
    assert client.get(desk.address("tray")).context["count"] == 0
    assert Remark.objects.get(pk=gone.pk).place_in_draft == second


def test_handler_writes_a_remark_as_a_proposal(client, desk):
    remark = desk.proposal(operations=[], text="Pitäisi olla keskiviikkoisin.")
    client.force_login(desk.user)
    url = desk.address("proposal-write", remark.public_id)
    assert client.get(url).context["boxes"][0]["value"] == "Kahvila on auki tiistaisin."
    client.post(url, {"text-body": "Kahvila on auki keskiviikkoisin."})
    remark.refresh_from_db()
    assert (remark.proposal_by, len(remark.operations)) == (desk.user, 1)


@pytest.mark.parametrize(
    "name", ["proposal-change", "proposal-reject", "proposal-write", "remark-place", "tray", "proposal-list"]
)
def test_pages_are_for_those_who_write(client, desk, name):
    remark = desk.proposal()
    rest = [remark.public_id] if name in ONE_REMARK else []
    client.force_login(MembershipFactory().user)
    assert client.get(desk.address(name, *rest)).status_code == 404
    if rest:
        assert client.post(desk.address("proposal-accept", *rest)).status_code == 404
        assert texts(desk.section)[0] == "Kahvila on auki tiistaisin."


# --- At once ------------------------------------------------------------------------------------


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_who_accept_at_once_change_the_text_once():
    desk = Desk()
    remark = desk.proposal(operations=[{"op": "insert_after", "block_id": desk.version_ids[0], "new": NEW}])
    refused = []

    def press():
        try:
            accept(remark, by=desk.user)
        except ValidationError as error:
            refused.append(error.code)

    together(press, press)
    connection.close()
    assert texts(desk.section) == ["Kahvila on auki tiistaisin.", "Uusi.", "Ryhmä kokoontuu."]
    assert refused == ["answered"]
    assert Answer.objects.count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_accepting_and_undoing_different_proposals_at_once_keeps_both():
    desk = Desk()
    given = accept(desk.proposal(), by=desk.user)
    other = desk.proposal(1, value="Ryhmä kokoontuu iltaisin.")
    together(lambda: undo(given, by=desk.user), lambda: accept(other, by=desk.user))
    connection.close()
    assert texts(desk.section) == ["Kahvila on auki tiistaisin.", "Ryhmä kokoontuu iltaisin."]


def test_same_proposal_of_two_stays_in_the_text_until_both_are_undone(desk):
    one, twin = desk.proposal(), desk.proposal()
    first, second = accept(one, by=desk.user), accept(twin, by=desk.user)
    assert second.revision == first.revision
    assert undo(first, by=desk.user).text == KEPT
    assert texts(desk.section)[0] == "Kahvila on auki keskiviikkoisin."
    assert undo(second, by=desk.user).text == TAKEN_OUT
    assert texts(desk.section)[0] == "Kahvila on auki tiistaisin."


def test_answer_that_says_no_takes_the_accepted_words_out_again(client, desk):
    remark = desk.proposal()
    given = accept(remark, by=desk.user)
    client.force_login(desk.user)
    posted = client.post(
        desk.address("remark-answer", remark.public_id),
        {"instead_of": given.public_id, "outcome": "no_change", "reason_fi": "Päivä ei vaihdu."},
        follow=True,
    )
    assert "poistettiin tekstistä" in posted.content.decode()
    assert texts(fresh(desk.section)) == ["Kahvila on auki tiistaisin.", "Ryhmä kokoontuu."]
    (standing,) = Answer.objects.in_force()
    assert (standing.outcome, standing.revision) == ("no_change", None)


def test_answer_in_other_words_keeps_the_accepted_text(desk):
    remark = desk.proposal()
    given = accept(remark, by=desk.user)
    anew, text = answer_anew(remark, instead_of=given, outcome="partly", reason={"fi": "Osin."}, by=desk.user)
    assert text == "none"
    assert anew.revision == given.revision
    assert texts(fresh(desk.section))[0] == "Kahvila on auki keskiviikkoisin."
