"""Blocks as HTML and back: what the editor sends, what the editor and the reader are shown."""

import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import lxml.html
import nh3
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from lxml import etree

from documents import richtext
from documents.blocks import FIGURE, HEADING, LIST_ITEM, PARAGRAPH, QUOTE, TABLE, TABLE_ROW, Block
from documents.layers import readable

MAX_LIST_DEPTH = 8
MAX_CHARACTERS = 5_000_000
MAX_DEPTH = 200
"""Tags within tags. The reader of HTML gives up silently at 256."""
MAX_COLUMNS = 100
MAX_CELLS = 50_000
"""Places in one table's grid, merged cells counted with all the places that they cover."""
BLOCK_TAGS = richtext.BOUNDARY_TAGS | {"hr", "colgroup", "col", "img"}
VOID_TAGS = {"br", "hr", "col", "img"}
TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)")
INLINE_TAGS = {"strong", "em", "b", "i", "a", "span", "br"}
CARRIED = {"data-id", "data-pasted"}
ATTRIBUTES = {
    "*": CARRIED,
    "a": {"href"},
    "td": {"colspan", "rowspan", "data-col"},
    "th": {"colspan", "rowspan", "data-col", "scope"},
    "img": {"alt", "data-file", "data-id"},
    "figure": {"data-file", "data-id", "data-pasted", "data-decorative"},
}


@dataclass
class Incoming:
    """A block as it arrives in one language, before it is decided which identity it has."""

    kind: str
    text: dict[str, str]
    """Unit -> inline HTML, sanitised."""
    data: dict[str, Any] = field(default_factory=dict)
    id: str | None = None
    """The identity that the block brought along: from the editor, the clipboard or a Word bookmark."""
    pasted: bool = False
    """Came from the clipboard in this editing session, so an equal carrier that was there before wins."""

    @property
    def words(self) -> list[str]:
        return richtext.words(" ".join(self.text.values()))

    @property
    def is_empty(self) -> bool:
        return self.kind not in {TABLE, TABLE_ROW, FIGURE} and not any(self.text.values())


def new_column_key() -> str:
    """A column's key, random so that two people may add a column to one table at once."""
    return "c" + secrets.token_hex(3)


# --- In -------------------------------------------------------------------------------------------------


def parse(source: str, *, limit: int | None = None) -> list[Incoming]:
    """The blocks in a piece of HTML (an editor's content, a pasted text), in order, empty ones left out.

    Raises ValidationError for what no person writes: millions of characters (`text_too_long`), hundreds of tags within
    tags (`text_too_deep`), a table of a hundred columns (`table_too_large`), and, where `limit` says how many blocks
    there may be, for more of them (`too_many_blocks`) and for one of endless length (`block_too_long`). Nothing is cut
    off silently.
    """
    if len(source) > MAX_CHARACTERS:
        raise ValidationError(_("This text is too long for one section. Divide it."), code="text_too_long")
    cleaned = nh3.clean(
        readable(richtext.storable(source)),
        tags=BLOCK_TAGS | INLINE_TAGS,
        attributes=ATTRIBUTES,
        allowed_classes={"span": {"note"}},
        url_schemes=richtext.LINK_SCHEMES,
        link_rel=None,
    )
    if not cleaned.strip():
        return []
    if _depth(cleaned) > MAX_DEPTH:
        raise ValidationError(
            _("This text has too many layers inside each other to be read. Paste it as plain text."),
            code="text_too_deep",
        )
    # The end tags are counted first, because it is the reading that costs: an empty paragraph stands for none.
    if limit is not None and cleaned.count("</li>") + cleaned.count("</tr>") > limit:
        raise _too_many_blocks(limit)
    reader = _Reader(limit)
    reader.read(lxml.html.fragment_fromstring(cleaned, create_parent="div"))
    return [block for block in reader.blocks if not block.is_empty]


def _too_many_blocks(limit: int) -> ValidationError:
    return ValidationError(
        _(
            "This text has too many paragraphs, list items and table rows for one section, so it was not saved: "
            "there may be at most %(limit)d. Divide it into several sections."
        ),
        code="too_many_blocks",
        params={"limit": limit},
    )


def _depth(well_formed: str) -> int:
    deepest = depth = 0
    for end, tag in TAG.findall(well_formed):
        if tag not in VOID_TAGS:
            depth += -1 if end else 1
            deepest = max(deepest, depth)
    return deepest


