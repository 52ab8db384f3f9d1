import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from accounts.models import AccessLink
from regions.sealing import crossings
from reviews.models import Answer, ChainStep, CommentRound, Decision, Invitation, InvitationMail, Remark, Statement
from tests.accounts.factories import UserFactory
from tests.documents.factories import fresh
from tests.regions.factories import BodyFactory, OrganisationFactory

from .factories import (
    CLOSES,
    OPENS,
    AnswerFactory,
    ChainStepFactory,
    CommentRoundFactory,
    DecisionFactory,
    InvitationFactory,
    RemarkFactory,
    StatementFactory,
    make_version,
)

pytestmark = pytest.mark.django_db
SECOND = datetime.timedelta(seconds=1)


def refused(row, name):
    """The database refuses the row by this constraint, and a form would say so in words."""
    constraint = next(item for item in row._meta.constraints if item.name == name)
    with pytest.raises(ValidationError) as error:
        row.validate_constraints()
    assert str(constraint.violation_error_message) in error.value.messages
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


# --- Rounds ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (OPENS - SECOND, "coming"),
        (OPENS, "open"),
        (CLOSES - SECOND, "open"),
        (CLOSES, "over"),
        (CLOSES + SECOND, "over"),
    ],
)
def test_round_is_open_by_its_times_alone(now, state):
    comment_round = CommentRoundFactory()
    assert (comment_round.is_open(now), comment_round.is_over(now)) == (state == "open", state == "over")
    found = {
        "coming": CommentRound.objects.coming(now),
        "open": CommentRound.objects.open(now),
        "over": CommentRound.objects.over(now),
    }
    assert {name for name, rows in found.items() if rows.exists()} == {state}


def test_round_closes_at_the_same_moment_whatever_the_readers_clock(time_machine):
    comment_round = CommentRoundFactory()
    helsinki = datetime.timezone(datetime.timedelta(hours=2))
    time_machine.move_to(datetime.datetime(2026, 2, 13, 15, 59, 59, tzinfo=helsinki), tick=False)
    assert comment_round.is_open()
    assert CommentRound.objects.open().exists()
    time_machine.move_to(datetime.datetime(2026, 2, 13, 16, 0, tzinfo=helsinki), tick=False)
    assert not comment_round.is_open()
    assert comment_round.is_over()
    assert not CommentRound.objects.open().exists()


def test_round_closes_after_it_opens():
    comment_round = CommentRoundFactory.build(region=None, version=None)
    version = make_version()
    comment_round.version, comment_round.region = version, version.region
    comment_round.closes_at = comment_round.opens_at
    refused(comment_round, "comment_round_closes_after_it_opens")


def test_round_keeps_its_version():
    comment_round = CommentRoundFactory()
    with pytest.raises(ProtectedError):
        comment_round.version.delete()


def test_round_list_reads_no_contents(django_assert_num_queries):
    CommentRoundFactory.create_batch(2)
    with django_assert_num_queries(1):
        rows = list(CommentRound.objects.for_list())
        assert {str(row.version.document.region) for row in rows}
    assert "content" in rows[0].version.get_deferred_fields()


# --- Invitations -------------------------------------------------------------------------------------


def test_invitation_is_for_one_and_for_somebody():
    invitation = InvitationFactory()
    invitation.body = BodyFactory(region=invitation.region)
    refused(invitation, "invitation_is_for_one")
    invitation.body = invitation.organisation = None
    refused(invitation, "invitation_is_for_somebody")
    invitation.email = "asukas@example.org"
    invitation.save()
    assert str(invitation) == "asukas@example.org"


def test_organisation_and_body_are_invited_once_until_withdrawn():
    invitation = InvitationFactory()
    again = InvitationFactory.build(
        round=invitation.round, region=invitation.region, organisation=invitation.organisation
    )
    refused(again, "organisation_is_invited_once")
    invitation.withdrawn_at = OPENS
    invitation.save()
    again.save()
    body = BodyFactory(region=invitation.region)
    InvitationFactory(round=invitation.round, organisation=None, body=body)
    refused(Invitation(round=invitation.round, region=invitation.region, body=body), "body_is_invited_once")


