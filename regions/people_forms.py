"""What is filled in about bodies, their members and their meetings, and by a person about herself."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from crispy_forms.layout import Div, Fieldset, Layout
from django import forms
from django.conf import settings
from django.contrib.auth.forms import SetPasswordMixin
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainForm
from accounts.models import User
from regions.addresses import parse_people
from regions.holdings import Holding
from regions.invitations import Person
from regions.models import Body, Meeting, Membership, Organisation, Region
from regions.turnover import END, SUCCESSOR, Choice

DATE_HELP = _("For example 13.11.2026.")


def _language_field(label: Any, help_text: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=settings.LANGUAGES, help_text=help_text)


def _first_language(region: Region) -> str:
    """The language in which a region writes first, if the interface has it."""
    known = dict(settings.LANGUAGES)
    return next((code for code in region.languages if code in known), settings.LANGUAGE_CODE)


# --- Bodies and meetings ------------------------------------------------------------------------------------


class BodyForm(PlainForm):
    """A body's own data: its name in the languages of the region, its kind, where it works."""

    kind = forms.ChoiceField(label=pgettext_lazy("of a body", "Kind"), choices=Body.Kind.choices)

    def __init__(self, *args: Any, region: Region, body: Body | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = dict(settings.CONTENT_LANGUAGES)
        # The label's Finnish column is never empty, whatever else the region writes in.
        self.languages = list(dict.fromkeys([*region.languages, "fi"]))
        for code in self.languages:
            self.fields[f"name_{code}"] = forms.CharField(
                label=_("Name (%(language)s)") % {"language": known.get(code, code)},
                max_length=200,
                required=code == "fi",
                initial=getattr(body, f"name_{code}", "") or "" if body else "",
                widget=forms.TextInput(attrs={"lang": code}),
            )
        if body:
            self.fields["kind"].initial = body.kind
        areas = region.areas.order_by("position", "key")
        self.fields["area"] = forms.ModelChoiceField(
            label=_("Operational area"),
            queryset=areas,
            to_field_name="key",
            required=False,
            initial=body.area.key if body and body.area else None,
            empty_label=gettext("The whole region"),
        )
        if not areas:
            del self.fields["area"]
        self.fields["municipality"] = forms.ModelChoiceField(
            label=_("Municipality"),
            queryset=region.municipalities.order_by("name"),
            to_field_name="code",
            required=False,
            initial=body.municipality.code if body and body.municipality else None,
            empty_label=gettext("No single municipality"),
        )
        self.order_fields([f"name_{code}" for code in self.languages])

    def fill(self, body: Body) -> Body:
        """Write what was filled in to the body, without saving it."""
        for code in self.languages:
            setattr(body, f"name_{code}", self.cleaned_data[f"name_{code}"] or None)
        body.kind = self.cleaned_data["kind"]
        body.area = self.cleaned_data.get("area")
        body.municipality = self.cleaned_data["municipality"]
        return body


class MeetingForm(PlainForm):
    """When and where a body meets."""

    date = forms.DateField(label=pgettext_lazy("of a meeting", "Date"), help_text=DATE_HELP)
    time = forms.TimeField(label=pgettext_lazy("of a meeting", "Time"), help_text=_("For example 9.00."))
    place = forms.CharField(label=pgettext_lazy("of a meeting", "Place"), max_length=200, required=False)
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, meeting: Meeting | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if meeting:
            local = timezone.localtime(meeting.starts_at)
            for name, value in (("date", local.date()), ("time", local.time().replace(second=0, microsecond=0))):
                self.fields[name].initial = value
            self.fields["place"].initial, self.fields["note"].initial = meeting.place, meeting.note

    def form_layout(self) -> Layout:
        return Layout(Div("date", "time", css_class="fc-people-beside"), "place", "note")

    def values(self) -> dict[str, Any]:
        clock = datetime.datetime.combine(self.cleaned_data["date"], self.cleaned_data["time"])
        return {
            "starts_at": timezone.make_aware(clock),
            "place": self.cleaned_data["place"],
            "note": self.cleaned_data["note"],
        }


# --- Members ------------------------------------------------------------------------------------------------


class _MembershipForm(PlainForm):
    """Role, organisation and days, as inviting and correcting both ask them."""

    role = forms.ChoiceField(label=_("Role"), choices=Membership.Role.choices, initial=Membership.Role.MEMBER)
    starts_on = forms.DateField(
        label=pgettext_lazy("first day of validity", "From"), initial=timezone.localdate, help_text=DATE_HELP
    )
    ends_on = forms.DateField(
        label=pgettext_lazy("last day of validity", "Until"),
        required=False,
        help_text=_("The last day. Leave it empty when it is not known."),
    )

    def __init__(self, *args: Any, region: Region, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["represents"] = forms.ModelChoiceField(
            label=_("Represents"),
            queryset=Organisation.objects.filter(region=region).order_by("name"),
            to_field_name="public_id",
            required=False,
            empty_label=gettext("Nobody in particular"),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", ValidationError(_("The last day cannot be before the first."), "dates"))
        return cleaned

    def terms(self) -> dict[str, Any]:
        return {
            "role": Membership.Role(self.cleaned_data["role"]),
            "represents": self.cleaned_data["represents"],
            "starts_on": self.cleaned_data["starts_on"],
            "ends_on": self.cleaned_data["ends_on"],
        }


class InviteForm(_MembershipForm):
    """Several people at once, with the same role and days."""

    people = forms.CharField(
        label=_("Names and e-mail addresses"),
        max_length=20_000,
        help_text=_(
            "One person to a line, for example Liisa Mallikas liisa.mallikas@example.org. You can also paste a list "
            "from your mail program or a spreadsheet."
        ),
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
    )
    language = _language_field(
        _("Language of the invitation"),
        _("For those who have no account yet; others get the mail in their own language."),
    )

    def __init__(self, *args: Any, region: Region, **kwargs: Any) -> None:
        super().__init__(*args, region=region, **kwargs)
        self.fields["language"].initial = _first_language(region)

    def clean_people(self) -> list[Person]:
        return parse_people(self.cleaned_data["people"])

    def form_layout(self) -> Layout:
        days = Div("starts_on", "ends_on", css_class="fc-people-beside")
        return Layout("people", "language", Fieldset(gettext("In the group"), "role", "represents", days))


class MembershipForm(_MembershipForm):
    """Correcting what a membership says."""

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        initial = {
            "role": membership.role,
            "represents": membership.represents.public_id if membership.represents else None,
            "starts_on": membership.starts_on,
            "ends_on": membership.ends_on,
        }
        super().__init__(*args, region=membership.region, initial=initial, **kwargs)
        self.was_from, self.was_until = membership.starts_on, membership.ends_on

    def form_layout(self) -> Layout:
        return Layout("role", "represents", Div("starts_on", "ends_on", css_class="fc-people-beside"))

    def shortens(self) -> bool:
        """Does it let the membership end earlier than it would have?"""
        ends_on = self.cleaned_data.get("ends_on")
        return bool(ends_on and (self.was_until is None or ends_on < self.was_until))

    def postpones(self) -> bool:
        """Does it take away, until a later day, what is in force today?"""
        today = timezone.localdate()
        return self.was_from <= today < self.cleaned_data["starts_on"]


def taker_choices(members: Sequence[Membership], leaving: Membership) -> list[tuple[str, list[tuple[str, str]]]]:
    """Who could take something over, by the identifier of a membership: those of the same body first, each once."""
    own: list[tuple[str, str]] = []
    others: list[tuple[str, str]] = []
    seen = {leaving.user_id}
    for is_own, found in ((True, own), (False, others)):
        for row in members:
            if (row.body_id == leaving.body_id) == is_own and row.user_id not in seen:
                seen.add(row.user_id)
                found.append((row.public_id, str(row.user)))
    groups = [(gettext("In the same group"), own), (gettext("Elsewhere in the region"), others)]
    return [(label, rows) for label, rows in groups if rows]


class HandOverForm(PlainForm):
    """What becomes of what a person holds who leaves or has left."""

    has_successor = False
    ends = _("Ends today")

    def __init__(
        self,
        *args: Any,
        membership: Membership,
        holdings: Sequence[Holding],
        members: Sequence[Membership],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.membership = membership
        self.takers = {row.public_id: row.user for row in members}
        self.held = {f"hold-{row.key}": row for row in holdings if row.give or row.end}
        groups = taker_choices(members, membership)
        for name, holding in self.held.items():
            choices: list[tuple[str, Any]] = [("", gettext("Stays as it is"))]
            if self.has_successor and holding.give:
                choices.append((SUCCESSOR, gettext("Goes to the one who comes")))
            if holding.end:
                choices.append((END, self.ends))
            if holding.give:
                choices += groups
            self.fields[name] = forms.ChoiceField(
                label=holding.title, help_text=holding.text, choices=choices, required=False
            )

    def form_layout(self) -> Layout:
        return Layout(Fieldset(gettext("What becomes of what the person holds"), *self.held)) if self.held else Layout()

    def choices(self) -> dict[str, Choice]:
        """What was chosen, by the holdings' keys; what stays as it is is left out."""
        chosen: dict[str, Choice] = {}
        for name, holding in self.held.items():
            value = self.cleaned_data[name]
            if value in (END, SUCCESSOR):
                chosen[holding.key] = value
            elif value:
                chosen[holding.key] = self.takers[value]
        return chosen


class EndForm(HandOverForm):
    """The last day of a membership, and what becomes of what the person holds."""

    last_day = forms.DateField(label=_("Last day"), initial=timezone.localdate, help_text=DATE_HELP)
    tell = forms.BooleanField(label=_("Tell the person by mail"), required=False, initial=True)

    ends = _("Ends on the same day")

    def __init__(self, *args: Any, is_own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_own:
            del self.fields["tell"]
            self.fields["own"] = forms.BooleanField(
                label=_("I end my own membership and lose the rights that it gives."),
                error_messages={"required": _("Tick this if you really want to end your own membership.")},
            )

    def clean_last_day(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["last_day"]
        if day < self.membership.starts_on:
            raise ValidationError(_("The last day cannot be before the first."), code="dates")
        return day

    def first_fields(self) -> list[str]:
        return ["last_day", *(name for name in ("tell", "own") if name in self.fields)]

    def form_layout(self) -> Layout:
        fields: list[Any] = list(self.first_fields())
        if self.held:
            fields.insert(1, Fieldset(gettext("What becomes of what the person holds"), *self.held))
        return Layout(*fields)


class ReplaceForm(EndForm):
    """The same, and who comes."""

    has_successor = True

    name = forms.CharField(label=_("Name of the one who comes"), max_length=150)
    email = forms.EmailField(label=_("E-mail address of the one who comes"))
    language = _language_field(
        _("Language of the invitation"), _("If the person has no account yet; otherwise the mail is in their own.")
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, membership=membership, **kwargs)
        self.fields["language"].initial = _first_language(membership.region)

    def first_fields(self) -> list[str]:
        return ["name", "email", "language", *super().first_fields()]

    def form_layout(self) -> Layout:
        rest = [name for name in ("tell", "own") if name in self.fields]
        parts: list[Any] = [Fieldset(gettext("Who comes"), "name", "email", "language"), "last_day"]
        if self.held:
            parts.append(Fieldset(gettext("What becomes of what the person holds"), *self.held))
        return Layout(*parts, *rest)

    def successor(self) -> Person:
        return Person(self.cleaned_data["email"].lower(), self.cleaned_data["name"])


# --- A person about herself -----------------------------------------------------------------------------------


class PersonForm(PlainForm):
    """A person's own name and language."""

    name = forms.CharField(label=_("Name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    language = _language_field(
        _("Language"), _("In which you get mail. The language of the pages is chosen at the top of each.")
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"name": user.name, "language": user.language}, **kwargs})


class AcceptForm(SetPasswordMixin, PlainForm):
    """What an invited person chooses when she comes in for the first time."""

    name = PersonForm.base_fields["name"]
    language = _language_field(
        _("Language"), _("In which you get mail. The language of the pages is chosen at the top of each.")
    )
    password1, password2 = SetPasswordMixin.create_password_fields()

    def __init__(self, *args: Any, user: User, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"name": user.name, "language": language}, **kwargs})
        self.user = user

    def clean(self) -> dict[str, Any]:
        self.validate_passwords()
        self.validate_password_for_user(self.user)
        return super().clean() or self.cleaned_data

    def values(self) -> Mapping[str, str]:
        return {
            "name": self.cleaned_data["name"],
            "language": self.cleaned_data["language"],
            "password": self.cleaned_data["password1"],
        }