def _inner_html(element: etree._Element) -> str:
    children = "".join(etree.tostring(child, encoding="unicode", method="html") for child in element)
    return escape(element.text or "", quote=False) + children


class _Reader:
    """Walks a fragment once and collects its blocks."""

    def __init__(self, limit: int | None = None) -> None:
        self.blocks: list[Incoming] = []
        self.paragraph = PARAGRAPH
        self.limit = limit
        self.count = 0

    def add(self, element: etree._Element | None, kind: str, text: dict[str, str], **data: Any) -> Incoming:
        block = Incoming(kind=kind, text={unit: richtext.sanitise(value) for unit, value in text.items()}, data=data)
        if element is not None:
            block.id = element.get("data-id") or None
            block.pasted = element.get("data-pasted") is not None
        self.take(block)
        return block

    def take(self, block: Incoming) -> None:
        if self.limit is not None:
            self.count += not block.is_empty
            if self.count > self.limit:
                raise _too_many_blocks(self.limit)
            if any(len(value.split()) > settings.BLOCK_MAX_WORDS for value in block.text.values()):
                raise ValidationError(
                    _(
                        "A paragraph or table cell in this text has more than %(limit)d words, so the text was not "
                        "saved. Divide it."
                    ),
                    code="block_too_long",
                    params={"limit": settings.BLOCK_MAX_WORDS},
                )
        self.blocks.append(block)

    def read(self, parent: etree._Element) -> None:
        """Blocks below `parent`; words that stand outside any block become paragraphs of their own."""
        loose: list[str] = [escape(parent.text or "", quote=False)]

        def flush() -> None:
            text = "".join(loose)
            loose.clear()
            if richtext.plain(text):
                self.add(None, self.paragraph, {"body": text})

        for child in parent:
            if child.tag in INLINE_TAGS:
                loose.append(etree.tostring(child, encoding="unicode", method="html"))
                continue
            flush()
            self.read_block(child)
            loose.append(escape(child.tail or "", quote=False))
        flush()

    def read_block(self, element: etree._Element) -> None:
        tag = element.tag
        if tag in {"p", "pre"}:
            self.add(element, self.paragraph, {"body": _inner_html(element)})
            self.read_pictures(element)
        elif tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
            self.add(element, HEADING, {"body": _inner_html(element)}, level=1 if tag in {"h1", "h2", "h3"} else 2)
            self.read_pictures(element)
        elif tag in {"ul", "ol"}:
            self.read_list(element, level=0, starts=self._follows_list(element))
        elif tag == "blockquote":
            self.read_quote(element)
        elif tag == "table":
            self.read_table(element)
        elif tag in {"figure", "img"}:
            self.read_figure(element)
        elif tag != "hr":
            self.read(element)

    def _follows_list(self, element: etree._Element) -> bool:
        """A list right after another list is told apart from its continuation."""
        previous = element.getprevious()
        return previous is not None and previous.tag in {"ul", "ol"} and not (previous.tail or "").strip()

    def read_list(self, element: etree._Element, *, level: int, starts: bool = False) -> None:
        ordered = element.tag == "ol"
        self.read_loose(element.text, level, ordered)
        for item in element:
            if item.tag in {"ul", "ol"}:  # invalid, but word processors write it
                self.read_list(item, level=min(level + 1, MAX_LIST_DEPTH))
                self.read_loose(item.tail, level, ordered)
                continue
            parts = [escape(item.text or "", quote=False)]
            carrier = item
            nested: list[etree._Element] = []
            for child in item:
                if child.tag in {"ul", "ol", "table", "figure", "img"}:
                    nested.append(child)
                elif child.tag in INLINE_TAGS:
                    parts.append(etree.tostring(child, encoding="unicode", method="html"))
                    continue
                else:
                    if carrier.get("data-id") is None and child.get("data-id"):
                        carrier = child
                    parts.append("<br>" if richtext.plain("".join(parts)) else "")
                    parts.append(f"{_inner_html(child)}<br>" if (child.tail or "").strip() else _inner_html(child))
                parts.append(escape(child.tail or "", quote=False))
            data: dict[str, Any] = {"level": level, "ordered": ordered}
            if starts:
                data["starts"] = True
                starts = False
            self.add(carrier, LIST_ITEM, {"body": "".join(parts)}, **data)
            for child in nested:
                if child.tag in {"ul", "ol"}:
                    self.read_list(child, level=min(level + 1, MAX_LIST_DEPTH))
                else:
                    self.read_block(child)
            self.read_loose(item.tail, level, ordered)

    def read_loose(self, words: str | None, level: int, ordered: bool) -> None:
        """Words that stand in a list but in no item, which is invalid, become an item of their own."""
        if words and words.strip():
            self.add(None, LIST_ITEM, {"body": escape(words, quote=False)}, level=level, ordered=ordered)

    def read_quote(self, element: etree._Element) -> None:
        """Every paragraph of a quote is one; the first carries the quote's own id where it has none."""
        place, outside = len(self.blocks), self.paragraph
        self.paragraph = QUOTE
        self.read(element)
        self.paragraph = outside
        first = next(iter(self.blocks[place:]), None)
        if first is not None and first.kind == QUOTE and first.id is None:
            first.id = element.get("data-id") or None
            first.pasted = element.get("data-pasted") is not None

    def read_pictures(self, element: etree._Element) -> None:
        """Our own pictures that stand in a line of text go behind it."""
        for image in element.iter("img"):
            self.read_figure(image)

    def read_figure(self, element: etree._Element) -> None:
        image = element if element.tag == "img" else element.find(".//img")
        caption = element.find("figcaption") if element.tag == "figure" else None
        key = element.get("data-file") or (image.get("data-file") if image is not None else None)
        if not key:  # a picture that we do not hold is not shown; a figure may also hold a table or words
            if element.tag == "figure":
                self.read(element)
            return
        alt = (image.get("alt") if image is not None else "") or ""
        text = {"alt": escape(alt, quote=False), "caption": _inner_html(caption) if caption is not None else ""}
        data: dict[str, Any] = {"file": key}
        if element.tag == "figure" and element.get("data-decorative") is not None and not alt.strip():
            data["decorative"] = True
        self.add(element, FIGURE, text, **data)

    def read_table(self, element: etree._Element) -> None:
        rows = [row for row in element.iter("tr") if next(row.iterancestors("table")) is element]
        grid, width = _grid(rows)
        columns = _column_keys(grid, width)
        caption = element.find("caption")
        head_column = bool(rows) and all(
            cells and cells[0][0].tag == "th" for cells in grid if any(cell.tag == "td" for cell, *_ in cells)
        )
        self.add(
            element,
            TABLE,
            {"caption": _inner_html(caption) if caption is not None else ""},
            columns=columns,
            head_column=head_column and any(cell.tag == "td" for cells in grid for cell, *_ in cells),
        )
        for row, cells in zip(rows, grid, strict=True):
            block = Incoming(kind=TABLE_ROW, text={}, id=row.get("data-id") or None)
            block.pasted = row.get("data-pasted") is not None
            block.data["head"] = bool(cells) and all(cell.tag == "th" for cell, *_ in cells)
            spans: dict[str, list[int]] = {}
            covered = set(columns)
            for cell, column, colspan, rowspan in cells:
                key = columns[column]
                block.text[key] = richtext.sanitise(_cell_html(cell), cell=True)
                if colspan > 1 or rowspan > 1:
                    spans[key] = [colspan, rowspan]
                covered.discard(key)
            if spans:
                block.data["spans"] = spans
            if covered:
                block.data["covered"] = sorted(covered, key=columns.index)
            self.take(block)


