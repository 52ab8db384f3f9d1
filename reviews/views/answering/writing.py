"""Writing: the questions and the answer as a whole, the files, who answers; saved as one goes."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import asks_for_json
from regions.models import Organisation
from reviews.answering import limits
from reviews.answering.holding import Visit
from reviews.finding import address
from reviews.forms.answering import QuestionsForm, WhoForm, WrittenForm
from reviews.models import Statement
from reviews.permissions import speaks_for
from reviews.services.attachments import LARGEST, attach, detach
from reviews.services.statements import ChangedMeanwhileError, can_change, save_fields
from reviews.views.answering.frame import (
    find_visit,
    language_of,
    lost,
    page,
    posted,
    show_too_many,
)
from reviews.views.files import handed_out


@require_http_methods(["GET", "POST"])
@login_not_required
@never_cache
def questions(request: HttpRequest, region: str, round_id: str) -> HttpResponse:
    """The round's questions, the answer as a whole and the files, in one form."""
    visit = find_visit(request, region, round_id)
    if response := _not_here(request, visit):
        return response
    statement = visit.statement
    assert statement is not None  # noqa: S101 `_not_here` has seen to it

    def after(form: WrittenForm) -> HttpResponse:
        names = {"next": "answer-finish" if statement.kind == Statement.Kind.ANONYMOUS else "answer-who"}
        going = names.get(request.POST.get("go", ""))
        if going:
            return redirect(address(visit.round, going))
        messages.success(request, saved_text())
        return redirect(address(visit.round, "answer-questions") + ("#files" if _touches_files(request) else ""))

    form = QuestionsForm(posted(request), statement=statement, language=language_of(visit))
    return _write(request, visit, form, "answer_questions", "answer-questions", after)


@require_http_methods(["GET", "POST"])
@login_not_required
@never_cache
def who(request: HttpRequest, region: str, round_id: str) -> HttpResponse:
    """Who answers: the organisation, its signatory and its decision, or a name."""
    visit = find_visit(request, region, round_id)
    if response := _not_here(request, visit):
        return response
    assert visit.statement is not None  # noqa: S101 `_not_here` has seen to it
    if visit.statement.kind == Statement.Kind.ANONYMOUS:
        return redirect(address(visit.round, "answer-questions"))

    def after(form: WrittenForm) -> HttpResponse:
        if request.POST.get("go") == "next":
            return redirect(address(visit.round, "answer-finish"))
        messages.success(request, saved_text())
        return redirect(address(visit.round, "answer-who"))

    form = WhoForm(
        posted(request),
        statement=visit.statement,
        language=language_of(visit),
        may_choose=speaks_for(visit.rights, visit.round),
    )
    return _write(request, visit, form, "answer_who", "answer-who", after)


def _write(
    request: HttpRequest,
    visit: Visit,
    form: WrittenForm,
    template: str,
    current: str,
    after: Callable[[WrittenForm], HttpResponse],
) -> HttpResponse:
    """Show a form, or save what was sent: by a press of a button, or by the page's script as one goes."""
    if form.is_bound and asks_for_json(request):
        return saved_as_one_goes(request, visit, form)
    status = 200
    if form.is_bound:
        status = 422
        if not limits.is_within(limits.SAVE, request, of=visit.round.public_id):
            show_too_many(form)
            status = 429
        elif form.is_valid() and save(request, visit, form):
            return after(form)
    context = {"form": form, "files": files_of(visit), "organisations": organisations(visit)}
    return page(request, template, visit, status=status, current=current, **context)


def saved_as_one_goes(request: HttpRequest, visit: Visit, form: WrittenForm) -> JsonResponse:
    """The same form, sent by the page's script: a word for its status line, and what the fields hold now."""
    status = 422
    if not limits.is_within(limits.SAVE, request, of=visit.round.public_id):
        show_too_many(form)
        status = 429
    elif form.is_valid() and save(request, visit, form):
        return JsonResponse({"saved": saved_text(), "shown": form.digests()})
    return JsonResponse({"error": " ".join(_errors(form))}, status=status)


