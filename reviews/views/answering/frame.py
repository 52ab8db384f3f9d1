"""What every page of a respondent begins with: finding the round, who she is in it, and what stands around the page."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from documents.models.document import in_language
from reviews.answering.holding import Visit, visit_of
from reviews.facts import in_words
from reviews.finding import address, find_announced
from reviews.models import CommentRound, Statement
from reviews.services import statements
from reviews.services.statements import can_change


def find_visit(request: HttpRequest, region: str, round_id: str) -> Visit:
    """The round and by which right the visitor is here.

    Drafts do not exist; nor does a round inside the region's groups for somebody who has signed in and belongs to none.
    """
    comment_round = find_announced(region, round_id)
    visit = visit_of(request, comment_round)
    is_internal = comment_round.kind == CommentRound.Kind.INTERNAL
    if is_internal and visit.user and not visit.is_let_in:
        raise Http404
    return visit


def sign_in_or_not_found(request: HttpRequest, visit: Visit) -> HttpResponse:
    """For a page that this visitor may not see, though the round's first page is there for everybody."""
    if visit.user is None and (visit.round.requires_sign_in or visit.round.kind == CommentRound.Kind.INTERNAL):
        return redirect_to_login(request.get_full_path())
    raise Http404


def language_of(visit: Visit) -> str:
    """The interface's language, in which the round's texts are shown where they have it."""
    return get_language() or visit.round.version.document.original


def deadline(visit: Visit) -> Any:
    """Until when this visitor's answer is in time."""
    return visit.invitation.deadline if visit.invitation else visit.round.closes_at


def takes_answers(visit: Visit) -> bool:
    """Whether this visitor can begin or hand in now."""
    return statements.takes_answers(visit.round, visit.invitation)


def around(visit: Visit, **more: Any) -> dict[str, Any]:
    """What the frame of each page shows."""
    comment_round, language = visit.round, language_of(visit)
    now, closes_at = timezone.now(), deadline(visit)
    statement = visit.statement
    return {
        "region": comment_round.version.document.region,
        "document": comment_round.version.document,
        "round": comment_round,
        "visit": visit,
        "statement": statement,
        "title": comment_round.title_in(language),
        "instructions": in_language(comment_round.instructions, language),
        "deadline": in_words(closes_at),
        "opens": in_words(comment_round.opens_at),
        "state": "coming" if now < comment_round.opens_at else "open" if now < closes_at else "late",
        "takes_answers": takes_answers(visit),
        "may_leave": visit.link is not None,
        "can_change": bool(statement and can_change(statement)),
        "steps": steps_of(visit),
        **{f"{name}_url": address(comment_round, f"answer-{path}") for name, path in _PAGES.items()},
        "front_url": address(comment_round, "answer"),
        "text_url": address(comment_round, "text"),
        "sign_in_url": f"{reverse('account_login')}?next={address(comment_round, 'answer')}",
        **more,
    }


_PAGES = {
    "begin": "begin",
    "questions": "questions",
    "who": "who",
    "finish": "finish",
    "receipt": "receipt",
    "leave": "leave",
    "link": "link",
    "at_once": "at-once",
    "forward": "forward",
    "more_time": "more-time",
    "letter": "letter",
    "draft": "draft",
    "copy": "copy",
    "short": "short",
}


def steps_of(visit: Visit) -> list[dict[str, str]]:
    """The respondent's way, as links."""
    statement = visit.statement
    if statement is None or statement.form != Statement.Form.FULL:
        return []
    names = [("text", _("Read and comment")), ("answer-questions", _("Questions and files"))]
    if statement.kind != Statement.Kind.ANONYMOUS:
        names.append(("answer-who", _("Who answers")))
    names.append(("answer-finish", _("Check and send")))
    return [{"name": name, "label": label, "url": address(visit.round, name)} for name, label in names]


def page(
    request: HttpRequest, name: str, visit: Visit, *, status: int = 200, current: str = "", **more: Any
) -> HttpResponse:
    return render(request, f"reviews/{name}.html", around(visit, current=current, **more), status=status)


def lost(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Somebody sent a form whose link is no longer held here: what was typed comes back, to be copied."""
    hidden = {"csrfmiddlewaretoken", "shown", "key", "website", "go"}
    typed = [
        value
        for name, values in request.POST.lists()
        if name not in hidden
        for value in values
        if isinstance(value, str) and len(value) > 20
    ]
    return page(request, "answer_lost", visit, status=403, typed=typed)


def too_many(request: HttpRequest, visit: Visit) -> HttpResponse:
    """429 where nothing was typed."""
    return page(request, "answer_too_many", visit, status=429)


def posted(request: HttpRequest) -> Any:
    """What was sent, also where it is nothing but files; None for a page that is only opened."""
    return request.POST if request.method == "POST" else None


def show_too_many(form: Form) -> None:
    """429 where something was: it stays in the form."""
    form.add_error(None, too_many_text())


def too_many_text() -> str:
    return _(
        "Too much has been sent from this network in a short time. Nothing of what you typed is lost: wait for a few "
        "minutes and send again."
    )


def require_key(form: Form) -> None:
    """The key of a form is put there by the page and typed by nobody."""
    if form.is_bound and form.errors.get("key"):
        raise BadRequest("The form's key is missing or too long.")
