"""Saving the text of sections: identity, merge, revision, in that order and under the document's lock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_public_id
from accounts.models import User
from audit.services import record
from documents import kinds
from documents.blocks import TABLE, TABLE_ROW, Block, clean, dump, same_blocks
from documents.compose import Identified, compose, gaps, insert_after_predecessor, place_behind, with_rows
from documents.html import Incoming, parse
from documents.identity import SPLIT, Birth, identify
from documents.merge import Clash, merge
from documents.models import BlockIdentity, Conflict, Document, Revision, Section
from documents.operations import INSERT_AFTER, MOVE, Operation
from documents.services.documents import lock

Origin = Revision.Origin


@dataclass(frozen=True)
class Edit:
    """What a writer sends for one section: the revision it was based on, and the blocks of each edited language."""

    section: Section
    base: Revision | None
    sent: Mapping[str, Sequence[Incoming]]
    start: Sequence[Block] | None = None
    """What the writer started from where that is no whole revision: what a file said when it was last imported."""

    @property
    def base_blocks(self) -> list[Block]:
        if self.start is not None:
            return list(self.start)
        return self.base.blocks if self.base else []

    @classmethod
    def from_html(cls, section: Section, base: Revision | None, html: Mapping[str, str]) -> "Edit":
        return cls(section, base, {language: parse(source) for language, source in html.items()})


@dataclass(frozen=True)
class Saved:
    """The outcome of one section's save."""

    revision: Revision | None
    merged: bool = False
    """Somebody had saved in between, and both changes are in the text."""
    unchanged: bool = False
    conflicts: list[Conflict] = field(default_factory=list)
    wanted: Sequence[Block] = ()
    """The section as its writer alone wanted it, before anybody else's changes were merged in."""


def save_section(
    section: Section,
    *,
    by: User | None,
    base: Revision | None,
    html: Mapping[str, str],
    origin: str = Origin.TYPED,
    client_key: str = "",
) -> Saved:
    """Save what an editor holds, as HTML by language. See `save_sections`."""
    edit = Edit.from_html(section, base, html)
    return save_sections(section.document, [edit], by=by, origin=origin, client_key=client_key)[0]


@transaction.atomic
def save_sections(
    document: Document,
    edits: Sequence[Edit],
    *,
    by: User | None,
    origin: str = Origin.TYPED,
    client_key: str = "",
    note: str = "",
) -> list[Saved]:
    """Save several sections of a document as one change.

    Locks the document; decides over all edits together which block is which; merges each section with what others
    saved since its base; writes one revision for each section that changed, new identities and conflicts. What was
    written into a block that somebody has moved to another section meanwhile is merged there. Saving twice with one
    `client_key` is saving once. Raises ValidationError when a section was removed meanwhile (`section_removed`).
    """
    document = lock(document)
    sections = _fresh(document, [edit.section for edit in edits])
    if client_key:
        done = {item.section_id: item for item in document.revisions.filter(client_key=client_key).order_by("number")}
        if done:
            return [
                Saved(done.get(edit.section.pk) or sections[edit.section.pk].head, unchanged=True) for edit in edits
            ]
    bases = {edit.section.key: edit.base_blocks for edit in edits}
    heads = {section.key: section.blocks for section in sections.values()}
    mine, births, aliases = _composed(document, edits, bases, heads)
    wanted = {key: list(blocks) for key, blocks in mine.items()}
    splits = _splits(document, births)
    followed = _gone_elsewhere(document, bases, heads, mine, births)
    meet(bases, heads, mine)
    results: list[Saved] = []
    for edit in edits:
        section = sections[edit.section.pk]
        own = wanted[section.key]
        outcome = merge(bases[section.key], heads[section.key], mine[section.key], splits=splits)
        if same_blocks(outcome.blocks, section.blocks) and not outcome.clashes:
            results.append(Saved(section.head, unchanged=True, wanted=own))
            continue
        is_merge = (edit.start is not None or edit.base != section.head) and not same_blocks(outcome.blocks, own)
        revision = add_revision(
            section,
            outcome.blocks,
            by=by,
            base=edit.base,
            origin=Origin.MERGED if is_merge and origin == Origin.TYPED else origin,
            client_key=client_key,
            note=note,
        )
        conflicts = [open_conflict(revision, clash, by) for clash in outcome.clashes]
        results.append(Saved(revision, merged=is_merge, conflicts=conflicts, wanted=own))
    _register(document, births, aliases)
    place_identities(document, [sections[edit.section.pk] for edit in edits])
    for section, base_there, wanted_there in followed:
        outcome = merge(base_there, section.blocks, wanted_there, splits=splits)
        if same_blocks(outcome.blocks, section.blocks) and not outcome.clashes:
            continue
        revision = add_revision(
            section,
            outcome.blocks,
            by=by,
            base=section.head,
            origin=Origin.MERGED if origin == Origin.TYPED else origin,
            client_key=client_key,
            note=note,
        )
        results[0].conflicts.extend(open_conflict(revision, clash, by) for clash in outcome.clashes)
        place_identities(document, [section])
    return results


