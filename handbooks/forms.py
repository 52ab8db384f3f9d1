"""What people fill in about handbooks."""

from collections.abc import Mapping, Sequence
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from criteria.models import Criterion, ScaleStep
from documents.rendering import plain_languages
from handbooks.models import Assessment, Handbook, Template
from handbooks.services.assessments import Answer
from handbooks.services.imports import ACCEPTED, ORIGINAL
from regions.models import Area, Body, Municipality, Region


class _Form(forms.Form):
    """Drawn by crispy without its own <form> element and buttons."""

    required_css_class = "required"

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper(self)
        helper.form_tag = False
        helper.include_media = False
        helper.disable_csrf = True
        return helper


class HandbookForm(_Form):
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
        if areas.exists():
            self.fields["area"] = forms.ModelChoiceField(
                label=_("Operational area"),
                queryset=areas,
                required=False,
                help_text=_("Leave the place empty when the handbook is the whole region's."),
            )
        self.fields["municipality"] = forms.ModelChoiceField(
            label=_("Municipality"),
            queryset=Municipality.objects.filter(region=region).order_by("name"),
            required=False,
        )
        self.fields["centre"] = forms.CharField(
            label=_("Family centre"),
            max_length=150,
            required=False,
            help_text=_("Its name, when a municipality or an area has several."),
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
        self.fields["writing_body"] = forms.ModelChoiceField(
            label=_("Handbook group"),
            queryset=Body.objects.filter(region=region),
            required=False,
            empty_label=_("None: only the coordinators write"),
            help_text=_("Its members write the handbook and hand it in."),
        )

    @property
    def helper(self) -> FormHelper:
        helper = super().helper
        place = [name for name in ("area", "municipality", "centre") if name in self.fields]
        work = [name for name in ("year", "languages", "writing_body") if name in self.fields]
        helper.layout = Layout("template", Fieldset(_("Whose handbook"), *place), Fieldset(_("Writing"), *work))
        return helper

    def clean_languages(self) -> list[str]:
        return [code for code in self.region.languages if code in self.cleaned_data["languages"]]


class WordFileForm(_Form):
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


class TrackedChangesForm(_Form):
    """What a file's tracked changes are worth."""

    tracked = forms.ChoiceField(
        label=_("Which text is imported?"),
        choices=[
            (ACCEPTED, _("The text with the changes, as if all of them had been accepted")),
            (ORIGINAL, _("The original text, without the changes")),
        ],
        widget=forms.RadioSelect,
    )


class AssessmentForm(_Form):
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
