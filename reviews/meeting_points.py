"""The points of a meeting: what is open, and what has been agreed in it."""

from dataclasses import dataclass

from accounts.models import User
from documents.models import Document
from reviews.desk import SHOWN, UNANSWERED, Listed, Wanted, listed
from reviews.models import Answer, RemarkMeeting
from reviews.respondents import respondent_name


def open_points(document: Document, *, reader: User) -> Listed:
    """Remarks without an answer that are not hidden, in the order of the text."""
    return listed(document, Wanted.of({"answer": UNANSWERED, "visibility": SHOWN}), reader=reader)


@dataclass(frozen=True)
class Agreed:
    """One outcome that was recorded in the meeting, and the remarks it answers."""

    answer: Answer
    remarks: list[tuple[str, str]]
    """Who said it, and the words."""


def agreed_in(meeting: RemarkMeeting) -> list[Agreed]:
    """What the meeting agreed, in the order in which it did so: three queries."""
    answers = (
        meeting.answers.in_force()  # type: ignore[attr-defined]
        .prefetch_related("remarks__statement__organisation", "remarks__statement__user", "remarks__author")
        .order_by("pk")
    )
    return [
        Agreed(row, [(respondent_name(remark), remark.text or remark.quote) for remark in row.remarks.all()])
        for row in answers
    ]