def _cell_html(cell: etree._Element) -> str:
    """A cell's content; a single paragraph (as the editor writes it) is unwrapped."""
    children = list(cell)
    if (
        len(children) == 1
        and children[0].tag == "p"
        and not (cell.text or "").strip()
        and not (children[0].tail or "").strip()
    ):
        return _inner_html(children[0])
    return _inner_html(cell)


def _grid(rows: Sequence[etree._Element]) -> tuple[list[list[tuple[etree._Element, int, int, int]]], int]:
    """Each row's cells as (cell, grid column, colspan, rowspan), and the number of grid columns."""
    taken: set[tuple[int, int]] = set()
    grid: list[list[tuple[etree._Element, int, int, int]]] = []
    width = 0
    for y, row in enumerate(rows):
        cells = []
        x = 0
        for cell in row:
            if cell.tag not in {"td", "th"}:
                continue
            while (y, x) in taken:
                x += 1
            colspan = _span(cell.get("colspan"))
            rowspan = min(_span(cell.get("rowspan")), len(rows) - y)
            if x + colspan > MAX_COLUMNS or len(taken) + colspan * rowspan > MAX_CELLS:
                raise ValidationError(_("A table in this text is too large. Divide it."), code="table_too_large")
            taken.update((y + dy, x + dx) for dy in range(rowspan) for dx in range(colspan))
            cells.append((cell, x, colspan, rowspan))
            x += colspan
            width = max(width, x)
        grid.append(cells)
    return grid, width


