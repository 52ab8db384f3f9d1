"""A plan and handed-in handbooks, made through the services that the browser uses."""

import datetime

from criteria.models import AssessmentScale, CriteriaGroup, CriteriaSet, Criterion
from documents.models import Document, Section
from documents.services.documents import create_document
from documents.services.outline import add_section
from documents.services.sections import save_section
from documents.services.versions import freeze
from handbooks.models import Handbook
from plans.services.plans import create_plan, set_feed
from regions.models import Area
from tests.documents.factories import fresh, make_region

Facet = Section.Facet


def make_criteria(keys=("management", "meeting_place")):
    scale, _made = AssessmentScale.objects.get_or_create(key="four", defaults={"name": "Neljä porrasta"})
    criteria_set, made = CriteriaSet.objects.get_or_create(
        key="sample", version="2025", defaults={"name": "Malli", "source": "Malli", "scale": scale}
    )
    if made:
        group = CriteriaGroup.objects.create(set=criteria_set, key="all", name="Kaikki")
        for position, key in enumerate(keys):
            Criterion.objects.create(
                set=criteria_set, group=group, key=key, code=str(position + 1), title=key, position=position
            )
    return criteria_set


def make_area(key="oulu", region=None):
    region = region or make_region()
    area, _made = Area.objects.get_or_create(
        region=region, key=key, defaults={"name": key.title(), "name_fi": key.title(), "position": Area.objects.count()}
    )
    return area


def make_handbook(area=None, answers=None, *, criterion="meeting_place", languages=("fi",)):
    """A handed-in handbook with one theme; `answers` maps a facet to HTML."""
    area = area or make_area()
    criteria_set = make_criteria()
    document = create_document(
        area.region, kind=Document.Kind.HANDBOOK, title={"fi": f"Käsikirja {area}"}, languages=languages, by=None
    )
    handbook = Handbook.objects.create(region=area.region, document=document, area=area, year=2022)
    theme = add_section(
        document,
        heading={"fi": "Kohtaamispaikat"},
        key="kohtaamispaikat",
        criterion=criteria_set.criteria.get(key=criterion),
        by=None,
    )
    for facet, html in (answers or {Facet.DEVELOPMENT_NEED: "<ul><li>Aukioloajat ovat suppeat.</li></ul>"}).items():
        section = add_section(
            document, heading={"fi": str(facet)}, key=f"kohtaamispaikat-{facet}", facet=facet, parent=theme, by=None
        )
        save_section(section, by=None, base=None, html={"fi": html})
    hand_in(handbook)
    return handbook


def hand_in(handbook):
    handbook.handed_in = freeze(handbook.document, by=None)
    handbook.save(update_fields=["handed_in"])


def answer(handbook, facet, html):
    """Write a handbook's answer again and hand it in again."""
    section = fresh(handbook.document.sections.get(key=f"kohtaamispaikat-{facet}"))
    save_section(section, by=None, base=section.head, html={"fi": html})
    hand_in(handbook)


def make_plan(region=None, *, languages=("fi",)):
    """A plan with one chapter for what works and what is needed, and one for goals."""
    plan = create_plan(
        region or make_region(),
        title=dict.fromkeys(languages, "Toimintasuunnitelma"),
        starts_on=datetime.date(2023, 1, 1),
        ends_on=datetime.date(2025, 12, 31),
        criteria_set=make_criteria(),
        languages=languages,
        by=None,
        with_outline=False,
    )
    state = add_section(plan.document, heading={"fi": "Nykytila"}, key="nykytila", by=None)
    set_feed(state, facets=[Facet.SUCCESS, Facet.DEVELOPMENT_NEED])
    goals = add_section(plan.document, heading={"fi": "Tavoitteet"}, key="tavoitteet", by=None)
    set_feed(goals, facets=[Facet.PROPOSED_ACTION])
    return plan


def chapter(plan, key="nykytila"):
    return fresh(plan.document.sections.get(key=key))
