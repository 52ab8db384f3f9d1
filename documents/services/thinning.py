"""Letting go of what the editor saved by itself long ago and what nothing leads to any more."""

import datetime
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef, ProtectedError
from django.utils import timezone

from audit.services import record
from documents.models import Document, Revision, Section
from documents.services.documents import lock

KEPT = datetime.timedelta(days=30)
SITTING = datetime.timedelta(minutes=15)
"""What one writer saves with shorter gaps is one sitting, as the history shows it."""


def thin_all() -> None:
    """Thin every document that has automatic revisions old enough."""
    rows = Revision.objects.filter(is_automatic=True, created_at__lt=timezone.now() - KEPT)
    for document in Document.objects.filter(Exists(rows.filter(document=OuterRef("pk")))):
        thin(document)


@transaction.atomic
def thin(document: Document) -> int:
    """Remove a document's old automatic revisions, except the last of each sitting; answers how many.

    What anything leads to stays: heads, what versions hold, conflicts, what was merged and what it was merged from,
    answers, and what carries a note. A kept revision that was based on a removed one is based on the nearest kept one
    before it. Locks the document.
    """
    document = lock(document)
    count = sum(_thin_section(section) for section in document.sections.all())
    if count:
        record(None, "revisions.thinned", document, count=count)
    return count


def _thin_section(section: Section) -> int:
    rows = list(section.revisions.order_by("number").defer("content"))
    if not rows:
        return 0
    kept = _referred_to(section, rows)
    limit = timezone.now() - KEPT
    gone = [
        row
        for position, row in enumerate(rows)
        if row.is_automatic
        and not row.is_side
        and row.pk not in kept
        and row.created_at < limit
        and not _ends_sitting(rows, position)
    ]
    if not gone:
        return 0
    removed = {row.pk for row in gone}
    nearest: dict[int, int | None] = {}
    last: int | None = None
    for row in rows:
        if row.pk in removed:
            nearest[row.pk] = last
        elif not row.is_side:
            last = row.pk
    for row in rows:
        if row.pk not in removed and row.base_id in removed:
            row.base_id = nearest[row.base_id]
            row.save(update_fields=["base"])
    # One after the other from the newest, because each is the base of the next.
    return sum(_let_go(row) for row in reversed(gone))


def _let_go(revision: Revision) -> bool:
    """An upper package may have something that leads to the revision, too: then it stays."""
    try:
        with transaction.atomic():
            revision.delete()
    except ProtectedError:
        return False
    return True


def _ends_sitting(rows: Sequence[Revision], position: int) -> bool:
    """Whether its writer made a pause after it, or another wrote next."""
    row = rows[position]
    later = next((other for other in rows[position + 1 :] if not other.is_side), None)
    return later is None or later.author_id != row.author_id or later.created_at - row.created_at > SITTING


def _referred_to(section: Section, rows: Sequence[Revision]) -> set[int]:
    """What a head, a version, a conflict or a merge leads to."""
    kept = {section.head_id} | set(section.conflicts.values_list("revision_id", flat=True))
    by_number = {row.number: row.pk for row in rows}
    for heads in section.document.versions.values_list("heads", flat=True):
        kept.add(by_number.get(heads.get(section.key, 0)))
    for before, row in zip([None, *rows], rows, strict=False):
        if row.is_side or row.origin in {Revision.Origin.MERGED, Revision.Origin.ACCEPTED}:
            kept |= {row.pk, row.base_id, before.pk if before else None}
        elif row.note or row.origin != Revision.Origin.TYPED:
            kept.add(row.pk)
    return {pk for pk in kept if pk is not None}
