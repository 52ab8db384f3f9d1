"""Where something said about a block belongs now: by id, alias and lineage, to the block with the quoted words."""

from collections.abc import Mapping
from dataclasses import dataclass

from documents import richtext
from documents.blocks import Block
from documents.models import BlockIdentity, Document

SAME, CHANGED, MOVED, SPLIT, JOINED, GONE = "same", "changed", "moved", "split", "joined", "gone"


@dataclass(frozen=True)
class Place:
    """Where a remark stands in the draft, and what became of its block. `block` is None when it waits for a person."""

    state: str
    section_key: str | None = None
    block: Block | None = None


def trace(
    document: Document,
    block_id: str,
    *,
    quote: str = "",
    language: str = "",
    was: Block | None = None,
    was_in: str | None = None,
) -> Place:
    """Find today's block for a remark on `block_id` whose quoted words were `quote`.

    `was` and `was_in` are the block and the section key that the remark was made on, to tell whether it
    changed or moved.
    """
    return trace_many(document, [Remarked(block_id, quote, language, was, was_in)])[0]


@dataclass(frozen=True)
class Remarked:
    """What a remark points at."""

    block_id: str
    quote: str = ""
    language: str = ""
    was: Block | None = None
    was_in: str | None = None


def trace_many(
    document: Document, remarks: list[Remarked], *, blocks: Mapping[str, tuple[str, Block]] | None = None
) -> list[Place]:
    """`trace` for many remarks in two queries, whatever their number.

    `blocks` (id -> section key and block) is the draft's text for a caller that has read it already: then one query.
    """
    rows = list(document.block_identities.all())
    by_pk = {row.pk: row for row in rows}
    by_id = {row.block_id: row for row in rows}
    offspring: dict[int, list[BlockIdentity]] = {}
    for row in rows:
        if row.came_from_id:
            offspring.setdefault(row.came_from_id, []).append(row)
    if blocks is None:
        sections = document.sections.present().select_related("head")
        blocks = {block.id: (section.key, block) for section in sections for block in section.blocks}
    return [_place(remark, by_id, by_pk, offspring, blocks) for remark in remarks]


def _place(
    remark: Remarked,
    by_id: dict[str, BlockIdentity],
    by_pk: dict[int, BlockIdentity],
    offspring: dict[int, list[BlockIdentity]],
    blocks: Mapping[str, tuple[str, Block]],
) -> Place:
    start = by_id.get(remark.block_id)
    if start is None:
        return Place(GONE)
    family = _family(start, by_pk, offspring)
    standing = [row for row in family if row.block_id in blocks]
    if not standing:
        return Place(GONE)
    holders = [row for row in standing if _holds(blocks[row.block_id][1], remark)]
    if remark.quote and not holders and standing[0] is not start:
        return Place(GONE)
    found = holders[0] if holders else standing[0]
    section_key, block = blocks[found.block_id]
    return Place(_state(start, found, block, section_key, remark), section_key, block)


def _family(
    start: BlockIdentity, by_pk: dict[int, BlockIdentity], offspring: dict[int, list[BlockIdentity]]
) -> list[BlockIdentity]:
    """The block itself, then what it was joined to, then what was cut or copied from it, near ones first."""
    family: list[BlockIdentity] = []
    queue = [start]
    while queue:
        row = queue.pop(0)
        if row in family:
            continue
        family.append(row)
        if row.alias_of_id:
            queue.append(by_pk[row.alias_of_id])
        queue.extend(offspring.get(row.pk, []))
    return family


def _holds(block: Block, remark: Remarked) -> bool:
    if not remark.quote:
        return True
    quote = richtext.plain(remark.quote).casefold()
    languages = [remark.language] if remark.language else sorted(block.languages())
    return any(quote in block.plain_in(language).casefold() for language in languages)


def _state(start: BlockIdentity, found: BlockIdentity, block: Block, section_key: str, remark: Remarked) -> str:
    if found.pk != start.pk:
        return JOINED if start.alias_of_id else SPLIT
    if remark.was_in is not None and remark.was_in != section_key:
        return MOVED
    if remark.was is not None and not remark.was.same_content(block):
        return CHANGED
    return SAME
