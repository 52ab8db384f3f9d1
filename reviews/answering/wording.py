"""A block's words as plain text to be edited in a field, and back, with links and emphasis where they still belong."""

import html
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from documents import richtext

NOTE_START, NOTE_END = '<span class="note">', "</span>"
TOKEN = re.compile(r"\n|[^\S\n]+|\w+|[^\w\s]", re.UNICODE)
LAYERED = re.compile(r"<(?:p|ul|ol|li)>")


@dataclass(frozen=True)
class Piece:
    """A word, a sign or a space with the marks around it; a footnote is one piece."""

    text: str
    marks: tuple[str, ...] = ()
    note: str = ""


def to_text(source: str) -> str | None:
    """The words as a field shows them: a line for each break, a footnote in brackets.

    None for a table cell with paragraphs or lists in it, which a plain field could not give back.
    """
    if LAYERED.search(source):
        return None
    return "".join(piece.text for piece in _pieces(source))


def from_text(source: str, text: str) -> str:
    """The edited words as HTML. What was in a link, bold or a footnote in `source` and still stands stays so.

    New words take the marks that they stand between; words that replace others take theirs.
    """
    text = "\n".join(line.strip() for line in text.strip().splitlines())
    if text == to_text(source):
        return source
    before = _pieces(source)
    notes = {piece.text: piece.note for piece in before if piece.note}
    after = _tokens(text, notes)
    written: list[Piece] = []
    for tag, a, b, c, d in richtext.opcodes([piece.text for piece in before], after):
        if tag == "equal":
            written.extend(before[a:b])
        elif tag in {"insert", "replace"}:
            around = before[a:b] if tag == "replace" else [*before[max(a - 1, 0) : a], *before[a : a + 1]]
            inside = tag == "replace" or (0 < a < len(before))
            marks = _shared(piece.marks for piece in around if not piece.text.isspace()) if inside else ()
            written.extend(Piece(token, marks, notes.get(token, "")) for token in after[c:d])
    return richtext.sanitise(_written(written))


def _pieces(source: str) -> list[Piece]:
    pieces: list[Piece] = []
    marks: list[str] = []
    note: list[str] | None = None
    for token in richtext.tokens(richtext.sanitise(source)):
        if note is not None:
            if token == NOTE_END:
                words = "".join(note)
                shown = f" [{richtext.plain(words)}]"
                pieces.append(Piece(shown, tuple(marks), f"{NOTE_START}{words}{NOTE_END}"))
                note = None
            else:
                note.append(token)
        elif token == NOTE_START:
            note = []
        elif token == "<br>":  # noqa: S105 a line break
            pieces.append(Piece("\n", tuple(marks)))
        elif token.startswith("</"):
            marks.pop()
        elif token.startswith("<"):
            marks.append(token)
        else:
            pieces.extend(Piece(part, tuple(marks)) for part in TOKEN.findall(html.unescape(token)))
    return pieces


def _tokens(text: str, notes: Collection[str]) -> list[str]:
    if not notes:
        return TOKEN.findall(text)
    found = re.split("(" + "|".join(re.escape(note) for note in sorted(notes, key=len, reverse=True)) + ")", text)
    return [token for part in found for token in ([part] if part in notes else TOKEN.findall(part))]


def _shared(marks: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The marks that all of some pieces stand in, outermost first."""
    rows = list(marks)
    if not rows:
        return ()
    shared: list[str] = []
    for same in zip(*rows, strict=False):
        if len(set(same)) > 1:
            break
        shared.append(same[0])
    return tuple(shared)


def _written(pieces: Sequence[Piece]) -> str:
    out: list[str] = []
    marks: tuple[str, ...] = ()
    for piece in [*pieces, Piece("")]:
        kept = len(_shared([marks, piece.marks]))
        out.extend(f"</{_name(mark)}>" for mark in reversed(marks[kept:]))
        out.extend(piece.marks[kept:])
        marks = piece.marks
        out.append(piece.note or ("<br>" if piece.text == "\n" else html.escape(piece.text, quote=False)))
    return "".join(out)


def _name(mark: str) -> str:
    return re.match(r"<(\w+)", mark).group(1)  # type: ignore[union-attr]
