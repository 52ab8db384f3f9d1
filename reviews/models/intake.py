"""Spreadsheets of statements that were given in another service."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.identifiers import new_public_id
from regions.models import Region, StoredFile
from reviews.models.rounds import CommentRound


class StatementImportQuerySet(models.QuerySet["StatementImport"]):
    def done(self) -> Self:
        return self.filter(state=StatementImport.State.DONE)

    def for_list(self) -> Self:
        return self.select_related("created_by").order_by("-pk")


class StatementImport(models.Model):
    """One file from another service, on its way into a round: how it is read, and what came of it.

    The file itself is taken away when it has been brought in; what its columns mean is remembered for the next file of
    the region that has the same heads.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("state of an import", "Waits to be brought in")
        RUNNING = "running", pgettext_lazy("state of an import", "Is being brought in")
        DONE = "done", pgettext_lazy("state of an import", "Brought in")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    round = models.ForeignKey(
        CommentRound, on_delete=models.CASCADE, related_name="imports", verbose_name=_("comment round")
    )
    name = models.CharField(_("file name"), max_length=200)
    file = models.ForeignKey(
        StoredFile,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("file"),
        help_text=_("Its cells as they were read."),
    )
    heads = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    """SHA-256 of the heads, by which a file of the same form is known."""
    reading = models.JSONField(
        _("how it is read"), default=dict, blank=True, help_text=_("Sheet, rows with the heads, and how it lies.")
    )
    mapping = models.JSONField(
        _("meaning of the columns"), default=dict, blank=True, help_text=_("Head and what its column is.")
    )
    choices = models.JSONField(
        _("choices"),
        default=dict,
        blank=True,
        help_text=_("Names of organisations and values of answers that a person has explained."),
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    next_row = models.PositiveIntegerField(_("rows gone through"), default=0)
    total = models.PositiveIntegerField(_("rows"), default=0)
    counts = models.JSONField(
        _("what came of it"), default=dict, blank=True, help_text=_("Entered, skipped and why, with how many rows.")
    )
    problems = models.JSONField(
        _("rows that were left out"), default=list, blank=True, help_text=_("Number of the row, and why.")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("brought by")
    )
    created_at = models.DateTimeField(_("brought"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = StatementImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of statements")
        verbose_name_plural = _("files of statements")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name
