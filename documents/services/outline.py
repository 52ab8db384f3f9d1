"""Changing the outline. Each change is one outline revision, made under the document's lock."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_public_id
from accounts.models import User
from audit.services import record
from criteria.models import Criterion
from documents.blocks import TABLE_ROW
from documents.models import Document, OutlineRevision, Revision, Section
from documents.models.outline import MAX_DEPTH
from documents.search.index import index_heading
from documents.services.documents import lock
from documents.services.identities import place_identities
from documents.services.revisions import add_revision, project_rows
from documents.short_texts import shown_after
from regions.sealing import require_one_region


def _standing(rows: list[Section], section: Section) -> Section:
    """The section as it stands in the outline now. Raises ValidationError when it has been removed meanwhile."""
    found = next((row for row in rows if row.pk == section.pk), None)
    if found is None:
        raise ValidationError(
            _("This section was removed meanwhile. Look at the outline and try again."), code="section_removed"
        )
    return found


def _present(document: Document) -> list[Section]:
    return list(document.sections.present().select_related("head"))


def _note(document: Document, change: str, section: Section, by: User | None) -> OutlineRevision:
    index_heading(section)
    return note_outline(document, change, section, by)


def note_outline(document: Document, change: str, section: Section | None, by: User | None) -> OutlineRevision:
    """Write down the outline as it now is. `section` is empty for a change of the whole."""
    last = document.outline_revisions.order_by("-number").values_list("number", flat=True).first() or 0
    keys = {row.pk: row.key for row in document.sections.all()}
    outline: list[dict[str, Any]] = [
        {
            "key": row.key,
            "parent": keys.get(row.parent_id) if row.parent_id else None,
            "position": row.position,
            "heading": row.heading,
        }
        for row in _present(document)
    ]
    return OutlineRevision.objects.create(
        region_id=document.region_id,
        document=document,
        number=last + 1,
        change=change,
        section=section,
        outline=outline,
        author=by,
    )


def _depth(section: Section | None, rows: list[Section]) -> int:
    by_pk = {row.pk: row for row in rows}
    depth = 0
    while section is not None:
        depth += 1
        section = by_pk[section.parent_id] if section.parent_id else None
    return depth


def _height(section: Section, rows: list[Section]) -> int:
    return 1 + max((_height(row, rows) for row in rows if row.parent_id == section.pk), default=0)


def _renumber(siblings: list[Section]) -> None:
    for position, row in enumerate(siblings):
        if row.position != position:
            row.position = position
            row.save(update_fields=["position"])


@transaction.atomic
def add_section(
    document: Document,
    *,
    heading: Mapping[str, str],
    by: User | None,
    parent: Section | None = None,
    after: Section | None = None,
    key: str = "",
    facet: str = Section.Facet.FREE,
    criterion: Criterion | None = None,
    guidance: Mapping[str, str] | None = None,
    copied_from: Section | None = None,
    numbered: bool = True,
) -> Section:
    """Add a section under `parent`, behind `after` or last.

    Raises ValidationError when it would stand deeper than three levels (`too_deep`), has no heading, or its parent was
    removed meanwhile (`section_removed`).
    """
    document = lock(document)
    require_one_region(document.region, parent, criterion)
    if not any(text.strip() for text in heading.values()):
        raise ValidationError(_("Give the section a heading."), code="heading_missing")
    rows = _present(document)
    parent = _standing(rows, parent) if parent else None
    if _depth(parent, rows) >= MAX_DEPTH:
        raise ValidationError(_("Sections can be at most three levels deep."), code="too_deep")
    siblings = [row for row in rows if row.parent_id == (parent.pk if parent else None)]
    place = next((index + 1 for index, row in enumerate(siblings) if after and row.pk == after.pk), len(siblings))
    section = Section(
        region_id=document.region_id,
        document=document,
        key=key or _free_key(document, heading),
        parent=parent,
        position=place,
        heading={language: text.strip() for language, text in heading.items() if text.strip()},
        guidance=dict(guidance or {}),
        facet=facet,
        criterion=criterion,
        copied_from=copied_from,
        numbered=numbered,
    )
    section.full_clean(exclude=["parent", "copied_from"])
    section.save()
    _renumber([*siblings[:place], section, *siblings[place:]])
    _note(document, "add", section, by)
    return section


def _free_key(document: Document, heading: Mapping[str, str]) -> str:
    stem = slugify(next(iter(heading.values())))[:60] or "osio"
    taken = set(document.sections.values_list("key", flat=True))
    return stem if stem not in taken else f"{stem}-{new_public_id()}"


@transaction.atomic
def rename_section(
    section: Section, *, heading: Mapping[str, str], by: User | None, seen: Mapping[str, str] | None = None
) -> Section:
    """Give a section a new heading. Raises ValidationError when nothing of it is left (`heading_missing`).

    Translations that stay as they were while the original changes are behind from then on. `seen`: language of a
    translation -> the original that its translator was shown, where that is not the one that stands there.
    """
    document = lock(section.document)
    if not any(text.strip() for text in heading.values()):
        raise ValidationError(_("Give the section a heading."), code="heading_missing")
    section = document.sections.get(pk=section.pk)
    before = section.heading
    section.heading = {language: text.strip() for language, text in heading.items() if text.strip()}
    section.heading_shown = shown_after(
        before, section.heading_shown, section.heading, original=document.original, seen=seen
    )
    section.save(update_fields=["heading", "heading_shown"])
    _note(document, "rename", section, by)
    return section


@transaction.atomic
def move_section(
    section: Section, *, by: User | None, parent: Section | None = None, after: Section | None = None
) -> Section:
    """Move a section with all below it under `parent` (None: the top), behind `after` or first.

    Raises ValidationError when it would stand deeper than three levels (`too_deep`) or under itself (`under_itself`),
    or when either was removed meanwhile (`section_removed`).
    """
    document = lock(section.document)
    rows = _present(document)
    by_pk = {row.pk: row for row in rows}
    section, parent = _standing(rows, section), _standing(rows, parent) if parent else None
    above = parent
    while above is not None:
        if above.pk == section.pk:
            raise ValidationError(_("A section cannot be moved under itself."), code="under_itself")
        above = by_pk[above.parent_id] if above.parent_id else None
    if _depth(parent, rows) + _height(section, rows) > MAX_DEPTH:
        raise ValidationError(_("Sections can be at most three levels deep."), code="too_deep")
    old_parent_id = section.parent_id
    parent_id = parent.pk if parent else None
    siblings = [row for row in rows if row.parent_id == parent_id and row.pk != section.pk]
    place = next((index + 1 for index, row in enumerate(siblings) if after and row.pk == after.pk), 0)
    section.parent = parent
    section.save(update_fields=["parent"])
    _renumber([*siblings[:place], section, *siblings[place:]])
    if old_parent_id != parent_id:
        _renumber([row for row in rows if row.parent_id == old_parent_id and row.pk != section.pk])
    _note(document, "move", section, by)
    return section


@transaction.atomic
def remove_section(section: Section, *, by: User | None) -> None:
    """Take a section and all below it out of the document. It stays in the database with its history."""
    document = lock(section.document)
    rows = _present(document)
    doomed = [_standing(rows, section)]
    for row in doomed:
        doomed.extend(child for child in rows if child.parent_id == row.pk)
    now = timezone.now()
    for row in doomed:
        row.removed_at = now
        row.save(update_fields=["removed_at"])
        project_rows(row, row.blocks, [])
    document.block_identities.filter(section__in=doomed).update(section=None)
    _note(document, "remove", section, by)
    record(by, "section.removed", document, section=section.key)


@transaction.atomic
def bring_back_section(section: Section, *, by: User | None) -> Section:
    """Undo a removal: the section and all that was removed with it stand where they were.

    Text that was pasted into another section meanwhile stays there; a section whose place is gone or too deep by now
    comes back at the top.
    """
    document = lock(section.document)
    section = document.sections.select_related("head", "parent").get(pk=section.pk)
    if section.removed_at is None:
        return section
    together = list(document.sections.select_related("head").filter(removed_at=section.removed_at))
    rows = [*_present(document), *together]
    parent = next((row for row in rows if row.pk == section.parent_id), None)
    if parent is None or _depth(parent, rows) + _height(section, rows) > MAX_DEPTH:
        section.parent = None
        section.save(update_fields=["parent"])
    for row in together:
        row.removed_at = None
        row.save(update_fields=["removed_at"])
        ids = [block.id for block in row.blocks]
        placed = document.block_identities.filter(block_id__in=ids, section__isnull=False).exclude(section=row)
        elsewhere = set(placed.values_list("block_id", flat=True))
        if elsewhere:
            rest = [block for block in row.blocks if block.id not in elsewhere]
            add_revision(row, rest, by=by, base=row.head, origin=Revision.Origin.RESTORED)
        project_rows(row, [], row.blocks)
    place_identities(document, together)
    _note(document, "bring_back", section, by)
    return document.sections.get(pk=section.pk)


@transaction.atomic
def split_section(section: Section, *, at: str, heading: Mapping[str, str], by: User | None) -> Section:
    """Move block `at` and all behind it into a new section that follows. Blocks keep their ids.

    A table is not cut: at one of its rows, all of it goes. Raises ValidationError when the block is no longer there
    (`block_gone`).
    """
    document = lock(section.document)
    section = document.sections.select_related("head", "parent").get(pk=section.pk)
    blocks = section.blocks
    place = next((index for index, block in enumerate(blocks) if block.id == at), None)
    if place is None:
        raise ValidationError(_("Someone else has moved or removed this text meanwhile."), code="block_gone")
    while blocks[place].kind == TABLE_ROW and place:
        place -= 1
    new = add_section(
        document,
        heading=heading,
        by=by,
        parent=section.parent,
        after=section,
        facet=section.facet,
        criterion=section.criterion,
    )
    add_revision(section, blocks[:place], by=by, base=section.head, origin=Revision.Origin.MOVED)
    add_revision(new, blocks[place:], by=by, base=None, origin=Revision.Origin.MOVED)
    place_identities(document, [section, new])
    _note(document, "split", section, by)
    return new


@transaction.atomic
def join_sections(first: Section, second: Section, *, by: User | None) -> Section:
    """Put the second section's blocks behind the first's, and the second section away. Blocks keep their ids.

    Raises ValidationError when there are sections below the second (`has_children`).
    """
    if first.pk == second.pk:
        raise ValueError("A section cannot be joined to itself.")
    document = lock(first.document)
    rows = document.sections.select_related("head").in_bulk([first.pk, second.pk])
    first, second = rows[first.pk], rows[second.pk]
    if document.sections.present().filter(parent=second).exists():
        raise ValidationError(_("Move the sections below it first."), code="has_children")
    joined = [*first.blocks, *second.blocks]
    add_revision(second, [], by=by, base=second.head, origin=Revision.Origin.MOVED)
    add_revision(first, joined, by=by, base=first.head, origin=Revision.Origin.MOVED)
    second.removed_at = timezone.now()
    second.save(update_fields=["removed_at"])
    place_identities(document, [second, first])
    document.notes.filter(section=second).update(section=first)
    _note(document, "join", first, by)
    return first
