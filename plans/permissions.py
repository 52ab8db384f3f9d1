"""Who may do what with a plan: as with its document, plus what handbook groups may see of it."""

from documents import permissions
from handbooks.models import Handbook
from plans.models import Plan
from regions.models import Body
from regions.permissions import Rights


def can_read_plan(rights: Rights, plan: Plan) -> bool:
    return permissions.can_read_draft(rights, plan.document)


def can_edit_plan(rights: Rights, plan: Plan) -> bool:
    """Write goals and actions, take in candidates, compile."""
    return permissions.can_edit(rights, plan.document)


def can_see_use(rights: Rights, plan: Plan, handbook: Handbook) -> bool:
    """See where a handbook's words went: the plan's writers, and the handbook's own group for its own words."""
    return can_read_plan(rights, plan) or handbook.document.writing_body_id in rights.body_ids


def can_read_digest(rights: Rights, plan: Plan) -> bool:
    """Read the groups of needs and what was decided on them: the plan's writers, and the region's steering group."""
    if can_read_plan(rights, plan):
        return True
    steering = Body.objects.filter(region_id=plan.region_id, kind=Body.Kind.STEERING_GROUP)
    return bool(rights.body_ids) and steering.filter(pk__in=rights.body_ids).exists()


def can_group_needs(rights: Rights, plan: Plan) -> bool:
    """Name, split, join and move groups of needs: those who write the plan."""
    return can_edit_plan(rights, plan)


def can_decide_needs(rights: Rights, plan: Plan) -> bool:
    """Write down what the meeting decided: those who coordinate the plan."""
    return permissions.can_coordinate(rights, plan.document)
