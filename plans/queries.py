"""Pages and reports of a plan that join several models."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from criteria.models import CriteriaGroup, Criterion
from documents.models import Document, Section
from documents.services.versions import labels, outline_order
from handbooks.models import Handbook
from plans.answers import Answer, handed_in_answers
from plans.blocks import numbers
from plans.left import reasons_left
from plans.models import Action, ActionRole, Goal, Plan, Priority, Source

NETWORK_WORDS = ("verkosto", "nätverk", "network", "kaikki toimijat", "samtliga aktörer")
"""Names that look like an owner and are nobody: who reports for "the network"?"""
CONTINUOUS_WORDS = ("jatkuva", "fortlöpande", "continuous", "ongoing")


# --- What a version says of the whole plan --------------------------------------------------------------------


def plan_snapshot(document: Document) -> dict[str, Any]:
    """Period, criteria, sources, handbooks and what was decided on needs, as JSON for a frozen version."""
    plan = Plan.objects.select_related("criteria_set").get(document=document)
    criteria = plan.criteria_set.criteria.select_related("group").order_by("group__position", "position")
    sources = list(plan.sources.for_list().order_by("handbook__handbook__area__position", "pk"))
    handbooks = (
        Handbook.objects.filter(document_id__in={source.handbook_id for source in sources})
        .for_list()
        .order_by("area__position", "pk")
    )
    return {
        "period": plan.period,
        "starts_on": plan.starts_on.isoformat(),
        "ends_on": plan.ends_on.isoformat(),
        "criteria_set": {"name": labels(plan.criteria_set, "name"), "official": plan.criteria_set.official},
        "criteria": [
            {
                "key": criterion.key,
                "code": criterion.code,
                "title": labels(criterion, "title"),
                "group": labels(criterion.group, "name"),
            }
            for criterion in criteria
        ],
        "sources": [
            {
                "block": source.block_id,
                "handbook": {
                    "public_id": source.handbook.public_id,
                    "title": source.handbook.title,
                    "place": _place(source.handbook.handbook),
                },
                "version": source.version.number,
                "source_block": source.source_block_id,
                "section": source.section_label,
                "quote": source.quote,
            }
            for source in sources
        ],
        "handbooks": [
            {
                "title": handbook.document.title,
                "place": _place(handbook),
                "version": handbook.handed_in.number if handbook.handed_in else None,
                "frozen_at": handbook.handed_in.frozen_at.date().isoformat() if handbook.handed_in else None,
            }
            for handbook in handbooks
        ],
        "needs": _needs_snapshot(plan),
    }


def _needs_snapshot(plan: Plan) -> list[dict[str, Any]]:
    """The groups of needs that have been decided on, with the areas that raised them. Words of the areas are not told.

    A group that waits for its meeting, or whose priority was removed since, is nobody else's matter yet.
    """
    rows = plan.need_groups.select_related("priority__section", "body").order_by("position", "pk")
    groups = [row for row in rows if not row.is_open]
    places: dict[int, dict[int, dict[str, str]]] = {row.pk: {} for row in groups}
    items = plan.grouped_needs.filter(group__in=groups).select_related(
        "handbook__handbook__area", "handbook__handbook__municipality"
    )
    for item in items.order_by("handbook__handbook__area__position", "handbook__handbook__pk"):
        places[item.group_id].setdefault(item.handbook_id, _place(item.handbook.handbook))
    return [
        {
            "title": row.title,
            "state": row.state,
            "section": row.priority.section.key if row.priority else None,
            "reason": row.reason,
            "areas": list(places[row.pk].values()),
            "body": labels(row.body, "name") if row.body else None,
            "decided_on": row.decided_on.isoformat() if row.decided_on else None,
        }
        for row in groups
    ]


def _place(handbook: Handbook) -> dict[str, str]:
    row = handbook.area or handbook.municipality or handbook.region
    return {"fi": handbook.place} if handbook.centre else labels(row, "name")


# --- Where things come from and where they led ------------------------------------------------------------------


def sources_by_block(plan: Plan, block_ids: Iterable[str] | None = None) -> dict[str, list[Source]]:
    """The handbook answers behind each block of the plan."""
    rows = plan.sources.for_list().select_related("handbook__region", "handbook__handbook__municipality")
    if block_ids is not None:
        rows = rows.filter(block_id__in=list(block_ids))
    result: dict[str, list[Source]] = defaultdict(list)
    for source in rows.order_by("handbook__handbook__area__position", "pk"):
        result[source.block_id].append(source)
    return dict(result)


def homes_of(plan: Plan) -> tuple[dict[str, Section], dict[str, str]]:
    """The section of each block of the draft, and the numbers of its goals and actions."""
    sections = outline(plan)
    homes = {block.id: section for section in sections for block in section.blocks}
    return homes, numbers(block for section in sections for block in section.blocks)


def outline(plan: Plan) -> list[Section]:
    """The plan's present sections with their text, in reading order."""
    return outline_order(plan.document.sections.present().select_related("head", "criterion", "parent"))


