"""Files made of frozen versions: PDF, Word, Excel and JSON, each made once and served from then on.

Which files a kind of document can be had as is told here by its package: `register_layout("plan", …)`. PDF, Word and
JSON of the whole text work for every kind.
"""

import datetime
import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import TextChoices
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from documents import frozen
from documents.blocks import FIGURE
from documents.frozen import Frozen
from documents.models import Rendition, Version
from documents.printing.document import Edition, print_pdf
from documents.printing.engine import Fetch, PrintError, check_pdf
from documents.rendering import interface_language
from documents.word.writer import write_version
from jobs.models import Job
from jobs.services import enqueue
from regions.files import DOCX, PDF
from regions.models import Region, StoredFile
from regions.services import open_file, store_made_file

logger = logging.getLogger("documents.renditions")

JOB = "make_rendition"
ANY = ""
"""Stands for every kind of document."""
LARGE = 1_500_000
"""Bytes of content above which a file takes more than about ten seconds, so that nobody should wait for the answer."""

CONTENT_TYPES: dict[str, str] = {
    Rendition.Format.PDF: PDF,
    Rendition.Format.DOCX: DOCX,
    Rendition.Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Rendition.Format.JSON: "application/json",
}

Builder = Callable[[Edition], bytes]


@dataclass(frozen=True)
class Choice:
    """One file that can be had of a version."""

    format: str
    layout: str
    language: str


_builders: dict[tuple[str, str, str], Builder] = {}


def register_layout(kind: str, format: str, layout: str, builder: Builder) -> None:
    """Tell how a kind of document (or ANY) is made into a file, once, from an app's `ready`."""
    key = (kind, str(format), str(layout))
    if _builders.setdefault(key, builder) is not builder:
        raise ValueError(f"Two builders for {key}.")


def builder_of(kind: str, format: str, layout: str) -> Builder:
    """The kind's own builder, or the one for every kind. Raises ValidationError (`layout`) where there is none."""
    builder = _builders.get((kind, format, layout)) or _builders.get((ANY, format, layout))
    if builder is not None:
        return builder
    raise ValidationError(_("This document cannot be had in that format and layout."), code="layout")


def choices_of(version: Version) -> list[Choice]:
    """Every file that can be had of a version, in the order in which people want them."""
    kind = version.document.kind
    order = [(format_name, layout) for format_name in Rendition.Format.values for layout in Rendition.Layout.values]
    known = [pair for pair in order if (kind, *pair) in _builders or (ANY, *pair) in _builders]
    return [Choice(*pair, language) for pair in known for language in version.document.languages]


def is_draft(version: Version) -> bool:
    """A version that was never public is printed as a draft."""
    return not version.publications.exists()


def find_rendition(version: Version, *, format: str, layout: str, language: str) -> Rendition | None:
    """The file, if it has been made; for a version that has become public, the one without the draft's mark."""
    return (
        Rendition.objects.select_related("file")
        .filter(version=version, format=format, layout=layout, language=language, is_draft=is_draft(version))
        .first()
    )


def make_rendition(
    version: Version,
    *,
    format: str,
    layout: str = Rendition.Layout.FULL,
    language: str,
    by: User | None = None,
) -> Rendition:
    """The file of a version: the one there is, or a new one, which stays.

    It is made outside any lock, because it takes seconds; if two people make it at once, the first one stored stays.
    Raises ValidationError for a layout that the document does not have (`layout`), a language that it is not written
    in (`language`) and what its writers have to mend first; PrintError where the PDF would not be accessible.
    """
    builder = builder_of(version.document.kind, format, layout)
    if found := find_rendition(version, format=format, layout=layout, language=language):
        return found
    edition = edition_of(version, layout=layout, language=language)
    content = builder(edition)
    report = check_pdf(content) if format == Rendition.Format.PDF else {}
    if report and not report["compliant"]:
        raise PrintError([f"{failure['rule']}: {failure['message']}" for failure in report["failures"]])
    with transaction.atomic():
        Version.objects.select_for_update(of=("self",)).only("pk").get(pk=version.pk)
        if found := find_rendition(version, format=format, layout=layout, language=language):
            return found
        region = Region.objects.get(pk=version.region_id)
        rendition = Rendition.objects.create(
            region=region,
            version=version,
            format=format,
            layout=layout,
            language=language,
            is_draft=edition.is_draft,
            file=store_made_file(
                region,
                name=file_name(edition, format, layout),
                content=content,
                content_type=CONTENT_TYPES[format],
                by=by,
            ),
            check_report=report,
            release=settings.RELEASE,
        )
        record(by, "rendition.made", version.document, version=version.number, format=format, layout=layout)
    return rendition


