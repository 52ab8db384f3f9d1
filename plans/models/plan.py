"""The plan: its period, the criteria it answers to, and which handbook answers feed which chapter."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from criteria.models import CriteriaSet, Criterion
from documents.models import Document, Section, Version
from regions.models import Area, Region


class Plan(models.Model):
    """A regional action plan for a period, bound to one criteria set."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="plans", verbose_name=_("region"))
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="plan")
    starts_on = models.DateField(_("period starts"))
    ends_on = models.DateField(_("period ends"))
    criteria_set = models.ForeignKey(
        CriteriaSet, on_delete=models.PROTECT, related_name="plans", verbose_name=_("criteria set")
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="local_plans",
        verbose_name=_("regional plan"),
        help_text=_("For a local plan: the plan of the whole region that it belongs to."),
    )

    class Meta:
        verbose_name = _("action plan")
        verbose_name_plural = _("action plans")
        ordering = ["region", "-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")),
                name="plan_period_ends_after_it_starts",
                violation_error_message=_("The period must end after it starts."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.document)

    @property
    def period(self) -> str:
        """As it is printed: "2023–2025"."""
        one, other = self.starts_on.year, self.ends_on.year
        return str(one) if one == other else f"{one}–{other}"


class ChapterFeed(models.Model):
    """Which handbook answers a section of the plan is compiled from. An empty choice means all."""

    class Arrangement(models.TextChoices):
        BY_FACET = "facet", _("By question, then by area")
        BY_AREA = "area", _("By area, then by question")

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    section = models.OneToOneField(Section, on_delete=models.CASCADE, related_name="feed", verbose_name=_("section"))
    criteria = models.ManyToManyField(Criterion, blank=True, related_name="+", verbose_name=_("criteria"))
    areas = models.ManyToManyField(Area, blank=True, related_name="+", verbose_name=_("areas"))
    facets = models.JSONField(_("facets"), default=list, blank=True)
    arrangement = models.CharField(
        _("arrangement"), max_length=10, choices=Arrangement.choices, default=Arrangement.BY_FACET
    )

    class Meta:
        verbose_name = _("feed of a chapter")
        verbose_name_plural = _("feeds of chapters")

    def __str__(self) -> str:
        return str(self.section)


class NeedDecision(models.Model):
    """What became of a development need that no action answers: "not this period", with the reason."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="need_decisions")
    handbook_version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    block_id = models.CharField(_("need"), max_length=10)
    reason = models.CharField(_("reason"), max_length=500)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("decision on a need")
        verbose_name_plural = _("decisions on needs")
        constraints = [
            models.UniqueConstraint(fields=["plan", "block_id"], name="need_is_decided_once_in_plan"),
            models.CheckConstraint(
                condition=~models.Q(reason=""),
                name="need_decision_has_a_reason",
                violation_error_message=_("Give a reason."),
            ),
        ]

    def __str__(self) -> str:
        return self.reason
