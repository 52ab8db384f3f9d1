"""The version of a round as those read it who are asked, and what one has said oneself."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from documents.rendering import plain_languages
from documents.views.finding import content_language
from reviews.answering.holding import Visit
from reviews.answering.places import Places
from reviews.answering.reading import (
    can_say,
    commentable,
    counts_of,
    own_remarks,
    remarks_of_others,
    said_of,
    sees_others,
    with_counts,
)
from reviews.finding import address
from reviews.models import CommentRound
from reviews.views.answering.frame import around, find_visit, lost


def let_in(request: HttpRequest, region: str, round_id: str) -> Visit | HttpResponse:
    """The visitor of an open text, or the way to the round's front page, which says how one comes in, or when.

    What somebody sends whose link is no longer held here comes back to her, to be copied.
    """
    visit = find_visit(request, region, round_id)
    if visit.is_let_in and timezone.now() >= visit.round.opens_at:
        return visit
    return lost(request, visit) if request.method == "POST" else redirect(address(visit.round, "answer"))


def language_asked(request: HttpRequest, comment_round: CommentRound) -> str:
    """The language of the text: the one in the address, else the reader's own. 404 for one that the text has not."""
    return content_language(comment_round.version.document, request.GET.get("language") or None)


@require_safe
@login_not_required
@never_cache
def text(request: HttpRequest, region: str, round_id: str) -> HttpResponse:
    """The version, with a way to comment beside each of its places."""
    visit = let_in(request, region, round_id)
    if isinstance(visit, HttpResponse):
        return visit
    comment_round = visit.round
    document = comment_round.version.document
    language = language_asked(request, comment_round)
    may_say = can_say(visit)
    written = commentable(comment_round, language, may_say=may_say)
    own = counts_of(own_remarks(visit))
    others = counts_of(remarks_of_others(visit)) if sees_others(comment_round) else {}
    here = address(comment_round, "text")
    context = {
        **around(visit, current="text"),
        "language": language,
        "languages": [
            (code, label, f"{here}?language={code}", code == language)
            for code, label in (plain_languages(document.languages) if document.is_bilingual else ())
        ],
        "text_title": written.title,
        "outline": written.outline,
        "gap_note": written.gap_note,
        "html": with_counts(comment_round, written, own, others),
        "own": sum(own.values()),
        "others": sum(others.values()),
        "may_say": may_say,
        "my_remarks_url": address(comment_round, "my-remarks"),
    }
    return render(request, "reviews/text_page.html", context)


@require_safe
@login_not_required
@never_cache
def my_remarks(request: HttpRequest, region: str, round_id: str) -> HttpResponse:
    """All that one has said about the text, in its order."""
    visit = let_in(request, region, round_id)
    if isinstance(visit, HttpResponse):
        return visit
    return render(request, "reviews/text_remarks.html", {**around(visit, current="text"), **my_remarks_context(visit)})


def my_remarks_context(visit: Visit) -> dict[str, Any]:
    """What `reviews/_my_remarks.html` is drawn with. Reads the version's text only where something was said."""
    comment_round = visit.round
    rows = list(own_remarks(visit))
    language = content_language(comment_round.version.document, None)
    return {
        "said": said_of(rows, Places(comment_round.version), language, own=True) if rows else [],
        "may_say": can_say(visit),
        "region_slug": comment_round.version.document.region.slug,
        "round_id": comment_round.public_id,
    }
