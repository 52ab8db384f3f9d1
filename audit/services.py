"""Writing the audit trail, sealing it and proving it."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction

from accounts.models import User
from audit.models import AuditEvent

# What may name a person; each enters the chain as a digest and may be erased later.
PERSONAL_FIELDS = ("actor_id", "object_label", "details")


def record(by: User | None, verb: str, obj: models.Model, **details: Any) -> AuditEvent:
    """Note that `by` did `verb` (`document.frozen`) to `obj`, inside the caller's transaction.

    The region is read from `obj.region` (or is `obj` itself when it is one); `details` must be JSON and hold no
    personal data beyond what the event needs.
    """
    region = obj if obj._meta.model_name == "region" else getattr(obj, "region", None)
    return AuditEvent.objects.create(
        region_code=getattr(region, "code", ""),
        actor=by,
        verb=verb,
        object_type=obj._meta.label_lower,
        object_id=str(getattr(obj, "public_id", obj.pk)),
        object_label=str(obj)[:300],
        details=details,
    )


def canonical(value: Any) -> bytes:
    """The one way to write a JSON value: keys in order, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _personal_digest(event: AuditEvent, name: str) -> str:
    message = canonical([name, getattr(event, name)])
    return hmac.new(bytes.fromhex(event.personal_key), message, hashlib.sha256).hexdigest()


def _chain_digest(previous: str, event: AuditEvent) -> str:
    content = {
        "previous": previous,
        "region": event.region_code,
        "sequence": event.sequence,
        "row": event.pk,
        "verb": event.verb,
        "object_type": event.object_type,
        "object_id": event.object_id,
        "happened_at": event.happened_at.isoformat(),
        "personal": event.personal_digests,
    }
    return hashlib.sha256(canonical(content)).hexdigest()


@transaction.atomic
def seal(region_code: str) -> int:
    """Add the rows of a region that are not sealed yet to its chain, oldest first; the number of rows added.

    Two that seal at once would give the same places: the second one fails on the unique place and its job tries
    again. "" is the chain of what belongs to no region.
    """
    events = AuditEvent.objects.filter(region_code=region_code)
    last = events.exclude(sequence=None).order_by("-sequence").select_for_update(of=("self",)).first()
    sequence, previous = (last.sequence or 0, last.digest) if last else (0, "")
    unsealed = list(events.filter(sequence=None).order_by("pk").select_for_update(of=("self",)))
    for event in unsealed:
        sequence += 1
        event.sequence = sequence
        event.personal_key = secrets.token_hex(32)
        event.personal_digests = {name: _personal_digest(event, name) for name in PERSONAL_FIELDS}
        event.digest = previous = _chain_digest(previous, event)
    AuditEvent.objects.bulk_update(unsealed, ["sequence", "personal_key", "personal_digests", "digest"], batch_size=200)
    return len(unsealed)


def seal_all() -> dict[str, int]:
    """Seal every region's new rows; how many were sealed in each region that had some."""
    waiting = AuditEvent.objects.filter(sequence=None).order_by("region_code").values_list("region_code", flat=True)
    return {code: seal(code) for code in list(waiting.distinct())}


@dataclass(frozen=True)
class Verdict:
    """What became of a region's chain. `head` is the last digest: noted elsewhere, it also proves that no row
    was taken off the end."""

    region_code: str
    rows: int
    head: str
    erased: int
    problems: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.problems


def verify_chain(region_code: str) -> Verdict:
    """Go through a region's sealed rows and say which were changed, removed or put in afterwards.

    A row whose personal fields were erased (`erase_personal`) still holds; it is counted.
    """
    problems: list[str] = []
    rows = erased = 0
    place = 0
    previous = ""
    sealed = AuditEvent.objects.filter(region_code=region_code).exclude(sequence=None).order_by("sequence")
    for event in sealed.iterator(chunk_size=1000):
        rows += 1
        place += 1
        if event.sequence != place:
            problems.append(f"rows {place} to {(event.sequence or 0) - 1} are missing")
            place = event.sequence or 0
        if event.digest != _chain_digest(previous, event):
            problems.append(f"row {event.sequence} does not follow from the one before it, or was changed")
        if not event.personal_key:
            erased += 1
            if any(getattr(event, name) for name in PERSONAL_FIELDS):
                problems.append(f"row {event.sequence} was filled in after its personal data was erased")
        else:
            problems.extend(
                f"row {event.sequence}: {name} was changed"
                for name in PERSONAL_FIELDS
                # A user who is deleted is taken off the row by the database: that is erasing, not changing.
                if not (name == "actor_id" and event.actor_id is None)
                and event.personal_digests.get(name) != _personal_digest(event, name)
            )
        previous = event.digest
    return Verdict(region_code, rows, previous, erased, problems)


def verify_all() -> list[Verdict]:
    """The verdict on every region's chain."""
    codes = AuditEvent.objects.exclude(sequence=None).order_by("region_code").values_list("region_code", flat=True)
    return [verify_chain(code) for code in list(codes.distinct())]


def erase_personal(events: Iterable[AuditEvent]) -> int:
    """Erase who, what and the details from sealed rows, with the key to their digests; the number of rows.

    That something was done, when, and to what number stays, and the chain still holds.
    """
    pks = [event.pk for event in events]
    return (
        AuditEvent.objects.filter(pk__in=pks)
        .exclude(sequence=None)
        .update(actor=None, object_label="", details={}, personal_key="")
    )
