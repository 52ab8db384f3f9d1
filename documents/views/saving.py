"""Saving from the editor without leaving the page: what the browser sends every few seconds, and what it is told."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.http import Request
from documents.blocks import same_blocks
from documents.conflicting import open_conflicts
from documents.models import Document, Revision, Section
from documents.permissions import can_edit
from documents.services.sections import Saved, save_section
from documents.views.editing import editing_html, marks_of
from documents.views.finding import content_language, find_draft, find_section, first_error

# A revision's number as it is sent; what is longer is none that there is.
NUMBER = re.compile(r"[0-9]{1,9}")
# The name that a browser gives to one sending of a text.
KEY = re.compile(r"[0-9a-f-]{36}")
MOST_KEYS = 20
# The text that somebody started from is not known, or the section has gone: sending it again will not help.
PAST_HELP = {"base_unknown", "section_removed"}


def posted_texts(request: Request, document: Document) -> dict[str, str]:
    """The text of each language that was sent. Raises ValidationError when none was (`text_missing`)."""
    fields = {language: f"text-{language}" for language in document.languages}
    html = {language: request.POST[name] for language, name in fields.items() if name in request.POST}
    if not html:
        raise ValidationError(_("The text did not arrive. Save again."), code="text_missing")
    return html


def client_key_of(sent: str, html: Mapping[str, str]) -> str:
    """The same save sent twice is one save; other words sent from the same page (the way back leads there) are not."""
    if not sent:
        return ""
    parts = [sent, *(f"{language}\n{text}" for language, text in sorted(html.items()))]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def base_revision(section: Section, number: str) -> Revision | None:
    """The revision that a writer started from; 0 is the empty section.

    Raises ValidationError (`base_unknown`) rather than guess: a guess could write over another's text.
    """
    if number == "0":
        return None
    revision = section.revisions.filter(number=int(number)).first() if NUMBER.fullmatch(number) else None
    if revision is None:
        raise ValidationError(
            _(
                "It is not known which text you started from, so nothing was saved. "
                "Copy what you wrote, open the section again and add your changes."
            ),
            code="base_unknown",
        )
    return revision


def clock() -> str:
    """The time of day now, with the word that stands before it."""
    return formats.time_format(timezone.localtime(), "CLOCK_FORMAT")


def posted_languages(request: Request, document: Document) -> list[str]:
    """The languages that the editor shows."""
    return [language for language in document.languages if language in request.POST.getlist("language")]


# --- For the editor -----------------------------------------------------------------------------------------


def save_from_editor(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """Save what the editor sent and answer where it goes on from: never a page, never the way to the sign-in."""
    try:
        document, rights = find_draft(request, region, kind, public_id)
        section = find_section(document, key)
    except Http404:
        return _refused(
            _(
                "This section can no longer be opened: it was removed, or your right to it has ended. "
                "What was not saved is kept on this device."
            ),
            404,
        )
    if not can_edit(rights, document):
        return _refused(
            _("Your right to write here has ended, so the text was not saved. It is kept on this device."), 403
        )
    try:
        html = posted_texts(request, document)
        base = _base_of_browser(section, request)
        saved = save_section(
            section,
            by=request.user,
            base=base,
            html=html,
            client_key=_own_key(request.POST.get("client_key", "")),
            is_automatic=request.POST.get("automatic") == "1",
        )
    except ValidationError as error:
        return _refused(first_error(error), 409 if error.code in PAST_HELP else 422)
    section = find_section(document, key)
    return JsonResponse(_answer(request, document, section, saved, html, base))


def _refused(error: str, status: int) -> JsonResponse:
    return JsonResponse({"error": error}, status=status)


def _own_key(sent: str) -> str:
    return sent if KEY.fullmatch(sent) else ""


def arrived_before(section: Section, request: Request) -> Revision | None:
    """What an earlier sending of this writer has become, whose answer did not reach the browser."""
    keys = [key for key in request.POST.getlist("after")[-MOST_KEYS:] if _own_key(key)]
    if not keys:
        return None
    return section.revisions.filter(client_key__in=keys, author=request.user).order_by("-number").first()


def _base_of_browser(section: Section, request: Request) -> Revision | None:
    """What the writer goes on from: an earlier sending that arrived unanswered, else the revision that is named."""
    return arrived_before(section, request) or base_revision(section, request.POST.get("base", ""))


def _answer(
    request: Request,
    document: Document,
    section: Section,
    saved: Saved,
    sent: Mapping[str, str],
    base: Revision | None,
) -> dict[str, Any]:
    own = saved.own.blocks if saved.own else []
    stands = section.blocks
    is_standing = same_blocks(own, stands)
    written = {language: editing_html(own, document, language) for language in sent}
    if saved.conflicts:
        state = "conflict"
    elif not is_standing:
        state = "merged"
    else:
        state = "unchanged" if saved.unchanged else "saved"
    return {
        "state": state,
        "base": saved.own.number if saved.own else 0,
        "head": section.head.number if section.head else 0,
        "saved_at": clock(),
        "by": others_between(section, base, request.user) if not is_standing else [],
        "own": written if written != dict(sent) else None,
        "html": None if is_standing else standing_html(section, document, sent),
        "marks": editor_marks(section, document, sent),
        "conflicts": conflicts_html(request, document, section),
    }


def standing_answer(request: Request, document: Document, section: Section, message: str = "") -> dict[str, Any]:
    """The text that stands now, for an editor that shows an earlier one."""
    languages = posted_languages(request, document)
    return {
        "message": message,
        "head": section.head.number if section.head else 0,
        "html": standing_html(section, document, languages),
        "marks": editor_marks(section, document, languages),
        "conflicts": conflicts_html(request, document, section),
    }


def standing_html(section: Section, document: Document, languages: Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    """The text that stands, as the editor takes it."""
    return {language: editing_html(section.blocks, document, language) for language in languages}


def editor_marks(
    section: Section, document: Document, languages: Sequence[str] | Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    others = [language for language in languages if language != document.original]
    return {language: marks_of(section.blocks, document, language) for language in others}


def others_between(section: Section, base: Revision | None, user: Any) -> list[str]:
    """The names of those who have saved the section since a revision, in order of their first save.

    A side revision has only what its writer had: others have been at it since the state that the writer began with.
    Where nobody else has, it was the writer in another window.
    """
    while base and base.is_side:
        base = base.base
    rows = section.revisions.line().filter(number__gt=base.number if base else 0)
    rows = rows.exclude(author=user).select_related("author").defer("content").order_by("number")
    others = list(rows)
    if not others:
        return [_("you, in another window")]
    return list(dict.fromkeys(str(row.author) for row in others if row.author))


def conflicts_html(request: Request, document: Document, section: Section) -> str:
    """The panel in which somebody chooses between two texts; empty where there is nothing to choose."""
    if not section.conflicts.filter(settled_at=None).exists():
        return ""
    conflicts = open_conflicts(section, content_language(document, None))
    context = {
        "conflicts": conflicts,
        "document": document,
        "region": document.region,
        "section": section,
        "may_edit": True,
    }
    return render_to_string("documents/_conflicts.html", context, request=request)
