"""What a Word file holds, piece by piece, and where a person or the matching puts each: the state of an import.

It is kept as JSON in the import's row between the steps, so nothing of a file waits in a session.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from documents import richtext
from documents.blocks import FIGURE, PARAGRAPH, TABLE, TABLE_ROW
from documents.html import Incoming
from documents.word.pieces import Piece, table_end, unfold_table
from handbooks.matching import HEADING, TEXT, Matcher, is_form

TRAY, LEFT_OUT, TITLE = "", "-", "="
"""Places that are no section: waits for one, is not wanted, is the handbook's own title."""


@dataclass
class Entry:
    """One piece of a file that has a place: a paragraph, a list item, a heading, or a table with its rows."""

    blocks: list[Incoming]
    words: int
    heading_level: int = 0
    heading_guess: bool = False
    is_title: bool = False
    is_section_heading: bool = False
    in_guidance: bool = False
    section_key: str = ""
    """The hidden name of its section, where our own form or file brought one along."""
    typed: str = ""
    """The number or dash that was typed before it and taken off its text."""
    place: str = TRAY
    """A section's key, or TRAY, LEFT_OUT or TITLE."""
    role: str = TEXT
    certainty: str = ""
    check: bool = False
    by_hand: bool = False

    @property
    def incoming(self) -> Incoming:
        return self.blocks[0]

    @property
    def looks_like_heading(self) -> bool:
        return bool(self.heading_level) or self.heading_guess

    @property
    def is_heading(self) -> bool:
        """Whether its words are a section's heading (or the title), which is not imported as text."""
        return self.role == HEADING and self.place not in {TRAY, LEFT_OUT}

    @property
    def needs_check(self) -> bool:
        return self.check and not self.by_hand and self.place != TRAY

    @property
    def text(self) -> str:
        """Its words, for a person to know it by."""
        return " · ".join(words for block in self.blocks if (words := richtext.plain(" ".join(block.text.values()))))

    @property
    def kind(self) -> str:
        return self.blocks[0].kind


@dataclass(frozen=True)
class Counts:
    """How the words and pieces of a file add up. `imported` and `left_out` together are all words."""

    pieces: int
    placed: int
    to_check: int
    tray: int
    words: int
    words_text: int
    words_headings: int
    words_tray: int
    words_left_out: int

    @property
    def words_imported(self) -> int:
        """What ends up in the handbook: text, headings, and what is kept unplaced."""
        return self.words_text + self.words_headings + self.words_tray


@dataclass
class Placement:
    """All pieces of one file with their places."""

    entries: list[Entry] = field(default_factory=list)

    def counts(self) -> Counts:
        def words(entries: Iterable[Entry]) -> int:
            return sum(entry.words for entry in entries)

        tray = [entry for entry in self.entries if entry.place == TRAY]
        to_check = [entry for entry in self.entries if entry.needs_check]
        return Counts(
            pieces=len(self.entries),
            placed=len(self.entries) - len(tray) - len(to_check),
            to_check=len(to_check),
            tray=len(tray),
            words=words(self.entries),
            words_text=words(
                entry for entry in self.entries if not entry.is_heading and entry.place not in {TRAY, LEFT_OUT}
            ),
            words_headings=words(entry for entry in self.entries if entry.is_heading),
            words_tray=words(tray),
            words_left_out=words(entry for entry in self.entries if entry.place == LEFT_OUT),
        )

    def texts(self) -> dict[str, list[Incoming]]:
        """What is imported: section key (TRAY for what has no place) -> blocks in the file's order."""
        found: dict[str, list[Incoming]] = {}
        for entry in self.entries:
            if entry.place != LEFT_OUT and not entry.is_heading:
                found.setdefault(TRAY if entry.place == TITLE else entry.place, []).extend(entry.blocks)
        return found

    def settle(self, matcher: Matcher) -> None:
        """Propose a place for every piece that nobody has put anywhere, in the light of what was put by hand.

        What stands under a heading that a person has placed goes along with it.
        """
        for entry in self.entries:
            if not entry.by_hand:
                found = matcher.place(entry)
                entry.place = found.key if found.key is not None else TITLE if found.role == HEADING else TRAY
                entry.role, entry.certainty, entry.check = found.role, found.certainty, found.check
            elif entry.looks_like_heading:
                matcher.go_to(entry.place, level=entry.heading_level)

    def change(self, choices: Mapping[int, str], matcher: Matcher) -> None:
        """Put pieces where a person says, by index, and let the rest follow."""
        for index, place in choices.items():
            entry = self.entries[index]
            if place != entry.place:
                entry.place, entry.by_hand, entry.check = place, True, False
        self.settle(matcher)

    def keep_choices(self, earlier: "Placement", matcher: Matcher) -> None:
        """Put what a person placed in an earlier file there again, so that importing it twice is importing it once.

        A piece is known by its words; of equal ones, the first stays the first. A place that is gone is forgotten.
        """
        places = {TRAY, LEFT_OUT, TITLE, *matcher.outline.tasks}
        chosen = {words: entry.place for words, entry in earlier._by_words() if entry.by_hand and entry.place in places}
        for words, entry in self._by_words():
            if words in chosen:
                entry.place, entry.by_hand, entry.check = chosen[words], True, False
        self.settle(matcher)

    def _by_words(self) -> Iterator[tuple[tuple[str, str, int], Entry]]:
        """Each piece that has words, after its kind, its words and its turn among equals."""
        seen: Counter[tuple[str, str]] = Counter()
        for entry in self.entries:
            if entry.text:
                words = (entry.kind, entry.text)
                yield (*words, seen[words]), entry
                seen[words] += 1


