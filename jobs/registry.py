"""Who does which kind of work, and what comes back regularly."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Payload = dict[str, Any]
Handler = Callable[[Payload], None]

handlers: dict[str, Handler] = {}


@dataclass(frozen=True)
class Periodic:
    """Work that `tick` asks for once in each period."""

    kind: str
    every: datetime.timedelta


periodic: dict[str, Periodic] = {}


def handler(kind: str, *, every: datetime.timedelta | None = None) -> Callable[[Handler], Handler]:
    """Register a function as the one that does the jobs of a kind; it must bear being run twice.

    Each app keeps its own in `<app>/jobs.py`. With `every`, `tick` asks for the work once in each such period.
    """

    def register(function: Handler) -> Handler:
        if kind in handlers:
            raise ValueError(f"Two handlers for jobs of the kind {kind!r}.")
        handlers[kind] = function
        if every:
            periodic[kind] = Periodic(kind, every)
        return function

    return register
