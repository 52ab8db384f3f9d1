"""Proposed measures of the handbooks: taken into the plan, joined, left out, told apart. A person decides each."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import User
from audit.services import record
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

# --- Into the plan ------------------------------------------------------------------------------------------------


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
    (`title_missing`), when the goal was removed (`goal_gone`) and when somebody has taken one of the proposals in
    meanwhile (`already_taken`).
    """
    plan = goal.plan
    lock(plan.document)
    title = {language: text.strip() for language, text in title.items() if text.strip()}
    if not title:
        raise ValidationError(gettext_lazy("Write the measure in words."), code="title_missing")
    if not plan.goals.filter(pk=goal.pk, removed_at=None, section__removed_at=None).exists():
        raise ValidationError(
            gettext_lazy("Somebody has removed this goal meanwhile. Choose another."), code="goal_gone"
        )
    _require_free(plan, answers)
    action = _new_action(goal, title, by, description)
    _tie(action, answers, by)
    record(by, "proposals.gathered", plan.document, action=action.public_id, answers=len(answers))
    return action


def _new_action(
    goal: Goal, title: Mapping[str, str], by: User | None, description: Mapping[str, str] | None = None
) -> Action:
    section = Section.objects.select_related("document").get(pk=Goal.objects.get(pk=goal.pk).section_id)
    block = action_block(issue_block_id(section), goal=goal.block_id, title=title, description=description or {})
    # The translations were written beside this original.
    block = note_shown(block, None, section.document.original)
    save_structured(section, by=by, change=[block], after=last_block_of(goal))
    return Action.objects.get(block_id=block.id)


@transaction.atomic
def join_answers(action: Action, answers: Sequence[Answer], *, by: User | None, shared: bool = False) -> int:
    """Say that a measure of the plan also comes from these answers; how many were new to it.

    Proposals among them are then taken in. Locks the plan's document. Raises ValidationError when the measure was
    removed (`action_gone`) and, unless they may be `shared`, when one of the proposals stands behind another measure
    (`already_taken`).
    """
    plan = action.plan
    lock(plan.document)
    if not plan.actions.filter(pk=action.pk, removed_at=None).exists():
        raise ValidationError(
            gettext_lazy("Somebody has removed this measure meanwhile. Choose another."), code="action_gone"
        )
    known = set(plan.sources.filter(block_id=action.block_id).values_list("source_block_id", flat=True))
    fresh = [answer for answer in answers if answer.block.id not in known]
    if not shared:
        _require_free(plan, fresh)
    _tie(action, fresh, by)
    if fresh:
        record(by, "candidate.joined", plan.document, action=action.public_id, answers=len(fresh))
    return len(fresh)


def _tie(action: Action, answers: Iterable[Answer], by: User | None) -> None:
    """Under the lock, of answers that are not sources of the measure yet."""
    plan = action.plan
    rows = {answer.block.id: answer for answer in answers}
    Source.objects.bulk_create(source_of(plan, action.block_id, answer) for answer in rows.values())
    plan.candidates.free().filter(source_block_id__in=rows).update(
        state=Candidate.State.TAKEN, action=action, reason="", decided_by=by, decided_at=timezone.now()
    )


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


# --- Outside the plan ---------------------------------------------------------------------------------------------


@transaction.atomic
def leave_answers(plan: Plan, answers: Sequence[Answer], *, reason: str, by: User | None) -> None:
    """Let answers of any kind stay outside the plan, with a reason that their area will see.

    Locks the plan's document. Raises ValidationError without a reason (`reason_missing`) or when one stands behind a
    measure (`already_taken`).
    """
    lock(plan.document)
    if not reason.strip():
        raise ValidationError(gettext_lazy("Give a reason."), code="reason_missing")
    _require_free(plan, answers)
    ids = {answer.block.id for answer in answers}
    listed = plan.candidates.free().filter(source_block_id__in=ids)
    proposals = set(listed.values_list("source_block_id", flat=True))
    listed.update(state=Candidate.State.LEFT, reason=reason.strip(), decided_by=by, decided_at=timezone.now())
    if proposals:
        record(by, "proposals.left", plan.document, blocks=sorted(proposals))
    others = ids - proposals
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


MOST_APART = 60
"""So many proposals are told from each other at once: each pair of them is a row."""


@transaction.atomic
def keep_apart(plan: Plan, one: Iterable[str], others: Iterable[str] = (), *, by: User | None) -> int:
    """Remember that proposals that look alike are not: each of `one` from each other, and from each of `others`.

    They are named by their blocks, an action of the plan by its own; anything else is left aside. Answers how many
    pairs are new. Locks the plan's document. Raises ValidationError when they are too many (`too_many`).
    """
    lock(plan.document)
    wanted, rest_of_group = set(one), set(others)
    asked = wanted | rest_of_group
    if len(asked) > MOST_APART:
        raise ValidationError(
            gettext_lazy("At most %(most)d proposals can be told from each other at once. Untick some."),
            code="too_many",
            params={"most": MOST_APART},
        )
    known_ids = {answer.block.id for answer in handed_in_answers(plan) if answer.is_proposal}
    known_ids |= set(plan.actions.filter(removed_at=None).values_list("block_id", flat=True))
    first, rest = sorted(wanted & known_ids), sorted((rest_of_group - wanted) & known_ids)
    pairs = {(min(pair), max(pair)) for pair in (*combinations(first, 2), *((a, b) for a in first for b in rest))}
    known = set(KeptApart.objects.filter(plan=plan, one__in=asked).values_list("one", "other"))
    fresh = [
        KeptApart(region_id=plan.region_id, plan=plan, one=one_id, other=other_id, decided_by=by)
        for one_id, other_id in sorted(pairs - known)
    ]
    KeptApart.objects.bulk_create(fresh)
    if fresh:
        record(by, "proposals.kept_apart", plan.document, pairs=[[row.one, row.other] for row in fresh])
    return len(fresh)
