"""The printed plan: one small table for each goal, the closing summary by criterion and the appendices.

Everything is read from the frozen version. The order and the widths of the columns are those that steering groups
asked for: number, measure, responsibility, schedule, resources.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from django.utils import formats, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents.blocks import Block
from documents.frozen import Frozen
from documents.models import Document, Rendition
from documents.printing.document import Draw, Edition, Extra, gap_note, print_pdf
from documents.rendering import interface_language
from documents.renditions import register_layout
from documents.richtext import plain, sanitise
from plans.blocks import ACTION, GOAL, INDICATOR
from plans.models import Action, ActionRole, NeedGroup


@dataclass(frozen=True)
class Party:
    """An organisation, or a group of them, in one action."""

    name: str
    short: str
    role: str

    @property
    def is_lead(self) -> bool:
        return self.role == ActionRole.Role.LEAD

    @property
    def is_partner(self) -> bool:
        return self.role == ActionRole.Role.PARTNER


@dataclass(frozen=True)
class PrintedAction:
    number: str
    title: SafeString
    description: SafeString
    parties: list[Party]
    schedule: str
    resources: str
    euros: list[str]

    @property
    def owners(self) -> list[Party]:
        """The lead first, then the others who answer for it."""
        return sorted((row for row in self.parties if not row.is_partner), key=lambda row: not row.is_lead)

    @property
    def partners(self) -> str:
        return ", ".join(row.short for row in self.parties if row.is_partner)


@dataclass(frozen=True)
class PrintedIndicator:
    """An indicator as a line (from baseline to target) and, where it was measured, as a chart."""

    id: str
    name: str
    unit: str
    source: str
    baseline: str
    baseline_year: int | None
    target: str
    target_year: int | None
    target_value: Decimal | None
    values: list[tuple[str, Decimal]]
    value_heading: str
    """What the labels of the values are: years or areas."""

    @property
    def has_chart(self) -> bool:
        return len(self.values) > 1 and all(value >= 0 for _label, value in self.values)


@dataclass(frozen=True)
class PrintedGoal:
    id: str
    number: str
    title: SafeString
    rationale: SafeString
    criteria: list[str]
    criterion_keys: list[str]
    actions: list[PrintedAction] = field(default_factory=list)
    indicators: list[PrintedIndicator] = field(default_factory=list)

    @property
    def label(self) -> str:
        return _("Goal %(number)s. %(title)s") % {"number": self.number, "title": plain(self.title)}


def register() -> None:
    register_layout(Document.Kind.PLAN, Rendition.Format.PDF, Rendition.Layout.FULL, print_full)
    register_layout(Document.Kind.PLAN, Rendition.Format.PDF, Rendition.Layout.TABLE, print_table)


def print_full(edition: Edition) -> bytes:
    """The full plan: cover, contents, chapters with goals, summary by criterion, appendices."""
    with translation.override(interface_language(edition.language)):
        goals = goals_of(edition)
        extras = _extras(edition, goals)
        criteria_set = edition.frozen.whole.get("criteria_set", {})
        return print_pdf(
            edition,
            "print/plan_full.html",
            draw=_drawing(edition, goals),
            extras=list(extras.values()),
            parts=extras,
            summary=summary_by_criterion(edition, goals),
            criteria_set=edition.says(criteria_set.get("name")),
            is_official=criteria_set.get("official", True),
            organisations=actions_by_organisation(goals),
            handbooks=_handbooks(edition),
            origins=_origins(edition),
            needs=_needs(edition),
            later=_left_for_later(edition),
            writers=_writers(edition),
            abbreviations=_abbreviations(goals),
        )


def print_table(edition: Edition) -> bytes:
    """The goals alone: a heading for each priority, and its goals."""
    with translation.override(interface_language(edition.language)):
        goals = goals_of(edition)
        note = gap_note(replace(edition, frozen=_goals_alone(edition)))
    groups = []
    for section in edition.frozen.sections:
        found = [goals[block.id] for block in section.blocks if block.kind == GOAL]
        if found:
            groups.append({"number": section.number, "heading": section.heading_in(edition.language), "goals": found})
    return print_pdf(
        edition,
        "print/plan_table.html",
        draw=lambda block: "",
        groups=groups,
        with_charts=False,
        chart_colour="",
        gap_note=note,
    )


def _goals_alone(edition: Edition) -> Frozen:
    """What the edition of goals prints of a version."""
    kept = [
        replace(section, blocks=[block for block in section.blocks if not block.is_text])
        for section in edition.frozen.sections
    ]
    return replace(edition.frozen, sections=[section for section in kept if section.blocks])


def _drawing(edition: Edition, goals: Mapping[str, "PrintedGoal"]) -> Draw:
    """A goal is printed with all that hangs on it; its indicators and actions are not printed again."""
    colour = edition.frozen.document["region"].get("accent") or "#17566b"

    def draw(block: Block) -> str:
        if block.kind != GOAL:
            return ""
        context = {"goal": goals[block.id], "with_charts": True, "chart_colour": colour}
        return render_to_string("print/_goal.html", context)

    return draw


# --- Goals --------------------------------------------------------------------------------------------------


def goals_of(edition: Edition) -> dict[str, PrintedGoal]:
    """The goals of a version in order, by block id, each with its actions and indicators wherever they stand."""
    goals: dict[str, PrintedGoal] = {}
    blocks = list(edition.frozen.blocks())
    for block in blocks:
        if block.kind == GOAL:
            goals[block.id] = _goal(edition, block)
    for block in blocks:
        goal = goals.get(block.data.get("goal", ""))
        if goal is not None and block.kind == ACTION:
            goal.actions.append(_action(edition, block))
        elif goal is not None and block.kind == INDICATOR:
            goal.indicators.append(_indicator(edition, block))
    return goals


def _html(edition: Edition, block: Block, unit: str) -> SafeString:
    """A text of a block in the language of print, or in the original's where there is none."""
    text = block.get(unit, edition.language)
    if text:
        return mark_safe(sanitise(text))  # noqa: S308 sanitised
    text = sanitise(block.get(unit, edition.original))
    return format_html('<span lang="{}">{}</span>', edition.original, mark_safe(text)) if text else SafeString("")  # noqa: S308 sanitised


