"""Places in a version that something can be said about: the whole, a section, a block; and words quoted from one."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from documents import frozen, kinds, richtext
from documents.blocks import FIGURE, HEADING, LIST_ITEM, PARAGRAPH, QUOTE, TABLE, TABLE_ROW, Block
from documents.frozen import Frozen, FrozenSection
from documents.models import Version

LONGEST_QUOTE = 2_000


@dataclass(frozen=True)
class Place:
    """Where in a version: nothing is the whole, a section alone is all of the section."""

    section_key: str = ""
    block: Block | None = None
    order: int = 0
    """Grows through the text: the whole is 0, then sections and blocks as they are read."""
    section: FrozenSection | None = None
    ordinal: int = 0
    """Which of its kind the block is in its section: the third paragraph."""
    resolved: Mapping[str, Any] = field(default_factory=dict)
    """What the version also says of a structured block, its number among it."""

    @property
    def block_id(self) -> str:
        return self.block.id if self.block else ""

    def label(self, language: str) -> str:
        """The place as it is named to people: "2.1, paragraph 3". The heading of a section is in `language`."""
        if self.section is None:
            return _("the whole text")
        heading = self.section.heading_in(language)
        if self.block is None:
            return f"{self.section.number} {heading}".strip()
        return _("%(section)s, %(part)s") % {"section": self.section.number or heading, "part": self._part()}

    def _part(self) -> str:
        assert self.block is not None  # noqa: S101 for the type checker
        if kind := kinds.block_kind(self.block.kind):
            number = str(self.resolved.get("number", ""))
            return f"{kind.label} {number}".strip()
        return _part_name(self.block.kind) % {"number": self.ordinal}


def _part_name(kind: str) -> str:
    names = {
        PARAGRAPH: _("paragraph %(number)d"),
        LIST_ITEM: _("list item %(number)d"),
        HEADING: _("subheading %(number)d"),
        QUOTE: _("quotation %(number)d"),
        TABLE: _("table %(number)d"),
        TABLE_ROW: _("table row %(number)d"),
        FIGURE: _("picture %(number)d"),
    }
    return names.get(kind, names[PARAGRAPH])


@dataclass(frozen=True)
class Quote:
    """Words of a block, and where they stand in its plain text in one language: first sign, sign after the last."""

    text: str
    starts_at: int
    ends_at: int


class Places:
    """The places of one version, read once."""

    def __init__(self, version: Version, content: Frozen | None = None) -> None:
        self.content = content or frozen.read(version)
        self.whole = Place()
        self._sections: dict[str, Place] = {}
        self._blocks: dict[str, Place] = {}
        order = 0
        for section in self.content.sections:
            order += 1
            self._sections[section.key] = Place(section.key, order=order, section=section)
            counts: Counter[str] = Counter()
            for block in section.blocks:
                order += 1
                is_head = block.kind == TABLE_ROW and bool(block.data.get("head"))
                counts[block.kind] += 0 if is_head else 1
                self._blocks[block.id] = Place(
                    section.key, block, order, section, counts[block.kind], self.content.resolved.get(block.id, {})
                )

    def __iter__(self) -> Iterator[Place]:
        """All places in the order of the text, the whole first."""
        yield self.whole
        yield from sorted([*self._sections.values(), *self._blocks.values()], key=lambda place: place.order)

    def find(self, section_key: str = "", block_id: str = "") -> Place:
        """The place that a form named. Raises ValidationError (`no_such_place`)."""
        if not section_key and not block_id:
            return self.whole
        place = self._blocks.get(block_id) if block_id else self._sections.get(section_key)
        if place is None:
            raise ValidationError(
                _("This place is not in the version that you are commenting on. Open the text anew."),
                code="no_such_place",
            )
        return place


def quote_in(place: Place, words: str, *, language: str, near: int = 0) -> Quote | None:
    """The quoted words as they stand at a place; None for no words.

    A browser joins lines and spaces in its own way, so words are found without regard to white space; of several
    places the one nearest to the sign `near`. Raises ValidationError (`not_quoted`, `quote_too_long`).
    """
    wanted = words.split()
    if not wanted:
        return None
    if len(words) > LONGEST_QUOTE:
        raise ValidationError(_("Choose fewer words to quote."), code="quote_too_long")
    plain = richtext.plain(place.block.html_in(language)) if place.block else ""
    found = list(re.finditer(r"\s+".join(map(re.escape, wanted)), plain))
    if not found:
        raise ValidationError(
            _("These words are not at this place of the text. Choose them anew, or leave the quote out."),
            code="not_quoted",
        )
    best = min(found, key=lambda match: abs(match.start() - near))
    return Quote(best.group(), best.start(), best.end())
