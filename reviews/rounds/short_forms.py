"""The short forms: three questions for families, and three in plain words for children; the same in every round.

Their answers are kept by key beside those to the round's own questions, so that one list of questions belongs to each
statement: `questions_for`.
"""

from collections.abc import Iterable

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from reviews.models import CommentRound, Statement
from reviews.rounds.questions import Option, Question, QuestionKind, questions_of

_FAMILY = (
    ("family-good", gettext_noop("What helps your family in everyday life now?")),
    ("family-missing", gettext_noop("What is missing, or what should work better?")),
    ("family-wish", gettext_noop("What would you say to those who decide?")),
)
_CHILDREN = (
    ("child-good", gettext_noop("What is nice in the place where you live?")),
    ("child-change", gettext_noop("What would you change?")),
)
_FEELING = gettext_noop("How easy is it to get help when you need it?")
_FEELINGS = (
    ("easy", gettext_noop("Easy")),
    ("sometimes", gettext_noop("Sometimes easy, sometimes hard")),
    ("hard", gettext_noop("Hard")),
    ("unknown", gettext_noop("I do not know")),
)


def questions_for(statement: Statement) -> list[Question]:
    """What this statement's respondent was asked: the round's own questions, or those of a short form."""
    return questions_of_form(statement.round, statement.form)


def questions_of_form(comment_round: CommentRound, form: str) -> list[Question]:
    if form == Statement.Form.FAMILY:
        return [_text(key, words) for key, words in _FAMILY]
    if form == Statement.Form.CHILDREN:
        options = [Option(key, _in_languages(words)) for key, words in _FEELINGS]
        feeling = Question("child-help", QuestionKind.SCALE, _in_languages(_FEELING), options)
        return [feeling, *(_text(key, words) for key, words in _CHILDREN)]
    return questions_of(comment_round.questions)


def _text(key: str, words: str) -> Question:
    return Question(key, QuestionKind.TEXT, _in_languages(words))


def _in_languages(words: str, codes: Iterable[str] = tuple(dict(settings.LANGUAGES))) -> dict[str, str]:
    texts = {}
    for code in codes:
        with override(code):
            texts[code] = _(words)
    return texts
