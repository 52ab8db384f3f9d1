"""The addresses of the application, and an empty view for people who have signed in.

`/healthz` is the empty view of visitors: it asks nobody who they are. On a page of her own the middleware reads the
session and the person from the database before any view begins, so such a page is measured against a view behind that.
"""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from familycentre import urls
from familycentre.urls import handler400, handler500

__all__ = ["EMPTY", "handler400", "handler500", "urlpatterns"]

EMPTY = "/empty"


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns = [path(EMPTY.removeprefix("/"), empty), *urls.urlpatterns]
