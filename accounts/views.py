"""Opening a mailed link."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.links import find_link, hold, page_of


@require_safe
@login_not_required
@never_cache
def link_open(request: HttpRequest, token: str) -> HttpResponse:
    """Swap the token for an entry in the session and go on to a clean address; nothing else happens.

    Also a token that opens nothing is sent on, so that it stays neither in the address bar nor in a log of errors. The
    page behind has the site's ordinary referrer policy: its address is clean, and its form could not be posted
    without an origin.
    """
    link = find_link(token)
    if link:
        hold(request, link)
    response = redirect(page_of(link) if link else "accounts:link-gone")
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
@login_not_required
def link_gone(request: HttpRequest) -> HttpResponse:
    """The link was used up, withdrawn, has expired or was cut in two by the mail program."""
    return render(request, "accounts/link_gone.html", status=410)
