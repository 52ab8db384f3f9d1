"""Making documents, and the lock that every write to one takes first."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from documents.models import Document
from documents.search.index import index_title
from regions.models import Body, Region
from regions.sealing import require_one_region


def lock(document: Document) -> Document:
    """The document's row, locked until the transaction ends. Call it before reading what you will change."""
    return Document.objects.select_for_update(of=("self",)).select_related("region").get(pk=document.pk)


@transaction.atomic
def create_document(
    region: Region,
    *,
    kind: str,
    title: Mapping[str, str],
    languages: Sequence[str],
    by: User | None,
    description: Mapping[str, str] | None = None,
    coordinating_body: Body | None = None,
    writing_body: Body | None = None,
    is_sample: bool = False,
) -> Document:
    """Make an empty document. Raises ValidationError without a title in the original's language (`title_missing`)."""
    require_one_region(region, coordinating_body, writing_body)
    if not languages or not title.get(languages[0], "").strip():
        raise ValidationError(_("Give the document a title."), code="title_missing")
    document = Document(
        region=region,
        kind=kind,
        title={language: text.strip() for language, text in title.items() if text.strip()},
        languages=list(languages),
        description=dict(description or {}),
        coordinating_body=coordinating_body or region.coordinating_body,
        writing_body=writing_body,
        is_sample=is_sample,
        created_by=by,
    )
    document.save()
    index_title(document)
    record(by, "document.created", document, kind=kind)
    return document
