"""What a respondent says about a place, and the words that she would have there instead."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from documents import richtext
from documents.blocks import TABLE_ROW, Block
from documents.operations import REPLACE_TEXT
from reviews.models import Remark, Statement
from reviews.places import Place, Places, quote_in
from reviews.services.statements import lock_changeable

LONGEST_REMARK = 20_000
"""Signs; some ten printed pages. What is longer is a file."""

MOST_REMARKS = 500
"""In one statement: more than a plan has places, far less than what would hurt."""


@transaction.atomic
def say(
    statement: Statement,
    *,
    key: str,
    text: str = "",
    language: str,
    section_key: str = "",
    block_id: str = "",
    quote: str = "",
    quote_near: int = 0,
    wording: Mapping[str, str] | None = None,
) -> Remark:
    """Add a remark to a statement; the same `key` again is the same remark, with the later words.

    `wording` is a proposal: unit of the block and the HTML that should stand there; units as they are now are left
    out. Locks the statement. Raises ValidationError: `too_late`, `remark_empty`, `remark_too_long`,
    `too_many_remarks`, `no_such_place`, `not_quoted`, `quote_too_long`, `no_wording_here`; ValueError without a key,
    because all remarks without one would be one and the same.
    """
    if not key:
        raise ValueError("A remark is said with the key of its form.")
    locked = lock_changeable(statement)
    place = Places(locked.round.version).find(section_key, block_id)
    remark = locked.remarks.filter(key=key).first()
    if remark is None:
        if locked.remarks.count() >= MOST_REMARKS:
            raise ValidationError(
                _("One statement can have at most %(count)d remarks. Put the rest into an attachment."),
                code="too_many_remarks",
                params={"count": MOST_REMARKS},
            )
        remark = Remark(region_id=locked.region_id, statement=locked, version=locked.round.version, key=key)
    _write(remark, place, text=text, language=language, quote=quote, quote_near=quote_near, wording=wording or {})
    remark.save()
    return remark


@transaction.atomic
def change_remark(
    remark: Remark, *, text: str, quote: str | None = None, wording: Mapping[str, str] | None = None
) -> Remark:
    """Put a remark into other words, at its place. Raises as `say` does.

    `quote` None keeps the quoted words and `wording` None the proposal; an empty one takes it back.
    """
    if remark.statement is None:
        raise ValueError("A member's remark is changed where it was made.")
    locked = lock_changeable(remark.statement)
    fresh = locked.remarks.get(pk=remark.pk)
    place = Places(locked.round.version).find(fresh.section_key, fresh.block_id)
    _write(
        fresh,
        place,
        text=text,
        language=fresh.language,
        quote=fresh.quote if quote is None else quote,
        quote_near=fresh.starts_at or 0,
        wording=wording,
    )
    fresh.save()
    return fresh


@transaction.atomic
def take_back(remark: Remark) -> None:
    """Remove a remark that its respondent no longer wants to make. ValidationError (`too_late`).

    What was handed in before stays in the receipt.
    """
    if remark.statement is None:
        raise ValueError("A member's remark is taken back where it was made.")
    locked = lock_changeable(remark.statement)
    locked.remarks.filter(pk=remark.pk).delete()


def _write(
    remark: Remark,
    place: Place,
    *,
    text: str,
    language: str,
    quote: str,
    quote_near: int,
    wording: Mapping[str, str] | None,
) -> None:
    text = text.strip()
    if any(len(words) > LONGEST_REMARK for words in (text, *(wording or {}).values())):
        raise ValidationError(
            {
                "text": ValidationError(
                    _("The remark is too long: at most %(count)d characters. Put the rest into an attachment."),
                    code="remark_too_long",
                    params={"count": LONGEST_REMARK},
                )
            }
        )
    quoted = quote_in(place, quote, language=language, near=quote_near)
    remark.text, remark.language = text, language
    remark.section_key, remark.block_id, remark.order = place.section_key, place.block_id, place.order
    remark.quote = quoted.text if quoted else ""
    remark.starts_at = quoted.starts_at if quoted else None
    remark.ends_at = quoted.ends_at if quoted else None
    if wording is not None:
        remark.operations = wording_operations(place.block, wording, language)
    if not remark.text and not remark.operations:
        raise ValidationError(
            {"text": ValidationError(_("Write a remark or propose other words."), code="remark_empty")}
        )


def wording_operations(block: Block | None, wording: Mapping[str, str], language: str) -> list[dict[str, Any]]:
    """A respondent's own words for a block, as operations; nothing for units that stay as they are.

    Only texts that the block has in this language can be proposed anew. Raises ValidationError (`no_wording_here`).
    """
    operations: list[dict[str, Any]] = []
    for unit, html in wording.items():
        if block is None or language not in block.text.get(unit, {}):
            raise ValidationError(
                _("Other words can be proposed only for a paragraph of the text."), code="no_wording_here"
            )
        proposed = richtext.sanitise(html, cell=block.kind == TABLE_ROW)
        if proposed == block.get(unit, language):
            continue
        operations.append(
            {"op": REPLACE_TEXT, "block_id": block.id, "unit": unit, "language": language, "value": proposed}
        )
    return operations
