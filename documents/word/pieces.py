"""What a Word file says: its pieces in order, its words, its pictures, and what was left out and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from documents import richtext
from documents.blocks import FIGURE, HEADING, PARAGRAPH, TABLE, TABLE_ROW
from documents.html import Incoming
from documents.word.counting import count_text


class Tracked(StrEnum):
    """What to make of tracked changes."""

    ASK = "ask"
    """Read as accepted, and say that a person has to choose."""
    ACCEPTED = "accepted"
    ORIGINAL = "original"


@dataclass
class Piece:
    """One block of the file, as it may be put into a section."""

    incoming: Incoming
    heading_level: int = 0
    """1–9 for a heading, 0 for everything else."""
    heading_guess: bool = False
    """Looks like a heading but is not one in Word: short, and bold or larger than the rest."""
    is_title: bool = False
    """The title of the whole file."""
    number: str = ""
    """The number before it, typed or automatic: "2.3", "1)". It is not in the text."""
    typed: str = ""
    """What was typed as its number or dash and taken off the text."""
    typed_words: int = 0
    """How many of the file's words were in `typed`."""
    section_key: str = ""
    """The section that the file itself names (our form or version file), as `names.section_name` writes it."""
    is_section_heading: bool = False
    """The heading of the section `section_key` itself, no block of its text."""
    in_guidance: bool = False
    """Typed into our guidance by somebody, so it is text to be looked at."""
    structured_id: str = ""
    """The goal, action or other structured block that it shows, in a file of ours; its truth is elsewhere."""
    in_table: bool = False
    """A picture that stood in a cell; it follows its table."""
    is_caption: bool = False
    style: str = ""
    """The style's name in Word."""
    place: int = 0
    """Order in the file."""
    size: int = 0
    """Of the letters, in half points."""
    indent: int = 0
    """From the left, in twentieths of a point."""
    cells: list[list["Piece"]] = field(default_factory=list)
    """Of a table row: what each cell holds, for `unfold_table`."""

    @property
    def kind(self) -> str:
        return self.incoming.kind

    @property
    def plain(self) -> str:
        return richtext.plain(" ".join(self.incoming.text.values()))

    @property
    def text_words(self) -> int:
        """Words in its text, which is what will be stored."""
        return count_text(self.incoming.kind, self.incoming.text)

    @property
    def words(self) -> int:
        """Words that the file has here, with what was typed as a number or a dash."""
        return self.text_words + self.typed_words


@dataclass(frozen=True)
class Image:
    """A picture of the file."""

    content: bytes
    content_type: str
    name: str


@dataclass(frozen=True)
class LeftOut:
    """Words of the file that are no part of its text: `contents`, `guidance`, `placeholder`, `hidden` or `cover`."""

    reason: str
    text: str

    @property
    def words(self) -> int:
        return len(self.text.split())


@dataclass
class WordText:
    """A Word file, read."""

    pieces: list[Piece]
    words: int
    """Counted in the file's own runs, not in the pieces. `left_out` is not among them."""
    language: str = ""
    """"fi", "sv" or "en": of most of the words; empty where the file does not say."""
    title: str = ""
    """From the file's properties."""
    tracked_changes: int = 0
    authors: list[str] = field(default_factory=list)
    words_accepted: int = 0
    words_original: int = 0
    must_ask: bool = False
    """There are tracked changes, and nobody has said what to make of them."""
    comments: int = 0
    images: dict[str, Image] = field(default_factory=dict)
    """By the key that figures have in `data["file"]`."""
    left_out: list[LeftOut] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    """What cannot be taken in: `chart`, `diagram`, `object`, `linked_image`, `image`, `attached_file`."""

    @property
    def piece_words(self) -> int:
        """The same words counted in the pieces; equal to `words`."""
        return sum(piece.words for piece in self.pieces)

    @property
    def agrees(self) -> bool:
        return self.piece_words == self.words

    @property
    def left_out_words(self) -> int:
        return sum(row.words for row in self.left_out)


# --- Tables that are forms ------------------------------------------------------------------------------


def table_end(pieces: Sequence[Piece], start: int) -> int:
    """One past the last piece that belongs to the table at `start`: its rows and the pictures of its cells."""
    end = start + 1
    while end < len(pieces) and (pieces[end].kind == TABLE_ROW or pieces[end].in_table):
        end += 1
    return end


def looks_like_form(table: Sequence[Piece]) -> bool:
    """Whether a table is a form: two columns, questions on the left and answers on the right."""
    rows = [piece for piece in table if piece.kind == TABLE_ROW and not piece.incoming.data.get("head")]
    pairs = [row for row in rows if len(row.cells) == 2]
    if not pairs or len(pairs) * 3 < len(rows) * 2 or any(len(row.cells) > 2 for row in rows):
        return False
    asked = [_words(row.cells[0]) for row in pairs]
    answered = [_words(row.cells[1]) for row in pairs]
    if not all(0 < words <= 60 for words in asked):
        return False
    blocks = max(len(row.cells[1]) for row in pairs)
    return blocks > 1 or sum(answered) >= 3 * sum(asked) or sum(answered) >= 25 * len(pairs)


def _words(cell: Sequence[Piece]) -> int:
    return sum(piece.words for piece in cell)


def unfold_table(piece_rows: Sequence[Piece], *, level: int = 2) -> list[Piece]:
    """A table that is a form, as running text: `pieces[start:table_end(pieces, start)]` is what it takes.

    Each row's left cell becomes a heading (what follows its first paragraph stays text below it), and the other cells'
    blocks follow it as they are. A row of one cell is a heading one level above; a caption and the head row's words
    become paragraphs. No word is lost.
    """
    rows = [piece for piece in piece_rows if piece.kind == TABLE_ROW]
    result: list[Piece] = []
    for table in (piece for piece in piece_rows if piece.kind == TABLE):
        if caption := table.incoming.text.get("caption"):
            result.append(_like(table, Incoming(kind=PARAGRAPH, text={"body": caption})))
    shown: set[int] = set()
    for row in rows:
        cells = [[_out_of_table(piece) for piece in cell] for cell in row.cells]
        shown.update(id(piece) for cell in row.cells for piece in cell)
        if row.incoming.data.get("head"):
            result += [piece for cell in cells for piece in cell]
        elif cells:
            heading_level = max(1, level - 1) if len(cells) == 1 and len(rows) > 1 else level
            result += _question(cells[0], heading_level)
            result += [piece for cell in cells[1:] for piece in cell]
    result += [piece for piece in piece_rows if piece.in_table and id(piece) not in shown]
    return result


def _out_of_table(piece: Piece) -> Piece:
    return replace(piece, in_table=False) if piece.in_table else piece


def _like(piece: Piece, incoming: Incoming) -> Piece:
    return Piece(incoming=incoming, section_key=piece.section_key, place=piece.place)


def _question(cell: Sequence[Piece], level: int) -> list[Piece]:
    result: list[Piece] = []
    asked = False
    for piece in cell:
        if asked or piece.kind == FIGURE or not piece.incoming.text.get("body"):
            result.append(piece)
            continue
        asked = True
        incoming = Incoming(
            kind=HEADING, text={"body": _without_strong(piece.incoming.text["body"])}, data={"level": 1}
        )
        heading = _like(piece, incoming)
        heading.heading_level = level
        heading.number, heading.typed, heading.typed_words = piece.number, piece.typed, piece.typed_words
        result.append(heading)
    return result


def _without_strong(source: str) -> str:
    return source.replace("<strong>", "").replace("</strong>", "")
