"""What the page of goals and measures shows: every goal of the draft with all that hangs on it, ready to be read.

A plan has hundreds of rows behind this page, so they are read as plain values, without an object for each.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _

from criteria.models import Criterion
from documents.models import Section
from documents.models.document import in_language
from documents.services.versions import outline_order
from plans.models import Action, ActionEuro, ActionRole, IndicatorValue, Plan, Source, StatusEntry
from regions.models import Organisation, OrganisationGroup

STATUS_BADGES = {"in_progress": "under_way", "not_doing": "not_done"}
"""Where a status of a measure and its badge do not have the same name."""


@dataclass(frozen=True)
class SourceLink:
    """ "From: Oulu handbook, section 4.2", with the way there and the handbook's own words."""

    label: str
    url: str
    quote: str


@dataclass(frozen=True)
class Party:
    """An organisation or a group of them that is named in a measure; `label` is its name for tables."""

    key: str
    name: str
    label: str


@dataclass(frozen=True)
class ShownAction:
    """A measure as a row of its goal's table."""

    block_id: str
    public_id: str
    title: str
    number: str
    lead: str
    owners: str
    partners: str
    parties: list[tuple[str, Party]]
    """All of these, each with its role."""
    starts_on: datetime.date | None
    ends_on: datetime.date | None
    schedule: str
    """As it is printed; empty where the dates are."""
    resources: str
    euros: dict[int, int]
    status: str
    """As it was last noted; empty while nobody has noted how the measure stands."""
    extra: dict[str, str]
    """What stands in the plan's extra fields, by their place."""
    url: str
    goal_url: str
    sources: list[SourceLink]

    @property
    def dates(self) -> str:
        return period_text(self.starts_on, self.ends_on)

    @property
    def time(self) -> str:
        """As the plan prints it."""
        return self.schedule or self.dates


@dataclass(frozen=True)
class ShownIndicator:
    """An indicator in one line: its name, and from where to where."""

    block_id: str
    name: str
    baseline: str
    target: str
    latest: str
    url: str


@dataclass(frozen=True)
class ShownGoal:
    """A goal with its criteria, indicators and measures. `url` is what the addresses of all its pages begin with."""

    block_id: str
    title: str
    section_id: int
    pk: int
    url: str
    number: str
    criteria: dict[str, str]
    """Key and name."""
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
        .order_by("handbook__handbook__area__position", "pk")
        .values_list(
            *("block_id", "source_block_id", "section_label", "quote", "version_id", "version__number"),
            *("handbook__kind", "handbook__public_id", "handbook__title"),
        )
    )
    versions: dict[int, str] = {}
    links: dict[str, list[SourceLink]] = {}
    for block_id, source_block_id, section, quote, version_id, number, kind, public_id, title in rows:
        if version_id not in versions:
            args = [plan.document.region.slug, kind, public_id, number]
            versions[version_id] = reverse("documents:version-detail", args=args)
        link = SourceLink(
            source_label(in_language(title), section), f"{versions[version_id]}#b-{source_block_id}", quote
        )
        links.setdefault(block_id, []).append(link)
    return links


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


def measured(value: Decimal | None, unit: str, year: int | None) -> str:
    """ "12,5 % (2023)"; empty without a value."""
    if value is None:
        return ""
    number = formats.number_format(value, use_l10n=True, force_grouping=True)
    if "," in number or "." in number:
        number = number.rstrip("0").rstrip(",.")
    return f"{number}\N{NO-BREAK SPACE}{unit}".strip() + (f" ({year})" if year else "")


# --- Reading ---------------------------------------------------------------------------------------------------


def shown_goals(plan: Plan, sections: Sequence[Section]) -> list[ShownGoal]:
    """All goals of these sections with their measures, numbered as in the text; `with_details` gives the rest.

    Rows stand in the order of their blocks (`plans.blocks`), so nobody has to read the text to number them.
    """
    place = {section.pk: number for number, section in enumerate(sections)}

    def in_reading_order(rows: Iterable[Any]) -> list[Any]:
        return sorted(
            (row for row in rows if row.section_id in place),
            key=lambda row: (place[row.section_id], row.position, row.pk),
        )

    addresses = Addresses.of(plan)
    goals = in_reading_order(_values(plan.goals))
    actions = in_reading_order(
        _values(plan.actions, "goal_id", "schedule", "starts_on", "ends_on", "resources", "extra")
    )
    criteria, roles, euros, statuses = _criteria(plan), _roles(plan), _euros(plan), _statuses(plan)
    measures = defaultdict(list)
    for row in actions:
        measures[row.goal_id].append(row)

    def shown_action(row: Any, number: str, goal_url: str) -> ShownAction:
        parties = roles[row.pk]
        resources = (", ".join(resource_labels(row.resources)), euros_text(euros[row.pk]))
        return ShownAction(
            block_id=row.block_id,
            public_id=row.public_id,
            title=in_language(row.title),
            number=number,
            lead=_named(parties, ActionRole.Role.LEAD),
            owners=_named(parties, ActionRole.Role.OWNER),
            partners=_named(parties, ActionRole.Role.PARTNER),
            parties=parties,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            schedule=in_language(row.schedule),
            resources="; ".join(part for part in resources if part),
            euros=euros[row.pk],
            status=statuses.get(row.pk, ""),
            extra=row.extra,
            url=f"{addresses.actions}{row.public_id}/",
            goal_url=goal_url,
            sources=[],
        )

    return [
        ShownGoal(
            block_id=goal.block_id,
            title=in_language(goal.title),
            section_id=goal.section_id,
            pk=goal.pk,
            url=f"{addresses.goals}{goal.public_id}/",
            number=str(number),
            criteria=criteria[goal.pk],
            indicators=[],
            actions=[
                shown_action(row, f"{number}.{own}", f"{addresses.goals}{goal.public_id}/")
                for own, row in enumerate(measures[goal.pk], 1)
            ],
            sources=[],
        )
        for number, goal in enumerate(goals, 1)
    ]


