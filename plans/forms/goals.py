"""What people fill in about a goal."""

from collections.abc import Mapping
from typing import Any

from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainForm
from plans.forms.base import BlockForm, Choices, Chooser, set_choices
from plans.models import Plan


class GoalForm(BlockForm):
    """A goal: what should be true at the end of the period, why, and which criteria it answers."""

    short = ("title", "criteria")

    def build(self, data: Mapping[str, Any]) -> None:
        self.add_texts(
            "title",
            _("Goal"),
            initial=self.plain("title"),
            lines=2,
            help_text=_("One sentence: what is true when the goal has been reached?"),
        )
        self.add_texts("rationale", _("Reason"), initial=self.plain("rationale"), lines=4, length=3000)
        self.fields["criteria"] = forms.MultipleChoiceField(
            label=_("Criteria"),
            required=False,
            choices=criterion_choices(self.plan),
            initial=data.get("criteria", []),
            widget=Chooser(_("Find a criterion")),
            help_text=_("Which criteria of the family centre does the goal answer?"),
        )

    def form_layout(self) -> Layout:
        base = ["base"] if "base" in self.fields else []
        return Layout(*base, self.beside("title"), self.beside("rationale"), "criteria")

    def clean(self) -> dict[str, Any]:
        self.require_text("title", _("Write the goal before you save."))
        return self.cleaned_data

    def values(self) -> dict[str, Any]:
        """As `add_goal` and `change_goal` take it."""
        return {
            "title": self.texts("title"),
            "rationale": self.texts("rationale"),
            "criteria": self.cleaned_data["criteria"],
        }


class NewGoalForm(GoalForm):
    """A goal with the section that it stands in."""

    def __init__(self, *args: Any, sections: Choices, section: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["section"] = forms.ChoiceField(
            label=_("Section of the plan"), choices=sections, initial=section or None
        )

    def form_layout(self) -> Layout:
        return Layout("section", *super().form_layout().fields)


class SectionForm(PlainForm):
    """Where a goal moves to."""

    section = forms.ChoiceField(label=_("Section of the plan"))

    def __init__(self, *args: Any, sections: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "section", sections)


class GoalChoiceForm(PlainForm):
    """Under which goal a measure moves."""

    goal = forms.ChoiceField(label=_("Goal"))

    def __init__(self, *args: Any, goals: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "goal", goals)


def criterion_choices(plan: Plan) -> list[tuple[str, str]]:
    rows = plan.criteria_set.criteria.order_by("group__position", "position", "key")
    return [(key, f"{code} {title}".strip()) for key, code, title in rows.values_list("key", "code", "title")]
