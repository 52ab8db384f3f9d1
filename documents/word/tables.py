"""A table of Word as a table piece and its rows: spans, header rows, and cells with all that they hold."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from lxml import etree

from documents import richtext
from documents.blocks import FIGURE, HEADING, LIST_ITEM, TABLE, TABLE_ROW
from documents.html import Incoming
from documents.word import names
from documents.word.ooxml import LEFT_OUT, SDT_CONTENT, TC, TR, find, integer, name, switch, value
from documents.word.pieces import Piece

MAX_COLUMNS = 100


@dataclass
class Cell:
    """A cell of Word's grid with what it holds."""

    column: int
    span: int
    merge: str
    """"restart" and "continue" of a vertical merge, or nothing."""
    pieces: list[Piece] = field(default_factory=list)
    bookmarks: list[str] = field(default_factory=list)
    bold: bool = False
    rows: int = 1


@dataclass
class Row:
    cells: list[Cell]
    flagged: bool


def read_table(
    table: etree._Element, read_cell: Callable[[etree._Element, Cell], None], *, ordinal: int
) -> list[Piece]:
    """The table's pieces: itself, its rows, and then the pictures of its cells, which a row cannot hold.

    `read_cell` fills a cell with its pieces, its bookmarks and whether its words are bold. `ordinal` tells tables of
    one file apart, so that the same file gives the same column keys each time.
    """
    rows = [_read_row(row, read_cell) for row in children(table, TR) if not row.get(LEFT_OUT)]
    rows = [row for row in rows if row.cells]
    if not rows:
        return []
    _merge_down(rows)
    width = min(MAX_COLUMNS, max(cell.column + cell.span for row in rows for cell in row.cells))
    carried = [mark for row in rows for cell in row.cells for mark in cell.bookmarks]
    table_id = _carried_id(carried, names.TABLE)
    structured = _carried_id(carried, names.STRUCTURED) or ""
    ours = is_ours(table)
    heads = _flagged_rows(rows) if ours else _head_rows(rows)
    head_column = _says_head_column(table) if ours else _has_head_column(rows, heads)
    columns = _column_keys(rows, width, ordinal, heads=heads)
    data = {"columns": columns, "head_column": head_column}
    pieces = [Piece(incoming=Incoming(kind=TABLE, text={"caption": ""}, data=data, id=table_id))]
    figures: list[Piece] = []
    for position, row in enumerate(rows):
        piece = _row_piece(row, columns, is_head=position < heads, bold_head=not ours, head_column=head_column)
        pieces.append(piece)
        for cell in row.cells:
            for inside in cell.pieces:
                if inside.kind == FIGURE:
                    inside.in_table = True
                    figures.append(inside)
    for piece in pieces:
        piece.structured_id = structured
    return pieces + figures


def is_ours(table: etree._Element) -> bool:
    """Whether the table was written by us: the hidden bookmark of a table or of a structured block is in its row."""
    row = next(iter(children(table, TR)), None)
    marks = row.iter(name("w:bookmarkStart")) if row is not None else ()
    return any((mark.get(name("w:name")) or "").startswith((names.TABLE, names.STRUCTURED)) for mark in marks)


