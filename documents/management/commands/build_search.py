"""`manage.py build_search`: everything that search looks through, written anew."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from documents.lemmas import build_dictionaries
from documents.search import tokens
from documents.search.index import build


class Command(BaseCommand):
    help = (
        "Pack the dictionaries of basic forms and write everything anew that search looks through: drafts, public "
        "versions, newest and handed-in versions. Running it again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-needed",
            action="store_true",
            help="only where it has never been done, or was done with other dictionaries or rules",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        build_dictionaries()
        if options["if_needed"] and tokens.is_signed():
            return
        count = build(self.stdout.write if options["verbosity"] > 1 else lambda line: None)
        self.stdout.write(f"Search looks through {count} passages.")
