"""The bodies that a plan goes through, and what they decided."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.identifiers import new_public_id
from documents.models import Document, Version
from regions.models import Body, Region


class ChainStep(models.Model):
    """One body on a plan's way from draft to decision, and what it does with the plan."""

    class Handling(models.TextChoices):
        PREPARES = "prepares", _("Prepares")
        COMMENTS = "comments", pgettext_lazy("what a body does", "Comments")
        PROPOSES = "proposes", _("Proposes for decision")
        APPROVES_PART = "approves_part", _("Approves for its own part")
        APPROVES = "approves", _("Approves")
        NOTES = "notes", _("Notes for information")

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, related_name="chain_steps", verbose_name=_("document")
    )
    body = models.ForeignKey(
        Body,
        on_delete=models.PROTECT,
        related_name="chain_steps",
        verbose_name=pgettext_lazy("group of people", "body"),
    )
    position = models.PositiveSmallIntegerField(
        _("order"), help_text=_("Bodies with the same number handle the plan side by side.")
    )
    handling = models.CharField(_("handling"), max_length=15, choices=Handling.choices)

    class Meta:
        verbose_name = _("step of handling")
        verbose_name_plural = _("steps of handling")
        ordering = ["document", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "position", "body"],
                name="body_handles_once_in_a_step",
                violation_error_message=_("The body already handles the plan in this step."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.body}: {self.get_handling_display()}"


class DecisionQuerySet(models.QuerySet["Decision"]):
    def for_list(self) -> Self:
        return (
            self.select_related("body", "version", "approved_version")
            .defer("version__content", "approved_version__content")
            .order_by("-meeting_date", "-pk")
        )


class Decision(models.Model):
    """What a body decided of a version that was presented to it, as its minutes have it.

    "Approved with changes" is the presented version with the body's operations, sealed as a version of its own.
    """

    class Outcome(models.TextChoices):
        APPROVED = "approved", _("Approved as presented")
        APPROVED_WITH_CHANGES = "approved_with_changes", _("Approved with changes")
        APPROVED_PART = "approved_part", _("Approved for its own part")
        RETURNED = "returned", _("Returned for new preparation")
        TABLED = "tabled", _("Left on the table")
        NOTED = "noted", _("Noted for information")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="decisions", verbose_name=_("region"))
    version = models.ForeignKey(
        Version, on_delete=models.PROTECT, related_name="decisions", verbose_name=_("presented version")
    )
    step = models.ForeignKey(
        ChainStep,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
        verbose_name=_("step of handling"),
    )
    body = models.ForeignKey(
        Body, on_delete=models.PROTECT, related_name="decisions", verbose_name=pgettext_lazy("group of people", "body")
    )
    meeting_date = models.DateField(_("date of the meeting"))
    item_no = models.CharField(_("section (§)"), max_length=20, blank=True)
    case_number = models.CharField(
        _("case number"), max_length=60, blank=True, help_text=_("As the body's own registry writes it.")
    )
    outcome = models.CharField(_("outcome"), max_length=25, choices=Outcome.choices)
    operations = models.JSONField(
        _("the body's changes"), default=list, blank=True, help_text=_("Operations on blocks of the version.")
    )
    approved_version = models.OneToOneField(
        Version,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="approval",
        verbose_name=_("version with the changes"),
    )
    minutes = models.URLField(_("minutes"), blank=True)
    note = models.TextField(_("note"), blank=True, help_text=_("A resolution, a vote or a dissenting opinion."))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["-meeting_date", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "body", "meeting_date"],
                name="body_decides_once_in_a_meeting",
                violation_error_message=_("The decision of this meeting is recorded already."),
            ),
            models.CheckConstraint(
                condition=Q(outcome="approved_with_changes") | Q(operations=[], approved_version=None),
                name="only_approval_with_changes_has_changes",
                violation_error_message=_("Only a decision with changes can name changes."),
            ),
            models.CheckConstraint(
                condition=~Q(outcome="approved_with_changes") | ~Q(operations=[]),
                name="approval_with_changes_has_changes",
                violation_error_message=_("Tell what the body changed."),
            ),
        ]

    def __str__(self) -> str:
        parts = [str(self.body), self.meeting_date.isoformat(), f"§ {self.item_no}" if self.item_no else ""]
        return " ".join(part for part in parts if part)
