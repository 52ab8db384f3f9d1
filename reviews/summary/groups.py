"""Breakdowns that do not tell who said what: groups that are too small are told together, or not at all."""

from collections.abc import Iterable, Sequence

from reviews.models import Statement
from reviews.summary.content import Group

BODY = "body"
RESIDENTS = "residents"
FAMILIES = "families"
CHILDREN = "children"
OTHERS = "others"


def group_of(statement: Statement) -> str:
    """Which sort of respondent this is."""
    if statement.form == Statement.Form.CHILDREN:
        return CHILDREN
    if statement.form == Statement.Form.FAMILY:
        return FAMILIES
    if statement.organisation:
        return statement.organisation.kind
    if statement.invitation and statement.invitation.body_id:
        return BODY
    return RESIDENTS


def told_together(groups: Iterable[Group], smallest: int) -> list[Group]:
    """The groups that may be told: those smaller than `smallest` together as others.

    Where these together are still too few, the smallest of the larger groups joins them, so that nobody can reckon them
    from the total. Nothing where all together are too few, and where only one group would be left: it is the total.
    """
    rows = sorted((row for row in groups if row.respondents), key=lambda row: row.respondents)
    small = [row for row in rows if row.respondents < smallest]
    large = [row for row in rows if row.respondents >= smallest]
    while small and sum(row.respondents for row in small) < smallest and large:
        small.append(large.pop(0))
    told = [*large, *([_joined(small)] if small else [])]
    if len(told) < 2 or any(row.respondents < smallest for row in told):
        return []
    return sorted(told, key=lambda row: (row.name == OTHERS, -row.respondents, row.name))


def _joined(rows: Sequence[Group]) -> Group:
    counts = [sum(column) for column in zip(*(row.counts for row in rows), strict=True)]
    return Group(OTHERS, sum(row.respondents for row in rows), counts)
