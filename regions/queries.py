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


def organisations_spoken_for(
    user: AnyUser, right: Mandate.Right, on: datetime.date | None = None
) -> QuerySet[Organisation]:
    """The organisations for which the user may sign or report on the date (today in Finland)."""
    if not user.is_active:
        return Organisation.objects.none()
    valid = Mandate.objects.valid_on(on).filter(user_id=user.pk, right=right)
    return Organisation.objects.filter(pk__in=valid.values("organisation_id"))