def with_details(plan: Plan, goals: Iterable[ShownGoal]) -> list[ShownGoal]:
    """The goals of one page with their indicators and with where they and their measures come from."""
    goals = list(goals)
    indicators = _indicators(plan, [goal.pk for goal in goals])
    ids = [block_id for goal in goals for block_id in (goal.block_id, *(row.block_id for row in goal.actions))]
    sources = source_links_by_block(plan, ids)
    return [
        replace(
            goal,
            indicators=indicators[goal.pk],
            sources=sources.get(goal.block_id, []),
            actions=[replace(action, sources=sources.get(action.block_id, [])) for action in goal.actions],
        )
        for goal in goals
    ]


def _named(parties: Iterable[tuple[str, Party]], role: str) -> str:
    return ", ".join(party.label for own, party in parties if own == role)


def _values(rows: Any, *fields: str) -> Any:
    """What stands in goals or measures that have not been removed, as named tuples."""
    common = ("pk", "public_id", "block_id", "section_id", "position", "title")
    return rows.filter(removed_at=None).values_list(*common, *fields, named=True)


def _criteria(plan: Plan) -> dict[int, dict[str, str]]:
    """The criteria of each goal, key and name."""
    rows = Criterion.objects.filter(goals__plan=plan).order_by("position", "pk")
    criteria: dict[int, dict[str, str]] = defaultdict(dict)
    for goal, key, code, title in rows.values_list("goals__pk", "key", "code", "title"):
        criteria[goal][key] = f"{code} {title}".strip()
    return criteria


def _indicators(plan: Plan, goals: Sequence[int]) -> dict[int, list[ShownIndicator]]:
    """The indicators of each of these goals, with what was last measured in the whole region."""
    rows = list(
        plan.indicators.filter(removed_at=None, goal__in=goals)
        .order_by("position", "pk")
        .values(
            *("pk", "goal_id", "public_id", "block_id", "name", "unit"),
            *("baseline", "baseline_year", "target", "target_year"),
        )
    )
    values = IndicatorValue.objects.filter(indicator__in=[row["pk"] for row in rows], area=None).order_by("year")
    latest = {key: (value, year) for key, value, year in values.values_list("indicator_id", "value", "year")}
    addresses = Addresses.of(plan)
    indicators = defaultdict(list)
    for row in rows:
        unit = in_language(row["unit"])
        value, year = latest.get(row["pk"], (None, None))
        indicators[row["goal_id"]].append(
            ShownIndicator(
                block_id=row["block_id"],
                name=in_language(row["name"]),
                baseline=measured(row["baseline"], unit, row["baseline_year"]),
                target=measured(row["target"], unit, row["target_year"]),
                latest=measured(value, unit, year),
                url=f"{addresses.indicators}{row['public_id']}/",
            )
        )
    return indicators


def _roles(plan: Plan) -> dict[int, list[tuple[str, Party]]]:
    """Who is named in each measure, with the role."""
    roles = list(
        ActionRole.objects.filter(action__plan=plan, action__removed_at=None)
        .order_by("position", "pk")
        .values_list("action_id", "role", "organisation_id", "group_id")
    )
    named = {row[2] for row in roles if row[2]}
    grouped = {row[3] for row in roles if row[3]}
    organisations = {
        pk: Party(f"organisation:{public_id}", name, short_name or name)
        for pk, public_id, name, short_name in Organisation.objects.filter(pk__in=named)
        .order_by()
        .values_list("pk", "public_id", "name", "short_name")
    }
    groups: dict[int, Party] = {}
    if grouped:
        rows = OrganisationGroup.objects.filter(pk__in=grouped).order_by().values_list("pk", "public_id", "name")
        groups = {pk: Party(f"group:{public_id}", name, name) for pk, public_id, name in rows}
    parties: dict[int, list[tuple[str, Party]]] = defaultdict(list)
    for action, role, organisation, group in roles:
        party = organisations[organisation] if organisation else groups[group]
        parties[action].append((role, party))
    return parties


def _euros(plan: Plan) -> dict[int, dict[int, int]]:
    """What each measure costs by year."""
    euros: dict[int, dict[int, int]] = defaultdict(dict)
    rows = ActionEuro.objects.filter(action__plan=plan, amount__gt=0).order_by("year")
    for action, year, amount in rows.values_list("action_id", "year", "amount"):
        euros[action][year] = int(amount)
    return euros


def _statuses(plan: Plan) -> dict[int, str]:
    """How each measure was last said to stand."""
    return dict(StatusEntry.objects.filter(action__plan=plan).order_by("date", "pk").values_list("action_id", "status"))


def involved(goals: Iterable[ShownGoal]) -> list[tuple[str, str]]:
    """Everyone who is named in a measure, by key and name, for the filter."""
    found = {party.key: party.name for goal in goals for action in goal.actions for _role, party in action.parties}
    return sorted(found.items(), key=lambda item: item[1].casefold())


def all_goals(plan: Plan) -> list[ShownGoal]:
    """Every goal of the draft, numbered, without details."""
    outline = plan.document.sections.present().only("document", "key", "parent", "position", "heading", "numbered")
    return shown_goals(plan, outline_order(outline))
