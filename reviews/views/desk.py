"""The answer desk: the list of remarks, one remark, and what is done with it.

Every form works by itself; with htmx the remark's page is put in place anew, with the next remark where one goes on.
The filter of the list stands in the address of every page, so that "next" means the next of those that were wanted.
"""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, push_url

from accounts.http import Request, site_of
from documents.models import Document
from documents.permissions import can_coordinate
from documents.rendering import language_name
from documents.views.finding import content_language, document_crumbs, find_draft, first_error
from regions.permissions import Rights, rights_of
from reviews.desk.listing import PER_PAGE, SORTS, Listed, Wanted, listed, remarks_of
from reviews.desk.page import filters_of, rows_of, writers_of
from reviews.desk.remark_page import remark_page
from reviews.desk.respondents import how_it_came
from reviews.forms.desk import AnswerForm, AssignForm, NoteForm
from reviews.models import Answer, Remark
from reviews.services.accepting import BUILT_UPON, NONE, TAKEN_OUT, answer_anew
from reviews.services.answers import add_note, answer, assign, language_of, undo

NEXT = "next"


def find_desk(request: Request, region: str, kind: str, public_id: str) -> tuple[Document, Rights, Wanted]:
    """The document, for those who write it (`reviews.permissions.can_handle`), and what of its remarks is wanted."""
    document, rights = find_draft(request, region, kind, public_id)
    return document, rights, Wanted.of(request.GET)


def desk_address(document: Document, name: str, *rest: object, wanted: Wanted | None = None) -> str:
    """A page of the answer desk, with the filter: `desk_address(document, "remark", remark.public_id)`."""
    url = reverse(f"reviews:{name}", args=[document.region.slug, document.kind, document.public_id, *rest])
    return f"{url}?{wanted.query}" if wanted and wanted.query else url


def desk_frame(document: Document, title: str, wanted: Wanted | None = None) -> dict[str, Any]:
    """What all pages of the desk have. Without a title it is the list itself."""
    own = [(_("Handling of comments"), desk_address(document, "remark-list", wanted=wanted) if title else "")]
    return {
        "document": document,
        "region": document.region,
        "title": title or _("Handling of comments"),
        "crumbs": document_crumbs(document, *own, *([(title, "")] if title else [])),
        "language": content_language(document, None),
    }


