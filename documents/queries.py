"""What the pages of a document show: its outline with states, its conflicts, its differences."""

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Any

from django.db.models import Count, Max, Q, TextField
from django.db.models.functions import Cast
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from documents import kinds, richtext
from documents.blocks import BEHIND, CURRENT, FIGURE, MISSING, TABLE, TABLE_ROW, Block, load, translation_state
from documents.difference import (
    CHANGED,
    MOVED,
    REMOVED,
    SAME,
    BlockChange,
    SectionText,
    UnitChange,
    compare_blocks,
    compare_documents,
    mark_words,
)
from documents.frozen import Frozen
from documents.models import Conflict, Document, Publication, Revision, Section, Version
from documents.models.outline import MAX_DEPTH
from documents.rendering import resolve, structured_title
from documents.services.versions import outline_order
from regions.permissions import Rights

# --- Outline --------------------------------------------------------------------------------------------


@dataclass
class OutlineRow:
    """A section where it stands in the draft, with what is still to be done in it."""

    section: Section
    number: str
    depth: int
    height: int
    parent: "OutlineRow | None"
    blocks: list[Block]
    conflicts: int
    translations: dict[str, Counter[str]]
    """Language -> how many paragraphs are current, behind and missing."""
    children: list["OutlineRow"] = field(default_factory=list)
    previous_sibling: "OutlineRow | None" = None
    next_sibling: "OutlineRow | None" = None

    @property
    def states(self) -> list[tuple[str, str]]:
        """(Kind of badge, short word) for the outline: the text's own state, then each translation, then conflicts."""
        document = self.section.document
        bilingual = document.is_bilingual
        # A heading over other sections, without a word of its own, has no state: theirs say how far it is.
        has_state = bool(self.blocks) or not self.children
        states = [(self.section.state, document.original if bilingual else "")] if has_state else []
        for language, counts in self.translations.items():
            left = counts[BEHIND] + counts[MISSING]
            kind = BEHIND if counts[BEHIND] else MISSING if counts[MISSING] else CURRENT
            if sum(counts.values()):
                states.append((kind, f"{language} {left}" if left else language))
        if self.conflicts:
            states.append(("conflict", str(self.conflicts)))
        return states

    @property
    def can_move_in(self) -> bool:
        return self.previous_sibling is not None and self.depth + self.height <= MAX_DEPTH

    @property
    def can_add_below(self) -> bool:
        return self.depth < MAX_DEPTH


@dataclass(frozen=True)
class Outline:
    """A draft's sections in reading order."""

    document: Document
    rows: list[OutlineRow]

    @cached_property
    def by_key(self) -> dict[str, OutlineRow]:
        return {row.section.key: row for row in self.rows}

    @property
    def top(self) -> list[OutlineRow]:
        return [row for row in self.rows if row.parent is None]

    @property
    def blocks(self) -> list[Block]:
        return [block for row in self.rows for block in row.blocks]

    @cached_property
    def resolved(self) -> dict[str, dict[str, Any]]:
        return resolve(self.blocks)

    @property
    def conflicts(self) -> int:
        return sum(row.conflicts for row in self.rows)

    def neighbours(self, row: OutlineRow) -> tuple[OutlineRow | None, OutlineRow | None]:
        place = self.rows.index(row)
        before = self.rows[place - 1] if place else None
        return before, self.rows[place + 1] if place + 1 < len(self.rows) else None

    def texts(self, language: str) -> list[SectionText]:
        """For comparing."""
        return [SectionText(row.section.key, row.section.heading_in(language), row.blocks) for row in self.rows]


def _number(section: Section, parent: OutlineRow | None, siblings: list[OutlineRow]) -> str:
    """The section's printed number; none for a summary or an appendix, nor for what stands below it."""
    if not section.numbered or (parent and not parent.number):
        return ""
    own = 1 + sum(1 for row in siblings if row.number)
    return f"{parent.number}.{own}" if parent else str(own)


