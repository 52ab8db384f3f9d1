"""A version in one language as its Word file shows it: what a returned file is held against."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from documents import kinds, richtext
from documents.blocks import FIGURE, HEADING, LIST_ITEM, PARAGRAPH, QUOTE, TABLE, TABLE_ROW, Block
from documents.frozen import Frozen
from documents.word import names
from documents.word.runs import cell_paragraphs

NUMBERED = frozenset({PARAGRAPH, HEADING, LIST_ITEM, QUOTE})


def numbers_of(frozen: Frozen) -> dict[str, str]:
    """Block id -> its number in a file for comments: texts are counted through the whole version, in any language."""
    texts = (block for block in frozen.blocks() if block.kind in NUMBERED)
    return {block.id: str(number) for number, block in enumerate(texts, 1)}


def letters(text: str) -> str:
    """What two texts are compared by where spaces mean nothing."""
    return "".join(text.split())


class Shown:
    """The places of a version and the words that stood at each in the file that went out."""

    def __init__(self, frozen: Frozen, language: str) -> None:
        self.frozen = frozen
        self.language = language
        self.original = next(iter(frozen.document.get("languages", ())), language)
        self.blocks: dict[str, Block] = {}
        self.section_of: dict[str, str] = {}
        self.table_of: dict[str, str] = {}
        """Row -> its table."""
        self.rows_of: dict[str, list[str]] = {}
        table = ""
        for section in frozen.sections:
            for block in section.blocks:
                self.blocks[block.id] = block
                self.section_of[block.id] = section.key
                table = block.id if block.kind == TABLE else table if block.kind == TABLE_ROW else ""
                if block.kind == TABLE:
                    self.rows_of[block.id] = []
                elif block.kind == TABLE_ROW and table:
                    self.table_of[block.id] = table
                    self.rows_of[table].append(block.id)
        self.order = list(self.blocks)
        self.sections = {section.key: section for section in frozen.sections}
        self.section_names = {names.section_name(key): key for key in self.sections}
        self.numbers = numbers_of(frozen)

    def html(self, block: Block, unit: str) -> str:
        """The words as they were shown: in the original's language where this one has none."""
        return block.get(unit, self.language) or block.get(unit, self.original)

    def is_borrowed(self, block: Block, unit: str) -> bool:
        return not block.get(unit, self.language) and bool(block.get(unit, self.original))

    def columns(self, table_id: str) -> list[str]:
        table = self.blocks[table_id]
        columns = list(table.data.get("columns", ()))
        rows = (self.blocks[row] for row in self.rows_of[table_id])
        return columns or list(dict.fromkeys(key for row in rows for key in row.text))

    def is_in_file(self, block: Block) -> bool:
        """Whether the file has anything of the block at all."""
        if not block.is_text:
            return bool(self.lines(block))
        if block.kind == TABLE:
            return bool(self.rows_of[block.id])
        if block.kind == TABLE_ROW:
            return block.id in self.table_of
        if block.kind == FIGURE:
            return True
        return any(richtext.plain(self.html(block, unit)) for unit in block.text)

    def lines(self, block: Block) -> list[tuple[str, str]]:
        """A structured block as the rows of its table: label and inline HTML."""
        kind = kinds.block_kind(block.kind)
        told = kind.lines(block, self.frozen.resolved.get(block.id, {}), self.language) if kind else []
        return [(label, words) for label, words in told if words]

    def unit_of_line(self, block: Block, words: str) -> str:
        """The unit whose words a row of a structured block shows as they are; empty for what is told otherwise."""
        same = [unit for unit in block.text if block.get(unit, self.language) == words]
        return same[0] if len(same) == 1 else ""

    @cached_property
    def letters_of(self) -> dict[str, str]:
        """Block id -> its letters without spaces and notes, for texts that stand in a paragraph or a row."""
        return {block_id: self._letters(block) for block_id, block in self.blocks.items()}

    def _letters(self, block: Block) -> str:
        if not block.is_text:
            return letters("".join(f"{label}{richtext.plain(words)}" for label, words in self.lines(block)))
        if block.kind in {TABLE, FIGURE}:
            return ""
        units: Sequence[str] = list(block.text)
        if block.kind == TABLE_ROW and block.id in self.table_of:
            units = self.columns(self.table_of[block.id])
        return letters("".join(_without_notes(self.html(block, unit)) for unit in units))

    @cached_property
    def headings(self) -> Mapping[str, str]:
        """Letters of a section's heading, with and without its number -> the section's key, where only one has them."""
        found: dict[str, list[str]] = {}
        for key, section in self.sections.items():
            heading = letters(section.heading_in(self.language))
            for text in {heading, letters(section.number) + heading}:
                found.setdefault(text, []).append(key)
        return {text: keys[0] for text, keys in found.items() if len(keys) == 1 and text}


def _without_notes(html: str) -> str:
    return "".join(segment.text for paragraph in cell_paragraphs(html) for segment in paragraph.segments)
