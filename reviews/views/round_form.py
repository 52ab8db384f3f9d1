"""The form of a round on its page: its parts, the button that was pressed, the calendar, and what was wrong."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import QueryDict
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.http import Request
from documents.models import Document
from reviews.forms.questions import PREFIX, QuestionForm, QuestionForms
from reviews.forms.rounds import RoundForm
from reviews.rounds.questions import questions_of
from reviews.rounds.timetable import Countdown, calendar_warnings, count_back

COUNT = "count"
"""The button that counts the dates back from a meeting."""


class RoundFormPage:
    """One request for the form. With `do`, a button of the form was pressed: it is drawn again and nothing is saved."""

    def __init__(
        self,
        request: Request,
        document: Document,
        values: Mapping[str, Any],
        *,
        is_announced: bool = False,
        has_answers: bool = False,
    ) -> None:
        self.languages = document.languages
        self.data: QueryDict | None = request.POST.copy() if request.method == "POST" else None
        self.do = self.data.get("do", "") if self.data is not None else ""
        self.initial = values
        self.is_announced = is_announced
        self.countdown: Countdown | None = None
        self.meeting_error = ""
        if self.data is not None and self.do == COUNT:
            self._count(self.data)
        self.form = self._form(checks=not self.do)
        self.questions: QuestionForms | None = None
        if not has_answers:
            questions = questions_of(values["questions"])
            self.questions = QuestionForms(self.data, languages=self.languages, questions=questions, do=self.do)
        self.is_valid = False
        if self.data is not None and not self.do:
            parts = [self.form.is_valid(), self.questions is None or self.questions.is_valid()]
            self.is_valid = all(parts)

    def _form(self, *, checks: bool) -> RoundForm:
        return RoundForm(
            self.data,
            languages=self.languages,
            values=self.initial,
            is_announced=self.is_announced,
            checks=checks,
        )

    def _count(self, data: QueryDict) -> None:
        """Write the dates that follow from the meeting into what was typed."""
        field = self._form(checks=False).fields.get("meeting_on")
        if field is None:
            return
        try:
            meeting = field.clean(data.get("meeting_on"))
        except ValidationError as error:
            self.meeting_error = " ".join(error.messages)
            return
        if meeting is None:
            self.meeting_error = _("Write the date of the meeting first.")
            return
        self.countdown = count_back(meeting)
        written = {
            "opens_on": timezone.localdate(self.countdown.opens_at),
            "closes_on": timezone.localdate(self.countdown.closes_at),
            "answers_by": self.countdown.answers_by,
        }
        for name, day in written.items():
            data[name] = formats.date_format(day, "SHORT_DATE_FORMAT")
        data["opens_time"] = formats.time_format(timezone.localtime(self.countdown.opens_at).time(), "TIME_FORMAT")
        data["closes_time"] = formats.time_format(timezone.localtime(self.countdown.closes_at).time(), "TIME_FORMAT")

    @property
    def is_sent(self) -> bool:
        """Whether it was sent to be saved and nothing in it is wrong."""
        return self.is_valid

    @property
    def status(self) -> int:
        return 422 if self.data is not None and not self.do and self.errors() else 200

    def values(self) -> dict[str, Any]:
        """As the services take them."""
        own = self.form.values()
        return own if self.questions is None else own | {"questions": self.questions.values()}

    def take(self, error: ValidationError) -> None:
        """Show what a service refused beside its field."""
        messages = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
        fields = {
            "opens_at": "opens_on",
            "closes_at": "closes_on",
            **{name: f"{name}_{self.languages[0]}" for name in ("title", "background", "instructions")},
        }
        for name, texts in messages.items():
            field = fields.get(name, name)
            self.form.add_error(field if field in self.form.fields else None, texts)

    def errors(self) -> list[tuple[str, str, str]]:
        """What must be corrected: id of the field (or nothing), its label, and what is wrong."""
        found = [("", "", str(text)) for text in self.form.non_field_errors()]
        found += _of(self.form)
        for form in self.questions.forms if self.questions else []:
            found += _of(form, _("Question %(number)d") % {"number": form.number})
        return found

    def _warnings(self) -> list[str]:
        if self.is_announced:
            return []
        if self.data is None:
            return calendar_warnings(self.initial["opens_at"], self.initial["closes_at"])
        read = self._form(checks=True)
        read.is_valid()
        opens_at, closes_at = read.cleaned_data.get("opens_at"), read.cleaned_data.get("closes_at")
        return calendar_warnings(opens_at, closes_at) if opens_at and closes_at else []

    def context(self) -> dict[str, Any]:
        return {
            "form": self.form,
            "questions": self.questions,
            "is_announced": self.is_announced,
            "errors": [] if self.do else self.errors(),
            "calendar": self._warnings(),
            "countdown": self.countdown,
            "meeting_error": self.meeting_error,
            "add_name": f"{PREFIX}-add",
        }


def _of(form: RoundForm | QuestionForm, whose: str = "") -> list[tuple[str, str, str]]:
    return [
        (field.id_for_label or field.auto_id, f"{whose}: {field.label}" if whose else str(field.label), str(error))
        for field in form.visible_fields()
        for error in field.errors
    ]
