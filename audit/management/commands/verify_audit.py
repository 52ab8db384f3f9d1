"""manage.py verify_audit"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.services import verify_all


class Command(BaseCommand):
    help = "Proves that no sealed row of the audit trail was changed or removed; exits with 1 when one was."

    def handle(self, *args: Any, **options: Any) -> None:
        verdicts = verify_all()
        for verdict in verdicts:
            name = verdict.region_code or "-"
            self.stdout.write(f"{name}: {verdict.rows} rows, {verdict.erased} erased, head {verdict.head}")
            for problem in verdict.problems:
                self.stderr.write(f"{name}: {problem}")
        if not all(verdict.holds for verdict in verdicts):
            raise CommandError("The audit trail does not hold.", returncode=1)
