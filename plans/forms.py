"""What people fill in about a plan, its goals, measures and indicators, and about compiling it."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Fieldset, Layout
from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, override, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from criteria.models import CriteriaSet, Criterion
from documents.blocks import Block
from documents.models import Section
from documents.rendering import plain_languages
from plans.blocks import to_plain
from plans.models import Action, ChapterFeed, Indicator, Plan, StatusEntry
from plans.models.action import ActionRole
from regions.models import Area, Body, Organisation, OrganisationGroup, Region

Choices = list[tuple[str, str]]
BASE_SALT = "plans.base"
DATE_HELP = _("For example 13.11.2026.")


class EuroField(forms.IntegerField):
    """Whole euros, also as people write them: 12 000."""

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str):
            value = "".join(value.replace("€", "").split())
        return super().to_python(value)


class Folded(Div):
    """A long list of boxes behind one line that names those that are ticked. An error opens it."""

    template = "plans/_folded.html"

    def render(self, form: Any, context: Any, **kwargs: Any) -> SafeString:
        (name,) = self.fields
        bound = form[name]
        ticked = {str(value) for value in bound.value() or []}
        self.label = bound.label
        self.chosen = [label for value, label in bound.field.choices if str(value) in ticked]
        self.summary = ngettext("%(count)d chosen", "%(count)d chosen", len(self.chosen)) % {"count": len(self.chosen)}
        self.is_open = bool(bound.errors)
        return super().render(form, context, **kwargs)


class _Form(forms.Form):
    """Drawn by crispy without its own <form> element and buttons."""

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper(self)
        helper.form_tag = False
        helper.include_media = False
        helper.disable_csrf = True
        layout = self.form_layout()
        if layout is not None:
            helper.layout = layout
        return helper

    def form_layout(self) -> Layout | None:
        """None: all fields below one another."""
        return None


class _TextsForm(_Form):
    """A form with texts in each language of a plan."""

    languages: list[str]

    def add_texts(
        self,
        name: str,
        label: Any,
        *,
        initial: Mapping[str, str],
        lines: int = 1,
        length: int = 300,
        help_text: Any = "",
    ) -> None:
        """One field for each language, side by side where there is room."""
        for code, language in plain_languages(self.languages):
            attrs: dict[str, Any] = {"lang": code}
            self.fields[f"{name}_{code}"] = forms.CharField(
                label=label if len(self.languages) == 1 else f"{label} ({language})",
                required=False,
                max_length=length,
                initial=initial.get(code, ""),
                help_text=help_text,
                widget=forms.Textarea(attrs={**attrs, "rows": lines}) if lines > 1 else forms.TextInput(attrs=attrs),
            )

    def names(self, name: str) -> list[str]:
        return [f"{name}_{code}" for code in self.languages]

    def beside(self, name: str) -> Div:
        """The languages of one text beside each other."""
        return Div(*self.names(name), css_class="fc-beside" if len(self.languages) > 1 else "")

    def texts(self, name: str) -> dict[str, str]:
        return {code: self.cleaned_data[f"{name}_{code}"] for code in self.languages}

    def require_text(self, name: str, message: Any) -> None:
        """The text is written in one language at least; the others may follow."""
        fields = self.names(name)
        if not any(self.cleaned_data.get(field, "").strip() for field in fields) and fields[0] not in self.errors:
            self.add_error(fields[0], ValidationError(message, code="title_missing"))


class _BlockForm(_TextsForm):
    """A form of a goal, measure or indicator. It carries the state that its writer was shown, so that a change that
    somebody else makes meanwhile is merged field by field and never written over.
    """

    units: Sequence[str] = ()

    def __init__(self, *args: Any, plan: Plan, block: Block | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        self.block = block
        self.languages = plan.document.languages
        self.base = block
        if block:
            self.fields["base"] = forms.CharField(
                initial=signing.dumps(block.to_json(), salt=BASE_SALT, compress=True),
                widget=forms.HiddenInput,
                required=False,
            )
        self.build(block.data if block else {})

    def build(self, data: Mapping[str, Any]) -> None:
        """Add the fields, with what the block says in them."""
        raise NotImplementedError

    def plain(self, unit: str) -> dict[str, str]:
        if self.block is None:
            return {}
        return {language: to_plain(text) for language, text in self.block.text.get(unit, {}).items()}

    def texts(self, name: str) -> dict[str, str]:
        """The typed texts, and those in languages that the plan no longer has."""
        kept = {} if self.base is None else self.base.text.get(name, {})
        return {language: to_plain(text) for language, text in kept.items()} | super().texts(name)

    def clean_base(self) -> str:
        """The state that the writer started from. Guessing it could write over another's text."""
        value = self.cleaned_data["base"]
        try:
            base = Block.from_json(signing.loads(value, salt=BASE_SALT))
        except signing.BadSignature:
            base = None
        if base is None or self.block is None or base.id != self.block.id:
            raise ValidationError(
                _(
                    "It is not known which text you started from, so nothing was saved. "
                    "Copy what you wrote, open the page again and add your changes."
                ),
                code="base_unknown",
            )
        self.base = base
        return value


