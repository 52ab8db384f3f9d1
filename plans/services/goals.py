"""Writing goals, indicators and actions. Their blocks are saved; their rows follow (see `plans.blocks`)."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from documents.blocks import Block, Texts
from documents.compose import note_shown
from documents.models import Conflict, Revision, Section
from documents.services.documents import lock
from documents.services.identities import issue_block_id, place_identities
from documents.services.revisions import add_revision
from documents.services.sections import move_blocks
from documents.services.structured import save_structured
from plans.blocks import action_block, extra_of, goal_block, indicator_block, to_plain
from plans.models import Action, Goal, Indicator, IndicatorValue, NeedDecision, Plan, StatusEntry
from regions.models import Area
from regions.sealing import require_one_region


@dataclass(frozen=True)
class Written:
    """The row as it is after a save, and what someone else had changed differently meanwhile."""

    row: Any
    conflicts: list[Conflict]


def _section(section: Section) -> Section:
    return Section.objects.select_related("document", "head").get(pk=section.pk)


def current_block(row: Goal | Indicator | Action) -> Block:
    """The block of a goal, indicator or action as it stands in the draft."""
    section = _section(row.section)
    return next(block for block in section.blocks if block.id == row.block_id)


def _require_title(texts: Mapping[str, str]) -> None:
    if not any(text.strip() for text in texts.values()):
        raise ValidationError(_("Write the text before you save."), code="title_missing")


@transaction.atomic
def add_goal(
    plan: Plan, *, section: Section, by: User | None, title: Mapping[str, str], after: str | None = None, **fields: Any
) -> Goal:
    """Add a goal to a section of the plan, behind block `after` or last. `fields` as `goal_block` takes them."""
    lock(plan.document)
    _require_title(title)
    section = _section(section)
    if section.document_id != plan.document_id:
        raise ValueError("A goal stands in a section of its own plan.")
    block = _new(goal_block(issue_block_id(section), title=title, **fields), plan)
    save_structured(section, by=by, change=[block], after=after)
    goal = Goal.objects.get(block_id=block.id)
    record(by, "goal.added", plan.document, goal=goal.public_id)
    return goal


@transaction.atomic
def change_goal(
    goal: Goal, *, by: User | None, base: Block | None = None, title: Mapping[str, str], **fields: Any
) -> Written:
    """Change a goal. With `base`, the block that the writer was shown, others' changes since are merged by field."""
    lock(goal.plan.document)
    _require_title(title)
    block = goal_block(goal.block_id, title=title, **fields)
    return _change(goal, block, base, by)


@transaction.atomic
def add_indicator(goal: Goal, *, by: User | None, name: Mapping[str, str], **fields: Any) -> Indicator:
    """Add an indicator to a goal. `fields` as `indicator_block` takes them."""
    lock(goal.plan.document)
    _require_title(name)
    section = _section(goal.section)
    block = _new(indicator_block(issue_block_id(section), goal=goal.block_id, name=name, **fields), goal.plan)
    indicators = (
        Indicator.objects.filter(goal=goal, removed_at=None).order_by("position").values_list("block_id", flat=True)
    )
    save_structured(section, by=by, change=[block], after=list(indicators)[-1] if indicators else goal.block_id)
    return Indicator.objects.get(block_id=block.id)


@transaction.atomic
def change_indicator(
    indicator: Indicator, *, by: User | None, base: Block | None = None, name: Mapping[str, str], **fields: Any
) -> Written:
    """Change an indicator, merged by field like a goal."""
    lock(indicator.plan.document)
    _require_title(name)
    block = indicator_block(indicator.block_id, goal=indicator.goal.block_id, name=name, **fields)
    return _change(indicator, block, base, by)


@transaction.atomic
def set_indicator_value(
    indicator: Indicator, *, year: int, value: Any, by: User | None, area: Area | None = None
) -> IndicatorValue:
    """Note what was measured in a year, in the region or in one area. Values are data and make no revision."""
    require_one_region(indicator.region, area)
    row, _made = IndicatorValue.objects.update_or_create(
        indicator=indicator, year=year, area=area, defaults={"value": value, "region_id": indicator.region_id}
    )
    record(by, "indicator.measured", indicator, year=year, value=str(value))
    return row


@transaction.atomic
def clear_indicator_value(indicator: Indicator, *, year: int, by: User | None, area: Area | None = None) -> None:
    """Take back a measured value that was noted by mistake."""
    deleted, _rows = IndicatorValue.objects.filter(indicator=indicator, year=year, area=area).delete()
    if deleted:
        record(by, "indicator.value_cleared", indicator, year=year)


