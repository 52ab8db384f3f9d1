"""manage.py seal_audit"""

from typing import Any

from django.core.management.base import BaseCommand

from audit.services import seal_all


class Command(BaseCommand):
    help = "Seals the new rows of the audit trail into each region's chain of digests."

    def handle(self, *args: Any, **options: Any) -> None:
        for code, rows in seal_all().items():
            self.stdout.write(f"{code or '-'}: {rows} rows sealed")
