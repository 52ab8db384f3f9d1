"""Answers to remarks: given once, changed, taken back; who handles what; and what handlers say to each other."""

import datetime

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from audit.models import AuditEvent
from jobs.models import Job
from jobs.services import claim, work
from reviews.models import Answer, Remark
from reviews.services.answers import LONGEST_REASON, TELL_ASSIGNED, add_note, answer, assign, undo
from tests.accounts.factories import UserFactory
from tests.documents.test_concurrency import together
from tests.regions.factories import BodyFactory, MembershipFactory, RegionFactory

from .factories import CommentRoundFactory, RemarkFactory, StatementFactory
from .test_rounds import code_of

SITE = "https://plans.example.fi"


@pytest.fixture
def region(db):
    region = RegionFactory()
    BodyFactory(region=region, coordinating=True)
    region.refresh_from_db()
    return region


@pytest.fixture
def kaisa(region):
    return MembershipFactory(body=region.coordinating_body, user=UserFactory(name="Kaisa Koordinaattori")).user


@pytest.fixture
def statement(region):
    return StatementFactory(round=CommentRoundFactory(region=region))


def test_one_answer_to_many_remarks_is_one_row_and_stands_in_the_trail(statement, kaisa):
    remarks = RemarkFactory.create_batch(3, statement=statement)
    given = answer(remarks, outcome="no_change", reason={"fi": " Ei mahdu. ", "sv": " "}, by=kaisa)
    assert set(given.remarks.all()) == set(remarks)
    assert (given.reason, given.answered_by) == ({"fi": "Ei mahdu."}, kaisa)
    assert not Remark.objects.unanswered().exists()
    event = AuditEvent.objects.get(verb="remark.answered")
    assert event.actor == kaisa
    assert set(event.details["remarks"]) == {remark.public_id for remark in remarks}


def test_an_answered_remark_is_not_answered_again_unless_that_answer_is_changed(statement, kaisa):
    one, two = RemarkFactory.create_batch(2, statement=statement)
    first = answer([one], outcome="noted", reason={}, by=kaisa)
    with pytest.raises(ValidationError) as error:
        answer([one, two], outcome="accepted", reason={}, by=kaisa)
    assert code_of(error) == {"answered"}
    assert list(Remark.objects.unanswered()) == [two]
    second = answer([one], outcome="partly", reason={"fi": "Osin."}, by=kaisa, instead_of=first)
    assert list(one.answers.in_force()) == [second]
    with pytest.raises(ValidationError) as error:  # somebody changed it meanwhile
        answer([one], outcome="noted", reason={}, by=kaisa, instead_of=first)
    assert code_of(error) == {"answered"}


@pytest.mark.parametrize(
    ("language", "outcome", "reason", "code"),
    [
        ("fi", "accepted", {}, None),
        ("fi", "noted", {}, None),
        ("fi", "changed", {}, "reason_missing"),
        ("fi", "partly", {"sv": "Delvis."}, "reason_missing"),
        ("sv", "no_change", {"fi": "Ei."}, "reason_missing"),
        ("sv", "accepted", {"fi": "Kiitos."}, "reason_missing"),
        ("sv", "no_change", {"sv": "Nej."}, None),
        ("en", "no_change", {"fi": "Ei."}, None),  # the document has no English: its original's language
        ("fi", "no_change", {"fi": "x" * (LONGEST_REASON + 1)}, "reason_too_long"),
    ],
)
def test_the_reason_is_written_in_the_respondents_own_language(statement, kaisa, language, outcome, reason, code):
    remark = RemarkFactory(statement=statement, language=language)
    if code is None:
        assert answer([remark], outcome=outcome, reason=reason, by=kaisa).reason == reason
        return
    with pytest.raises(ValidationError) as error:
        answer([remark], outcome=outcome, reason=reason, by=kaisa)
    assert code_of(error) == {code}
    assert not Answer.objects.exists()


def test_what_was_undone_stays_on_record_and_the_remark_may_be_answered_anew(statement, kaisa):
    remark = RemarkFactory(statement=statement)
    given = answer([remark], outcome="no_change", reason={"fi": "Ei."}, by=kaisa)
    undo(given, by=kaisa)
    given.refresh_from_db()
    assert given.withdrawn_at is not None
    with pytest.raises(ValidationError) as error:
        undo(given, by=kaisa)
    assert code_of(error) == {"undone"}
    anew = answer([remark], outcome="accepted", reason={}, by=kaisa)
    assert [row.pk for row in remark.answers.order_by("pk")] == [given.pk, anew.pk]


def test_an_answer_undone_for_one_of_many_counts_for_the_others(statement, kaisa, time_machine):
    one, two, three = RemarkFactory.create_batch(3, statement=statement)
    given = answer([one, two, three], outcome="no_change", reason={"fi": "Ei."}, by=kaisa)
    answered_at = given.answered_at
    time_machine.move_to(timezone.now() + datetime.timedelta(days=2))
    part = undo(given, by=kaisa, remarks=[two])
    given.refresh_from_db()
    assert given.withdrawn_at is None
    assert set(given.remarks.all()) == {one, three}
    part.refresh_from_db()
    assert (list(part.remarks.all()), part.reason, part.answered_at) == ([two], {"fi": "Ei."}, answered_at)
    assert list(Remark.objects.unanswered()) == [two]
    # Changing it for another one parts them the same way.
    answer([one], outcome="noted", reason={}, by=kaisa, instead_of=given)
    assert list(given.remarks.all()) == [three]


