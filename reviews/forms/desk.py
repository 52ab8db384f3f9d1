"""What those who handle remarks fill in: the answer, who handles it, a note to each other."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainForm
from accounts.models import User
from documents.models import Document
from documents.rendering import language_name
from reviews.models import Answer
from reviews.services.answers import LONGEST_NOTE, LONGEST_REASON


class AnswerForm(PlainForm):
    """An outcome, and why, in each language of the document; required in those of the respondents."""

    outcome = forms.ChoiceField(
        label=_("What was done"), choices=Answer.Outcome.choices, widget=forms.RadioSelect(attrs={"data-outcome": ""})
    )

    def __init__(self, *args: Any, document: Document, spoken: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages, self.spoken = document.languages, set(spoken)
        for code in sorted(document.languages, key=lambda code: code not in self.spoken):
            named = _("Reason (%(language)s)") % {"language": language_name(code)}
            help_text = self._help(bilingual=len(document.languages) > 1) if code in self.spoken else ""
            self.fields[self.field_name(code)] = forms.CharField(
                label=_("Reason") if len(document.languages) == 1 else named,
                required=False,
                max_length=LONGEST_REASON,
                help_text=help_text,
                widget=forms.Textarea(attrs={"rows": 3, "lang": code, "data-reason": code}),
            )

    @staticmethod
    def _help(*, bilingual: bool) -> str:
        if bilingual:
            return gettext(
                "The respondent’s own language. Not needed where all was taken into account or noted for information."
            )
        return gettext(
            "The respondent reads this. Not needed where all was taken into account or noted for information."
        )

    @staticmethod
    def field_name(code: str) -> str:
        return f"reason_{code}"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        outcome = data.get("outcome", "")
        if self.reason or outcome in Answer.NEEDS_REASON:
            for code in self.spoken - self.reason.keys():
                if self.field_name(code) not in self.errors:
                    message = _("Write the reason in the respondent’s own language.")
                    self.add_error(self.field_name(code), ValidationError(message, code="reason_missing"))
        return data

    @property
    def reason(self) -> dict[str, str]:
        """Language and text, without empty ones."""
        given = {code: str(self.cleaned_data.get(self.field_name(code)) or "").strip() for code in self.languages}
        return {code: text for code, text in given.items() if text}

    @property
    def unspoken(self) -> list[str]:
        """The languages of the document in which a reason that was given is missing."""
        return [code for code in self.languages if self.reason and code not in self.reason]


class AssignForm(PlainForm):
    """One of those who write the document, or nobody."""

    to = forms.ChoiceField(label=_("Handled by"), required=False)

    def __init__(self, *args: Any, writers: Iterable[User], reader: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.writers = {str(user.pk): user for user in writers}
        me = [(str(reader.pk), _("Me"))] if str(reader.pk) in self.writers else []
        others = [(key, str(user)) for key, user in self.writers.items() if user.pk != reader.pk]
        nobody = ("", pgettext_lazy("handler of a remark", "Nobody"))
        self.fields["to"] = forms.ChoiceField(label=_("Handled by"), required=False, choices=[nobody, *me, *others])

    @property
    def chosen(self) -> User | None:
        return self.writers.get(self.cleaned_data["to"])


class NoteForm(PlainForm):
    """Words for the others who handle remarks."""

    text = forms.CharField(
        label=pgettext_lazy("internal note", "Note"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write the note first.")},
    )
