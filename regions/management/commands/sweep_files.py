"""`manage.py sweep_files`: remove stored bytes that no row names."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from regions.sweeping import sweep_files


class Command(BaseCommand):
    help = (
        "Remove files from the storage that no row names and that are older than a day. The regular work does so daily."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would be removed, and remove nothing")
        parser.add_argument(
            "--despite-many", action="store_true", help="remove them even if most files are unknown to this database"
        )

    def handle(self, *args: Any, dry_run: bool, despite_many: bool, **options: Any) -> None:
        try:
            swept = sweep_files(dry_run=dry_run, despite_many=despite_many)
        except ValidationError as error:
            raise CommandError(f"{error.messages[0]} (--despite-many removes them.)") from error
        done = "removed" if swept.removed else "would be removed"
        self.stdout.write(f"{swept.files} files of {swept.bytes} bytes {done}.")
