"""What every coordinator's page of a round has around its own matter: the tabs, the way there, the state in words."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from documents.views.finding import Crumbs
from reviews.facts import in_words
from reviews.finding import address, round_crumbs
from reviews.models import CommentRound

Tabs = list[tuple[str, str, bool]]


def round_tabs(comment_round: CommentRound, current: str) -> Tabs:
    """The pages of a round, the same on each of them; `current` is the name of the page that is read.

    How remarks are handled is one page for all rounds of the document; from here it shows those of this round.
    """
    document = comment_round.version.document
    desk = reverse("reviews:remark-list", args=[document.region.slug, document.kind, document.public_id])
    pages = [
        ("round", pgettext("page of a round", "Round"), address(comment_round, "round")),
        ("invitation-list", pgettext("page of a round", "Invited"), address(comment_round, "invitation-list")),
        ("statement-list", pgettext("page of a round", "Answers"), address(comment_round, "statement-list")),
        ("remark-list", pgettext("page of a round", "Handling"), f"{desk}?round={comment_round.public_id}"),
        ("summary", pgettext("page of a round", "Summary"), address(comment_round, "summary")),
    ]
    return [(label, url, name == current) for name, label, url in pages]


@dataclass(frozen=True)
class State:
    """Where a round stands now: the name of its badge, and a sentence without a full stop."""

    badge: str
    text: str


def state_of(comment_round: CommentRound, now: datetime.datetime | None = None) -> State:
    now = now or timezone.now()
    if comment_round.is_draft:
        return State("draft", _("A draft: nobody but those who write the text sees it"))
    if comment_round.is_over(now):
        return State("closed", _("Closed on %(when)s") % {"when": in_words(comment_round.closes_at)})
    if comment_round.is_open(now):
        return State("open", _("Open until %(when)s") % {"when": in_words(comment_round.closes_at)})
    return State("coming", _("Opens on %(when)s") % {"when": in_words(comment_round.opens_at)})


def round_context(comment_round: CommentRound, current: str, *crumbs: tuple[str, str]) -> dict[str, Any]:
    """What every page of a round shows around its own matter. The tabs need what `round_rows` brings along."""
    document = comment_round.version.document
    way: Crumbs = round_crumbs(comment_round, *crumbs)
    return {
        "round": comment_round,
        "document": document,
        "region": document.region,
        "tabs": round_tabs(comment_round, current),
        "crumbs": way,
        "state": state_of(comment_round),
    }
