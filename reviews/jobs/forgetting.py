"""Removing personal data whose time is over."""

import datetime

from jobs.registry import Payload, handler
from reviews.services.privacy import forget_people, rounds_to_forget


@handler("forget_respondents", every=datetime.timedelta(days=1))
def forget_respondents(payload: Payload) -> None:
    """Remove names and addresses from rounds whose retention time is over."""
    for comment_round in rounds_to_forget():
        forget_people(comment_round, by=None)
