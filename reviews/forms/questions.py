"""A round's questions as a coordinator writes them: rows that are added, removed and moved by buttons of the form.

The order is that of the fields on the page, and a question's key stands in the names of its fields. So adding, removing
and moving need no script: the server draws the form again with what was typed.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.forms import PlainForm
from documents.rendering import language_name
from reviews.rounds.questions import MOST_QUESTIONS, Option, Question, QuestionKind, clean_questions

PREFIX = "question"
NAME = re.compile(rf"{PREFIX}-(?P<key>[a-z0-9]{{1,20}})-kind")
"""Keys are ours; a name with a longer one is no question."""

DO = re.compile(rf"{PREFIX}-(?P<key>[a-z0-9]{{1,20}})-(?P<what>remove|up|down)")

KINDS = [
    (QuestionKind.TEXT.value, pgettext_lazy("kind of question", "Answered in one’s own words")),
    (QuestionKind.CHOICE.value, pgettext_lazy("kind of question", "One of the options")),
    (QuestionKind.SEVERAL.value, pgettext_lazy("kind of question", "Several of the options")),
    (QuestionKind.SCALE.value, pgettext_lazy("kind of question", "A scale: options in order, one is chosen")),
]


class RedrawableForm(PlainForm):
    """A form that can be drawn again with what was typed, before anybody asks whether it is right."""

    def __init__(self, *args: Any, checks: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.checks = checks

    @property
    def helper(self) -> FormHelper:
        """Errors of all parts stand in one summary above them, which the page draws."""
        helper = super().helper
        helper.template = "reviews/_round_fields.html"
        return helper

    def full_clean(self) -> None:
        if self.checks:
            super().full_clean()
            return
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data: dict[str, Any] = {}

    def add_texts(
        self,
        name: str,
        label: Any,
        languages: Sequence[str],
        *,
        initial: Mapping[str, str],
        lines: int = 1,
        length: int = 300,
        help_text: Any = "",
    ) -> None:
        """One field for each language, side by side where there is room."""
        for code in languages:
            attrs: dict[str, Any] = {"lang": code}
            self.fields[f"{name}_{code}"] = forms.CharField(
                label=label if len(languages) == 1 else f"{label} ({language_name(code)})",
                required=False,
                max_length=length,
                initial=initial.get(code, ""),
                help_text=help_text,
                widget=forms.Textarea(attrs={**attrs, "rows": lines}) if lines > 1 else forms.TextInput(attrs=attrs),
            )

    def typed(self, name: str, languages: Sequence[str]) -> dict[str, str]:
        """The text in each language; a browser's line ends become ours."""
        texts = {code: self.cleaned_data.get(f"{name}_{code}", "") for code in languages}
        return {code: text.replace("\r\n", "\n") for code, text in texts.items()}


def beside(name: str, languages: Sequence[str]) -> Div:
    """The languages of one text beside each other."""
    return Div(*(f"{name}_{code}" for code in languages), css_class="fc-round-beside" if len(languages) > 1 else "")


