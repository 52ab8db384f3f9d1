"""Files of documents for scripts: which documents there are, and one of their versions as a file."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from documents.models import Document, Rendition, Version
from documents.printing.engine import PrintError
from documents.renditions import make_rendition
from regions.services import open_file


class Command(BaseCommand):
    help = "List all documents, or write a frozen version of one as PDF, Word, Excel or JSON."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """`--version` is a document's version here, not Django's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("document", nargs="?", metavar="ID", help="the document's id, as --list prints it")
        parser.add_argument("--list", action="store_true", help="one line for each document: id, kind, title")
        parser.add_argument("--version", dest="number", type=int, metavar="N", help="the latest one without it")
        parser.add_argument("--format", choices=Rendition.Format.values, default=Rendition.Format.PDF)
        parser.add_argument("--layout", choices=Rendition.Layout.values, default=Rendition.Layout.FULL)
        parser.add_argument("--lang", choices=[code for code, _name in settings.CONTENT_LANGUAGES], default="fi")
        parser.add_argument("-o", "--output", metavar="FILE", help="where to write; - is the standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            self._list()
        elif not options["document"]:
            raise CommandError("Give a document's id, or --list.")
        else:
            self._export(options)

    def _list(self) -> None:
        for document in Document.objects.order_by("region__code", "kind", "pk"):
            title = " ".join(document.title_in("fi").split())
            self.stdout.write(f"{document.public_id}\t{document.kind}\t{title}")

    def _export(self, options: dict[str, Any]) -> None:
        version = self._version(options["document"], options["number"])
        try:
            rendition = make_rendition(
                version, format=options["format"], layout=options["layout"], language=options["lang"]
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except PrintError as error:
            raise CommandError(f"The PDF would not be accessible:\n{error}") from error
        with open_file(rendition.file) as file:
            content = file.read()
        if options["output"] == "-":
            sys.stdout.buffer.write(content)
            return
        path = Path(options["output"] or rendition.file.name)
        try:
            path.write_bytes(content)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}") from error
        self.stderr.write(f"{path}: version {version.number}, {len(content)} bytes")

    def _version(self, public_id: str, number: int | None) -> Version:
        document = Document.objects.filter(public_id=public_id).first()
        if document is None:
            raise CommandError(f"There is no document {public_id}. --list names them all.")
        versions = Version.objects.select_related("document__region").filter(document=document)
        version = versions.filter(number=number).first() if number is not None else versions.order_by("-number").first()
        if version is not None:
            return version
        if number is not None:
            raise CommandError(f"The document {public_id} has no version {number}.")
        raise CommandError(f"The document {public_id} has no version yet: save its draft as one first.")
