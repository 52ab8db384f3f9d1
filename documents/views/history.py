"""The history of a section: who wrote what when, what changed, who wrote each paragraph, and going back."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import Request
from documents import frozen, kinds
from documents.authorship import LOOKED_BACK, Authored, authors_of
from documents.blocks import Block
from documents.comparing import ShownChange, section_changes
from documents.history import PAGE, Cursor, Wanted, last_sittings, timeline, writers_of
from documents.html import render as render_blocks
from documents.models import Document, Revision, Section
from documents.permissions import can_edit
from documents.rendering import plain_languages, reading, resolve
from documents.services.restoring import restore_block, with_block_back
from documents.services.sections import Saved, restore_section
from documents.views.finding import (
    Crumbs,
    address,
    content_language,
    document_crumbs,
    find_draft,
    find_section,
    find_version,
    first_error,
    require,
)
from documents.views.history_lines import lines_of

# A revision's number as it is asked for; what is longer is none that there is.
NUMBER = re.compile(r"[0-9]{1,9}")
VERSION = re.compile(r"v[1-9][0-9]{0,5}")
CONTEXT = 1
"""How many unchanged paragraphs are shown around a change; more are folded."""


def section_crumbs(document: Document, section: Section, *more: tuple[str, str]) -> Crumbs:
    """From the front page to the section's history, and on from there."""
    history = (_("History"), address(document, "section-history", section.key) if more else "")
    return document_crumbs(document, (str(section), address(document, "section-detail", section.key)), history, *more)


# --- Sittings -----------------------------------------------------------------------------------------------


