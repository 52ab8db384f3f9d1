"""The outline of a draft: its own page, the panel beside a text, and one view for each button that moves a section."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request
from documents import kinds
from documents.blocks import BEHIND, CURRENT, MISSING
from documents.models import Document
from documents.permissions import can_change_outline, can_edit
from documents.queries import Outline, OutlineRow, outline_of
from documents.services.outline import bring_back_section, move_section, remove_section
from documents.views.columns import columns_of
from documents.views.finding import (
    address,
    content_language,
    document_crumbs,
    find_draft,
    find_section,
    first_error,
    require,
)
from documents.views.history import history_panel
from documents.views.outline_panel import changed, is_from_panel, outline_panel, possible_changes, refused


def find_outline(request: Request, region: str, kind: str, public_id: str) -> Document:
    document, rights = find_draft(request, region, kind, public_id)
    require(can_change_outline(rights, document))
    return document


def find_row(document: Document, key: str) -> tuple[Outline, OutlineRow]:
    outline = outline_of(document)
    row = outline.by_key.get(key)
    if row is None:
        raise Http404
    return outline, row


@require_safe
def document_outline(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """The outline with buttons for changing it, and the sections that were removed."""
    document = find_outline(request, region, kind, public_id)
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


@require_safe
def section_outline(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """What stands around a section's text, as it is now: the outline, its state, its translations, its last changes."""
    document, rights = find_draft(request, region, kind, public_id)
    outline, row = find_row(document, key)
    if not is_from_panel(request):
        return redirect(address(document, "section-detail", row.section.key))
    context = {
        "panel": outline_panel(request, outline, key, may_change=can_change_outline(rights, document)),
        "document": document,
        "section": row.section,
        "row": row,
        "badges": _badges(request, row),
        "history": history_panel(row.section),
        "has_text": kinds.has_text(document),
        "may_edit": can_edit(rights, document),
    }
    return render(request, "documents/_editor_around.html", context)


def _badges(request: Request, row: OutlineRow) -> list[dict[str, Any]]:
    """How far the translation is in each language that stands beside another; nothing where there is only one."""
    document = row.section.document
    if not document.is_bilingual:
        return []
    return [
        {
            "language": language,
            "is_original": language == document.original,
            "missing": row.translations.get(language, Counter())[MISSING],
            "behind": row.translations.get(language, Counter())[BEHIND],
            "current": row.translations.get(language, Counter())[CURRENT],
        }
        for language in columns_of(request, document)
    ]


def _item(row: OutlineRow, language: str) -> dict[str, Any]:
    section, document = row.section, row.section.document
    possible = possible_changes(row)

    def at(name: str) -> str:
        return address(document, name, section.key)

    return {
        "key": section.key,
        "number": row.number,
        "title": section.heading_in(language),
        "url": at("section-detail"),
        "states": row.states,
        "moves": [
            ("up", _("Move up"), at("section-up"), "up" in possible),
            ("down", _("Move down"), at("section-down"), "down" in possible),
            ("outdent", _("Move out one level"), at("section-out"), "out" in possible),
            ("indent", _("Move in one level"), at("section-in"), "in" in possible),
        ],
        "menu": [
            (_("Change the heading"), at("section-rename")),
            (_("Add a section after this"), at("section-add-after")),
            *([(_("Add a section below this"), at("section-add-below"))] if "below" in possible else []),
            *([(_("Split the section"), at("section-split"))] if "split" in possible else []),
            *([(_("Join with the next section"), at("section-join"))] if "join" in possible else []),
            (_("Remove the section"), at("section-remove")),
        ],
        "children": [_item(child, language) for child in row.children],
    }


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
    key, name = row.section.key, row.section.heading_in(content_language(document, None))
    try:
        move_section(
            row.section,
            by=request.user,
            parent=parent.section if parent else None,
            after=after.section if after else None,
        )
    except ValidationError as error:
        return refused(request, document, first_error(error), focus=key)
    moved = outline_of(document).by_key[key]
    said = _("“%(heading)s” is now number %(number)s.") % {"heading": name, "number": moved.number}
    if not moved.number:
        said = _("“%(heading)s” was moved.") % {"heading": name}
    return changed(request, document, said, focus=key)


