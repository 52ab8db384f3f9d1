"""What a meeting decides on groups of needs: a priority, part of one, or not this period. Each can be undone."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from documents.models import Section
from documents.services.documents import lock
from documents.services.outline import add_section, remove_section
from plans.models import Goal, NeedGroup, Plan, Priority
from plans.services.bearing import is_only_ours, tie
from plans.services.needs import require_open
from regions.models import Body
from regions.sealing import require_one_region

State, Origin = NeedGroup.State, Priority.Origin


@dataclass(frozen=True)
class MeetingOf:
    """Who decided and when, as far as it was told."""

    body: Body | None = None
    date: datetime.date | None = None


NO_MEETING = MeetingOf()


def _locked(group: NeedGroup) -> NeedGroup:
    """The group as it stands under the lock of its plan's document. Raises ValidationError when it is decided on."""
    lock(group.plan.document)
    fresh = NeedGroup.objects.select_related("priority__section").get(pk=group.pk)
    fresh.plan = group.plan
    require_open(fresh)
    return fresh


def _decide(
    group: NeedGroup,
    state: str,
    *,
    meeting: MeetingOf,
    by: User | None,
    priority: Priority | None = None,
    reason: str = "",
) -> None:
    require_one_region(group.plan.region, meeting.body)
    group.state, group.priority, group.reason = state, priority, reason
    group.body, group.decided_on = meeting.body, meeting.date
    group.decided_by, group.decided_at = by, timezone.now()
    group.save(update_fields=["state", "priority", "reason", "body", "decided_on", "decided_by", "decided_at"])
    record(by, f"need_group.{state}", group.plan.document, group=group.public_id)


# --- Deciding -------------------------------------------------------------------------------------------------------


@transaction.atomic
def take_in_group(
    group: NeedGroup,
    *,
    by: User | None,
    chapter: Section | None = None,
    section: Section | None = None,
    heading: Mapping[str, str] | None = None,
    meeting: MeetingOf = NO_MEETING,
) -> Priority:
    """Make a priority of a group: a new section below `chapter` (without one, a chapter), or `section` of the plan.

    The heading is the group's name unless told otherwise. The needs become sources of the section's first paragraph.
    Locks the plan's document. Raises ValidationError when the group has been decided on (`already_decided`), when the
    section is a priority already (`already_priority`), and as `add_section` does.
    """
    plan = group.plan
    group = _locked(group)
    if section is None:
        section = add_section(plan.document, heading=heading or group.title, parent=chapter, by=by)
        priority = _make(plan, section, Origin.NEW_SECTION)
    else:
        _require_of_plan(plan, section)
        if Priority.objects.filter(section=section).exists():
            raise ValidationError(
                _("This section is a priority already: join the group to it."), code="already_priority"
            )
        priority = _make(plan, section, Origin.OLD_SECTION)
    _decide(group, State.TAKEN, meeting=meeting, by=by, priority=priority)
    tie(priority, by=by)
    return priority


@transaction.atomic
def join_group(group: NeedGroup, *, priority: Priority, by: User | None, meeting: MeetingOf = NO_MEETING) -> None:
    """Let a priority that is in the plan answer these needs too. Raises as above."""
    group = _locked(group)
    _require_of_plan(group.plan, priority.section)
    _decide(group, State.JOINED, meeting=meeting, by=by, priority=priority)
    priority.plan = group.plan
    tie(priority, by=by)


@transaction.atomic
def leave_group(group: NeedGroup, *, reason: str, by: User | None, meeting: MeetingOf = NO_MEETING) -> None:
    """Not this period: the group stays in sight, and its areas read the reason.

    Raises ValidationError without a reason (`reason_missing`) or when the group has been decided on.
    """
    group = _locked(group)
    reason = " ".join(reason.split())[:500]
    if not reason:
        raise ValidationError(_("Give a reason. The areas will read it."), code="reason_missing")
    _decide(group, State.LATER, meeting=meeting, by=by, reason=reason)


@transaction.atomic
def reopen_group(group: NeedGroup, *, by: User | None) -> bool:
    """Undo what was decided on a group. Tells whether the priority's section went too.

    It goes when this decision made it and nobody has written anything there, hung a goal on it or joined another group
    to it; otherwise it stays with what is in it, as a priority. The needs are untied. Locks the plan's document.
    """
    plan = group.plan
    lock(plan.document)
    group = NeedGroup.objects.select_related("priority__section__document", "priority__section__head").get(pk=group.pk)
    group.plan = plan
    priority = group.priority
    only_ours = bool(
        priority
        and priority.origin == Origin.NEW_SECTION
        and priority.section.removed_at is None
        and not priority.groups.exclude(pk=group.pk).exists()
        and not goals_on(priority)
        and is_only_ours(_of(priority, plan), priority.section)
    )
    _decide(group, State.OPEN, meeting=NO_MEETING, by=by)
    if priority is None:
        return False
    if priority.section.removed_at is None:
        tie(_of(priority, plan), freed=group.items.values_list("block_id", flat=True), by=by)
    if only_ours:
        priority.delete()
        remove_section(priority.section, by=by)
    elif priority.origin == Origin.OLD_SECTION and not priority.groups.exists() and not goals_on(priority):
        priority.delete()
    return only_ours


def _of(priority: Priority, plan: Plan) -> Priority:
    priority.plan = plan
    return priority


# --- Sections that are priorities -------------------------------------------------------------------------------------


@transaction.atomic
def mark_priority(plan: Plan, section: Section, *, by: User | None) -> Priority:
    """Say that a section of the plan is a priority; its goals hang on it then. Marking it twice changes nothing."""
    lock(plan.document)
    _require_of_plan(plan, section)
    known = Priority.objects.filter(section=section).first()
    if known:
        return known
    priority = _make(plan, section, Origin.MARKED)
    record(by, "priority.marked", plan.document, section=section.key)
    return priority


@transaction.atomic
def unmark_priority(priority: Priority, *, by: User | None) -> None:
    """A section is no longer a priority; its text and goals stay.

    Raises ValidationError while groups of needs are decided into it (`has_groups`): undo those decisions first.
    """
    lock(priority.plan.document)
    if priority.groups.exists():
        raise ValidationError(
            _("Groups of needs were taken into “%(priority)s”. Undo those decisions first."),
            code="has_groups",
            params={"priority": str(priority)},
        )
    record(by, "priority.unmarked", priority.plan.document, section=priority.section.key)
    priority.delete()


def goals_on(priority: Priority) -> bool:
    """Whether a goal stands in the priority's section or below it."""
    here = Goal.objects.filter(plan_id=priority.plan_id, removed_at=None)
    return (
        here.filter(section_id=priority.section_id).exists()
        or here.filter(section__parent_id=priority.section_id).exists()
        or here.filter(section__parent__parent_id=priority.section_id).exists()
    )


def _make(plan: Plan, section: Section, origin: str) -> Priority:
    return Priority.objects.create(region_id=plan.region_id, plan=plan, section=section, origin=origin)


def _require_of_plan(plan: Plan, section: Section) -> None:
    if section.document_id != plan.document_id:
        raise ValueError("A priority is a section of its own plan.")
    if section.removed_at is not None:
        raise ValidationError(_("This section was removed from the plan meanwhile."), code="section_removed")
