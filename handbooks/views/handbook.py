"""Making a handbook, taking it out as a form, assessing, handing in and keeping up with the template."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request
from documents import kinds
from documents.models import Document
from documents.views.finding import (
    LIST_TITLES,
    address,
    content_language,
    document_crumbs,
    first_error,
    not_found_or_sign_in,
    require,
)
from handbooks.forms import AssessmentForm, HandbookForm
from handbooks.models import Handbook, Template
from handbooks.permissions import (
    can_assess,
    can_create_handbook,
    can_hand_in,
    can_import,
    can_upgrade_template,
    can_use_template,
)
from handbooks.queries import criteria_of, is_no_longer_asked, steps_of, tasks_of, template_content
from handbooks.services.assessments import assess
from handbooks.services.handbooks import create_handbook, hand_in, take_back, upgrade_template
from handbooks.services.templates import latest_version
from handbooks.views.finding import find_handbook, page
from handbooks.word import handbook_form_file, template_form_file
from regions.models import Region
from regions.permissions import rights_of

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_http_methods(["GET", "POST"])
def handbook_add(request: Request, region: str) -> HttpResponse:
    """A new handbook made from one of the region's templates."""
    found: Region = get_object_or_404(Region, slug=region)
    rights = rights_of(request.user)
    if not rights.in_region(found):
        return not_found_or_sign_in(request)
    require(can_create_handbook(rights, found))
    chosen = Template.objects.filter(region=found, document__public_id=request.GET.get("template", "")).first()
    form = HandbookForm(request.POST if request.method == "POST" else None, region=found, initial={"template": chosen})
    if form.is_valid():
        data = form.cleaned_data
        template: Template = data.pop("template")
        try:
            handbook = create_handbook(template.document.versions.latest("number"), by=request.user, **data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The handbook was made. Now import a Word file or begin to write."))
            return redirect(handbook.document)
    context = {
        "region": found,
        "form": form,
        "has_templates": form.has_templates,
        "crumbs": [
            *document_list_crumbs(found),
            (_("New handbook"), ""),
        ],
    }
    return render(request, "handbooks/handbook_form.html", context, status=422 if form.errors else 200)


def document_list_crumbs(region: Region) -> list[tuple[str, str]]:
    """From the front page to the region's list of handbooks."""
    kind = Document.Kind.HANDBOOK
    return [
        (_("Front page"), reverse("home")),
        (region.name, reverse("region", args=[region.slug])),
        (str(LIST_TITLES[kind]), reverse("documents:document-list", args=[region.slug, kind])),
    ]


# --- The Word form --------------------------------------------------------------------------------------


def _file(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=DOCX,
        headers={"Content-Disposition": f'attachment; filename="{name}.docx"', "X-Content-Type-Options": "nosniff"},
    )


@require_safe
def template_form(request: Request, region: str, public_id: str, language: str | None = None) -> HttpResponse:
    """The latest version of a template as an empty Word form."""
    template = get_object_or_404(
        Template.objects.select_related("document__region", "region"),
        document__public_id=public_id,
        region__slug=region,
    )
    if not can_use_template(rights_of(request.user), template):
        raise Http404
    version = latest_version(template)
    if version is None:
        raise Http404
    shown = content_language(template.document, language)
    return _file(template_form_file(version, language=shown), slugify(template.document.title_in(shown)) or "form")


@require_safe
def handbook_form(request: Request, region: str, public_id: str, language: str | None = None) -> HttpResponse:
    """The handbook as a Word form with the answers that there are."""
    handbook, rights = find_handbook(request, region, public_id)
    require(can_import(rights, handbook))
    shown = content_language(handbook.document, language)
    return _file(handbook_form_file(handbook, language=shown), slugify(handbook.document.title_in(shown)) or "form")


# --- Assessment -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def assessment(request: Request, region: str, public_id: str) -> HttpResponse:
    """How the group sees each criterion."""
    handbook, rights = find_handbook(request, region, public_id)
    require(can_assess(rights, handbook))
    document = handbook.document
    criteria = criteria_of(handbook)
    shown = content_language(document, None)
    form = AssessmentForm(
        request.POST if request.method == "POST" else None,
        criteria=criteria,
        steps=steps_of(criteria),
        stored={row.criterion_id: row for row in handbook.assessments.select_related("step")},
        language=shown,
    )
    if form.is_valid():
        try:
            assess(handbook, form.answers(), by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The assessment was saved."))
            return redirect(page(handbook, "assessment"))
    context = {
        "document": document,
        "region": document.region,
        "crumbs": document_crumbs(document, (_("Assessment of the criteria"), "")),
        "form": form,
        "criteria_set": criteria[0].set if criteria else None,
        "criteria": criteria,
    }
    return render(request, "handbooks/assessment.html", context, status=422 if form.errors else 200)


# --- Handing in -----------------------------------------------------------------------------------------


@require_safe
def handing_in(request: Request, region: str, public_id: str) -> HttpResponse:
    """What would be handed in, or what has been."""
    handbook, rights = find_handbook(request, region, public_id)
    document = handbook.document
    tasks = tasks_of(handbook)
    content = template_content(handbook)
    asked = [row for row in tasks if not is_no_longer_asked(row.section, content)]
    context: dict[str, Any] = {
        "document": document,
        "region": document.region,
        "handbook": handbook,
        "crumbs": document_crumbs(document, (_("Handing in"), "")),
        "tasks": len(asked),
        "answered": sum(row.is_answered for row in asked),
        "empty": [row for row in asked if not row.is_answered],
        "conflicts": document.conflicts.filter(settled_at=None).count(),
        "changed": handbook.handed_in is not None and _heads(handbook) != handbook.handed_in.heads,
        "read_url": address(document, "version-detail", handbook.handed_in.number) if handbook.handed_in else "",
        "onward": kinds.links_onward(document, rights) if handbook.handed_in else [],
        "may_hand_in": can_hand_in(rights, handbook),
        "newer": _newer_version(handbook) if can_upgrade_template(rights, handbook) else None,
    }
    return render(request, "handbooks/handing_in.html", context)


def _heads(handbook: Handbook) -> dict[str, int]:
    rows = handbook.document.sections.present().filter(head__isnull=False)
    return dict(rows.values_list("key", "head__number"))


def _newer_version(handbook: Handbook) -> Any:
    bound = handbook.template_version
    if bound is None:
        return None
    newest = bound.document.versions.defer("content").order_by("-number").first()
    return newest if newest is not None and newest.number > bound.number else None


@require_POST
def handbook_hand_in(request: Request, region: str, public_id: str) -> HttpResponse:
    handbook, rights = find_handbook(request, region, public_id)
    require(can_hand_in(rights, handbook))
    version = hand_in(handbook, by=request.user)
    messages.success(request, _("The handbook was handed in as version %(number)s.") % {"number": version.number})
    return redirect(page(handbook, "handing-in"))


@require_POST
def handbook_take_back(request: Request, region: str, public_id: str) -> HttpResponse:
    handbook, rights = find_handbook(request, region, public_id)
    require(can_hand_in(rights, handbook))
    try:
        take_back(handbook, by=request.user)
    except ValidationError as error:
        messages.error(request, first_error(error))
    else:
        messages.success(request, _("The handbook was taken back. You can go on writing."))
    return redirect(page(handbook, "handing-in"))


@require_POST
def handbook_upgrade(request: Request, region: str, public_id: str) -> HttpResponse:
    """Follow the newest version of the template."""
    handbook, rights = find_handbook(request, region, public_id)
    require(can_upgrade_template(rights, handbook))
    newer = _newer_version(handbook)
    if newer is not None:
        result = upgrade_template(handbook, newer, by=request.user)
        messages.success(
            request,
            _(
                "The handbook now follows version %(number)s of the template. New sections: %(added)s. "
                "No longer asked: %(dropped)s."
            )
            % {"number": newer.number, "added": len(result.added), "dropped": len(result.no_longer_asked)},
        )
    return redirect(page(handbook, "handing-in"))
