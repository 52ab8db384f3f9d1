"""Inviting people into bodies by mail, and everything until they have come in."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import links
from accounts.models import AccessLink, User
from audit.services import record
from jobs.models import Job
from jobs.services import enqueue
from regions.models import Body, Membership, Organisation, Region
from regions.services import add_member, lock_region, locked_membership, require_another_coordinator

PURPOSE = "invitation"
MAIL = "mail_invitation"
"""The kind of job that sends one. It makes the link when it runs: no token waits in the outbox."""

LIVES = datetime.timedelta(days=30)
SENT_AGAIN_AFTER = datetime.timedelta(hours=1)
MOST_MAILS_A_DAY = 500
"""In one region: more than any region's whole network, far less than what somebody who got hold of a coordinator's
account would want to send."""
MOST_AT_ONCE = 60
KEPT = datetime.timedelta(days=90)
"""How long a link that opens nothing any more is kept, with the address it was sent to."""


@dataclass(frozen=True)
class Person:
    """Somebody to be invited, as the coordinator wrote her down."""

    email: str
    name: str = ""


@dataclass
class Invited:
    """What came of inviting: the new memberships, and those who were members already."""

    memberships: list[Membership] = field(default_factory=list)
    already: list[User] = field(default_factory=list)


# --- Inviting -----------------------------------------------------------------------------------------------


@transaction.atomic
def invite(
    body: Body,
    people: Sequence[Person],
    *,
    by: User,
    site: str,
    language: str,
    role: Membership.Role = Membership.Role.MEMBER,
    represents: Organisation | None = None,
    starts_on: datetime.date | None = None,
    ends_on: datetime.date | None = None,
) -> Invited:
    """Make people members of a body and ask for a mail to each, in one transaction.

    Somebody without an account gets one without a password; `language` is that account's first language and of its
    mail, others get theirs in their own. `site` is the address that the mail's link begins with
    (`https://plans.example.fi`). Who is a member in these days is left alone and told. Locks the region, so that two
    coordinators who invite the same person at once invite her once.
    Raises ValidationError for all of it: `account_closed`, `too_many_mails`, and those of `add_member`.
    """
    first_day = starts_on or timezone.localdate()
    done = Invited()
    lock_region(body.region_id)
    require_mails_left(body.region, len(people))
    for person in people:
        user = account_for(person, language=language, by=by)
        if body.memberships.filter(user=user).overlapping(first_day, ends_on).exists():
            done.already.append(user)
            continue
        membership = add_member(
            body, user=user, by=by, role=role, represents=represents, starts_on=first_day, ends_on=ends_on
        )
        ask_for_mail(membership, by=by, site=site)
        done.memberships.append(membership)
    return done


def account_for(person: Person, *, language: str, by: User | None) -> User:
    """The account of an address, whatever its case; a new one without a password when there is none.

    ValidationError (`account_closed`) when the account was closed: only an administrator opens it again.
    """
    user = find_account(person.email)
    if user is None:
        try:
            with transaction.atomic():
                user = User.objects.create_user(person.email, name=person.name[:150], language=language)
        except IntegrityError:  # somebody else invited her at the same moment
            user = User.objects.get_by_natural_key(person.email)
        else:
            record(by, "user.added", user)
    if not user.is_active:
        raise ValidationError(
            _("The account of %(email)s has been closed. Ask the administrator to open it."),
            code="account_closed",
            params={"email": person.email},
        )
    return user


def find_account(email: str) -> User | None:
    """The person of an address: her own, or another one that she has confirmed."""
    found = User.objects.filter(email__iexact=email).first()
    if found is None:
        other = EmailAddress.objects.filter(email__iexact=email, verified=True).select_related("user").first()
        found = other.user if other else None
    return found


def mail_key(membership: Membership) -> str:
    """The outbox's key of the mail to a member: while one waits, no second one is added."""
    return f"invitation-{membership.public_id}"


def ask_for_mail(membership: Membership, *, by: User, site: str) -> Job:
    """Put an invitation into the outbox, in the caller's transaction."""
    payload = {"membership": membership.pk, "by": by.pk, "site": site, "region_code": membership.region.code}
    job = enqueue(MAIL, payload, key=mail_key(membership))
    record(by, "invitation.asked", membership, user=membership.user_id)
    return job


def require_mails_left(region: Region, count: int) -> None:
    """Refuse more invitations than MOST_MAILS_A_DAY. ValidationError (`too_many_mails`)."""
    since = timezone.now() - datetime.timedelta(days=1)
    sent = Job.objects.filter(kind=MAIL, region_code=region.code, created_at__gte=since).count()
    if sent + count > MOST_MAILS_A_DAY:
        raise ValidationError(
            _("So many invitations have been sent from the region today that no more can be sent before tomorrow."),
            code="too_many_mails",
        )


# --- Sending again ------------------------------------------------------------------------------------------


@transaction.atomic
def send_again(membership: Membership, *, by: User, site: str) -> None:
    """Ask for the invitation once more; the earlier link keeps working until one of them is used.

    Raises ValidationError: `has_come_in`, `membership_over`, `sent_lately` (within an hour), `too_many_mails`.
    """
    locked = locked_membership(membership)
    user = User.objects.get(pk=locked.user_id)
    if user.last_login is not None:
        raise ValidationError(_("%(name)s has already come in."), code="has_come_in", params={"name": str(user)})
    if locked.ends_on and locked.ends_on < timezone.localdate():
        raise ValidationError(_("This membership has already ended."), code="membership_over")
    newest = Job.objects.filter(key=mail_key(locked)).order_by("-pk").first()
    if newest and newest.failed_at is None and newest.created_at > timezone.now() - SENT_AGAIN_AFTER:
        raise ValidationError(
            _("%(name)s was sent an invitation within the last hour. Wait for a while before sending it again."),
            code="sent_lately",
            params={"name": str(user)},
        )
    require_mails_left(locked.region, 1)
    ask_for_mail(locked, by=by, site=site)


