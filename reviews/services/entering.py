"""Statements that came by another way than the link, entered in their respondent's name, and passages picked from them.

Whatever way it came, a statement counts like any other: for its organisation, for its invitation, in every list. What
was entered or changed is kept word for word as a receipt, as if the respondent had handed it in.
"""

import datetime
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from documents.rendering import interface_language
from regions.models import Area, Municipality, Organisation, StoredFile
from regions.sealing import require_one_region
from reviews.answering.places import Places
from reviews.models import CommentRound, Invitation, Receipt, Remark, Statement
from reviews.rounds.questions import QuestionKind, clean_answers, questions_of
from reviews.rounds.short_forms import questions_for
from reviews.services.remarks import LONGEST_REMARK, MOST_REMARKS
from reviews.services.rounds import lock_round
from reviews.services.statements import (
    LONGEST_TEXT,
    carry_redactions,
    content_of,
    deadline_of,
    lock_statement,
    words_said,
)

MIDDAY = datetime.time(12)
"""What is entered of an earlier day came at some time of it."""

CHANGEABLE = (
    *("signed_by", "email", "stance", "joins", "text", "language"),
    *("handled_in", "handled_on", "item_no", "case_number", "area", "municipality", "answers"),
)
"""What may be put right in a statement that was entered. Whose it is stays: a wrong one is entered anew."""


