"""What two people changed in one place, told to the person who settles it."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from documents import kinds, richtext
from documents.blocks import TABLE_ROW, Block, load
from documents.difference import mark_words
from documents.models import Conflict, Revision, Section


@dataclass(frozen=True)
class OpenConflict:
    """What two people changed in one place, with the words that a person chooses between."""

    number: int
    """Its place among all conflicts of the section, settled ones included: its address."""
    conflict: Conflict
    language: str
    kept_by: str
    """Who wrote what stands in the text."""
    kept_by_id: int | None
    kept_at: datetime.datetime
    other_by: str
    other_at: datetime.datetime
    label: str
    before: SafeString
    now: SafeString
    other: SafeString
    editable: str | None
    """The text that now stands, as HTML for combining the two; None where they can only be chosen between."""


LOOKED_THROUGH = 100
"""How many of a section's newest revisions are read to tell who wrote the text that stands."""


def numbered_conflicts(section: Section) -> list[tuple[int, Conflict]]:
    rows = section.conflicts.select_related("author", "revision", "revision__author", "document").order_by("pk")
    return list(enumerate(rows, start=1))


def open_conflicts(section: Section, language: str) -> list[OpenConflict]:
    """The conflicts of a section that wait for a person: three queries, none of them when there is no conflict."""
    rows = [(number, row) for number, row in numbered_conflicts(section) if row.settled_at is None]
    if not rows:
        return []
    newest = section.revisions.line().select_related("author").order_by("-number")[:LOOKED_THROUGH]
    revisions = list(reversed(newest))
    standing = {block.id: block for block in section.head.blocks} if section.head else {}
    return [_open_conflict(number, row, revisions, standing, row.language or language) for number, row in rows]


def _open_conflict(
    number: int, row: Conflict, revisions: Sequence[Revision], standing: Mapping[str, Block], language: str
) -> OpenConflict:
    kept = _who_wrote_head(row, revisions)
    block = standing.get(row.block_id)
    cell = block is not None and block.kind == TABLE_ROW
    label = ""
    editable = None
    if row.kind == Conflict.Kind.TEXT:
        words = block.get(row.unit, language) if block else ""
        before, other = str(row.base or ""), str(row.mine or "")
        editable = words if block else None
        label = _unit_label(block, row.unit)
        texts = (
            mark_safe(richtext.sanitise(before, cell=cell)),  # noqa: S308 sanitised
            mark_words(before, words, cell=cell),
            mark_words(before, other, cell=cell),
        )
    elif row.kind == Conflict.Kind.FIELD:
        label = _unit_label(block, row.unit)
        now: Any = (block.kind if row.unit == "kind" else block.data.get(row.unit)) if block else None
        kind = kinds.block_kind(block.kind) if block else None
        texts = (_value(row.base, row.unit, kind), _value(now, row.unit, kind), _value(row.mine, row.unit, kind))
    else:
        gone = _("removed")
        texts = (
            _side(row.base, language, gone),
            _side([block.to_json()] if block else None, language, gone)
            if row.kind == Conflict.Kind.DELETED
            else _side(row.head, language, gone),
            _side(None if row.kind == Conflict.Kind.DELETED else row.mine, language, gone),
        )
    return OpenConflict(
        number=number,
        conflict=row,
        language=language,
        kept_by=str(kept.author or "") if kept else "",
        kept_by_id=kept.author_id if kept else None,
        kept_at=kept.created_at if kept else row.opened_at,
        other_by=str(row.author or ""),
        other_at=row.opened_at,
        label=label,
        before=texts[0],
        now=texts[1],
        other=texts[2],
        editable=editable,
    )


def _who_wrote_head(row: Conflict, revisions: Sequence[Revision]) -> Revision | None:
    """The latest revision before the one that met it in which the block in question changed."""
    earlier = [revision for revision in revisions if revision.number < row.revision.number]
    for older, newer in reversed(list(zip([None, *earlier], earlier, strict=False))):
        was = {block.id: block for block in older.blocks} if older else {}
        now = {block.id: block for block in newer.blocks}
        if was.get(row.block_id) != now.get(row.block_id):
            return newer
    return earlier[-1] if earlier else None


def _unit_label(block: Block | None, unit: str) -> str:
    kind = kinds.block_kind(block.kind) if block else None
    if kind:
        return str(kind.labels.get(unit, kind.label))
    return ""


def _value(value: Any, unit: str, kind: kinds.BlockKind | None) -> SafeString:
    if value in (None, "", [], {}):
        return mark_safe(escape(_("empty")))  # noqa: S308 escaped
    if kind and kind.tell:
        return mark_safe(escape(kind.tell(unit, value)))  # noqa: S308 escaped
    if isinstance(value, list):
        value = ", ".join(str(item) for item in value)
    return mark_safe(escape(str(value)))  # noqa: S308 escaped


def _side(raw: Any, language: str, gone: str) -> SafeString:
    """Whole blocks of one side, one paragraph each."""
    if raw is None:
        return mark_safe(f"<em>{escape(gone)}</em>")  # noqa: S308 escaped
    blocks = load([raw] if isinstance(raw, dict) else raw)
    texts = [
        richtext.sanitise(
            block.html_in(language) or next((block.html_in(other) for other in sorted(block.languages())), ""),
            cell=block.kind == TABLE_ROW,
        )
        for block in blocks
    ]
    return mark_safe("<br>".join(texts))  # noqa: S308 sanitised
