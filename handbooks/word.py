"""Templates and handbooks as Word forms, with a mark by which a filled-in form tells what it was written from."""

import datetime
import hashlib
import io
import json
from collections.abc import Sequence

import docx
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import override

from documents import frozen
from documents.models import Document, Revision, Section, Version
from documents.rendering import interface_language
from documents.services.versions import outline_order
from documents.word.form import FormSection, write_form
from documents.word.guard import open_package
from handbooks.models import Handbook
from handbooks.queries import template_content
from handbooks.services.keys import TRAY_KEY
from regions.models import StoredFile
from regions.services import open_file

KEYWORDS = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}keywords"


def template_form_file(version: Version, *, language: str) -> bytes:
    """A template's frozen version as an empty form."""
    content = frozen.read(version)
    parents = {row.parent for row in content.sections}
    sections = [
        FormSection(
            key=row.key,
            heading=row.heading_in(language),
            level=row.depth,
            number=row.number,
            asks=row.key not in parents,
        )
        for row in content.sections
    ]
    title = content.document["title"]
    with override(interface_language(language)):
        return write_form(
            sections,
            title=title.get(language) or next(iter(title.values())),
            language=language,
            guidance=_guidance(content, language),
        )


def _guidance(content: frozen.Frozen, language: str) -> dict[str, str]:
    return {row.key: row.guidance.get(language) or next(iter(row.guidance.values()), "") for row in content.sections}


def handbook_form_file(handbook: Handbook, *, language: str) -> bytes:
    """A handbook as a form with the answers that there are now.

    What had no place in the template stays out of it. The file carries a mark of what it was written from, so that
    importing it merges with what others write meanwhile.
    """
    document = handbook.document
    now = timezone.now()
    rows = [row for row in outline_order(document.sections.present().select_related("head")) if row.key != TRAY_KEY]
    content = template_content(handbook)
    with override(interface_language(language)):
        file = write_form(
            _form_sections(rows, language),
            title=document.title_in(language),
            language=language,
            guidance=_guidance(content, language) if content else {},
            answers={row.key: row.head.blocks for row in rows if row.head},
            image_bytes=_Pictures(handbook),
        )
    return _marked(file, f"fc:{document.public_id}:{now.isoformat()}:{_digest(document, now)}")


def _form_sections(rows: Sequence[Section], language: str) -> list[FormSection]:
    parents = {row.parent_id for row in rows}
    numbers: dict[int | None, str] = {None: ""}
    counts: dict[int | None, int] = {}
    levels: dict[int | None, int] = {None: 0}
    sections: list[FormSection] = []
    for row in rows:
        counts[row.parent_id] = counts.get(row.parent_id, 0) + 1
        numbers[row.pk] = f"{numbers[row.parent_id]}.{counts[row.parent_id]}".lstrip(".")
        levels[row.pk] = levels[row.parent_id] + 1
        has_text = bool(row.head and row.head.content)
        sections.append(
            FormSection(
                key=row.key,
                heading=row.heading_in(language),
                level=levels[row.pk],
                number=numbers[row.pk],
                asks=row.pk not in parents or has_text,
            )
        )
    return sections


class _Pictures:
    """The bytes of the pictures in a handbook, by their keys."""

    def __init__(self, handbook: Handbook) -> None:
        self.handbook = handbook

    def __call__(self, key: str) -> bytes:
        stored = StoredFile.objects.filter(region=self.handbook.region_id, public_id=key).first()
        if stored is None:
            return b""
        with open_file(stored) as stream:
            return stream.read()


# --- What a file was written from -----------------------------------------------------------------------


def revisions_at(document: Document, at: datetime.datetime) -> dict[str, Revision]:
    """Each section's revision at a time, by key."""
    found: dict[str, Revision] = {}
    rows = document.revisions.line().filter(created_at__lte=at).select_related("section").order_by("number")
    for row in rows:
        found[row.section.key] = row
    return found


def _digest(document: Document, at: datetime.datetime) -> str:
    texts = {key: row.content for key, row in revisions_at(document, at).items()}
    return hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()[:16]


def _marked(content: bytes, mark: str) -> bytes:
    file = docx.Document(io.BytesIO(content))
    file.core_properties.keywords = mark
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def written_at(content: bytes, document: Document) -> datetime.datetime | None:
    """When a file was written from this document; None for another file, or when those texts are not kept any more."""
    try:
        root = open_package(content).xml("docProps/core.xml")
    except ValidationError:
        return None
    mark = (root.findtext(KEYWORDS) or "") if root is not None else ""
    name, _colon, rest = mark.partition(":")
    public_id, _colon, rest = rest.partition(":")
    when, _colon, digest = rest.rpartition(":")
    if name != "fc" or public_id != document.public_id:
        return None
    try:
        at = datetime.datetime.fromisoformat(when)
    except ValueError:
        return None
    if timezone.is_naive(at) or digest != _digest(document, at):
        return None
    return at