class AnsweredAlreadyError(ValidationError):
    """Whoever the statement is of has one in the round. `statement` is that one, perhaps only begun."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        if statement.received_at:
            message = _("%(name)s has answered in this round already.")
        else:
            message = _("%(name)s has begun an answer by the link, and has not handed it in.")
        super().__init__(message, code="answered_already", params={"name": str(statement)})


@transaction.atomic
def enter(
    comment_round: CommentRound,
    *,
    by: User | None,
    kind: Statement.Kind,
    origin: Statement.Origin,
    received_on: datetime.date,
    organisation: Organisation | None = None,
    invitation: Invitation | None = None,
    organisation_name: str = "",
    signed_by: str = "",
    email: str = "",
    text: str = "",
    files: Sequence[StoredFile] = (),
    stance: Statement.Stance = Statement.Stance.STATEMENT,
    joins: str = "",
    language: str = "fi",
    handled_in: str = "",
    handled_on: datetime.date | None = None,
    item_no: str = "",
    case_number: str = "",
    area: Area | None = None,
    municipality: Municipality | None = None,
    answers: Mapping[str, Any] | None = None,
    key: str = "",
    instead_of_draft: bool = False,
    is_complete: bool = False,
) -> Statement:
    """Enter a statement in its respondent's name; also after the round has closed. The same `key` again is once.

    `received_on` is the day it came, and late is what came after the day of the deadline; a moment is judged to the
    second. `organisation_name` names an organisation that the region does not have. The invitation of the organisation,
    or of the person's address, counts as answered by it. A draft that the respondent began by the link gives way with
    `instead_of_draft`: its words are kept as a receipt and count for nothing. `is_complete` lets one say nothing
    yet, for a file whose remarks are added to it.

    Locks the statement it takes the place of, then the round. Raises AnsweredAlreadyError, and ValidationError:
    `round_is_draft`, `people_removed`, `not_received_yet`, `nothing_said`, `organisation_missing`, `signer_missing`,
    `joined_missing`, `text_too_long`, `other_region`, and as `clean_answers` does.
    """
    statement = _begun(comment_round, kind, organisation, invitation, email) if instead_of_draft else None
    locked = lock_round(comment_round)
    earlier = _entered_with(locked, key)
    if earlier:
        return earlier
    if locked.is_draft:
        raise ValidationError(_("The round has not been announced yet."), code="round_is_draft")
    if locked.people_removed_at:
        raise ValidationError(
            _("The respondents’ names and addresses have been removed, so nothing more can be entered."),
            code="people_removed",
        )
    require_one_region(locked.region, organisation, invitation, area, municipality, *files)
    is_anonymous = kind == Statement.Kind.ANONYMOUS
    if not is_anonymous:
        invitation = invitation or _invitation_of(locked, kind, organisation, email)
        other = _statement_of(locked, kind, organisation, invitation)
        if other and (statement is None or statement.pk != other.pk):
            raise AnsweredAlreadyError(other)
    if statement is None:
        statement = Statement(region_id=locked.region_id, round=locked)
    else:
        _set_aside(statement)
    statement.round = locked
    statement.invitation = None if is_anonymous else invitation
    statement.kind = kind
    statement.organisation = None if is_anonymous else organisation
    statement.organisation_name = "" if is_anonymous or organisation else organisation_name.strip()
    statement.user = None
    statement.entered_by = by
    statement.origin = origin
    statement.form = Statement.Form.FULL
    fields: dict[str, Any] = {
        "signed_by": "" if is_anonymous else signed_by.strip(),
        "email": "" if is_anonymous else email.strip(),
        "stance": stance,
        "joins": joins.strip(),
        "text": clean_text(text),
        "language": language,
        "handled_in": handled_in.strip(),
        "handled_on": handled_on,
        "item_no": item_no.strip(),
        "case_number": case_number.strip(),
        "area": area,
        "municipality": municipality,
        "answers": clean_answers(questions_of(locked.questions), answers or {}),
    }
    for name, value in fields.items():
        setattr(statement, name, value)
    _set_received(statement, received_on)
    _require_entered(statement, has_more=bool(files) or is_complete)
    _save(statement)
    statement.attachments.set(files)
    _keep(statement, key=key)
    record(by, "statement.entered", statement, origin=str(origin), late=statement.late)
    return statement


@transaction.atomic
def add_to(
    statement: Statement,
    *,
    by: User,
    received_on: datetime.date,
    text: str = "",
    files: Sequence[StoredFile] = (),
    key: str = "",
) -> Statement:
    """Add what came later to a statement that has arrived: words stand below its own with their day, files beside.

    When it arrived and whether it was late stays. Locks the statement. Raises ValidationError: `not_received`,
    `nothing_said`, `text_too_long`, `not_received_yet`.
    """
    locked = lock_statement(statement)
    if key and locked.receipts.filter(key=key).exists():
        return locked
    if locked.received_at is None:
        raise ValidationError(_("This statement has not been handed in."), code="not_received")
    if received_on > timezone.localdate():
        raise _not_received_yet()
    require_one_region(locked.region, *files)
    added = clean_text(text)
    if not added and not files:
        raise _nothing_said()
    if added:
        with translation.override(interface_language(locked.language)):
            day = gettext("Added %(day)s:") % {"day": date_format(received_on, "SHORT_DATE_FORMAT")}
        locked.text = "\n\n".join(part for part in (locked.text.rstrip(), f"{day}\n\n{added}") if part)
    _save(locked)
    locked.attachments.add(*files)
    _keep(locked, key=key)
    record(by, "statement.added_to", locked, files=len(files))
    return locked


@transaction.atomic
def change_entered(
    statement: Statement,
    *,
    by: User,
    fields: Mapping[str, Any],
    received_on: datetime.date | None = None,
    origin: Statement.Origin | None = None,
    files: Sequence[StoredFile] = (),
    without: Iterable[StoredFile] = (),
    edit: int | None = None,
) -> tuple[Statement, int]:
    """Put right what was entered, with a receipt of how it stands then; and how many picked passages lost their place.

    A passage whose words are in the new text moves along; one whose words are gone stays a remark and is marked
    nowhere. `edit` is the count of changes that its writer was shown. Locks the statement. Raises ValidationError:
    `not_entered` for what its respondent wrote, `changed_meanwhile`, and as `enter` does.
    """
    if unknown := set(fields) - set(CHANGEABLE):
        raise ValueError(f"A coordinator does not change {sorted(unknown)}.")
    locked = lock_statement(statement)
    if not is_entered(locked):
        raise ValidationError(
            _("The respondent has written this statement, so nobody else changes it."), code="not_entered"
        )
    if edit is not None and edit != locked.edit:
        raise ValidationError(
            _("Somebody has changed this statement since you opened it. Open it anew."), code="changed_meanwhile"
        )
    without = list(without)
    require_one_region(locked.region, fields.get("area"), fields.get("municipality"), *files)
    before = words_said(locked)
    for name, value in fields.items():
        setattr(locked, name, clean_text(value) if name == "text" else value)
    if "answers" in fields:
        locked.answers = clean_answers(questions_of(locked.round.questions), fields["answers"])
    carry_redactions(locked, before)
    if locked.kind == Statement.Kind.ANONYMOUS or locked.people_removed_at:
        locked.signed_by = locked.email = ""
    if origin:
        locked.origin = origin
    if received_on and received_on != timezone.localdate(locked.received_at):
        _set_received(locked, received_on)
    kept = locked.attachments.exclude(pk__in=[row.pk for row in without]).exists()
    _require_entered(locked, has_more=kept or bool(files) or locked.remarks.exists())
    _save(locked)
    locked.attachments.remove(*without)
    locked.attachments.add(*files)
    lost = _move_picked(locked, before)
    _keep(locked)
    record(by, "statement.changed", locked, fields=sorted(fields), lost=lost)
    return locked, lost


def is_entered(statement: Statement) -> bool:
    """Whether a coordinator has entered it; then she may also change it."""
    return statement.origin != Statement.Origin.WEB and statement.received_at is not None


@transaction.atomic
def pick(
    statement: Statement,
    *,
    by: User | None,
    starts_at: int,
    ends_at: int,
    question: str = "",
    section_key: str = "",
    block_id: str = "",
) -> Remark:
    """Mark a passage of a statement's text, or of its answer to a question, as a remark at a place of the version.

    Without a place it is about the whole. The same passage at the same place is picked once; at another place it is
    another remark. Locks the statement. Raises ValidationError: `not_received`, `nothing_picked`, `remark_too_long`,
    `too_many_remarks`, `no_such_place`.
    """
    locked = lock_statement(statement)
    if locked.received_at is None:
        raise ValidationError(_("This statement has not been handed in."), code="not_received")
    source = words_of(locked, question)
    if not 0 <= starts_at < ends_at <= len(source):
        raise _nothing_picked()
    passage = source[starts_at:ends_at]
    starts_at += len(passage) - len(passage.lstrip())
    passage = passage.strip()
    ends_at = starts_at + len(passage)
    if not passage:
        raise _nothing_picked()
    if len(passage) > LONGEST_REMARK:
        raise ValidationError(_("Choose fewer words: one remark at a time."), code="remark_too_long")
    place = Places(locked.round.version).find(section_key, block_id)
    found = (
        locked.remarks.said()
        .filter(
            question=question,
            picked_starts_at=starts_at,
            picked_ends_at=ends_at,
            section_key=place.section_key,
            block_id=place.block_id,
        )
        .first()
    )
    if found:
        return found
    if locked.remarks.count() >= MOST_REMARKS:
        raise ValidationError(
            _("One statement can have at most %(count)d remarks."),
            code="too_many_remarks",
            params={"count": MOST_REMARKS},
        )
    remark = Remark.objects.create(
        region_id=locked.region_id,
        statement=locked,
        version=locked.round.version,
        language=locked.language,
        section_key=place.section_key,
        block_id=place.block_id,
        order=place.order,
        question=question,
        picked_starts_at=starts_at,
        picked_ends_at=ends_at,
        text=passage,
    )
    record(by, "remark.picked", remark, statement=locked.public_id)
    return remark


@transaction.atomic
def put_back(remark: Remark, *, by: User) -> None:
    """Undo a picking: the remark goes, the statement's words stay. Locks the statement.

    Raises ValidationError (`answered`) once somebody has answered it; ValueError for a remark that was not picked.
    """
    if remark.statement is None or remark.picked_starts_at is None:
        raise ValueError("Only what was picked from a statement can be put back.")
    locked = lock_statement(remark.statement)
    fresh = locked.remarks.select_for_update(of=("self",)).filter(pk=remark.pk).first()
    if fresh is None:
        return
    if fresh.answers.exists():
        raise ValidationError(_("The remark has an answer, so it stays."), code="answered")
    record(by, "remark.put_back", fresh, statement=locked.public_id)
    fresh.delete()


def words_of(statement: Statement, question: str = "") -> str:
    """The statement's own text, or its answer in words to a question; nothing for a question with ready answers."""
    if not question:
        return statement.text
    asked = {row.key: row for row in questions_for(statement)}
    if question not in asked or asked[question].kind != QuestionKind.TEXT:
        return ""
    return str(statement.answers.get(question, ""))


