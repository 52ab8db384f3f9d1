"""The ids that a document issues: making them, writing down where they came from and where they stand now."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from accounts.identifiers import new_public_id
from documents.identity import Birth
from documents.models import BlockIdentity, Document, Section
from documents.operations import INSERT_AFTER, MOVE, Operation
from documents.services.notes import notes_follow


def issue_block_id(section: Section) -> str:
    """A new id for a structured block of this section. The caller holds the document's lock."""
    identity = BlockIdentity.objects.create(
        region_id=section.region_id, document_id=section.document_id, block_id=new_public_id(), section=section
    )
    return identity.block_id


def issue_ids(document: Document, operations: Sequence[Operation]) -> list[Operation]:
    """Operations whose inserted blocks have ids that this document issued. The caller holds the document's lock.

    Ids that it has issued stay, so that operations that were given theirs once put the same block into a version and
    into the draft.
    """
    named = {operation.new["id"] for operation in operations if operation.new.get("id")}
    issued = set(document.block_identities.filter(block_id__in=named).values_list("block_id", flat=True))
    names: dict[str, str] = {}
    rows: list[BlockIdentity] = []
    result: list[Operation] = []
    for item in operations:
        operation = replace(item, block_id=names.get(item.block_id, item.block_id))
        if operation.op == MOVE:
            operation = replace(operation, value=names.get(operation.value, operation.value))
        if operation.op == INSERT_AFTER and operation.new.get("id") not in issued:
            row = BlockIdentity(region_id=document.region_id, document=document, block_id=new_public_id())
            rows.append(row)
            if operation.new.get("id"):
                names[operation.new["id"]] = row.block_id
            operation = replace(operation, new={**operation.new, "id": row.block_id})
        result.append(operation)
    BlockIdentity.objects.bulk_create(rows)
    return result


def register(document: Document, births: Sequence[Birth], aliases: Mapping[str, str]) -> None:
    """Write down the ids that were issued, with their lineage, and those that became aliases."""
    BlockIdentity.objects.bulk_create(
        BlockIdentity(region_id=document.region_id, document=document, block_id=birth.id) for birth in births
    )
    named = {birth.id for birth in births} | {birth.came_from for birth in births if birth.came_from}
    named |= set(aliases) | set(aliases.values())
    rows = {row.block_id: row for row in document.block_identities.filter(block_id__in=named)} if named else {}
    changed = []
    for birth in births:
        if birth.came_from in rows:
            rows[birth.id].came_from = rows[birth.came_from]
            rows[birth.id].lineage = birth.how
            changed.append(rows[birth.id])
    for old, new in aliases.items():
        if old in rows and new in rows:
            rows[old].alias_of = rows[new]
            changed.append(rows[old])
    BlockIdentity.objects.bulk_update(changed, ["came_from", "lineage", "alias_of"])


def place_identities(document: Document, sections: Sequence[Section]) -> None:
    """Note where each block of these sections stands now; its open conflicts and its notes go along.

    A block that stands again is nobody's alias.
    """
    for section in sections:
        standing = {block.id for block in section.blocks}
        document.block_identities.filter(section=section).exclude(block_id__in=standing).update(section=None)
        document.block_identities.filter(block_id__in=standing).update(section=section, alias_of=None)
        document.conflicts.filter(settled_at=None, block_id__in=standing).update(section=section)
    notes_follow(document, sections)