def _span(value: str | None) -> int:
    return max(1, min(int(value), 100)) if value and value.isdecimal() else 1


def _column_keys(grid: list[list[tuple[etree._Element, int, int, int]]], width: int) -> list[str]:
    """A key for each grid column: the one most of its cells bring along, else a new one."""
    votes: list[Counter[str]] = [Counter() for _ in range(width)]
    for cells in grid:
        for cell, column, colspan, _rowspan in cells:
            if colspan == 1 and (key := cell.get("data-col")):
                votes[column][key] += 1
    keys: list[str] = []
    for counter in votes:
        key = next((key for key, _count in counter.most_common() if key not in keys), None)
        keys.append(key if key and key.isalnum() and len(key) <= 10 else new_column_key())
    return keys


# --- Out ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rendering:
    """How blocks are written out. `structured` draws the kinds of upper packages; None leaves them out."""

    language: str
    editing: bool = False
    anchors: bool = True
    heading_level: int = 3
    fallback: str | None = None
    """A language to show, marked as such, where a block has no text in `language`."""
    image_url: Callable[[str], str] = lambda key: ""
    structured: Callable[[Block], str] | None = None
    beside: Callable[[Block], str] | None = None
    """Safe HTML that stands after each block: a link to say something about it. A row has it in its last cell."""


def render(blocks: Iterable[Block], how: Rendering) -> SafeString:
    """The blocks as HTML, sanitised once more on the way out."""
    writer = _Writer(how)
    for block in blocks:
        writer.write(block)
    writer.close_open()
    return mark_safe("".join(writer.out))  # noqa: S308 every text went through `sanitise`


