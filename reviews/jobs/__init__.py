"""Background work of rounds; each module registers its handlers."""

from reviews.jobs import assigning, forgetting, grouping, importing, mailing, outcomes, receipts, reminding, summaries

__all__ = [
    "assigning",
    "forgetting",
    "grouping",
    "importing",
    "mailing",
    "outcomes",
    "receipts",
    "reminding",
    "summaries",
]