def clean_text(text: str) -> str:
    """Words as they are kept: one kind of line break, without signs that nobody can see."""
    lines = re.sub(r"\r\n?|\u2028|\u2029", "\n", text)
    return "".join(sign for sign in lines if sign in "\n\t" or sign.isprintable() or sign.isspace()).strip()


def _invitation_of(
    comment_round: CommentRound, kind: Statement.Kind, organisation: Organisation | None, email: str
) -> Invitation | None:
    invitations = comment_round.invitations.in_force()
    if organisation:
        return invitations.filter(organisation=organisation).first() if kind == Statement.Kind.OFFICIAL else None
    if not email.strip():
        return None
    return invitations.filter(email__iexact=email.strip(), organisation=None, body=None).order_by("pk").first()


def _statement_of(
    comment_round: CommentRound,
    kind: Statement.Kind,
    organisation: Organisation | None,
    invitation: Invitation | None,
) -> Statement | None:
    """The statement that this respondent has in the round, handed in or not."""
    statements = comment_round.statements.select_related("organisation", "user")
    found = statements.filter(invitation=invitation).first() if invitation else None
    if found is None and organisation and kind == Statement.Kind.OFFICIAL:
        found = statements.filter(organisation=organisation, kind=kind).first()
    return found


def _begun(
    comment_round: CommentRound,
    kind: Statement.Kind,
    organisation: Organisation | None,
    invitation: Invitation | None,
    email: str,
) -> Statement | None:
    """The respondent's draft, locked; None where there is none, or where it has been handed in meanwhile."""
    invitation = invitation or _invitation_of(comment_round, kind, organisation, email)
    found = _statement_of(comment_round, kind, organisation, invitation)
    locked = lock_statement(found) if found and kind != Statement.Kind.ANONYMOUS else None
    return locked if locked and locked.received_at is None else None


