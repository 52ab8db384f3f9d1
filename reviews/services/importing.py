"""Bringing statements in from a file of another service: kept, explained by a person, then entered row by row."""

import datetime
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from documents.views.finding import first_error
from jobs.services import enqueue
from regions.files import safe_name
from regions.models import Organisation, StoredFile
from regions.services import open_file, store_made_file
from reviews.intake.mapping import (
    ANSWERED,
    Incoming,
    Reader,
    Surroundings,
    Understood,
    guess_mapping,
    looks_official,
)
from reviews.intake.reading import Sheet, pack, read_sheets, unpack
from reviews.intake.tables import Table, guess_reading, table_of
from reviews.models import CommentRound, Receipt, Statement, StatementImport
from reviews.rounds.questions import questions_of
from reviews.services.entering import AnsweredAlreadyError, enter

RECEIVED = "application/gzip;purpose=statements"
"""The type of files that wait to be brought in; their cells as they were read."""
KEPT = datetime.timedelta(days=30)
AT_ONCE = 500
"""Rows; more are brought in in the background."""
BATCH = 100
"""Rows in one transaction."""
MOST_SECONDS = 240
"""For one piece of background work, well below the time for which a worker may hold it."""
MOST_SECONDS_HERE = 8
"""For a reader who waits for the page."""
MOST_PROBLEMS = 500
"""Rows that are told one by one; more are only counted."""
JOB = "import_statements"
ENTERED, REFUSED = "entered", "refused"


@dataclass(frozen=True)
class Preview:
    """What a file would do, before anything is done."""

    sheets: list[Sheet]
    table: Table
    understood: Understood

    @property
    def ready(self) -> list[Incoming]:
        return [row for row in self.understood.rows if not row.reason]

    @property
    def left_out(self) -> Counter[str]:
        return Counter(row.reason for row in self.understood.rows if row.reason)


@transaction.atomic
def receive(comment_round: CommentRound, *, name: str, content: bytes, by: User) -> StatementImport:
    """Read a file and keep its cells, with a guess of what they mean; a form seen before is read as it was then.

    Raises ValidationError for a file that cannot be read (`read_sheets`), and then keeps nothing.
    """
    if comment_round.is_draft:
        raise ValidationError(_("The round has not been announced yet."), code="round_is_draft")
    sheets = read_sheets(content)
    forget_old(comment_round)
    row = StatementImport(region_id=comment_round.region_id, round=comment_round, name=safe_name(name), created_by=by)
    row.reading = guess_reading(sheets)
    row.heads = table_of(sheets, row.reading).fingerprint
    known = _known(comment_round, row.heads)
    if known:
        row.reading = known.reading
    table = table_of(sheets, row.reading)
    questions = questions_of(comment_round.questions)
    row.total = len(table.lines)
    row.mapping = guess_mapping(table, questions)
    row.choices = {
        "as_official": looks_official(table, row.mapping),
        "language": comment_round.version.document.languages[0],
        "received_on": timezone.localdate().isoformat(),
    }
    if known:
        keys = {question.key for question in questions}
        # A question of another round is not among those of this one, even where the file is of the same form.
        row.mapping |= {
            head: target
            for head, target in known.mapping.items()
            if head in row.mapping and _question_key(target) in (None, *keys)
        }
        remembered = ("as_official", "organisations", *(("values",) if known.round_id == comment_round.pk else ()))
        row.choices |= {name: known.choices[name] for name in remembered if name in known.choices}
    row.file = store_made_file(
        comment_round.version.document.region, name=f"{row.name}.gz", content=pack(sheets), content_type=RECEIVED, by=by
    )
    row.save()
    return row


def _known(comment_round: CommentRound, fingerprint: str) -> StatementImport | None:
    """The last file of the region with the same heads that was brought in; one of the same round before others."""
    rows = StatementImport.objects.done().filter(region_id=comment_round.region_id, heads=fingerprint).order_by("-pk")
    return rows.filter(round=comment_round).first() or rows.first()


def _question_key(target: str) -> str | None:
    return target[2:].partition(":")[0] if target[1:2] == ":" else None


def sheets_of(row: StatementImport) -> list[Sheet]:
    """The cells of a file that waits."""
    if row.file is None:
        raise ValueError(f"The file of import {row.pk} is gone.")
    with open_file(row.file) as stream:
        return unpack(stream.read())


def look(row: StatementImport) -> Preview:
    """What the file would do as it is explained now. Five queries."""
    sheets = sheets_of(row)
    table = table_of(sheets, row.reading)
    reader = Reader(table, row.mapping, row.choices, surroundings_of(row.round))
    return Preview(sheets, table, reader.understand())


def surroundings_of(comment_round: CommentRound) -> Surroundings:
    official = comment_round.statements.filter(kind=Statement.Kind.OFFICIAL, organisation__isnull=False)
    receipts = Receipt.objects.filter(statement__round=comment_round, key__startswith="row-")
    return Surroundings(
        questions=questions_of(comment_round.questions),
        organisations=list(
            Organisation.objects.valid_on().filter(region=comment_round.region_id).order_by("name", "pk")
        ),
        languages=comment_round.version.document.languages,
        answered=set(official.values_list("organisation_id", flat=True)),
        brought=set(receipts.values_list("key", flat=True)),
    )


