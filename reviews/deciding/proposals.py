"""What a proposal would change: each of its operations in words, and as a difference that also reads well aloud."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from documents import frozen, kinds, richtext
from documents.blocks import HEADING, LIST_ITEM, TABLE_ROW, Block
from documents.difference import mark_values, mark_words
from documents.frozen import Frozen
from documents.models import Version
from documents.operations import DELETE, INSERT_AFTER, MOVE, REPLACE_TEXT, SET_FIELD, Operation
from documents.rendering import structured_title
from reviews.models import Remark

FIRST_WORDS = 12
"""How many words name a place of the text."""


@dataclass(frozen=True)
class Change:
    """One operation of a proposal as a reader meets it."""

    op: str
    block_id: str
    title: str
    """What it does: "Other words", "The text would be removed"."""
    label: str
    """What of a goal, an answer or another structured block it changes; empty for running text."""
    html: SafeString
    """The text with what would go and what would come marked."""
    behind: str = ""
    """The first words of the text that a new or a moved one would stand behind."""
    language: str = ""


@dataclass(frozen=True)
class Proposal:
    """All that a remark would have changed."""

    changes: list[Change]
    language: str

    def __bool__(self) -> bool:
        return bool(self.changes)

    @property
    def is_wording(self) -> bool:
        """Other words in one place and nothing else: what can be edited in one field."""
        return len(self.changes) == 1 and self.changes[0].op == REPLACE_TEXT


def operations_of(remark: Remark) -> list[Operation]:
    return [Operation.from_json(raw) for raw in remark.operations]


def proposal_of(remark: Remark, text: Frozen | None = None) -> Proposal:
    """A remark's proposal against the version that it was made on; `text` is that version, if it was read already."""
    if not remark.operations:
        return Proposal([], remark.language)
    return _proposal(remark, text or frozen.read(remark.version))


def proposals_of(remarks: Iterable[Remark]) -> dict[int, Proposal]:
    """The proposals among many remarks, by primary key: one query, and the names that structured ones need."""
    proposing = [remark for remark in remarks if remark.operations]
    versions = Version.objects.filter(pk__in={remark.version_id for remark in proposing}) if proposing else ()
    texts = {row.pk: frozen.read(row) for row in versions}
    return {remark.pk: _proposal(remark, texts[remark.version_id]) for remark in proposing}


def _proposal(remark: Remark, text: Frozen) -> Proposal:
    operations = operations_of(remark)
    blocks = {block.id: block for block in text.blocks()}
    blocks |= {row.new["id"]: Block.from_json(row.new) for row in operations if row.op == INSERT_AFTER}
    return Proposal(
        [_change(operation, blocks, text.resolved, operation.language or remark.language) for operation in operations],
        remark.language,
    )


def lines_of(raw: Iterable[Mapping[str, Any]], text: Frozen, language: str) -> list[str]:
    """What a proposal would change as lines without marks, for a receipt: what comes, and where."""
    operations = [Operation.from_json(dict(row)) for row in raw]
    blocks = {block.id: block for block in text.blocks()}
    blocks |= {row.new["id"]: Block.from_json(row.new) for row in operations if row.op == INSERT_AFTER}
    return [_line(operation, blocks, text.resolved, operation.language or language) for operation in operations]


def _line(
    operation: Operation, blocks: Mapping[str, Block], resolved: Mapping[str, Mapping[str, Any]], language: str
) -> str:
    change = _change(operation, blocks, resolved, language)
    words = ""
    if operation.op == REPLACE_TEXT:
        words = richtext.plain(str(operation.value or "")).strip() or _("These words should be left out.")
        if not change.label:
            return words
    elif operation.op == SET_FIELD:
        words = told(blocks.get(operation.block_id), operation.unit, operation.value) or "–"
    elif operation.op == INSERT_AFTER:
        new = Block.from_json(operation.new)
        words = richtext.plain(words_of(new, language) if new.is_text else structured_title(new, language, resolved))
    place = _("Place: after “%(words)s”") % {"words": change.behind} if change.behind else ""
    head = f"{change.title} ({change.label})" if change.label else change.title
    return "\n".join(part for part in (f"{head}: {words}" if words else head, place) if part)


