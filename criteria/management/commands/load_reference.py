"""manage.py load_reference"""

from typing import Any

from django.core.management.base import BaseCommand

from criteria.reference import load_criteria_sets
from regions.reference import load_geography


class Command(BaseCommand):
    help = (
        "Brings regions, municipalities, collaborative areas and criteria sets up to the files of the project. "
        "Can be run again and again; says what it added and changed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for tally in load_geography():
            self.stdout.write(str(tally))
        self.stdout.write(str(load_criteria_sets()))
