"""A frozen version as a Word file with real styles, which imports back with the same block ids."""

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from django.conf import settings
from django.utils.translation import gettext, override

from documents import kinds
from documents.blocks import FIGURE, HEADING, LIST_ITEM, QUOTE, TABLE, TABLE_ROW, Block
from documents.frozen import Frozen
from documents.html import MAX_LIST_DEPTH
from documents.richtext import plain
from documents.translation import only_in
from documents.word import names
from documents.word.building import TextOf, WordFile
from documents.word.runs import in_language, segments_of, written_words, xml_text

DEEPEST_HEADING = 6
PAGE_BREAK = f'<w:p><w:pPr><w:pStyle w:val="{names.COVER_STYLE}"/></w:pPr><w:r><w:br w:type="page"/></w:r></w:p>'
Lines = Callable[[Block], list[tuple[str, str]]]
"""A structured block as pairs of label and inline HTML, its own title first."""


@dataclass(frozen=True)
class CommentCopy:
    """What makes a version's file one for comments."""

    front: Sequence[tuple[str, bool]]
    """The first page: lines of inline HTML, and whether each is a heading."""
    numbers: Mapping[str, str]
    """Block id -> the number printed before it."""
    version: str
    """The beginning of the version's SHA-256, by which a file of another version is known."""


def write_version(
    frozen: Frozen,
    *,
    language: str,
    image_bytes: Callable[[str], bytes],
    version_label: str,
    draft: bool,
    date: datetime.date | None = None,
    structured: Lines | None = None,
    copy: CommentCopy | None = None,
) -> bytes:
    """The version in one language as a Word file; the same version gives the same bytes.

    `image_bytes` answers a stored file's key with its bytes. `date` is printed beside the version. Structured blocks
    are told by their registered kind unless `structured` is given. A text that the language lacks is shown in the
    original's, marked as such; read again it is no translation as long as nobody touched it. With `copy` the file is
    one for comments: a first page, numbers before the texts, and changes are tracked.
    """
    with override(language if language in dict(settings.LANGUAGES) else "fi"):
        return _written(frozen, language, image_bytes, version_label, draft, date, structured, copy)


def _written(
    frozen: Frozen,
    language: str,
    image_bytes: Callable[[str], bytes],
    version_label: str,
    draft: bool,
    date: datetime.date | None,
    structured: Lines | None,
    copy: CommentCopy | None,
) -> bytes:
    original = next(iter(frozen.document.get("languages", ())), language)
    title = _in(frozen.document.get("title", {}), language)
    is_sample = bool(frozen.document.get("is_sample"))
    printed_date = f"{date.day}.{date.month}.{date.year}" if date else ""
    draft_mark = gettext("DRAFT") if draft else ""
    sample_mark = gettext("Sample text – not an official document") if is_sample else ""
    file = WordFile(language=language, title=title, tracks_changes=copy is not None)
    lines = structured or _registered_lines(frozen, language, original)
    numbers = copy.numbers if copy else {}
    writer = BlockWriter(file, language, image_bytes, lines, fallback=original, numbers=numbers)
    file.header = _header(file, draft_mark, [version_label, printed_date], title, sample_mark)
    if copy:
        for place, (line, is_heading) in enumerate(copy.front):
            style = names.COVER_HEADING_STYLE if is_heading else names.COVER_TEXT_STYLE
            marks = [names.VERSION + copy.version] if place == 0 else []
            file.add(file.paragraph(line, style, marks=marks))
        file.add(PAGE_BREAK)
    title_language = _borrowed(frozen.document.get("title", {}), language)
    file.add(file.paragraph(xml_text(title), "Title", lang=title_language))
    region = _in(frozen.document.get("region", {}).get("name", {}), language)
    version = " · ".join(part for part in (version_label, printed_date) if part)
    gap_note = only_in(original) if frozen.is_partly_untranslated(language) else ""
    for cover_line in (region, version, draft_mark, sample_mark, gap_note):
        if cover_line:
            file.add(file.plain_paragraph(cover_line, names.COVER_STYLE))
    for section in frozen.sections:
        write_heading(
            file,
            section.key,
            section.heading_in(language),
            level=section.depth,
            number=section.number,
            lang=_borrowed(section.heading, language),
        )
        writer.write(section.blocks, depth=section.depth)
    return file.content


def _in(texts: dict[str, str], language: str) -> str:
    return texts.get(language) or next((text for text in texts.values() if text), "")


def _borrowed(texts: Mapping[str, str], language: str) -> str:
    """The language that a title or heading is shown in, where that is another one than the file's."""
    return "" if texts.get(language) else next((code for code, text in texts.items() if text), "")


def _registered_lines(frozen: Frozen, language: str, original: str) -> Lines:
    def lines(block: Block) -> list[tuple[str, str]]:
        kind = kinds.block_kind(block.kind)
        filled = _with_original(block, language, original)
        return kind.lines(filled, frozen.resolved.get(block.id, {}), language) if kind else []

    return lines


def _with_original(block: Block, language: str, original: str) -> Block:
    """A structured block whose missing texts stand in the original's language, marked as such."""

    def filled(texts: Mapping[str, str]) -> dict[str, str]:
        if texts.get(language) or not texts.get(original):
            return dict(texts)
        return {**texts, language: f'<span lang="{escape(original)}">{texts[original]}</span>'}

    return replace(block, text={unit: filled(texts) for unit, texts in block.text.items()})


