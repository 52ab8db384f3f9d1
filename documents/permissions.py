"""Who may do what with a document. Everything follows from memberships on the date (`rights_of`)."""

from django.db.models import QuerySet

from accounts.models import User
from documents.models import Document, Note, Phrase
from regions.models import Membership, Region
from regions.permissions import Rights


def can_read_draft(rights: Rights, document: Document) -> bool:
    """Coordinators of the region and the members of the bodies that coordinate or write the document."""
    return rights.coordinates(document.region) or document_bodies(document) & rights.body_ids != frozenset()


def document_bodies(document: Document) -> frozenset[int]:
    ids = (document.coordinating_body_id, document.writing_body_id)
    return frozenset(pk for pk in ids if pk is not None)


def draft_readers(document: Document) -> QuerySet[User]:
    """Those who may read the draft today: `can_read_draft`, asked from the other side."""
    bodies = set(document_bodies(document))
    if document.region.coordinating_body_id is not None:
        bodies.add(document.region.coordinating_body_id)
    members = Membership.objects.valid_on().filter(body_id__in=bodies)
    return User.objects.filter(is_active=True, pk__in=members.values("user_id")).order_by("name", "pk")


def can_edit(rights: Rights, document: Document) -> bool:
    """Edit the text: those who may read the draft are those who write it."""
    return can_read_draft(rights, document)


def can_change_outline(rights: Rights, document: Document) -> bool:
    """Add, move and remove sections. The outline of a handbook is its template's, so only coordinators change it."""
    if document.kind == Document.Kind.HANDBOOK:
        return can_coordinate(rights, document)
    return can_edit(rights, document)


def can_coordinate(rights: Rights, document: Document) -> bool:
    """Freeze, name and export versions, change the document's own data."""
    return rights.coordinates(document.region) or (
        document.coordinating_body_id is not None and document.coordinating_body_id in rights.body_ids
    )


def can_edit_note(user: User, note: Note) -> bool:
    """One's own words alone; for how long, the service says."""
    return note.author_id == user.pk


def writes_in(rights: Rights, region: Region) -> bool:
    """Whether somebody writes any document of a region: a coordinator, or a member of a writing group."""
    return rights.coordinates(region) or Document.objects.readable_with(rights).filter(region_id=region.pk).exists()


def can_edit_phrase(rights: Rights, user: User, phrase: Phrase) -> bool:
    """Everyone who writes in the region uses the texts; coordinators and whoever wrote one change it."""
    return rights.coordinates(phrase.region) or phrase.author_id == user.pk
