"""What the page of goals and measures shows: every goal of the draft with all that hangs on it, ready to be read."""

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _

from criteria.models import Criterion
from documents.models import Section
from documents.models.document import in_language
from documents.queries import Outline, OutlineRow, outline_of
from plans.blocks import parties_named, role_key
from plans.models import Action, ActionRole, Goal, Indicator, Plan, Source
from plans.queries import NumberedGoal, numbered_goals

STATUS_BADGES = {"in_progress": "under_way", "not_doing": "not_done"}
"""Where a status of a measure and its badge do not have the same name."""


@dataclass(frozen=True)
class SourceLink:
    """ "From: Oulu handbook, section 4.2", with the way there and the handbook's own words."""

    label: str
    url: str
    quote: str


@dataclass(frozen=True)
class ShownAction:
    """A measure as a row of its goal's table."""

    action: Action
    number: str
    lead: str
    owners: str
    partners: str
    schedule: str
    resources: str
    status: str
    """Name of the badge; empty while nobody has noted how the measure stands."""
    url: str
    sources: list[SourceLink]


@dataclass(frozen=True)
class ShownIndicator:
    """An indicator in one line: its name, and from where to where."""

    indicator: Indicator
    baseline: str
    target: str
    latest: str
    url: str


@dataclass(frozen=True)
class ShownGoal:
    """A goal with its criteria, indicators and measures. `url` is what the addresses of all its pages begin with."""

    goal: Goal
    url: str
    number: str
    criteria: list[str]
    indicators: list[ShownIndicator]
    actions: list[ShownAction]
    sources: list[SourceLink]


@dataclass(frozen=True)
class GoalSection:
    """A section of the plan with its goals."""

    section: Section
    number: str
    goals: list[ShownGoal]


def source_url(source: Source) -> str:
    """The place in the handed-in version of the handbook."""
    handbook = source.handbook
    address = reverse(
        "documents:version-detail",
        args=[handbook.region.slug, handbook.kind, handbook.public_id, source.version.number],
    )
    return f"{address}#b-{source.source_block_id}"


def source_label(title: str, section: str) -> str:
    if not section:
        return _("From: %(handbook)s") % {"handbook": title}
    return _("From: %(handbook)s, section %(number)s") % {"handbook": title, "number": section}


def source_links_by_block(plan: Plan, block_ids: Iterable[str]) -> dict[str, list[SourceLink]]:
    """The handbook answers behind each block, in the order of areas; one query."""
    rows = (
        Source.objects.filter(plan=plan, block_id__in=list(block_ids))
        .select_related("handbook", "version")
        .only(
            "block_id",
            "source_block_id",
            "section_label",
            "quote",
            "handbook__public_id",
            "handbook__kind",
            "handbook__title",
            "version__number",
        )
        .order_by("handbook__handbook__area__position", "pk")
    )
    versions: dict[int, str] = {}
    links: dict[str, list[SourceLink]] = {}
    for row in rows:
        if row.version_id not in versions:
            args = [plan.document.region.slug, row.handbook.kind, row.handbook.public_id, row.version.number]
            versions[row.version_id] = reverse("documents:version-detail", args=args)
        label = source_label(in_language(row.handbook.title), row.section_label)
        link = SourceLink(label, f"{versions[row.version_id]}#b-{row.source_block_id}", row.quote)
        links.setdefault(row.block_id, []).append(link)
    return links


def schedule_text(action: Action) -> str:
    """As it is printed; without a printed wording, the dates."""
    if printed := in_language(action.schedule):
        return printed
    return period_text(action.starts_on, action.ends_on)


def period_text(starts_on: datetime.date | None, ends_on: datetime.date | None) -> str:
    if not starts_on and not ends_on:
        return ""
    first, last = (formats.date_format(day, "SHORT_DATE_FORMAT") if day else "" for day in (starts_on, ends_on))
    return f"{first}–{last}"


def resource_labels(resources: Iterable[str]) -> list[str]:
    return [str(Action.Resource(key).label) for key in resources if key in Action.Resource.values]


