"""What there is to translate in a text, part by part, and what changed in it since it was translated.

A translator works with parts: a paragraph, a table's cell, a goal's title. A part is written either as running text
with its emphasis and links, or, where a form can show no more, as plain lines.
"""

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from html import escape
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import formats, timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from documents import kinds, richtext
from documents.blocks import (
    BEHIND,
    FIGURE,
    HEADING,
    LIST_ITEM,
    MISSING,
    QUOTE,
    TABLE,
    TABLE_ROW,
    Block,
    lacks_translation,
    original_hash,
    translation_state,
)
from documents.difference import mark_words
from documents.models import Document, Revision, Section
from documents.word.runs import cell_paragraphs

RICH, LINES, LINE = "rich", "lines", "line"
"""How a part is written: with emphasis and links, as plain lines, as one plain line."""
NEWEST_REVISIONS = 2_000
"""How far back an earlier original is looked for. What is older still is told without its words."""
MOST_SOUGHT = 40
"""How many blocks that have come from other sections are looked for in the history of all."""
NESTED = re.compile(r"<(?:p|ul|ol|li)>")
ITEM = re.compile(r"^( *)([-–•]|\d{1,3}[.)]) +(.*)$")


# --- Parts of a block as they are written -------------------------------------------------------------


def way_of_writing(block: Block, unit: str) -> str:
    if not block.is_text:
        return LINES
    if block.kind == FIGURE and unit == "alt":
        return LINE
    if block.kind == TABLE_ROW and any(NESTED.search(html) for html in block.text.get(unit, {}).values()):
        return LINES
    return RICH


def as_written(html: str, way: str) -> str:
    """A stored text as its box shows it. Items of a cell's list begin with a dash or a number."""
    if way == RICH:
        return html
    if way == LINE:
        return richtext.plain(html)
    lines: list[str] = []
    count = 0
    for paragraph in cell_paragraphs(html):
        text = "".join(f" [{richtext.plain(row.note)}]" if row.note else row.text for row in paragraph.segments)
        if paragraph.level < 0:
            lines += text.split("\n")
            count = 0
            continue
        count = count + 1 if paragraph.ordered else 0
        sign = f"{count}." if paragraph.ordered else "-"
        lines.append(f"{'  ' * paragraph.level}{sign} {' '.join(text.split())}")
    return "\n".join(lines)


def from_written(value: str, way: str, block: Block) -> str:
    """What was written in a box as it is stored: sanitised and canonical."""
    value = richtext.storable(value)
    if way == RICH:
        return richtext.sanitise(value)
    if way == LINE:
        return richtext.sanitise(escape(" ".join(value.split()), quote=False))
    lines = value.strip().splitlines()
    if block.kind == TABLE_ROW:
        return richtext.sanitise(_with_lists(lines), cell=True)
    return richtext.sanitise("<br>".join(escape(line.strip(), quote=False) for line in lines))


