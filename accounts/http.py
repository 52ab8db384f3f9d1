"""The request as our own views receive it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class Request(HttpRequest):
    """A request of someone who has signed in: the middleware has sent everybody else away. For annotations only."""

    user: User  # type: ignore[assignment]
    htmx: HtmxDetails
