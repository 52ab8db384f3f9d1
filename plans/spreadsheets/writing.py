"""The draft's goals, measures and indicators as an Excel file that can be worked on and brought back."""

from collections.abc import Collection, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from documents.blocks import Block
from documents.spreadsheets.sheets import CELL, DAY, QUOTED, Value, workbook, write_cell
from plans.blocks import ACTION
from plans.goal_list import resource_labels
from plans.models import Action, StatusEntry
from plans.spreadsheets.columns import (
    CHOICE,
    DATE,
    DECIMAL,
    EUROS,
    GOAL_NUMBER,
    GOAL_TITLE,
    NUMBER,
    SECTION,
    SHEETS,
    STATUS,
    Column,
)
from plans.spreadsheets.draft import Draft, criterion_name, names_in_use

ROOM = 300
"""Empty rows below the last one in which the lists of choices work too."""
OF_THE_PROGRAM = frozenset({NUMBER, GOAL_TITLE})
"""Columns that are there to be read; their cells are grey."""
TAN, GREY, LINE, DARK = "#E8EEF4", "#5A6470", "#C7CFD8", "#1D3A5F"


def write_draft(draft: Draft, *, only: Collection[str] | None = None) -> bytes:
    """An .xlsx file in the reader's language; with `only`, just the rows of these blocks.

    Texts are written as texts: what begins with "=" stays words and never becomes a formula.
    """

    def write(book: Any) -> None:
        writer = _Writer(book, draft, only)
        writer.instructions()
        sheets = {kind: book.add_worksheet(writer.sheet_name(kind)) for kind in SHEETS}
        writer.lists()
        for kind, sheet in sheets.items():
            writer.rows(sheet, kind)
        sheets[ACTION].activate()

    document = draft.plan.document
    return workbook(write, title=str(document), company=document.region.name, created=timezone.localtime())


