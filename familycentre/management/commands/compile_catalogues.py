"""`manage.py compile_catalogues`."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from familycentre.catalogues import compile_changed


class Command(BaseCommand):
    help = "Compile the translation catalogues that have changed. Needs no gettext."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for path in compile_changed():
            self.stdout.write(f"{path.relative_to(settings.BASE_DIR)} written.")
