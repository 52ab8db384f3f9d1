"""The text of a section as the browser's editor takes it, and its marks beside the text."""

import itertools
from collections.abc import Mapping
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from documents import richtext
from documents.blocks import CURRENT, TABLE_ROW, Block, translation_state
from documents.html import Rendering
from documents.html import render as render_blocks
from documents.models import Document
from documents.rendering import image_url, resolve, structured_title


def editing_html(
    blocks: list[Block], document: Document, language: str, resolved: Mapping[str, Mapping[str, Any]] | None = None
) -> str:
    """A section's text as the editor takes it. A goal or an answer is a mark that cannot be typed into."""
    resolved = resolve(blocks) if resolved is None else resolved

    titles = _structured_runs(blocks, language, resolved)

    def mark(block: Block) -> SafeString | str:
        if block.id not in titles:
            return ""
        return format_html('<div data-structured="{}" title="{}"></div>', block.id, titles[block.id])

    how = Rendering(language=language, editing=True, image_url=lambda key: image_url(document, key), structured=mark)
    return render_blocks(blocks, how)


def _structured_runs(blocks: list[Block], language: str, resolved: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """One mark for structured blocks that follow one another: the first one's id and what stands there."""
    titles: dict[str, str] = {}
    for is_text, run in itertools.groupby(blocks, key=lambda block: block.is_text):
        if is_text:
            continue
        first, *others = run
        title = _plain_title(first, language, resolved)
        if others:
            more = ngettext("%(title)s, and one more entry", "%(title)s, and %(count)d more entries", len(others))
            title = more % {"title": title, "count": len(others)}
        titles[first.id] = title
    return titles


def _plain_title(block: Block, language: str, resolved: Mapping[str, Mapping[str, Any]]) -> str:
    return richtext.plain(structured_title(block, language, resolved))


def marks_of(blocks: list[Block], document: Document, language: str) -> dict[str, dict[str, Any]]:
    marks: dict[str, dict[str, Any]] = {}
    for block in blocks:
        state = translation_state(block, language, original=document.original)
        if not block.is_text or state == CURRENT:
            continue
        mark: dict[str, Any] = {"state": state, "original": _beginning(block.plain_in(document.original))}
        if block.kind == TABLE_ROW:
            cells = {column: richtext.plain(texts.get(document.original, "")) for column, texts in block.text.items()}
            mark["cells"] = {column: _beginning(text) for column, text in cells.items() if text}
        marks[block.id] = mark
    return marks


def _beginning(text: str) -> str:
    words = text.split()
    return " ".join(words[:12]) + (" …" if len(words) > 12 else "")
