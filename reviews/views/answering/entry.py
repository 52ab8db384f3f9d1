"""Coming in: by a mailed link, by a code, by the round's own address; beginning, and leaving a shared computer."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import links
from documents.models.document import in_language
from documents.views.finding import first_error
from reviews.answering import limits
from reviews.answering.holding import INVITATION, STATEMENT, Visit, let_go, take_up
from reviews.finding import address
from reviews.forms.arriving import BeginForm, CodeForm
from reviews.inviting.codes import link_of_code
from reviews.models import CommentRound, Statement
from reviews.permissions import speaks_for
from reviews.rounds.asking import FOR_ALL, attention_for
from reviews.services.statements import can_change
from reviews.services.summaries import public_summary
from reviews.views.answering.beginning import begin_for
from reviews.views.answering.frame import (
    find_visit,
    language_of,
    page,
    posted,
    sign_in_or_not_found,
    takes_answers,
    too_many,
    too_many_text,
)
from reviews.views.answering.registrar import at_once_form, registrar_context


@require_safe
@login_not_required
@never_cache
def by_invitation(request: HttpRequest) -> HttpResponse:
    """Where the link of an invitation leads, or the code beside it."""
    return _taken_up(request, INVITATION)


@require_safe
@login_not_required
@never_cache
def by_statement(request: HttpRequest) -> HttpResponse:
    """Where a respondent's own link leads."""
    return _taken_up(request, STATEMENT)


def _taken_up(request: HttpRequest, purpose: str) -> HttpResponse:
    """To the round's first page; who has been told what came of her answer, to that."""
    comment_round = take_up(request, purpose)
    if comment_round is None:
        return redirect("accounts:link-gone")
    link = links.held_link(request, purpose)
    told = comment_round.statements.exclude(told_at=None)
    if purpose == STATEMENT and link and told.filter(public_id=link.target).exists():
        return redirect(address(comment_round, "own-outcome"))
    return redirect(address(comment_round, "answer"))


@require_http_methods(["GET", "POST"])
@login_not_required
@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """One box for the code that stands beside the link: the same door, without a link to click."""
    form = CodeForm(posted(request))
    status = 200
    if form.is_bound:
        status = 422
        within = limits.is_within(limits.CODE, request) and limits.is_within(limits.ALL_CODES)
        if not within:
            form.add_error(None, too_many_text())
            status = 429
        elif form.is_valid():
            link = link_of_code(form.cleaned_data["code"])
            if link:
                links.hold(request, link)
                return redirect("reviews:by-invitation")
            form.add_error(
                "code", _("This code opens nothing. Check each sign, or ask the sender of the request for a new one.")
            )
    return render(request, "reviews/answer_code.html", {"form": form}, status=status)


@require_safe
@login_not_required
@never_cache
def answer(request: HttpRequest, region: str, round_id: str) -> HttpResponse:
    """The first page for whoever comes to answer: what is asked, by when, and the ways to answer that she has."""
    visit = find_visit(request, region, round_id)
    return front(request, visit)


def _word_url(comment_round: CommentRound, language: str) -> str:
    """The text as a Word file for comments, in the reader's language where the document has it."""
    document = comment_round.version.document
    return address(comment_round, "comment-copy", language if language in document.languages else document.original)


def front(request: HttpRequest, visit: Visit, *, status: int = 200, form: Any = None) -> HttpResponse:
    language = language_of(visit)
    comment_round, invitation = visit.round, visit.invitation
    organisation = invitation.organisation if invitation else visit.statement and visit.statement.organisation
    context: dict[str, Any] = {
        "background": in_language(comment_round.background, language),
        "attention": attention_for(comment_round, language, organisation.kind if organisation else FOR_ALL),
        "questions": len(comment_round.questions),
        "ways": [],
        "word_url": _word_url(comment_round, language),
        "outcome_url": "",
    }
    if comment_round.is_over() and public_summary(comment_round):
        context["outcome_url"] = address(comment_round, "outcome")
    if not visit.is_let_in:
        if comment_round.kind == CommentRound.Kind.INTERNAL and not visit.invitation:
            return sign_in_or_not_found(request, visit)
        return page(request, "answer_front", visit, status=status, **context)
    statement = visit.statement
    official = statement.kind == Statement.Kind.OFFICIAL if statement else invitation is not None
    if official:
        context |= registrar_context(visit)
        may_write = can_change(statement) if statement else takes_answers(visit)
        context["form"] = form or (at_once_form(visit, language) if may_write else None)
        return page(request, "answer_registrar", visit, status=status, current="answer", **context)
    if not statement and takes_answers(visit):
        context["ways"] = ways_of(visit)
    return page(request, "answer_front", visit, status=status, **context)


