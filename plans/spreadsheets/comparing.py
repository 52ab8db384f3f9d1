"""A file against the draft: what it would change, row by row, before anything is changed."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from documents.blocks import Block, clean
from documents.compose import note_shown
from documents.difference import mark_words
from documents.merge import Clash, merge
from documents.models import Revision, Section
from plans.blocks import ACTION, GOAL, INDICATOR, to_html
from plans.models import StatusEntry
from plans.spreadsheets.columns import (
    BASE,
    GOAL_ID,
    GOAL_NUMBER,
    GOAL_TITLE,
    ID,
    NUMBER,
    SECTION,
    STATUS,
    STATUS_ON,
    Column,
    folded,
)
from plans.spreadsheets.draft import ROLES, Draft
from plans.spreadsheets.placing import Goals, section_of
from plans.spreadsheets.reading import Book, CellError, Row
from plans.spreadsheets.understanding import NEW_PARTY, UNKNOWN, Reader, Unknown, blank

NEW, CHANGED, SAME, GONE = "new", "changed", "same", "gone"
MOST_BASES = 60
"""Of how many states of sections a file may speak; rows with others are compared with the draft as it is."""
_MARK = re.compile(r"([\w-]{1,80})@(\d{1,9})@(\w{0,20})@([\d-]{0,10})@(\d{0,6})")
OF_PLACE = frozenset({NUMBER, GOAL_NUMBER, GOAL_TITLE, SECTION, STATUS, STATUS_ON})


@dataclass(frozen=True)
class Line:
    """One field of a row that changes: the new words with the old ones marked in them."""

    label: str
    html: SafeString


@dataclass(frozen=True)
class Met:
    """One field that somebody changed in the program while the row was out, differently from the file."""

    label: str
    before: str
    now: str
    arrived: str


@dataclass
class Change:
    """One row of the file and what becomes of it."""

    row: Row
    kind: str
    state: str
    block_id: str
    title: str
    number: str = ""
    base: Block | None = None
    wanted: Block | None = None
    status: tuple[str, Any] | None = None
    section: Section | None = None
    """Where a goal goes: a new one, or one that moves."""
    lines: list[Line] = field(default_factory=list)
    met: list[Met] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def has_effect(self) -> bool:
        return self.state in (NEW, CHANGED)


@dataclass(frozen=True)
class Missing:
    """Something that stands in the plan and not in the file."""

    block_id: str
    kind: str
    number: str
    title: str


@dataclass
class Comparison:
    """All that a file would do, and all that keeps it from being brought in."""

    changes: list[Change] = field(default_factory=list)
    errors: list[CellError] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    unknown_heads: list[tuple[str, str]] = field(default_factory=list)
    is_ordered: bool = True
    """The file has its rows in the order of the plan."""

    def of(self, *states: str) -> list[Change]:
        return [change for change in self.changes if change.state in states]

    @property
    def unchanged(self) -> int:
        return len(self.of(SAME))

    @property
    def clashes(self) -> int:
        return sum(len(change.met) for change in self.changes)


def compare(draft: Draft, book: Book, choices: Mapping[str, str] | None = None) -> Comparison:
    """What bringing the book in would change. Reads only, in a number of queries that does not grow with the rows.

    `choices` say what the file's unknown names mean, by the name as `folded` writes it.
    """
    return _Compare(draft, book, choices or {}).run()


class _Compare:
    def __init__(self, draft: Draft, book: Book, choices: Mapping[str, str]) -> None:
        self.draft, self.book = draft, book
        self.reader = Reader(draft, choices)
        self.result = Comparison(unknown_heads=book.unknown_heads)
        self.columns = {kind: draft.columns(kind) for kind in (GOAL, INDICATOR, ACTION)}
        self.bases = _bases(draft, book)
        self.ids: dict[int, str] = {}
        """Which block each row is, by the row's identity."""
        self.copied: set[int] = set()
        self.goals = Goals(draft)

    def run(self) -> Comparison:
        said = {kind: [row for row in rows if not row.says_nothing] for kind, rows in self.book.rows.items()}
        for kind in (GOAL, INDICATOR, ACTION):
            self._recognise(kind, said.get(kind, []))
        for row in said.get(GOAL, []):
            self._goal(row)
        for kind in (INDICATOR, ACTION):
            for row in said.get(kind, []):
                self._below(kind, row)
        self._find_missing(said)
        order = {GOAL: 0, ACTION: 1, INDICATOR: 2}
        self.result.changes.sort(key=lambda change: (order[change.kind], change.row.sheet, change.row.number))
        self.result.is_ordered = is_in_order(self.draft, self.result.changes)
        self.result.errors = sorted(
            dict.fromkeys([*self.book.errors, *self.reader.errors]), key=lambda error: (error.sheet, error.row)
        )
        self.result.unknown = list(self.reader.unknown.values())
        return self.result

    # --- Which row is which ---------------------------------------------------------------------------------

    def _recognise(self, kind: str, rows: Sequence[Row]) -> None:
        """A row is the thing whose id it has. Of rows that were copied with the id, it is the one with its title."""
        by_id: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            if block_id := row.text(ID):
                by_id[block_id].append(row)
        for block_id, same in by_id.items():
            own = same[0]
            block = self.draft.blocks.get(block_id)
            if block is not None and len(same) > 1:
                own = next((row for row in same if self._title(row) == folded(self.draft.title(block))), own)
            for row in same:
                if row is own:
                    self.ids[id(row)] = block_id
                else:
                    self.copied.add(id(row))

    def _title(self, row: Row) -> str:
        return folded(row.text(_title_key(row.kind, self.draft.original)))

    def _by_title(self, row: Row, kind: str, goal: str) -> str:
        """What a row without an id says already: a measure of that goal with the same words."""
        title = self._title(row)
        taken = set(self.ids.values())
        ids = self.draft.below[goal] if kind != GOAL else [block.id for block in self.draft.of_kind(GOAL)]
        for block_id in ids:
            block = self.draft.blocks[block_id]
            if block.kind == kind and block_id not in taken and title and folded(self.draft.title(block)) == title:
                self.ids[id(row)] = block_id
                return block_id
        return ""

    def _is_gone(self, row: Row, kind: str, block_id: str) -> bool:
        """The row's thing is not in the plan any more, or never was; both are told and change nothing."""
        block = self.draft.blocks.get(block_id)
        if block is not None and block.kind == kind:
            return False
        title = row.text(_title_key(kind, self.draft.original))
        change = Change(row, kind, GONE, block_id, title)
        change.notes.append(_("This has been removed from the plan, or it belongs to another plan. It is left out."))
        self.result.changes.append(change)
        return True

    def _start(self, row: Row, block: Block, *, by_title: bool) -> tuple[Block, tuple[str, str]]:
        """The state that the row was written from, and the status and its day as they were then."""
        mark = _MARK.fullmatch(row.text(BASE))
        if mark is None or by_title or id(row) in self.copied:
            status, day = self.draft.statuses.get(block.id, ("", ""))
            return block, (status, str(day))
        base = self.bases.get((mark[1], int(mark[2])), {}).get(block.id, block)
        return base, (mark[3], mark[4])

    # --- Goals ----------------------------------------------------------------------------------------------

    def _goal(self, row: Row) -> None:
        block_id = self.ids.get(id(row), "")
        if block_id and self._is_gone(row, GOAL, block_id):
            return
        by_title = not block_id
        block_id = block_id or self._by_title(row, GOAL, "")
        self.goals.name(row.text(NUMBER), row.text(f"title.{self.draft.original}"), block_id or f"new:{row.number}")
        if not block_id:
            self._new(row, GOAL, f"new:{row.number}", section=self._section_for_new(row))
            return
        block = self.draft.blocks[block_id]
        change = self._changed(row, block, block_id, "", by_title=by_title)
        section = section_of(self.draft, row.text(SECTION)) if row.text(SECTION) else None
        mark = _MARK.fullmatch(row.text(BASE))
        stood = mark[1] if mark and not by_title else self.draft.home[block_id].key
        if section is not None and section.key != stood and section.pk != self.draft.home[block_id].pk:
            change.section = section
            names = self.draft.section_names
            label = next(column.label for column in self.columns[GOAL] if column.key == SECTION)
            before, after = names[self.draft.home[block_id].pk], names[section.pk]
            change.lines.insert(0, Line(label, mark_words(to_html(before), to_html(after))))
            change.state = CHANGED
        elif section is None and row.text(SECTION):
            change.notes.append(_("The section “%(name)s” is not known.") % {"name": row.text(SECTION)[:60]})
        self.result.changes.append(change)

    def _section_for_new(self, row: Row) -> Section | None:
        name = row.text(SECTION)
        section = section_of(self.draft, name) if name else self.goals.usual_section()
        if section is None:
            message = _("Choose the section of the plan in which the goal stands.")
            if name:
                message = _("The section “%(name)s” is not known.") % {"name": name[:60]}
            self.reader.errors.append(row.error(SECTION, message))
        return section

    # --- What hangs on goals --------------------------------------------------------------------------------

    def _below(self, kind: str, row: Row) -> None:
        block_id = self.ids.get(id(row), "")
        if block_id and self._is_gone(row, kind, block_id):
            return
        goal = self._goal_of(row, block_id)
        if not goal:
            return
        by_title = not block_id
        block_id = block_id or (self._by_title(row, kind, goal) if id(row) not in self.copied else "")
        if block_id:
            block = self.draft.blocks[block_id]
            self.result.changes.append(self._changed(row, block, block_id, goal, by_title=by_title))
        else:
            self._new(row, kind, f"new:{kind}:{row.number}", goal=goal)

    def _goal_of(self, row: Row, block_id: str) -> str:  # noqa: PLR0911 one way out for each way of naming a goal
        """Under which goal the row stands: by its number, its words, or where it stood; empty with an error told."""
        was = row.text(GOAL_ID) if row.text(GOAL_ID) in self.draft.blocks else ""
        if block_id and not was:
            was = self.draft.blocks[block_id].data["goal"]
        if GOAL_NUMBER in row.wrong:
            return ""
        number, title = row.text(GOAL_NUMBER).rstrip("."), row.text(GOAL_TITLE)
        mark = _MARK.fullmatch(row.text(BASE))
        untouched = bool(was and mark and number == mark[5])
        by_number = was if untouched else self.goals.numbered(number)
        by_title = self.goals.titled(title, was)
        if by_number and by_title and by_number != by_title and was not in (by_number, by_title):
            self.reader.errors.append(
                row.error(GOAL_NUMBER, _("The number and the words of the goal are of different goals."))
            )
            return ""
        found = next((goal for goal in (by_number, by_title) if goal and goal != was), "") or by_number or by_title
        if found and not (number and not by_number and by_title == was):
            return found
        if number:
            message = _("There is no goal with the number %(number)s.") % {"number": number[:20]}
            self.reader.errors.append(row.error(GOAL_NUMBER, message))
            return ""
        if was:
            return was
        if title:
            return self._goal_in_passing(row, title)
        self.reader.errors.append(row.error(GOAL_NUMBER, _("Give the number of the goal.")))
        return ""

    def _goal_in_passing(self, row: Row, title: str) -> str:
        """A new goal that only a measure's row names."""
        section = self.goals.usual_section()
        if section is None:
            message = _("Write the new goal on the sheet of goals and choose its section there.")
            self.reader.errors.append(row.error(GOAL_TITLE, message))
            return ""
        goal = f"new:{row.kind}:{row.number}:goal"
        words = {self.draft.original: to_html(title)}
        wanted = clean(replace(blank(GOAL, goal), text={"title": words, "rationale": {}}))
        change = Change(row, GOAL, NEW, goal, title, wanted=wanted, section=section)
        change.lines = self._lines(None, wanted, row)
        self.result.changes.append(change)
        self.goals.name("", title, goal)
        return goal

    # --- What becomes of a row ------------------------------------------------------------------------------

    def _new(self, row: Row, kind: str, block_id: str, *, goal: str = "", section: Section | None = None) -> None:
        wanted = clean(self.reader.wanted(row, blank(kind, block_id, goal)))
        wanted = note_shown(wanted, None, self.draft.original)
        change = Change(row, kind, NEW, block_id, self.draft.title(wanted), wanted=wanted, section=section)
        change.lines = self._lines(None, wanted, row)
        if kind == ACTION:
            under = mark_words("", to_html(self.goals.told(goal)))
            change.lines.insert(0, Line(self._label(ACTION, GOAL_TITLE), under))
            base = (row.text(STATUS), "") if id(row) in self.copied else ("", "")
            self._add_status(change, base)
        if id(row) in self.copied:
            change.notes.append(_("The row is a copy of another row, so it is new."))
        self.result.changes.append(change)

    def _changed(self, row: Row, head: Block, block_id: str, goal: str, *, by_title: bool) -> Change:
        base, base_status = self._start(row, head, by_title=by_title)
        mine = self.reader.wanted(row, base, empty_clears=not by_title)
        if goal and goal != (row.text(GOAL_ID) or base.data.get("goal")):
            mine = replace(mine, data={**mine.data, "goal": goal})
        mine = note_shown(clean(mine), base, self.draft.original)
        outcome = merge([base], [head], [mine])
        after = outcome.blocks[0]
        number = self.draft.numbers.get(block_id, "")
        change = Change(row, head.kind, SAME, block_id, self.draft.title(head), number, base=base, wanted=mine)
        change.lines = self._lines(head, after, row)
        if after.data.get("goal") != head.data.get("goal"):
            before, now = (self.goals.told(block.data["goal"]) for block in (head, after))
            change.lines.insert(0, Line(self._label(head.kind, GOAL_TITLE), mark_words(to_html(before), to_html(now))))
        change.met = [met for clash in outcome.clashes for met in self._met(clash, base, head, mine, row)]
        if head.kind == ACTION:
            self.reader.check_dates(row, after)
            self._add_status(change, base_status)
        if change.lines or change.met or not after.same_content(head):
            change.state = CHANGED
        return change

    def _add_status(self, change: Change, base: tuple[str, str]) -> None:
        change.status = self.reader.status(change.row, change.block_id, base)
        if change.status:
            status, day = change.status
            before, _since = self.draft.statuses.get(change.block_id, ("", None))
            told = [str(StatusEntry.Status(key).label) if key else "" for key in (before, status)]
            line = Line(self._label(ACTION, STATUS), mark_words(*(to_html(text) for text in told)))
            change.lines.append(line)
            if before == status:
                label = self._label(ACTION, STATUS_ON)
                change.lines.append(Line(label, mark_words("", to_html(f"{day.day}.{day.month}.{day.year}"))))

    def _label(self, kind: str, key: str) -> str:
        return next(column.label for column in self.columns[kind] if column.key == key)

    def _all_columns(self, kind: str, row: Row) -> Iterable[Column]:
        """Of the draft, and those for other years that the row has."""
        own = {column.key: column for column in self.columns[kind]}
        more = {key: column for key, (column, _letter) in row.columns.items() if row.kind == kind}
        return (column for column in {**more, **own}.values() if not column.is_hidden and column.key not in OF_PLACE)

    def _told(self, block: Block, column: Column) -> str:
        if column.key not in ROLES:
            return self.draft.told(block, column)
        roles = [row["key"] for row in block.data.get("roles", []) if row["role"] == ROLES[column.key]]
        return "; ".join(filter(None, (self._party(key) for key in roles)))

    def _party(self, key: str) -> str:
        if key.startswith((UNKNOWN, NEW_PARTY)):
            unknown = self.reader.unknown[key.partition(":")[2]]
            mark = pgettext("organisation", "new") if key.startswith(NEW_PARTY) else "?"
            return f"{unknown.name} ({mark})"
        return self.draft.parties[key].name if key in self.draft.parties else ""

    def _lines(self, before: Block | None, after: Block, row: Row) -> list[Line]:
        lines = []
        for column in self._all_columns(after.kind, row):
            old = self._told(before, column) if before else ""
            new = self._told(after, column)
            if old != new:
                lines.append(Line(column.label, mark_words(to_html(old), to_html(new))))
        return lines

    def _met(self, clash: Clash, base: Block, head: Block, mine: Block, row: Row) -> list[Met]:
        """A conflict in words: the fields of the row that it is about."""
        if clash.unit == "goal":
            told = [self.goals.told(block.data.get("goal", "")) for block in (base, head, mine)]
            return [Met(self._label(head.kind, GOAL_TITLE), *told)]
        found = []
        for column in self._all_columns(head.kind, row):
            unit = "roles" if column.key in ROLES else column.unit
            if unit != clash.unit or (clash.language and column.language != clash.language):
                continue
            told = [self._told(block, column) for block in (base, head, mine)]
            if told[1] != told[2]:
                found.append(Met(column.label, *told))
        return found

    def _find_missing(self, said: Mapping[str, Sequence[Row]]) -> None:
        standing = set(self.ids.values())
        used = {str(change.wanted.data.get("goal")) for change in self.result.changes if change.wanted}
        for kind in (GOAL, ACTION, INDICATOR):
            if kind in self.book.rows:
                self.result.missing += [
                    Missing(block.id, kind, self.draft.numbers.get(block.id, ""), self.draft.title(block))
                    for block in self.draft.of_kind(kind)
                    if block.id not in standing and block.id not in used
                ]


