"""Noting who looks at a section, and up to which revision."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.models import User
from documents.models import Document, Section, Visit


def note_visit(section: Section, *, by: User, seen: int, is_open: bool) -> None:
    """Note that somebody has seen a section up to a revision, and whether they go on writing in it.

    What was seen once stays seen. One statement for all but the first time.
    """
    seen = min(seen, section.head.number if section.head else 0)
    now = timezone.now()
    rows = Visit.objects.filter(section=section, user=by)
    if rows.update(number=Greatest(F("number"), Value(seen)), is_open=is_open, seen_at=now):
        return
    if not is_open and not seen:
        return
    Visit.objects.get_or_create(
        section=section,
        user=by,
        defaults={
            "region_id": section.region_id,
            "document_id": section.document_id,
            "number": seen,
            "is_open": is_open,
            "seen_at": now,
        },
    )


@transaction.atomic
def mark_seen(document: Document, *, by: User, numbers: Mapping[str, int]) -> int:
    """Note that somebody has seen these sections (by key) up to these revisions; answers how many there are.

    What was seen once stays seen. Four statements, whatever their number.
    """
    sections = {row.key: row for row in document.sections.present().select_related("head").filter(key__in=numbers)}
    before = dict(Visit.objects.filter(section__in=list(sections.values()), user=by).values_list("section", "number"))
    now = timezone.now()
    visits = [
        Visit(
            region_id=row.region_id,
            document_id=row.document_id,
            section=row,
            user=by,
            number=max(before.get(row.pk, 0), min(numbers[key], row.head.number if row.head else 0)),
            seen_at=now,
        )
        for key, row in sections.items()
    ]
    Visit.objects.bulk_create(
        visits, update_conflicts=True, unique_fields=["section", "user"], update_fields=["number", "seen_at"]
    )
    return len(visits)
