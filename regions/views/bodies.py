"""The bodies of a region, their own data and their meetings."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import Request
from regions.models import Body, Meeting
from regions.people import bodies_by_kind, count_not_come_in, meetings_of, members_of
from regions.people_forms import BodyForm, MeetingForm
from regions.services import add_meeting, change_meeting, remove_meeting, save_body
from regions.views.finding import (
    add_errors,
    body_address,
    body_crumbs,
    find_body,
    find_region,
    form_context,
    people_crumbs,
)

FORM = "regions/form.html"


@require_safe
def people(request: Request, region: str) -> HttpResponse:
    """The region's bodies: all for its coordinators, for others their own."""
    found, rights = find_region(request, region)
    coordinates = rights.coordinates(found)
    context = {
        "region": found,
        "crumbs": people_crumbs(found),
        "kinds": bodies_by_kind(found, rights),
        "coordinates": coordinates,
        "not_come_in": count_not_come_in(found) if coordinates else 0,
    }
    return render(request, "regions/people.html", context)


@require_safe
def body_detail(request: Request, region: str, public_id: str) -> HttpResponse:
    """A body with its members and meetings. Addresses and who has come in are for coordinators alone."""
    body, rights = find_body(request, region, public_id)
    coordinates = rights.coordinates(body.region)
    coming, held = meetings_of(body)
    context = {
        "region": body.region,
        "body": body,
        "crumbs": body_crumbs(body),
        "coordinates": coordinates,
        "is_member": rights.in_body(body),
        "is_coordinating": body.pk == body.region.coordinating_body_id,
        "members": members_of(body, reader_id=request.user.pk, coordinates=coordinates),
        "coming": coming,
        "held": held,
    }
    return render(request, "regions/body.html", context)


@require_http_methods(["GET", "POST"])
def body_add(request: Request, region: str) -> HttpResponse:
    found, _rights = find_region(request, region, to_coordinate=True)
    form = BodyForm(request.POST or None, region=found)
    if form.is_valid():
        body = form.fill(Body(region=found))
        try:
            save_body(body, by=request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The group was added. Now invite its members."))
            return redirect(body_address(body))
    crumbs = people_crumbs(found, (_("New group or body"), ""))
    cancel = reverse("regions:people", args=[found.slug])
    context = form_context(found, _("New group or body"), crumbs, form, _("Add the group"), cancel)
    return render(request, FORM, context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def body_edit(request: Request, region: str, public_id: str) -> HttpResponse:
    body, _rights = find_body(request, region, public_id, to_coordinate=True)
    form = BodyForm(request.POST or None, region=body.region, body=body)
    crumbs = body_crumbs(body, (_("Data of the group"), ""))
    if form.is_valid():
        try:
            save_body(form.fill(body), by=request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The data of the group was saved."))
            return redirect(body_address(body))
    context = form_context(body.region, _("Data of the group"), crumbs, form, _("Save"), body_address(body))
    return render(request, FORM, context, status=422 if form.errors else 200)


# --- Meetings -----------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def meeting_add(request: Request, region: str, public_id: str) -> HttpResponse:
    body, _rights = find_body(request, region, public_id, to_coordinate=True)
    form = MeetingForm(request.POST or None)
    if form.is_valid():
        try:
            add_meeting(body, by=request.user, **form.values())
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The meeting was added."))
            return redirect(f"{body_address(body)}#meetings")
    crumbs = body_crumbs(body, (_("New meeting"), ""))
    context = form_context(body.region, _("New meeting"), crumbs, form, _("Add the meeting"), body_address(body))
    return render(request, FORM, context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def meeting_edit(request: Request, region: str, public_id: str, meeting_id: str) -> HttpResponse:
    body, _rights = find_body(request, region, public_id, to_coordinate=True)
    meeting = get_object_or_404(Meeting, body=body, public_id=meeting_id)
    form = MeetingForm(request.POST or None, meeting=meeting)
    if form.is_valid():
        try:
            change_meeting(meeting, by=request.user, **form.values())
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The meeting was changed."))
            return redirect(f"{body_address(body)}#meetings")
    crumbs = body_crumbs(body, (_("Meeting"), ""))
    context = form_context(body.region, _("Meeting"), crumbs, form, _("Save"), body_address(body))
    return render(request, FORM, context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def meeting_remove(request: Request, region: str, public_id: str, meeting_id: str) -> HttpResponse:
    """Asks first, by naming the meeting."""
    body, _rights = find_body(request, region, public_id, to_coordinate=True)
    meeting = get_object_or_404(Meeting.objects.select_related("body", "region"), body=body, public_id=meeting_id)
    if request.method == "POST":
        remove_meeting(meeting, by=request.user)
        messages.success(request, _("The meeting was removed."))
        return redirect(f"{body_address(body)}#meetings")
    context = {
        "region": body.region,
        "crumbs": body_crumbs(body, (_("Remove the meeting"), "")),
        "question": _("Remove the meeting “%(meeting)s”?") % {"meeting": meeting},
        "text": _("Nobody is told of it by mail."),
        "confirm_label": _("Remove the meeting"),
        "cancel_url": body_address(body),
    }
    return render(request, "regions/confirm.html", context)
