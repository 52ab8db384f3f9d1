"""Rounds with their counts: those of a document, and those of a region that its coordinator thinks of this week."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents.models import Document
from regions.models import Region
from reviews.facts import in_words
from reviews.finding import address
from reviews.models import CommentRound, Invitation, Statement
from reviews.rounds.page import State, state_of

RECENTLY = datetime.timedelta(days=14)


@dataclass(frozen=True)
class Listed:
    """A round in a list: where it stands, and how many of those asked have answered."""

    round: CommentRound
    state: State
    asked: int
    asked_answered: int
    """Of those asked."""
    answered: int
    """All, also those whom nobody asked by name."""

    @property
    def url(self) -> str:
        return address(self.round, "round")

    @property
    def answers(self) -> str:
        return answers_in_words(self.asked, self.asked_answered, self.answered)


def answers_in_words(asked: int, asked_answered: int, answered: int) -> str:
    """7 of 20 asked have answered, and 3 others."""
    others = answered - asked_answered
    if not asked:
        return ngettext("%(count)d answer", "%(count)d answers", answered) % {"count": answered}
    text = _("%(answered)d of %(asked)d have answered") % {"answered": asked_answered, "asked": asked}
    if others:
        more = ngettext("%(count)d other answer", "%(count)d other answers", others) % {"count": others}
        return f"{text}, {more}"
    return text


def _counted(rows: QuerySet[CommentRound]) -> QuerySet[CommentRound]:
    """One query: counts as subqueries, because two joins would multiply each other's rows."""
    invitations = Invitation.objects.in_force().filter(round=OuterRef("pk")).order_by().values("round")
    statements = Statement.objects.received().filter(round=OuterRef("pk")).order_by().values("round")
    answered = statements.filter(invitation__withdrawn_at=None, invitation__isnull=False)
    return rows.annotate(
        asked_count=_number(invitations.annotate(number=Count("pk"))),
        asked_answered_count=_number(answered.annotate(number=Count("invitation", distinct=True))),
        answered_count=_number(statements.annotate(number=Count("pk"))),
    )


def _number(rows: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(rows.values("number"), output_field=IntegerField()), 0)


def _listed(rows: QuerySet[CommentRound]) -> list[Listed]:
    now = timezone.now()
    return [
        Listed(
            row,
            state_of(row, now),
            cast("int", row.asked_count),  # type: ignore[attr-defined]
            cast("int", row.asked_answered_count),  # type: ignore[attr-defined]
            cast("int", row.answered_count),  # type: ignore[attr-defined]
        )
        for row in _counted(rows)
    ]


def rounds_of(document: Document) -> list[Listed]:
    """All rounds of a document, drafts first and then the newest; one query."""
    rows = CommentRound.objects.for_list().filter(version__document=document)
    return sorted(_listed(rows), key=lambda row: not row.round.is_draft)


def listed(comment_round: CommentRound) -> Listed:
    """One round with its counts; one query."""
    return _listed(CommentRound.objects.for_list().filter(pk=comment_round.pk))[0]


@dataclass(frozen=True)
class RoundStep:
    """What a round asks of its coordinator now."""

    text: str
    url: str


def current_rounds(region: Region, now: datetime.datetime | None = None) -> list[Listed]:
    """Rounds that are being prepared, that come, that are open, or that closed a short while ago, newest first.

    One query.
    """
    recent = (now or timezone.now()) - RECENTLY
    return _listed(
        CommentRound.objects.for_list().filter(Q(announced_at=None) | Q(closes_at__gt=recent), region=region)
    )


def steps_of_rounds(rounds: Iterable[Listed], now: datetime.datetime | None = None) -> list[RoundStep]:
    """What these rounds ask of their coordinator, the first to close first and drafts last."""
    now = now or timezone.now()
    ordered = sorted(rounds, key=lambda row: (row.round.is_draft, row.round.closes_at))
    return [RoundStep(_step(row, now), row.url) for row in ordered]


def _step(row: Listed, now: datetime.datetime) -> str:
    values = {"round": row.round, "answers": row.answers}
    if row.round.is_draft:
        return _("The round “%(round)s” is a draft: complete and announce it.") % values
    if row.round.is_over(now):
        return _("“%(round)s” closed on %(when)s: %(answers)s.") % {**values, "when": in_words(row.round.closes_at)}
    if row.round.is_open(now):
        return _("“%(round)s” closes on %(when)s: %(answers)s.") % {**values, "when": in_words(row.round.closes_at)}
    return _("“%(round)s” opens on %(when)s.") % {**values, "when": in_words(row.round.opens_at)}
