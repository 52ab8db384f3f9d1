"""Texts that a file shows in the original's language for want of a translation: untouched they are nobody's words."""

from collections.abc import Mapping

from lxml import etree

from documents.word import names
from documents.word.counting import called_notes
from documents.word.ooxml import LEFT_OUT, TC, P, name, raw_text

REASON = "original"
BOOKMARK = name("w:bookmarkStart")
PICTURE = name("wp:docPr")


def leave_out_fallbacks(body: etree._Element, notes: Mapping[str, Mapping[str, etree._Element]]) -> None:
    """Mark the paragraphs and cells that still say what they were written with.

    The words decide: what somebody translated in its place is a translation, whatever became of the mark. A picture's
    text alternative that is still the original's is taken off the picture.
    """
    for mark in list(body.iter(BOOKMARK)):
        title = mark.get(name("w:name")) or ""
        if not title.startswith(names.FALLBACK):
            continue
        digest = title.removeprefix(names.FALLBACK).partition("_")[0]
        holder = _holder(mark)
        if holder is None:
            continue
        for picture in holder.iter(PICTURE):
            if names.digest(picture.get("descr") or "") == digest:
                picture.set("descr", "")
        paragraphs = list(holder.iter(P))
        if names.digest(_words(paragraphs, notes)) == digest:
            for paragraph in paragraphs:
                paragraph.set(LEFT_OUT, REASON)


def _holder(mark: etree._Element) -> etree._Element | None:
    """The cell or the paragraph that a mark names; other programs put marks before the paragraph."""
    cell = next(mark.iterancestors(TC), None)
    if cell is not None:
        return cell
    around = next(mark.iterancestors(P), None)
    return around if around is not None else next(mark.itersiblings(P), None)


def _words(paragraphs: list[etree._Element], notes: Mapping[str, Mapping[str, etree._Element]]) -> str:
    own = [raw_text(paragraph) for paragraph in paragraphs]
    called = [
        raw_text(row) for paragraph in paragraphs for note in called_notes(paragraph, notes) for row in note.iter(P)
    ]
    return " ".join([*own, *called])
