"""What the browser may keep of our pages, and what it may send us."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import BadRequest
from django.http import HttpRequest, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure as csrf_failure_page

from accounts.http import asks_for_json


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


NUL = "\x00"


class NoNulMiddleware:
    """The sign NUL, which PostgreSQL cannot store or look for, never reaches a page.

    In an address or a cookie nobody writes it by accident: that is a bad request. In a form it is taken out, because a
    text pasted from another program may hold one that nobody sees, and the rest of it is not to be lost. Files are
    bytes and keep theirs.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if NUL in request.path_info or _has_nul(request.GET) or any(NUL in text for text in request.COOKIES.values()):
            raise BadRequest("NUL in the address or in a cookie")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> None:
        """Here and not before, so that a form sent to no page of ours is not read at all."""
        if request.method == "POST" and _has_nul(request.POST):
            request.POST = _without_nul(request.POST)  # type: ignore[assignment]  # replaced whole, as in Django


def _has_nul(sent: QueryDict) -> bool:
    return any(NUL in name or any(NUL in value for value in values) for name, values in sent.lists())


def _without_nul(sent: QueryDict) -> QueryDict:
    clean = QueryDict(mutable=True, encoding=sent.encoding)
    for name, values in sent.lists():
        clean.setlist(name.replace(NUL, ""), [value.replace(NUL, "") for value in values])
    clean._mutable = False
    return clean


def _is_script(request: HttpRequest) -> bool:
    """A script asks, for data or for a piece of the page: a whole page in the place of the piece would be wrong."""
    return asks_for_json(request) or request.headers.get("HX-Request") == "true"


class SignInMiddleware(LoginRequiredMiddleware):
    """Sends those who have not signed in to the sign-in. A script that saves is told so instead."""

    def handle_no_permission(  # type: ignore[override]  # the stubs know of a redirect only
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        if _is_script(request):
            return JsonResponse({"error": _("You have been signed out.")}, status=401)
        return super().handle_no_permission(request, view_func)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """The page that tells that a form had expired; a script gets a word by which it knows to fetch a new token."""
    if _is_script(request):
        return JsonResponse({"error": _("The form had expired"), "code": "csrf"}, status=403)
    return csrf_failure_page(request, reason)
