"""Asking for work, and doing it."""

import datetime
import logging
import secrets
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from jobs.models import Job
from jobs.registry import Payload, handlers, periodic

logger = logging.getLogger("jobs")

# How long a worker may hold a job before another one takes it for dead.
LEASE = datetime.timedelta(minutes=10)
# Waiting time after the first failure; doubled after each further one.
FIRST_WAIT = datetime.timedelta(seconds=30)
LONGEST_WAIT = datetime.timedelta(hours=6)
# Finished jobs are forgotten after this; they may hold addresses of people.
KEPT = datetime.timedelta(days=30)


def enqueue(kind: str, subject: models.Model | Payload, *, key: str, run_after: datetime.datetime | None = None) -> Job:
    """Ask for work, in the caller's transaction; it starts only once that is committed.

    `subject` is a payload that can be JSON, or a row: then the payload is `{"pk": …}`. While a job with the
    same key waits, that one is returned and nothing is added. If it is being done right now, it is done once
    more afterwards, because it may not have seen what the caller wrote. Raises ValueError for a kind without a handler.
    """
    if kind not in handlers:
        raise ValueError(f"Nobody does jobs of the kind {kind!r}.")
    if isinstance(subject, models.Model):
        region = subject if subject._meta.model_name == "region" else getattr(subject, "region", None)
        payload, region_code = {"pk": subject.pk}, getattr(region, "code", "")
    else:
        payload, region_code = subject, str(subject.get("region_code", ""))
    with transaction.atomic():
        while True:
            job = Job(
                kind=kind, payload=payload, key=key, region_code=region_code, run_after=run_after or timezone.now()
            )
            # Inserts nothing when the key is open, without spoiling the caller's transaction.
            Job.objects.bulk_create([job], ignore_conflicts=True)
            found = Job.objects.open().select_for_update(of=("self",)).filter(key=key).first()
            if found is None:
                continue  # it was finished between the two statements
            if found.started_at and found.lease_until:
                found.again = True
                found.save(update_fields=["again"])
            return found


def claim(now: datetime.datetime | None = None) -> Job | None:
    """Take the next due job for LEASE, counting the attempt; None when nothing is due.

    A job whose worker died in its last attempt is given up here.
    """
    now = now or timezone.now()
    while True:
        with transaction.atomic():
            job = (
                Job.objects.due(now)
                .select_for_update(of=("self",), skip_locked=connection.features.has_select_for_update_skip_locked)
                .order_by("run_after", "id")
                .first()
            )
            if job is None:
                return None
            if job.attempts < job.max_attempts:
                job.attempts += 1
                job.started_at = now
                job.lease_until = now + LEASE
                job.again = False
                job.save(update_fields=["attempts", "started_at", "lease_until", "again"])
                return job
            job.failed_at = now
            job.lease_until = None
            job.error = job.error or "The worker stopped in the middle of the last attempt."
            job.save(update_fields=["failed_at", "lease_until", "error"])


def work(job: Job) -> bool:
    """Do a claimed job and note how it went; True when it succeeded.

    Whatever a handler raises is written to the job, which waits and is tried again until its attempts are used.
    """
    try:
        handlers[job.kind](job.payload)
    except Exception:  # the error of any handler belongs to its job and must not stop the worker
        logger.exception("Job %s (%s) failed in attempt %s", job.pk, job.kind, job.attempts)
        _note_failure(job, traceback.format_exc())
        return False
    _note_success(job)
    return True


def _still_held(job: Job) -> Job | None:
    """The job's row, locked, if nobody else has taken it since: the count of attempts tells."""
    return Job.objects.open().select_for_update(of=("self",)).filter(pk=job.pk, attempts=job.attempts).first()


@transaction.atomic
def _note_success(job: Job) -> None:
    held = _still_held(job)
    if held is None:
        return
    held.lease_until = None
    held.error = ""
    if held.again:
        held.again = False
        held.attempts = 0
        held.started_at = None
        held.run_after = timezone.now()
    else:
        held.finished_at = timezone.now()
    held.save()


@transaction.atomic
def _note_failure(job: Job, error: str) -> None:
    held = _still_held(job)
    if held is None:
        return
    held.lease_until = None
    held.error = error
    if held.attempts >= held.max_attempts:
        held.failed_at = timezone.now()
    else:
        held.run_after = timezone.now() + min(FIRST_WAIT * 2 ** (held.attempts - 1), LONGEST_WAIT)
    held.save()


def run_due() -> int:
    """Do everything that is due now; the number of jobs done, failures among them."""
    done = 0
    while job := claim():
        work(job)
        done += 1
    return done


def retry(job: Job) -> None:
    """Let a job that was given up start anew, unless the same work already waits."""
    with transaction.atomic():
        if Job.objects.open().filter(key=job.key).exists():
            return
        Job.objects.filter(pk=job.pk).exclude(failed_at=None).update(
            failed_at=None, attempts=0, lease_until=None, started_at=None, run_after=timezone.now()
        )


def tick(now: datetime.datetime | None = None) -> list[str]:
    """Ask for the regular work whose period has begun, and forget old finished jobs; the kinds asked for.

    Safe to call often and from several places: a period's job is asked for once.
    """
    now = now or timezone.now()
    asked = []
    for work_kind in periodic.values():
        number = int(now.timestamp() // work_kind.every.total_seconds())
        key = f"{work_kind.kind}@{number}"
        if not Job.objects.filter(key=key).exists():
            enqueue(work_kind.kind, {}, key=key)
            asked.append(work_kind.kind)
    Job.objects.filter(finished_at__lt=now - KEPT).delete()
    return asked


def mail(
    to: Sequence[str],
    *,
    subject: str,
    text: str,
    key: str,
    html: str = "",
    from_name: str = "",
    reply_to: Sequence[str] = (),
    attachments: Sequence[dict[str, str]] = (),
    region_code: str = "",
) -> Job:
    """Ask for a mail to be sent after the caller's transaction is committed.

    `from_name` (a coordinator's or the county's name) stands before the installation's address. An attachment is
    `{"name": …, "content_type": …, "path": …}`, `path` in the default storage.
    """
    payload = mail_payload(
        to,
        subject=subject,
        text=text,
        html=html,
        from_name=from_name,
        reply_to=reply_to,
        attachments=attachments,
        region_code=region_code,
    )
    return enqueue("send_mail", payload, key=key)


def mail_payload(
    to: Sequence[str],
    *,
    subject: str,
    text: str,
    html: str = "",
    from_name: str = "",
    reply_to: Sequence[str] = (),
    attachments: Sequence[Mapping[str, Any]] = (),
    region_code: str = "",
) -> Payload:
    """A mail as `jobs.send_mail` takes it, for a job that writes its mail when it sends it.

    Such a job may also bring an attachment's bytes along, as `content` in place of `path`.
    """
    if not to:
        raise ValueError("A mail needs a receiver.")
    return {
        "to": list(to),
        "subject": " ".join(subject.split()),
        "text": text,
        "html": html,
        "from_name": " ".join(from_name.split()),
        "reply_to": list(reply_to),
        "attachments": list(attachments),
        "region_code": region_code,
        "message_id": new_message_id(),
    }


def new_message_id() -> str:
    """A number for one mail, by which it is known when it comes back."""
    return f"<{secrets.token_hex(16)}@{_mail_domain()}>"


def _mail_domain() -> str:
    return settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
