"""Where in today's draft a proposal would act, and what a person is shown who decides where it cannot be merged."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from documents import frozen
from documents.blocks import TABLE_ROW, Block
from documents.difference import mark_values, mark_words
from documents.merge import combine_text
from documents.models import Document
from documents.operations import INSERT_AFTER, MOVE, REPLACE_TEXT, SET_FIELD, Operation
from documents.tracing import Remarked, trace_many
from reviews.deciding.proposals import first_words, operations_of, plain_html, told, unit_label, words_of
from reviews.deciding.standing import Text
from reviews.models import Remark


@dataclass(frozen=True)
class Aim:
    """One operation of a proposal and the place in the draft that it would act on."""

    operation: Operation
    """Naming the blocks of the draft."""
    proposed: Operation
    """As it was proposed."""
    was: Block | None
    """The block in the version."""
    now: Block | None
    """The block in the draft; None where it is gone and nobody has chosen another."""
    section_key: str = ""
    behind: Block | None = None
    """For what is moved: the block in the draft that it would stand behind."""
    is_new: bool = False
    """It acts on a block that an earlier operation of the same proposal puts in."""

    @property
    def is_gone(self) -> bool:
        if self.is_new:
            return False
        return self.now is None or (self.operation.op == MOVE and self.behind is None)

    @property
    def is_elsewhere(self) -> bool:
        """It would act on another block than the one that was proposed to be changed: then a person looks first."""
        return (
            not self.is_new and self.operation.op != INSERT_AFTER and self.operation.block_id != self.proposed.block_id
        )


def aims_of(remark: Remark, document: Document, draft: Text | None = None) -> list[Aim]:
    """Where a remark's operations would act: at their own blocks, at those that these were joined to, or at the place
    that a person chose. The version's text, the draft's and one query."""
    operations = operations_of(remark)
    now = (draft or Text.of_draft(document)).blocks
    was = {block.id: block for block in frozen.read(remark.version).blocks()}
    made = {row.new["id"] for row in operations if row.op == INSERT_AFTER and row.new.get("id")}
    named = {row.block_id for row in operations} | {str(row.value) for row in operations if row.op == MOVE}
    homes = _homes(remark, document, named - made, now)
    aims = []
    for operation in operations:
        is_new = operation.block_id in made
        home = homes.get(operation.block_id)
        behind_id = str(operation.value) if operation.op == MOVE else ""
        behind = homes.get(behind_id)
        aimed = replace(operation, block_id=home) if home else operation
        if behind:
            aimed = replace(aimed, value=behind)
        aims.append(
            Aim(
                operation=aimed,
                proposed=operation,
                was=was.get(operation.block_id),
                now=now[home][1] if home else None,
                section_key=now[home][0] if home else "",
                behind=now[behind][1] if behind else None,
                is_new=is_new,
            )
        )
    return aims


def _homes(remark: Remark, document: Document, named: set[str], now: Mapping[str, tuple[str, Block]]) -> dict[str, str]:
    """The block of the draft for each that the operations name, where there is one."""
    homes = {block_id: block_id for block_id in named if block_id in now}
    if remark.place_in_draft in now:
        homes |= dict.fromkeys(named - homes.keys(), remark.place_in_draft)
    missing = sorted(named - homes.keys())
    asked = [
        Remarked(block_id, remark.quote if block_id == remark.block_id else "", remark.language) for block_id in missing
    ]
    places = trace_many(document, asked, blocks=now) if asked else []
    return homes | {
        block_id: place.block.id for block_id, place in zip(missing, places, strict=True) if place.block is not None
    }


# --- Three texts beside each other ------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """One thing that a proposal changes: as it was in the round's version, as it is now, as it is proposed."""

    index: int
    op: str
    title: str
    label: str
    language: str
    was: SafeString
    now: SafeString
    proposed: SafeString
    editable: str | None
    """A suggested combination as HTML, for words; None where one can only do it or leave it."""
    section_key: str
    has_moved_on: bool
    """The text is another than the one that was commented on."""


def choices_of(aims: list[Aim], language: str, *, typed: Mapping[int, str] | None = None) -> list[Choice]:
    """What there is to decide on in a proposal; `typed` is what the person has written already, by index."""
    return [_choice(index, aim, language, (typed or {}).get(index)) for index, aim in enumerate(aims)]


def _choice(index: int, aim: Aim, language: str, typed: str | None) -> Choice:
    operation = aim.operation
    shown = operation.language or language
    cell = aim.now is not None and aim.now.kind == TABLE_ROW
    label, editable = "", None
    has_moved_on = aim.was is None or aim.now is None or aim.is_elsewhere
    if operation.op == REPLACE_TEXT:
        title = _("Words")
        label = unit_label(aim.now or aim.was, operation.unit)
        before = aim.was.get(operation.unit, shown) if aim.was else ""
        current = aim.now.get(operation.unit, shown) if aim.now else ""
        proposed = str(operation.value)
        was: SafeString = mark_words(before, before, cell=cell)
        now, wanted = mark_words(before, current, cell=cell), mark_words(before, proposed, cell=cell)
        suggested = combine_text(before, current, proposed, cell=cell)
        editable = suggested if typed is None else typed
        has_moved_on = has_moved_on or before != current
    elif operation.op == SET_FIELD:
        title = _("Another value")
        label = unit_label(aim.now or aim.was, operation.unit)
        values = [
            told(block, operation.unit, value) or _("empty")
            for block, value in (
                (aim.was, _field(aim.was, operation.unit)),
                (aim.now, _field(aim.now, operation.unit)),
                (aim.now or aim.was, operation.value),
            )
        ]
        was, now, wanted = (
            mark_safe(escape(values[0])),  # noqa: S308 escaped
            mark_values(values[0], values[1]),
            mark_values(values[0], values[2]),
        )
        has_moved_on = has_moved_on or _field(aim.was, operation.unit) != _field(aim.now, operation.unit)
    else:
        title, wanted = _whole_change(aim, shown)
        was, now = plain_html(aim.was, shown), plain_html(aim.now, shown)
        if aim.was and aim.now:
            has_moved_on = has_moved_on or words_of(aim.was, shown) != words_of(aim.now, shown)
            if aim.now.is_text:
                now = mark_words(words_of(aim.was, shown), words_of(aim.now, shown), cell=cell)
    return Choice(index, operation.op, title, label, shown, was, now, wanted, editable, aim.section_key, has_moved_on)


def _whole_change(aim: Aim, language: str) -> tuple[str, SafeString]:
    operation = aim.operation
    if operation.op == INSERT_AFTER:
        new = Block.from_json(operation.new)
        words = plain_html(new, language)
        return _("A new text behind this one"), mark_words("", words, cell=new.kind == TABLE_ROW)
    if operation.op == MOVE:
        behind = first_words(aim.behind, language) or "–"
        return _("Another place"), mark_safe(  # noqa: S308 escaped
            escape(_("Place: after “%(words)s”") % {"words": behind})
        )
    return _("Removed"), mark_safe(f"<em>{escape(_('removed'))}</em>")  # noqa: S308 escaped


def _field(block: Block | None, name: str) -> Any:
    return block.data.get(name) if block else None
