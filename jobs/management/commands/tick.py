"""manage.py tick"""

from typing import Any

from django.core.management.base import BaseCommand

from jobs.services import tick


class Command(BaseCommand):
    help = "Asks for the regular work whose time has come. Run it every minute, or let run_jobs --forever do it."

    def handle(self, *args: Any, **options: Any) -> None:
        for kind in tick():
            self.stdout.write(kind)
