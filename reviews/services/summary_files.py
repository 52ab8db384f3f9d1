"""Files of a round: asked for, made in the background, kept. A crash leaves nothing half: a file is there or not."""

import datetime
import logging
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from documents.printing.engine import PrintError
from jobs.models import Job
from jobs.services import enqueue
from regions.models import StoredFile
from regions.services import store_made_archive, store_made_file
from reviews.archive import ArchiveTooLargeError, write_archive
from reviews.models import CommentRound, RoundSummary, SummaryFile
from reviews.services.rounds import lock_round
from reviews.summary.building import build
from reviews.summary.content import from_json
from reviews.summary.files import CONTENT_TYPES, FORMATS, file_name, write_summary

logger = logging.getLogger("reviews.summary_files")

MAKE = "make_summary_file"
"""The kind of job that makes one file."""

PATIENCE = datetime.timedelta(minutes=2)
"""So long may a file wait before a worker takes it up; after that it seems that none is running."""


class State(TextChoices):
    """How far a file is."""

    NOT_ASKED = "not_asked"
    UNDER_WAY = "under_way"
    STANDS_STILL = "stands_still"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class FileState:
    """One file that can be had of a round, made or not."""

    format: str
    language: str
    state: State
    made_at: datetime.datetime | None = None
    file: StoredFile | None = None

    @property
    def is_waited_for(self) -> bool:
        return self.state in {State.UNDER_WAY, State.STANDS_STILL}


@transaction.atomic
def ask_for_file(
    comment_round: CommentRound, *, summary: RoundSummary | None, format_name: str, language: str, by: User
) -> SummaryFile:
    """Let a file be made: of the published `summary`, else of the round as it stands when it is made.

    What is under way is not asked for again, and a file of a published summary, which never changes, is made once.
    Locks the round. Raises ValidationError: `format`, `language`, `round_is_draft`.
    """
    locked = lock_round(comment_round)
    languages = locked.version.document.languages if summary is None else summary.languages
    if format_name not in CONTENT_TYPES or (format_name == SummaryFile.Format.ZIP and summary is not None):
        raise ValidationError(_("There is no such file of a round."), code="format")
    if language not in languages:
        raise ValidationError(_("The summary is not there in that language."), code="language")
    if locked.is_draft:
        raise ValidationError(_("The round has not been announced yet."), code="round_is_draft")
    row = _rows(locked, summary).filter(format=format_name, language=language).first()
    if row is None:
        row = SummaryFile.objects.create(
            region_id=locked.region_id, round=locked, summary=summary, format=format_name, language=language
        )
    elif (row.file_id and summary is not None) or (
        not row.error and Job.objects.open().filter(key=_job_key(row)).exists()
    ):
        return row
    else:
        _clear(row)
    payload = {"file": row.pk, "by": by.pk, "region_code": locked.region.code}
    enqueue(MAKE, payload, key=_job_key(row))
    if format_name == SummaryFile.Format.ZIP:
        record(by, "round.archive_asked", locked)
    return row


def ask_for_published(summary: RoundSummary, *, by: User) -> None:
    """Every file of a summary that has just been published, in the caller's transaction."""
    for language in summary.languages:
        for format_name in FORMATS:
            ask_for_file(summary.round, summary=summary, format_name=format_name, language=language, by=by)


def _clear(row: SummaryFile) -> None:
    """Ask for a file anew: what was there goes."""
    earlier = row.file_id
    row.file = None
    row.made_at = None
    row.error = ""
    row.asked_at = timezone.now()
    row.save(update_fields=["file", "made_at", "error", "asked_at"])
    if earlier:
        StoredFile.objects.filter(pk=earlier).delete()


def _rows(comment_round: CommentRound, summary: RoundSummary | None) -> QuerySet[SummaryFile]:
    return SummaryFile.objects.filter(round=comment_round, summary=summary).select_related("file").order_by("-pk")


def _job_key(row: SummaryFile) -> str:
    return f"{MAKE}-{row.pk}"


# --- How far ----------------------------------------------------------------------------------------------------


