"""manage.py import_handbook FILE --region 19 --area oulu --template KEY"""

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from handbooks.models import Handbook, Template
from handbooks.placement import TRAY
from handbooks.services.handbooks import create_handbook, hand_in
from handbooks.services.imports import ImportResult, import_file, needs_choice, placement_of, prepare_import
from handbooks.services.templates import latest_version
from regions.models import Area, Region


class Command(BaseCommand):
    help = (
        "Imports a Word handbook: makes the handbook when there is none yet, and says where everything went. "
        "Pieces that have no place are kept in the handbook's section “Sijoittamatta”."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--region", required=True, help="The region's code, for example 19.")
        parser.add_argument("--area", default="", help="Name or key of the area; without it the whole region.")
        parser.add_argument("--template", required=True, help="Key of the region's handbook template.")
        parser.add_argument("--language", default="", help="Language of the file; the region's first by default.")
        parser.add_argument("--year", type=int, default=0, help="The handbook's year; this year by default.")
        parser.add_argument(
            "--tracked", choices=["accepted", "original"], default="", help="What tracked changes are worth."
        )
        parser.add_argument("--hand-in", action="store_true", help="Hand the handbook in afterwards.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                self._import(options)
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error

    def _import(self, options: dict[str, Any]) -> None:
        path: Path = options["file"]
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(_("The file %(file)s cannot be read.") % {"file": path}) from error
        handbook = self._handbook(options)
        word_import = prepare_import(
            handbook,
            content=content,
            name=path.name,
            language=options["language"] or handbook.document.original,
            by=None,
            tracked=options["tracked"],
        )
        if needs_choice(word_import):
            raise CommandError(_("The file has tracked changes. Say --tracked accepted or --tracked original."))
        self._tell(import_file(word_import, by=None), handbook)
        if options["hand_in"]:
            version = hand_in(handbook, by=None)
            self.stdout.write(_("Handed in as version %(number)s.") % {"number": version.number})

    def _handbook(self, options: dict[str, Any]) -> Handbook:
        """The place's handbook of the year made from the template, or a new one."""
        region = Region.objects.filter(code=options["region"]).first()
        if region is None:
            raise CommandError(_("There is no region with the code %(code)s.") % {"code": options["region"]})
        area = None
        if options["area"]:
            area = _find_area(region, options["area"])
            if area is None:
                names = ", ".join(str(row) for row in region.areas.all())
                raise CommandError(
                    _("The region has no area “%(area)s”. Its areas: %(names)s.")
                    % {"area": options["area"], "names": names or "–"}
                )
        template = Template.objects.select_related("document").filter(region=region, key=options["template"]).first()
        version = latest_version(template) if template else None
        if template is None or version is None:
            raise CommandError(
                _("The region has no handbook template with the key %(key)s.") % {"key": options["template"]}
            )
        year = options["year"] or timezone.localdate().year
        handbook = (
            Handbook.objects.select_related("document__region", "region", "template_version")
            .filter(region=region, area=area, municipality=None, centre="", year=year)
            .filter(template_version__document=template.document)
            .first()
        )
        return handbook or create_handbook(version, area=area, year=year, by=None)

    def _tell(self, result: ImportResult, handbook: Handbook) -> None:
        word_import = result.word_import
        counts = placement_of(word_import).counts()
        self.stdout.write(str(handbook))
        self.stdout.write(
            _("%(words)s words in the file, %(imported)s imported (%(headings)s of them headings).")
            % {"words": word_import.words_in_file, "imported": counts.words_imported, "headings": counts.words_headings}
        )
        self.stdout.write(
            _("%(pieces)s pieces: %(placed)s placed, %(check)s to check, %(tray)s not placed.")
            % {"pieces": counts.pieces, "placed": counts.placed, "check": counts.to_check, "tray": counts.tray}
        )
        self.stdout.write(
            _("%(changed)s sections changed, %(conflicts)s texts to be settled.")
            % {"changed": len(result.changed), "conflicts": result.conflicts}
        )
        tray = [entry for entry in placement_of(word_import).entries if entry.place == TRAY]
        if tray:
            self.stdout.write(_("Kept in the section “Sijoittamatta”, because no place was found:"))
            for entry in tray:
                self.stdout.write(f"  {entry.text[:100]}")
        for thing in word_import.placement.get("unread", []):
            self.stdout.write(_("Not read from the file: %(thing)s.") % {"thing": thing})


def _find_area(region: Region, name: str) -> Area | None:
    by_name = Q(key=name) | Q(name_fi__iexact=name) | Q(name_sv__iexact=name) | Q(name_en__iexact=name)
    return region.areas.filter(by_name).first()
