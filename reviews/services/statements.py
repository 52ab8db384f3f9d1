"""A respondent's way: begin, say as one goes, hand in, change until the closing.

All who come by the links of one invitation write in one statement, perhaps at once. So each field is saved with what
its writer was shown, and a field that a colleague changed meanwhile is not overwritten.
"""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from jobs.services import enqueue
from regions.models import Organisation
from regions.sealing import require_one_region
from reviews.models import CommentRound, Invitation, Receipt, Statement
from reviews.models.statements import StatementQuerySet
from reviews.rounds.questions import Question, clean_answers
from reviews.rounds.short_forms import questions_for
from reviews.services.rounds import lock_round, lock_statements
from reviews.summary.redaction import ANSWERS, TEXT, carried_over

LATE = datetime.timedelta(days=30)
"""How long after the closing somebody can still begin or hand in; it is kept and marked late."""

RECEIPT = "mail_receipt"
"""The kind of job that mails one. It makes the link for changing when it runs: no token waits in the outbox."""

MOST_RECEIPTS_A_DAY = 10
"""Mailed for one statement: far more than anybody needs, and no way to fill somebody else's mailbox."""

LONGEST_TEXT = 100_000
"""Signs of the statement as a whole; some fifty printed pages. What is longer is a file."""

FIELDS = (
    *("organisation", "organisation_name", "signed_by", "shows_name", "email"),
    *("stance", "joins", "text", "language"),
    *("handled_in", "handled_on", "item_no", "case_number", "area", "municipality"),
)
"""What a respondent fills in about the statement as a whole, besides answers, remarks and attachments."""


class ChangedMeanwhileError(ValidationError):
    """A colleague wrote in the same field since it was shown. `theirs` is what stands there now, by field."""

    def __init__(self, theirs: Mapping[str, Any]) -> None:
        self.theirs = dict(theirs)
        message = _("A colleague changed this meanwhile. Both texts are below: put together what you want to send.")
        super().__init__({name: ValidationError(message, code="changed_meanwhile") for name in theirs})


def lock_statement(statement: Statement) -> Statement:
    """The statement's row, locked until the transaction ends, with its round and invitation.

    Whoever needs both locks takes the statement's first, then the round's, then the invitation's.
    """
    return (
        Statement.objects.select_for_update(of=("self",))
        .select_related("round__version__document__region", "invitation", "organisation")
        .defer("round__version__content")
        .get(pk=statement.pk)
    )


def lock_changeable(statement: Statement) -> Statement:
    """The statement's row, locked, where it may still be changed. ValidationError (`too_late`).

    What was handed in is changed under the round's lock as well, so that nothing slips in after an early closing.
    """
    locked = lock_statement(statement)
    if locked.received_at:
        _read_round_locked(locked)
    require_changeable(locked)
    return locked


def _read_round_locked(locked: Statement) -> None:
    """The round as it is under its own lock, for the deadline of the invitation too."""
    locked.round = lock_round(locked.round)
    if locked.invitation:
        locked.invitation.round = locked.round


def deadline_of(statement: Statement) -> datetime.datetime:
    """Until when this statement is in time and may be changed."""
    return statement.invitation.deadline if statement.invitation else statement.round.closes_at


@transaction.atomic
def begin(
    comment_round: CommentRound,
    *,
    kind: Statement.Kind,
    language: str,
    invitation: Invitation | None = None,
    user: User | None = None,
    organisation: Organisation | None = None,
    form: Statement.Form = Statement.Form.FULL,
) -> Statement:
    """The statement of somebody who came to a round: that of the invitation where there is one, else a new one.

    Raises ValidationError: `round_not_open` (before the opening, or long after the closing), `way_not_allowed`,
    `invitation_withdrawn`, and as the model does, where an official statement names an organisation that has one
    already. An invitation comes first: who gave a statement in the organisation's name without having been asked keeps
    the name and loses the organisation. That a member of an internal round belongs to a body which is asked, and who
    may speak for an organisation, the view knows.
    """
    invited_pk = invitation.organisation_id if invitation else None
    if invited_pk and kind == Statement.Kind.OFFICIAL:
        # Whose organisation may be taken below is locked before the round, as everywhere.
        lock_statements(_giving_way(comment_round, invited_pk))
    locked = lock_round(comment_round)
    require_one_region(locked.region, organisation, invitation)
    if invitation:
        invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk, round=locked)
        if invitation.withdrawn_at:
            raise ValidationError(_("This invitation has been withdrawn."), code="invitation_withdrawn")
    _require_allowed(locked, kind, user, invitation, form)
    if invitation:
        existing = Statement.objects.filter(invitation=invitation).first()
        if existing:
            return existing
    if user and not invitation:
        existing = locked.statements.filter(user=user, kind=kind, organisation=organisation).first()
        if existing:
            return existing
    _require_taking(locked, invitation)
    is_anonymous, is_official = kind == Statement.Kind.ANONYMOUS, kind == Statement.Kind.OFFICIAL
    invited = invitation.organisation if invitation else None
    if invited and is_official:
        _give_way(locked, invited)
    statement = Statement(
        region_id=locked.region_id,
        round=locked,
        invitation=invitation,
        kind=kind,
        organisation=None if is_anonymous else organisation or invited,
        organisation_name=invitation.body.name if invitation and invitation.body and is_official else "",
        user=None if is_anonymous else user,
        language=language,
        form=form,
    )
    statement.validate_constraints()
    _save(statement)
    return statement


