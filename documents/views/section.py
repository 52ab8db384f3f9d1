"""One section: its text in every language beside each other, its heading and state, its conflicts."""

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.http import Request, asks_for_json
from documents import kinds
from documents.blocks import BEHIND, CURRENT, MISSING
from documents.conflicting import numbered_conflicts, open_conflicts
from documents.html import parse
from documents.models import Conflict, Document, Section
from documents.permissions import can_change_outline, can_edit
from documents.queries import Outline, OutlineRow, outline_of
from documents.rendering import guidance_html, language_name, plain_languages, structured_html
from documents.services.conflicts import combine, keep_text, take_other
from documents.services.description import set_section_state
from documents.services.sections import Saved, save_section
from documents.views.columns import column_links, columns_of, columns_query
from documents.views.editing import editing_html, marks_of
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
from documents.views.notes import notes_panel
from documents.views.outline_panel import outline_panel
from documents.views.saving import base_revision, client_key_of, clock, posted_texts, save_from_editor, standing_answer
from regions.permissions import Rights


@dataclass(frozen=True)
class Editor:
    """The text of a section in one language, as the browser edits it."""

    language: str
    name: str
    label: str
    html: str
    is_original: bool
    behind: int
    missing: int
    current: int
    marks: dict[str, dict[str, Any]]
    """Block id -> state of its translation and the first words of its original, for the marks in the text."""
    start: str
    """What an empty text may begin with, as safe HTML."""

    @property
    def field(self) -> str:
        return f"text-{self.language}"