def states_of(comment_round: CommentRound, summary: RoundSummary | None) -> dict[tuple[str, str], FileState]:
    """Every file that was ever asked for, by format and language: two queries."""
    rows = list(_rows(comment_round, summary))
    keys = [_job_key(row) for row in rows if row.file_id is None]
    jobs = {job.key: job for job in Job.objects.open().filter(key__in=keys)} if keys else {}
    found: dict[tuple[str, str], FileState] = {}
    for row in rows:
        state = _state(row, jobs.get(_job_key(row)))
        found.setdefault((row.format, row.language), FileState(row.format, row.language, state, row.made_at, row.file))
    return found


def _state(row: SummaryFile, job: Job | None) -> State:
    if row.file_id:
        return State.READY
    if row.error or job is None:
        return State.FAILED
    waits = job.started_at is None and job.created_at < timezone.now() - PATIENCE
    return State.STANDS_STILL if waits else State.UNDER_WAY


def find_file(
    comment_round: CommentRound, *, summary: RoundSummary | None, format_name: str, language: str
) -> StoredFile | None:
    """The file itself, if it has been made."""
    row = _rows(comment_round, summary).filter(format=format_name, language=language).first()
    return row.file if row else None


# --- Making -----------------------------------------------------------------------------------------------------


def make(file_pk: int, *, by: User | None) -> None:
    """Make a file that was asked for. Doing it twice makes it once; what was asked anew meanwhile is left for later.

    It is made outside any lock, because it takes from seconds to minutes. A PDF that would not be accessible is noted
    on the row: trying again would not help.
    """
    rows = SummaryFile.objects.select_related("round__version__document__region", "region", "summary")
    row = rows.defer("round__version__content").filter(pk=file_pk, file=None).first()
    if row is None or (row.summary and row.summary.withdrawn_at):
        return
    try:
        if row.format == SummaryFile.Format.ZIP:
            with tempfile.TemporaryFile() as file:
                write_archive(file, row.round)
                _keep(row, file, by=by)
        else:
            _keep(row, _content(row), by=by)
    except (PrintError, ArchiveTooLargeError) as error:
        logger.exception("The file %s of the round %s cannot be made", row.pk, row.round.public_id)
        SummaryFile.objects.filter(pk=row.pk, asked_at=row.asked_at, file=None).update(
            error=str(error)[:300] or "error"
        )


def _content(row: SummaryFile) -> bytes:
    summary = from_json(row.summary.content) if row.summary else build(row.round)
    is_draft = row.summary is None
    region = row.round.version.document.region
    return write_summary(summary, row.format, row.language, region=region, is_draft=is_draft)


@transaction.atomic
def _keep(row: SummaryFile, content: bytes | IO[bytes], *, by: User | None) -> None:
    locked = SummaryFile.objects.select_for_update(of=("self",)).filter(pk=row.pk).first()
    if locked is None or locked.file_id or locked.asked_at != row.asked_at:
        return
    name = file_name(row.round.title_in(row.language), row.format, row.language)
    content_type = CONTENT_TYPES[row.format]
    if isinstance(content, bytes):
        stored = store_made_file(row.region, name=name, content=content, content_type=content_type, by=by)
    else:
        stored = store_made_archive(row.region, name=name, file=content, content_type=content_type, by=by)
    locked.file = stored
    locked.made_at = timezone.now()
    locked.error = ""
    locked.save(update_fields=["file", "made_at", "error"])


# --- Forgetting -------------------------------------------------------------------------------------------------


def make_anew(summary: RoundSummary) -> None:
    """Have the files of a summary made again whose content was changed; those of a withdrawn one go."""
    rows = list(SummaryFile.objects.filter(summary=summary))
    for row in rows:
        _clear(row)
    if summary.withdrawn_at is None:
        for row in rows:
            payload = {"file": row.pk, "by": summary.published_by_id, "region_code": summary.region.code}
            enqueue(MAKE, payload, key=_job_key(row))


def forget_files(rounds: Iterable[CommentRound | int]) -> None:
    """Take away what was made of rounds as they stood before names and addresses were removed from them.

    Files of a published summary are made anew by `make_anew`, where a name stood in it.
    """
    rows = SummaryFile.objects.filter(round__in=rounds, summary=None)
    files = list(rows.exclude(file=None).values_list("file", flat=True))
    rows.delete()
    StoredFile.objects.filter(pk__in=files).delete()
