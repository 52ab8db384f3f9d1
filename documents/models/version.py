"""Frozen versions, the files made of them and when they were public."""

import json
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from documents.models.document import Document
from regions.models import Region, StoredFile


class VersionQuerySet(models.QuerySet["Version"]):
    def for_list(self) -> "VersionQuerySet":
        """Without the content, which may be megabytes."""
        return self.select_related("label", "frozen_by").defer("content")


class Version(models.Model):
    """A frozen document. `content` never changes: a trigger on the database refuses it.

    It is canonical JSON in UTF-8 (sorted keys, no spaces) that begins with `{"schema":N`; `frozen.read` lifts old
    schemas. Reading, commenting, comparing, publishing and printing work from here, never from the draft.
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("number"))
    content = models.BinaryField(_("content"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    heads = models.JSONField(
        default=dict, editable=False, help_text=_("Section key and the number of the revision that was frozen.")
    )
    made_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    frozen_at = models.DateTimeField(_("frozen"), auto_now_add=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["document", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="version_number_is_unique_in_document"),
        ]

    def __str__(self) -> str:
        return f"{self.document} v{self.number}"

    def get_absolute_url(self) -> str:
        document = self.document
        return reverse(
            "documents:version-detail", args=[document.region.slug, document.kind, document.public_id, self.number]
        )

    @cached_property
    def json(self) -> dict[str, Any]:
        """The content as stored, in the schema that it was frozen in."""
        return json.loads(bytes(self.content))


class VersionLabel(models.Model):
    """The name that people gave a version: "Lausunnoille 12.10."."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    version = models.OneToOneField(Version, on_delete=models.CASCADE, related_name="label")
    name = models.CharField(_("name"), max_length=120)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField(_("given"), auto_now=True)

    class Meta:
        verbose_name = _("name of a version")
        verbose_name_plural = _("names of versions")

    def __str__(self) -> str:
        return self.name


class Rendition(models.Model):
    """A file made of a version, made once and never remade."""

    class Format(models.TextChoices):
        PDF = "pdf", "PDF"
        DOCX = "docx", "Word"
        XLSX = "xlsx", "Excel"
        JSON = "json", "JSON"

    class Layout(models.TextChoices):
        FULL = "full", _("Whole document")
        SUMMARY = "summary", _("Summary")
        TABLE = "table", _("Goals and measures")

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="renditions")
    format = models.CharField(_("format"), max_length=5, choices=Format.choices)
    layout = models.CharField(_("layout"), max_length=10, choices=Layout.choices, default=Layout.FULL)
    language = models.CharField(_("language"), max_length=2)
    is_draft = models.BooleanField(
        _("marked as a draft"), default=False, help_text=_("Made before the version was ever public, and says so.")
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    check_report = models.JSONField(_("check report"), default=dict)
    release = models.CharField(_("made by release"), max_length=40)
    made_at = models.DateTimeField(_("made"), auto_now_add=True)

    class Meta:
        verbose_name = _("rendition")
        verbose_name_plural = _("renditions")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "format", "layout", "language", "is_draft"], name="rendition_is_made_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.format} {self.layout} {self.language}"


class Publication(models.Model):
    """Which version of a document is public, from when and in which languages."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="publications")
    languages = models.JSONField(_("languages"), default=list)
    published_at = models.DateTimeField(_("published"))
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        ordering = ["-published_at"]

    def __str__(self) -> str:
        return f"{self.version} {self.published_at:%Y-%m-%d}"
