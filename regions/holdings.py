"""What a person holds in a region and somebody else could take over when she leaves.

Each package tells what it knows by a source registered from its app's `ready`; `turnover` tells of memberships and
mandates.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import User
from regions.models import Membership, Region

Giving = Callable[[User, datetime.date, User], None]
Ending = Callable[[datetime.date, User], None]


@dataclass(frozen=True)
class Holding:
    """One thing that a person holds.

    `give` makes it another person's from the day after the last day, `end` ends it on the last day; both are given the
    one who does it, run in the caller's transaction and raise ValidationError when it cannot be. Without them it is
    only told: somebody else finishes it where `url` leads.
    """

    key: str
    """The same each time it is asked for; forms send it back."""
    title: str
    text: str = ""
    url: str = ""
    give: Giving | None = None
    end: Ending | None = None


Source = Callable[[User, Region, Membership], list[Holding]]
"""What a person holds in a region when she leaves a body by the end of a membership."""

_sources: list[Source] = []


def register_source(source: Source) -> None:
    """Add what another package knows, once, from an app's `ready`."""
    if source not in _sources:
        _sources.append(source)


def holdings_of(user: User, region: Region, leaving: Membership) -> list[Holding]:
    """Everything that a person holds in a region, in the order of the packages; a constant number of queries."""
    return [holding for source in _sources for holding in source(user, region, leaving)]
