"""Differences between two texts as a reader sees them: block by block, with the words marked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from documents import kinds, richtext
from documents.blocks import FIGURE, TABLE, TABLE_ROW, Block
from documents.difference import (
    CHANGED,
    MOVED,
    REMOVED,
    SAME,
    BlockChange,
    SectionText,
    UnitChange,
    compare_blocks,
    compare_documents,
    mark_words,
)
from documents.frozen import Frozen
from documents.models import Document
from documents.rendering import resolve, structured_title

if TYPE_CHECKING:
    from documents.queries import Outline


@dataclass(frozen=True)
class ShownUnit:
    """Some words of a changed block with their label ("Responsible"), empty for running text."""

    label: str
    html: SafeString
    changed: bool


@dataclass(frozen=True)
class ShownChange:
    """A block's change as a reader sees it. `state` is a badge: same, changed, added, moved, gone."""

    id: str
    state: str
    name: str
    """What kind of thing it is, where it is not plain running text."""
    units: list[ShownUnit]
    level: int
    also_changed: bool


@dataclass(frozen=True)
class ShownSection:
    """A section's changes, with how many paragraphs beside them stayed the same."""

    key: str
    heading: SafeString
    state: str
    changes: list[ShownChange]
    same: int

    @property
    def has_changes(self) -> bool:
        return self.state != SAME or bool(self.changes)


@dataclass(frozen=True)
class Side:
    """One of two texts that are compared."""

    texts: list[SectionText]
    resolved: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of_draft(cls, outline: "Outline", language: str) -> "Side":
        return cls(outline.texts(language), outline.resolved)

    @classmethod
    def of_version(cls, frozen: Frozen, language: str) -> "Side":
        return cls(frozen.texts(language), frozen.resolved)

    @cached_property
    def blocks(self) -> dict[str, Block]:
        return {block.id: block for row in self.texts for block in row.blocks}


def document_changes(old: Side, new: Side, language: str) -> list[ShownSection]:
    """Whole texts compared, section by section; sections without a change are left out."""
    shown = []
    for section in compare_documents(old.texts, new.texts, language=language):
        changes = [_shown(change, old, new, language) for change in section.blocks]
        visible = [change for change in changes if change.state != SAME]
        shown.append(
            ShownSection(
                section.key, section.heading, _badge(section.state), visible, sum(1 for c in changes if c.state == SAME)
            )
        )
    return [section for section in shown if section.has_changes]


def section_changes(old: Sequence[Block], new: Sequence[Block], language: str) -> list[ShownChange]:
    """Two states of one section compared."""
    one = Side([SectionText("", "", list(old))], resolve(old))
    two = Side([SectionText("", "", list(new))], resolve(new))
    return [_shown(change, one, two, language) for change in compare_blocks(old, new, language=language)]


def _badge(state: str) -> str:
    return "gone" if state == REMOVED else state


def _shown(change: BlockChange, old: Side, new: Side, language: str) -> ShownChange:
    before, after = old.blocks.get(change.id), new.blocks.get(change.id)
    block = after or before
    kind = kinds.block_kind(change.kind)
    also_changed = change.also_changed
    state = change.state
    if kind and block:
        lines_before = kind.lines(before, old.resolved.get(change.id, {}), language) if before else []
        lines_after = kind.lines(after, new.resolved.get(change.id, {}), language) if after else []
        units = _lines(lines_before, lines_after)
        if state == SAME and any(unit.changed for unit in units):
            state = CHANGED
    else:
        units = [_unit(unit) for unit in change.units]
    return ShownChange(
        id=change.id,
        state=_badge(state),
        name=str(kind.label) if kind else _kind_name(block),
        units=units,
        level=change.level,
        also_changed=also_changed and state == MOVED,
    )


def _unit(unit: UnitChange) -> ShownUnit:
    return ShownUnit(_("Text alternative") if unit.unit == "alt" else "", unit.html, unit.changed)


def _lines(before: list[tuple[str, str]], after: list[tuple[str, str]]) -> list[ShownUnit]:
    was, now = _by_label(before), _by_label(after)
    labels = list(dict.fromkeys([*now, *was]))
    return [
        ShownUnit(
            label,
            mark_words(was.get(label, ""), now.get(label, ""), cell=True),
            was.get(label, "") != now.get(label, ""),
        )
        for label in labels
    ]


def _by_label(lines: list[tuple[str, str]]) -> dict[str, str]:
    """Several lines of one label (a sum of money for each year) are one, line by line."""
    texts: dict[str, list[str]] = {}
    for label, html in lines:
        texts.setdefault(str(label), []).append(html)
    return {label: "<br>".join(rows) for label, rows in texts.items()}


def _kind_name(block: Block | None) -> str:
    names = {TABLE: _("Table"), TABLE_ROW: _("Table row"), FIGURE: _("Picture")}
    return names.get(block.kind, "") if block else ""


def block_labels(
    blocks: Iterable[Block], document: Document, resolved: Mapping[str, Mapping[str, Any]] | None = None
) -> list[tuple[str, str]]:
    """The blocks of a section by id with their first words, for choosing one of them."""
    blocks = list(blocks)
    resolved = resolve(blocks) if resolved is None else resolved
    labels = []
    for block in blocks:
        if block.kind == TABLE_ROW:
            continue
        text = (
            block.plain_in(document.original)
            if block.is_text
            else richtext.plain(structured_title(block, document.original, resolved))
        )
        name = _kind_name(block)
        words = " ".join(text.split()[:14])
        labels.append((block.id, f"{name}: {words}" if name and words else words or name or "–"))
    return labels
