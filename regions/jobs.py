"""Mail to members of bodies, and forgetting what is not needed: of it, and of files."""

import datetime

from django.utils import timezone

from accounts import links
from accounts.models import User
from jobs.jobs import send_mail
from jobs.registry import Payload, handler
from regions.invitations import KEPT, LIVES, MAIL, PURPOSE, can_be_withdrawn
from regions.mails import invitation_mail, notice_mail
from regions.models import Membership
from regions.sweeping import sweep_files


@handler(MAIL)
def mail_invitation(payload: Payload) -> None:
    """Mail a member: the way in for somebody who has no password yet, else the news of the membership.

    The link is made here, so that its token is in the mail and nowhere else. When the mail cannot be sent, the link
    goes too; when the work is done twice, both links work.
    """
    rows = Membership.objects.not_over().select_related("user", "body__region", "represents")
    membership = rows.filter(pk=payload["membership"]).first()
    if membership is None or not membership.user.is_active:
        return  # withdrawn or ended meanwhile
    by = User.objects.filter(pk=payload["by"]).first()
    if not can_be_withdrawn(membership):
        send_mail(notice_mail(membership, by=by, site=payload["site"]))
        return
    link, token = links.make_link(
        PURPOSE, membership.public_id, sent_to=membership.user.email, by=by, expires_at=timezone.now() + LIVES
    )
    try:
        send_mail(invitation_mail(membership, by=by, site=payload["site"], token=token, expires_at=link.expires_at))
    except Exception:
        link.delete()
        raise


@handler("forget_invitations", every=datetime.timedelta(days=1))
def forget_invitations(payload: Payload) -> None:
    """Delete what is kept of invitations that stopped working long ago, addresses among it."""
    links.forget_links(PURPOSE, before=timezone.now() - KEPT)


@handler("sweep_files", every=datetime.timedelta(days=1))
def sweep(payload: Payload) -> None:
    """Remove the bytes that no stored file names any more."""
    sweep_files()
