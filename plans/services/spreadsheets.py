"""An Excel file that comes back: kept while a person looks at what it would change, then brought in as a whole."""

import datetime
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.identifiers import new_public_id
from accounts.models import User
from audit.services import record
from documents.blocks import Block, same_blocks
from documents.merge import Clash, merge
from documents.models import BlockIdentity, Conflict, Revision, Section
from documents.services.documents import lock
from documents.services.identities import place_identities
from documents.services.revisions import add_revision, open_conflict
from plans.blocks import ACTION, GOAL, INDICATOR
from plans.models import Action, Plan, StatusEntry
from plans.spreadsheets.columns import folded
from plans.spreadsheets.comparing import CHANGED, NEW, Change, Comparison, compare
from plans.spreadsheets.draft import Draft
from plans.spreadsheets.reading import Book, read_workbook
from plans.spreadsheets.understanding import LEAVE_OUT, NEW_PARTY, UNKNOWN
from regions.models import Organisation, Region, StoredFile
from regions.services import store_made_file

RECEIVED = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet;purpose=import"
"""The type of files that wait to be brought in; made ones have no purpose in theirs."""
KEPT = datetime.timedelta(days=7)
NEW_KINDS = [kind for kind in Organisation.Kind if kind != Organisation.Kind.MUNICIPALITY]
"""A municipality needs more than a name, so it is not made in passing."""


def book_of(draft: Draft, content: bytes) -> Book:
    return read_workbook(content, {kind: draft.columns(kind) for kind in (GOAL, INDICATOR, ACTION)})


@transaction.atomic
def receive(plan: Plan, *, name: str, content: bytes, by: User | None) -> StoredFile:
    """Keep a file for a week, so that a person can look at what it would change. Files that waited longer go away.

    Raises ValidationError for a file that cannot be read, and then keeps nothing.
    """
    book_of(Draft.of(plan), content)
    forget_old(plan.region)
    return store_made_file(plan.region, name=name, content=content, content_type=RECEIVED, by=by)


def forget_old(region: Region) -> None:
    """Take away the files of a region that have waited for more than a week, bytes and all."""
    for stored in StoredFile.objects.filter(
        region=region, content_type=RECEIVED, created_at__lt=timezone.now() - KEPT
    ).order_by("pk")[:50]:
        storage, path = stored.file.storage, stored.file.name or ""
        stored.delete()
        transaction.on_commit(partial(storage.delete, path))


def seen_of(draft: Draft) -> str:
    """Names the state of all that a file could change, so that nobody brings in something else than she was shown."""
    parts = [f"{section.key}@{section.head.number if section.head else 0}" for section in draft.sections]
    parts += [f"{block_id}@{status}@{day}" for block_id, (status, day) in draft.statuses.items()]
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()[:24]


@dataclass(frozen=True)
class BroughtIn:
    """What came of a file."""

    new: int = 0
    changed: int = 0
    removed: int = 0
    conflicts: Sequence[Conflict] = ()
    again: bool = False
    """It had been brought in before, so nothing was done."""


@transaction.atomic
def bring_in(
    plan: Plan,
    content: bytes,
    *,
    key: str,
    name: str,
    by: User | None,
    choices: Mapping[str, str] | None = None,
    remove: Collection[str] = (),
    in_order: bool = False,
    seen: str = "",
    may_add_organisations: bool = False,
) -> BroughtIn:
    """Bring a file in, all of it or nothing, with one revision of each section that changes.

    Under the document's lock. What others changed since the file was downloaded is merged field by field; what both
    changed differently stays as a conflict. `remove` are blocks that are not in the file and shall go. `key` names this
    file: with it nothing is brought in twice. Raises ValidationError when a cell is not understood (`cells`), a name
    has no choice yet (`unknown_names`), or the plan has changed since `seen` (`changed_meanwhile`).
    """
    document = lock(plan.document)
    plan.document = document
    if document.revisions.filter(client_key=key).exists():
        return BroughtIn(again=True)
    draft = Draft.of(plan)
    if seen and seen != seen_of(draft):
        raise ValidationError(
            _("The plan has changed while you were looking. Look again at what would change."), code="changed_meanwhile"
        )
    comparison = compare(draft, book_of(draft, content), choices)
    _require_settled(draft, comparison, choices or {})
    added = _add_organisations(plan, comparison, choices or {}, may_add=may_add_organisations, by=by)
    writer = _Writer(draft, comparison, added)
    removed = writer.remove({row.block_id for row in comparison.missing} & set(remove))
    writer.place()
    if in_order:
        writer.reorder()
    conflicts = writer.write(by=by, key=key, note=name[:300])
    _add_statuses(plan, comparison, writer.ids, by)
    result = BroughtIn(len(comparison.of(NEW)), len(comparison.of(CHANGED)), removed, conflicts)
    if result.new or result.changed or result.removed or in_order:
        counts = {"new": result.new, "changed": result.changed, "removed": result.removed}
        record(by, "spreadsheet.imported", document, sha256=hashlib.sha256(content).hexdigest(), **counts)
    return result


