"""What a coordinator fills in about those who are asked in a round, and about the mails to them."""

import datetime
from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from accounts.forms import PlainForm
from regions.models import Area, Municipality, Region
from reviews.forms.rounds import DATE_HELP, TIME_HELP
from reviews.inviting.invited import LABELS, State
from reviews.inviting.mailtexts import LONGEST_BODY, check_words
from reviews.inviting.receivers import MAX_BYTES, Read, read_lines
from reviews.inviting.silence import NOWHERE, kind_label
from reviews.models import CommentRound, Invitation

CLOSING_TIME = datetime.time(16)
NOW = "now"
AT_OPENING = "opening"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def first_language(region: Region) -> str:
    """The language in which a region writes first, if our mails are written in it."""
    known = dict(settings.LANGUAGES)
    return next((code for code in region.languages if code in known), settings.LANGUAGE_CODE)


class OwnTimeForm(PlainForm):
    """An own deadline, which is later than that of the round; empty where it is the round's."""

    own_on = forms.DateField(label=gettext_lazy("Own deadline"), required=False)
    own_time = forms.TimeField(
        label=gettext_lazy("at (time)"), required=False, initial=CLOSING_TIME, help_text=TIME_HELP
    )

    def __init__(self, *args: Any, comment_round: CommentRound, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.comment_round = comment_round
        closes = timezone.localtime(comment_round.closes_at)
        self.fields["own_on"].help_text = _("Leave it empty for the deadline of the round, %(date)s.") % {
            "date": f"{closes.day}.{closes.month}.{closes.year}"
        }
        self.fields["own_time"].initial = self.initial.get("own_time") or closes.time().replace(second=0, microsecond=0)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["closes_at"] = None
        day = cleaned.get("own_on")
        if day:
            moment = from_current_timezone(datetime.datetime.combine(day, cleaned.get("own_time") or CLOSING_TIME))
            cleaned["closes_at"] = moment
            if moment <= self.comment_round.closes_at and "own_on" in self.changed_data:
                message = _("An own deadline must be later than that of the round.")
                self.add_error("own_on", ValidationError(message, code="not_later"))
        return cleaned


class AskingForm(OwnTimeForm):
    """What is common to those who are asked together: the deadline, and when the mails are sent."""

    when = forms.ChoiceField(
        label=gettext_lazy("When are the requests sent?"),
        choices=[
            (AT_OPENING, gettext_lazy("When the round opens")),
            (NOW, gettext_lazy("At once")),
        ],
        initial=AT_OPENING,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, comment_round: CommentRound, **kwargs: Any) -> None:
        super().__init__(*args, comment_round=comment_round, **kwargs)
        if comment_round.is_draft or comment_round.is_open():
            del self.fields["when"]

    @property
    def at_once(self) -> bool:
        return self.cleaned_data.get("when") == NOW

    def last_fields(self) -> list[Any]:
        when = ["when"] if "when" in self.fields else []
        return [Div("own_on", "own_time", css_class="fc-invite-beside"), *when]

    def form_layout(self) -> Layout:
        return Layout(*self.last_fields())


class AddressesForm(AskingForm):
    """Pasted addresses."""

    people = forms.CharField(
        label=gettext_lazy("E-mail addresses"),
        max_length=100_000,
        help_text=gettext_lazy(
            "One to a line: the address alone, or a name before it, for example Liisa Mallikas "
            "liisa.mallikas@example.org."
        ),
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off", "spellcheck": "false"}),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language of the mail"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, comment_round: CommentRound, **kwargs: Any) -> None:
        super().__init__(*args, comment_round=comment_round, **kwargs)
        self.fields["language"].initial = first_language(comment_round.version.document.region)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        rows = read_lines(cleaned.get("people", ""), language=cleaned.get("language", ""))
        cleaned["rows"] = rows
        for row in rows:
            if row.problem:
                told = _("Line %(number)d: %(problem)s") % {"number": row.number, "problem": row.problem}
                self.add_error("people", ValidationError(told, code="line"))
        return cleaned

    @property
    def rows(self) -> list[Read]:
        found: list[Read] = self.cleaned_data["rows"]
        return found

    def form_layout(self) -> Layout:
        return Layout("people", "language", *self.last_fields())


class FileForm(AskingForm):
    """A spreadsheet with a header."""

    file = forms.FileField(
        label=gettext_lazy("Spreadsheet"), widget=forms.FileInput(attrs={"accept": f".xlsx,.csv,{XLSX},text/csv"})
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the mail"),
        choices=settings.LANGUAGES,
        help_text=gettext_lazy("For the rows that do not say it."),
    )

    def __init__(self, *args: Any, comment_round: CommentRound, **kwargs: Any) -> None:
        super().__init__(*args, comment_round=comment_round, **kwargs)
        self.fields["language"].initial = first_language(comment_round.version.document.region)
        self.fields["file"].help_text = _(
            "An .xlsx or .csv file of at most %(megabytes)d MB, with a header: e-mail, name, language, organisation. "
            "Nothing is saved yet."
        ) % {"megabytes": MAX_BYTES // (1024 * 1024)}

    def form_layout(self) -> Layout:
        return Layout("file", "language", *self.last_fields())


class InvitationForm(OwnTimeForm):
    """Correcting where, in which language and until when one is asked."""

    email = forms.EmailField(label=gettext_lazy("E-mail address"), required=False)
    name = forms.CharField(label=gettext_lazy("Receiver’s name"), max_length=150, required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language of the mail"), choices=settings.LANGUAGES)
    send = forms.BooleanField(label=gettext_lazy("Send the request to this address now"), required=False)

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        own = timezone.localtime(invitation.closes_at) if invitation.closes_at else None
        initial = {
            "email": invitation.email,
            "name": invitation.name,
            "language": invitation.language,
            "own_on": own.date() if own else None,
            "own_time": own.time().replace(second=0, microsecond=0) if own else None,
            "send": invitation.bounced_at is not None,
        }
        super().__init__(*args, comment_round=invitation.round, initial=initial, **kwargs)
        if invitation.organisation is None and invitation.body is None:
            self.fields["email"].required = True
        if invitation.round.is_draft or timezone.now() >= invitation.deadline:
            del self.fields["send"]

    def form_layout(self) -> Layout:
        send = ["send"] if "send" in self.fields else []
        beside = Div("own_on", "own_time", css_class="fc-invite-beside")
        return Layout("email", "name", "language", beside, *send)


class TimeForm(PlainForm):
    """The answer to somebody who asked for more time."""

    GRANT = "grant"
    REFUSE = "refuse"

    answer = forms.ChoiceField(
        label=gettext_lazy("Is more time given?"),
        choices=[
            (GRANT, pgettext_lazy("more time", "Give more time")),
            (REFUSE, pgettext_lazy("more time", "Do not give more time")),
        ],
        initial=GRANT,
        widget=forms.RadioSelect,
    )
    until_on = forms.DateField(label=gettext_lazy("New deadline"), required=False, help_text=DATE_HELP)
    until_time = forms.TimeField(label=gettext_lazy("at (time)"), required=False, help_text=TIME_HELP)
    word = forms.CharField(
        label=gettext_lazy("A word to the one who asked"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("It stands in the mail. If you do not give more time, tell why."),
    )

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = timezone.localtime(invitation.asked_until) if invitation.asked_until else None
        if asked:
            self.fields["until_on"].initial = asked.date()
            self.fields["until_time"].initial = asked.time().replace(second=0, microsecond=0)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["until"] = None
        if cleaned.get("answer") == self.GRANT:
            day = cleaned.get("until_on")
            if day:
                moment = datetime.datetime.combine(day, cleaned.get("until_time") or CLOSING_TIME)
                cleaned["until"] = from_current_timezone(moment)
            elif "until_on" not in self.errors:
                self.add_error("until_on", ValidationError(_("Tell the new deadline."), code="required"))
        return cleaned

    def form_layout(self) -> Layout:
        return Layout("answer", Div("until_on", "until_time", css_class="fc-invite-beside"), "word")


class BounceForm(PlainForm):
    """Why a mail came back, as its notice said it."""

    reason = forms.CharField(
        label=gettext_lazy("Why did it come back?"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("For example: the address does not exist."),
    )


class RemindingForm(PlainForm):
    """How a round reminds by itself."""

    reminds = forms.BooleanField(label=gettext_lazy("Remind those who have not answered"), required=False)
    days = forms.IntegerField(
        label=gettext_lazy("How many days before the deadline?"),
        min_value=2,
        max_value=60,
        help_text=gettext_lazy("Once then, and once on the last day."),
    )
    in_holidays = forms.BooleanField(
        label=gettext_lazy("Also in July and at Christmas"),
        required=False,
        help_text=gettext_lazy("In July and from 23 December to 6 January."),
    )

    def __init__(self, *args: Any, comment_round: CommentRound, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reminds"].initial = comment_round.reminds
        self.fields["days"].initial = comment_round.reminder_days
        self.fields["in_holidays"].initial = comment_round.reminds_in_holidays


class MailTextForm(PlainForm):
    """A region's own words for one kind of mail."""

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=150)
    body = forms.CharField(
        label=pgettext_lazy("of a mail", "Text"), max_length=LONGEST_BODY, widget=forms.Textarea(attrs={"rows": 20})
    )

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["lang"] = language

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        try:
            check_words(cleaned.get("subject", ""), cleaned.get("body", ""))
        except ValidationError as error:
            for name, faults in error.error_dict.items():
                if name not in self.errors:
                    self.add_error(name, ValidationError(faults))
        return cleaned


class FilterForm(forms.Form):
    """What is looked for among those who are asked. Comes in an address, so nothing of it may be wrong."""

    q = forms.CharField(label=gettext_lazy("Name or address"), required=False, max_length=100)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    progress = forms.ChoiceField(label=pgettext_lazy("of those invited", "Answer"), required=False)
    kind = forms.ChoiceField(label=pgettext_lazy("of an organisation", "Kind"), required=False)
    area = forms.ChoiceField(label=gettext_lazy("Operational area"), required=False)
    municipality = forms.ChoiceField(label=gettext_lazy("Municipality"), required=False)

    def __init__(
        self,
        *args: Any,
        kinds: Sequence[str],
        areas: Sequence[Area],
        municipalities: Sequence[Municipality],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        everything = pgettext("any value of a filter", "All")
        self._choices("state", [("", everything), *((state.value, str(LABELS[state])) for state in State)])
        progress = [
            ("silent", pgettext("answer of those invited", "Silent")),
            ("begun", pgettext("answer of those invited", "Begun")),
            ("handed_in", pgettext("answer of those invited", "Handed in")),
        ]
        self._choices("progress", [("", everything), *progress])
        self._choices("kind", [("", everything), *((kind, kind_label(kind)) for kind in kinds)])
        none = (NOWHERE, _("No single area"))
        self._choices("area", [("", everything), *((area.key, area.name) for area in areas), none])
        none = (NOWHERE, _("No single municipality"))
        self._choices("municipality", [("", everything), *((row.code, row.name) for row in municipalities), none])
        if not areas:
            del self.fields["area"]
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "form-control" if name == "q" else "form-select"

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name] = forms.ChoiceField(label=self.fields[name].label, required=False, choices=choices)

    def wanted(self) -> dict[str, str]:
        """What was chosen; a value that there is not is as good as none."""
        if not self.is_bound:
            return {}
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
