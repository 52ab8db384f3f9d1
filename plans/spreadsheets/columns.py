"""The columns of the three sheets: what they are called in every language, and which field of a block each one holds.

A column's key names its field: `title.fi` is the title in Finnish, `euros.2026` what the measure costs in that year.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import get_language, gettext, gettext_noop, override

from documents.rendering import language_name
from plans.blocks import ACTION, GOAL, INDICATOR
from plans.models import ExtraField, Plan

TEXT, LONG, DATE, EUROS, DECIMAL, YEAR, CHOICE, NAMES, MARK = (
    *("text", "long", "date", "euros", "decimal", "year", "choice", "names", "mark"),
)
SHEETS = {ACTION: gettext_noop("Measures"), GOAL: gettext_noop("Goals"), INDICATOR: gettext_noop("Indicators")}
"""In the order of the file."""
NUMBER, GOAL_NUMBER, GOAL_TITLE, SECTION = "number", "goal_number", "goal", "section"
STATUS, STATUS_ON = "status", "status_on"
ID, GOAL_ID, BASE = "id", "goal_id", "base"
HIDDEN = frozenset({ID, GOAL_ID, BASE})
EUROS_HEAD = gettext_noop("Euros %(year)s")
FIRST_YEAR, LAST_YEAR = 1990, 2100
LENGTHS = {"description": 3000, "rationale": 3000, "schedule": 100, "unit": 40, "extra_1": 200, "extra_2": 200}
"""As the forms allow; other texts may be 300 characters long, and what is already longer may stay."""
LENGTH = 300

_TEXTS = {
    ACTION: [("title", gettext_noop("Measure"), LONG, 50), ("description", gettext_noop("Description"), LONG, 50)],
    GOAL: [("title", gettext_noop("Goal"), LONG, 50), ("rationale", gettext_noop("Reason"), LONG, 50)],
    INDICATOR: [("name", gettext_noop("Indicator"), LONG, 40), ("unit", gettext_noop("Unit"), TEXT, 12)],
}
_GOAL = [
    (GOAL_NUMBER, gettext_noop("Goal no."), TEXT, 9),
    (GOAL_TITLE, gettext_noop("Goal"), LONG, 36),
]
_MARKS = {
    ACTION: [(ID, gettext_noop("Id of the measure")), (GOAL_ID, gettext_noop("Id of the goal"))],
    GOAL: [(ID, gettext_noop("Id of the goal"))],
    INDICATOR: [(ID, gettext_noop("Id of the indicator")), (GOAL_ID, gettext_noop("Id of the goal"))],
}
_BASE = gettext_noop("As it was when downloaded")


@dataclass(frozen=True)
class Column:
    """One column: what it holds, what it is called for the reader, and all names by which a file may call it."""

    key: str
    label: str
    kind: str
    width: int
    names: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def is_hidden(self) -> bool:
        return self.key in HIDDEN

    @property
    def unit(self) -> str:
        """The field of the block, without its language or year."""
        return self.key.partition(".")[0]

    @property
    def language(self) -> str:
        """Of a text; empty for every other column."""
        return self.key.partition(".")[2] if self.kind in (TEXT, LONG) else ""


def folded(name: str) -> str:
    """A head or a name without what spaces, line breaks and capitals make of it."""
    return " ".join(str(name).replace("\u00ad", "").split()).casefold()


def in_every_language(text: str) -> list[str]:
    """A text of the program as each language of the interface says it."""
    return list(by_language(text).values())


def by_language(text: str) -> dict[str, str]:
    result = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            result[code] = gettext(text)
    return result


def sheet_names(kind: str) -> frozenset[str]:
    return frozenset(folded(name) for name in in_every_language(SHEETS[kind]))


def columns_of(plan: Plan, kind: str, *, years: Iterable[int], extra: Sequence[ExtraField]) -> list[Column]:
    """The columns of a sheet, in the order in which they are written."""
    languages = plan.document.languages
    texts = [column for spec in _TEXTS[kind] for column in _texts(spec, languages)]
    if kind == GOAL:
        middle = [
            _plain(NUMBER, gettext_noop("No."), TEXT, 7),
            _plain(SECTION, gettext_noop("Section of the plan"), CHOICE, 32),
            *texts,
            _plain("criteria", gettext_noop("Criteria"), NAMES, 36),
        ]
    elif kind == INDICATOR:
        middle = [
            *(_plain(*spec) for spec in _GOAL),
            *texts,
            _plain("baseline", gettext_noop("Baseline"), DECIMAL, 12),
            _plain("baseline_year", gettext_noop("Year of the baseline"), YEAR, 12),
            _plain("target", gettext_noop("Target"), DECIMAL, 12),
            _plain("target_year", gettext_noop("Year of the target"), YEAR, 12),
            *_texts(("source", gettext_noop("Source"), TEXT, 30), languages),
        ]
    else:
        middle = [
            _plain(NUMBER, gettext_noop("No."), TEXT, 7),
            *texts,
            *(_plain(*spec) for spec in _GOAL),
            _plain("lead", gettext_noop("Lead responsibility"), NAMES, 28),
            _plain("owners", gettext_noop("Others responsible"), NAMES, 28),
            _plain("partners", gettext_noop("Partners"), NAMES, 28),
            *_texts(("schedule", gettext_noop("Schedule"), TEXT, 18), languages),
            _plain("starts_on", gettext_noop("Starts"), DATE, 12),
            _plain("ends_on", gettext_noop("Ends"), DATE, 12),
            _plain("resources", gettext_noop("Resources"), NAMES, 24),
            *(_euros(year) for year in sorted(set(years))),
            _plain(STATUS, gettext_noop("Status"), CHOICE, 16),
            _plain(STATUS_ON, gettext_noop("Status on"), DATE, 12),
            *(_extra(row) for row in extra),
        ]
    return [*middle, *(_plain(key, label, MARK, 14) for key, label in _MARKS[kind]), _plain(BASE, _BASE, MARK, 14)]


def _plain(key: str, label: str, kind: str, width: int) -> Column:
    names = frozenset(folded(name) for name in in_every_language(label))
    return Column(key, gettext(label), kind, width, names)


def _texts(spec: tuple[str, str, str, int], languages: Sequence[str]) -> list[Column]:
    """A column for each language of the plan; a head without a language means the original's."""
    unit, label, kind, width = spec
    columns = []
    for code in languages:
        own = gettext(label) if len(languages) == 1 else f"{gettext(label)} ({language_name(code)})"
        names: set[str] = set()
        for interface, translated in by_language(label).items():
            with override(interface):
                named = (language_name(code), code)
            names |= {folded(form) for name in named for form in (f"{translated} ({name})", f"{translated} {name}")}
            if code == languages[0]:
                names.add(folded(translated))
        columns.append(Column(f"{unit}.{code}", own, kind, width, frozenset(names)))
    return columns