class _Writer:
    def __init__(self, book: Any, draft: Draft, only: Collection[str] | None) -> None:
        self.book, self.draft, self.only = book, draft, only
        cell = {**CELL, "border": 1, "border_color": LINE}
        self.formats = {
            "head": book.add_format({**CELL, "bold": True, "bg_color": DARK, "font_color": "#FFFFFF"}),
            "body": book.add_format(cell),
            "quoted": book.add_format({**cell, **QUOTED}),
            "grey": book.add_format({**cell, "font_color": GREY, "bg_color": TAN}),
            "date": book.add_format({**cell, **DAY}),
            "euros": book.add_format({**cell, "num_format": "#,##0"}),
            "title": book.add_format({"bold": True, "font_size": 14}),
            "line": book.add_format(CELL),
        }
        self.choices: dict[str, str] = {}
        """Key of a column -> where its choices stand."""

    def sheet_name(self, kind: str) -> str:
        return _(SHEETS[kind])[:31]

    # --- Beside the rows ----------------------------------------------------------------------------------

    def instructions(self) -> None:
        sheet = self.book.add_worksheet(pgettext("sheet of a workbook", "Instructions")[:31])
        sheet.set_column(0, 0, 100, self.formats["line"])
        sheet.hide_gridlines(2)
        sheet.write_string(0, 0, str(self.draft.plan.document), self.formats["title"])
        resources = ", ".join(resource_labels(Action.Resource.values))
        statuses = ", ".join(str(label) for label in StatusEntry.Status.labels)
        lines = [
            _("Downloaded %(date)s. Change what you want, save the file and bring it back to the program.")
            % {"date": timezone.localtime().strftime("%-d.%-m.%Y %H.%M")},
            _("Before anything changes, the program shows what would change and what it did not understand."),
            _("The rows of this file are only some of the rows of the plan; the others stay as they are.")
            if self.only is not None
            else "",
            _("A new measure: write it on an empty row and give the number of its goal. Leave the other cells empty."),
            _("A new goal: write it on the sheet of goals and choose its section. Give it a number of your own."),
            _("Another goal for a measure: change the number of the goal. The grey cells may stay as they are."),
            _("A row that you delete stays in the plan. You can remove it when you bring the file in."),
            _("Several organisations in one cell: put a semicolon between them. Their names are on their own sheet."),
            _("Dates: 1.9.2026. A time in words, such as “autumn 2026”, is printed in place of the dates."),
            _("Resources: %(values)s. Put a semicolon between several.") % {"values": resources},
            _("Status: %(values)s.") % {"values": statuses},
            _("Measured figures and the notes of statuses are not in this file. You write them in the program."),
            _("Do not use formulas, and do not delete the hidden columns: by them each row finds its place again."),
        ]
        for place, line in enumerate((line for line in lines if line), 2):
            sheet.write_string(place, 0, line, self.formats["line"])

    def lists(self) -> None:
        """The sheets from which cells are chosen: organisations for everyone to see, the others hidden."""
        organisations = self.book.add_worksheet(pgettext("sheet of a workbook", "Organisations")[:31])
        organisations.set_column(0, 0, 60, self.formats["body"])
        organisations.write_string(0, 0, pgettext("sheet of a workbook", "Organisations"), self.formats["head"])
        organisations.freeze_panes(1, 0)
        self._list(organisations, 0, "lead", [party.name for party in names_in_use(self.draft)])
        lists = self.book.add_worksheet(_("Lists")[:31])
        lists.hide()
        self._list(lists, 0, STATUS, [str(label) for label in StatusEntry.Status.labels])
        self._list(lists, 1, SECTION, list(self.draft.section_names.values()))
        self._list(lists, 2, "criteria", [criterion_name(row) for row in self.draft.criteria])

    def _list(self, sheet: Any, column: int, key: str, values: Sequence[str]) -> None:
        for place, value in enumerate(values, 1):
            self._cell(sheet, place, column, value, self.formats["body"])
        letter = "ABC"[column]
        name = sheet.get_name().replace("'", "''")
        self.choices[key] = f"='{name}'!${letter}$2:${letter}${max(len(values), 1) + 1}"

    # --- The rows -----------------------------------------------------------------------------------------

    def rows(self, sheet: Any, kind: str) -> None:
        columns = self.draft.columns(kind)
        blocks = [block for block in self.draft.of_kind(kind) if self.only is None or block.id in self.only]
        for place, column in enumerate(columns):
            options = {"hidden": 1} if column.is_hidden else {}
            sheet.set_column(place, place, column.width, self._column_format(column), options)
            sheet.write_string(0, place, column.label, self.formats["head"])
        for line, block in enumerate(blocks, 1):
            self._row(sheet, line, block, columns)
        last = len(blocks) + ROOM
        for place, column in enumerate(columns):
            self._validate(sheet, place, last, column)
        sheet.set_row(0, 32)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, max(len(blocks), 1), len(columns) - 1)
        sheet.ignore_errors({"number_stored_as_text": f"A1:AZ{last}"})
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)

    def _row(self, sheet: Any, line: int, block: Block, columns: Sequence[Column]) -> None:
        for place, column in enumerate(columns):
            value = self.draft.cell(block, column)
            if column.key in (NUMBER, GOAL_NUMBER) and str(value).isdecimal():
                value = int(str(value))
            self._cell(sheet, line, place, value, self._column_format(column))

    def _cell(self, sheet: Any, line: int, place: int, value: Value, look: Any) -> None:
        write_cell(sheet, line, place, value, look, quoted=self.formats["quoted"], day=self.formats["date"])

    def _column_format(self, column: Column) -> Any:
        name = {DATE: "date", EUROS: "euros", DECIMAL: "body"}.get(column.kind, "body")
        return self.formats["grey" if column.key in OF_THE_PROGRAM else name]

    def _validate(self, sheet: Any, place: int, last: int, column: Column) -> None:
        rule: dict[str, Any] = {}
        if column.key in self.choices and (column.kind == CHOICE or column.key == "lead"):
            rule = {"validate": "list", "source": self.choices[column.key], "error_type": "warning"}
            rule["error_title"] = column.label[:32]
            rule["error_message"] = _("This is not in the list. The program asks about it when you bring the file in.")
        elif column.key == "resources":
            values = ", ".join(resource_labels(Action.Resource.values))
            rule = {"validate": "any", "input_title": column.label[:32], "input_message": values[:255]}
        elif column.key in ("owners", "partners", "criteria"):
            message = _("Put a semicolon between several.")
            rule = {"validate": "any", "input_title": column.label[:32], "input_message": message[:255]}
        if rule:
            sheet.data_validation(1, place, last, place, rule)
