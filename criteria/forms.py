"""Forms of the admin that leave sets in use alone."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class CriterionForm(forms.ModelForm):
    """A criterion stays in its set's own groups, and is not put into a set that is in use."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        criteria_set, group = cleaned.get("set"), cleaned.get("group")
        if criteria_set and criteria_set.is_frozen:
            self.add_error("set", ValidationError(_("This set is in use and cannot be changed."), code="frozen"))
        if criteria_set and group and group.set_id != criteria_set.pk:
            self.add_error("group", ValidationError(_("Choose a group of the same set."), code="other_set"))
        return cleaned