def ways_of(visit: Visit) -> list[dict[str, str]]:
    """The ways of answering that the round allows this visitor, each a button."""
    comment_round = visit.round
    kind, form = Statement.Kind, Statement.Form
    is_open = comment_round.kind == CommentRound.Kind.OPEN and not comment_round.requires_sign_in
    ways = []
    if is_open and comment_round.has_family_form:
        ways.append(
            (kind.ANONYMOUS, form.FAMILY, _("Three questions for families"), _("5 minutes, we do not ask your name."))
        )
    if is_open and comment_round.has_children_form:
        ways.append((kind.ANONYMOUS, form.CHILDREN, _("For children and young people"), _("Three short questions.")))
    if comment_round.kind == CommentRound.Kind.INTERNAL and visit.user is None:
        return []
    if comment_round.allows_personal:
        ways.append(
            (
                kind.PERSONAL,
                form.FULL,
                _("I answer as myself"),
                _("In your own name. You decide whether it is published."),
            )
        )
    if comment_round.allows_anonymous:
        ways.append((kind.ANONYMOUS, form.FULL, _("I answer without a name"), _("We do not ask who you are.")))
    if comment_round.allows_official and speaks_for(visit.rights, comment_round) != []:
        ways.append(
            (
                kind.OFFICIAL,
                form.FULL,
                _("I answer for an organisation"),
                _("A municipality, an association, a parish or another: its official statement."),
            )
        )
    return [{"kind": way[0].value, "form": way[1].value, "label": way[2], "note": way[3]} for way in ways]


@require_POST
@login_not_required
@never_cache
def begin_answer(request: HttpRequest, region: str, round_id: str) -> HttpResponse:  # noqa: PLR0911 one refusal each
    """Begin an answer in one of the ways that the round allows."""
    visit = find_visit(request, region, round_id)
    if not visit.is_let_in:
        return sign_in_or_not_found(request, visit)
    form = BeginForm(request.POST)
    if not form.is_valid():
        for text in form.errors.get("website", []):
            messages.error(request, str(text))
        return front(request, visit, status=422)
    kind = Statement.Kind(form.cleaned_data["kind"])
    short = Statement.Form(form.cleaned_data["form"] or Statement.Form.FULL)
    if visit.statement:
        return redirect(_first_page(visit.statement))
    if not visit.invitation and (kind.value, short.value) not in {(row["kind"], row["form"]) for row in ways_of(visit)}:
        messages.error(request, _("In this round one cannot answer in this way."))
        return front(request, visit, status=422)
    if not limits.is_within(limits.BEGIN, request, of=visit.round.public_id):
        return too_many(request, visit)
    try:
        statement = begin_for(request, visit, kind, short)
    except ValidationError as error:
        messages.error(request, first_error(error))
        return front(request, visit, status=422)
    return redirect(_first_page(statement))


def _first_page(statement: Statement) -> str:
    if statement.form != Statement.Form.FULL:
        return address(statement.round, "answer-short")
    if statement.kind == Statement.Kind.OFFICIAL and statement.invitation_id is None:
        return address(statement.round, "answer-who")
    return address(statement.round, "answer-questions")


@require_POST
@login_not_required
@never_cache
def leave(request: HttpRequest, region: str, round_id: str) -> HttpResponse:
    """Finish on this computer: the browser forgets the answer; whoever has its link still opens it."""
    visit = find_visit(request, region, round_id)
    let_go(request, visit.round)
    messages.success(request, _("You have finished on this computer. It no longer shows the answer."))
    return redirect(address(visit.round, "answer"))