class _Writer:
    def __init__(self, how: Rendering) -> None:
        self.how = how
        self.out: list[str] = []
        self.lists: list[str] = []
        self.table: Block | None = None
        self.in_body = False

    def attributes(self, block: Block) -> str:
        if self.how.editing:
            return f' data-id="{escape(block.id)}"'
        return f' id="b-{escape(block.id)}"' if self.how.anchors else ""

    def text(self, block: Block, unit: str = "body", *, cell: bool = False) -> tuple[str, str]:
        """The words to show and a `lang` attribute where they stand in another language."""
        value = block.get(unit, self.how.language)
        if value or not self.how.fallback:
            return richtext.sanitise(value, cell=cell), ""
        return richtext.sanitise(block.get(unit, self.how.fallback), cell=cell), f' lang="{escape(self.how.fallback)}"'

    def visible(self, block: Block) -> bool:
        if self.how.editing or block.kind not in {PARAGRAPH, HEADING, LIST_ITEM, QUOTE}:
            return True
        return bool(self.text(block)[0])

    def write(self, block: Block) -> None:
        if block.kind != LIST_ITEM:
            self.close_lists(0)
        if block.kind != TABLE_ROW:
            self.close_table()
        if not self.visible(block):
            return
        writers = {
            PARAGRAPH: self.paragraph,
            HEADING: self.heading,
            QUOTE: self.quote,
            LIST_ITEM: self.list_item,
            TABLE: self.open_table,
            TABLE_ROW: self.row,
            FIGURE: self.figure,
        }
        writer = writers.get(block.kind)
        if writer:
            writer(block)
        elif self.how.structured:
            self.out.append(self.how.structured(block))
        if block.kind not in {LIST_ITEM, TABLE, TABLE_ROW}:
            self.out.append(self.beside(block))

    def beside(self, block: Block) -> str:
        return self.how.beside(block) if self.how.beside and block.id else ""

    def close_open(self) -> None:
        self.close_lists(0)
        self.close_table()

    def paragraph(self, block: Block) -> None:
        text, lang = self.text(block)
        self.out.append(f"<p{self.attributes(block)}{lang}>{text}</p>")

    def heading(self, block: Block) -> None:
        level = min(6, self.how.heading_level + int(block.data.get("level", 1)) - 1)
        text, lang = self.text(block)
        self.out.append(f"<h{level}{self.attributes(block)}{lang}>{text}</h{level}>")

    def quote(self, block: Block) -> None:
        text, lang = self.text(block)
        self.out.append(f"<blockquote{self.attributes(block)}{lang}><p>{text}</p></blockquote>")

    def list_item(self, block: Block) -> None:
        level = min(int(block.data.get("level", 0)), MAX_LIST_DEPTH)
        tag = "ol" if block.data.get("ordered") else "ul"
        if block.data.get("starts") and level == 0:
            self.close_lists(0)
        self.close_lists(level + 1)
        if len(self.lists) == level + 1:
            if self.lists[-1] == tag:
                self.out.append("</li>")
            else:
                self.close_lists(level)
        while len(self.lists) < level + 1:
            opened = tag if len(self.lists) == level else "ul"
            self.out.append(f"<{opened}>")
            self.lists.append(opened)
            if len(self.lists) < level + 1:
                self.out.append("<li>")
        text, lang = self.text(block)
        if self.how.editing:
            text = f"<p>{text}</p>"
        self.out.append(f"<li{self.attributes(block)}{lang}>{text}{self.beside(block)}")

    def close_lists(self, depth: int) -> None:
        while len(self.lists) > depth:
            self.out.append(f"</li></{self.lists.pop()}>")

    def open_table(self, block: Block) -> None:
        self.table = block
        self.in_body = False
        self.out.append(f"<table{self.attributes(block)}>")
        caption, lang = self.text(block, "caption")
        if caption:
            self.out.append(f"<caption{lang}>{caption}</caption>")

    def row(self, block: Block) -> None:
        if self.table is None:
            self.out.append("<table>")
            self.table = Block(id="", kind=TABLE, data={"columns": list(block.text)})
            self.in_body = False
        head = bool(block.data.get("head")) and not self.in_body
        cells = []
        covered = set(block.data.get("covered", ()))
        spans = block.data.get("spans", {})
        for position, key in enumerate(self.table.data.get("columns", list(block.text))):
            if key in covered and key not in block.text:
                continue
            scope = (
                "col"
                if block.data.get("head")
                else "row"
                if position == 0 and self.table.data.get("head_column")
                else ""
            )
            text, lang = self.text(block, key, cell=True)
            if not text and not self.how.editing:
                scope = ""  # a heading without a word is none to those who hear it
            tag = "th" if scope else "td"
            attributes = f' scope="{scope}"' if scope else ""
            colspan, rowspan = spans.get(key, (1, 1))
            attributes += f' colspan="{int(colspan)}"' if colspan > 1 else ""
            attributes += f' rowspan="{int(rowspan)}"' if rowspan > 1 else ""
            if self.how.editing:
                attributes += f' data-col="{escape(key)}"'
            if self.how.editing and not text.startswith(("<p>", "<ul>", "<ol>")):
                text = f"<p>{text}</p>"
            cells.append((f"<{tag}{attributes}{lang}>{text}", f"</{tag}>"))
        if cells and not head:
            start, end = cells[-1]
            cells[-1] = (start + self.beside(block), end)
        row = f"<tr{self.attributes(block)}>{''.join(start + end for start, end in cells)}</tr>"
        if head:
            if self.out[-1].endswith("</thead>"):
                self.out[-1] = self.out[-1].removesuffix("</thead>") + f"{row}</thead>"
            else:
                self.out.append(f"<thead>{row}</thead>")
        else:
            if not self.in_body:
                self.out.append("<tbody>")
                self.in_body = True
            self.out.append(row)

    def close_table(self) -> None:
        if self.table is not None:
            self.out.append("</tbody></table>" if self.in_body else "</table>")
            self.out.append(self.beside(self.table))
            self.table = None

    def figure(self, block: Block) -> None:
        key = str(block.data.get("file", ""))
        alt, _lang = self.text(block, "alt")
        caption, lang = self.text(block, "caption")
        image = f'<img src="{escape(self.how.image_url(key))}" alt="{escape(richtext.plain(alt))}"'
        decoration = block.is_decorative and not alt
        image += ' role="presentation"' if decoration and not self.how.editing else ""
        image += f' data-file="{escape(key)}">' if self.how.editing else ">"
        caption_html = f"<figcaption{lang}>{caption}</figcaption>" if caption or self.how.editing else ""
        decorative = ' data-decorative="1"' if self.how.editing and decoration else ""
        self.out.append(f"<figure{self.attributes(block)}{decorative}>{image}{caption_html}</figure>")