def outline_of(document: Document) -> Outline:
    """The draft's outline with texts, translation states and open conflicts, in two queries."""
    sections = outline_order(document.sections.present().with_text())
    open_conflicts = Counter(document.conflicts.filter(settled_at=None).values_list("section_id", flat=True))
    rows: dict[int, OutlineRow] = {}
    siblings: dict[int | None, list[OutlineRow]] = {}
    for section in sections:
        section.document = document
        parent = rows.get(section.parent_id) if section.parent_id else None
        row_siblings = siblings.setdefault(section.parent_id, [])
        blocks = section.head.blocks if section.head else []
        row = OutlineRow(
            section=section,
            number=_number(section, parent, row_siblings),
            depth=parent.depth + 1 if parent else 1,
            height=1,
            parent=parent,
            blocks=blocks,
            conflicts=open_conflicts[section.pk],
            translations=translation_counts(blocks, document),
            previous_sibling=row_siblings[-1] if row_siblings else None,
        )
        if row_siblings:
            row_siblings[-1].next_sibling = row
        row_siblings.append(row)
        if parent:
            parent.children.append(row)
        rows[section.pk] = row
    for row in reversed(rows.values()):
        row.height = 1 + max((child.height for child in row.children), default=0)
    return Outline(document, list(rows.values()))


def translation_counts(blocks: Iterable[Block], document: Document) -> dict[str, Counter[str]]:
    """For each language that is translated into: how many paragraphs are current, behind and missing."""
    counts: dict[str, Counter[str]] = {language: Counter() for language in document.languages[1:]}
    for block in blocks:
        for language, counter in counts.items():
            if block.languages():
                counter[translation_state(block, language, original=document.original)] += 1
    return counts


@dataclass(frozen=True)
class NextStep:
    """Something that is left to do in a draft, with where to do it."""

    text: str
    section: Section | None = None
    anchor: str = ""


def next_steps(outline: Outline) -> list[NextStep]:
    """What a writer might do next, the most pressing first."""
    steps: list[NextStep] = []
    if outline.conflicts:
        first = next(row.section for row in outline.rows if row.conflicts)
        steps.append(
            NextStep(
                _("Settle what two people changed: %(count)d.") % {"count": outline.conflicts}, first, "#conflicts"
            )
        )
    empty = [row.section for row in outline.rows if not row.blocks and not row.children]
    if empty:
        steps.append(NextStep(_("Begin the sections that have no text: %(count)d.") % {"count": len(empty)}, empty[0]))
    for language in outline.document.languages[1:]:
        left = [
            row for row in outline.rows if row.translations[language][BEHIND] or row.translations[language][MISSING]
        ]
        if left:
            text = _("Sections whose translation is not up to date (%(language)s): %(count)d.")
            steps.append(NextStep(text % {"language": language, "count": len(left)}, left[0].section))
    drafts = [row.section for row in outline.rows if row.section.state == Section.State.DRAFT]
    if drafts and not empty:
        steps.append(NextStep(_("Read through and mark as ready: %(count)d.") % {"count": len(drafts)}, drafts[0]))
    return steps


# --- Lists ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ListedDocument:
    """A document in the list of its region and kind."""

    document: Document
    url: str
    title: str
    writing_body: str
    changed_at: datetime.datetime
    versions: int
    is_draft: bool


def listed_documents(rights: Rights, region_id: int, kind: str) -> list[ListedDocument]:
    """The drafts that these rights open, and of the other documents those that have a published version."""
    readable = set(Document.objects.readable_with(rights).filter(region_id=region_id).values_list("pk", flat=True))
    published = published_numbers(Document.objects.filter(region_id=region_id, kind=kind).exclude(pk__in=readable))
    documents = (
        Document.objects.for_list()
        .filter(Q(pk__in=readable) | Q(pk__in=published), region_id=region_id, kind=kind)
        .annotate(
            last_saved=Max("revisions__created_at"),
            version_count=Count("versions", distinct=True),
        )
    )
    return [
        ListedDocument(
            document=document,
            url=document.get_absolute_url(),
            title=str(document),
            writing_body=str(document.writing_body or ""),
            changed_at=document.last_saved or document.created_at,
            versions=document.version_count,
            is_draft=document.pk in readable,
        )
        for document in documents
    ]


