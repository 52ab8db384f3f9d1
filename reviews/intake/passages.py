"""Words laid out for picking passages from them: paragraphs, sentences, and what is picked already."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from reviews.models import Remark

_LINE = re.compile(r"[^\n]+")
_END = re.compile(r"[.!?…]+[\"”’»)\]]*\s+(?=[\"”’«»(\[–-]*[A-ZÅÄÖ0-9])")
_SHORT = re.compile(r"(?:^|[\s(])(?:\d+|[^\W\d_]{1,4}|esim|mahd|huom|kirj|puh|bl\.a|s\.k)\.$", re.IGNORECASE)
"""A number or an abbreviation with its full stop: no sentence ends there."""


@dataclass(frozen=True)
class Picked:
    """A remark that was picked, where its words stand now, and its number on the page."""

    number: int
    remark: Remark
    starts_at: int
    ends_at: int


@dataclass(frozen=True)
class Piece:
    """A run of words with the same marks. Places count signs of the whole text."""

    starts_at: int
    text: str
    is_picked: bool = False
    ends: tuple[int, ...] = ()
    """Numbers of the picked passages that end with it."""


@dataclass(frozen=True)
class Sentence:
    starts_at: int
    ends_at: int
    pieces: tuple[Piece, ...]


def lay_out(text: str, picked: Sequence[Picked] = ()) -> list[list[Sentence]]:
    """The text as paragraphs of sentences of pieces. All the pieces together are the text without its line breaks."""
    return [
        [Sentence(starts, ends, _pieces(text, starts, ends, picked)) for starts, ends in _sentences(text, line)]
        for line in _LINE.finditer(text)
        if line.group().strip()
    ]


def find_picked(text: str, remarks: Sequence[Remark], numbers: dict[int, int]) -> list[Picked]:
    """Where picked remarks stand in a text that may have changed since; those whose words are gone are left out.

    `numbers` are the numbers on the page by the remark's key.
    """
    found = []
    for remark in remarks:
        if remark.picked_starts_at is None or remark.picked_ends_at is None:
            continue
        starts = remark.picked_starts_at
        if text[starts : remark.picked_ends_at] != remark.text:
            places = [match.start() for match in re.finditer(re.escape(remark.text), text)]
            if not places:
                continue
            starts = min(places, key=lambda place: abs(place - starts))
        found.append(Picked(numbers[remark.pk], remark, starts, starts + len(remark.text)))
    return found


def _sentences(text: str, line: re.Match[str]) -> list[tuple[int, int]]:
    cuts = [line.start()]
    for end in _END.finditer(text, line.start(), line.end()):
        if not _SHORT.search(text, cuts[-1], end.start() + 1):
            cuts.append(end.end())
    cuts.append(line.end())
    return [(start, end) for start, end in itertools.pairwise(cuts) if text[start:end].strip()]


def _pieces(text: str, starts: int, ends: int, picked: Sequence[Picked]) -> tuple[Piece, ...]:
    here = [one for one in picked if one.starts_at < ends and one.ends_at > starts]
    edges = {starts, ends}
    for one in here:
        edges |= {max(one.starts_at, starts), min(one.ends_at, ends)}
    places = sorted(edges)
    return tuple(
        Piece(
            start,
            text[start:end],
            is_picked=any(one.starts_at <= start and one.ends_at >= end for one in here),
            ends=tuple(sorted(one.number for one in here if one.ends_at == end)),
        )
        for start, end in itertools.pairwise(places)
    )
