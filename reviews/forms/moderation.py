"""Hiding, blacking out, and finding what is held of a person."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainForm


class ReasonForm(PlainForm):
    """Why a remark is hidden."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Its author sees the reason, and so does everybody in the summary."),
    )


class GroundForm(PlainForm):
    """Why a whole statement is not published."""

    ground = forms.CharField(
        label=_("Ground in law"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Statements given to an authority are public unless the law says otherwise. Name the section."),
    )


class BlackOutForm(PlainForm):
    """Words that are left out of what is published."""

    words = forms.CharField(
        label=_("Words to be left out"),
        max_length=500,
        help_text=_("Copy them from the statement. They are left out everywhere where they stand in it."),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("Told in their place: “personal data”, for example.")
    )


class PersonForm(PlainForm):
    """Somebody who asks what is known of her."""

    who = forms.CharField(
        label=_("E-mail address or name"),
        max_length=200,
        min_length=3,
        help_text=_("Write the name as it stands in the statement, all of it."),
    )
