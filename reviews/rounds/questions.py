"""What a round asks of the whole: free text, one of several, several of several, a scale. Answers are kept by key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from documents.models.document import in_language

MOST_QUESTIONS = 30
MOST_OPTIONS = 15
LONGEST_KEY = 20
"""Signs of a question's key: what is picked from an answer keeps the question's key in a column of this width."""

LONGEST_ANSWER = 20_000
"""Signs; some ten printed pages."""


class QuestionKind(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    SEVERAL = "several"
    SCALE = "scale"
    """Like a choice, with options that stand in an order: charts keep it."""


@dataclass(frozen=True)
class Option:
    """One ready answer, in each language."""

    key: str
    text: dict[str, str]

    def text_in(self, language: str) -> str:
        return in_language(self.text, language)


@dataclass(frozen=True)
class Question:
    """One question of a round."""

    key: str
    kind: QuestionKind
    text: dict[str, str]
    options: list[Option] = field(default_factory=list)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Question":
        options = [Option(row["key"], row["text"]) for row in raw.get("options", [])]
        return cls(raw["key"], QuestionKind(raw["kind"]), raw["text"], options)

    def to_json(self) -> dict[str, Any]:
        row: dict[str, Any] = {"key": self.key, "kind": self.kind.value, "text": self.text}
        if self.options:
            row["options"] = [{"key": option.key, "text": option.text} for option in self.options]
        return row

    def text_in(self, language: str) -> str:
        return in_language(self.text, language)


def questions_of(raw: Sequence[Mapping[str, Any]]) -> list[Question]:
    """A round's questions in order."""
    return [Question.from_json(row) for row in raw]


def clean_questions(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """The questions as they are kept. Raises ValidationError.

    `questions_too_many`, `question_empty`, `options_missing` (fewer than two), `options_too_many`, `key_twice`.
    ValueError for two options with one key and for keys that are too long, because nobody types those. Options without
    a word are left out.
    """
    if len(questions) > MOST_QUESTIONS:
        raise ValidationError(
            _("A round can have at most %(count)d questions."),
            code="questions_too_many",
            params={"count": MOST_QUESTIONS},
        )
    keys = [question.key for question in questions]
    if len(set(keys)) != len(keys):
        raise ValidationError(_("Two questions have the same key."), code="key_twice")
    if too_long := [key for key in keys if not 0 < len(key) <= LONGEST_KEY]:
        raise ValueError(f"A question's key has 1 to {LONGEST_KEY} signs: {too_long}.")
    kept = []
    for question in questions:
        if not any(text.strip() for text in question.text.values()):
            raise ValidationError(_("Write the question, or remove it."), code="question_empty")
        if question.kind == QuestionKind.TEXT:
            kept.append(replace(question, options=[]))
            continue
        options = [option for option in question.options if any(text.strip() for text in option.text.values())]
        if len(options) < 2:
            raise ValidationError(_("Write at least two options."), code="options_missing")
        if len(options) > MOST_OPTIONS:
            raise ValidationError(
                _("A question can have at most %(count)d options."),
                code="options_too_many",
                params={"count": MOST_OPTIONS},
            )
        if len({option.key for option in options}) != len(options):
            raise ValueError(f"Two options of the question {question.key!r} have the same key.")
        kept.append(replace(question, options=options))
    return [question.to_json() for question in kept]


def clean_answers(questions: Sequence[Question], given: Mapping[str, Any]) -> dict[str, Any]:
    """What a respondent answered, by key; empty answers and keys that nobody asked are left out.

    Raises ValidationError with an error for each question that cannot be kept: `no_such_option`, `answer_too_long`.
    """
    kept: dict[str, Any] = {}
    errors: dict[str, ValidationError] = {}
    for question in questions:
        answer = given.get(question.key)
        if not answer:
            continue
        known = [option.key for option in question.options]
        if question.kind == QuestionKind.TEXT:
            text = str(answer).strip()
            if len(text) > LONGEST_ANSWER:
                errors[question.key] = ValidationError(
                    _("The answer is too long: at most %(count)d characters. Put the rest into an attachment."),
                    code="answer_too_long",
                    params={"count": LONGEST_ANSWER},
                )
            elif text:
                kept[question.key] = text
            continue
        is_list = question.kind == QuestionKind.SEVERAL and isinstance(answer, list | tuple)
        chosen = answer if is_list else [answer]
        if not all(key in known for key in chosen):
            errors[question.key] = ValidationError(_("Choose one of the options."), code="no_such_option")
        elif question.kind == QuestionKind.SEVERAL:
            kept[question.key] = [key for key in known if key in chosen]
        else:
            kept[question.key] = chosen[0]
    if errors:
        raise ValidationError(errors)
    return kept


def answer_in_words(question: Question, answer: Any, language: str, *, between: str = "; ") -> str:
    """An answer as it is read: free text, or the words of what was chosen."""
    if not answer:
        return ""
    chosen = answer if isinstance(answer, list) else [answer]
    texts = {option.key: option.text_in(language) for option in question.options}
    return between.join(str(texts.get(key, key)) for key in chosen)
