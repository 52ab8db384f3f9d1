"""manage.py export_criteria KEY"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from criteria.models import CriteriaSet
from criteria.services import export_criteria_set


class Command(BaseCommand):
    help = "Writes a criteria set as a YAML file that import_criteria takes back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key")
        parser.add_argument("--set-version", help="which version; the newest unless told")
        parser.add_argument("-o", "--output", type=Path, help="the file to write; the screen unless told")

    def handle(self, *args: Any, **options: Any) -> None:
        sets = CriteriaSet.objects.filter(key=options["key"])
        if options["set_version"]:
            sets = sets.filter(version=options["set_version"])
        criteria_set = sets.order_by("-pk").first()
        if criteria_set is None:
            known = ", ".join(f"{one.key} {one.version}" for one in CriteriaSet.objects.all()) or "none"
            raise CommandError(f"There is no such criteria set. Known: {known}.")
        text = export_criteria_set(criteria_set)
        if options["output"]:
            options["output"].write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text)
