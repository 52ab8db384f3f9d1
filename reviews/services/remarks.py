"""What a respondent says about a place, and the words that she would have there instead."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reviews.answering.places import Place, Places, quote_in
from reviews.models import Remark, RemarkReport, Statement
from reviews.services.proposing import Proposal, propose, wording_operations
from reviews.services.statements import ChangedMeanwhileError, lock_changeable
from reviews.summary.redaction import carried_over

__all__ = ["change_remark", "report", "say", "take_back", "wording_operations"]

LONGEST_REMARK = 20_000
"""Signs; some ten printed pages. What is longer is a file."""

MOST_REMARKS = 500
"""In one statement: more than a plan has places, far less than what would hurt."""

LONGEST_KEY = 40
"""Signs of the key of a form."""

RESPONDENTS_OWN = (
    *("text", "language", "section_key", "block_id", "order", "quote", "starts_at", "ends_at"),
    *("operations", "proposal_by", "redactions", "withdrawn_at", "edited_with", "edit", "changed_at"),
)
"""What a respondent's form writes in a remark."""

MOST_REPORTS = 20
"""Of one remark that wait to be settled: those who handle them know by then."""


@transaction.atomic
def say(
    statement: Statement,
    *,
    key: str,
    text: str = "",
    language: str,
    section_key: str = "",
    block_id: str = "",
    quote: str = "",
    quote_near: int = 0,
    wording: Mapping[str, str] | None = None,
    proposal: Proposal | None = None,
    shown: int | None = None,
) -> Remark:
    """Add a remark to a statement; the same `key` again is the same remark, with the later words.

    `proposal` is what she would have otherwise; `wording` is short for one of other words only. `shown` is the
    `edit` of the remark as the form showed it, where it has been saved before. A remark that she took back
    stands again. Locks the statement. Raises ValidationError: `too_late`, `remark_empty`, `remark_too_long`,
    `too_many_remarks`, `no_such_place`, `not_quoted`, `quote_too_long`, and as `propose` does;
    ChangedMeanwhileError where a colleague changed the remark since this form saved it; ValueError without a key,
    because all remarks without one would be one and the same.
    """
    _require_key(key)
    locked = lock_changeable(statement)
    places = Places(locked.round.version)
    place = places.find(section_key, block_id)
    remark = locked.remarks.select_for_update(of=("self",)).filter(key=key).first()
    if remark is None:
        if locked.remarks.said().count() >= MOST_REMARKS:
            raise ValidationError(
                _("One statement can have at most %(count)d remarks. Put the rest into an attachment."),
                code="too_many_remarks",
                params={"count": MOST_REMARKS},
            )
        remark = Remark(region_id=locked.region_id, statement=locked, version=locked.round.version, key=key)
    else:
        _require_unchanged(remark, key, shown)
    proposed = proposal or Proposal(wording=wording or {})
    _write(remark, places, place, text=text, language=language, quote=quote, quote_near=quote_near, proposal=proposed)
    return _saved(remark, key)


@transaction.atomic
def change_remark(
    remark: Remark,
    *,
    text: str,
    quote: str | None = None,
    wording: Mapping[str, str] | None = None,
    proposal: Proposal | None = None,
    key: str = "",
    shown: int | None = None,
) -> Remark:
    """Put a remark into other words, at its place. Raises as `say` does.

    `quote` None keeps the quoted words; without `wording` and `proposal` the proposal stays, an empty one takes it
    back. `shown` is the `edit` of the remark that the writer was shown; without it nobody asks. `key` is that of
    her form, which may save again and again.
    """
    if remark.statement is None:
        raise ValueError("A member's remark is changed where it was made.")
    if key:
        _require_key(key)
    locked = lock_changeable(remark.statement)
    fresh = locked.remarks.said().select_for_update(of=("self",)).get(pk=remark.pk)
    _require_unchanged(fresh, key, shown)
    places = Places(locked.round.version)
    _write(
        fresh,
        places,
        places.find(fresh.section_key, fresh.block_id),
        text=text,
        language=fresh.language,
        quote=fresh.quote if quote is None else quote,
        quote_near=fresh.starts_at or 0,
        proposal=proposal or (None if wording is None else Proposal(wording=wording)),
    )
    return _saved(fresh, key)


