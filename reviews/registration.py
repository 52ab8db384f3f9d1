"""What `reviews` brings to the packages below it: the pages of a document's rounds, and what its links open."""

from accounts.links import register_purpose
from reviews.holding import INVITATION, STATEMENT


def register() -> None:
    register_purpose(INVITATION, opens="reviews:by-invitation")
    register_purpose(STATEMENT, opens="reviews:by-statement")
