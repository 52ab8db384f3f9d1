"""Writing the archive: file by file to disk, so that memory holds one of them at a time."""

import datetime
import hashlib
import json
import logging
import time
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from documents.models import Rendition
from documents.printing.engine import PrintError
from documents.rendering import interface_language
from documents.renditions import find_rendition
from regions.models import StoredFile
from regions.services import open_file
from reviews.answering.paper import letter_pdf, receipt_file, receipt_text
from reviews.archive.names import CHECKSUMS, INDEX, PAGE, STYLE, attachment_name, numbered_name, plain_name
from reviews.archive.records import Records
from reviews.facts import in_words
from reviews.models import CommentRound, Receipt, Statement, SummaryFile
from reviews.services.statements import content_of
from reviews.summary.building import build
from reviews.summary.content import from_json
from reviews.summary.files import FORMATS, file_name, write_summary

logger = logging.getLogger("reviews.archive")

LARGEST = 2_000_000_000
"""Bytes of all attachments together: what old systems can unpack and one file in the storage may be."""

PRINTING = 300
"""Seconds after which statements are written as plain text: a worker holds a job for ten minutes."""

PIECE = 1024 * 1024
"""Bytes copied at once."""


class ArchiveTooLargeError(Exception):
    """The attachments do not fit in one archive."""


@dataclass(frozen=True)
class Entry:
    """A file in the archive."""

    path: str
    what: str
    size: int
    sha256: str


@dataclass(frozen=True)
class StatementEntry:
    """A statement as the archive's page lists it."""

    who: str
    received: str
    marks: list[str]
    paper: str
    attachments: list[Entry]
    remarks: int


def write_archive(file: IO[bytes], comment_round: CommentRound) -> None:
    """Write everything of a round as a zip. Raises ArchiveTooLargeError.

    Statements are set as PDF one by one; where that takes too long or fails, the same words stand as plain text.
    """
    language = comment_round.version.document.original
    with override(interface_language(language)), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        _Writing(archive, comment_round, language).write()


