"""What the plan makes of each answer of the handbooks: where it stands, why it was left out, what still waits."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import pgettext_lazy

from documents.models import Section
from documents.queries import section_numbers
from documents.services.versions import outline_order
from handbooks.models import Handbook
from plans.answers import Answer, answers_of, handed_in_answers
from plans.left import reasons_left
from plans.models import Candidate, Plan
from plans.queries import homes_of


class State(models.TextChoices):
    """What became of an answer, in the words of its group."""

    USED = "used", pgettext_lazy("state of an answer", "In the plan")
    LEFT = "left", pgettext_lazy("state of an answer", "Left out")
    WAITS = "waits", pgettext_lazy("state of an answer", "Not yet handled")
    BACKGROUND = "background", pgettext_lazy("state of an answer", "Background")


@dataclass(frozen=True)
class UsePlace:
    """A place of the plan that an answer led to."""

    section: Section
    block_id: str
    number: str
    """Of a goal or measure; empty for text."""
    is_action: bool


@dataclass(frozen=True)
class Use:
    """One answer of a handbook and the places of a plan that it led to."""

    answer: Answer
    places: list[UsePlace] = field(default_factory=list)
    decision: str = ""
    """The reason, where it was left out."""

    @property
    def state(self) -> State:
        if self.places:
            return State.USED
        if self.decision:
            return State.LEFT
        return State.WAITS if self.answer.was_asked else State.BACKGROUND

    @property
    def waits(self) -> bool:
        return self.state == State.WAITS


def uses_in(plan: Plan, answers: Sequence[Answer]) -> dict[str, Use]:
    """For each answer, by its block, what became of it in the draft. A constant number of queries."""
    ties: dict[str, list[str]] = defaultdict(list)
    for source_block_id, block_id in plan.sources.order_by("pk").values_list("source_block_id", "block_id"):
        ties[source_block_id].append(block_id)
    homes, number = homes_of(plan)
    reasons = reasons_left(plan)
    reasons.update(plan.candidates.filter(state=Candidate.State.LEFT).values_list("source_block_id", "reason"))
    return {
        answer.block.id: Use(
            answer,
            [
                UsePlace(homes[key], key, number.get(key, ""), "." in number.get(key, ""))
                for key in ties.get(answer.block.id, [])
                if key in homes
            ],
            reasons.get(answer.block.id, ""),
        )
        for answer in answers
    }


def ordered_sections(plan: Plan) -> list[Section]:
    """The sections of the draft without their text, in reading order."""
    return outline_order(plan.document.sections.present().select_related("parent"))


def numbers_of_sections(plan: Plan) -> dict[int, str]:
    """The printed number of each section of the draft, by its key in the database, in reading order."""
    return section_numbers(ordered_sections(plan))


def where_words_went(handbook: Handbook, plan: Plan) -> list[Use]:
    """Each answer of a handbook's handed-in version with where it stands in a plan now."""
    return list(uses_in(plan, answers_of(handbook)).values())


# --- How much of the handbooks is used ----------------------------------------------------------------------------


@dataclass(frozen=True)
class HandbookUse:
    """How much the plan uses of what a handbook was asked."""

    handbook: Handbook
    answers: int
    used: int
    left: int = 0
    """Left out with a reason."""

    @property
    def waiting(self) -> int:
        return self.answers - self.used - self.left

    @property
    def percent(self) -> int:
        return round(100 * self.used / self.answers) if self.answers else 0


def handbook_use(
    plan: Plan, answers: Sequence[Answer] | None = None, uses: dict[str, Use] | None = None
) -> list[HandbookUse]:
    """For each handbook behind the plan, how many of the answers it was asked for are a source of something in it.

    `answers` and `uses` are given by callers that have them already.
    """
    answers = handed_in_answers(plan) if answers is None else answers
    uses = uses_in(plan, answers) if uses is None else uses
    return [
        HandbookUse(
            own[0].answer.handbook,
            len(own),
            sum(1 for use in own if use.state == State.USED),
            sum(1 for use in own if use.state == State.LEFT),
        )
        for own in _asked_by_handbook(answers, uses).values()
    ]


def _asked_by_handbook(answers: Iterable[Answer], uses: dict[str, Use]) -> dict[int, list[Use]]:
    rows: dict[int, list[Use]] = defaultdict(list)
    for answer in answers:
        if answer.was_asked:
            rows[answer.handbook.pk].append(uses[answer.block.id])
    return rows
