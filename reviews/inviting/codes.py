"""A code that can be typed instead of opening a link: on another device, or where a mail cannot be clicked.

It is a link like the one beside it in the mail, with the same purpose and target; only its token is short enough for
a person. Sixty random bits cannot be guessed one by one through pages that count their visitors.
"""

import datetime
import secrets

from accounts.models import AccessLink, User
from reviews.answering.holding import INVITATION
from reviews.models import Invitation

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Thirty-two signs: no I, L, O and U, which are mistaken for others when copied by hand."""

LENGTH = 12
GROUP = 4
_MISREAD = str.maketrans("ILO", "110")


def make_code(
    invitation: Invitation, *, sent_to: str, expires_at: datetime.datetime, by: User | None = None
) -> tuple[AccessLink, str]:
    """A link whose token is a new code, and that code as it is printed: `K7QF-2MXR-9TDA`. It is kept nowhere else."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    link = AccessLink.objects.create(
        purpose=INVITATION,
        target=invitation.public_id,
        token_hash=AccessLink.hash_of(code),
        sent_to=sent_to,
        created_by=by,
        expires_at=expires_at,
    )
    return link, in_groups(code)


def in_groups(code: str) -> str:
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def normalised_code(typed: str) -> str:
    """The code that somebody meant: small letters, spaces, dashes and signs misread for others are forgiven.

    An empty text where it cannot be a code at all.
    """
    signs = "".join(sign for sign in typed[:60].upper() if sign.isalnum()).translate(_MISREAD)
    return signs if len(signs) == LENGTH and set(signs) <= set(ALPHABET) else ""


def link_of_code(typed: str) -> AccessLink | None:
    """The usable link of a typed code. Looked up by its digest, so the time it takes tells nothing of the code."""
    code = normalised_code(typed)
    if not code:
        return None
    return AccessLink.objects.usable().filter(token_hash=AccessLink.hash_of(code), purpose=INVITATION).first()