def _with_lists(lines: Iterable[str]) -> str:
    out: list[str] = []
    open_lists: list[str] = []

    def close(depth: int) -> None:
        while len(open_lists) > depth:
            out.append(f"</li></{open_lists.pop()}>")

    for line in lines:
        found = ITEM.match(line)
        if found is None:
            close(0)
            out.append(f"<p>{escape(line.strip(), quote=False)}</p>" if line.strip() else "")
            continue
        level = min(len(found[1]) // 2, len(open_lists))
        tag = "ol" if found[2][0].isdigit() else "ul"
        close(level + 1)
        if len(open_lists) > level and open_lists[level] != tag:
            close(level)
        out.append("</li><li>" if len(open_lists) > level else f"<{tag}><li>")
        if len(open_lists) == level:
            open_lists.append(tag)
        out.append(escape(found[3].strip(), quote=False))
    close(0)
    return "".join(out)


def units_to_translate(block: Block, language: str, original: str) -> list[str]:
    """The units that have words in either language, in their order."""
    kind = kinds.block_kind(block.kind)
    known = list(kind.labels) if kind else []
    units = [unit for unit, texts in block.text.items() if texts.get(original) or texts.get(language)]
    return sorted(units, key=lambda unit: known.index(unit) if unit in known else len(known))


# --- What the original said -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """The original as a translator was shown it."""

    block: Block
    since: datetime.datetime
    """When it last still read so."""
    changed_at: datetime.datetime | None
    """When it was changed; None where that is not known."""


def seen_originals(document: Document, wanted: Mapping[str, str]) -> dict[str, Seen]:
    """For blocks whose translation is behind (id -> hash of the original it was made from): what that original said.

    Reads revisions from the newest backwards and only as far as it must: those of the sections where the blocks stand,
    and for blocks that have come from elsewhere, in one more query, the others.
    """
    found: dict[str, Seen] = {}
    later: dict[str, datetime.datetime] = {}
    for rows in (revisions_of_blocks, _revisions_elsewhere):
        left = [block_id for block_id in wanted if block_id not in found]
        if not left:
            break
        for content, created_at in rows(document, left):
            for raw in content:
                block_id = raw["id"]
                if block_id not in wanted or block_id in found:
                    continue
                block = Block.from_json(raw)
                if original_hash(block, document.original) == wanted[block_id]:
                    found[block_id] = Seen(block, created_at, later.get(block_id))
                else:
                    later[block_id] = created_at
            if len(found) == len(wanted):
                break
    return found


Rows = Iterable[tuple[list[dict[str, Any]], datetime.datetime]]


def revisions_of_blocks(document: Document, ids: Sequence[str]) -> Rows:
    """The revisions of the sections where these blocks stand, the newest first: content and time, in one query."""
    homes = document.block_identities.filter(block_id__in=ids).values("section_id")
    return _newest(document.revisions.filter(section_id__in=homes))


def _revisions_elsewhere(document: Document, ids: Sequence[str]) -> Rows:
    names = [Q(raw__contains=block_id) for block_id in ids[:MOST_SOUGHT]]
    return _newest(document.revisions.annotate(raw=Cast("content", TextField())).filter(reduce(or_, names)))


def _newest(revisions: QuerySet[Revision]) -> Rows:
    """Content and time, the newest first; what never was a section's text is left out."""
    rows = revisions.filter(is_side=False).order_by("-pk").values_list("content", "created_at")
    return rows[:NEWEST_REVISIONS].iterator(chunk_size=40)


def behind_hashes(blocks: Iterable[Block], language: str, original: str) -> dict[str, str]:
    """Blocks with words in the language that were made from another original, and the hash of that."""
    return {
        block.id: block.shown[language]
        for block in blocks
        if block.shown.get(language) and block.shown[language] != original_hash(block, original)
    }


# --- Pairs ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hint:
    """A word of the region's glossary that stands in the original, and how it is said in the other language."""

    word: str
    translation: str
    note: str = ""


@dataclass(frozen=True)
class Part:
    """One unit of a block: its original on the left, its translation on the right."""

    block_id: str
    unit: str
    label: str
    """What it is called beside the block's other units; empty where it is the only one."""
    title: str
    """What it is called among all boxes of the page."""
    original: SafeString
    changed: SafeString | None
    """The original with the words marked that changed since it was translated; None where nothing did."""
    stored: str
    """The translation, as HTML."""
    value: str
    """What stands in the box."""
    way: str
    missing: bool
    copied: bool = False
    """The box holds the original as a starting point, which is no translation until somebody makes it one."""

    @property
    def field(self) -> str:
        return field_name(self.block_id, self.unit)

    @property
    def copied_field(self) -> str:
        return copied_name(self.block_id, self.unit)

    @property
    def rows(self) -> int:
        """Lines of a plain box."""
        return min(12, max(2, self.value.count("\n") + 1, len(self.value) // 60 + 1))


def field_name(block_id: str, unit: str) -> str:
    """The box of a part, as it is sent."""
    return f"t-{block_id}-{unit}"


def copied_name(block_id: str, unit: str) -> str:
    """Says of a box that it was filled with the original."""
    return f"copied-{block_id}-{unit}"


@dataclass(frozen=True)
class Pair:
    """A block beside its translation."""

    block: Block
    number: int
    label: str
    state: str
    parts: list[Part]
    seen: Seen | None = None
    since: str = ""
    """In words: from when on the original has been another."""
    hints: Sequence[Hint] = ()
    picture: str = ""
    nearby: Sequence[tuple[str, str]] = ()
    """Where it stands in this language alone: the untranslated texts around it, (id, what it is called)."""

    @property
    def id(self) -> str:
        return self.block.id

    @property
    def may_confirm(self) -> bool:
        return self.state == BEHIND

    @property
    def left(self) -> bool:
        return self.state in {MISSING, BEHIND}

    @property
    def is_partly_missing(self) -> bool:
        return self.state == MISSING and any(part.stored for part in self.parts)

    @property
    def beginning(self) -> str:
        words = " ".join(richtext.plain(part.original) for part in self.parts).split()
        return " ".join(words[:14]) + (" …" if len(words) > 14 else "")


@dataclass(frozen=True)
class Written:
    """What a translator has in the boxes now, where that is not what is stored."""

    values: Mapping[tuple[str, str], str] = field(default_factory=dict)
    copied: frozenset[tuple[str, str]] = frozenset()


def pairs_of(
    blocks: Sequence[Block],
    language: str,
    *,
    original: str,
    resolved: Mapping[str, Mapping[str, Any]],
    seen: Mapping[str, Seen],
    written: Written | None = None,
    hints: Mapping[str, Sequence[Hint]] | None = None,
) -> list[Pair]:
    """The blocks of a section that have words in either language, each beside its translation."""
    written = written or Written()
    pairs: list[Pair] = []
    heads: dict[str, str] = {}
    for block in blocks:
        if block.kind == TABLE:
            heads = {}
        units = units_to_translate(block, language, original)
        if not units:
            continue
        earlier = seen.get(block.id)
        state = translation_state(block, language, original=original)
        number, label = len(pairs) + 1, label_of(block, resolved)
        name = f"{number}. {label}"
        parts = [_part(block, unit, name, language, original, earlier, written, heads) for unit in units]
        if block.kind == TABLE_ROW and block.data.get("head"):
            heads = {unit: richtext.plain(texts.get(original, "")) for unit, texts in block.text.items()}
        pairs.append(
            Pair(
                block=block,
                number=number,
                label=label,
                state=state,
                parts=parts,
                seen=earlier,
                since=changed_since(original, earlier.since) if earlier else "",
                hints=(hints or {}).get(block.id, ()),
            )
        )
    return pairs


def _part(
    block: Block,
    unit: str,
    name: str,
    language: str,
    original: str,
    seen: Seen | None,
    written: Written,
    heads: Mapping[str, str],
) -> Part:
    cell = block.kind == TABLE_ROW
    html, stored = block.get(unit, original), block.get(unit, language)
    way = way_of_writing(block, unit)
    place = (block.id, unit)
    before = seen.block.get(unit, original) if seen else html
    label = unit_label(block, unit, heads)
    return Part(
        block_id=block.id,
        unit=unit,
        label=label,
        title=f"{name}, {label}" if label else name,
        original=mark_safe(richtext.sanitise(html, cell=cell)),  # noqa: S308 sanitised
        changed=mark_words(before, html, cell=cell) if before != html else None,
        stored=stored,
        value=written.values.get(place, as_written(stored, way)),
        way=way,
        missing=lacks_translation(block.text.get(unit, {}), language, original),
        copied=place in written.copied,
    )


def label_of(block: Block, resolved: Mapping[str, Mapping[str, Any]]) -> str:
    """What kind of thing a block is, in the reader's language: "Goal 3", "List item"."""
    kind = kinds.block_kind(block.kind)
    if kind:
        lines = kind.lines(block, resolved.get(block.id, {}), get_language() or "fi")
        return str(lines[0][0]) if lines else str(kind.label)
    names = {
        HEADING: _("Subheading"),
        LIST_ITEM: _("List item"),
        QUOTE: _("Quotation"),
        TABLE: _("Table"),
        TABLE_ROW: _("Table row"),
        FIGURE: _("Picture"),
    }
    return names.get(block.kind) or _("Paragraph")


def unit_label(block: Block, unit: str, heads: Mapping[str, str]) -> str:
    """What a unit is called where a block has several."""
    kind = kinds.block_kind(block.kind)
    if kind:
        return str(capfirst(str(kind.labels.get(unit, ""))))
    if block.kind == TABLE_ROW:
        place = list(block.text).index(unit) + 1
        return heads.get(unit) or _("Column %(number)d") % {"number": place}
    return {"caption": _("Caption"), "alt": _("Text alternative")}.get(unit, "")


def changed_since(original: str, when: datetime.datetime) -> str:
    """In words: the original has changed since this day."""
    told = {
        "fi": _("The Finnish text has changed since %(date)s."),
        "sv": _("The Swedish text has changed since %(date)s."),
        "en": _("The English text has changed since %(date)s."),
        "se": _("The Northern Saami text has changed since %(date)s."),
    }
    sentence = told.get(original) or _("The original has changed since %(date)s.")
    return sentence % {"date": formats.date_format(timezone.localtime(when), "SHORT_DATE_FORMAT")}


def only_in(original: str) -> str:
    """For the reader of another language: that some of the text stands in the original's alone."""
    told = {
        "fi": _("Some of the text is only in Finnish."),
        "sv": _("Some of the text is only in Swedish."),
        "en": _("Some of the text is only in English."),
        "se": _("Some of the text is only in Northern Saami."),
    }
    return told.get(original) or _("Some of the text is only in the original language.")


# --- Headings and titles ----------------------------------------------------------------------------------

NEWEST_OUTLINES = 500
"""How far back the day is looked for on which a heading was changed."""


@dataclass(frozen=True)
class ShortPair:
    """A heading, a title or a description beside its translation."""

    state: str
    original: str
    value: str
    changed: SafeString | None = None
    """The original with the words marked that changed since it was translated."""
    since: str = ""
    """In words: that, and where it is known from when on, the original has been another."""

    @property
    def left(self) -> bool:
        return self.state in {MISSING, BEHIND}

    @property
    def may_confirm(self) -> bool:
        return self.state == BEHIND


def heading_days(document: Document, sections: Iterable[Section], language: str) -> dict[str, datetime.datetime]:
    """When the originals of headings last still read as they were translated, by the section's key. In one query, and
    in none where no heading is behind.
    """
    wanted = {row.key: row.heading_shown.get(language, "") for row in sections if row.heading_state(language) == BEHIND}
    found: dict[str, datetime.datetime] = {}
    if not wanted:
        return found
    rows = document.outline_revisions.order_by("-number").values_list("outline", "created_at")[:NEWEST_OUTLINES]
    for outline, created_at in rows.iterator(chunk_size=20):
        for row in outline:
            key = row["key"]
            if key in wanted and key not in found and row["heading"].get(document.original, "") == wanted[key]:
                found[key] = created_at
        if len(found) == len(wanted):
            break
    return found


def heading_pair(section: Section, language: str, original: str, day: datetime.datetime | None) -> ShortPair:
    """A section's heading beside its translation; `day` as `heading_days` finds it."""
    return _short_pair(section.heading, section.heading_shown, section.heading_state(language), language, original, day)


def document_pair(document: Document, name: str, language: str) -> ShortPair:
    """A document's title, description or text alternative beside its translation."""
    shown = document.texts_shown.get(name, {})
    state = document.short_state(name, language)
    return _short_pair(getattr(document, name), shown, state, language, document.original, None)


def _short_pair(
    texts: Mapping[str, str],
    shown: Mapping[str, str],
    state: str,
    language: str,
    original: str,
    day: datetime.datetime | None,
) -> ShortPair:
    source, value = texts.get(original, ""), texts.get(language, "")
    if state != BEHIND:
        return ShortPair(state, source, value)
    before = shown[language]
    changed = mark_words(escape(before, quote=False), escape(source, quote=False)) if before else None
    since = changed_since(original, day) if day else _("The original has changed since this was translated.")
    return ShortPair(state, source, value, changed, since)
