"""What is filled in when a proposal is decided on."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reviews.forms.desk import AnswerForm
from reviews.models import Answer

Outcome = Answer.Outcome


class DecideForm(AnswerForm):
    """How a proposal went into the text, and why not as it was made."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = [Outcome.ACCEPTED, Outcome.CHANGED, Outcome.PARTLY]
        self.fields["outcome"] = forms.ChoiceField(
            label=_("How was the proposal taken into account?"),
            choices=[(row.value, row.label) for row in shown],
            widget=forms.RadioSelect(attrs={"data-outcome": ""}),
        )


class RejectForm(AnswerForm):
    """Why the text stays as it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["outcome"]

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["outcome"] = Outcome.NO_CHANGE
        return super().clean()
