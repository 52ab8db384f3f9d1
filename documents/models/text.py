"""The text's history: revisions, the ids that the document has issued, and conflicts that wait for a person."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from documents import blocks
from documents.models.document import Document
from documents.models.outline import Section
from regions.models import Region


class RevisionQuerySet(models.QuerySet["Revision"]):
    def line(self) -> Self:
        """The states that the section has had, one after another: without what was only somebody's before merging."""
        return self.filter(is_side=False)


class Revision(models.Model):
    """One saved state of a section in all its languages. Never changed afterwards."""

    class Origin(models.TextChoices):
        TYPED = "typed", _("Written")
        MERGED = "merged", _("Merged with another's change")
        IMPORTED = "imported", _("Imported from a file")
        COMPILED = "compiled", _("Compiled from handbooks")
        ACCEPTED = "accepted", _("Accepted proposal")
        RESTORED = "restored", _("Restored")
        MOVED = "moved", _("Moved")

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="revisions")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField(_("number"))
    content = models.JSONField(_("blocks"), default=list)
    base = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    origin = models.CharField(_("origin"), max_length=10, choices=Origin.choices, default=Origin.TYPED)
    client_key = models.CharField(
        max_length=64, blank=True, editable=False, help_text=_("Sending the same save twice is saving once.")
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    is_side = models.BooleanField(
        _("before merging"),
        default=False,
        help_text=_("What its writer had, before it was merged with what another had saved; never the section's text."),
    )
    is_automatic = models.BooleanField(
        _("saved while typing"), default=False, help_text=_("Saved by the editor, without anybody pressing Save.")
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("when"), auto_now_add=True)

    objects = RevisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["section", "number"]
        constraints = [
            models.UniqueConstraint(fields=["section", "number"], name="revision_number_is_unique_in_section"),
            models.UniqueConstraint(
                fields=["section", "client_key"],
                condition=~models.Q(client_key=""),
                name="revision_is_saved_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.section} #{self.number}"

    @property
    def blocks(self) -> list[blocks.Block]:
        return blocks.load(self.content)


class BlockIdentity(models.Model):
    """An id that the document has issued: a permanent address, with where it came from and what took it over."""

    class Lineage(models.TextChoices):
        SPLIT = "split", _("Split")
        COPIED = "copied", _("Copied")
        MOVED = "moved", _("Moved")

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="block_identities")
    block_id = models.CharField(max_length=10, unique=True)
    section = models.ForeignKey(
        Section,
        on_delete=models.PROTECT,
        null=True,
        related_name="block_identities",
        help_text=_("Where the block stands now; empty when it is gone."),
    )
    came_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="offspring")
    lineage = models.CharField(max_length=10, choices=Lineage.choices, blank=True)
    alias_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="aliases")
    issued_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("block identity")
        verbose_name_plural = _("block identities")
        indexes = [models.Index(fields=["document", "section"])]

    def __str__(self) -> str:
        return self.block_id


class Conflict(models.Model):
    """Something that two people changed differently. The head's side stands in the text; the other is kept here."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Both changed the same text")
        FIELD = "field", _("Both changed the same field")
        DELETED = "deleted", _("One deleted what the other changed")
        SPLIT = "split", _("One split what the other changed")

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="conflicts")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="conflicts")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="conflicts")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    block_id = models.CharField(max_length=10)
    unit = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=2, blank=True)
    base = models.JSONField(null=True)
    head = models.JSONField(null=True)
    mine = models.JSONField(null=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("whose text")
    )
    opened_at = models.DateTimeField(_("opened"), auto_now_add=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("conflict")
        verbose_name_plural = _("conflicts")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["document"], condition=models.Q(settled_at=None), name="open_conflict_by_document"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.block_id}"