def _goal(edition: Edition, block: Block) -> PrintedGoal:
    resolved = edition.frozen.resolved.get(block.id, {})
    criteria = resolved.get("criteria", [])
    return PrintedGoal(
        id=block.id,
        number=resolved.get("number", ""),
        title=_html(edition, block, "title"),
        rationale=_html(edition, block, "rationale"),
        criteria=[criterion_name(edition, item) for item in criteria],
        criterion_keys=[item["key"] for item in criteria],
    )


def criterion_name(edition: Edition, item: Mapping[str, Any]) -> str:
    """Code and title: "4 Perheet saavat tukea oikeaan aikaan"."""
    return f"{item.get('code', '')} {edition.says(item['title'])}".strip()


def _action(edition: Edition, block: Block) -> PrintedAction:
    resolved = edition.frozen.resolved.get(block.id, {})
    return PrintedAction(
        number=resolved.get("number", ""),
        title=_html(edition, block, "title"),
        description=_html(edition, block, "description"),
        parties=[
            Party(edition.says(row["name"]), edition.says(row["short"]) or edition.says(row["name"]), row["role"])
            for row in resolved.get("roles", [])
        ],
        schedule=plain(_html(edition, block, "schedule")) or years(block.data),
        resources=", ".join(str(Action.Resource(key).label) for key in block.data.get("resources", [])),
        euros=[f"{year}: {euros(amount)}" for year, amount in sorted(block.data.get("euros", {}).items())],
    )


def years(data: Mapping[str, Any]) -> str:
    """The years of an action where nobody wrote a schedule: "2023–2025", "from 2023", "by 2025"."""
    start, end = (
        datetime.date.fromisoformat(data[name]).year if data.get(name) else None for name in ("starts_on", "ends_on")
    )
    if start and end:
        return str(start) if start == end else f"{start}–{end}"
    if start:
        return _("from %(year)s") % {"year": start}
    return _("by %(year)s") % {"year": end} if end else ""


