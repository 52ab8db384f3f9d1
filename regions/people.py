"""What the pages of a region's people show."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from regions.invitations import Standing, can_be_withdrawn, standings
from regions.models import Body, Meeting, Membership, Region
from regions.permissions import Rights

MOST_PAST = 50
_ORDER = {Membership.Role.CHAIR: 0, Membership.Role.SECRETARY: 1, Membership.Role.MEMBER: 2}


@dataclass(frozen=True)
class BodyRow:
    """A body in the list of a region's bodies."""

    body: Body
    members: int
    not_come_in: int


@dataclass(frozen=True)
class KindOfBodies:
    """The bodies of one kind."""

    key: str
    label: str
    rows: list[BodyRow]


def bodies_by_kind(region: Region, rights: Rights) -> list[KindOfBodies]:
    """The bodies that the reader may open, by kind: all for coordinators, else her own; one query."""
    today = timezone.localdate()
    valid = Q(memberships__starts_on__lte=today) & (Q(memberships__ends_on=None) | Q(memberships__ends_on__gte=today))
    coming = Q(memberships__ends_on=None) | Q(memberships__ends_on__gte=today)
    never = Q(memberships__user__last_login=None, memberships__user__is_active=True)
    rows = Body.objects.filter(region=region).select_related("area", "municipality")
    if not rights.coordinates(region):
        rows = rows.filter(pk__in=rights.body_ids)
    counted = rows.annotate(
        members=Count("memberships__user", filter=valid, distinct=True),
        not_come_in=Count("memberships__user", filter=coming & never, distinct=True),
    )
    found: dict[str, list[BodyRow]] = {}
    for body in counted.order_by("name", "pk"):
        found.setdefault(body.kind, []).append(BodyRow(body, body.members, body.not_come_in))
    return [KindOfBodies(kind.value, str(kind.label), found[kind]) for kind in Body.Kind if kind in found]


@dataclass(frozen=True)
class Member:
    """A member in the table of a body; `standing` is for coordinators alone."""

    membership: Membership
    standing: Standing | None
    may_withdraw: bool
    is_self: bool

    @property
    def begins_later(self) -> bool:
        return self.membership.starts_on > timezone.localdate()

    @property
    def state(self) -> str:
        """How far she is, in words."""
        return _state(self.standing) if self.standing else ""


def _state(standing: Standing) -> str:
    day = _day(standing.at)
    match standing.state:
        case "came_in":
            return _("Last came in on %(date)s") % {"date": day}
        case "waiting":
            return _("The invitation is being sent")
        case "failed":
            return _("The mail could not be sent (%(date)s). Check the address.") % {"date": day}
        case "expired":
            return _("Invited on %(date)s; the link has expired") % {"date": day}
        case "invited":
            return _("Not come in; invited on %(date)s") % {"date": day}
    return _("Not come in; no invitation has been sent lately")


def _day(at: datetime.datetime | None) -> str:
    return formats.date_format(timezone.localtime(at), "SHORT_DATE_FORMAT") if at else ""


@dataclass(frozen=True)
class Members:
    """The members of a body: those of now and of later, and those of before."""

    present: list[Member]
    past: list[Membership]
    more_past: bool

    @property
    def to_remind(self) -> list[Member]:
        """Who has not come in and could be sent the invitation again."""
        return [row for row in self.present if row.standing and not row.standing.has_come_in]


def members_of(body: Body, *, reader_id: int, coordinates: bool) -> Members:
    """The members of a body; two queries, and two more for a coordinator."""
    rows = Membership.objects.filter(body=body).select_related("user", "represents", "body", "region")
    present = sorted(
        rows.not_over(), key=lambda row: (_ORDER[Membership.Role(row.role)], str(row.user).casefold(), row.starts_on)
    )
    past = list(rows.filter(ends_on__lt=timezone.localdate()).order_by("-ends_on", "pk")[: MOST_PAST + 1])
    return Members(
        present=_with_standings(present, reader_id) if coordinates else [_plain(row, reader_id) for row in present],
        past=past[:MOST_PAST],
        more_past=len(past) > MOST_PAST,
    )


@dataclass(frozen=True)
class NotComeIn:
    """A person who has not come in: her newest membership in the region, and the bodies that wait for her."""

    member: Member
    bodies: list[Body]


def not_come_in(region: Region, *, reader_id: int) -> list[NotComeIn]:
    """Everybody in a region who has not come in, each person once, by name; three queries."""
    rows = _not_come_in(region).select_related("user", "represents", "body", "region").order_by("pk")
    by_person: dict[int, list[Membership]] = {}
    for row in rows:
        by_person.setdefault(row.user_id, []).append(row)
    newest = _with_standings([own[-1] for own in by_person.values()], reader_id)
    found = [NotComeIn(one, [row.body for row in by_person[one.membership.user_id]]) for one in newest]
    return sorted(found, key=lambda one: str(one.member.membership.user).casefold())


def count_not_come_in(region: Region) -> int:
    """How many people in a region have not come in; one query."""
    return _not_come_in(region).values("user").distinct().count()


def _not_come_in(region: Region) -> QuerySet[Membership]:
    return Membership.objects.not_over().not_come_in().filter(region=region)


def _with_standings(rows: Sequence[Membership], reader_id: int) -> list[Member]:
    known = standings(rows)
    return [
        Member(row, known[row.pk], may_withdraw=can_be_withdrawn(row), is_self=row.user_id == reader_id) for row in rows
    ]


def _plain(row: Membership, reader_id: int) -> Member:
    return Member(row, None, may_withdraw=False, is_self=row.user_id == reader_id)


def members_in_region(region: Region) -> list[Membership]:
    """The memberships of today and later in a region, of people whose account is open; one query."""
    rows = Membership.objects.not_over().filter(region=region, user__is_active=True)
    return list(rows.select_related("user").order_by("user__name", "user__email", "pk"))


def meetings_of(body: Body) -> tuple[list[Meeting], list[Meeting]]:
    """The coming meetings of a body, the next one first, and the ten latest that were held; one query."""
    now = timezone.now()
    meetings = list(Meeting.objects.filter(body=body).order_by("-starts_at")[:60])
    coming = [row for row in meetings if row.starts_at >= now]
    return coming[::-1], [row for row in meetings if row.starts_at < now][:10]


def own_memberships(user_id: int) -> list[Membership]:
    """Where a person is or will be a member, region by region; one query."""
    rows = Membership.objects.not_over().filter(user_id=user_id).select_related("body", "region", "represents")
    return list(rows.order_by("region__code", "body__name", "pk"))
