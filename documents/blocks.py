"""Blocks: the smallest things that a person would point at.

A section's text is a flat list of blocks. A list item carries its level and a table row follows its table, so
that moving, comparing and merging work on one sequence of identities:

    Block(
        id="k3m9x2p7qa",
        kind="table_row",
        text={"c4fq": {"fi": "Perhekahvila", "sv": "Familjecafé"}},   # unit -> language -> inline HTML
        data={"head": False},                                           # the same in every language
        shown={"sv": "1f0c…"},                                          # see `original_hash`
    )

Units: `body` for paragraphs, headings, list items and quotes; `caption` and `alt` for figures; `caption` for
tables; a column's key for each cell of a row; a field's name for the structured kinds of upper packages.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from documents import richtext

PARAGRAPH, HEADING, LIST_ITEM, QUOTE = "paragraph", "heading", "list_item", "quote"
TABLE, TABLE_ROW, FIGURE = "table", "table_row", "figure"
TEXT_KINDS = frozenset({PARAGRAPH, HEADING, LIST_ITEM, QUOTE, TABLE, TABLE_ROW, FIGURE})

Texts = dict[str, str]
"""The same text in several languages: language code -> text."""


@dataclass(frozen=True)
class Block:
    """One block as it stands in a revision. Never changed in place: `replace` makes the next state."""

    id: str
    kind: str
    text: dict[str, Texts] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    shown: Texts = field(default_factory=dict)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Block":
        return cls(
            id=raw["id"],
            kind=raw["kind"],
            text=raw.get("text", {}),
            data=raw.get("data", {}),
            shown=raw.get("shown", {}),
        )

    def to_json(self) -> dict[str, Any]:
        raw: dict[str, Any] = {"id": self.id, "kind": self.kind, "text": self.text}
        if self.data:
            raw["data"] = self.data
        if self.shown:
            raw["shown"] = self.shown
        return raw

    @property
    def is_text(self) -> bool:
        """Whether the editor of running text may change this block (a goal has a form of its own)."""
        return self.kind in TEXT_KINDS

    @property
    def is_decorative(self) -> bool:
        """A picture that says nothing to those who do not see it: no text alternative is missing from it."""
        return self.kind == FIGURE and bool(self.data.get("decorative"))

    def languages(self) -> set[str]:
        return {language for texts in self.text.values() for language, text in texts.items() if text}

    def get(self, unit: str, language: str) -> str:
        return self.text.get(unit, {}).get(language, "")

    def html_in(self, language: str) -> str:
        """All units of one language in order, for comparing and searching, not for showing."""
        return " ".join(texts[language] for texts in self.text.values() if texts.get(language))

    def plain_in(self, language: str) -> str:
        return richtext.plain(self.html_in(language))

    def without(self, language: str) -> "Block":
        """This block with no text in `language`."""
        text = {
            unit: {key: value for key, value in texts.items() if key != language} for unit, texts in self.text.items()
        }
        return replace(self, text=text, shown={key: value for key, value in self.shown.items() if key != language})

    def same_content(self, other: "Block") -> bool:
        return (
            self.kind == other.kind
            and self.data == other.data
            and _filled(self.text) == _filled(other.text)
            and self.shown == other.shown
        )


def _filled(text: dict[str, Texts]) -> dict[str, Texts]:
    result = {unit: {lang: value for lang, value in texts.items() if value} for unit, texts in text.items()}
    return {unit: texts for unit, texts in result.items() if texts}


def clean(block: Block) -> Block:
    """The block with every text sanitised: what may be stored."""
    cell = block.kind == TABLE_ROW
    text = {
        unit: {language: richtext.sanitise(value, cell=cell) for language, value in texts.items()}
        for unit, texts in block.text.items()
    }
    return replace(block, text=text)


def dump(blocks: Iterable[Block]) -> list[dict[str, Any]]:
    return [block.to_json() for block in blocks]


def load(raw: Iterable[Mapping[str, Any]]) -> list[Block]:
    """Blocks from JSON. A row's cells get their table's order, which neither jsonb nor canonical bytes keep."""
    result: list[Block] = []
    columns: list[str] = []
    for item in raw:
        block = Block.from_json(item)
        if block.kind == TABLE:
            columns = block.data.get("columns", [])
        elif block.kind == TABLE_ROW:
            place = {key: index for index, key in enumerate(columns)}
            cells = sorted(block.text, key=lambda key: place.get(key, len(place)))
            block = replace(block, text={key: block.text[key] for key in cells})
        result.append(block)
    return result


def same_blocks(one: list[Block], other: list[Block]) -> bool:
    return [b.id for b in one] == [b.id for b in other] and all(
        a.same_content(b) for a, b in zip(one, other, strict=True)
    )


def say_something(blocks: Iterable[Block]) -> bool:
    """Whether anything is said: by any words or picture but the heads and captions of tables."""
    return any(
        not block.is_text
        or block.kind == FIGURE
        or (block.kind != TABLE and not block.data.get("head") and bool(block.languages()))
        for block in blocks
    )


# --- Translations ------------------------------------------------------------------------------------

MISSING, CURRENT, BEHIND = "missing", "current", "behind"


def original_hash(block: Block, original: str) -> str:
    """Names the words of the original, so that a translation can say which words its writer was shown."""
    source = "\x1f".join(
        f"{unit}\x1e{texts[original]}" for unit, texts in sorted(block.text.items()) if texts.get(original)
    )
    return hashlib.sha256(source.encode()).hexdigest()[:16] if source else ""


def translation_state(block: Block, language: str, *, original: str) -> str:
    """Whether a block's text in `language` is missing, current or behind its original. Never judged by clock.

    Missing is also what has words in only some of its cells or fields. What has no letters needs no translation.
    """
    if language == original:
        return CURRENT
    if any(lacks_translation(texts, language, original) for texts in block.text.values()):
        return MISSING
    has_original = any(texts.get(original) for texts in block.text.values())
    if not has_original or not any(texts.get(language) for texts in block.text.values()):
        return CURRENT
    return CURRENT if block.shown.get(language) == original_hash(block, original) else BEHIND


def lacks_translation(texts: Mapping[str, str], language: str, original: str) -> bool:
    """Whether one unit has words in the original and nothing in `language`."""
    return not texts.get(language) and any(letter.isalpha() for letter in richtext.plain(texts.get(original, "")))
