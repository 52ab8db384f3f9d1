"""A round's life: made as a draft, announced, given more time, closed early, opened again.

Whether it is open follows from its times; these functions only set them, under the round's lock, so that somebody who
hands in at the closing second is judged by the times before or after a change and never by half of one.
"""

import datetime
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from documents.models import Rendition, Version
from documents.renditions import ask_for_rendition, choices_of
from reviews.models import CommentRound, RoundChange, Statement
from reviews.models.statements import StatementQuerySet
from reviews.rounds.questions import clean_questions, questions_of

FIXED_AFTER_ANNOUNCING = (
    *("kind", "opens_at", "closes_at", "sharing"),
    *("allows_official", "allows_personal", "allows_anonymous", "requires_sign_in"),
)
"""What respondents were promised: it does not change under their feet. The closing has functions of its own."""

CHANGEABLE = (
    *FIXED_AFTER_ANNOUNCING,
    *("title", "background", "instructions", "attention", "questions", "case_number", "answers_by"),
    *("contact", "contact_email", "contact_phone", "has_family_form", "has_children_form"),
    *("smallest_group", "reminds", "reminds_in_holidays", "retention_months"),
)
"""What a coordinator writes of a round; its region, its version and what was done to it are not among it."""


def lock_round(comment_round: CommentRound) -> CommentRound:
    """The round's row, locked until the transaction ends, with its document and region."""
    return (
        CommentRound.objects.select_for_update(of=("self",))
        .select_related("version__document__region")
        .defer("version__content")
        .get(pk=comment_round.pk)
    )


def lock_statements(rows: StatementQuerySet) -> list[int]:
    """The keys of statements, locked until the transaction ends; before their round is, as whoever hands in does."""
    return list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def make_round(version: Version, *, by: User | None, **fields: Any) -> CommentRound:
    """A draft of a round on a version. Raises ValidationError as the model and `clean_questions` do."""
    comment_round = CommentRound(region_id=version.document.region_id, version=version, created_by=by, **fields)
    _check(comment_round)
    comment_round.save()
    record(by, "round.made", comment_round, version=version.number)
    return comment_round


@transaction.atomic
def change_round(comment_round: CommentRound, *, by: User, fields: Mapping[str, Any]) -> CommentRound:
    """Change what a round says. Raises ValidationError.

    `round_fixed` for what is promised once it is announced, `questions_fixed` for questions that somebody has begun to
    answer, and as `make_round` does.
    """
    if unknown := set(fields) - set(CHANGEABLE):
        raise ValueError(f"A coordinator does not write {sorted(unknown)}.")
    locked = lock_round(comment_round)
    changed = {name: value for name, value in fields.items() if getattr(locked, name) != value}
    if not locked.is_draft and set(changed) & set(FIXED_AFTER_ANNOUNCING):
        raise ValidationError(
            _("This was promised to the respondents and cannot be changed any more."), code="round_fixed"
        )
    if "questions" in changed and locked.statements.exists():
        raise ValidationError(
            _("Somebody has begun to answer: the questions cannot be changed any more."), code="questions_fixed"
        )
    for name, value in changed.items():
        setattr(locked, name, value)
    _check(locked)
    if changed:
        locked.save(update_fields=[*changed])
        record(by, "round.changed", locked, fields=sorted(changed))
    return locked


@transaction.atomic
def announce(comment_round: CommentRound, *, by: User | None) -> CommentRound:
    """Say that a round is ready: it opens at its time, or at once where that has passed.

    Raises ValidationError: `announced` already, `closing_passed`, `contact_missing`, `title_missing`.
    """
    locked = lock_round(comment_round)
    if not locked.is_draft:
        raise ValidationError(_("The round has been announced already."), code="announced")
    if not any(text.strip() for text in locked.title.values()):
        raise ValidationError({"title": ValidationError(_("Give the round a title."), code="title_missing")})
    if not locked.contact.strip() or not (locked.contact_email or locked.contact_phone):
        raise ValidationError(
            {
                "contact": ValidationError(
                    _("Tell whom respondents can ask, with a telephone number or an e-mail address."),
                    code="contact_missing",
                )
            }
        )
    _require_coming("closes_at", locked.closes_at)
    locked.announced_at = timezone.now()
    locked.save(update_fields=["announced_at"])
    _note(locked, RoundChange.Kind.ANNOUNCED, by=by)
    _have_papers_made(locked.version)
    return locked


