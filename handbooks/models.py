"""Handbooks: what a local group answers to a template's tasks, and the Word files that answers arrive in."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_public_id
from criteria.models import CriteriaSet, Criterion, ScaleStep
from documents.models import Document, Section, Version
from regions.models import Area, Municipality, Region, StoredFile


class Template(models.Model):
    """A handbook template: a document whose sections carry guidance, facets and criteria."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="template")
    key = models.SlugField(_("key"), max_length=80)
    criteria_set = models.ForeignKey(
        CriteriaSet, on_delete=models.PROTECT, related_name="+", verbose_name=_("criteria set")
    )

    class Meta:
        verbose_name = _("handbook template")
        verbose_name_plural = _("handbook templates")
        constraints = [
            models.UniqueConstraint(
                fields=["region", "key"],
                name="template_key_is_unique_in_region",
                violation_error_message=_("The region already has a template with this key."),
            )
        ]

    def __str__(self) -> str:
        return str(self.document)


class HandbookQuerySet(models.QuerySet["Handbook"]):
    def for_list(self) -> Self:
        return self.select_related(
            "document", "document__region", "document__writing_body", "area", "municipality", "handed_in"
        ).defer("handed_in__content")

    def handed_in(self) -> Self:
        return self.exclude(handed_in=None)


class Handbook(models.Model):
    """The handbook of an area, a municipality or a centre, bound to a frozen version of its template."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="handbooks", verbose_name=_("region"))
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="handbook")
    template_version = models.ForeignKey(
        Version, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("version of the template")
    )
    area = models.ForeignKey(
        Area, on_delete=models.PROTECT, null=True, blank=True, related_name="handbooks", verbose_name=_("area")
    )
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("municipality")
    )
    centre = models.CharField(_("family centre"), max_length=150, blank=True)
    year = models.PositiveSmallIntegerField(_("year"))
    handed_in = models.ForeignKey(
        Version,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("handed-in version"),
        help_text=_("The plan is compiled from this version."),
    )

    objects = HandbookQuerySet.as_manager()

    class Meta:
        verbose_name = _("handbook")
        verbose_name_plural = _("handbooks")
        ordering = ["region", "area__position", "pk"]

    def __str__(self) -> str:
        return str(self.document)

    @property
    def place(self) -> str:
        """The area, municipality or centre whose handbook this is."""
        return self.centre or str(self.area or self.municipality or self.region)


class WordImport(models.Model):
    """One Word file that was brought in: what was in it and where each piece went."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    handbook = models.ForeignKey(Handbook, on_delete=models.PROTECT, related_name="word_imports")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file"))
    language = models.CharField(_("language"), max_length=2, default="fi")
    tracked_changes = models.CharField(_("tracked changes"), max_length=10, blank=True)
    placement = models.JSONField(_("where each piece went"), default=dict)
    words_in_file = models.PositiveIntegerField(_("words in the file"), default=0)
    words_imported = models.PositiveIntegerField(_("words imported"), default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("brought"), auto_now_add=True)
    imported_at = models.DateTimeField(_("imported"), null=True, blank=True)

    class Meta:
        verbose_name = _("Word import")
        verbose_name_plural = _("Word imports")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.file} → {self.handbook}"


class Assessment(models.Model):
    """A group's own assessment of one criterion, on the criteria set's scale."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    handbook = models.ForeignKey(Handbook, on_delete=models.CASCADE, related_name="assessments")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    block_id = models.CharField(max_length=10, blank=True, editable=False)
    criterion = models.ForeignKey(
        Criterion, on_delete=models.PROTECT, related_name="assessments", verbose_name=_("criterion")
    )
    step = models.ForeignKey(ScaleStep, on_delete=models.PROTECT, related_name="+", verbose_name=_("assessment"))
    note = models.JSONField(_("reason"), default=dict, blank=True)

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        constraints = [
            models.UniqueConstraint(fields=["handbook", "criterion"], name="criterion_is_assessed_once_in_handbook"),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.step}"
