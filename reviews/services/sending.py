"""Mails about invitations: asked for as rows, sent by a job, reminded of, and what came back.

A row of `InvitationMail` is the asking; `jobs/mailing.py` sends it once and makes its link and its code while doing so.
"""

import datetime
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import links
from accounts.models import AccessLink, User
from audit.services import record
from jobs.models import Job
from jobs.services import enqueue
from regions.models import Region
from reviews.answering.holding import INVITATION
from reviews.models import CommentRound, Invitation, InvitationMail
from reviews.rounds.timetable import is_holiday

MAIL = "mail_round_invitation"
"""The kind of job that sends one."""

LIVES = datetime.timedelta(days=30)
"""How long a personal link works after the closing: late answers are kept, and one can read what was handed in."""

MOST_MAILS_A_DAY = 1_500
"""In one region: a request and a reminder to a whole network, far less than what somebody who got hold of a
coordinator's account would want to send."""

SENT_AGAIN_AFTER = datetime.timedelta(hours=1)
LONGEST_BOUNCE = 300

Kind = InvitationMail.Kind


def expires_at(invitation: Invitation) -> datetime.datetime:
    """Until when the links of an invitation work."""
    return invitation.deadline + LIVES


def links_of(invitations: Iterable[Invitation]) -> QuerySet[AccessLink]:
    """Every link and code that was sent for these invitations and is kept."""
    return AccessLink.objects.filter(purpose=INVITATION, target__in=[row.public_id for row in invitations])


def mail_key(mail: InvitationMail) -> str:
    """The outbox's key of a mail: while one waits, no second one is added."""
    return f"round-invitation-{mail.pk}"


def ask_for_mail(
    invitation: Invitation,
    kind: InvitationMail.Kind,
    *,
    site: str,
    by: User | None,
    email: str = "",
    passed_on_by: str = "",
    key: str = "",
    at_opening: bool = False,
) -> InvitationMail | None:
    """Ask for a mail, in the caller's transaction; None where one with the same `key` was asked for already.

    With `at_opening` it waits for `enqueue_waiting`, which finds it when the round has opened.
    """
    fields = {
        "region_id": invitation.region_id,
        "kind": kind,
        "email": email or invitation.email,
        "passed_on_by": passed_on_by,
        "site": site,
        "waits_for_opening": at_opening,
        "asked_by": by,
    }
    if key:
        mail, is_new = InvitationMail.objects.get_or_create(invitation=invitation, key=key, defaults=fields)
        if not is_new:
            return None
    else:
        mail = InvitationMail.objects.create(invitation=invitation, **fields)
    if not at_opening:
        put_into_outbox(mail)
    return mail


def put_into_outbox(mail: InvitationMail) -> None:
    payload = {"pk": mail.pk, "region_code": mail.region.code}
    enqueue(MAIL, payload, key=mail_key(mail))


def enqueue_waiting(now: datetime.datetime | None = None) -> int:
    """Put into the outbox what waits for the opening of a round that is open now; how many. Safe to call often.

    What the outbox has given up is not tried again by itself.
    """
    now = now or timezone.now()
    open_rounds = CommentRound.objects.open(now)
    waiting = list(
        InvitationMail.objects.waiting()
        .filter(waits_for_opening=True, invitation__withdrawn_at=None, invitation__round__in=open_rounds.values("pk"))
        .select_related("region")
    )
    keys = {mail_key(mail): mail for mail in waiting}
    known = set(Job.objects.filter(key__in=keys, finished_at=None).values_list("key", flat=True))
    for key, mail in keys.items():
        if key not in known:
            put_into_outbox(mail)
    return len(keys) - len(known)


def require_mails_left(region: Region, count: int) -> None:
    """Refuse more mails than MOST_MAILS_A_DAY. ValidationError (`too_many_mails`)."""
    since = timezone.now() - datetime.timedelta(days=1)
    if InvitationMail.objects.filter(region=region, asked_at__gte=since).count() + count > MOST_MAILS_A_DAY:
        raise ValidationError(
            _("So many invitations have been sent from the region today that no more can be sent before tomorrow."),
            code="too_many_mails",
        )