# --- Goals and measures by criterion ----------------------------------------------------------------------------


@dataclass(frozen=True)
class NumberedGoal:
    goal: Goal
    number: str
    actions: list[tuple[str, Action]]


@dataclass(frozen=True)
class CriterionSummary:
    """A criterion with the goals that answer it and their actions."""

    criterion: Criterion
    goals: list[NumberedGoal]


def numbered_goals(plan: Plan) -> list[NumberedGoal]:
    """All goals of the draft in order, with their numbers and actions, in a constant number of queries."""
    homes, number = homes_of(plan)
    goals = {goal.block_id: goal for goal in plan.goals.filter(removed_at=None, section__removed_at=None).for_list()}
    by_pk = {goal.pk: goal for goal in goals.values()}
    actions = plan.actions.filter(removed_at=None, section__removed_at=None).for_list().select_related(None)
    below: dict[int, list[tuple[str, Action]]] = defaultdict(list)
    for action in actions:
        if action.block_id in number and action.goal_id in by_pk:
            action.goal = by_pk[action.goal_id]
            below[action.goal_id].append((number[action.block_id], action))
    order = [key for key in homes if key in goals]
    return [
        NumberedGoal(goals[key], number[key], sorted(below[goals[key].pk], key=lambda row: _sortable(row[0])))
        for key in order
    ]


def _sortable(number: str) -> list[int]:
    return [int(part) for part in number.split(".")]


def summary_by_criterion(plan: Plan) -> list[tuple[CriteriaGroup, list[CriterionSummary]]]:
    """The closing summary: every criterion, also those without a goal, by group."""
    goals = numbered_goals(plan)
    by_criterion: dict[int, list[NumberedGoal]] = defaultdict(list)
    for row in goals:
        for criterion in row.goal.criteria.all():
            by_criterion[criterion.pk].append(row)
    result: list[tuple[CriteriaGroup, list[CriterionSummary]]] = []
    criteria = plan.criteria_set.criteria.select_related("group").order_by("group__position", "position", "key")
    for criterion in criteria:
        if not result or result[-1][0].pk != criterion.group_id:
            result.append((criterion.group, []))
        result[-1][1].append(CriterionSummary(criterion, by_criterion[criterion.pk]))
    return result


# --- Loose ends -----------------------------------------------------------------------------------------------


@dataclass
class UnansweredNeeds:
    """The needs that one handbook raised under one theme, and nothing in the plan answers."""

    handbook: Handbook
    heading: Mapping[str, str]
    answers: list[Answer] = field(default_factory=list)


@dataclass(frozen=True)
class LooseEnd:
    """Something that a reader or a reporter will stumble over. `message` is a whole sentence."""

    kind: str
    message: Any
    goal: Goal | None = None
    action: Action | None = None
    number: str = ""


