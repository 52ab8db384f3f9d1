"""What search looks through: every block and heading that somebody may read, in each of its languages."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from documents.models.document import Document
from documents.models.outline import Section
from documents.models.version import Version
from regions.models import Region
from regions.permissions import Rights


class PassageQuerySet(models.QuerySet["Passage"]):
    def of_draft(self) -> Self:
        return self.filter(version=None)

    def visible(self, rights: Rights, public: dict[str, list[int]]) -> Self:
        """What these rights open, and what anybody may read: `public` names the public versions of each language."""
        readable = Document.objects.readable_with(rights).values("pk")
        anybody = models.Q(pk__in=[])
        for language, versions in public.items():
            anybody |= models.Q(language=language, version__in=versions)
        there = models.Q(section=None) | models.Q(section__removed_at=None)
        return self.filter(anybody | (models.Q(document__in=readable) & there))


class Passage(models.Model):
    """The words of one block or heading in one language, in the draft or in a frozen version.

    A copy for finding: the draft's are written anew with each save, all of them by `manage.py build_search`. Without a
    block it is a heading; without a section's key, the title and description of the whole document. Its words and their
    basic forms are in a table of the database's own kind (see `documents.search.tokens`).
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="passages")
    version = models.ForeignKey(
        Version, on_delete=models.CASCADE, null=True, related_name="passages", help_text=_("Empty for the draft.")
    )
    section = models.ForeignKey(
        Section,
        on_delete=models.CASCADE,
        null=True,
        related_name="passages",
        help_text=_("The section of the draft; a version's passages name theirs by its key alone."),
    )
    section_key = models.CharField(max_length=80, blank=True)
    number = models.CharField(
        max_length=20, blank=True, help_text=_("The section's printed number in a version; that of a draft changes.")
    )
    block_id = models.CharField(max_length=10, blank=True)
    language = models.CharField(max_length=2)
    is_heading = models.BooleanField(default=False)
    text = models.TextField(_("text"))
    dated = models.DateTimeField(_("when"))

    objects = PassageQuerySet.as_manager()

    class Meta:
        verbose_name = _("passage for search")
        verbose_name_plural = _("passages for search")
        indexes = [
            models.Index(fields=["document", "version", "section_key"], name="passage_by_place"),
        ]

    def __str__(self) -> str:
        return self.text[:60]
