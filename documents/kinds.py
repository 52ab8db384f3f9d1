"""The one way up: upper packages tell here what kinds of block and of document they bring.

`plans` registers goal, action and indicator, `handbooks` its structured answers; `documents` and `reviews`
then list, show, compare, freeze and restore such blocks without a word of what they mean.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
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
class Proposable:
    """A data key of a structured block for which somebody who comments may propose another value.

    `field` is given the document and the block, and answers the form field that asks for it, with what stands there now
    as its initial value. `value` is given the block, what was filled in for this key, and all that was filled in by
    key, and answers what the data would be; it may raise ValidationError.
    """

    key: str
    field: Callable[[Any, Block], Any]
    value: Callable[[Block, Any, Mapping[str, Any]], Any]


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
    value of one of its data keys in the reader's words, for those who must choose between two. `internal` are data keys
    that only those who write the draft see: no version, and so no file and no public page, has them.

    `proposable` are the data keys for which others may propose another value. `new_after` is given a block, the words
    of a new one as HTML and their language, and answers the block that would stand behind it: a measure after a goal.
    """

    name: str
    label: str | Promise
    template: str
    labels: Mapping[str, str | Promise] = field(default_factory=dict)
    resolve: Callable[[Iterable[Block]], dict[str, dict[str, Any]]] = _nothing_resolved
    lines: Callable[[Block, Resolved, str], list[tuple[str, str]]] = _texts
    project: Callable[[Any, list[Block], set[str], set[str]], None] | None = None
    tell: Callable[[str, Any], str] | None = None
    internal: frozenset[str] = frozenset()
    proposable: tuple[Proposable, ...] = ()
    new_after: Callable[[Block, str, str], Block] | None = None


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
    starts: Mapping[str, str] = field(default_factory=dict)
    """What the section's text may begin with, as safe HTML by language: a table to be filled in."""


DRAFT = "draft"


def _all_drafts(documents: Iterable[Any]) -> dict[int, str]:
    return {}


def _no_versions(document: Any) -> set[int]:
    return set()


def _kept_by_nothing(document: Any) -> list[str]:
    return []


def _nothing_to_forget(document: Any) -> None:
    return None


def _no_tabs(document: Any, current: str) -> list[tuple[str, str, bool]]:
    return []


def _no_links(document: Any, rights: Any) -> list[Link]:
    return []


def _no_list_links(region: Any, rights: Any) -> list[Link]:
    return []


def _no_panels(section: Any, rights: Any) -> list[Panel]:
    return []


def _no_sources(document: Any, block_ids: Iterable[str]) -> dict[str, list[Link]]:
    return {}


@dataclass(frozen=True)
class DocumentKind:
    """A kind of document. `snapshot` answers what belongs to the whole (a plan's period, its criteria) as JSON.

    `links` are given the document and the reader's rights, and answer the pages that the reader may open from it;
    `panels` are given a section and the rights, and answer what stands beside its text; `list_links` are given a region
    and the rights, and answer what may be done from the region's list of such documents: "New handbook". `badges` are
    given documents and answer, by primary key, the badge of those whose state is another than that of a draft.
    `standing_versions` is given a document and answers which versions others work with, though newer ones may follow.
    `sources` is given a document and ids of blocks, and answers by block what these were made of elsewhere.
    `kept_by` is given a document and answers, in words, what of its own package would be lost if it were removed;
    `forget` then deletes the rows of its package that an empty document has.
    `tabs` is given a document and the name of one of its pages, and answers the pages that stand above it as tabs, as
    label, address and whether it is this one.
    Without `has_text` its sections say what to write elsewhere and hold no text of their own: a template's.
    """

    name: str
    label: str | Promise
    snapshot: Callable[[Any], dict[str, Any]] = _nothing_of_the_whole
    links: Callable[[Any, Any], list[Link]] = _no_links
    panels: Callable[[Any, Any], list[Panel]] = _no_panels
    list_links: Callable[[Any, Any], list[Link]] = _no_list_links
    badges: Callable[[Iterable[Any]], Mapping[int, str]] = _all_drafts
    standing_versions: Callable[[Any], set[int]] = _no_versions
    sources: Callable[[Any, Iterable[str]], Mapping[str, list[Link]]] = _no_sources
    has_text: bool = True
    tabs: Callable[[Any, str], list[tuple[str, str, bool]]] = _no_tabs
    kept_by: Callable[[Any], list[str]] = _kept_by_nothing
    forget: Callable[[Any], None] = _nothing_to_forget


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


