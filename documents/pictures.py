"""Which pictures a document may show, and to whom they belong.

A picture's key is written in the text, so anyone could write the key of another document's picture there. A text may
show what it has shown before, what its writer brought, and what stands in another draft of the region that the writer
may read.
"""

from collections.abc import Iterable
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from documents.blocks import FIGURE
from documents.html import Incoming
from documents.models import Document, Revision, Section, Version
from documents.richtext import plain
from regions.models import StoredFile
from regions.permissions import rights_of

Row = TypeVar("Row", Revision, Section)


def holds_file(document: Document, key: str) -> bool:
    """Whether a picture stands in the text or on the cover of a document, now or in any earlier state."""
    if document.cover and document.cover.public_id == key:
        return True
    return _naming(document.revisions.all(), "content", key).exists()


def published_file(document: Document, key: str) -> bool:
    """Whether a picture stands in a version that is public now."""
    contents = Version.objects.filter(document=document, publications__withdrawn_at=None, publications__isnull=False)
    # As `frozen` writes it. A quotation mark within a text is escaped, so nobody can write this into one.
    return any(f'"file":"{key}"'.encode() in bytes(content) for content in contents.values_list("content", flat=True))


def _naming(rows: QuerySet[Row], field: str, key: str) -> QuerySet[Row]:
    """The rows in whose blocks a picture stands: not merely its key, which anyone may write into a text."""
    return rows.annotate(raw=Cast(field, TextField())).filter(raw__contains=f'"file": "{key}"')


def standing_pictures(document: Document) -> dict[str, str]:
    """The pictures that stand in the draft: the SHA-256 of their bytes -> the stored file's key."""
    heads = document.sections.present().select_related("head")
    keys = {str(block.data.get("file")) for row in heads for block in row.blocks if block.kind == FIGURE}
    if not keys:
        return {}
    rows = StoredFile.objects.filter(region_id=document.region_id, public_id__in=keys)
    return dict(rows.values_list("sha256", "public_id"))


def refuse_foreign_pictures(
    document: Document, incoming: Iterable[Incoming], *, standing: Iterable[str], by: User | None
) -> None:
    """Raise ValidationError (`foreign_picture`) for a picture that this writer may not show in this document.

    `standing` are the keys of pictures that the saved sections had; they cost nothing. Without a writer it is the
    program itself that saves, with pictures that it has stored.
    """
    wanted = {str(item.data.get("file", "")): item for item in incoming if item.kind == FIGURE}
    new = set(wanted) - set(standing)
    if by is None or not new:
        return
    rows = StoredFile.objects.filter(region_id=document.region_id, public_id__in=new)
    brought = dict(rows.values_list("public_id", "uploaded_by"))
    for key in sorted(new):
        known = key in brought
        if not (known and (brought[key] == by.pk or holds_file(document, key) or _may_copy(document, key, by))):
            raise ValidationError(
                _(
                    "The picture “%(name)s” does not belong to this document, so the text was not saved. "
                    "Remove it from the text and add it with the picture button."
                ),
                code="foreign_picture",
                params={"name": plain(wanted[key].text.get("alt", "")) or key},
            )


def _may_copy(document: Document, key: str, by: User) -> bool:
    """Whether the picture stands in another draft of the region that the writer may read."""
    readable = Document.objects.readable_with(rights_of(by)).filter(region_id=document.region_id)
    sections = Section.objects.filter(document__in=readable, removed_at=None)
    return _naming(sections, "head__content", key).exists()