States = dict[str, list[Block]]
"""Section key -> blocks."""


def meet(bases: States, heads: States, mine: States) -> None:
    """Bring the three states of each block together in one section, so that moving and editing meet in one merge.

    Where the draft has moved a block, that section is its place; else the one where the writer has it.
    """
    begun, standing, wanted = _homes(bases), _homes(heads), _homes(mine)
    for block_id, start in begun.items():
        here, there = standing.get(block_id), wanted.get(block_id)
        home, order = (here, heads) if here and here != start else (there, mine)
        if home:
            ids = [block.id for block in order[home]]
            for state, place in ((bases, start), (heads, here), (mine, there)):
                if place and place != home:
                    _relocate(state, block_id, place, home, ids)


def _homes(state: States) -> dict[str, str]:
    return {block.id: key for key, blocks in state.items() for block in blocks}


def _relocate(state: States, block_id: str, source: str, target: str, order: Sequence[str]) -> None:
    block = next(block for block in state[source] if block.id == block_id)
    state[source] = [other for other in state[source] if other.id != block_id]
    ids = [other.id for other in state[target]]
    insert_after_predecessor(ids, block_id, order)
    state[target].insert(ids.index(block_id), block)


def _gone_elsewhere(
    document: Document, bases: States, heads: States, mine: States, births: Iterable[Birth]
) -> list[tuple[Section, list[Block], list[Block]]]:
    """Blocks that a writer still has in the section from which somebody moved them to one that is not being saved.

    They are taken out of `bases` and `mine`. Answers, for each section where such blocks stand now, the state to merge
    from and the state with what this writer made of them: changed words, cut-off parts, new rows of a table.
    """
    standing = _homes(heads)
    started = {block.id: block for blocks in bases.values() for block in blocks if block.id not in standing}
    if not started:
        return []
    placed = document.block_identities.filter(block_id__in=started, section__removed_at=None, section__isnull=False)
    homes = dict(placed.values_list("block_id", "section_id"))
    cut_from = {birth.id: birth.came_from for birth in births if birth.how == SPLIT}
    written: dict[str, list[Block]] = {}
    for key, blocks in mine.items():
        stay: list[Block] = []
        carrier: Block | None = None
        for block in blocks:
            new_row = block.kind == TABLE_ROW and block.id not in standing and block.id not in started
            if block.id in homes:
                carrier = block
                written[block.id] = [block]
            elif carrier and (cut_from.get(block.id) in homes or (new_row and carrier.kind in {TABLE, TABLE_ROW})):
                written[carrier.id].append(block)
            else:
                carrier = None
                stay.append(block)
        mine[key] = stay
        bases[key] = [block for block in bases[key] if block.id not in homes]
    followed = []
    for target in document.sections.select_related("head").filter(pk__in=set(homes.values())):
        base = [started[block.id] if block.id in homes else block for block in target.blocks]
        wanted = [piece for block in base for piece in written.get(block.id, [block])]
        if not same_blocks(base, wanted):
            followed.append((target, base, wanted))
    return followed


