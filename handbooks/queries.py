"""What the pages of a handbook show: its tasks in order with guidance, its assessments, its state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from criteria.models import Criterion, ScaleStep
from documents import frozen
from documents.blocks import Block, say_something
from documents.frozen import Frozen
from documents.models import Document, Section
from documents.services.versions import labels
from handbooks.guidance import answer_table, help_in
from handbooks.models import Assessment, Handbook
from handbooks.services.keys import TRAY_KEY
from regions.models import Meeting


def handbook_of(document: Document) -> Handbook | None:
    """The handbook whose text a document is, with what its pages ask of it, in one query."""
    row = (
        Handbook.objects.select_related(
            "region", "template_version__document", "area", "municipality", "handed_in", "document"
        )
        .defer("handed_in__content")
        .filter(document=document.pk)
        .first()
    )
    if row is not None:
        row.document = document
    return row


def template_content(handbook: Handbook) -> Frozen | None:
    """The frozen template that the handbook is bound to."""
    return frozen.read(handbook.template_version) if handbook.template_version else None


def guidance_in(guidance: Mapping[str, str], language: str) -> SafeString:
    """A task's help in a language, or in the one that there is."""
    return help_in(guidance.get(language) or next((text for text in guidance.values() if text), ""))


def answer_tables_in(guidance: Mapping[str, str]) -> dict[str, SafeString]:
    """The table that an answer begins with, by language."""
    return {language: table for language, html in guidance.items() if (table := answer_table(html))}


def is_no_longer_asked(section: Section, content: Frozen | None) -> bool:
    """Whether the template that a handbook is bound to has dropped a section that it once asked."""
    if content is None or section.copied_from_id is None:
        return False
    return all(row.key != section.key for row in content.sections)


# --- Assessments ----------------------------------------------------------------------------------------


def criteria_of(handbook: Handbook) -> list[Criterion]:
    """The criteria that the handbook's sections ask about, in the set's order."""
    return list(
        Criterion.objects.filter(pk__in=handbook.document.sections.present().values("criterion_id"))
        .select_related("set__scale", "group")
        .order_by("group__position", "position", "key")
    )


def steps_of(criteria: Sequence[Criterion]) -> dict[int, list[ScaleStep]]:
    """Scale -> its steps in order."""
    steps: dict[int, list[ScaleStep]] = {}
    for step in ScaleStep.objects.filter(scale__in={row.set.scale_id for row in criteria}).order_by("position"):
        steps.setdefault(step.scale_id, []).append(step)
    return steps


def handbook_snapshot(document: Document) -> dict[str, Any]:
    """What a frozen handbook also says: whose it is, which template it answers, and how the criteria were assessed."""
    handbook = handbook_of(document)
    if handbook is None:
        return {}
    template = handbook.template_version
    rows = (
        Assessment.objects.filter(handbook=handbook)
        .select_related("criterion", "step")
        .order_by("criterion__position", "criterion__key")
    )
    place = handbook.area or handbook.municipality
    return {
        "year": handbook.year,
        "area": handbook.area.key if handbook.area else "",
        "municipality": handbook.municipality.code if handbook.municipality else "",
        "centre": handbook.centre,
        "place": dict.fromkeys(document.languages, handbook.centre)
        if handbook.centre
        else labels(place or handbook.region, "name"),
        "template": {"public_id": template.document.public_id, "version": template.number} if template else None,
        "assessments": [
            {
                "criterion": {
                    "key": row.criterion.key,
                    "code": row.criterion.code,
                    "title": labels(row.criterion, "title"),
                },
                "step": {"key": row.step.key, "label": labels(row.step, "label"), "assessed": row.step.assessed},
                "note": row.note,
            }
            for row in rows
        ],
    }


# --- The group's page -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class TaskRow:
    """One task of the template as a group meets it: numbered through the whole handbook."""

    section: Section
    number: int
    chapter: Section | None

    @property
    def is_answered(self) -> bool:
        """An empty table to be filled in is no answer."""
        return bool(self.section.head and say_something(self.section.head.blocks))


def tasks_of(handbook: Handbook) -> list[TaskRow]:
    """The handbook's tasks in reading order: the sections that have none below them. One query."""
    sections = list(handbook.document.sections.present().select_related("head", "criterion"))
    below: dict[int | None, list[Section]] = {}
    for section in sorted(sections, key=lambda row: (row.position, row.pk)):
        section.document = handbook.document
        below.setdefault(section.parent_id, []).append(section)
    rows: list[TaskRow] = []

    def walk(parent: Section | None, chapter: Section | None) -> None:
        for section in below.get(parent.pk if parent else None, []):
            if section.pk in below:
                walk(section, chapter or section)
            elif section.key != TRAY_KEY:
                rows.append(TaskRow(section, len(rows) + 1, chapter))

    walk(None, None)
    return rows


def continue_at(tasks: Sequence[TaskRow]) -> TaskRow | None:
    """Where a group left off: the first task without an answer, else the first that is not ready, else the first."""
    empty = next((row for row in tasks if not row.is_answered), None)
    unready = next((row for row in tasks if row.section.state != Section.State.READY), None)
    return empty or unready or next(iter(tasks), None)


@dataclass(frozen=True)
class EarlierAnswer:
    """What the same place answered to the same task in its previous handbook."""

    document: Document
    blocks: list[Block]


def last_year_answer(handbook: Handbook, key: str) -> EarlierAnswer | None:
    """The answer in the place's handbook of an earlier year, the newest before this one. At most one query."""
    row = (
        Section.objects.present()
        .filter(
            document__handbook__region=handbook.region_id,
            document__handbook__area=handbook.area_id,
            document__handbook__municipality=handbook.municipality_id,
            document__handbook__centre=handbook.centre,
            document__handbook__year__lt=handbook.year,
            key=key,
            head__isnull=False,
        )
        .select_related("head", "document__region")
        .order_by("-document__handbook__year")
        .first()
    )
    if row is None or row.head is None or not row.head.content:
        return None
    return EarlierAnswer(row.document, row.head.blocks)


def next_meeting(handbook: Handbook) -> Meeting | None:
    """When the handbook's group meets next."""
    body_id = handbook.document.writing_body_id
    return Meeting.objects.coming().filter(body=body_id).first() if body_id else None
