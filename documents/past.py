"""What a draft was at a moment: its outline and the text of each section then."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import OuterRef, Subquery

from documents.blocks import Block
from documents.comparing import Side
from documents.difference import SectionText
from documents.models import Document, Revision, Section
from documents.models.document import in_language
from documents.rendering import resolve


@dataclass(frozen=True)
class PastSection:
    """A section as it stood at a moment."""

    section: Section
    parent: str | None
    """The key of the section that it stood under."""
    heading: dict[str, str]
    depth: int
    revision: Revision | None
    blocks: list[Block] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.section.key

    def heading_in(self, language: str) -> str:
        return in_language(self.heading, language)


@dataclass(frozen=True)
class PastState:
    """A draft as it was, in reading order. Empty for a moment before anything was there."""

    document: Document
    at: datetime.datetime
    sections: list[PastSection]

    @cached_property
    def by_key(self) -> dict[str, PastSection]:
        return {row.key: row for row in self.sections}

    @property
    def blocks(self) -> list[Block]:
        return [block for row in self.sections for block in row.blocks]

    @cached_property
    def resolved(self) -> dict[str, dict[str, Any]]:
        return resolve(self.blocks)

    def side(self, language: str) -> Side:
        texts = [SectionText(row.key, row.heading_in(language), row.blocks) for row in self.sections]
        return Side(texts, self.resolved)


def state_at(document: Document, at: datetime.datetime) -> PastState:
    """The draft as it was at a moment: three queries. What is saved at that very moment is in it."""
    changes = document.outline_revisions.filter(created_at__lte=at).order_by("-number")
    outline = changes.values_list("outline", flat=True).first()
    rows: Sequence[Mapping[str, Any]] = outline or []
    then = (
        Revision.objects.line().filter(section=OuterRef("pk"), created_at__lte=at).order_by("-number").values("pk")[:1]
    )
    keys = [row["key"] for row in rows]
    sections = {
        section.key: section
        for section in document.sections.filter(key__in=keys).select_related("head").annotate(then=Subquery(then))
    }
    heads = Revision.objects.in_bulk([row.then for row in sections.values() if row.then])
    ordered = []
    for row, depth in _in_order(rows):
        section = sections[row["key"]]
        section.document = document
        revision = heads.get(section.then)
        blocks = revision.blocks if revision else []
        ordered.append(PastSection(section, row["parent"], row["heading"], depth, revision, blocks))
    return PastState(document, at, ordered)


def _in_order(rows: Sequence[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], int]]:
    """An outline's rows in reading order, each with its depth."""
    below: dict[str | None, list[Mapping[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: row["position"]):
        below.setdefault(row["parent"], []).append(row)
    ordered: list[tuple[Mapping[str, Any], int]] = []

    def walk(parent: str | None, depth: int) -> None:
        for row in below.get(parent, []):
            ordered.append((row, depth))
            walk(row["key"], depth + 1)

    walk(None, 1)
    return ordered