@transaction.atomic
def extend(comment_round: CommentRound, *, until: datetime.datetime, by: User, reason: str = "") -> CommentRound:
    """Give everybody more time. Raises ValidationError: `not_open`, `not_later`."""
    locked = _locked_announced(comment_round)
    if locked.is_over():
        raise ValidationError(_("The round has closed. Open it again, with a reason."), code="not_open")
    if until <= locked.closes_at:
        raise ValidationError(
            {"until": ValidationError(_("The new deadline must be later than the present one."), code="not_later")}
        )
    return _close_at(locked, until, RoundChange.Kind.EXTENDED, by=by, reason=reason)


@transaction.atomic
def close_now(comment_round: CommentRound, *, by: User, reason: str = "") -> CommentRound:
    """Close an open round before its time. Raises ValidationError (`not_open`)."""
    locked = _locked_announced(comment_round)
    if not locked.is_open():
        raise ValidationError(_("The round is not open."), code="not_open")
    # A round that opens and is closed within one second still closes after it opens.
    moment = max(timezone.now(), locked.opens_at + datetime.timedelta(microseconds=1))
    return _close_at(locked, moment, RoundChange.Kind.CLOSED, by=by, reason=reason)


@transaction.atomic
def reopen(comment_round: CommentRound, *, until: datetime.datetime, reason: str, by: User) -> CommentRound:
    """Open a round again that has closed.

    Raises ValidationError: `not_over`, `reason_missing`, `closing_passed`, `people_removed`.
    """
    lock_statements(Statement.objects.filter(round=comment_round, late=True))
    locked = _locked_announced(comment_round)
    if not locked.is_over():
        raise ValidationError(_("The round has not closed."), code="not_over")
    if locked.people_removed_at:
        raise ValidationError(
            _("The respondents’ names and addresses have been removed. Make a new round."), code="people_removed"
        )
    if not reason.strip():
        raise ValidationError(
            {"reason": ValidationError(_("Tell why the round is opened again."), code="reason_missing")}
        )
    _require_coming("until", until)
    # What arrived while the round stood closed is in time by the new deadline.
    locked.statements.filter(late=True, received_at__lt=until).update(late=False)
    return _close_at(locked, until, RoundChange.Kind.REOPENED, by=by, reason=reason)


def _have_papers_made(version: Version) -> None:
    """The version as PDF in its languages: requests carry it, and no registrar should have to wait for it."""
    for choice in choices_of(version):
        if (choice.format, choice.layout) == (Rendition.Format.PDF, Rendition.Layout.FULL):
            ask_for_rendition(version, choice)


def _locked_announced(comment_round: CommentRound) -> CommentRound:
    locked = lock_round(comment_round)
    if locked.is_draft:
        raise ValidationError(_("The round has not been announced yet: change the draft."), code="round_is_draft")
    return locked


def _close_at(
    locked: CommentRound, closes_at: datetime.datetime, kind: RoundChange.Kind, *, by: User, reason: str
) -> CommentRound:
    locked.closes_at = closes_at
    locked.save(update_fields=["closes_at"])
    _note(locked, kind, by=by, reason=reason)
    return locked


def _note(locked: CommentRound, kind: RoundChange.Kind, *, by: User | None, reason: str = "") -> None:
    RoundChange.objects.create(
        region_id=locked.region_id, round=locked, kind=kind, closes_at=locked.closes_at, reason=reason.strip(), by=by
    )
    record(by, f"round.{kind.value}", locked, closes_at=locked.closes_at.isoformat())


def _require_coming(name: str, moment: datetime.datetime) -> None:
    if moment <= timezone.now():
        raise ValidationError({name: ValidationError(_("The deadline has passed already."), code="closing_passed")})


def _check(comment_round: CommentRound) -> None:
    comment_round.questions = clean_questions(questions_of(comment_round.questions))
    comment_round.clean_fields(exclude=["region", "version", "created_by"])
    comment_round.validate_constraints()
