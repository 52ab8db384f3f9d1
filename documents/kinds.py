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
    blocks of a document in order and answers, by id of its own, what a frozen version must also say (numbers, names of
    organisations, titles of criteria) as JSON. `lines` tells the block in a language as pairs of label and inline
    HTML, the first being its own title: for Word, plain lists and reading aloud.

    `project` makes the rows of a section agree with its structured blocks after any change (a save, a move, a restore,
    an accepted proposal): it is given the section, all blocks of the kind that stand in it now in order, the ids of
    those that are new or changed, and the ids of those that stood there before and do not any more. `tell` says the
    value of one of its data keys in the reader's words, for those who must choose between two.
    """

    name: str
    label: str | Promise
    template: str
    labels: Mapping[str, str | Promise] = field(default_factory=dict)
    resolve: Callable[[Iterable[Block]], dict[str, dict[str, Any]]] = _nothing_resolved
    lines: Callable[[Block, Resolved, str], list[tuple[str, str]]] = _texts
    project: Callable[[Any, list[Block], set[str], set[str]], None] | None = None
    tell: Callable[[str, Any], str] | None = None


def _nothing_of_the_whole(document: Any) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Link:
    """A page of an upper package that belongs to a document: "Goals and measures", "Import a Word file"."""

    label: str | Promise
    url: str
    icon: str = "arrow"


@dataclass(frozen=True)
class Panel:
    """Something of an upper package that stands beside a section: where its text comes from, its criterion."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


def _no_links(document: Any, rights: Any) -> list[Link]:
    return []


def _no_list_links(region: Any, rights: Any) -> list[Link]:
    return []


def _no_panels(section: Any, rights: Any) -> list[Panel]:
    return []


@dataclass(frozen=True)
class DocumentKind:
    """A kind of document. `snapshot` answers what belongs to the whole (a plan's period, its criteria) as JSON.

    `links` are given the document and the reader's rights, and answer the pages that the reader may open from it;
    `panels` are given a section and the rights, and answer what stands beside its text; `list_links` are given a region
    and the rights, and answer what may be done from the region's list of such documents: "New handbook".
    """

    name: str
    label: str | Promise
    snapshot: Callable[[Any], dict[str, Any]] = _nothing_of_the_whole
    links: Callable[[Any, Any], list[Link]] = _no_links
    panels: Callable[[Any, Any], list[Panel]] = _no_panels
    list_links: Callable[[Any, Any], list[Link]] = _no_list_links


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


_more_links: dict[str, list[Callable[[Any, Any], list[Link]]]] = {}


def add_links(kind: str, links: Callable[[Any, Any], list[Link]]) -> None:
    """Pages of a package above the one that brought this kind of document: how a plan uses a handbook."""
    known = _more_links.setdefault(kind, [])
    if links not in known:
        known.append(links)


def links_of(document: Any, rights: Any) -> list[Link]:
    """All pages of upper packages that a reader may open from a document."""
    own = _documents.get(document.kind)
    links = own.links(document, rights) if own else []
    return [*links, *(link for more in _more_links.get(document.kind, []) for link in more(document, rights))]


def block_kind(name: str) -> BlockKind | None:
    """The structured kind, or None for running text."""
    return _blocks.get(name)


def document_kind(name: str) -> DocumentKind | None:
    return _documents.get(name)


def structured_kinds() -> dict[str, BlockKind]:
    return dict(_blocks)
