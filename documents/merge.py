"""Three-way merge of a section: what two writers made of the same base.

Block by block and language by language. Where only one side changed something, that side stands; where both changed
the words of the same text, the changed spans are merged if they neither overlap nor touch. Everything else is a
conflict: the head's side stays in the text and the other side is kept beside it until a person settles it. Nothing
is ever guessed by likeness.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cydifflib import SequenceMatcher

from documents import richtext
from documents.blocks import TABLE, TABLE_ROW, Block, same_blocks
from documents.compose import insert_after_predecessor, tidy, with_filled_columns

TEXT, FIELD, DELETED, SPLIT = "text", "field", "deleted", "split"


@dataclass(frozen=True)
class Clash:
    """One thing that both sides changed differently. `mine` is the side that is not in the text."""

    kind: str
    block_id: str
    unit: str = ""
    language: str = ""
    base: Any = ""
    head: Any = ""
    mine: Any = ""


@dataclass(frozen=True)
class Merged:
    blocks: list[Block]
    clashes: list[Clash]


def merge(
    base: Sequence[Block],
    head: Sequence[Block],
    mine: Sequence[Block],
    *,
    splits: Mapping[str, str] | None = None,
) -> Merged:
    """Merge `mine` into `head`, both made from `base`.

    `splits` says, for ids that either side issued by splitting a block, which block was split.
    """
    if same_blocks(list(head), list(base)) or same_blocks(list(head), list(mine)):
        return Merged(list(mine), [])
    if same_blocks(list(mine), list(base)):
        return Merged(list(head), [])
    return _Merge(base, head, mine, splits or {}).run()


class _Merge:
    def __init__(
        self, base: Sequence[Block], head: Sequence[Block], mine: Sequence[Block], splits: Mapping[str, str]
    ) -> None:
        self.base_list, self.head_list, self.mine_list = base, head, mine
        self.base = {block.id: block for block in base}
        self.head = {block.id: block for block in head}
        self.mine = {block.id: block for block in mine}
        self.splits = splits
        self.clashes: list[Clash] = []
        self.withheld: set[str] = set()
        """Blocks of mine that stay out of the text because the split that made them is in conflict."""

    def run(self) -> Merged:
        result: dict[str, Block] = {}
        for block_id in [*self.head, *(key for key in self.mine if key not in self.head)]:
            block = self.settle(block_id)
            if block is not None:
                result[block_id] = block
        order = self.order([key for key in result if key not in self.withheld])
        blocks = tidy([result[key] for key in order], self.head_list, self.mine_list, self.base_list)
        return Merged(with_filled_columns(blocks), self.clashes)

    # --- What each block says ---------------------------------------------------------------------------

    def settle(self, block_id: str) -> Block | None:
        base, head, mine = self.base.get(block_id), self.head.get(block_id), self.mine.get(block_id)
        if head is not None and mine is not None:
            if base is not None and self.split_conflict(base, head, mine):
                return head
            # Without a base both brought back a block that was gone, and neither knows of the other's words.
            return self.both(base or Block(block_id, head.kind), head, mine)
        if base is None:
            return head or mine
        kept = head if head is not None else mine
        if kept is None:
            return None
        if kept.same_content(base) and not self.was_split(block_id, self.mine if kept is mine else self.head):
            return None
        self.clashes.append(
            Clash(
                DELETED,
                block_id,
                base=base.to_json(),
                head=head.to_json() if head else None,
                mine=mine.to_json() if mine else None,
            )
        )
        return kept

    def was_split(self, block_id: str, side: Mapping[str, Block]) -> bool:
        return any(key not in self.base and self.splits.get(key) == block_id for key in side)

    def parts(self, block_id: str, side: Mapping[str, Block]) -> list[Block]:
        """The pieces that one side cut out of a block."""
        return [block for key, block in side.items() if key not in self.base and self.splits.get(key) == block_id]

    def split_conflict(self, base: Block, head: Block, mine: Block) -> bool:
        """One side split the block while the other changed its words."""
        head_parts, mine_parts = self.parts(base.id, self.head), self.parts(base.id, self.mine)
        head_parts = [part for part in head_parts if part.id not in self.mine]
        mine_parts = [part for part in mine_parts if part.id not in self.head]
        if not (mine_parts and head.text != base.text) and not (head_parts and mine.text != base.text):
            return False
        self.withheld.update(part.id for part in mine_parts)
        self.clashes.append(
            Clash(
                SPLIT,
                base.id,
                base=base.to_json(),
                head=[block.to_json() for block in (head, *head_parts)],
                mine=[block.to_json() for block in (mine, *mine_parts)],
            )
        )
        return True

    def both(self, base: Block, head: Block, mine: Block) -> Block:
        text: dict[str, dict[str, str]] = {}
        shown = dict(head.shown)
        for unit in dict.fromkeys([*head.text, *mine.text, *base.text]):
            texts: dict[str, str] = {}
            for language in sorted({*head.text.get(unit, {}), *mine.text.get(unit, {})}):
                old, ours, theirs = base.get(unit, language), head.get(unit, language), mine.get(unit, language)
                value = self.text(base.id, unit, language, old, ours, theirs, cell=base.kind == TABLE_ROW)
                if theirs != old:
                    self.note_shown(shown, language, head, mine, both=ours not in (old, theirs))
                texts[language] = value
            if unit in head.text or (unit in mine.text and unit not in base.text) or any(texts.values()):
                text[unit] = texts
        kind = self.field(base.id, "kind", base.kind, head.kind, mine.kind)
        data = self.data(base, head, mine)
        if base.kind == TABLE and {head.kind, mine.kind} == {TABLE}:
            data["columns"] = _columns(base, head, mine)
        return replace(head, kind=kind, text=text, data=data, shown=shown)

    def note_shown(self, shown: dict[str, str], language: str, head: Block, mine: Block, *, both: bool) -> None:
        """A translation that both sides wrote from different originals is behind until somebody looks."""
        value = mine.shown.get(language, "")
        if both and head.shown.get(language, "") != value:
            shown.pop(language, None)
        elif value:
            shown[language] = value
        else:
            shown.pop(language, None)

    def text(self, block_id: str, unit: str, language: str, base: str, head: str, mine: str, *, cell: bool) -> str:
        merged = merge_text(base, head, mine, cell=cell)
        if merged is not None:
            return merged
        self.clashes.append(Clash(TEXT, block_id, unit, language, base, head, mine))
        return head

    def field(self, block_id: str, name: str, base: Any, head: Any, mine: Any) -> Any:
        if mine in (base, head):
            return head
        if head == base:
            return mine
        self.clashes.append(Clash(FIELD, block_id, unit=name, base=base, head=head, mine=mine))
        return head

    def data(self, base: Block, head: Block, mine: Block) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for name in dict.fromkeys([*head.data, *mine.data]):
            if base.kind == TABLE and name == "columns":
                continue
            value = self.field(base.id, name, base.data.get(name), head.data.get(name), mine.data.get(name))
            if value is not None:
                result[name] = value
        return result

    # --- In which order ---------------------------------------------------------------------------------

    def order(self, keys: Iterable[str]) -> list[str]:
        """The head's order with the blocks that mine added or moved placed after their predecessors in mine."""
        wanted = set(keys)
        mine = [block.id for block in self.mine_list]
        base = [block.id for block in self.base_list]
        moved = moved_ids(base, mine) - moved_ids(base, [block.id for block in self.head_list])
        order = [block.id for block in self.head_list if block.id in wanted and block.id not in moved]
        for block_id in mine:
            if block_id in wanted and block_id not in order:
                self.place(order, block_id, mine)
        for block_id in base:  # dropped by one side, kept as a conflict
            if block_id in wanted and block_id not in order:
                insert_after_predecessor(order, block_id, base)
        return order

    def place(self, order: list[str], block_id: str, mine: Sequence[str]) -> None:
        """After the nearest predecessor, behind what the head added there; nothing is put inside a table."""
        insert_after_predecessor(order, block_id, mine)
        position = order.index(block_id)
        is_row = self.mine[block_id].kind == TABLE_ROW
        end = position + 1
        while end < len(order):
            other = self.head.get(order[end])
            if other is None:
                break
            added_by_head = other.id not in self.base and other.id not in self.mine
            if is_row and not (added_by_head and other.kind == TABLE_ROW):
                break
            if not is_row and not (added_by_head or other.kind == TABLE_ROW):
                break
            end += 1
        order.insert(end, block_id)
        order.pop(position)


