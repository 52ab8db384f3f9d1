"""How the workbooks that we make are begun and their cells written: words stay words, whatever they begin with."""

import datetime
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import xlsxwriter

Value = str | int | float | Decimal | datetime.date | None
LONGEST_CELL = 32_000
"""Excel takes 32,767 characters; what is longer is cut in the file and stays whole in the plan."""
LOOKS_LIKE_FORMULA = ("=", "+", "-", "@", "\t", "\r")
CELL = {"text_wrap": True, "valign": "top"}
QUOTED = {"quote_prefix": True}
"""The mark with which Excel leaves a text a text, also when somebody edits it."""
DAY = {"num_format": "d.m.yyyy", "align": "left"}


def workbook(write: Callable[[Any], None], *, title: str, company: str, created: datetime.datetime) -> bytes:
    """The bytes of an .xlsx file whose sheets `write` makes. No text becomes a formula, a link or a number in it."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": title, "company": company, "created": created.replace(tzinfo=None)})
        write(book)
    return buffer.getvalue()


def write_cell(sheet: Any, line: int, place: int, value: Value, look: Any, *, quoted: Any, day: Any) -> None:
    """A cell by the type of its value. `quoted` is the look of texts that look like a formula, `day` that of dates."""
    if value is None or value == "":
        sheet.write_blank(line, place, None, look)
    elif isinstance(value, datetime.date):
        sheet.write_datetime(line, place, value, day)
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(line, place, value, look)
    else:
        looks_like_formula = value.startswith(LOOKS_LIKE_FORMULA)
        sheet.write_string(line, place, value[:LONGEST_CELL], quoted if looks_like_formula else look)
