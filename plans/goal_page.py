"""One page of the list of goals and measures: what is looked for, in which order, and how many there are of what."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator

from documents.models.document import in_language
from documents.queries import section_numbers
from documents.services.versions import outline_order
from plans.goal_list import (
    GoalSection,
    ShownAction,
    ShownGoal,
    involved,
    shown_goals,
    source_links_by_block,
    with_details,
)
from plans.models import Plan, Source, StatusEntry

NUMBER = "number"


@dataclass(frozen=True)
class GoalFilter:
    """What the reader wants to see of the goals and measures, and in which order. Empty means all."""

    organisation: str = ""
    """`organisation:<public id>` or `group:<public id>`."""
    role: str = ""
    """In which role; empty for any."""
    criterion: str = ""
    area: str = ""
    """The key of an area: measures that came from its handbook."""
    year: str = ""
    """A year, or `none` for measures without any time."""
    status: str = ""
    """A status, or `none` for measures of which nobody has noted how they stand."""
    q: str = ""
    """Words that stand in the measure, its goal, or the names of those who are named in it."""
    sort: str = ""
    """`starts`, `ends`, `status` or `organisation`; the number where nothing is said."""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        return cls(**{item.name: str(values.get(item.name) or "")[:200] for item in fields(cls)})

    @property
    def query(self) -> str:
        """As an address says it."""
        return urlencode({name: value for name, value in vars(self).items() if value})

    @property
    def is_sorted(self) -> bool:
        return self.sort in ORDERS

    @property
    def of_actions(self) -> bool:
        """Whether goals without a fitting measure are left out."""
        return bool(self.organisation or self.role or self.area or self.year or self.status or self.q)

    @property
    def is_empty(self) -> bool:
        return not (self.of_actions or self.criterion)

    def chosen(self, plan: Plan, goals: Iterable[ShownGoal]) -> list[ShownGoal]:
        """The goals that answer the criterion; of them those with a measure that the rest fits, with these alone."""
        if self.is_empty:
            return list(goals)
        from_area = _from_area(plan, self.area) if self.area else frozenset()
        described = _descriptions(plan) if self.q else {}
        result = []
        for goal in goals:
            if self.criterion and self.criterion not in goal.criteria:
                continue
            actions = [
                action
                for action in goal.actions
                if self.keeps(action)
                and (not self.area or action.block_id in from_area)
                and self.has_words(goal, action, described.get(action.public_id, ""))
            ]
            if actions or not self.of_actions:
                result.append(replace(goal, actions=actions))
        return result

    def keeps(self, action: ShownAction) -> bool:
        """As far as the measure itself can tell."""
        if self.status and (action.status or "none") != self.status:
            return False
        if self.year and not _is_in(action, self.year):
            return False
        if not self.organisation and not self.role:
            return True
        return any(self.organisation in ("", party.key) and self.role in ("", role) for role, party in action.parties)

    def has_words(self, goal: ShownGoal, action: ShownAction, description: str) -> bool:
        words = self.q.casefold().split()
        if not words:
            return True
        names = (name for _role, party in action.parties for name in (party.name, party.label))
        parts = (action.number, action.title, description, goal.title, action.schedule, *names, *action.extra.values())
        text = "\n".join(parts).casefold()
        return all(word in text for word in words)

    def in_order(self, measures: Iterable[ShownAction]) -> list[ShownAction]:
        """Those of which the order knows nothing come last; equals stay in the order of their numbers."""
        return sorted(measures, key=ORDERS[self.sort]) if self.is_sorted else list(measures)


_STATUS_PLACES = {status: place for place, status in enumerate(StatusEntry.Status.values)}
ORDERS: dict[str, Callable[[ShownAction], Any]] = {
    "starts": lambda action: (action.starts_on is None, action.starts_on or 0),
    "ends": lambda action: (action.ends_on is None, action.ends_on or 0),
    "status": lambda action: _STATUS_PLACES.get(action.status, len(_STATUS_PLACES)),
    "organisation": lambda action: (not action.parties, (action.lead or action.owners or action.partners).casefold()),
}


def _is_in(action: ShownAction, year: str) -> bool:
    """Whether a measure is carried out in a year, as far as its dates, its costs or its printed schedule say so."""
    known = action.starts_on or action.ends_on or action.euros or action.schedule
    if year == "none" or not year.isdecimal():
        return not known
    wanted = int(year)
    if wanted in action.euros or year in action.schedule:
        return True
    if not (action.starts_on or action.ends_on):
        return False
    first = action.starts_on.year if action.starts_on else 0
    last = action.ends_on.year if action.ends_on else 9999
    return first <= wanted <= last


def _from_area(plan: Plan, area: str) -> frozenset[str]:
    """The blocks that came from the handbook of an area."""
    rows = Source.objects.filter(plan=plan, handbook__handbook__area__key=area)
    return frozenset(rows.values_list("block_id", flat=True))


def _descriptions(plan: Plan) -> dict[str, str]:
    rows = plan.actions.filter(removed_at=None).values_list("public_id", "description")
    return {public_id: in_language(text) for public_id, text in rows if text}


# --- The page --------------------------------------------------------------------------------------------------

PER_PAGE = 50


@dataclass(frozen=True)
class GoalList:
    """One page of the goals and measures of a plan.

    `sections` are in the order of the text; where something else than the number decides the order there are `measures`
    instead. `shown` counts the measures that the filter keeps on all pages, `total` all of the plan.
    """

    sections: list[GoalSection]
    measures: list[ShownAction]
    page: Page[Any]
    everyone: list[tuple[str, str]]
    counts: list[tuple[str, int]]
    """How many of the measures that are kept stand how, in the order of the statuses."""
    shown: int
    total: int


def goal_list(plan: Plan, wanted: GoalFilter, *, page: str | int | None = None, at: str = "") -> GoalList:
    """Page `page` of the goals and measures, or the one with block `at`, in a number of queries that does not grow."""
    outline = plan.document.sections.present().only("document", "key", "parent", "position", "heading", "numbered")
    sections = outline_order(outline)
    goals = shown_goals(plan, sections)
    kept = wanted.chosen(plan, goals)
    measures = [action for goal in kept for action in goal.actions]
    total = sum(len(goal.actions) for goal in goals)
    everyone, counts = involved(goals), _counted(measures)
    if wanted.is_sorted:
        found = _page_of(wanted.in_order(measures), page, at)
        sources = source_links_by_block(plan, [action.block_id for action in found])
        shown = [replace(action, sources=sources.get(action.block_id, [])) for action in found]
        return GoalList([], shown, found, everyone, counts, len(measures), total)
    lines: list[tuple[ShownGoal, ShownAction | None]] = []
    for goal in kept:
        lines += [(goal, action) for action in goal.actions] or [(goal, None)]
    found = _page_of(lines, page, at)
    by_goal: dict[int, tuple[ShownGoal, list[ShownAction]]] = {}
    for goal, action in found:
        by_goal.setdefault(goal.pk, (goal, []))[1].extend([action] if action else [])
    below: dict[int, list[ShownGoal]] = defaultdict(list)
    for goal in with_details(plan, (replace(goal, actions=actions) for goal, actions in by_goal.values())):
        below[goal.section_id].append(goal)
    numbers = section_numbers(sections)
    shown_sections = [GoalSection(row, numbers[row.pk], below[row.pk]) for row in sections if row.pk in below]
    return GoalList(shown_sections, [], found, everyone, counts, len(measures), total)


def _page_of(rows: Sequence[Any], page: str | int | None, at: str) -> Page[Any]:
    if at:
        places = (place for place, row in enumerate(rows) if at in _ids(row))
        page = next(places, 0) // PER_PAGE + 1
    return Paginator(rows, PER_PAGE).get_page(page)


def _ids(row: Any) -> list[str]:
    return [part.block_id for part in (row if isinstance(row, tuple) else [row]) if part]


def _counted(measures: Iterable[ShownAction]) -> list[tuple[str, int]]:
    found = Counter(action.status for action in measures)
    return [(status, found[status]) for status in (*StatusEntry.Status.values, "") if found[status]]
