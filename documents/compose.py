"""One writer's state of a section: the base with what the writer sent, in the languages that were sent.

A writer edits one language or several side by side. What was sent decides the words of those languages and the order
of the blocks; languages that were not sent stay as the base has them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from documents.blocks import FIGURE, TABLE, TABLE_ROW, Block, clean, original_hash
from documents.html import Incoming

STRUCTURE = frozenset({TABLE, TABLE_ROW, FIGURE})
"""Kinds whose place is the same in every language, with or without words in it."""

Identified = Sequence[tuple[str, Incoming]]
"""Incoming blocks with the ids that `identity.identify` decided."""


def compose(base: Sequence[Block], sent: Mapping[str, Identified], *, original: str) -> list[Block]:
    """The section as this writer wants it.

    Leaving a block out removes its text in the language that was sent; left out of the original's language, the whole
    block goes, unless another sent language changed its text. Structured blocks (goals, answers) are not the editor's
    to remove: they stay after the block that they followed.
    """
    before = {block.id: block for block in base}
    languages = sorted(sent, key=lambda language: language != original)
    order: list[str] = []
    result: dict[str, Block] = {}
    for language in languages:
        cursor: str | None = None
        for block_id, incoming in sent[language]:
            if block_id not in result:
                result[block_id] = _start(block_id, incoming, before.get(block_id))
                order.insert(order.index(cursor) + 1 if cursor is not None else 0, block_id)
            result[block_id] = _with_language(result[block_id], incoming, language, structure=language == languages[0])
            cursor = block_id
    for block_id, block in before.items():
        if block_id in result:
            continue
        kept = _left_out(block, set(sent), original)
        if kept is not None:
            result[block_id] = kept
            insert_after_predecessor(order, block_id, list(before))
    for language in languages:
        kept_ids = {block_id for block_id, _incoming in sent[language]}
        for block_id in order:
            block = result[block_id]
            if block_id not in kept_ids and block.is_text and language in block.languages():
                result[block_id] = block.without(language)
    removed = _removed_with_original(before, result, sent, original)
    blocks = [clean(result[block_id]) for block_id in order if block_id not in removed]
    return [note_shown(block, before.get(block.id), original) for block in tidy(blocks, base)]


def _start(block_id: str, incoming: Incoming, before: Block | None) -> Block:
    if before is None:
        return Block(id=block_id, kind=incoming.kind, data=dict(incoming.data))
    return before


def _with_language(block: Block, incoming: Incoming, language: str, *, structure: bool) -> Block:
    text = {unit: dict(texts) for unit, texts in block.text.items()}
    for unit, texts in text.items():
        if unit not in incoming.text:
            texts.pop(language, None)
    for unit, value in incoming.text.items():
        text.setdefault(unit, {})[language] = value
    if structure:
        return replace(block, kind=incoming.kind, text=text, data=dict(incoming.data))
    return replace(block, text=text)


def _left_out(block: Block, sent: set[str], original: str) -> Block | None:
    """What stays of a base block that no sent language contains."""
    if not block.is_text:
        return block
    if original in sent and (original in block.languages() or block.kind in STRUCTURE):
        return None
    rest = block
    for language in sent:
        rest = rest.without(language)
    return rest if rest.languages() or not block.languages() else None


def _removed_with_original(
    before: Mapping[str, Block], result: Mapping[str, Block], sent: Mapping[str, Identified], original: str
) -> set[str]:
    """Blocks that the original dropped while the other sent languages merely still had them."""
    if original not in sent:
        return set()
    in_original = {block_id for block_id, _incoming in sent[original]}
    removed = set()
    for block_id, block in result.items():
        old = before.get(block_id)
        if old is None or not old.is_text or block_id in in_original:
            continue
        if original not in old.languages() and old.kind not in STRUCTURE:
            continue
        translations = old.languages() - {original}
        if all(text_in(block, language) == text_in(old, language) for language in translations):
            removed.add(block_id)
    return removed


def insert_after_predecessor(order: list[str], block_id: str, sequence: Sequence[str]) -> None:
    """Put an id into `order` right after the nearest one that precedes it in `sequence`."""
    previous = next((other for other in reversed(sequence[: sequence.index(block_id)]) if other in order), None)
    order.insert(order.index(previous) + 1 if previous is not None else 0, block_id)


def note_shown(block: Block, before: Block | None, original: str) -> Block:
    """Remember, for each translation that changed, which words of the original its writer was shown.

    A writer who sent both languages was shown the new original; one who sent only the translation, the base's.
    """
    shown = dict(block.shown)
    here = original_hash(block, original)
    for language in block.languages() - {original}:
        if text_in(block, language) != (text_in(before, language) if before else {}):
            shown[language] = here
    if here and before is not None and not original_hash(before, original):
        # The original is written after the translation: its writer had the translation in view.
        shown.update(dict.fromkeys(block.languages() - {original}, here))
    shown = {language: value for language, value in shown.items() if language in block.languages() and value}
    return replace(block, shown=shown)


def text_in(block: Block, language: str) -> dict[str, str]:
    return {unit: texts[language] for unit, texts in block.text.items() if texts.get(language)}


def tidy(blocks: Sequence[Block], *sources: Sequence[Block]) -> list[Block]:
    """Keep every table row below its table.

    A row that lost its place goes back to its table's end; a row that lost its table brings the table along, as
    one of `sources` has it.
    """
    homes = _homes(blocks) | {row: home for source in reversed(sources) for row, home in _homes(source).items()}
    result: list[Block] = []
    table: Block | None = None
    for block in blocks:
        if block.kind == TABLE:
            table = block
        elif block.kind != TABLE_ROW:
            table = None
        elif table is None:
            _append_row(result, block, homes[block.id])
            continue
        result.append(block)
    return result


def _homes(blocks: Sequence[Block]) -> dict[str, Block]:
    """The table that each row stands in."""
    homes: dict[str, Block] = {}
    table: Block | None = None
    for block in blocks:
        if block.kind == TABLE:
            table = block
        elif block.kind != TABLE_ROW:
            table = None
        elif table is not None:
            homes[block.id] = table
    return homes


def _append_row(result: list[Block], row: Block, table: Block) -> None:
    place = next((position for position, block in enumerate(result) if block.id == table.id), None)
    if place is None:
        result.extend([table, row])
        return
    place += 1
    while place < len(result) and result[place].kind == TABLE_ROW:
        place += 1
    result.insert(place, row)