def _set_aside(draft: Statement) -> None:
    """Keep the words of a draft as a receipt, and take them out of the way: nobody has handed them in."""
    _keep(draft)
    draft.remarks.all().delete()
    draft.attachments.clear()


def _entered_with(comment_round: CommentRound, key: str) -> Statement | None:
    if not key:
        return None
    receipts = Receipt.objects.filter(statement__round=comment_round, key=key).select_related("statement")
    receipt = receipts.first()
    return receipt.statement if receipt else None


def _set_received(statement: Statement, received_on: datetime.date) -> None:
    deadline = deadline_of(statement)
    now = timezone.now()
    if isinstance(received_on, datetime.datetime):
        if received_on > now:
            raise _not_received_yet()
        statement.received_at, statement.late = received_on, received_on >= deadline
        return
    if received_on > timezone.localdate(now):
        raise _not_received_yet()
    midday = timezone.make_aware(datetime.datetime.combine(received_on, MIDDAY))
    statement.late = received_on > timezone.localdate(deadline)
    statement.received_at = min(midday, now)
    if not statement.late and statement.received_at >= deadline:
        # It came on the last day; what is in time stands before the deadline also where moments are compared.
        statement.received_at = deadline - datetime.timedelta(seconds=1)


def _require_entered(statement: Statement, *, has_more: bool) -> None:
    errors: dict[str, ValidationError] = {}
    if statement.kind == Statement.Kind.OFFICIAL and not statement.organisation_told:
        errors["organisation"] = ValidationError(_("Choose the organisation."), code="organisation_missing")
    is_named = statement.signed_by or statement.organisation_told or statement.people_removed_at
    if statement.kind == Statement.Kind.PERSONAL and not is_named:
        errors["signed_by"] = ValidationError(_("Write whose statement it is."), code="signer_missing")
    if statement.stance == Statement.Stance.JOINS and not statement.joins:
        errors["joins"] = ValidationError(_("Write whose statement they join."), code="joined_missing")
    if len(statement.text) > LONGEST_TEXT:
        errors["text"] = ValidationError(
            _("The text is too long: at most %(count)d characters. Put the rest into an attachment."),
            code="text_too_long",
            params={"count": LONGEST_TEXT},
        )
    if errors:
        raise ValidationError(errors)
    if statement.stance == Statement.Stance.STATEMENT and not (statement.text or statement.answers or has_more):
        raise _nothing_said()


def _save(statement: Statement) -> None:
    if len(statement.text) > LONGEST_TEXT:
        raise ValidationError(
            _("The text is too long: at most %(count)d characters. Put the rest into an attachment."),
            code="text_too_long",
            params={"count": LONGEST_TEXT},
        )
    statement.clean_fields(exclude=["region", "round", "invitation", "user", "entered_by", "organisation"])
    statement.validate_constraints()
    statement.edit += 1
    statement.save()


def _keep(statement: Statement, *, key: str = "") -> None:
    Receipt.objects.create(
        region_id=statement.region_id,
        statement=statement,
        key=key or secrets.token_hex(16),
        made_at=timezone.now(),
        content=content_of(statement),
    )


def _move_picked(statement: Statement, before: Mapping[str, Any]) -> int:
    """Let picked passages point at their words again after the text has changed; how many are nowhere."""
    lost = 0
    for remark in statement.remarks.exclude(picked_starts_at=None):
        source = words_of(statement, remark.question)
        if source == before.get(remark.question, ""):
            continue
        starts = [found.start() for found in re.finditer(re.escape(remark.text), source)]
        if starts:
            start = min(starts, key=lambda place: abs(place - (remark.picked_starts_at or 0)))
            remark.picked_starts_at, remark.picked_ends_at = start, start + len(remark.text)
        else:
            remark.picked_starts_at = remark.picked_ends_at = None
            lost += 1
        remark.save(update_fields=["picked_starts_at", "picked_ends_at", "changed_at"])
    return lost


def _not_received_yet() -> ValidationError:
    return ValidationError({"received_on": ValidationError(_("This day has not come yet."), code="not_received_yet")})


def _nothing_said() -> ValidationError:
    return ValidationError(
        {"text": ValidationError(_("Paste the text of the statement, or add a file."), code="nothing_said")}
    )


def _nothing_picked() -> ValidationError:
    return ValidationError(_("Choose the words to pick."), code="nothing_picked")
