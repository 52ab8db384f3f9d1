"""Blocks of upper packages as HTML, and the whole of a draft or a version, section by section."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from documents import kinds
from documents.blocks import Block
from documents.frozen import Frozen, FrozenSection
from documents.html import Rendering, parse, render
from documents.models import Document, Section


@dataclass(frozen=True)
class ReadSection:
    """A section as a reader sees it."""

    key: str
    number: str
    heading: str
    depth: int
    html: SafeString
    notes: int = 0
    """In a draft: the internal notes that wait for somebody."""
    facet: str | Promise = ""
    criterion: str = ""
    """In a template: which kind of answer the task asks for, and which criterion it belongs to, in words."""


def resolve(blocks: Sequence[Block]) -> dict[str, dict[str, Any]]:
    """What the structured blocks of a whole text also say (names of organisations, titles), by block id."""
    resolved: dict[str, dict[str, Any]] = {}
    present = {block.kind for block in blocks if not block.is_text}
    for name, kind in sorted(kinds.structured_kinds().items()):
        if name in present:
            resolved.update(kind.resolve(blocks))
    return resolved


def interface_language(language: str) -> str:
    """The language in which labels stand inside a text: the text's own, where the interface has it."""
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def structured_html(
    block: Block,
    language: str,
    *,
    resolved: Mapping[str, Mapping[str, Any]],
    document: Document,
    draft: bool = False,
) -> SafeString:
    """A goal, an answer or another structured block, drawn by its kind's own template.

    The template is given `block`, `language`, `resolved` (what `BlockKind.resolve` answers for it), `document` and
    `draft`: true where the reader stands in the draft, so that links for changing it make sense.
    """
    kind = kinds.block_kind(block.kind)
    if kind is None:
        return mark_safe("")
    context = {
        "block": block,
        "language": language,
        "resolved": resolved.get(block.id, {}),
        "document": document,
        "draft": draft,
    }
    with translation.override(interface_language(language)):
        return render_to_string(kind.template, context)


def image_url(document: Document, key: str) -> str:
    """The address of a picture of a document. Its first part does not depend on who reads."""
    return reverse("documents:file", args=[document.region.slug, document.kind, document.public_id, key])


def reading(
    document: Document,
    language: str,
    *,
    resolved: Mapping[str, Mapping[str, Any]],
    heading_level: int = 3,
    draft: bool = False,
    anchors: bool = True,
    beside: Callable[[Block], str] | None = None,
) -> Rendering:
    """How a text of this document is written out for readers in a language."""
    return Rendering(
        language=language,
        anchors=anchors,
        heading_level=heading_level,
        fallback=document.original if language != document.original else None,
        image_url=partial(image_url, document),
        structured=partial(structured_html, language=language, resolved=resolved, document=document, draft=draft),
        beside=beside,
    )


def read_frozen(
    document: Document, frozen: Frozen, language: str, *, beside: Callable[[Block], str] | None = None
) -> list[ReadSection]:
    """A version's sections as HTML in one language; the same for every reader."""
    has_text = kinds.has_text(document)
    parents = {row.parent for row in frozen.sections}
    with translation.override(interface_language(language)):
        return [
            ReadSection(
                key=row.key,
                number=row.number,
                heading=row.heading_in(language),
                depth=row.depth,
                html=render(
                    row.blocks,
                    reading(document, language, resolved=frozen.resolved, heading_level=row.depth + 2, beside=beside),
                )
                if has_text
                else guidance_html(row, language, heading_level=row.depth + 2),
                facet="" if has_text or row.key in parents else Section.Facet(row.facet).label,
                criterion="" if has_text else _criterion(row, language),
            )
            for row in frozen.sections
        ]


def _criterion(section: FrozenSection, language: str) -> str:
    if section.criterion is None:
        return ""
    title = section.criterion["title"]
    return f"{section.criterion['code']} {title.get(language) or next(iter(title.values()), '')}"


def structured_title(block: Block, language: str, resolved: Mapping[str, Mapping[str, Any]]) -> str:
    """One line that names a structured block: its kind and its own title."""
    kind = kinds.block_kind(block.kind)
    if kind is None:
        return block.plain_in(language)
    lines = kind.lines(block, resolved.get(block.id, {}), language)
    title = lines[0][1] if lines else ""
    return f"{kind.label}: {title}" if title else str(kind.label)


def language_name(code: str) -> str:
    """A language's name as it stands within a sentence: suomi, finska, Finnish."""
    return str(dict(settings.CONTENT_LANGUAGES).get(code, code))


def plain_languages(languages: Iterable[str]) -> list[tuple[str, str]]:
    """Language codes with the names by which readers know them, each standing alone."""
    return [(code, capfirst(language_name(code))) for code in languages]


def guidance_html(section: Section | FrozenSection, language: str, *, heading_level: int = 4) -> SafeString:
    """What a template asks for in a language, or in the one that there is; sanitised by the same door as every text."""
    guidance = section.guidance.get(language) or next((text for text in section.guidance.values() if text), "")
    blocks = [
        Block(
            id=f"g{position}",
            kind=item.kind,
            text={unit: {language: value} for unit, value in item.text.items()},
            data=item.data,
        )
        for position, item in enumerate(parse(guidance))
    ]
    return render(blocks, Rendering(language=language, anchors=False, heading_level=heading_level))