def moved_ids(base: Sequence[str], other: Sequence[str]) -> set[str]:
    """Ids that stand in another order than before: all common ones outside the longest common order."""
    common = set(base) & set(other)
    one = [key for key in base if key in common]
    two = [key for key in other if key in common]
    stayed: set[str] = set()
    for a, _b, size in SequenceMatcher(None, one, two, autojunk=False).get_matching_blocks():
        stayed.update(one[a : a + size])
    return common - stayed


def _columns(base: Block, head: Block, mine: Block) -> list[str]:
    """Both sides' columns: added ones are kept, one that a side removed is gone."""
    old, ours, theirs = (list(block.data.get("columns", ())) for block in (base, head, mine))
    order = [key for key in ours if key in theirs or key not in old]
    for key in theirs:
        if key not in old and key not in order:
            insert_after_predecessor(order, key, theirs)
    return order


# --- Words ------------------------------------------------------------------------------------------------


def merge_text(base: str, head: str, mine: str, *, cell: bool = False) -> str | None:
    """The text with both sides' changes, or None where their changed words overlap or touch."""
    if mine in (base, head):
        return head
    if head == base:
        return mine
    old = richtext.tokens(base)
    ours, theirs = _changes(old, richtext.tokens(head)), _changes(old, richtext.tokens(mine))
    spans = sorted({*ours, *theirs}, key=lambda change: (change[0], change[1]))
    for first, second in itertools.pairwise(spans):
        if second[0] <= first[1] or not "".join(old[first[1] : second[0]]).strip():
            return None
    text = _with_spans(old, spans)
    return text if richtext.sanitise(text, cell=cell) == text else None


