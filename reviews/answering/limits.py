"""How often one address, or everybody together, may do something in a round, counted in the cache.

Generous, because the whole class or the library answers from one address: it is there for machines. An address is
kept as a digest for as long as it is counted.
"""

import hashlib
import hmac
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

MINUTE = 60


@dataclass(frozen=True)
class Limit:
    """So many times within so many seconds."""

    name: str
    most: int
    seconds: int


BEGIN = Limit("begin", 150, 60 * MINUTE)
SAVE = Limit("save", 3_000, 10 * MINUTE)
SEND = Limit("send", 200, 10 * MINUTE)
FILES = Limit("files", 100, 10 * MINUTE)
PAPER = Limit("paper", 60, 10 * MINUTE)
CODE = Limit("code", 20, 15 * MINUTE)
ALL_CODES = Limit("all-codes", 600, 15 * MINUTE)
REPORT = Limit("report", 30, 60 * MINUTE)
OWN_LINK = Limit("own-link", 10, 60 * MINUTE)


def is_within(limit: Limit, request: HttpRequest | None = None, *, of: str = "") -> bool:
    """Count one more by this visitor's address, or by everybody where there is no request; False when it is too many.

    `of` is what it is counted in: a round, a statement.
    """
    whose = _digest(address_of(request)) if request else "all"
    window = int(time.time() // limit.seconds)
    key = f"limit:{limit.name}:{of}:{whose}:{window}"
    if cache.add(key, 1, limit.seconds):
        return True
    try:
        return cache.incr(key) <= limit.most
    except ValueError:  # it ran out, or was thrown out of a full cache, between the two
        return True


def address_of(request: HttpRequest) -> str:
    """The visitor's network address; behind a proxy the one that the proxy saw."""
    if settings.BEHIND_PROXY:
        return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def _digest(address: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), address.encode(), hashlib.sha256).hexdigest()[:32]
