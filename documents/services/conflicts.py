"""Settling conflicts: a person chooses one of two texts, or writes a third."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from documents.blocks import Block, load
from documents.models import Conflict, Revision, Section
from documents.operations import REPLACE_TEXT, SET_FIELD, BlockGoneError, Operation, apply, taken_out
from documents.services.documents import lock
from documents.services.identities import place_identities
from documents.services.revisions import add_revision


@transaction.atomic
def settle_conflict(conflict: Conflict, *, by: User | None) -> None:
    """Mark a conflict settled, once somebody has put the right text in its place."""
    lock(conflict.document)
    fresh = Conflict.objects.get(pk=conflict.pk)
    if fresh.settled_at is None:
        fresh.settled_at = timezone.now()
        fresh.settled_by = by
        fresh.save(update_fields=["settled_at", "settled_by"])
        record(by, "conflict.settled", conflict.document, block=conflict.block_id)


@transaction.atomic
def keep_text(conflict: Conflict, *, by: User | None) -> None:
    """Let what stands in the text stand. The other text stays in the conflict's own row and in the history."""
    settle_conflict(conflict, by=by)


@transaction.atomic
def take_other(conflict: Conflict, *, by: User | None) -> Revision | None:
    """Put the other person's text in the place of the one that stands, as a new revision; then settle.

    Locks the document. Raises ValidationError when the place is no longer in the section (`block_gone`) or somebody
    else has settled the conflict already (`already_settled`).
    """
    section = _locked(conflict)
    blocks = section.head.blocks if section.head else []
    if conflict.kind == Conflict.Kind.TEXT:
        changed = _apply(
            conflict,
            blocks,
            Operation(REPLACE_TEXT, conflict.block_id, conflict.unit, conflict.language, conflict.mine),
        )
    elif conflict.kind == Conflict.Kind.FIELD:
        changed = _with_field(blocks, conflict)
    elif conflict.kind == Conflict.Kind.DELETED:
        changed = taken_out(blocks, conflict.block_id)[1]
    else:
        changed = _split_again(blocks, conflict)
    return _settled_with(section, changed, conflict, by)


@transaction.atomic
def combine(conflict: Conflict, text: str, *, by: User | None) -> Revision | None:
    """Put a text that a person made of both in the place of the one that stands; then settle.

    `text` is inline HTML. Raises ValidationError as `take_other` does.
    """
    if conflict.kind != Conflict.Kind.TEXT:
        raise ValueError("Only two texts of the same place can be combined.")
    section = _locked(conflict)
    blocks = section.head.blocks if section.head else []
    changed = _apply(
        conflict, blocks, Operation(REPLACE_TEXT, conflict.block_id, conflict.unit, conflict.language, text)
    )
    return _settled_with(section, changed, conflict, by)


def _locked(conflict: Conflict) -> Section:
    document = lock(conflict.document)
    if Conflict.objects.filter(pk=conflict.pk, settled_at__isnull=False).exists():
        raise ValidationError(_("Somebody else has settled this already."), code="already_settled")
    return document.sections.select_related("head").get(pk=conflict.section_id)


def _settled_with(section: Section, blocks: Sequence[Block], conflict: Conflict, by: User | None) -> Revision | None:
    revision = section.head
    if revision is None or list(blocks) != revision.blocks:
        revision = add_revision(section, blocks, by=by, base=section.head, origin=Revision.Origin.MERGED)
        place_identities(conflict.document, [section])
    settle_conflict(conflict, by=by)
    return revision


def _gone() -> ValidationError:
    return ValidationError(_("This place is no longer in the section. Choose “Keep this one”."), code="block_gone")


def _apply(conflict: Conflict, blocks: Sequence[Block], operation: Operation) -> list[Block]:
    try:
        return apply(blocks, operation, original=conflict.document.original)
    except BlockGoneError as error:
        raise _gone() from error


def _with_field(blocks: Sequence[Block], conflict: Conflict) -> list[Block]:
    if conflict.unit == "kind":
        if all(block.id != conflict.block_id for block in blocks):
            raise _gone()
        return [replace(block, kind=str(conflict.mine)) if block.id == conflict.block_id else block for block in blocks]
    changed = _apply(conflict, blocks, Operation(SET_FIELD, conflict.block_id, conflict.unit, value=conflict.mine))
    if conflict.mine is not None:
        return changed
    return [_without_key(block, conflict.unit) if block.id == conflict.block_id else block for block in changed]


def _without_key(block: Block, name: str) -> Block:
    data: dict[str, Any] = {key: value for key, value in block.data.items() if key != name}
    return replace(block, data=data)


def _split_again(blocks: Sequence[Block], conflict: Conflict) -> list[Block]:
    """The other side's pieces in the place of those that stand."""
    pieces, standing = load(conflict.mine or []), load(conflict.head or [])
    doomed = {piece.id for piece in standing} | {piece.id for piece in pieces}
    place = next((index for index, block in enumerate(blocks) if block.id == conflict.block_id), None)
    if place is None:
        raise _gone()
    before = [block for block in blocks[:place] if block.id not in doomed]
    after = [block for block in blocks[place:] if block.id not in doomed]
    return [*before, *pieces, *after]
