"""What people fill in when they compile a plan from handbooks."""

from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainForm
from documents.models import Section
from plans.models import ChapterFeed, Plan
from regions.models import Area


class FeedForm(PlainForm):
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
