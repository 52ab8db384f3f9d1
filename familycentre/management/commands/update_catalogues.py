"""`manage.py update_catalogues`."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from familycentre.catalogues import collect, compile_changed


class Command(BaseCommand):
    help = "Collect the strings of the source into the Finnish and Swedish catalogues and compile them. Needs gettext."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        collect(settings.BASE_DIR)
        compile_changed()
