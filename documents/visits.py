"""Up to where a reader has seen the text, and what others have changed since."""

import datetime
from dataclasses import dataclass

from django.db.models import Count, F, Max, OuterRef, Subquery

from accounts.models import User
from documents.models import Document, Revision, Section, Visit
from documents.services.versions import outline_order


def unread_sections(document: Document, user: User) -> dict[int, int]:
    """Section -> how many changes others have saved since this reader last looked at it. One query.

    A section that the reader has never opened is not among them: nothing in it has changed for them yet.
    """
    rows = (
        Revision.objects.filter(
            document=document,
            is_side=False,
            section__removed_at=None,
            section__visits__user=user,
            number__gt=F("section__visits__number"),
        )
        .exclude(author=user)
        .values_list("section")
        .annotate(count=Count("pk"))
        .order_by()
    )
    return dict(rows)


def unread_documents(user: User) -> dict[int, int]:
    """Document -> in how many of its sections others have changed what this reader has not seen. One query."""
    rows = (
        Revision.objects.filter(
            is_side=False,
            section__removed_at=None,
            section__visits__user=user,
            number__gt=F("section__visits__number"),
        )
        .exclude(author=user)
        .values_list("document")
        .annotate(count=Count("section", distinct=True))
        .order_by()
    )
    return dict(rows)


@dataclass(frozen=True)
class UnreadSection:
    """What others have changed in a section since its reader last looked at it."""

    section: Section
    seen: Revision | None
    """What the reader saw; None where there was nothing yet."""
    authors: list[User]
    changed_at: datetime.datetime
    count: int


def unread_changes(document: Document, user: User) -> list[UnreadSection]:
    """The sections that others have changed since this reader last looked, in reading order: five queries."""
    counts = unread_sections(document, user)
    if not counts:
        return []
    earlier = Revision.objects.line().filter(section=OuterRef("pk"), number__lte=OuterRef("visits__number"))
    rows = (
        document.sections.present()
        .filter(visits__user=user)
        .select_related("head")
        .annotate(seen_number=F("visits__number"), seen_pk=Subquery(earlier.order_by("-number").values("pk")[:1]))
    )
    sections = [
        section for section in outline_order(document.sections.present().defer("guidance")) if section.pk in counts
    ]
    known = {section.pk: section for section in rows.filter(pk__in=counts)}
    seen = Revision.objects.in_bulk([row.seen_pk for row in known.values() if row.seen_pk])
    others: dict[int, dict[int | None, datetime.datetime]] = {}
    news = (
        Revision.objects.line()
        .filter(section__in=known, section__visits__user=user, number__gt=F("section__visits__number"))
        .exclude(author=user)
        .values_list("section", "author")
        .annotate(last=Max("created_at"))
        .order_by("last")
    )
    for section_pk, author_pk, last in news:
        others.setdefault(section_pk, {})[author_pk] = last
    people = User.objects.in_bulk({pk for row in others.values() for pk in row if pk is not None})
    return [
        UnreadSection(
            section=known[section.pk],
            seen=seen.get(known[section.pk].seen_pk),
            authors=[people[pk] for pk in others[section.pk] if pk is not None],
            changed_at=max(others[section.pk].values()),
            count=counts[section.pk],
        )
        for section in sections
    ]


def has_visited(document: Document, user: User) -> bool:
    """Whether a reader has ever looked at a section of this document."""
    return document.visits.filter(user=user).exists()


def unopened_sections(document: Document, user: User) -> list[Section]:
    """The sections with a text that this reader has never looked at, in reading order; two queries."""
    sections = document.sections.present().defer("guidance")
    opened = set(Visit.objects.filter(user=user, document=document).values_list("section", flat=True))
    return [row for row in outline_order(sections) if row.head_id and row.pk not in opened]