def test_a_changed_answer_keeps_the_change_that_it_led_to_while_it_still_tells_of_one(statement, kaisa):
    remark = RemarkFactory(statement=statement)
    revision = statement.round.version.document.revisions.first()
    first = answer([remark], outcome="accepted", reason={}, by=kaisa, revision=revision)
    second = answer([remark], outcome="changed", reason={"fi": "Toisin sanoin."}, by=kaisa, instead_of=first)
    assert second.revision == revision
    third = answer([remark], outcome="noted", reason={}, by=kaisa, instead_of=second)
    assert third.revision is None
    with pytest.raises(ValidationError):  # the constraint's own words
        answer([RemarkFactory(statement=statement)], outcome="noted", reason={}, by=kaisa, revision=revision)


def test_what_cannot_be_handled(statement, kaisa):
    with pytest.raises(ValidationError) as error:
        answer([], outcome="noted", reason={}, by=kaisa)
    assert code_of(error) == {"nothing_chosen"}
    draft = RemarkFactory(statement=StatementFactory(round=statement.round, received_at=None))
    with pytest.raises(ValueError, match="handed in"):
        answer([draft], outcome="noted", reason={}, by=kaisa)
    elsewhere = RemarkFactory(statement=StatementFactory(round=CommentRoundFactory(region=statement.region)))
    with pytest.raises(ValueError, match="several documents"):
        answer([RemarkFactory(statement=statement), elsewhere], outcome="noted", reason={}, by=kaisa)
    taken_back = RemarkFactory(statement=statement, withdrawn_at=timezone.now())
    with pytest.raises(ValidationError) as error:
        answer([taken_back], outcome="noted", reason={}, by=kaisa)
    assert code_of(error) == {"remark_gone"}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_answer_at_once_one_is_told(statement, kaisa):
    remark = RemarkFactory(statement=statement)
    others = RemarkFactory.create_batch(2, statement=statement)

    def first():
        try:
            return answer([remark, *others], outcome="noted", reason={}, by=kaisa)
        except ValidationError as error:
            return error.code

    def second():
        try:
            return answer([*reversed(others), remark], outcome="no_change", reason={"fi": "Ei."}, by=kaisa)
        except ValidationError as error:
            return error.code

    results = together(first, second)
    assert [result for result in results if result == "answered"] == ["answered"]
    assert Answer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_undo_at_once_one_is_told(statement, kaisa):
    remark = RemarkFactory(statement=statement)
    given = answer([remark], outcome="noted", reason={}, by=kaisa)

    def take_back():
        try:
            return undo(given, by=kaisa).pk
        except ValidationError as error:
            return error.code

    assert sorted(map(str, together(take_back, take_back))) == sorted([str(given.pk), "undone"])
    assert AuditEvent.objects.filter(verb="remark.answer_undone").count() == 1


# --- Who handles it ---------------------------------------------------------------------------------------


def run_due():
    while job := claim():
        assert work(job)


def test_remarks_are_given_to_those_who_write_and_they_are_told_once_a_day(region, statement, kaisa, time_machine):
    mats = MembershipFactory(
        body=region.coordinating_body, user=UserFactory(name="Mats Modell", language="sv", email="mats@example.org")
    ).user
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    remarks = RemarkFactory.create_batch(3, statement=statement)
    assert assign(remarks[:2], to=mats, by=kaisa, site=SITE) == 2
    assert assign(remarks, to=mats, by=kaisa, site=SITE) == 1  # two of them are his already
    with pytest.raises(ValidationError) as error:
        assign(remarks, to=UserFactory(), by=kaisa)
    assert code_of(error) == {"not_a_writer"}
    answer(remarks[:1], outcome="noted", reason={}, by=kaisa)
    run_due()
    assert mail.outbox == []  # what is given out within half an hour goes into one mail
    time_machine.move_to(start + datetime.timedelta(hours=1), tick=False)
    run_due()
    (sent,) = mail.outbox
    assert sent.to == ["mats@example.org"]
    assert f"{SITE}/sv/" in sent.body
    assert "handler=me&answer=none" in sent.body
    assert "2 " in sent.body
    assert remarks[0].text not in sent.body
    # Later on the same day: one more mail tomorrow, unless nothing waits by then.
    assign(RemarkFactory.create_batch(1, statement=statement), to=mats, by=kaisa, site=SITE)
    time_machine.move_to(start + datetime.timedelta(hours=20), tick=False)
    run_due()
    assert len(mail.outbox) == 1
    time_machine.move_to(start + datetime.timedelta(hours=26), tick=False)
    run_due()
    assert len(mail.outbox) == 2


def test_nobody_is_told_of_what_she_took_herself_or_does_not_write_any_more(region, statement, kaisa, time_machine):
    remark = RemarkFactory(statement=statement)
    assign([remark], to=kaisa, by=kaisa)
    assert not Job.objects.filter(kind=TELL_ASSIGNED).exists()
    membership = MembershipFactory(body=region.coordinating_body)
    assign([remark], to=membership.user, by=kaisa, site=SITE)
    membership.delete()
    time_machine.move_to(timezone.now() + datetime.timedelta(hours=1))
    run_due()
    assert mail.outbox == []
    assert assign([remark], to=None, by=kaisa) == 1
    remark.refresh_from_db()
    assert remark.assigned_to is None


def test_notes_are_kept_and_need_words(statement, kaisa):
    remark = RemarkFactory(statement=statement)
    note = add_note(remark, text=" Kysytään Liisalta. ", by=kaisa)
    assert (note.text, list(remark.notes.all())) == ("Kysytään Liisalta.", [note])
    for text, code in (("  ", "note_empty"), ("x" * 5_001, "note_too_long")):
        with pytest.raises(ValidationError) as error:
            add_note(remark, text=text, by=kaisa)
        assert code_of(error) == {code}
