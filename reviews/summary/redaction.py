"""Words that are blacked out before something is published, each with the reason that is told in their place."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

TEXT = "text"
"""The field of a remark's own words, and of a statement's as a whole."""

ANSWERS = "answers."
"""Before the key of a question: the answer to it."""


@dataclass(frozen=True)
class Passage:
    """Some signs of one field that the published text leaves out."""

    field: str
    starts_at: int
    ends_at: int
    reason: str

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Passage":
        return cls(raw["field"], raw["starts_at"], raw["ends_at"], raw["reason"])

    def to_json(self) -> dict[str, Any]:
        return {"field": self.field, "starts_at": self.starts_at, "ends_at": self.ends_at, "reason": self.reason}


@dataclass(frozen=True)
class Piece:
    """A part of a text as it is published: words, or the reason why there are none."""

    text: str
    is_blacked_out: bool = False


def passages_of(raw: Sequence[Mapping[str, Any]], field: str = TEXT) -> list[Passage]:
    """The passages of one field in order."""
    rows = [Passage.from_json(row) for row in raw]
    return sorted((row for row in rows if row.field == field), key=lambda row: row.starts_at)


def pieces(text: str, passages: Iterable[Passage]) -> list[Piece]:
    """A text as it is published, for pages: what overlaps is left out once, with the first reason."""
    result: list[Piece] = []
    place = 0
    for passage in passages:
        starts_at, ends_at = max(passage.starts_at, place), min(passage.ends_at, len(text))
        if starts_at >= ends_at:
            continue
        if starts_at > place:
            result.append(Piece(text[place:starts_at]))
        result.append(Piece(passage.reason, is_blacked_out=True))
        place = ends_at
    if place < len(text):
        result.append(Piece(text[place:]))
    return result


def published(text: str, passages: Iterable[Passage]) -> str:
    """A text as it is published, in plain words: for files and mails."""
    return "".join(
        _("[left out: %(reason)s]") % {"reason": piece.text} if piece.is_blacked_out else piece.text
        for piece in pieces(text, passages)
    )


def carried_over(
    raw: Sequence[Mapping[str, Any]], before: str, after: str, *, field: str = TEXT
) -> list[dict[str, Any]]:
    """Passages for a field whose text has changed: the same words are left out wherever they stand now."""
    if before == after:
        return [dict(row) for row in raw]
    kept = [dict(row) for row in raw if row["field"] != field]
    words = {(" ".join(before[row.starts_at : row.ends_at].split()), row.reason) for row in passages_of(raw, field)}
    found = [
        passage for text, reason in sorted(words) for passage in find_words(after, text, field=field, reason=reason)
    ]
    return kept + [passage.to_json() for passage in sorted(found, key=lambda row: row.starts_at)]


def find_words(text: str, words: str, *, field: str, reason: str) -> list[Passage]:
    """Everywhere in a text where these words stand, without regard to white space and case."""
    wanted = words.split()
    if not wanted:
        return []
    pattern = re.compile(r"\s+".join(map(re.escape, wanted)), re.IGNORECASE)
    return [Passage(field, match.start(), match.end(), reason) for match in pattern.finditer(text)]
