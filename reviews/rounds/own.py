"""What rounds ask of somebody who signs in: answers of a body of hers, and remarks that wait for her."""

import datetime
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count

from accounts.models import User
from regions.permissions import Rights
from reviews.finding import address
from reviews.models import CommentRound, Invitation, Remark


@dataclass(frozen=True)
class AskedRound:
    """An open round that waits for the answer of one of her bodies."""

    round: CommentRound
    body: str
    deadline: datetime.datetime
    begun: bool

    @property
    def url(self) -> str:
        return address(self.round, "answer")


def rounds_asking(rights: Rights) -> dict[int, list[AskedRound]]:
    """Open rounds in which a body of hers is asked and has not answered, by region; one query."""
    rows = (
        Invitation.objects.unanswered()
        .filter(body_id__in=rights.body_ids, round__in=CommentRound.objects.open())
        .select_related("body", "round__version__document__region")
        .defer("round__version__content")
        .annotate(begun=Count("statements"))
        .order_by("round__closes_at", "pk")
    )
    found: dict[int, list[AskedRound]] = defaultdict(list)
    for row in rows:
        asked = AskedRound(row.round, str(row.body), row.deadline, begun=bool(row.begun))
        found[row.region_id].append(asked)
    return found


def remarks_waiting_for(user: User) -> dict[int, int]:
    """How many remarks she has been given that nobody has answered, by document; one query."""
    rows = (
        Remark.objects.received()
        .unanswered()
        .filter(assigned_to=user, hidden_at=None)
        .order_by()
        .values_list("version__document")
        .annotate(number=Count("pk"))
    )
    return dict(rows)
