"""Where a remark stands now: in today's draft, or in a version newer than the one that it was made on.

A remark follows its block's identity through the document and nothing else: what only looks like its block never gets
it. What cannot be found waits for a person, whose choice then counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from documents import frozen, tracing
from documents.blocks import Block
from documents.frozen import Frozen
from documents.kinds import without_internal
from documents.models import Document, Version
from documents.tracing import Remarked
from reviews.models import Remark

SAME, CHANGED, MOVED, GONE, WHOLE = "same", "changed", "moved", "gone", "whole"


@dataclass(frozen=True)
class Standing:
    """Where one remark stands, and what became of the text that it is about."""

    state: str
    section_key: str = ""
    block: Block | None = None
    """Its block as it is there; None for a whole section or the whole document, and where it is gone."""
    was: Block | None = None
    """The block that it was made on, as it stood in its version."""
    also_changed: bool = False
    """Moved, and its words are other than they were."""
    by_hand: bool = False
    """A person chose this place."""

    @property
    def is_gone(self) -> bool:
        return self.state == GONE


@dataclass(frozen=True)
class Text:
    """One state of a document, as standing needs it: its sections' blocks by key, in order."""

    sections: Mapping[str, list[Block]]
    headings: Mapping[str, Mapping[str, str]]

    @property
    def blocks(self) -> dict[str, tuple[str, Block]]:
        return {block.id: (key, block) for key, blocks in self.sections.items() for block in blocks}

    @classmethod
    def of_draft(cls, document: Document) -> "Text":
        rows = list(document.sections.present().select_related("head"))
        return cls({row.key: row.blocks for row in rows}, {row.key: row.heading for row in rows})

    @classmethod
    def of_frozen(cls, content: Frozen) -> "Text":
        return cls(
            {row.key: row.blocks for row in content.sections}, {row.key: row.heading for row in content.sections}
        )


def standings(document: Document, remarks: Iterable[Remark], *, draft: Text | None = None) -> dict[int, Standing]:
    """Where remarks on any versions of a document stand in its draft, by primary key: three queries.

    `draft` is the text of the draft for a caller that has read it already: then two.
    """
    return _standings(document, list(remarks), draft or Text.of_draft(document))


def standing_in(version: Version, remarks: Iterable[Remark]) -> dict[int, Standing]:
    """Where remarks on older versions stand in a newer one, by primary key: two queries, and the version's text.

    A remark on the version itself is the same there.
    """
    return _standings(version.document, list(remarks), Text.of_frozen(frozen.read(version)), of=version)


def _standings(
    document: Document, remarks: list[Remark], text: Text, *, of: Version | None = None
) -> dict[int, Standing]:
    wanted = {remark.version_id for remark in remarks if remark.section_key or remark.block_id}
    versions = Version.objects.filter(pk__in=wanted) if wanted else ()
    then = {row.pk: Text.of_frozen(frozen.read(row)) for row in versions}
    blocks_then = {pk: row.blocks for pk, row in then.items()}
    blocks_now = text.blocks
    result: dict[int, Standing] = {}
    traced: list[tuple[Remark, Remarked, Block | None]] = []
    for remark in remarks:
        was = blocks_then.get(remark.version_id, {}).get(remark.block_id, ("", None))[1]
        own_version = of is not None and of.pk == remark.version_id
        by_hand = None if own_version else _by_hand(remark, was, text, blocks_now)
        if by_hand is not None:
            result[remark.pk] = by_hand
        elif remark.place_in_draft and not own_version:
            traced.append((remark, Remarked(remark.place_in_draft), was))
        elif remark.block_id:
            quoted = Remarked(remark.block_id, remark.quote, remark.language, was_in=remark.section_key or None)
            traced.append((remark, quoted, was))
        else:
            result[remark.pk] = _without_block(remark, then.get(remark.version_id), text)
    places = tracing.trace_many(document, [row for _remark, row, _was in traced], blocks=blocks_now) if traced else []
    for (remark, row, was), place in zip(traced, places, strict=True):
        chosen = row.block_id != remark.block_id
        result[remark.pk] = replace(_traced(remark, place, was), by_hand=chosen and place.block is not None)
    return result


def _by_hand(remark: Remark, was: Block | None, text: Text, blocks: Mapping[str, tuple[str, Block]]) -> Standing | None:
    """The place that a person chose, where it is still there."""
    if remark.place_in_draft in blocks and remark.place_in_draft:
        section_key, block = blocks[remark.place_in_draft]
        return Standing(CHANGED, section_key, block, was, by_hand=True)
    if remark.section_in_draft in text.sections and remark.section_in_draft:
        return Standing(CHANGED, remark.section_in_draft, None, was, by_hand=True)
    return None


def _without_block(remark: Remark, then: Text | None, text: Text) -> Standing:
    """Where a remark on a section or on the whole stands; one that a file brought without a place stands nowhere."""
    if remark.unplaced:
        return Standing(GONE)
    key = remark.section_key
    if not key:
        return Standing(WHOLE)
    if key not in text.sections:
        return Standing(GONE)
    if then is None or key not in then.sections:
        return Standing(CHANGED, key)
    language = remark.language
    before, after = then.sections[key], text.sections[key]
    same = (
        then.headings[key].get(language) == text.headings[key].get(language)
        and [block.id for block in before] == [block.id for block in after]
        and all(says_same(one, other, language) for one, other in zip(before, after, strict=True))
    )
    return Standing(SAME if same else CHANGED, key)


def _traced(remark: Remark, place: tracing.Place, was: Block | None) -> Standing:
    if place.block is None:
        return Standing(GONE, was=was)
    changed = (
        place.state in {tracing.SPLIT, tracing.JOINED}
        or was is None
        or not says_same(was, place.block, remark.language)
    )
    key = place.section_key or ""
    if remark.section_key and key != remark.section_key:
        return Standing(MOVED, key, place.block, was, also_changed=changed)
    return Standing(CHANGED if changed else SAME, key, place.block, was)


def says_same(one: Block, other: Block, language: str) -> bool:
    """Whether two states of a block say the same to a reader of one language: a new translation changes nothing."""
    one, other = without_internal(one), without_internal(other)
    return one.kind == other.kind and one.data == other.data and _words(one, language) == _words(other, language)


def _words(block: Block, language: str) -> dict[str, str]:
    """What is shown to a reader of a language; where there is no translation she is shown the others' words."""
    own = {unit: texts[language] for unit, texts in block.text.items() if texts.get(language)}
    if own:
        return own
    return {f"{unit} {code}": words for unit, texts in block.text.items() for code, words in texts.items() if words}
