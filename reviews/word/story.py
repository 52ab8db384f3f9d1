"""A returned file's story: which paragraph and which row is which block, as it was and as it would be with the changes.

What went out carries hidden names, and every letter of the returned file that was not inserted since then belongs to
the block in whose paragraph it stands when all tracked changes are rejected. With the changes accepted, a paragraph is
the block whose letters it begins with: whoever cuts a paragraph in two leaves the name with the first half, whoever
joins two gives the whole to the first. Nothing is told by likeness: a paragraph without a name is known by equal words
or not at all.
"""

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from lxml import etree

from documents.blocks import FIGURE, TABLE, TABLE_ROW
from documents.word import names
from documents.word.guard import Package
from documents.word.ooxml import (
    NOTE_REFERENCES,
    P_PR,
    SDT_CONTENT,
    TBL,
    TC,
    TR,
    P,
    R,
    T,
    find,
    integer,
    name,
    raw_text,
    value,
)
from documents.word.settle import TRACKED, choose_alternatives, settle_changes, take_out_numbers
from documents.word.styles import CAPTIONS, Styles
from documents.word.tables import children
from reviews.word.shown import Shown, letters

WHOLE = "*"
"""Owner of what stands for the whole: the first page, the title."""
SECTION = "§"
"""Owner of a section's heading, with its key."""
MOST_ELEMENTS = 400_000
"""Runs, paragraphs and rows; a book of a thousand pages has a quarter of them."""
BOOKMARK = name("w:bookmarkStart")
SERIAL = name("fc:serial")
OWN_NAMES = (names.BLOCK, names.TABLE, names.COLUMN, names.STRUCTURED, names.SECTION)
LETTERS = frozenset({T, name("w:delText"), name("w:drawing"), name("w:pict"), *NOTE_REFERENCES})


@dataclass
class Found:
    """A table of the file that is one of the version's."""

    table: str = ""
    structured: str = ""


@dataclass
class State:
    """The file with all changes rejected, or with all accepted."""

    root: etree._Element
    sequence: list[str] = field(default_factory=list)
    """Blocks, new texts and sections (with SECTION before the key) in the order of the file."""
    paragraphs: dict[str, str] = field(default_factory=dict)
    """Serial of a paragraph of running text -> the block that it is, or the name of a new text."""
    rows: dict[str, str] = field(default_factory=dict)
    """Serial of a row -> the block that it is, or the name of a new row."""

    @property
    def body(self) -> etree._Element:
        body = find(self.root, "w:body")
        return body if body is not None else etree.SubElement(self.root, name("w:body"))


class Story:
    """The story of one returned file, read against what went out."""

    def __init__(self, package: Package, shown: Shown) -> None:
        self.package = package
        self.shown = shown
        styles = package.related("styles")
        self.styles = Styles(package.xml(styles) if styles else None)
        root = package.xml(package.main)
        if root is None:
            raise ValueError("A package that passed the gate has a main part.")
        self.raw = State(root)
        choose_alternatives(self.raw.body)
        take_out_numbers(self.raw.body, self.styles)
        _number(self.raw.body)
        self.original = State(copy.deepcopy(root))
        settle_changes(self.original.body, accepted=False)
        self.accepted = State(copy.deepcopy(root))
        settle_changes(self.accepted.body, accepted=True)
        self.owner_of_run: dict[str, str] = {}
        self.inserted: set[str] = set()
        """Runs that are not in the version."""
        self.owner_of_paragraph: dict[str, str] = {}
        """Also of those in tables and captions, for comments that hang on them."""
        self.tables: dict[str, Found] = {}
        self.new: dict[str, list[str]] = {}
        """New text -> the blocks whose letters stand in it."""
        self.joined: dict[str, list[str]] = {}
        """Block -> other blocks whose letters stand in its paragraph now."""
        self.silent: set[str] = set()
        """New texts that stand in the file without a mark of a tracked change."""
        _Original(self).identify()
        _Accepted(self).identify()

    def owner_in(self, run: etree._Element) -> str:
        """The place of a run, also of one that was inserted; empty where nobody knows."""
        serial = run.get(SERIAL) or ""
        return self.owner_of_run.get(serial, "")

    def owner_at(self, paragraph: etree._Element) -> str:
        serial = paragraph.get(SERIAL) or ""
        return self.owner_of_paragraph.get(serial, "") or self.accepted.paragraphs.get(serial, "")

    def authors(self) -> dict[str, set[str]]:
        """Block or new text -> who changed it."""
        found: dict[str, set[str]] = {}
        for change in self.raw.body.iter(*TRACKED):
            author = " ".join((change.get(name("w:author")) or "").split())[:100]
            if not author:
                continue
            runs = list(change.iter(R))
            owners = {self.owner_in(run) for run in runs}
            row = next(change.iterancestors(TR), None)
            paragraph = next(change.iterancestors(P), None)
            if row is not None:
                owners.add(self.accepted.rows.get(row.get(SERIAL) or "", ""))
            if paragraph is not None and not runs:
                owners.add(self.owner_at(paragraph))
            for owner in owners - {""}:
                found.setdefault(owner, set()).add(author)
        return found


