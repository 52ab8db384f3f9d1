"""What somebody who comments on a plan may propose for a measure besides other words: who, when, and a new one."""

import datetime
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from documents.blocks import Block
from documents.kinds import Proposable
from documents.models import Document
from plans.blocks import ACTION, GOAL, action_block, iso_date
from plans.forms.actions import party_choices
from plans.forms.base import DATE_HELP
from plans.models import Plan
from plans.models.action import ActionRole

LEAD = ActionRole.Role.LEAD.value


def _lead_of(block: Block) -> str:
    return next((row["key"] for row in block.data.get("roles", []) if row["role"] == LEAD), "")


def _lead_field(document: Document, block: Block) -> forms.Field:
    plan = Plan.objects.get(document=document)
    parties = party_choices(plan, [row["key"] for row in block.data.get("roles", [])])
    return forms.ChoiceField(
        label=_("Lead responsibility"),
        required=False,
        choices=[("", _("Nobody yet")), *parties],
        initial=_lead_of(block),
        help_text=_("The organisation or group that sees to it that the measure is carried out."),
    )


def _roles(block: Block, lead: str, given: Mapping[str, Any]) -> list[dict[str, str]]:
    """The roles with another lead; whoever led before is no longer named, the others stay."""
    roles = block.data.get("roles", [])
    if lead == _lead_of(block):
        return list(roles)
    others = [row for row in roles if row["role"] != LEAD and row["key"] != lead]
    return [*([{"key": lead, "role": LEAD}] if lead else []), *others]


def _day_field(key: str, label: Any) -> Any:
    def field(document: Document, block: Block) -> forms.Field:
        return forms.DateField(
            label=label, required=False, initial=iso_date(block.data.get(key)), help_text=DATE_HELP, localize=True
        )

    return field


def _day(block: Block, day: datetime.date | None, given: Mapping[str, Any]) -> str | None:
    return day.isoformat() if day else None


def _last_day(block: Block, day: datetime.date | None, given: Mapping[str, Any]) -> str | None:
    first = given.get("starts_on")
    if day and first and day < first:
        raise ValidationError(_("The measure must end after it starts."), code="dates")
    return _day(block, day, given)


def new_action(block: Block, title: str, language: str) -> Block:
    """A measure behind a goal or another measure, below the same goal, with nothing but its title (inline HTML)."""
    if block.kind not in {GOAL, ACTION}:
        raise ValueError(f"No measure stands behind a block of the kind {block.kind!r}.")
    goal = block.id if block.kind == GOAL else block.data["goal"]
    empty = action_block("", goal=goal, title={})
    return Block(id="", kind=ACTION, text={**empty.text, "title": {language: title}}, data=empty.data)


OF_ACTIONS = (
    Proposable("roles", _lead_field, _roles),
    Proposable("starts_on", _day_field("starts_on", _("Starts")), _day),
    Proposable("ends_on", _day_field("ends_on", _("Ends")), _last_day),
)
