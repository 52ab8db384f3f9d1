"""One writer's state of a section: the base with what the writer sent, in the languages that were sent.

A writer edits one language or several side by side. What was sent decides the words of those languages and the order
of the blocks; languages that were not sent stay as the base has them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
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
    sent = {language: _with_first_columns(sent[language], sent[languages[0]], before) for language in languages}
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
    as_sent = [[result[block_id] for block_id, _incoming in sent[language]] for language in languages]
    settled = with_filled_columns(_settle_columns(tidy(blocks, *as_sent, base), base, set(sent), original))
    return [note_shown(block, before.get(block.id), original) for block in settled]


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
    homes = _homes(list(before.values()))
    return removed - {homes[row].id for row in result if row in homes and row not in removed}


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
    """Keep every table row below a table in which one of `sources` has it.

    A row that lost its place goes back to its table's end; a row that lost its table brings the table along.
    """
    homes: dict[str, list[Block]] = {}
    for source in sources:
        for row_id, home in _homes(source).items():
            homes.setdefault(row_id, []).append(home)
    result: list[Block] = []
    strays: list[tuple[Block, str | None]] = []
    table: Block | None = None
    for block in blocks:
        if block.kind == TABLE_ROW:
            own = [home.id for home in homes.get(block.id, ())]
            if table is None or (own and table.id not in own):
                strays.append((block, result[-1].id if result else None))
                continue
        else:
            table = block if block.kind == TABLE else None
        result.append(block)
    for row, previous in strays:
        _append_row(result, row, homes.get(row.id, ()), previous)
    return result


def end_of_table(blocks: Sequence[Block], place: int) -> int:
    """The place behind the table, or behind the single block, that stands before `place`."""
    while place < len(blocks) and blocks[place].kind == TABLE_ROW:
        place += 1
    return place


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


def _append_row(result: list[Block], row: Block, homes: Sequence[Block], previous: str | None) -> None:
    """Put a stray row behind the rows of its table; a table that is gone comes back where the row stood."""
    places = {block.id: index for index, block in enumerate(result)}
    standing = next((places[home.id] for home in homes if home.id in places), None)
    if standing is not None:
        result.insert(end_of_table(result, standing + 1), row)
        return
    table = homes[0] if homes else Block(id=row.id, kind=TABLE, data={"columns": list(row.text)})
    place = end_of_table(result, places[previous] + 1) if previous is not None else 0
    result[place:place] = [table, row]


# --- Columns ----------------------------------------------------------------------------------------------


def gaps(ids: Sequence[str], common: Collection[str]) -> dict[tuple[str, str], list[str]]:
    """What stands between each two neighbouring common ids."""
    result: dict[tuple[str, str], list[str]] = {}
    before = ""
    between: list[str] = []
    for key in [*ids, ""]:
        if key in common or key == "":
            if between:
                result[before, key] = between
            before, between = key, []
        else:
            between.append(key)
    return result


def _with_first_columns(pairs: Identified, first: Identified, before: Mapping[str, Block]) -> Identified:
    """A column that was added in two languages at the same place is one column, under the first language's key."""
    if pairs is first:
        return pairs
    known = {block_id: incoming.data.get("columns", ()) for block_id, incoming in first if incoming.kind == TABLE}
    result: list[tuple[str, Incoming]] = []
    names: dict[str, str] = {}
    for block_id, item in pairs:
        incoming = item
        if incoming.kind == TABLE:
            old = before[block_id].data.get("columns", ()) if block_id in before else ()
            names = _same_columns(incoming.data.get("columns", ()), known.get(block_id, ()), old)
        if names and incoming.kind in {TABLE, TABLE_ROW}:
            incoming = _renamed(incoming, names)
        result.append((block_id, incoming))
    return result


