"""What people fill in about an indicator and what has been measured."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from crispy_forms.layout import Div, Fieldset, Layout
from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainForm
from plans.forms.base import BlockForm, years_of
from plans.models import Indicator
from regions.models import Area

VALUES_SALT = "plans.measured"


Figure = tuple[int, Area | None, Decimal | None]
"""Year, area (None for the whole region) and what is now said to have been measured; no value takes it back."""


class FiguresShown(forms.Form):
    """Carries the figures that the writer was shown, so that only what she changed is written, however long the page
    was open.
    """

    def add_was(self, now: Mapping[str, Decimal]) -> None:
        """`now` are the figures by the name of their field."""
        self.fields["was"] = forms.CharField(
            required=False,
            initial=signing.dumps({key: _plain(value) for key, value in now.items()}, salt=VALUES_SALT),
            widget=forms.HiddenInput,
        )

    def clean_was(self) -> dict[str, str]:
        try:
            return dict(signing.loads(self.cleaned_data["was"], salt=VALUES_SALT))
        except signing.BadSignature:
            raise ValidationError(
                _("It is not known which figures you started from, so nothing was saved. Open the page again."),
                code="base_unknown",
            ) from None

    def is_changed(self, name: str) -> bool:
        was: Mapping[str, str] = self.cleaned_data.get("was", {})
        return _plain(self.cleaned_data[name]) != was.get(name)


class IndicatorForm(FiguresShown, BlockForm):
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
            self.fields[name] = number_field(label, data.get(name))
            self.fields[f"{name}_year"] = forms.IntegerField(
                label=_("Year of the baseline") if name == "baseline" else _("Year of the target"),
                required=False,
                min_value=1990,
                max_value=2100,
                initial=data.get(f"{name}_year"),
                widget=forms.TextInput(attrs={"inputmode": "numeric"}),
            )
        known = [data.get("baseline_year"), data.get("target_year")]
        self.years = sorted({*years_of(self.plan), *self.measured, *(year for year in known if year)})
        for year in self.years:
            self.fields[f"value_{year}"] = number_field(
                _("Measured in %(year)s") % {"year": year}, self.measured.get(year)
            )
        if self.block:
            self.add_was({f"value_{year}": value for year, value in self.measured.items()})

    def form_layout(self) -> Layout:
        base = ["base", "was"] if self.block else []
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

    def changes(self) -> list[Figure]:
        return [
            (year, None, self.cleaned_data[f"value_{year}"]) for year in self.years if self.is_changed(f"value_{year}")
        ]


def number_field(label: Any, initial: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        max_digits=14,
        decimal_places=2,
        localize=True,
        initial=None if initial is None else Decimal(format(Decimal(initial).normalize(), "f")),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )


class MeasuredForm(FiguresShown, PlainForm):
    """What an indicator has measured, by year, in the whole region and in each of its areas."""

    def __init__(self, *args: Any, indicator: Indicator, areas: Sequence[Area], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.areas = {area.pk: area for area in areas}
        rows = list(indicator.values.all())
        now = {f"v_{row.year}_{row.area_id or 0}": row.value for row in rows}
        named = {indicator.baseline_year, indicator.target_year} - {None}
        self.years = sorted({*years_of(indicator.plan), *(row.year for row in rows), *named})
        self.add_was(now)
        for year in self.years:
            for area in (None, *areas):
                name = f"v_{year}_{area.pk if area else 0}"
                where = str(area) if area else gettext("the whole region")
                label = _("Measured in %(year)s: %(where)s") % {"year": year, "where": where}
                self.fields[name] = number_field(label, now.get(name))

    def rows(self) -> list[tuple[str, list[forms.BoundField]]]:
        """A line for the whole region and for each area, with a field for each year."""
        places = [(0, gettext("The whole region")), *((pk, str(area)) for pk, area in self.areas.items())]
        return [(name, [self[f"v_{year}_{pk}"] for year in self.years]) for pk, name in places]

    def changes(self) -> list[Figure]:
        return [
            (year, self.areas.get(pk), self.cleaned_data[f"v_{year}_{pk}"])
            for year in self.years
            for pk in (0, *self.areas)
            if self.is_changed(f"v_{year}_{pk}")
        ]


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize(), "f")
