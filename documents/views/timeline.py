"""The history of a whole document: what happened in it, what it was at a moment, and going back there."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import Request
from documents import frozen
from documents.comparing import Side, document_changes
from documents.forms import CompareForm
from documents.history import BROUGHT, KINDS, OUTLINE, RESTORED, TEXT, VERSION, Cursor, Wanted, timeline, writers_of
from documents.html import render as render_blocks
from documents.models import Document
from documents.past import PastState, state_at
from documents.permissions import can_change_outline, can_edit
from documents.queries import Outline, outline_of
from documents.rendering import ReadSection, plain_languages, reading
from documents.services.restoring import plan_restoring, restore_document, state_token
from documents.services.versions import outline_order
from documents.views.finding import (
    Crumbs,
    address,
    content_language,
    document_crumbs,
    find_draft,
    find_version,
    first_error,
    require,
)
from documents.views.history import NUMBER
from documents.views.history_lines import lines_of, moment_query, moment_text

NOW = "now"
THEN = "then"


def _crumbs(document: Document, *more: tuple[str, str]) -> Crumbs:
    return document_crumbs(document, (_("History"), address(document, "document-history") if more else ""), *more)


@require_safe
def document_history(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """What happened to a document, newest first: texts, contents, versions, imports; by writer, section and kind."""
    document, rights = find_draft(request, region, kind, public_id)
    sections = outline_order(document.sections.present().defer("guidance"))
    author, key, what = (request.GET.get(name, "") for name in ("author", "section", "what"))
    wanted = Wanted(
        author=int(author) if NUMBER.fullmatch(author) else None,
        section=next((row for row in sections if row.key == key), None),
        kind=what if what in KINDS else "",
        before=Cursor.read(request.GET.get("before", "")),
    )
    page = timeline(document, wanted)
    language = content_language(document, None)
    kinds_of = {
        TEXT: _("Text edited"),
        OUTLINE: _("Contents changed"),
        VERSION: _("Versions"),
        BROUGHT: _("Imported and compiled"),
        RESTORED: _("Brought back"),
    }
    context = {
        "document": document,
        "region": document.region,
        "crumbs": _crumbs(document),
        "lines": lines_of(document, page.entries),
        "older": page.older,
        "is_newest": not request.GET.get("before"),
        "wanted": wanted,
        "section_key": wanted.section.key if wanted.section else "",
        "writers": writers_of(document),
        "sections": [(row.key, row.heading_in(language)) for row in sections],
        "kinds": list(kinds_of.items()),
        "here": address(document, "document-history"),
        "then_url": address(document, "document-then"),
        "may_edit": can_edit(rights, document),
    }
    part = "#found" if request.htmx else ""
    return render(request, f"documents/document_history.html{part}", context)


# --- A moment -----------------------------------------------------------------------------------------------


def _moment(asked: str) -> datetime.datetime:
    """The moment in an address; without seconds, as a person chooses it, all of that minute belongs to it."""
    try:
        at = parse_datetime(asked)
    except ValueError:
        at = None
    if at is None:
        raise Http404
    if timezone.is_naive(at):
        at = timezone.make_aware(at)
        if not at.second:
            at += datetime.timedelta(seconds=59, microseconds=999999)
    return at


def _told(at: datetime.datetime) -> str:
    return formats.date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")


def _read(past: PastState, language: str) -> list[ReadSection]:
    return [
        ReadSection(
            key=row.key,
            number="",
            heading=row.heading_in(language),
            depth=min(row.depth, 3),
            html=render_blocks(
                row.blocks,
                reading(
                    past.document, language, resolved=past.resolved, heading_level=min(row.depth, 3) + 2, anchors=False
                ),
            ),
        )
        for row in past.sections
    ]


@require_safe
def document_then(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """The whole draft as it was at a moment: `?at=2026-11-12T14:02`."""
    document, rights = find_draft(request, region, kind, public_id)
    at = _moment(request.GET.get("at", ""))
    asked = request.GET.get("language") or None
    shown = content_language(document, asked)
    past = state_at(document, at)
    here = address(document, "document-then")
    languages = plain_languages(document.languages) if document.is_bilingual else []
    context = {
        "document": document,
        "region": document.region,
        "crumbs": _crumbs(document, (_told(at), "")),
        "language": shown,
        "languages": [
            (code, name, f"{here}?{moment_query(at)}&language={code}", code == shown) for code, name in languages
        ],
        "at": at,
        "sections": _read(past, shown),
        "compare_url": f"{address(document, 'document-compare')}?old={THEN}&new={NOW}&language={shown}&"
        + moment_query(at),
        "restore_url": f"{address(document, 'document-restore')}?{moment_query(at)}",
        "may_restore": can_change_outline(rights, document) and bool(past.sections),
    }
    return render(request, "documents/document_history_then.html", context)


@require_safe
def document_compare(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """The draft of a moment compared with now or with a version: `?at=2026-11-12T14:02&old=then&new=now`."""
    document, rights = find_draft(request, region, kind, public_id)
    at = _moment(request.GET.get("at", ""))
    versions = list(document.versions.for_list())
    sides = [(THEN, _told(at)), (NOW, _("The draft now"))]
    sides += [(str(row.number), _("Version %(number)d") % {"number": row.number}) for row in versions]
    initial = {"old": THEN, "new": NOW, "language": content_language(document, None)}
    form = CompareForm(initial | request.GET.dict(), sides=sides, document=document)
    context: dict[str, Any] = {
        "document": document,
        "region": document.region,
        "crumbs": _crumbs(document, (_("What changed"), "")),
        "form": form,
        "moment": moment_text(at),
        "changes": None,
        "language": document.original,
        "restore_url": f"{address(document, 'document-restore')}?{moment_query(at)}",
        "may_restore": can_change_outline(rights, document),
    }
    if form.is_valid():
        names = dict(sides)
        old, new = form.cleaned_data["old"], form.cleaned_data["new"]
        language = form.cleaned_data.get("language") or document.original
        context |= {
            "changes": document_changes(
                _side(document, old, at, language), _side(document, new, at, language), language
            ),
            "old_label": names[old],
            "new_label": names[new],
            "language": language,
        }
    return render(request, "documents/document_history_compare.html", context, status=422 if form.errors else 200)


def _side(document: Document, name: str, at: datetime.datetime, language: str) -> Side:
    if name == NOW:
        return Side.of_draft(outline_of(document), language)
    if name == THEN:
        return state_at(document, at).side(language)
    return Side.of_version(frozen.read(find_version(document, int(name))), language)


# --- Going back ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Placed:
    """A section whose place in the contents changes."""

    heading: str
    under: str


@require_http_methods(["GET", "POST"])
def document_restore(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """Bring the whole draft back to what it was at a moment; first what would change."""
    document, rights = find_draft(request, region, kind, public_id)
    require(can_change_outline(rights, document))
    sent = request.POST if request.method == "POST" else request.GET
    at = _moment(sent.get("at") or request.GET.get("at", ""))
    keeps_added = sent.get("added") != "remove"
    past = state_at(document, at)
    if not past.sections:
        raise Http404
    status = 200
    if request.method == "POST":
        try:
            changed = restore_document(
                document, past, by=request.user, keep_added=keeps_added, token=request.POST.get("token", "")
            )
        except ValidationError as error:
            messages.warning(request, first_error(error))
            status = 409
        else:
            if changed:
                text = _("The document is as it was on %(when)s. What stood here before is in the history.")
                messages.success(request, text % {"when": _told(at)})
            else:
                messages.info(request, _("The document already is as it was then."))
            return redirect(address(document, "document-history"))
    return render(
        request,
        "documents/document_history_restore.html",
        _restore_page(document, past, keeps_added),
        status=status,
    )


def _restore_page(document: Document, past: PastState, keeps_added: bool) -> dict[str, Any]:
    outline = outline_of(document)
    plan = plan_restoring(past, [row.section for row in outline.rows], keep_added=keeps_added)
    language = content_language(document, None)
    languages = []
    for code, name in plain_languages(document.languages):
        changes = document_changes(Side.of_draft(outline, code), plan.side(code), code)
        languages.append((code, name, changes))
    moved = _moved(outline, [(row.key, row.parent) for row in plan.targets], language)
    return {
        "document": document,
        "region": document.region,
        "crumbs": _crumbs(document, (_("Bring back"), "")),
        "at": past.at,
        "moment": moment_text(past.at),
        "token": state_token(document),
        "keeps_added": keeps_added,
        "added": [row.heading_in(language) for row in plan.added],
        "returned": [past.by_key[row.key].heading_in(language) for row in plan.returned],
        "moved": moved,
        "languages": languages,
        "is_same": not any(changes for _code, _name, changes in languages) and not moved and not plan.returned,
        "here": address(document, "document-restore"),
        "cancel_url": address(document, "document-history"),
    }


def _moved(outline: Outline, targets: list[tuple[str, str | None]], language: str) -> list[str]:
    """The headings of the sections that go to another place among those that stand in both."""
    wanted = dict(targets)
    now = [(row.section.key, row.parent.section.key if row.parent else None) for row in outline.rows]
    common = [(key, parent) for key, parent in now if key in wanted]
    keys = {key for key, _parent in common}
    then = [(key, parent) for key, parent in targets if key in keys]
    elsewhere = {key for key, parent in common if wanted[key] != parent}
    for parent in {parent for _key, parent in then}:
        one = [key for key, above in common if above == parent and key not in elsewhere]
        two = [key for key, above in then if above == parent and key not in elsewhere]
        elsewhere |= {key for key, other in zip(one, two, strict=True) if key != other}
    return [row.section.heading_in(language) for row in outline.rows if row.section.key in elsewhere]