def save(request: HttpRequest, visit: Visit, form: WrittenForm) -> bool:
    """Keep what was written, and the files; False where the form now says what was not kept."""
    statement = form.statement
    try:
        form.statement = visit_statement = save_fields(statement, values=form.values(), shown=form.shown_values())
    except ChangedMeanwhileError as error:
        visit_statement = form.statement = fresh(statement)
        form.show_theirs(error.theirs, error)
    except ValidationError as error:
        form.show_errors(error)
        return False
    visit_statement.round = visit.round
    save_files(request, visit, form)
    return not form.errors


def save_files(request: HttpRequest, visit: Visit, form: WrittenForm) -> None:
    """Add the files that were chosen, and take out the one that is to go; the form tells what was not taken in."""
    statement = form.statement
    removed = request.POST.get("remove", "")
    try:
        if removed:
            detach(statement, file_id=removed)
    except ValidationError as error:
        form.add_error(None, error)
    for upload in request.FILES.getlist("files"):
        if not limits.is_within(limits.FILES, request, of=visit.round.public_id):
            show_too_many(form)
            return
        try:
            attach(statement, name=upload.name or "", content=_content(upload))
        except ValidationError as error:
            for text in error.messages:
                form.add_error(None, f"{upload.name}: {text}")


def _content(upload: UploadedFile) -> bytes:
    """The bytes; of a file that is too large one byte more than may be, so that nothing huge comes into memory."""
    return bytes(upload.read(LARGEST + 1))


@require_safe
@login_not_required
@never_cache
def file(request: HttpRequest, region: str, round_id: str, file_id: str) -> HttpResponseBase:
    """A file of the visitor's own statement, as an attachment."""
    visit = find_visit(request, region, round_id)
    own = visit.statement if visit.is_let_in else None
    stored = own.attachments.filter(public_id=file_id).first() if own else None
    if stored is None:
        raise Http404
    return handed_out(stored)


def files_of(visit: Visit) -> list[dict[str, Any]]:
    """The files of the visitor's statement with their addresses."""
    if visit.statement is None or visit.statement.pk is None:
        return []
    return [
        {
            "id": row.public_id,
            "name": row.name,
            "size": row.size,
            "url": address(visit.round, "answer-file", row.public_id),
        }
        for row in visit.statement.attachments.order_by("pk")
    ]


def organisations(visit: Visit) -> list[str]:
    """Names to choose from while typing: those of the region's network, whoever of them was asked."""
    statement = visit.statement
    is_told = bool(visit.invitation and (visit.invitation.organisation_id or visit.invitation.body_id))
    if is_told or (statement and statement.kind != Statement.Kind.OFFICIAL):
        return []
    region = visit.round.version.document.region
    return [row.name for row in Organisation.objects.valid_on().filter(region=region).order_by("name")]


def saved_text() -> str:
    return _("Saved at %(time)s") % {"time": formats.time_format(timezone.localtime(), "TIME_FORMAT")}


def _not_here(request: HttpRequest, visit: Visit) -> HttpResponse | None:
    """Where somebody is sent who cannot write here: to the beginning, or to what was handed in."""
    if visit.statement is None or not visit.is_let_in:
        if request.method == "POST":
            return _not_saved(request, _("This browser no longer holds the link.")) or lost(request, visit)
        return redirect(address(visit.round, "answer"))
    if visit.statement.form != Statement.Form.FULL:
        return redirect(address(visit.round, "answer-short"))
    if not can_change(visit.statement) and request.method != "POST":
        received = visit.statement.received_at
        return redirect(address(visit.round, "answer-receipt" if received else "answer"))
    return None


def _not_saved(request: HttpRequest, text: str) -> HttpResponse | None:
    return JsonResponse({"error": text}, status=403) if asks_for_json(request) else None


def _touches_files(request: HttpRequest) -> bool:
    return bool(request.FILES) or "remove" in request.POST


def _errors(form: WrittenForm) -> list[str]:
    return [str(text) for errors in form.errors.values() for text in errors]


def fresh(statement: Statement) -> Statement:
    rows = Statement.objects.select_related("organisation", "invitation__round", "area", "municipality")
    return rows.get(pk=statement.pk)
