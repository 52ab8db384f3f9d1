"""A two-column Word file for a translator: the original on the left, the translation on the right, and back again.

Each row says in hidden bookmarks which text it is, which original its translator was shown and which translation the
file went out with. So what comes back finds its place whatever was done to the looks of the file, and what nobody
touched is known.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, override
from lxml import etree

from documents import richtext
from documents.word import names
from documents.word.building import TEXT_WIDTH, WordFile
from documents.word.guard import Package, open_package
from documents.word.inline import InlineReader, Inside, with_notes_at_words
from documents.word.inline import to_html as segments_to_html
from documents.word.numbering import Numbering
from documents.word.ooxml import TC, TR, P, find, integer, name, raw_text, value
from documents.word.runs import cell_paragraphs, segments_of, xml_text
from documents.word.settle import count_changes, settle
from documents.word.styles import Styles
from documents.word.stylesheet import locale

ID = "[0-9a-z]{10}"
FILE_MARK = re.compile(rf"{names.TRANSLATION}({ID})_([a-z]{{2}})")
LEFT_MARK = re.compile(rf"{names.ORIGINAL}({ID})_([0-9a-f]{{6}})_([0-9a-f]{{16}})")
RIGHT_MARK = re.compile(rf"{names.TRANSLATED}({ID})_([0-9a-f]{{6}})_([0-9a-f]{{12}})")
HEADING = "heading"
"""The unit of a section's heading; its id is made of the section's key."""
RUN = re.compile(r"<w:r>(?:<w:rPr>(.*?)</w:rPr>)?(?=<w:(?:t|br)\b)")


def unit_mark(unit: str) -> str:
    """A unit's name as a bookmark has room for it."""
    return hashlib.sha256(unit.encode()).hexdigest()[:6]


def section_mark(key: str) -> str:
    """A section's key in the place of a block's id; the unit tells that it is a heading."""
    return hashlib.sha256(key.encode()).hexdigest()[:10]


def text_mark(html: str) -> str:
    """Names a text by its words and marks; where spaces stand around marks does not matter."""
    tokens = [token for token in richtext.tokens(html) if token.strip()]
    return hashlib.sha256("\x1f".join(tokens).encode()).hexdigest()[:12]


# --- Out ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OutRow:
    """One text as it goes to the translator."""

    id: str
    """Of the block, or `section_mark` for a heading."""
    unit: str
    original_hash: str
    label: str
    original: str
    before: str | None
    """What the original said when it was translated; None where it says the same or nobody knows."""
    translation: str


@dataclass(frozen=True)
class OutSection:
    """A section with the texts that go out."""

    number: str
    heading: str
    level: int
    rows: Sequence[OutRow]


def write_translation(
    sections: Sequence[OutSection],
    *,
    document_id: str,
    title: str,
    original: str,
    language: str,
    names_of_languages: tuple[str, str],
) -> bytes:
    """The texts as a two-column file; the same call gives the same bytes.

    `names_of_languages` are what the original's and the translation's language are called at the head of the columns.
    Instructions stand in both languages, where the interface has them.
    """
    file = WordFile(language=language, title=title)
    file.header = file.plain_paragraph(title, "header")
    mark = f"{names.TRANSLATION}{document_id}_{language}"
    file.add(file.paragraph(xml_text(title), "Title", marks=[mark]))
    known = dict(settings.LANGUAGES)
    for code in dict.fromkeys([language, original]):
        if code in known:
            with override(code):
                for line in _instructions():
                    file.add(_in_language(file.plain_paragraph(line, names.GUIDANCE_STYLE), code))
    for section in sections:
        heading = f"{section.number} {section.heading}".strip()
        style = f"Heading{min(section.level, 6)}"
        file.add(_in_language(file.plain_paragraph(heading, style), original))
        file.add(_table(file, section.rows, original, language, names_of_languages))
        file.add("<w:p/>")
    return file.content


def _instructions() -> list[str]:
    return [
        gettext("Write the translation in the right column. The left column is the original: leave it as it is."),
        gettext(
            "Where the original has changed since it was translated, the left column tells below the text what was "
            "removed (struck through) and what was added (underlined)."
        ),
        gettext("Bold, italics, links and footnotes come along. Do not join, split or reorder the rows."),
        gettext("When you are done, save the file as Word (.docx) and send it back."),
    ]


def _in_language(xml: str, code: str) -> str:
    """The runs of a paragraph marked as written in a language, so that Word checks their spelling by it."""
    mark = f'<w:lang w:val="{locale(code)}"/>'
    return RUN.sub(lambda found: f"<w:r><w:rPr>{found[1] or ''}{mark}</w:rPr>", xml)


