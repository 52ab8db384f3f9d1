"""Telling respondents what came of what they said."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from jobs.services import enqueue
from reviews.models import CommentRound, Remark, Statement
from reviews.services.rounds import lock_round
from reviews.services.statements import receivers_of

OUTCOME = "mail_outcome"
"""The kind of job that tells one respondent. It makes the link when it runs: no token waits in the outbox."""


@dataclass(frozen=True)
class Telling:
    """Who can be told now, and who cannot."""

    to_tell: list[Statement]
    without_address: int
    told: int
    unanswered: int
    """Remarks that nobody has answered yet."""
    whole: int
    """Statements to be told about that say something as a whole, of which nobody has made remarks: with no reasons."""


def telling_of(comment_round: CommentRound) -> Telling:
    """Three queries."""
    rows = list(
        comment_round.statements.received().select_related("invitation", "organisation").order_by("received_at", "pk")
    )
    waiting = [row for row in rows if row.told_at is None]
    return Telling(
        to_tell=[row for row in waiting if receivers_of(row) and not row.people_removed_at],
        without_address=sum(1 for row in waiting if not receivers_of(row) or row.people_removed_at),
        told=len(rows) - len(waiting),
        unanswered=Remark.objects.received().unanswered().filter(statement__round=comment_round).count(),
        whole=comment_round.statements.received()
        .filter(told_at=None, people_removed_at=None, form=Statement.Form.FULL, stance=Statement.Stance.STATEMENT)
        .filter(Q(attachments__isnull=False) | ~Q(text=""))
        .exclude(pk__in=Remark.objects.said().filter(statement__round=comment_round).values("statement"))
        .distinct()
        .count(),
    )


@transaction.atomic
def tell_outcomes(comment_round: CommentRound, *, by: User, site: str) -> int:
    """Ask for a mail to each respondent who has an address and has not been told; how many.

    Asking twice tells once. Raises ValidationError: `round_not_over`, `nobody_to_tell`.
    """
    locked = lock_round(comment_round)
    if not locked.is_over():
        raise ValidationError(
            _("The round is still open: respondents are told after it has closed."), code="round_not_over"
        )
    telling = telling_of(locked)
    if not telling.to_tell:
        raise ValidationError(_("There is nobody to tell by mail."), code="nobody_to_tell")
    for statement in telling.to_tell:
        for place in range(len(receivers_of(statement))):
            payload = {"statement": statement.pk, "place": place, "site": site, "region_code": locked.region.code}
            enqueue(OUTCOME, payload, key=f"outcome-{statement.public_id}-{place}")
    record(by, "round.outcomes_told", locked, statements=len(telling.to_tell))
    return len(telling.to_tell)