def _euros(year: int) -> Column:
    names = {folded(form % {"year": year}) for form in in_every_language(EUROS_HEAD)}
    return Column(f"euros.{year}", gettext(EUROS_HEAD) % {"year": year}, EUROS, 13, frozenset(names))


def euros_year(head: str) -> int | None:
    """The year of a head such as "Eurot 2027", for years that the plan does not have."""
    found = re.search(r"(?<!\d)(\d{4})(?!\d)", head)
    year = int(found.group(1)) if found else 0
    if FIRST_YEAR <= year <= LAST_YEAR and folded(head) in _euros(year).names:
        return year
    return None


def _extra(row: ExtraField) -> Column:
    names = frozenset(folded(name) for name in row.name.values() if name)
    label = row.name.get(get_language() or "") or str(row)
    return Column(row.key, label, TEXT, 20, names)


def match_heads(heads: Mapping[int, str], columns: Sequence[Column]) -> dict[int, Column]:
    """Which column stands where. Of two with one name, the first head is the first one's."""
    found: dict[int, Column] = {}
    taken: set[str] = set()
    for place, head in heads.items():
        name = folded(head)
        fitting = next((column for column in columns if name in column.names and column.key not in taken), None)
        if fitting is None and any(column.kind == EUROS or column.key == STATUS for column in columns):
            year = euros_year(head)
            fitting = _euros(year) if year and f"euros.{year}" not in taken else None
        if fitting is not None:
            found[place] = fitting
            taken.add(fitting.key)
    return found
