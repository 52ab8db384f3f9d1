"""Writing down one state of a section, and what it met that somebody must settle. Callers hold the document's lock."""

from collections.abc import Sequence

from django.db.models import Max

from accounts.models import User
from documents import kinds
from documents.blocks import Block, clean, dump
from documents.merge import Clash
from documents.models import Conflict, Revision, Section
from documents.search.index import index_section


def add_revision(
    section: Section,
    blocks: Sequence[Block],
    *,
    by: User | None,
    base: Revision | None,
    origin: str,
    client_key: str = "",
    note: str = "",
    is_automatic: bool = False,
) -> Revision:
    """Write the section's next revision and make it the head. The caller holds the document's lock."""
    revision = Revision.objects.create(
        region_id=section.region_id,
        document_id=section.document_id,
        section=section,
        number=_next_number(section),
        content=dump(clean(block) for block in blocks),
        base=base,
        origin=origin,
        client_key=client_key,
        note=note,
        is_automatic=is_automatic,
        author=by,
    )
    before = section.blocks
    section.head = revision
    if not blocks:
        section.state = Section.State.EMPTY
    elif section.state == Section.State.EMPTY:
        section.state = Section.State.DRAFT
    section.save(update_fields=["head", "state"])
    project_rows(section, before, revision.blocks)
    index_section(section, revision.blocks)
    return revision


def add_side(
    section: Section,
    blocks: Sequence[Block],
    *,
    by: User | None,
    base: Revision | None,
    client_key: str = "",
    is_automatic: bool = False,
) -> Revision:
    """Keep what a writer had before it is merged with what another has saved; it never is the section's text."""
    return Revision.objects.create(
        region_id=section.region_id,
        document_id=section.document_id,
        section=section,
        number=_next_number(section),
        content=dump(clean(block) for block in blocks),
        base=base,
        origin=Revision.Origin.TYPED,
        client_key=client_key,
        is_side=True,
        is_automatic=is_automatic,
        author=by,
    )


def _next_number(section: Section) -> int:
    """Sides are numbered with the others, so the head's number need not be the last."""
    return (section.revisions.aggregate(last=Max("number"))["last"] or 0) + 1


def project_rows(section: Section, before: Sequence[Block], after: Sequence[Block]) -> None:
    """Let the rows of structured blocks follow where these have changed."""
    old, new = [block for block in before if not block.is_text], [block for block in after if not block.is_text]
    if old == new:
        return
    for name, kind in kinds.structured_kinds().items():
        standing = [block for block in new if block.kind == name]
        before_ids = {block.id for block in old if block.kind == name}
        changed = {block.id for block in standing if block not in old}
        gone = before_ids - {block.id for block in standing}
        if kind.project and (standing or gone):
            kind.project(section, standing, changed, gone)


def open_conflict(revision: Revision, clash: Clash, by: User | None) -> Conflict:
    """Keep what a writer has in a place where another's words stand, until a person settles it.

    A writer who types on in that place has one conflict there, with the latest words; the earlier ones are in the
    revisions of each save.
    """
    place = {"kind": clash.kind, "block_id": clash.block_id, "unit": clash.unit, "language": clash.language}
    if by is not None:
        standing = Conflict.objects.filter(section_id=revision.section_id, author=by, settled_at=None, **place).first()
        if standing:
            standing.mine = clash.mine
            standing.save(update_fields=["mine"])
            return standing
    return Conflict.objects.create(
        region_id=revision.region_id,
        document_id=revision.document_id,
        section_id=revision.section_id,
        revision=revision,
        base=clash.base,
        head=clash.head,
        mine=clash.mine,
        author=by,
        **place,
    )
