"""Who wrote each block of a section, when, and where it came from."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from documents.blocks import Block
from documents.models import BlockIdentity, Revision, Section

LOOKED_BACK = 200
"""How many saved states are read at most for one page."""
CHUNK = 25


@dataclass
class Authored:
    """A block with the save that gave it its present words and the one in which it first stood in the section.

    None: further back than was read.
    """

    block: Block
    changed: Revision | None = None
    begun: Revision | None = None
    lineage: str = ""
    """Split from another block, copied or moved; empty for one that began by itself."""
    came_from: str = ""
    """The id of that other block."""

    @property
    def has_changed(self) -> bool:
        return bool(self.changed and self.begun and self.changed.pk != self.begun.pk)


@dataclass(frozen=True)
class Authorship:
    """The blocks of a section in order. `earlier` is the state from which the next look back begins; 0 at the end.

    `read_to` is when the earliest state that was read was saved.
    """

    blocks: list[Authored]
    earlier: int
    read_to: datetime.datetime | None


def authors_of(section: Section, *, below: int = 0) -> Authorship:
    """Walk back from the text as it stands, at most `LOOKED_BACK` states, until each block's words are explained.

    With `below` the walk goes on before that state, for the blocks whose words are older than it.
    """
    standing = section.blocks
    open_words = {block.id: block for block in standing}
    open_birth = set(open_words)
    found = {block.id: Authored(block) for block in standing}
    newer: Revision | None = None
    states = section.revisions.line().select_related("author").order_by("-number")
    if below:
        newer = states.filter(number=below).first()
        then = {block.id: block for block in newer.blocks} if newer else {}
        # What was explained by a later state is not told again.
        open_words = {key: block for key, block in open_words.items() if key in then and then[key].same_content(block)}
        open_birth &= then.keys()
        states = states.filter(number__lt=below)
    read = 0
    is_beginning = False
    while (open_words or open_birth) and read < LOOKED_BACK:
        chunk = list(states[read : read + CHUNK])
        for older in chunk:
            _explain(found, open_words, open_birth, newer, older.blocks)
            newer = older
        read += len(chunk)
        if len(chunk) < CHUNK:
            is_beginning = True
            _explain(found, open_words, open_birth, newer, [])
            break
    told = _with_lineage(section, found.values())
    if below:
        told = [row for row in told if row.changed or row.begun]
    is_open = bool(open_words or open_birth) and not is_beginning
    return Authorship(told, newer.number if is_open and newer else 0, newer.created_at if newer else None)


def _explain(
    found: dict[str, Authored],
    open_words: dict[str, Block],
    open_birth: set[str],
    newer: Revision | None,
    older: Iterable[Block],
) -> None:
    """What is in the newer state and was not in the older one came with the newer."""
    if newer is None:
        return
    was = {block.id: block for block in older}
    for block_id in [key for key, block in open_words.items() if key not in was or not was[key].same_content(block)]:
        found[block_id].changed = newer
        del open_words[block_id]
    for block_id in open_birth - was.keys():
        found[block_id].begun = newer
        open_birth.discard(block_id)


def _with_lineage(section: Section, rows: Iterable[Authored]) -> list[Authored]:
    rows = list(rows)
    ids = [row.block.id for row in rows]
    known = BlockIdentity.objects.filter(document=section.document_id, block_id__in=ids).exclude(lineage="")
    lineage = {row.block_id: row for row in known.select_related("came_from")}
    for row in rows:
        if identity := lineage.get(row.block.id):
            row.lineage = identity.lineage
            row.came_from = identity.came_from.block_id if identity.came_from else ""
    return rows
