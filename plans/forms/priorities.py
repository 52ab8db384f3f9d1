"""What people fill in about groups of needs and priorities."""

import datetime
from typing import Any

from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from documents.models import Section
from documents.queries import section_numbers
from documents.services.versions import outline_order
from plans.forms.base import DATE_HELP, Choices, TextsForm, set_choices
from plans.models import NeedGroup, Plan
from plans.services.priorities import MeetingOf
from regions.models import Body


class NeedGroupForm(TextsForm):
    """The name of a group of needs, in each language of the plan."""

    def __init__(self, *args: Any, plan: Plan, group: NeedGroup | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages = plan.document.languages
        self.add_texts("title", _("Name of the group"), initial=group.title if group else {}, length=200)

    def form_layout(self) -> Layout:
        return Layout(self.beside("title"))

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        self.require_text("title", _("Give the group a name."))
        return cleaned


class MeetingForm(forms.Form):
    """Which meeting decides: told once, and written beside each decision."""

    body = forms.ChoiceField(label=pgettext_lazy("group of people", "Body"), required=False)
    date = forms.DateField(
        label=_("Date of the meeting"),
        required=False,
        help_text=DATE_HELP,
        widget=forms.DateInput(format="%d.%m.%Y"),
        error_messages={"invalid": _("Write the date like this: 13.11.2026.")},
    )

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bodies = {row.public_id: row for row in Body.objects.filter(region_id=plan.region_id).order_by("name")}
        set_choices(self, "body", [("", _("Not told")), *((key, str(row)) for key, row in self.bodies.items())])
        for name, css in (("body", "form-select"), ("date", "form-control")):
            self.fields[name].widget.attrs["class"] = css

    def steering_group(self) -> str:
        """The body that most often decides: the region's steering group."""
        steering = Body.Kind.STEERING_GROUP
        return next((key for key, row in self.bodies.items() if row.kind == steering), "")

    def told(self) -> list[tuple[str, str]]:
        """What is told of the meeting, for carrying it along in another form."""
        values = [(field.name, field.value() or "") for field in self]
        return [(name, value.isoformat() if isinstance(value, datetime.date) else str(value)) for name, value in values]

    def meeting(self) -> MeetingOf:
        date: datetime.date | None = self.cleaned_data.get("date")
        return MeetingOf(self.bodies.get(self.cleaned_data.get("body", "")), date)


def section_choices(plan: Plan) -> tuple[Choices, Choices]:
    """The plan's sections by key with their number and heading: chapters that can hold a priority, and all.

    Sections stand at most three deep, so one of the third level holds nothing.
    """
    rows = outline_order(plan.document.sections.present().select_related("parent"))
    numbers = section_numbers(rows)

    def choice(row: Section) -> tuple[str, str]:
        return row.key, f"{numbers.get(row.pk, '')} {row.heading_in(plan.document.original)}".strip()

    holding = [choice(row) for row in rows if row.parent is None or row.parent.parent_id is None]
    return holding, [choice(row) for row in rows]
