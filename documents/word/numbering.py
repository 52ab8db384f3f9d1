"""Word's automatic numbering: what number or bullet stands before a paragraph though nobody typed it."""

import re
from dataclasses import dataclass, field

from lxml import etree

from documents.word.ooxml import find, integer, name, value
from documents.word.styles import Styles

ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)


@dataclass
class Level:
    """One level of a list: how it counts and how it prints."""

    format: str = "decimal"
    start: int = 1
    text: str = ""
    style: str | None = None

    @property
    def is_bullet(self) -> bool:
        return self.format == "bullet" or (self.format == "none" and bool(self.text.strip()))

    @property
    def is_silent(self) -> bool:
        """Numbered in name only: nothing is printed."""
        return self.format != "bullet" and not self.text.strip()


@dataclass
class _Num:
    abstract: str
    restarts: dict[int, int] = field(default_factory=dict)
    levels: dict[int, Level] = field(default_factory=dict)
    used: bool = False


@dataclass(frozen=True)
class Place:
    """Where a paragraph stands in its list."""

    num_id: str
    level: int
    ordered: bool
    label: str
    value: int
    starts: bool
    """The first item of its level-0 count."""


class Numbering:
    """Counts along as paragraphs are read in order."""

    def __init__(self, root: etree._Element | None, styles: Styles) -> None:
        self.styles = styles
        self.abstracts: dict[str, dict[int, Level]] = {}
        self.links: dict[str, str] = {}
        self.nums: dict[str, _Num] = {}
        self.counters: dict[str, dict[int, int]] = {}
        if root is None:
            return
        for row in root.iterfind(name("w:abstractNum")):
            key = row.get(name("w:abstractNumId")) or ""
            self.abstracts[key] = {
                integer(level.get(name("w:ilvl"))): _read_level(level) for level in row.iterfind(name("w:lvl"))
            }
            if link := value(row, "w:numStyleLink"):
                self.links[key] = link
        for row in root.iterfind(name("w:num")):
            self.nums[row.get(name("w:numId")) or ""] = self._read_num(row)

    def _read_num(self, row: etree._Element) -> _Num:
        num = _Num(value(row, "w:abstractNumId") or "")
        for change in row.iterfind(name("w:lvlOverride")):
            level = integer(change.get(name("w:ilvl")))
            start = value(change, "w:startOverride")
            if start is not None:
                num.restarts[level] = integer(start, 1)
            if (own := find(change, "w:lvl")) is not None:
                num.levels[level] = _read_level(own)
        return num

    def levels(self, num: _Num) -> dict[int, Level]:
        levels = self.abstracts.get(num.abstract, {})
        if not levels and (link := self.links.get(num.abstract)):
            target = self.styles.numbering(link)
            if target and target[0] in self.nums:
                levels = self.abstracts.get(self.nums[target[0]].abstract, {})
        return {**levels, **num.levels}

    def place(self, properties: etree._Element | None) -> Place | None:
        """The place of the paragraph with these properties, and count it; None where it is not numbered."""
        style_id = value(properties, "w:pStyle")
        own_level = value(properties, "w:numPr/w:ilvl")
        num_id, level = value(properties, "w:numPr/w:numId"), integer(own_level) if own_level is not None else None
        if num_id is None:
            inherited = self.styles.numbering(style_id)
            if inherited is None:
                return None
            num_id, style_level, source = inherited
            level = style_level if level is None else level
            if level is None and num_id in self.nums:
                levels = self.levels(self.nums[num_id])
                level = next((key for key, row in levels.items() if row.style == source), None)
        num = self.nums.get(num_id)
        if num is None or num_id == "0":
            return None
        return self._count(num_id, num, min(level or 0, 8))

    def identity(self, place: Place) -> str:
        """Names the list that a place belongs to; numbers that count together share it."""
        return self.nums[place.num_id].abstract

    def _count(self, num_id: str, num: _Num, level: int) -> Place | None:
        levels = self.levels(num)
        how = levels.get(level, Level(text=f"%{level + 1}."))
        counter = self.counters.setdefault(num.abstract, {})
        if not num.used:
            num.used = True
            for place, start in num.restarts.items():
                counter[place] = start - 1
                for below in [key for key in counter if key > place]:
                    del counter[below]
        fresh = level not in counter
        counter[level] = counter.get(level, how.start - 1) + 1
        for below in [key for key in counter if key > level]:
            del counter[below]
        if how.is_silent:
            return None
        if how.is_bullet:
            return Place(num_id, level, ordered=False, label="", value=0, starts=False)
        label = re.sub(r"%([1-9])", lambda found: self._print(levels, counter, int(found.group(1)) - 1), how.text)
        first = num.restarts.get(level, how.start)
        starts = level == 0 and (fresh or counter[level] == first)
        return Place(num_id, level, ordered=True, label=label.strip(), value=counter[level], starts=starts)

    def _print(self, levels: dict[int, Level], counter: dict[int, int], level: int) -> str:
        how = levels.get(level, Level())
        return _printed(counter.get(level, how.start), how.format)


def _read_level(row: etree._Element) -> Level:
    return Level(
        format=value(row, "w:numFmt") or "decimal",
        start=integer(value(row, "w:start"), 1),
        text=value(row, "w:lvlText") or "",
        style=value(row, "w:pStyle"),
    )


def _printed(number: int, form: str) -> str:
    if form in {"lowerLetter", "upperLetter"} and number > 0:
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter if form == "lowerLetter" else letter.upper()
    if form in {"lowerRoman", "upperRoman"} and 0 < number < 4000:
        out = ""
        for size, sign in ROMAN:
            while number >= size:
                out, number = out + sign, number - size
        return out if form == "lowerRoman" else out.upper()
    return str(number) if form != "decimalZero" else f"{number:02d}"
