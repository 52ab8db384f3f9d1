"""Making handbooks from a template, keeping them up with it, and handing them in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from documents import frozen
from documents.frozen import Frozen, FrozenSection
from documents.models import Document, Section, Version
from documents.services.documents import create_document, lock
from documents.services.outline import add_section, bring_back_section, move_section, rename_section
from documents.services.versions import freeze, labels
from handbooks.models import Handbook, Template
from regions.models import Area, Body, Municipality
from regions.sealing import require_one_region


@transaction.atomic
def create_handbook(
    template_version: Version,
    *,
    year: int,
    by: User | None,
    area: Area | None = None,
    municipality: Municipality | None = None,
    centre: str = "",
    title: Mapping[str, str] | None = None,
    languages: Sequence[str] | None = None,
    writing_body: Body | None = None,
    is_sample: bool = False,
) -> Handbook:
    """Make an empty handbook with the sections of a frozen template, for an area, a municipality or a centre.

    Without any of these it is the whole region's. Section keys are the template's; guidance is read from the version.
    Locks the template, so that two who press at once do not make two. Raises ValidationError when the place already
    has a handbook of that year from this template (`handbook_exists`), or something is of another region.
    """
    template = _template_of(template_version)
    region = lock(template.document).region
    require_one_region(region, area, municipality, writing_body)
    centre = centre.strip()
    same = Handbook.objects.filter(
        template_version__document=template.document, year=year, area=area, municipality=municipality, centre=centre
    ).first()
    if same is not None:
        raise ValidationError(
            _("There already is the handbook “%(handbook)s”."),
            code="handbook_exists",
            params={"handbook": str(same)},
        )
    content = frozen.read(template_version)
    handbook = Handbook(
        region=region,
        template_version=template_version,
        area=area,
        municipality=municipality,
        centre=centre,
        year=year,
    )
    languages = list(languages or region.languages)
    document = create_document(
        region,
        kind=Document.Kind.HANDBOOK,
        title=dict(title or handbook_title(handbook, content, languages)),
        languages=languages,
        writing_body=writing_body,
        is_sample=is_sample,
        by=by,
    )
    handbook.document = document
    handbook.full_clean(exclude=["document"])
    handbook.save()
    _add_sections(handbook, template, content.sections, by=by)
    record(by, "handbook.created", document, template=template.key, version=template_version.number, year=year)
    return handbook


def _template_of(version: Version) -> Template:
    template = Template.objects.select_related("document", "criteria_set").filter(document=version.document_id).first()
    if template is None:
        raise ValueError("A handbook is made from a version of a template.")
    return template


def handbook_title(handbook: Handbook, template: Frozen, languages: Sequence[str]) -> dict[str, str]:
    """ "Perhekeskuskäsikirja, Oulu 2022" in every language that the template has a title in."""
    place = handbook.area or handbook.municipality or handbook.region
    names = labels(place, "name")
    titles: dict[str, str] = {}
    for language in languages:
        of_template = template.document["title"].get(language) or next(iter(template.document["title"].values()))
        name = handbook.centre or names.get(language) or str(place)
        titles[language] = f"{of_template}, {name} {handbook.year}"
    return titles


def _add_sections(
    handbook: Handbook, template: Template, rows: Sequence[FrozenSection], *, by: User | None
) -> list[str]:
    """Add those sections that the handbook does not have, each where the template has it."""
    originals = {row.key: row for row in template.document.sections.all()}
    criteria = {row.key: row for row in template.criteria_set.criteria.all()}
    ours = {row.key: row for row in handbook.document.sections.select_related("parent")}
    last_under: dict[str | None, Section] = {}
    added: list[str] = []
    for row in rows:
        section = ours.get(row.key)
        if section is None:
            section = add_section(
                handbook.document,
                heading=row.heading,
                by=by,
                parent=ours[row.parent] if row.parent else None,
                after=last_under.get(row.parent),
                key=row.key,
                facet=row.facet,
                criterion=criteria.get(row.criterion["key"]) if row.criterion else None,
                copied_from=originals.get(row.key),
            )
            if section.position and row.parent not in last_under:
                section = move_section(section, parent=section.parent, by=by)  # the template has it first
            ours[row.key] = section
            added.append(row.key)
        last_under[row.parent] = section
    return added


@dataclass
class Upgraded:
    """What a newer template changed in a handbook: section keys."""

    added: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    no_longer_asked: list[str] = field(default_factory=list)


@transaction.atomic
def upgrade_template(handbook: Handbook, version: Version, *, by: User | None) -> Upgraded:
    """Bind a handbook to a newer version of its template.

    New sections are added where the template has them; headings that nobody changed follow the template; what the
    template does not ask any more stays with its answers, marked "no longer asked". Raises ValidationError for a
    version of another template (`other_template`).
    """
    lock(handbook.document)
    handbook = Handbook.objects.select_related("document__region", "template_version").get(pk=handbook.pk)
    old = handbook.template_version
    if old is not None and old.document_id != version.document_id:
        raise ValidationError(_("This is a version of another template."), code="other_template")
    content = frozen.read(version)
    before = {row.key: row for row in frozen.read(old).sections} if old else {}
    result = Upgraded()
    ours = {row.key: row for row in handbook.document.sections.all()}
    for row in content.sections:
        section = ours.get(row.key)
        if section is None:
            continue
        if section.removed_at is not None:
            bring_back_section(section, by=by)
            result.added.append(row.key)
        if row.key in before and section.heading == before[row.key].heading and section.heading != row.heading:
            rename_section(section, heading=row.heading, by=by)
            result.renamed.append(row.key)
    template = _template_of(version)
    result.added.extend(_add_sections(handbook, template, content.sections, by=by))
    handbook.template_version = version
    handbook.save(update_fields=["template_version"])
    asked = {row.key for row in content.sections}
    result.no_longer_asked = [key for key, row in ours.items() if row.copied_from_id and key not in asked]
    record(
        by,
        "handbook.template_upgraded",
        handbook.document,
        version=version.number,
        added=result.added,
        no_longer_asked=result.no_longer_asked,
    )
    return result


@transaction.atomic
def hand_in(handbook: Handbook, *, by: User | None) -> Version:
    """Freeze a handbook as it stands now and hand that version in, for the plan to be compiled from.

    Handing in the same text twice is handing it in once.
    """
    document = lock(handbook.document)
    locked = Handbook.objects.select_related("handed_in").get(pk=handbook.pk)
    with transaction.atomic():
        version = freeze(document, by=by)
        if locked.handed_in is not None and locked.handed_in.sha256 == version.sha256:
            transaction.set_rollback(True)
            version = locked.handed_in
    if locked.handed_in_id != version.pk:
        locked.handed_in = version
        locked.save(update_fields=["handed_in"])
        record(by, "handbook.handed_in", document, version=version.number)
    handbook.handed_in = version
    return version


@transaction.atomic
def take_back(handbook: Handbook, *, by: User | None) -> None:
    """Take a handed-in handbook back to go on writing. The version stays, and so do plans compiled from it."""
    document = lock(handbook.document)
    locked = Handbook.objects.select_related("handed_in").get(pk=handbook.pk)
    if locked.handed_in is None:
        raise ValidationError(_("This handbook has not been handed in."), code="not_handed_in")
    number = locked.handed_in.number
    locked.handed_in = None
    locked.save(update_fields=["handed_in"])
    handbook.handed_in = None
    record(by, "handbook.taken_back", document, version=number)
