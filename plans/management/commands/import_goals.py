"""manage.py import_goals FILE --plan ID [--apply]"""

import hashlib
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from plans.models import Plan
from plans.services.spreadsheets import book_of, bring_in
from plans.spreadsheets.comparing import SAME, Comparison, compare
from plans.spreadsheets.draft import Draft


class Command(BaseCommand):
    help = (
        "Shows what an Excel file of goals, measures and indicators would change in a plan; with --apply it is "
        "brought in, all of it or nothing. Names of organisations that are not known must be corrected in the file."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--plan", required=True, help="The public id of the plan, as in its address.")
        parser.add_argument("--apply", action="store_true", help="Bring the file in.")
        parser.add_argument("--in-order", action="store_true", help="Put the plan into the order of the file.")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        plan = Plan.objects.select_related("document__region", "criteria_set", "region").filter(
            document__public_id=options["plan"]
        )
        try:
            found = plan.get()
            content = path.read_bytes()
            draft = Draft.of(found)
            comparison = compare(draft, book_of(draft, content))
            self._report(comparison)
            if options["apply"]:
                self._apply(found, content, path.name, in_order=options["in_order"])
        except Plan.DoesNotExist as error:
            raise CommandError(_("There is no plan %(plan)s.") % {"plan": options["plan"]}) from error
        except OSError as error:
            raise CommandError(_("The file %(file)s cannot be read.") % {"file": path}) from error
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error

    def _apply(self, plan: Plan, content: bytes, name: str, *, in_order: bool) -> None:
        # The same bytes make the same key once the plan has them, and then nothing is left to change either.
        key = f"xlsx-{hashlib.sha256(content).hexdigest()[:16]}-{plan.document.revisions.count()}"
        done = bring_in(plan, content, key=key, name=name, by=None, in_order=in_order)
        self.stdout.write(
            _("Brought in: %(new)d new, %(changed)d changed, %(conflicts)d to choose between.")
            % {"new": done.new, "changed": done.changed, "conflicts": len(done.conflicts)}
        )

    def _report(self, comparison: Comparison) -> None:
        for change in comparison.changes:
            if change.state == SAME:
                continue
            self.stdout.write(f"{change.row.sheet} {change.row.number} [{change.state}] {change.number} {change.title}")
            for line in change.lines:
                self.stdout.write(f"    {line.label}: {strip_tags(line.html)}")
            for met in change.met:
                self.stdout.write(f"    ! {met.label}: {met.before} → {met.now} / {met.arrived}")
            for note in change.notes:
                self.stdout.write(f"    {note}")
        for error in comparison.errors:
            self.stdout.write(f"! {error.place}: {error.message}")
        for unknown in comparison.unknown:
            self.stdout.write(f"? {unknown.name} ({'; '.join(unknown.rows)})")
        for row in comparison.missing:
            self.stdout.write(f"- {row.number} {row.title}")
        self.stdout.write(
            _("Unchanged: %(same)d. Cells to correct: %(errors)d.")
            % {"same": comparison.unchanged, "errors": len(comparison.errors)}
        )
