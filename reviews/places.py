"""Places in a version that something can be said about: the whole, a section, a block; and words quoted from one."""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from documents import frozen, richtext
from documents.blocks import Block
from documents.models import Version

LONGEST_QUOTE = 2_000


@dataclass(frozen=True)
class Place:
    """Where in a version: nothing is the whole, a section alone is all of the section."""

    section_key: str = ""
    block: Block | None = None
    order: int = 0
    """Grows through the text: the whole is 0, then sections and blocks as they are read."""

    @property
    def block_id(self) -> str:
        return self.block.id if self.block else ""


@dataclass(frozen=True)
class Quote:
    """Words of a block, and where they stand in its plain text in one language: first sign, sign after the last."""

    text: str
    starts_at: int
    ends_at: int


class Places:
    """The places of one version, read once."""

    def __init__(self, version: Version) -> None:
        self.whole = Place()
        self._sections: dict[str, Place] = {}
        self._blocks: dict[str, Place] = {}
        order = 0
        for section in frozen.read(version).sections:
            order += 1
            self._sections[section.key] = Place(section.key, order=order)
            for block in section.blocks:
                order += 1
                self._blocks[block.id] = Place(section.key, block, order)

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
