"""Against what: sets of criteria and the scale on which they are assessed."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from regions.models import Region


class AssessmentScale(models.Model):
    """Steps in words on which a criterion is assessed, such as "not met" to "met"."""

    key = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=150)

    class Meta:
        verbose_name = _("assessment scale")
        verbose_name_plural = _("assessment scales")
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name


class ScaleStep(models.Model):
    """One step of a scale. A step that is not an assessment ("not assessed") has `assessed` off."""

    scale = models.ForeignKey(
        AssessmentScale, on_delete=models.CASCADE, related_name="steps", verbose_name=_("assessment scale")
    )
    key = models.SlugField(_("key"))
    label = models.CharField(_("label"), max_length=60)
    description = models.TextField(_("description"), blank=True)
    position = models.PositiveSmallIntegerField(pgettext_lazy("place in a list", "order"), default=0)
    assessed = models.BooleanField(
        _("is an assessment"), default=True, help_text=_("Off for the step that means that nobody has assessed yet.")
    )

    class Meta:
        verbose_name = _("step of a scale")
        verbose_name_plural = _("steps of a scale")
        ordering = ["scale", "position", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["scale", "key"],
                name="scale_step_key_is_unique",
                violation_error_message=_("The scale has another step with this key."),
            ),
        ]

    def __str__(self) -> str:
        return self.label


class CriteriaSet(models.Model):
    """One version of a set of criteria, with where it comes from. Several sets live side by side.

    Without a region it is national. Once something is bound to it, it is frozen, and a change is a new version.
    """

    key = models.SlugField(_("key"))
    version = models.CharField(_("version"), max_length=20)
    name = models.CharField(_("name"), max_length=200)
    source = models.TextField(_("source"), help_text=_("Who published the criteria, where and when."))
    source_url = models.URLField(_("address of the source"), blank=True)
    official = models.BooleanField(
        _("official"), default=False, help_text=_("On only when the wording is exactly that of the source.")
    )
    scale = models.ForeignKey(
        AssessmentScale, on_delete=models.PROTECT, related_name="criteria_sets", verbose_name=_("assessment scale")
    )
    region = models.ForeignKey(
        Region,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="criteria_sets",
        verbose_name=_("region"),
        help_text=_("Empty for national criteria."),
    )
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    frozen_at = models.DateTimeField(_("in use since"), null=True, editable=False)

    class Meta:
        verbose_name = _("criteria set")
        verbose_name_plural = _("criteria sets")
        ordering = ["key", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "version"],
                name="criteria_set_version_is_unique",
                violation_error_message=_("There is another set with this key and version."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def is_frozen(self) -> bool:
        return self.frozen_at is not None

    @property
    def label(self) -> str:
        """What must stand beside the set's name wherever it is shown: empty when it is official."""
        return "" if self.official else pgettext("criteria set", "sample, not official")


class CriteriaGroup(models.Model):
    """Criteria that belong together."""

    set = models.ForeignKey(
        CriteriaSet, on_delete=models.CASCADE, related_name="groups", verbose_name=_("criteria set")
    )
    key = models.SlugField(_("key"))
    name = models.CharField(_("name"), max_length=150)
    position = models.PositiveSmallIntegerField(pgettext_lazy("place in a list", "order"), default=0)

    class Meta:
        verbose_name = _("group of criteria")
        verbose_name_plural = _("groups of criteria")
        ordering = ["set", "position", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["set", "key"],
                name="criteria_group_key_is_unique",
                violation_error_message=_("The set has another group with this key."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Criterion(models.Model):
    """One thing that a family centre should fulfil, in the words of its set."""

    set = models.ForeignKey(
        CriteriaSet, on_delete=models.CASCADE, related_name="criteria", verbose_name=_("criteria set")
    )
    group = models.ForeignKey(
        CriteriaGroup, on_delete=models.RESTRICT, related_name="criteria", verbose_name=_("group of criteria")
    )
    key = models.SlugField(_("key"))
    code = models.CharField(
        pgettext_lazy("printed number of a criterion", "number"),
        max_length=20,
        blank=True,
        help_text=_("As it is printed, for example 2.1."),
    )
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    position = models.PositiveSmallIntegerField(pgettext_lazy("place in a list", "order"), default=0)

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ["set", "position", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["set", "key"],
                name="criterion_key_is_unique",
                violation_error_message=_("The set has another criterion with this key."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}".strip()