def published_numbers(documents: Any) -> dict[int, int]:
    """Document -> number of the version that is public now."""
    rows = (
        Publication.objects.filter(version__document__in=documents, withdrawn_at=None)
        .order_by("published_at")
        .values_list("version__document_id", "version__number")
    )
    return dict(rows)


def published_version(document: Document) -> Version | None:
    """The version that anyone may read now."""
    publication = (
        Publication.objects.filter(version__document=document, withdrawn_at=None)
        .select_related("version")
        .defer("version__content")
        .order_by("-published_at")
        .first()
    )
    return publication.version if publication else None


def public_languages(version: Version) -> list[str]:
    """The languages in which anyone may read a version now; none when it is not published."""
    rows = version.publications.filter(withdrawn_at=None).values_list("languages", flat=True)
    return list(dict.fromkeys(language for languages in rows for language in languages))


def holds_file(document: Document, key: str) -> bool:
    """Whether a picture stands in the text or on the cover of a document, now or in any earlier state."""
    if document.cover and document.cover.public_id == key:
        return True
    raw = document.revisions.annotate(raw=Cast("content", TextField())).filter(raw__contains=key)
    return raw.exists()


def published_file(document: Document, key: str) -> bool:
    """Whether a picture stands in a version that is public now."""
    contents = Version.objects.filter(document=document, publications__withdrawn_at=None, publications__isnull=False)
    return any(f'"{key}"'.encode() in bytes(content) for content in contents.values_list("content", flat=True))


# --- Conflicts ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenConflict:
    """What two people changed in one place, with the words that a person chooses between."""

    number: int
    """Its place among all conflicts of the section, settled ones included: its address."""
    conflict: Conflict
    language: str
    kept_by: str
    """Who wrote what stands in the text."""
    kept_at: datetime.datetime
    other_by: str
    other_at: datetime.datetime
    label: str
    before: SafeString
    now: SafeString
    other: SafeString
    editable: str | None
    """The text that now stands, as HTML for combining the two; None where they can only be chosen between."""


def numbered_conflicts(section: Section) -> list[tuple[int, Conflict]]:
    rows = section.conflicts.select_related("author", "revision", "revision__author", "document").order_by("pk")
    return list(enumerate(rows, start=1))


def open_conflicts(section: Section, language: str) -> list[OpenConflict]:
    """The conflicts of a section that wait for a person; three queries, none of them when there is no conflict."""
    rows = [(number, row) for number, row in numbered_conflicts(section) if row.settled_at is None]
    if not rows:
        return []
    revisions = list(section.revisions.select_related("author").order_by("number"))
    standing = {block.id: block for block in section.head.blocks} if section.head else {}
    return [_open_conflict(number, row, revisions, standing, row.language or language) for number, row in rows]