def euros(amount: Decimal | float) -> str:
    """A sum as it is printed: "48 000 €"."""
    return f"{formats.number_format(amount, force_grouping=True)}\N{NO-BREAK SPACE}€"


def _number(value: str | float | None) -> str:
    if value is None or value == "":
        return ""
    return formats.number_format(Decimal(str(value)), force_grouping=True)


def _indicator(edition: Edition, block: Block) -> PrintedIndicator:
    data = block.data
    values, heading = _measured(edition, block)
    return PrintedIndicator(
        id=block.id,
        name=plain(_html(edition, block, "name")),
        unit=plain(_html(edition, block, "unit")),
        source=plain(_html(edition, block, "source")),
        baseline=_number(data.get("baseline")),
        baseline_year=data.get("baseline_year"),
        target=_number(data.get("target")),
        target_year=data.get("target_year"),
        target_value=Decimal(str(data["target"])) if data.get("target") not in (None, "") else None,
        values=values,
        value_heading=heading,
    )


def _measured(edition: Edition, block: Block) -> tuple[list[tuple[str, Decimal]], str]:
    """The values of the whole region by year, or where there are none, of the areas in the latest year."""
    rows = edition.frozen.resolved.get(block.id, {}).get("values", [])
    whole = [(str(row["year"]), Decimal(str(row["value"]))) for row in rows if not row["area"]]
    if len(whole) > 1 or not rows:
        return whole, _("Year")
    latest = max(row["year"] for row in rows)
    areas = [
        (edition.says(row["area"]), Decimal(str(row["value"]))) for row in rows if row["area"] and row["year"] == latest
    ]
    return areas, _("Area, %(year)s") % {"year": latest}


# --- What is made from the rest -------------------------------------------------------------------------------


def _extras(edition: Edition, goals: Mapping[str, PrintedGoal]) -> dict[str, Extra]:
    """The parts after the last chapter, numbered on from it; appendices count from one."""
    whole = edition.frozen.whole
    extras: dict[str, Extra] = {}
    if whole.get("criteria"):
        chapters = sum(section.depth == 1 and bool(section.number) for section in edition.frozen.sections)
        extras["summary"] = Extra("summary-by-criterion", str(chapters + 1), _("Summary by criterion"))
    appendices = {
        "organisations": (any(goal.actions for goal in goals.values()), _("Measures by responsible organisation")),
        "sources": (bool(whole.get("handbooks") or whole.get("sources")), _("Handbooks and sources")),
        "needs": (bool(whole.get("needs")), _("What became of the needs")),
        "writers": (True, _("Writers and abbreviations")),
    }
    present = [(name, heading) for name, (wanted, heading) in appendices.items() if wanted]
    for number, (name, heading) in enumerate(present, 1):
        label = _("Appendix %(number)s") % {"number": number}
        extras[name] = Extra(f"appendix-{name}", "", f"{label}. {heading}")
    return extras


def summary_by_criterion(edition: Edition, goals: Mapping[str, PrintedGoal]) -> list[dict[str, Any]]:
    """Groups of criteria in order, each criterion with the goals that answer to it, and those that none answers to."""
    groups: list[dict[str, Any]] = []
    for criterion in edition.frozen.whole.get("criteria", []):
        group = edition.says(criterion.get("group"))
        if not groups or groups[-1]["name"] != group:
            groups.append({"name": group, "criteria": [], "unanswered": []})
        name = criterion_name(edition, criterion)
        found = [goal for goal in goals.values() if criterion["key"] in goal.criterion_keys]
        groups[-1]["criteria"].append({"name": name, "goals": found})
        if not found:
            groups[-1]["unanswered"].append(name)
    return groups


def actions_by_organisation(goals: Mapping[str, PrintedGoal]) -> list[dict[str, Any]]:
    """Each organisation, leads first and then by name: the actions it leads, and the numbers of its other ones."""
    found: dict[str, dict[str, Any]] = {}
    for goal in goals.values():
        for action in goal.actions:
            for party in action.parties:
                row = found.setdefault(party.name, {"name": party.name, "led": [], "shared": [], "joined": []})
                if party.is_lead:
                    row["led"].append(action)
                else:
                    row["joined" if party.is_partner else "shared"].append(action.number)
    return sorted(found.values(), key=lambda row: (not row["led"], row["name"].casefold()))


