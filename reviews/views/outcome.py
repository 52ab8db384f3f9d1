"""What changed because of a round: the published summary, for everyone."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import caches
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from documents import frozen
from documents.models import Version
from reviews.deciding.proposals import first_words, proposals_of
from reviews.finding import find_announced
from reviews.models import RoundSummary
from reviews.services.summaries import public_summary
from reviews.summary.content import from_json
from reviews.summary.outcomes import in_a_sentence, own_remarks
from reviews.summary.page import Page, page_of
from reviews.summary.pages import PUBLISHED, Way, context_of, way_of
from reviews.views.answering.frame import find_visit, language_of
from reviews.views.answering.frame import page as answer_page
from reviews.views.summary_files import public_files


def _published(region: str, round_id: str, language: str | None) -> tuple[Page, Way, dict[str, Any]]:
    """The published summary in a language. 404 while there is none, for everyone alike."""
    comment_round = find_announced(region, round_id)
    published = public_summary(comment_round)
    if published is None:
        raise Http404
    way = way_of(comment_round, PUBLISHED, language, list(published.languages))
    page = _kept_page(published, way.language)
    context = {
        "round": comment_round,
        "region": comment_round.version.document.region,
        "published": published,
        **context_of(page, way),
    }
    return page, way, context


def _kept_page(published: RoundSummary, language: str) -> Page:
    """The summary in words, put into them once: what was published hardly ever changes, and anybody may read it."""
    written = published.names_removed_at or published.published_at
    key = f"summary-page:{published.pk}:{written.isoformat()}:{language}:{settings.RELEASE}"
    kept = caches["versions"]
    page: Page | None = kept.get(key) if not settings.DEBUG else None
    if page is None:
        page = page_of(from_json(published.content), language)
        kept.set(key, page)
    return page


@require_safe
@login_not_required
def outcome(request: HttpRequest, region: str, round_id: str, language: str | None = None) -> HttpResponse:
    _page, way, context = _published(region, round_id, language)
    context["files"] = public_files(context["round"], context["published"], way.language)
    return render(request, "reviews/outcome.html", {**context, "languages": way.language_links()})


@require_safe
@login_not_required
def outcome_part(
    request: HttpRequest, region: str, round_id: str, key: str, language: str | None = None
) -> HttpResponse:
    page, way, context = _published(region, round_id, language)
    part = page.part(key)
    if part is None:
        raise Http404
    links = way.language_links("part", key) if key else way.language_links("whole")
    crumbs = [(_("What came of the round"), way.url()), (part.title, "")]
    return render(request, "reviews/outcome_part.html", {**context, "part": part, "languages": links, "crumbs": crumbs})


@require_safe
@login_not_required
def outcome_respondents(request: HttpRequest, region: str, round_id: str, language: str | None = None) -> HttpResponse:
    _page, way, context = _published(region, round_id, language)
    crumbs = [(_("What came of the round"), way.url()), (_("Respondents"), "")]
    links = way.language_links("respondents")
    return render(request, "reviews/outcome_respondents.html", {**context, "languages": links, "crumbs": crumbs})


@require_safe
@login_not_required
@never_cache
def own_outcome(request: HttpRequest, region: str, round_id: str) -> HttpResponse:
    """One respondent's own remarks with what came of each, for whoever holds her link. 404 until she has been told."""
    visit = find_visit(request, region, round_id)
    statement = visit.statement
    if statement is None or statement.told_at is None:
        raise Http404
    language = language_of(visit)
    rows = own_remarks(statement, language)
    text = frozen.read(Version.objects.get(pk=visit.round.version_id))
    blocks = {block.id: block for block in text.blocks()}
    sections = {section.key: f"{section.number} {section.heading_in(language)}".strip() for section in text.sections}
    proposals = proposals_of(row.remark for row in rows)
    context: dict[str, Any] = {
        "lead": in_a_sentence(rows),
        "rows": [
            {
                "row": row,
                "place": sections.get(row.remark.section_key, ""),
                "words": first_words(blocks.get(row.remark.block_id), language, text.resolved),
                "proposal": proposals.get(row.remark.pk),
            }
            for row in rows
        ],
        "published": public_summary(visit.round),
        "has_receipt": statement.receipts.exists(),
    }
    return answer_page(request, "outcome_own", visit, **context)
