"""Background work of rounds; each module registers its handlers."""

from reviews.jobs import forgetting, grouping, mailing, outcomes, receipts, reminding, summaries

__all__ = ["forgetting", "grouping", "mailing", "outcomes", "receipts", "reminding", "summaries"]
