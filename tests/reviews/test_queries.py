"""Every list and detail page of the rounds takes as many queries for three of everything as for one."""

import pytest
from django.core.cache import cache, caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reviews.models import (
    CommentRound,
    RemarkGroup,
    RemarkGroupMember,
    RemarkMeeting,
    RemarkReport,
    Statement,
)
from reviews.services.answers import add_note, answer
from reviews.services.attachments import attach
from reviews.services.remarks import say
from reviews.services.statements import hand_in, save_fields
from reviews.services.summaries import publish_summary
from tests.regions.factories import AreaFactory, BodyFactory, MembershipFactory

from .factories import CLOSES, OPENS, CommentRoundFactory, InvitationFactory, RemarkFactory, StatementFactory
from .test_answering import DAY, PDF
from .test_statements import QUESTIONS, place

pytestmark = pytest.mark.django_db


def fill(comment_round, count, by):
    """So many of everything that somebody says or does in a round."""
    section, block = place(comment_round.version)
    region, document = comment_round.region, comment_round.version.document
    here = {"section_key": section, "block_id": block.id}
    wording = [{"op": "replace_text", "block_id": block.id, "unit": "body", "language": "fi", "value": "Uusi."}]
    # One more proposal, so that there are always some that collide.
    RemarkFactory(statement=StatementFactory(round=comment_round), operations=wording, **here)
    for number in range(count):
        invitation = InvitationFactory(round=comment_round, email=f"k{number}@example.org")
        statement = StatementFactory(
            round=comment_round,
            kind=Statement.Kind.OFFICIAL,
            invitation=invitation,
            organisation=invitation.organisation,
            area=AreaFactory(region=region, key=f"alue-{number}"),
            text="Kaikki hyvin.",
            answers={"q1": "Talous", "q2": "k"},
            told_at=OPENS + DAY,
        )
        attach(statement, name=f"{number}.pdf", content=PDF + bytes([number]))
        open_one = RemarkFactory(statement=statement, operations=wording, **here)
        same = RemarkFactory(statement=StatementFactory(round=comment_round, shows_name=True), **here)
        answered = RemarkFactory(statement=statement, assigned_to=by, **here)
        RemarkFactory(statement=statement, unplaced=True)
        answer([answered], outcome="noted", reason={"fi": "Kiitos."}, by=by)
        add_note(open_one, text="Huomio", by=by)
        RemarkReport.objects.create(region=region, remark=same, text="Asiaton")
        meeting = RemarkMeeting.objects.create(region=region, document=document, held_on=OPENS.date())
        group = RemarkGroup.objects.create(region=region, document=document, grounds={"words": ["aukiolo"]})
        for remark in (open_one, same):
            RemarkGroupMember.objects.create(region=region, group=group, remark=remark)
    return statement, open_one, meeting, group


def own_way(client, comment_round, count):
    """A respondent with so many remarks, files and receipts of her own, who still holds her link."""
    client.post(at(comment_round, "answer-begin"), {"kind": "personal", "form": "full"})
    statement = Statement.objects.latest("pk")
    section, block = place(comment_round.version)
    for number in range(count):
        where = {"section_key": section, "block_id": block.id}
        say(statement, key=f"r{number}", text="Oma", language="fi", **where)
        attach(statement, name=f"{number}.pdf", content=PDF + bytes([9, number]))
        save_fields(statement, values={"signed_by": "Esko", "text": f"Sanon {number}"}, shown={})
        hand_in(statement, key=f"k{number}")


def at(comment_round, name, *rest):
    return reverse(f"reviews:{name}", args=[comment_round.version.document.region.slug, comment_round.public_id, *rest])


@pytest.mark.parametrize("count", [1, 3])
def test_pages_take_a_constant_number_of_queries(count, time_machine):
    time_machine.move_to(OPENS + DAY, tick=False)
    comment_round = CommentRoundFactory(
        kind=CommentRound.Kind.OPEN, questions=QUESTIONS, sharing=CommentRound.Sharing.AT_ONCE, contact_email=""
    )
    for _other in range(count):
        CommentRoundFactory(region=comment_round.region, version=comment_round.version)
    handler = Client()
    by = MembershipFactory(body=BodyFactory(region=comment_round.region, coordinating=True)).user
    statement, remark, meeting, group = fill(comment_round, count, by)
    time_machine.move_to(CLOSES, tick=False)
    publish_summary(comment_round, intro={}, languages=["fi"], by=by)
    time_machine.move_to(CLOSES - DAY, tick=False)
    respondent = Client()
    own_way(respondent, comment_round, count)
    handler.force_login(by)
    document, section = comment_round.version.document, place(comment_round.version)
    one = [document.region.slug, document.kind, document.public_id]
    rest = {
        "remark-add": [section[0], section[1].id],
        "statement": [statement.public_id],
        "invitation": [statement.invitation.public_id],
        "remark": [remark.public_id],
        "remark-place": [remark.public_id],
        "group": [group.public_id],
        "meeting": [meeting.public_id],
        "meeting-point": [meeting.public_id, remark.public_id],
        "summary-part": [section[0]],
        "outcome-part": [section[0]],
    }
    found = {}
    for who, browser in (("respondent", respondent), ("handler", handler)):
        for name in QUERIES[who]:
            more = rest.get(name, [])
            url = (
                reverse(f"reviews:{name}", args=[*one, *more])
                if name in OF_DOCUMENT
                else at(comment_round, name, *more)
            )
            assert browser.get(url).status_code == 200, url
            cache.clear()
            caches["versions"].clear()
            with CaptureQueriesContext(connection) as queries:
                browser.get(url)
            found.setdefault(who, {})[name] = len(queries)
    assert found == QUERIES


OF_DOCUMENT = {
    *("remark-list", "remark", "proposal-list", "tray", "remark-place", "group-list", "group"),
    *("meeting-list", "meeting", "meeting-point", "round-list"),
}
QUERIES = {
    "respondent": {
        "answer": 4,
        "text": 7,
        "remark-add": 8,
        "my-remarks": 6,
        "answer-questions": 8,
        "answer-who": 5,
        "answer-finish": 7,
        "answer-receipt": 8,
        "outcome": 6,
        "outcome-part": 4,
        "outcome-respondents": 4,
    },
    "handler": {
        "group": 13,
        "group-list": 11,
        "meeting": 13,
        "meeting-list": 11,
        "meeting-point": 21,
        "proposal-list": 11,
        "remark": 24,
        "remark-list": 17,
        "remark-place": 8,
        "round-list": 7,
        "tray": 9,
        "round": 7,
        "statement-list": 8,
        "statement": 11,
        "invitation-list": 10,
        "invitation": 9,
        "moderation": 9,
        "word-tray": 8,
        "summary": 20,
        "summary-part": 15,
        "summary-respondents": 14,
    },
}