_version_links: dict[str, list[Callable[[Any, Any, Any], list[Link]]]] = {}


def add_version_links(kind: str, links: Callable[[Any, Any, Any], list[Link]]) -> None:
    """What packages above can do with one version of a document, as its list of versions offers it: ask for comments.

    They are given the document, the version without its content, and the rights, and ask the database nothing.
    """
    known = _version_links.setdefault(kind, [])
    if links not in known:
        known.append(links)


def version_links_of(document: Any, version: Any, rights: Any) -> list[Link]:
    return [link for more in _version_links.get(document.kind, []) for link in more(document, version, rights)]


def links_of(document: Any, rights: Any) -> list[Link]:
    """All pages of upper packages that a reader may open from a document."""
    own = _documents.get(document.kind)
    links = own.links(document, rights) if own else []
    return [*links, *links_onward(document, rights)]


def links_onward(document: Any, rights: Any) -> list[Link]:
    """The pages of packages above the one that brought this kind of document: where its text goes from there."""
    return [link for more in _more_links.get(document.kind, []) for link in more(document, rights)]


_origins: list[Callable[[Any, Iterable[Any]], Mapping[int, Link]]] = []
_after_freezing: list[Callable[[Any], None]] = []


def add_origins(origins: Callable[[Any, Iterable[Any]], Mapping[int, Link]]) -> None:
    """What an upper package led to in a text: it is given a document and revisions, and answers by primary key of those
    that it knows whose proposal they came from, and where that is read."""
    if origins not in _origins:
        _origins.append(origins)


def origins_of(document: Any, revisions: Iterable[Any]) -> dict[int, Link]:
    """Where changes of a text came from that an upper package brought about, by primary key of the revision."""
    rows = list(revisions)
    return {pk: link for origins in _origins for pk, link in origins(document, rows).items()} if rows else {}


def after_freezing(then: Callable[[Any], None]) -> None:
    """What an upper package does in the same transaction when a version was frozen from the draft."""
    if then not in _after_freezing:
        _after_freezing.append(then)


def version_was_frozen(version: Any) -> None:
    for then in _after_freezing:
        then(version)


_more_panels: list[Callable[[Any, Any], list[Panel]]] = []


def add_panels(panels: Callable[[Any, Any], list[Panel]]) -> None:
    """What a package above the one that brought the kind of document has to say beside a section: remarks on it."""
    if panels not in _more_panels:
        _more_panels.append(panels)


def panels_of(section: Any, rights: Any) -> list[Panel]:
    """All that upper packages show beside a section's text; first what waits for its writers."""
    own = _documents.get(section.document.kind)
    panels = own.panels(section, rights) if own else []
    return [*(panel for more in _more_panels for panel in more(section, rights)), *panels]


def tabs_of(document: Any, current: str) -> list[tuple[str, str, bool]]:
    """The pages of a document that stand above one of them as tabs."""
    own = _documents.get(document.kind)
    return own.tabs(document, current) if own else []


def badge_of(document: Any) -> str:
    """The state of a document as those who write it see it."""
    own = _documents.get(document.kind)
    return own.badges([document]).get(document.pk, DRAFT) if own else DRAFT


def has_text(document: Any) -> bool:
    """Whether people write in its sections."""
    own = _documents.get(document.kind)
    return own.has_text if own else True


def block_kind(name: str) -> BlockKind | None:
    """The structured kind, or None for running text."""
    return _blocks.get(name)


def without_internal(block: Block) -> Block:
    """The block as a version has it."""
    kind = _blocks.get(block.kind)
    if kind is None or not kind.internal & block.data.keys():
        return block
    return replace(block, data={key: value for key, value in block.data.items() if key not in kind.internal})


def document_kind(name: str) -> DocumentKind | None:
    return _documents.get(name)


def structured_kinds() -> dict[str, BlockKind]:
    return dict(_blocks)
