"""What the pages of a document show: its outline with states, its conflicts, its differences."""

import datetime
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Count, IntegerField, Max, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from documents import kinds
from documents.blocks import BEHIND, CURRENT, MISSING, Block, say_something, translation_state
from documents.difference import (
    SectionText,
)
from documents.models import Document, Note, Publication, Section, Version
from documents.models.outline import MAX_DEPTH
from documents.rendering import resolve
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
    notes: int = 0
    """Internal notes that wait for somebody."""
    children: list["OutlineRow"] = field(default_factory=list)
    previous_sibling: "OutlineRow | None" = None
    next_sibling: "OutlineRow | None" = None

    @cached_property
    def to_translate(self) -> dict[str, Counter[str]]:
        """Language -> how many texts are current, behind and missing: the paragraphs and the heading."""
        return {
            language: counts + Counter([self.section.heading_state(language)])
            for language, counts in self.translations.items()
        }

    @property
    def states(self) -> list[tuple[str, str]]:
        """(Kind of badge, short word) for the outline: the text's own state, then each translation, then conflicts."""
        document = self.section.document
        bilingual = document.is_bilingual
        # A heading over other sections, without a word of its own, has no state: theirs say how far it is.
        has_state = bool(self.blocks) or (not self.children and kinds.has_text(document))
        states = [(self.section.state, document.original if bilingual else "")] if has_state else []
        for language, counts in self.to_translate.items():
            left = counts[BEHIND] + counts[MISSING]
            kind = BEHIND if counts[BEHIND] else MISSING if counts[MISSING] else CURRENT
            if left or self.blocks:
                states.append((kind, f"{language} {left}" if left else language))
        if self.conflicts:
            states.append(("conflict", str(self.conflicts)))
        if self.notes:
            states.append(("notes", str(self.notes)))
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

    def resolved_in(self, row: OutlineRow) -> dict[str, dict[str, Any]]:
        """`resolved` for showing one section: nothing is asked for where it has no goal and no answer."""
        return self.resolved if any(not block.is_text for block in row.blocks) else {}

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


def section_numbers(sections: Iterable[Section]) -> dict[int, str]:
    """The printed number of each section, by its key in the database. Takes them in reading order.

    A summary or an appendix has none, nor has what stands below it.
    """
    numbers: dict[int, str] = {}
    below: Counter[int | None] = Counter()
    for section in sections:
        parent = numbers[section.parent_id] if section.parent_id else ""
        numbers[section.pk] = ""
        if section.numbered and (parent or not section.parent_id):
            below[section.parent_id] += 1
            numbers[section.pk] = f"{parent}.{below[section.parent_id]}".lstrip(".")
    return numbers


def outline_of(document: Document) -> Outline:
    """The draft's outline with texts, translation states, open conflicts and open notes, in two queries."""
    open_notes = Note.objects.open().filter(document=document, section=OuterRef("pk")).order_by().values("section")
    counted = Subquery(open_notes.annotate(count=Count("pk")).values("count"), output_field=IntegerField())
    present = list(document.sections.present().with_text().annotate(open_notes=counted))
    notes = {section.pk: section.open_notes or 0 for section in present}
    sections = outline_order(present)
    numbers = section_numbers(sections)
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
            number=numbers[section.pk],
            depth=parent.depth + 1 if parent else 1,
            height=1,
            parent=parent,
            blocks=blocks,
            conflicts=open_conflicts[section.pk],
            translations=translation_counts(blocks, document),
            notes=notes[section.pk],
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
    empty = [row.section for row in outline.rows if not say_something(row.blocks) and not row.children]
    if not kinds.has_text(outline.document):
        return steps
    if empty:
        steps.append(NextStep(_("Begin the sections that have no text: %(count)d.") % {"count": len(empty)}, empty[0]))
    for language in outline.document.languages[1:]:
        left = [
            row for row in outline.rows if row.to_translate[language][BEHIND] or row.to_translate[language][MISSING]
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
    badge: str
    """Published, if it is that; else the state of the draft."""


def listed_documents(rights: Rights, region_id: int, kind: str, *, with_badges: bool = False) -> list[ListedDocument]:
    """The drafts that these rights open, and of the other documents those that have a published version.

    `with_badges` asks the package of this kind, too, in what state the drafts are.
    """
    readable = set(Document.objects.readable_with(rights).filter(region_id=region_id).values_list("pk", flat=True))
    published = published_numbers(Document.objects.filter(region_id=region_id, kind=kind))
    documents = (
        Document.objects.for_list()
        .filter(Q(pk__in=readable) | Q(pk__in=published), region_id=region_id, kind=kind)
        .annotate(
            last_saved=Max("revisions__created_at"),
            version_count=Count("versions", distinct=True),
        )
    )
    listed = list(documents)
    registered = kinds.document_kind(kind) if with_badges else None
    badges = registered.badges(listed) if registered else {}
    return [
        ListedDocument(
            document=document,
            url=document.get_absolute_url(),
            title=str(document),
            writing_body=str(document.writing_body or ""),
            changed_at=document.last_saved or document.created_at,
            versions=document.version_count,
            badge="published" if document.pk in published else badges.get(document.pk, kinds.DRAFT),
        )
        for document in listed
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