def edition_of(version: Version, *, layout: str, language: str) -> Edition:
    """A version as it is about to be printed. Raises ValidationError (`language`) when it is not written in that."""
    content = frozen.read(version)
    if language not in content.document["languages"]:
        raise ValidationError(_("The document is not written in that language."), code="language")
    draft = is_draft(version)
    return Edition(
        frozen=content,
        language=language,
        number=version.number,
        frozen_at=version.frozen_at,
        is_draft=draft,
        identifier=f"{version.sha256} v{version.number} {layout} {language} {'draft' if draft else 'public'}",
        picture=pictures_of(version, content),
        content=bytes(version.content),
    )


def pictures_of(version: Version, content: Frozen) -> Fetch:
    """Only what the version itself shows can be fetched."""
    keys = {str(block.data.get("file")) for block in content.blocks() if block.kind == FIGURE}
    if content.document.get("cover"):
        keys.add(content.document["cover"]["file"])
    files = {row.public_id: row for row in StoredFile.objects.filter(region_id=version.region_id, public_id__in=keys)}

    def picture(key: str) -> tuple[bytes, str]:
        stored = files[key]
        with open_file(stored) as file:
            return file.read(), stored.content_type

    return picture


def file_name(edition: Edition, format: str, layout: str) -> str:
    """What the file is called where it is saved: `perhekeskuksen-toimintasuunnitelma-v3-fi.pdf`."""
    title = edition.title.replace("–", "-").replace("—", "-")
    parts = [slugify(title)[:80] or "document", f"v{edition.number}"]
    if layout != Rendition.Layout.FULL:
        parts.append(layout)
    return f"{'-'.join([*parts, edition.language])}.{format}"


# --- In the background ------------------------------------------------------------------------------------


def _job_key(version: Version, choice: Choice) -> str:
    return f"{JOB}-{version.pk}-{choice.format}-{choice.layout}-{choice.language}"


def ask_for_rendition(version: Version, choice: Choice) -> Job:
    """Let the file be made in the background, in the caller's transaction."""
    payload = {
        "version": version.pk,
        "format": choice.format,
        "layout": choice.layout,
        "language": choice.language,
        "region_code": version.document.region.code,
    }
    return enqueue(JOB, payload, key=_job_key(version, choice))


class Making(TextChoices):
    """How far a file is that was asked for."""

    NOT_ASKED = "not_asked"
    UNDER_WAY = "under_way"
    STANDS_STILL = "stands_still"


PATIENCE = datetime.timedelta(minutes=2)
"""So long may a file wait before a worker takes it up; after that it seems that none is running."""


def how_far(version: Version, choice: Choice) -> Making:
    """Whether a file that is not there yet has been asked for, and whether anybody works at it."""
    job = Job.objects.open().filter(key=_job_key(version, choice)).first()
    if job is None:
        return Making.NOT_ASKED
    waits = job.started_at is None and job.created_at < timezone.now() - PATIENCE
    return Making.STANDS_STILL if waits else Making.UNDER_WAY


# --- For every kind of document ---------------------------------------------------------------------------


def _pdf(edition: Edition) -> bytes:
    return print_pdf(edition, "print/document.html")


def _json(edition: Edition) -> bytes:
    """The very bytes that were frozen, in every language, so that their checksum is the version's own."""
    return edition.content


def _docx(edition: Edition) -> bytes:
    with translation.override(interface_language(edition.language)):
        return write_version(
            edition.frozen,
            language=edition.language,
            image_bytes=lambda key: edition.picture(key)[0],
            version_label=gettext("Version %(number)d") % {"number": edition.number},
            draft=edition.is_draft,
            date=timezone.localtime(edition.frozen_at).date(),
        )


register_layout(ANY, Rendition.Format.PDF, Rendition.Layout.FULL, _pdf)
register_layout(ANY, Rendition.Format.DOCX, Rendition.Layout.FULL, _docx)
register_layout(ANY, Rendition.Format.JSON, Rendition.Layout.FULL, _json)
