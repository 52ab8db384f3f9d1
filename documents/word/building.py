"""A Word file while it is written: paragraphs, lists, tables, notes, pictures and the package around them.

The same calls give the same bytes: parts are sorted, dates are fixed, and nothing is random.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PIL import Image as Picture
from PIL import UnidentifiedImageError

from documents.blocks import TABLE, Block
from documents.richtext import plain
from documents.word import names
from documents.word.inline import Segment, picture_type
from documents.word.ooxml import NAMESPACES
from documents.word.runs import CellParagraph, cell_paragraphs, in_language, segments_of, written_words, xml_text
from documents.word.stylesheet import BULLETS, DECLARED, NUMBERS, OTHER_BULLETS, locale, numbering, styles

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
EXTENSIONS = {
    **{"image/png": "png", "image/jpeg": "jpeg", "image/gif": "gif", "image/bmp": "bmp", "image/tiff": "tiff"},
    **{"image/x-emf": "emf", "image/x-wmf": "wmf", "image/webp": "webp"},
}
EMU = 9525
"""English metric units in a pixel of 1/96 inch."""
TEXT_WIDTH_EMU = 5_760_000
"""Sixteen centimetres."""
TEXT_WIDTH = 9070
"""The same in twentieths of a point."""
TALLEST_EMU = 7_200_000
EPOCH = (2000, 1, 1, 0, 0, 0)


@dataclass
class WordFile:
    """One file. Blocks are added in order; `content` is the finished file."""

    language: str
    title: str
    header: str = ""
    """XML of the header's paragraphs."""
    tracks_changes: bool = False
    """Whether Word tracks what is changed in the file from the moment it is opened."""
    body: list[str] = field(default_factory=list)
    lists: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    links: dict[str, dict[str, str]] = field(default_factory=lambda: {"document": {}, "footnotes": {}})
    pictures: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """Name in the file -> (relation, content)."""
    bookmarks: int = 0
    drawings: int = 0
    controls: int = 0
    fallbacks: int = 0
    open_list: list[tuple[bool, int]] = field(default_factory=list)
    """Of each open level of the list being written: ordered, and the list's number."""

    # --- Text -------------------------------------------------------------------------------------------

    def runs(self, segments: Sequence[Segment], *, part: str = "document", style: str = "") -> str:
        out: list[str] = []
        for segment in segments:
            if segment.note:
                out.append(self._note(segment.note, segment.lang))
                continue
            if segment.text == "\n":
                out.append("<w:r><w:br/></w:r>")
                continue
            look = f'<w:rStyle w:val="{style or "Hyperlink"}"/>' if segment.href or style else ""
            look += ("<w:b/>" if segment.strong else "") + ("<w:i/>" if segment.em else "")
            look += f'<w:lang w:val="{locale(segment.lang)}"/>' if segment.lang else ""
            run = (
                f"<w:r>{f'<w:rPr>{look}</w:rPr>' if look else ''}"
                f'<w:t xml:space="preserve">{xml_text(segment.text)}</w:t></w:r>'
            )
            if segment.href:
                run = f'<w:hyperlink r:id="{self._link(part, segment.href)}" w:history="1">{run}</w:hyperlink>'
            out.append(run)
        return "".join(out)

    def _link(self, part: str, href: str) -> str:
        links = self.links[part]
        return links.setdefault(href, f"link{len(links) + 1}")

    def _note(self, html: str, lang: str) -> str:
        number = len(self.notes) + 1
        mark = '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r>'
        text = self.runs([Segment(" "), *in_language(segments_of(html), lang)], part="footnotes")
        self.notes.append(
            f'<w:footnote w:id="{number}"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr>{mark}{text}</w:p>'
            "</w:footnote>"
        )
        return f'<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteReference w:id="{number}"/></w:r>'

    def marked(self, inside: str, marks: Sequence[str]) -> str:
        """The runs with hidden bookmarks around them."""
        starts, ends = "", ""
        for mark in marks:
            self.bookmarks += 1
            starts += f'<w:bookmarkStart w:id="{self.bookmarks}" w:name="{xml_text(mark)}"/>'
            ends = f'<w:bookmarkEnd w:id="{self.bookmarks}"/>' + ends
        return starts + inside + ends

    def fallback_mark(self, words: str) -> str:
        """The hidden name of a text in the original's language, so that one that nobody touched is known again."""
        self.fallbacks += 1
        return f"{names.FALLBACK}{names.digest(words)}_{self.fallbacks}"

    def paragraph(
        self, html: str, style: str = "", *, marks: Sequence[str] = (), before: str = "", lang: str = ""
    ) -> str:
        """A paragraph's XML. `before` is XML of runs in front of the text, `lang` its language where not the file's."""
        looks = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
        inside = before + self.runs(in_language(segments_of(html), lang))
        return f"<w:p>{looks}{self.marked(inside, marks)}</w:p>"

    def number(self, number: str) -> str:
        """The run in front of a text that says its number; empty for no number."""
        if not number:
            return ""
        look = f'<w:rPr><w:rStyle w:val="{names.NUMBER_STYLE}"/></w:rPr>'
        return f'<w:r>{look}<w:t xml:space="preserve">{xml_text(number)} </w:t></w:r>'

    def plain_paragraph(self, text: str, style: str = "") -> str:
        return self.paragraph(xml_text(text), style)

    def add(self, xml: str) -> None:
        """Add a block that is no list item, which ends any list."""
        self.open_list = []
        self.body.append(xml)

    # --- Lists ------------------------------------------------------------------------------------------

    def item(
        self,
        segments: Sequence[Segment],
        *,
        level: int,
        ordered: bool,
        starts: bool,
        marks: Sequence[str] = (),
        before: str = "",
    ) -> str:
        number = self._list_number(level, ordered=ordered, starts=starts)
        style = ("ListNumber" if ordered else "ListBullet") + (str(min(level, 4) + 1) if level else "")
        looks = (
            f'<w:pPr><w:pStyle w:val="{style}"/><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/>'
            "</w:numPr></w:pPr>"
        )
        return f"<w:p>{looks}{before}{self.marked(self.runs(segments), marks)}</w:p>"

    def _list_number(self, level: int, *, ordered: bool, starts: bool) -> int:
        """The list that an item belongs to: a new one where a list begins, or where its kind changes."""
        before = self.open_list[0] if self.open_list else None
        if starts and level == 0:
            self.open_list = []
        del self.open_list[level + 1 :]
        while len(self.open_list) < level:
            self.open_list.append((ordered, self._new_list(ordered, before)))
        if len(self.open_list) == level or self.open_list[level][0] != ordered:
            del self.open_list[level:]
            above = self.open_list[-1] if self.open_list else None
            same = above is not None and above[0] == ordered
            number = above[1] if same and above is not None else self._new_list(ordered, before if level == 0 else None)
            self.open_list.append((ordered, number))
        return self.open_list[level][1]

    def _new_list(self, ordered: bool, before: tuple[bool, int] | None) -> int:
        abstract = NUMBERS if ordered else BULLETS
        if not ordered and before is not None and self.lists[before[1] - 1] == BULLETS:
            abstract = OTHER_BULLETS
        self.lists.append(abstract)
        return len(self.lists)

    # --- Tables -----------------------------------------------------------------------------------------

    def table(
        self,
        block: Block,
        rows: Sequence[Block],
        *,
        text: "TextOf",
        structured: str = "",
        marks: Mapping[int, str] | None = None,
    ) -> str:
        """A table block with its rows; hidden bookmarks carry the ids of both and the keys of the columns.

        `marks` are further bookmarks by the row's place.
        """
        columns: list[str] = list(block.data.get("columns", ()))
        columns = columns or list(dict.fromkeys(key for row in rows for key in row.text))
        if not columns or not rows:
            return ""
        self.open_list = []
        head_column = bool(block.data.get("head_column"))
        widths = [TEXT_WIDTH // len(columns)] * len(columns)
        if structured:
            widths = [TEXT_WIDTH * 3 // 10, TEXT_WIDTH * 7 // 10]
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        first = [f"{names.TABLE}{block.id}"] if block.id else []
        first += [f"{names.STRUCTURED}{structured}"] if structured else []
        open_spans: dict[int, tuple[int, int]] = {}
        out = []
        still_head = True
        for position, row in enumerate(rows):
            still_head = still_head and bool(row.data.get("head"))
            look = _RowLook(columns, still_head, head_column, widths)
            own = (first if position == 0 else []) + ([f"{names.BLOCK}{row.id}"] if row.id else [])
            own += [marks[position]] if marks and position in marks else []
            out.append(self._row(row, look, open_spans, text, own, keys=position == 0))
        flags = f'w:firstRow="{int(bool(rows[0].data.get("head")))}" w:firstColumn="{int(head_column)}"'
        return (
            f'<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="5000" w:type="pct"/><w:tblLook w:val="04A0" '
            f'{flags} w:lastRow="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/></w:tblPr><w:tblGrid>{grid}'
            f"</w:tblGrid>{''.join(out)}</w:tbl>"
        )

    def _row(
        self,
        row: Block,
        look: "_RowLook",
        open_spans: dict[int, tuple[int, int]],
        text: "TextOf",
        marks: Sequence[str],
        *,
        keys: bool,
    ) -> str:
        """One row. `open_spans`: column -> (columns, rows still to come) of cells that reach down from above."""
        cells = []
        waiting = list(marks)
        spans = row.data.get("spans", {})
        column = 0
        while column < len(look.columns):
            key = look.columns[column]
            if column in open_spans:
                span, left = open_spans.pop(column)
                if left > 1:
                    open_spans[column] = (span, left - 1)
                cells.append(look.cell("<w:p/>", column, span, '<w:vMerge w:val="continue"/>'))
                column += span
                continue
            span, down = spans.get(key, (1, 1))
            span = max(1, min(int(span), len(look.columns) - column))
            if down > 1:
                open_spans[column] = (span, int(down) - 1)
            if keys:
                waiting += [f"{names.COLUMN}{own}" for own in look.columns[column : column + span]]
            html, lang = text(row, key), text.borrowed(row, key)
            waiting += [self.fallback_mark(written_words(html))] if lang else []
            inside = self._cell(cell_paragraphs(html), look.style(column), waiting, lang)
            waiting = []
            cells.append(look.cell(inside, column, span, '<w:vMerge w:val="restart"/>' if down > 1 else ""))
            column += span
        return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if look.head else ''}</w:trPr>{''.join(cells)}</w:tr>"

    def _cell(self, paragraphs: Sequence[CellParagraph], style: str, marks: Sequence[str], lang: str) -> str:
        out = []
        self.open_list = []
        for position, row in enumerate(paragraphs):
            own_marks = marks if position == 0 else ()
            segments = in_language(row.segments, lang)
            if row.level >= 0:
                out.append(
                    self.item(segments, level=row.level, ordered=row.ordered, starts=row.starts, marks=own_marks)
                )
            else:
                self.open_list = []
                looks = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>'
                out.append(f"<w:p>{looks}{self.marked(self.runs(segments), own_marks)}</w:p>")
        return "".join(out)

    # --- Pictures ---------------------------------------------------------------------------------------

    def picture(self, content: bytes, alt: str, *, marks: Sequence[str] = (), decorative: bool = False) -> str:
        """A picture in a paragraph of its own, as large as it is but within the page."""
        extension = EXTENSIONS.get(picture_type(content, ""), "png")
        known = next((name for name, (_key, bytes_) in self.pictures.items() if bytes_ == content), None)
        name = known or f"picture{len(self.pictures) + 1}.{extension}"
        if known is None:
            self.pictures[name] = (f"picture{len(self.pictures) + 1}", content)
        self.drawings += 1
        width, height = _size_of(content)
        extent = f'cx="{width}" cy="{height}"'
        described = xml_text(alt).replace("\n", " ")
        named = f'<wp:docPr id="{self.drawings}" name="{name}" descr="{described}"/>'
        if decorative:
            named = (
                f'<wp:docPr id="{self.drawings}" name="{name}" descr=""><a:extLst><a:ext '
                'uri="{C183D7F6-B498-43B3-948B-1728B52AA6E4}"><adec:decorative '
                f'xmlns:adec="{NAMESPACES["adec"]}" val="1"/></a:ext></a:extLst></wp:docPr>'
            )
        drawing = (
            f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {extent}/>'
            f"{named}<a:graphic><a:graphicData "
            f'uri="{NAMESPACES["pic"]}"><pic:pic><pic:nvPicPr><pic:cNvPr id="{self.drawings}" name="{name}" '
            f'descr="{described}"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip '
            f'r:embed="{self.pictures[name][0]}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr>'
            f'<a:xfrm><a:off x="0" y="0"/><a:ext {extent}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
            "</pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        )
        return f"<w:p><w:pPr><w:keepNext/></w:pPr>{self.marked(drawing, marks)}</w:p>"

    # --- The package ------------------------------------------------------------------------------------

    @property
    def content(self) -> bytes:
        section = (
            '<w:sectPr><w:headerReference w:type="default" r:id="header"/><w:footerReference w:type="default" '
            'r:id="footer"/><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1418" w:right="1418" w:bottom="1418" '
            'w:left="1418" w:header="709" w:footer="709" w:gutter="0"/></w:sectPr>'
        )
        parts: dict[str, str | bytes] = {
            "[Content_Types].xml": self._types(),
            "_rels/.rels": _relations(
                {
                    "document": ("officeDocument", "word/document.xml", False),
                    "core": ("", "docProps/core.xml", False),
                }
            ),
            "docProps/core.xml": self._core(),
            "word/document.xml": f"<w:document{DECLARED}><w:body>{''.join(self.body)}{section}</w:body></w:document>",
            "word/styles.xml": styles(self.language),
            "word/numbering.xml": numbering(self.lists),
            "word/settings.xml": self._settings(),
            "word/footnotes.xml": self._footnotes(),
            "word/header1.xml": f"<w:hdr{DECLARED}>{self.header or '<w:p/>'}</w:hdr>",
            "word/footer1.xml": f"<w:ftr{DECLARED}>{_page_number()}</w:ftr>",
            "word/_rels/document.xml.rels": self._document_relations(),
        }
        if self.links["footnotes"]:
            parts["word/_rels/footnotes.xml.rels"] = _relations(
                {key: ("hyperlink", href, True) for href, key in self.links["footnotes"].items()}
            )
        for name, (_key, content) in self.pictures.items():
            parts[f"word/media/{name}"] = content
        return _zip(parts)

    def _document_relations(self) -> str:
        rows = {
            "styles": ("styles", "styles.xml", False),
            "numbering": ("numbering", "numbering.xml", False),
            "settings": ("settings", "settings.xml", False),
            "footnotes": ("footnotes", "footnotes.xml", False),
            "header": ("header", "header1.xml", False),
            "footer": ("footer", "footer1.xml", False),
        }
        rows |= {key: ("image", f"media/{name}", False) for name, (key, _content) in self.pictures.items()}
        rows |= {key: ("hyperlink", href, True) for href, key in self.links["document"].items()}
        return _relations(rows)

    def _types(self) -> str:
        extensions = {name.rpartition(".")[2] for name in self.pictures}
        defaults = {"rels": "application/vnd.openxmlformats-package.relationships+xml", "xml": "application/xml"}
        defaults |= {extension: kind for kind, extension in EXTENSIONS.items() if extension in extensions}
        named = ("styles", "numbering", "settings", "footnotes")
        parts = {
            "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
            "/word/document.xml": f"{WORD_TYPE}.document.main+xml",
            **{f"/word/{name}.xml": f"{WORD_TYPE}.{name}+xml" for name in named},
            "/word/header1.xml": f"{WORD_TYPE}.header+xml",
            "/word/footer1.xml": f"{WORD_TYPE}.footer+xml",
        }
        rows = "".join(f'<Default Extension="{key}" ContentType="{kind}"/>' for key, kind in sorted(defaults.items()))
        rows += "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in sorted(parts.items()))
        return f'<Types xmlns="{PACKAGE}/content-types">{rows}</Types>'

    def _core(self) -> str:
        return (
            f'<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<dc:title>{xml_text(self.title)}</dc:title><dc:language>{locale(self.language)}</dc:language>"
            "</cp:coreProperties>"
        )

    def _settings(self) -> str:
        code = locale(self.language)
        return (
            f'<w:settings{DECLARED}><w:zoom w:percent="100"/>{"<w:trackRevisions/>" if self.tracks_changes else ""}'
            '<w:defaultTabStop w:val="567"/><w:footnotePr>'
            '<w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr><w:compat><w:compatSetting '
            'w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
            f'<w:themeFontLang w:val="{code}"/></w:settings>'
        )

    def _footnotes(self) -> str:
        fixed = "".join(
            f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:{mark}/></w:r></w:p></w:footnote>'
            for kind, number, mark in (
                ("separator", -1, "separator"),
                ("continuationSeparator", 0, "continuationSeparator"),
            )
        )
        return f"<w:footnotes{DECLARED}>{fixed}{''.join(self.notes)}</w:footnotes>"


class TextOf:
    """A block's text in one language, or in `fallback` where it has none."""

    def __init__(self, language: str, fallback: str = "") -> None:
        self.language = language
        self.fallback = fallback if fallback != language else ""

    def __call__(self, block: Block, unit: str = "body") -> str:
        return block.get(unit, self.language) or block.get(unit, self.fallback)

    def borrowed(self, block: Block, unit: str = "body") -> str:
        """The language that a text stands in where it is not the wanted one."""
        is_own = block.get(unit, self.language) or not block.get(unit, self.fallback)
        return "" if is_own else self.fallback

    def has_any(self, block: Block) -> bool:
        if block.kind == TABLE:
            return True
        return any(plain(self(block, unit)) for unit in block.text)


@dataclass(frozen=True)
class _RowLook:
    """How the cells of a row look."""

    columns: Sequence[str]
    head: bool
    head_column: bool
    widths: Sequence[int]

    def style(self, column: int) -> str:
        return "fcTableHeading" if self.head or (self.head_column and column == 0) else "fcTableText"

    def cell(self, inside: str, column: int, span: int, merge: str) -> str:
        across = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
        shade = '<w:shd w:val="clear" w:color="auto" w:fill="EEF1F4"/>' if self.head else ""
        looks = f'<w:tcW w:w="{sum(self.widths[column : column + span])}" w:type="dxa"/>{across}{merge}{shade}'
        return f"<w:tc><w:tcPr>{looks}</w:tcPr>{inside}</w:tc>"


def _size_of(content: bytes) -> tuple[int, int]:
    """Width and height in EMU, within the page. Reads the head of the picture only."""
    try:
        with Picture.open(io.BytesIO(content)) as picture:
            width, height = picture.size
    except (UnidentifiedImageError, OSError, ValueError, Picture.DecompressionBombError):
        width, height = 480, 320
    scale = min(1.0, TEXT_WIDTH_EMU / (max(1, width) * EMU), TALLEST_EMU / (max(1, height) * EMU))
    return max(1, int(width * EMU * scale)), max(1, int(height * EMU * scale))


def _relations(rows: dict[str, tuple[str, str, bool]]) -> str:
    """Id -> (kind, target, external)."""
    out = []
    for key, (kind, target, external) in sorted(rows.items()):
        address = f"{RELATIONS}/{kind}" if kind else f"{PACKAGE}/relationships/metadata/core-properties"
        mode = ' TargetMode="External"' if external else ""
        out.append(f'<Relationship Id="{key}" Type="{address}" Target="{xml_text(target)}"{mode}/>')
    return f'<Relationships xmlns="{PACKAGE}/relationships">{"".join(out)}</Relationships>'


def _page_number() -> str:
    def code(field_name: str) -> str:
        return f'<w:fldSimple w:instr=" {field_name} "><w:r><w:t>1</w:t></w:r></w:fldSimple>'

    slash = '<w:r><w:t xml:space="preserve"> / </w:t></w:r>'
    looks = '<w:pPr><w:pStyle w:val="footer"/><w:jc w:val="right"/></w:pPr>'
    return f"<w:p>{looks}{code('PAGE')}{slash}{code('NUMPAGES')}</w:p>"


def _zip(parts: dict[str, str | bytes]) -> bytes:
    """The package: content types first, as readers expect, the rest sorted, all with one fixed date."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(parts, key=lambda part: (part != "[Content_Types].xml", part)):
            part = parts[name]
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, (HEAD + part).encode() if isinstance(part, str) else part, compresslevel=6)
    return stream.getvalue()
