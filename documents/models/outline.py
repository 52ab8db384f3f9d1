"""The outline: chapters and sections, at most three deep, and the history of their order."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from criteria.models import Criterion
from documents.blocks import Block
from documents.models.document import Document, in_language
from documents.short_texts import short_state
from regions.models import Region

MAX_DEPTH = 3


def reading_order(to_section: str = "") -> list[Any]:
    """Puts rows into the order in which their sections are read: each section before those below it.

    For `order_by`; `to_section` leads from a row to its section: `order_by(*reading_order("section__"), "position")`.
    """
    own, above, top = (f"{to_section}{way}" for way in ("", "parent__", "parent__parent__"))
    is_second = models.Q(**{f"{above}pk__isnull": False, f"{top}pk__isnull": True})
    is_third = models.Q(**{f"{top}pk__isnull": False})
    keys: list[Any] = []
    for name in ("position", "pk"):
        keys.append(Coalesce(f"{top}{name}", f"{above}{name}", f"{own}{name}"))
    for name in ("position", "pk"):
        # A section without anything above it comes before its own.
        second = models.Case(models.When(is_second, then=f"{own}{name}"), models.When(is_third, then=f"{above}{name}"))
        keys.append(second.asc(nulls_first=True))
    for name in ("position", "pk"):
        keys.append(models.Case(models.When(is_third, then=f"{own}{name}")).asc(nulls_first=True))
    return keys


class SectionQuerySet(models.QuerySet["Section"]):
    def present(self) -> Self:
        return self.filter(removed_at=None)

    def with_text(self) -> Self:
        return self.select_related("head", "criterion")


class Section(models.Model):
    """A chapter or section: a heading and a text of blocks, known by its key in every copy of the document.

    A removed section stays with `removed_at`, with its revisions and all that was said about it.
    """

    class Facet(models.TextChoices):
        CURRENT_STATE = "current_state", _("Current state")
        SUCCESS = "success", _("What works")
        DEVELOPMENT_NEED = "development_need", _("Development needs")
        GOAL = "goal", _("Goals")
        PROPOSED_ACTION = "proposed_action", _("Proposed actions")
        AGREEMENT = "agreement", _("Agreement")
        FREE = "free", _("Free text")

    class State(models.TextChoices):
        EMPTY = "empty", _("Empty")
        DRAFT = "draft", _("Draft")
        READY = "ready", _("Ready")

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, related_name="sections", verbose_name=_("document")
    )
    key = models.SlugField(_("key"), max_length=80)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("under")
    )
    position = models.PositiveIntegerField(_("order"), default=0)
    heading = models.JSONField(_("heading"), default=dict, help_text=_("Language code and heading."))
    heading_shown = models.JSONField(default=dict, blank=True, editable=False)
    """Language of a translated heading -> the original that it was made from, where that is another now."""
    guidance = models.JSONField(_("guidance"), default=dict, blank=True, help_text=_("Language code and HTML."))
    facet = models.CharField(_("facet"), max_length=20, choices=Facet.choices, default=Facet.FREE)
    criterion = models.ForeignKey(
        Criterion, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("criterion")
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.EMPTY)
    head = models.OneToOneField(
        "documents.Revision", on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    copied_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="copies", editable=False
    )
    numbered = models.BooleanField(
        _("numbered"), default=True, help_text=_("Off for a summary before the first chapter or an appendix.")
    )
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    objects = SectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "key"],
                name="section_key_is_unique_in_document",
                violation_error_message=_("This document already has a section with this key."),
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.heading) or self.key

    @property
    def blocks(self) -> list[Block]:
        """The text as it stands in the draft; reads the head revision."""
        return self.head.blocks if self.head else []

    def heading_in(self, language: str) -> str:
        return in_language(self.heading, language)

    def heading_state(self, language: str) -> str:
        """Whether the heading is missing, current or behind in a language that its document is translated into."""
        return short_state(self.heading, self.heading_shown, language, self.document.original)


class OutlineRevision(models.Model):
    """The outline as it was after one change: add, rename, move, split, join or remove."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="outline_revisions")
    number = models.PositiveIntegerField()
    change = models.CharField(_("what was done"), max_length=20)
    section = models.ForeignKey(Section, on_delete=models.PROTECT, null=True, related_name="outline_revisions")
    outline = models.JSONField(_("outline"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("outline revision")
        verbose_name_plural = _("outline revisions")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="outline_revision_number_is_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.change} {self.number}"