def euros_text(euros: Mapping[int, int]) -> str:
    """ "2026: 12 000 €, 2027: 8 000 €", each sum on one line."""
    return ", ".join(
        f"{year}: {formats.number_format(amount, force_grouping=True)}\N{NO-BREAK SPACE}€"
        for year, amount in euros.items()
    )


def _resources(action: Action) -> str:
    costs = euros_text({row.year: int(row.amount) for row in action.euros.all() if row.amount})
    return "; ".join(part for part in (", ".join(resource_labels(action.resources)), costs) if part)


def _roles(action: Action, role: str) -> str:
    return ", ".join(
        getattr(row.organisation, "label", None) or str(row.group) for row in action.roles.all() if row.role == role
    )


@dataclass(frozen=True)
class Addresses:
    """What the addresses of each thing's pages begin with: reversed once, because a page has hundreds of them."""

    goals: str
    actions: str
    indicators: str

    @classmethod
    def of(cls, plan: Plan) -> "Addresses":
        def start(name: str) -> str:
            args = [plan.document.region.slug, plan.document.public_id, "x"]
            return reverse(f"plans:{name}-edit", args=args).removesuffix("x/edit/")

        return cls(start("goal"), start("action"), start("indicator"))


def _shown_action(
    number: str, action: Action, sources: Mapping[str, list[SourceLink]], addresses: Addresses
) -> ShownAction:
    entry = action.status
    return ShownAction(
        action=action,
        number=number,
        lead=_roles(action, ActionRole.Role.LEAD),
        owners=_roles(action, ActionRole.Role.OWNER),
        partners=_roles(action, ActionRole.Role.PARTNER),
        schedule=schedule_text(action),
        resources=_resources(action),
        status=STATUS_BADGES.get(entry.status, entry.status) if entry else "",
        sources=sources.get(action.block_id, []),
        url=f"{addresses.actions}{action.public_id}/",
    )


def measured(value: Decimal | None, unit: str, year: int | None) -> str:
    """ "12,5 % (2023)"; empty without a value."""
    if value is None:
        return ""
    number = formats.number_format(value, use_l10n=True, force_grouping=True)
    if "," in number or "." in number:
        number = number.rstrip("0").rstrip(",.")
    return f"{number}\N{NO-BREAK SPACE}{unit}".strip() + (f" ({year})" if year else "")


def _shown_indicator(indicator: Indicator, addresses: Addresses) -> ShownIndicator:
    unit = in_language(indicator.unit)
    latest = max((row for row in indicator.values.all() if row.area_id is None), key=lambda row: row.year, default=None)
    return ShownIndicator(
        indicator=indicator,
        baseline=measured(indicator.baseline, unit, indicator.baseline_year),
        target=measured(indicator.target, unit, indicator.target_year),
        latest=measured(latest.value, unit, latest.year) if latest else "",
        url=f"{addresses.indicators}{indicator.public_id}/",
    )


def _shown_goal(row: NumberedGoal, sources: Mapping[str, list[SourceLink]], addresses: Addresses) -> ShownGoal:
    goal = row.goal
    return ShownGoal(
        goal=goal,
        url=f"{addresses.goals}{goal.public_id}/",
        number=row.number,
        criteria=[str(item) for item in sorted(goal.criteria.all(), key=lambda item: (item.position, item.pk))],
        indicators=[_shown_indicator(item, addresses) for item in goal.indicators.all() if item.removed_at is None],
        actions=[_shown_action(number, action, sources, addresses) for number, action in row.actions],
        sources=sources.get(goal.block_id, []),
    )


@dataclass(frozen=True)
class GoalFilter:
    """What the reader wants to see of the goals. Empty means all."""

    organisation: str = ""
    """`organisation:<public id>` or `group:<public id>`."""
    criterion: str = ""
    status: str = ""
    """A status, or `none` for measures of which nobody has noted how they stand."""

    @property
    def of_actions(self) -> bool:
        return bool(self.organisation or self.status)

    def keeps(self, action: Action) -> bool:
        entry = action.status
        if self.status and (entry.status if entry else "none") != self.status:
            return False
        return not self.organisation or any(role_key(role) == self.organisation for role in action.roles.all())


