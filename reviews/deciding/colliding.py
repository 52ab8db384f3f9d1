"""Proposals that cannot all go into the text as they are: on the same words, or on a text that another one moves or
removes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from documents.blocks import Block
from documents.models import Document
from documents.operations import DELETE, INSERT_AFTER, MOVE, Operation
from documents.tracing import Remarked, trace_many
from reviews.deciding.proposals import Proposal, operations_of, proposals_of
from reviews.deciding.standing import Standing, Text, standings
from reviews.desk.respondents import respondent_name
from reviews.models import Remark
from reviews.models.remarks import RemarkQuerySet

TAKES_PLACE = frozenset({DELETE, MOVE})


@dataclass(frozen=True)
class Rival:
    """One of the proposals on a place."""

    remark: Remark
    name: str
    proposal: Proposal
    standing: Standing
    twins: int = 0
    """How many others propose exactly the same."""


@dataclass(frozen=True)
class Collision:
    """A place of the draft and the open proposals on it that collide."""

    section_key: str
    block: Block
    rivals: list[Rival]


def open_proposals(document: Document) -> RemarkQuerySet:
    """Proposals on any version of a document that nobody has answered."""
    rows = Remark.objects.received().shown().proposals().unanswered().filter(version__document=document)
    return rows.select_related("statement__organisation", "statement__user", "author").order_by("order", "pk")


def collisions(document: Document) -> list[Collision]:
    """The places of the draft on which open proposals collide, in the order of the text: some eight queries.

    Proposals of the same words collide too: accepting one, the others stay open and are seen to say the same.
    """
    remarks = list(open_proposals(document))
    draft = Text.of_draft(document)
    touching = _touching(document, remarks, draft.blocks)
    places: dict[str, list[Remark]] = {}
    for block_id, touches in touching.items():
        found = {
            remark.pk: remark
            for (one, first), (other, second) in combinations(touches, 2)
            if one.pk != other.pk and _collide(first, second)
            for remark in (one, other)
        }
        if found:
            places[block_id] = sorted(found.values(), key=lambda remark: (remark.order, remark.pk))
    wanted = {remark.pk: remark for rows in places.values() for remark in rows}
    proposals = proposals_of(wanted.values())
    stand = standings(document, wanted.values(), draft=draft)
    result = []
    for block_id, (section_key, block) in draft.blocks.items():
        if block_id in places:
            rivals = [_rival(remark, places[block_id], proposals, stand) for remark in places[block_id]]
            result.append(Collision(section_key, block, rivals))
    return result


def _rival(
    remark: Remark, others: Iterable[Remark], proposals: Mapping[int, Proposal], stand: Mapping[int, Standing]
) -> Rival:
    twins = sum(1 for other in others if other.pk != remark.pk and other.operations == remark.operations)
    return Rival(remark, respondent_name(remark), proposals[remark.pk], stand[remark.pk], twins)


def _touching(
    document: Document, remarks: list[Remark], now: Mapping[str, tuple[str, Block]]
) -> dict[str, list[tuple[Remark, Operation]]]:
    """Block of the draft -> the operations that need it, each with its remark."""
    operations = [(remark, operation) for remark in remarks for operation in operations_of(remark)]
    missing = sorted({operation.block_id for _remark, operation in operations} - now.keys())
    places = trace_many(document, [Remarked(block_id) for block_id in missing], blocks=now) if missing else []
    homes = {key: place.block.id for key, place in zip(missing, places, strict=True) if place.block is not None}
    touching: dict[str, list[tuple[Remark, Operation]]] = defaultdict(list)
    for remark, operation in operations:
        chosen = remark.place_in_draft if remark.place_in_draft in now else ""
        block_id = operation.block_id if operation.block_id in now else chosen or homes.get(operation.block_id, "")
        if block_id:
            touching[block_id].append((remark, operation))
    return touching


def _collide(one: Operation, other: Operation) -> bool:
    """Whether two operations on one block get in each other's way. Two insertions behind it both stand."""
    if one.op in TAKES_PLACE or other.op in TAKES_PLACE:
        return True
    if INSERT_AFTER in (one.op, other.op):
        return False
    return (one.op, one.unit, one.language) == (other.op, other.unit, other.language)