def combine_text(base: str, head: str, mine: str, *, cell: bool = False) -> str:
    """A suggestion for a person who combines two texts that `merge_text` cannot: both sides' changes, and where they
    meet, those of mine alone."""
    merged = merge_text(base, head, mine, cell=cell)
    if merged is not None:
        return merged
    old = richtext.tokens(base)
    theirs = _changes(old, richtext.tokens(mine))
    spans = list(theirs)
    for start, end, replacement in _changes(old, richtext.tokens(head)):
        if all(_apart(old, (start, end), (a, b)) for a, b, _words in theirs):
            spans.append((start, end, replacement))
    text = _with_spans(old, sorted(spans, key=lambda change: (change[0], change[1])))
    return text if richtext.sanitise(text, cell=cell) == text else mine


def _apart(old: list[str], one: tuple[int, int], other: tuple[int, int]) -> bool:
    first, second = sorted((one, other))
    return second[0] > first[1] and bool("".join(old[first[1] : second[0]]).strip())


def _with_spans(old: list[str], spans: Sequence[tuple[int, int, tuple[str, ...]]]) -> str:
    merged: list[str] = []
    position = 0
    for start, end, replacement in spans:
        merged.extend(old[position:start])
        merged.extend(replacement)
        position = end
    merged.extend(old[position:])
    return "".join(merged)


def _changes(old: list[str], new: list[str]) -> list[tuple[int, int, tuple[str, ...]]]:
    return [(a, b, tuple(new[c:d])) for tag, a, b, c, d in richtext.opcodes(old, new) if tag != "equal"]