def _require_settled(draft: Draft, comparison: Comparison, choices: Mapping[str, str]) -> None:
    if comparison.errors:
        raise ValidationError(_("The file has cells that must be corrected. Nothing was changed."), code="cells")
    kinds = {f"{NEW_PARTY}{kind.value}" for kind in NEW_KINDS}
    known = {LEAVE_OUT, *draft.parties, *kinds}
    if any(choices.get(folded(row.name)) not in known for row in comparison.unknown):
        raise ValidationError(
            _("Choose first what is meant by each name that is not known. Nothing was changed."), code="unknown_names"
        )


def _add_organisations(
    plan: Plan, comparison: Comparison, choices: Mapping[str, str], *, may_add: bool, by: User | None
) -> dict[str, str]:
    """New organisations: the mark that stands for each in the wanted blocks -> its key."""
    added = {}
    for unknown in comparison.unknown:
        name = folded(unknown.name)
        choice = choices.get(name, "")
        if not choice.startswith(NEW_PARTY):
            continue
        if not may_add:
            raise ValidationError(_("Only coordinators add organisations."), code="not_coordinator")
        row = Organisation(region=plan.region, kind=choice.removeprefix(NEW_PARTY), name_fi=unknown.name)
        row.full_clean()
        row.save()
        record(by, "organisation.added", row, kind=row.kind)
        added[f"{NEW_PARTY}{name}"] = f"organisation:{row.public_id}"
    return added


def _add_statuses(plan: Plan, comparison: Comparison, ids: Mapping[str, str], by: User | None) -> None:
    wanted = {ids.get(row.block_id, row.block_id): row.status for row in comparison.changes if row.status}
    actions = {row.block_id: row for row in Action.objects.filter(plan=plan, block_id__in=wanted, removed_at=None)}
    StatusEntry.objects.bulk_create(
        StatusEntry(region_id=plan.region_id, action=actions[block_id], status=status, date=day, by=by)
        for block_id, (status, day) in wanted.items()
        if block_id in actions
    )


