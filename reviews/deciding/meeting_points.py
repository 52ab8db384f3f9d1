"""The points of a meeting: what is open, and what has been agreed in it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from documents.models import Document
from reviews.desk.listing import KINDS, PROPOSAL, SHOWN, UNANSWERED, Listed, SectionName, Wanted, listed, section_names
from reviews.desk.respondents import respondent_name
from reviews.models import Answer, Remark, RemarkMeeting


def open_points(document: Document, *, reader: User) -> Listed:
    """Remarks without an answer that are not hidden, in the order of the text."""
    return listed(document, Wanted.of({"answer": UNANSWERED, "visibility": SHOWN}), reader=reader)


@dataclass(frozen=True)
class Agreed:
    """One outcome that was recorded in the meeting, and the remarks it answers."""

    answer: Answer
    place: str
    """Which section it is about, as the text names it now; of remarks on several sections, the first one’s."""
    remarks: list[tuple[str, str]]
    """Who said it, and the words."""


def agreed_in(meeting: RemarkMeeting) -> list[Agreed]:
    """What the meeting agreed, in the order in which it did so: four queries."""
    sections = section_names(meeting.document)
    answers = (
        meeting.answers.in_force()  # type: ignore[attr-defined]
        .prefetch_related("remarks__statement__organisation", "remarks__statement__user", "remarks__author")
        .order_by("pk")
    )
    found = []
    for row in answers:
        remarks = list(row.remarks.all())
        place = _place(remarks[0], sections) if remarks else ""
        found.append(Agreed(row, place, [(respondent_name(remark), _words(remark)) for remark in remarks]))
    return found


def _place(remark: Remark, sections: dict[str, SectionName]) -> str:
    """Where a remark stands now; one that was placed by hand stands where it was put."""
    key = remark.section_in_draft or remark.section_key
    return str(sections[key]) if key in sections else _("The whole document")


def _words(remark: Remark) -> str:
    """What was said; a proposal may come without a word beside it."""
    return remark.text or remark.quote or str(KINDS[PROPOSAL])
