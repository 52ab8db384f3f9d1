"""Receivers of a request as people bring them: pasted lines, or a spreadsheet with a header.

Nothing here writes. What cannot be read is told beside its line or row, and the rest can still be used.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from documents.spreadsheets.guard import broken, check_workbook
from regions.addresses import parse_people
from regions.models import Organisation, Region
from reviews.services.invitations import MOST_AT_ONCE, Asked

MAX_BYTES = 2 * 1024 * 1024
"""Six hundred rows are some hundred kilobytes."""

MAX_COLUMNS = 60
HEAD_WITHIN = 10
"""Among how many of the first rows the header is looked for."""

LONGEST_CELL = 300
_UNREADABLE = (InvalidFileException, KeyError, ValueError, TypeError, AttributeError, IndexError, OSError, SyntaxError)

HEADS = {
    "email": (
        *("sähköposti", "sähköpostiosoite", "s-posti", "osoite", "e-post", "e-postadress", "epost", "email", "e-mail"),
        *("e-mail address", "email address", "mail"),
    ),
    "name": ("nimi", "vastaanottaja", "yhteyshenkilö", "namn", "mottagare", "kontaktperson", "name", "contact"),
    "language": ("kieli", "asiointikieli", "språk", "language"),
    "organisation": (
        *("organisaatio", "taho", "toimija", "lausunnonantaja", "kunta", "yhdistys"),
        *("organisation", "aktör", "remissinstans", "kommun", "förening", "organization"),
    ),
}
"""Words of a header, in Finnish, Swedish and English."""

LANGUAGES = {
    "fi": ("fi", "suomi", "finska", "finnish", "s"),
    "sv": ("sv", "se", "ruotsi", "svenska", "swedish", "r"),
    "en": ("en", "englanti", "engelska", "english"),
}


@dataclass(frozen=True)
class Read:
    """One line or row: whom it names, or why it cannot be read."""

    number: int
    """As it is counted in the pasted text or in the sheet, from one."""
    email: str = ""
    name: str = ""
    language: str = ""
    organisation: str = ""
    """Public identifier of the organisation, where its name is known in the region."""
    organisation_name: str = ""
    problem: str = ""
    note: str = ""

    @property
    def is_good(self) -> bool:
        return not self.problem

    @property
    def language_name(self) -> str:
        return dict(settings.LANGUAGES).get(self.language, self.language)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def read_lines(text: str, *, language: str) -> list[Read]:
    """Pasted lines: `Name <address>`, `Name address` or an address; empty ones are left out."""
    found: list[Read] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            people = parse_people(line)
        except ValidationError as error:
            found.append(Read(number, problem=" ".join(error.messages)))
            continue
        found += [Read(number, person.email, person.name, language) for person in people]
    return _told_once(found)


def read_sheet(name: str, content: bytes, region: Region, *, language: str) -> list[Read]:
    """The rows of an .xlsx or .csv file with a header.

    Raises ValidationError where it cannot be read at all: `too_large`, `no_header`, `too_many`, `nobody`, and as
    `check_workbook` does.
    """
    if len(content) > MAX_BYTES:
        limit = MAX_BYTES // (1024 * 1024)
        raise ValidationError(
            _("The file is too large: at most %(limit)s megabytes.") % {"limit": limit}, code="too_large"
        )
    rows = _from_workbook(content) if content.startswith(b"PK") or _is_workbook(name) else _from_csv(content)
    columns: dict[str, int] = {}
    found: list[Read] = []
    known = organisations_by_name(region)
    for number, cells in rows:
        if not columns:
            columns = _columns(cells)
            if "email" not in columns:
                columns = {}
                if number >= HEAD_WITHIN:
                    break
            continue
        values = {key: cells[place] if place < len(cells) else "" for key, place in columns.items()}
        if any(values.values()):
            found.append(_read_row(number, values, known, language))
        if len(found) > MOST_AT_ONCE:
            raise ValidationError(
                _("There are more than %(count)d rows. Divide the file."),
                code="too_many",
                params={"count": MOST_AT_ONCE},
            )
    if not columns:
        raise ValidationError(
            _("There is no column for e-mail addresses. Write a header on the first row, for example “E-mail”."),
            code="no_header",
        )
    if not found:
        raise ValidationError(_("The file has a header, but no rows below it."), code="nobody")
    return _told_once(found)


def asked_of(rows: Sequence[Read], region: Region) -> list[Asked]:
    """Those of the rows that can be invited; one query."""
    wanted = {row.organisation for row in rows if row.is_good and row.organisation}
    by_id = {row.public_id: row for row in Organisation.objects.filter(region=region, public_id__in=wanted)}
    return [
        Asked(row.email, row.name, row.language, organisation=by_id.get(row.organisation))
        for row in rows
        if row.is_good
    ]


def organisations_by_name(region: Region) -> dict[str, Organisation]:
    """Every organisation of a region by each of its names; a name that two have is nobody's."""
    by_name: dict[str, Organisation] = {}
    twice: set[str] = set()
    for row in Organisation.objects.valid_on().filter(region=region):
        names = {row.name_fi, row.name_sv, row.name_en, row.short_name}
        for name in {_folded(one) for one in names if one}:
            if name in by_name and by_name[name].pk != row.pk:
                twice.add(name)
            by_name[name] = row
    return {name: row for name, row in by_name.items() if name not in twice}


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _columns(cells: Sequence[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for place, cell in enumerate(cells):
        head = _folded(cell).rstrip(":*")
        for key, words in HEADS.items():
            if head in words and key not in columns:
                columns[key] = place
    return columns


def _read_row(number: int, values: dict[str, str], known: dict[str, Organisation], language: str) -> Read:
    email = values.get("email", "").strip().removeprefix("mailto:").lower()
    name, organisation_name = values.get("name", ""), values.get("organisation", "")
    asked = _folded(values.get("language", ""))
    note = ""
    if asked:
        found = next((code for code, words in LANGUAGES.items() if asked in words), "")
        if not found:
            note = _("The language “%(text)s” is not known.") % {"text": asked[:40]}
        language = found or language
    organisation = known.get(_folded(organisation_name)) if organisation_name else None
    if organisation_name and organisation is None:
        note = _("“%(name)s” is not among the organisations of the region: asked by the address alone.") % {
            "name": organisation_name[:80]
        }
        name = f"{organisation_name} ({name})" if name else organisation_name
    problem = ""
    if not email:
        problem = _("The e-mail address is missing.")
    else:
        try:
            validate_email(email)
        except ValidationError:
            problem = _("“%(text)s” is not an e-mail address.") % {"text": email[:80]}
    return Read(
        number,
        email[:254],
        name[:150],
        language,
        organisation.public_id if organisation else "",
        organisation.name if organisation else "",
        problem,
        note,
    )


def _told_once(rows: list[Read]) -> list[Read]:
    """Whoever stands there a second time is a row that is not used, and says which one is."""
    first: dict[str, int] = {}
    checked = []
    for row in rows:
        key = row.organisation or row.email
        if row.is_good and key in first:
            told = _("The same as on row %(number)d.") % {"number": first[key]}
            checked.append(Read(row.number, row.email, row.name, problem=told))
            continue
        if row.is_good:
            first[key] = row.number
        checked.append(row)
    return checked


def _is_workbook(name: str) -> bool:
    return name.lower().endswith((".xlsx", ".xls", ".xlsm"))


def _from_workbook(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """The rows of the first sheet that is shown, as text."""
    check_workbook(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = next((one for one in book.worksheets if one.sheet_state == "visible"), None)
        if sheet is None:
            raise broken()
        # What a sheet says of its own size is not believed.
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_row=MOST_AT_ONCE + HEAD_WITHIN + 400, max_col=MAX_COLUMNS, values_only=True)
        yield from ((number, [_cell(value) for value in row]) for number, row in enumerate(rows, 1))
    except _UNREADABLE as error:
        raise broken() from error


def _from_csv(content: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(content)
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    delimiter = max(";,\t", key=first.count)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), 1):
            yield number, [_cell(value) for value in row[:MAX_COLUMNS]]
    except csv.Error as error:
        raise ValidationError(
            _("The file could not be read. Save it as .xlsx or .csv and try again."), code="broken"
        ) from error


def _decoded(content: bytes) -> str:
    is_utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ["utf-16"] if is_utf16 else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ValidationError(_("The file could not be read. Save it as .xlsx or .csv and try again."), code="broken")


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return re.sub(r"[\s\x00-\x1f]+", " ", text).strip()[:LONGEST_CELL]