def test_unanswered_invitations_are_those_without_a_received_statement():
    waiting, begun, answered, withdrawn = InvitationFactory.create_batch(4)
    withdrawn.withdrawn_at = OPENS
    withdrawn.save()
    StatementFactory(round=begun.round, invitation=begun, received_at=None)
    StatementFactory(round=answered.round, invitation=answered)
    assert set(Invitation.objects.unanswered()) == {waiting, begun}
    assert withdrawn not in Invitation.objects.in_force()


def test_mail_about_an_invitation_outlives_its_link():
    link = AccessLink.objects.create(purpose="statement", target="x", token_hash="h", expires_at=CLOSES)
    invitation = InvitationFactory()
    mail = invitation.mails.create(
        region=invitation.region, kind=InvitationMail.Kind.REQUEST, email="kirjaamo@example.org", link=link
    )
    link.delete()
    mail.refresh_from_db()
    assert mail.link is None


# --- Statements --------------------------------------------------------------------------------------


def test_official_statement_names_its_organisation_and_is_one():
    statement = StatementFactory(official=True)
    again = StatementFactory.build(
        official=True, round=statement.round, region=statement.region, organisation=statement.organisation
    )
    refused(again, "organisation_gives_one_official_statement")
    StatementFactory(round=statement.round, organisation=statement.organisation)  # a person of it speaks for herself
    statement.organisation = None
    refused(statement, "official_statement_names_its_organisation")


@pytest.mark.parametrize("field", ["user", "organisation", "signed_by"])
def test_anonymous_statement_names_nobody(field):
    statement = StatementFactory(kind=Statement.Kind.ANONYMOUS, signed_by="")
    value = {"user": UserFactory, "organisation": OrganisationFactory, "signed_by": lambda: "Esko"}[field]()
    setattr(statement, field, value)
    refused(statement, "anonymous_statement_names_nobody")
    assert str(statement) == str(Statement.Kind.ANONYMOUS.label)


def test_statement_is_hidden_on_a_ground_only():
    statement = StatementFactory(visibility=Statement.Visibility.HIDDEN, hidden_ground="JulkL 24 § 1 mom. 25 k.")
    assert statement not in Statement.objects.public()
    statement.hidden_ground = ""
    refused(statement, "hidden_statement_has_a_ground")


def test_only_what_has_arrived_is_late_and_a_draft_is_not_public():
    statement = StatementFactory(received_at=None)
    assert not Statement.objects.received().exists()
    assert not Statement.objects.public().exists()
    statement.late = True
    refused(statement, "only_a_received_statement_is_late")
    statement.received_at = CLOSES + SECOND
    statement.save()
    assert Statement.objects.public().get().late


def test_statement_outlives_its_writers_account():
    user = UserFactory()
    statement = StatementFactory(user=user, signed_by="Esko Esimerkki")
    user.delete()
    statement.refresh_from_db()
    assert (statement.user, str(statement)) == (None, "Esko Esimerkki")


def test_round_with_statements_stays():
    statement = StatementFactory()
    with pytest.raises(ProtectedError):
        statement.round.delete()


# --- Remarks and answers -----------------------------------------------------------------------------


def test_remark_belongs_to_a_statement_or_to_an_author():
    remark = RemarkFactory()
    remark.author = UserFactory()
    refused(remark, "remark_is_of_a_statement_or_of_an_author")
    remark.statement = None
    remark.save()
    remark.author = None
    refused(remark, "remark_is_of_a_statement_or_of_an_author")


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "quote"),
    [(4, None, "auki"), (None, 4, "auki"), (4, 4, "auki"), (8, 4, "auki"), (0, 4, "")],
)
def test_quote_and_its_ends_agree(starts_at, ends_at, quote):
    remark = RemarkFactory(block_id="b", quote="auki", starts_at=0, ends_at=4)
    remark.starts_at, remark.ends_at, remark.quote = starts_at, ends_at, quote
    refused(remark, "remark_quotes_what_lies_between_its_ends")