def _stays(request: Request, document: Document, row: OutlineRow) -> HttpResponse:
    """There is no place to move to."""
    name = row.section.heading_in(content_language(document, None))
    return refused(
        request, document, _("“%(heading)s” cannot be moved there.") % {"heading": name}, focus=row.section.key
    )


@require_POST
def section_up(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    document = find_outline(request, region, kind, public_id)
    _outline, row = find_row(document, key)
    if row.previous_sibling is None:
        return _stays(request, document, row)
    return _move(request, document, row, row.parent, row.previous_sibling.previous_sibling)


@require_POST
def section_down(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    document = find_outline(request, region, kind, public_id)
    _outline, row = find_row(document, key)
    if row.next_sibling is None:
        return _stays(request, document, row)
    return _move(request, document, row, row.parent, row.next_sibling)


@require_POST
def section_in(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """Below the section that stands before it, as the last one there."""
    document = find_outline(request, region, kind, public_id)
    _outline, row = find_row(document, key)
    above = row.previous_sibling
    if above is None:
        return _stays(request, document, row)
    return _move(request, document, row, above, above.children[-1] if above.children else None)


@require_POST
def section_out(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """Out of the section that it stands below, right behind it."""
    document = find_outline(request, region, kind, public_id)
    _outline, row = find_row(document, key)
    if row.parent is None:
        return _stays(request, document, row)
    return _move(request, document, row, row.parent.parent, row.parent)


@require_POST
def section_move(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """Before, behind or below another section, as it was dragged there."""
    document = find_outline(request, region, kind, public_id)
    outline, row = find_row(document, key)
    target = outline.by_key.get(request.POST.get("target", ""))
    where = request.POST.get("where", "")
    if target is None or target is row or where not in {"before", "after", "below"}:
        return _stays(request, document, row)
    if where == "below":
        others = [child for child in target.children if child is not row]
        return _move(request, document, row, target, others[-1] if others else None)
    after: OutlineRow | None = target
    if where == "before":
        after = target.previous_sibling
        if after is row:
            after = row.previous_sibling
    return _move(request, document, row, target.parent, after)


# --- Removing and bringing back --------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def section_remove(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """Asks by naming the section; it can be brought back."""
    document = find_outline(request, region, kind, public_id)
    outline, row = find_row(document, key)
    if request.method == "POST":
        try:
            remove_section(row.section, by=request.user)
        except ValidationError as error:
            return refused(request, document, first_error(error))
        gone = [row, *_below(row)]
        said = _("“%(heading)s” was removed. You can bring it back below the contents.") % {"heading": row.section}
        return changed(
            request,
            document,
            said,
            focus=_next_to(outline, row, gone),
            undo=address(document, "section-bring-back", key),
            touches=tuple(one.section.key for one in gone),
        )
    context = {
        "document": document,
        "region": document.region,
        "crumbs": document_crumbs(
            document, (_("Edit the contents"), address(document, "document-outline")), (_("Remove the section"), "")
        ),
        "section": row.section,
        "below": [child.section for child in _below(row)],
        "cancel_url": address(document, "document-outline"),
    }
    return render(request, "documents/section_remove.html", context)


def _below(row: OutlineRow) -> list[OutlineRow]:
    return [found for child in row.children for found in (child, *_below(child))]


def _next_to(outline: Outline, row: OutlineRow, gone: list[OutlineRow]) -> str:
    """Where the eye goes when a section is gone: to the one that follows it, else to the one before."""
    place = outline.rows.index(row)
    following = next((one for one in outline.rows[place:] if one not in gone), None)
    before = outline.rows[place - 1] if place else None
    found = following or before
    return found.section.key if found else ""


@require_POST
def section_bring_back(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """Undoes a removal. Where it was removed beside its own text, the reader comes back to it."""
    document = find_outline(request, region, kind, public_id)
    section = bring_back_section(find_section(document, key, removed=True), by=request.user)
    said = _("“%(heading)s” is back in its place.") % {"heading": section}
    if request.POST.get("back") == "section" and not request.htmx:
        messages.success(request, said)
        return redirect(address(document, "section-detail", section.key))
    return changed(request, document, said, focus=section.key)
