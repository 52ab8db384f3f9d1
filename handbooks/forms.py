"""What people fill in about handbooks."""

from collections.abc import Mapping, Sequence
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainForm
from criteria.models import Criterion, ScaleStep
from documents.models import Section
from documents.rendering import plain_languages
from handbooks.models import Assessment, Handbook, Template
from handbooks.services.assessments import Answer
from handbooks.services.imports import ACCEPTED, ORIGINAL
from regions.models import Area, Body, Municipality, Region

PLACE_AREA, PLACE_MUNICIPALITY, PLACE_CENTRE, PLACE_REGION = "area", "municipality", "centre", "region"
PLACE_FIELDS = {
    PLACE_AREA: {"area"},
    PLACE_MUNICIPALITY: {"municipality"},
    PLACE_CENTRE: {"area", "municipality", "centre"},
    PLACE_REGION: set[str](),
}
"""What each choice of a place is told by."""

WRITERS = [
    (_("Handbook groups and teams"), [Body.Kind.HANDBOOK_GROUP, Body.Kind.TEAM]),
    (_("Other groups"), [Body.Kind.WORKING_GROUP, Body.Kind.COORDINATION]),
]
"""The groups that write handbooks, those first that are there for it. Bodies that decide do not write."""


class BodyChoice(forms.ModelChoiceField):
    """Writing groups under headings."""

    def __init__(self, *args: Any, region: Region, **kwargs: Any) -> None:
        kinds = [kind for _label, own in WRITERS for kind in own]
        bodies = Body.objects.filter(region=region, kind__in=kinds)
        super().__init__(bodies, *args, **kwargs)
        rows = list(bodies.order_by("name"))
        self.choices = [
            ("", self.empty_label),
            *(
                (label, group)
                for label, own in WRITERS
                if (group := [(row.pk, str(row)) for row in rows if row.kind in own])
            ),
        ]


class HandbookForm(PlainForm):
    """A new handbook: from which template, whose, of which year, who writes it."""

    def __init__(self, *args: Any, region: Region, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.region = region
        templates = Template.objects.filter(region=region, document__versions__isnull=False)
        self.has_templates = templates.exists()
        self.fields["template"] = forms.ModelChoiceField(
            label=_("Handbook template"),
            queryset=templates.select_related("document").order_by("pk").distinct(),
            empty_label=None,
        )
        areas = Area.objects.filter(region=region)
        places = [(PLACE_AREA, _("An operational area's"))] if areas.exists() else []
        self.fields["whose"] = forms.ChoiceField(
            label=_("Whose handbook is it?"),
            choices=[
                *places,
                (PLACE_MUNICIPALITY, _("A municipality's")),
                (PLACE_CENTRE, _("A family centre's")),
                (PLACE_REGION, _("The whole region's")),
            ],
            widget=forms.RadioSelect,
        )
        if areas.exists():
            self.fields["area"] = forms.ModelChoiceField(
                label=_("Operational area"), queryset=areas, required=False, empty_label=_("Choose")
            )
        self.fields["municipality"] = forms.ModelChoiceField(
            label=_("Municipality"),
            queryset=Municipality.objects.filter(region=region).order_by("name"),
            required=False,
            empty_label=_("Choose"),
        )
        self.fields["centre"] = forms.CharField(
            label=_("Family centre"),
            max_length=150,
            required=False,
            help_text=_("Its name. Choose its municipality or area, too."),
        )
        self.fields["year"] = forms.IntegerField(
            label=_("Year"), min_value=2000, max_value=2100, initial=timezone.localdate().year
        )
        if len(region.languages) > 1:
            self.fields["languages"] = forms.MultipleChoiceField(
                label=_("Languages"),
                choices=plain_languages(region.languages),
                initial=region.languages,
                widget=forms.CheckboxSelectMultiple,
            )
        self.fields["writing_body"] = BodyChoice(
            region=region,
            label=_("Handbook group"),
            required=False,
            empty_label=_("None: only the coordinators write"),
            help_text=_("Its members write the handbook and hand it in."),
        )

    @property
    def helper(self) -> FormHelper:
        helper = super().helper
        place = [name for name in ("whose", "area", "municipality", "centre") if name in self.fields]
        work = [name for name in ("year", "languages", "writing_body") if name in self.fields]
        helper.layout = Layout(Fieldset(_("Whose handbook"), *place), "template", Fieldset(_("Writing"), *work))
        return helper

    def clean_languages(self) -> list[str]:
        return [code for code in self.region.languages if code in self.cleaned_data["languages"]]

    def clean(self) -> dict[str, Any]:
        """Only the place that was asked for counts, and it must be named."""
        cleaned = super().clean() or {}
        whose = cleaned.pop("whose", "")
        if not whose:
            return cleaned
        missing = {
            PLACE_AREA: ("area", _("Choose the operational area.")),
            PLACE_MUNICIPALITY: ("municipality", _("Choose the municipality.")),
            PLACE_CENTRE: ("centre", _("Write the name of the family centre.")),
        }
        if whose in missing:
            name, text = missing[whose]
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, ValidationError(text, code="place_missing"))
        for name in {"area", "municipality", "centre"} - PLACE_FIELDS[whose]:
            cleaned.pop(name, None)
        return cleaned


