"""The document: one concrete table for handbooks, plans, templates and reports alike."""

from collections.abc import Mapping
from typing import Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_public_id
from documents.short_texts import short_state
from regions.models import Body, Region, StoredFile
from regions.permissions import Rights


def in_language(texts: Mapping[str, str], language: str | None = None) -> str:
    """The text in a language (the reader's own by default), or in the first one that there is."""
    language = language or get_language() or settings.LANGUAGE_CODE
    return texts.get(language) or next((text for text in texts.values() if text), "")


class DocumentQuerySet(models.QuerySet["Document"]):
    def readable_with(self, rights: Rights) -> Self:
        """Drafts that these rights open: all in a coordinated region, and those of one's own writing bodies."""
        return self.filter(
            models.Q(region_id__in=rights.coordinating_region_ids)
            | models.Q(writing_body_id__in=rights.body_ids)
            | models.Q(coordinating_body_id__in=rights.body_ids)
        )

    def for_list(self) -> Self:
        return self.select_related("region", "writing_body").order_by("kind", "pk")


class Document(models.Model):
    """A text with an outline that several people write, freeze, comment, decide and print.

    Every write to any part of a document first locks its row. What makes it a plan or a handbook is a row of an
    upper package beside it.
    """

    class Kind(models.TextChoices):
        PLAN = "plan", _("Action plan")
        HANDBOOK = "handbook", _("Handbook")
        TEMPLATE = "template", _("Handbook template")
        REPORT = "report", _("Report")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="documents", verbose_name=_("region"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    title = models.JSONField(_("title"), default=dict, help_text=_("Language code and title."))
    description = models.JSONField(_("short description"), default=dict, blank=True)
    texts_shown = models.JSONField(default=dict, blank=True, editable=False)
    """Of `title`, `description` and `cover_alt`: language -> the original of a translation, where it is another now."""
    languages = models.JSONField(
        _("languages"), default=list, help_text=_("Language codes; the first is the original's language.")
    )
    coordinating_body = models.ForeignKey(
        Body,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="coordinated_documents",
        verbose_name=_("coordinating body"),
    )
    writing_body = models.ForeignKey(
        Body,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="written_documents",
        verbose_name=_("writing body"),
    )
    cover = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("cover image")
    )
    cover_alt = models.JSONField(_("text alternative of the cover image"), default=dict, blank=True)
    is_sample = models.BooleanField(_("sample text"), default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        indexes = [models.Index(fields=["region", "kind"])]

    def __str__(self) -> str:
        return in_language(self.title) or self.public_id

    def get_absolute_url(self) -> str:
        return reverse("documents:document-detail", args=[self.region.slug, self.kind, self.public_id])

    @property
    def original(self) -> str:
        """The language that the others are translations of."""
        return self.languages[0] if self.languages else settings.LANGUAGE_CODE

    @property
    def is_bilingual(self) -> bool:
        return len(self.languages) > 1

    def title_in(self, language: str) -> str:
        return in_language(self.title, language)

    def short_state(self, name: str, language: str) -> str:
        """Whether the title, the description or the cover's text alternative is missing, current or behind."""
        return short_state(getattr(self, name), self.texts_shown.get(name, {}), language, self.original)