def _open_conflict(
    number: int, row: Conflict, revisions: Sequence[Revision], standing: Mapping[str, Block], language: str
) -> OpenConflict:
    kept = _who_wrote_head(row, revisions)
    block = standing.get(row.block_id)
    cell = block is not None and block.kind == TABLE_ROW
    label = ""
    editable = None
    if row.kind == Conflict.Kind.TEXT:
        words = block.get(row.unit, language) if block else ""
        before, other = str(row.base or ""), str(row.mine or "")
        editable = words if block else None
        label = _unit_label(block, row.unit)
        texts = (
            mark_safe(richtext.sanitise(before, cell=cell)),  # noqa: S308 sanitised
            mark_words(before, words, cell=cell),
            mark_words(before, other, cell=cell),
        )
    elif row.kind == Conflict.Kind.FIELD:
        label = _unit_label(block, row.unit)
        now: Any = (block.kind if row.unit == "kind" else block.data.get(row.unit)) if block else None
        kind = kinds.block_kind(block.kind) if block else None
        texts = (_value(row.base, row.unit, kind), _value(now, row.unit, kind), _value(row.mine, row.unit, kind))
    else:
        gone = _("removed")
        texts = (
            _side(row.base, language, gone),
            _side([block.to_json()] if block else None, language, gone)
            if row.kind == Conflict.Kind.DELETED
            else _side(row.head, language, gone),
            _side(None if row.kind == Conflict.Kind.DELETED else row.mine, language, gone),
        )
    return OpenConflict(
        number=number,
        conflict=row,
        language=language,
        kept_by=str(kept.author or "") if kept else "",
        kept_at=kept.created_at if kept else row.opened_at,
        other_by=str(row.author or ""),
        other_at=row.opened_at,
        label=label,
        before=texts[0],
        now=texts[1],
        other=texts[2],
        editable=editable,
    )


def _who_wrote_head(row: Conflict, revisions: Sequence[Revision]) -> Revision | None:
    """The latest revision before the one that met it in which the block in question changed."""
    earlier = [revision for revision in revisions if revision.number < row.revision.number]
    for older, newer in reversed(list(zip([None, *earlier], earlier, strict=False))):
        was = {block.id: block for block in older.blocks} if older else {}
        now = {block.id: block for block in newer.blocks}
        if was.get(row.block_id) != now.get(row.block_id):
            return newer
    return earlier[-1] if earlier else None


def _unit_label(block: Block | None, unit: str) -> str:
    kind = kinds.block_kind(block.kind) if block else None
    if kind:
        return str(kind.labels.get(unit, kind.label))
    return ""


def _value(value: Any, unit: str, kind: kinds.BlockKind | None) -> SafeString:
    if value in (None, "", [], {}):
        return mark_safe(escape(_("empty")))  # noqa: S308 escaped
    if kind and kind.tell:
        return mark_safe(escape(kind.tell(unit, value)))  # noqa: S308 escaped
    if isinstance(value, list):
        value = ", ".join(str(item) for item in value)
    return mark_safe(escape(str(value)))  # noqa: S308 escaped


def _side(raw: Any, language: str, gone: str) -> SafeString:
    """Whole blocks of one side, one paragraph each."""
    if raw is None:
        return mark_safe(f"<em>{escape(gone)}</em>")  # noqa: S308 escaped
    blocks = load([raw] if isinstance(raw, dict) else raw)
    texts = [
        richtext.sanitise(
            block.html_in(language) or next((block.html_in(other) for other in sorted(block.languages())), ""),
            cell=block.kind == TABLE_ROW,
        )
        for block in blocks
    ]
    return mark_safe("<br>".join(texts))  # noqa: S308 sanitised


# --- Differences ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownUnit:
    """Some words of a changed block with their label ("Responsible"), empty for running text."""

    label: str
    html: SafeString
    changed: bool


@dataclass(frozen=True)
class ShownChange:
    """A block's change as a reader sees it. `state` is a badge: same, changed, added, moved, gone."""

    id: str
    state: str
    name: str
    """What kind of thing it is, where it is not plain running text."""
    units: list[ShownUnit]
    level: int
    also_changed: bool


@dataclass(frozen=True)
class ShownSection:
    """A section's changes, with how many paragraphs beside them stayed the same."""

    key: str
    heading: SafeString
    state: str
    changes: list[ShownChange]
    same: int

    @property
    def has_changes(self) -> bool:
        return self.state != SAME or bool(self.changes)


