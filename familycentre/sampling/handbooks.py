"""Sample templates and handbooks: Word files through the import, the others through the editor's own service."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction

from documents.models import Document, Section, Version
from documents.services.documents import create_document
from documents.services.outline import add_section
from documents.services.sections import Edit, save_section, save_sections
from documents.services.versions import freeze
from familycentre.sampling.covers import set_cover
from familycentre.sampling.people import SampleRegion
from handbooks.models import Handbook, Template
from handbooks.services.handbooks import create_handbook, hand_in
from handbooks.services.imports import import_file, prepare_import
from handbooks.services.templates import latest_version, load_template
from regions.models import Area, Body, Region

YEAR = 2022
ACCEPTED = "accepted"


def in_the_regions_words(data: Any, region: Region) -> Any:
    """The template's Swedish with the region's own word for a meeting place: in Ostrobothnia "träffpunkt"."""
    if region.meeting_place_word != Region.MeetingPlaceWord.TRAFFPUNKT:
        return data

    def said(value: Any, language: str = "") -> Any:
        if isinstance(value, Mapping):
            return {key: said(one, key) for key, one in value.items()}
        if isinstance(value, list):
            return [said(one) for one in value]
        if isinstance(value, str) and language == "sv":
            return value.replace("mötesplats", "träffpunkt").replace("Mötesplats", "Träffpunkt")
        return value

    return said(data)


def template_version(sample: SampleRegion, data: Mapping[str, Any]) -> Version:
    """The region's template, frozen so that handbooks can be bound to it."""
    said = in_the_regions_words(data, sample.region)
    template: Template = load_template(sample.region, said, by=sample.coordinator, is_sample=True).template
    return latest_version(template) or freeze(template.document, by=sample.coordinator)


@transaction.atomic
def load_word_handbook(sample: SampleRegion, version: Version, area: Area, path: Path) -> Handbook:
    """A Word file brought in with every piece where the program proposes it, and handed in."""
    handbook = create_handbook(
        version,
        year=YEAR,
        area=area,
        writing_body=_group_of(sample, area),
        by=sample.coordinator,
        is_sample=True,
    )
    word_import = prepare_import(
        handbook, content=path.read_bytes(), name=path.name, language="fi", tracked=ACCEPTED, by=sample.coordinator
    )
    import_file(word_import, by=sample.coordinator)
    hand_in(handbook, by=sample.coordinator)
    return handbook


def _group_of(sample: SampleRegion, area: Area) -> Body | None:
    return Body.objects.filter(region=sample.region, area=area, kind=Body.Kind.HANDBOOK_GROUP).order_by("pk").first()


@transaction.atomic
def load_answered_handbook(sample: SampleRegion, version: Version, data: Mapping[str, Any]) -> Handbook:
    """A handbook whose answers stand in a file by section, in one language or several, written as in the editor."""
    handbook = create_handbook(
        version,
        year=YEAR,
        title=data["title"],
        languages=sample.region.languages,
        writing_body=Body.objects.filter(region=sample.region, kind=Body.Kind.HANDBOOK_GROUP).order_by("pk").first(),
        by=sample.coordinator,
        is_sample=True,
    )
    sections = {section.key: section for section in handbook.document.sections.all()}
    edits = [Edit.from_html(sections[key], None, texts) for key, texts in data["sections"].items()]
    save_sections(handbook.document, edits, by=sample.coordinator)
    hand_in(handbook, by=sample.coordinator)
    return handbook


@transaction.atomic
def load_regional_handbook(
    sample: SampleRegion, data: Mapping[str, Any], *, picture: Path, is_handed_in: bool = True
) -> Handbook:
    """A regional handbook with an outline of its own, to which the whole network commits itself."""
    document = create_document(
        sample.region,
        kind=Document.Kind.HANDBOOK,
        title=data["title"],
        description=data.get("description"),
        languages=sample.region.languages,
        writing_body=Body.objects.filter(region=sample.region, kind=Body.Kind.WORKING_GROUP).order_by("pk").first(),
        by=sample.coordinator,
        is_sample=True,
    )
    handbook = Handbook.objects.create(region=sample.region, document=document, year=2023)
    for row in data["sections"]:
        _load_section(sample, document, row, None)
    set_cover(document, picture, data.get("cover_alt"), by=sample.coordinator)
    if is_handed_in:
        hand_in(handbook, by=sample.coordinator)
    return handbook


def _load_section(sample: SampleRegion, document: Document, row: Mapping[str, Any], parent: Section | None) -> None:
    section = add_section(
        document,
        heading=row["heading"],
        key=row["key"],
        facet=row.get("facet", Section.Facet.FREE),
        parent=parent,
        by=sample.coordinator,
    )
    if row.get("text"):
        save_section(section, by=sample.coordinator, base=None, html=row["text"])
    for child in row.get("sections", []):
        _load_section(sample, document, child, section)
