"""Forms that keep a region sealed."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from regions.models import Region
from regions.sealing import region_pk_of, require_one_region
from regions.widgets import KnownAutocompleteSelect


class SameRegionForm(forms.ModelForm):
    """A form of a row that belongs to a region; it refuses to relate it to what belongs to another."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            widget = getattr(field.widget, "widget", field.widget)  # inside the admin's links to add and change
            if isinstance(widget, KnownAutocompleteSelect) and self.instance.pk:
                widget.known = getattr(self.instance, name)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        region = cleaned.get("region") or self._region_of_instance()
        if region is None:
            return cleaned
        for name, value in list(cleaned.items()):
            related = [value] if isinstance(value, models.Model) else value
            if name == "region" or not isinstance(related, list | models.QuerySet):
                continue
            try:
                require_one_region(region, *(one for one in related if isinstance(one, models.Model)))
            except ValidationError as error:
                self.add_error(name, error)
        return cleaned

    def _region_of_instance(self) -> Region | None:
        if isinstance(self.instance, Region):
            return self.instance  # a new one has no bodies yet, so whatever is chosen is another's
        return self.instance.region if region_pk_of(self.instance) else None


class RegionForm(SameRegionForm):
    """A region, with its languages to tick and the one that its texts are first written in."""

    languages = forms.MultipleChoiceField(
        label=_("languages of texts"), choices=settings.CONTENT_LANGUAGES, widget=forms.CheckboxSelectMultiple
    )
    first_language = forms.ChoiceField(
        label=_("texts are first written in"),
        choices=settings.CONTENT_LANGUAGES,
        help_text=_("Translations are measured against this language."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "first_language" in self.fields:
            self.fields["first_language"].initial = self.instance.languages[0]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first, chosen = cleaned.get("first_language"), cleaned.get("languages")
        if not first or not chosen:
            return cleaned
        if first in chosen:
            cleaned["languages"] = [first, *(code for code in chosen if code != first)]
        else:
            self.add_error(
                "first_language",
                ValidationError(_("Choose one of the languages that you have ticked."), code="first_language"),
            )
        return cleaned


class RegionOfParentFormSet(forms.BaseInlineFormSet):
    """Rows inside a parent's page, which belong to the parent's region without being asked."""

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        if region_pk_of(self.instance):
            form.instance.region_id = region_pk_of(self.instance)
