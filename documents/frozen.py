"""Reading frozen versions: canonical bytes in, one shape out, whatever schema they were frozen in."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from documents.blocks import MISSING, Block, load, translation_state
from documents.difference import SectionText
from documents.models import Version
from documents.short_texts import short_state

SCHEMA = 1


def canonical(content: Mapping[str, Any]) -> bytes:
    """The one byte form of a content: UTF-8, sorted keys, no spaces, `schema` first."""
    rest = {key: value for key, value in content.items() if key != "schema"}
    body = json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f'{{"schema":{int(content["schema"])},{body[1:]}'.encode()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True)
class FrozenSection:
    """A section of a version: its place in the outline and its blocks."""

    key: str
    parent: str | None
    depth: int
    number: str
    """Printed numbering: "5.2"; empty where the section is not numbered."""
    heading: dict[str, str]
    facet: str
    criterion: dict[str, Any] | None
    blocks: list[Block]
    guidance: dict[str, str] = field(default_factory=dict)
    """A template's help for those who write: language and HTML."""
    heading_shown: dict[str, str] = field(default_factory=dict)
    """Language of a heading whose translation is behind, and the original that it was made from."""

    def heading_in(self, language: str) -> str:
        return self.heading.get(language) or next((text for text in self.heading.values() if text), "")


@dataclass(frozen=True)
class Frozen:
    """A version's content in today's shape."""

    document: dict[str, Any]
    sections: list[FrozenSection]
    resolved: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Block id -> what a structured block also says: names of organisations, titles of criteria."""
    whole: dict[str, Any] = field(default_factory=dict)
    """What the kind of document says of the whole: a plan's period and criteria."""
    files: dict[str, str] = field(default_factory=dict)
    """The pictures in the text: their key and the SHA-256 of their bytes."""

    def blocks(self) -> Iterator[Block]:
        for section in self.sections:
            yield from section.blocks

    def section_of(self, block_id: str) -> FrozenSection | None:
        return next((row for row in self.sections if any(block.id == block_id for block in row.blocks)), None)

    def is_partly_untranslated(self, language: str) -> bool:
        """Whether a reader of the language meets words of the original: in the text, a heading or the title."""
        original = next(iter(self.document.get("languages", ())), language)
        short = [self.document.get("title", {}), *(row.heading for row in self.sections)]
        return any(short_state(texts, {}, language, original) == MISSING for texts in short) or any(
            translation_state(block, language, original=original) == MISSING for block in self.blocks()
        )

    def texts(self, language: str) -> list[SectionText]:
        """For comparing."""
        return [SectionText(row.key, row.heading_in(language), row.blocks) for row in self.sections]


def _lift_1(raw: dict[str, Any]) -> Frozen:
    sections: list[FrozenSection] = []
    depths: dict[str, int] = {}
    counters: dict[str | None, int] = {}
    numbers: dict[str | None, str] = {None: ""}
    for row in raw["sections"]:
        parent = row["parent"]
        number = ""
        if row.get("numbered", True) and (parent is None or numbers[parent]):
            counters[parent] = counters.get(parent, 0) + 1
            number = f"{numbers[parent]}.{counters[parent]}".lstrip(".")
        numbers[row["key"]] = number
        depths[row["key"]] = depths.get(parent, 0) + 1 if parent else 1
        sections.append(
            FrozenSection(
                key=row["key"],
                parent=parent,
                depth=depths[row["key"]],
                number=number,
                heading=row["heading"],
                facet=row["facet"],
                criterion=row["criterion"],
                blocks=load(row["blocks"]),
                guidance=row.get("guidance", {}),
                heading_shown=row.get("heading_shown", {}),
            )
        )
    return Frozen(raw["document"], sections, raw.get("resolved", {}), raw.get("whole", {}), raw.get("files", {}))


READERS: dict[int, Callable[[dict[str, Any]], Frozen]] = {1: _lift_1}
"""One reader for each schema that was ever frozen. A stored fixture of each is read in the tests."""


def read(version: Version) -> Frozen:
    """The version's content. Raises ValueError when its bytes are not those that were frozen."""
    content = bytes(version.content)
    if digest(content) != version.sha256:
        raise ValueError(f"Version {version.pk} does not have the bytes that were frozen.")
    return read_bytes(content)


def read_bytes(content: bytes) -> Frozen:
    raw = json.loads(content)
    return READERS[raw["schema"]](raw)
