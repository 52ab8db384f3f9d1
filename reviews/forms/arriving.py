"""Coming in by a code, beginning, going on elsewhere, passing the request on, asking for more time."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.forms import PlainForm
from reviews.forms.answering import DATE_HELP, TrappedForm
from reviews.models import Statement


class BeginForm(TrappedForm):
    """Which way of answering is begun."""

    kind = forms.ChoiceField(choices=Statement.Kind.choices)
    form = forms.ChoiceField(choices=Statement.Form.choices, required=False)


class CodeForm(TrappedForm):
    """The code that stands beside the link in a letter or a mail."""

    code = forms.CharField(
        label=pgettext_lazy("typed to come in", "Code"),
        max_length=60,
        help_text=_("Twelve letters and digits, for example K7QF-2MXR-9TDA. Small letters will do."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class OwnLinkForm(PlainForm):
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("Only if you want the link by mail."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class ForwardForm(PlainForm):
    to_email = forms.EmailField(label=_("Your colleague's e-mail address"), max_length=254)
    by_name = forms.CharField(
        label=_("Your name"), max_length=150, help_text=_("So that your colleague knows who sends it.")
    )


class MoreTimeForm(PlainForm):
    until = forms.DateField(label=_("Until when"), help_text=DATE_HELP)
    reason = forms.CharField(
        label=_("Why"), max_length=500, help_text=_("For example the date of the board's meeting.")
    )
    by_email = forms.EmailField(
        label=_("Your e-mail address"), required=False, help_text=_("There we send the answer to your request.")
    )
