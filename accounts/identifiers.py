"""Identifiers that may be shown: in addresses, exports and printed references."""

import secrets

# No vowels, so that no word comes out by chance; nothing that is mistaken for another when copied by hand.
ALPHABET = "23456789bcdfghjkmnpqrstvwxz"
LENGTH = 10


def new_public_id() -> str:
    """Ten random characters (47 bits). Row numbers of the database are never shown; this is shown instead."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
