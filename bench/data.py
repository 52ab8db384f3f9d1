"""What is measured on: 22 regions, one of which has a plan of 60 sections, 600 blocks and 50 actions, published.

It also has a draft of 500 actions.
"""

import datetime
import itertools
import random
import sqlite3
from contextlib import closing
from pathlib import Path

from django.core.management import call_command
from django.db import transaction

from accounts.models import User
from criteria.models import AssessmentScale, CriteriaGroup, CriteriaSet, Criterion
from documents.models import Document, Section, Version
from documents.services.documents import create_document
from documents.services.outline import add_section
from documents.services.publishing import publish
from documents.services.sections import save_section
from documents.services.versions import freeze
from plans.models import Plan
from plans.services.goals import add_action, add_goal
from plans.services.plans import create_plan
from regions.models import Body, Membership, Organisation, Region

REGIONS = 22
CHAPTERS, SECTIONS, BLOCKS, LONG = 12, 60, 600, 200
GOALS, ACTIONS = 10, 50
MANY_GOALS, MANY_ACTIONS = 50, 500
LONG_SECTION = "pitka"
WORDS = (
    *("perhekeskus", "neuvola", "perhe", "lapsi", "nuori", "kohtaamispaikka", "tuki", "arki", "palvelu", "ryhmä"),
    *("alue", "kunta", "järjestö", "seurakunta", "yhteistyö", "toimii", "kehitetään", "sovitaan", "järjestetään"),
    *("viikoittain", "läheltä", "ajoissa", "yhdessä", "avoimesti", "hyvin", "ja", "tai", "sekä"),
)


def sentences(words: int, seed: int = 0) -> str:
    """So many made-up words as sentences, always the same for a seed."""
    chance = random.Random(seed)
    chosen = [chance.choice(WORDS) for _word in range(words)]
    lines = (chosen[start : start + 12] for start in range(0, words, 12))
    return " ".join(f"{' '.join(line).capitalize()}." for line in lines)


def region() -> Region:
    return Region.objects.get(code="00")


def plan() -> Plan:
    return Plan.objects.select_related("document__region").get(starts_on__year=2023)


def long_plan() -> Plan:
    return Plan.objects.select_related("document__region").get(starts_on__year=2026)


def handbook() -> Document:
    return Document.objects.get(kind=Document.Kind.HANDBOOK)


def long_section() -> Section:
    return Section.objects.select_related("head", "document").get(key=LONG_SECTION)


def version() -> Version:
    return Version.objects.select_related("document__region").get(publications__isnull=False)


def coordinator() -> User:
    return User.objects.get()


def build() -> None:
    """Make the data, unless they are there."""
    call_command("migrate", interactive=False, verbosity=0)
    if not Version.objects.exists():
        with transaction.atomic():
            _build()


def _build() -> None:
    for number in range(REGIONS):
        Region.objects.create(
            code=f"{number:02d}", name_fi=f"Esimerkkialue {number}", slug=f"alue-{number}", public=True
        )
    home = region()
    body = Body.objects.create(region=home, kind=Body.Kind.COORDINATION, name_fi="Koordinaatioryhmä")
    home.coordinating_body = body
    home.save(update_fields=["coordinating_body"])
    user = User.objects.create_user(email="mittaaja@example.org", password=None, name="Maija Mittaaja")
    Membership.objects.create(region=home, body=body, user=user, starts_on=datetime.date(2020, 1, 1))
    _build_plan(home)
    _build_long_plan(home)
    _build_handbook(home)


