"""What people choose goals and measures by."""

from typing import Any

from crispy_forms.layout import Div, Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.forms import PlainForm
from plans.forms.actions import party_choices
from plans.forms.base import DATE_HELP, Choices, Chooser, TextsForm, set_choices, years_of
from plans.forms.goals import criterion_choices
from plans.models import Plan, StatusEntry
from plans.models.action import ActionRole
from plans.services.bulk import BulkChange
from regions.models import Area


class GoalFilterForm(PlainForm):
    """What is looked for among the goals and measures, and in which order. Drawn by its page, field by field."""

    q = forms.CharField(label=_("Words"), required=False, max_length=200, widget=forms.TextInput({"type": "search"}))
    organisation = forms.ChoiceField(label=_("Organisation"), required=False)
    role = forms.ChoiceField(
        label=_("In which role"),
        required=False,
        choices=[("", pgettext_lazy("role in a measure", "Any")), *ActionRole.Role.choices],
    )
    criterion = forms.ChoiceField(label=_("Criterion"), required=False)
    area = forms.ChoiceField(label=_("From the handbook of"), required=False)
    year = forms.ChoiceField(label=_("Year"), required=False)
    status = forms.ChoiceField(label=pgettext_lazy("of a measure", "Status"), required=False)
    sort = forms.ChoiceField(
        label=_("Order"),
        required=False,
        choices=[
            ("", _("By number")),
            ("starts", _("By start")),
            ("ends", _("By end")),
            ("status", _("By status")),
            ("organisation", _("By organisation")),
        ],
    )

    def __init__(self, *args: Any, plan: Plan, everyone: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = ("", _("All"))
        criteria = criterion_choices(plan)
        areas = list(
            Area.objects.filter(region_id=plan.region_id).order_by("position", "key").values_list("key", "name")
        )
        years = [(str(year), str(year)) for year in years_of(plan)]
        set_choices(self, "organisation", [every, *everyone])
        set_choices(self, "criterion", [every, *criteria])
        set_choices(self, "status", [every, ("none", _("Nothing noted yet")), *StatusEntry.Status.choices])
        set_choices(self, "year", [every, *years, ("none", _("No time given"))])
        if areas:
            set_choices(self, "area", [every, *areas])
        else:
            del self.fields["area"]
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"


class BulkForm(TextsForm):
    """What is done to all chosen measures. What is left empty stays as it is in each of them."""

    SAME, NOBODY = "", "-"

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages = plan.document.languages
        parties = party_choices(plan, ())
        same = _("As it is")
        self.fields["status"] = forms.ChoiceField(
            label=pgettext_lazy("of a measure", "Status"),
            required=False,
            choices=[(self.SAME, same), *StatusEntry.Status.choices],
        )
        self.fields["date"] = forms.DateField(
            label=_("Date of the status"), required=False, initial=timezone.localdate, help_text=DATE_HELP
        )
        self.add_texts(
            "note",
            _("What has been done"),
            initial={},
            lines=2,
            length=2000,
            help_text=_("One or two sentences. Do not write about individual people."),
        )
        self.fields["lead"] = forms.ChoiceField(
            label=_("Lead responsibility"),
            required=False,
            choices=[(self.SAME, same), (self.NOBODY, _("Nobody yet")), *parties],
        )
        for name, label in (
            ("add_owners", _("Also responsible from now on")),
            ("add_partners", _("Partners from now on")),
            ("remove", _("Not named any more")),
        ):
            self.fields[name] = forms.MultipleChoiceField(
                label=label, required=False, choices=parties, widget=Chooser(_("Find an organisation"))
            )
        for name, label in (("starts_on", _("Starts")), ("ends_on", _("Ends"))):
            self.fields[name] = forms.DateField(label=label, required=False, help_text=DATE_HELP)

    def form_layout(self) -> Layout:
        short = "fc-beside fc-beside--short"
        return Layout(
            Fieldset(_("Status"), Div("status", "date", css_class=short), self.beside("note")),
            Fieldset(_("Who"), "lead", "add_owners", "add_partners", "remove"),
            Fieldset(_("When"), Div("starts_on", "ends_on", css_class=short)),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        date = cleaned.get("date")
        if cleaned.get("status") and not date and "date" not in self.errors:
            self.add_error("date", ValidationError(_("Give the date of the status."), code="no_date"))
        if date and date > timezone.localdate():
            self.add_error("date", ValidationError(_("The date cannot be in the future."), code="future"))
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", ValidationError(_("The measure must end after it starts."), code="dates"))
        added = {*cleaned.get("add_owners", []), *cleaned.get("add_partners", []), cleaned.get("lead")}
        if added & set(cleaned.get("remove", [])):
            message = _("The same organisation cannot be both added and taken out.")
            self.add_error("remove", ValidationError(message, code="added_and_removed"))
        if not self.errors and not (self.change().status or self.change().of_text):
            raise ValidationError(_("Choose what is changed."), code="nothing")
        return cleaned

    def change(self) -> BulkChange:
        cleaned = self.cleaned_data
        lead = {self.SAME: None, self.NOBODY: ""}.get(cleaned["lead"], cleaned["lead"])
        return BulkChange(
            status=cleaned["status"],
            date=cleaned["date"],
            note={language: text for language, text in self.texts("note").items() if text},
            lead=lead,
            add_owners=tuple(cleaned["add_owners"]),
            add_partners=tuple(cleaned["add_partners"]),
            remove=tuple(cleaned["remove"]),
            starts_on=cleaned["starts_on"],
            ends_on=cleaned["ends_on"],
        )