@dataclass(frozen=True)
class Side:
    """One of two texts that are compared."""

    texts: list[SectionText]
    resolved: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of_draft(cls, outline: Outline, language: str) -> "Side":
        return cls(outline.texts(language), outline.resolved)

    @classmethod
    def of_version(cls, frozen: Frozen, language: str) -> "Side":
        return cls(frozen.texts(language), frozen.resolved)

    @cached_property
    def blocks(self) -> dict[str, Block]:
        return {block.id: block for row in self.texts for block in row.blocks}


def document_changes(old: Side, new: Side, language: str) -> list[ShownSection]:
    """Whole texts compared, section by section; sections without a change are left out."""
    shown = []
    for section in compare_documents(old.texts, new.texts, language=language):
        changes = [_shown(change, old, new, language) for change in section.blocks]
        visible = [change for change in changes if change.state != SAME]
        shown.append(
            ShownSection(
                section.key, section.heading, _badge(section.state), visible, sum(1 for c in changes if c.state == SAME)
            )
        )
    return [section for section in shown if section.has_changes]


def section_changes(old: Sequence[Block], new: Sequence[Block], language: str) -> list[ShownChange]:
    """Two states of one section compared."""
    one = Side([SectionText("", "", list(old))], resolve(old))
    two = Side([SectionText("", "", list(new))], resolve(new))
    return [_shown(change, one, two, language) for change in compare_blocks(old, new, language=language)]


def _badge(state: str) -> str:
    return "gone" if state == REMOVED else state


def _shown(change: BlockChange, old: Side, new: Side, language: str) -> ShownChange:
    before, after = old.blocks.get(change.id), new.blocks.get(change.id)
    block = after or before
    kind = kinds.block_kind(change.kind)
    also_changed = change.also_changed
    state = change.state
    if kind and block:
        lines_before = kind.lines(before, old.resolved.get(change.id, {}), language) if before else []
        lines_after = kind.lines(after, new.resolved.get(change.id, {}), language) if after else []
        units = _lines(lines_before, lines_after)
        if state == SAME and any(unit.changed for unit in units):
            state = CHANGED
    else:
        units = [_unit(unit) for unit in change.units]
    return ShownChange(
        id=change.id,
        state=_badge(state),
        name=str(kind.label) if kind else _kind_name(block),
        units=units,
        level=change.level,
        also_changed=also_changed and state == MOVED,
    )


def _unit(unit: UnitChange) -> ShownUnit:
    return ShownUnit(_("Text alternative") if unit.unit == "alt" else "", unit.html, unit.changed)


def _lines(before: list[tuple[str, str]], after: list[tuple[str, str]]) -> list[ShownUnit]:
    was, now = _by_label(before), _by_label(after)
    labels = list(dict.fromkeys([*now, *was]))
    return [
        ShownUnit(
            label,
            mark_words(was.get(label, ""), now.get(label, ""), cell=True),
            was.get(label, "") != now.get(label, ""),
        )
        for label in labels
    ]


def _by_label(lines: list[tuple[str, str]]) -> dict[str, str]:
    """Several lines of one label (a sum of money for each year) are one, line by line."""
    texts: dict[str, list[str]] = {}
    for label, html in lines:
        texts.setdefault(str(label), []).append(html)
    return {label: "<br>".join(rows) for label, rows in texts.items()}


def _kind_name(block: Block | None) -> str:
    names = {TABLE: _("Table"), TABLE_ROW: _("Table row"), FIGURE: _("Picture")}
    return names.get(block.kind, "") if block else ""


def block_labels(blocks: Iterable[Block], document: Document) -> list[tuple[str, str]]:
    """The blocks of a section by id with their first words, for choosing one of them."""
    blocks = list(blocks)
    resolved = resolve(blocks)
    labels = []
    for block in blocks:
        if block.kind == TABLE_ROW:
            continue
        text = (
            block.plain_in(document.original)
            if block.is_text
            else richtext.plain(structured_title(block, document.original, resolved))
        )
        name = _kind_name(block)
        words = " ".join(text.split()[:14])
        labels.append((block.id, f"{name}: {words}" if name and words else words or name or "–"))
    return labels
