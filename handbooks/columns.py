"""The same table read from a Word file twice keeps its columns' keys."""

from collections.abc import Sequence
from dataclasses import replace

from cydifflib import SequenceMatcher

from documents.blocks import TABLE, TABLE_ROW, Block
from documents.html import Incoming
from documents.richtext import plain


def keep_columns(incoming: Sequence[Incoming], base: Sequence[Block], language: str) -> list[Incoming]:
    """The incoming blocks, with each table's columns named as in the table of `base` that it is.

    Which table it is, is told by the words of the rows; which column, by the words down the column in order. A column
    that `base` does not have keeps its own key.
    """
    known = _tables(base)
    result = list(incoming)
    for start, block in enumerate(result):
        if block.kind != TABLE:
            continue
        rows = _rows_below(result, start)
        table = _same_table(rows, known, language)
        if table is not None:
            names = _names(block, rows, *table, language)
            for index, item in enumerate([block, *rows], start):
                result[index] = _renamed(item, names)
    return result


def _tables(base: Sequence[Block]) -> list[tuple[Block, list[Block]]]:
    tables: list[tuple[Block, list[Block]]] = []
    for block in base:
        if block.kind == TABLE:
            tables.append((block, []))
        elif block.kind == TABLE_ROW and tables:
            tables[-1][1].append(block)
    return tables


def _rows_below(blocks: Sequence[Incoming], start: int) -> list[Incoming]:
    rows: list[Incoming] = []
    for block in blocks[start + 1 :]:
        if block.kind != TABLE_ROW:
            break
        rows.append(block)
    return rows


def _same_table(
    rows: Sequence[Incoming], known: Sequence[tuple[Block, list[Block]]], language: str
) -> tuple[Block, list[Block]] | None:
    ours = {words for row in rows for value in row.text.values() if (words := plain(value))}
    best, score = None, 0
    for table, below in known:
        theirs = {words for row in below for key in row.text if (words := plain(row.get(key, language)))}
        shared = len(ours & theirs)
        if shared > score:
            best, score = (table, below), shared
    return best


def _names(
    block: Incoming, rows: Sequence[Incoming], table: Block, below: Sequence[Block], language: str
) -> dict[str, str]:
    """Incoming column key -> the base's key of the same column."""
    ours, theirs = list(block.data.get("columns", ())), list(table.data.get("columns", ()))
    down_ours = [{plain(row.text.get(key, "")) for row in rows} - {""} for key in ours]
    down_theirs = [{plain(row.get(key, language)) for row in below} - {""} for key in theirs]
    if len(ours) == len(theirs):
        return dict(zip(ours, theirs, strict=True))
    heads_ours = [tuple(sorted(words)) for words in down_ours]
    heads_theirs = [tuple(sorted(words)) for words in down_theirs]
    names: dict[str, str] = {}
    matcher = SequenceMatcher(None, heads_ours, heads_theirs, autojunk=False)
    for a, b, size in matcher.get_matching_blocks():
        names.update(zip(ours[a : a + size], theirs[b : b + size], strict=True))
    return names


def _renamed(block: Incoming, names: dict[str, str]) -> Incoming:
    data = dict(block.data)
    for name in ("columns", "covered"):
        if name in data:
            data[name] = [names.get(key, key) for key in data[name]]
    if "spans" in data:
        data["spans"] = {names.get(key, key): span for key, span in data["spans"].items()}
    text = {names.get(key, key): value for key, value in block.text.items()} if block.kind == TABLE_ROW else block.text
    return replace(block, text=text, data=data)