@dataclass(frozen=True)
class LooseEnds:
    needs: list[UnansweredNeeds]
    ends: list[LooseEnd]
    criteria_without_goal: list[Criterion]
    waiting_candidates: int
    goals: list[NumberedGoal]
    groups_to_decide: int = 0
    """Groups of needs that wait for the meeting on priorities."""
    priorities_without_goal: list[Priority] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many things the page "To complete" lists, apart from the proposed measures, which it counts by name."""
        needs = sum(len(group.answers) for group in self.needs) + self.groups_to_decide
        return needs + len(self.ends) + len(self.criteria_without_goal) + len(self.priorities_without_goal)


def loose_ends(plan: Plan) -> LooseEnds:
    """What is still missing before the plan holds: read by the coordinator before each freezing."""
    goals = numbered_goals(plan)
    ends: list[LooseEnd] = []
    for row in goals:
        indicators = [item for item in row.goal.indicators.all() if item.removed_at is None]
        if not row.actions:
            ends.append(LooseEnd("goal_without_action", _("The goal has no measure."), row.goal, None, row.number))
        if not indicators:
            ends.append(LooseEnd("goal_without_indicator", _("The goal has no indicator."), row.goal, None, row.number))
        if not row.goal.criteria.all():
            ends.append(LooseEnd("goal_without_criterion", _("The goal has no criterion."), row.goal, None, row.number))
        for number, action in row.actions:
            ends.extend(
                LooseEnd(kind, text, row.goal, action, number) for kind, text in _ends_of(action, bool(indicators))
            )
    covered = {criterion.pk for row in goals for criterion in row.goal.criteria.all()}
    criteria = plan.criteria_set.criteria.order_by("group__position", "position")
    return LooseEnds(
        needs=unanswered_needs(plan),
        ends=ends,
        criteria_without_goal=[criterion for criterion in criteria if criterion.pk not in covered],
        waiting_candidates=plan.candidates.waiting().count(),
        goals=goals,
        groups_to_decide=sum(1 for group in plan.need_groups.select_related("priority__section") if group.is_open),
        priorities_without_goal=_without_goal(plan, [row.goal for row in goals]),
    )


def _without_goal(plan: Plan, goals: Iterable[Goal]) -> list[Priority]:
    """The priorities in whose section, and below it, no goal stands."""
    homes: set[int | None] = set()
    for goal in goals:
        parent = goal.section.parent
        homes |= {goal.section_id, goal.section.parent_id, parent.parent_id if parent else None}
    rows = plan.priorities.standing().select_related("section").in_order()
    return [row for row in rows if row.section_id not in homes]


def _ends_of(action: Action, has_indicator: bool) -> list[tuple[str, Any]]:
    ends: list[tuple[str, Any]] = []
    owners = [role for role in action.roles.all() if role.role != ActionRole.Role.PARTNER]
    if not owners:
        ends.append(("action_without_owner", _("The measure has no responsible organisation.")))
    elif not any(role.role == ActionRole.Role.LEAD for role in owners):
        ends.append(("action_without_lead", _("Nobody has the lead responsibility.")))
    names = [str(role).casefold() for role in owners]
    if any(word in name for name in names for word in NETWORK_WORDS):
        ends.append(
            ("network_as_owner", _("“The network” is responsible. Nobody can report for it: name an organisation."))
        )
    schedules = [text.casefold() for text in action.schedule.values()]
    if not has_indicator and any(word in text for text in schedules for word in CONTINUOUS_WORDS):
        ends.append(
            ("continuous_without_indicator", _("The measure is continuous and nothing tells whether it succeeds."))
        )
    if not schedules and not action.starts_on and not action.ends_on:
        ends.append(("action_without_schedule", _("The measure has no schedule.")))
    return ends


def unanswered_needs(plan: Plan) -> list[UnansweredNeeds]:
    """Needs that led to nothing, by handbook and theme.

    A need is answered when it is itself a source of a goal or an action, when an action has a source under the same
    theme of the same handbook, when it was marked "not this period" with a reason, alone or with its group, or when its
    group became part of a priority. A need whose group waits for its decision is told with the group.
    """
    answers = handed_in_answers(plan)
    goals_and_actions = {
        *plan.goals.filter(removed_at=None).values_list("block_id", flat=True),
        *plan.actions.filter(removed_at=None).values_list("block_id", flat=True),
    }
    tied = {
        source_id
        for source_id, block_id in plan.sources.values_list("source_block_id", "block_id")
        if block_id in goals_and_actions
    }
    decided = reasons_left(plan).keys() | set(plan.grouped_needs.values_list("block_id", flat=True))
    themes = {(answer.handbook.pk, answer.chapter.key) for answer in answers if answer.block.id in tied}
    groups: dict[tuple[int, str], UnansweredNeeds] = {}
    for answer in answers:
        key = (answer.handbook.pk, answer.chapter.key)
        if answer.facet != Section.Facet.DEVELOPMENT_NEED or key in themes or answer.block.id in decided:
            continue
        groups.setdefault(key, UnansweredNeeds(answer.handbook, answer.chapter.heading)).answers.append(answer)
    return list(groups.values())
