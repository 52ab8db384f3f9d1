"""What every page of a region's people begins with: finding it among what the reader may see, asking for the right."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.http import Request
from regions.models import Body, Membership, Region
from regions.permissions import Rights, rights_of

Crumbs = list[tuple[str, str]]


def find_region(request: Request, slug: str, *, to_coordinate: bool = False) -> tuple[Region, Rights]:
    """The region, if the reader takes part in it; otherwise its people do not exist (404). 403 for who only takes part
    where one must coordinate."""
    region: Region = get_object_or_404(Region.objects.select_related("coordinating_body"), slug=slug)
    rights = rights_of(request.user)
    if not rights.in_region(region):
        raise Http404
    if to_coordinate and not rights.coordinates(region):
        raise PermissionDenied
    return region, rights


def find_body(request: Request, slug: str, public_id: str, *, to_coordinate: bool = False) -> tuple[Body, Rights]:
    """The body, if the reader coordinates the region or is its member."""
    region, rights = find_region(request, slug)
    body: Body = get_object_or_404(
        Body.objects.select_related("area", "municipality"), region=region, public_id=public_id
    )
    body.region = region
    if not rights.coordinates(region) and not rights.in_body(body):
        raise Http404
    if to_coordinate and not rights.coordinates(region):
        raise PermissionDenied
    return body, rights


def find_membership(request: Request, slug: str, public_id: str, membership_id: str) -> tuple[Membership, Rights]:
    """A membership, for the region's coordinators."""
    body, rights = find_body(request, slug, public_id, to_coordinate=True)
    rows = Membership.objects.select_related("user", "represents")
    membership = get_object_or_404(rows, body=body, public_id=membership_id)
    membership.body, membership.region = body, body.region
    return membership, rights


def people_crumbs(region: Region, *more: tuple[str, str]) -> Crumbs:
    """From the front page to the region's people, and on from there."""
    own = reverse("regions:people", args=[region.slug]) if more else ""
    return [
        (_("Front page"), reverse("home")),
        (region.name, reverse("region", args=[region.slug])),
        (_("Groups and members"), own),
        *more,
    ]


def body_address(body: Body) -> str:
    return reverse("regions:body", args=[body.region.slug, body.public_id])


def body_crumbs(body: Body, *more: tuple[str, str]) -> Crumbs:
    return people_crumbs(body.region, (body.name, body_address(body) if more else ""), *more)


def form_context(region: Region, title: str, crumbs: Crumbs, form: Form, submit: str, cancel: str) -> dict[str, Any]:
    """What a page with one form shows."""
    return {
        "region": region,
        "title": title,
        "lead": "",
        "crumbs": crumbs,
        "form": form,
        "submit_label": submit,
        "cancel_url": cancel,
        "told": [],
        "is_danger": False,
    }


def add_errors(form: Form, error: ValidationError) -> None:
    """Show what a service refused above the form: its own fields may not be among those of the form."""
    form.add_error(None, ValidationError(error.messages))
