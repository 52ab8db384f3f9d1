"""Making a template from a readable file, and freezing it for handbooks to be bound to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import CharField, F, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from criteria.models import CriteriaSet, Criterion
from criteria.services import freeze_criteria_set
from documents.models import Document, Section, Version
from documents.services.documents import create_document, lock
from documents.services.outline import add_section, bring_back_section, move_section, remove_section, rename_section
from documents.services.versions import freeze
from handbooks.guidance import clean_guidance
from handbooks.models import Template
from regions.models import Region
from regions.sealing import require_one_region

Data = Mapping[str, Any]


@dataclass
class LoadedTemplate:
    """A template as a file said it should be, the version to bind handbooks to, and what loading did."""

    template: Template
    version: Version
    is_new: bool = False
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        if self.is_new:
            return "added"
        return "changed" if self.added or self.changed or self.removed else "unchanged"


@dataclass(frozen=True)
class _Wanted:
    """A section as the file has it."""

    key: str
    parent: str | None
    heading: dict[str, str]
    guidance: dict[str, str]
    facet: str
    criterion: Criterion | None


@transaction.atomic
def load_template(region: Region, data: Data, *, by: User | None, is_sample: bool = False) -> LoadedTemplate:
    """Let the region's template with this key be as the data says, and freeze it when that changed anything.

    `data` has the shape of the template files: key, title, description, languages, criteria_set and sections with key,
    heading, facet, criterion, guidance and sections below. Sections are known by key: those that the data has no more
    are removed, and stay in the handbooks where they were answered. Raises ValidationError for a set, criterion or
    facet that there is not, and for a key that stands twice (`template_file`).
    """
    criteria_set = _criteria_set(data, region)
    wanted = list(_wanted(data, criteria_set))
    _check_keys(wanted)
    template = (
        Template.objects.select_related("document__region", "criteria_set")
        .filter(region=region, key=data["key"])
        .first()
    )
    is_new = template is None
    if template is None:
        document = create_document(
            region,
            kind=Document.Kind.TEMPLATE,
            title=data["title"],
            description=data.get("description", {}),
            languages=data.get("languages", region.languages),
            is_sample=is_sample,
            by=by,
        )
        template = Template.objects.create(region=region, document=document, key=data["key"], criteria_set=criteria_set)
    freeze_criteria_set(criteria_set, by=by)
    loaded = LoadedTemplate(template, Version(), is_new=is_new)
    _bring_document_up(template, data, criteria_set, loaded)
    _bring_sections_up(template.document, wanted, loaded, by=by)
    version = template.document.versions.order_by("-number").first()
    loaded.version = version if version and loaded.outcome == "unchanged" else freeze(template.document, by=by)
    return loaded


def latest_version(template: Template) -> Version | None:
    """The version that new handbooks are bound to."""
    return template.document.versions.order_by("-number").first()


def _criteria_set(data: Data, region: Region) -> CriteriaSet:
    """The set named by its key and version joined with a hyphen: `sample-2025`."""
    name = str(data.get("criteria_set", ""))
    found = (
        CriteriaSet.objects.annotate(
            name_and_version=Concat(F("key"), Value("-"), F("version"), output_field=CharField())
        )
        .filter(name_and_version=name)
        .first()
    )
    if found is None:
        raise ValidationError(
            _("There is no criteria set “%(name)s”. Load the reference data first."),
            code="template_file",
            params={"name": name},
        )
    require_one_region(region, found)
    return found


def _wanted(data: Data, criteria_set: CriteriaSet) -> Iterator[_Wanted]:
    criteria = {row.key: row for row in criteria_set.criteria.all()}

    def walk(rows: Sequence[Data], parent: str | None) -> Iterator[_Wanted]:
        for row in rows:
            key, facet, criterion = str(row.get("key", "")), row.get("facet", Section.Facet.FREE), row.get("criterion")
            if facet not in Section.Facet.values:
                raise ValidationError(
                    _("Section %(key)s: there is no facet “%(facet)s”."),
                    code="template_file",
                    params={"key": key, "facet": facet},
                )
            if criterion and criterion not in criteria:
                raise ValidationError(
                    _("Section %(key)s: the criteria set has no criterion “%(criterion)s”."),
                    code="template_file",
                    params={"key": key, "criterion": criterion},
                )
            yield _Wanted(
                key=key,
                parent=parent,
                heading={language: text.strip() for language, text in row["heading"].items() if text.strip()},
                guidance={
                    language: str(clean_guidance(text)) for language, text in row.get("guidance", {}).items() if text
                },
                facet=facet,
                criterion=criteria[criterion] if criterion else None,
            )
            yield from walk(row.get("sections", ()), key)

    return walk(data.get("sections", ()), None)


def _check_keys(wanted: Sequence[_Wanted]) -> None:
    seen: set[str] = set()
    for row in wanted:
        if not row.key or row.key in seen:
            raise ValidationError(
                _("Each section needs a key of its own; “%(key)s” is empty or stands twice."),
                code="template_file",
                params={"key": row.key},
            )
        seen.add(row.key)


def _bring_document_up(template: Template, data: Data, criteria_set: CriteriaSet, loaded: LoadedTemplate) -> None:
    document = lock(template.document)
    values = {
        "title": {language: text.strip() for language, text in data["title"].items() if text.strip()},
        "description": dict(data.get("description", {})),
        "languages": list(data.get("languages", document.languages)),
    }
    differing = [name for name, value in values.items() if getattr(document, name) != value]
    for name in differing:
        setattr(document, name, values[name])
    if differing:
        document.save(update_fields=differing)
        loaded.changed.extend(differing)
    if template.criteria_set_id != criteria_set.pk:
        template.criteria_set = criteria_set
        template.save(update_fields=["criteria_set"])
        loaded.changed.append("criteria_set")
    template.document = document


def _bring_sections_up(
    document: Document, wanted: Sequence[_Wanted], loaded: LoadedTemplate, *, by: User | None
) -> None:
    rows = {row.key: row for row in document.sections.select_related("parent", "criterion")}
    last_under: dict[str | None, Section] = {}
    for row in wanted:
        parent = rows[row.parent] if row.parent else None
        after = last_under.get(row.parent)
        section = rows.get(row.key)
        if section is None:
            section = add_section(
                document,
                heading=row.heading,
                by=by,
                parent=parent,
                after=after,
                key=row.key,
                facet=row.facet,
                criterion=row.criterion,
                guidance=row.guidance,
            )
            if after is None:
                section = _move(section, parent, None, by)
            loaded.added.append(row.key)
        elif _bring_section_up(section, row, parent, after, by=by):
            loaded.changed.append(row.key)
        last_under[row.parent] = rows[row.key] = document.sections.select_related("parent").get(key=row.key)
    keys = {row.key for row in wanted}
    for key, section in rows.items():
        gone_with_parent = section.parent is not None and section.parent.key not in keys
        if key not in keys and section.removed_at is None:
            loaded.removed.append(key)
            if not gone_with_parent:
                remove_section(section, by=by)


def _move(section: Section, parent: Section | None, after: Section | None, by: User | None) -> Section:
    """Put a section behind `after`, or first, unless it stands there."""
    siblings = list(
        section.document.sections.present()
        .filter(parent=parent)
        .order_by("position", "pk")
        .values_list("pk", flat=True)
    )
    place = siblings.index(after.pk) + 1 if after else 0
    if section.parent_id == (parent.pk if parent else None) and siblings[place : place + 1] == [section.pk]:
        return section
    return move_section(section, parent=parent, after=after, by=by)


def _bring_section_up(
    section: Section, wanted: _Wanted, parent: Section | None, after: Section | None, *, by: User | None
) -> bool:
    changed = False
    if section.removed_at is not None:
        section = bring_back_section(section, by=by)
        changed = True
    moved = _move(section, parent, after, by)
    changed = changed or moved is not section
    if moved.heading != wanted.heading:
        moved = rename_section(moved, heading=wanted.heading, by=by)
        changed = True
    values = {"guidance": wanted.guidance, "facet": wanted.facet, "criterion": wanted.criterion}
    differing = [name for name, value in values.items() if getattr(moved, name) != value]
    for name in differing:
        setattr(moved, name, values[name])
    if differing:
        moved.save(update_fields=differing)
    return changed or bool(differing)
