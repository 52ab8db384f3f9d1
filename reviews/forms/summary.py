"""Publishing a summary."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainForm
from documents.rendering import language_name, plain_languages
from reviews.services.summaries import LONGEST_INTRO


class PublishSummaryForm(PlainForm):
    """What is told first, and in which languages the summary is published."""

    def __init__(self, *args: Any, languages: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages = languages
        for code in languages:
            named = _("What you want to tell first (%(language)s)") % {"language": language_name(code)}
            self.fields[f"intro_{code}"] = forms.CharField(
                label=named if len(languages) > 1 else _("What you want to tell first"),
                required=False,
                max_length=LONGEST_INTRO,
                widget=forms.Textarea(attrs={"rows": 5, "lang": code}),
                help_text=_("Two or three sentences: what was heard, what it changed, what happens next."),
            )
        if len(languages) > 1:
            self.fields["languages"] = forms.MultipleChoiceField(
                label=_("Languages"),
                choices=plain_languages(languages),
                initial=languages,
                widget=forms.CheckboxSelectMultiple,
            )

    @property
    def intro(self) -> dict[str, str]:
        return {code: self.cleaned_data[f"intro_{code}"] for code in self.languages}

    @property
    def chosen(self) -> list[str]:
        return self.cleaned_data.get("languages", self.languages)
