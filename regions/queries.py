"""Where a person takes part."""

import datetime

from django.db.models import QuerySet

from regions.models import Body, Mandate, Membership, Organisation, Region
from regions.models.geography import RegionQuerySet
from regions.permissions import AnyUser


def bodies_of(user: AnyUser, on: datetime.date | None = None) -> QuerySet[Body]:
    """The bodies in which the user is a member on the date (today in Finland), with their region."""
    return Body.objects.of_member(user.pk if user.is_active else None, on).select_related("region")


def regions_of(user: AnyUser, on: datetime.date | None = None) -> RegionQuerySet:
    """The regions where the user is a member of some body on the date (today in Finland)."""
    if not user.is_active:
        return Region.objects.none()
    valid = Membership.objects.valid_on(on).filter(user_id=user.pk)
    return Region.objects.filter(pk__in=valid.order_by().values("region_id"))


def own_regions_in_order(user: AnyUser) -> list[tuple[Region, bool]]:
    """The regions where the user takes part today, in the order of codes; of each, whether she coordinates it.

    One plain query, because every page asks it for its menu.
    """
    if not user.is_active:
        return []
    own: dict[int, tuple[Region, bool]] = {}
    for row in Membership.objects.valid_on().filter(user_id=user.pk).select_related("region").order_by("region__code"):
        _region, coordinates = own.get(row.region_id, (row.region, False))
        own[row.region_id] = row.region, coordinates or row.body_id == row.region.coordinating_body_id
    return list(own.values())


def organisations_spoken_for(
    user: AnyUser, right: Mandate.Right, on: datetime.date | None = None
) -> QuerySet[Organisation]:
    """The organisations for which the user may sign or report on the date (today in Finland)."""
    if not user.is_active:
        return Organisation.objects.none()
    valid = Mandate.objects.valid_on(on).filter(user_id=user.pk, right=right)
    return Organisation.objects.filter(pk__in=valid.values("organisation_id"))
