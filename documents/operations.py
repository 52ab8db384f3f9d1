"""Operations on blocks: how a wording proposal or a board's change is written down, and what it does to a text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from documents.blocks import Block, clean

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
    `new` behind the block; `move` puts the block behind `value`.
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


def apply(blocks: Sequence[Block], operation: Operation) -> list[Block]:
    """The blocks after one operation. Raises BlockGoneError."""
    rows = list(blocks)
    place = next((index for index, block in enumerate(rows) if block.id == operation.block_id), None)
    if place is None:
        raise BlockGoneError(operation.block_id)
    block = rows[place]
    if operation.op == REPLACE_TEXT:
        text = {unit: dict(texts) for unit, texts in block.text.items()}
        text.setdefault(operation.unit, {})[operation.language] = operation.value
        rows[place] = clean(replace(block, text=text))
    elif operation.op == SET_FIELD:
        rows[place] = replace(block, data={**block.data, operation.unit: operation.value})
    elif operation.op == INSERT_AFTER:
        rows.insert(place + 1, clean(Block.from_json(operation.new)))
    elif operation.op == DELETE:
        rows.pop(place)
    elif operation.op == MOVE:
        rows.pop(place)
        target = next((index for index, other in enumerate(rows) if other.id == operation.value), None)
        if target is None:
            raise BlockGoneError(str(operation.value))
        rows.insert(target + 1, block)
    else:
        raise ValueError(f"Unknown operation {operation.op!r}.")
    return rows