@transaction.atomic
def send_again(invitation: Invitation, *, by: User, site: str) -> None:
    """Ask for the request once more, to the present address; earlier links keep working.

    Raises ValidationError: `invitation_withdrawn`, `no_address`, `round_not_open`, `answered`, `sent_lately` (within an
    hour, or one still waits), `too_many_mails`.
    """
    locked = lock_invitation(invitation)
    _require_mailable(locked)
    _require_round_announced(locked)
    requests = locked.mails.filter(kind=Kind.REQUEST, email=locked.email, bounced_at=None)
    failed = Job.objects.filter(key__in=[mail_key(row) for row in requests]).exclude(failed_at=None)
    given_up = set(failed.values_list("key", flat=True))
    lately = timezone.now() - SENT_AGAIN_AFTER
    for row in requests:
        if mail_key(row) in given_up:
            continue
        is_waiting = row.started_at is None and not row.waits_for_opening
        if is_waiting or (row.started_at and row.started_at > lately):
            raise ValidationError(
                _("%(name)s was sent the request within the last hour. Wait for a while before sending it again."),
                code="sent_lately",
                params={"name": str(locked)},
            )
    # What still waits for the opening is sent now instead.
    for row in requests:
        if row.started_at is None:
            row.delete()
    require_mails_left(locked.region, 1)
    ask_for_mail(locked, Kind.REQUEST, site=site, by=by)
    record(by, "round_invitation.sent_again", locked)


@transaction.atomic
def send_waiting(comment_round: CommentRound, *, by: User) -> int:
    """Send now what was to be sent at the opening; how many. ValidationError (`round_is_draft`, `round_not_open`)."""
    if comment_round.is_draft:
        raise ValidationError(_("Announce the round first: its links open nothing before that."), code="round_is_draft")
    if comment_round.is_over():
        raise ValidationError(_("The round has closed."), code="round_not_open")
    waiting = InvitationMail.objects.waiting().filter(
        waits_for_opening=True, invitation__withdrawn_at=None, invitation__round=comment_round
    )
    mails = list(waiting.select_for_update(of=("self",)).select_related("region"))
    for mail in mails:
        mail.waits_for_opening = False
        mail.save(update_fields=["waits_for_opening"])
        put_into_outbox(mail)
    if mails:
        record(by, "round_invitation.sent_now", comment_round, count=len(mails))
    return len(mails)


def lock_invitation(invitation: Invitation) -> Invitation:
    """The invitation's row, locked until the transaction ends, with its round, organisation and body."""
    return (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("round__version__document__region", "region", "organisation", "body")
        .defer("round__version__content")
        .get(pk=invitation.pk)
    )


def _require_mailable(invitation: Invitation) -> None:
    if invitation.withdrawn_at:
        raise ValidationError(_("This invitation has been withdrawn."), code="invitation_withdrawn")
    if not invitation.email:
        raise ValidationError(
            _("%(name)s has no e-mail address. Add it first."), code="no_address", params={"name": str(invitation)}
        )
    if not silent_in(invitation.round).filter(pk=invitation.pk).exists():
        raise ValidationError(_("%(name)s has answered already."), code="answered", params={"name": str(invitation)})


def _require_round_announced(invitation: Invitation) -> None:
    if invitation.round.is_draft:
        raise ValidationError(_("Announce the round first: its links open nothing before that."), code="round_is_draft")
    if timezone.now() >= invitation.deadline:
        raise ValidationError(_("The time for answering is over."), code="round_not_open")


# --- Reminding ----------------------------------------------------------------------------------------------


def silent_in(comment_round: CommentRound) -> QuerySet[Invitation]:
    """Invitations in force without an answer: neither by their links nor entered for their organisation."""
    answered = comment_round.statements.received().exclude(organisation=None).values("organisation")
    return Invitation.objects.unanswered().filter(round=comment_round).exclude(organisation__in=answered)


def last_day_of(invitation: Invitation) -> datetime.date:
    """The day on which one is reminded for the last time: that of the deadline, or the day before an early one."""
    return timezone.localdate(invitation.deadline - datetime.timedelta(hours=8))


def reminder_key(day: datetime.date) -> str:
    """By hand or by itself, nobody is reminded twice on one day."""
    return f"reminder-{day.isoformat()}"


@transaction.atomic
def remind(invitation: Invitation, *, by: User, site: str) -> InvitationMail:
    """Remind one who has not answered, by hand.

    Raises ValidationError: as `send_again`, and `holiday`, `not_sent`, `bounced`, `reminded_today`.
    """
    locked = lock_invitation(invitation)
    _require_mailable(locked)
    require_reminding(locked.round)
    if not locked.round.is_open() and timezone.now() >= locked.deadline:
        raise ValidationError(_("The time for answering is over."), code="round_not_open")
    if locked.sent_at is None:
        raise ValidationError(
            _("%(name)s has not been sent the request yet."), code="not_sent", params={"name": str(locked)}
        )
    if locked.bounced_at:
        raise ValidationError(
            _("The mail to %(name)s came back. Correct the address first."),
            code="bounced",
            params={"name": str(locked)},
        )
    require_mails_left(locked.region, 1)
    mail = _ask_for_reminder(locked, by=by, site=site)
    if mail is None:
        raise ValidationError(
            _("%(name)s has been reminded today already."), code="reminded_today", params={"name": str(locked)}
        )
    record(by, "round_invitation.reminded", locked)
    return mail