class _Writer:
    """The sections as they will be. Everything is arranged first and written at the end."""

    def __init__(self, draft: Draft, comparison: Comparison, parties: Mapping[str, str]) -> None:
        self.draft, self.comparison, self.parties = draft, comparison, parties
        self.ids = {row.block_id: new_public_id() for row in comparison.of(NEW)}
        """The id that each new row gets."""
        self.clashes: dict[int, list[Clash]] = {}
        self.lists: dict[int, list[Block]] = {}
        wanted = {row.block_id: row for row in comparison.of(CHANGED) if row.wanted is not None}
        for section in draft.sections:
            head = section.blocks
            base = [wanted[block.id].base or block if block.id in wanted else block for block in head]
            mine = [self._settled(wanted[block.id].wanted or block) if block.id in wanted else block for block in head]
            outcome = merge(base, head, mine)
            self.lists[section.pk], self.clashes[section.pk] = list(outcome.blocks), outcome.clashes
        self.home = {block.id: pk for pk, blocks in self.lists.items() for block in blocks}

    def _settled(self, block: Block) -> Block:
        """A wanted block with the ids that its new neighbours get, and with the organisations that were chosen."""
        data = dict(block.data)
        if data.get("goal") in self.ids:
            data["goal"] = self.ids[data["goal"]]
        if "roles" in data:
            roles = [{**role, "key": self.parties.get(role["key"], role["key"])} for role in data["roles"]]
            data["roles"] = [role for role in roles if not role["key"].startswith((UNKNOWN, NEW_PARTY))]
        return replace(block, id=self.ids.get(block.id, block.id), data=data)

    def _group(self, goal: str) -> list[Block]:
        return [block for block in self.lists[self.home[goal]] if goal in (block.id, block.data.get("goal"))]

    def remove(self, ids: set[str]) -> int:
        """Take blocks out; a goal takes along what still hangs on it. Answers how many went."""
        count = 0
        for pk, blocks in self.lists.items():
            kept = [block for block in blocks if block.id not in ids and block.data.get("goal") not in ids]
            count += len(blocks) - len(kept)
            self.lists[pk] = kept
        self.home = {block.id: pk for pk, blocks in self.lists.items() for block in blocks}
        return count

    def place(self) -> None:
        """Put new rows and those that move where they belong, in the order of the file."""
        changes = self.comparison.changes
        for change in changes:
            if change.kind == GOAL and change.section is not None and change.has_effect:
                self._place_goal(change, change.section)
        last: dict[tuple[str, str], str] = {}
        for change in sorted((row for row in changes if row.kind != GOAL), key=lambda row: row.row.number):
            if change.wanted is None:
                continue
            block_id = self.ids.get(change.block_id, change.block_id)
            if change.state == NEW:
                new = self._settled(change.wanted)
                self._insert(new, last.get((change.kind, new.data["goal"])))
            elif block_id not in self.home:
                continue
            else:
                self._follow(block_id)
            block = self._standing(block_id)
            last[change.kind, block.data["goal"]] = block_id

    def _standing(self, block_id: str) -> Block:
        return next(block for block in self.lists[self.home[block_id]] if block.id == block_id)

    def _place_goal(self, change: Change, section: Section) -> None:
        block_id = self.ids.get(change.block_id, change.block_id)
        if change.state == NEW and change.wanted is not None:
            self.lists[section.pk].append(self._settled(change.wanted))
            self.home[block_id] = section.pk
            return
        if block_id not in self.home:
            return
        group = self._group(block_id)
        moved = {block.id for block in group}
        source = self.home[block_id]
        self.lists[source] = [block for block in self.lists[source] if block.id not in moved]
        self.lists[section.pk] += group
        self.home |= dict.fromkeys(moved, section.pk)

    def _follow(self, block_id: str) -> None:
        """A measure that got another goal goes to the end of it."""
        block = self._standing(block_id)
        before = self.draft.blocks[block_id].data["goal"]
        if block.data["goal"] == before or block.data["goal"] not in self.home:
            return
        source = self.home[block_id]
        self.lists[source] = [other for other in self.lists[source] if other.id != block_id]
        self._insert(block, None)

    def _insert(self, block: Block, after: str | None) -> None:
        goal = block.data["goal"]
        pk = self.home[goal]
        blocks = self.lists[pk]
        alike = [other.id for other in blocks if other.data.get("goal") == goal and other.kind == block.kind]
        hanging = [other.id for other in blocks if other.data.get("goal") == goal]
        last = (alike or ([] if block.kind == INDICATOR else hanging) or [goal])[-1]
        behind = after if after in hanging else last
        place = next(index for index, other in enumerate(blocks) if other.id == behind) + 1
        self.lists[pk] = [*blocks[:place], block, *blocks[place:]]
        self.home[block.id] = pk

    def reorder(self) -> None:
        """Give the rows of the file the file's order, in the places that they have among the others."""
        rows = sorted(self.comparison.changes, key=lambda row: row.row.number)
        for kind in (ACTION, INDICATOR, GOAL):
            wanted = [self.ids.get(row.block_id, row.block_id) for row in rows if row.kind == kind]
            order = {block_id: place for place, block_id in enumerate(wanted) if block_id in self.home}
            for pk in self.lists:
                if kind == GOAL:
                    self._reorder_goals(pk, order)
                else:
                    for goal in [block.id for block in self.lists[pk] if block.kind == GOAL]:
                        self._reorder_below(pk, goal, kind, order)

    def _reorder_below(self, pk: int, goal: str, kind: str, order: Mapping[str, int]) -> None:
        blocks = self.lists[pk]
        mine = [
            block for block in blocks if block.kind == kind and block.data.get("goal") == goal and block.id in order
        ]
        ids = {block.id for block in mine}
        ordered = iter(sorted(mine, key=lambda block: order[block.id]))
        self.lists[pk] = [next(ordered) if block.id in ids else block for block in blocks]

    def _reorder_goals(self, pk: int, order: Mapping[str, int]) -> None:
        goals = [block.id for block in self.lists[pk] if block.kind == GOAL and block.id in order]
        groups = {goal: self._group(goal) for goal in goals}
        moving = {block.id for group in groups.values() for block in group}
        ordered = iter(sorted(goals, key=lambda goal: order[goal]))
        result: list[Block] = []
        for block in self.lists[pk]:
            if block.id in groups:
                result += groups[next(ordered)]
            elif block.id not in moving:
                result.append(block)
        self.lists[pk] = result

    def write(self, *, by: User | None, key: str, note: str) -> list[Conflict]:
        """One revision of each section that is other than before, and the conflicts of all."""
        document = self.draft.plan.document
        BlockIdentity.objects.bulk_create(
            BlockIdentity(
                region_id=document.region_id, document=document, block_id=block_id, section_id=self.home[block_id]
            )
            for block_id in self.ids.values()
        )
        conflicts: list[Conflict] = []
        touched = []
        for section in self._in_order_of_writing():
            blocks, clashes = self.lists[section.pk], self.clashes[section.pk]
            if same_blocks(blocks, section.blocks) and not clashes:
                continue
            revision = add_revision(
                section,
                blocks,
                by=by,
                base=section.head,
                origin=Revision.Origin.IMPORTED,
                client_key=key,
                note=note,
            )
            conflicts += [open_conflict(revision, clash, by) for clash in clashes]
            touched.append(section)
        place_identities(document, touched)
        return conflicts

    def _in_order_of_writing(self) -> Iterable[Section]:
        """Sections that new goals come to first: a measure that moves there needs its goal."""
        new = {self.home[block_id] for block_id in self.ids.values()}
        return sorted(self.draft.sections, key=lambda section: section.pk not in new)
