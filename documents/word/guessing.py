"""What people meant who did not use Word's styles: typed dashes and numbers, bold lines that are headings, captions."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from documents.blocks import FIGURE, HEADING, LIST_ITEM, PARAGRAPH, TABLE, TABLE_ROW
from documents.html import MAX_LIST_DEPTH
from documents.word import names
from documents.word.counting import count_html
from documents.word.inline import Segment, take_start, to_html
from documents.word.pieces import Piece

HEADING_NUMBER = re.compile(
    r"(\d{1,2}(?:\.\d{1,2}){0,4}[.):]?(?=\s)|\d{1,2}(?:\.\d{1,2}){0,4}[.)](?=[^\W\d])|[IVX]{1,5}[.)](?=\s)"
    r"|\(?[A-Za-zÅÄÖåäö]\)(?=\s)|[A-ZÅÄÖ]\.(?=\s))\s*"
)
BULLET = re.compile(r"([•▪▫◦●○■➢➤►‣⁃·](?=\s*\S)|[–—‒−\-*](?=\s+\S))\s*")
ITEM_NUMBER = re.compile(r"(\(?(?:\d{1,2}|[a-zåäö])[.)])(?=\s+\S)\s*")
LONGEST_HEADING = 12
SENTENCE_END = (".", "!", "?", ",", ";")

Insides = Mapping[int, list[Segment]]


def typed_lines(lines: Sequence[Sequence[Segment]]) -> list[tuple[bool, list[Sequence[Segment]]]]:
    """The lines of a paragraph in groups, each an item with a typed dash (True) or running text (False)."""
    groups: list[tuple[bool, list[Sequence[Segment]]]] = []
    for line in lines:
        if take_start(line, BULLET)[0]:
            groups.append((True, [line]))
        elif groups:
            groups[-1][1].append(line)
        else:
            groups.append((False, [line]))
    return groups


def typed_numbers(pieces: Sequence[Piece], insides: Insides) -> None:
    """Paragraphs in a row that were numbered by hand, 1) 2) 3) or a) b), become items of a list."""
    run: list[tuple[Piece, str]] = []

    def close() -> None:
        if len(run) > 1:
            for piece, _ in run:
                _take_number(piece, insides[id(piece)])
        run.clear()

    for piece in pieces:
        typed = ""
        if piece.kind == PARAGRAPH and not piece.is_caption and id(piece) in insides:
            typed = take_start(insides[id(piece)], ITEM_NUMBER)[0].strip("().")
        if not typed or (run and not _follows(run[-1][1], typed)):
            close()
        if typed and (run or typed in {"1", "a"}):
            run.append((piece, typed))
    close()


def _follows(before: str, typed: str) -> bool:
    if before.isdecimal() and typed.isdecimal():
        return int(typed) == int(before) + 1
    return not before.isdecimal() and not typed.isdecimal() and ord(typed) == ord(before) + 1


def _take_number(piece: Piece, segments: Sequence[Segment]) -> None:
    typed, rest = take_start(segments, ITEM_NUMBER)
    html = to_html(rest)
    piece.typed_words += count_html(piece.incoming.text["body"]) - count_html(html)
    piece.typed = piece.number = typed
    piece.incoming.kind = LIST_ITEM
    piece.incoming.text = {"body": html}
    piece.incoming.data = {"level": 0, "ordered": True}


def typed_levels(pieces: Sequence[Piece]) -> None:
    """Items with typed dashes have the level that their indent has among those around them."""
    run: list[Piece] = []

    def close() -> None:
        indents = sorted({piece.indent for piece in run})
        for piece in run:
            piece.incoming.data["level"] = min(indents.index(piece.indent), MAX_LIST_DEPTH)
        run.clear()

    for piece in pieces:
        if piece.kind == LIST_ITEM and piece.typed and piece.number == piece.typed:
            run.append(piece)
        else:
            close()
    close()


# --- Headings -------------------------------------------------------------------------------------------


def guess_headings(pieces: Sequence[Piece], insides: Insides) -> None:
    """Short lines that are bold or larger than the rest are taken for headings, and marked as guesses."""
    letters: Counter[int] = Counter()
    for piece in pieces:
        if piece.kind in {PARAGRAPH, LIST_ITEM}:
            letters[piece.size] += len(piece.plain)
    if not letters:
        return
    body = letters.most_common(1)[0][0]
    found = {
        piece.place
        for position, piece in enumerate(pieces)
        if _could_be_heading(piece, insides) and _stands_out(pieces, position, insides, body)
    }
    guesses = [piece for piece in pieces if piece.place in found]
    title = _title(pieces, guesses, body)
    levels = _levels_of_sizes(pieces, [piece for piece in guesses if piece is not title], body)
    above = 0
    for piece in pieces:
        if piece.place not in found:
            above = above if piece.is_title else piece.heading_level or above
            continue
        level = levels.get(piece.size, 1 if piece is title else min(9, above + 1))
        _make_heading(piece, insides[id(piece)], level)
        piece.is_title = piece is title
        if piece.size in levels:
            above = level


def _title(pieces: Sequence[Piece], guesses: Sequence[Piece], body: int) -> Piece | None:
    """One line in the largest letters of all, before every heading, where Word was not told which is the title."""
    if any(piece.is_title for piece in pieces):
        return None
    largest = max((piece.size for piece in pieces if piece.plain), default=0)
    largest_lines = [piece for piece in guesses if piece.size == largest > body]
    others = [piece.place for piece in pieces if piece.heading_level]
    others += [piece.place for piece in guesses if body < piece.size < largest]
    if len(largest_lines) != 1 or not others or largest_lines[0].place > min(others):
        return None
    return largest_lines[0]


def _levels_of_sizes(pieces: Sequence[Piece], guesses: Sequence[Piece], body: int) -> dict[int, int]:
    """The level of guessed headings by the size of their letters, fitted to the real headings where there are any."""
    real: dict[int, Counter[int]] = {}
    for piece in pieces:
        if piece.kind == HEADING and piece.heading_level and not piece.is_title:
            real.setdefault(piece.heading_level, Counter())[piece.size] += 1
    sizes = sorted({piece.size for piece in guesses if piece.size > body}, reverse=True)
    if not real:
        return {size: min(9, rank) for rank, size in enumerate(sizes, 1)}
    usual = {level: counter.most_common(1)[0][0] for level, counter in real.items()}
    return {size: min(usual, key=lambda level: (abs(usual[level] - size), level)) for size in sizes}


def _could_be_heading(piece: Piece, insides: Insides) -> bool:
    if piece.kind != PARAGRAPH or piece.is_caption or piece.in_guidance or id(piece) not in insides:
        return False
    text = piece.plain
    return 0 < piece.words <= LONGEST_HEADING and not text.endswith(SENTENCE_END) and any(map(str.isalpha, text))


def _is_bold(piece: Piece, insides: Insides) -> bool:
    letters = [row for row in insides.get(id(piece), ()) if row.text.strip()]
    return bool(letters) and all(row.strong for row in letters)


def _stands_out(pieces: Sequence[Piece], position: int, insides: Insides, body: int) -> bool:
    """Larger than the rest, or bold with text below it that is not bold."""
    piece = pieces[position]
    if piece.size >= body + 4:
        return True
    if not _is_bold(piece, insides):
        return False
    if piece.size > body:
        return True
    following = pieces[position + 1] if position + 1 < len(pieces) else None
    return following is not None and following.kind != HEADING and not _is_bold(following, insides)


def _make_heading(piece: Piece, segments: Sequence[Segment], level: int) -> None:
    flat = [Segment(" ") if row.text == "\n" and not row.note else row for row in segments]
    typed, rest = take_start(flat, HEADING_NUMBER)
    html = to_html(rest, strong=False)
    if not html:
        typed, html = "", to_html(flat, strong=False)
    piece.typed_words += count_html(to_html(flat)) - count_html(html)
    piece.typed = piece.number = typed
    piece.incoming.kind = HEADING
    piece.incoming.text = {"body": html}
    piece.incoming.data = {"level": 1}
    piece.heading_level = level
    piece.heading_guess = True


# --- Captions -------------------------------------------------------------------------------------------


def with_captions(pieces: Sequence[Piece]) -> list[Piece]:
    """Captions become the text of the picture or table beside them; one with neither stays a paragraph."""
    kept: list[Piece] = []
    for position, piece in enumerate(pieces):
        target = _captioned(pieces, kept, position) if piece.is_caption else None
        if target is None:
            kept.append(piece)
        else:
            target.incoming.text["caption"] = piece.incoming.text["body"]
    return kept


def _captioned(pieces: Sequence[Piece], kept: Sequence[Piece], position: int) -> Piece | None:
    before = kept[-1] if kept else None
    following = pieces[position + 1] if position + 1 < len(pieces) else None
    of_table = pieces[position].style == names.TABLE_CAPTION_STYLE
    if (
        before is not None
        and before.kind == FIGURE
        and not of_table
        and not before.in_table
        and not before.incoming.text["caption"]
    ):
        return before
    if following is not None and following.kind == TABLE and not following.incoming.text["caption"]:
        return following
    if before is not None and (before.kind == TABLE_ROW or before.in_table):
        table = next((piece for piece in reversed(kept) if piece.kind == TABLE), None)
        if table is not None and not table.incoming.text["caption"]:
            return table
    return None
