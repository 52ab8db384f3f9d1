"""What the browser may keep of our pages."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control


class PrivatePagesMiddleware:
    """Pages of a person's own are asked for anew each time, and leave a shared computer when she signs out.

    They may be kept for the way back, because a form that was being filled in comes back from there. Nothing here asks
    the database: the page that tells of its failure passes through too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        if has_session and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_cache=True)
        place = request.resolver_match
        if place and place.view_name == "account_logout" and request.method == "POST":
            response.headers["Clear-Site-Data"] = '"cache"'
        return response
