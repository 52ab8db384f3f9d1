"""The request as our own views receive it."""

from django.conf import settings
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class Request(HttpRequest):
    """A request of someone who has signed in: the middleware has sent everybody else away. For annotations only."""

    user: User  # type: ignore[assignment]
    htmx: HtmxDetails


def asks_for_json(request: HttpRequest) -> bool:
    """A script of a page asks, not a person who opens an address; it could make nothing of a page."""
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def site_of(request: HttpRequest) -> str:
    """What the addresses in a mail begin with: "https://plans.example.fi", without a slash at the end.

    The address in the settings, because the host of a request is what the visitor's browser says. Where none is set,
    that host, which is one of those that the settings allow.
    """
    return settings.SITE_URL or f"{request.scheme}://{request.get_host()}"
