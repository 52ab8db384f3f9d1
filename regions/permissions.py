"""Who may do what in a region. Every right follows from being a member of a body on the date."""

import datetime
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import F

from regions.models import Body, Mandate, Membership, Organisation, Region

AnyUser = AbstractBaseUser | AnonymousUser


@dataclass(frozen=True)
class Rights:
    """What one person's memberships give on one date; read once per request and passed on."""

    user_id: int | None = None
    body_ids: frozenset[int] = frozenset()
    region_ids: frozenset[int] = frozenset()
    coordinating_region_ids: frozenset[int] = frozenset()

    def in_body(self, body: Body | None) -> bool:
        return body is not None and body.pk in self.body_ids

    def in_region(self, region: Region) -> bool:
        return region.pk in self.region_ids

    def coordinates(self, region: Region) -> bool:
        return region.pk in self.coordinating_region_ids


def rights_of(user: AnyUser, on: datetime.date | None = None) -> Rights:
    """All that the user's memberships give on the date (today in Finland), in one query."""
    if not user.is_authenticated or not user.is_active:
        return Rights()
    rows = list(
        Membership.objects.valid_on(on)
        .filter(user_id=user.pk)
        .order_by()
        .values_list("body_id", "region_id", "body__region__coordinating_body_id")
    )
    return Rights(
        user_id=user.pk,
        body_ids=frozenset(body_id for body_id, _region_id, _coordinating_id in rows),
        region_ids=frozenset(region_id for _body_id, region_id, _coordinating_id in rows),
        coordinating_region_ids=frozenset(
            region_id for body_id, region_id, coordinating_id in rows if body_id == coordinating_id
        ),
    )


def member_of(user: AnyUser, body: Body, on: datetime.date | None = None) -> bool:
    """Is the user a member of the body on the date (today in Finland)?"""
    if not user.is_authenticated or not user.is_active:
        return False
    return Membership.objects.valid_on(on).filter(user_id=user.pk, body=body).exists()


def is_coordinator(user: AnyUser, region: Region, on: datetime.date | None = None) -> bool:
    """Is the user a member of the region's coordinating body on the date (today in Finland)?"""
    if not user.is_authenticated or not user.is_active:
        return False
    return (
        Membership.objects.valid_on(on)
        .filter(user_id=user.pk, body__region=region, body__region__coordinating_body=F("body"))
        .exists()
    )


def can_manage_region(user: AnyUser, region: Region) -> bool:
    """May the user set up the region's bodies, members, templates and documents?

    Its coordinators may, and administrators, who can do so in the admin anyway.
    """
    if user.is_authenticated and user.is_active and getattr(user, "is_superuser", False):
        return True
    return is_coordinator(user, region)


def has_mandate(
    user: AnyUser, organisation: Organisation, right: Mandate.Right, on: datetime.date | None = None
) -> bool:
    """May the user speak for the organisation in this way on the date (today in Finland)?"""
    if not user.is_authenticated or not user.is_active:
        return False
    return Mandate.objects.valid_on(on).filter(user_id=user.pk, organisation=organisation, right=right).exists()