@require_safe
def remark_list(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """All remarks on a document over all of its rounds, in the order of the text."""
    document, _rights, wanted = find_desk(request, region, kind, public_id)
    found = listed(document, wanted, reader=request.user)
    page = Paginator(found.lines, PER_PAGE).get_page(request.GET.get("page"))
    writers = writers_of(document)
    first, more = filters_of(found, wanted, reader=request.user, writers=writers)
    count = len(found.lines)
    context = desk_frame(document, "") | {
        "wanted": wanted,
        "total": found.total,
        "count": count,
        "rows": rows_of(found, page.object_list),
        "page_obj": page,
        "first": first,
        "more": more,
        "more_open": any(row.value for row in more) or bool(wanted.who),
        "sorts": SORTS.items(),
        "list_url": desk_address(document, "remark-list"),
        "said": ngettext("%(count)d remark", "%(count)d remarks", count) % {"count": count} if request.htmx else "",
    }
    fragment = "#found" if request.htmx else ""
    return render(request, f"reviews/remark_list.html{fragment}", context)


# --- One remark -------------------------------------------------------------------------------------------------


def find_remark(document: Document, remark_id: str) -> Remark:
    """A remark that somebody handed in; what was not handed in, and what was taken back, does not exist here."""
    rows = remarks_of(document).select_related(
        *("version", "author", "assigned_to"),
        *(
            "statement__round",
            "statement__organisation",
            "statement__user",
            "statement__area",
            "statement__municipality",
        ),
    )
    remark: Remark = get_object_or_404(rows, public_id=remark_id)
    remark.version.document = document
    return remark


@dataclass
class Typed:
    """Forms that came back with errors, to be shown as they were filled in."""

    answer: AnswerForm | None = None
    note: NoteForm | None = None
    error: str = ""
    said: str = ""
    """What is read out once the remark stands on the page."""
    focus: str = field(default="")
    """Which part of the page takes the focus: the title, the answer, the notes."""


@require_safe
def remark_detail(request: Request, region: str, kind: str, public_id: str, remark_id: str) -> HttpResponse:
    document, _rights, wanted = find_desk(request, region, kind, public_id)
    remark = find_remark(document, remark_id)
    typed = Typed(focus="title", said="") if request.htmx else Typed()
    return _page(request, document, remark, wanted, typed=typed)


def _page(
    request: Request,
    document: Document,
    remark: Remark,
    wanted: Wanted,
    *,
    typed: Typed | None = None,
    found: Listed | None = None,
) -> HttpResponse:
    """The remark's page; for htmx the part that changes from remark to remark."""
    typed = typed or Typed()
    found = found or listed(document, wanted, reader=request.user)
    before, after, number = found.neighbours(remark.public_id)
    shown = remark_page(document, remark, found.sections)
    writers = writers_of(document)
    if typed.focus == "title":
        typed.said = _place_in_list(number, len(found.lines))
    context = desk_frame(document, _title(remark, shown.name), wanted) | {
        "wanted": wanted,
        "shown": shown,
        "remark": remark,
        "statement": remark.statement,
        "may_run": can_coordinate(rights_of(request.user), document),
        "how": how_it_came(remark.statement),
        "number": number,
        "count": len(found.lines),
        "before_url": desk_address(document, "remark", before, wanted=wanted) if before else "",
        "after_url": desk_address(document, "remark", after, wanted=wanted) if after else "",
        "list_url": desk_address(document, "remark-list", wanted=wanted),
        "query": f"?{wanted.query}" if wanted.query else "",
        "form": typed.answer or _answer_form(document, remark, shown.answer),
        "assign_form": AssignForm(
            writers=writers, reader=request.user, initial={"to": str(remark.assigned_to_id or "")}
        ),
        "note_form": typed.note or NoteForm(),
        "notes": list(remark.notes.select_related("author")),
        "error": typed.error,
        "focus": typed.focus,
        "said": typed.said,
        "htmx": bool(request.htmx),
    }
    failed = typed.error or typed.answer or typed.note
    fragment = "#remark" if request.htmx else ""
    return render(request, f"reviews/remark_detail.html{fragment}", context, status=422 if failed else 200)


def _title(remark: Remark, name: str) -> str:
    return _("Remark: %(name)s") % {"name": name}


def _place_in_list(number: int, count: int) -> str:
    return _("Remark %(number)d of %(count)d") % {"number": number, "count": count} if number else ""


def _answer_form(document: Document, remark: Remark, given: Answer | None, data: Any = None) -> AnswerForm:
    initial = {}
    if given:
        initial = {AnswerForm.field_name(code): text for code, text in given.reason.items()}
        initial["outcome"] = given.outcome
    return AnswerForm(data, document=document, spoken=[language_of(remark, document)], initial=initial)


@require_POST
def remark_answer(request: Request, region: str, kind: str, public_id: str, remark_id: str) -> HttpResponse:
    """Answer one remark, or answer it anew; then on to the next one, or stay."""
    document, _rights, wanted = find_desk(request, region, kind, public_id)
    remark = find_remark(document, remark_id)
    # What comes next is decided before: once it is answered, the remark may not fit the filter any more.
    before = listed(document, wanted, reader=request.user)
    given = None
    if shown := request.POST.get("instead_of", ""):
        given = get_object_or_404(Answer, public_id=shown, remarks=remark)
    form = _answer_form(document, remark, given, request.POST)
    if not form.is_valid():
        return _page(request, document, remark, wanted, typed=Typed(answer=form, focus="answer"), found=before)
    outcome, text = form.cleaned_data["outcome"], NONE
    try:
        if given:
            _given, text = answer_anew(remark, instead_of=given, outcome=outcome, reason=form.reason, by=request.user)
        else:
            answer([remark], outcome=outcome, reason=form.reason, by=request.user)
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, document, remark, wanted, typed=Typed(answer=form, focus="answer"))
    said = " ".join(part for part in (_("The answer was saved."), _of_the_text(text), missing_languages(form)) if part)
    if request.POST.get("then") != NEXT:
        return _stay(request, document, remark, wanted, said, focus="answer")
    return _onward(request, document, before.neighbours(remark.public_id)[1], wanted, said, warn=bool(form.unspoken))