def _fresh(document: Document, sections: Iterable[Section]) -> dict[int, Section]:
    found = document.sections.select_related("head").in_bulk([section.pk for section in sections])
    for section in sections:
        fresh = found.get(section.pk)
        if fresh is None:
            raise ValueError("A section of another document cannot be saved here.")
        if fresh.removed_at:
            raise ValidationError(
                _("This section was removed while you were writing. Copy your text before you leave the page."),
                code="section_removed",
            )
    return found


def _composed(
    document: Document, edits: Sequence[Edit], bases: Mapping[str, list[Block]], heads: Mapping[str, list[Block]]
) -> tuple[dict[str, list[Block]], list[Birth], dict[str, str]]:
    """Each section as its writer wants it, with the ids issued and merged away on the way."""
    keys = {edit.section.pk: edit.section.key for edit in edits}
    carried = {item.id for edit in edits for row in edit.sent.values() for item in row if item.id}
    in_bases = {block.id for row in bases.values() for block in row}
    issued: set[str] = set()
    elsewhere: set[str] = set()
    for block_id, section_id in document.block_identities.filter(block_id__in=carried - in_bases).values_list(
        "block_id", "section_id"
    ):
        (elsewhere if section_id is not None and section_id not in keys else issued).add(block_id)
    # A goal's id cannot pass to a paragraph that brings it along.
    issued -= {block.id for blocks in heads.values() for block in blocks if not block.is_text}
    births: list[Birth] = []
    aliases: dict[str, str] = {}
    identified: dict[str, dict[str, Identified]] = {edit.section.key: {} for edit in edits}
    languages = sorted({lang for edit in edits for lang in edit.sent}, key=lambda lang: lang != document.original)
    for language in languages:
        sent = {edit.section.key: edit.sent[language] for edit in edits if language in edit.sent}
        decided = identify(
            {key: bases[key] for key in sent},
            sent,
            language=language,
            new_id=new_public_id,
            issued=frozenset(issued),
            elsewhere=frozenset(elsewhere),
        )
        fresh = {birth.id for birth in decided.births}
        for key, own_ids in decided.ids.items():
            ids = _paired_with_original(own_ids, sent[key], fresh, identified[key].get(document.original))
            identified[key][language] = list(zip(ids, sent[key], strict=True))
        used = {block_id for row in identified.values() for pairs in row.values() for block_id, _item in pairs}
        births.extend(birth for birth in decided.births if birth.id in used)
        aliases.update(decided.aliases)
    mine = {
        edit.section.key: compose(bases[edit.section.key], identified[edit.section.key], original=document.original)
        for edit in edits
    }
    standing = {block.id for row in mine.values() for block in row}
    return mine, births, {old: new for old, new in aliases.items() if old not in standing and new in standing}


def _paired_with_original(
    ids: list[str], incoming: Sequence[Incoming], fresh: set[str], original: Identified | None
) -> list[str]:
    """A new block typed in both columns at the same place is one block in two languages.

    Only where the new blocks between two common neighbours are equally many in both languages and of the same kinds.
    """
    if not original:
        return ids
    original_ids = [block_id for block_id, _item in original]
    common = set(ids) & set(original_ids)
    ours, theirs = gaps(ids, common), gaps(original_ids, common)
    kinds_of = {block_id: item.kind for block_id, item in original} | {
        block_id: item.kind for block_id, item in zip(ids, incoming, strict=True) if block_id in fresh
    }
    renamed: dict[str, str] = {}
    for anchors, new in ours.items():
        candidates = theirs.get(anchors, [])
        if not all(key in fresh for key in new):
            continue
        if [kinds_of[key] for key in new] == [kinds_of[key] for key in candidates]:
            renamed.update(zip(new, candidates, strict=True))
    return [renamed.get(key, key) for key in ids]


