"""The front page of a region."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import Request
from plans.region_page import chosen_priorities, coordinators_work, latest_changes, newest_plan, shelves
from regions.models import Region
from regions.permissions import rights_of


@require_safe
@login_not_required
def region_detail(request: Request, region: str) -> HttpResponse:
    """What is published, for everyone; for members also their drafts; for coordinators what to do next."""
    found = get_object_or_404(Region, slug=region)
    rights = rights_of(request.user)
    is_member = rights.in_region(found)
    if not found.public and not is_member:
        raise Http404
    coordinates = rights.coordinates(found)
    plan = newest_plan(found) if is_member else None
    shown = shelves(rights, found)
    context = {
        "region": found,
        "sample": any(row.document.is_sample for shelf in shown for _badge, row in shelf.rows),
        "crumbs": [(_("Front page"), reverse("home")), (found.name, "")],
        "shelves": shown,
        "is_member": is_member,
        "coordinates": coordinates,
        "work": coordinators_work(found, plan) if coordinates else None,
        "chosen": chosen_priorities(rights, plan) if is_member else None,
        "events": latest_changes(rights, found) if is_member else [],
    }
    return render(request, "plans/region_detail.html", context)