@require_safe
def section_history(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """A section's saved states, newest first, in sittings."""
    document, rights = find_draft(request, region, kind, public_id)
    section = find_section(document, key)
    author = request.GET.get("author", "")
    wanted = Wanted(
        author=int(author) if NUMBER.fullmatch(author) else None,
        section=section,
        before=Cursor.read(request.GET.get("before", "")),
    )
    page = timeline(document, wanted)
    lines = lines_of(document, page.entries)
    context = {
        "document": document,
        "region": document.region,
        "crumbs": section_crumbs(document, section),
        "section": section,
        "lines": lines,
        "chosen": [line.entry.last.number for line in lines if line.entry.last][:2],
        "has_texts": any(line.entry.revisions for line in lines),
        "older": page.older,
        "is_newest": not request.GET.get("before"),
        "author": wanted.author,
        "writers": writers_of(document),
        "here": address(document, "section-history", section.key),
        "compare_url": address(document, "section-compare", section.key),
        "head_number": section.head.number if section.head else 0,
        "may_edit": can_edit(rights, document),
    }
    part = "#sittings" if request.htmx else ""
    return render(request, f"documents/section_history.html{part}", context)


def history_panel(section: Section) -> dict[str, Any]:
    """The last sittings, for `_history_panel.html` beside the text: one query."""
    document = section.document
    return {
        "lines": lines_of(document, last_sittings(section)),
        "history_url": address(document, "section-history", section.key),
        "authors_url": address(document, "section-authors", section.key),
        "changes_url": address(document, "change-list"),
    }


@require_safe
def section_revision(request: Request, region: str, kind: str, public_id: str, key: str, number: int) -> HttpResponse:
    """A section as it once was, in every language."""
    document, rights = find_draft(request, region, kind, public_id)
    section = find_section(document, key)
    revision = get_object_or_404(section.revisions.select_related("author"), number=number)
    blocks = revision.blocks
    resolved = resolve(blocks)
    around = section.revisions.line().defer("content")
    older = around.filter(number__lt=number).order_by("-number").first()
    context = {
        "document": document,
        "region": document.region,
        "crumbs": section_crumbs(document, section, (_("Text number %(number)d") % {"number": number}, "")),
        "section": section,
        "revision": revision,
        "is_head": section.head_id == revision.pk,
        "older": older,
        "older_number": older.number if older else 0,
        "newer": around.filter(number__gt=number).order_by("number").first(),
        "compare_url": address(document, "section-compare", section.key),
        "head_number": section.head.number if section.head else 0,
        "texts": [
            (code, name, render_blocks(blocks, reading(document, code, resolved=resolved, anchors=False)))
            for code, name in plain_languages(document.languages)
        ],
        "may_edit": can_edit(rights, document),
    }
    return render(request, "documents/section_revision.html", context)


# --- Differences --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    """One of two texts of a section that are compared: a saved state, a version's text, or the empty section."""

    name: str
    label: str
    at: datetime.datetime | None
    blocks: list[Block]
    revision: Revision | None = None


@dataclass(frozen=True)
class Stretch:
    """Paragraphs that follow one another: changed ones with what stands around them, or unchanged ones, folded."""

    is_folded: bool
    changes: list[ShownChange]


def stretches(changes: Sequence[ShownChange]) -> list[Stretch]:
    """A section's paragraphs with the long unchanged parts folded."""
    shown = [False] * len(changes)
    for place, change in enumerate(changes):
        if change.state != "same":
            for near in range(max(0, place - CONTEXT), min(len(changes), place + CONTEXT + 1)):
                shown[near] = True
    result: list[Stretch] = []
    for is_shown, change in zip(shown, changes, strict=True):
        if not result or result[-1].is_folded == is_shown:
            result.append(Stretch(not is_shown, []))
        result[-1].changes.append(change)
    return result


@require_safe
def section_compare(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """What changed between two texts of a section: `?old=3&new=5`, `?old=v2&new=5`; 0 is the empty section."""
    document, rights = find_draft(request, region, kind, public_id)
    section = find_section(document, key)
    old, new = (_compared(section, request.GET.get(name, "")) for name in ("old", "new"))
    if _order(old) > _order(new):
        old, new = new, old
    may_edit = can_edit(rights, document)
    is_now = new.revision is not None and new.revision.pk == section.head_id
    texts = []
    for code, name in plain_languages(document.languages):
        changes = section_changes(old.blocks, new.blocks, code)
        texts.append((code, name, stretches(changes), sum(1 for change in changes if change.state != "same")))
    restore = old.revision if may_edit and is_now and old.revision else None
    context = {
        "document": document,
        "region": document.region,
        "crumbs": section_crumbs(document, section, (_("What changed"), "")),
        "section": section,
        "old": old,
        "new": new,
        "sides": _sides(document, section, old, new),
        "texts": texts,
        "is_empty": not old.blocks and not new.blocks,
        "restore": restore,
        "back": {block.id for block in restore.blocks} if restore else set(),
    }
    return render(request, "documents/section_compare.html", context)


def _compared(section: Section, name: str) -> Compared:
    document = section.document
    if VERSION.fullmatch(name):
        version = find_version(document, int(name[1:]))
        row = next((row for row in frozen.read(version).sections if row.key == section.key), None)
        label = _("Version %(number)d") % {"number": version.number}
        return Compared(name, label, version.frozen_at, row.blocks if row else [])
    if not NUMBER.fullmatch(name):
        raise Http404
    if int(name) == 0:
        return Compared("0", _("The empty section"), None, [])
    revision = get_object_or_404(section.revisions.select_related("author"), number=int(name))
    label = _("Text %(number)d") % {"number": revision.number}
    if revision.author:
        label = f"{label}, {revision.author}"
    return Compared(str(revision.number), label, revision.created_at, revision.blocks, revision)


def _order(side: Compared) -> tuple[bool, float, int]:
    number = side.revision.number if side.revision else 0
    return (side.at is not None, side.at.timestamp() if side.at else 0, number)


def _sides(document: Document, section: Section, *chosen: Compared) -> list[tuple[str, str, datetime.datetime | None]]:
    """What can be chosen from: the versions, the last text of each of the newest sittings, and what is shown now."""
    rows: dict[str, tuple[str, str, datetime.datetime | None]] = {}
    for entry in last_sittings(section, PAGE):
        if entry.last:
            label = _("Text %(number)d") % {"number": entry.last.number}
            rows[str(entry.last.number)] = (str(entry.last.number), f"{label}, {entry.author or '–'}", entry.ended_at)
    for version in document.versions.for_list():
        name = f"v{version.number}"
        rows[name] = (name, _("Version %(number)d") % {"number": version.number}, version.frozen_at)
    for side in chosen:
        rows.setdefault(side.name, (side.name, side.label, side.at))
    rows.setdefault("0", ("0", _("The empty section"), None))
    return sorted(
        rows.values(), key=lambda row: (row[2] is not None, row[2].timestamp() if row[2] else 0), reverse=True
    )


# --- Going back ---------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def section_restore(request: Request, region: str, kind: str, public_id: str, key: str, number: int) -> HttpResponse:
    """Bring the section back to an earlier state, as a new one; first what would change."""
    document, rights = find_draft(request, region, kind, public_id)
    section = find_section(document, key)
    require(can_edit(rights, document))
    revision = get_object_or_404(section.revisions, number=number)
    if request.method == "POST" and not _changed_meanwhile(request, section):
        try:
            saved = restore_section(section, revision, by=request.user)
        except ValidationError as error:
            messages.error(request, first_error(error))
        else:
            _tell(request, saved, _("The earlier text is back. What stood here before is in the history."))
        return redirect(address(document, "section-detail", section.key))
    question = _("Bring back the text of %(when)s?")
    return _preview(request, document, section, revision, revision.blocks, question=question)


@require_http_methods(["GET", "POST"])
def block_restore(
    request: Request, region: str, kind: str, public_id: str, key: str, number: int, block_id: str
) -> HttpResponse:
    """Bring one paragraph back to what it was in an earlier state; first what would change."""
    document, rights = find_draft(request, region, kind, public_id)
    section = find_section(document, key)
    require(can_edit(rights, document))
    revision = get_object_or_404(section.revisions, number=number)
    earlier = revision.blocks
    if all(block.id != block_id for block in earlier):
        raise Http404
    if request.method == "POST" and not _changed_meanwhile(request, section):
        try:
            saved = restore_block(section, revision, block_id, by=request.user)
        except ValidationError as error:
            messages.error(request, first_error(error))
        else:
            _tell(request, saved, _("The earlier paragraph is back. What stood in its place is in the history."))
        return redirect(f"{address(document, 'section-detail', section.key)}#b-{block_id}")
    blocks = with_block_back(section.blocks, earlier, block_id)
    question = _("Bring back the paragraph of %(when)s?")
    return _preview(request, document, section, revision, blocks, question=question)


def _tell(request: Request, saved: Saved, done: str) -> None:
    if saved.unchanged:
        messages.info(request, _("The section already has this text."))
    else:
        messages.success(request, done)


def _changed_meanwhile(request: Request, section: Section) -> bool:
    """Whether the text that stands is another than the one that the preview was made of."""
    seen = request.POST.get("seen", "")
    if not seen or seen == str(section.head.number if section.head else 0):
        return False
    messages.warning(request, _("Somebody has changed the text meanwhile. Look at what would change now."))
    return True


def _preview(
    request: Request,
    document: Document,
    section: Section,
    revision: Revision,
    blocks: Sequence[Block],
    *,
    question: str,
) -> HttpResponse:
    when = formats.date_format(timezone.localtime(revision.created_at), "SHORT_DATETIME_FORMAT")
    texts = []
    for code, name in plain_languages(document.languages):
        changes = section_changes(section.blocks, blocks, code)
        texts.append((code, name, stretches(changes), sum(1 for change in changes if change.state != "same")))
    context = {
        "document": document,
        "region": document.region,
        "crumbs": section_crumbs(document, section, (_("Bring back"), "")),
        "section": section,
        "revision": revision,
        "question": question % {"when": when},
        "texts": texts,
        "is_same": not any(count for _code, _name, _stretches, count in texts),
        "seen": section.head.number if section.head else 0,
        "cancel_url": address(document, "section-history", section.key),
    }
    status = 409 if request.method == "POST" else 200
    return render(request, "documents/section_history_restore.html", context, status=status)


# --- Who wrote what -----------------------------------------------------------------------------------------


@require_safe
def section_authors(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """Who gave each paragraph its words, who began it, and where it came from; `?block=` asks of one."""
    document, _rights = find_draft(request, region, kind, public_id)
    section = find_section(document, key)
    below = request.GET.get("below", "")
    found = authors_of(section, below=int(below) if NUMBER.fullmatch(below) else 0)
    language = content_language(document, None)
    resolved = resolve(section.blocks)
    how = reading(document, language, resolved=resolved, anchors=False, heading_level=4)
    registered = kinds.document_kind(document.kind)
    sources = registered.sources(document, [row.block.id for row in found.blocks]) if registered else {}
    context: dict[str, Any] = {
        "document": document,
        "region": document.region,
        "crumbs": section_crumbs(document, section, (_("Who wrote what"), "")),
        "section": section,
        "language": language,
        "rows": [
            {
                "row": row,
                "html": render_blocks([row.block], how),
                "origin": origin_text(row),
                "note": row.begun.note if row.begun and row.begun.origin == Revision.Origin.IMPORTED else "",
                "sources": sources.get(row.block.id, []),
            }
            for row in found.blocks
        ],
        "earlier": found.earlier,
        "read_to": found.read_to,
        "looked_back": LOOKED_BACK,
        "is_later_part": bool(below),
    }
    if block := request.GET.get("block"):
        item = next((item for item in context["rows"] if item["row"].block.id == block), None)
        if item is None:
            raise Http404
        return render(request, "documents/_authors_who.html", {**context, "item": item})
    return render(request, "documents/section_authors.html", context)


def origin_text(row: Authored) -> str:
    """Where a paragraph came from, in a word or two."""
    lineage = {"split": _("Cut off from another paragraph"), "copied": _("Copied from another paragraph")}
    if row.lineage in lineage:
        return lineage[row.lineage]
    if row.begun is None:
        return ""
    names: dict[str, str] = {
        Revision.Origin.IMPORTED: _("Imported from a file"),
        Revision.Origin.COMPILED: _("Compiled from handbooks"),
        Revision.Origin.ACCEPTED: _("From an accepted proposal"),
        Revision.Origin.MOVED: _("Moved here from another section"),
        Revision.Origin.RESTORED: _("Brought back from the history"),
    }
    return names.get(row.begun.origin, _("Written here"))
