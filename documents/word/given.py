"""Tables that were given to be filled in: what nobody touched in them is nobody's answer."""

from collections.abc import Collection

from lxml import etree

from documents.word import names
from documents.word.ooxml import LEFT_OUT, NOTE_REFERENCES, TBL, TR, P, name, raw_text
from documents.word.tables import children

REASON = "placeholder"
SHOWN = (*NOTE_REFERENCES, *(name(f"w:{tag}") for tag in ("drawing", "pict", "object", "vMerge")))
"""What makes a row more than its letters: a picture, a note, a cell that reaches over several rows."""


def leave_out_given(body: etree._Element, given: Collection[str]) -> None:
    """Mark the given tables that came back as they went out, and the empty rows of the others.

    A given table is known by the hidden marks of its rows, or by its first row: one of `given`, or of rows that still
    have the words of their mark. The words decide: other programs drop marks, and what somebody typed is never lost.
    """
    known = {_one_line(text) for text in given}
    for table in body.iter(TBL):
        rows = list(children(table, TR))
        if not rows or not (_is_given(rows[0], known) or any(_marks(row) for row in rows)):
            continue
        empty = [row for row in rows if _is_empty(row)]
        is_untouched = all(row in empty or _is_given(row, known) for row in rows)
        for row in rows if is_untouched else empty:
            row.set(LEFT_OUT, REASON)
            for paragraph in row.iter(P):
                paragraph.set(LEFT_OUT, REASON)


def _is_given(row: etree._Element, known: Collection[str]) -> bool:
    words = _words(row)
    mark = names.GIVEN + names.digest(words)
    return not _shows_more(row) and bool(words) and (words in known or any(m.startswith(mark) for m in _marks(row)))


def _is_empty(row: etree._Element) -> bool:
    return not _words(row) and not _shows_more(row)


def _shows_more(row: etree._Element) -> bool:
    return next(row.iter(*SHOWN), None) is not None


def _marks(row: etree._Element) -> list[str]:
    found = (mark.get(name("w:name")) or "" for mark in row.iter(name("w:bookmarkStart")))
    return [mark for mark in found if mark.startswith(names.GIVEN)]


def _words(row: etree._Element) -> str:
    return _one_line(" ".join(raw_text(paragraph) for paragraph in row.iter(P)))


def _one_line(text: str) -> str:
    return " ".join(text.split())
