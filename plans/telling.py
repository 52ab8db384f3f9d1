"""The fields of a goal, indicator or measure in words, for those who must choose between two values."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils import formats

from criteria.models import Criterion
from plans.blocks import parties_named
from plans.goal_list import euros_text, measured, resource_labels
from plans.models.action import ActionRole


def tell_value(unit: str, value: Any) -> str:
    """The value of a field of a goal, indicator or measure in words: names instead of keys, dates as people write."""
    tell = _TELLERS.get(unit, str)
    return tell(value)


def _told_date(value: str) -> str:
    return formats.date_format(datetime.date.fromisoformat(value), "SHORT_DATE_FORMAT")


def _told_criteria(keys: Sequence[str]) -> str:
    return ", ".join(str(row) for row in Criterion.objects.filter(key__in=keys).order_by("position"))


def _told_roles(roles: Sequence[Mapping[str, str]]) -> str:
    """ "Lead responsibility: Perheyhdistys", a part for each role that somebody has."""
    named = parties_named({role["key"] for role in roles})
    told = []
    for role in ActionRole.Role:
        names = [named[row["key"]] for row in roles if row["role"] == role and row["key"] in named]
        if names:
            told.append(f"{role.label}: {', '.join(names)}")
    return "; ".join(told)


_TELLERS: dict[str, Callable[[Any], str]] = {
    "roles": _told_roles,
    "starts_on": _told_date,
    "ends_on": _told_date,
    "resources": lambda value: ", ".join(resource_labels(value)),
    "euros": lambda value: euros_text({int(year): amount for year, amount in value.items()}),
    "criteria": _told_criteria,
    "baseline": lambda value: measured(Decimal(value), "", None),
    "target": lambda value: measured(Decimal(value), "", None),
}
