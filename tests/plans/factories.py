"""A plan and handed-in handbooks, made through the services that the browser uses."""

import datetime
from decimal import Decimal

from criteria.models import AssessmentScale, CriteriaGroup, CriteriaSet, Criterion
from documents.models import Document, Section
from documents.services.documents import create_document
from documents.services.outline import add_section
from documents.services.sections import save_section
from documents.services.versions import freeze
from handbooks.models import Handbook
from plans.answers import handed_in_answers
from plans.services.goals import add_action, add_goal, add_indicator, set_indicator_value
from plans.services.plans import create_plan, set_feed
from plans.services.proposals import gather
from regions.models import Area
from tests.documents.factories import fresh, make_region
from tests.regions.factories import BodyFactory, MembershipFactory, OrganisationFactory

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


def make_handbook(area=None, answers=None, *, criterion="meeting_place", languages=("fi",), year=2022):
    """A handed-in handbook with one theme; `answers` maps a facet to HTML."""
    area = area or make_area()
    criteria_set = make_criteria()
    document = create_document(
        area.region, kind=Document.Kind.HANDBOOK, title={"fi": f"Käsikirja {area}"}, languages=languages, by=None
    )
    handbook = Handbook.objects.create(region=area.region, document=document, area=area, year=year)
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


def make_coordinator(region, *, language="fi"):
    """A member of the region's coordinating body."""
    region.refresh_from_db()
    body = region.coordinating_body or BodyFactory(region=region, coordinating=True)
    return MembershipFactory(user__language=language, body=body).user


def make_two_handbooks():
    """Two areas: what works, what is needed, what is proposed."""
    return [
        make_handbook(
            make_area("oulu"),
            {
                Facet.SUCCESS: "<p>Perhekahvila toimii.</p>",
                Facet.DEVELOPMENT_NEED: "<ul><li>Aukioloajat ovat suppeat.</li><li>Isät puuttuvat.</li></ul>",
                Facet.PROPOSED_ACTION: "<ul><li>Perhekahvila auki illalla.</li></ul>",
            },
        ),
        make_handbook(
            make_area("lakeus"),
            {
                Facet.DEVELOPMENT_NEED: "<p>Tilat ovat ahtaat.</p>",
                Facet.PROPOSED_ACTION: "<ul><li>Kahvilalle ilta-aika.</li></ul>",
            },
        ),
    ]


def make_goal(plan, title="Illat käyttöön", *, key="tavoitteet", **fields):
    return add_goal(plan, section=chapter(plan, key), title={"fi": title}, by=None, **fields)


def make_full_goal(plan, title="Illat käyttöön"):
    """A goal with an indicator that has been measured twice and a measure with everything in it."""
    goal = make_goal(plan, title, rationale={"fi": "Perheet toivovat iltoja."}, criteria=["meeting_place"])
    indicator = add_indicator(
        goal,
        name={"fi": "Ilta-aukiolot"},
        unit={"fi": "kpl"},
        baseline=Decimal(2),
        baseline_year=2022,
        target=Decimal(8),
        target_year=2025,
        by=None,
    )
    set_indicator_value(indicator, year=2023, value=Decimal(4), by=None)
    lead = OrganisationFactory(region=plan.region, name_fi="Perheyhdistys")
    partner = OrganisationFactory(region=plan.region, name_fi="Seurakunta")
    add_action(
        goal,
        title={"fi": "Perhekahvila avataan iltaisin."},
        roles=[(f"organisation:{lead.public_id}", "lead"), (f"organisation:{partner.public_id}", "partner")],
        schedule={"fi": "syksy 2024"},
        starts_on=datetime.date(2024, 8, 1),
        ends_on=datetime.date(2024, 12, 31),
        resources=["own_work", "additional"],
        euros={2024: 12000},
        by=None,
    )
    return goal


def proposals(plan):
    """What the handbooks propose, in their order."""
    return [row for row in handed_in_answers(plan) if row.is_proposal]


def take_in(goal, answers, title=None):
    """One measure of proposals, in the words of the first unless told otherwise."""
    return gather(goal, answers, title={"fi": title or answers[0].words}, by=None)


def needs_of(plan):
    """The words of each need in the handbooks, by its block."""
    return {row.block.id: row.words for row in handed_in_answers(plan) if row.facet == Facet.DEVELOPMENT_NEED}
