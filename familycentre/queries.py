"""What the front page and a person's own page show, over several packages."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils import timezone

from documents.models import Document
from documents.services.publishing import public_now
from regions.models import Body, CollaborativeArea, Region
from regions.permissions import AnyUser
from regions.queries import bodies_of


@dataclass(frozen=True)
class PublishedDocument:
    """One line of the list of published plans."""

    title: str
    region_name: str
    url: str
    published_on: datetime.date


def published_documents() -> list[PublishedDocument]:
    """The published plans of every region, newest first; one query."""
    plans = public_now().filter(version__document__kind=Document.Kind.PLAN)
    return [
        PublishedDocument(
            title=str(row.version.document),
            region_name=row.region.name,
            url=row.version.get_absolute_url(),
            published_on=timezone.localdate(row.published_at),
        )
        for row in plans.select_related("region")
    ]


@dataclass(frozen=True)
class RegionGroup:
    """The regions of one collaborative area; `area` is None for those that belong to none."""

    area: CollaborativeArea | None
    regions: list[Region] = field(default_factory=list)


def regions_by_collaborative_area() -> list[RegionGroup]:
    """Every region under its collaborative area, in the order of their codes; one query."""
    groups: dict[int | None, RegionGroup] = {}
    for region in Region.objects.select_related("collaborative_area").order_by("code"):
        group = groups.setdefault(region.collaborative_area_id, RegionGroup(area=region.collaborative_area))
        group.regions.append(region)
    return sorted(groups.values(), key=lambda group: group.area is None)


@dataclass(frozen=True)
class OwnRegion:
    """A region where a person takes part, with the bodies in which she does."""

    region: Region
    bodies: list[Body] = field(default_factory=list)


def own_regions(user: AnyUser) -> list[OwnRegion]:
    """The regions and bodies of a person today, in the order of codes; one query."""
    return _by_region(bodies_of(user).order_by("region__code", "kind", "pk"))


def _by_region(bodies: Iterable[Body]) -> list[OwnRegion]:
    own: dict[int, OwnRegion] = {}
    for body in bodies:
        own.setdefault(body.region_id, OwnRegion(region=body.region)).bodies.append(body)
    return list(own.values())
