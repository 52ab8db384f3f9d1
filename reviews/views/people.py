"""Personal data of respondents: what is held of one person, given to her and removed; and of a whole round."""

import json

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import Request
from audit.services import record
from documents.views.finding import require
from regions.models import Region
from regions.permissions import rights_of
from reviews.finding import address, find_round, round_crumbs
from reviews.forms.moderation import PersonForm
from reviews.permissions import can_run
from reviews.services.privacy import erase_person, export_person, find_person, forget_people, removal_day
from reviews.views.files import saved_as


def _region(request: Request, region: str) -> Region:
    """The region, for its coordinators; for others the page does not exist."""
    found = get_object_or_404(Region, slug=region)
    if not rights_of(request.user).coordinates(found):
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
@never_cache
def person_find(request: Request, region: str) -> HttpResponse:
    """What the rounds of the region hold of one person. Posted, so that no name stands in an address."""
    place = _region(request, region)
    form = PersonForm(request.POST or None)
    found = find_person(place, form.cleaned_data["who"]) if form.is_valid() else None
    context = {
        "region": place,
        "crumbs": [
            (_("Front page"), reverse("home")),
            (place.name, reverse("region", args=[place.slug])),
            (_("Respondents’ personal data"), ""),
        ],
        "form": form,
        "who": form.cleaned_data.get("who", "") if form.is_bound else "",
        "found": found,
        "asked": found is not None,
    }
    return render(request, "reviews/person_find.html", context, status=422 if form.errors else 200)


@require_POST
@never_cache
def person_export(request: Request, region: str) -> HttpResponse:
    """All that is held of her, as a file for her."""
    place = _region(request, region)
    found = find_person(place, request.POST.get("who", ""))
    if not found:
        raise Http404
    record(request.user, "person.exported", place, statements=len(found.statements), mails=len(found.mails))
    text = json.dumps(export_person(found), ensure_ascii=False, indent=2)
    return saved_as("henkilotiedot.json", text.encode(), "application/json; charset=utf-8")


@require_POST
def person_erase(request: Request, region: str) -> HttpResponse:
    """Remove her name and addresses, once the box that names what happens was ticked."""
    place = _region(request, region)
    found = find_person(place, request.POST.get("who", ""))
    if not found:
        raise Http404
    if not request.POST.get("sure"):
        messages.error(request, _("Nothing was removed. Tick the box to say that you are sure."))
        return redirect("reviews:person-find", place.slug)
    count = erase_person(found, by=request.user)
    text = ngettext(
        "Name and addresses were removed in %(count)d place.",
        "Name and addresses were removed in %(count)d places.",
        count,
    )
    messages.success(request, text % {"count": count})
    return redirect("reviews:person-find", place.slug)


@require_http_methods(["GET", "POST"])
def round_forget(request: Request, region: str, round_id: str) -> HttpResponse:
    """When a round's names go, and removing them before that."""
    comment_round, rights = find_round(request, region, round_id)
    require(can_run(rights, comment_round))
    errors: list[str] = []
    if request.method == "POST":
        try:
            forget_people(comment_round, by=request.user)
        except ValidationError as error:
            errors = error.messages
        else:
            messages.success(request, _("The respondents’ names and addresses were removed. What they said stays."))
            return redirect(address(comment_round, "round-forget"))
    context = {
        "region": comment_round.version.document.region,
        "document": comment_round.version.document,
        "round": comment_round,
        "crumbs": round_crumbs(comment_round, (_("Respondents’ personal data"), "")),
        "errors": errors,
        "removal_day": removal_day(comment_round),
        "is_over": comment_round.is_over(),
        "removed_at": comment_round.people_removed_at,
        "statements": comment_round.statements.count(),
        "cancel_url": address(comment_round, "round"),
        "person_url": reverse("reviews:person-find", args=[comment_round.version.document.region.slug]),
    }
    return render(request, "reviews/round_forget.html", context, status=422 if errors else 200)
