"""The history of a section: who wrote what when, what changed, and going back."""

import re

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request
from documents.html import render as render_blocks
from documents.models import Document, Revision, Section
from documents.permissions import can_edit
from documents.queries import section_changes
from documents.rendering import plain_languages, reading, resolve
from documents.services.sections import restore_section
from documents.views.finding import (
    Crumbs,
    address,
    content_language,
    document_crumbs,
    find_draft,
    find_section,
    first_error,
    require,
)

PAGE = 50
# A revision's number as it is asked for; what is longer is none that there is.
NUMBER = re.compile(r"[0-9]{1,9}")


def _crumbs(document: Document, section: Section, *more: tuple[str, str]) -> Crumbs:
    history = (_("History"), address(document, "section-history", section.key) if more else "")
    return document_crumbs(document, (str(section), address(document, "section-detail", section.key)), history, *more)


@require_safe
def section_history(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """Every saved state of a section, newest first."""
    document, rights = find_draft(request, region, kind, public_id)
    section = find_section(document, key)
    revisions = section.revisions.select_related("author").defer("content").order_by("-number")
    page = Paginator(revisions, PAGE).get_page(request.GET.get("page"))
    compare_url = address(document, "section-compare", section.key)
    context = {
        "document": document,
        "region": document.region,
        "crumbs": _crumbs(document, section),
        "section": section,
        "page_obj": page,
        "revisions": [
            {
                "revision": revision,
                "url": address(document, "section-revision", section.key, revision.number),
                "changes_url": f"{compare_url}?old={revision.number - 1}&new={revision.number}",
                "is_head": section.head_id == revision.pk,
                "restored_from": revision.note if revision.origin == Revision.Origin.RESTORED else "",
            }
            for revision in page
        ],
        "compare_url": compare_url,
        "head_number": section.head.number if section.head else 0,
        "may_edit": can_edit(rights, document),
    }
    return render(request, "documents/section_history.html", context)


@require_safe
def section_revision(request: Request, region: str, kind: str, public_id: str, key: str, number: int) -> HttpResponse:
    """A section as it once was, in every language."""
    document, rights = find_draft(request, region, kind, public_id)
    section = find_section(document, key)
    revision = get_object_or_404(section.revisions.select_related("author"), number=number)
    blocks = revision.blocks
    resolved = resolve(blocks)
    context = {
        "document": document,
        "region": document.region,
        "crumbs": _crumbs(document, section, (_("Text number %(number)d") % {"number": number}, "")),
        "section": section,
        "revision": revision,
        "is_head": section.head_id == revision.pk,
        "texts": [
            (code, name, render_blocks(blocks, reading(document, code, resolved=resolved, anchors=False)))
            for code, name in plain_languages(document.languages)
        ],
        "may_edit": can_edit(rights, document),
    }
    return render(request, "documents/section_revision.html", context)


@require_safe
def section_compare(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """What changed between two saved states of a section: `?old=3&new=5`; 0 is the empty section."""
    document, rights = find_draft(request, region, kind, public_id)
    section = find_section(document, key)
    old, new = (_revision(section, request.GET.get(name, "")) for name in ("old", "new"))
    if old and new and old.number > new.number:
        old, new = new, old
    before, after = (revision.blocks if revision else [] for revision in (old, new))
    languages = plain_languages(document.languages)
    context = {
        "document": document,
        "region": document.region,
        "crumbs": _crumbs(document, section, (_("What changed"), "")),
        "section": section,
        "old": old,
        "new": new,
        "language": content_language(document, None),
        "texts": [(code, name, section_changes(before, after, code)) for code, name in languages],
        "may_edit": can_edit(rights, document),
    }
    return render(request, "documents/section_compare.html", context)


def _revision(section: Section, number: str) -> Revision | None:
    if not NUMBER.fullmatch(number):
        raise Http404
    if number == "0":
        return None
    return get_object_or_404(section.revisions.select_related("author"), number=int(number))


@require_POST
def section_restore(request: Request, region: str, kind: str, public_id: str, key: str, number: int) -> HttpResponse:
    """Bring the section back to an earlier state, as a new one."""
    document, rights = find_draft(request, region, kind, public_id)
    section = find_section(document, key)
    require(can_edit(rights, document))
    revision = get_object_or_404(section.revisions, number=number)
    try:
        saved = restore_section(section, revision, by=request.user)
    except ValidationError as error:
        messages.error(request, first_error(error))
    else:
        if saved.unchanged:
            messages.info(request, _("The section already has this text."))
        else:
            messages.success(request, _("The earlier text is back. What stood here before is in the history."))
    return redirect(address(document, "section-detail", section.key))
