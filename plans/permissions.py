"""Who may do what with a plan: as with its document, plus what handbook groups may see of it."""

from documents import permissions
from handbooks.models import Handbook
from plans.models import Plan
from regions.permissions import Rights


def can_read_plan(rights: Rights, plan: Plan) -> bool:
    return permissions.can_read_draft(rights, plan.document)


def can_edit_plan(rights: Rights, plan: Plan) -> bool:
    """Write goals and actions, take in candidates, compile."""
    return permissions.can_edit(rights, plan.document)


def can_see_use(rights: Rights, plan: Plan, handbook: Handbook) -> bool:
    """See where a handbook's words went: the plan's writers, and the handbook's own group for its own words."""
    return can_read_plan(rights, plan) or handbook.document.writing_body_id in rights.body_ids
