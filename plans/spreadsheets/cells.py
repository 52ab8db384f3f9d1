"""What a cell means: dates and numbers as Finns write them, and names of things that the plan knows.

Each function answers the value or raises `ValueError` with a sentence for the person who wrote the cell.
"""

import datetime
import re
from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _
from openpyxl.utils.datetime import from_excel

from plans.spreadsheets.columns import FIRST_YEAR, LAST_YEAR, folded
from plans.spreadsheets.reading import Raw

_DAY = re.compile(r"(\d{1,2})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d.*)?")
_SERIALS = range(32_874, 73_415)
"""How Excel counts the days of the years 1990–2100."""


class Wording(str):
    """A time in words, such as "autumn 2026", where a date was asked for."""

    __slots__ = ()


def date_of(raw: Raw) -> datetime.date | Wording | None:  # noqa: PLR0911 one way out for each way of writing
    """A date, also as text (1.9.2026, 2026-09-01); words are a wording, and so is a year alone."""
    value = raw.value
    if isinstance(value, datetime.datetime):
        value = value.date()
    if isinstance(value, datetime.date):
        return _sensible(value, value.isoformat())
    if isinstance(value, int | float) and not isinstance(value, bool):
        if FIRST_YEAR <= value <= LAST_YEAR and float(value).is_integer():
            return Wording(int(value))
        if int(value) in _SERIALS:
            found = from_excel(int(value))
            return found.date() if isinstance(found, datetime.datetime) else None
    text = " ".join(raw.text.split())
    if not text:
        return None
    if match := _DAY.fullmatch(text):
        return _day(text, *(int(part) for part in reversed(match.groups())))
    if match := _ISO.fullmatch(text):
        return _day(text, *(int(part) for part in match.groups()))
    if any(sign.isalpha() for sign in text) or re.fullmatch(r"\d{4}(\s*[–-]\s*\d{4})?", text):
        return Wording(text)
    raise _no_date(text)


def _day(text: str, year: int, month: int, day: int) -> datetime.date:
    try:
        return _sensible(datetime.date(year, month, day), text)
    except ValueError:
        raise _no_date(text) from None


def _sensible(day: datetime.date, text: str) -> datetime.date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _no_date(text)
    return day


def _no_date(text: str) -> ValueError:
    return ValueError(_("“%(value)s” is not a date. Write it like this: 1.9.2026.") % {"value": text[:40]})


def number_of(raw: Raw) -> Decimal | None:
    """A number, also as text with a comma and spaces."""
    value = raw.value
    if isinstance(value, bool | datetime.date):
        raise _no_number(raw.text)
    if isinstance(value, int | float):
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        if raw.is_percent:
            number = (number * 100).quantize(Decimal("0.0001")).normalize()
        # A spreadsheet's 0.1 + 0.2: nobody wrote the thirteenth decimal.
        number = round(number, 10).normalize() if number.is_finite() and abs(number) < 10**15 else number
    else:
        text = "".join(raw.text.replace("−", "-").split()).replace("\N{NARROW NO-BREAK SPACE}", "")
        if not text:
            return None
        text = text.removesuffix("%").removesuffix("€")
        if not re.fullmatch(r"-?\d+([.,]\d+)?", text):
            raise _no_number(raw.text)
        try:
            number = Decimal(text.replace(",", "."))
        except InvalidOperation:
            raise _no_number(raw.text) from None
    if not number.is_finite() or abs(number) >= 10**12 or round(number, 2) != number:
        raise ValueError(
            _("“%(value)s” is too long a number: at most 12 digits and two decimals.") % {"value": raw.text[:40]}
        )
    return number


def _no_number(text: str) -> ValueError:
    return ValueError(_("“%(value)s” is not a number.") % {"value": text[:40]})


def euros_of(raw: Raw) -> int | None:
    """Whole euros, also as people write them: 12 000 €."""
    try:
        number = number_of(raw)
    except ValueError:
        number = Decimal("-1")
    if number is None:
        return None
    if number < 0 or number != number.to_integral_value():
        raise ValueError(
            _("“%(value)s” is not a sum in whole euros. Write for example 12 000.") % {"value": raw.text[:40]}
        )
    return int(number)


def year_of(raw: Raw) -> int | None:
    text = "".join(raw.text.split())
    if not text:
        return None
    if not text.isdecimal() or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise ValueError(_("“%(value)s” is not a year.") % {"value": raw.text[:40]})
    return int(text)


def choice_of(raw: Raw, names: Mapping[str, str], allowed: Collection[str]) -> str:
    """The key of one of the allowed values; empty for an empty cell."""
    name = folded(raw.text)
    if name and name not in names:
        raise ValueError(
            _("“%(value)s” is not known. Choose one of these: %(values)s.")
            % {"value": raw.text[:40], "values": ", ".join(allowed)}
        )
    return names[name] if name else ""


def choices_of(raw: Raw, names: Mapping[str, str], allowed: Collection[str]) -> list[str]:
    """The keys of several values, with semicolons, commas or line breaks between them."""
    parts = split_names(raw.text, names)
    return list(dict.fromkeys(choice_of(Raw(part), names, allowed) for part in parts))


def split_names(text: str, names: Collection[str]) -> list[str]:
    """Names in one cell. A comma parts them only where every part is a name and the whole is none."""
    found: list[str] = []
    for part in (" ".join(part.split()) for part in re.split(r"[;\n]", text)):
        pieces = [piece.strip() for piece in part.split(",") if piece.strip()]
        if len(pieces) > 1 and folded(part) not in names and all(folded(piece) in names for piece in pieces):
            found += pieces
        elif part:
            found.append(part)
    return found
