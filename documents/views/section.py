"""One section: its text in every language beside each other, its heading and state, its conflicts."""

import hashlib
import itertools
import re
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.http import Request
from documents import kinds, richtext
from documents.blocks import BEHIND, CURRENT, MISSING, TABLE_ROW, Block, translation_state
from documents.forms import HeadingForm
from documents.html import Rendering, parse
from documents.html import render as render_blocks
from documents.models import Conflict, Document, Revision, Section
from documents.permissions import can_change_outline, can_edit
from documents.queries import Outline, OutlineRow, numbered_conflicts, open_conflicts, outline_of
from documents.rendering import image_url, language_name, plain_languages, resolve, structured_html, structured_title
from documents.services.conflicts import combine, keep_text, take_other
from documents.services.description import set_section_state
from documents.services.outline import rename_section
from documents.services.sections import Saved, save_section
from documents.views.document import outline_items
from documents.views.finding import (
    address,
    content_language,
    document_crumbs,
    find_draft,
    find_section,
    first_error,
    require,
)
from regions.permissions import Rights

# A revision's number as it is sent; what is longer is none that there is.
NUMBER = re.compile(r"[0-9]{1,9}")


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

    @property
    def field(self) -> str:
        return f"text-{self.language}"


@require_http_methods(["GET", "POST"])
def section_detail(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """A section for reading and writing. POST saves the text."""
    document, rights = find_draft(request, region, kind, public_id)
    section = find_section(document, key)
    if request.method == "POST":
        require(can_edit(rights, document))
        return _save(request, document, section, rights)
    return render(request, "documents/section_detail.html", _page(request, document, section, rights))


def _save(request: Request, document: Document, section: Section, rights: Rights) -> HttpResponse:
    fields = {language: f"text-{language}" for language in document.languages}
    html = {language: request.POST[name] for language, name in fields.items() if name in request.POST}
    try:
        if not html:
            raise ValidationError(_("The text did not arrive. Save again."), code="text_missing")
        base = base_revision(section, request.POST.get("base", ""))
        client_key = _client_key(request.POST.get("client_key", ""), html)
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
    target = address(document, "section-detail", section.key)
    if request.htmx:
        # Without "#conflicts": a browser that is on the page already would only scroll and not load it again.
        return HttpResponseClientRedirect(target)
    return redirect(f"{target}#conflicts" if saved.conflicts else target)


def _client_key(sent: str, html: Mapping[str, str]) -> str:
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
    registered = kinds.document_kind(document.kind)
    editors = [_editor(row, outline, code, name, typed) for code, name in plain_languages(document.languages)]
    return {
        "document": document,
        "region": document.region,
        "crumbs": document_crumbs(document, (f"{row.number} {section.heading_in(shown)}", "")),
        "section": section,
        "row": row,
        "language": shown,
        "heading": section.heading_in(shown),
        "headings": [(code, section.heading.get(code, "")) for code in document.languages],
        "outline": outline_items(outline, shown, section.key),
        "guidance": _guidance(section, shown),
        "editors": editors,
        "marks": {editor.language: editor.marks for editor in editors},
        "base": section.head.number if section.head else 0,
        "client_key": uuid.uuid4().hex,
        "error": "",
        "unsaved": "",
        "structured": [
            (block.id, structured_html(block, shown, resolved=outline.resolved, document=document, draft=True))
            for block in row.blocks
            if not block.is_text
        ],
        "conflicts": open_conflicts(section, shown) if row.conflicts else [],
        "last": section.revisions.select_related("author").defer("content").order_by("-number").first(),
        "before": before,
        "after": after,
        "panels": registered.panels(section, rights) if registered else [],
        "may_edit": can_edit(rights, document),
        "may_change_outline": can_change_outline(rights, document),
    }


def _guidance(section: Section, language: str) -> str:
    """What the template asks for, sanitised by the same door as every text."""
    guidance = section.guidance.get(language) or next((text for text in section.guidance.values() if text), "")
    blocks = [
        Block(
            id=f"g{position}",
            kind=item.kind,
            text={unit: {language: value} for unit, value in item.text.items()},
            data=item.data,
        )
        for position, item in enumerate(parse(guidance))
    ]
    return render_blocks(blocks, Rendering(language=language, anchors=False, heading_level=4))


def _editor(row: OutlineRow, outline: Outline, language: str, name: str, typed: Mapping[str, str] | None) -> Editor:
    document = outline.document
    counts = row.translations.get(language, Counter())
    html = (typed or {}).get(language)
    if html is None:
        html = editing_html(row.blocks, document, language, outline.resolved)
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
        marks=_marks(row.blocks, document, language) if language != document.original else {},
    )


