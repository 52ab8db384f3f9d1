"""What people fill in about a measure and how it stands."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from crispy_forms.layout import Div, Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plans.forms.base import DATE_HELP, BlockForm, Choices, Chooser, TextsForm, years_of
from plans.models import Action, Plan, StatusEntry
from plans.models.action import ActionRole
from regions.models import Organisation, OrganisationGroup


class EuroField(forms.IntegerField):
    """Whole euros, also as people write them: 12 000."""

    default_error_messages = {"invalid": _("Write whole euros, for example 12 000.")}

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str):
            value = "".join(value.replace("€", "").split())
        return super().to_python(value)


def party_choices(plan: Plan, chosen: Iterable[str]) -> Choices:
    """Groups of organisations and organisations of the region, by the key that a measure names them with.

    An organisation that is no longer valid stays as long as it is chosen.
    """
    chosen = set(chosen)
    groups = OrganisationGroup.objects.filter(region_id=plan.region_id)
    valid = set(Organisation.objects.filter(region_id=plan.region_id).valid_on().values_list("pk", flat=True))
    organisations = [
        (f"organisation:{row.public_id}", str(row))
        for row in Organisation.objects.filter(region_id=plan.region_id)
        if row.pk in valid or f"organisation:{row.public_id}" in chosen
    ]
    return [
        *sorted(((f"group:{row.public_id}", str(row)) for row in groups), key=lambda item: item[1].casefold()),
        *sorted(organisations, key=lambda item: item[1].casefold()),
    ]


class ActionForm(BlockForm):
    """A measure: what is done, by whom, when and with what.

    In a row of the table its status is there too: `status` as it was when the writer was shown it.
    """

    short = ("title", "lead", "owners", "partners", "starts_on", "ends_on", "schedule", "resources", "extra", "status")

    def __init__(self, *args: Any, status: str = "", in_row: bool = False, **kwargs: Any) -> None:
        self.status = status if in_row else None
        super().__init__(*args, in_row=in_row, **kwargs)

    def build(self, data: Mapping[str, Any]) -> None:
        roles = [(row["key"], row["role"]) for row in data.get("roles", [])]
        parties = party_choices(self.plan, (key for key, _role in roles))
        self.party_names = dict(parties)

        def in_role(role: str) -> list[str]:
            return [key for key, own in roles if own == role]

        self.add_texts(
            "title", _("Measure"), initial=self.plain("title"), lines=2, help_text=_("What is done? One sentence.")
        )
        self.add_texts("description", _("Description"), initial=self.plain("description"), lines=4, length=3000)
        self.fields["lead"] = forms.ChoiceField(
            label=_("Lead responsibility"),
            required=False,
            choices=[("", _("Nobody yet")), *parties],
            initial=next(iter(in_role("lead")), ""),
            help_text=_("The organisation or group that sees to it that the measure is carried out."),
        )
        for name, role, label in (
            ("owners", "owner", _("Other responsible organisations")),
            ("partners", "partner", _("Partners")),
        ):
            self.fields[name] = forms.MultipleChoiceField(
                label=label,
                required=False,
                choices=parties,
                initial=in_role(role),
                widget=Chooser(_("Find an organisation")),
            )
        for name, label in (("starts_on", _("Starts")), ("ends_on", _("Ends"))):
            self.fields[name] = forms.DateField(
                label=label,
                required=False,
                initial=datetime.date.fromisoformat(data[name]) if data.get(name) else None,
                help_text=DATE_HELP,
            )
        self.add_texts(
            "schedule",
            _("Schedule as printed"),
            initial=self.plain("schedule"),
            length=100,
            help_text=_("For example “autumn 2026” or “yearly”. Printed instead of the dates."),
        )
        self.fields["resources"] = forms.MultipleChoiceField(
            label=_("Resources"),
            required=False,
            choices=Action.Resource.choices,
            initial=data.get("resources", []),
            widget=forms.CheckboxSelectMultiple,
        )
        self._add_euros(data.get("euros", {}))
        self._add_extra(data)
        if self.status is not None:
            self.fields["status"] = forms.ChoiceField(
                label=pgettext_lazy("of a measure", "Status"),
                required=False,
                choices=[("", _("Nothing noted yet")), *StatusEntry.Status.choices],
                initial=self.status,
            )
            self.fields["status_was"] = forms.CharField(
                required=False, initial=self.status, widget=forms.HiddenInput, max_length=20
            )

    def _add_euros(self, euros: Mapping[str, int]) -> None:
        self.years = sorted({*years_of(self.plan), *(int(year) for year in euros)})
        for year in self.years:
            self.fields[f"euros_{year}"] = EuroField(
                label=_("Euros in %(year)s") % {"year": year},
                required=False,
                min_value=0,
                max_value=999_999_999_999,
                initial=euros.get(str(year)),
                widget=forms.TextInput(attrs={"inputmode": "numeric"}),
            )

    def _add_extra(self, data: Mapping[str, Any]) -> None:
        self.extra = {str(row.place): row.key for row in self.plan.extra_fields.all()}
        for row in self.plan.extra_fields.all():
            self.fields[row.key] = forms.CharField(
                label=str(row),
                required=False,
                max_length=200,
                initial=data.get(row.key, ""),
                help_text=_("Not printed."),
            )

    def form_layout(self) -> Layout:
        base = ["base"] if "base" in self.fields else []
        short = "fc-beside fc-beside--short"
        extra = [Fieldset(_("For our own use"), *self.extra.values())] if self.extra else []
        return Layout(
            *base,
            Fieldset(_("Measure"), self.beside("title"), self.beside("description")),
            Fieldset(_("Who"), "lead", "owners", "partners"),
            Fieldset(_("When"), Div("starts_on", "ends_on", css_class=short), self.beside("schedule")),
            Fieldset(_("With what"), "resources", Div(*(f"euros_{year}" for year in self.years), css_class=short)),
            *extra,
        )

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        self.require_text("title", _("Write the measure before you save."))
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", ValidationError(_("The measure must end after it starts."), code="dates"))
        responsible = {cleaned.get("lead"), *cleaned.get("owners", [])} - {"", None}
        names = self.party_names
        both = [names[key] for key in cleaned.get("partners", []) if key in responsible]
        if both:
            message = _("Already responsible, so not a partner too: %(names)s.") % {"names": ", ".join(both)}
            self.add_error("partners", ValidationError(message, code="two_roles"))
        return cleaned

    def roles(self) -> list[tuple[str, str]]:
        """In the order of the list; exactly as they were where nothing was changed."""
        lead = self.cleaned_data["lead"]
        roles = [(lead, ActionRole.Role.LEAD.value)] if lead else []
        roles += [(key, ActionRole.Role.OWNER.value) for key in self.cleaned_data["owners"] if key != lead]
        roles += [(key, ActionRole.Role.PARTNER.value) for key in self.cleaned_data["partners"]]
        before = [(row["key"], row["role"]) for row in self.base.data.get("roles", [])] if self.base else []
        return before if sorted(before) == sorted(roles) else roles

    def new_status(self) -> str:
        """The status that was chosen in place of the one that the writer was shown."""
        status = self.cleaned_data.get("status", "")
        return status if status != self.cleaned_data.get("status_was", "") else ""

    def values(self) -> dict[str, Any]:
        """As `add_action` and `change_action` take it."""
        cleaned = self.cleaned_data
        kept = self.base.data if self.base else {}
        amounts = {year: self.value(f"euros_{year}", kept.get("euros", {}).get(str(year))) for year in self.years}
        return {
            "title": self.texts("title"),
            "description": self.texts("description"),
            "schedule": self.texts("schedule"),
            "roles": self.roles(),
            "starts_on": cleaned["starts_on"],
            "ends_on": cleaned["ends_on"],
            "resources": cleaned["resources"],
            "euros": {year: amount for year, amount in amounts.items() if amount is not None},
            "extra": {place: cleaned[key] for place, key in self.extra.items()},
        }


class StatusForm(TextsForm):
    """How a measure stands on a date."""

    status = forms.ChoiceField(label=pgettext_lazy("of a measure", "Status"), choices=StatusEntry.Status.choices)
    date = forms.DateField(label=_("Date"), initial=timezone.localdate, help_text=DATE_HELP)

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages = plan.document.languages
        self.add_texts(
            "note",
            _("What has been done"),
            initial={},
            lines=3,
            length=2000,
            help_text=_("One or two sentences. Do not write about individual people."),
        )

    def clean_date(self) -> datetime.date:
        date = self.cleaned_data["date"]
        if date > timezone.localdate():
            raise ValidationError(_("The date cannot be in the future."), code="future")
        return date

    def values(self) -> dict[str, Any]:
        note = {language: text for language, text in self.texts("note").items() if text}
        return {"status": self.cleaned_data["status"], "date": self.cleaned_data["date"], "note": note}
