"""The site's own pages: front page, a person's desk, notices, health, errors, the gallery."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from familycentre.accent import accent_css
from familycentre.gallery import gallery_context
from familycentre.queries import own_regions, published_documents, regions_by_collaborative_area
from regions.models import Region


@require_safe
@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    """The front page for everyone; for a person who has signed in, her desk."""
    if request.user.is_authenticated:
        own = own_regions(request.user)
        sample = any(region.shows_sample for region in own)
        return render(request, "familycentre/desk.html", {"own_regions": own, "sample": sample})
    groups, published = regions_by_collaborative_area(), published_documents()
    context = {
        "groups": groups,
        "published": published,
        "sample": any(document.is_sample for document in published),
    }
    return render(request, "familycentre/home.html", context)


@require_safe
@login_not_required
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "familycentre/about.html")


@require_safe
@login_not_required
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement that Act 306/2019 asks for; an installation names itself in its settings."""
    return render(request, "familycentre/accessibility.html", _operator())


@require_safe
@login_not_required
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "familycentre/privacy.html", _operator())


def _operator() -> dict[str, str]:
    return {"operator": settings.OPERATOR_NAME, "contact_email": settings.CONTACT_EMAIL}


@require_safe
@login_not_required
@cache_control(public=True, max_age=3600)
def region_accent(request: HttpRequest, code: str) -> HttpResponse:
    """The stylesheet with a region's accent colour: the security policy allows no styles in the page itself."""
    region = get_object_or_404(Region, code=code)
    return HttpResponse(accent_css(region.accent), content_type="text/css; charset=utf-8")


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component in every state, for those who build and test pages."""
    if settings.PRODUCTION and not (request.user.is_authenticated and request.user.is_staff):
        raise Http404
    return render(request, "familycentre/gallery.html", gallery_context(request))


if not settings.PRODUCTION:
    gallery = login_not_required(gallery)


@require_safe
@login_not_required
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@require_safe
@login_not_required
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers and has every migration; 503 otherwise."""
    checks = {"database": "ok", "migrations": "ok"}
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            checks["migrations"] = "missing"
    except DatabaseError:
        checks = {"database": "failed", "migrations": "unknown"}
    ready = set(checks.values()) == {"ok"}
    return JsonResponse({"status": "ok" if ready else "failed", **checks}, status=200 if ready else 503)


@login_not_required
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that cannot be trusted in any part, so the page asks nothing of it."""
    return HttpResponse(render_to_string("400.html"), status=400)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke, perhaps the database: the page needs neither it nor the session."""
    return HttpResponse(render_to_string("500.html"), status=500)