def editing_html(
    blocks: list[Block], document: Document, language: str, resolved: Mapping[str, Mapping[str, Any]] | None = None
) -> str:
    """A section's text as the editor takes it. A goal or an answer is a mark that cannot be typed into."""
    resolved = resolve(blocks) if resolved is None else resolved

    titles = _structured_runs(blocks, language, resolved)

    def mark(block: Block) -> SafeString | str:
        if block.id not in titles:
            return ""
        return format_html('<div data-structured="{}" title="{}"></div>', block.id, titles[block.id])

    how = Rendering(language=language, editing=True, image_url=lambda key: image_url(document, key), structured=mark)
    return render_blocks(blocks, how)


def _structured_runs(blocks: list[Block], language: str, resolved: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """One mark for structured blocks that follow one another: the first one's id and what stands there."""
    titles: dict[str, str] = {}
    for is_text, run in itertools.groupby(blocks, key=lambda block: block.is_text):
        if is_text:
            continue
        first, *others = run
        title = _plain_title(first, language, resolved)
        if others:
            more = ngettext("%(title)s, and one more entry", "%(title)s, and %(count)d more entries", len(others))
            title = more % {"title": title, "count": len(others)}
        titles[first.id] = title
    return titles


def _plain_title(block: Block, language: str, resolved: Mapping[str, Mapping[str, Any]]) -> str:
    return richtext.plain(structured_title(block, language, resolved))


def _marks(blocks: list[Block], document: Document, language: str) -> dict[str, dict[str, Any]]:
    marks: dict[str, dict[str, Any]] = {}
    for block in blocks:
        state = translation_state(block, language, original=document.original)
        if not block.is_text or state == CURRENT:
            continue
        mark: dict[str, Any] = {"state": state, "original": _beginning(block.plain_in(document.original))}
        if block.kind == TABLE_ROW:
            cells = {column: richtext.plain(texts.get(document.original, "")) for column, texts in block.text.items()}
            mark["cells"] = {column: _beginning(text) for column, text in cells.items() if text}
        marks[block.id] = mark
    return marks


def _beginning(text: str) -> str:
    words = text.split()
    return " ".join(words[:12]) + (" …" if len(words) > 12 else "")


# --- Heading and state ------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def section_rename(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """The heading of a section in every language."""
    document, rights = find_draft(request, region, kind, public_id)
    section = find_section(document, key)
    require(can_change_outline(rights, document))
    form = HeadingForm(request.POST or None, document=document, section=section)
    if form.is_valid():
        rename_section(section, heading=form.heading, by=request.user)
        messages.success(request, _("The heading was saved."))
        return redirect(address(document, "section-detail", section.key))
    context = {
        "document": document,
        "region": document.region,
        "crumbs": document_crumbs(
            document, (str(section), address(document, "section-detail", section.key)), (_("Heading"), "")
        ),
        "title": _("Change the heading"),
        "lead": "",
        "form": form,
        "submit_label": _("Save the heading"),
        "cancel_url": address(document, "section-detail", section.key),
    }
    return render(request, "documents/section_form.html", context, status=422 if form.errors else 200)


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


def _after_conflict(document: Document, section: Section) -> HttpResponse:
    anchor = "#conflicts" if section.conflicts.filter(settled_at=None).exists() else ""
    return redirect(address(document, "section-detail", section.key) + anchor)


@require_POST
def conflict_keep(request: Request, region: str, kind: str, public_id: str, key: str, number: int) -> HttpResponse:
    """What stands in the text stays."""
    document, _rights, section, conflict = _conflict(request, region, kind, public_id, key, number)
    keep_text(conflict, by=request.user)
    messages.success(request, _("The text stays as it was. The other text is in the history."))
    return _after_conflict(document, section)


@require_POST
def conflict_take(request: Request, region: str, kind: str, public_id: str, key: str, number: int) -> HttpResponse:
    """The other text comes into its place."""
    document, _rights, section, conflict = _conflict(request, region, kind, public_id, key, number)
    try:
        take_other(conflict, by=request.user)
    except ValidationError as error:
        messages.error(request, first_error(error))
    else:
        messages.success(request, _("The other text is now in the section. The earlier one is in the history."))
    return _after_conflict(document, section)


@require_POST
def conflict_combine(request: Request, region: str, kind: str, public_id: str, key: str, number: int) -> HttpResponse:
    """A text made of both comes into its place."""
    document, rights, section, conflict = _conflict(request, region, kind, public_id, key, number)
    text = "<br>".join(item.text.get("body", "") for item in parse(request.POST.get("text", "")))
    try:
        combine(conflict, text, by=request.user)
    except ValidationError as error:
        context = _page(request, document, section, rights) | {
            "error": first_error(error),
            "unsaved": mark_safe(text),  # noqa: S308 `parse` sanitised it
        }
        return render(request, "documents/section_detail.html", context, status=422)
    messages.success(request, _("The combined text is now in the section. Both earlier ones are in the history."))
    return _after_conflict(document, section)