@transaction.atomic
def take_back(remark: Remark) -> None:
    """Remove a remark that its respondent no longer wants to make. ValidationError (`too_late`).

    What somebody has begun to handle (noted, answered, given to a handler, reported, hidden, grouped) is kept as taken
    back, with what was done about it; lists leave it out. What was handed in before stays in the receipt.
    """
    if remark.statement is None:
        raise ValueError("A member's remark is taken back where it was made.")
    locked = lock_changeable(remark.statement)
    fresh = locked.remarks.said().select_for_update(of=("self",)).filter(pk=remark.pk).first()
    if fresh is None:
        return
    if locked.received_at or _is_handled(fresh):
        fresh.withdrawn_at = timezone.now()
        fresh.edited_with = ""
        fresh.edit += 1
        fresh.save(update_fields=["withdrawn_at", "edit", "edited_with", "changed_at"])
    else:
        fresh.delete()


def _is_handled(remark: Remark) -> bool:
    return bool(
        remark.assigned_to_id
        or remark.hidden_at
        or remark.notes.exists()
        or remark.answers.exists()
        or remark.reports.exists()
        or remark.groups.exists()
    )


@transaction.atomic
def report(remark: Remark, *, text: str) -> None:
    """Tell those who run the round that a remark which others can read should not be shown. Who told is not kept.

    Nothing happens to the remark until a person decides. Beyond MOST_REPORTS waiting ones no more are written.
    """
    locked = Remark.objects.select_for_update(of=("self",)).get(pk=remark.pk)
    if locked.reports.filter(settled_at=None).count() < MOST_REPORTS:
        RemarkReport.objects.create(region_id=locked.region_id, remark=locked, text=text.strip()[:500])


def _require_key(key: str) -> None:
    if not key:
        raise ValueError("A remark is said with the key of its form.")
    if len(key) > LONGEST_KEY:
        raise ValidationError(_("The form is broken. Open the page anew."), code="no_such_form")


def _require_unchanged(remark: Remark, key: str, shown: int | None) -> None:
    """What the same form wrote last, it may write again: its answer may have been lost on the way."""
    if shown is not None and remark.edit != shown and (not key or remark.edited_with != key):
        raise ChangedMeanwhileError({"text": remark.text})


def _saved(remark: Remark, key: str) -> Remark:
    remark.withdrawn_at = None
    remark.edited_with = key
    remark.edit += 1
    # Who handles it, where it was placed and whether it is hidden is written by others at the same time.
    remark.save(update_fields=RESPONDENTS_OWN if remark.pk else None)
    return remark


def _write(
    remark: Remark,
    places: Places,
    place: Place,
    *,
    text: str,
    language: str,
    quote: str,
    quote_near: int,
    proposal: Proposal | None,
) -> None:
    text = text.strip()
    remark.redactions = carried_over(remark.redactions, remark.text, text)
    if len(text) > LONGEST_REMARK:
        raise ValidationError(
            {
                "text": ValidationError(
                    _("The remark is too long: at most %(count)d characters. Put the rest into an attachment."),
                    code="remark_too_long",
                    params={"count": LONGEST_REMARK},
                )
            }
        )
    quoted = quote_in(place, quote, language=language, near=quote_near)
    remark.text, remark.language = text, language
    remark.section_key, remark.block_id, remark.order = place.section_key, place.block_id, place.order
    remark.quote = quoted.text if quoted else ""
    remark.starts_at = quoted.starts_at if quoted else None
    remark.ends_at = quoted.ends_at if quoted else None
    if proposal is not None:
        operations = propose(places, place, proposal, language)
        if operations != remark.operations:
            remark.operations, remark.proposal_by = operations, None
    if not remark.text and not remark.operations:
        raise ValidationError(
            {"text": ValidationError(_("Write a remark or propose other words."), code="remark_empty")}
        )
