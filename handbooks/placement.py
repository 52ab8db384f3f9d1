"""What a Word file holds, piece by piece, and where a person or the matching puts each: the state of an import.

It is kept as JSON in the import's row between the steps, so nothing of a file waits in a session.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from documents import richtext
from documents.blocks import FIGURE, TABLE, TABLE_ROW
from documents.html import Incoming
from handbooks.matching import HEADING, TEXT, Matcher, Piece, form_rows

TRAY, LEFT_OUT, TITLE = "", "-", "="
"""Places that are no section: waits for one, is not wanted, is the handbook's own title."""

Unfold = Callable[[Sequence[Incoming]], Sequence[Piece]]


@dataclass
class Entry:
    """One piece of a file that has a place: a paragraph, a list item, a heading, or a table with its rows."""

    blocks: list[Incoming]
    words: int
    heading: bool
    level: int | None
    section_key: str | None = None
    """The hidden name of its section, where our own form or file brought one along."""
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
    def heading_level(self) -> int | None:
        return self.level

    @property
    def heading_guess(self) -> bool:
        return self.heading and self.level is None

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
            elif entry.heading:
                matcher.go_to(entry.place, level=entry.level)

    def change(self, choices: Mapping[int, str], matcher: Matcher) -> None:
        """Put pieces where a person says, by index, and let the rest follow."""
        for index, place in choices.items():
            entry = self.entries[index]
            if place != entry.place:
                entry.place, entry.by_hand, entry.check = place, True, False
        self.settle(matcher)


def count_words(blocks: Iterable[Incoming]) -> int:
    return sum(richtext.count_words(text) for block in blocks for text in block.text.values())


# --- Made from a file -----------------------------------------------------------------------------------


def read_entries(pieces: Sequence[Piece], matcher: Matcher, *, unfold: Unfold) -> Placement:
    """The pieces of a file in order, each table with its rows, with their proposed places.

    `unfold` turns the rows of a table that is a form (task on the left, answer on the right) into pieces.
    """
    placement = Placement()
    reading = matcher.copy()
    index = 0
    while index < len(pieces):
        piece = pieces[index]
        rows = _rows(pieces, index) if piece.incoming.kind == TABLE else []
        cells = [row.incoming for row in rows]
        if rows and not _carries_ids(piece, rows) and form_rows(cells, reading.outline, reading.chapter):
            found = [_entry([part.incoming], part) for part in unfold(cells)]
        else:
            found = [_entry([piece.incoming, *cells], piece)]
        for entry in found:
            reading.place(entry)
        placement.entries.extend(found)
        index += 1 + len(rows)
    placement.settle(matcher)
    return placement


def _carries_ids(table: Piece, rows: Sequence[Piece]) -> bool:
    return any(piece.incoming.id for piece in (table, *rows))


def _rows(pieces: Sequence[Piece], start: int) -> list[Piece]:
    rows: list[Piece] = []
    for piece in pieces[start + 1 :]:
        if piece.incoming.kind != TABLE_ROW:
            break
        rows.append(piece)
    return rows


def _entry(blocks: list[Incoming], piece: Piece) -> Entry:
    return Entry(
        blocks=blocks,
        words=count_words(blocks),
        heading=piece.heading_level is not None or piece.heading_guess,
        level=piece.heading_level,
        section_key=piece.section_key,
    )


# --- As JSON --------------------------------------------------------------------------------------------


def dump(placement: Placement) -> list[dict[str, Any]]:
    return [
        {
            "blocks": [_dump_block(block) for block in entry.blocks],
            "words": entry.words,
            "heading": entry.heading,
            "level": entry.level,
            "section_key": entry.section_key,
            "place": entry.place,
            "role": entry.role,
            "certainty": entry.certainty,
            "check": entry.check,
            "by_hand": entry.by_hand,
        }
        for entry in placement.entries
    ]


def load(raw: Iterable[Mapping[str, Any]]) -> Placement:
    return Placement([Entry(**{**row, "blocks": [_load_block(block) for block in row["blocks"]]}) for row in raw])


def _dump_block(block: Incoming) -> dict[str, Any]:
    return {"kind": block.kind, "text": block.text, "data": block.data, "id": block.id}


def _load_block(raw: Mapping[str, Any]) -> Incoming:
    return Incoming(kind=raw["kind"], text=dict(raw["text"]), data=dict(raw["data"]), id=raw["id"])


def figures(blocks: Iterable[Incoming]) -> list[Incoming]:
    return [block for block in blocks if block.kind == FIGURE]
