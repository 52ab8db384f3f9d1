"""Who may do what with a document. Everything follows from memberships on the date (`rights_of`)."""

from documents.models import Document
from regions.permissions import Rights


def can_read_draft(rights: Rights, document: Document) -> bool:
    """Coordinators of the region and the members of the bodies that coordinate or write the document."""
    return rights.coordinates(document.region) or document_bodies(document) & rights.body_ids != frozenset()


def document_bodies(document: Document) -> frozenset[int]:
    ids = (document.coordinating_body_id, document.writing_body_id)
    return frozenset(pk for pk in ids if pk is not None)


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
