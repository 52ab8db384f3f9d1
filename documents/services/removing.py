"""Removing a document that was made by mistake, as long as nothing in it could be lost."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from documents import kinds
from documents.models import Document
from documents.search.index import forget_document
from documents.services.documents import lock


def what_would_be_lost(document: Document) -> list[str]:
    """Why a document cannot be removed, in words that readers understand; empty where it can."""
    reasons: list[str] = []
    if document.versions.exists():
        reasons.append(_("It has saved versions, and a version is kept for good."))
    if document.revisions.exists():
        reasons.append(_("Somebody has written text in it."))
    if document.notes.exists():
        reasons.append(_("It has internal notes."))
    own = kinds.document_kind(document.kind)
    return [*reasons, *(str(reason) for reason in (own.kept_by(document) if own else ()))]


@transaction.atomic
def remove_document(document: Document, *, by: User | None) -> None:
    """Remove a document for good: its empty sections, the history of its contents, its row in the upper package.

    Locks the document. Raises ValidationError when something in it could be lost, or something else refers to it
    (`document_kept`); nothing is removed then. The audit trail keeps its name.
    """
    document = lock(document)
    reasons = what_would_be_lost(document)
    if reasons:
        raise ValidationError(reasons, code="document_kept")
    record(by, "document.removed", document, kind=document.kind)
    own = kinds.document_kind(document.kind)
    try:
        with transaction.atomic():
            if own:
                own.forget(document)
            forget_document(document)
            document.outline_revisions.all().delete()
            # Sections protect each other: the lowest would have to go first.
            document.sections.update(parent=None, copied_from=None)
            document.sections.all().delete()
            document.delete()
    except ProtectedError as error:
        raise ValidationError(_("Something else in the region refers to it."), code="document_kept") from error
