"""A file that another service made, CSV or Excel, as sheets of plain words. Nothing here knows a round.

A cell is text whatever it looks like: a formula is the words that it is written with, and so is HTML.
"""

import csv
import datetime
import gzip
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from documents.spreadsheets.guard import OLE_HEADER, broken, check_workbook
from documents.spreadsheets.texts import plain_text

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 300
MAX_CELLS = 600_000
"""Of all sheets together; what a survey of twenty thousand with thirty questions has."""
MAX_SHEETS = 20
LONGEST_CELL = 32_767
"""Signs; as much as a cell of Excel holds."""

DELIMITERS = ";,\t|"
_UNREADABLE = (InvalidFileException, KeyError, ValueError, TypeError, AttributeError, IndexError, OSError, SyntaxError)


@dataclass(frozen=True)
class Sheet:
    """Rows of cells as words, without empty columns at their ends; rows keep their number in the file."""

    name: str
    rows: list[list[str]]


def read_sheets(content: bytes) -> list[Sheet]:
    """The sheets of a file with something in them; a CSV file is one.

    Raises ValidationError: as `check_workbook` does, and `too_large`, `not_text`, `too_many_rows`, `too_many_columns`,
    `too_many_cells`, `cell_too_long`, `empty_file`.
    """
    if len(content) > MAX_BYTES:
        raise ValidationError(
            _("The file is too large: at most %(limit)s megabytes.") % {"limit": MAX_BYTES // (1024 * 1024)},
            code="too_large",
        )
    is_workbook = content.startswith((b"PK", OLE_HEADER))
    sheets = _read_workbook(content) if is_workbook else [Sheet("", _trimmed(_csv_rows(content)))]
    sheets = [sheet for sheet in sheets if len(sheet.rows) > 1]
    if not sheets:
        raise ValidationError(_("The file has no rows below its heads."), code="empty_file")
    if sum(len(row) for sheet in sheets for row in sheet.rows) > MAX_CELLS:
        raise ValidationError(
            _("The file has too many cells. Take away the columns that are not needed."), code="too_many_cells"
        )
    return sheets


def pack(sheets: Sequence[Sheet]) -> bytes:
    """The sheets as they wait to be brought in: read once, checked once."""
    return gzip.compress(json.dumps([[sheet.name, sheet.rows] for sheet in sheets]).encode(), mtime=0)


def unpack(content: bytes) -> list[Sheet]:
    return [Sheet(name, rows) for name, rows in json.loads(gzip.decompress(content))]


# --- CSV -----------------------------------------------------------------------------------------------


def _csv_rows(content: bytes) -> Iterable[list[str]]:
    text = _decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        yield from reader
    except csv.Error as error:
        raise ValidationError(
            _("Row %(row)d cannot be read: a cell is too long, or a quotation mark is missing.")
            % {"row": reader.line_num},
            code="cell_too_long",
        ) from error


def _decoded(content: bytes) -> str:
    """UTF-8 or UTF-16 where the file says or is so, else the code page of a Finnish Windows."""
    has_mark = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    codes = ["utf-16"] if has_mark else ["utf-8-sig", "cp1252"]
    for code in codes:
        try:
            text = content.decode(code)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise ValidationError(_("This is neither an Excel file (.xlsx) nor text in columns (.csv)."), code="not_text")


def _delimiter(text: str) -> str:
    """The sign that parts the first rows into the same number of columns, the more the better."""

    def score(delimiter: str) -> tuple[int, int]:
        try:
            rows = [
                row for _line, row in zip(range(20), csv.reader(io.StringIO(text), delimiter=delimiter), strict=False)
            ]
        except csv.Error:
            return (0, 0)
        lengths = [len(row) for row in rows if any(cell.strip() for cell in row)]
        if not lengths or lengths[0] < 2:
            return (0, 0)
        return (sum(length == lengths[0] for length in lengths), lengths[0])

    return max(DELIMITERS, key=score)


# --- Excel ---------------------------------------------------------------------------------------------


def _read_workbook(content: bytes) -> list[Sheet]:
    check_workbook(content)
    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    except _UNREADABLE as error:
        raise broken() from error
    try:
        return [Sheet(str(sheet.title), _trimmed(_sheet_rows(sheet))) for sheet in workbook.worksheets[:MAX_SHEETS]]
    except ValidationError:
        raise
    except _UNREADABLE as error:
        raise broken() from error
    finally:
        workbook.close()


def _sheet_rows(sheet: Any) -> Iterable[list[str]]:
    sheet.reset_dimensions()
    # One more than is allowed, so that too many are noticed.
    for cells in sheet.iter_rows(max_row=MAX_ROWS + 20, max_col=MAX_COLUMNS + 1, values_only=True):
        yield [_words(value) for value in cells]


def _words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.replace(microsecond=0).isoformat(" ")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value)


def _trimmed(rows: Iterable[list[str]]) -> list[list[str]]:
    found: list[list[str]] = []
    filled = cells = 0
    for number, row in enumerate(rows, 1):
        words = [plain_text(cell).strip() for cell in row]
        while words and not words[-1]:
            words.pop()
        if any(len(cell) > LONGEST_CELL for cell in words):
            raise ValidationError(
                _("A cell of row %(row)d is too long: at most %(count)d characters.")
                % {"row": number, "count": LONGEST_CELL},
                code="cell_too_long",
            )
        if len(words) > MAX_COLUMNS:
            raise ValidationError(
                _("The file has more than %(count)d columns.") % {"count": MAX_COLUMNS}, code="too_many_columns"
            )
        filled += bool(words)
        cells += len(words)
        if filled > MAX_ROWS + 1:
            raise ValidationError(
                _("The file has more than %(count)d rows.") % {"count": MAX_ROWS}, code="too_many_rows"
            )
        if cells > MAX_CELLS:
            raise ValidationError(
                _("The file has too many cells. Take away the columns that are not needed."), code="too_many_cells"
            )
        found.append(words)
    while found and not found[-1]:
        found.pop()
    return found
