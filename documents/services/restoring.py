"""Bringing back what was: one block, or the whole draft with its outline. What stood since is in the history.

A section alone is restored by `sections.restore_section`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from documents.blocks import Block, same_blocks
from documents.comparing import Side
from documents.compose import insert_after_predecessor, with_rows
from documents.difference import SectionText
from documents.models import Document, Revision, Section
from documents.models.document import in_language
from documents.models.outline import MAX_DEPTH
from documents.past import PastState
from documents.rendering import resolve
from documents.search.index import index_heading
from documents.services.documents import lock
from documents.services.identities import place_identities
from documents.services.outline import note_outline
from documents.services.revisions import add_revision, project_rows
from documents.services.sections import Saved, fresh_sections
from documents.short_texts import shown_after

# --- One block --------------------------------------------------------------------------------------------------


def with_block_back(standing: Sequence[Block], earlier: Sequence[Block], block_id: str) -> list[Block]:
    """A text with one block as it was in an earlier one: in its place where it stands, else behind its predecessor.

    A table that is gone comes back with its rows; a row whose table is gone cannot come back alone.
    """
    was = {block.id: block for block in earlier}
    if any(block.id == block_id for block in standing):
        return [was[block.id] if block.id == block_id else block for block in standing]
    back = with_rows(earlier, [block_id])
    blocks = {**{block.id: block for block in standing}, **{key: was[key] for key in back}}
    order = [block.id for block in standing]
    sequence = [block.id for block in earlier]
    for key in sequence:
        if key in back and key not in order:
            insert_after_predecessor(order, key, sequence)
    return [blocks[key] for key in order]


@transaction.atomic
def restore_block(section: Section, revision: Revision, block_id: str, *, by: User | None) -> Saved:
    """Bring one block of a section back to what it was in an earlier state, as a new state.

    Raises ValidationError when that state has no such block (`block_missing`), or when it has moved to another section
    (`block_elsewhere`).
    """
    document = lock(section.document)
    section = fresh_sections(document, [section])[section.pk]
    if revision.section_id != section.pk:
        raise ValueError("A block is restored from a state of its own section.")
    earlier = revision.blocks
    if all(block.id != block_id for block in earlier):
        raise ValidationError(_("That text does not have this paragraph."), code="block_missing")
    back = with_rows(earlier, [block_id])
    elsewhere = document.block_identities.filter(block_id__in=back, section__isnull=False).exclude(section=section)
    if elsewhere.exists():
        raise ValidationError(
            _("This paragraph stands in another section now. Bring it back from the history of that section."),
            code="block_elsewhere",
        )
    blocks = with_block_back(section.blocks, earlier, block_id)
    if same_blocks(blocks, section.blocks):
        return Saved(section.head, unchanged=True)
    restored = add_revision(
        section, blocks, by=by, base=section.head, origin=Revision.Origin.RESTORED, note=str(revision.number)
    )
    place_identities(document, [section])
    record(by, "block.restored", document, section=section.key, block=block_id, revision=revision.number)
    return Saved(restored)


# --- The whole --------------------------------------------------------------------------------------------------


@dataclass
class Target:
    """A section as it will be: where it stands, what it is called and what it says."""

    section: Section
    heading: dict[str, str]
    parent: str | None
    blocks: list[Block]
    is_added: bool = False
    """It has been added since the moment that is restored, and is kept."""
    revision: Revision | None = None
    """The earlier state whose text it gets."""

    @property
    def key(self) -> str:
        return self.section.key


@dataclass(frozen=True)
class Restoring:
    """What restoring a draft to an earlier state makes of it: its sections in reading order."""

    past: PastState
    targets: list[Target]
    returned: list[Section]
    """Sections that have been removed since and come back."""
    added: list[Section]
    """Sections that have been added since, whether they are kept or not."""

    def side(self, language: str) -> Side:
        texts = [SectionText(row.key, in_language(row.heading, language), row.blocks) for row in self.targets]
        return Side(texts, resolve([block for row in self.targets for block in row.blocks]))


def plan_restoring(past: PastState, present: Iterable[Section], *, keep_added: bool) -> Restoring:
    """What the draft will be, without changing anything. `present` are its sections with their text, in reading order.

    Sections that have been added since stay where they are, if they are kept, but without the paragraphs that go back
    to where they were.
    """
    present = list(present)
    keys = {row.pk: row.key for row in present}
    then = {block.id for block in past.blocks}
    targets = [Target(row.section, row.heading, row.parent, row.blocks, revision=row.revision) for row in past.sections]
    added = [row for row in present if row.key not in past.by_key]
    before: dict[int | None, str] = {}
    for section in present:
        previous = before.get(section.parent_id)
        before[section.parent_id] = section.key
        if keep_added and section.key not in past.by_key:
            parent = keys.get(section.parent_id) if section.parent_id else None
            rest = [block for block in section.blocks if block.id not in then]
            target = Target(section, section.heading, parent, rest, is_added=True)
            place = next((place for place, row in enumerate(targets) if row.key == previous), None)
            targets.insert(place + 1 if place is not None else 0 if previous is None else len(targets), target)
    _lift_what_is_too_deep(targets)
    shown = {row.key for row in present}
    return Restoring(past, _in_order(targets), [row.section for row in past.sections if row.key not in shown], added)


def _lift_what_is_too_deep(targets: Sequence[Target]) -> None:
    """A kept section under one that goes deeper again, or that is gone, stands at the top."""
    by_key = {row.key: row for row in targets}
    for row in targets:
        depth, above = 1, row.parent
        while above in by_key and depth <= MAX_DEPTH:
            depth, above = depth + 1, by_key[above].parent
        if row.parent not in by_key or depth > MAX_DEPTH:
            row.parent = None


def _in_order(targets: Sequence[Target]) -> list[Target]:
    below: dict[str | None, list[Target]] = {}
    for row in targets:
        below.setdefault(row.parent, []).append(row)
    ordered: list[Target] = []

    def walk(parent: str | None) -> None:
        for row in below.get(parent, []):
            ordered.append(row)
            walk(row.key)

    walk(None)
    return ordered


def state_token(document: Document) -> str:
    """Names the draft as it stands, so that nobody restores over what the preview did not show."""
    text = document.revisions.line().aggregate(last=Max("pk"))["last"] or 0
    outline = document.outline_revisions.aggregate(last=Max("number"))["last"] or 0
    return f"{text}-{outline}"


@transaction.atomic
def restore_document(
    document: Document, past: PastState, *, by: User | None, keep_added: bool = True, token: str = ""
) -> bool:
    """Make the draft as it was at an earlier moment: outline, headings and texts, as new states of all that differs.

    Locks the document. Sections that have been removed come back; those added since are kept in their places, or
    removed. Answers whether anything had to change. Raises ValidationError (`changed_meanwhile`) when the draft is not
    the one that `token` names.
    """
    document = lock(document)
    if token and token != state_token(document):
        raise ValidationError(
            _("Somebody has changed the text meanwhile. Look at what would change now."), code="changed_meanwhile"
        )
    rows = {row.pk: row for row in document.sections.select_related("head")}
    present = sorted((row for row in rows.values() if row.removed_at is None), key=lambda row: (row.position, row.pk))
    plan = plan_restoring(past, present, keep_added=keep_added)
    for target in plan.targets:
        target.section = rows[target.section.pk]
    gone = [] if keep_added else [rows[section.pk] for section in plan.added]
    is_outline_new = _restore_outline(plan.targets, rows, document.original)
    now = timezone.now()
    for section in gone:
        section.removed_at = now
        section.save(update_fields=["removed_at"])
        project_rows(section, section.blocks, [])
    document.block_identities.filter(section__in=gone).update(section=None)
    written = _restore_texts(plan.targets, past, by)
    touched = [target.section for target in plan.targets]
    if written or is_outline_new or gone:
        place_identities(document, touched)
        _project_again(plan.targets)
    if is_outline_new or gone:
        note_outline(document, "restore", None, by)
    if written or is_outline_new or gone:
        record(by, "document.restored", document, at=past.at.isoformat(), sections=sorted(written))
        return True
    return False


def _restore_outline(targets: Sequence[Target], rows: Mapping[int, Section], original: str) -> bool:
    by_key = {row.key: row for row in rows.values()}
    places: dict[str | None, int] = {}
    changed = False
    for target in targets:
        section = target.section
        position = places.get(target.parent, 0)
        places[target.parent] = position + 1
        wanted: dict[str, Any] = {
            "heading": dict(target.heading),
            "parent_id": by_key[target.parent].pk if target.parent else None,
            "position": position,
            "removed_at": None,
        }
        differs = [name for name, value in wanted.items() if getattr(section, name) != value]
        if not differs:
            continue
        was_removed = section.removed_at is not None
        section.heading_shown = shown_after(
            section.heading, section.heading_shown, wanted["heading"], original=original
        )
        for name in differs:
            setattr(section, name, wanted[name])
        section.save(update_fields=["heading", "heading_shown", "parent", "position", "removed_at"])
        changed = True
        if "heading" in differs or was_removed:
            index_heading(section)
    return changed


def _restore_texts(targets: Sequence[Target], past: PastState, by: User | None) -> list[str]:
    """New states for the sections whose text is another now; answers their keys."""
    written = []
    for target in targets:
        section = target.section
        if same_blocks(target.blocks, section.blocks):
            continue
        add_revision(
            section,
            target.blocks,
            by=by,
            base=section.head,
            origin=Revision.Origin.RESTORED,
            note=past.at.isoformat(),
        )
        written.append(section.key)
    return written


def _project_again(targets: Sequence[Target]) -> None:
    """Once all texts stand: a goal that went from one section to another is then nowhere taken for removed."""
    for target in targets:
        if any(not block.is_text for block in target.blocks):
            project_rows(target.section, [], target.blocks)