def _header(file: WordFile, draft_mark: str, version: Sequence[str], title: str, sample_mark: str) -> str:
    """The running head: a band with the word for draft, the version and its date, or the title and the version."""
    band = '<w:shd w:val="clear" w:color="auto" w:fill="F3E2B3"/>' if draft_mark else ""
    parts = [draft_mark, *version] if draft_mark else [title, version[0]]
    bold = "<w:rPr><w:b/></w:rPr>" if draft_mark else ""
    looks = f'<w:pPr><w:pStyle w:val="header"/>{band}</w:pPr>'
    text = xml_text(" · ".join(part for part in parts if part))
    header = f'<w:p>{looks}<w:r>{bold}<w:t xml:space="preserve">{text}</w:t></w:r></w:p>'
    return header + (file.plain_paragraph(sample_mark, "header") if sample_mark else "")


def write_heading(file: WordFile, key: str, heading: str, *, level: int, number: str = "", lang: str = "") -> None:
    """A section's heading with the hidden name of the section. `lang` is its language where not the file's."""
    before = f"<w:r><w:t>{xml_text(number)}</w:t></w:r><w:r><w:tab/></w:r>" if number else ""
    style = f"Heading{min(level, DEEPEST_HEADING)}"
    marks = [names.SECTION + names.section_name(key)]
    file.add(file.paragraph(escape(heading, quote=False), style, marks=marks, before=before, lang=lang))


class BlockWriter:
    """Writes blocks of one language to a file; what it lacks in `fallback`, or not at all."""

    def __init__(
        self,
        file: WordFile,
        language: str,
        image_bytes: Callable[[str], bytes],
        structured: Lines,
        *,
        fallback: str = "",
        numbers: Mapping[str, str] | None = None,
    ) -> None:
        self.numbers = numbers or {}
        self.file = file
        self.text = TextOf(language, fallback)
        self.image_bytes = image_bytes
        self.structured = structured

    def write(self, blocks: Iterable[Block], *, depth: int) -> None:
        """The blocks of a section that stands at `depth`."""
        rows: list[Block] = []
        table: Block | None = None
        for block in blocks:
            if block.kind == TABLE_ROW:
                rows.append(block)
                continue
            self._table(table, rows)
            table, rows = (block if block.kind == TABLE else None), []
            if block.kind != TABLE:
                self._block(block, depth)
        self._table(table, rows)
        self.file.open_list = []

    def _block(self, block: Block, depth: int) -> None:
        file = self.file
        if not block.is_text:
            self._structured(block)
            return
        if block.kind == FIGURE:
            self._figure(block)
            return
        if not self.text.has_any(block):
            return
        html, lang = self.text(block), self.text.borrowed(block)
        marks = [names.BLOCK + block.id, *self._untranslated(written_words(html), lang)]
        number = file.number(self.numbers.get(block.id, ""))
        if block.kind == LIST_ITEM:
            level = min(int(block.data.get("level", 0)), MAX_LIST_DEPTH)
            ordered, starts = bool(block.data.get("ordered")), bool(block.data.get("starts"))
            segments = in_language(segments_of(html), lang)
            item = file.item(segments, level=level, ordered=ordered, starts=starts, marks=marks, before=number)
            file.body.append(item)
        elif block.kind == HEADING:
            style = f"Heading{min(DEEPEST_HEADING, depth + int(block.data.get('level', 1)))}"
            file.add(file.paragraph(html, style, marks=marks, before=number, lang=lang))
        else:
            style = "Quote" if block.kind == QUOTE else ""
            file.add(file.paragraph(html, style, marks=marks, before=number, lang=lang))

    def _untranslated(self, words: str, lang: str) -> list[str]:
        return [self.file.fallback_mark(words)] if lang else []

    def _caption(self, block: Block, style: str) -> None:
        caption, lang = self.text(block, "caption"), self.text.borrowed(block, "caption")
        if caption:
            marks = self._untranslated(written_words(caption), lang)
            self.file.add(self.file.paragraph(caption, style, marks=marks, lang=lang))

    def _figure(self, block: Block) -> None:
        content = self.image_bytes(str(block.data.get("file", "")))
        alt = plain(block.get("alt", self.text.language) if block.is_decorative else self.text(block, "alt"))
        lang = self.text.borrowed(block, "alt") if alt else ""
        marks = [names.BLOCK + block.id, *self._untranslated(alt, lang)]
        self.file.add(self.file.picture(content, alt, marks=marks, decorative=block.is_decorative and not alt))
        self._caption(block, "Caption")

    def _table(self, table: Block | None, rows: Sequence[Block]) -> None:
        if not rows:
            return
        table = table or Block(id="", kind=TABLE)
        self._caption(table, "fcTableCaption")
        self.file.add(self.file.table(table, rows, text=self.text))
        self.file.add("<w:p/>")

    def _structured(self, block: Block) -> None:
        """A goal, an action or the like as a small table of labels and words."""
        language = self.text.language
        rows = [
            Block(
                id="",
                kind=TABLE_ROW,
                text={"label": {language: escape(str(label), quote=False)}, "text": {language: words}},
            )
            for label, words in self.structured(block)
            if words
        ]
        if not rows:
            return
        table = Block(id="", kind=TABLE, data={"columns": ["label", "text"], "head_column": True})
        self.file.add(self.file.table(table, rows, text=TextOf(language), structured=block.id))
        self.file.add("<w:p/>")
