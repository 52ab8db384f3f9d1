"""manage.py load_template FILE --region 19 [--freeze]"""

from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from documents.services.versions import freeze
from handbooks.services.templates import Data, LoadedTemplate, load_template
from regions.models import Region


class Command(BaseCommand):
    help = (
        "Lets a region's handbook template be as a YAML file says: chapters, questions, guidance and criteria. When "
        "that changes anything, a version is saved, and new handbooks are made from it; old handbooks stay as they are."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--region", required=True, help="The region's code, for example 19.")
        parser.add_argument("--freeze", action="store_true", help="Save a version even when nothing changed.")

    def handle(self, *args: Any, **options: Any) -> None:
        data = _read(options["file"])
        region = Region.objects.filter(code=options["region"]).first()
        if region is None:
            raise CommandError(_("There is no region with the code %(code)s.") % {"code": options["region"]})
        try:
            with transaction.atomic():
                loaded = load_template(region, data, by=None)
                if options["freeze"] and loaded.outcome == "unchanged":
                    loaded.version = freeze(loaded.template.document, by=None)
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        self._tell(loaded)

    def _tell(self, loaded: LoadedTemplate) -> None:
        self.stdout.write(str(loaded.template))
        for words, keys in (
            (_("Added: %(keys)s."), loaded.added),
            (_("Changed: %(keys)s."), loaded.changed),
            (_("Removed: %(keys)s."), loaded.removed),
        ):
            if keys:
                self.stdout.write(words % {"keys": ", ".join(keys)})
        if loaded.outcome == "unchanged":
            self.stdout.write(_("The template already is as the file says."))
        self.stdout.write(_("New handbooks are made from version %(number)s.") % {"number": loaded.version.number})


def _read(path: Path) -> Data:
    """The file's contents. Raises CommandError, saying what is wrong and where, for what no template can be made of."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(_("The file %(file)s cannot be read.") % {"file": path}) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise CommandError(
            _("The file %(file)s is not proper YAML; look at line %(line)s.")
            % {"file": path, "line": mark.line + 1 if mark else "?"}
        ) from error
    fault = _fault(data)
    if fault:
        raise CommandError(fault)
    return data


def _fault(data: Any) -> str:
    """What a template cannot do without and the file lacks."""
    if not isinstance(data, dict):
        return _("The file is not a template: it has no keys.")
    for name, kind in (("key", str), ("title", dict), ("criteria_set", str), ("sections", list)):
        if not isinstance(data.get(name), kind) or not data[name]:
            return _("The template lacks “%(name)s”, or it is of the wrong kind.") % {"name": name}
    return _section_fault(data["sections"])


def _section_fault(rows: list[Any]) -> str:
    for row in rows:
        key = row.get("key", "") if isinstance(row, dict) else str(row)
        if not isinstance(row, dict) or not isinstance(row.get("heading"), dict):
            return _("Section %(key)s has no heading by language.") % {"key": key}
        texts = [*row["heading"].values(), *(row.get("guidance") or {}).values()]
        if not all(isinstance(text, str) for text in texts):
            return _("Section %(key)s has a heading or guidance that is no text.") % {"key": key}
        if fault := _section_fault(row.get("sections") or []):
            return fault
    return ""
