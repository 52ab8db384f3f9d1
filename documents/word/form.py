"""Templates and handbooks as fillable Word forms, which come back without guessing.

Each section has its heading, its guidance in grey and one answer area: a content control that names the section. What
was written in earlier is in the area with its hidden ids, so a form that goes out twice comes back as the same blocks.
A table among the guidance is what an empty answer begins with: it stands in the area, to be filled in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import takewhile

from django.conf import settings
from django.utils.translation import gettext, override

from documents.blocks import FIGURE, LIST_ITEM, TABLE, TABLE_ROW, Block
from documents.html import Incoming, parse
from documents.richtext import plain
from documents.word import names
from documents.word.building import WordFile
from documents.word.runs import xml_text
from documents.word.writer import BlockWriter, write_heading


@dataclass(frozen=True)
class FormSection:
    """A section as the form shows it, in one language."""

    key: str
    heading: str
    level: int = 1
    number: str = ""
    asks: bool = True
    """Whether it is answered; a heading over other sections may not be."""


def placeholder() -> str:
    """What stands in an answer area that nobody has written in."""
    return gettext("Write the answer here.")


@lru_cache(maxsize=1)
def placeholder_texts() -> frozenset[str]:
    """The same in every language that a form may have been written in."""
    texts = set()
    for language, _name in settings.LANGUAGES:
        with override(language):
            texts.add(" ".join(placeholder().split()))
    return frozenset(texts)


def write_form(
    sections: Sequence[FormSection],
    *,
    title: str,
    language: str,
    guidance: Mapping[str, str],
    answers: Mapping[str, Sequence[Block]] | None = None,
    image_bytes: Callable[[str], bytes] = lambda key: b"",
) -> bytes:
    """The sections, in reading order, as a form in one language; the same call gives the same bytes.

    `guidance` is HTML by section key, `answers` the blocks that are already there. Structured blocks are not shown:
    they have forms of their own in the browser.
    """
    with override(language if language in dict(settings.LANGUAGES) else "fi"):
        return _written(sections, title, language, guidance, answers or {}, image_bytes)


def _written(
    sections: Sequence[FormSection],
    title: str,
    language: str,
    guidance: Mapping[str, str],
    answers: Mapping[str, Sequence[Block]],
    image_bytes: Callable[[str], bytes],
) -> bytes:
    file = WordFile(language=language, title=title)
    file.header = file.plain_paragraph(title, "header")
    writer = BlockWriter(file, language, image_bytes, lambda block: [])
    file.add(file.plain_paragraph(title, "Title"))
    for section in sections:
        write_heading(file, section.key, section.heading, level=section.level, number=section.number)
        asked = parse(guidance.get(section.key, ""))
        _write_guidance(file, section, [row for row in asked if row.kind not in {TABLE, TABLE_ROW}])
        if section.asks:
            tables = [row for row in asked if row.kind in {TABLE, TABLE_ROW}]
            _write_answer(file, writer, section, answers.get(section.key, ()), tables)
    return file.content


def _write_guidance(file: WordFile, section: FormSection, blocks: Sequence[Incoming]) -> None:
    """The guidance, each paragraph marked by its words, so that text typed among it is seen."""
    paragraphs = []
    for block in blocks:
        text = " ".join(words for words in block.text.values() if words)
        dash = names.GUIDANCE_DASH if block.kind == LIST_ITEM else ""
        words = f"{dash}{plain(text)}"
        if not words:
            continue
        # The same line may stand in many sections, but a bookmark's name only once in a file.
        mark = f"{names.GUIDANCE}{names.digest(words)}_{file.controls}"
        paragraphs.append(file.paragraph(escape(words, quote=False), names.GUIDANCE_STYLE, marks=[mark]))
    if paragraphs:
        file.add(_control(file, names.GUIDANCE_TAG, section, gettext("Guidance")) + "".join(paragraphs) + CONTROL_END)


def _write_answer(
    file: WordFile, writer: BlockWriter, section: FormSection, blocks: Sequence[Block], tables: Sequence[Incoming]
) -> None:
    is_empty = not any(block.kind == FIGURE or (block.is_text and writer.text.has_any(block)) for block in blocks)
    file.add(_control(file, names.ANSWER_TAG, section, section.heading, is_empty=is_empty and not tables))
    if is_empty and tables:
        _write_given_tables(file, writer, tables)
        file.add(CONTROL_END)
        return
    if not is_empty:
        writer.write([block for block in blocks if block.is_text], depth=section.level)
        file.add(CONTROL_END)
        return
    words = xml_text(placeholder())
    run = f'<w:r><w:rPr><w:rStyle w:val="{names.PLACEHOLDER_STYLE}"/></w:rPr><w:t>{words}</w:t></w:r>'
    file.add(f"<w:p>{run}</w:p>{CONTROL_END}")


def _write_given_tables(file: WordFile, writer: BlockWriter, incoming: Sequence[Incoming]) -> None:
    """Tables to be filled in, each row with words marked by them, so that a table nobody touched is known again."""
    language = writer.text.language
    blocks = [
        Block(id="", kind=row.kind, text={unit: {language: html} for unit, html in row.text.items()}, data=row.data)
        for row in incoming
    ]
    for start, table in enumerate(blocks):
        if table.kind != TABLE:
            continue
        rows = list(takewhile(lambda row: row.kind == TABLE_ROW, blocks[start + 1 :]))
        words = [" ".join(plain(texts[language]) for texts in row.text.values()) for row in rows]
        marks = {
            place: f"{names.GIVEN}{names.digest(text)}_{file.controls}_{start + place}"
            for place, text in enumerate(words)
            if text.strip()
        }
        file.add(file.table(table, rows, text=writer.text, marks=marks))
        file.add("<w:p/>")


CONTROL_END = "</w:sdtContent></w:sdt>"


def _control(file: WordFile, tag: str, section: FormSection, label: str, *, is_empty: bool = False) -> str:
    """The start of a content control around blocks. An answer's control cannot be deleted by accident."""
    file.controls += 1
    is_answer = tag == names.ANSWER_TAG
    return (
        f'<w:sdt><w:sdtPr><w:alias w:val="{xml_text(label[:60])}"/>'
        f'<w:tag w:val="{tag}{xml_text(names.section_name(section.key))}"/><w:id w:val="{file.controls}"/>'
        + ('<w:lock w:val="sdtLocked"/>' if is_answer else "")
        + ("<w:showingPlcHdr/>" if is_empty else "")
        + "</w:sdtPr><w:sdtContent>"
    )
