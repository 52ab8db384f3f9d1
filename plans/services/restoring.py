"""Bringing the fields of one goal, measure or indicator back to what they were."""

from dataclasses import replace

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from documents.blocks import Block
from documents.models import Revision, Section
from documents.services.documents import lock
from documents.services.sections import Saved
from documents.services.structured import save_structured
from plans.models import Action, Goal, Indicator
from plans.services.goals import current_block


@transaction.atomic
def restore_fields(row: Goal | Action | Indicator, revision: Revision, *, by: User | None) -> Saved:
    """Bring a thing's fields back to what a revision says, as a new revision; all else in its section stays.

    It stays where it is: under its goal, at its place. Raises ValidationError when it was removed (`removed`), and
    ValueError for a revision that does not have it.
    """
    document = lock(row.plan.document)
    row.refresh_from_db()
    if row.removed_at:
        raise ValidationError(_("Someone else has removed this meanwhile."), code="removed")
    now = current_block(row)
    then = _block(revision, row.block_id)
    if then is None or revision.document_id != document.pk:
        raise ValueError("A thing is restored from a revision that has it.")
    if "goal" in now.data:
        then = replace(then, data={**then.data, "goal": now.data["goal"]})
    section = Section.objects.select_related("document", "head").get(pk=row.section_id)
    saved = save_structured(section, by=by, change=[then], origin=Revision.Origin.RESTORED, note=str(revision.number))
    if not saved.unchanged:
        record(by, f"{row._meta.model_name}.restored", document, block=row.block_id, revision=revision.number)
    return saved


def _block(revision: Revision, block_id: str) -> Block | None:
    return next((block for block in revision.blocks if block.id == block_id), None)