def _give_way(comment_round: CommentRound, organisation: Organisation) -> None:
    """Take an organisation from a statement that anybody may have given in its name; the name stays."""
    _giving_way(comment_round, organisation.pk).update(organisation=None, organisation_name=organisation.name)


def _giving_way(comment_round: CommentRound, organisation: int) -> StatementQuerySet:
    return Statement.objects.filter(
        round=comment_round,
        kind=Statement.Kind.OFFICIAL,
        organisation=organisation,
        invitation=None,
        user=None,
        entered_by=None,
    )


def _save(statement: Statement, *fields: str) -> None:
    """Save, where somebody may have given the same organisation's statement in this very moment."""
    try:
        with transaction.atomic():
            statement.save(update_fields=fields or None)
    except IntegrityError:
        statement.validate_constraints()
        raise


def save_fields(statement: Statement, *, values: Mapping[str, Any], shown: Mapping[str, Any]) -> Statement:
    """Keep what somebody wrote in some of FIELDS, or in `answers`.

    `shown` is what stood in each field when it was shown to her; a field that it lacks is written without asking.
    `answers` are compared one by one, and those to questions that were not sent stay. Raises ChangedMeanwhileError for
    what a colleague changed since, after the others have been kept, so call it outside a transaction; and
    ValidationError, with nothing kept: `too_late`, `text_too_long`, and as `clean_answers` does.
    """
    locked, theirs = _save_fields(statement, values, shown)
    if theirs:
        raise ChangedMeanwhileError(theirs)
    return locked


@transaction.atomic
def _save_fields(
    statement: Statement, values: Mapping[str, Any], shown: Mapping[str, Any]
) -> tuple[Statement, dict[str, Any]]:
    locked = lock_changeable(statement)
    if len(values.get("text", "")) > LONGEST_TEXT:
        message = _("The answer is too long: at most %(count)d characters. Put the rest into an attachment.")
        raise ValidationError({"text": ValidationError(message, code="text_too_long", params={"count": LONGEST_TEXT})})
    values, before = dict(values), words_said(locked)
    theirs: dict[str, Any] = {}
    changed: list[str] = []
    if "answers" in values:
        questions = questions_for(locked)
        answers, others = _merged_answers(questions, locked.answers, values.pop("answers"), shown.get("answers"))
        if others:
            theirs["answers"] = others
        if answers != locked.answers:
            locked.answers = answers
            changed.append("answers")
    for name, value in values.items():
        if name not in FIELDS:
            raise ValueError(f"A respondent does not write {name!r}.")
        stands = getattr(locked, name)
        if stands == value:
            continue
        if name in shown and stands != shown[name]:
            theirs[name] = stands
            continue
        setattr(locked, name, value)
        changed.append(name)
    if changed:
        require_one_region(locked.region, locked.organisation, locked.area, locked.municipality)
        locked.clean_fields(exclude=["region", "round", "invitation", "user", "entered_by"])
        locked.validate_constraints()
        locked.edit += 1
        carry_redactions(locked, before)
        _save(locked, *changed, "redactions", "edit", "changed_at")
    return locked, theirs


def words_said(statement: Statement) -> dict[str, Any]:
    """Its own words by question; those of the statement as a whole have no question."""
    return {"": statement.text, **statement.answers}


def carry_redactions(statement: Statement, before: Mapping[str, Any]) -> None:
    """Keep blacked out what was, after the words have changed; `before` is what `words_said` told."""
    now = words_said(statement)
    for key in before.keys() | now.keys():
        was, stands = before.get(key, ""), now.get(key, "")
        if isinstance(was, str) and isinstance(stands, str):
            field = f"{ANSWERS}{key}" if key else TEXT
            statement.redactions = carried_over(statement.redactions, was, stands, field=field)