def _number(body: etree._Element) -> None:
    for count, element in enumerate(body.iter(R, P, TR, TBL), 1):
        if count > MOST_ELEMENTS:
            raise ValidationError(
                gettext("The file has more text than can be read. Send only the part that is commented on."),
                code="too_much_text",
            )
        element.set(SERIAL, str(count))


def flow(parent: etree._Element, pending: list[str] | None = None) -> Iterator[tuple[etree._Element, list[str]]]:
    """Paragraphs and tables in order, each with the bookmarks that stand in it or right before it."""
    pending = [] if pending is None else pending
    for child in parent:
        if child.tag in {P, TBL}:
            marks = [*pending, *(mark.get(name("w:name")) or "" for mark in child.iter(BOOKMARK))]
            pending.clear()
            yield child, marks
        elif child.tag == BOOKMARK:
            pending.append(child.get(name("w:name")) or "")
        elif isinstance(child.tag, str) and child.tag != name("w:sectPr"):
            yield from flow(child, pending)


def holds_letters(run: etree._Element) -> bool:
    return any(part.tag in LETTERS and (part.tag not in {T, name("w:delText")} or part.text) for part in run)


def serial(element: etree._Element) -> str:
    return element.get(SERIAL) or ""


class _Original:
    """Finds the blocks in the file as it was before its changes."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.shown = story.shown
        self.state = story.original
        self.flow = list(flow(self.state.body))
        self.taken: dict[str, etree._Element] = {}
        """Block or section -> the paragraph, row or table that it is."""
        self.of: dict[str, str] = {}
        """Serial -> block or section."""

    def identify(self) -> None:
        self._by_name()
        self._tables()
        self._by_words()
        self._take_out_numbers()
        for element, _marks in self.flow:
            if element.tag == P:
                self._note(element, self.of.get(serial(element), "") or self._around(element))
            else:
                self._note_table(element)
        self._write()

    # --- By hidden names ------------------------------------------------------------------------------------

    def _by_name(self) -> None:
        carriers: dict[str, list[etree._Element]] = {}
        for element, marks in self.flow:
            if element.tag == TBL:
                for row in children(element, TR):
                    row_marks = [mark.get(name("w:name")) or "" for mark in row.iter(BOOKMARK)]
                    for owner in self._named(row_marks, rows=True)[:1]:
                        carriers.setdefault(owner, []).append(row)
            else:
                for owner in self._named(marks, rows=False)[:1]:
                    carriers.setdefault(owner, []).append(element)
        for owner, elements in carriers.items():
            self._take(owner, elements[0] if len(elements) == 1 else self._best(owner, elements))

    def _named(self, marks: Iterable[str], *, rows: bool) -> list[str]:
        found = []
        for mark in marks:
            if mark.startswith(names.BLOCK):
                block = self.shown.blocks.get(mark.removeprefix(names.BLOCK))
                if block and block.is_text and (block.kind == TABLE_ROW) == rows and block.kind != TABLE:
                    found.append(block.id)
            elif mark.startswith(names.SECTION) and not rows:
                key = self.shown.section_names.get(mark.removeprefix(names.SECTION))
                if key:
                    found.append(SECTION + key)
        return found

    def _best(self, owner: str, elements: list[etree._Element]) -> etree._Element:
        """A name that was copied stays with the words that it was given to; else with the first."""
        wanted = self.shown.letters_of.get(owner, "")
        return next((row for row in elements if _letters_in(row) == wanted), elements[0])

    def _take(self, owner: str, element: etree._Element) -> None:
        if owner not in self.taken and serial(element) not in self.of:
            self.taken[owner] = element
            self.of[serial(element)] = owner

    # --- Tables ---------------------------------------------------------------------------------------------

    def _tables(self) -> None:
        for element, marks in self.flow:
            if element.tag != TBL:
                continue
            found = Found()
            for mark in marks:
                table, structured = mark.removeprefix(names.TABLE), mark.removeprefix(names.STRUCTURED)
                if mark.startswith(names.TABLE) and table in self.shown.rows_of and table not in self.taken:
                    found.table = found.table or table
                elif mark.startswith(names.STRUCTURED) and structured not in self.taken:
                    block = self.shown.blocks.get(structured)
                    found.structured = found.structured or (structured if block and not block.is_text else "")
            if not found.table and not found.structured:
                found = self._table_by_words(element)
            if found.table or found.structured:
                self._take(found.table or found.structured, element)
                self.story.tables[serial(element)] = found

    def _table_by_words(self, element: etree._Element) -> Found:
        whole = _letters_in(element)
        same = [
            block.id
            for block in self.shown.blocks.values()
            if not block.is_text and whole and self.shown.letters_of[block.id] == whole and block.id not in self.taken
        ]
        if len(same) == 1:
            return Found(structured=same[0])
        rows = list(children(element, TR))
        by_words: dict[str, list[str]] = {}
        for row_id in self.shown.table_of:
            by_words.setdefault(self.shown.letters_of[row_id], []).append(row_id)
        known = {row: by_words.get(_letters_in(row), []) for row in rows if _letters_in(row)}
        tables = {self.shown.table_of[ids[0]] for ids in known.values() if len(ids) == 1}
        if len(tables) != 1:
            return Found()
        table = tables.pop()
        width = max((_width(row) for row in rows), default=0)
        if table in self.taken or width != len(self.shown.columns(table)):
            return Found()
        for row, ids in known.items():
            if len(ids) == 1:
                self._take(ids[0], row)
        return Found(table=table)

    # --- By equal words -------------------------------------------------------------------------------------

    def _by_words(self) -> None:
        waiting: dict[str, list[str]] = {}
        for block_id, block in self.shown.blocks.items():
            words = self.shown.letters_of[block_id]
            if words and block.is_text and block.kind != TABLE_ROW and block_id not in self.taken:
                waiting.setdefault(words, []).append(block_id)
        nameless: dict[str, list[etree._Element]] = {}
        for element, _marks in self.flow:
            if element.tag == P and serial(element) not in self.of:
                nameless.setdefault(_letters_in(element), []).append(element)
        for words, elements in nameless.items():
            ids = waiting.get(words) or self._numbered(words, waiting)
            if len(ids) == len(elements):
                for block_id, element in zip(ids, elements, strict=True):
                    self._take(block_id, element)
            elif words in self.shown.headings and len(elements) == 1:
                self._take(SECTION + self.shown.headings[words], elements[0])

    def _numbered(self, words: str, waiting: dict[str, list[str]]) -> list[str]:
        """Texts whose printed number came back as if it were one of their words."""
        rest = words.lstrip("0123456789")
        number = words[: len(words) - len(rest)]
        return [block_id for block_id in waiting.get(rest, []) if number and self.shown.numbers.get(block_id) == number]

    def _take_out_numbers(self) -> None:
        """Other programs drop the style of the printed numbers; where all else is as it was, they are known by it."""
        dropped = {
            serial(element): self.shown.numbers[owner]
            for owner, element in self.taken.items()
            if owner in self.shown.numbers
            and _letters_in(element) == self.shown.numbers[owner] + self.shown.letters_of[owner]
        }
        if not dropped:
            return
        for state in (self.story.raw, self.state, self.story.accepted):
            for paragraph in state.body.iter(P):
                number = dropped.get(serial(paragraph), "")
                first = next((part for part in paragraph.iter(T) if part.text and part.text.strip()), None)
                if number and first is not None and (first.text or "").lstrip().startswith(number):
                    first.text = (first.text or "").lstrip().removeprefix(number).lstrip()

    # --- What hangs on them -----------------------------------------------------------------------------------

    def _around(self, paragraph: etree._Element) -> str:
        """The place of a paragraph that is no block itself: a caption's figure or table, the first page, the title."""
        style = value(paragraph, "w:pPr/w:pStyle")
        if self.story.styles.is_cover(style) or self.story.styles.is_title(style):
            return WHOLE
        if not self.story.styles.is_named(style, CAPTIONS):
            return ""
        following, before = _neighbour(paragraph, 1), _neighbour(paragraph, -1)
        if following is not None and following.tag == TBL and serial(following) in self.story.tables:
            return self.story.tables[serial(following)].table
        owner = self.of.get(serial(before), "") if before is not None else ""
        return owner if owner in self.shown.blocks and self.shown.blocks[owner].kind == FIGURE else ""

    def _note(self, paragraph: etree._Element, owner: str) -> None:
        self.story.owner_of_paragraph[serial(paragraph)] = owner
        for run in paragraph.iter(R):
            self.story.owner_of_run[serial(run)] = owner
        if serial(paragraph) in self.of:
            self.state.paragraphs[serial(paragraph)] = owner
            self.state.sequence.append(owner)

    def _note_table(self, table: etree._Element) -> None:
        found = self.story.tables.get(serial(table), Found())
        if found.table or found.structured:
            self.state.sequence.append(found.table or found.structured)
        for row in children(table, TR):
            own = self.of.get(serial(row), "")
            if own:
                self.state.rows[serial(row)] = own
                self.state.sequence.append(own)
            for paragraph in row.iter(P):
                owner = own or found.structured or found.table
                self.story.owner_of_paragraph[serial(paragraph)] = owner
                for run in paragraph.iter(R):
                    self.story.owner_of_run[serial(run)] = owner

    def _write(self) -> None:
        write_names(self.story, self.state)