def test_remark_on_the_whole_quotes_nothing():
    remark = RemarkFactory(block_id="", text="Hyvä suunnitelma.")
    remark.quote = "auki"
    refused(remark, "remark_on_the_whole_quotes_nothing")


def test_empty_remark_is_refused_and_a_bare_proposal_is_not():
    remark = RemarkFactory()
    remark.text = " "
    with pytest.raises(ValidationError) as error:
        remark.full_clean()
    assert error.value.error_dict["__all__"][0].code == "remark_empty"
    remark.operations = [{"op": "delete", "block_id": "b"}]
    remark.text = ""
    remark.full_clean()
    remark.save()
    assert remark.is_proposal
    assert list(Remark.objects.proposals()) == [remark]


def test_answer_may_serve_many_remarks():
    one, two, three = RemarkFactory.create_batch(3)
    answer = AnswerFactory(region=one.region, remarks=[one, two])
    assert set(answer.remarks.all()) == {one, two}
    assert list(Remark.objects.unanswered()) == [three]
    assert not one.is_proposal


def test_remark_whose_answer_was_undone_waits_for_another():
    one = RemarkFactory()
    AnswerFactory(region=one.region, remarks=[one], withdrawn_at=CLOSES)
    assert list(Remark.objects.unanswered()) == [one]
    AnswerFactory(region=one.region, remarks=[one])
    assert not Remark.objects.unanswered().exists()


@pytest.mark.parametrize("outcome", ["changed", "partly", "no_change"])
def test_answer_tells_why_not_as_proposed(outcome):
    answer = AnswerFactory()
    answer.outcome = outcome
    refused(answer, "answer_tells_why_not_as_proposed")
    answer.reason = {"fi": "Resurssit eivät riitä."}
    answer.save()


def test_answer_without_change_names_none():
    version = make_version()
    revision = fresh(version.document.sections.get()).head
    answer = AnswerFactory(
        region=version.region, outcome=Answer.Outcome.ACCEPTED, revision=revision, first_version=version
    )
    answer.outcome = Answer.Outcome.NOTED
    refused(answer, "answer_without_change_names_none")


# --- The chain and decisions -------------------------------------------------------------------------


def test_bodies_may_handle_side_by_side_but_each_once_in_a_step():
    step = ChainStepFactory()
    ChainStepFactory(region=step.region, document=step.document)
    refused(
        ChainStep(
            region=step.region, document=step.document, body=step.body, position=1, handling=ChainStep.Handling.NOTES
        ),
        "body_handles_once_in_a_step",
    )
    assert str(step).startswith(f"1. {step.body}: ")


def test_approval_with_changes_and_only_it_has_changes():
    decision = DecisionFactory(item_no="34")
    assert str(decision) == f"{decision.body} 2026-03-18 § 34"
    decision.operations = [{"op": "delete", "block_id": "b"}]
    refused(decision, "only_approval_with_changes_has_changes")
    decision.outcome = Decision.Outcome.APPROVED_WITH_CHANGES
    decision.save()
    decision.operations = []
    refused(decision, "approval_with_changes_has_changes")


def test_body_decides_of_a_version_once_in_a_meeting():
    decision = DecisionFactory()
    again = Decision(
        region=decision.region,
        version=decision.version,
        body=decision.body,
        meeting_date=decision.meeting_date,
        outcome=Decision.Outcome.NOTED,
    )
    refused(again, "body_decides_once_in_a_meeting")
    again.meeting_date += datetime.timedelta(days=28)
    again.save()
    assert list(Decision.objects.for_list()) == [again, decision]


def test_everything_said_and_decided_stays_in_its_region():
    AnswerFactory(remarks=[RemarkFactory()])
    found = {str(crossing.model.__name__) for crossing in crossings()}
    assert found == {"Answer_remarks"}