@require_http_methods(["GET", "POST"])
def section_detail(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """A section for reading and writing. POST saves the text."""
    if request.method == "POST" and asks_for_json(request):
        return save_from_editor(request, region, kind, public_id, key)
    document, rights = find_draft(request, region, kind, public_id)
    section = find_section(document, key)
    if request.method == "POST":
        require(can_edit(rights, document))
        return _save(request, document, section, rights)
    return render(request, "documents/section_detail.html", _page(request, document, section, rights))


def _save(request: Request, document: Document, section: Section, rights: Rights) -> HttpResponse:
    html: dict[str, str] = {}
    try:
        html = posted_texts(request, document)
        base = base_revision(section, request.POST.get("base", ""))
        client_key = client_key_of(request.POST.get("client_key", ""), html)
        saved = save_section(section, by=request.user, base=base, html=html, client_key=client_key)
    except ValidationError as error:
        context = _page(request, document, section, rights, typed=html) | {
            "error": first_error(error),
            # The same save again is still the same save, on the same base.
            "base": request.POST.get("base", ""),
            "client_key": request.POST.get("client_key", ""),
        }
        part = "#error" if request.htmx else ""
        return render(request, f"documents/section_detail.html{part}", context, status=422)
    _tell(request, saved)
    target = address(document, "section-detail", section.key) + columns_query(request, document)
    if request.htmx:
        # Without "#conflicts": a browser that is on the page already would only scroll and not load it again.
        return HttpResponseClientRedirect(target)
    return redirect(f"{target}#conflicts" if saved.conflicts else target)


def _tell(request: Request, saved: Saved) -> None:
    when = {"clock": clock()}
    if saved.conflicts:
        count = len(saved.conflicts)
        messages.warning(
            request,
            ngettext(
                "Saved at %(clock)s. In %(count)d place someone else had changed the same text. "
                "Both texts are saved. Choose below which one stays.",
                "Saved at %(clock)s. In %(count)d places someone else had changed the same text. "
                "Both texts are saved. Choose below which ones stay.",
                count,
            )
            % (when | {"count": count}),
        )
    elif saved.merged:
        messages.success(
            request,
            _("Saved at %(clock)s. Someone else had edited this section too: both changes are in the text.") % when,
        )
    elif saved.unchanged:
        messages.info(request, _("There was nothing new to save."))
    else:
        messages.success(request, _("Saved at %(clock)s") % when)


def _page(
    request: Request,
    document: Document,
    section: Section,
    rights: Rights,
    *,
    typed: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    outline = outline_of(document)
    row = outline.by_key[section.key]
    shown = content_language(document, None)
    before, after = outline.neighbours(row)
    beside = plain_languages(columns_of(request, document))
    panels = kinds.panels_of(section, rights)
    starts = {} if row.blocks else {code: html for panel in panels for code, html in panel.starts.items()}
    editors = [_editor(row, outline, code, name, typed, starts.get(code, "")) for code, name in beside]
    return {
        "document": document,
        "region": document.region,
        "crumbs": document_crumbs(document, (f"{row.number} {section.heading_in(shown)}", "")),
        "section": section,
        "row": row,
        "language": shown,
        "heading": section.heading_in(shown),
        "headings": [(code, section.heading.get(code, "")) for code in document.languages],
        "panel": outline_panel(request, outline, section.key, may_change=can_change_outline(rights, document)),
        "guidance": guidance_html(section, shown),
        "has_text": kinds.has_text(document),
        "editors": editors,
        "columns": column_links(request, document),
        "marks": {editor.language: editor.marks for editor in editors},
        "base": section.head.number if section.head else 0,
        "client_key": uuid.uuid4().hex,
        "error": "",
        "unsaved": "",
        "structured": [
            (block.id, structured_html(block, shown, resolved=outline.resolved_in(row), document=document, draft=True))
            for block in row.blocks
            if not block.is_text
        ],
        "conflicts": open_conflicts(section, shown) if row.conflicts else [],
        "history": history_panel(section),
        "before": before,
        "after": after,
        "notes": notes_panel(outline, row, request.user, may_write=can_edit(rights, document)),
        "panels": panels,
        "may_edit": can_edit(rights, document) and kinds.has_text(document),
        "may_change_outline": can_change_outline(rights, document),
    }


def _editor(
    row: OutlineRow, outline: Outline, language: str, name: str, typed: Mapping[str, str] | None, start: str
) -> Editor:
    document = outline.document
    counts = row.translations.get(language, Counter())
    html = (typed or {}).get(language)
    if html is None:
        html = editing_html(row.blocks, document, language, outline.resolved_in(row))
    label = (
        _("Text of the section")
        if not document.is_bilingual
        else _("Text (%(language)s)") % {"language": language_name(language)}
    )
    return Editor(
        language=language,
        name=name,
        label=label,
        html=html,
        is_original=language == document.original,
        behind=counts[BEHIND],
        missing=counts[MISSING],
        current=counts[CURRENT],
        marks=marks_of(row.blocks, document, language) if language != document.original else {},
        start=start,
    )


# --- State ------------------------------------------------------------------------------------------------


@require_POST
def section_mark_ready(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    return _mark(request, region, kind, public_id, key, Section.State.READY)


@require_POST
def section_mark_draft(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    return _mark(request, region, kind, public_id, key, Section.State.DRAFT)


def _mark(request: Request, region: str, kind: str, public_id: str, key: str, state: str) -> HttpResponse:
    document, rights = find_draft(request, region, kind, public_id)
    section = find_section(document, key)
    require(can_edit(rights, document))
    try:
        set_section_state(section, state, by=request.user)
    except ValidationError as error:
        messages.error(request, first_error(error))
    else:
        ready = state == Section.State.READY
        messages.success(
            request, _("The section is marked as ready.") if ready else _("The section is marked as a draft.")
        )
    return redirect(address(document, "section-detail", section.key))


# --- Conflicts --------------------------------------------------------------------------------------------


def _conflict(
    request: Request, region: str, kind: str, public_id: str, key: str, number: int
) -> tuple[Document, Rights, Section, Conflict]:
    document, rights = find_draft(request, region, kind, public_id)
    section = find_section(document, key)
    require(can_edit(rights, document))
    conflict = dict(numbered_conflicts(section)).get(number)
    if conflict is None:
        raise Http404
    return document, rights, section, conflict


def _after_conflict(request: Request, document: Document, section: Section, message: str) -> HttpResponse:
    if asks_for_json(request):
        return JsonResponse(standing_answer(request, document, find_section(document, section.key), message))
    messages.success(request, message)
    return _to_conflicts(document, section)


def _to_conflicts(document: Document, section: Section) -> HttpResponse:
    anchor = "#conflicts" if section.conflicts.filter(settled_at=None).exists() else ""
    return redirect(address(document, "section-detail", section.key) + anchor)


@require_POST
def conflict_keep(request: Request, region: str, kind: str, public_id: str, key: str, number: int) -> HttpResponse:
    """What stands in the text stays."""
    document, _rights, section, conflict = _conflict(request, region, kind, public_id, key, number)
    keep_text(conflict, by=request.user)
    message = _("The text stays as it was. The other text is in the history.")
    return _after_conflict(request, document, section, message)


@require_POST
def conflict_take(request: Request, region: str, kind: str, public_id: str, key: str, number: int) -> HttpResponse:
    """The other text comes into its place."""
    document, _rights, section, conflict = _conflict(request, region, kind, public_id, key, number)
    try:
        take_other(conflict, by=request.user)
    except ValidationError as error:
        if asks_for_json(request):
            return JsonResponse({"error": first_error(error)}, status=422)
        messages.error(request, first_error(error))
        return _to_conflicts(document, section)
    message = _("The other text is now in the section. The earlier one is in the history.")
    return _after_conflict(request, document, section, message)


@require_POST
def conflict_combine(request: Request, region: str, kind: str, public_id: str, key: str, number: int) -> HttpResponse:
    """A text made of both comes into its place."""
    document, rights, section, conflict = _conflict(request, region, kind, public_id, key, number)
    text = "<br>".join(item.text.get("body", "") for item in parse(request.POST.get("text", "")))
    try:
        combine(conflict, text, by=request.user)
    except ValidationError as error:
        if asks_for_json(request):
            return JsonResponse({"error": first_error(error)}, status=422)
        context = _page(request, document, section, rights) | {
            "error": first_error(error),
            "unsaved": mark_safe(text),  # noqa: S308 `parse` sanitised it
        }
        return render(request, "documents/section_detail.html", context, status=422)
    message = _("The combined text is now in the section. Both earlier ones are in the history.")
    return _after_conflict(request, document, section, message)