# --- Made from a file -----------------------------------------------------------------------------------


def read_entries(pieces: Sequence[Piece], matcher: Matcher) -> Placement:
    """The pieces of a file in order, each table with its rows, with their proposed places.

    A table that is a form (task on the left, answer on the right) is read as headings and text.
    """
    placement = Placement()
    reading = matcher.copy()
    index = 0
    while index < len(pieces):
        end = table_end(pieces, index) if pieces[index].kind == TABLE else index + 1
        part = pieces[index:end]
        if _is_form(part, reading):
            found = [_entry([piece]) for piece in _unfolded(part, reading)]
        else:
            # A picture out of a cell follows its table as a piece of its own.
            together = [piece for piece in part if not piece.in_table] or part
            found = [_entry(together), *(_entry([piece]) for piece in part if piece not in together)]
        for entry in found:
            reading.place(entry)
        placement.entries.extend(found)
        index = end
    placement.settle(matcher)
    return placement


def _is_form(part: Sequence[Piece], reading: Matcher) -> bool:
    """Whether these pieces are a table whose left cells are tasks. Our own files need no guessing."""
    rows = [piece for piece in part if piece.kind == TABLE_ROW]
    pairs = [row for row in rows if len(row.cells) == 2]
    is_ours = any(piece.incoming.id for piece in part) or bool(part[0].section_key)
    if is_ours or not pairs or any(len(row.cells) > 2 for row in rows):
        return False
    return is_form([_question(row) for row in pairs], reading.outline, reading.chapter)


def _question(row: Piece) -> str:
    """The first words of a row's left cell: the task, where its help stands below."""
    return next((f"{piece.typed} {piece.plain}".strip() for piece in row.cells[0] if piece.plain), "")


def _unfolded(part: Sequence[Piece], reading: Matcher) -> list[Piece]:
    found = unfold_table(part, level=2)
    for piece in found:
        # A row across both columns is a note on the chapter, unless it names one.
        if piece.heading_level == 1 and reading.outline.find(piece.plain, chapter=None, level=1) is None:
            piece.heading_level = 0
            piece.incoming = Incoming(kind=PARAGRAPH, text=piece.incoming.text)
    return found


def _entry(pieces: Sequence[Piece]) -> Entry:
    piece = pieces[0]
    return Entry(
        blocks=[item.incoming for item in pieces],
        words=sum(item.words for item in pieces),
        heading_level=piece.heading_level,
        heading_guess=piece.heading_guess,
        is_title=piece.is_title,
        is_section_heading=piece.is_section_heading,
        in_guidance=piece.in_guidance,
        section_key=piece.section_key,
        typed=piece.typed,
    )


# --- As JSON --------------------------------------------------------------------------------------------


FIELDS = [row.name for row in fields(Entry) if row.name != "blocks"]


def dump(placement: Placement) -> list[dict[str, Any]]:
    return [
        {"blocks": [_dump_block(block) for block in entry.blocks], **{name: getattr(entry, name) for name in FIELDS}}
        for entry in placement.entries
    ]


def load(raw: Iterable[Mapping[str, Any]]) -> Placement:
    return Placement([Entry(**{**row, "blocks": [_load_block(block) for block in row["blocks"]]}) for row in raw])


def _dump_block(block: Incoming) -> dict[str, Any]:
    # A list of pairs, because PostgreSQL's jsonb does not keep the order of keys and cells stand in one.
    return {"kind": block.kind, "text": list(block.text.items()), "data": block.data, "id": block.id}


def _load_block(raw: Mapping[str, Any]) -> Incoming:
    return Incoming(kind=raw["kind"], text=dict(raw["text"]), data=dict(raw["data"]), id=raw["id"])


def figures(blocks: Iterable[Incoming]) -> list[Incoming]:
    return [block for block in blocks if block.kind == FIGURE]
