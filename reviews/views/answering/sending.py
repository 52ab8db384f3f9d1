"""Sending: everything looked over, handed in, the receipt, and the respondent's own link."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import asks_for_json, site_of
from accounts.links import link_path
from jobs.services import enqueue
from reviews.answering import limits
from reviews.answering.holding import make_own_link
from reviews.answering.paper import receipt_file
from reviews.answering.receipts import said
from reviews.facts import in_words
from reviews.finding import address
from reviews.forms.answering import SendForm, ShortForm
from reviews.forms.arriving import OwnLinkForm
from reviews.jobs.receipts import OWN_LINK
from reviews.models import Statement
from reviews.services.statements import can_change, content_of, deadline_of, hand_in, receivers_of
from reviews.views.answering.frame import (
    find_visit,
    language_of,
    lost,
    page,
    posted,
    require_key,
    show_too_many,
    too_many,
)
from reviews.views.answering.writing import save, saved_as_one_goes
from reviews.views.files import saved_as

NOT_SAID = ("received_at", "late")
"""Parts of a receipt's contents that the respondent did not write."""


@require_http_methods(["GET", "POST"])
@login_not_required
@never_cache
def finish(request: HttpRequest, region: str, round_id: str) -> HttpResponse:
    """All that was said, and the button that hands it in."""
    visit = find_visit(request, region, round_id)
    statement = visit.statement
    if statement is None or not visit.is_let_in:
        return lost(request, visit) if request.method == "POST" else redirect(address(visit.round, "answer"))
    if statement.form != Statement.Form.FULL:
        return redirect(address(visit.round, "answer-short"))
    form = SendForm(posted(request))
    require_key(form)
    status = 200
    if form.is_bound:
        status = 422
        if not limits.is_within(limits.SEND, request, of=visit.round.public_id):
            show_too_many(form)
            status = 429
        elif form.is_valid():
            try:
                hand_in(statement, key=form.cleaned_data["key"], site=site_of(request))
                return redirect(address(visit.round, "answer-receipt"))
            except ValidationError as error:
                form.add_error(None, ValidationError(error.messages))
    elif not can_change(statement):
        return redirect(address(visit.round, "answer-receipt" if statement.received_at else "answer"))
    context: dict[str, Any] = {"form": form, "said": said(visit.round, content_of(statement), language_of(visit))}
    return page(request, "answer_finish", visit, status=status, current="answer-finish", **context)


@require_http_methods(["GET", "POST"])
@login_not_required
@never_cache
def short(request: HttpRequest, region: str, round_id: str) -> HttpResponse:
    """A short form: three questions and one button, which keeps what was written and hands it in."""
    visit = find_visit(request, region, round_id)
    statement = visit.statement
    if statement is None or not visit.is_let_in:
        return lost(request, visit) if request.method == "POST" else redirect(address(visit.round, "answer"))
    if statement.form == Statement.Form.FULL:
        return redirect(address(visit.round, "answer"))
    form = ShortForm(posted(request), statement=statement, language=language_of(visit))
    if form.is_bound and asks_for_json(request):
        form.fields["key"].required = False
        return saved_as_one_goes(request, visit, form)
    require_key(form)
    status = 200
    if form.is_bound:
        status = 422
        if not limits.is_within(limits.SEND, request, of=visit.round.public_id):
            show_too_many(form)
            status = 429
        elif form.is_valid():
            key = form.cleaned_data["key"]
            try:
                if statement.receipts.filter(key=key).exists() or save(request, visit, form):
                    hand_in(form.statement, key=key, site=site_of(request))
                    return redirect(address(visit.round, "answer-receipt"))
            except ValidationError as error:
                form.show_errors(error)
                form.renew_digests()
    elif not can_change(statement):
        return redirect(address(visit.round, "answer-receipt" if statement.received_at else "answer"))
    return page(request, "answer_short", visit, status=status, form=form, current="answer-short")


@require_safe
@login_not_required
@never_cache
def receipt(request: HttpRequest, region: str, round_id: str) -> HttpResponse:
    """What was handed in last, word for word, and until when it can be changed."""
    visit = find_visit(request, region, round_id)
    statement = visit.statement
    newest = statement.receipts.order_by("-pk").first() if statement and visit.is_let_in else None
    if statement is None or newest is None:
        return redirect(address(visit.round, "answer"))
    now_said = content_of(statement)
    context: dict[str, Any] = {
        "receipt": newest,
        "arrived": in_words(newest.made_at),
        "said": said(visit.round, newest.content, language_of(visit)),
        "changed_since": _told(now_said) != _told(newest.content),
        "changeable_until": in_words(deadline_of(statement)) if can_change(statement) else "",
        "change_url": address(visit.round, _where_to_change(statement)),
        "file_url": address(visit.round, "answer-receipt-file"),
        "is_child": statement.form == Statement.Form.CHILDREN,
        "receipt_to": ", ".join(receivers_of(statement)),
    }
    return page(request, "answer_receipt", visit, current="answer-receipt", **context)


@require_safe
@login_not_required
@never_cache
def receipt_paper(request: HttpRequest, region: str, round_id: str) -> HttpResponseBase:
    """The newest receipt as a file, the same that is mailed."""
    visit = find_visit(request, region, round_id)
    newest = visit.statement.receipts.order_by("-pk").first() if visit.statement and visit.is_let_in else None
    if newest is None or visit.statement is None:
        raise Http404
    if not limits.is_within(limits.PAPER, request, of=visit.round.public_id):
        return too_many(request, visit)
    newest.statement = visit.statement
    made = receipt_file(newest, language_of(visit))
    suffix = made["name"].rpartition(".")[2]
    return saved_as(f"{_('receipt')}.{suffix}", made["content"], made["content_type"])


def _told(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in NOT_SAID}


def _where_to_change(statement: Statement) -> str:
    if statement.form != Statement.Form.FULL:
        return "answer-short"
    return "answer" if statement.kind == Statement.Kind.OFFICIAL else "answer-questions"


@require_http_methods(["GET", "POST"])
@login_not_required
@never_cache
def own_link(request: HttpRequest, region: str, round_id: str) -> HttpResponse:
    """A link for going on elsewhere: made by a button, shown once, mailed if wanted. Earlier ones keep working."""
    visit = find_visit(request, region, round_id)
    statement = visit.statement
    if statement is None or not visit.is_let_in or statement.form == Statement.Form.CHILDREN:
        return redirect(address(visit.round, "answer"))
    form = OwnLinkForm(posted(request), initial={"email": statement.email})
    if not form.is_bound or not form.is_valid():
        return page(request, "answer_link", visit, form=form, status=422 if form.errors else 200)
    if not limits.is_within(limits.OWN_LINK, request, of=statement.public_id):
        return too_many(request, visit)
    language = get_language() or statement.language
    email = form.cleaned_data["email"]
    if email:
        payload = {
            "statement": statement.pk,
            "email": email,
            "language": language,
            "site": site_of(request),
            "region_code": visit.round.version.document.region.code,
        }
        enqueue(OWN_LINK, payload, key=f"own-link-{statement.public_id}-{email}")
    _link, token = make_own_link(statement)
    return page(
        request, "answer_link", visit, form=form, own_address=site_of(request) + link_path(token, language), email=email
    )
