"""The red thread between handbooks and the plan."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from documents.models import BlockIdentity, Document, Section, Version
from plans.models.action import Action
from plans.models.plan import Plan
from regions.models import Region


class SourceQuerySet(models.QuerySet["Source"]):
    def for_list(self) -> Self:
        return self.select_related("handbook", "handbook__handbook__area", "version").defer("version__content")


class Source(models.Model):
    """Ties a block of the plan to the handbook block that it came from, as it was in a handed-in version."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="sources")
    block_id = models.CharField(_("block of the plan"), max_length=10)
    handbook = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="used_in", verbose_name=_("handbook"))
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    source_block_id = models.CharField(_("block of the handbook"), max_length=10)
    section_key = models.SlugField(_("section of the handbook"), max_length=80)
    section_label = models.CharField(_("section as printed"), max_length=20, blank=True)
    text_hash = models.CharField(max_length=16, help_text=_("Tells whether the handbook's words have changed since."))
    quote = models.TextField(_("words of the handbook"), blank=True)

    objects = SourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        indexes = [
            models.Index(fields=["plan", "block_id"]),
            models.Index(fields=["handbook", "source_block_id"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "block_id", "source_block_id"], name="source_is_named_once_for_a_block"
            ),
        ]

    def __str__(self) -> str:
        return self.quote[:80]


class CandidateQuerySet(models.QuerySet["Candidate"]):
    def taken(self) -> Self:
        """Those behind a measure that stands in the plan."""
        return self.filter(state=Candidate.State.TAKEN, action__isnull=False, action__removed_at=None)

    def waiting(self) -> Self:
        """Those that nobody has decided on: neither left out nor a source of anything that stands in the plan."""
        standing = BlockIdentity.objects.filter(
            block_id=models.OuterRef("block_id"), section__isnull=False, section__removed_at=None
        )
        used = Source.objects.filter(
            models.Exists(standing),
            plan=models.OuterRef("plan"),
            source_block_id=models.OuterRef("source_block_id"),
        )
        return self.exclude(state=Candidate.State.LEFT).exclude(models.Exists(used))

    def free(self) -> Self:
        """Those that can be taken in: open, left out, or taken into a measure that was removed since."""
        return self.exclude(pk__in=self.taken().values("pk"))


class Candidate(models.Model):
    """A proposed action of a handbook, outside the plan until a person takes it in or lets it be."""

    class State(models.TextChoices):
        OPEN = "open", _("To be considered")
        TAKEN = "taken", _("Taken in")
        LEFT = "left", _("Left out")

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="candidates")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="candidates", verbose_name=_("chapter"))
    handbook = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    source_block_id = models.CharField(max_length=10)
    section_key = models.SlugField(max_length=80)
    section_label = models.CharField(max_length=20, blank=True)
    text_hash = models.CharField(max_length=16)
    text = models.JSONField(_("proposed measure"), default=dict)
    state = models.CharField(_("state"), max_length=5, choices=State.choices, default=State.OPEN)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    action = models.ForeignKey(Action, on_delete=models.SET_NULL, null=True, blank=True, related_name="candidates")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = CandidateQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposed measure")
        verbose_name_plural = _("proposed measures")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "source_block_id"], name="candidate_is_listed_once_in_plan"),
        ]

    def __str__(self) -> str:
        return next(iter(self.text.values()), "")

    @property
    def is_taken(self) -> bool:
        """Whether a measure that stands in the plan was made of it."""
        return self.state == self.State.TAKEN and self.action is not None and self.action.removed_at is None


class KeptApart(models.Model):
    """Two proposals that look alike and that a person has told from each other: they are not grouped again."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="kept_apart")
    one = models.CharField(_("proposal"), max_length=10, help_text=_("The block that comes first by its id."))
    other = models.CharField(_("other proposal"), max_length=10)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("proposals kept apart")
        verbose_name_plural = _("proposals kept apart")
        constraints = [
            models.UniqueConstraint(fields=["plan", "one", "other"], name="proposals_are_kept_apart_once"),
            models.CheckConstraint(condition=models.Q(one__lt=models.F("other")), name="kept_apart_in_one_order"),
        ]

    def __str__(self) -> str:
        return f"{self.one} ≠ {self.other}"
