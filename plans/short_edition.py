"""The short edition of a plan: its opening words, the goals of each priority with who answers for them, what it costs.

Two to four pages for those who decide; everything in it is counted and read from the frozen version.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import translation

from documents.models import Document, Rendition
from documents.printing.document import Edition, print_pdf
from documents.rendering import interface_language
from documents.renditions import register_layout
from plans.blocks import ACTION, GOAL
from plans.models import Action
from plans.printing import PrintedGoal, euros, goals_of


def register() -> None:
    register_layout(Document.Kind.PLAN, Rendition.Format.PDF, Rendition.Layout.SUMMARY, print_short)


def print_short(edition: Edition) -> bytes:
    """The chapters before the first numbered one, the goals by priority, and the euros by year."""
    with translation.override(interface_language(edition.language)):
        goals = goals_of(edition)
        groups: list[dict[str, Any]] = []
        opening: list[str] = []
        is_before_numbered = True
        for section in edition.frozen.sections:
            is_before_numbered = is_before_numbered and not section.number
            if is_before_numbered and section.depth == 1:
                opening.append(section.key)
            found = [ShortGoal.of(goals[block.id]) for block in section.blocks if block.kind == GOAL]
            if found:
                groups.append(
                    {"number": section.number, "heading": section.heading_in(edition.language), "goals": found}
                )
    return print_pdf(
        edition,
        "print/plan_short.html",
        draw=lambda block: "",
        opening=[f"s-{key}" for key in opening],
        groups=groups,
        costs=costs_by_year(edition),
    )


@dataclass(frozen=True)
class ShortGoal:
    """A goal in one line."""

    goal: PrintedGoal
    leads: list[str]
    """Short names of the organisations that lead its measures, in the order of the measures, each once."""

    @classmethod
    def of(cls, goal: PrintedGoal) -> "ShortGoal":
        names = [party.short for action in goal.actions for party in action.parties if party.is_lead]
        return cls(goal, list(dict.fromkeys(names)))


def costs_by_year(edition: Edition) -> list[dict[str, Any]]:
    """Euros of all measures by year, and how much of them is for measures that need additional funding.

    A measure's euros are one sum a year whatever they are paid from, so a measure with several sources of money, one
    of which is additional funding, counts as one that needs it.
    """
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    additional: defaultdict[str, Decimal] = defaultdict(Decimal)
    for block in edition.frozen.blocks():
        if block.kind != ACTION:
            continue
        for year, amount in block.data.get("euros", {}).items():
            totals[year] += Decimal(str(amount))
            if Action.Resource.ADDITIONAL in block.data.get("resources", []):
                additional[year] += Decimal(str(amount))
    with translation.override(interface_language(edition.language)):
        return [
            {"year": year, "total": euros(totals[year]), "additional": euros(additional.get(year, Decimal()))}
            for year in sorted(totals)
        ]
