"""`manage.py load_sample`: the sample regions with their people, handbooks and plans."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from documents.models import Document
from documents.renditions import make_rendition
from documents.services.publishing import publish
from documents.services.versions import freeze
from familycentre.sampling.covers import set_cover
from familycentre.sampling.handbooks import (
    load_answered_handbook,
    load_regional_handbook,
    load_word_handbook,
    template_version,
)
from familycentre.sampling.people import SampleRegion, SignIn, confirm_address, load_region, new_password
from familycentre.sampling.plans import load_plan
from familycentre.sampling.rounds import as_first_drafted, load_rounds
from plans.models import Plan
from regions.models import Region

FOLDER = Path(__file__).resolve().parents[2] / "sample"
REGIONS = ("19", "17", "08", "14")
PUBLISHED = ("14",)
"""Regions whose plan anyone may read; the others are still being written."""
ADMINISTRATOR = "admin@example.org"


class Command(BaseCommand):
    help = (
        "Fill the database with sample regions: people with random passwords, Word handbooks, and the plans compiled "
        "from them, all made through the services that the browser uses. Running it again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--region", action="append", choices=REGIONS, help="only this region; may be repeated")
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there is any document already")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The sample is not loaded on a production installation: its people are invented.")
        if options["if_empty"] and Document.objects.exists():
            return
        if not Region.objects.exists():
            call_command("load_reference", verbosity=0, stdout=self.stdout)
        sign_ins = self._administrator()
        for code in options["region"] or REGIONS:
            sign_ins += self._load(code)
        self._write_sign_ins(sign_ins)

    def _administrator(self) -> list[SignIn]:
        if User.objects.filter(email__iexact=ADMINISTRATOR).exists():
            return []
        password = new_password()
        confirm_address(User.objects.create_superuser(ADMINISTRATOR, password, name="Ylle Ylläpitäjä"))
        return [SignIn("", "", "ylläpitäjä (admin)", ADMINISTRATOR, password)]

    def _load(self, code: str) -> list[SignIn]:
        folder = FOLDER / code
        sample = load_region(code, _read(folder / "region.yaml"))
        self._load_handbooks(sample, folder)
        plan = folder / "plan.yaml"
        if plan.exists() and not Plan.objects.filter(region=sample.region, document__is_sample=True).exists():
            data = _read(plan)
            document = load_plan(sample, data).document
            set_cover(document, folder / "kansi.png", data.get("cover_alt"), by=sample.coordinator)
            label = "Lautakunnalle" if code in PUBLISHED else "Luonnos ohjausryhmälle"
            version = freeze(document, by=sample.coordinator, label=label)
            if code in PUBLISHED:
                publish(version, languages=document.languages, by=sample.coordinator)
            make_rendition(version, format="pdf", layout="full", language=document.original, by=sample.coordinator)
        self._say(sample)
        return sample.sign_ins

    def _load_handbooks(self, sample: SampleRegion, folder: Path) -> None:
        existing = Document.objects.filter(region=sample.region, is_sample=True, kind=Document.Kind.HANDBOOK)
        if existing.exists():
            return
        word_files = sorted((folder / "kasikirjat").glob("*.docx"))
        answered = sorted(folder.glob("kasikirja-*.yaml"))
        if word_files or answered:
            version = template_version(sample, _read(FOLDER / "templates" / "perhekeskuskasikirja.yaml"))
            for path in word_files:
                load_word_handbook(sample, version, sample.areas[path.stem], path)
            for path in answered:
                load_answered_handbook(sample, version, _read(path))
        rounds = _read(folder / "rounds.yaml") if (folder / "rounds.yaml").exists() else None
        for path in sorted(folder.glob("*-kasikirja.yaml")):
            data = as_first_drafted(_read(path), rounds) if rounds else _read(path)
            handbook = load_regional_handbook(sample, data, picture=folder / "kansi.png", is_handed_in=rounds is None)
            if rounds:
                load_rounds(sample, handbook.document, rounds)

    def _say(self, sample: SampleRegion) -> None:
        documents = Document.objects.filter(region=sample.region, is_sample=True)
        handbooks = documents.filter(kind=Document.Kind.HANDBOOK).count()
        plans = documents.filter(kind=Document.Kind.PLAN).count()
        self.stdout.write(f"{sample.region.name}: {handbooks} handbooks, {plans} plans.")

    def _write_sign_ins(self, sign_ins: list[SignIn]) -> None:
        """Keep the new accounts' passwords in files that only this user may read: some to begin with, and all."""
        if not sign_ins:
            return
        first = _to_begin_with(sign_ins)
        self._append("sign-ins.txt", first)
        self._append("sign-ins-all.txt", sign_ins)
        for row in first:
            self.stdout.write(str(row))

    def _append(self, name: str, sign_ins: list[SignIn]) -> None:
        path = settings.VAR_DIR / name
        path.touch(mode=0o600)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(f"{row}\n" for row in sign_ins)


def _to_begin_with(sign_ins: list[SignIn]) -> list[SignIn]:
    """One account of each kind of body, and the first person, who coordinates, of every region."""
    bodies: set[str] = set()
    regions: set[str] = set()
    chosen = []
    for row in sign_ins:
        if row.body not in bodies or row.region not in regions:
            chosen.append(row)
        bodies.add(row.body)
        regions.add(row.region)
    return chosen


def _read(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
