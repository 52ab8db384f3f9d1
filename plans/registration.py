"""What `plans` brings to `documents`: its kinds of block and of document."""

from django.utils.translation import gettext_lazy as _

from documents import kinds
from plans import blocks
from plans.queries import plan_snapshot


def register() -> None:
    """Goals first, because indicators and actions hang on them."""
    kinds.register_block(
        kinds.BlockKind(
            name=blocks.GOAL,
            label=_("Goal"),
            template="plans/block_goal.html",
            labels={"title": _("goal"), "rationale": _("reason"), "criteria": _("criteria")},
            resolve=blocks.resolve_goals,
            lines=blocks.goal_lines,
            project=blocks.project_goals,
        )
    )
    kinds.register_block(
        kinds.BlockKind(
            name=blocks.INDICATOR,
            label=_("Indicator"),
            template="plans/block_indicator.html",
            labels={
                "name": _("indicator"),
                "unit": _("unit"),
                "source": _("source"),
                "goal": _("goal"),
                "baseline": _("baseline"),
                "baseline_year": _("year of the baseline"),
                "target": _("target"),
                "target_year": _("year of the target"),
            },
            resolve=blocks.resolve_indicators,
            lines=blocks.indicator_lines,
            project=blocks.project_indicators,
        )
    )
    kinds.register_block(
        kinds.BlockKind(
            name=blocks.ACTION,
            label=_("Measure"),
            template="plans/block_action.html",
            labels={
                "title": _("measure"),
                "description": _("description"),
                "schedule": _("schedule as printed"),
                "goal": _("goal"),
                "roles": _("responsible organisations and partners"),
                "starts_on": _("starts"),
                "ends_on": _("ends"),
                "resources": _("resources"),
                "euros": _("euros by year"),
            },
            resolve=blocks.resolve_actions,
            lines=blocks.action_lines,
            project=blocks.project_actions,
        )
    )
    kinds.register_document(kinds.DocumentKind(name="plan", label=_("Action plan"), snapshot=plan_snapshot))