# --- Withdrawing --------------------------------------------------------------------------------------------


def can_be_withdrawn(membership: Membership) -> bool:
    """Only what was never answered: somebody who can sign in has a membership, and that is ended."""
    user = membership.user
    return user.last_login is None and not user.has_usable_password()


@transaction.atomic
def withdraw(membership: Membership, *, by: User) -> None:
    """Take back an invitation that was not answered: the links open nothing, and the membership was never in force.

    An account that was made for it and holds nothing else goes too: its address is somebody's personal data, perhaps
    mistyped. A mail that still waits finds no membership and is not sent. ValidationError: `has_come_in`,
    `last_coordinator`.
    """
    locked = locked_membership(membership)
    user = User.objects.select_for_update(of=("self",)).get(pk=locked.user_id)
    locked.user = user
    if not can_be_withdrawn(locked):
        raise ValidationError(_("%(name)s has already come in."), code="has_come_in", params={"name": str(user)})
    require_another_coordinator(locked, first_day=timezone.localdate())
    links.withdraw_links(invitation_links([locked]))
    user_pk = user.pk
    locked.delete()
    record(by, "invitation.withdrawn", locked, user=user_pk, account_deleted=_delete_unused(user))


def _delete_unused(user: User) -> bool:
    """Delete an account that nobody has come in by and that nothing else needs."""
    if user.memberships.exists() or user.mandates.exists() or user.is_staff or user.is_superuser:
        return False
    try:
        with transaction.atomic():
            user.delete()
    except ProtectedError:  # something of hers stands in a document
        return False
    return True


def invitation_links(memberships: Iterable[Membership]) -> QuerySet[AccessLink]:
    """Every invitation that was ever sent for these memberships and is kept."""
    return AccessLink.objects.filter(purpose=PURPOSE, target__in=[row.public_id for row in memberships])


# --- Coming in ----------------------------------------------------------------------------------------------


def invited_membership(link: AccessLink) -> Membership | None:
    """The membership that a link invites to, if it may still be answered by choosing a password.

    Not when the person has chosen one already, the membership is over, or the address was changed since.
    """
    rows = Membership.objects.not_over().select_related("user", "body", "region")
    membership = rows.filter(public_id=link.target).first()
    if membership is None or not membership.user.is_active or not can_be_withdrawn(membership):
        return None
    return membership if membership.user.email.lower() == link.sent_to.lower() else None


@transaction.atomic
def accept(link: AccessLink, *, name: str, language: str, password: str) -> User:
    """Let an invited person choose name, language and password, once.

    Locks the person and then the link, uses up the link and ends her other invitations' links; the address counts as
    confirmed, because the link came by mail to it. ValidationError (`link_used`) when the link opens nothing any more.
    """
    found = invited_membership(link)
    # The person before the link, as withdrawing does; then everything is looked at again.
    user = User.objects.select_for_update(of=("self",)).filter(pk=found.user_id).first() if found else None
    membership = invited_membership(link) if user else None
    if user is None or membership is None:
        raise ValidationError(_("This link does not work any more."), code="link_used")
    links.use(link)
    user.name, user.language = name, language
    user.set_password(password)
    user.save(update_fields=["name", "language", "password"])
    EmailAddress.objects.update_or_create(
        user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
    )
    links.withdraw_links(invitation_links(user.memberships.all()))
    record(user, "invitation.accepted", membership, user=user.pk)
    return user


# --- How far it is ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """Whether a member has come in, and if not, what became of the invitation."""

    state: str
    """came_in, waiting, failed, invited, expired or not_invited"""
    at: datetime.datetime | None = None
    """When she was last in; when the mail was sent or was to be sent."""
    expires_at: datetime.datetime | None = None

    @property
    def has_come_in(self) -> bool:
        return self.state == "came_in"


def standings(memberships: Sequence[Membership]) -> dict[int, Standing]:
    """The standing of each membership, by its key; two queries. Give the memberships with their users."""
    waiting = [row for row in memberships if row.user.last_login is None]
    newest_link: dict[str, AccessLink] = {}
    for link in invitation_links(waiting).filter(withdrawn_at=None, used_at=None).order_by("created_at"):
        newest_link[link.target] = link
    newest_job: dict[str, Job] = {}
    jobs = Job.objects.filter(key__in=[mail_key(row) for row in waiting]).defer("payload", "error")
    for job in jobs.order_by("pk"):
        newest_job[job.key] = job
    return {
        row.pk: _standing(row, newest_link.get(row.public_id), newest_job.get(mail_key(row))) for row in memberships
    }


def _standing(membership: Membership, link: AccessLink | None, job: Job | None) -> Standing:
    if membership.user.last_login:
        return Standing("came_in", membership.user.last_login)
    if job and (job.failed_at or job.is_open):
        return Standing("failed", job.failed_at) if job.failed_at else Standing("waiting", job.created_at)
    if link:
        state = "expired" if link.expires_at <= timezone.now() else "invited"
        return Standing(state, link.created_at, link.expires_at)
    return Standing("invited", job.finished_at) if job else Standing("not_invited")
