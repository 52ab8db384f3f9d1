"""The registrar's way: one page with all that a registry needs, and a signed statement handed in from it at once."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import site_of
from documents.models import Rendition
from documents.renditions import Choice, Making, ask_for_rendition, choices_of, find_rendition, how_far
from regions.files import PDF
from reviews.answering import limits
from reviews.answering.holding import Visit
from reviews.answering.paper import draft_copy_pdf, letter_pdf
from reviews.finding import address
from reviews.forms.answering import AtOnceForm
from reviews.forms.arriving import ForwardForm, MoreTimeForm
from reviews.models import Statement
from reviews.permissions import speaks_for
from reviews.rounds.timetable import CLOSING_TIME
from reviews.services.invitations import ask_for_time, forward
from reviews.services.statements import hand_in
from reviews.views.answering.beginning import begin_for
from reviews.views.answering.frame import (
    deadline,
    find_visit,
    language_of,
    lost,
    page,
    posted,
    require_key,
    show_too_many,
    sign_in_or_not_found,
    takes_answers,
    too_many,
)
from reviews.views.answering.writing import files_of, fresh, organisations, save
from reviews.views.files import handed_out, saved_as


def kind_for(visit: Visit) -> Statement.Kind:
    """As what an invitation is answered: officially where the round allows that."""
    comment_round = visit.round
    if visit.statement:
        return Statement.Kind(visit.statement.kind)
    if comment_round.allows_official:
        return Statement.Kind.OFFICIAL
    return Statement.Kind.PERSONAL if comment_round.allows_personal else Statement.Kind.ANONYMOUS


def at_once_form(visit: Visit, language: str, data: Any = None) -> AtOnceForm:
    statement = visit.statement or Statement(round=visit.round, invitation=visit.invitation, kind=kind_for(visit))
    may_choose = speaks_for(visit.rights, visit.round)
    return AtOnceForm(data, statement=statement, language=language, may_choose=may_choose)


def registrar_context(visit: Visit) -> dict[str, Any]:
    invitation = visit.invitation
    return {
        "files": files_of(visit),
        "organisations": organisations(visit),
        "may_forward": invitation is not None and takes_answers(visit),
        "may_ask_for_time": invitation is not None and timezone.now() < deadline(visit),
        "asked_until": invitation.asked_until if invitation and not invitation.time_answered_at else None,
    }


@require_POST
@login_not_required
@never_cache
def at_once(request: HttpRequest, region: str, round_id: str) -> HttpResponse:
    """Hand in one of the four answers, with a signed file, from the first page."""
    from reviews.views.answering.entry import front  # it shows this form, with all that stands around it

    visit = find_visit(request, region, round_id)
    is_official = visit.statement is not None and visit.statement.kind == Statement.Kind.OFFICIAL
    if not visit.is_let_in or not (visit.invitation or is_official):
        return lost(request, visit)
    form = at_once_form(visit, language_of(visit), request.POST)
    require_key(form)
    status = 422
    if not limits.is_within(limits.SEND, request, of=visit.round.public_id):
        show_too_many(form)
        status = 429
    elif form.is_valid():
        try:
            statement = visit.statement or begin_for(request, visit, kind_for(visit))
            form.statement = fresh(statement)
            form.statement.round = visit.round
            visit = find_visit(request, region, round_id)
            earlier = statement.receipts.filter(key=form.cleaned_data["key"]).exists()
            if earlier or save(request, visit, form):
                hand_in(form.statement, key=form.cleaned_data["key"], site=site_of(request))
                return redirect(address(visit.round, "answer-receipt"))
        except ValidationError as error:
            form.show_errors(error)
            form.renew_digests()
        visit = find_visit(request, region, round_id)
    return front(request, visit, status=status, form=form)


@require_http_methods(["GET", "POST"])
@login_not_required
@never_cache
def forward_request(request: HttpRequest, region: str, round_id: str) -> HttpResponse:
    """Pass the request on to a colleague."""
    visit = find_visit(request, region, round_id)
    if visit.invitation is None or not visit.is_let_in or not takes_answers(visit):
        raise Http404
    form = ForwardForm(posted(request))
    if form.is_valid():
        try:
            forward(visit.invitation, site=site_of(request), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The request goes to %(email)s.") % {"email": form.cleaned_data["to_email"]})
            return redirect(address(visit.round, "answer"))
    return page(request, "answer_forward", visit, form=form, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_not_required
@never_cache
def more_time(request: HttpRequest, region: str, round_id: str) -> HttpResponse:
    """Ask the contact person for more time."""
    visit = find_visit(request, region, round_id)
    if visit.invitation is None or not visit.is_let_in or timezone.now() >= deadline(visit):
        raise Http404
    form = MoreTimeForm(posted(request), initial={"by_email": visit.invitation.email})
    if form.is_valid():
        wanted = timezone.datetime.combine(form.cleaned_data["until"], CLOSING_TIME)  # type: ignore[attr-defined]
        try:
            ask_for_time(
                visit.invitation,
                until=timezone.make_aware(wanted),
                reason=form.cleaned_data["reason"],
                email=form.cleaned_data["by_email"],
                site=site_of(request),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request, _("Your request for more time has been sent. The contact person answers you by e-mail.")
            )
            return redirect(address(visit.round, "answer"))
    return page(request, "answer_more_time", visit, form=form, status=422 if form.errors else 200)


# --- On paper -----------------------------------------------------------------------------------------------


@require_safe
@login_not_required
@never_cache
def letter(request: HttpRequest, region: str, round_id: str) -> HttpResponse:
    """The request as a PDF with our case number, for the receiver's registry."""
    visit = find_visit(request, region, round_id)
    if not visit.is_let_in:
        return sign_in_or_not_found(request, visit)
    if not limits.is_within(limits.PAPER, request, of=visit.round.public_id):
        return too_many(request, visit)
    content = letter_pdf(visit.round, visit.invitation, language_of(visit))
    return saved_as(f"{_('request for a statement')}.pdf", content, PDF)


@require_safe
@login_not_required
@never_cache
def copy(request: HttpRequest, region: str, round_id: str) -> HttpResponse:
    """What stands in the shared draft, for an agenda or to be signed."""
    visit = find_visit(request, region, round_id)
    if visit.statement is None or not visit.is_let_in:
        raise Http404
    if not limits.is_within(limits.PAPER, request, of=visit.round.public_id):
        return too_many(request, visit)
    content = draft_copy_pdf(visit.statement, language_of(visit))
    return saved_as(f"{_('draft of a statement')}.pdf", content, PDF)


@require_http_methods(["GET", "POST"])
@login_not_required
@never_cache
def draft(request: HttpRequest, region: str, round_id: str) -> HttpResponseBase:
    """The version as a PDF, or a page that waits for it: printing takes seconds and is done once, in the background."""
    visit = find_visit(request, region, round_id)
    if not visit.is_let_in or timezone.now() < visit.round.opens_at:
        return sign_in_or_not_found(request, visit)
    version, language = visit.round.version, language_of(visit)
    document = version.document
    content_language = language if language in document.languages else document.original
    choice = Choice(Rendition.Format.PDF, Rendition.Layout.FULL, content_language)
    if choice not in choices_of(version):
        raise Http404
    found = find_rendition(version, format=choice.format, layout=choice.layout, language=choice.language)
    if found:
        return handed_out(found.file)
    if request.method == "POST":
        ask_for_rendition(version, choice)
        return redirect(address(visit.round, "answer-draft"))
    return page(request, "answer_draft", visit, making=how_far(version, choice), Making=Making)
