"""Looking for malware in what strangers bring, where the installation has a scanner (`FC_CLAMD`).

The scanner is clamd, spoken to over its socket: `INSTREAM`, then pieces of the file, each after its length in four
bytes, and an empty one at the end (man page clamd(8)). It answers `stream: OK` or `stream: <name> FOUND`.
"""

import logging
import socket
import struct
from contextlib import closing

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger("regions.scanning")

PATIENCE = 30.0
"""Seconds."""
PIECE = 64 * 1024


def require_clean(content: bytes) -> None:
    """Refuse bytes in which the scanner finds something; without a scanner in the settings nothing is asked.

    Raises ValidationError: `malware`, and `scanner_silent` where the scanner does not answer, because a file that
    nobody looked at is not taken in then.
    """
    if not settings.CLAMD:
        return
    try:
        answer = _ask(settings.CLAMD, content)
    except OSError:
        logger.exception("The malware scanner at %s does not answer", settings.CLAMD)
        answer = ""
    if answer.endswith("FOUND"):
        raise ValidationError(
            _("Something harmful was found in this file, and it was not taken in. Send it in another way."),
            code="malware",
        )
    if not answer.endswith("OK"):
        raise ValidationError(
            _("The file could not be checked just now, and was not taken in. Try again in a while."),
            code="scanner_silent",
        )


def _ask(where: str, content: bytes) -> str:
    with closing(_connect(where)) as line:
        line.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), PIECE):
            piece = content[start : start + PIECE]
            line.sendall(struct.pack("!L", len(piece)) + piece)
        line.sendall(struct.pack("!L", 0))
        answer = b""
        while part := line.recv(4096):
            answer += part
    return answer.decode("utf-8", "replace").strip("\0\n ")


def _connect(where: str) -> socket.socket:
    """`unix:/run/clamav/clamd.ctl` or `tcp:localhost:3310`."""
    scheme, _separator, rest = where.partition(":")
    if scheme == "unix":
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(PATIENCE)
        try:
            line.connect(rest)
        except OSError:
            line.close()
            raise
        return line
    host, _separator, port = rest.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE)