def children(parent: etree._Element, tag: str) -> Iterable[etree._Element]:
    """Rows of a table or cells of a row, also those wrapped in a content control or custom markup."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in {name("w:sdt"), name("w:customXml"), SDT_CONTENT}:
            yield from children(child, tag)


def _read_row(row: etree._Element, read_cell: Callable[[etree._Element, Cell], None]) -> Row:
    properties = find(row, "w:trPr")
    column = max(0, min(integer(value(properties, "w:gridBefore")), MAX_COLUMNS))
    cells: list[Cell] = []
    for element in children(row, TC):
        own = find(element, "w:tcPr")
        span = max(1, min(integer(value(own, "w:gridSpan"), 1), MAX_COLUMNS))
        down = find(own, "w:vMerge")
        merge = "" if down is None else (down.get(name("w:val")) or "continue")
        cell = Cell(column, span, merge)
        read_cell(element, cell)
        cells.append(cell)
        column += span
    return Row(cells, flagged=bool(switch(properties, "w:tblHeader")))


def _merge_down(rows: Sequence[Row]) -> None:
    """Cells that continue the one above are taken into it, with any words they have."""
    above: dict[int, Cell] = {}
    for row in rows:
        kept: list[Cell] = []
        current: dict[int, Cell] = {}
        for cell in row.cells:
            top = above.get(cell.column)
            if cell.merge == "continue" and top is not None and top.span == cell.span:
                top.rows += 1
                top.pieces += cell.pieces
                current[cell.column] = top
                continue
            if cell.merge:
                current[cell.column] = cell
            kept.append(cell)
        row.cells = kept
        above = current


def _column_keys(rows: Sequence[Row], width: int, ordinal: int, *, heads: int) -> list[str]:
    """Keys that the file brings along, else ones that come out the same at the next reading of the same file."""
    carried: dict[int, str] = {}
    titles: dict[int, str] = {}
    for cell in (cell for row in rows for cell in row.cells):
        marks = [mark.removeprefix(names.COLUMN) for mark in cell.bookmarks if mark.startswith(names.COLUMN)]
        for column, key in enumerate(marks[: cell.span], cell.column):
            if key.isalnum() and len(key) <= 10 and key not in carried.values():
                carried.setdefault(column, key)
    for cell in rows[0].cells:
        if heads and cell.span == 1:
            titles[cell.column] = " ".join(piece.plain for piece in cell.pieces)
    keys: list[str] = []
    for column in range(width):
        key = carried.get(column, "")
        attempt = 0
        while not key or key in keys:
            basis = f"{ordinal}|{titles.get(column) or column}|{attempt}"
            key = "c" + hashlib.sha256(basis.encode()).hexdigest()[:6]
            attempt += 1
        keys.append(key)
    return keys


def _flagged_rows(rows: Sequence[Row]) -> int:
    flagged = 0
    while flagged < len(rows) and rows[flagged].flagged:
        flagged += 1
    return flagged


def _says_head_column(table: etree._Element) -> bool:
    look = find(table, "w:tblPr/w:tblLook")
    return look is not None and look.get(name("w:firstColumn")) == "1"


def _head_rows(rows: Sequence[Row]) -> int:
    """How many rows at the top are head: those that Word repeats, else a bold first row above others that are not."""
    if flagged := _flagged_rows(rows):
        return flagged if flagged < len(rows) else min(1, len(rows) - 1)
    if len(rows) < 2 or len(rows[0].cells) < 2 or not _all_bold(rows[0].cells):
        return 0
    rest = [cell for row in rows[1:] for cell in row.cells if cell.pieces]
    return 0 if rest and all(cell.bold for cell in rest) else 1


def _all_bold(cells: Iterable[Cell]) -> bool:
    filled = [cell for cell in cells if any(piece.words for piece in cell.pieces)]
    return bool(filled) and all(cell.bold for cell in filled)


def _has_head_column(rows: Sequence[Row], heads: int) -> bool:
    body = rows[heads:]
    first = [cell for row in body for cell in row.cells if cell.column == 0]
    others = [cell for row in body for cell in row.cells if cell.column > 0 and cell.pieces]
    if not first or not others or not _all_bold(first) or not all(cell.pieces for cell in first):
        return False
    return not all(cell.bold for cell in others)


def _carried_id(bookmarks: Iterable[str], prefix: str) -> str | None:
    for mark in bookmarks:
        if mark.startswith(prefix) and names.ID.fullmatch(mark.removeprefix(prefix)):
            return mark.removeprefix(prefix)
    return None


def _row_piece(row: Row, columns: Sequence[str], *, is_head: bool, bold_head: bool, head_column: bool) -> Piece:
    """With `bold_head`, boldness that only says "this is head" is not marked in the text once more."""
    incoming = Incoming(kind=TABLE_ROW, text={}, data={"head": is_head})
    incoming.id = _carried_id((mark for cell in row.cells for mark in cell.bookmarks), names.BLOCK)
    spans: dict[str, list[int]] = {}
    covered = list(columns)
    for cell in row.cells:
        key = columns[min(cell.column, len(columns) - 1)]
        bold = bold_head and cell.bold and (is_head or (head_column and cell.column == 0))
        html = cell_html(cell.pieces, strong=not bold)
        incoming.text[key] = f"{incoming.text[key]} {html}" if key in incoming.text else html
        if cell.span > 1 or cell.rows > 1:
            spans[key] = [min(cell.span, len(columns) - cell.column), cell.rows]
        if key in covered:
            covered.remove(key)
    if spans:
        incoming.data["spans"] = spans
    if covered:
        incoming.data["covered"] = covered
    typed = sum(piece.typed_words for cell in row.cells for piece in cell.pieces if piece.kind != FIGURE)
    return Piece(incoming=incoming, cells=[cell.pieces for cell in row.cells], typed_words=typed)


def cell_html(pieces: Sequence[Piece], *, strong: bool = True) -> str:
    """What a cell holds as the HTML that a cell may have: paragraphs and lists; a table in a cell is laid flat."""
    parts: list[str] = []
    lists: list[str] = []

    def close(depth: int) -> None:
        while len(lists) > depth:
            parts.append(f"</li></{lists.pop()}>")

    filled = [piece for piece in pieces if piece.kind != FIGURE and any(piece.incoming.text.values())]
    for piece in filled:
        text = piece.incoming.text
        if piece.kind == LIST_ITEM:
            _open_item(parts, lists, close, piece.incoming.data)
            parts.append(text["body"])
            continue
        close(0)
        if piece.kind == TABLE_ROW:
            parts += [html if html.startswith(("<p>", "<ul>", "<ol>")) else f"<p>{html}</p>" for html in text.values()]
        elif piece.kind == TABLE:
            parts.append(f"<p>{text['caption']}</p>")
        elif len(filled) == 1:
            parts.append(text["body"])
        elif piece.kind == HEADING:
            parts.append(f"<p><strong>{text['body']}</strong></p>")
        else:
            parts.append(f"<p>{text['body']}</p>")
    close(0)
    html = "".join(parts)
    if not strong:
        html = html.replace("<strong>", "").replace("</strong>", "")
    return richtext.sanitise(html, cell=True)


def _open_item(parts: list[str], lists: list[str], close: Callable[[int], None], data: dict[str, object]) -> None:
    tag = "ol" if data.get("ordered") else "ul"
    level = min(integer(str(data.get("level", 0))), len(lists))
    if data.get("starts") and level == 0:
        close(0)
    close(level + 1)
    if len(lists) == level + 1:
        if lists[-1] == tag:
            parts.append("</li><li>")
            return
        close(level)
    parts.append(f"<{escape(tag)}><li>")
    lists.append(tag)
