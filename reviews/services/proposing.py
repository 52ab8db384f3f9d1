"""What a respondent would have otherwise in the text, written down as operations on the version's blocks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from documents import kinds, richtext
from documents.blocks import LIST_ITEM, PARAGRAPH, TABLE_ROW, Block
from documents.compose import with_rows
from documents.operations import DELETE, INSERT_AFTER, MOVE, REPLACE_TEXT, SET_FIELD
from reviews.answering.places import Place, Places

LONGEST_WORDING = 20_000
"""Signs of one proposed text; some ten printed pages."""

Operations = list[dict[str, Any]]


@dataclass(frozen=True)
class Proposal:
    """A change of one place. Other words are for everybody; the rest is for members of the bodies that are asked."""

    wording: Mapping[str, str] = field(default_factory=dict)
    """Unit of the block and the HTML that should stand there; units as they are now are left out."""
    new: str = ""
    """The words of a new paragraph, or of a new measure, behind the place; plain text."""
    removed: bool = False
    behind: str = ""
    """The id of the block behind which the place should stand."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Data keys of a structured block, as their form fields were filled in."""


def propose(places: Places, place: Place, proposal: Proposal, language: str) -> Operations:
    """The operations of a proposal, in the order in which they are done; none where all is as it stands.

    Only what the place has can be changed, and every text is cleaned. Raises ValidationError: `no_wording_here`,
    `wording_too_long`, `no_change_here`, `removed_and_changed`, `no_such_place`, `moved_behind_itself`, and as the kind
    of a structured block does for its fields.
    """
    operations = [
        *wording_operations(place.block, proposal.wording, language),
        *_field_operations(place.block, proposal.fields),
        *_move(places, place, proposal.behind),
    ]
    if proposal.removed:
        if operations:
            raise ValidationError(
                _("You propose to remove this and to change it as well. Choose one."), code="removed_and_changed"
            )
        operations.append({"op": DELETE, "block_id": _block_of(place).id})
    if proposal.new.strip():
        # What is new stands behind the place, so it is put there while the place is still where it was.
        operations.insert(0, _insertion(place, proposal.new, language))
    return operations


def wording_operations(block: Block | None, wording: Mapping[str, str], language: str) -> Operations:
    """A respondent's own words for a block; nothing for units that stay as they are.

    Only texts that the block has in this language can be proposed anew. Raises ValidationError (`no_wording_here`,
    `wording_too_long`).
    """
    operations: Operations = []
    for unit, html in wording.items():
        if block is None or language not in block.text.get(unit, {}):
            raise ValidationError(
                _("Other words can be proposed only for a paragraph of the text."), code="no_wording_here"
            )
        _require_short(html)
        proposed = richtext.sanitise(html, cell=block.kind == TABLE_ROW)
        if proposed == block.get(unit, language):
            continue
        operations.append(
            {"op": REPLACE_TEXT, "block_id": block.id, "unit": unit, "language": language, "value": proposed}
        )
    return operations


def takes_new(place: Place) -> bool:
    """Whether something can be proposed to stand behind a place: behind a table, but not inside one."""
    return place.block is not None and place.block.kind != TABLE_ROW


def _field_operations(block: Block | None, fields: Mapping[str, Any]) -> Operations:
    if not fields:
        return []
    kind = kinds.block_kind(block.kind) if block else None
    known = {item.key: item for item in kind.proposable} if kind else {}
    if block is None or not fields.keys() <= known.keys():
        raise _no_change_here()
    operations: Operations = []
    for key, filled_in in fields.items():
        try:
            value = known[key].value(block, filled_in, fields)
        except ValidationError as error:
            raise ValidationError({f"field_{key}": error}) from error
        if value != block.data.get(key):
            operations.append({"op": SET_FIELD, "block_id": block.id, "unit": key, "value": value})
    return operations


def _move(places: Places, place: Place, behind: str) -> Operations:
    if not behind:
        return []
    block = _block_of(place)
    if block.kind == TABLE_ROW:
        raise _no_change_here()
    target = _block_of(places.find(block_id=behind))
    # Who moves a table moves its rows, so none of these can be what it stands behind.
    section = place.section.blocks if place.section else []
    if target.id in with_rows(section, {block.id}):
        raise ValidationError(
            {"behind": ValidationError(_("A text cannot stand behind itself."), code="moved_behind_itself")}
        )
    return [{"op": MOVE, "block_id": block.id, "value": target.id}]


def _insertion(place: Place, text: str, language: str) -> dict[str, Any]:
    block = _block_of(place)
    if not takes_new(place):
        raise _no_change_here()
    _require_short(text)
    words = richtext.sanitise("<br>".join(escape(line.strip(), quote=False) for line in text.strip().splitlines()))
    kind = kinds.block_kind(block.kind)
    if kind and kind.new_after:
        new = kind.new_after(block, words, language)
    elif block.kind == LIST_ITEM:
        data: dict[str, Any] = {key: block.data[key] for key in ("level", "ordered") if key in block.data}
        new = Block(id="", kind=LIST_ITEM, text={"body": {language: words}}, data=data)
    else:
        new = Block(id="", kind=PARAGRAPH, text={"body": {language: words}})
    return {"op": INSERT_AFTER, "block_id": block.id, "new": new.to_json()}


def _block_of(place: Place) -> Block:
    if place.block is None:
        raise _no_change_here()
    return place.block


def _no_change_here() -> ValidationError:
    return ValidationError(_("This change cannot be proposed at this place of the text."), code="no_change_here")


def _require_short(text: str) -> None:
    if len(text) > LONGEST_WORDING:
        raise ValidationError(
            _("The proposed text is too long: at most %(count)d characters. Put the rest into an attachment."),
            code="wording_too_long",
            params={"count": LONGEST_WORDING},
        )
