"""The plan as a spreadsheet: goals, measures and indicators, one row each, with the ids that a file brings back."""

from collections.abc import Sequence
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from documents.blocks import Block
from documents.models import Document, Rendition
from documents.printing.document import Edition
from documents.rendering import interface_language
from documents.renditions import register_layout
from documents.richtext import plain
from documents.spreadsheets.sheets import CELL, DAY, QUOTED, Value, workbook, write_cell
from plans.blocks import ACTION, GOAL, INDICATOR, iso_date
from plans.goal_list import resource_labels
from plans.models import ActionRole

WIDEST = 60
"""Characters; longer texts wrap."""


def register() -> None:
    for layout in (Rendition.Layout.FULL, Rendition.Layout.TABLE):
        register_layout(Document.Kind.PLAN, Rendition.Format.XLSX, layout, write_workbook)


def write_workbook(edition: Edition) -> bytes:
    """An .xlsx file with a sheet each of measures, goals and indicators, in the edition's language.

    Texts are written as texts: what begins with "=" stays words and never becomes a formula.
    """

    def write(book: Any) -> None:
        _sheet(book, _("Measures"), *_actions(edition))
        _sheet(book, _("Goals"), *_goals(edition))
        _sheet(book, _("Indicators"), *_indicators(edition))

    with translation.override(interface_language(edition.language)):
        return workbook(write, title=edition.title, company=edition.region, created=edition.frozen_at)


def _sheet(book: Any, name: str, heads: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
    head = book.add_format({**CELL, "bold": True, "bottom": 1})
    body, quoted, day = (book.add_format({**CELL, **more}) for more in ({}, QUOTED, DAY))
    sheet = book.add_worksheet(name[:31])
    for column, title in enumerate(heads):
        sheet.write_string(0, column, title, head)
        longest = max([len(title), *(len(str(row[column] or "")) for row in rows)])
        sheet.set_column(column, column, min(longest + 2, WIDEST), body)
    for line, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            write_cell(sheet, line, column, value, body, quoted=quoted, day=day)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), len(heads) - 1)


def _of_kind(edition: Edition, kind: str) -> list[Block]:
    return [block for block in edition.frozen.blocks() if block.kind == kind]


def _said(edition: Edition, block: Block, unit: str) -> str:
    return plain(block.get(unit, edition.language) or block.get(unit, edition.original))


def _actions(edition: Edition) -> tuple[list[str], list[list[Value]]]:
    actions = _of_kind(edition, ACTION)
    goals = {block.id: block for block in _of_kind(edition, GOAL)}
    years = sorted({year for block in actions for year in block.data.get("euros", {})})
    heads = [
        *(_("No."), _("Measure"), _("Description"), _("Goal no."), _("Goal")),
        *(_("Lead responsibility"), _("Others responsible"), _("Partners")),
        *(_("Schedule"), _("Starts"), _("Ends"), _("Resources")),
        *(_("Euros %(year)s") % {"year": year} for year in years),
        *(_("Status"), _("Status on"), _("Id of the measure"), _("Id of the goal")),
    ]
    rows = []
    for block in actions:
        resolved = edition.frozen.resolved.get(block.id, {})
        goal = goals.get(block.data.get("goal", ""))
        status = resolved.get("status") or {}
        euros = block.data.get("euros", {})
        rows.append(
            [
                resolved.get("number", ""),
                _said(edition, block, "title"),
                _said(edition, block, "description"),
                edition.frozen.resolved.get(goal.id, {}).get("number", "") if goal else "",
                _said(edition, goal, "title") if goal else "",
                *(_parties(edition, resolved, role) for role in ActionRole.Role.values),
                _said(edition, block, "schedule"),
                iso_date(block.data.get("starts_on")),
                iso_date(block.data.get("ends_on")),
                ", ".join(resource_labels(block.data.get("resources", []))),
                *(euros.get(year) for year in years),
                edition.says(status.get("label")),
                iso_date(status.get("date")),
                block.id,
                goal.id if goal else "",
            ]
        )
    return heads, rows


def _parties(edition: Edition, resolved: dict[str, Any], role: str) -> str:
    return "; ".join(edition.says(row["name"]) for row in resolved.get("roles", []) if row["role"] == role)


def _goals(edition: Edition) -> tuple[list[str], list[list[Value]]]:
    heads = [_("No."), _("Goal"), _("Reason"), _("Criteria"), _("Id of the goal")]
    rows: list[list[Value]] = []
    for block in _of_kind(edition, GOAL):
        resolved = edition.frozen.resolved.get(block.id, {})
        criteria = "; ".join(
            f"{item.get('code', '')} {edition.says(item['title'])}".strip() for item in resolved.get("criteria", [])
        )
        title, reason = _said(edition, block, "title"), _said(edition, block, "rationale")
        rows.append([resolved.get("number", ""), title, reason, criteria, block.id])
    return heads, rows


def _indicators(edition: Edition) -> tuple[list[str], list[list[Value]]]:
    heads = [
        *(_("Goal no."), _("Indicator"), _("Unit"), _("Baseline"), _("Year of the baseline")),
        *(_("Target"), _("Year of the target"), _("Source"), _("Id of the indicator"), _("Id of the goal")),
    ]
    rows: list[list[Value]] = []
    for block in _of_kind(edition, INDICATOR):
        data = block.data
        rows.append(
            [
                edition.frozen.resolved.get(data.get("goal", ""), {}).get("number", ""),
                _said(edition, block, "name"),
                _said(edition, block, "unit"),
                _value(data.get("baseline")),
                data.get("baseline_year"),
                _value(data.get("target")),
                data.get("target_year"),
                _said(edition, block, "source"),
                block.id,
                data.get("goal", ""),
            ]
        )
    return heads, rows


def _value(value: str | float | None) -> float | None:
    return None if value in (None, "") else float(str(value))
