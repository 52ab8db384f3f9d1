"""Internal notes: the panel beside a section, all notes of a document, one thread, and what is done with it.

Every form works by itself; with htmx the panel, or the one thread, is put in place anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request, site_of
from accounts.models import User
from documents.comparing import block_labels
from documents.models import Document, Note, Section
from documents.notes import (
    ALL,
    OPEN,
    RESOLVED,
    NoteFilter,
    Thread,
    arranged,
    chosen_threads,
    counted_by_block,
    with_aliases,
)
from documents.permissions import can_edit, can_edit_note, draft_readers
from documents.queries import Outline, OutlineRow, outline_of
from documents.services.notes import add_note, answer_note, edit_note, reopen_thread, resolve_thread
from documents.views.finding import address, content_language, document_crumbs, find_draft, find_section, require
from documents.views.outline_panel import states_in_outline

PER_PAGE = 30
PANEL = "notes-panel"


@dataclass(frozen=True)
class NoteBox:
    """A form for a note or an answer, as it is drawn: where it goes, and what was typed in it already."""

    id: str
    action: str
    target: str
    """The element that htmx puts in place anew."""
    may_mention: bool
    """Whether anybody else reads the draft. Their names stand once on the page, for all its forms."""
    text: str = ""
    error: str = ""
    blocks: list[tuple[str, str]] = field(default_factory=list)
    """What the note can be about: blocks with their first words."""
    block: str = ""
    section: str = ""
    in_panel: bool = False

    @property
    def field_id(self) -> str:
        return f"{self.id}-text"


@dataclass(frozen=True)
class ShownThread:
    """A thread with the form for answering it; resolved ones have none."""

    thread: Thread
    box: NoteBox | None
    in_panel: bool
    focus: bool = False
    said: str = ""
    """What is read out once it stands on the page."""
    row: OutlineRow | None = None
    """The section, where the panel's title and the outline say how many of its notes are open now."""
    states: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class NotesPanel:
    """The notes of one section as they stand beside its text."""

    document: Document
    section: Section
    threads: list[ShownThread]
    box: NoteBox
    people: list[User]
    resolved: int
    may_write: bool
    said: str = ""
    row: OutlineRow | None = None
    """The section, where the outline must show anew how many of its notes are open."""
    states: list[tuple[str, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.threads)


@dataclass(frozen=True)
class Page:
    """What all threads of one page share: the text that they belong to, who reads, and who can be mentioned."""

    outline: Outline
    reader: User
    people: list[User]
    may_write: bool

    @classmethod
    def of(cls, outline: Outline, reader: User, *, may_write: bool) -> "Page":
        return cls(outline, reader, [user for user in draft_readers(outline.document) if user != reader], may_write)

    @property
    def document(self) -> Document:
        return self.outline.document

    def threads(self, pks: Iterable[int]) -> list[Thread]:
        language = content_language(self.document, None)
        return arranged(self.outline, list(pks), language, reader_id=self.reader.pk)

    def shown(self, thread: Thread, *, in_panel: bool, typed: "Typed | None" = None, **how: Any) -> ShownThread:
        box = None
        if thread.is_open and self.may_write:
            key = thread.note.public_id
            typed = typed or Typed()
            box = NoteBox(
                id=f"answer-{key}",
                action=address(self.document, "note-answer", key),
                target=f"#note-{key}",
                may_mention=bool(self.people),
                text=typed.text,
                error=typed.error,
                in_panel=in_panel,
            )
        return ShownThread(thread, box, in_panel, **how)


@dataclass(frozen=True)
class Typed:
    """What somebody sent that could not be kept, with the reason."""

    text: str = ""
    error: str = ""
    block: str = ""


# --- Beside a section -----------------------------------------------------------------------------------------


def notes_panel(
    outline: Outline,
    row: OutlineRow,
    reader: User,
    *,
    may_write: bool,
    typed: Typed | None = None,
    new: Note | None = None,
) -> NotesPanel:
    """The open threads of a section and a form for a new one; five queries at most, however much was said."""
    page = Page.of(outline, reader, may_write=may_write)
    document, section = outline.document, row.section
    counts = document.notes.filter(section=section, thread=None)
    open_notes = list(counts.filter(resolved_at=None).order_by("-pk").values_list("pk", flat=True))
    return NotesPanel(
        document=document,
        section=section,
        threads=[
            page.shown(thread, in_panel=True, focus=new is not None and thread.note.pk == new.pk)
            for thread in page.threads(open_notes)
        ],
        box=new_box(page, row, typed or Typed(), in_panel=True),
        people=page.people,
        resolved=counts.filter(resolved_at__isnull=False).count(),
        may_write=may_write,
        said=_("The note was added.") if new else "",
        row=row if new else None,
        states=states_in_outline(outline, row, reader) if new else [],
    )


def new_box(page: Page, row: OutlineRow, typed: Typed, *, in_panel: bool) -> NoteBox:
    document = page.document
    return NoteBox(
        id="new-note",
        action=address(document, "note-add"),
        # On a page of its own there is no panel that htmx could put the answer into.
        target=f"#{PANEL}" if in_panel else "",
        may_mention=bool(page.people),
        text=typed.text,
        error=typed.error,
        blocks=block_labels(row.blocks, document, page.outline.resolved_in(row)),
        block=typed.block,
        section=row.section.key,
        in_panel=in_panel,
    )


def note_marks(document: Document) -> dict[str, dict[str, str]]:
    """Block -> the words and the address of the mark that stands beside it where the draft is read."""
    notes = address(document, "note-list")
    return {
        block: {
            "label": ngettext("One internal note", "%(count)d internal notes", count) % {"count": count},
            "url": f"{notes}?block={block}",
        }
        for block, count in counted_by_block(document).items()
    }


@dataclass(frozen=True)
class NotesAbout:
    """How many open notes one block has, with where to read and write them: for the form of a goal or a measure."""

    count: int
    url: str
    add_url: str


def notes_about(document: Document, block_id: str) -> NotesAbout:
    count = document.notes.open().filter(block_id__in=with_aliases(document, block_id)).count()
    query = f"?block={block_id}"
    return NotesAbout(count, address(document, "note-list") + query, address(document, "note-add") + query)


@require_http_methods(["GET", "POST"])
def note_add(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """A new note about a section or one of its blocks, on a page of its own where it is not written beside the text."""
    document, rights = find_draft(request, region, kind, public_id)
    require(can_edit(rights, document))
    block = request.GET.get("block", "")[:10]
    key = request.POST.get("section") or request.GET.get("section") or _section_of(document, block)
    section = find_section(document, key)
    typed = Typed(block=block)
    if request.method == "POST":
        typed = _typed(request)
        try:
            note = add_note(
                section,
                text=typed.text,
                by=request.user,
                site=site_of(request),
                block_id=typed.block,
            )
        except ValidationError as error:
            typed = _with_error(typed, error)
        else:
            return _added(request, document, section, note)
    outline = outline_of(document)
    row = outline.by_key[section.key]
    status = 422 if typed.error else 200
    if request.htmx and typed.error:
        panel = notes_panel(outline, row, request.user, may_write=True, typed=typed)
        return render(request, "documents/_notes_panel.html", {"panel": panel}, status=status)
    page = Page.of(outline, request.user, may_write=True)
    context = _frame(document, _("New note")) | {
        "section": section,
        "row": row,
        "language": content_language(document, None),
        "box": new_box(page, row, typed, in_panel=False),
        "people": page.people,
    }
    return render(request, "documents/note_form.html", context, status=status)


def _section_of(document: Document, block_id: str) -> str:
    """The section in which a block stands, for a link that names the block alone."""
    rows = document.block_identities.filter(block_id=block_id, section__isnull=False)
    return rows.values_list("section__key", flat=True).first() or ""


def _added(request: Request, document: Document, section: Section, note: Note) -> HttpResponse:
    if request.htmx:
        outline = outline_of(document)
        row = outline.by_key[section.key]
        panel = notes_panel(outline, row, request.user, may_write=True, new=note)
        return render(request, "documents/_notes_panel.html", {"panel": panel})
    if request.POST.get("in_panel"):
        return redirect(f"{address(document, 'section-detail', section.key)}#note-{note.public_id}")
    return redirect(address(document, "note-detail", note.public_id))


# --- All notes of a document, and one of them ---------------------------------------------------------------


@require_safe
def note_list(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """All notes of a document: open or resolved, one's own, those that mention one, those about one place."""
    document, rights = find_draft(request, region, kind, public_id)
    wanted = NoteFilter(
        state=request.GET["state"] if request.GET.get("state") in {OPEN, RESOLVED, ALL} else OPEN,
        whose=request.GET["whose"] if request.GET.get("whose") in {"mine", "mentions"} else "",
        section=request.GET.get("section", "")[:80],
        block=request.GET.get("block", "")[:10],
    )
    outline = outline_of(document)
    pages = Paginator(chosen_threads(document, wanted, reader_id=request.user.pk), PER_PAGE)
    part = pages.get_page(request.GET.get("page"))
    page = Page.of(outline, request.user, may_write=can_edit(rights, document))
    shown = [page.shown(thread, in_panel=False) for thread in page.threads(part)]
    context = _frame(document, _("Internal notes")) | {
        "threads": [row for row in shown if not row.thread.is_gone],
        "gone": [row for row in shown if row.thread.is_gone],
        "count": pages.count,
        "part": part,
        "wanted": wanted,
        "sections": [(row.section.key, f"{row.number} {row.section}".strip()) for row in outline.rows],
        "states": [
            (OPEN, pgettext("internal notes", "Open")),
            (RESOLVED, pgettext("internal notes", "Resolved")),
            (ALL, pgettext("internal notes", "All")),
        ],
        "owners": [("", _("Everyone’s")), ("mine", _("Where I have written")), ("mentions", _("That mention me"))],
        "query": _query_without_page(request),
        "may_write": page.may_write,
        "people": page.people,
        "said": _("Notes shown: %(count)d") % {"count": pages.count} if request.htmx else "",
    }
    fragment = "#found" if request.htmx else ""
    return render(request, f"documents/note_list.html{fragment}", context)


def _query_without_page(request: Request) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()


@require_safe
def note_detail(request: Request, region: str, kind: str, public_id: str, note: str) -> HttpResponse:
    """One thread by itself: where mails lead, whatever became of the text."""
    document, rights = find_draft(request, region, kind, public_id)
    return _thread_page(request, document, _find_thread(document, note), may_write=can_edit(rights, document))


def _thread_page(
    request: Request, document: Document, root: Note, *, may_write: bool, typed: Typed | None = None, said: str = ""
) -> HttpResponse:
    """The thread alone for htmx, which puts it where it stood; else its page."""
    outline = outline_of(document)
    page = Page.of(outline, request.user, may_write=may_write)
    row = outline.by_key.get(root.section.key) if request.htmx and request.POST.get("in_panel") else None
    (thread,) = page.threads([root.pk])
    shown = page.shown(
        thread,
        in_panel=bool(request.POST.get("in_panel")),
        typed=typed,
        focus=bool(request.htmx) and not (typed and typed.error),
        said=said,
        row=row,
        states=states_in_outline(outline, row, request.user) if row else [],
    )
    status = 422 if typed and typed.error else 200
    if request.htmx:
        return render(
            request,
            "documents/_note_thread.html",
            {"shown": shown, "document": document, "may_write": may_write},
            status=status,
        )
    context = _frame(document, _("Note")) | {"shown": shown, "may_write": may_write, "people": page.people}
    return render(request, "documents/note_detail.html", context, status=status)


# --- What is done with a thread -----------------------------------------------------------------------------


@require_POST
def note_answer(request: Request, region: str, kind: str, public_id: str, note: str) -> HttpResponse:
    document, rights = find_draft(request, region, kind, public_id)
    thread = _find_thread(document, note)
    require(can_edit(rights, document))
    typed = _typed(request)
    try:
        answer_note(thread, text=typed.text, by=request.user, site=site_of(request))
    except ValidationError as error:
        return _thread_page(
            request, document, _find_thread(document, note), may_write=True, typed=_with_error(typed, error)
        )
    return _done(request, document, thread, _("The answer was added."))


@require_POST
def note_resolve(request: Request, region: str, kind: str, public_id: str, note: str) -> HttpResponse:
    document, rights = find_draft(request, region, kind, public_id)
    thread = _find_thread(document, note)
    require(can_edit(rights, document))
    resolve_thread(thread, by=request.user)
    return _done(request, document, thread, _("The note is marked as resolved."))


@require_POST
def note_reopen(request: Request, region: str, kind: str, public_id: str, note: str) -> HttpResponse:
    document, rights = find_draft(request, region, kind, public_id)
    thread = _find_thread(document, note)
    require(can_edit(rights, document))
    reopen_thread(thread, by=request.user)
    return _done(request, document, thread, _("The note is open again."))


@require_http_methods(["GET", "POST"])
def note_edit(request: Request, region: str, kind: str, public_id: str, note: str) -> HttpResponse:
    """One's own words put right, a little while after they were written."""
    document, _rights = find_draft(request, region, kind, public_id)
    found = get_object_or_404(document.notes.select_related("thread", "section"), public_id=note)
    require(can_edit_note(request.user, found))
    people = [user for user in draft_readers(document) if user != request.user]
    typed = Typed(found.text)
    if request.method == "POST":
        typed = _typed(request)
        try:
            edit_note(found, text=typed.text, by=request.user, site=site_of(request))
        except ValidationError as error:
            typed = _with_error(typed, error)
        else:
            return redirect(address(document, "note-detail", (found.thread or found).public_id))
    box = NoteBox(
        id="edit-note",
        action=address(document, "note-edit", found.public_id),
        target="",
        may_mention=bool(people),
        text=typed.text,
        error=typed.error,
    )
    context = _frame(document, _("Edit the note")) | {"box": box, "note": found.thread or found, "people": people}
    return render(request, "documents/note_edit.html", context, status=422 if typed.error else 200)


def _done(request: Request, document: Document, thread: Note, said: str) -> HttpResponse:
    fresh = _find_thread(document, thread.public_id)
    if request.htmx:
        return _thread_page(request, document, fresh, may_write=True, said=said)
    if request.POST.get("in_panel") and fresh.resolved_at is None and fresh.section.removed_at is None:
        return redirect(f"{address(document, 'section-detail', fresh.section.key)}#note-{fresh.public_id}")
    return redirect(address(document, "note-detail", fresh.public_id))


def _find_thread(document: Document, public_id: str) -> Note:
    note = get_object_or_404(document.notes.select_related("section"), public_id=public_id)
    if note.thread_id:
        raise Http404
    note.document = document
    return note


def _frame(document: Document, title: str) -> dict[str, Any]:
    notes = address(document, "note-list")
    own = [(_("Internal notes"), "")] if title == _("Internal notes") else [(_("Internal notes"), notes), (title, "")]
    return {
        "document": document,
        "region": document.region,
        "title": title,
        "crumbs": document_crumbs(document, *own),
    }


def _typed(request: Request) -> Typed:
    return Typed(text=request.POST.get("text", ""), block=request.POST.get("block", "")[:10])


def _with_error(typed: Typed, error: ValidationError) -> Typed:
    return Typed(typed.text, " ".join(error.messages), typed.block)
