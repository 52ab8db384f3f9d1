"""Searching what the reader may see: on the whole site, or in one region."""

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from documents.search.finding import MOST, Search
from documents.search.question import LONGEST, read
from documents.views.finding import Crumbs
from regions.models import Region
from regions.permissions import Rights, rights_of

PER_PAGE = 20


@require_safe
@login_not_required
def search(request: HttpRequest) -> HttpResponse:
    """What the reader may see anywhere: `?q=perhekeskus`."""
    crumbs = [(_("Front page"), reverse("home")), (_("Search"), "")]
    return _page(request, rights_of(request.user), None, crumbs)


@require_safe
@login_not_required
def region_search(request: HttpRequest, region: str) -> HttpResponse:
    """What the reader may see in one region; who may not open the region's page may not open this either."""
    found = get_object_or_404(Region, slug=region)
    rights = rights_of(request.user)
    if not found.public and not rights.in_region(found):
        raise Http404
    crumbs = [
        (_("Front page"), reverse("home")),
        (found.name, reverse("region", args=[found.slug])),
        (_("Search"), ""),
    ]
    return _page(request, rights, found, crumbs)


def _page(request: HttpRequest, rights: Rights, region: Region | None, crumbs: Crumbs) -> HttpResponse:
    typed = request.GET.get("q", "").strip()
    question = read(typed)
    search = Search(question, rights, region) if question else None
    places = search.places() if search else []
    page = Paginator(places, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "region": region,
        "crumbs": crumbs,
        "typed": typed,
        "is_cut": len(typed) > LONGEST,
        "is_asked": bool(typed),
        "is_readable": question is not None,
        "count": len(places),
        "is_full": len(places) == MOST,
        "page_obj": page,
        "results": search.results(list(page.object_list), get_language() or "") if search else [],
        "longest": LONGEST,
        "site_url": reverse("documents:search"),
    }
    return render(request, "documents/search.html", context)
