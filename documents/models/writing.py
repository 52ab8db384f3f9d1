"""People writing together: who has a section open, what they say to each other about it, what they use again."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_public_id
from documents.models.document import Document
from documents.models.outline import Section
from regions.models import Region

PRESENT = timedelta(seconds=45)
"""A browser tells every 15 seconds that it has the section open; after three that did not come, it has not."""


class VisitQuerySet(models.QuerySet["Visit"]):
    def present(self) -> Self:
        """Those who have the section open now."""
        return self.filter(is_open=True, seen_at__gte=timezone.now() - PRESENT)


class Visit(models.Model):
    """Up to which revision somebody has seen a section, and whether they have it open now.

    What is newer and by others is unread. Written by the browser's own message that the page is being looked at, never
    by opening an address.
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="visits")
    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="visits")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField(_("seen up to revision"), default=0)
    is_open = models.BooleanField(_("open now"), default=False)
    seen_at = models.DateTimeField(_("last seen"), default=timezone.now)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit to a section")
        verbose_name_plural = _("visits to sections")
        constraints = [models.UniqueConstraint(fields=["section", "user"], name="visit_is_one_per_person_and_section")]
        indexes = [models.Index(fields=["document", "user"])]

    def __str__(self) -> str:
        return f"{self.user} {self.section} #{self.number}"


class NoteQuerySet(models.QuerySet["Note"]):
    def open(self) -> Self:
        """The threads that wait for somebody."""
        return self.filter(thread=None, resolved_at=None)


class Note(models.Model):
    """What writers say to each other about a section, a block, a goal or a measure; in no version and no export.

    The first note of a thread has no `thread`; answers have it. A thread is resolved and reopened as a whole.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="notes")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="notes")
    block_id = models.CharField(
        _("block"), max_length=10, blank=True, help_text=_("Empty when the note is about the whole section.")
    )
    quote = models.CharField(
        _("words"), max_length=500, blank=True, help_text=_("The block's first words when the note was written.")
    )
    thread = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="answers")
    text = models.TextField(_("note"), max_length=4000)
    mentioned = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("internal note")
        verbose_name_plural = _("internal notes")
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["document", "section"],
                condition=models.Q(thread=None, resolved_at=None),
                name="open_note_by_document",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Phrase(models.Model):
    """A text that a region uses again and again, kept to be put into any document."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="phrases")
    name = models.CharField(_("name"), max_length=120)
    text = models.JSONField(_("text"), default=dict, help_text=_("Language code and HTML."))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("text used again")
        verbose_name_plural = _("texts used again")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "name"],
                name="phrase_name_is_unique_in_region",
                violation_error_message=_("The region already has a text with this name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GlossaryTerm(models.Model):
    """How a region says one thing in each of its languages: "kohtaamispaikka", "träffpunkt"."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="glossary")
    words = models.JSONField(_("words"), default=dict, help_text=_("Language code and word."))
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("glossary word")
        verbose_name_plural = _("glossary words")
        ordering = ["pk"]

    def __str__(self) -> str:
        return " – ".join(word for word in self.words.values() if word)