def _change(
    operation: Operation, blocks: Mapping[str, Block], resolved: Mapping[str, Mapping[str, Any]], language: str
) -> Change:
    block = blocks.get(operation.block_id)
    behind = ""
    label = ""
    if operation.op == REPLACE_TEXT:
        title = _("Other words")
        label = unit_label(block, operation.unit)
        old = block.get(operation.unit, language) if block else ""
        html = mark_words(old, str(operation.value), cell=block is not None and block.kind == TABLE_ROW)
    elif operation.op == SET_FIELD:
        title = _("Another value")
        label = unit_label(block, operation.unit)
        before = block.data.get(operation.unit) if block else None
        html = mark_values(told(block, operation.unit, before), told(block, operation.unit, operation.value))
    elif operation.op == INSERT_AFTER:
        new = Block.from_json(operation.new)
        title = _title_of_new(new)
        behind = first_words(block, language, resolved)
        html = _whole(new, language, resolved, added=True)
    elif operation.op == DELETE:
        title = _("The text would be removed")
        html = _whole(block, language, resolved, added=False) if block else mark_safe("")
    elif operation.op == MOVE:
        title = _("The text would be moved")
        behind = first_words(blocks.get(str(operation.value)), language, resolved)
        html = plain_html(block, language, resolved)
    else:
        raise ValueError(f"Unknown operation {operation.op!r}.")
    return Change(operation.op, operation.block_id, title, label, html, behind, language)


def _title_of_new(block: Block) -> str:
    if kind := kinds.block_kind(block.kind):
        return _("New: %(kind)s") % {"kind": kind.label}
    if block.kind == LIST_ITEM:
        return _("A new item in the list")
    if block.kind == TABLE_ROW:
        return _("A new row in the table")
    return _("A new heading") if block.kind == HEADING else _("A new paragraph")


def unit_label(block: Block | None, unit: str) -> str:
    """The name of a text or a field of a structured block; nothing for running text."""
    kind = kinds.block_kind(block.kind) if block else None
    return str(kind.labels.get(unit, kind.label)) if kind else ""


def told(block: Block | None, unit: str, value: Any) -> str:
    """A field's value in the reader's words; nothing for an empty one."""
    if value in (None, "", [], {}):
        return ""
    kind = kinds.block_kind(block.kind) if block else None
    if kind and kind.tell:
        return kind.tell(unit, value)
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)


def words_of(block: Block, language: str) -> str:
    """A block's inline HTML in a language, or in the one that there is; not for storing."""
    languages = [language, *sorted(block.languages() - {language})]
    return next((html for code in languages if (html := block.html_in(code))), "")


def plain_html(
    block: Block | None, language: str, resolved: Mapping[str, Mapping[str, Any]] | None = None
) -> SafeString:
    """A block's words for showing beside others, all its units in one."""
    if block is None:
        return mark_safe("")
    if not block.is_text:
        return mark_safe(escape(richtext.plain(structured_title(block, language, resolved or {}))))  # noqa: S308 escaped
    return mark_safe(richtext.sanitise(words_of(block, language), cell=block.kind == TABLE_ROW))  # noqa: S308 sanitised


def _whole(block: Block, language: str, resolved: Mapping[str, Mapping[str, Any]], *, added: bool) -> SafeString:
    """All of a block's text as added or as removed."""
    if not block.is_text:
        told_title = richtext.plain(structured_title(block, language, resolved))
        return mark_values("", told_title) if added else mark_values(told_title, "")
    html, cell = words_of(block, language), block.kind == TABLE_ROW
    return mark_words("", html, cell=cell) if added else mark_words(html, "", cell=cell)


def first_words(block: Block | None, language: str, resolved: Mapping[str, Mapping[str, Any]] | None = None) -> str:
    """The first words of a block, which name a place of the text to people."""
    if block is None:
        return ""
    text = structured_title(block, language, resolved or {}) if not block.is_text else words_of(block, language)
    return Truncator(richtext.plain(text)).words(FIRST_WORDS, truncate="…")