class QuestionForm(RedrawableForm):
    """One question. Options are lines, in each language the same number in the same order."""

    def __init__(
        self,
        *args: Any,
        key: str,
        number: int,
        languages: Sequence[str],
        question: Question | None = None,
        has_focus: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, prefix=f"{PREFIX}-{key}", **kwargs)
        self.key, self.number, self.languages = key, number, languages
        texts = question.text if question else {}
        self.fields["kind"] = forms.ChoiceField(
            label=gettext_lazy("How is it answered?"),
            choices=KINDS,
            initial=(question.kind if question else QuestionKind.TEXT).value,
        )
        self.add_texts("text", gettext_lazy("Question"), languages, initial=texts, lines=2, length=500)
        lines = (
            {code: [option.text.get(code, "") for option in question.options] for code in languages} if question else {}
        )
        self.add_texts(
            "options",
            gettext_lazy("Options, one on each line"),
            languages,
            initial={code: "\n".join(rows) for code, rows in lines.items() if any(rows)},
            lines=5,
            length=3000,
        )
        if has_focus:
            self.fields[f"text_{languages[0]}"].widget.attrs["autofocus"] = True

    def form_layout(self) -> Layout:
        options = Div(beside("options", self.languages), css_class="fc-question__options")
        return Layout(beside("text", self.languages), "kind", options)

    @property
    def is_empty(self) -> bool:
        return not any(self.typed("text", self.languages).values()) and not any(
            self.typed("options", self.languages).values()
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        texts = self.typed("text", self.languages)
        if self.errors or self.is_empty:
            return cleaned
        if not any(texts.values()):
            self.add_error(
                f"text_{self.languages[0]}",
                ValidationError(_("Write the question, or remove it."), code="question_empty"),
            )
        if cleaned["kind"] == QuestionKind.TEXT:
            return cleaned
        rows = {code: lines for code, lines in self._lines().items() if lines}
        if len({len(lines) for lines in rows.values()}) > 1:
            self.add_error(
                f"options_{list(rows)[-1]}",
                ValidationError(_("Write as many options in each language, in the same order."), code="options_differ"),
            )
            return cleaned
        try:
            clean_questions([self.question()])
        except ValidationError as error:
            self.add_error(f"options_{self.languages[0]}", error)
        return cleaned

    def _lines(self) -> dict[str, list[str]]:
        typed = self.typed("options", self.languages)
        return {code: [line.strip() for line in text.split("\n") if line.strip()] for code, text in typed.items()}

    def question(self) -> Question:
        """As `clean_questions` takes it. Keys of options are their numbers: nobody has answered yet."""
        rows = {code: lines for code, lines in self._lines().items() if lines}
        count = max((len(lines) for lines in rows.values()), default=0)
        options = [
            Option(f"o{number + 1}", {code: lines[number] for code, lines in rows.items()}) for number in range(count)
        ]
        kind = QuestionKind(self.cleaned_data["kind"])
        texts = {code: text for code, text in self.typed("text", self.languages).items() if text}
        return Question(self.key, kind, texts, [] if kind == QuestionKind.TEXT else options)


class QuestionForms:
    """All questions of the form, in order."""

    def __init__(
        self,
        data: QueryDict | None,
        *,
        languages: Sequence[str],
        questions: Sequence[Question] = (),
        do: str = "",
    ) -> None:
        """`do` is the button that was pressed; with one, the forms are only drawn again."""
        self.languages = languages
        known = {question.key: question for question in questions}
        self.can_add = True
        self.focus = ""
        if data is None:
            keys = list(known)
        else:
            keys = list(dict.fromkeys(found["key"] for name in data if (found := NAME.fullmatch(name))))
            keys = self._after(keys, do)[: MOST_QUESTIONS + 1]
        self.can_add = len(keys) < MOST_QUESTIONS
        self.forms = [
            QuestionForm(
                # A question that was added just now is drawn as it begins.
                None if data is None or f"{PREFIX}-{key}-kind" not in data else data,
                key=key,
                number=number,
                languages=languages,
                question=known.get(key) if data is None else None,
                has_focus=key == self.focus,
                checks=not do,
            )
            for number, key in enumerate(keys, 1)
        ]

    def _after(self, keys: list[str], do: str) -> list[str]:
        """The keys as the pressed button leaves them."""
        if do == f"{PREFIX}-add" and len(keys) < MOST_QUESTIONS:
            self.focus = next(f"q{number}" for number in range(1, MOST_QUESTIONS + 2) if f"q{number}" not in keys)
            return [*keys, self.focus]
        pressed = DO.fullmatch(do)
        if pressed is None or pressed["key"] not in keys:
            return keys
        key, place = pressed["key"], keys.index(pressed["key"])
        rest = [other for other in keys if other != key]
        if pressed["what"] == "remove":
            self.focus = rest[min(place, len(rest) - 1)] if rest else ""
            return rest
        self.focus = key
        target = place - 1 if pressed["what"] == "up" else place + 1
        return [*rest[: max(target, 0)], key, *rest[max(target, 0) :]]

    def is_valid(self) -> bool:
        # Each is asked, so that each shows its errors.
        answers = [form.is_valid() for form in self.forms]
        return all(answers)

    def values(self) -> list[dict[str, Any]]:
        """As `make_round` takes them. Rows in which nothing was written are left out."""
        return clean_questions([form.question() for form in self.forms if not form.is_empty])