def _same_columns(ours: Sequence[str], theirs: Sequence[str], old: Sequence[str]) -> dict[str, str]:
    common = set(ours) & set(theirs)
    other = gaps(theirs, common)
    names: dict[str, str] = {}
    for anchors, keys in gaps(ours, common).items():
        new, candidates = ([key for key in side if key not in old] for side in (keys, other.get(anchors, [])))
        if len(new) == len(candidates):
            names.update(zip(new, candidates, strict=True))
    return names


def _renamed(incoming: Incoming, names: Mapping[str, str]) -> Incoming:
    data = dict(incoming.data)
    for name in ("columns", "covered"):
        if name in data:
            data[name] = [names.get(key, key) for key in data[name]]
    if "spans" in data:
        data["spans"] = {names.get(key, key): span for key, span in data["spans"].items()}
    text = {names.get(key, key): value for key, value in incoming.text.items()} if incoming.kind == TABLE_ROW else None
    return replace(incoming, data=data, text=incoming.text if text is None else text)


def _settle_columns(blocks: Sequence[Block], base: Sequence[Block], sent: set[str], original: str) -> list[Block]:
    """Take a column that was left out away, by the rule for blocks.

    Left out of the original, it goes in every language, unless another sent language changed its words; left out of a
    translation, it goes where no other language has words in it.
    """
    before = {block.id: block for block in base}
    homes = _homes(blocks)
    lost = {
        block.id: [key for key in before[block.id].data.get("columns", ()) if key not in block.data.get("columns", ())]
        for block in blocks
        if block.kind == TABLE and block.id in before
    }
    translations = sent - {original}

    def is_changed(key: str, rows: Iterable[Block]) -> bool:
        return any(
            row.get(key, language) not in {"", before[row.id].get(key, language) if row.id in before else ""}
            for row in rows
            for language in translations
        )

    dropped: dict[str, set[str]] = {}
    if original in sent:
        for table_id, keys in lost.items():
            rows = [block for block in blocks if block.kind == TABLE_ROW and homes[block.id].id == table_id]
            dropped[table_id] = {key for key in keys if not is_changed(key, rows)}
    result: list[Block] = []
    for block in blocks:
        gone = dropped.get(homes[block.id].id, ()) if block.kind == TABLE_ROW else ()
        text = {key: texts for key, texts in block.text.items() if key not in gone}
        result.append(replace(block, text=text) if gone else block)
    for index, block in enumerate(result):
        if lost.get(block.id):
            filled = {
                key
                for row in result
                if row.kind == TABLE_ROW and homes[row.id].id == block.id
                for key, texts in row.text.items()
                if any(texts.values())
            }
            columns = list(block.data.get("columns", ()))
            for key in lost[block.id]:
                if key in filled:
                    insert_after_predecessor(columns, key, before[block.id].data["columns"])
            result[index] = replace(block, data={**block.data, "columns": columns})
    return result


def place_behind(blocks: Sequence[Block], block_id: str | None, *, row: bool = False) -> int:
    """The index behind a block, or the end without one; only a row may stand inside a table."""
    place = next((index + 1 for index, block in enumerate(blocks) if block.id == block_id), len(blocks))
    return place if row else end_of_table(blocks, place)


def with_rows(blocks: Sequence[Block], wanted: Collection[str]) -> set[str]:
    """The wanted ids, those of the rows of wanted tables among them."""
    homes = _homes(blocks)
    return {*wanted, *(row for row, table in homes.items() if table.id in wanted)}


def with_filled_columns(blocks: Sequence[Block]) -> list[Block]:
    """Every table with a column for all words of its rows, so that none can stand where nobody sees them."""
    result: list[Block] = []
    table: int | None = None
    for block in blocks:
        if block.kind == TABLE:
            table = len(result)
        elif block.kind == TABLE_ROW and table is not None:
            columns = result[table].data.get("columns", [])
            lost = [key for key, texts in block.text.items() if key not in columns and any(texts.values())]
            if lost:
                data = {**result[table].data, "columns": [*columns, *lost]}
                result[table] = replace(result[table], data=data)
        result.append(block)
    return result
