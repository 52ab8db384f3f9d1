"""What is done to a round: announced, given more time, closed early, opened again; and its poster."""

import datetime
import io
from collections.abc import Callable
from typing import Any

import segno
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import PlainForm
from accounts.http import Request, site_of
from documents.rendering import plain_languages
from documents.views.finding import first_error, require
from reviews.facts import in_words
from reviews.finding import address, find_round
from reviews.forms.rounds import ReasonForm, UntilForm
from reviews.models import CommentRound
from reviews.permissions import can_run
from reviews.rounds.page import round_context
from reviews.rounds.preparing import round_warnings
from reviews.rounds.ready_texts import first_words, poster_sentences
from reviews.rounds.timetable import CLOSING_TIME
from reviews.services.rounds import announce, close_now, extend, reopen
from reviews.views.rounds import promised, share_of


def _find(request: Request, region: str, round_id: str) -> CommentRound:
    comment_round, rights = find_round(request, region, round_id)
    require(can_run(rights, comment_round))
    return comment_round


@require_http_methods(["GET", "POST"])
def round_announce(request: Request, region: str, round_id: str) -> HttpResponse:
    """Say what follows from announcing, and announce."""
    comment_round = _find(request, region, round_id)
    if request.method == "POST":
        try:
            announce(comment_round, by=request.user)
        except ValidationError as error:
            messages.error(request, first_error(error))
        else:
            messages.success(
                request,
                _("The round was announced. It opens on %(when)s.") % {"when": in_words(comment_round.opens_at)},
            )
        return redirect(address(comment_round, "round"))
    if not comment_round.is_draft:
        messages.info(request, _("The round has been announced already."))
        return redirect(address(comment_round, "round"))
    context = {
        **round_context(comment_round, "round", (_("Announce"), "")),
        "promised": promised(comment_round),
        "warnings": round_warnings(comment_round),
        "asked": comment_round.invitations.in_force().count(),
        "cancel_url": address(comment_round, "round"),
    }
    return render(request, "reviews/round_announce.html", context)


@require_http_methods(["GET", "POST"])
def round_extend(request: Request, region: str, round_id: str) -> HttpResponse:
    comment_round = _find(request, region, round_id)

    def do(form: PlainForm) -> None:
        extend(comment_round, until=form.cleaned_data["until"], by=request.user, reason=form.cleaned_data["reason"])

    later = timezone.localdate(comment_round.closes_at) + datetime.timedelta(weeks=1)
    initial = {"until_on": later, "until_time": timezone.localtime(comment_round.closes_at).time()}
    words = {
        "title": _("Give more time to answer"),
        "lead": _("The round closes on %(when)s. Everybody gets the new deadline.")
        % {"when": in_words(comment_round.closes_at)},
        "submit_label": _("Give more time"),
    }
    done = _("The round was given more time.")
    return _done(request, comment_round, UntilForm(request.POST or None, initial=initial), do, words, done)


@require_http_methods(["GET", "POST"])
def round_close(request: Request, region: str, round_id: str) -> HttpResponse:
    comment_round = _find(request, region, round_id)

    def do(form: PlainForm) -> None:
        close_now(comment_round, by=request.user, reason=form.cleaned_data["reason"])

    words = {
        "title": _("Close the round “%(round)s” now?") % {"round": comment_round},
        "lead": _(
            "It was to close on %(when)s. What arrives after you close it is kept and marked late. "
            "You can open the round again, with a reason."
        )
        % {"when": in_words(comment_round.closes_at)},
        "submit_label": _("Close the round"),
        "tone": "danger",
    }
    return _done(request, comment_round, ReasonForm(request.POST or None), do, words, _("The round was closed."))


@require_http_methods(["GET", "POST"])
def round_reopen(request: Request, region: str, round_id: str) -> HttpResponse:
    comment_round = _find(request, region, round_id)

    def do(form: PlainForm) -> None:
        reopen(comment_round, until=form.cleaned_data["until"], by=request.user, reason=form.cleaned_data["reason"])

    initial = {"until_on": timezone.localdate() + datetime.timedelta(weeks=2), "until_time": CLOSING_TIME}
    words = {
        "title": _("Open the round again"),
        "lead": _(
            "The round closed on %(when)s. What arrived since then counts as having arrived in time, "
            "and everybody can answer and change an answer until the new deadline."
        )
        % {"when": in_words(comment_round.closes_at)},
        "submit_label": _("Open again"),
    }
    form = UntilForm(request.POST or None, initial=initial, needs_reason=True)
    return _done(request, comment_round, form, do, words, _("The round is open again."))


def _done(
    request: Request,
    comment_round: CommentRound,
    form: PlainForm,
    do: Callable[[PlainForm], None],
    words: dict[str, Any],
    done: str,
) -> HttpResponse:
    """The small form of one of these, and what it does."""
    if form.is_bound and form.is_valid():
        try:
            do(form)
        except ValidationError as error:
            _take(form, error)
        else:
            messages.success(request, done)
            return redirect(address(comment_round, "round"))
    context = {
        **round_context(comment_round, "round", (words["submit_label"], "")),
        "tone": "primary",
        **words,
        "form": form,
        "cancel_url": address(comment_round, "round"),
    }
    return render(request, "reviews/round_change.html", context, status=422 if form.errors else 200)


def _take(form: PlainForm, error: ValidationError) -> None:
    """What the service refused, beside the field it is about."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, texts in error.message_dict.items():
        field = "until_on" if name == "until" else name
        form.add_error(field if field in form.fields else None, texts)


# --- The way to the round, on paper ---------------------------------------------------------------------------


@require_safe
def round_qr(request: HttpRequest, region: str, round_id: str) -> HttpResponse:
    """The QR code of a round's own page, in the language of the address."""
    comment_round, _rights = find_round(request, region, round_id)
    if comment_round.is_draft:
        raise Http404
    out = io.BytesIO()
    segno.make(f"{site_of(request)}{address(comment_round, 'answer')}", error="m", micro=False).save(
        out, kind="svg", border=4, xmldecl=True, svgns=True, nl=False, omitsize=True, light="#fff"
    )
    return HttpResponse(out.getvalue(), content_type="image/svg+xml")


@require_safe
def round_poster(request: HttpRequest, region: str, round_id: str) -> HttpResponse:
    """An A4 to hang on a wall, in each language of the document."""
    comment_round, _rights = find_round(request, region, round_id)
    if comment_round.is_draft or comment_round.kind != CommentRound.Kind.OPEN:
        raise Http404
    document = comment_round.version.document
    shares = {row["code"]: row for row in share_of(request, comment_round)}
    sides = []
    for code, _name in plain_languages(document.languages):
        with override(code):
            sides.append(
                {
                    "code": code,
                    "title": comment_round.title_in(code),
                    "why": first_words(comment_round, code),
                    "sentences": poster_sentences(comment_round),
                    "share": shares.get(code),
                    "address": shares[code]["url"].split("://", 1)[-1] if code in shares else "",
                    "heading": _("Tell us what you think"),
                    "until": _("Answer by %(when)s") % {"when": in_words(comment_round.closes_at)},
                    "ask": _("Ask"),
                    "sample": _("Sample"),
                    "read_code": _("Read the code with the camera of a phone, or write the address:"),
                    "region": getattr(document.region, f"name_{code}", "") or document.region.name,
                }
            )
    context = {
        **round_context(comment_round, "round", (_("Poster"), "")),
        "sides": sides,
        "round_url": address(comment_round, "round"),
    }
    return render(request, "reviews/round_poster.html", context)