class GoalForm(_BlockForm):
    """A goal: what should be true at the end of the period, why, and which criteria it answers."""

    def build(self, data: Mapping[str, Any]) -> None:
        self.add_texts(
            "title",
            _("Goal"),
            initial=self.plain("title"),
            lines=2,
            help_text=_("One sentence: what is true when the goal has been reached?"),
        )
        self.add_texts("rationale", _("Reason"), initial=self.plain("rationale"), lines=4, length=3000)
        self.fields["criteria"] = forms.MultipleChoiceField(
            label=_("Criteria"),
            required=False,
            choices=[(row.key, str(row)) for row in _criteria(self.plan)],
            initial=data.get("criteria", []),
            widget=forms.CheckboxSelectMultiple,
            help_text=_("Which criteria of the family centre does the goal answer?"),
        )

    def form_layout(self) -> Layout:
        base = ["base"] if "base" in self.fields else []
        return Layout(*base, self.beside("title"), self.beside("rationale"), Div("criteria", css_class="fc-choices"))

    def clean(self) -> dict[str, Any]:
        self.require_text("title", _("Write the goal before you save."))
        return self.cleaned_data

    def values(self) -> dict[str, Any]:
        """As `add_goal` and `change_goal` take it."""
        return {
            "title": self.texts("title"),
            "rationale": self.texts("rationale"),
            "criteria": self.cleaned_data["criteria"],
        }


