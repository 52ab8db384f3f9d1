"""What a returned file holds, one thing after another: each becomes a remark if somebody takes it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from documents.operations import INSERT_AFTER

COMMENT, CHANGE = "comment", "change"


@dataclass
class Item:
    """A comment with what was replied to it, or a change of one place."""

    kind: str
    key: str = ""
    """Names it, so that the same file brings it once."""
    parts: list[str] = field(default_factory=list)
    """Of a comment: the keys of what was said in it, one for each voice."""
    voices: list[dict[str, str]] = field(default_factory=list)
    """Of a comment with replies: the key of each and how it is told."""
    section_key: str = ""
    block_id: str = ""
    unplaced: bool = False
    quote: str = ""
    near: int = 0
    """Where the quoted words stand in the block's words, about."""
    text: str = ""
    operations: list[dict[str, Any]] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    said_at: str = ""
    untracked: bool = False
    """Changed without a mark of a tracked change."""
    resolved: bool = False
    cut: bool = False
    """Too long to be taken whole."""
    wanted: bool = True
    """Whether it is taken unless somebody says otherwise."""

    @property
    def is_proposal(self) -> bool:
        return bool(self.operations)


def to_json(items: Sequence[Item]) -> list[dict[str, Any]]:
    return [asdict(item) for item in items]


def from_json(raw: Sequence[Mapping[str, Any]]) -> list[Item]:
    return [Item(**row) for row in raw]


def name_of(*parts: str) -> str:
    """A key of at most forty signs."""
    return f"word-{hashlib.sha256(chr(31).join(parts).encode()).hexdigest()[:32]}"


def key_of_change(item: Item) -> str:
    """Names a change by what it does: the names that new texts have in one file are left out."""
    new = {
        row["new"]["id"]: f"new{place}" for place, row in enumerate(item.operations) if row.get("op") == INSERT_AFTER
    }

    def named(row: Mapping[str, Any]) -> dict[str, Any]:
        told = {key: new.get(value, value) if isinstance(value, str) else value for key, value in row.items()}
        return told | ({"new": {**row["new"], "id": ""}} if "new" in row else {})

    told = json.dumps([named(row) for row in item.operations], sort_keys=True, ensure_ascii=False)
    return name_of(CHANGE, item.section_key, item.block_id, told, item.text)
