"""What people fill in about a plan."""

import datetime
from collections.abc import Iterable
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from criteria.models import CriteriaSet
from documents.rendering import plain_languages
from plans.forms.base import DATE_HELP, TextsForm
from plans.models import Plan
from regions.models import Body, Region

COUNCIL_TERM = 4
A_TERM_BEGINS = 2025
"""County councils are elected for four years: 2025, 2029 and so on."""


def next_period(today: datetime.date) -> tuple[datetime.date, datetime.date]:
    """The calendar years of the next plan: from the coming one to the year in which the council's term ends.

    Where fewer than three would be left, the years of the next term come along.
    """
    first = today.year + 1
    last = first + (A_TERM_BEGINS - first) % COUNCIL_TERM
    if last - first < 2:
        last += COUNCIL_TERM
    return datetime.date(first, 1, 1), datetime.date(last, 12, 31)


def _plan_titles(languages: Iterable[str], first: int, last: int) -> dict[str, str]:
    titles = {}
    for code in languages:
        with override(code):
            titles[code] = gettext("Action plan of the family centre %(first)d–%(last)d") % {
                "first": first,
                "last": last,
            }
    return titles


class PlanForm(TextsForm):
    """A new plan."""

    def __init__(self, *args: Any, region: Region, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.region = region
        self.languages = region.languages
        first, last = next_period(timezone.localdate())
        self.add_texts("title", _("Title"), initial=_plan_titles(self.languages, first.year, last.year), length=200)
        for name, label, initial in (("starts_on", _("Period starts"), first), ("ends_on", _("Period ends"), last)):
            self.fields[name] = forms.DateField(label=label, initial=initial, help_text=DATE_HELP)
        self.fields["criteria_set"] = forms.ModelChoiceField(
            label=_("Criteria set"),
            queryset=CriteriaSet.objects.filter(region=None) | CriteriaSet.objects.filter(region=region),
            empty_label=None,
            help_text=_("The criteria that the goals answer. They cannot be changed later."),
        )
        if len(self.languages) > 1:
            self.fields["languages"] = forms.MultipleChoiceField(
                label=_("Languages"),
                choices=plain_languages(self.languages),
                initial=self.languages,
                widget=forms.CheckboxSelectMultiple,
            )
        self._require_titles()
        self.fields["writing_body"] = forms.ModelChoiceField(
            label=_("Writing group"),
            queryset=Body.objects.filter(region=region),
            required=False,
            empty_label=_("None: only the coordinators write"),
            help_text=_("Its members read and edit the draft."),
        )
        self.fields["with_outline"] = forms.BooleanField(
            label=_("Begin with the chapters of a full plan"),
            required=False,
            initial=True,
            help_text=_(
                "A section for each area and for each group of criteria is made too. You can change all of it."
            ),
        )

    def _require_titles(self) -> None:
        """A title is required in each language that the plan is written in: all of them, until some are chosen."""
        chosen = self.languages
        if self.is_bound and "languages" in self.fields:
            widget = self.fields["languages"].widget
            chosen = widget.value_from_datadict(self.data, self.files, self.add_prefix("languages")) or []
        for code in self.languages:
            field = self.fields[f"title_{code}"]
            field.required = code in chosen
            field.error_messages["required"] = _("Give the document a title in this language.")

    def form_layout(self) -> Layout:
        languages = ["languages"] if "languages" in self.fields else []
        return Layout(
            self.beside("title"),
            Div("starts_on", "ends_on", css_class="fc-beside fc-beside--short"),
            "criteria_set",
            *languages,
            "writing_body",
            "with_outline",
        )

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        chosen = self.chosen_languages()
        if not chosen and "languages" not in self.errors:
            self.add_error("languages", ValidationError(_("Choose at least one language."), code="no_language"))
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", ValidationError(_("The period must end after it starts."), code="dates"))
        return cleaned

    def chosen_languages(self) -> list[str]:
        """In the region's own order."""
        if "languages" not in self.fields:
            return list(self.languages)
        return [code for code in self.languages if code in self.cleaned_data.get("languages", [])]

    def values(self) -> dict[str, Any]:
        """As `create_plan` takes it."""
        chosen = self.chosen_languages()
        names = ("starts_on", "ends_on", "criteria_set", "writing_body", "with_outline")
        return {
            "title": {code: text for code, text in self.texts("title").items() if code in chosen},
            "languages": chosen,
            **{name: self.cleaned_data[name] for name in names},
        }


class ExtraFieldsForm(TextsForm):
    """The names of the two fields that a plan may add to its measures."""

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages = plan.document.languages
        names = {row.place: row.name for row in plan.extra_fields.all()}
        for place, label in enumerate((_("First field"), _("Second field")), 1):
            self.add_texts(f"name{place}", label, initial=names.get(place, {}), length=60)

    def form_layout(self) -> Layout:
        return Layout(self.beside("name1"), self.beside("name2"))

    def values(self) -> list[dict[str, str]]:
        """As `set_extra_fields` takes it."""
        return [self.texts("name1"), self.texts("name2")]