@transaction.atomic
def explain(
    row: StatementImport, *, reading: Mapping[str, Any], mapping: Mapping[str, str], choices: Mapping[str, Any]
) -> StatementImport:
    """Keep what a person says of a file that waits. Raises ValidationError (`begun`)."""
    locked = _locked(row)
    if locked.state != StatementImport.State.WAITING:
        raise ValidationError(_("This file is being brought in already."), code="begun")
    table = table_of(sheets_of(locked), reading)
    guessed = guess_mapping(table, questions_of(locked.round.questions))
    locked.reading = dict(reading)
    locked.mapping = {head: mapping.get(head, guessed[head]) for head in table.heads}
    locked.choices = dict(choices)
    locked.total = len(table.lines)
    locked.save(update_fields=["reading", "mapping", "choices", "total"])
    return locked


@transaction.atomic
def start(row: StatementImport, *, by: User) -> StatementImport:
    """Begin to bring a file in; whoever presses twice begins once. A large one is left to a worker.

    A small one is brought in by `go_on_here`, which the caller calls then. Raises ValidationError (`nothing_new`).
    """
    locked = _locked(row)
    if locked.state != StatementImport.State.WAITING:
        return locked
    if not look(locked).ready:
        raise ValidationError(_("There is nothing new in the file."), code="nothing_new")
    locked.state = StatementImport.State.RUNNING
    locked.created_by = by
    locked.save(update_fields=["state", "created_by"])
    if locked.total > AT_ONCE:
        enqueue(JOB, locked, key=f"import-statements-{locked.pk}")
    return locked


def go_on(row: StatementImport, *, most_seconds: float = MOST_SECONDS) -> bool:
    """Bring in what is left of a file, one transaction for each hundred rows; whether all of it is done.

    Interrupted or done twice, it goes on after the last finished hundred, and no row is entered twice.
    """
    if StatementImport.objects.filter(pk=row.pk, state=StatementImport.State.RUNNING, file=None).exists():
        return True
    begun = time.monotonic()
    fresh = StatementImport.objects.select_related("round__version__document__region", "file").get(pk=row.pk)
    if fresh.state != StatementImport.State.RUNNING:
        return True
    rows = look(fresh).understood.rows
    while time.monotonic() - begun < most_seconds:
        if _bring_batch(fresh, rows):
            return True
    return False


def go_on_here(row: StatementImport) -> bool:
    """Bring a small file in while its reader waits; what takes too long is left to a worker. Whether all is done."""
    if go_on(row, most_seconds=MOST_SECONDS_HERE):
        return True
    enqueue(JOB, row, key=f"import-statements-{row.pk}")
    return False


@transaction.atomic
def _bring_batch(row: StatementImport, rows: list[Incoming]) -> bool:
    locked = _locked(row)
    if locked.state != StatementImport.State.RUNNING:
        return True
    counts, problems = Counter(locked.counts), list(locked.problems)
    for incoming in rows[locked.next_row : locked.next_row + BATCH]:
        reason, message = incoming.reason, ""
        if not reason:
            reason, message = _bring(locked, incoming)
        counts[reason or ENTERED] += 1
        if reason and len(problems) < MOST_PROBLEMS:
            problems.append({"row": incoming.number, "reason": reason, "message": message})
    locked.counts, locked.problems = dict(counts), problems
    locked.next_row = min(locked.next_row + BATCH, len(rows))
    is_done = locked.next_row >= len(rows)
    if is_done:
        _finish(locked, len(rows))
    locked.save()
    return is_done


def _bring(row: StatementImport, incoming: Incoming) -> tuple[str, str]:
    """Enter one row; why it was refused, with the reason in words where it is none of the known ones."""
    if incoming.received is None:
        raise ValueError("A row without a day is left out before.")
    try:
        enter(
            row.round,
            by=row.created_by,
            kind=incoming.kind,
            origin=Statement.Origin.IMPORT,
            received_on=incoming.received,
            organisation=incoming.organisation,
            organisation_name=incoming.organisation_name,
            signed_by=incoming.signed_by,
            email=incoming.email,
            text=incoming.text,
            language=incoming.language,
            case_number=incoming.case_number,
            answers=incoming.answers,
            key=incoming.key,
        )
    except AnsweredAlreadyError:
        return ANSWERED, ""
    except ValidationError as error:
        return REFUSED, first_error(error)
    return "", ""


def _finish(row: StatementImport, total: int) -> None:
    row.state = StatementImport.State.DONE
    row.finished_at = timezone.now()
    row.total = total
    stored, row.file = row.file, None
    if stored:
        row.save(update_fields=["file"])
        _drop(stored)
    record(row.created_by, "statements.imported", row.round, entered=row.counts.get(ENTERED, 0), rows=total)


@transaction.atomic
def give_up(row: StatementImport) -> None:
    """Take a file away that waits. One that is being brought in, or has been, stays in the list."""
    locked = _locked(row)
    if locked.state != StatementImport.State.WAITING:
        return
    stored = locked.file
    locked.delete()
    if stored:
        _drop(stored)


def forget_old(comment_round: CommentRound) -> None:
    """Take away files of the region that have waited for more than a month."""
    rows = StatementImport.objects.filter(
        region_id=comment_round.region_id,
        state=StatementImport.State.WAITING,
        created_at__lt=timezone.now() - KEPT,
    )
    for row in rows.order_by("pk")[:20]:
        give_up(row)


def _drop(stored: StoredFile) -> None:
    storage, path = stored.file.storage, stored.file.name or ""
    stored.delete()
    transaction.on_commit(partial(storage.delete, path))


def _locked(row: StatementImport) -> StatementImport:
    return (
        StatementImport.objects.select_for_update(of=("self",))
        .select_related("round__version__document__region", "file", "created_by")
        .defer("round__version__content")
        .get(pk=row.pk)
    )