def _splits(document: Document, births: Iterable[Birth]) -> dict[str, str]:
    stored = document.block_identities.filter(lineage=SPLIT, came_from__isnull=False)
    splits = dict(stored.values_list("block_id", "came_from__block_id"))
    splits.update({birth.id: birth.came_from for birth in births if birth.how == SPLIT and birth.came_from})
    return splits


def add_revision(
    section: Section,
    blocks: Sequence[Block],
    *,
    by: User | None,
    base: Revision | None,
    origin: str,
    client_key: str = "",
    note: str = "",
) -> Revision:
    """Write the section's next revision and make it the head. The caller holds the document's lock."""
    number = section.head.number + 1 if section.head else 1
    revision = Revision.objects.create(
        region_id=section.region_id,
        document_id=section.document_id,
        section=section,
        number=number,
        content=dump(clean(block) for block in blocks),
        base=base,
        origin=origin,
        client_key=client_key,
        note=note,
        author=by,
    )
    before = section.blocks
    section.head = revision
    if not blocks:
        section.state = Section.State.EMPTY
    elif section.state == Section.State.EMPTY:
        section.state = Section.State.DRAFT
    section.save(update_fields=["head", "state"])
    project_rows(section, before, revision.blocks)
    return revision


def project_rows(section: Section, before: Sequence[Block], after: Sequence[Block]) -> None:
    """Let the rows of structured blocks follow where these have changed."""
    old, new = [block for block in before if not block.is_text], [block for block in after if not block.is_text]
    if old == new:
        return
    for name, kind in kinds.structured_kinds().items():
        standing = [block for block in new if block.kind == name]
        before_ids = {block.id for block in old if block.kind == name}
        changed = {block.id for block in standing if block not in old}
        gone = before_ids - {block.id for block in standing}
        if kind.project and (standing or gone):
            kind.project(section, standing, changed, gone)


def open_conflict(revision: Revision, clash: Clash, by: User | None) -> Conflict:
    return Conflict.objects.create(
        region_id=revision.region_id,
        document_id=revision.document_id,
        section_id=revision.section_id,
        revision=revision,
        kind=clash.kind,
        block_id=clash.block_id,
        unit=clash.unit,
        language=clash.language,
        base=clash.base,
        head=clash.head,
        mine=clash.mine,
        author=by,
    )


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


def _register(document: Document, births: Sequence[Birth], aliases: Mapping[str, str]) -> None:
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
    """Note where each block of these sections stands now; its open conflicts go along.

    A block that stands again is nobody's alias.
    """
    for section in sections:
        standing = {block.id for block in section.blocks}
        document.block_identities.filter(section=section).exclude(block_id__in=standing).update(section=None)
        document.block_identities.filter(block_id__in=standing).update(section=section, alias_of=None)
        document.conflicts.filter(settled_at=None, block_id__in=standing).update(section=section)


# --- Moving, restoring, settling ------------------------------------------------------------------------


@transaction.atomic
def move_blocks(
    block_ids: Sequence[str], *, source: Section, target: Section, after: str | None = None, by: User | None
) -> tuple[Revision, Revision]:
    """Move blocks to another section of the same document, behind block `after` (or to the end).

    Ids, remarks and sources go along, and a table's rows with their table. Raises ValidationError when a block is no
    longer there (`block_gone`).
    """
    if source.pk == target.pk:
        raise ValueError("Blocks are moved from one section to another.")
    document = lock(source.document)
    sections = _fresh(document, [source, target])
    source, target = sections[source.pk], sections[target.pk]
    wanted = with_rows(source.blocks, block_ids)
    moving = [block for block in source.blocks if block.id in wanted]
    if len(moving) != len(wanted):
        raise ValidationError(_("Someone else has moved or removed this text meanwhile."), code="block_gone")
    rest = [block for block in source.head.blocks if block.id not in wanted] if source.head else []
    blocks = target.blocks
    place = place_behind(blocks, after, row=bool(moving) and moving[0].kind == TABLE_ROW)
    landed = [*blocks[:place], *moving, *blocks[place:]]
    first = add_revision(source, rest, by=by, base=source.head, origin=Origin.MOVED)
    second = add_revision(target, landed, by=by, base=target.head, origin=Origin.MOVED)
    place_identities(document, [source, target])
    record(by, "blocks.moved", document, blocks=list(block_ids), to=target.key)
    return first, second