def _title_key(kind: str, language: str) -> str:
    return f"{'name' if kind == INDICATOR else 'title'}.{language}"


def _bases(draft: Draft, book: Book) -> dict[tuple[str, int], dict[str, Block]]:
    """The states of sections that the rows were written from, in one query."""
    keys = {section.key: section for section in draft.sections if section.head}
    asked = Counter(
        (mark[1], int(mark[2])) for row in book.all if (mark := _MARK.fullmatch(row.text(BASE))) and mark[1] in keys
    )
    wanted = [key for key, _count in asked.most_common(MOST_BASES)]
    found = {}
    older: dict[str, set[int]] = defaultdict(set)
    for key, number in wanted:
        head = keys[key].head
        if head is not None and head.number == number:
            found[key, number] = {block.id: block for block in head.blocks}
        else:
            older[key].add(number)
    if older:
        rows = Revision.objects.filter(
            document=draft.plan.document_id, section__key__in=older, number__in=set().union(*older.values())
        ).select_related("section")
        for revision in rows:
            if revision.number in older[revision.section.key]:
                found[revision.section.key, revision.number] = {block.id: block for block in revision.blocks}
    return found


def is_in_order(draft: Draft, changes: Iterable[Change]) -> bool:
    """Whether the file has the goals of each section, and what hangs on each goal, in the order of the plan."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    places = {block_id: place for place, block_id in enumerate(draft.blocks)}
    for change in changes:
        if change.block_id in draft.blocks and change.wanted is not None:
            block = draft.blocks[change.block_id]
            of = block.data.get("goal") or str(draft.home[block.id].pk)
            if block.kind == GOAL or change.wanted.data.get("goal") == of:
                groups[change.kind, of].append(change.block_id)
    return all(ids == sorted(ids, key=lambda key: places[key]) for ids in groups.values())
