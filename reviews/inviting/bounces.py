"""Mails that came back: which of ours a notice of non-delivery (RFC 3464) is about, and why.

A notice is a letter from a stranger. It counts only where it says a delivery failed for good and names the number of a
mail of ours, which is random and stands in that mail alone; nothing of it but the reason is kept.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32

from reviews.models import InvitationMail
from reviews.services.sending import LONGEST_BOUNCE, note_bounce

MAX_BYTES = 5 * 1024 * 1024
"""Of one notice; a server that returns more returns our attachments."""

MAX_PARTS = 50
_NUMBER = re.compile(r"<[^<>\s]{1,200}>")
_UNREADABLE = (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError)


@dataclass(frozen=True)
class Notice:
    """A delivery that failed for good: the numbers of mails it may be about, and why."""

    numbers: tuple[str, ...]
    reason: str


def note_bounces(messages: Iterator[bytes]) -> tuple[int, int]:
    """Note the mails that came back among these letters: how many were noted, and how many letters were read.

    Safe to run again over the same letters.
    """
    noted = read = 0
    for content in messages:
        read += 1
        notice = notice_of(content)
        if notice is None:
            continue
        mail = InvitationMail.objects.filter(message_id__in=notice.numbers).order_by("pk").first()
        if mail and note_bounce(mail, reason=notice.reason):
            noted += 1
    return noted, read


def notice_of(content: bytes) -> Notice | None:
    """What a letter says of a failed delivery; None for every other letter, and for what cannot be read."""
    if len(content) > MAX_BYTES:
        content = content[:MAX_BYTES]
    try:
        message = message_from_bytes(content, policy=compat32)
        return _notice(message)
    except _UNREADABLE:
        return None


def _notice(message: Message) -> Notice | None:
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return None
    if str(message.get_param("report-type", "")).lower() not in ("delivery-status", ""):
        return None
    reason = ""
    numbers: list[str] = []
    for part in _parts(message):
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            reason = reason or _failure(part)
        elif kind == "message/rfc822":
            inner = part.get_payload()
            if isinstance(inner, list) and inner and isinstance(inner[0], Message):
                numbers += _numbers(inner[0])
        elif kind in ("text/rfc822-headers", "message/rfc822-headers"):
            numbers += _numbers(_headers(part))
    if not reason:
        return None
    numbers += _NUMBER.findall(f"{message.get('In-Reply-To', '')} {message.get('References', '')}"[:2_000])
    return Notice(tuple(dict.fromkeys(numbers)), reason) if numbers else None


def _parts(message: Message) -> list[Message]:
    """The parts of the report itself; what lies deeper is the mail that came back."""
    payload = message.get_payload()
    return [part for part in payload if isinstance(part, Message)][:MAX_PARTS] if isinstance(payload, list) else []


def _headers(part: Message) -> Message:
    content = part.get_payload(decode=True)
    return message_from_bytes(content if isinstance(content, bytes) else b"", policy=compat32)


def _numbers(message: Message) -> list[str]:
    return _NUMBER.findall(str(message.get("Message-ID", ""))[:500])


def _failure(part: Message) -> str:
    """Why the delivery failed for good; nothing where it was only delayed, relayed or done."""
    blocks = part.get_payload()
    for block in blocks if isinstance(blocks, list) else []:
        if not isinstance(block, Message):
            continue
        action, status = str(block.get("Action", "")).strip().lower(), str(block.get("Status", "")).strip()
        if action != "failed" or status.startswith("4"):
            continue
        diagnostic = str(block.get("Diagnostic-Code", ""))
        said = diagnostic.partition(";")[2] if ";" in diagnostic else diagnostic
        text = " ".join(_decoded(said or status).split())
        return text[:LONGEST_BOUNCE] or status or "5.0.0"
    return ""


def _decoded(text: str) -> str:
    return str(make_header(decode_header(text)))