def _table(file: WordFile, rows: Sequence[OutRow], original: str, language: str, languages: tuple[str, str]) -> str:
    width = TEXT_WIDTH // 2
    head = "".join(
        _cell(_in_language(file.plain_paragraph(text, "fcTableHeading"), code), width, shade="EEF1F4")
        for text, code in zip(languages, (original, language), strict=True)
    )
    out = [f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{head}</w:tr>"]
    for row in rows:
        left = _cell(_in_language(_left(file, row, original), original), width, shade="F7F7F5")
        right = _cell(_right(file, row), width)
        out.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{left}{right}</w:tr>")
    return (
        '<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="5000" w:type="pct"/><w:tblLook w:val="04A0" '
        'w:firstRow="1" w:firstColumn="0" w:lastRow="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/></w:tblPr>'
        f'<w:tblGrid><w:gridCol w:w="{width}"/><w:gridCol w:w="{width}"/></w:tblGrid>{"".join(out)}</w:tbl>'
    )


def _cell(inside: str, width: int, *, shade: str = "") -> str:
    fill = f'<w:shd w:val="clear" w:color="auto" w:fill="{shade}"/>' if shade else ""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{fill}</w:tcPr>{inside}</w:tc>'


def _left(file: WordFile, row: OutRow, original: str) -> str:
    mark = f"{names.ORIGINAL}{row.id}_{unit_mark(row.unit)}_{row.original_hash}"
    label = file.plain_paragraph(row.label, names.GUIDANCE_STYLE) if row.label else ""
    changes = ""
    if row.before is not None:
        with override(original if original in dict(settings.LANGUAGES) else "fi"):
            said = gettext("What has changed:")
        runs = file.runs(segments_of(xml_text(f"{said} "))) + _changed_runs(row.before, row.original)
        changes = f'<w:p><w:pPr><w:pStyle w:val="{names.GUIDANCE_STYLE}"/></w:pPr>{runs}</w:p>'
    return label + _paragraphs(file, row.original, mark) + changes


def _right(file: WordFile, row: OutRow) -> str:
    mark = f"{names.TRANSLATED}{row.id}_{unit_mark(row.unit)}_{text_mark(row.translation)}"
    return _paragraphs(file, row.translation, mark)


def _paragraphs(file: WordFile, html: str, mark: str) -> str:
    out = []
    file.open_list = []
    for position, row in enumerate(cell_paragraphs(html)):
        marks = [mark] if position == 0 else []
        if row.level >= 0:
            out.append(file.item(row.segments, level=row.level, ordered=row.ordered, starts=row.starts, marks=marks))
        else:
            file.open_list = []
            looks = '<w:pPr><w:pStyle w:val="fcTableText"/></w:pPr>'
            out.append(f"<w:p>{looks}{file.marked(file.runs(row.segments), marks)}</w:p>")
    return "".join(out)


def _changed_runs(before: str, after: str) -> str:
    """The words that went, struck through and in brackets, and those that came, underlined and in brackets."""
    old, new = richtext.tokens(richtext.plain(before)), richtext.tokens(richtext.plain(after))
    out: list[str] = []
    for tag, a, b, c, d in richtext.opcodes(old, new):
        if tag == "equal":
            out.append(_run("".join(new[c:d]), ""))
            continue
        if removed := "".join(old[a:b]).strip():
            out.append(_run(f"[–{removed}–] ", '<w:strike/><w:color w:val="8A1C1C"/>'))
        if added := "".join(new[c:d]).strip():
            out.append(_run(f"[+{added}+] ", '<w:b/><w:color w:val="1C5A2E"/><w:u w:val="single"/>'))
    return "".join(out)


def _run(text: str, looks: str) -> str:
    properties = f"<w:rPr>{looks}</w:rPr>" if looks else ""
    return f'<w:r>{properties}<w:t xml:space="preserve">{xml_text(text)}</w:t></w:r>'


# --- In -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FileRow:
    """One text as it came back."""

    id: str
    unit: str
    """As `unit_mark` writes it."""
    original_hash: str
    """Of the original that its translator was shown; empty where the left column's mark is gone."""
    exported: str
    """`text_mark` of the translation that the file went out with; empty where the right column's mark is gone."""
    running: str
    """The translation as running text."""
    cell: str
    """The same as a table's cell may hold it, with lists."""
    original_words: str
    """The plain words of the left column, to see whether somebody wrote there."""


@dataclass
class TranslatedFile:
    """A translator's file, read."""

    document_id: str
    language: str
    rows: list[FileRow] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)
    """Words in rows of two columns that have lost their marks."""
    tracked_changes: int = 0
    comments: int = 0


def read_translation(content: bytes) -> TranslatedFile:
    """Read a file that `write_translation` made and a translator has filled. Tracked changes count as accepted.

    Raises ValidationError as `guard.open_package` does, and `not_translation` for another file.
    """
    return _Reader(open_package(content)).read()


def _part(package: Package, kind: str) -> etree._Element | None:
    part = package.related(kind)
    return package.xml(part) if part else None