class TaskForm(PlainForm):
    """Which kind of answer a template's task asks for, and which criterion it belongs to."""

    facet = forms.ChoiceField(
        label=_("Asks for"),
        choices=Section.Facet.choices,
        help_text=_("The plan is compiled by this: needs with needs, proposed actions with proposed actions."),
    )

    def __init__(self, *args: Any, template: Template, section: Section, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["facet"].initial = section.facet
        self.fields["criterion"] = forms.ModelChoiceField(
            label=_("Criterion"),
            queryset=template.criteria_set.criteria.select_related("group").order_by("group__position", "position"),
            required=False,
            initial=section.criterion_id,
            empty_label=_("No criterion"),
        )


class WordFileForm(PlainForm):
    """A Word file, and the language it is written in."""

    file = forms.FileField(
        label=_("Word file"),
        widget=forms.FileInput(
            attrs={"accept": ".docx,application/vnd.openxmlformats-officedocument.wordprocessingml.document"}
        ),
    )

    def __init__(self, *args: Any, handbook: Handbook, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _("A .docx file of at most %(megabytes)s MB. Nothing is saved yet.") % {
            "megabytes": settings.IMPORT_MAX_BYTES // (1024 * 1024)
        }
        document = handbook.document
        self.only_language = ""
        if document.is_bilingual:
            self.fields["language"] = forms.ChoiceField(
                label=_("Language of the file"),
                choices=plain_languages(document.languages),
                initial=document.original,
                widget=forms.RadioSelect,
            )
        else:
            self.only_language = document.original

    @property
    def chosen_language(self) -> str:
        return self.only_language or self.cleaned_data["language"]


class TrackedChangesForm(PlainForm):
    """What a file's tracked changes are worth."""

    tracked = forms.ChoiceField(
        label=_("Which text is imported?"),
        choices=[
            (ACCEPTED, _("The text with the changes, as if all of them had been accepted")),
            (ORIGINAL, _("The original text, without the changes")),
        ],
        widget=forms.RadioSelect,
    )


class AssessmentForm(PlainForm):
    """How the group sees each criterion, on the set's scale, and why."""

    def __init__(
        self,
        *args: Any,
        criteria: Sequence[Criterion],
        steps: Mapping[int, Sequence[ScaleStep]],
        stored: Mapping[int, Assessment],
        language: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        self.stored = stored
        self.language = language
        self.steps = {str(step.pk): step for row in steps.values() for step in row}
        for criterion in criteria:
            row = stored.get(criterion.pk)
            self.fields[f"step-{criterion.key}"] = forms.ChoiceField(
                label=_("Assessment"),
                choices=[(str(step.pk), str(step)) for step in steps.get(criterion.set.scale_id, ())],
                initial=str(row.step_id) if row else "",
                required=False,
                widget=forms.RadioSelect,
            )
            self.fields[f"note-{criterion.key}"] = forms.CharField(
                label=_("Reason"),
                initial=row.note.get(language, "") if row else "",
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2, "lang": language}),
            )

    @property
    def helper(self) -> FormHelper:
        helper = super().helper
        helper.layout = Layout(
            *(Fieldset(str(criterion), f"step-{criterion.key}", f"note-{criterion.key}") for criterion in self.criteria)
        )
        return helper

    def answers(self) -> dict[Criterion, Answer]:
        """What was answered; reasons in other languages stay."""
        answers: dict[Criterion, Answer] = {}
        for criterion in self.criteria:
            row = self.stored.get(criterion.pk)
            note = {**(row.note if row else {}), self.language: self.cleaned_data[f"note-{criterion.key}"]}
            answers[criterion] = Answer(self.steps.get(self.cleaned_data[f"step-{criterion.key}"]), note)
        return answers
