"""The summary of statements as those who run the round see it before it is published, and publishing it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request, site_of
from documents.views.finding import first_error, require
from reviews.finding import address, find_round
from reviews.forms.summary import PublishSummaryForm
from reviews.models import CommentRound
from reviews.permissions import can_run
from reviews.rounds.page import round_context
from reviews.services.outcomes import tell_outcomes, telling_of
from reviews.services.summaries import public_summary, publish_summary, withdraw_summary
from reviews.summary.building import build
from reviews.summary.page import page_of
from reviews.summary.pages import DRAFT, Way, context_of, way_of
from reviews.views.summary_files import files_panel


def _way(comment_round: CommentRound, language: str | None) -> Way:
    return way_of(comment_round, DRAFT, language, list(comment_round.version.document.languages))


@require_safe
def summary(request: Request, region: str, round_id: str, language: str | None = None) -> HttpResponse:
    """All at a glance: who was asked and who answered, the questions, the sections, what was changed."""
    comment_round, rights = find_round(request, region, round_id)
    form = PublishSummaryForm(languages=list(comment_round.version.document.languages), initial=_initial(comment_round))
    return _overview(request, comment_round, form, language, may_run=can_run(rights, comment_round))


def _initial(comment_round: CommentRound) -> dict[str, Any]:
    """What was told first the last time."""
    content = comment_round.summaries.order_by("-pk").values_list("content", flat=True).first() or {}
    return {f"intro_{code}": text for code, text in content.get("intro", {}).items()}


def _overview(
    request: Request, comment_round: CommentRound, form: PublishSummaryForm, language: str | None, *, may_run: bool
) -> HttpResponse:
    way = _way(comment_round, language)
    page = page_of(build(comment_round, proposals_of=()), way.language, remarks_of=(), with_respondents=False)
    published = public_summary(comment_round)
    context = {
        **round_context(comment_round, "summary", (_("Summary of statements"), "")),
        **context_of(page, way),
        "languages": way.language_links(),
        "form": form,
        "may_run": may_run,
        "is_over": comment_round.is_over(),
        "published": published,
        "public_url": address(comment_round, "outcome") if published else "",
        "moderation_url": address(comment_round, "moderation"),
        "telling": telling_of(comment_round) if may_run and comment_round.is_over() else None,
        "tell_url": address(comment_round, "outcomes-tell"),
        "files": files_panel(comment_round, may_run=may_run),
        "publish_url": address(comment_round, "summary-publish"),
        "withdraw_url": address(comment_round, "summary-withdraw"),
    }
    return render(request, "reviews/summary.html", context, status=422 if form.errors else 200)


@require_POST
def summary_publish(request: Request, region: str, round_id: str) -> HttpResponse:
    comment_round, rights = find_round(request, region, round_id)
    require(can_run(rights, comment_round))
    form = PublishSummaryForm(request.POST, languages=list(comment_round.version.document.languages))
    if form.is_valid():
        try:
            publish_summary(comment_round, intro=form.intro, languages=form.chosen, by=request.user)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("The summary was published. Anyone who has the address can read it."))
            return redirect(address(comment_round, "summary"))
    return _overview(request, comment_round, form, None, may_run=True)


@require_POST
def summary_withdraw(request: Request, region: str, round_id: str) -> HttpResponse:
    comment_round, rights = find_round(request, region, round_id)
    require(can_run(rights, comment_round))
    if withdraw_summary(comment_round, by=request.user):
        messages.success(request, _("The summary is no longer public. You can publish it again."))
    return redirect(address(comment_round, "summary"))


@require_POST
def outcomes_tell(request: Request, region: str, round_id: str) -> HttpResponse:
    """A mail to each respondent: your remarks and what came of them."""
    comment_round, rights = find_round(request, region, round_id)
    require(can_run(rights, comment_round))
    try:
        count = tell_outcomes(comment_round, by=request.user, site=site_of(request))
    except ValidationError as error:
        messages.error(request, first_error(error))
    else:
        text = ngettext("One respondent is told by mail.", "%(count)d respondents are told by mail.", count)
        messages.success(request, text % {"count": count})
    return redirect(address(comment_round, "summary"))


@require_safe
def summary_part(request: Request, region: str, round_id: str, key: str, language: str | None = None) -> HttpResponse:
    """The remarks at one section, each with what came of it."""
    comment_round, _rights = find_round(request, region, round_id)
    way = _way(comment_round, language)
    page = page_of(build(comment_round, proposals_of={key}), way.language, remarks_of={key}, with_respondents=False)
    part = page.part(key)
    if part is None:
        raise Http404
    context = {
        **round_context(comment_round, "summary", (_("Summary of statements"), way.url()), (part.title, "")),
        **context_of(page, way),
        "languages": way.language_links("part", key) if key else way.language_links("whole"),
        "part": part,
    }
    return render(request, "reviews/summary_part.html", context)


@require_safe
def summary_respondents(request: Request, region: str, round_id: str, language: str | None = None) -> HttpResponse:
    """Everyone who answered, with what each said as a whole."""
    comment_round, _rights = find_round(request, region, round_id)
    way = _way(comment_round, language)
    page = page_of(build(comment_round, proposals_of=()), way.language, remarks_of=())
    context = {
        **round_context(comment_round, "summary", (_("Summary of statements"), way.url()), (_("Respondents"), "")),
        **context_of(page, way),
        "languages": way.language_links("respondents"),
    }
    return render(request, "reviews/summary_respondents.html", context)
