"""A group's own assessment of the criteria."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from criteria.models import Criterion, ScaleStep
from documents.services.documents import lock
from handbooks.models import Assessment, Handbook
from handbooks.queries import criteria_of


@dataclass(frozen=True)
class Answer:
    """A step of the scale for one criterion, and why, by language. Without a step there is no assessment."""

    step: ScaleStep | None
    note: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def assess(handbook: Handbook, answers: Mapping[Criterion, Answer], *, by: User | None) -> list[Assessment]:
    """Let the handbook's assessments of these criteria be these; what did not change is not written.

    Locks the document. Raises ValidationError for a criterion that the handbook's template does not ask about, or a
    step of another scale (`other_scale`), and for a reason without a step (`step_missing`).
    """
    document = lock(handbook.document)
    asked = {row.pk: row for row in criteria_of(handbook)}
    stored = {row.criterion_id: row for row in handbook.assessments.select_related("step")}
    changed: list[Assessment] = []
    removed: list[str] = []
    for criterion, answer in answers.items():
        note = {language: text.strip() for language, text in answer.note.items() if text.strip()}
        known = asked.get(criterion.pk)
        if known is None or (answer.step is not None and answer.step.scale_id != known.set.scale_id):
            raise ValidationError(
                _("This handbook does not assess “%(criterion)s” on this scale."),
                code="other_scale",
                params={"criterion": str(criterion)},
            )
        row = stored.get(criterion.pk)
        if answer.step is None:
            if note:
                raise ValidationError(
                    _("Choose an assessment for “%(criterion)s”."),
                    code="step_missing",
                    params={"criterion": str(criterion)},
                )
            if row is not None:
                row.delete()
                removed.append(criterion.key)
            continue
        if row is None:
            row = Assessment(region_id=handbook.region_id, handbook=handbook, criterion=criterion)
        elif row.step_id == answer.step.pk and row.note == note:
            continue
        row.step, row.note = answer.step, note
        row.save()
        changed.append(row)
    if changed or removed:
        keys = [row.criterion.key for row in changed]
        record(by, "handbook.assessed", document, criteria=keys, removed=removed)
    return changed
