"""A sheet laid out as one table: a head for each column, a row for each respondent, however the file lies."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from reviews.intake.names import folded
from reviews.intake.reading import MAX_COLUMNS, Sheet

ROWS, LONG, COLUMNS = "rows", "long", "columns"
"""A row for each respondent; a row for each answer; a column for each respondent."""

HEADS_WITHIN = 10
"""Among how many of the first rows the heads are looked for."""

QUESTION_HEADS = frozenset({"kysymys", "fråga", "question", "lausuntokohta", "kohta", "punkt"})
ANSWER_HEADS = frozenset({"vastaus", "svar", "answer", "lausunto", "yttrande", "utlåtande", "response"})


@dataclass(frozen=True)
class Line:
    """One respondent: the number of its first row in the file (of its column, where those are the respondents)."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    heads: list[str]
    lines: list[Line]

    @property
    def fingerprint(self) -> str:
        """By which a file of the same form is known again."""
        return hashlib.sha256("\n".join(map(folded, self.heads)).encode()).hexdigest()

    def examples(self, place: int, most: int = 3) -> list[str]:
        """The first different things that a column says."""
        found: dict[str, None] = {}
        for line in self.lines:
            if place < len(line.cells) and line.cells[place]:
                found.setdefault(line.cells[place], None)
                if len(found) == most:
                    break
        return list(found)


def guess_reading(sheets: Sequence[Sheet]) -> dict[str, Any]:
    """How a file lies, as far as it can be told: the fullest sheet, the first row that has nearly all columns."""
    number, sheet = max(enumerate(sheets), key=lambda item: sum(len(row) for row in item[1].rows))
    first = sheet.rows[:HEADS_WITHIN]
    filled = [sum(bool(cell) for cell in row) for row in first]
    widest = max(filled)
    head = next(place for place, count in enumerate(filled, 1) if count >= 0.7 * widest)
    reading: dict[str, Any] = {"sheet": number, "heads": [head, head], "layout": ROWS}
    names = [folded(cell) for cell in sheet.rows[head - 1]]
    question = next((place for place, name in enumerate(names) if name in QUESTION_HEADS), None)
    answer = next((place for place, name in enumerate(names) if name in ANSWER_HEADS), None)
    if question is not None and answer is not None:
        reading |= {"layout": LONG, "question": question, "answer": answer}
    return reading


def table_of(sheets: Sequence[Sheet], reading: Mapping[str, Any]) -> Table:
    """The table that a file holds, read in a certain way. What the way names and the file lacks is left out."""
    sheet = sheets[min(int(reading.get("sheet", 0)), len(sheets) - 1)]
    rows = sheet.rows
    if reading.get("layout") == COLUMNS:
        rows = _turned(rows)
        first, last = 1, 1
    else:
        first, last = (max(1, min(int(place), len(rows))) for place in reading.get("heads", (1, 1)))
    heads = _heads(rows[first - 1 : max(first, last)], max(map(len, rows), default=0))
    lines = [Line(number, row) for number, row in enumerate(rows, 1) if number > last and any(row)]
    if reading.get("layout") == LONG:
        return _from_answers(heads, lines, int(reading.get("question", 0)), int(reading.get("answer", 0)))
    return Table(heads, lines)


def _turned(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    width = max(map(len, rows), default=0)
    return [[row[place] if place < len(row) else "" for row in rows][:MAX_COLUMNS] for place in range(width)]


def _heads(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """A name for each column; of heads in two rows the upper one holds until the next."""
    parts: list[list[str]] = [[] for _place in range(width)]
    for number, row in enumerate(rows):
        carried = ""
        for place in range(width):
            cell = row[place] if place < len(row) else ""
            if number < len(rows) - 1:
                carried = cell = cell or carried
            if cell and cell not in parts[place]:
                parts[place].append(cell)
    names = [
        " – ".join(part)[:300] or _("Column %(letter)s") % {"letter": get_column_letter(place)}
        for place, part in enumerate(parts, 1)
    ]
    return _told_apart(names)


def _told_apart(names: Sequence[str]) -> list[str]:
    seen: Counter[str] = Counter()
    apart = []
    for name in names:
        seen[name] += 1
        apart.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return apart


def _from_answers(heads: Sequence[str], lines: Sequence[Line], question: int, answer: int) -> Table:
    """One row for each respondent, of rows that each hold one answer: who it is, stands in the other columns."""
    who = [place for place in range(len(heads)) if place not in (question, answer)]
    asked: dict[str, int] = {}
    people: dict[tuple[str, ...], tuple[int, dict[str, list[str]]]] = {}
    for line in lines:
        cells = [*line.cells, *[""] * (len(heads) - len(line.cells))]
        name, said = cells[question], cells[answer]
        key = tuple(cells[place] for place in who)
        _number, answers = people.setdefault(key, (line.number, {}))
        if name and len(asked) < MAX_COLUMNS:
            asked.setdefault(name, len(asked))
        if said and name in asked:
            answers.setdefault(name, []).append(said)
    table_heads = _told_apart([*(heads[place] for place in who), *asked])
    return Table(
        table_heads,
        [
            Line(number, [*key, *("\n".join(answers.get(name, [])) for name in asked)])
            for key, (number, answers) in people.items()
        ],
    )
