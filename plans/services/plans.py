"""Making plans."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from accounts.models import User
from criteria.models import CriteriaGroup, CriteriaSet, Criterion
from criteria.services import freeze_criteria_set
from documents.models import Document, Section
from documents.services.documents import create_document
from documents.services.outline import add_section
from plans.models import ChapterFeed, Plan
from regions.models import Area, Body, Region
from regions.sealing import require_one_region

Facet = Section.Facet


@transaction.atomic
def create_plan(
    region: Region,
    *,
    title: Mapping[str, str],
    starts_on: datetime.date,
    ends_on: datetime.date,
    criteria_set: CriteriaSet,
    by: User | None,
    description: Mapping[str, str] | None = None,
    languages: Sequence[str] | None = None,
    writing_body: Body | None = None,
    parent: Plan | None = None,
    is_sample: bool = False,
    with_outline: bool = True,
) -> Plan:
    """Make a plan for a period, with the chapters of a full plan unless told otherwise.

    Raises ValidationError for a period that ends before it starts or a relation to another region.
    """
    require_one_region(region, criteria_set, writing_body, parent)
    document = create_document(
        region,
        kind=Document.Kind.PLAN,
        title=title,
        languages=languages or region.languages,
        description=description,
        writing_body=writing_body,
        by=by,
        is_sample=is_sample,
    )
    plan = Plan(
        region=region,
        document=document,
        starts_on=starts_on,
        ends_on=ends_on,
        criteria_set=criteria_set,
        parent=parent,
    )
    plan.full_clean(exclude=["document"])
    plan.save()
    freeze_criteria_set(criteria_set, by=by)
    if with_outline:
        _add_outline(plan, by=by)
    return plan


@transaction.atomic
def set_feed(
    section: Section,
    *,
    criteria: Sequence[Criterion] = (),
    areas: Sequence[Area] = (),
    facets: Sequence[str] = (),
    arrangement: str = ChapterFeed.Arrangement.BY_FACET,
) -> ChapterFeed:
    """Say which handbook answers a section is compiled from; an empty choice means all."""
    require_one_region(section.region, *areas)
    feed, _made = ChapterFeed.objects.update_or_create(
        section=section,
        defaults={"region_id": section.region_id, "facets": list(facets), "arrangement": arrangement},
    )
    feed.criteria.set(criteria)
    feed.areas.set(areas)
    return feed


# --- The chapters of a full plan ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Chapter:
    """A chapter of the outline that a new plan starts with."""

    key: str
    heading: str
    facet: str = Facet.FREE
    below: Callable[[Plan, Section, User | None], None] | None = None
    numbered: bool = True


def _areas_below(plan: Plan, chapter: Section, by: User | None) -> None:
    """One section for each area, fed by what works and what is needed there; or one for the whole region."""
    facets = [Facet.SUCCESS, Facet.DEVELOPMENT_NEED]
    areas = list(plan.region.areas.all())
    for area in areas:
        section = add_section(
            plan.document, heading=_labels(area, "name", plan), key=f"nykytila-{area.key}", parent=chapter, by=by
        )
        set_feed(section, areas=[area], facets=facets)
    if not areas:
        set_feed(chapter, facets=facets)


def _groups_below(plan: Plan, chapter: Section, by: User | None) -> None:
    """One section for each group of criteria, where proposed actions wait to be taken in."""
    groups = CriteriaGroup.objects.filter(set=plan.criteria_set).prefetch_related("criteria")
    for group in groups:
        section = add_section(
            plan.document,
            heading=_labels(group, "name", plan),
            key=f"painopiste-{group.key}",
            parent=chapter,
            by=by,
        )
        set_feed(section, criteria=list(group.criteria.all()), facets=[Facet.PROPOSED_ACTION])


CHAPTERS = [
    _Chapter("tiivistelma", gettext_noop("Summary"), numbered=False),
    _Chapter("johdanto", gettext_noop("Introduction")),
    _Chapter("perhekeskus", gettext_noop("The family centre in our region")),
    _Chapter("lukuina", gettext_noop("Children, young people and families in figures")),
    _Chapter("palvelut", gettext_noop("Services, meeting places and the digital family centre")),
    _Chapter("nykytila", gettext_noop("Current state by area"), below=_areas_below),
    _Chapter("painopisteet", gettext_noop("Priorities, goals and measures"), below=_groups_below),
    _Chapter("johtaminen", gettext_noop("Management and cooperation, annual cycle")),
    _Chapter("osallisuus", gettext_noop("Participation of children, young people and families")),
    _Chapter("resurssit", gettext_noop("Resources and impact assessment")),
    _Chapter("seuranta", gettext_noop("Follow-up and evaluation")),
]


def _labels(row: Any, name: str, plan: Plan) -> dict[str, str]:
    values = {language: getattr(row, f"{name}_{language}", "") or "" for language in plan.document.languages}
    original = plan.document.original
    return {language: text for language, text in values.items() if text} or {original: getattr(row, name)}


def _add_outline(plan: Plan, *, by: User | None) -> None:
    for chapter in CHAPTERS:
        heading = {}
        for language in plan.document.languages:
            with override(language):
                heading[language] = _(chapter.heading)
        section = add_section(plan.document, heading=heading, key=chapter.key, numbered=chapter.numbered, by=by)
        if chapter.below:
            chapter.below(plan, section, by)