def _build_plan(home: Region) -> None:
    made = create_plan(
        home,
        title={"fi": "Toimintasuunnitelma"},
        starts_on=datetime.date(2023, 1, 1),
        ends_on=datetime.date(2025, 12, 31),
        criteria_set=_criteria(),
        languages=["fi"],
        by=None,
        with_outline=False,
    )
    for number, section in enumerate(_sections(made.document)):
        html = "".join(f"<p>{sentences(40, seed)}</p>" for seed in range(BLOCKS // SECTIONS))
        save_section(section, by=None, base=None, html={"fi": html})
        if number >= SECTIONS - GOALS:
            _add_goal(made, section, number)
    publish(freeze(made.document, by=None), languages=["fi"], by=None)


def _build_long_plan(home: Region) -> None:
    made = create_plan(
        home,
        title={"fi": "Pitkä suunnitelma"},
        starts_on=datetime.date(2026, 1, 1),
        ends_on=datetime.date(2029, 12, 31),
        criteria_set=CriteriaSet.objects.get(),
        languages=["fi"],
        by=None,
        with_outline=False,
    )
    owners = list(Organisation.objects.filter(region=home))
    for number in range(MANY_GOALS):
        section = add_section(made.document, heading={"fi": f"Painopiste {number}"}, by=None)
        goal = add_goal(made, section=section, title={"fi": sentences(8, number)}, criteria=["tuki"], by=None)
        for part in range(MANY_ACTIONS // MANY_GOALS):
            place = number * MANY_ACTIONS // MANY_GOALS + part
            add_action(
                goal,
                title={"fi": sentences(10, part)},
                description={"fi": sentences(60, place)},
                roles=[
                    (f"organisation:{owners[place % len(owners)].public_id}", "lead"),
                    (f"organisation:{owners[(place + 1) % len(owners)].public_id}", "partner"),
                ],
                starts_on=datetime.date(2026 + place % 4, 1, 1),
                euros={2026: 1000 + place},
                by=None,
            )


def _criteria() -> CriteriaSet:
    scale = AssessmentScale.objects.create(key="nelja", name="Neljä porrasta")
    chosen = CriteriaSet.objects.create(key="malli", version="1", name="Malli", source="Malli", scale=scale)
    group = CriteriaGroup.objects.create(set=chosen, key="kaikki", name="Kaikki")
    Criterion.objects.create(set=chosen, group=group, key="tuki", code="1", title="Varhainen tuki")
    return chosen


def _sections(document: Document) -> list[Section]:
    """Chapters with four sections below each."""
    made: list[Section] = []
    below = SECTIONS // CHAPTERS - 1
    for chapter in range(CHAPTERS):
        top = add_section(document, heading={"fi": f"Luku {chapter}"}, by=None)
        parts = [add_section(document, heading={"fi": f"Osa {part}"}, parent=top, by=None) for part in range(below)]
        made += [top, *parts]
    return made


def _add_goal(made: Plan, section: Section, number: int) -> None:
    goal = add_goal(made, section=section, title={"fi": sentences(8, number)}, criteria=["tuki"], by=None)
    for part in range(ACTIONS // GOALS):
        owner = Organisation.objects.create(
            region=made.region, kind=Organisation.Kind.NGO, name_fi=f"Järjestö {number} {part}"
        )
        add_action(
            goal,
            title={"fi": sentences(10, part)},
            roles=[(f"organisation:{owner.public_id}", "lead")],
            schedule={"fi": "2024"},
            by=None,
        )


def _build_handbook(home: Region) -> None:
    document = create_document(home, kind=Document.Kind.HANDBOOK, title={"fi": "Käsikirja"}, languages=["fi"], by=None)
    section = add_section(document, heading={"fi": "Pitkä osa"}, key=LONG_SECTION, by=None)
    html = "".join(f"<p>{sentences(30, seed)}</p>" for seed in range(LONG))
    save_section(section, by=None, base=None, html={"fi": html})


def with_one_region(file: Path) -> Path:
    """A copy of the data in which only the region with the plan is left."""
    copy = file.with_name("one-region.sqlite3")
    if not copy.exists():
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
            target.execute("DELETE FROM regions_region WHERE code <> '00'")
            target.commit()
    return copy


def changed(text: str) -> str:
    """The text with every twentieth word another one."""
    words = text.split(" ")
    return " ".join(word if place % 20 else f"muutettu{place}" for place, word in zip(itertools.count(1), words))