@transaction.atomic
def note_figures(
    indicator: Indicator, figures: Iterable[tuple[int, Area | None, Decimal | None]], *, by: User | None
) -> None:
    """Note several figures at once: year, area (None for the whole region) and value; no value takes it back."""
    for year, area, value in figures:
        if value is None:
            clear_indicator_value(indicator, year=year, area=area, by=by)
        else:
            set_indicator_value(indicator, year=year, area=area, value=value, by=by)


@transaction.atomic
def add_action(
    goal: Goal,
    *,
    by: User | None,
    title: Mapping[str, str],
    roles: Sequence[tuple[str, str]] = (),
    after: Action | None = None,
    **fields: Any,
) -> Action:
    """Add an action under a goal, right behind `after` or last. `fields` as `action_block` takes them.

    Raises ValidationError without a title (`title_missing`), with two leads (`two_leads`) or with dates in the wrong
    order (`dates`).
    """
    lock(goal.plan.document)
    _check_action(title, roles, fields)
    section = _section(goal.section)
    block = _new(
        action_block(issue_block_id(section), goal=goal.block_id, title=title, roles=roles, **fields), goal.plan
    )
    behind = after.block_id if after and after.goal_id == goal.pk and not after.removed_at else last_block_of(goal)
    save_structured(section, by=by, change=[block], after=behind)
    action = Action.objects.get(block_id=block.id)
    record(by, "action.added", goal.plan.document, action=action.public_id)
    return action


@transaction.atomic
def change_action(
    action: Action,
    *,
    by: User | None,
    base: Block | None = None,
    title: Mapping[str, str],
    roles: Sequence[tuple[str, str]] = (),
    **fields: Any,
) -> Written:
    """Change an action, merged by field like a goal. Without `extra` its extra fields stay. Raises as `add_action`."""
    lock(action.plan.document)
    _check_action(title, roles, fields)
    start = base or current_block(action)
    fields = {"extra": extra_of(start), **fields}
    # The goal is the one that the writer was shown: who moves the action to another meanwhile is not overruled.
    block = action_block(action.block_id, goal=start.data["goal"], title=title, roles=roles, **fields)
    return _change(action, block, start, by)


def _check_action(title: Mapping[str, str], roles: Sequence[tuple[str, str]], fields: Mapping[str, Any]) -> None:
    _require_title(title)
    if sum(1 for _key, role in roles if role == "lead") > 1:
        raise ValidationError({"lead": ValidationError(_("A measure has one lead."), code="two_leads")})
    starts_on: datetime.date | None = fields.get("starts_on")
    ends_on: datetime.date | None = fields.get("ends_on")
    if starts_on and ends_on and ends_on < starts_on:
        raise ValidationError({"ends_on": ValidationError(_("The measure must end after it starts."), code="dates")})


def _change(row: Goal | Indicator | Action, block: Block, base: Block | None, by: User | None) -> Written:
    if row.removed_at:
        raise ValidationError(_("Someone else has removed this meanwhile."), code="removed")
    start = base or current_block(row)
    block = note_shown(_untouched_kept(block, start), start, row.plan.document.original)
    saved = save_structured(_section(row.section), by=by, change=[block], bases={block.id: start})
    row.refresh_from_db()
    return Written(row, saved.conflicts)


def _new(block: Block, plan: Plan) -> Block:
    """A new block's translations belong to the original that was written with them."""
    return note_shown(block, None, plan.document.original)


def _untouched_kept(block: Block, start: Block) -> Block:
    """What a form cannot show stays: emphasis and links in a text that nobody touched."""
    text: dict[str, Texts] = {}
    for unit in dict.fromkeys([*start.text, *block.text]):
        was, now = start.text.get(unit, {}), block.text.get(unit, {})
        text[unit] = {
            language: was[language] if language in was and to_plain(was[language]) == to_plain(value) else value
            for language, value in now.items()
        }
    return replace(block, text=text, shown=start.shown)


@transaction.atomic
def remove(row: Goal | Indicator | Action, *, by: User | None) -> None:
    """Take a goal (with its indicators and actions), an indicator or an action out of the plan. History keeps it."""
    lock(row.plan.document)
    section = _section(row.section)
    ids = {row.block_id}
    if isinstance(row, Goal):
        ids |= {block.id for block in section.blocks if block.data.get("goal") == row.block_id}
    save_structured(section, by=by, remove=ids)
    record(by, f"{row._meta.model_name}.removed", row.plan.document, block=row.block_id)


@transaction.atomic
def move_goal(goal: Goal, *, target: Section, by: User | None, after: str | None = None) -> None:
    """Move a goal with its indicators and actions to another section; ids, sources and remarks go along."""
    section = _section(goal.section)
    ids = [goal.block_id, *(block.id for block in section.blocks if block.data.get("goal") == goal.block_id)]
    move_blocks(ids, source=section, target=_section(target), after=after, by=by)


