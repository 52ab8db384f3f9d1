"""Which answers were left out of the period, and why: alone, or as needs of a group that was left for later.

There is one rule: what was decided on a need alone holds for it, otherwise what was decided on its group.
"""

from plans.models import NeedDecision, NeedGroup, NeedGroupItem, Plan


def reasons_left(plan: Plan) -> dict[str, str]:
    """The reason of each answer that was left out, by its block. Proposed measures have theirs with them."""
    grouped = NeedGroupItem.objects.filter(plan=plan, group__state=NeedGroup.State.LATER)
    reasons = dict(grouped.values_list("block_id", "group__reason"))
    reasons.update(NeedDecision.objects.filter(plan=plan).values_list("block_id", "reason"))
    return reasons
