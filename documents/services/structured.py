"""Goals, measures and answers: blocks that have forms of their own, added and changed one by one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from documents.blocks import Block, clean, same_blocks
from documents.compose import place_behind
from documents.merge import merge
from documents.models import Revision, Section
from documents.services.documents import lock
from documents.services.identities import issue_block_id, place_identities
from documents.services.revisions import add_revision, open_conflict
from documents.services.sections import Saved, fresh_sections

Origin = Revision.Origin


@transaction.atomic
def append_blocks(
    section: Section, drafts: Sequence[Block], *, by: User | None, origin: str, after: str | None = None, note: str = ""
) -> list[Block]:
    """Add blocks that have no id yet behind block `after`, or to the end; answers them with their new ids."""
    document = lock(section.document)
    section = fresh_sections(document, [section])[section.pk]
    new = [clean(replace(block, id=issue_block_id(section))) for block in drafts]
    blocks = section.blocks
    place = place_behind(blocks, after)
    add_revision(section, [*blocks[:place], *new, *blocks[place:]], by=by, base=section.head, origin=origin, note=note)
    return new


@transaction.atomic
def save_structured(
    section: Section,
    *,
    by: User | None,
    change: Sequence[Block] = (),
    bases: Mapping[str, Block] | None = None,
    after: str | None = None,
    remove: Iterable[str] = (),
    origin: str = Origin.TYPED,
    note: str = "",
) -> Saved:
    """Change, add or remove structured blocks (goals, answers) of a section; their rows follow.

    A block of `change` that stands in the section is merged, field by field, with what others made of its state in
    `bases` (without one: of its head); others are added behind block `after`, or to the end. Raises ValidationError
    when a block stands in another section meanwhile (`block_gone`).
    """
    document = lock(section.document)
    section = fresh_sections(document, [section])[section.pk]
    gone = set(remove)
    head = [block for block in section.blocks if block.id not in gone]
    standing = {block.id: block for block in head}
    wanted = {block.id: clean(block) for block in change}
    elsewhere = document.block_identities.filter(block_id__in=wanted, section__isnull=False).exclude(section=section)
    if elsewhere.exists():
        raise ValidationError(_("Someone else has moved or removed this text meanwhile."), code="block_gone")
    base = [(bases or {}).get(block.id, block) if block.id in wanted else block for block in head]
    outcome = merge(base, head, [wanted.get(block.id, block) for block in head])
    blocks = list(outcome.blocks)
    place = place_behind(blocks, after)
    blocks[place:place] = [block for block in wanted.values() if block.id not in standing]
    if section.head and same_blocks(blocks, section.blocks) and not outcome.clashes:
        return Saved(section.head, unchanged=True)
    revision = add_revision(section, blocks, by=by, base=section.head, origin=origin, note=note)
    conflicts = [open_conflict(revision, clash, by) for clash in outcome.clashes]
    place_identities(document, [section])
    return Saved(revision, conflicts=conflicts)
