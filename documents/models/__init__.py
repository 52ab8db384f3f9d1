from documents.models.document import Document, DocumentQuerySet
from documents.models.outline import OutlineRevision, Section, SectionQuerySet
from documents.models.text import BlockIdentity, Conflict, Revision
from documents.models.version import Publication, Rendition, Version, VersionLabel, VersionQuerySet

__all__ = [
    "BlockIdentity",
    "Conflict",
    "Document",
    "DocumentQuerySet",
    "OutlineRevision",
    "Publication",
    "Rendition",
    "Revision",
    "Section",
    "SectionQuerySet",
    "Version",
    "VersionLabel",
    "VersionQuerySet",
]
