"""Proposed measures of the handbooks: taken into the plan, joined, left out, told apart. A person decides each."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import User
from audit.services import record
from documents import frozen
from documents.blocks import LIST_ITEM, TABLE_ROW
from documents.compose import note_shown
from documents.models import Section
from documents.services.documents import lock
from documents.services.identities import issue_block_id
from documents.services.structured import save_structured
from plans.answers import Answer, handed_in_answers
from plans.blocks import action_block
from plans.models import Action, Candidate, Goal, KeptApart, NeedDecision, Plan, Source
from plans.services.goals import decide_need, last_block_of
from plans.services.lines import source_of
from plans.services.needs import take_back_needs


def _locked(candidates: Iterable[Candidate]) -> list[Candidate]:
    ids = [candidate.pk for candidate in candidates]
    rows = list(Candidate.objects.select_related("handbook", "version", "action").filter(pk__in=ids).order_by("pk"))
    if any(row.is_taken for row in rows):
        raise ValidationError(gettext_lazy("Someone else has already taken this proposal in."), code="already_taken")
    return rows


def _tie(plan: Plan, candidates: Iterable[Candidate], action: Action, by: User | None) -> None:
    for candidate in candidates:
        Source.objects.get_or_create(
            plan=plan,
            block_id=action.block_id,
            source_block_id=candidate.source_block_id,
            defaults={
                "region_id": plan.region_id,
                "handbook": candidate.handbook,
                "version": candidate.version,
                "section_key": candidate.section_key,
                "section_label": candidate.section_label,
                "text_hash": candidate.text_hash,
                "quote": next(iter(candidate.text.values()), ""),
            },
        )
        candidate.state, candidate.action, candidate.reason = Candidate.State.TAKEN, action, ""
        candidate.decided_by, candidate.decided_at = by, timezone.now()
        candidate.save(update_fields=["state", "action", "reason", "decided_by", "decided_at"])


# --- Into the plan ------------------------------------------------------------------------------------------------


@transaction.atomic
def take_in_candidates(candidates: Sequence[Candidate], *, goal: Goal, by: User | None) -> Action:
    """Make one action under a goal of one or several proposals; it keeps all their sources.

    Raises ValidationError when one of them has been taken in already (`already_taken`).
    """
    plan = goal.plan
    lock(plan.document)
    rows = _locked(candidates)
    if not rows or any(row.plan_id != plan.pk for row in rows):
        raise ValueError("Candidates are taken into a goal of their own plan.")
    action = _new_action(goal, _naming(rows).text, by)
    _tie(plan, rows, action, by)
    record(by, "candidate.taken_in", plan.document, action=action.public_id)
    return action


def _new_action(
    goal: Goal, title: Mapping[str, str], by: User | None, description: Mapping[str, str] | None = None
) -> Action:
    section = Section.objects.select_related("document").get(pk=goal.section_id)
    block = action_block(issue_block_id(section), goal=goal.block_id, title=title, description=description or {})
    # The translations were written beside this original.
    block = note_shown(block, None, section.document.original)
    save_structured(section, by=by, change=[block], after=last_block_of(goal))
    return Action.objects.get(block_id=block.id)


def _naming(candidates: Sequence[Candidate]) -> Candidate:
    """The proposal that names an action made of several: a list item or table row before running text."""
    if len(candidates) == 1:
        return candidates[0]
    items = {
        block.id
        for version in {row.version_id: row.version for row in candidates}.values()
        for section in frozen.read(version).sections
        for block in section.blocks
        if block.kind in (LIST_ITEM, TABLE_ROW)
    }
    return next((row for row in candidates if row.source_block_id in items), candidates[0])


@transaction.atomic
def gather(
    goal: Goal,
    answers: Sequence[Answer],
    *,
    title: Mapping[str, str],
    description: Mapping[str, str] | None = None,
    by: User | None,
) -> Action:
    """Make one action of answers of several areas, in words that a person chose; it keeps all their sources.

    Proposals among the answers are then taken in. Locks the plan's document. Raises ValidationError without a title
    (`title_missing`) and when somebody has taken one of the proposals in meanwhile (`already_taken`).
    """
    plan = goal.plan
    lock(plan.document)
    title = {language: text.strip() for language, text in title.items() if text.strip()}
    if not title:
        raise ValidationError(gettext_lazy("Write the measure in words."), code="title_missing")
    _require_free(plan, answers)
    action = _new_action(goal, title, by, description)
    tie_sources(plan, action.block_id, answers, by=by)
    record(by, "proposals.gathered", plan.document, action=action.public_id, answers=len(answers))
    return action


@transaction.atomic
def join_answers(action: Action, answers: Sequence[Answer], *, by: User | None) -> int:
    """Let an action that is in the plan also answer these; how many were new to it. Raises as `gather` does."""
    plan = action.plan
    lock(plan.document)
    known = set(plan.sources.filter(block_id=action.block_id).values_list("source_block_id", flat=True))
    fresh = [answer for answer in answers if answer.block.id not in known]
    _require_free(plan, fresh)
    tie_sources(plan, action.block_id, fresh, by=by)
    if fresh:
        record(by, "candidate.joined", plan.document, action=action.public_id, answers=len(fresh))
    return len(fresh)


def _require_free(plan: Plan, answers: Iterable[Answer]) -> None:
    """None of the proposals stands behind a measure that is in the plan today."""
    rows = plan.candidates.filter(source_block_id__in=[answer.block.id for answer in answers])
    row = rows.taken().select_related("action").first()
    if row is not None:
        raise ValidationError(
            gettext_lazy("“%(proposal)s” has already been taken in. Its measure is “%(action)s”."),
            code="already_taken",
            params={"proposal": str(row)[:80], "action": str(row.action)[:80]},
        )


@transaction.atomic
def tie_sources(plan: Plan, block_id: str, answers: Iterable[Answer], *, by: User | None) -> None:
    """Say that a goal or an action of the plan comes from these answers. A proposal among them is then taken in."""
    lock(plan.document)
    rows = {answer.block.id: answer for answer in answers}
    action = Action.objects.filter(plan=plan, block_id=block_id).first()
    if action:
        _tie(plan, _locked(plan.candidates.free().filter(source_block_id__in=rows)), action, by)
    known = set(plan.sources.filter(block_id=block_id).values_list("source_block_id", flat=True))
    Source.objects.bulk_create(source_of(plan, block_id, answer) for key, answer in rows.items() if key not in known)


@transaction.atomic
def join_candidates(candidates: Sequence[Candidate], *, action: Action, by: User | None) -> None:
    """Let an action that is already in the plan also answer these proposals."""
    lock(action.plan.document)
    _tie(action.plan, _locked(candidates), action, by)
    record(by, "candidate.joined", action.plan.document, action=action.public_id)


@transaction.atomic
def tie_answers(action: Action, block_ids: Iterable[str], *, by: User | None) -> int:
    """Name answers of handed-in handbooks (needs that it meets) as sources of an action; how many were new."""
    plan = action.plan
    lock(plan.document)
    wanted = set(block_ids)
    known = set(
        plan.sources.filter(block_id=action.block_id, source_block_id__in=wanted).values_list(
            "source_block_id", flat=True
        )
    )
    answers = [answer for answer in handed_in_answers(plan) if answer.block.id in wanted - known]
    Source.objects.bulk_create(source_of(plan, action.block_id, answer) for answer in answers)
    if answers:
        record(by, "action.tied", plan.document, action=action.public_id, answers=len(answers))
    return len(answers)


# --- Outside the plan ---------------------------------------------------------------------------------------------


@transaction.atomic
def leave_candidates(candidates: Sequence[Candidate], *, reason: str, by: User | None) -> None:
    """Let proposals stay outside the plan, with a reason that their area will see.

    Raises ValidationError without a reason (`reason_missing`) or when one has been taken in already (`already_taken`).
    """
    if not reason.strip():
        raise ValidationError(gettext_lazy("Give a reason."), code="reason_missing")
    if candidates:
        lock(candidates[0].plan.document)
    for candidate in _locked(candidates):
        candidate.state, candidate.reason = Candidate.State.LEFT, reason.strip()
        candidate.decided_by, candidate.decided_at = by, timezone.now()
        candidate.save(update_fields=["state", "reason", "decided_by", "decided_at"])


@transaction.atomic
def leave_answers(plan: Plan, answers: Sequence[Answer], *, reason: str, by: User | None) -> None:
    """Let answers of any kind stay outside the plan, with a reason that their area will see. Raises as above."""
    lock(plan.document)
    if not reason.strip():
        raise ValidationError(gettext_lazy("Give a reason."), code="reason_missing")
    _require_free(plan, answers)
    ids = {answer.block.id for answer in answers}
    proposals = list(plan.candidates.free().filter(source_block_id__in=ids).select_related("plan__document"))
    leave_candidates(proposals, reason=reason, by=by)
    others = ids - {row.source_block_id for row in proposals}
    for version in {answer.version.pk: answer.version for answer in answers}.values():
        here = [row.block.id for row in answers if row.version.pk == version.pk and row.block.id in others]
        if here:
            decide_need(plan, version=version, block_ids=here, reason=reason, by=by)


@transaction.atomic
def take_back(plan: Plan, block_ids: Iterable[str], *, by: User | None) -> int:
    """Consider answers again that were left out; how many there were."""
    lock(plan.document)
    ids = list(block_ids)
    proposals = plan.candidates.filter(source_block_id__in=ids, state=Candidate.State.LEFT)
    count = proposals.update(state=Candidate.State.OPEN, reason="", decided_by=by, decided_at=timezone.now())
    count += NeedDecision.objects.filter(plan=plan, block_id__in=ids).delete()[0]
    count += take_back_needs(plan, ids)
    if count:
        record(by, "answers.taken_back", plan.document, blocks=ids)
    return count


# --- Alike, and yet not the same ----------------------------------------------------------------------------------


@transaction.atomic
def keep_apart(plan: Plan, one: Iterable[str], others: Iterable[str] = (), *, by: User | None) -> int:
    """Remember that proposals that look alike are not: each of `one` from each other, and from each of `others`.

    They are named by their blocks, an action of the plan by its own. Answers how many pairs are new.
    """
    lock(plan.document)
    first, rest = sorted(set(one)), sorted(set(others) - set(one))
    pairs = {(min(pair), max(pair)) for pair in (*combinations(first, 2), *((a, b) for a in first for b in rest))}
    known = set(KeptApart.objects.filter(plan=plan).values_list("one", "other"))
    fresh = [
        KeptApart(region_id=plan.region_id, plan=plan, one=one_id, other=other_id, decided_by=by)
        for one_id, other_id in sorted(pairs - known)
    ]
    KeptApart.objects.bulk_create(fresh)
    if fresh:
        record(by, "proposals.kept_apart", plan.document, pairs=[[row.one, row.other] for row in fresh])
    return len(fresh)
