"""What people fill in when they make one measure of what several areas propose."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Div, Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from documents.blocks import LIST_ITEM, TABLE_ROW
from documents.richtext import plain
from plans.answers import Answer
from plans.forms.base import Choices, TextsForm, set_choices
from plans.models import Plan
from plans.services.lines import place_labels

OWN = "own"
LONGEST_TITLE = 1000


class GatherForm(TextsForm):
    """Whose words the measure begins with, and under which goal it stands."""

    named_by = forms.ChoiceField(label=_("Whose words does the measure begin with?"), widget=forms.RadioSelect)
    keep_others = forms.BooleanField(
        label=_("Put the words of the others into the description"),
        required=False,
        help_text=_("The sources are kept in any case."),
    )
    goal = forms.ChoiceField(label=_("Under which goal?"), required=False)
    new_goal = forms.CharField(
        label=_("Or a new goal"),
        required=False,
        max_length=300,
        help_text=_("It comes last in this chapter. One sentence: what is true when the goal has been reached?"),
    )

    def __init__(self, *args: Any, plan: Plan, answers: Sequence[Answer], goals: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan, self.answers = plan, answers
        self.languages = plan.document.languages
        named = [(answer.block.id, f"{answer.words} ({answer.handbook.place})") for answer in answers]
        set_choices(self, "named_by", [*named, (OWN, _("Own words"))])
        # A list item or a table row names a measure better than running text does.
        first = next((row for row in answers if row.block.kind in (LIST_ITEM, TABLE_ROW)), next(iter(answers), None))
        self.fields["named_by"].initial = first.block.id if first else OWN
        if len(answers) == 1:
            del self.fields["keep_others"]
        words = self._title_from(first) if first else {}
        self.add_texts("title", _("In own words"), initial=words, lines=3, length=LONGEST_TITLE)
        self.order_fields(["named_by", *self.names("title"), "keep_others", "goal", "new_goal"])
        set_choices(self, "goal", [("", _("Choose a goal")), *goals])

    def _title_from(self, answer: Answer) -> dict[str, str]:
        texts = {code: plain(text)[:LONGEST_TITLE] for code, text in answer.texts.items() if code in self.languages}
        # An area that writes in another language than the plan still gives its words to start from.
        return texts or {self.plan.document.original: answer.words[:LONGEST_TITLE]}

    def form_layout(self) -> Layout:
        others = ["keep_others"] if "keep_others" in self.fields else []
        return Layout(
            Fieldset(_("The measure"), "named_by", self.beside("title"), *others),
            Fieldset(_("Its goal"), Div("goal", "new_goal", css_class="fc-beside")),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("named_by") == OWN:
            self.require_text("title", _("Write the measure in words."))
        if not cleaned.get("goal") and not cleaned.get("new_goal", "").strip():
            self.add_error("goal", ValidationError(_("Choose a goal or write a new one."), code="no_goal"))
        return cleaned

    def named(self) -> Answer | None:
        """The answer whose words the measure takes. Words that somebody typed count, whatever is chosen beside them."""
        typed = self._typed()
        if typed and all(typed != self._title_from(answer) for answer in self.answers):
            return None
        return next((row for row in self.answers if row.block.id == self.cleaned_data["named_by"]), None)

    def _typed(self) -> dict[str, str]:
        return {language: text.strip() for language, text in self.texts("title").items() if text.strip()}

    def title(self) -> dict[str, str]:
        answer = self.named()
        return self._title_from(answer) if answer else self._typed()

    def description(self) -> dict[str, str]:
        """The words of those that did not name the measure, a line each with their area."""
        if not self.cleaned_data.get("keep_others"):
            return {}
        lines: dict[str, list[str]] = {}
        for answer in self.answers:
            if answer != self.named():
                title = self._title_from(answer)
                places = place_labels(answer.handbook, title)
                for language, text in title.items():
                    lines.setdefault(language, []).append(f"{text} ({places[language]})")
        return {language: "\n".join(rows) for language, rows in lines.items()}
