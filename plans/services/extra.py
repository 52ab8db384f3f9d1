"""The fields that a plan adds to its measures."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from documents.models import Section
from documents.services.documents import lock
from documents.services.structured import save_structured
from plans.blocks import ACTION
from plans.models import ExtraField, Plan
from plans.models.extra import MOST, extra_key


@transaction.atomic
def set_extra_fields(plan: Plan, *, names: Sequence[Mapping[str, str]], by: User | None) -> None:
    """Name the extra fields of a plan, in their places; a place without a name has no field.

    A field that gets another name keeps its values. One that goes takes its values out of the measures, so that the
    next field in its place begins empty; their history keeps them. Raises ValidationError (`too_many`) above two.
    """
    if len(names) > MOST:
        raise ValidationError(_("A plan has two extra fields at most."), code="too_many")
    document = lock(plan.document)
    before = {row.place: row for row in plan.extra_fields.all()}
    for place in range(1, MOST + 1):
        given = names[place - 1] if place <= len(names) else {}
        name = {language: text.strip() for language, text in given.items() if text.strip()}
        row = before.get(place)
        if name and row:
            row.name = name
            row.save(update_fields=["name"])
        elif name:
            ExtraField.objects.create(region_id=plan.region_id, plan=plan, place=place, name=name)
        if row and not name:
            row.delete()
        if bool(row) != bool(name):
            _empty(plan, place, by=by)
    record(by, "plan.extra_fields_set", document, places=[row.place for row in plan.extra_fields.all()])


def _empty(plan: Plan, place: int, *, by: User | None) -> None:
    """Take a field's values out of the measures, in one revision of each section."""
    key = extra_key(place)
    sections = Section.objects.filter(document=plan.document_id, actions__plan=plan).select_related("document", "head")
    for section in sections.distinct():
        held = [block for block in section.blocks if block.kind == ACTION and block.data.get(key)]
        if held:
            bare = [
                replace(block, data={name: value for name, value in block.data.items() if name != key})
                for block in held
            ]
            save_structured(section, by=by, change=bare, note=_("An extra field was taken away"))
