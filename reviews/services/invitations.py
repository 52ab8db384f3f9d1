"""Asking organisations, bodies and people for their comments in a round, and everything until they have answered."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from jobs.services import enqueue
from regions.models import Body, Organisation
from regions.sealing import require_one_region
from reviews.inviting.mails import time_answer_mail, time_request_mail
from reviews.models import CommentRound, Invitation, InvitationMail, Statement
from reviews.services.rounds import lock_round
from reviews.services.sending import (
    ask_for_mail,
    expires_at,
    links_of,
    lock_invitation,
    require_mails_left,
    withdraw_links_of,
)

MOST_AT_ONCE = 600
MOST_FORWARDS = 10
"""Of one invitation: colleagues of one organisation, and no way to send our mail to strangers in numbers."""

LONGEST_WAIT = datetime.timedelta(days=184)
LONGEST_REASON = 500
_ADDRESS_LIKE = re.compile(r"[@/\\:<>{}]|www\.", re.IGNORECASE)


@dataclass(frozen=True)
class Asked:
    """One to be invited, as the coordinator chose or wrote it down."""

    email: str
    name: str = ""
    language: str = "fi"
    closes_at: datetime.datetime | None = None
    organisation: Organisation | None = None
    body: Body | None = None

    def __str__(self) -> str:
        return str(self.organisation or self.body or self.name or self.email)


@dataclass
class Invited:
    """What came of inviting: the new invitations, and those who were asked already."""

    invitations: list[Invitation] = field(default_factory=list)
    already: list[str] = field(default_factory=list)


# --- Inviting -----------------------------------------------------------------------------------------------


@transaction.atomic
def invite(
    comment_round: CommentRound, asked: Sequence[Asked], *, by: User, site: str, at_once: bool = False
) -> Invited:
    """Invite all of them and ask for a mail to each that has an address, under the round's lock.

    The mail leaves when the round opens, or now with `at_once`. Who is asked already is left alone and told.
    Raises ValidationError for all of it: `round_not_open` (it has closed), `round_is_draft` (for `at_once`),
    `too_many`, `too_many_mails`, `not_later` (an own deadline), `no_such_language`, and as the model does.
    """
    locked = lock_round(comment_round)
    if locked.is_over():
        raise ValidationError(_("The round has closed, and nobody can be invited any more."), code="round_not_open")
    if at_once and locked.is_draft:
        raise ValidationError(_("Announce the round first: its links open nothing before that."), code="round_is_draft")
    if len(asked) > MOST_AT_ONCE:
        raise ValidationError(_("Invite at most %(count)d at once."), code="too_many", params={"count": MOST_AT_ONCE})
    require_mails_left(locked.region, len(asked))
    known = set()
    for row in locked.invitations.in_force():
        known |= _marks(row.organisation_id, row.body_id, row.email, is_known=True)
    done = Invited()
    at_opening = not at_once and not locked.is_open()
    for one in asked:
        own = _marks(one.organisation.pk if one.organisation else None, one.body.pk if one.body else None, one.email)
        if known & own:
            done.already.append(str(one))
            continue
        invitation = _new(locked, one)
        known |= _marks(invitation.organisation_id, invitation.body_id, invitation.email, is_known=True)
        if invitation.email:
            ask_for_mail(invitation, InvitationMail.Kind.REQUEST, site=site, by=by, at_opening=at_opening)
        done.invitations.append(invitation)
    if done.invitations:
        record(by, "round_invitation.made", locked, count=len(done.invitations), at_once=at_once)
    return done


def _marks(
    organisation: int | None, body: int | None, email: str, *, is_known: bool = False
) -> set[tuple[str, int | str]]:
    """By what somebody counts as asked already: an organisation and a body by themselves, others by the address."""
    marks: set[tuple[str, int | str]] = set()
    if organisation:
        marks.add(("organisation", organisation))
    if body:
        marks.add(("body", body))
    if email and (is_known or not marks):
        marks.add(("email", email.lower()))
    return marks


def _new(comment_round: CommentRound, one: Asked) -> Invitation:
    invitation = Invitation(
        region_id=comment_round.region_id,
        round=comment_round,
        organisation=one.organisation,
        body=one.body,
        name=one.name[:150],
        email=one.email.lower(),
        language=one.language,
        closes_at=one.closes_at,
    )
    require_one_region(comment_round.region, one.organisation, one.body)
    _check(invitation)
    invitation.save()
    return invitation


def _check(invitation: Invitation) -> None:
    if invitation.language not in dict(settings.LANGUAGES):
        raise ValidationError({"language": ValidationError(_("Choose one of the languages."), code="no_such_language")})
    if invitation.closes_at and invitation.closes_at <= invitation.round.closes_at:
        message = _("An own deadline must be later than that of the round.")
        raise ValidationError({"closes_at": ValidationError(message, code="not_later")})
    invitation.clean_fields(exclude=["region", "round", "organisation", "body"])
    invitation.validate_constraints()


# --- Changing and withdrawing -------------------------------------------------------------------------------


@transaction.atomic
def change_invitation(
    invitation: Invitation,
    *,
    email: str,
    name: str,
    language: str,
    closes_at: datetime.datetime | None,
    by: User,
) -> Invitation:
    """Correct where and in which language somebody is asked, and give an own deadline.

    With another address the links that were sent to the old one open nothing any more, because it may be a stranger's;
    a mail that still waits goes to the new one. Links live as long as the deadline asks. Raises ValidationError:
    `invitation_withdrawn`, `not_later`, and as the model does.
    """
    locked = _lock_in_force(invitation)
    old_email, email = locked.email, email.lower()
    was_until = locked.closes_at
    locked.email, locked.name, locked.language, locked.closes_at = email, name.strip(), language, closes_at
    if email != old_email:
        locked.bounced_at = None
    if closes_at == was_until:
        # The round may have been given more time than this one since; that is no fault of this form.
        locked.clean_fields(exclude=["region", "round", "organisation", "body"])
        locked.validate_constraints()
    else:
        _check(locked)
    locked.save(update_fields=["email", "name", "language", "closes_at", "bounced_at"])
    if old_email and email != old_email:
        withdraw_links_of(locked, sent_to=old_email)
        locked.mails.waiting().filter(email=old_email).update(email=email)
    _prolong(locked)
    record(by, "round_invitation.changed", locked)
    return locked


@transaction.atomic
def withdraw(invitation: Invitation, *, by: User) -> None:
    """Take an invitation back: its links and codes open nothing at once, what waits is not sent.

    A statement that was begun or handed in stays. Raises ValidationError (`invitation_withdrawn`).
    """
    locked = _lock_in_force(invitation)
    locked.withdrawn_at = timezone.now()
    locked.save(update_fields=["withdrawn_at"])
    withdraw_links_of(locked)
    record(by, "round_invitation.withdrawn", locked)


def _lock_in_force(invitation: Invitation) -> Invitation:
    locked = lock_invitation(invitation)
    if locked.withdrawn_at:
        raise ValidationError(_("This invitation has been withdrawn."), code="invitation_withdrawn")
    return locked


def _prolong(invitation: Invitation) -> None:
    until = expires_at(invitation)
    links_of([invitation]).filter(withdrawn_at=None, expires_at__lt=until).update(expires_at=until)


# --- By the one who was asked -------------------------------------------------------------------------------


@transaction.atomic
def forward(invitation: Invitation, *, to_email: str, by_name: str, site: str, language: str = "") -> InvitationMail:
    """Pass the request on to a colleague, with a link of her own to the same statement.

    `by_name` is who passes it on, as the mail says it: a name alone, so that nobody sends words or addresses of her own
    by our mail. Raises ValidationError: `invitation_withdrawn`, `round_not_open`, `bad_address`, `bad_name`,
    `passed_on_already`, `too_many_forwards`, `too_many_mails`.
    """
    locked = _lock_in_force(invitation)
    if locked.round.is_draft or timezone.now() >= expires_at(locked):
        raise ValidationError(_("The round has closed."), code="round_not_open")
    to_email, by_name = to_email.strip().lower(), " ".join(by_name.split())
    try:
        validate_email(to_email)
    except ValidationError as error:
        message = _("Write an e-mail address, for example name@example.org.")
        raise ValidationError({"to_email": ValidationError(message, code="bad_address")}) from error
    if not by_name or len(by_name) > 100 or _ADDRESS_LIKE.search(by_name):
        message = _("Write your name, without addresses.")
        raise ValidationError({"by_name": ValidationError(message, code="bad_name")})
    earlier = list(locked.mails.filter(kind=InvitationMail.Kind.FORWARDED))
    if any(row.email == to_email and row.bounced_at is None for row in earlier):
        message = _("The request has been passed on to this address already.")
        raise ValidationError({"to_email": ValidationError(message, code="passed_on_already")})
    if len(earlier) >= MOST_FORWARDS:
        raise ValidationError(
            _("The request has been passed on to %(count)d people already. Give them the link yourself."),
            code="too_many_forwards",
            params={"count": len(earlier)},
        )
    require_mails_left(locked.region, 1)
    mail = ask_for_mail(
        locked,
        InvitationMail.Kind.FORWARDED,
        site=site,
        by=None,
        email=to_email,
        passed_on_by=by_name,
        key=f"forward-{len(earlier) + 1}",
    )
    if mail is None:
        raise ValidationError(_("The request has been passed on already."), code="passed_on_already")
    record(None, "round_invitation.passed_on", locked)
    return mail


@transaction.atomic
def ask_for_time(
    invitation: Invitation, *, until: datetime.datetime, reason: str, email: str = "", site: str = ""
) -> Invitation:
    """Ask for more time; the contact person gets a mail and answers. Asking again replaces what was asked.

    The answer goes to `email`, else to where the request went. Raises ValidationError: `invitation_withdrawn`,
    `round_not_open` (the deadline has passed), `not_later`, `too_far`, `reason_too_long`.
    """
    locked = _lock_in_force(invitation)
    now = timezone.now()
    if locked.round.is_draft or now >= locked.deadline:
        raise ValidationError(_("The time for answering is over."), code="round_not_open")
    if until <= locked.deadline:
        message = _("Ask for a time that is later than the present deadline.")
        raise ValidationError({"until": ValidationError(message, code="not_later")})
    if until > locked.round.closes_at + LONGEST_WAIT:
        message = _("This is too far away: ask for half a year at most.")
        raise ValidationError({"until": ValidationError(message, code="too_far")})
    reason = reason.strip()
    if len(reason) > LONGEST_REASON:
        message = _("Tell the reason in at most %(count)d characters.")
        raise ValidationError(
            {"reason": ValidationError(message, code="reason_too_long", params={"count": LONGEST_REASON})}
        )
    told_lately = locked.asked_at is not None and locked.asked_at > now - datetime.timedelta(days=1)
    locked.asked_until, locked.asked_reason, locked.asked_at, locked.asked_by = (
        until,
        reason,
        now,
        email.strip().lower(),
    )
    locked.time_answered_at, locked.time_answer = None, ""
    locked.clean_fields(exclude=["region", "round", "organisation", "body"])
    locked.save(
        update_fields=["asked_until", "asked_reason", "asked_at", "asked_by", "time_answered_at", "time_answer"]
    )
    record(None, "round_invitation.time_asked", locked, until=until.isoformat())
    if locked.round.contact_email and not told_lately:
        mail = time_request_mail(locked, site=site or _site_of(locked))
        enqueue("send_mail", mail, key=f"round-time-asked-{locked.public_id}-{int(now.timestamp())}")
    return locked


@transaction.atomic
def answer_time(
    invitation: Invitation, *, until: datetime.datetime | None, word: str, by: User, site: str = ""
) -> Invitation:
    """Grant more time (`until`, perhaps not what was asked for) or refuse it (None, with a word); the asker is told.

    Raises ValidationError: `not_asked`, `word_missing`, `not_later`, `invitation_withdrawn`.
    """
    # The statement before the invitation, as whoever hands in takes them.
    list(Statement.objects.select_for_update(of=("self",)).filter(invitation=invitation).only("pk"))
    locked = _lock_in_force(invitation)
    if locked.asked_at is None or locked.time_answered_at:
        raise ValidationError(_("Nobody has asked for more time, or it has been answered."), code="not_asked")
    word = " ".join(word.split())[:LONGEST_REASON]
    if until is None and not word:
        raise ValidationError({"word": ValidationError(_("Tell why more time is not given."), code="word_missing")})
    if until is not None:
        if until <= max(locked.deadline, timezone.now()):
            message = _("The new deadline must be later than the present one.")
            raise ValidationError({"until": ValidationError(message, code="not_later")})
        locked.closes_at = until
    locked.time_answered_at, locked.time_answer = timezone.now(), word
    locked.save(update_fields=["closes_at", "time_answered_at", "time_answer"])
    if until is None:
        record(by, "round_invitation.time_refused", locked)
    else:
        _prolong(locked)
        # What came late by the old deadline is in time by the new one.
        locked.statements.filter(late=True, received_at__lt=until).update(late=False)
        record(by, "round_invitation.time_granted", locked)
    if locked.asked_by or locked.email:
        mail = time_answer_mail(locked, until=until)
        enqueue("send_mail", mail, key=f"round-time-answered-{locked.public_id}-{int(timezone.now().timestamp())}")
    return locked


def _site_of(invitation: Invitation) -> str:
    newest = invitation.mails.exclude(site="").order_by("-pk").first()
    return settings.SITE_URL or (newest.site if newest else "")
