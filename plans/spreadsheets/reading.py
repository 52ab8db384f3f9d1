"""An Excel file that somebody brings: its sheets, known columns and rows, cell by cell as they stand.

What a cell means is `cells`' business; nothing here knows the plan.
"""

import datetime
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from documents.spreadsheets.guard import broken, check_workbook
from documents.spreadsheets.texts import plain_text
from plans.blocks import ACTION
from plans.spreadsheets.columns import SHEETS, Column, match_heads, sheet_names

MAX_ROWS = 5_000
MAX_COLUMNS = 200
MAX_SHEETS = 50
HEAD_WITHIN = 10
"""Among how many of the first rows the heads are looked for."""

_UNREADABLE = (InvalidFileException, KeyError, ValueError, TypeError, AttributeError, IndexError, OSError, SyntaxError)


@dataclass(frozen=True)
class CellError:
    """One thing that a file says and that cannot be brought in, with where it stands."""

    sheet: str
    row: int
    letter: str
    head: str
    message: str

    @property
    def place(self) -> str:
        if not self.letter:
            return _("%(sheet)s, row %(row)d") % {"sheet": self.sheet, "row": self.row}
        return _("%(sheet)s, row %(row)d, column %(column)s (%(letter)s)") % {
            "sheet": self.sheet,
            "row": self.row,
            "column": self.head,
            "letter": self.letter,
        }


@dataclass(frozen=True)
class Raw:
    """What stands in a cell: text, a number, a date, or nothing."""

    value: Any
    is_percent: bool = False

    @property
    def text(self) -> str:
        """The words as they were typed, whole numbers without a decimal point."""
        if self.value is None:
            return ""
        if isinstance(self.value, float) and self.value.is_integer():
            return str(int(self.value))
        return str(self.value)


@dataclass
class Row:
    """A row of a sheet that says something."""

    kind: str
    sheet: str
    number: int
    cells: dict[str, Raw]
    columns: Mapping[str, tuple[Column, str]]
    """Key -> the column and the letter under which the file has it."""
    wrong: set[str] = field(default_factory=set)
    """Columns in which the row has a formula or an error: they say nothing, and are no empty cells either."""

    def error(self, key: str, message: str) -> CellError:
        column, letter = self.columns.get(key, (None, ""))
        return CellError(self.sheet, self.number, letter, column.label if column else "", message)

    def has(self, key: str) -> bool:
        return key in self.columns

    def text(self, key: str) -> str:
        raw = self.cells.get(key)
        return " ".join(raw.text.split()) if raw else ""

    @property
    def says_nothing(self) -> bool:
        """Emptied by hand: only the hidden marks are left."""
        return not any(raw.text.strip() for key, raw in self.cells.items() if not self.columns[key][0].is_hidden)


@dataclass
class Book:
    """What a file brings."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    """Kind of row -> its rows. A kind without a sheet is not there."""
    errors: list[CellError] = field(default_factory=list)
    unknown_heads: list[tuple[str, str]] = field(default_factory=list)
    """Sheet and head of the columns that are not read."""

    @property
    def all(self) -> Iterator[Row]:
        for rows in self.rows.values():
            yield from rows


def read_workbook(content: bytes, columns: Mapping[str, Sequence[Column]]) -> Book:
    """The sheets of measures, goals and indicators in a file, found by their names or by their heads.

    Raises ValidationError for a file that may not be opened (`guard`), one without such a sheet (`no_sheet`) or with
    far too many rows (`too_many_rows`). Formulas and cells that hold an error become errors of the book.
    """
    check_workbook(content)
    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    except _UNREADABLE as error:
        raise broken() from error
    book = Book()
    try:
        sheets = list(workbook.worksheets[:MAX_SHEETS])
        for kind in SHEETS:
            sheet = next((one for one in sheets if " ".join(one.title.split()).casefold() in sheet_names(kind)), None)
            if sheet is not None:
                _read_sheet(book, kind, sheet, columns[kind])
        if not book.rows:
            for sheet in sheets:
                _read_sheet(book, ACTION, sheet, columns[ACTION])
                if book.rows:
                    break
    except _UNREADABLE as error:
        raise broken() from error
    finally:
        workbook.close()
    if not book.rows:
        names = ", ".join(f"“{_(name)}”" for name in SHEETS.values())
        raise ValidationError(
            _("The file has no sheet that the program knows. It looks for the sheets %(names)s.") % {"names": names},
            code="no_sheet",
        )
    return book


def _read_sheet(book: Book, kind: str, sheet: Any, columns: Sequence[Column]) -> None:
    sheet.reset_dimensions()
    known: dict[int, Column] = {}
    placed: dict[str, tuple[Column, str]] = {}
    rows: list[Row] = []
    title = str(sheet.title)
    # The rows of a sheet without rows are not even asked for their number.
    lines = sheet.iter_rows(max_row=MAX_ROWS * 4, max_col=MAX_COLUMNS)
    for number, cells in enumerate(lines, 1):
        if not known:
            if number > HEAD_WITHIN:
                return
            heads = {place: _head(cell.value) for place, cell in enumerate(cells) if _head(cell.value)}
            found = match_heads(heads, columns)
            if not any(column.language for column in found.values()):
                continue
            known = found
            placed = {column.key: (column, get_column_letter(place + 1)) for place, column in found.items()}
            book.unknown_heads += [(title, head) for place, head in heads.items() if place not in found]
            book.rows[kind] = rows
            continue
        row = Row(kind, title, number, {}, placed)
        for place, column in known.items():
            if place < len(cells) and cells[place].value is not None:
                _read_cell(book, row, column.key, cells[place])
        if any(raw.text.strip() for raw in row.cells.values()) or _is_wrong(book, title, number):
            rows.append(row)
        if len(rows) > MAX_ROWS:
            raise ValidationError(
                ngettext(
                    "The sheet “%(sheet)s” has more than %(count)d row.",
                    "The sheet “%(sheet)s” has more than %(count)d rows.",
                    MAX_ROWS,
                )
                % {"sheet": title, "count": MAX_ROWS},
                code="too_many_rows",
            )


def _is_wrong(book: Book, title: str, number: int) -> bool:
    return bool(book.errors) and (book.errors[-1].sheet, book.errors[-1].row) == (title, number)


def _head(value: Any) -> str:
    return " ".join(plain_text(str(value)).split())[:300] if value is not None else ""


def _read_cell(book: Book, row: Row, key: str, cell: Any) -> None:
    value = cell.value
    if cell.data_type in ("f", "e"):
        row.wrong.add(key)
    if cell.data_type == "f":
        message = _("The cell has a formula. Replace it with its value.")
        book.errors.append(row.error(key, message))
        return
    if cell.data_type == "e":
        book.errors.append(row.error(key, _("The cell has the error %(value)s.") % {"value": str(value)[:20]}))
        return
    if isinstance(value, str):
        value = plain_text(value)
    elif isinstance(value, datetime.time | datetime.timedelta):
        value = str(value)
    row.cells[key] = Raw(value, is_percent="%" in str(getattr(cell, "number_format", "") or ""))
