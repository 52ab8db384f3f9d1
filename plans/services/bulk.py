"""Changing many measures together: one form, one transaction, one revision of each section."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from audit.services import record
from documents.blocks import Block
from documents.models import Conflict, Revision, Section
from documents.services.documents import lock
from documents.services.structured import save_structured
from plans.models import Action, Plan, StatusEntry
from plans.models.action import ActionRole

Role = ActionRole.Role


@dataclass(frozen=True)
class BulkChange:
    """What is done to each of the chosen measures. What is None or empty stays as it is."""

    status: str = ""
    date: datetime.date | None = None
    """Of the status; today where none is given."""
    note: Mapping[str, str] = field(default_factory=dict)
    lead: str | None = None
    """Who leads: `organisation:<public id>` or `group:<public id>`; empty for nobody, None for whoever does now."""
    add_owners: Sequence[str] = ()
    add_partners: Sequence[str] = ()
    remove: Sequence[str] = ()
    """Who is not named any more, in whatever role."""
    starts_on: datetime.date | None = None
    ends_on: datetime.date | None = None

    @property
    def of_text(self) -> bool:
        """Whether anything but the status changes."""
        named = self.add_owners or self.add_partners or self.remove
        return bool(self.lead is not None or named or self.starts_on or self.ends_on)

    def applied(self, block: Block) -> Block:
        """A measure's block as this makes it."""
        data = dict(block.data)
        roles = [(row["key"], row["role"]) for row in data.get("roles", [])]
        changed = self.roles(roles)
        if changed != roles:
            data["roles"] = [{"key": key, "role": role} for key, role in changed]
        for name, day in (("starts_on", self.starts_on), ("ends_on", self.ends_on)):
            if day:
                data[name] = day.isoformat()
        return replace(block, data=data)

    def roles(self, roles: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Who answers and who takes part afterwards: the lead first, then the others responsible, then the partners."""
        by_role: dict[str, list[str]] = {role: [] for role in Role.values}
        for key, role in roles:
            if key not in self.remove:
                by_role[role].append(key)
        lead, owners, partners = by_role[Role.LEAD], by_role[Role.OWNER], by_role[Role.PARTNER]
        if self.lead is not None:
            lead = [self.lead] if self.lead else []
        owners = [key for key in dict.fromkeys([*owners, *self.add_owners]) if key not in lead]
        partners = [key for key in dict.fromkeys([*partners, *self.add_partners]) if key not in {*lead, *owners}]
        return [
            *((key, Role.LEAD.value) for key in lead),
            *((key, Role.OWNER.value) for key in owners),
            *((key, Role.PARTNER.value) for key in partners),
        ]


def ends_before_it_starts(block: Block) -> bool:
    starts_on, ends_on = block.data.get("starts_on"), block.data.get("ends_on")
    return bool(starts_on and ends_on and ends_on < starts_on)


@dataclass(frozen=True)
class Bulk:
    """What came of it: how many measures, which were gone, and what others had changed differently."""

    changed: int
    gone: int
    conflicts: list[Conflict]


@transaction.atomic
def change_together(
    plan: Plan, *, action_ids: Sequence[str], heads: Mapping[str, int], change: BulkChange, by: User | None
) -> Bulk:
    """Change the measures with these public ids. `heads` are the sections' revisions that the writer was shown, by key.

    Under the document's lock, with one revision of each section that changes. What others changed since is merged field
    by field; what both changed differently stays as a conflict. Measures that were removed meanwhile are left out and
    counted. Raises ValidationError when a measure would end before it starts (`dates`); then nothing is changed.
    """
    document = lock(plan.document)
    actions = list(plan.actions.filter(public_id__in=action_ids, removed_at=None))
    shown = bases_of(plan, heads)
    conflicts = _change_texts(plan, actions, shown, change, by) if change.of_text else []
    if change.status:
        StatusEntry.objects.bulk_create(
            StatusEntry(
                region_id=plan.region_id,
                action=action,
                status=change.status,
                date=change.date or timezone.localdate(),
                note=dict(change.note),
                by=by,
            )
            for action in actions
        )
    if actions:
        record(
            by,
            "actions.changed_together",
            document,
            actions=[action.public_id for action in actions],
            status=change.status,
        )
    return Bulk(len(actions), len(set(action_ids)) - len(actions), conflicts)


def bases_of(plan: Plan, heads: Mapping[str, int]) -> dict[str, Block]:
    """The blocks that the writer was shown, by id."""
    revisions = Revision.objects.filter(
        document=plan.document_id, section__key__in=heads, number__in=set(heads.values())
    ).select_related("section")
    return {
        block.id: block
        for revision in revisions
        if heads[revision.section.key] == revision.number
        for block in revision.blocks
    }


def _change_texts(
    plan: Plan, actions: Sequence[Action], shown: Mapping[str, Block], change: BulkChange, by: User | None
) -> list[Conflict]:
    wanted: dict[int, set[str]] = defaultdict(set)
    for action in actions:
        wanted[action.section_id].add(action.block_id)
    sections = Section.objects.filter(pk__in=wanted).select_related("document", "head")
    note = ngettext("Changed %(count)d measure together", "Changed %(count)d measures together", len(actions)) % {
        "count": len(actions)
    }
    conflicts: list[Conflict] = []
    for section in sections.order_by("pk"):
        bases = {block.id: shown.get(block.id, block) for block in section.blocks if block.id in wanted[section.pk]}
        blocks = [change.applied(block) for block in bases.values()]
        _require_dates(blocks)
        saved = save_structured(section, by=by, change=blocks, bases=bases, note=note)
        conflicts += saved.conflicts
    return conflicts


def _require_dates(blocks: Iterable[Block]) -> None:
    if any(ends_before_it_starts(block) for block in blocks):
        raise ValidationError(_("A measure would end before it starts. Nothing was changed."), code="dates")