def _of_the_text(text: str) -> str:
    """What became of the change that an earlier answer had made."""
    if text == TAKEN_OUT:
        return _("The change that the earlier answer made was taken out of the text.")
    if text == BUILT_UPON:
        return _("Others have gone on from the change that the earlier answer made, so the text stays as it is.")
    return ""


def missing_languages(form: AnswerForm) -> str:
    """A warning that the reason is not in all languages; the summary will show it in the one that there is."""
    if not form.unspoken:
        return ""
    names = ", ".join(language_name(code) for code in form.unspoken)
    return _("The reason is still missing in: %(languages)s.") % {"languages": names}


def _onward(request: Request, document: Document, after: str, wanted: Wanted, said: str, *, warn: bool) -> HttpResponse:
    """To the next remark of the list; after the last one back to the list."""
    tell = messages.warning if warn else messages.success
    if not after:
        tell(request, said)
        url = desk_address(document, "remark-list", wanted=wanted)
        return HttpResponseClientRedirect(url) if request.htmx else redirect(url)
    url = desk_address(document, "remark", after, wanted=wanted)
    if not request.htmx:
        tell(request, said)
        return redirect(url)
    found = listed(document, wanted, reader=request.user)
    remark = find_remark(document, after)
    number = found.neighbours(after)[2]
    typed = Typed(focus="next", said=f"{said} {_place_in_list(number, len(found.lines))}".strip())
    return push_url(_page(request, document, remark, wanted, typed=typed, found=found), url)


def _stay(
    request: Request, document: Document, remark: Remark, wanted: Wanted, said: str, *, focus: str
) -> HttpResponse:
    url = desk_address(document, "remark", remark.public_id, wanted=wanted)
    if not request.htmx:
        messages.success(request, said)
        return redirect(f"{url}#{focus}")
    fresh = find_remark(document, remark.public_id)
    return push_url(_page(request, document, fresh, wanted, typed=Typed(focus=focus, said=said)), url)


@require_POST
def remark_assign(request: Request, region: str, kind: str, public_id: str, remark_id: str) -> HttpResponse:
    """Give a remark to somebody who writes the document, or to nobody."""
    document, _rights, wanted = find_desk(request, region, kind, public_id)
    remark = find_remark(document, remark_id)
    form = AssignForm(request.POST, writers=writers_of(document), reader=request.user)
    error = "" if form.is_valid() else _("Choose somebody who writes this document.")
    if not error:
        try:
            assign([remark], to=form.chosen, by=request.user, site=site_of(request))
        except ValidationError as refused:
            error = first_error(refused)
    if error:
        return _page(request, document, remark, wanted, typed=Typed(error=error, focus="handler"))
    said = _("Handled by %(name)s.") % {"name": form.chosen} if form.chosen else _("Nobody handles this remark now.")
    return _stay(request, document, remark, wanted, said, focus="handler")


@require_POST
def remark_note(request: Request, region: str, kind: str, public_id: str, remark_id: str) -> HttpResponse:
    """Say something about a remark to the others who handle it."""
    document, _rights, wanted = find_desk(request, region, kind, public_id)
    remark = find_remark(document, remark_id)
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            add_note(remark, text=form.cleaned_data["text"], by=request.user)
        except ValidationError as error:
            form.add_error("text", error)
    if form.errors:
        return _page(request, document, remark, wanted, typed=Typed(note=form, focus="notes"))
    return _stay(request, document, remark, wanted, _("The note was added."), focus="notes")


@require_POST
def answer_undo(
    request: Request, region: str, kind: str, public_id: str, remark_id: str, answer_id: str
) -> HttpResponse:
    """Take an answer back: for this remark, or for all that it was given to."""
    document, _rights, wanted = find_desk(request, region, kind, public_id)
    remark = find_remark(document, remark_id)
    given = get_object_or_404(Answer, public_id=answer_id, remarks=remark)
    try:
        undo(given, by=request.user, remarks=None if request.POST.get("all") else [remark])
    except ValidationError as error:
        return _page(request, document, remark, wanted, typed=Typed(error=first_error(error), focus="answer"))
    return _stay(request, document, remark, wanted, _("The answer was taken back."), focus="answer")
