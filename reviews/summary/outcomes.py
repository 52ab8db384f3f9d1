"""What came of one respondent's remarks, for herself: her words, the outcome, the reason, in her language."""

from collections import Counter
from dataclasses import dataclass

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from documents.models.document import in_language
from reviews.models import Answer, Remark, Statement

CHANGED = frozenset({Answer.Outcome.ACCEPTED, Answer.Outcome.CHANGED})


@dataclass(frozen=True)
class OwnRemark:
    """One of her remarks and what came of it; `answer` None while nobody has answered."""

    remark: Remark
    answer: Answer | None
    reason: str

    @property
    def outcome_text(self) -> str:
        return str(self.answer.get_outcome_display()) if self.answer else _("Not answered yet")


def own_remarks(statement: Statement, language: str) -> list[OwnRemark]:
    """All that she said at places of the text, in its order: three queries."""
    remarks = list(statement.remarks.said().order_by("order", "pk"))
    answers = Answer.objects.in_force().filter(remarks__in=remarks).prefetch_related("remarks").distinct()
    by_remark = {remark.pk: answer for answer in answers for remark in answer.remarks.all()}
    rows = []
    for remark in remarks:
        answer = by_remark.get(remark.pk)
        rows.append(OwnRemark(remark, answer, in_language(answer.reason, language) if answer else ""))
    return rows


def in_a_sentence(rows: list[OwnRemark]) -> str:
    """How many remarks she made and what they led to: the first lines of the mail and of the page."""
    if not rows:
        return _("Your answer is part of the summary of the round.")
    counts = Counter(_sort(row) for row in rows)
    parts = []
    if count := counts["changed"]:
        parts.append(ngettext("one changed the text", "%(count)d changed the text", count) % {"count": count})
    if count := counts["partly"]:
        text = ngettext("one was taken into account in part", "%(count)d were taken into account in part", count)
        parts.append(text % {"count": count})
    if count := counts["same"]:
        parts.append(
            ngettext("with one the text stayed as it is", "with %(count)d the text stayed as it is", count)
            % {"count": count}
        )
    if count := counts["noted"]:
        parts.append(ngettext("one was noted", "%(count)d were noted", count) % {"count": count})
    if count := counts["open"]:
        parts.append(ngettext("one has no answer yet", "%(count)d have no answer yet", count) % {"count": count})
    made = ngettext("You made one remark", "You made %(count)d remarks", len(rows)) % {"count": len(rows)}
    listed = get_text_list(parts, pgettext("between the last two of a list", "and"))
    return _("%(made)s: %(parts)s.") % {"made": made, "parts": listed}


def _sort(row: OwnRemark) -> str:
    if row.answer is None:
        return "open"
    if row.answer.outcome in CHANGED:
        return "changed"
    return {Answer.Outcome.PARTLY: "partly", Answer.Outcome.NOTED: "noted"}.get(
        Answer.Outcome(row.answer.outcome), "same"
    )
