"""What others have changed since the reader was last here: a pass over it, section by section."""

import re
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request
from documents.comparing import section_changes
from documents.models import Document, Section
from documents.rendering import plain_languages
from documents.services.versions import outline_order
from documents.services.visiting import mark_seen
from documents.views.finding import address, content_language, document_crumbs, find_draft
from documents.views.history import stretches
from documents.visits import UnreadSection, has_visited, unopened_sections, unread_changes

PAGE = 20
SEEN = re.compile(r"(?P<key>[-\w]{1,80}):(?P<number>[0-9]{1,9})")


@require_safe
def change_list(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """The sections that others have changed, with the words marked; for a newcomer, the way to the history."""
    document, _rights = find_draft(request, region, kind, public_id)
    return _page(request, document)


def _page(request: Request, document: Document, said: str = "") -> HttpResponse:
    unread = unread_changes(document, request.user)
    page = Paginator(unread, PAGE).get_page(request.GET.get("page"))
    language = content_language(document, None)
    is_known = bool(unread) or has_visited(document, request.user)
    unopened = unopened_sections(document, request.user) if is_known else []
    context = {
        "document": document,
        "region": document.region,
        "crumbs": document_crumbs(document, (_("Changes since your last visit"), "")),
        "language": language,
        "is_known": is_known,
        "count": len(unread),
        "page_obj": page,
        "shown": [_shown(document, row, language) for row in page],
        "seen": [f"{row.section.key}:{_number(row.section)}" for row in unread],
        "all_seen": [f"{row.key}:{_number(row)}" for row in _everything(document)] if not is_known else [],
        "unopened": [(row.heading_in(language), address(document, "section-detail", row.key)) for row in unopened],
        "history_url": address(document, "document-history"),
        "seen_url": address(document, "changes-seen"),
        "said": said,
    }
    part = "#found" if request.htmx else ""
    return render(request, f"documents/changes.html{part}", context)


def _number(section: Section) -> int:
    return section.head.number if section.head else 0


def _everything(document: Document) -> list[Section]:
    return outline_order(document.sections.present().select_related("head").defer("head__content", "guidance"))


def _shown(document: Document, row: UnreadSection, language: str) -> dict[str, Any]:
    section = row.section
    section.document = document
    old = row.seen.blocks if row.seen else []
    texts = []
    for code, name in plain_languages(document.languages):
        changes = section_changes(old, section.blocks, code)
        if any(change.state != "same" for change in changes):
            texts.append((code, name, stretches(changes)))
    query = urlencode({"old": row.seen.number if row.seen else 0, "new": _number(section)})
    return {
        "row": row,
        "key": section.key,
        "heading": section.heading_in(language),
        "url": address(document, "section-detail", section.key),
        "compare_url": f"{address(document, 'section-compare', section.key)}?{query}",
        "texts": texts,
        "seen": f"{section.key}:{_number(section)}",
    }


@require_POST
def changes_seen(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """Note that the reader has seen sections up to the states that were shown: `seen=nykytila:12`, one or many."""
    document, _rights = find_draft(request, region, kind, public_id)
    found = [match for value in request.POST.getlist("seen") if (match := SEEN.fullmatch(value))]
    count = mark_seen(document, by=request.user, numbers={match["key"]: int(match["number"]) for match in found})
    text = ngettext("%(count)d section is marked as seen.", "%(count)d sections are marked as seen.", count)
    said = text % {"count": count}
    if request.htmx:
        return _page(request, document, said)
    messages.success(request, said)
    return redirect(address(document, "change-list"))
