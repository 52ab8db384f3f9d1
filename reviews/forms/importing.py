"""What a coordinator says of a file from another service: how it lies, what its columns are, what its words mean."""

import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainForm
from documents.rendering import plain_languages
from regions.models import Organisation
from reviews.forms.entering import DATE_HELP
from reviews.intake.mapping import (
    AS_TEXT,
    CASE,
    EMAIL,
    ID,
    KEEP,
    LANGUAGE,
    LEAVE_OUT,
    NAME,
    OPTION,
    ORGANISATION,
    QUESTION,
    RECEIVED,
    TEXT,
)
from reviews.intake.names import folded
from reviews.intake.reading import Sheet
from reviews.intake.tables import COLUMNS, HEADS_WITHIN, LONG, ROWS, Table
from reviews.models import CommentRound
from reviews.rounds.questions import Question, QuestionKind

LAYOUTS = [
    (ROWS, _("Each row is one respondent")),
    (LONG, _("Each row is one answer to one question")),
    (COLUMNS, _("Each column is one respondent")),
]
MOST_NAMES, MOST_VALUES = 150, 100
"""Asked about at a time; when they are explained, the next ones are asked."""


class ImportFileForm(PlainForm):
    """A file from another service."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or Excel (.xlsx), at most 10 megabytes."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )


class ReadingForm(PlainForm):
    """How the file lies and what holds for all of its rows."""

    layout = forms.ChoiceField(label=_("How the file lies"), choices=LAYOUTS)
    heads = forms.ChoiceField(label=_("The heads of the columns are on"))
    as_official = forms.TypedChoiceField(
        label=_("Rows that name an organisation are"),
        choices=[
            ("1", _("Statements of the organisation")),
            ("0", _("Answers by people who work there")),
        ],
        coerce=lambda value: value == "1",
        help_text=_("An organisation has one statement in a round. A survey is usually answered by people."),
    )
    received_on = forms.DateField(label=_("Day of rows without a day"), help_text=DATE_HELP)
    language = forms.ChoiceField(label=_("Language of rows without a language"))

    def __init__(
        self,
        *args: Any,
        comment_round: CommentRound,
        sheets: list[Sheet],
        reading: dict[str, Any],
        choices: dict[str, Any],
        **kwargs: Any,
    ) -> None:
        first, last = reading.get("heads", (1, 1))
        initial = {
            "sheet": str(reading.get("sheet", 0)),
            "layout": reading.get("layout", ROWS),
            "heads": f"{first}-{last}",
            "question": str(reading.get("question", "")),
            "answer": str(reading.get("answer", "")),
            "as_official": "1" if choices.get("as_official") else "0",
            "language": choices.get("language", ""),
            "received_on": datetime.date.fromisoformat(choices["received_on"]),
        }
        super().__init__(*args, **{**kwargs, "initial": initial})
        languages = plain_languages(comment_round.version.document.languages)
        self.fields["language"] = forms.ChoiceField(label=_("Language of rows without a language"), choices=languages)
        rows = [(f"{row}-{row}", gettext("Row %(row)d") % {"row": row}) for row in range(1, HEADS_WITHIN + 1)]
        pairs = [
            (f"{row}-{row + 1}", gettext("Rows %(first)d and %(last)d") % {"first": row, "last": row + 1})
            for row in range(1, HEADS_WITHIN)
        ]
        self.fields["heads"] = forms.ChoiceField(label=_("The heads of the columns are on"), choices=[*rows, *pairs])
        if len(sheets) > 1:
            names = [(str(number), sheet.name) for number, sheet in enumerate(sheets)]
            self.fields["sheet"] = forms.ChoiceField(label=_("Sheet"), choices=names)
        if reading.get("layout") == LONG:
            sheet = sheets[min(int(reading.get("sheet", 0)), len(sheets) - 1)]
            columns = [
                (str(place), cell or "–") for place, cell in enumerate(sheet.rows[min(last, len(sheet.rows)) - 1])
            ]
            for name, label in (("question", _("Column of the question")), ("answer", _("Column of the answer"))):
                self.fields[name] = forms.ChoiceField(label=label, choices=columns)
        self.order_fields(["sheet", "layout", "heads", "question", "answer"])

    def reading(self) -> dict[str, Any]:
        data = self.cleaned_data
        first, last = data["heads"].split("-")
        reading: dict[str, Any] = {
            "sheet": int(data.get("sheet") or 0),
            "heads": [int(first), int(last)],
            "layout": data["layout"],
        }
        if data["layout"] == LONG:
            reading |= {"question": int(data.get("question") or 0), "answer": int(data.get("answer") or 1)}
        return reading

    def choices(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "as_official": data["as_official"],
            "language": data["language"],
            "received_on": data["received_on"].isoformat(),
        }


def targets(questions: list[Question], language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a column can be, in groups for a list to choose from."""
    who = [
        (LEAVE_OUT, pgettext("a column of a file", "Leave out")),
        (ORGANISATION, gettext("Organisation")),
        (NAME, gettext("Name of the respondent")),
        (EMAIL, gettext("E-mail address")),
        (RECEIVED, gettext("Day it came")),
        (LANGUAGE, gettext("Language")),
        (CASE, gettext("Case number")),
        (ID, gettext("Number of the answer")),
        (TEXT, gettext("Statement as a whole")),
    ]
    asked: list[tuple[str, str]] = []
    for question in questions:
        text = question.text_in(language)
        asked.append((f"{QUESTION}{question.key}", text))
        if question.kind == QuestionKind.SEVERAL:
            asked += [
                (f"{OPTION}{question.key}:{option.key}", f"{text} – {option.text_in(language)}")
                for option in question.options
            ]
    groups = [(gettext("The respondent and the statement"), who)]
    return [*groups, (gettext("Questions of the round"), asked)] if asked else groups


def sent_mapping(data: QueryDict, table: Table, known: set[str]) -> dict[str, str]:
    """What each column was said to be; a column that the form did not have is left to a guess."""
    mapping = {}
    for place, head in enumerate(table.heads):
        target = data.get(f"column-{place}")
        if target is not None and data.get(f"head-{place}") == head and target in known:
            mapping[head] = target
    return mapping


def sent_names(data: QueryDict, organisations: list[Organisation]) -> dict[str, str]:
    """Which organisation a name stands for, or that it stays a name."""
    known = {row.public_id for row in organisations} | {KEEP}
    pairs = zip(data.getlist("name"), data.getlist("organisation"), strict=False)
    return {folded(name): chosen for name, chosen in pairs if chosen in known}


def sent_values(data: QueryDict, questions: list[Question]) -> dict[str, dict[str, str]]:
    """Which option a value stands for, or that it is kept in words."""
    known = {question.key: {option.key for option in question.options} | {AS_TEXT} for question in questions}
    found: dict[str, dict[str, str]] = {}
    rows = zip(data.getlist("value_question"), data.getlist("value"), data.getlist("option"), strict=False)
    for key, value, chosen in rows:
        if chosen in known.get(key, ()):
            found.setdefault(key, {})[folded(value)] = chosen
    return found