@transaction.atomic
def move_action(action: Action, *, goal: Goal, by: User | None) -> None:
    """Move an action under another goal of its plan, last; its id, sources, statuses and remarks go along.

    One revision of each section that it touches. Raises ValidationError when the action or the goal is no longer there
    (`removed`).
    """
    document = lock(action.plan.document)
    action.refresh_from_db()
    goal.refresh_from_db()
    if goal.plan_id != action.plan_id:
        raise ValueError("An action moves under a goal of its own plan.")
    if action.removed_at or goal.removed_at:
        raise ValidationError(_("Someone else has removed this meanwhile."), code="removed")
    if goal.pk == action.goal_id:
        return
    source, target = _section(action.section), _section(goal.section)
    block = current_block(action)
    moved = replace(block, data={**block.data, "goal": goal.block_id})
    behind = last_block_of(goal)
    if source.pk == target.pk:
        rest = [other for other in source.blocks if other.id != block.id]
        place = next(index for index, other in enumerate(rest) if other.id == behind) + 1
        blocks = [*rest[:place], moved, *rest[place:]]
        add_revision(source, blocks, by=by, base=source.head, origin=Revision.Origin.MOVED)
        place_identities(document, [source])
    else:
        save_structured(source, by=by, remove=[block.id], origin=Revision.Origin.MOVED)
        save_structured(target, by=by, change=[moved], after=behind, origin=Revision.Origin.MOVED)
    action.refresh_from_db()
    record(by, "action.moved", document, action=action.public_id, goal=goal.public_id)


@transaction.atomic
def reorder(row: Goal | Indicator | Action, *, up: bool, by: User | None) -> None:
    """Move a goal past its neighbour goal, or an action or indicator past its neighbour under the same goal."""
    document = lock(row.plan.document)
    section = _section(row.section)
    blocks = section.blocks
    groups = _groups(blocks, row)
    place = next(index for index, group in enumerate(groups) if group[0].id == row.block_id)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(groups):
        return
    first, second = sorted((place, other))
    ids = [block.id for block in groups[second]]
    _swap(section, groups[first], groups[second], by)
    record(by, f"{row._meta.model_name}.moved", document, blocks=ids)


def _groups(blocks: Sequence[Block], row: Goal | Indicator | Action) -> list[list[Block]]:
    """The pieces that may change places: goals with all that hangs on them, or single blocks under one goal."""
    if isinstance(row, Goal):
        return [
            [block, *(other for other in blocks if other.data.get("goal") == block.id)]
            for block in blocks
            if block.kind == "goal"
        ]
    kind = row._meta.model_name
    return [[block] for block in blocks if block.kind == kind and block.data.get("goal") == row.goal.block_id]


def _swap(section: Section, first: list[Block], second: list[Block], by: User | None) -> None:
    """Put the second group right before the first one."""
    moved = {block.id for block in second}
    rest = [block for block in section.blocks if block.id not in moved]
    place = next(index for index, block in enumerate(rest) if block.id == first[0].id)
    add_revision(
        section, [*rest[:place], *second, *rest[place:]], by=by, base=section.head, origin=Revision.Origin.MOVED
    )
    place_identities(section.document, [section])


@transaction.atomic
def add_status(
    action: Action,
    *,
    status: str,
    by: User | None,
    date: datetime.date,
    note: Mapping[str, str] | None = None,
) -> StatusEntry:
    """Note how an action stands on a date. Its status is its latest entry; none is ever changed."""
    entry = StatusEntry(
        region_id=action.region_id, action=action, status=status, date=date, note=dict(note or {}), by=by
    )
    entry.full_clean(exclude=["by"])
    entry.save()
    record(by, "action.status_noted", action, status=status)
    return entry


@transaction.atomic
def decide_need(plan: Plan, *, version: Any, block_ids: Sequence[str], reason: str, by: User | None) -> None:
    """Mark needs "not this period", with a reason that their area will see (`reason_missing`)."""
    if not reason.strip():
        raise ValidationError(_("Give a reason."), code="reason_missing")
    require_one_region(plan.region, version)
    for block_id in block_ids:
        NeedDecision.objects.update_or_create(
            plan=plan,
            block_id=block_id,
            defaults={
                "region_id": plan.region_id,
                "handbook_version": version,
                "reason": reason.strip(),
                "decided_by": by,
            },
        )
    record(by, "needs.decided", plan.document, blocks=list(block_ids))


def last_block_of(goal: Goal) -> str:
    """The block behind which the goal's next action or indicator goes."""
    section = Section.objects.select_related("head").get(pk=goal.section_id)
    last = goal.block_id
    for block in section.blocks:
        if block.data.get("goal") == goal.block_id:
            last = block.id
    return last
