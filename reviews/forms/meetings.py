"""What is written down of a meeting about remarks."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainForm
from documents.models import Document
from regions.models import Body
from reviews.forms.rounds import DATE_HELP
from reviews.services.meetings import LONGEST_NOTE


class PresentForm(PlainForm):
    """Who is present, one on each line, and what else is to be told."""

    present = forms.CharField(
        label=_("Present"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One name on each line. The names stand in the memo."),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What else the memo should tell."),
    )

    @property
    def names(self) -> list[str]:
        return self.cleaned_data["present"].splitlines()


class MeetingForm(PresentForm):
    """Which body meets, and when."""

    held_on = forms.DateField(
        label=_("Date of the meeting"),
        initial=timezone.localdate,
        help_text=DATE_HELP,
    )

    def __init__(self, *args: Any, document: Document, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"] = forms.ModelChoiceField(
            label=_("Which body meets"),
            queryset=Body.objects.filter(region_id=document.region_id).order_by("name"),
            required=False,
            empty_label=_("No body: a meeting of our own"),
        )
        del self.fields["note"]
        self.order_fields(["body", "held_on", "present"])
