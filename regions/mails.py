"""The words of the mails to members of bodies, each in its receiver's language."""

import datetime

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.links import link_path
from accounts.models import User
from jobs.registry import Payload
from jobs.services import mail_payload
from regions.models import Membership


def invitation_mail(
    membership: Membership, *, by: User | None, site: str, token: str, expires_at: datetime.datetime
) -> Payload:
    """To somebody who has no password yet, with the link that lets her choose one."""
    user = membership.user
    with override(user.language):
        names = _names(membership, by)
        paragraphs = [
            _greeting(user),
            _("%(sender)s invites you to the group “%(body)s” of %(region)s.") % names,
            *_terms(membership),
            _(
                "The group works in Family Centre, where the handbooks and the action plan of the region’s family "
                "centres are written. Choose your password by this link, at the latest on %(date)s:"
            )
            % {"date": _date(timezone.localdate(expires_at))},
            site + link_path(token, user.language),
            _(
                "The link is yours alone: do not forward it. If you do not know what this is about, do nothing, or "
                "answer this message."
            ),
            *_signature(by),
        ]
        subject = _("Invitation to the group “%(body)s”") % names
    return _payload(membership, by, subject, paragraphs)


def notice_mail(membership: Membership, *, by: User | None, site: str) -> Payload:
    """To somebody who has an account: she is a member of one more group."""
    user = membership.user
    with override(user.language):
        names = _names(membership, by)
        paragraphs = [
            _greeting(user),
            _("%(sender)s has added you to the group “%(body)s” of %(region)s.") % names,
            *_terms(membership),
            _("Sign in to Family Centre with your own password; what the group writes is on your desk:"),
            site + reverse("home"),
            _("If this is a mistake, answer this message."),
            *_signature(by),
        ]
        subject = _("You are now in the group “%(body)s”") % names
    return _payload(membership, by, subject, paragraphs)


def ended_mail(membership: Membership, *, by: User | None) -> Payload:
    """To somebody whose membership ends, with the last day."""
    user = membership.user
    with override(user.language):
        names = _names(membership, by)
        paragraphs = [
            _greeting(user),
            _("Your membership in the group “%(body)s” of %(region)s ends on %(date)s.")
            % {**names, "date": _date(membership.ends_on or timezone.localdate())},
            _("After that day you no longer see the group’s drafts. What you have written stays. Thank you!"),
            _("If this is a mistake, answer this message."),
            *_signature(by),
        ]
        subject = _("Your membership in the group “%(body)s” ends") % names
    return _payload(membership, by, subject, paragraphs)


def left_mail(membership: Membership, *, to: User, site: str) -> Payload:
    """To a coordinator: somebody has left a group by herself, and what she holds waits for somebody."""
    with override(to.language):
        names = _names(membership, membership.user)
        page = [membership.region.slug, membership.body.public_id]
        paragraphs = [
            _greeting(to),
            _("%(sender)s is leaving the group “%(body)s” of %(region)s. The last day of the membership is %(date)s.")
            % {**names, "date": _date(membership.ends_on or timezone.localdate())},
            _("What the person holds stays as it is. Look at it and hand it over here:"),
            site + reverse("regions:member-hand-over", args=[*page, membership.public_id]),
            _("On the group’s page you can invite somebody else:"),
            site + reverse("regions:body", args=page),
        ]
        subject = _("%(sender)s is leaving the group “%(body)s”") % names
    return _payload(membership, membership.user, subject, paragraphs, to=to)


def _payload(
    membership: Membership, by: User | None, subject: str, paragraphs: list[str], *, to: User | None = None
) -> Payload:
    return mail_payload(
        [(to or membership.user).email],
        subject=subject,
        text="\n\n".join(paragraphs) + "\n",
        from_name=str(by) if by else membership.region.name,
        reply_to=[by.email] if by else [],
        region_code=membership.region.code,
    )


def _names(membership: Membership, by: User | None) -> dict[str, str]:
    region = membership.region.name
    return {"sender": str(by) if by else region, "body": membership.body.name, "region": region}


def _greeting(user: User) -> str:
    return _("Hello %(name)s,") % {"name": user.name} if user.name else _("Hello,")


def _terms(membership: Membership) -> list[str]:
    """Whom she represents and from when until when, where that needs saying."""
    lines = []
    if membership.role != Membership.Role.MEMBER:
        lines.append(_("Your role: %(role)s.") % {"role": membership.get_role_display()})
    if membership.represents:
        lines.append(_("You represent: %(organisation)s.") % {"organisation": membership.represents.name})
    if membership.starts_on > timezone.localdate():
        lines.append(_("The membership begins on %(date)s.") % {"date": _date(membership.starts_on)})
    if membership.ends_on:
        lines.append(_("The last day of the membership is %(date)s.") % {"date": _date(membership.ends_on)})
    return ["\n".join(lines)] if lines else []


def _signature(by: User | None) -> list[str]:
    return [f"{by}\n{by.email}"] if by else []


def _date(day: datetime.date) -> str:
    return formats.date_format(day, "SHORT_DATE_FORMAT")
