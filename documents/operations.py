"""Operations on blocks: how a wording proposal or a board's change is written down, and what it does to a text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from documents.blocks import TABLE_ROW, Block, clean
from documents.compose import note_shown, place_behind, with_rows

REPLACE_TEXT, SET_FIELD, INSERT_AFTER, DELETE, MOVE = "replace_text", "set_field", "insert_after", "delete", "move"


class BlockGoneError(LookupError):
    """The block that an operation names is not in the text."""

    def __init__(self, block_id: str) -> None:
        super().__init__(block_id)
        self.block_id = block_id


@dataclass(frozen=True)
class Operation:
    """One change to one block.

    `replace_text` sets `unit` in `language` to `value`; `set_field` sets the data key `unit`; `insert_after` puts
    `new` behind the block; `move` puts the block behind the block whose id is `value`. A table goes with its rows, and
    what is put behind a table or a row stands behind all of the table, unless it is a row.
    """

    op: str
    block_id: str
    unit: str = "body"
    language: str = ""
    value: Any = ""
    new: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Operation":
        return cls(**raw)


def apply(blocks: Sequence[Block], operation: Operation, *, original: str = "") -> list[Block]:
    """The blocks after one operation. Raises BlockGoneError.

    Where whoever wrote the operation had the original before their eyes as it stands in `blocks`, `original` names its
    language, and a translation remembers that.
    """
    rows = list(blocks)
    place = next((index for index, block in enumerate(rows) if block.id == operation.block_id), None)
    if place is None:
        raise BlockGoneError(operation.block_id)
    block = rows[place]
    if operation.op == REPLACE_TEXT:
        text = {unit: dict(texts) for unit, texts in block.text.items()}
        text.setdefault(operation.unit, {})[operation.language] = operation.value
        changed = clean(replace(block, text=text))
        rows[place] = note_shown(changed, block, original) if original else changed
    elif operation.op == SET_FIELD:
        rows[place] = replace(block, data={**block.data, operation.unit: operation.value})
    elif operation.op == INSERT_AFTER:
        new = clean(Block.from_json(operation.new))
        new = note_shown(new, None, original) if original else new
        rows.insert(place_behind(rows, block.id, row=new.kind == TABLE_ROW), new)
    elif operation.op == DELETE:
        rows = taken_out(rows, block.id)[1]
    elif operation.op == MOVE:
        moving, rows = taken_out(rows, block.id)
        rows = put_behind(rows, moving, str(operation.value))
    else:
        raise ValueError(f"Unknown operation {operation.op!r}.")
    return rows


def apply_in(
    sections: Mapping[str, Sequence[Block]], operation: Operation, *, original: str = ""
) -> dict[str, list[Block]]:
    """Several sections' blocks after one operation, which may move a block between them. Raises BlockGoneError."""
    result = {key: list(blocks) for key, blocks in sections.items()}

    def home_of(block_id: str) -> str:
        for key, blocks in result.items():
            if any(block.id == block_id for block in blocks):
                return key
        raise BlockGoneError(block_id)

    home = home_of(operation.block_id)
    target = home_of(str(operation.value)) if operation.op == MOVE else home
    if target == home:
        result[home] = apply(result[home], operation, original=original)
    else:
        moving, result[home] = taken_out(result[home], operation.block_id)
        result[target] = put_behind(result[target], moving, str(operation.value))
    return result


def taken_out(blocks: Sequence[Block], block_id: str) -> tuple[list[Block], list[Block]]:
    """The block, with its rows if it is a table, and the others."""
    wanted = with_rows(blocks, {block_id})
    return [block for block in blocks if block.id in wanted], [block for block in blocks if block.id not in wanted]


def put_behind(blocks: Sequence[Block], moving: Sequence[Block], block_id: str) -> list[Block]:
    """The blocks with others behind one of them. Raises BlockGoneError."""
    if all(block.id != block_id for block in blocks):
        raise BlockGoneError(block_id)
    place = place_behind(blocks, block_id, row=moving[0].kind == TABLE_ROW)
    return [*blocks[:place], *moving, *blocks[place:]]
