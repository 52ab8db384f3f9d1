"""Goals and the indicators that tell whether they are reached."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_public_id
from criteria.models import Criterion
from documents.models import Section
from documents.models.document import in_language
from documents.models.outline import reading_order
from plans.models.plan import Plan
from regions.models import Area, Region


class GoalQuerySet(models.QuerySet["Goal"]):
    def in_order(self) -> Self:
        return self.order_by(*reading_order("section__"), "position", "pk")

    def for_list(self) -> Self:
        return (
            self.in_order()
            .select_related("section", "section__parent")
            .prefetch_related("criteria", "indicators", "indicators__values")
        )


class Goal(models.Model):
    """What the network wants to be true at the end of the period. A block of the plan with fields of its own."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="goals", verbose_name=_("action plan"))
    section = models.ForeignKey(
        Section, on_delete=models.PROTECT, related_name="goals", verbose_name=_("priority or chapter")
    )
    block_id = models.CharField(max_length=10, unique=True, editable=False)
    position = models.PositiveIntegerField(_("order"), default=0)
    title = models.JSONField(_("goal"), default=dict)
    rationale = models.JSONField(_("reason"), default=dict, blank=True)
    criteria = models.ManyToManyField(Criterion, blank=True, related_name="goals", verbose_name=_("criteria"))
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    objects = GoalQuerySet.as_manager()

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return in_language(self.title)


class Indicator(models.Model):
    """A measure of a goal: unit, baseline and target. Its values by year and area are data, not text."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="indicators", verbose_name=_("action plan"))
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="indicators")
    block_id = models.CharField(max_length=10, unique=True, editable=False)
    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, related_name="indicators", verbose_name=_("goal"))
    position = models.PositiveIntegerField(_("order"), default=0)
    name = models.JSONField(_("indicator"), default=dict)
    unit = models.JSONField(_("unit"), default=dict, blank=True)
    source = models.JSONField(_("source"), default=dict, blank=True)
    baseline = models.DecimalField(_("baseline"), max_digits=14, decimal_places=2, null=True, blank=True)
    baseline_year = models.PositiveSmallIntegerField(_("year of the baseline"), null=True, blank=True)
    target = models.DecimalField(_("target"), max_digits=14, decimal_places=2, null=True, blank=True)
    target_year = models.PositiveSmallIntegerField(_("year of the target"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return in_language(self.name)


class IndicatorValue(models.Model):
    """An indicator's measured value in one year, in the whole region or in one area."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="values")
    year = models.PositiveSmallIntegerField(_("year"))
    area = models.ForeignKey(
        Area, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("area")
    )
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = _("value of an indicator")
        verbose_name_plural = _("values of indicators")
        ordering = ["year"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "year", "area"],
                condition=models.Q(area__isnull=False),
                name="indicator_has_one_value_a_year_and_area",
                violation_error_message=_("This indicator already has a value for that year."),
            ),
            models.UniqueConstraint(
                fields=["indicator", "year"],
                condition=models.Q(area=None),
                name="indicator_has_one_value_a_year_in_the_region",
                violation_error_message=_("This indicator already has a value for that year."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}: {self.value}"
