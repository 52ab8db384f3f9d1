"""What readers reported, what is hidden and why, and which words are left out of what is published."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request
from documents.views.finding import require
from regions.permissions import Rights
from reviews.finding import address, find_round, round_crumbs
from reviews.forms.moderation import BlackOutForm, GroundForm, ReasonForm
from reviews.models import CommentRound, Remark, Statement
from reviews.permissions import can_run
from reviews.rounds.page import round_tabs
from reviews.services import moderation as service
from reviews.summary.redaction import ANSWERS, TEXT, Piece, passages_of, pieces
from reviews.views.desk import desk_address


def find_own_remark(comment_round: CommentRound, remark_id: str) -> Remark:
    """A remark of the round that somebody has handed in."""
    rows = Remark.objects.received().select_related("statement__organisation", "statement__user")
    return get_object_or_404(rows, public_id=remark_id, statement__round=comment_round)


def find_statement(comment_round: CommentRound, statement_id: str) -> Statement:
    rows = comment_round.statements.received().select_related("organisation", "user")
    return get_object_or_404(rows, public_id=statement_id)


def _runs(request: Request, region: str, round_id: str) -> tuple[CommentRound, Rights]:
    comment_round, rights = find_round(request, region, round_id)
    require(can_run(rights, comment_round))
    return comment_round, rights


@require_safe
def moderation(request: Request, region: str, round_id: str) -> HttpResponse:
    """Reports of readers that wait, remarks that are hidden, and statements of which something is left out."""
    comment_round, rights = find_round(request, region, round_id)
    remarks = (
        Remark.objects.received()
        .filter(statement__round=comment_round)
        .select_related("statement__organisation", "statement__user")
    )
    statements = comment_round.statements.received().select_related("organisation", "user")
    context = {
        "region": comment_round.version.document.region,
        "document": comment_round.version.document,
        "round": comment_round,
        "crumbs": round_crumbs(comment_round, (_("What is shown and what is not"), "")),
        "tabs": round_tabs(comment_round, "moderation"),
        "may_change": can_run(rights, comment_round),
        "reported": list(
            remarks.annotate(open_reports=Count("reports", filter=Q(reports__settled_at=None)))
            .filter(open_reports__gt=0, hidden_at=None)
            .prefetch_related("reports")
            .order_by("pk")
        ),
        "hidden": list(remarks.exclude(hidden_at=None).order_by("-hidden_at", "pk")),
        "covered": list(
            statements.filter(
                Q(visibility=Statement.Visibility.HIDDEN)
                | ~Q(redactions=[])
                | Q(pk__in=remarks.exclude(redactions=[]).values("statement"))
            )
        ),
    }
    return render(request, "reviews/moderation.html", context)


# --- One remark -----------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def remark_hide(request: Request, region: str, round_id: str, remark_id: str) -> HttpResponse:
    """Asks for the reason, with the remark in view."""
    comment_round, _rights = _runs(request, region, round_id)
    remark = find_own_remark(comment_round, remark_id)
    form = ReasonForm(request.POST or None, initial={"reason": remark.hidden_reason})
    # Whoever came from the answer desk goes on there.
    document = comment_round.version.document
    is_from_desk = request.GET.get("from") == "desk"
    back = desk_address(document, "remark", remark.public_id) if is_from_desk else address(comment_round, "moderation")
    if form.is_valid():
        try:
            service.hide(remark, reason=form.cleaned_data["reason"], by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The remark was hidden. It was not deleted, and you can show it again."))
            return redirect(back)
    return _ask(
        request,
        comment_round,
        form,
        cancel_url=back,
        title=_("Hide the remark"),
        lead=_("Others no longer see it. It stays in the handling, and its author sees the reason."),
        submit_label=_("Hide the remark"),
        shown=[(_("Remark"), [Piece(remark.text)])],
        who=str(remark.statement),
    )


@require_POST
def remark_show(request: Request, region: str, round_id: str, remark_id: str) -> HttpResponse:
    comment_round, _rights = _runs(request, region, round_id)
    service.show_again(find_own_remark(comment_round, remark_id), by=request.user)
    messages.success(request, _("The remark is shown again."))
    return redirect(address(comment_round, "moderation"))


@require_POST
def remark_leave(request: Request, region: str, round_id: str, remark_id: str) -> HttpResponse:
    """The reports of a remark were read, and it stays."""
    comment_round, _rights = _runs(request, region, round_id)
    service.leave_shown(find_own_remark(comment_round, remark_id), by=request.user)
    messages.success(request, _("The remark stays. The reports were marked as read."))
    return redirect(address(comment_round, "moderation"))


# --- A whole statement ----------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def statement_hide(request: Request, region: str, round_id: str, statement_id: str) -> HttpResponse:
    comment_round, _rights = _runs(request, region, round_id)
    statement = find_statement(comment_round, statement_id)
    form = GroundForm(request.POST or None, initial={"ground": statement.hidden_ground})
    if form.is_valid():
        try:
            service.hide_statement(statement, ground=form.cleaned_data["ground"], by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The statement is not published. The summary tells the ground."))
            return redirect(address(comment_round, "moderation"))
    return _ask(
        request,
        comment_round,
        form,
        title=_("Leave the statement out of what is published"),
        lead=_("Those who handle the round still read it. The summary tells that there is one, and the ground."),
        submit_label=_("Do not publish the statement"),
        shown=shown_fields(comment_round, statement),
        who=str(statement),
    )


@require_POST
def statement_show(request: Request, region: str, round_id: str, statement_id: str) -> HttpResponse:
    comment_round, _rights = _runs(request, region, round_id)
    service.show_statement(find_statement(comment_round, statement_id), by=request.user)
    messages.success(request, _("The statement is published with the others."))
    return redirect(address(comment_round, "moderation"))


@require_http_methods(["GET", "POST"])
def statement_black_out(request: Request, region: str, round_id: str, statement_id: str) -> HttpResponse:
    """The statement as it is published, and words that are to be left out of it."""
    comment_round, _rights = _runs(request, region, round_id)
    statement = find_statement(comment_round, statement_id)
    form = BlackOutForm(request.POST or None)
    if form.is_valid():
        try:
            count = service.black_out(statement, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            text = ngettext("Left out in %(count)d place.", "Left out in %(count)d places.", count)
            messages.success(request, text % {"count": count})
            return redirect(request.path)
    return _ask(
        request,
        comment_round,
        form,
        title=_("Leave words out of what is published"),
        lead=_("Those who handle the round still see every word."),
        submit_label=_("Leave the words out"),
        shown=shown_fields(comment_round, statement),
        who=str(statement),
        uncover_url=address(comment_round, "statement-uncover", statement.public_id),
    )


@require_POST
def statement_uncover(request: Request, region: str, round_id: str, statement_id: str) -> HttpResponse:
    comment_round, _rights = _runs(request, region, round_id)
    service.uncover(find_statement(comment_round, statement_id), by=request.user)
    messages.success(request, _("Nothing is left out of the statement any more."))
    return redirect(address(comment_round, "statement-black-out", statement_id))


def shown_fields(comment_round: CommentRound, statement: Statement) -> list[tuple[str, list[Piece]]]:
    """Everything that a statement says in words, as it is published."""
    rows: list[tuple[str, list[Piece]]] = []
    if statement.text:
        rows.append((_("Statement as a whole"), pieces(statement.text, passages_of(statement.redactions, TEXT))))
    for key, answer in statement.answers.items():
        if isinstance(answer, str):
            rows.append((_("Answer"), pieces(answer, passages_of(statement.redactions, f"{ANSWERS}{key}"))))
    for remark in statement.remarks.said().order_by("order", "pk"):
        if remark.text:
            rows.append((_("Remark"), pieces(remark.text, passages_of(remark.redactions, TEXT))))
    return rows


@dataclass(frozen=True)
class Shown:
    """One field of a statement, as it is published."""

    label: str
    pieces: list[Piece]


def _ask(
    request: Request,
    comment_round: CommentRound,
    form: forms.Form,
    *,
    title: str,
    lead: str,
    submit_label: str,
    shown: list[tuple[str, list[Piece]]],
    who: str,
    cancel_url: str = "",
    **more: Any,
) -> HttpResponse:
    back = address(comment_round, "moderation")
    context = {
        "region": comment_round.version.document.region,
        "document": comment_round.version.document,
        "round": comment_round,
        "crumbs": round_crumbs(comment_round, (_("What is shown and what is not"), back), (title, "")),
        "title": title,
        "lead": lead,
        "submit_label": submit_label,
        "shown": [Shown(label, found) for label, found in shown],
        "has_gaps": any(piece.is_blacked_out for _label, found in shown for piece in found),
        "who": who,
        "form": form,
        "cancel_url": cancel_url or back,
        **more,
    }
    return render(request, "reviews/moderation_form.html", context, status=422 if form.errors else 200)
