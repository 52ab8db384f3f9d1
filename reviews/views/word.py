"""Word files for comments: the copy that goes out, and what came back in one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request
from documents import frozen
from documents.rendering import plain_languages
from documents.views.finding import content_language, first_error, require
from regions.files import DOCX
from regions.models import Organisation
from regions.permissions import rights_of
from reviews.answering.holding import visit_of
from reviews.finding import address, find_announced, find_round, round_rows
from reviews.forms.word import WordReturnForm
from reviews.models import CommentRound, Statement, WordReturn
from reviews.permissions import can_handle, can_run
from reviews.rounds.page import round_context
from reviews.services.word_returns import (
    bring_file,
    cancel,
    name_of_respondent,
    place_remark,
    read_attachment,
    take,
    waiting_remarks,
)
from reviews.views.files import saved_as
from reviews.views.received import places_of
from reviews.word.copy import comment_copy as copy_of
from reviews.word.copy import file_name
from reviews.word.preview import chosen_of, groups_of, summary_of

PLACED_AT_ONCE = 10
"""Remarks on a page of the tray: each has all places of the version to choose from."""


# --- Out ------------------------------------------------------------------------------------------------------


@require_safe
@login_not_required
def comment_copy(request: HttpRequest, region: str, round_id: str, language: str) -> HttpResponse:
    """The version as a Word file for comments: for those who run the round, and for whoever is asked in it."""
    comment_round = _readable(request, region, round_id)
    if language not in comment_round.version.document.languages:
        raise Http404
    return saved_as(file_name(comment_round, language), copy_of(comment_round, language), DOCX)


def _readable(request: HttpRequest, region: str, round_id: str) -> CommentRound:
    """The round, for those who handle it and, once it has opened, for those who are asked; for others there is none."""
    comment_round = round_rows().filter(public_id=round_id, region__slug=region).first()
    if comment_round is None:
        raise Http404
    if can_handle(rights_of(request.user), comment_round):
        return comment_round
    comment_round = find_announced(region, round_id)
    if timezone.now() < comment_round.opens_at or not visit_of(request, comment_round).is_let_in:
        raise Http404
    return comment_round


# --- In -------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def word_return_add(request: Request, region: str, round_id: str) -> HttpResponse:
    """Choose a file that came back, and in whose name. It is read; nothing of it counts yet."""
    comment_round, rights = find_round(request, region, round_id)
    require(can_run(rights, comment_round))
    sent = request.method == "POST"
    form = WordReturnForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        comment_round=comment_round,
        organisations=Organisation.objects.valid_on().filter(region=comment_round.region_id).order_by("name"),
        invitations=comment_round.invitations.in_force().select_related("organisation", "body"),
        initial={"statement": request.GET.get("statement", ""), "name": request.GET.get("name", "")},
    )
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            word_return = bring_file(
                comment_round,
                content=upload.read(),
                name=upload.name,
                language=form.cleaned_data["language"],
                respondent=form.taken_for(),
                by=request.user,
            )
        except ValidationError as error:
            form.add_error("file", error)
        else:
            return redirect(address(comment_round, "word-return", word_return.public_id))
    context = _context(comment_round, _("Read a commented Word file")) | {
        "form": form,
        "earlier": comment_round.word_returns.for_list()[:20],
        "copies": [
            (label, address(comment_round, "comment-copy", code))
            for code, label in plain_languages(comment_round.version.document.languages)
        ],
        "cancel_url": address(comment_round, "statement-list"),
        "tray_url": address(comment_round, "word-tray"),
        "waiting": waiting_remarks(comment_round).count(),
    }
    return render(request, "reviews/word_return_add.html", context, status=422 if form.errors else 200)


@require_POST
def word_return_read(request: Request, region: str, round_id: str, statement_id: str, file_id: str) -> HttpResponse:
    """Read a file that a respondent attached to her statement."""
    comment_round, rights = find_round(request, region, round_id)
    require(can_run(rights, comment_round))
    statement = get_object_or_404(
        comment_round.statements.received().select_related("organisation", "user"), public_id=statement_id
    )
    statement.round = comment_round
    stored = get_object_or_404(statement.attachments, public_id=file_id)
    known = comment_round.word_returns.filter(statement=statement, file=stored).order_by("-pk").first()
    if known:
        return redirect(address(comment_round, "word-return", known.public_id))
    try:
        word_return = read_attachment(
            statement, stored, language=_language_of(statement, comment_round), by=request.user
        )
    except ValidationError as error:
        messages.error(request, first_error(error))
        return redirect(address(comment_round, "statement", statement_id))
    return redirect(address(comment_round, "word-return", word_return.public_id))


def _language_of(statement: Statement, comment_round: CommentRound) -> str:
    """The language in which her file is read: her own, where the version has it."""
    document = comment_round.version.document
    return statement.language if statement.language in document.languages else document.original


def _find(request: Request, region: str, round_id: str, return_id: str) -> WordReturn:
    comment_round, rights = find_round(request, region, round_id)
    require(can_run(rights, comment_round))
    rows = comment_round.word_returns.select_related("file", "created_by", "statement__organisation", "statement__user")
    word_return = get_object_or_404(rows, public_id=return_id)
    word_return.round = comment_round
    return word_return


@require_http_methods(["GET", "POST"])
def word_return(request: Request, region: str, round_id: str, return_id: str) -> HttpResponse:
    """What a file holds, each with its place; what is chosen becomes remarks. Afterwards: what came of it."""
    row = _find(request, region, round_id, return_id)
    if row.taken_at:
        return render(request, "reviews/word_return_taken.html", _taken_context(row))
    chosen, error = None, ""
    if request.method == "POST":
        chosen = chosen_of(request.POST.getlist("item"))
        try:
            taken = take(row, chosen, by=request.user)
        except ValidationError as refused:
            error = first_error(refused)
        else:
            text = ngettext("%(count)d remark was added.", "%(count)d remarks were added.", taken.remarks)
            messages.success(request, text % {"count": taken.remarks})
            return redirect(address(row.round, "word-return", row.public_id))
    groups = groups_of(row, chosen)
    context = _context(row.round, _("What is in the file")) | {
        "return": row,
        "who": name_of_respondent(row),
        "sentences": summary_of(row),
        "groups": groups,
        "known": sum(1 for group in groups for item in group.rows if item.is_known),
        "error": error,
        "cancel_url": address(row.round, "word-return-cancel", row.public_id),
    }
    return render(request, "reviews/word_return.html", context, status=422 if error else 200)


def _taken_context(row: WordReturn) -> dict[str, object]:
    remarks = [returned.remark for returned in row.remarks.select_related("remark")]
    region = row.round.version.document.region.slug
    return _context(row.round, _("What came of the file")) | {
        "return": row,
        "who": name_of_respondent(row),
        "count": len(remarks),
        "proposals": sum(1 for remark in remarks if remark.is_proposal),
        "waiting": sum(1 for remark in remarks if remark.unplaced),
        "tray_url": address(row.round, "word-tray"),
        "statement_url": reverse("reviews:statement", args=[region, row.round.public_id, row.statement.public_id])
        if row.statement
        else "",
        "add_url": address(row.round, "word-return-add"),
    }


@require_POST
def word_return_cancel(request: Request, region: str, round_id: str, return_id: str) -> HttpResponse:
    """Do not take what is in a file."""
    row = _find(request, region, round_id, return_id)
    try:
        cancel(row, by=request.user)
    except ValidationError as error:
        messages.error(request, first_error(error))
        return redirect(address(row.round, "word-return", return_id))
    messages.info(request, _("Nothing was taken from the file."))
    return redirect(address(row.round, "word-return-add"))


# --- What has no place ----------------------------------------------------------------------------------------


@require_safe
def word_tray(request: Request, region: str, round_id: str) -> HttpResponse:
    """The remarks from files that a person has yet to place."""
    comment_round, _rights = find_round(request, region, round_id)
    return _tray(request, comment_round)


@require_POST
def word_place(request: Request, region: str, round_id: str, remark_id: str) -> HttpResponse:
    """Give one of them its place."""
    comment_round, _rights = find_round(request, region, round_id)
    remark = get_object_or_404(waiting_remarks(comment_round), public_id=remark_id)
    kind, _colon, key = request.POST.get("place", "").partition(":")
    if kind not in {"whole", "s", "b"}:
        return _tray(request, comment_round, wrong=remark_id, error=_("Choose a place."))
    try:
        place_remark(
            remark, section_key=key if kind == "s" else "", block_id=key if kind == "b" else "", by=request.user
        )
    except ValidationError as refused:
        return _tray(request, comment_round, wrong=remark_id, error=first_error(refused))
    messages.success(request, _("The remark has its place now."))
    return redirect(address(comment_round, "word-tray"))


def _tray(request: Request, comment_round: CommentRound, *, wrong: str = "", error: str = "") -> HttpResponse:
    language = content_language(comment_round.version.document, None)
    page = Paginator(waiting_remarks(comment_round), PLACED_AT_ONCE).get_page(request.GET.get("page"))
    context = _context(comment_round, _("Remarks without a place")) | {
        "page_obj": page,
        "choices": places_of(frozen.read(comment_round.version), language) if page.object_list else [],
        "language": language,
        "wrong": wrong,
        "error": error,
    }
    return render(request, "reviews/word_tray.html", context, status=422 if error else 200)


def _context(comment_round: CommentRound, title: str) -> dict[str, object]:
    statements = (_("Statements"), address(comment_round, "statement-list"))
    return round_context(comment_round, "statement-list", statements, (title, "")) | {"title": title}
