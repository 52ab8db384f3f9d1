"""What a respondent fills in. No field is required: what is missing is told when she sends the whole."""

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from crispy_forms.layout import HTML, Div, Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainForm
from regions.models import Organisation
from reviews.models import Statement
from reviews.rounds.questions import Question, QuestionKind, answer_in_words
from reviews.rounds.short_forms import questions_for

NO_CLIENTS = _("Do not write about clients or other single people. The answers are public as a rule.")
NO_NAMES = _("Do not write anybody’s name. Others may read your answer.")
DATE_HELP = _("For example 13.11.2026.")
ANSWER = "q-"
"""Before the key of a question, in the name of its field."""

LONGEST_KEY = 40
_ELSE = "\0changed"
"""Stands for what a field held when it was shown, where it holds something else now. Nobody can type it."""


def new_key() -> str:
    """Names one form that is sent: sending it twice is sending it once."""
    return secrets.token_urlsafe(18)


class TrappedForm(PlainForm):
    """A form with a field that people are told to leave empty and do not see; machines fill it in."""

    website = forms.CharField(
        label=_("Leave this field empty"),
        required=False,
        # What was in it is not shown again: a person could not see it to empty it.
        widget=forms.PasswordInput(render_value=False, attrs={"type": "text"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["website"].widget.attrs |= {"autocomplete": "off", "tabindex": "-1"}

    @property
    def trap(self) -> Div:
        return Div("website", css_class="fc-answer-trap")

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError(
                _("A field that is not for people was filled in, perhaps by the browser. It is empty now: send again."),
                code="trapped",
            )
        return ""

    def form_layout(self) -> Layout:
        return Layout(self.trap, *(name for name in self.fields if name != "website"))


class SendForm(TrappedForm):
    """Hands in. The key stays the same while the same page is sent again, whatever the network did in between."""

    key = forms.CharField(max_length=LONGEST_KEY, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = new_key()


class WrittenForm(PlainForm):
    """Some fields of a statement, with what stood in each when they were shown, as digests.

    So a field that a colleague changed meanwhile is noticed; `show_theirs` puts her words beside the field.
    """

    shown = forms.CharField(required=False, widget=forms.HiddenInput)
    written: Sequence[str] = ()
    """Fields of the statement among those of the form."""

    def __init__(self, *args: Any, statement: Statement, language: str, **kwargs: Any) -> None:
        self.statement = statement
        self.language = language
        self.questions = self.asked()
        self.theirs: list[tuple[str, str, str]] = []
        """Name of a field, its label, what a colleague wrote there."""
        super().__init__(*args, **kwargs)
        self.add_fields()
        for name in self.written_here():
            if not self.fields[name].initial:
                self.fields[name].initial = getattr(statement, name)
        for question in self.questions:
            self.fields[ANSWER + question.key] = _answer_field(question, language)
            if question.kind == QuestionKind.TEXT:
                is_child = statement.form == Statement.Form.CHILDREN
                self.fields[ANSWER + question.key].help_text = NO_NAMES if is_child else NO_CLIENTS
            self.fields[ANSWER + question.key].initial = statement.answers.get(question.key)
        self.fields["shown"].initial = self.digests()

    def asked(self) -> list[Question]:
        return []

    def add_fields(self) -> None:
        """Fields that only some statements have."""

    def written_here(self) -> list[str]:
        return [name for name in self.written if name in self.fields]

    # --- What is saved ---------------------------------------------------------------------------------

    def values(self) -> dict[str, Any]:
        """For `services.statements.save_fields`."""
        values = {name: _or_none(name, self.cleaned_data[name]) for name in self.written_here()}
        if self.questions:
            values["answers"] = {row.key: self.cleaned_data.get(ANSWER + row.key) for row in self.questions}
        return values

    def shown_values(self) -> dict[str, Any]:
        """What each field held when it was shown, told by its digest from what it holds now."""
        try:
            digests = json.loads(self.cleaned_data.get("shown") or "{}")
        except ValueError:
            digests = {}
        if not isinstance(digests, dict):
            digests = {}
        shown: dict[str, Any] = {}
        for name in self.written_here():
            if name not in digests:
                continue
            same = digests[name] == _digest(self.stands(name))
            shown[name] = getattr(self.statement, name) if same else _ELSE
        if self.questions:
            shown["answers"] = {}
            for row in self.questions:
                answer = self.statement.answers.get(row.key)
                same = digests.get(ANSWER + row.key, _digest(answer)) == _digest(answer)
                shown["answers"][row.key] = answer if same else _ELSE
        return shown

    def digests(self) -> str:
        """What the fields hold now, for the page that is about to be shown."""
        rows = {name: _digest(self.stands(name)) for name in self.written_here()}
        rows |= {ANSWER + row.key: _digest(self.statement.answers.get(row.key)) for row in self.questions}
        return json.dumps(rows)

    def stands(self, name: str) -> Any:
        """What a field holds now, as it is shown."""
        return getattr(self.statement, name)

    # --- What comes back -------------------------------------------------------------------------------

    def show_errors(self, error: ValidationError) -> None:
        """Put a service's errors to their fields."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, errors in error.error_dict.items():
            others = ("organisation_name",) if name == "organisation" else ()
            own = next((known for known in (name, ANSWER + name, *others) if known in self.fields), None)
            self.add_error(own, errors)

    def show_theirs(self, theirs: Mapping[str, Any], error: ValidationError) -> None:
        """Show what a colleague wrote beside what was typed; sent once more, what is in the field then is kept."""
        message = error.messages[0]
        for name, value in theirs.items():
            if name == "answers":
                by_key = {row.key: row for row in self.questions}
                for key, answer in value.items():
                    self._add_theirs(
                        ANSWER + key, answer_in_words(by_key[key], answer, self.language, between="\n"), message
                    )
            else:
                self._add_theirs(name, self._value_in_words(name, value), message)
        self.renew_digests()

    def renew_digests(self) -> None:
        data = cast(QueryDict, self.data).copy()
        data["shown"] = self.digests()
        self.data = data

    def _value_in_words(self, name: str, value: Any) -> str:
        if name == "stance":
            return str(Statement.Stance(value).label)
        return "" if value is None else str(value)

    def _add_theirs(self, name: str, words: str, message: str) -> None:
        if name not in self.fields:  # told by name, chosen from the list: one field on the page
            name = "organisation_name" if name == "organisation" else "organisation"
        if any(name == known for known, _label, _words in self.theirs):
            return
        self.theirs.append((name, str(self.fields[name].label), words))
        self.add_error(name, ValidationError(message, code="changed_meanwhile"))

    def placed(self, *names: str) -> Iterator[Any]:
        """Fields for a layout, each with a colleague's words after it, where there are some."""
        numbers = {name: number for number, (name, _label, _words) in enumerate(self.theirs)}
        for name in names:
            if name not in self.fields:
                continue
            yield name
            if name in numbers:
                yield HTML(
                    f'{{% include "reviews/_answer_theirs.html" with theirs=form.theirs.{numbers[name]} only %}}'
                )


class QuestionsForm(WrittenForm):
    """The round's questions, the answer as a whole, and where the respondent lives or works."""

    written = ("text", "area", "municipality")
    text = forms.CharField(
        label=_("What would you like to say of the whole?"),
        required=False,
        help_text=NO_CLIENTS,
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def asked(self) -> list[Question]:
        return questions_for(self.statement)

    def add_fields(self) -> None:
        if self.statement.kind != Statement.Kind.OFFICIAL:
            _add_places(self, self.statement)

    def form_layout(self) -> Layout:
        answers = [ANSWER + row.key for row in self.questions]
        parts: list[Any] = ["shown"]
        if answers:
            parts.append(Fieldset(_("Questions"), *self.placed(*answers)))
        parts.append(Fieldset(_("The answer as a whole"), *self.placed("text")))
        if "municipality" in self.fields:
            parts.append(Fieldset(_("Where you live or work"), *self.placed("area", "municipality")))
        return Layout(*parts)


class ShortForm(SendForm, WrittenForm):
    """Three questions and nothing about the respondent; what is written is kept and handed in at once."""

    written = ("municipality",)

    def asked(self) -> list[Question]:
        return questions_for(self.statement)

    def add_fields(self) -> None:
        if self.statement.form == Statement.Form.FAMILY:
            _add_places(self, self.statement)
            self.fields.pop("area", None)

    def form_layout(self) -> Layout:
        answers = [ANSWER + row.key for row in self.questions]
        return Layout("shown", "key", self.trap, *self.placed(*answers, "municipality"))


class WhoForm(WrittenForm):
    """Who answers: an organisation with its signatory and its decision, or somebody in her own name."""

    written: Sequence[str] = (
        *("organisation", "organisation_name", "signed_by", "shows_name"),
        *("handled_in", "handled_on", "item_no", "case_number", "email"),
    )
    signed_by = forms.CharField(label=_("Your name"), required=False, max_length=200)
    shows_name = forms.BooleanField(
        label=_("My name may be published with my answer"),
        required=False,
        help_text=_("Otherwise the summary leaves it out. Who asks the county for the answer itself may see it."),
    )
    handled_in = forms.CharField(
        label=_("Handled in"),
        required=False,
        max_length=200,
        help_text=_("For example the municipal board, where a body decided on the statement."),
    )
    handled_on = forms.DateField(label=_("Date of the meeting"), required=False, help_text=DATE_HELP)
    item_no = forms.CharField(label=_("Section (§)"), required=False, max_length=20)
    case_number = forms.CharField(label=_("Your case number"), required=False, max_length=60)
    email = forms.EmailField(
        label=_("E-mail address for the receipt"),
        required=False,
        help_text=_("There we send the receipt and tell what came of the answer. It is not published."),
    )

    def __init__(self, *args: Any, may_choose: Sequence[Organisation] | None = None, **kwargs: Any) -> None:
        """`may_choose`: the organisations that she may speak for, where the round wants that shown; None: any name."""
        self.may_choose = may_choose
        super().__init__(*args, **kwargs)

    def add_fields(self) -> None:
        self.fields["signed_by"].widget.attrs["autocomplete"] = "name"
        self.fields["email"].widget.attrs["autocomplete"] = "email"
        if self.statement.kind != Statement.Kind.OFFICIAL:
            for name in ("handled_in", "handled_on", "item_no", "case_number"):
                del self.fields[name]
            return
        del self.fields["shows_name"]
        self.fields["signed_by"].label = _("Signed by")
        add_organisation(self, self.statement, self.may_choose)

    def stands(self, name: str) -> Any:
        return self.statement.organisation_told if name == "organisation_name" else super().stands(name)

    def values(self) -> dict[str, Any]:
        """The name that somebody typed is that of one of the region's organisations, if none has answered in it yet."""
        values = super().values()
        if "organisation_name" in values:
            found = _free_organisation(self.statement, values["organisation_name"])
            values["organisation"] = found
            values["organisation_name"] = "" if found else values["organisation_name"]
        return values

    def shown_values(self) -> dict[str, Any]:
        shown = super().shown_values()
        if "organisation_name" in shown:
            shown["organisation"] = _ELSE if shown["organisation_name"] == _ELSE else self.statement.organisation
        return shown

    def form_layout(self) -> Layout:
        return Layout(
            "shown",
            *self.placed("organisation", "organisation_name", "signed_by", "shows_name"),
            *_decision(self),
            *self.placed("email"),
        )


class AtOnceForm(SendForm, WhoForm):
    """The registrar's way: one of the four answers, the signed file, who decided and when; handed in at once."""

    written = ("stance", "joins", *WhoForm.written)
    stance = forms.ChoiceField(label=_("Our answer"), widget=forms.RadioSelect)
    joins = forms.CharField(
        label=_("Whose statement do you join?"),
        required=False,
        max_length=200,
        help_text=_("Only if you join the statement of another."),
    )

    def add_fields(self) -> None:
        super().add_fields()
        self.fields["stance"].choices = stances()  # type: ignore[attr-defined]
        if self.statement.invitation and not self.statement.invitation.organisation:
            asked = self.statement.invitation
            self.fields["signed_by"].initial = self.statement.signed_by or str(asked.body or asked.name)

    def form_layout(self) -> Layout:
        return Layout(
            "shown",
            "key",
            self.trap,
            *self.placed("stance", "joins"),
            HTML('{% include "reviews/_answer_files.html" with files=files only %}'),
            *_decision(self),
            *self.placed("organisation", "organisation_name", "signed_by", "shows_name", "email"),
        )


def stances() -> list[tuple[str, Any]]:
    return [
        (Statement.Stance.STATEMENT.value, _("We give a statement")),
        (Statement.Stance.SUPPORTS.value, _("We support this without remarks")),
        (Statement.Stance.NOTHING.value, _("Nothing to state")),
        (Statement.Stance.JOINS.value, _("We join the statement of another")),
    ]


def add_organisation(form: forms.Form, statement: Statement, may_choose: Sequence[Organisation] | None) -> None:
    """The field for the organisation: none where the invitation tells it or asks a body, a choice of those that she may
    speak for, else any name."""
    if statement.invitation and (statement.invitation.organisation or statement.invitation.body):
        return
    if may_choose is not None:
        form.fields["organisation"] = forms.ModelChoiceField(
            label=_("Organisation"),
            queryset=Organisation.objects.filter(pk__in=[row.pk for row in may_choose]),
            to_field_name="public_id",
            required=False,
            initial=statement.organisation and statement.organisation.public_id,
        )
        return
    form.fields["organisation_name"] = forms.CharField(
        label=_("Organisation"),
        required=False,
        max_length=200,
        initial=statement.organisation_told,
        widget=forms.TextInput(attrs={"list": "organisations", "autocomplete": "organization"}),
    )


def _free_organisation(statement: Statement, name: str) -> Organisation | None:
    """The region's organisation of a name in any language, unless another statement stands in its name already.

    Who comes without an invitation may say to speak for anybody, and must not take the place of the one who does.
    """
    if not name:
        return None
    same_name = Q(name_fi__iexact=name) | Q(name_sv__iexact=name) | Q(name_en__iexact=name)
    found = Organisation.objects.filter(same_name, region=statement.region_id).order_by("pk").first()
    others = Statement.objects.filter(round=statement.round_id, organisation=found, kind=Statement.Kind.OFFICIAL)
    return None if found is None or others.exclude(pk=statement.pk).exists() else found


def _decision(form: WrittenForm) -> list[Any]:
    if "handled_in" not in form.fields:
        return []
    return [
        Fieldset(
            _("Decision"),
            *form.placed("handled_in"),
            Div(*form.placed("handled_on", "item_no", "case_number"), css_class="fc-answer-beside"),
        )
    ]


def _add_places(form: forms.Form, statement: Statement) -> None:
    region = statement.round.version.document.region
    for name, label, rows, key in (
        ("area", _("Operational area"), region.areas.order_by("position", "key"), "key"),
        ("municipality", _("Municipality"), region.municipalities.order_by("name"), "code"),
    ):
        chosen = getattr(statement, name)
        form.fields[name] = forms.ModelChoiceField(
            label=label,
            queryset=rows,
            to_field_name=key,
            required=False,
            initial=getattr(chosen, key) if chosen else None,
            empty_label=_("I would rather not say"),
        )
    if not form.fields["area"].queryset:  # type: ignore[attr-defined]
        del form.fields["area"]


def _answer_field(question: Question, language: str) -> forms.Field:
    label = question.text_in(language)
    if question.kind == QuestionKind.TEXT:
        return forms.CharField(label=label, required=False, widget=forms.Textarea(attrs={"rows": 5}))
    options = [(option.key, option.text_in(language)) for option in question.options]
    if question.kind == QuestionKind.SEVERAL:
        return forms.MultipleChoiceField(
            label=label, required=False, choices=options, widget=forms.CheckboxSelectMultiple
        )
    return forms.ChoiceField(
        label=label, required=False, choices=[*options, ("", _("No answer"))], widget=forms.RadioSelect
    )


def _or_none(name: str, value: Any) -> Any:
    return value or None if name in ("organisation", "area", "municipality", "handled_on") else value


def _digest(value: Any) -> str:
    value = getattr(value, "pk", value)
    told = "" if value in (None, "", [], False) else json.dumps(value, default=str, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:16]
