"""`manage.py prepare`: what every start and every upgrade needs, once."""

import hashlib
from argparse import ArgumentParser
from io import StringIO
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.cache import caches
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from familycentre.catalogues import compile_changed


class Command(BaseCommand):
    help = (
        "Bring this installation up to date: translation catalogues, web fonts, static files, database and "
        "reference data. Running it again changes nothing and is quick."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sample", action="store_true", help="fill an empty database with the sample")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["sample"] and settings.PRODUCTION:
            raise CommandError("A production installation cannot be filled with the sample.")
        compile_changed()
        call_command("build_fonts", stdout=self.stdout)
        self._collect_static_files()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)  # nothing to do unless the cache is kept in the database
        caches["versions"].clear()  # pages written out by templates or catalogues that may have changed
        report = StringIO()
        call_command("load_reference", stdout=report)
        for line in report.getvalue().splitlines():
            if not line.startswith(" "):  # the names below each count would fill the screen of a first start
                self.stdout.write(line)
        call_command("build_search", if_needed=True, stdout=self.stdout)
        if options["sample"]:
            call_command("load_sample", if_empty=True, stdout=self.stdout)

    def _collect_static_files(self) -> None:
        """Collect and compress only when some file has changed, because that takes many seconds."""
        stamp = settings.VAR_DIR / "static-files.sha256"
        fingerprint = static_files_fingerprint()
        if stamp.exists() and stamp.read_text() == fingerprint and settings.STATIC_ROOT.exists():
            return
        self.stdout.write("Collecting static files.")
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(fingerprint)


def static_files_fingerprint() -> str:
    """A digest of name, size and time of every static file that would be collected, and of how."""
    digest = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in finders.get_finders():
        for name, storage in finder.list([]):
            line = f"{name}\0{storage.size(name)}\0{storage.get_modified_time(name).timestamp()}\n"
            digest.update(line.encode())
    return digest.hexdigest()
