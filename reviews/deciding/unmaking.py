"""Taking a change that was accepted out of the text again, where nobody has built upon it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from documents.blocks import Block, same_blocks
from documents.compose import insert_after_predecessor
from documents.merge import merge, moved_ids
from documents.models import Document, Revision, Section
from documents.services.sections import meet

Order = dict[str, list[Block]]
"""Sections' blocks by key."""


class BuiltUponError(Exception):
    """Somebody has changed the same words since: taking the change out would take that out too."""


@dataclass(frozen=True)
class Unmade:
    """A section without the change."""

    section: Section
    blocks: list[Block]


def unmade(document: Document, revisions: Sequence[Revision]) -> list[Unmade]:
    """The sections of today's draft as they are without what these revisions changed; those that change, no others.

    Block by block, wherever it stands now: the merge is between what the revision made of it (base), what stands
    today, and what stood before. Raises BuiltUponError. The caller holds the document's lock.
    """
    before: Order = {row.section.key: row.base.blocks if row.base else [] for row in revisions}
    after: Order = {row.section.key: row.blocks for row in revisions}
    sections = {row.key: row for row in document.sections.present().select_related("head")}
    heads: Order = {key: row.blocks for key, row in sections.items()}
    bases: Order = {key: list(blocks) for key, blocks in heads.items()}
    mine: Order = {key: list(blocks) for key, blocks in heads.items()}
    now = _places(heads)
    _put_back_changed(before, after, now, bases, mine)
    for block_id, (key, block) in _places(before).items():
        if block_id not in now and all(row.id != block_id for rows in after.values() for row in rows):
            if key not in heads:
                raise BuiltUponError
            _insert(mine[key], block, before[key])
    meet(bases, heads, mine)
    result = []
    for key, section in sections.items():
        merged = merge(bases[key], heads[key], mine[key])
        if merged.clashes:
            raise BuiltUponError
        if not same_blocks(merged.blocks, section.blocks):
            result.append(Unmade(section, merged.blocks))
    return result


def _put_back_changed(
    before: Order, after: Order, now: Mapping[str, tuple[str, Block]], bases: Order, mine: Order
) -> None:
    """What the revisions put in, changed or moved, as it was before them."""
    old = _places(before)
    for block_id, (key, block) in _places(after).items():
        was_in, was = old.get(block_id, ("", None))
        if block_id not in now:
            if was is not None and (was_in != key or not was.same_content(block)):
                raise BuiltUponError
            continue
        here = now[block_id][0]
        if was is None:
            _put(bases[here], block)
            mine[here] = [row for row in mine[here] if row.id != block_id]
            continue
        if not was.same_content(block):
            _put(bases[here], block)
            _put(mine[here], was)
        if was_in != key or block_id in _moved_within(key, before, after):
            if here != key or was_in not in mine or block_id in _moved_within(key, after, mine):
                raise BuiltUponError
            moving = next(row for row in mine[here] if row.id == block_id)
            mine[here] = [row for row in mine[here] if row.id != block_id]
            _insert(mine[was_in], moving, before[was_in])


def _places(state: Order) -> dict[str, tuple[str, Block]]:
    return {block.id: (key, block) for key, blocks in state.items() for block in blocks}


def _moved_within(key: str, before: Order, after: Order) -> set[str]:
    return moved_ids([row.id for row in before.get(key, ())], [row.id for row in after.get(key, ())])


def _put(blocks: list[Block], block: Block) -> None:
    """The block in the place of what has its id."""
    blocks[:] = [block if row.id == block.id else row for row in blocks]


def _insert(blocks: list[Block], block: Block, order: Sequence[Block]) -> None:
    """Behind the nearest of the blocks that it stood behind."""
    ids = [row.id for row in blocks]
    insert_after_predecessor(ids, block.id, [row.id for row in order])
    blocks.insert(ids.index(block.id), block)