def filtered(goals: Iterable[NumberedGoal], wanted: GoalFilter) -> list[NumberedGoal]:
    """The goals that answer the criterion, and of them those with a measure that the rest fits, with these alone."""
    result = []
    for row in goals:
        if wanted.criterion and all(item.key != wanted.criterion for item in row.goal.criteria.all()):
            continue
        actions = [(number, action) for number, action in row.actions if wanted.keeps(action)]
        if actions or not wanted.of_actions:
            result.append(replace(row, actions=actions))
    return result


def involved(goals: Iterable[NumberedGoal]) -> list[tuple[str, str]]:
    """Everyone who is named in a measure, by key and name, for the filter."""
    found = {
        role_key(role): str(role) for row in goals for _number, action in row.actions for role in action.roles.all()
    }
    return sorted(found.items(), key=lambda item: item[1].casefold())


@dataclass(frozen=True)
class GoalList:
    """The goals of a plan by section. `total` counts all measures, `shown` those that the filter keeps."""

    outline: Outline
    sections: list[GoalSection]
    everyone: list[tuple[str, str]]
    shown: int
    total: int


def goal_list(plan: Plan, wanted: GoalFilter) -> GoalList:
    """Everything on the page, in a number of queries that does not grow."""
    goals = numbered_goals(plan)
    kept = filtered(goals, wanted)
    ids = [key for row in kept for key in (row.goal.block_id, *(action.block_id for _number, action in row.actions))]
    sources = source_links_by_block(plan, ids)
    outline = outline_of(plan.document)
    return GoalList(
        outline=outline,
        sections=_by_section(outline.rows, kept, sources, Addresses.of(plan)),
        everyone=involved(goals),
        shown=sum(len(row.actions) for row in kept),
        total=sum(len(row.actions) for row in goals),
    )


def _by_section(
    rows: Iterable[OutlineRow],
    goals: Sequence[NumberedGoal],
    sources: Mapping[str, list[SourceLink]],
    addresses: Addresses,
) -> list[GoalSection]:
    below: dict[int, list[NumberedGoal]] = {}
    for goal in goals:
        below.setdefault(goal.goal.section_id, []).append(goal)
    return [
        GoalSection(row.section, row.number, [_shown_goal(goal, sources, addresses) for goal in below[row.section.pk]])
        for row in rows
        if row.section.pk in below
    ]


# --- For those who choose between two values -------------------------------------------------------------------


def tell_value(unit: str, value: Any) -> str:
    """The value of a field of a goal, indicator or measure in words: names instead of keys, dates as people write."""
    tell = _TELLERS.get(unit, str)
    return tell(value)


def _told_date(value: str) -> str:
    return formats.date_format(datetime.date.fromisoformat(value), "SHORT_DATE_FORMAT")


def _told_criteria(keys: Sequence[str]) -> str:
    return ", ".join(str(row) for row in Criterion.objects.filter(key__in=keys).order_by("position"))


def _told_roles(roles: Sequence[Mapping[str, str]]) -> str:
    """ "Lead responsibility: Perheyhdistys", a part for each role that somebody has."""
    named = parties_named({role["key"] for role in roles})
    told = []
    for role in ActionRole.Role:
        names = [named[row["key"]] for row in roles if row["role"] == role and row["key"] in named]
        if names:
            told.append(f"{role.label}: {', '.join(names)}")
    return "; ".join(told)


_TELLERS: dict[str, Callable[[Any], str]] = {
    "roles": _told_roles,
    "starts_on": _told_date,
    "ends_on": _told_date,
    "resources": lambda value: ", ".join(resource_labels(value)),
    "euros": lambda value: euros_text({int(year): amount for year, amount in value.items()}),
    "criteria": _told_criteria,
    "baseline": lambda value: measured(Decimal(value), "", None),
    "target": lambda value: measured(Decimal(value), "", None),
}