class _Reader:
    def __init__(self, package: Package) -> None:
        self.package = package
        self.styles = Styles(_part(package, "styles"))
        body = find(package.xml(package.main), "w:body")
        self.body = body if body is not None else etree.Element(name("w:body"))
        self.tracked = count_changes(self.body).count
        settle(self.body, accepted=True)
        notes: dict[str, dict[str, etree._Element]] = {}
        for kind, tag in (("footnotes", "w:footnote"), ("endnotes", "w:endnote")):
            part = _part(package, kind)
            if part is not None:
                settle(part, accepted=True)
                notes[kind] = {
                    row.get(name("w:id")) or "": row
                    for row in part.iterfind(name(tag))
                    if (row.get(name("w:type")) or "normal") == "normal"
                }
        self.numbering = Numbering(_part(package, "numbering"), self.styles)
        self.inline = InlineReader(package, package.main, self.styles, notes)

    def read(self) -> TranslatedFile:
        marks = self.body.iter(name("w:bookmarkStart"))
        own = next((found for mark in marks if (found := FILE_MARK.fullmatch(_name_of(mark)))), None)
        if own is None:
            raise ValidationError(
                gettext(
                    "This is not a file for translating that was downloaded from here. Choose the file that the "
                    "translator sent back."
                ),
                code="not_translation",
            )
        comments = _part(self.package, "comments")
        file = TranslatedFile(
            document_id=own[1],
            language=own[2],
            tracked_changes=self.tracked,
            comments=0 if comments is None else len(comments.findall(name("w:comment"))),
        )
        seen: set[tuple[str, str]] = set()
        for row in self.body.iter(TR):
            cells = [cell for cell in row.iter(TC) if next(cell.iterancestors(TR)) is row]
            if len(cells) < 2:
                continue
            self._row(row, cells, file, seen)
        return file

    def _row(
        self, row: etree._Element, cells: list[etree._Element], file: TranslatedFile, seen: set[tuple[str, str]]
    ) -> None:
        written = [_name_of(mark) for mark in row.iter(name("w:bookmarkStart"))]
        left = next((found for mark in written if (found := LEFT_MARK.match(mark))), None)
        right = next((found for mark in written if (found := RIGHT_MARK.match(mark))), None)
        found = left or right
        running, cell = self._translation(cells[-1])
        if found is None or (found[1], found[2]) in seen:
            is_head = find(row, "w:trPr/w:tblHeader") is not None
            if running and not is_head:
                file.strays.append(richtext.plain(running))
            return
        seen.add((found[1], found[2]))
        file.rows.append(
            FileRow(
                id=found[1],
                unit=found[2],
                original_hash=left[3] if left else "",
                exported=right[3] if right and right[1] == found[1] and right[2] == found[2] else "",
                running=running,
                cell=cell,
                original_words=" ".join(self._original(cells[0])),
            )
        )

    def _original(self, cell: etree._Element) -> Iterator[str]:
        for paragraph in cell.iter(P):
            if not self.styles.is_guidance(value(paragraph, "w:pPr/w:pStyle")):
                yield from raw_text(paragraph).split()

    def _translation(self, cell: etree._Element) -> tuple[str, str]:
        paragraphs = [row for paragraph in cell.iter(P) if (row := self._paragraph(paragraph)) is not None]
        running = richtext.sanitise("<br>".join(html for _level, _ordered, html in paragraphs))
        if len(paragraphs) == 1 and paragraphs[0][0] < 0:
            return running, richtext.sanitise(paragraphs[0][2], cell=True)
        return running, richtext.sanitise(_with_lists(paragraphs), cell=True)

    def _paragraph(self, paragraph: etree._Element) -> tuple[int, bool, str] | None:
        """Level in a list (-1: none), whether it is numbered, and its inline HTML; None for an empty one."""
        inside: Inside = self.inline.read(paragraph)
        html = segments_to_html(with_notes_at_words(inside.segments))
        if not html:
            return None
        properties = find(paragraph, "w:pPr")
        place = self.numbering.place(properties)
        if place is None:
            return -1, False, html
        return place.level, place.ordered, html


def _name_of(mark: etree._Element) -> str:
    return mark.get(name("w:name")) or ""


def _with_lists(paragraphs: Sequence[tuple[int, bool, str]]) -> str:
    out: list[str] = []
    open_lists: list[str] = []

    def close(depth: int) -> None:
        while len(open_lists) > depth:
            out.append(f"</li></{open_lists.pop()}>")

    for wanted, ordered, html in paragraphs:
        if wanted < 0:
            close(0)
            out.append(f"<p>{html}</p>")
            continue
        level, tag = min(integer(str(wanted)), len(open_lists)), "ol" if ordered else "ul"
        close(level + 1)
        if len(open_lists) > level and open_lists[level] != tag:
            close(level)
        if len(open_lists) > level:
            out.append("</li><li>")
        else:
            out.append(f"<{tag}><li>")
            open_lists.append(tag)
        out.append(html)
    close(0)
    return "".join(out)
