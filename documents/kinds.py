"""The one way up: upper packages tell here what kinds of block and of document they bring.

`plans` registers goal, action and indicator, `handbooks` its structured answers; `documents` and `reviews`
then list, show, compare, freeze and restore such blocks without a word of what they mean.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from documents.blocks import Block


Resolved = Mapping[str, Any]
"""What a frozen version also says of a structured block: see `BlockKind.resolve`."""


def _nothing_resolved(blocks: Iterable[Block]) -> dict[str, dict[str, Any]]:
    return {}


def _texts(block: Block, resolved: Resolved, language: str) -> list[tuple[str, str]]:
    return [(unit, texts[language]) for unit, texts in block.text.items() if texts.get(language)]


@dataclass(frozen=True)
class BlockKind:
    """A structured kind of block whose truth is a row of an upper package.

    `labels` names its text units and data keys for readers (in differences and conflicts). `resolve` is given all
    blocks of the kind in a document at once and answers, by block id, what a frozen version must also say (names of
    organisations, titles of criteria) as JSON. `lines` tells the block in a language as pairs of label and inline
    HTML, the first being its own title: for Word, plain lists and reading aloud. `restore` writes a revision's fields
    back to the row.
    """

    name: str
    label: str | Promise
    template: str
    labels: Mapping[str, str | Promise] = field(default_factory=dict)
    resolve: Callable[[Iterable[Block]], dict[str, dict[str, Any]]] = _nothing_resolved
    lines: Callable[[Block, Resolved, str], list[tuple[str, str]]] = _texts
    restore: Callable[[Any, Block, Any], None] | None = None


def _nothing_of_the_whole(document: Any) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class DocumentKind:
    """A kind of document. `snapshot` answers what belongs to the whole (a plan's period, its criteria) as JSON."""

    name: str
    label: str | Promise
    snapshot: Callable[[Any], dict[str, Any]] = _nothing_of_the_whole


_blocks: dict[str, BlockKind] = {}
_documents: dict[str, DocumentKind] = {}


def register_block(kind: BlockKind) -> None:
    """Add a kind of block, once, from an app's `ready`."""
    if kind.name in _blocks and _blocks[kind.name] is not kind:
        raise ValueError(f"Block kind {kind.name!r} is registered twice.")
    _blocks[kind.name] = kind


def register_document(kind: DocumentKind) -> None:
    """Add a kind of document, once, from an app's `ready`."""
    if kind.name in _documents and _documents[kind.name] is not kind:
        raise ValueError(f"Document kind {kind.name!r} is registered twice.")
    _documents[kind.name] = kind


def block_kind(name: str) -> BlockKind | None:
    """The structured kind, or None for running text."""
    return _blocks.get(name)


def document_kind(name: str) -> DocumentKind | None:
    return _documents.get(name)


def structured_kinds() -> dict[str, BlockKind]:
    return dict(_blocks)
