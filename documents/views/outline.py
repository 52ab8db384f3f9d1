"""Changing the outline of a draft: one view for each button."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request
from documents.forms import HeadingForm, SplitForm
from documents.models import Document, Section
from documents.permissions import can_change_outline
from documents.queries import Outline, OutlineRow, block_labels, outline_of
from documents.services.outline import (
    add_section,
    bring_back_section,
    join_sections,
    move_section,
    remove_section,
    split_section,
)
from documents.views.finding import (
    address,
    content_language,
    document_crumbs,
    find_draft,
    find_section,
    first_error,
    require,
)


def _find(request: Request, region: str, kind: str, public_id: str) -> Document:
    document, rights = find_draft(request, region, kind, public_id)
    require(can_change_outline(rights, document))
    return document


def _row(document: Document, key: str) -> tuple[Outline, OutlineRow]:
    outline = outline_of(document)
    row = outline.by_key.get(key)
    if row is None:
        raise Http404
    return outline, row


def _back(request: Request, document: Document) -> HttpResponse:
    """To the outline; htmx follows the redirect and takes the tree out of the page."""
    return redirect(address(document, "document-outline"))


@require_safe
def document_outline(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """The outline with buttons for changing it, and the sections that were removed."""
    document = _find(request, region, kind, public_id)
    outline = outline_of(document)
    language = content_language(document, None)
    context = {
        "document": document,
        "region": document.region,
        "crumbs": document_crumbs(document, (_("Edit the contents"), "")),
        "items": [_item(row, language) for row in outline.top],
        "removed": _removed(document, language),
        "done": " ".join(str(message) for message in messages.get_messages(request)) if request.htmx else "",
    }
    part = "#tree" if request.htmx else ""
    return render(request, f"documents/document_outline.html{part}", context)


def _item(row: OutlineRow, language: str) -> dict[str, Any]:
    section, document = row.section, row.section.document

    def at(name: str) -> str:
        return address(document, name, section.key)

    return {
        "key": section.key,
        "number": row.number,
        "title": section.heading_in(language),
        "url": at("section-detail"),
        "states": row.states,
        "moves": [
            ("up", _("Move up"), at("section-up"), row.previous_sibling is not None),
            ("down", _("Move down"), at("section-down"), row.next_sibling is not None),
            ("outdent", _("Move out one level"), at("section-out"), row.parent is not None),
            ("indent", _("Move in one level"), at("section-in"), row.can_move_in),
        ],
        "menu": [
            (_("Change the heading"), at("section-rename")),
            (_("Add a section after this"), at("section-add-after")),
            *([(_("Add a section below this"), at("section-add-below"))] if row.can_add_below else []),
            *([(_("Split the section"), at("section-split"))] if len(row.blocks) > 1 else []),
            *([(_("Join with the next section"), at("section-join"))] if _can_join(row) else []),
            (_("Remove the section"), at("section-remove")),
        ],
        "children": [_item(child, language) for child in row.children],
    }


def _can_join(row: OutlineRow) -> bool:
    return row.next_sibling is not None and not row.next_sibling.children


def _removed(document: Document, language: str) -> list[tuple[str, Any, str]]:
    """The removed sections that can be brought back: those that were not removed as part of another."""
    rows = list(document.sections.exclude(removed_at=None).select_related("parent").order_by("-removed_at"))
    return [
        (row.heading_in(language), row.removed_at, address(document, "section-bring-back", row.key))
        for row in rows
        if row.parent is None or row.parent.removed_at != row.removed_at
    ]


# --- Moving -----------------------------------------------------------------------------------------------


def _move(
    request: Request, document: Document, row: OutlineRow, parent: OutlineRow | None, after: OutlineRow | None
) -> HttpResponse:
    name = row.section.heading_in(content_language(document, None))
    try:
        move_section(
            row.section,
            by=request.user,
            parent=parent.section if parent else None,
            after=after.section if after else None,
        )
    except ValidationError as error:
        messages.error(request, first_error(error))
    else:
        moved = outline_of(document).by_key[row.section.key]
        messages.success(
            request, _("“%(heading)s” is now number %(number)s.") % {"heading": name, "number": moved.number}
        )
    return _back(request, document)


@require_POST
def section_up(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    document = _find(request, region, kind, public_id)
    _outline, row = _row(document, key)
    if row.previous_sibling is None:
        return _back(request, document)
    return _move(request, document, row, row.parent, row.previous_sibling.previous_sibling)


@require_POST
def section_down(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    document = _find(request, region, kind, public_id)
    _outline, row = _row(document, key)
    if row.next_sibling is None:
        return _back(request, document)
    return _move(request, document, row, row.parent, row.next_sibling)


@require_POST
def section_in(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """Below the section that stands before it, as the last one there."""
    document = _find(request, region, kind, public_id)
    _outline, row = _row(document, key)
    above = row.previous_sibling
    if above is None:
        return _back(request, document)
    return _move(request, document, row, above, above.children[-1] if above.children else None)


@require_POST
def section_out(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """Out of the section that it stands below, right behind it."""
    document = _find(request, region, kind, public_id)
    _outline, row = _row(document, key)
    if row.parent is None:
        return _back(request, document)
    return _move(request, document, row, row.parent.parent, row.parent)


# --- Adding and removing ----------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def section_add(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """A new section at the end."""
    document = _find(request, region, kind, public_id)
    return _add(request, document, _("The new section becomes the last one."), parent=None, after=None)


@require_http_methods(["GET", "POST"])
def section_add_after(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """A new section behind another, on the same level."""
    document = _find(request, region, kind, public_id)
    section = find_section(document, key)
    lead = _("The new section comes after “%(heading)s”.") % {"heading": section}
    return _add(request, document, lead, parent=section.parent, after=section)


@require_http_methods(["GET", "POST"])
def section_add_below(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """A new section below another, as the last one there."""
    document = _find(request, region, kind, public_id)
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
            messages.success(request, _("The section “%(heading)s” was added.") % {"heading": section})
            return redirect(address(document, "section-detail", section.key))
    context = {
        "document": document,
        "region": document.region,
        "crumbs": _crumbs(document, _("Add a section")),
        "title": _("Add a section"),
        "lead": lead,
        "form": form,
        "submit_label": _("Add the section"),
        "cancel_url": address(document, "document-outline"),
    }
    return render(request, "documents/section_form.html", context, status=422 if form.errors else 200)


def _crumbs(document: Document, last: str) -> list[tuple[str, str]]:
    return document_crumbs(document, (_("Edit the contents"), address(document, "document-outline")), (last, ""))


@require_http_methods(["GET", "POST"])
def section_remove(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """Asks by naming the section; it can be brought back."""
    document = _find(request, region, kind, public_id)
    _outline, row = _row(document, key)
    if request.method == "POST":
        remove_section(row.section, by=request.user)
        messages.success(
            request,
            _("“%(heading)s” was removed. You can bring it back below the contents.") % {"heading": row.section},
        )
        return _back(request, document)
    context = {
        "document": document,
        "region": document.region,
        "crumbs": _crumbs(document, _("Remove the section")),
        "section": row.section,
        "below": [child.section for child in _below(row)],
        "cancel_url": address(document, "document-outline"),
    }
    return render(request, "documents/section_remove.html", context)


def _below(row: OutlineRow) -> list[OutlineRow]:
    return [found for child in row.children for found in (child, *_below(child))]


@require_POST
def section_bring_back(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """Undoes a removal."""
    document = _find(request, region, kind, public_id)
    section = bring_back_section(find_section(document, key, removed=True), by=request.user)
    messages.success(request, _("“%(heading)s” is back in its place.") % {"heading": section})
    return _back(request, document)


# --- Splitting and joining --------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def section_split(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """Cut a section in two at one of its paragraphs."""
    document = _find(request, region, kind, public_id)
    _outline, row = _row(document, key)
    choices = block_labels(row.blocks, document)[1:]
    form = SplitForm(request.POST or None, document=document, choices=choices)
    if form.is_valid():
        try:
            new = split_section(row.section, at=form.cleaned_data["at"], heading=form.heading, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The section was split. The second half is “%(heading)s”.") % {"heading": new})
            return _back(request, document)
    context = {
        "document": document,
        "region": document.region,
        "crumbs": _crumbs(document, _("Split the section")),
        "title": _("Split “%(heading)s”") % {"heading": row.section},
        "lead": _("What you choose and everything after it moves to a new section."),
        "form": form,
        "submit_label": _("Split the section"),
        "cancel_url": address(document, "document-outline"),
    }
    return render(request, "documents/section_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def section_join(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """Put the next section's text behind this one's; asks by naming both."""
    document = _find(request, region, kind, public_id)
    _outline, row = _row(document, key)
    if row.next_sibling is None:
        raise Http404
    second = row.next_sibling.section
    if request.method == "POST":
        try:
            join_sections(row.section, second, by=request.user)
        except ValidationError as error:
            messages.error(request, first_error(error))
        else:
            messages.success(
                request,
                _("The text of “%(second)s” is now in “%(first)s”.") % {"first": row.section, "second": second},
            )
        return _back(request, document)
    context = {
        "document": document,
        "region": document.region,
        "crumbs": _crumbs(document, _("Join with the next section")),
        "first": row.section,
        "second": second,
        "cancel_url": address(document, "document-outline"),
    }
    return render(request, "documents/section_join.html", context)
