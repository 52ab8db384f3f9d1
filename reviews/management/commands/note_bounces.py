"""Read mails that came back and mark the invitations that they are about."""

import mailbox
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reviews.inviting.bounces import MAX_BYTES, note_bounces


class Command(BaseCommand):
    """For a mail server's pipe (one letter on standard input), a mail file, or a folder of letters (Maildir)."""

    help = (
        "Marks invitations whose mail came back, from letters on standard input, in mail files or in Maildir folders."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "paths", nargs="*", help="mail files or Maildir folders; none: one letter on standard input"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        paths = [Path(path) for path in options["paths"]]
        for path in paths:
            if not path.exists():
                raise CommandError(f"There is no {path}.")
        noted, read = note_bounces(_all_letters(paths))
        self.stdout.write(f"{read} letters read, {noted} mails marked as come back.")


def _all_letters(paths: list[Path]) -> Iterator[bytes]:
    if not paths:
        yield sys.stdin.buffer.read(MAX_BYTES)
    for path in paths:
        yield from letters_in(path)


def letters_in(path: Path) -> Iterator[bytes]:
    """The letters of a Maildir folder, of a mail file (mbox), or the one letter that a file is. Nothing is moved."""
    if path.is_dir():
        for folder in ("new", "cur"):
            for letter in sorted((path / folder).glob("*")):
                if letter.is_file():
                    with letter.open("rb") as file:
                        yield file.read(MAX_BYTES)
        return
    with path.open("rb") as file:
        start = file.read(5)
        rest = file.read(MAX_BYTES - len(start)) if start != b"From " else b""
    if start != b"From ":
        yield start + rest
        return
    box = mailbox.mbox(path, create=False)
    try:
        for key in box.iterkeys():
            yield box.get_bytes(key)[:MAX_BYTES]
    finally:
        box.close()