def _handbooks(edition: Edition) -> list[dict[str, Any]]:
    return [
        {
            "title": edition.says(row["title"]),
            "place": edition.says(row.get("place")),
            "version": row.get("version"),
            "date": _date(row.get("frozen_at")),
        }
        for row in edition.frozen.whole.get("handbooks", [])
    ]


def _date(value: str | None) -> str:
    """A date, or the date of a moment, as JSON has it."""
    return formats.date_format(datetime.date.fromisoformat(value[:10]), "SHORT_DATE_FORMAT") if value else ""


def _origins(edition: Edition) -> list[dict[str, Any]]:
    """Each section that was compiled, with the handbooks and their sections that its words come from."""
    by_block: dict[str, list[Mapping[str, Any]]] = {}
    for source in edition.frozen.whole.get("sources", []):
        by_block.setdefault(source["block"], []).append(source)
    rows = []
    for section in edition.frozen.sections:
        places: dict[str, list[str]] = {}
        for block in section.blocks:
            for source in by_block.get(block.id, []):
                place = edition.says(source["handbook"].get("place")) or edition.says(source["handbook"].get("title"))
                parts = places.setdefault(place, [])
                if source.get("section") and source["section"] not in parts:
                    parts.append(source["section"])
        if places:
            rows.append(
                {
                    "number": section.number,
                    "heading": section.heading_in(edition.language),
                    "from": [{"place": place, "parts": _parts(parts)} for place, parts in places.items()],
                }
            )
    return rows


def _needs(edition: Edition) -> list[dict[str, Any]]:
    """The priorities that needs of the areas led to, in the order of the plan, each with its needs and their areas.

    Versions that were frozen before needs were grouped tell nothing of them.
    """
    by_section: dict[str, list[Mapping[str, Any]]] = {}
    for need in edition.frozen.whole.get("needs", []):
        if need["section"]:
            by_section.setdefault(need["section"], []).append(need)
    return [
        {
            "number": section.number,
            "heading": section.heading_in(edition.language),
            "needs": [(edition.says(row["title"]), _areas(edition, row)) for row in by_section[section.key]],
        }
        for section in edition.frozen.sections
        if section.key in by_section
    ]


def _left_for_later(edition: Edition) -> list[dict[str, Any]]:
    """The needs that were left for a later period, each with its areas, the reason, and who decided when."""
    return [
        {
            "title": edition.says(need["title"]),
            "areas": _areas(edition, need),
            "reason": need["reason"],
            "decided": ", ".join(filter(None, [edition.says(need["body"]), _date(need["decided_on"])])),
        }
        for need in edition.frozen.whole.get("needs", [])
        if need["state"] == NeedGroup.State.LATER
    ]


def _areas(edition: Edition, need: Mapping[str, Any]) -> str:
    return ", ".join(edition.says(place) for place in need["areas"])


def _parts(parts: list[str]) -> str:
    if not parts:
        return ""
    words = ngettext("section %(sections)s", "sections %(sections)s", len(parts))
    return words % {"sections": ", ".join(parts)}


def _writers(edition: Edition) -> list[str]:
    """The bodies behind the text, and those whom the plan names as its writers."""
    document = edition.frozen.document
    bodies = (edition.says(document.get(name)) for name in ("writing_body", "coordinating_body"))
    named: Iterable[str] = edition.frozen.whole.get("writers", [])
    return [name for name in dict.fromkeys([*bodies, *named]) if name]


def _abbreviations(goals: Mapping[str, PrintedGoal]) -> list[tuple[str, str]]:
    """The short names in the tables and what they stand for."""
    pairs = {
        (party.short, party.name)
        for goal in goals.values()
        for action in goal.actions
        for party in action.parties
        if party.short != party.name
    }
    return sorted(pairs, key=lambda pair: pair[0].casefold())
