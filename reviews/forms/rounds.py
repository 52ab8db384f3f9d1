"""What a coordinator fills in about a round."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import PlainForm
from regions.models import Organisation
from reviews.forms.questions import RedrawableForm, beside
from reviews.models import CommentRound
from reviews.rounds.asking import FOR_ALL, attention_json
from reviews.services.rounds import FIXED_AFTER_ANNOUNCING

DATE_HELP = gettext_lazy("For example 13.11.2026.")
TIME_HELP = gettext_lazy("For example 16.00.")
LONGEST_TEXT = 6_000

ATTENTION = "attention"
KINDS_OF_ORGANISATIONS = Organisation.Kind.choices


def attention_name(kind: str) -> str:
    """The field of the points for a kind of organisation, or for everybody."""
    return f"{ATTENTION}_{kind or 'all'}"


class RoundForm(RedrawableForm):
    """All that a round says but its questions, in groups. What was promised is left out once it is announced."""

    def __init__(
        self, *args: Any, languages: Sequence[str], values: Mapping[str, Any], is_announced: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.languages = languages
        self.is_announced = is_announced
        self._add_what_is_asked(values)
        self._add_times(values)
        self._add_who_answers(values)
        self._add_contact(values)
        self._add_the_rest(values)
        if is_announced:
            for name in list(self.fields):
                if name in FIXED_AFTER_ANNOUNCING or name.startswith(("opens_", "closes_", "meeting_on")):
                    del self.fields[name]

    # --- Fields, group by group -------------------------------------------------------------------------------

    def _add_what_is_asked(self, values: Mapping[str, Any]) -> None:
        self.fields["kind"] = forms.ChoiceField(
            label=gettext_lazy("Who is asked?"),
            choices=CommentRound.Kind.choices,
            initial=values["kind"],
            widget=forms.RadioSelect,
        )
        self.add_texts("title", gettext_lazy("Title"), self.languages, initial=values["title"], length=200)
        first = self.fields[f"title_{self.languages[0]}"]
        first.required = True
        first.error_messages["required"] = _("Give the round a title.")
        self.add_texts(
            "background",
            gettext_lazy("Background and aims"),
            self.languages,
            initial=values["background"],
            lines=8,
            length=LONGEST_TEXT,
            help_text=gettext_lazy("Why is it asked now, and what will the answers be used for?"),
        )
        self.add_texts(
            "instructions",
            gettext_lazy("Instructions"),
            self.languages,
            initial=values["instructions"],
            lines=6,
            length=LONGEST_TEXT,
        )
        points = {row["kind"]: row["text"] for row in values["attention"]}
        self.add_texts(
            attention_name(FOR_ALL),
            gettext_lazy("Points that need attention"),
            self.languages,
            initial=points.get(FOR_ALL, {}),
            lines=3,
            length=LONGEST_TEXT,
        )
        for kind, label in KINDS_OF_ORGANISATIONS:
            self.add_texts(
                attention_name(kind), label, self.languages, initial=points.get(kind, {}), lines=2, length=LONGEST_TEXT
            )
        self.fields["case_number"] = forms.CharField(
            label=gettext_lazy("Case number"),
            required=False,
            max_length=60,
            initial=values["case_number"],
            help_text=gettext_lazy("As your own registry writes it. Municipalities look for it."),
        )

    def _add_times(self, values: Mapping[str, Any]) -> None:
        for name, label, moment in (
            ("opens", gettext_lazy("Opens"), values["opens_at"]),
            ("closes", gettext_lazy("Closes"), values["closes_at"]),
        ):
            local = timezone.localtime(moment)
            self.fields[f"{name}_on"] = forms.DateField(label=label, initial=local.date(), help_text=DATE_HELP)
            self.fields[f"{name}_time"] = forms.TimeField(
                label=gettext_lazy("at (time)"),
                initial=local.time().replace(second=0, microsecond=0),
                help_text=TIME_HELP,
            )
        self.fields["answers_by"] = forms.DateField(
            label=gettext_lazy("Answers are given by"),
            required=False,
            initial=values["answers_by"],
            help_text=gettext_lazy("The day on which respondents hear at the latest what came of their remarks."),
        )
        self.fields["meeting_on"] = forms.DateField(
            label=gettext_lazy("When does the board decide?"),
            required=False,
            help_text=gettext_lazy("The dates of the round can be counted back from it. The day itself is not kept."),
        )

    def _add_who_answers(self, values: Mapping[str, Any]) -> None:
        boxes = {
            "allows_official": gettext_lazy("Organisations, with an official statement"),
            "allows_personal": gettext_lazy("People, in their own name"),
            "allows_anonymous": gettext_lazy("People, without a name"),
            "requires_sign_in": gettext_lazy("Only those who sign in"),
            "has_family_form": gettext_lazy("Three short questions for families"),
            "has_children_form": gettext_lazy("A form for children, in plain words and without personal data"),
        }
        for name, label in boxes.items():
            self.fields[name] = forms.BooleanField(label=label, required=False, initial=values[name])
        self.fields["sharing"] = forms.ChoiceField(
            label=gettext_lazy("Who sees what others say?"),
            choices=CommentRound.Sharing.choices,
            initial=values["sharing"],
            widget=forms.RadioSelect,
        )

    def _add_contact(self, values: Mapping[str, Any]) -> None:
        self.fields["contact"] = forms.CharField(
            label=gettext_lazy("Contact person"),
            required=False,
            max_length=200,
            initial=values["contact"],
            help_text=gettext_lazy("Name and title, as respondents see them."),
        )
        self.fields["contact_email"] = forms.EmailField(
            label=gettext_lazy("E-mail address"), required=False, initial=values["contact_email"]
        )
        self.fields["contact_phone"] = forms.CharField(
            label=gettext_lazy("Telephone number"), required=False, max_length=40, initial=values["contact_phone"]
        )

    def _add_the_rest(self, values: Mapping[str, Any]) -> None:
        self.fields["reminds"] = forms.BooleanField(
            label=gettext_lazy("Remind those who have not answered"),
            required=False,
            initial=values["reminds"],
            help_text=gettext_lazy("Once before the deadline and once on the last day."),
        )
        self.fields["reminds_in_holidays"] = forms.BooleanField(
            label=gettext_lazy("Also in July and at the turn of the year"),
            required=False,
            initial=values["reminds_in_holidays"],
            help_text=gettext_lazy("Otherwise nobody is reminded in July, nor from 23 December to 6 January."),
        )
        self.fields["smallest_group"] = forms.IntegerField(
            label=gettext_lazy("Smallest group shown"),
            min_value=1,
            max_value=100,
            initial=values["smallest_group"],
            help_text=gettext_lazy("Tables of the summary show no group with fewer respondents than this."),
        )
        self.fields["retention_months"] = forms.IntegerField(
            label=gettext_lazy("Personal data is kept (months)"),
            min_value=1,
            max_value=120,
            initial=values["retention_months"],
            help_text=gettext_lazy("After the closing. Then names and addresses are removed, and the remarks stay."),
        )

    # --- How they are drawn -------------------------------------------------------------------------------------

    def _drawn(self, *parts: Any) -> Any:
        helper = super().helper
        helper.layout = Layout(*parts)
        return helper

    def _there(self, *names: str) -> list[str]:
        return [name for name in names if name in self.fields]

    @property
    def asked(self) -> Any:
        texts = ("title", "background", "instructions", attention_name(FOR_ALL))
        return self._drawn(*self._there("kind"), *(beside(name, self.languages) for name in texts))

    @property
    def attention_of_kinds(self) -> Any:
        return self._drawn(*(beside(attention_name(kind), self.languages) for kind, _label in KINDS_OF_ORGANISATIONS))

    @property
    def case(self) -> Any:
        return self._drawn("case_number")

    @property
    def counting(self) -> Any:
        return self._drawn("meeting_on")

    @property
    def times(self) -> Any:
        rows = [Div(f"{name}_on", f"{name}_time", css_class="fc-round-when") for name in ("opens", "closes")]
        return self._drawn(*(rows if "opens_on" in self.fields else []), "answers_by")

    @property
    def ways(self) -> Any:
        return self._drawn(*self._there("allows_official", "allows_personal", "allows_anonymous", "requires_sign_in"))

    @property
    def easy_forms(self) -> Any:
        return self._drawn("has_family_form", "has_children_form")

    @property
    def shared(self) -> Any:
        return self._drawn(*self._there("sharing"))

    @property
    def contacts(self) -> Any:
        return self._drawn("contact", Div("contact_email", "contact_phone", css_class="fc-round-beside"))

    @property
    def rest(self) -> Any:
        return self._drawn(
            "reminds",
            "reminds_in_holidays",
            Div("smallest_group", "retention_months", css_class="fc-round-beside"),
        )

    @property
    def has_attention_of_kinds(self) -> bool:
        """Whether something is written for one kind of organisation, or is wrong there: then it stands open."""
        names = [f"{attention_name(kind)}_{code}" for kind, _label in KINDS_OF_ORGANISATIONS for code in self.languages]
        return any(self[name].value() or self[name].errors for name in names)

    @property
    def has_errors_in_rest(self) -> bool:
        return any(self[name].errors for name in ("smallest_group", "retention_months"))

    # --- What is said -------------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.is_announced:
            return cleaned
        for name in ("opens", "closes"):
            self._join(name)
        opens_at, closes_at = cleaned.get("opens_at"), cleaned.get("closes_at")
        if opens_at and closes_at and closes_at <= opens_at:
            self.add_error(
                "closes_on", ValidationError(_("The round must close after it opens."), code="closes_too_early")
            )
        if not any(cleaned.get(name) for name in ("allows_official", "allows_personal", "allows_anonymous")):
            self.add_error("allows_official", ValidationError(_("Choose who may answer."), code="nobody_answers"))
        if cleaned.get("requires_sign_in") and cleaned.get("allows_anonymous"):
            self.add_error(
                "requires_sign_in",
                ValidationError(_("Those who sign in cannot answer without a name."), code="signed_in_has_name"),
            )
        return cleaned

    def _join(self, name: str) -> None:
        """The date and the time, as Finland's clocks show them. The hour that is skipped in March is none."""
        day, time = self.cleaned_data.get(f"{name}_on"), self.cleaned_data.get(f"{name}_time")
        if not day or time is None:
            return
        try:
            self.cleaned_data[f"{name}_at"] = from_current_timezone(datetime.datetime.combine(day, time))
        except ValidationError:
            self.add_error(
                f"{name}_time", ValidationError(_("The clock is moved at this hour. Choose another."), code="no_hour")
            )

    def values(self) -> dict[str, Any]:
        """As `make_round` and `change_round` take them."""
        cleaned = self.cleaned_data
        points = {
            kind: self.typed(attention_name(kind), self.languages) for kind in (FOR_ALL, *Organisation.Kind.values)
        }
        values: dict[str, Any] = {name: self._texts(name) for name in ("title", "background", "instructions")}
        values[ATTENTION] = attention_json(
            {kind: {code: text for code, text in texts.items() if text} for kind, texts in points.items()}
        )
        plain = (
            *("kind", "case_number", "opens_at", "closes_at", "answers_by", "sharing"),
            *("allows_official", "allows_personal", "allows_anonymous", "requires_sign_in"),
            *("has_family_form", "has_children_form", "contact", "contact_email", "contact_phone"),
            *("reminds", "reminds_in_holidays", "smallest_group", "retention_months"),
        )
        return values | {name: cleaned[name] for name in plain if name in cleaned}

    def _texts(self, name: str) -> dict[str, str]:
        return {code: text for code, text in self.typed(name, self.languages).items() if text}


# --- What is done to a round --------------------------------------------------------------------------------------


class UntilForm(PlainForm):
    """A new deadline, and why."""

    until_on = forms.DateField(label=gettext_lazy("New deadline"), help_text=DATE_HELP)
    until_time = forms.TimeField(label=gettext_lazy("at (time)"), help_text=TIME_HELP)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("The summary of the round tells it."),
    )

    def __init__(self, *args: Any, needs_reason: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = needs_reason
        if needs_reason:
            self.fields["reason"].error_messages["required"] = _("Tell why the round is opened again.")

    def form_layout(self) -> Layout:
        return Layout(Div("until_on", "until_time", css_class="fc-round-when"), "reason")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        day, time = cleaned.get("until_on"), cleaned.get("until_time")
        if day and time is not None:
            cleaned["until"] = from_current_timezone(datetime.datetime.combine(day, time))
        return cleaned


class ReasonForm(PlainForm):
    """Why a round is closed before its time."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("The summary of the round tells it."),
    )