class NewGoalForm(GoalForm):
    """A goal with the section that it stands in."""

    def __init__(self, *args: Any, sections: Choices, section: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["section"] = forms.ChoiceField(
            label=_("Section of the plan"), choices=sections, initial=section or None
        )

    def form_layout(self) -> Layout:
        return Layout("section", *super().form_layout().fields)


class SectionForm(_Form):
    """Where a goal moves to."""

    section = forms.ChoiceField(label=_("Section of the plan"))

    def __init__(self, *args: Any, sections: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _set_choices(self, "section", sections)


def _set_choices(form: forms.Form, name: str, choices: Iterable[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 for the type checker
    field.choices = list(choices)


def _criteria(plan: Plan) -> list[Criterion]:
    rows = plan.criteria_set.criteria.select_related("group").order_by("group__position", "position", "key")
    return list(rows)


def _parties(plan: Plan, chosen: Iterable[str]) -> Choices:
    """Groups of organisations and organisations of the region, by the key that a measure names them with.

    An organisation that is no longer valid stays as long as it is chosen.
    """
    chosen = set(chosen)
    groups = OrganisationGroup.objects.filter(region_id=plan.region_id)
    valid = set(Organisation.objects.filter(region_id=plan.region_id).valid_on().values_list("pk", flat=True))
    organisations = [
        (f"organisation:{row.public_id}", str(row))
        for row in Organisation.objects.filter(region_id=plan.region_id)
        if row.pk in valid or f"organisation:{row.public_id}" in chosen
    ]
    return [
        *sorted(((f"group:{row.public_id}", str(row)) for row in groups), key=lambda item: item[1].casefold()),
        *sorted(organisations, key=lambda item: item[1].casefold()),
    ]


class ActionForm(_BlockForm):
    """A measure: what is done, by whom, when and with what."""

    def build(self, data: Mapping[str, Any]) -> None:
        roles = [(row["key"], row["role"]) for row in data.get("roles", [])]
        parties = _parties(self.plan, (key for key, _role in roles))

        self.party_names = dict(parties)

        def in_role(role: str) -> list[str]:
            return [key for key, own in roles if own == role]

        def chosen_first(name: str, role: str) -> Choices:
            ticked = in_role(role)
            if self.is_bound:
                widget = forms.CheckboxSelectMultiple()
                ticked = widget.value_from_datadict(self.data, self.files, self.add_prefix(name)) or []
            return sorted(parties, key=lambda party: party[0] not in ticked)

        self.add_texts(
            "title", _("Measure"), initial=self.plain("title"), lines=2, help_text=_("What is done? One sentence.")
        )
        self.add_texts("description", _("Description"), initial=self.plain("description"), lines=4, length=3000)
        self.fields["lead"] = forms.ChoiceField(
            label=_("Lead responsibility"),
            required=False,
            choices=[("", _("Nobody yet")), *parties],
            initial=next(iter(in_role("lead")), ""),
            help_text=_("The organisation or group that sees to it that the measure is carried out."),
        )
        self.fields["owners"] = forms.MultipleChoiceField(
            label=_("Other responsible organisations"),
            required=False,
            choices=chosen_first("owners", "owner"),
            initial=in_role("owner"),
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["partners"] = forms.MultipleChoiceField(
            label=_("Partners"),
            required=False,
            choices=chosen_first("partners", "partner"),
            initial=in_role("partner"),
            widget=forms.CheckboxSelectMultiple,
        )
        for name, label in (("starts_on", _("Starts")), ("ends_on", _("Ends"))):
            self.fields[name] = forms.DateField(
                label=label,
                required=False,
                initial=datetime.date.fromisoformat(data[name]) if data.get(name) else None,
                help_text=DATE_HELP,
            )
        self.add_texts(
            "schedule",
            _("Schedule as printed"),
            initial=self.plain("schedule"),
            length=100,
            help_text=_("For example “autumn 2026” or “yearly”. Printed instead of the dates."),
        )
        self.fields["resources"] = forms.MultipleChoiceField(
            label=_("Resources"),
            required=False,
            choices=Action.Resource.choices,
            initial=data.get("resources", []),
            widget=forms.CheckboxSelectMultiple,
        )
        euros = data.get("euros", {})
        self.years = sorted({*_years(self.plan), *(int(year) for year in euros)})
        for year in self.years:
            self.fields[f"euros_{year}"] = EuroField(
                label=_("Euros in %(year)s") % {"year": year},
                required=False,
                min_value=0,
                max_value=999_999_999_999,
                initial=euros.get(str(year)),
                widget=forms.TextInput(attrs={"inputmode": "numeric"}),
            )

    def form_layout(self) -> Layout:
        base = ["base"] if "base" in self.fields else []
        return Layout(
            *base,
            Fieldset(_("Measure"), self.beside("title"), self.beside("description")),
            Fieldset(
                _("Who"),
                "lead",
                Folded("owners", css_class="fc-choices", data_search=_("Find an organisation")),
                Folded("partners", css_class="fc-choices", data_search=_("Find an organisation")),
            ),
            Fieldset(
                _("When"), Div("starts_on", "ends_on", css_class="fc-beside fc-beside--short"), self.beside("schedule")
            ),
            Fieldset(
                _("With what"),
                "resources",
                Div(*(f"euros_{year}" for year in self.years), css_class="fc-beside fc-beside--short"),
            ),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        self.require_text("title", _("Write the measure before you save."))
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", ValidationError(_("The measure must end after it starts."), code="dates"))
        responsible = {cleaned.get("lead"), *cleaned.get("owners", [])} - {"", None}
        names = self.party_names
        both = [names[key] for key in cleaned.get("partners", []) if key in responsible]
        if both:
            message = _("Already responsible, so not a partner too: %(names)s.") % {"names": ", ".join(both)}
            self.add_error("partners", ValidationError(message, code="two_roles"))
        return cleaned

    def roles(self) -> list[tuple[str, str]]:
        """In the order of the list; exactly as they were where nothing was changed."""
        lead = self.cleaned_data["lead"]
        roles = [(lead, ActionRole.Role.LEAD.value)] if lead else []
        roles += [(key, ActionRole.Role.OWNER.value) for key in self.cleaned_data["owners"] if key != lead]
        roles += [(key, ActionRole.Role.PARTNER.value) for key in self.cleaned_data["partners"]]
        before = [(row["key"], row["role"]) for row in self.base.data.get("roles", [])] if self.base else []
        return before if sorted(before) == sorted(roles) else roles

    def values(self) -> dict[str, Any]:
        """As `add_action` and `change_action` take it."""
        cleaned = self.cleaned_data
        amounts = {year: cleaned[f"euros_{year}"] for year in self.years}
        return {
            "title": self.texts("title"),
            "description": self.texts("description"),
            "schedule": self.texts("schedule"),
            "roles": self.roles(),
            "starts_on": cleaned["starts_on"],
            "ends_on": cleaned["ends_on"],
            "resources": cleaned["resources"],
            "euros": {year: amount for year, amount in amounts.items() if amount is not None},
        }


def _years(plan: Plan) -> range:
    return range(plan.starts_on.year, plan.ends_on.year + 1)


class IndicatorForm(_BlockForm):
    """An indicator of a goal, with what has been measured so far in the whole region."""

    def __init__(self, *args: Any, indicator: Indicator | None = None, **kwargs: Any) -> None:
        rows = indicator.values.filter(area=None) if indicator else []
        self.measured = {row.year: row.value for row in rows}
        super().__init__(*args, **kwargs)

    def build(self, data: Mapping[str, Any]) -> None:
        self.add_texts("name", _("Indicator"), initial=self.plain("name"), help_text=_("What is counted or asked?"))
        self.add_texts(
            "unit", _("Unit"), initial=self.plain("unit"), length=40, help_text=_("For example “%” or “visits”.")
        )
        self.add_texts(
            "source", _("Source"), initial=self.plain("source"), help_text=_("Where the figure is taken from.")
        )
        for name, label in (("baseline", _("Baseline")), ("target", _("Target"))):
            self.fields[name] = self._number(label, data.get(name))
            self.fields[f"{name}_year"] = forms.IntegerField(
                label=_("Year of the baseline") if name == "baseline" else _("Year of the target"),
                required=False,
                min_value=1990,
                max_value=2100,
                initial=data.get(f"{name}_year"),
                widget=forms.TextInput(attrs={"inputmode": "numeric"}),
            )
        known = [data.get("baseline_year"), data.get("target_year")]
        self.years = sorted({*_years(self.plan), *self.measured, *(year for year in known if year)})
        for year in self.years:
            self.fields[f"value_{year}"] = self._number(
                _("Measured in %(year)s") % {"year": year}, self.measured.get(year)
            )

    def _number(self, label: Any, initial: Any) -> forms.DecimalField:
        return forms.DecimalField(
            label=label,
            required=False,
            max_digits=14,
            decimal_places=2,
            localize=True,
            initial=None if initial is None else Decimal(format(Decimal(initial).normalize(), "f")),
            widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        )

    def form_layout(self) -> Layout:
        base = ["base"] if "base" in self.fields else []
        short = "fc-beside fc-beside--short"
        return Layout(
            *base,
            Fieldset(_("Indicator"), self.beside("name"), self.beside("unit"), self.beside("source")),
            Fieldset(
                _("From where to where"),
                Div("baseline", "baseline_year", css_class=short),
                Div("target", "target_year", css_class=short),
            ),
            Fieldset(_("What has been measured"), Div(*(f"value_{year}" for year in self.years), css_class=short)),
        )

    def clean(self) -> dict[str, Any]:
        self.require_text("name", _("Name the indicator before you save."))
        return self.cleaned_data

    def values(self) -> dict[str, Any]:
        """As `add_indicator` and `change_indicator` take it."""
        return {
            "name": self.texts("name"),
            "unit": self.texts("unit"),
            "source": self.texts("source"),
            **{name: self.cleaned_data[name] for name in ("baseline", "baseline_year", "target", "target_year")},
        }

    def changed_values(self) -> dict[int, Decimal | None]:
        """Year -> what is now said to have been measured, where it was changed; None where it was taken back."""
        values = {year: self.cleaned_data[f"value_{year}"] for year in self.years}
        return {year: value for year, value in values.items() if value != self.measured.get(year)}


class StatusForm(_TextsForm):
    """How a measure stands on a date."""

    status = forms.ChoiceField(label=pgettext_lazy("of a measure", "Status"), choices=StatusEntry.Status.choices)
    date = forms.DateField(label=_("Date"), initial=timezone.localdate, help_text=DATE_HELP)

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages = plan.document.languages
        self.add_texts(
            "note",
            _("What has been done"),
            initial={},
            lines=3,
            length=2000,
            help_text=_("One or two sentences. Do not write about individual people."),
        )

    def clean_date(self) -> datetime.date:
        date = self.cleaned_data["date"]
        if date > timezone.localdate():
            raise ValidationError(_("The date cannot be in the future."), code="future")
        return date

    def values(self) -> dict[str, Any]:
        note = {language: text for language, text in self.texts("note").items() if text}
        return {"status": self.cleaned_data["status"], "date": self.cleaned_data["date"], "note": note}


class GoalFilterForm(_Form):
    """What is looked for among the goals and measures."""

    organisation = forms.ChoiceField(label=_("Organisation"), required=False)
    criterion = forms.ChoiceField(label=_("Criterion"), required=False)
    status = forms.ChoiceField(label=pgettext_lazy("of a measure", "Status"), required=False)

    def __init__(self, *args: Any, plan: Plan, everyone: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        criteria = [(row.key, str(row)) for row in _criteria(plan)]
        _set_choices(self, "organisation", [("", _("All")), *everyone])
        _set_choices(self, "criterion", [("", _("All")), *criteria])
        _set_choices(self, "status", [("", _("All")), ("none", _("Nothing noted yet")), *StatusEntry.Status.choices])


COUNCIL_TERM = 4
A_TERM_BEGINS = 2025
"""County councils are elected for four years: 2025, 2029 and so on."""


def next_period(today: datetime.date) -> tuple[datetime.date, datetime.date]:
    """The calendar years of the next plan: from the coming one to the year in which the council's term ends.

    Where fewer than three would be left, the years of the next term come along.
    """
    first = today.year + 1
    last = first + (A_TERM_BEGINS - first) % COUNCIL_TERM
    if last - first < 2:
        last += COUNCIL_TERM
    return datetime.date(first, 1, 1), datetime.date(last, 12, 31)


def _plan_titles(languages: Iterable[str], first: int, last: int) -> dict[str, str]:
    titles = {}
    for code in languages:
        with override(code):
            titles[code] = gettext("Action plan of the family centre %(first)d–%(last)d") % {
                "first": first,
                "last": last,
            }
    return titles


class PlanForm(_TextsForm):
    """A new plan."""

    def __init__(self, *args: Any, region: Region, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.region = region
        self.languages = region.languages
        first, last = next_period(timezone.localdate())
        self.add_texts("title", _("Title"), initial=_plan_titles(self.languages, first.year, last.year), length=200)
        for name, label, initial in (("starts_on", _("Period starts"), first), ("ends_on", _("Period ends"), last)):
            self.fields[name] = forms.DateField(label=label, initial=initial, help_text=DATE_HELP)
        self.fields["criteria_set"] = forms.ModelChoiceField(
            label=_("Criteria set"),
            queryset=CriteriaSet.objects.filter(region=None) | CriteriaSet.objects.filter(region=region),
            empty_label=None,
            help_text=_("The criteria that the goals answer. They cannot be changed later."),
        )
        if len(self.languages) > 1:
            self.fields["languages"] = forms.MultipleChoiceField(
                label=_("Languages"),
                choices=plain_languages(self.languages),
                initial=self.languages,
                widget=forms.CheckboxSelectMultiple,
            )
        self._require_titles()
        self.fields["writing_body"] = forms.ModelChoiceField(
            label=_("Writing group"),
            queryset=Body.objects.filter(region=region),
            required=False,
            empty_label=_("None: only the coordinators write"),
            help_text=_("Its members read and edit the draft."),
        )
        self.fields["with_outline"] = forms.BooleanField(
            label=_("Begin with the chapters of a full plan"),
            required=False,
            initial=True,
            help_text=_(
                "A section for each area and for each group of criteria is made too. You can change all of it."
            ),
        )

    def _require_titles(self) -> None:
        """A title is required in each language that the plan is written in: all of them, until some are chosen."""
        chosen = self.languages
        if self.is_bound and "languages" in self.fields:
            widget = self.fields["languages"].widget
            chosen = widget.value_from_datadict(self.data, self.files, self.add_prefix("languages")) or []
        for code in self.languages:
            field = self.fields[f"title_{code}"]
            field.required = code in chosen
            field.error_messages["required"] = _("Give the document a title in this language.")

    def form_layout(self) -> Layout:
        languages = ["languages"] if "languages" in self.fields else []
        return Layout(
            self.beside("title"),
            Div("starts_on", "ends_on", css_class="fc-beside fc-beside--short"),
            "criteria_set",
            *languages,
            "writing_body",
            "with_outline",
        )

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        chosen = self.chosen_languages()
        if not chosen and "languages" not in self.errors:
            self.add_error("languages", ValidationError(_("Choose at least one language."), code="no_language"))
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", ValidationError(_("The period must end after it starts."), code="dates"))
        return cleaned

    def chosen_languages(self) -> list[str]:
        """In the region's own order."""
        if "languages" not in self.fields:
            return list(self.languages)
        return [code for code in self.languages if code in self.cleaned_data.get("languages", [])]

    def values(self) -> dict[str, Any]:
        """As `create_plan` takes it."""
        chosen = self.chosen_languages()
        names = ("starts_on", "ends_on", "criteria_set", "writing_body", "with_outline")
        return {
            "title": {code: text for code, text in self.texts("title").items() if code in chosen},
            "languages": chosen,
            **{name: self.cleaned_data[name] for name in names},
        }


class FeedForm(_Form):
    """Which handbook answers a chapter is compiled from."""

    facets = forms.MultipleChoiceField(
        label=_("What the handbook was asked"),
        choices=Section.Facet.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    arrangement = forms.ChoiceField(
        label=_("Order of the first draft"), choices=ChapterFeed.Arrangement.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, plan: Plan, feed: ChapterFeed | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas = Area.objects.filter(region_id=plan.region_id)
        self.fields["criteria"] = forms.ModelMultipleChoiceField(
            label=_("Criteria"),
            queryset=plan.criteria_set.criteria.order_by("group__position", "position", "key"),
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        if areas.exists():
            self.fields["areas"] = forms.ModelMultipleChoiceField(
                label=_("Areas"), queryset=areas, required=False, widget=forms.CheckboxSelectMultiple
            )
        self.fields["criteria"].help_text = self.fields["facets"].help_text = _("Nothing chosen means all.")
        if feed:
            self.initial = {
                "criteria": [row.pk for row in feed.criteria.all()],
                "areas": [row.pk for row in feed.areas.all()],
                "facets": feed.facets,
                "arrangement": feed.arrangement,
            }
        else:
            self.initial = {"arrangement": ChapterFeed.Arrangement.BY_FACET}

    def form_layout(self) -> Layout:
        areas = ["areas"] if "areas" in self.fields else []
        return Layout("facets", *areas, Div("criteria", css_class="fc-choices"), "arrangement")

    def values(self) -> dict[str, Any]:
        """As `set_feed` takes it."""
        cleaned = self.cleaned_data
        return {
            "criteria": list(cleaned["criteria"]),
            "areas": list(cleaned.get("areas", [])),
            "facets": cleaned["facets"],
            "arrangement": cleaned["arrangement"],
        }


class ReasonForm(_Form):
    """Why something is left out. The area whose words it were reads it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Those who wrote the handbook see the reason."),
    )