@transaction.atomic
def remind_all(comment_round: CommentRound, *, by: User, site: str) -> int:
    """Remind everybody who was sent the request and has not answered; those reminded today are left out. How many.

    Raises ValidationError: `holiday`, `round_not_open`, `too_many_mails`.
    """
    require_reminding(comment_round)
    rows = [row for row in remindable_in(comment_round) if timezone.now() < row.deadline]
    require_mails_left(comment_round.region, len(rows))
    asked = sum(_ask_for_reminder(row, by=by, site=site) is not None for row in rows)
    if asked:
        record(by, "round_invitation.all_reminded", comment_round, count=asked)
    return asked


def remindable_in(comment_round: CommentRound) -> list[Invitation]:
    """Who was sent the request at an address that works, and has not answered."""
    rows = silent_in(comment_round).filter(sent_at__isnull=False, bounced_at=None).exclude(email="")
    found = list(rows.select_related("organisation", "body", "region").order_by("pk"))
    for row in found:
        row.round = comment_round
    return found


def require_reminding(comment_round: CommentRound) -> None:
    """Refuse reminders while a round takes no answers, and in the holidays. `round_not_open`, `holiday`."""
    if comment_round.is_draft or timezone.now() < comment_round.opens_at:
        raise ValidationError(_("The round is not open."), code="round_not_open")
    if is_holiday(timezone.localdate()) and not comment_round.reminds_in_holidays:
        raise ValidationError(
            _("In July and from 23 December to 6 January nobody is reminded, unless you allow it for this round."),
            code="holiday",
        )


def _ask_for_reminder(invitation: Invitation, *, by: User | None, site: str) -> InvitationMail | None:
    today = timezone.localdate()
    kind = Kind.LAST_REMINDER if today >= last_day_of(invitation) else Kind.REMINDER
    return ask_for_mail(invitation, kind, site=site, by=by, key=reminder_key(today))


# --- What came back -----------------------------------------------------------------------------------------


@transaction.atomic
def note_bounce(mail: InvitationMail, *, reason: str) -> bool:
    """Note that a mail came back; the invitation is marked where it went to its present address.

    False where it was known already.
    """
    locked = InvitationMail.objects.select_for_update(of=("self",)).select_related("invitation").get(pk=mail.pk)
    if locked.bounced_at:
        return False
    locked.bounced_at = timezone.now()
    locked.bounce = " ".join(reason.split())[:LONGEST_BOUNCE]
    locked.save(update_fields=["bounced_at", "bounce"])
    if locked.kind != Kind.FORWARDED and locked.email == locked.invitation.email:
        Invitation.objects.filter(pk=locked.invitation_id).update(bounced_at=locked.bounced_at)
    return True


@transaction.atomic
def mark_bounced(invitation: Invitation, *, reason: str, by: User) -> None:
    """The coordinator saw a mail come back. ValidationError (`not_sent`)."""
    locked = lock_invitation(invitation)
    newest = locked.mails.filter(email=locked.email, sent_at__isnull=False).order_by("-pk").first()
    if newest is None:
        raise ValidationError(
            _("%(name)s has not been sent the request yet."), code="not_sent", params={"name": str(locked)}
        )
    note_bounce(newest, reason=reason)
    locked.bounced_at = timezone.now()
    locked.save(update_fields=["bounced_at"])
    record(by, "round_invitation.bounced", locked)


def prolong_links(comment_round: CommentRound) -> int:
    """Let the links of a round that was given more time live as long as those made now; how many were prolonged.

    What was withdrawn stays withdrawn. Safe to call often.
    """
    until = comment_round.closes_at + LIVES
    targets = comment_round.invitations.in_force().values("public_id")
    late = AccessLink.objects.filter(purpose=INVITATION, target__in=targets, withdrawn_at=None, expires_at__lt=until)
    return late.update(expires_at=until)


@transaction.atomic
def set_reminding(comment_round: CommentRound, *, reminds: bool, days: int, in_holidays: bool, by: User) -> None:
    """Say whether and when a round reminds by itself. Raises ValidationError as the model does."""
    locked = CommentRound.objects.select_for_update(of=("self",)).defer("version__content").get(pk=comment_round.pk)
    locked.reminds, locked.reminder_days, locked.reminds_in_holidays = reminds, days, in_holidays
    locked.validate_constraints()
    locked.save(update_fields=["reminds", "reminder_days", "reminds_in_holidays"])
    record(by, "round.changed", locked, fields=["reminds", "reminder_days", "reminds_in_holidays"])


def withdraw_links_of(invitation: Invitation, *, sent_to: str = "") -> int:
    """Let an invitation's links open nothing from now on: all, or those that were sent to one address."""
    rows = links_of([invitation])
    return links.withdraw_links(rows.filter(sent_to=sent_to) if sent_to else rows)