class _Writing:
    def __init__(self, archive: zipfile.ZipFile, comment_round: CommentRound, language: str) -> None:
        self.archive = archive
        self.round = comment_round
        self.language = language
        self.records = Records(comment_round)
        self.entries: list[Entry] = []
        self.made = timezone.localtime()
        self.print_until = time.monotonic() + PRINTING

    def write(self) -> None:
        stored = {file.pk: file for row in self.records.statements for file in self.records.attachments(row)}
        if sum(file.size for file in stored.values()) > LARGEST:
            raise ArchiveTooLargeError(_("The attachments are too large for one archive."))
        papers = [*self._version(), *self._letters(), *self._summaries()]
        statements = list(self._statements())
        self._pages(papers, statements)

    # --- One file -------------------------------------------------------------------------------------------

    def _info(self, path: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(path, self.made.timetuple()[:6])
        info.external_attr = 0o644 << 16
        return info

    def _add(self, path: str, content: bytes, what: str) -> Entry:
        info = self._info(path)
        info.compress_type = zipfile.ZIP_DEFLATED
        self.archive.writestr(info, content)
        return self._noted(path, what, len(content), hashlib.sha256(content).hexdigest())

    def _add_stored(self, path: str, stored: StoredFile, what: str) -> Entry:
        """A file from the storage, piece by piece. Its checksum is of the bytes that were read."""
        digest, size = hashlib.sha256(), 0
        with open_file(stored) as source, self.archive.open(self._info(path), "w", force_zip64=True) as target:
            while piece := source.read(PIECE):
                digest.update(piece)
                size += len(piece)
                target.write(piece)
        return self._noted(path, what, size, digest.hexdigest())

    def _noted(self, path: str, what: str, size: int, sha256: str) -> Entry:
        entry = Entry(path, what, size, sha256)
        self.entries.append(entry)
        return entry

    # --- The papers -----------------------------------------------------------------------------------------

    def _version(self) -> Iterator[Entry]:
        """What was commented on: the very bytes that were frozen, and the PDFs that were made of it."""
        version = self.records.version
        folder = plain_name(pgettext("folder of an archive", "text"))
        name = plain_name(version.document.title_in(self.language)) or "text"
        for language in version.document.languages:
            found = find_rendition(
                version, format=Rendition.Format.PDF, layout=Rendition.Layout.FULL, language=language
            )
            if found:
                what = _("What was commented on, as PDF (%(language)s)") % {"language": language}
                yield self._add_stored(f"{folder}/{name}-v{version.number}-{language}.pdf", found.file, what)
        what = _("What was commented on, as data")
        yield self._add(f"{folder}/{name}-v{version.number}.json", bytes(version.content), what)

    def _letters(self) -> Iterator[Entry]:
        folder = plain_name(pgettext("folder of an archive", "request"))
        for language in self.records.version.document.languages:
            try:
                content = letter_pdf(self.round, None, language)
            except PrintError:
                logger.exception("The letter of the round %s cannot be printed", self.round.public_id)
                continue
            what = _("Request for a statement (%(language)s)") % {"language": language}
            yield self._add(f"{folder}/{folder}-{language}.pdf", content, what)

    def _summaries(self) -> Iterator[Entry]:
        """The published summary; before there is one, the summary as it stands."""
        folder = plain_name(pgettext("folder of an archive", "summary"))
        published = self.round.summaries.public().first()
        summary = from_json(published.content) if published else build(self.round)
        languages = published.languages if published else self.records.version.document.languages
        made = {
            (row.format, row.language): row.file
            for row in SummaryFile.objects.filter(summary=published).select_related("file")
            if published and row.file
        }
        region = self.round.version.document.region
        what = _("Published summary of statements") if published else _("Draft of the summary of statements")
        for language in languages:
            for format_name in FORMATS:
                path = f"{folder}/{file_name(self.round.title_in(language), format_name, language)}"
                told = f"{what} ({language})"
                if stored := made.get((format_name, language)):
                    yield self._add_stored(path, stored, told)
                    continue
                try:
                    content = write_summary(summary, format_name, language, region=region, is_draft=published is None)
                except PrintError:
                    logger.exception("The summary of the round %s cannot be printed", self.round.public_id)
                    continue
                yield self._add(path, content, told)

    # --- Statements -----------------------------------------------------------------------------------------

    def _statements(self) -> Iterator[StatementEntry]:
        folder = plain_name(pgettext("folder of an archive", "statements"))
        for number, statement in enumerate(self.records.statements, 1):
            own = f"{folder}/{numbered_name(number, _who(statement))}"
            yield self._statement(statement, own)

    def _statement(self, statement: Statement, folder: str) -> StatementEntry:
        who = _who(statement)
        receipts = self.records.receipts[statement.pk]
        receipt = receipts[-1] if receipts else _receipt_of(statement)
        # The rows that the paper reads stand here already.
        receipt.statement = statement
        language = statement.language
        paper = (
            receipt_file(receipt, language) if time.monotonic() < self.print_until else receipt_text(receipt, language)
        )
        suffix = paper["name"].rpartition(".")[2]
        content = paper["content"]
        name = plain_name(pgettext("name of a file", "statement"))
        entry = self._add(
            f"{folder}/{name}.{suffix}",
            content.encode() if isinstance(content, str) else content,
            _("Statement: %(who)s") % {"who": who},
        )
        attachments = plain_name(pgettext("folder of an archive", "attachments"))
        return StatementEntry(
            who=who,
            received=in_words(statement.received_at) if statement.received_at else "",
            marks=list(_marks(statement)),
            paper=entry.path,
            attachments=[
                self._add_stored(
                    f"{folder}/{attachments}/{attachment_name(number, stored)}",
                    stored,
                    _("Attachment: %(name)s") % {"name": stored.name},
                )
                for number, stored in enumerate(self.records.attachments(statement), 1)
            ],
            remarks=sum(1 for row in self.records.remarks[statement.pk] if row.withdrawn_at is None),
        )

    # --- What lists it all ----------------------------------------------------------------------------------

    def _pages(self, papers: list[Entry], statements: list[StatementEntry]) -> None:
        style = Path(settings.BASE_DIR) / "static" / "css" / "archive.css"
        self._add(STYLE, style.read_bytes(), _("How the page of this archive looks"))
        context: dict[str, Any] = {
            "language": interface_language(self.language),
            "text_language": self.language,
            "title": self.round.title_in(self.language),
            "document": self.records.version.document.title_in(self.language),
            "region": self.records.version.document.region.name,
            "version": self.records.version.number,
            "round": self.round,
            "made": in_words(self.made),
            "opens": in_words(self.round.opens_at),
            "closes": in_words(self.round.closes_at),
            "papers": papers,
            "statements": statements,
            "style": STYLE,
            "index": INDEX,
            "checksums": CHECKSUMS,
        }
        page = render_to_string("reviews/archive_index.html", context)
        self._add(PAGE, page.encode(), _("The page of this archive"))
        index = {**self.records.to_json(), "files": [asdict(entry) for entry in self.entries]}
        self._add(INDEX, json.dumps(index, ensure_ascii=False, indent=1).encode(), _("Everything as data"))
        lines = "".join(f"{entry.sha256}  {entry.path}\n" for entry in self.entries)
        self.archive.writestr(self._info(CHECKSUMS), lines)


def _who(statement: Statement) -> str:
    """The name of a respondent, never an address."""
    if statement.kind == Statement.Kind.ANONYMOUS:
        return str(Statement.Kind.ANONYMOUS.label)
    own = statement.user.name if statement.user else ""
    return statement.organisation_told or statement.signed_by or own or str(Statement.Kind(statement.kind).label)


def _receipt_of(statement: Statement) -> Receipt:
    """For a statement that came without a receipt, its words as they stand."""
    made_at = statement.received_at or datetime.datetime.now(tz=datetime.UTC)
    return Receipt(statement=statement, made_at=made_at, content=content_of(statement))


def _marks(statement: Statement) -> Iterator[str]:
    if statement.stance != Statement.Stance.STATEMENT:
        yield str(Statement.Stance(statement.stance).label)
    if statement.late:
        yield _("late")
    if statement.visibility == Statement.Visibility.HIDDEN:
        yield _("not shown in public: %(ground)s") % {"ground": statement.hidden_ground}
