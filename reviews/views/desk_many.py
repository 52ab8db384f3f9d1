"""The answer desk: several remarks at once, and the list as a spreadsheet."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import Request, site_of
from documents.models import Document
from regions.files import XLSX
from reviews.desk.listing import Line, Listed, Wanted, listed
from reviews.desk.page import Row, rows_of, writers_of
from reviews.desk.sheet import remark_workbook
from reviews.forms.desk import AnswerForm, AssignForm
from reviews.services.answers import MOST_AT_ONCE, answer, assign, language_of
from reviews.views.desk import desk_address, desk_frame, find_desk, missing_languages
from reviews.views.files import saved_as


def _chosen(request: Request, found: Listed) -> list[Line]:
    """Those that were ticked, or all that fit the filter; in the order of the list."""
    if request.GET.get("all"):
        return found.lines
    wanted = set(request.GET.getlist("remark"))
    return [line for line in found.lines if line.public_id in wanted]


def _everything(wanted: Wanted) -> Wanted:
    """The list in its order, without what narrows it: a remark that was ticked counts also if it fits no more."""
    return Wanted(sort=wanted.sort)


def _start(request: Request, document: Document, wanted: Wanted) -> tuple[Listed, list[Line]]:
    found = listed(document, wanted if request.GET.get("all") else _everything(wanted), reader=request.user)
    return found, _chosen(request, found)


def _refused(request: Request, document: Document, wanted: Wanted, lines: list[Line]) -> HttpResponse | None:
    """Back to the list, with the reason, where nothing or too much was chosen."""
    if lines and len(lines) <= MOST_AT_ONCE:
        return None
    message = _("Choose the remarks first.")
    if lines:
        message = _("Choose at most %(count)d remarks at once.") % {"count": MOST_AT_ONCE}
    messages.warning(request, message)
    return redirect(desk_address(document, "remark-list", wanted=wanted))


def _context(document: Document, wanted: Wanted, title: str, rows: list[Row], form: Any) -> dict[str, Any]:
    return desk_frame(document, title, wanted) | {
        "wanted": wanted,
        "rows": rows,
        "form": form,
        "list_url": desk_address(document, "remark-list", wanted=wanted),
    }


@require_http_methods(["GET", "POST"])
def remarks_answer(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """One answer to many remarks. Those that have an answer already are told and left out."""
    document, _rights, wanted = find_desk(request, region, kind, public_id)
    found, lines = _start(request, document, wanted)
    open_lines = [line for line in lines if not line.outcome]
    if refused := _refused(request, document, wanted, open_lines):
        return refused
    rows = rows_of(found, open_lines)
    spoken = {language_of(row.remark, document) for row in rows}
    form = AnswerForm(request.POST or None, document=document, spoken=spoken)
    if form.is_valid():
        try:
            answer(
                [row.remark for row in rows],
                outcome=form.cleaned_data["outcome"],
                reason=form.reason,
                by=request.user,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            count = len(rows)
            said = ngettext("%(count)d remark was answered.", "%(count)d remarks were answered.", count)
            tell = messages.warning if form.unspoken else messages.success
            tell(request, " ".join([said % {"count": count}, missing_languages(form)]).strip())
            return redirect(desk_address(document, "remark-list", wanted=wanted))
    context = _context(document, wanted, _("One answer to several remarks"), rows, form)
    context["left_out"] = len(lines) - len(open_lines)
    return render(request, "reviews/remark_answer_many.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def remarks_assign(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """Give many remarks to one of those who write the document."""
    document, _rights, wanted = find_desk(request, region, kind, public_id)
    found, lines = _start(request, document, wanted)
    if refused := _refused(request, document, wanted, lines):
        return refused
    rows = rows_of(found, lines)
    form = AssignForm(request.POST or None, writers=writers_of(document), reader=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            count = assign([row.remark for row in rows], to=form.chosen, by=request.user, site=site_of(request))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            said = ngettext(
                "The handler of %(count)d remark was changed.", "The handler of %(count)d remarks was changed.", count
            )
            messages.success(request, said % {"count": count})
            return redirect(desk_address(document, "remark-list", wanted=wanted))
    context = _context(document, wanted, _("Who handles these remarks?"), rows, form)
    return render(request, "reviews/remark_assign_many.html", context, status=422 if form.errors else 200)


@require_safe
def remarks_spreadsheet(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """The list as it is filtered, all its pages, as an Excel file. No e-mail addresses are in it."""
    document, _rights, wanted = find_desk(request, region, kind, public_id)
    found = listed(document, wanted, reader=request.user)
    content = remark_workbook(document, found)
    name = f"{_('remarks')}-{document.public_id}-{timezone.localdate().isoformat()}.xlsx"
    return saved_as(name, content, XLSX)
