from documents.models.document import Document, DocumentQuerySet
from documents.models.outline import OutlineRevision, Section, SectionQuerySet
from documents.models.passage import Passage, PassageQuerySet
from documents.models.text import BlockIdentity, Conflict, Revision
from documents.models.version import Publication, Rendition, Version, VersionLabel, VersionQuerySet
from documents.models.writing import GlossaryTerm, Note, NoteQuerySet, Phrase, Visit, VisitQuerySet

__all__ = [
    "BlockIdentity",
    "Conflict",
    "Document",
    "DocumentQuerySet",
    "GlossaryTerm",
    "Note",
    "NoteQuerySet",
    "OutlineRevision",
    "Passage",
    "PassageQuerySet",
    "Phrase",
    "Publication",
    "Rendition",
    "Revision",
    "Section",
    "SectionQuerySet",
    "Version",
    "VersionLabel",
    "VersionQuerySet",
    "Visit",
    "VisitQuerySet",
]
