"""`manage.py check_catalogues`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from familycentre.catalogues import gaps


class Command(BaseCommand):
    help = "Fail while Finnish or Swedish lacks a string, or has a fuzzy one. Needs gettext."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(gaps())
        for gap in found:
            self.stderr.write(str(gap))
        if found:
            raise CommandError(
                f"{len(found)} strings lack a translation. Run `make messages`, then fill them in under locale/."
            )
        self.stdout.write("The Finnish and Swedish catalogues are complete.")
