"""Which remarks on a document say the same: by the basic forms of their words and by the place that they are about.

The program proposes and says why; a person takes apart what does not belong together, and that is remembered.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from documents import similarity
from documents.lemmas import lemmas
from documents.models import Document
from documents.operations import INSERT_AFTER, REPLACE_TEXT
from documents.richtext import plain
from reviews.deciding.standing import Standing, standings
from reviews.models import Remark, RemarkSeparation

SAME_SECTION, ANYWHERE = 0.2, 0.35
"""How much of the weight of two remarks' words must be common: remarks on one section, and those left of all."""
MANY = 150
"""In how many remarks on one section a word may stand and still tell two of them to be alike."""


@dataclass(frozen=True)
class Found:
    """Remarks that are alike, and the grounds."""

    remarks: list[Remark]
    words: list[str]
    """Basic forms that they have in common, the most telling first."""
    section_key: str = ""
    """The section that all of them are about; empty where they are about several."""
    block_id: str = ""
    """The one place in the draft that all of them are about."""

    @property
    def grounds(self) -> dict[str, object]:
        return {"words": self.words, "section_key": self.section_key, "block_id": self.block_id}


def find_groups(
    document: Document,
    remarks: Sequence[Remark],
    *,
    apart: Iterable[frozenset[int]] = (),
    progress: Callable[[int], None] = lambda done: None,
) -> list[Found]:
    """Groups of two or more among remarks on any versions of a document, in the order of the text.

    `apart` are pairs of primary keys that a person told from each other. `progress` is called with how many remarks
    have been looked through.
    """
    stand = standings(document, remarks)
    sections: dict[str, list[Remark]] = defaultdict(list)
    for remark in remarks:
        sections[stand[remark.pk].section_key].append(remark)
    pairs = [frozenset(map(str, pair)) for pair in apart]
    found: list[Found] = []
    done = 0
    for rows in sections.values():
        found.extend(_among(rows, stand, pairs, SAME_SECTION))
        done += len(rows)
        progress(done)
    grouped = {remark.pk for group in found for remark in group.remarks}
    left = [remark for remark in remarks if remark.pk not in grouped]
    found.extend(_among(left, stand, pairs, ANYWHERE))
    return sorted(found, key=lambda group: (group.remarks[0].order, group.remarks[0].pk))


def _among(
    remarks: Sequence[Remark], stand: Mapping[int, Standing], apart: Collection[frozenset[str]], threshold: float
) -> list[Found]:
    """The groups among some remarks. The same words sent by many are one text to compare, or they would hide it."""
    same: dict[tuple[str, tuple[str, ...]], list[Remark]] = defaultdict(list)
    for remark in remarks:
        words = said(remark)
        if words:
            same[remark.language, tuple(sorted(set(lemmas(words, remark.language))))].append(remark)
    separated = {key for pair in apart for key in pair}
    heads: dict[str, list[Remark]] = {}
    for rows in same.values():
        # Those that somebody told from others stand alone, so that what she decided holds for each.
        alone = [row for row in rows if str(row.pk) in separated]
        together = [row for row in rows if str(row.pk) not in separated]
        heads |= {str(row.pk): [row] for row in alone}
        if together:
            heads[str(together[0].pk)] = together
    items = [(key, said(rows[0]), rows[0].language) for key, rows in heads.items()]
    places = {key: block.id for key, rows in heads.items() if (block := stand[rows[0].pk].block) is not None}
    found = similarity.groups(items, apart=apart, threshold=threshold, places=places, many=MANY)
    result = [_found([row for key in group.keys for row in heads[key]], group.shared_words, stand) for group in found]
    inside = {key for group in found for key in group.keys}
    for key, rows in heads.items():
        if key not in inside and len(rows) > 1:
            result.append(_found(rows, _telling(rows[0]), stand))
    return result


def _found(rows: Sequence[Remark], words: list[str], stand: Mapping[int, Standing]) -> Found:
    blocks = {block.id if (block := stand[row.pk].block) else "" for row in rows}
    keys = {stand[row.pk].section_key for row in rows}
    return Found(
        sorted(rows, key=lambda row: (row.order, row.pk)),
        words,
        section_key=keys.pop() if len(keys) == 1 else "",
        block_id=blocks.pop() if len(blocks) == 1 else "",
    )


def _telling(remark: Remark) -> list[str]:
    """Of remarks that say exactly the same, the longest words."""
    words = sorted(set(lemmas(said(remark), remark.language)), key=lambda word: (-len(word), word))
    return words[: similarity.MOST_SHOWN]


def said(remark: Remark) -> str:
    """What a remark says, as plain text: its own words, else those that it proposes."""
    if remark.text.strip():
        return remark.text
    values = [raw.get("value", "") for raw in remark.operations if raw.get("op") == REPLACE_TEXT]
    for raw in remark.operations:
        if raw.get("op") == INSERT_AFTER:
            values += [text for texts in raw["new"].get("text", {}).values() for text in texts.values()]
    return plain(" ".join(map(str, values)))


def kept_apart(document: Document) -> set[frozenset[int]]:
    """The pairs of remarks that people told from each other: two queries."""
    pairs: set[frozenset[int]] = set()
    for row in RemarkSeparation.objects.filter(document=document).prefetch_related("remarks"):
        keys = [remark.pk for remark in row.remarks.all()]
        if row.lone_id is not None:
            pairs |= {frozenset((row.lone_id, key)) for key in keys if key != row.lone_id}
        else:
            pairs |= {frozenset(pair) for pair in combinations(keys, 2)}
    return pairs
