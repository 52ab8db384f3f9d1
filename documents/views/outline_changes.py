"""Changing the outline by a form: adding, naming, splitting and joining sections."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import Request
from documents.comparing import block_labels
from documents.forms import HeadingForm, SplitForm
from documents.models import Document, Section
from documents.services.outline import add_section, join_sections, rename_section, split_section
from documents.views.finding import address, document_crumbs, find_section, first_error
from documents.views.outline import find_outline, find_row
from documents.views.outline_panel import changed, is_from_panel, refused

# --- Adding and naming ------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def section_add(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """A new section at the end."""
    document = find_outline(request, region, kind, public_id)
    return _add(request, document, _("The new section becomes the last one."), parent=None, after=None)


@require_http_methods(["GET", "POST"])
def section_add_after(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """A new section behind another, on the same level."""
    document = find_outline(request, region, kind, public_id)
    section = find_section(document, key)
    lead = _("The new section comes after “%(heading)s”.") % {"heading": section}
    return _add(request, document, lead, parent=section.parent, after=section)


@require_http_methods(["GET", "POST"])
def section_add_below(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """A new section below another, as the last one there."""
    document = find_outline(request, region, kind, public_id)
    section = find_section(document, key)
    lead = _("The new section comes below “%(heading)s”.") % {"heading": section}
    return _add(request, document, lead, parent=section, after=None)


def _add(
    request: Request, document: Document, lead: str, *, parent: Section | None, after: Section | None
) -> HttpResponse:
    form = HeadingForm(request.POST or None, document=document)
    if form.is_valid():
        try:
            section = add_section(document, heading=form.heading, by=request.user, parent=parent, after=after)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            said = _("The section “%(heading)s” was added.") % {"heading": section}
            if is_from_panel(request):
                return changed(request, document, said, focus=section.key)
            messages.success(request, said)
            return redirect(address(document, "section-detail", section.key))
    return _ask(request, document, _("Add a section"), lead, _("Add the section"), form=form)


def _ask(
    request: Request,
    document: Document,
    title: str,
    lead: str,
    submit_label: str,
    *,
    form: HeadingForm | None = None,
    crumb: str = "",
    cancel_url: str = "",
) -> HttpResponse:
    """A question about the outline: in the dialog beside the text, or on a page of its own."""
    outline_url = address(document, "document-outline")
    context = {
        "document": document,
        "region": document.region,
        "crumbs": document_crumbs(document, (_("Edit the contents"), outline_url), (crumb or title, "")),
        "title": title,
        "lead": lead,
        "form": form,
        "submit_label": submit_label,
        "cancel_url": cancel_url or outline_url,
    }
    part = "#dialog" if is_from_panel(request) else ""
    return render(request, f"documents/section_form.html{part}", context, status=422 if form and form.errors else 200)


@require_http_methods(["GET", "POST"])
def section_rename(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """The heading of a section in every language."""
    document = find_outline(request, region, kind, public_id)
    section = find_section(document, key)
    form = HeadingForm(request.POST or None, document=document, section=section)
    if form.is_valid():
        rename_section(section, heading=form.heading, by=request.user)
        said = _("The heading was saved.")
        if is_from_panel(request):
            return changed(request, document, said, focus=key)
        messages.success(request, said)
        return redirect(address(document, "section-detail", section.key))
    back = address(document, "section-detail", section.key)
    return _ask(request, document, _("Change the heading"), "", _("Save the heading"), form=form, cancel_url=back)


# --- Splitting and joining --------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def section_split(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """Cut a section in two at one of its paragraphs."""
    document = find_outline(request, region, kind, public_id)
    _outline, row = find_row(document, key)
    choices = block_labels(row.blocks, document)[1:]
    form = SplitForm(request.POST or None, document=document, choices=choices)
    if form.is_valid():
        try:
            new = split_section(row.section, at=form.cleaned_data["at"], heading=form.heading, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            said = _("The section was split. The second half is “%(heading)s”.") % {"heading": new}
            return changed(request, document, said, focus=new.key, touches=(key,))
    title = _("Split “%(heading)s”") % {"heading": row.section}
    lead = _("What you choose and everything after it moves to a new section.")
    label = _("Split the section")
    return _ask(request, document, title, lead, label, form=form, crumb=label)


@require_http_methods(["GET", "POST"])
def section_join(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """Put the next section's text behind this one's; asks by naming both."""
    document = find_outline(request, region, kind, public_id)
    _outline, row = find_row(document, key)
    if row.next_sibling is None:
        raise Http404
    second = row.next_sibling.section
    names = {"first": row.section, "second": second}
    if request.method == "POST":
        try:
            join_sections(row.section, second, by=request.user)
        except ValidationError as error:
            return refused(request, document, first_error(error), focus=key)
        said = _("The text of “%(second)s” is now in “%(first)s”.") % names
        return changed(request, document, said, focus=key, touches=(key, second.key))
    lead = _(
        "The text of “%(second)s” moves to the end of “%(first)s”, and the heading “%(second)s” goes out of the draft. "
        "Comments on the text go along."
    )
    label = _("Join the sections")
    title = _("Join two sections?")
    return _ask(request, document, title, lead % names, label, crumb=_("Join with the next section"))