class _Accepted:
    """Finds the blocks in the file as it would be with its changes."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.state = story.accepted
        self.claimed: set[str] = set()
        self.flow = list(flow(self.state.body))
        self.moved = _moves(story)

    def identify(self) -> None:
        for element, _marks in self.flow:
            if element.tag == TBL:
                self._table(element)
            else:
                self._paragraph(element)
        write_names(self.story, self.state)

    def _paragraph(self, paragraph: etree._Element) -> None:
        runs = [run for run in paragraph.iter(R) if holds_letters(run)]
        if not runs:
            return
        known = self.story.owner_of_run
        owners = list(dict.fromkeys(known[serial(run)] for run in runs if known.get(serial(run))))
        if WHOLE in owners[:1] or self._is_around(paragraph, owners):
            self._note_inserted(runs, owners[0])
            return
        owner = next((row for row in owners if self._is_free(row)), "")
        at_end = self.story.original.paragraphs.get(serial(paragraph), "")
        if not owner and not owners and self._is_free(at_end):
            owner = at_end
        owner = owner or self._moved_here(runs)
        name_of_new = f"n{int(serial(paragraph)):09d}"
        self.claimed.add(owner)
        own = owner or name_of_new
        if not owner and not owners and any(serial(run) in known for run in runs):
            self.story.silent.add(own)
        others = [row for row in owners if row in self.story.shown.blocks and row != own]
        if owner:
            self.story.joined.setdefault(owner, []).extend(others)
        else:
            self.story.new[own] = others
        self.state.paragraphs[serial(paragraph)] = own
        self.state.sequence.append(own)
        self._note_inserted(runs, own)

    def _is_around(self, paragraph: etree._Element, owners: list[str]) -> bool:
        """A caption, whose figure or table stands for it."""
        owner = self.story.owner_of_paragraph.get(serial(paragraph), "")
        is_block = self.story.original.paragraphs.get(serial(paragraph), "") == owner
        return bool(owner) and not is_block and bool(owners)

    def _is_free(self, owner: str) -> bool:
        if not owner or owner in self.claimed or owner == WHOLE:
            return False
        block = self.story.shown.blocks.get(owner)
        return block is None or (block.is_text and block.kind not in {TABLE, TABLE_ROW})

    def _moved_here(self, runs: list[etree._Element]) -> str:
        owner = self.moved.get(serial(runs[0]), "")
        return owner if self._is_free(owner) else ""

    def _note_inserted(self, runs: Iterable[etree._Element], owner: str) -> None:
        for run in runs:
            if not self.story.owner_of_run.get(serial(run)):
                self.story.owner_of_run[serial(run)] = owner
                self.story.inserted.add(serial(run))

    def _table(self, table: etree._Element) -> None:
        found = self.story.tables.get(serial(table), Found())
        own = found.table or found.structured
        if own:
            self.state.sequence.append(own)
        else:
            own = f"t{int(serial(table)):09d}"
            self.story.new[own] = []
            self.state.sequence.append(own)
            if any(serial(run) in self.story.owner_of_run for run in table.iter(R)):
                self.story.silent.add(own)
        for row in children(table, TR):
            runs = [run for run in row.iter(R) if holds_letters(run)]
            row_owner = self.story.original.rows.get(serial(row), "")
            if not row_owner and found.table and runs:
                row_owner = f"r{int(serial(row)):09d}"
                self.story.new[row_owner] = []
                if any(serial(run) in self.story.owner_of_run for run in runs):
                    self.story.silent.add(row_owner)
            if row_owner:
                self.state.rows[serial(row)] = row_owner
                self.state.sequence.append(row_owner)
            self._note_inserted(runs, row_owner or own)


def _moves(story: Story) -> dict[str, str]:
    """Serial of a first run that was moved here -> the whole paragraph that was moved, as Word pairs the two."""
    origins: dict[str, dict[str, None]] = {}
    arrived: dict[str, dict[str, None]] = {}
    open_names: dict[str, dict[str, str]] = {"moveFrom": {}, "moveTo": {}}
    for element in story.raw.body.iter():
        tag = element.tag if isinstance(element.tag, str) else ""
        for kind, opened in open_names.items():
            if tag == name(f"w:{kind}RangeStart"):
                opened[element.get(name("w:id")) or ""] = element.get(name("w:name")) or ""
            elif tag == name(f"w:{kind}RangeEnd"):
                opened.pop(element.get(name("w:id")) or "", None)
        if tag != R or not holds_letters(element):
            continue
        around = next(element.iterancestors(name("w:moveFrom"), name("w:moveTo")), None)
        if around is None:
            continue
        is_origin = around.tag == name("w:moveFrom")
        for move in list(open_names["moveFrom" if is_origin else "moveTo"].values())[-1:]:
            if is_origin:
                owner = story.owner_in(element)
                if owner:
                    origins.setdefault(move, {})[owner] = None
            else:
                paragraph = next(element.iterancestors(P), None)
                first = (
                    next((run for run in paragraph.iter(R) if holds_letters(run)), None)
                    if paragraph is not None
                    else None
                )
                if first is not None:
                    arrived.setdefault(move, {})[serial(first)] = None
    return {
        run: owner
        for move, owners in origins.items()
        if len(owners) == len(arrived.get(move, []))
        for run, owner in zip(arrived[move], owners, strict=True)
    }


def write_names(story: Story, state: State) -> None:
    """Give each paragraph and row the hidden name of what it was found to be, and no other, so that it is read so.

    What is left of tracked changes goes: they are settled.
    """
    for change in list(state.root.iter(*TRACKED, name("w:cellIns"), name("w:cellDel"))):
        parent = change.getparent()
        if parent is not None:
            parent.remove(change)
    for mark in list(state.root.iter(BOOKMARK)):
        if (mark.get(name("w:name")) or "").startswith(OWN_NAMES):
            parent = mark.getparent()
            if parent is not None:
                parent.remove(mark)
    for paragraph in list(state.body.iter(P)):
        owner = state.paragraphs.get(serial(paragraph), "")
        if owner.startswith(SECTION):
            _add_name(paragraph, names.SECTION + names.section_name(owner.removeprefix(SECTION)))
        elif owner:
            _add_name(paragraph, names.BLOCK + owner)
    for table in list(state.body.iter(TBL)):
        found = story.tables.get(serial(table))
        rows = list(children(table, TR))
        for row in rows:
            cell = next(iter(children(row, TC)), None)
            if cell is not None and serial(row) in state.rows:
                _name_cell(cell, names.BLOCK + state.rows[serial(row)])
        if found and rows:
            _name_table(rows[0], found, story.shown)


def _name_table(row: etree._Element, found: Found, shown: Shown) -> None:
    cells = list(children(row, TC))
    if not cells:
        return
    _name_cell(cells[0], names.TABLE + found.table if found.table else names.STRUCTURED + found.structured)
    if not found.table:
        return
    columns = shown.columns(found.table)
    for cell in cells:
        span = max(1, integer(value(cell, "w:tcPr/w:gridSpan"), 1))
        for key in columns[:span]:
            _name_cell(cell, names.COLUMN + key)
        columns = columns[span:]


def _name_cell(cell: etree._Element, mark: str) -> None:
    paragraph = next(cell.iter(P), None)
    if paragraph is None:
        paragraph = etree.SubElement(cell, P)
    _add_name(paragraph, mark)


def _add_name(paragraph: etree._Element, mark: str) -> None:
    place = 0
    while place < len(paragraph) and paragraph[place].tag in {P_PR, BOOKMARK}:
        place += 1
    element = etree.Element(BOOKMARK)
    element.set(name("w:name"), mark)
    paragraph.insert(place, element)


def _letters_in(element: etree._Element) -> str:
    paragraphs = [element] if element.tag == P else element.iter(P)
    return letters("".join(raw_text(paragraph) for paragraph in paragraphs))


def _width(row: etree._Element) -> int:
    return sum(max(1, integer(value(cell, "w:tcPr/w:gridSpan"), 1)) for cell in children(row, TC))


def _neighbour(element: etree._Element, step: int) -> etree._Element | None:
    """The paragraph or table beside this one, whatever marks stand between."""
    other = element.getnext() if step > 0 else element.getprevious()
    while other is not None and other.tag not in {P, TBL, SDT_CONTENT}:
        other = other.getnext() if step > 0 else other.getprevious()
    return other
