"""Word's styles: which paragraphs are headings, titles, quotes and lists, in whatever language they are named."""

import re
from dataclasses import dataclass

from lxml import etree

from documents.word import names
from documents.word.ooxml import find, integer, name, switch, value

HEADING = re.compile(r"(?:heading|otsikko|rubrik|überschrift|titre)\s*([1-9])(?:\s*(?:char|merkki))?", re.IGNORECASE)
TITLES = frozenset({"title", "otsikko", "rubrik", "asiakirjan otsikko"})
SUBTITLES = frozenset({"subtitle", "alaotsikko", "underrubrik"})
QUOTES = frozenset({"quote", "intense quote", "lainaus", "erottuva lainaus", "citat", "starkt citat", "block text"})
CAPTIONS = frozenset({"caption", "kuvaotsikko", "kuvan otsikko", "beskrivning", "bildtext"})
BULLETS = re.compile(r"(?:list bullet|merkitty luettelo|punktlista)\s*([2-5]?)", re.IGNORECASE)
NUMBERS = re.compile(r"(?:list number|numeroitu luettelo|numrerad lista)\s*([2-5]?)", re.IGNORECASE)
CONTENTS = re.compile(
    r"(?:toc|sisluet|sisällysluettelo|innehåll)\s*[1-9]|toc heading|sisällysluettelon otsikko|table of figures",
    re.IGNORECASE,
)


@dataclass
class Style:
    """One style as the file has it, before what it is based on is asked."""

    id: str
    name: str
    based_on: str | None
    outline: int | None
    bold: bool | None
    size: int | None
    num_id: str | None
    level: int | None


class Styles:
    """Answers questions on paragraphs by their own properties, their style and what that is based on."""

    def __init__(self, root: etree._Element | None) -> None:
        self.table: dict[str, Style] = {}
        self.default = ""
        self.language = ""
        self.body_size = 0
        for row in root.iterfind(name("w:style")) if root is not None else ():
            style = _read_style(row)
            self.table[style.id] = style
            is_default = (row.get(name("w:default")) or "") in {"1", "true"}
            if is_default and row.get(name("w:type")) == "paragraph":
                self.default = style.id
        defaults = find(root, "w:docDefaults/w:rPrDefault/w:rPr")
        language = find(defaults, "w:lang")
        self.language = (language.get(name("w:val")) or "") if language is not None else ""
        self.body_size = integer(value(defaults, "w:sz")) or 20
        self.body_size = self.size(None)

    def chain(self, style_id: str | None) -> list[Style]:
        """A style and those it is based on, nearest first; a circle ends where it closes."""
        found: list[Style] = []
        current = style_id or self.default
        while current in self.table and len(found) < 20:
            style = self.table[current]
            if style in found:
                break
            found.append(style)
            current = style.based_on or ""
        return found

    def names(self, style_id: str | None) -> list[str]:
        return [style.name.strip().lower() for style in self.chain(style_id)]

    def size(self, style_id: str | None) -> int:
        """Half points."""
        return next((style.size for style in self.chain(style_id) if style.size), self.body_size)

    def bold(self, style_id: str | None) -> bool:
        return next((style.bold for style in self.chain(style_id) if style.bold is not None), False)

    def heading_level(self, properties: etree._Element | None) -> int:
        """1–9, or 0 for running text."""
        outline = value(properties, "w:outlineLvl")
        if outline is not None:
            return integer(outline, 9) + 1 if 0 <= integer(outline, 9) <= 8 else 0
        for style in self.chain(value(properties, "w:pStyle")):
            if style.outline is not None:
                return style.outline + 1 if 0 <= style.outline <= 8 else 0
            if found := HEADING.fullmatch(style.name.strip()) or HEADING.fullmatch(style.id):
                return int(found.group(1))
        return 0

    def is_named(self, style_id: str | None, known: frozenset[str]) -> bool:
        return any(own_name in known for own_name in self.names(style_id))

    def is_title(self, style_id: str | None) -> bool:
        return self.names(style_id)[:1] != [] and self.names(style_id)[0] in TITLES

    def is_contents(self, style_id: str | None) -> bool:
        return any(CONTENTS.fullmatch(own_name) for own_name in self.names(style_id)[:1])

    def is_guidance(self, style_id: str | None) -> bool:
        return style_id == names.GUIDANCE_STYLE or names.GUIDANCE_STYLE.lower() in self.names(style_id)[:1]

    def is_placeholder(self, style_id: str | None) -> bool:
        return style_id == names.PLACEHOLDER_STYLE or "placeholder text" in self.names(style_id)[:1]

    def is_cover(self, style_id: str | None) -> bool:
        ours = {names.COVER_STYLE_NAME, names.COVER_HEADING_STYLE_NAME, names.COVER_TEXT_STYLE_NAME}
        return not {row.lower() for row in ours}.isdisjoint(self.names(style_id)[:1])

    def is_number(self, style_id: str | None) -> bool:
        """Whether a run's style is that of the numbers in our files for comments."""
        return bool(style_id) and names.NUMBER_STYLE_NAME.lower() in self.names(style_id)[:1]

    def list_style(self, style_id: str | None) -> tuple[bool, int] | None:
        """A style that is a list by its name: (ordered, level)."""
        for own_name in self.names(style_id):
            for pattern, ordered in ((BULLETS, False), (NUMBERS, True)):
                if found := pattern.fullmatch(own_name):
                    return ordered, int(found.group(1) or 1) - 1
        return None

    def numbering(self, style_id: str | None) -> tuple[str, int | None, str] | None:
        """What numbers a style's paragraphs: (number id, level, the style that says so)."""
        level: int | None = None
        for style in self.chain(style_id):
            level = style.level if level is None else level
            if style.num_id is not None:
                return style.num_id, level, style.id
        return None


def _read_style(row: etree._Element) -> Style:
    outline = value(row, "w:pPr/w:outlineLvl")
    level = value(row, "w:pPr/w:numPr/w:ilvl")
    return Style(
        id=row.get(name("w:styleId")) or "",
        name=value(row, "w:name") or "",
        based_on=value(row, "w:basedOn"),
        outline=integer(outline, 9) if outline is not None else None,
        bold=switch(row, "w:rPr/w:b"),
        size=integer(value(row, "w:rPr/w:sz")) or None,
        num_id=value(row, "w:pPr/w:numPr/w:numId"),
        level=integer(level) if level is not None else None,
    )
