"""Checking an archive of a round against its own checksums."""

import zipfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reviews.archive import problems_in


class Command(BaseCommand):
    help = "Check that a round's archive is as it was written: every file there, none added, none changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        try:
            found = problems_in(str(path))
        except (OSError, zipfile.BadZipFile) as error:
            raise CommandError(f"{path} cannot be read: {error}") from error
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write(f"{path}: every file is as it was written.")
