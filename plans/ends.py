"""What is still to be completed in a plan, each thing with the place where it is put right."""

from dataclasses import dataclass
from typing import Any

from criteria.models import Criterion
from documents.models.document import in_language
from plans.desk import ShownAnswer, shown_answer
from plans.models import Plan, Priority
from plans.queries import LooseEnd, NumberedGoal, loose_ends


@dataclass(frozen=True)
class ShownNeeds:
    """The needs of one handbook under one theme that nothing in the plan answers."""

    place: str
    heading: str
    answers: list[ShownAnswer]


@dataclass(frozen=True)
class EndsOfOne:
    """Everything that is missing in one goal or measure."""

    number: str
    title: str
    goal_id: str
    action_id: str
    """Empty where it is the goal itself that lacks something."""
    ends: list[LooseEnd]

    @property
    def kinds(self) -> set[str]:
        return {end.kind for end in self.ends}


@dataclass(frozen=True)
class PlanEnds:
    """The page "To complete"."""

    needs: list[ShownNeeds]
    ends: list[EndsOfOne]
    criteria: list[Criterion]
    waiting: int
    goals: list[NumberedGoal]
    count: int
    groups: int
    """Groups of needs that wait for a decision."""
    priorities: list[Priority]
    """Those without a goal."""


def plan_ends(plan: Plan) -> PlanEnds:
    found = loose_ends(plan)
    grouped: dict[tuple[str, str], EndsOfOne] = {}
    for end in found.ends:
        row: Any = end.action or end.goal
        key = (end.goal.public_id if end.goal else "", end.action.public_id if end.action else "")
        grouped.setdefault(key, EndsOfOne(end.number, str(row), *key, [])).ends.append(end)
    return PlanEnds(
        needs=[
            ShownNeeds(group.handbook.place, in_language(group.heading), [shown_answer(row) for row in group.answers])
            for group in found.needs
        ],
        ends=list(grouped.values()),
        criteria=found.criteria_without_goal,
        waiting=found.waiting_candidates,
        goals=found.goals,
        count=found.count,
        groups=found.groups_to_decide,
        priorities=found.priorities_without_goal,
    )