@transaction.atomic
def restore_section(section: Section, revision: Revision, *, by: User | None) -> Saved:
    """Bring a section back to an earlier revision, as a new revision. Structured blocks get their fields back too.

    A block that meanwhile lives in another section stays there and does not come back here.
    """
    document = lock(section.document)
    section = _fresh(document, [section])[section.pk]
    if revision.section_id != section.pk:
        raise ValueError("A section is restored from its own revisions.")
    ids = [block.id for block in revision.blocks]
    moved = set(
        document.block_identities.filter(block_id__in=ids, section__isnull=False)
        .exclude(section=section)
        .values_list("block_id", flat=True)
    )
    blocks = [block for block in revision.blocks if block.id not in moved]
    head = section.blocks
    if same_blocks(blocks, head):
        return Saved(section.head, unchanged=True)
    restored = add_revision(
        section, blocks, by=by, base=section.head, origin=Origin.RESTORED, note=str(revision.number)
    )
    place_identities(document, [section])
    record(by, "section.restored", document, section=section.key, revision=revision.number)
    return Saved(restored)


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
def append_blocks(
    section: Section, drafts: Sequence[Block], *, by: User | None, origin: str, after: str | None = None, note: str = ""
) -> list[Block]:
    """Add blocks that have no id yet behind block `after`, or to the end; answers them with their new ids."""
    document = lock(section.document)
    section = _fresh(document, [section])[section.pk]
    new = [clean(replace(block, id=issue_block_id(section))) for block in drafts]
    blocks = section.blocks
    place = place_behind(blocks, after)
    add_revision(section, [*blocks[:place], *new, *blocks[place:]], by=by, base=section.head, origin=origin, note=note)
    return new


@transaction.atomic
def save_structured(
    section: Section,
    *,
    by: User | None,
    change: Sequence[Block] = (),
    bases: Mapping[str, Block] | None = None,
    after: str | None = None,
    remove: Iterable[str] = (),
    origin: str = Origin.TYPED,
    note: str = "",
) -> Saved:
    """Change, add or remove structured blocks (goals, answers) of a section; their rows follow.

    A block of `change` that stands in the section is merged, field by field, with what others made of its state in
    `bases` (without one: of its head); others are added behind block `after`, or to the end. Raises ValidationError
    when a block stands in another section meanwhile (`block_gone`).
    """
    document = lock(section.document)
    section = _fresh(document, [section])[section.pk]
    gone = set(remove)
    head = [block for block in section.blocks if block.id not in gone]
    standing = {block.id: block for block in head}
    wanted = {block.id: clean(block) for block in change}
    elsewhere = document.block_identities.filter(block_id__in=wanted, section__isnull=False).exclude(section=section)
    if elsewhere.exists():
        raise ValidationError(_("Someone else has moved or removed this text meanwhile."), code="block_gone")
    base = [(bases or {}).get(block.id, block) if block.id in wanted else block for block in head]
    outcome = merge(base, head, [wanted.get(block.id, block) for block in head])
    blocks = list(outcome.blocks)
    place = place_behind(blocks, after)
    blocks[place:place] = [block for block in wanted.values() if block.id not in standing]
    if section.head and same_blocks(blocks, section.blocks) and not outcome.clashes:
        return Saved(section.head, unchanged=True)
    revision = add_revision(section, blocks, by=by, base=section.head, origin=origin, note=note)
    conflicts = [open_conflict(revision, clash, by) for clash in outcome.clashes]
    place_identities(document, [section])
    return Saved(revision, conflicts=conflicts)
