"""manage.py check_regions"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from regions.sealing import crossings, region_paths, sealed_models


class Command(BaseCommand):
    help = "Proves that no stored row leads from one region to another; exits with 1 and lists those that do."

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(crossings())
        for crossing in found:
            self.stderr.write(str(crossing))
        if found:
            rows = sum(len(crossing.pks) for crossing in found)
            raise CommandError(f"{rows} rows lead from one region to another.", returncode=1)
        checked = sum(1 for model in sealed_models() if len(region_paths(model)) > 1)
        self.stdout.write(f"Regions are sealed: {checked} kinds of rows checked.")
