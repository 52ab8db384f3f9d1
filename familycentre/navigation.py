"""The main navigation: only what the reader may open."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class NavigationItem:
    """One link of the main navigation."""

    label: str | Promise
    url: str
    current: bool = False


def main_navigation(request: HttpRequest) -> list[NavigationItem]:
    """The links for this reader, in order. A link is current on its own page and below it."""
    links = [(_("Front page"), reverse("home"))]
    if request.user.is_authenticated and request.user.is_staff:
        links.append((_("Administration"), reverse("admin:index")))
    links.append((_("About the service"), reverse("about")))
    front = reverse("home")
    return [
        NavigationItem(label, url, current=request.path == url or (url != front and request.path.startswith(url)))
        for label, url in links
    ]