def _merged_answers(
    questions: Sequence[Question],
    stands: Mapping[str, Any],
    sent: Mapping[str, Any],
    shown: Mapping[str, Any] | None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answers with those that were sent, and of these the ones that a colleague changed since they were shown.

    An answer that a colleague removed meanwhile is among them as an empty text.
    """
    cleaned = clean_answers(questions, sent)
    merged, theirs = dict(stands), {}
    for question in questions:
        key = question.key
        if key not in sent or cleaned.get(key) == stands.get(key):
            continue
        if shown is not None and stands.get(key) != (shown.get(key) or None):
            theirs[key] = stands.get(key, "")
        elif key in cleaned:
            merged[key] = cleaned[key]
        else:
            merged.pop(key, None)
    return merged, theirs


@transaction.atomic
def hand_in(statement: Statement, *, key: str, site: str = "") -> Receipt:
    """Give the statement to the county, and the respondent a receipt of every word. Sending a form twice is once.

    The receipt is mailed to whoever gave an address; `site` is what the address of its link begins with.

    The first time counts as the time of arrival; after the deadline it is marked late. Locks the statement and then
    reads the round under its lock, so that a change of the deadline comes before or after. Raises ValidationError:
    `too_late` (handed in already, and the time for changes is over), `round_not_open`, `nothing_said`,
    `organisation_missing`, `signer_missing`, `joined_missing`; ValueError without a key.
    """
    if not key:
        raise ValueError("A statement is handed in with the key of its form.")
    locked = lock_statement(statement)
    earlier = locked.receipts.filter(key=key).first()
    if earlier:
        return earlier
    _read_round_locked(locked)
    _require_taking(locked.round, locked.invitation)
    require_changeable(locked)
    _require_complete(locked)
    now = timezone.now()
    if locked.received_at is None:
        locked.received_at = now
        locked.late = now >= deadline_of(locked)
    locked.edit += 1
    locked.save(update_fields=["received_at", "late", "edit", "changed_at"])
    receipt = Receipt.objects.create(
        region_id=locked.region_id, statement=locked, key=key, made_at=now, content=content_of(locked)
    )
    record(locked.user, "statement.handed_in", locked, late=locked.late)
    for place in range(len(receivers_of(locked))):
        # One piece of work for each address: where one is refused, the other is not mailed again and again.
        payload = {"receipt": receipt.pk, "place": place, "site": site, "region_code": locked.region.code}
        enqueue(RECEIPT, payload, key=f"receipt-{receipt.pk}-{place}")
    return receipt


def receivers_of(statement: Statement) -> list[str]:
    """Who is mailed the receipt: whoever gave an address, and the one where the organisation was asked."""
    invited = statement.invitation.email if statement.invitation else ""
    return list({address.lower(): address for address in (statement.email, invited) if address}.values())


def content_of(statement: Statement) -> dict[str, Any]:
    """All that a statement says at this moment, for its receipt."""
    return {
        "statement": statement.public_id,
        "round": statement.round.public_id,
        "version": statement.round.version.number,
        "kind": statement.kind,
        "form": statement.form,
        "organisation": statement.organisation_told,
        "signed_by": statement.signed_by,
        "stance": statement.stance,
        "joins": statement.joins,
        "handled_in": statement.handled_in,
        "handled_on": statement.handled_on.isoformat() if statement.handled_on else "",
        "item_no": statement.item_no,
        "case_number": statement.case_number,
        "area": statement.area.name if statement.area else "",
        "municipality": statement.municipality.name if statement.municipality else "",
        "language": statement.language,
        "text": statement.text,
        "answers": statement.answers,
        "attachments": [
            {"name": row.name, "sha256": row.sha256, "size": row.size} for row in statement.attachments.order_by("pk")
        ],
        "remarks": [
            {
                "remark": row.public_id,
                "section": row.section_key,
                "block": row.block_id,
                "language": row.language,
                "quote": row.quote,
                "text": row.text,
                "operations": row.operations,
            }
            for row in statement.remarks.said().order_by("order", "pk")
        ],
        "received_at": statement.received_at.isoformat() if statement.received_at else "",
        "late": statement.late,
    }


def require_changeable(statement: Statement) -> None:
    """Refuse changes to what was handed in once its time is over, and by an invitation that was withdrawn.

    Raises ValidationError: `too_late`, `invitation_withdrawn`.
    """
    if statement.invitation and statement.invitation.withdrawn_at:
        raise ValidationError(_("This invitation has been withdrawn."), code="invitation_withdrawn")
    if statement.received_at and timezone.now() >= deadline_of(statement):
        raise ValidationError(
            _("The time for changes is over. If something important is missing, get in touch with the contact person."),
            code="too_late",
        )


def takes_answers(comment_round: CommentRound, invitation: Invitation | None = None) -> bool:
    """Whether somebody can begin or hand in: from the opening until long after the closing.

    Not once the respondents' names were removed, because nobody would remove later ones.
    """
    closes_at = invitation.deadline if invitation else comment_round.closes_at
    if comment_round.is_draft or comment_round.people_removed_at:
        return False
    return comment_round.opens_at <= timezone.now() < closes_at + LATE


def can_change(statement: Statement) -> bool:
    """Whether what is written can be changed: a draft while answers are taken in, a sent one until the closing."""
    if statement.received_at is None and not takes_answers(statement.round, statement.invitation):
        return False
    try:
        require_changeable(statement)
    except ValidationError:
        return False
    return True


def _require_taking(comment_round: CommentRound, invitation: Invitation | None) -> None:
    if takes_answers(comment_round, invitation):
        return
    if comment_round.is_draft or timezone.now() < comment_round.opens_at:
        raise ValidationError(_("The round has not opened yet."), code="round_not_open")
    raise ValidationError(_("The round has closed, and answers are no longer taken in."), code="round_not_open")


def _require_allowed(
    comment_round: CommentRound,
    kind: Statement.Kind,
    user: User | None,
    invitation: Invitation | None,
    form: Statement.Form,
) -> None:
    if form != Statement.Form.FULL:
        require_short_form(comment_round, kind, form)
        return
    allowed = {
        Statement.Kind.OFFICIAL: comment_round.allows_official,
        Statement.Kind.PERSONAL: comment_round.allows_personal,
        Statement.Kind.ANONYMOUS: comment_round.allows_anonymous,
    }[kind]
    by_right = {
        CommentRound.Kind.OPEN: True,
        CommentRound.Kind.INVITED: invitation is not None,
        CommentRound.Kind.INTERNAL: user is not None,
    }[CommentRound.Kind(comment_round.kind)]
    if not allowed or not by_right or (comment_round.requires_sign_in and user is None):
        raise ValidationError(_("In this round one cannot answer in this way."), code="way_not_allowed")


def require_short_form(comment_round: CommentRound, kind: Statement.Kind, form: Statement.Form) -> None:
    """A short form is answered without a name, in a round that has it. ValidationError (`way_not_allowed`)."""
    has_it = {
        Statement.Form.FAMILY: comment_round.has_family_form,
        Statement.Form.CHILDREN: comment_round.has_children_form,
    }.get(form, False)
    is_open = comment_round.kind == CommentRound.Kind.OPEN and not comment_round.requires_sign_in
    if not has_it or not is_open or kind != Statement.Kind.ANONYMOUS:
        raise ValidationError(_("In this round one cannot answer in this way."), code="way_not_allowed")


def _needs_signer(statement: Statement) -> bool:
    """Whether a person's name is wanted: not for having nothing to state, nor of a body of young people or others."""
    if statement.kind == Statement.Kind.ANONYMOUS:
        return False
    invitation = statement.invitation
    if invitation is None:
        return True
    return statement.stance != Statement.Stance.NOTHING and not invitation.is_for_influence_body


def _require_complete(statement: Statement) -> None:
    errors: dict[str, ValidationError] = {}
    if statement.kind == Statement.Kind.OFFICIAL and not statement.organisation_told:
        errors["organisation"] = ValidationError(
            _("Tell which organisation gives the statement."), code="organisation_missing"
        )
    if _needs_signer(statement) and not statement.signed_by.strip():
        is_official = statement.kind == Statement.Kind.OFFICIAL
        message = _("Tell who signs the statement.") if is_official else _("Tell your name.")
        errors["signed_by"] = ValidationError(message, code="signer_missing")
    if statement.stance == Statement.Stance.JOINS and not statement.joins.strip():
        errors["joins"] = ValidationError(_("Tell whose statement you join."), code="joined_missing")
    if errors:
        raise ValidationError(errors)
    says_something = statement.stance != Statement.Stance.STATEMENT or statement.text.strip() or statement.answers
    if not says_something and not statement.remarks.said().exists() and not statement.attachments.exists():
        raise ValidationError(
            _("There is nothing to send yet: comment on the text, answer a question or add a file."),
            code="nothing_said",
        )
