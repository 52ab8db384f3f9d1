"""The main navigation: only what the reader may open."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regions.queries import own_regions_in_order

MOST_REGIONS = 3
"""Somebody in more regions than these finds them on her own desk, which is her front page."""


@dataclass(frozen=True)
class NavigationItem:
    """One link of the main navigation."""

    label: str | Promise
    url: str
    current: bool = False


def main_navigation(request: HttpRequest) -> list[NavigationItem]:
    """The links for this reader, in order. A link is current on its own page and below it."""
    front = reverse("home")
    links: list[tuple[str | Promise, str]] = [(_("Front page"), front)]
    if request.user.is_authenticated:
        regions = own_regions_in_order(request.user)
        if 0 < len(regions) <= MOST_REGIONS:
            links += [(region.name, reverse("region", args=[region.slug])) for region, _coordinates in regions]
            if len(regions) == 1 and regions[0][1]:
                links.append((_("Groups and members"), reverse("regions:people", args=[regions[0][0].slug])))
        else:
            links = [(_("My desk"), front)]
        if request.user.is_staff:
            links.append((_("Administration"), reverse("admin:index")))
    links.append((_("About the service"), reverse("about")))
    here = [url for _label, url in links if request.path == url or (url != front and request.path.startswith(url))]
    # Of two that lead here, as a region and its people, the nearer one.
    nearest = max(here, key=len, default="")
    return [NavigationItem(label, url, current=url == nearest) for label, url in links]
