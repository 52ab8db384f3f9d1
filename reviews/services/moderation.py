"""What respondents said is never deleted by others: it is hidden with a reason, or words of it are blacked out."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from reviews.models import Remark, RemarkReport, Statement
from reviews.summary.redaction import ANSWERS, TEXT, find_words


@transaction.atomic
def hide(remark: Remark, *, reason: str, by: User) -> None:
    """Take a remark out of what others see; its author and those who handle it still do.

    Reports of it are settled with it. Raises ValidationError (`reason_missing`).
    """
    reason = _reason(reason)
    locked = _locked(remark)
    locked.hidden_at, locked.hidden_reason = timezone.now(), reason
    locked.save(update_fields=["hidden_at", "hidden_reason"])
    locked.reports.filter(settled_at=None).update(settled_at=timezone.now())
    record(by, "remark.hidden", locked, reason=reason)


@transaction.atomic
def show_again(remark: Remark, *, by: User) -> None:
    """Let others see a remark again. Nothing happens where they do already."""
    locked = _locked(remark)
    if locked.hidden_at is None:
        return
    locked.hidden_at, locked.hidden_reason = None, ""
    locked.save(update_fields=["hidden_at", "hidden_reason"])
    record(by, "remark.shown", locked)


@transaction.atomic
def leave_shown(remark: Remark, *, by: User) -> int:
    """Settle the open reports of a remark that stays as it is; how many there were."""
    locked = _locked(remark)
    settled = RemarkReport.objects.filter(remark=locked, settled_at=None).update(settled_at=timezone.now())
    if settled:
        record(by, "remark.left_shown", locked, reports=settled)
    return settled


@transaction.atomic
def hide_statement(statement: Statement, *, ground: str, by: User) -> None:
    """Keep a whole statement out of what is published, with the ground in law. ValidationError (`reason_missing`)."""
    ground = _reason(ground, name="ground")
    locked = _locked_statement(statement)
    locked.visibility, locked.hidden_ground = Statement.Visibility.HIDDEN, ground
    locked.save(update_fields=["visibility", "hidden_ground"])
    record(by, "statement.hidden", locked, ground=ground)


@transaction.atomic
def show_statement(statement: Statement, *, by: User) -> None:
    locked = _locked_statement(statement)
    if locked.visibility == Statement.Visibility.PUBLIC:
        return
    locked.visibility, locked.hidden_ground = Statement.Visibility.PUBLIC, ""
    locked.save(update_fields=["visibility", "hidden_ground"])
    record(by, "statement.shown", locked)


@transaction.atomic
def black_out(statement: Statement, *, words: str, reason: str, by: User) -> int:
    """Leave words out of everything that is published of a statement: its text, its answers and its remarks.

    Everywhere where they stand, because a name is rarely said once; how many places. What was said stays as it is
    for those who handle it. Raises ValidationError: `reason_missing`, `words_missing`, `words_not_found`.
    """
    reason = _reason(reason)
    if not words.strip():
        raise ValidationError({"words": ValidationError(_("Write the words to be left out."), code="words_missing")})
    locked = _locked_statement(statement)
    fields = {TEXT: locked.text}
    fields |= {f"{ANSWERS}{key}": answer for key, answer in locked.answers.items() if isinstance(answer, str)}
    found = [
        passage.to_json()
        for field, text in fields.items()
        for passage in find_words(text, words, field=field, reason=reason)
    ]
    count = len(found)
    if found:
        locked.redactions = [*locked.redactions, *found]
        locked.save(update_fields=["redactions"])
    for remark in Remark.objects.select_for_update(of=("self",)).filter(statement=locked).order_by("pk"):
        places = [passage.to_json() for passage in find_words(remark.text, words, field=TEXT, reason=reason)]
        if places:
            remark.redactions = [*remark.redactions, *places]
            remark.save(update_fields=["redactions"])
            count += len(places)
    if not count:
        raise ValidationError(
            {"words": ValidationError(_("These words are nowhere in the statement."), code="words_not_found")}
        )
    record(by, "statement.blacked_out", locked, places=count, reason=reason)
    return count


@transaction.atomic
def uncover(statement: Statement, *, by: User) -> None:
    """Publish a statement with all its words again."""
    locked = _locked_statement(statement)
    locked.redactions = []
    locked.save(update_fields=["redactions"])
    for remark in Remark.objects.select_for_update(of=("self",)).filter(statement=locked).exclude(redactions=[]):
        remark.redactions = []
        remark.save(update_fields=["redactions"])
    record(by, "statement.uncovered", locked)


def _reason(reason: str, name: str = "reason") -> str:
    if not reason.strip():
        raise ValidationError(
            {name: ValidationError(_("Tell the reason: it is told in place."), code="reason_missing")}
        )
    return reason.strip()[:300]


def _locked(remark: Remark) -> Remark:
    return Remark.objects.select_for_update(of=("self",)).select_related("region").get(pk=remark.pk)


def _locked_statement(statement: Statement) -> Statement:
    return (
        Statement.objects.select_for_update(of=("self",)).select_related("region", "organisation").get(pk=statement.pk)
    )
