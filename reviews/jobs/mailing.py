"""Requests and what else is mailed about an invitation."""

import datetime
import smtplib

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import links
from accounts.models import AccessLink
from jobs.jobs import send_mail
from jobs.registry import Payload, handler
from jobs.services import new_message_id
from reviews.answering.holding import INVITATION
from reviews.inviting.codes import make_code
from reviews.inviting.mails import invitation_mail
from reviews.models import Invitation, InvitationMail
from reviews.services.sending import (
    MAIL,
    enqueue_waiting,
    expires_at,
    note_bounce,
    silent_in,
)

Kind = InvitationMail.Kind
HALF_DONE = datetime.timedelta(minutes=10)
"""After this a mail whose sending began and did not end was cut off: its worker is dead."""


@handler(MAIL)
def mail_round_invitation(payload: Payload) -> None:
    """Send one mail about an invitation, once.

    Its row says that the sending has begun before anything leaves, so that work done twice sends nothing twice; where a
    worker died in between, the row says so and a person decides. The link and the code are made here, so that they are
    in the mail and nowhere else; when the mail cannot be sent they go too. A refusal for good by the mail server is a
    mail that came back; any other failure is tried again by the outbox.
    """
    mail = _begin(payload["pk"])
    if mail is None:
        return
    try:
        made = _links(mail)
    except Exception:
        _let_wait(mail)
        raise
    link, token, code_link, code = made
    try:
        written = invitation_mail(mail, token=token, code=code) | {"message_id": mail.message_id}
        send_mail(written)
    except Exception as error:
        AccessLink.objects.filter(pk__in=[link.pk, code_link.pk]).delete()
        reason = refusal(error)
        if not reason:
            _let_wait(mail)
            raise
        note_bounce(mail, reason=reason)
        return
    _note_sent(mail, link)


def _begin(pk: int) -> InvitationMail | None:
    """Take a mail to be sent; None where it was sent, came back, or need not be sent any more."""
    now = timezone.now()
    with transaction.atomic():
        mail = (
            InvitationMail.objects.select_for_update(of=("self",))
            .select_related(
                "invitation__round__version__document__region",
                "invitation__organisation",
                "invitation__body",
                "region",
            )
            .defer("invitation__round__version__content")
            .filter(pk=pk)
            .first()
        )
        if mail is None or mail.sent_at or mail.bounced_at:
            return None
        if mail.started_at:
            if mail.started_at > now - HALF_DONE:
                return None
            reason = _("The sending was cut off, and nobody knows whether the mail left. Send it again if it did not.")
            note_bounce(mail, reason=reason)
            return None
        if not _is_wanted(mail, now):
            return None
        mail.started_at = now
        mail.message_id = new_message_id()
        mail.save(update_fields=["started_at", "message_id"])
    return mail


def _is_wanted(mail: InvitationMail, now: datetime.datetime) -> bool:
    """Not withdrawn meanwhile, not too late, and, for a reminder, not answered."""
    invitation = mail.invitation
    comment_round = invitation.round
    if invitation.withdrawn_at or comment_round.is_draft:
        return False
    if mail.waits_for_opening and now < comment_round.opens_at:
        return False
    if mail.kind == Kind.FORWARDED:
        return now < expires_at(invitation)
    if now >= invitation.deadline:
        return False
    is_reminder = mail.kind in (Kind.REMINDER, Kind.LAST_REMINDER)
    return not is_reminder or silent_in(comment_round).filter(pk=invitation.pk).exists()


def _links(mail: InvitationMail) -> tuple[AccessLink, str, AccessLink, str]:
    until = expires_at(mail.invitation)
    link, token = links.make_link(
        INVITATION, mail.invitation.public_id, sent_to=mail.email, by=mail.asked_by, expires_at=until
    )
    code_link, code = make_code(mail.invitation, sent_to=mail.email, by=mail.asked_by, expires_at=until)
    return link, token, code_link, code


def refusal(error: Exception) -> str:
    """Why the mail server will never take this mail to this address; nothing where it may later, or for others."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = list(error.recipients.values())
        if answers and all(500 <= code < 600 for code, _text in answers):
            return _said(*answers[0])
    elif isinstance(error, smtplib.SMTPDataError) and 500 <= error.smtp_code < 600:
        return _said(error.smtp_code, error.smtp_error)
    return ""


def _said(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {words}"


def _let_wait(mail: InvitationMail) -> None:
    InvitationMail.objects.filter(pk=mail.pk).update(started_at=None)


@transaction.atomic
def _note_sent(mail: InvitationMail, link: AccessLink) -> None:
    now = timezone.now()
    InvitationMail.objects.filter(pk=mail.pk).update(sent_at=now, link=link)
    invitations = Invitation.objects.filter(pk=mail.invitation_id)
    if mail.kind == Kind.REQUEST:
        invitations.filter(sent_at=None).update(sent_at=now)
        invitations.filter(email=mail.email).update(bounced_at=None)
    elif mail.kind != Kind.FORWARDED:
        invitations.update(reminded_at=now)


@handler("send_waiting_requests", every=datetime.timedelta(minutes=5))
def send_waiting_requests(payload: Payload) -> None:
    """Put into the outbox the requests of rounds that have opened."""
    enqueue_waiting()
