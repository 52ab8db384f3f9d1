"""Cover pictures of sample documents, drawn for this project."""

from collections.abc import Mapping
from pathlib import Path

from accounts.models import User
from documents.models import Document
from documents.services.description import describe_document
from regions.services import store_file


def set_cover(document: Document, picture: Path, alt: Mapping[str, str] | None, *, by: User | None) -> None:
    """Put the picture on the document's cover, where the sample has one and says in words what it shows."""
    if not picture.exists() or not alt:
        return
    describe_document(
        document,
        by=by,
        title=document.title,
        description=document.description,
        languages=document.languages,
        writing_body=document.writing_body,
        cover=store_file(document.region, name=picture.name, content=picture.read_bytes(), by=by),
        cover_alt=alt,
    )
