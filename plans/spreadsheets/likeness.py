"""Which organisations a name in a file may mean: those whose names look alike or have the same words in them."""

import difflib
from collections.abc import Iterable

from documents.lemmas import lemmas
from plans.spreadsheets.columns import folded
from plans.spreadsheets.draft import Party

ALIKE = 0.62
SURE = 0.85
"""So much alike is a slip of the pen; such a choice is offered ready made."""
MOST = 3


def alike(name: str, parties: Iterable[Party], language: str) -> list[tuple[float, Party]]:
    """At most three, the likest first, each with how much it is alike (0–1)."""
    wanted = folded(name)
    words = set(lemmas(name, language))
    found = []
    for party in parties:
        likeness = max((_likeness(wanted, own) for own in party.names), default=0.0)
        own_words = set(lemmas(party.name, language))
        if words and own_words and (words <= own_words or own_words <= words):
            likeness = max(likeness, 0.7)
        if likeness >= ALIKE:
            found.append((likeness, party))
    return sorted(found, key=lambda item: (-item[0], item[1].name))[:MOST]


def _likeness(one: str, other: str) -> float:
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE else 0.0
