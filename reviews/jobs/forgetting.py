"""Removing personal data whose time is over."""

import datetime

from django.utils import timezone

from accounts import links
from jobs.registry import Payload, handler
from reviews.answering.holding import INVITATION
from reviews.services.privacy import forget_people, forget_returns, rounds_to_forget

KEPT = datetime.timedelta(days=90)
"""How long a link that opens nothing any more is kept, with the address it was sent to."""

RETURNS_KEPT = datetime.timedelta(days=30)
"""How long a Word file waits that nobody has taken anything from."""


@handler("forget_round_links", every=datetime.timedelta(days=1))
def forget_round_links(payload: Payload) -> None:
    """Delete the links of invitations that stopped working long ago, and Word files that nobody took in."""
    links.forget_links(INVITATION, before=timezone.now() - KEPT)
    forget_returns(before=timezone.now() - RETURNS_KEPT)


@handler("forget_respondents", every=datetime.timedelta(days=1))
def forget_respondents(payload: Payload) -> None:
    """Remove names and addresses from rounds whose retention time is over."""
    for comment_round in rounds_to_forget():
        forget_people(comment_round, by=None)
