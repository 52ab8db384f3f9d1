"""Work that waits for a worker."""

import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class JobQuerySet(models.QuerySet["Job"]):
    def open(self) -> Self:
        """Neither done nor given up."""
        return self.filter(finished_at=None, failed_at=None)

    def due(self, now: datetime.datetime | None = None) -> Self:
        """Open, its time has come, and no living worker holds it."""
        now = now or timezone.now()
        return self.open().filter(Q(lease_until=None) | Q(lease_until__lte=now), run_after__lte=now)


class Job(models.Model):
    """A piece of slow work or a mail to send, written in the same transaction as what asks for it.

    It runs at least once, so its handler must be able to run twice. While it is open no second one
    with its key is made. A worker holds it until `lease_until`; if the worker dies, another takes it.
    """

    kind = models.CharField(_("kind"), max_length=60)
    payload = models.JSONField(_("contents"), default=dict)
    key = models.CharField(_("key"), max_length=150)
    # The code and not the row: this package lies below `regions`.
    region_code = models.CharField(_("region"), max_length=2, blank=True)
    created_at = models.DateTimeField(_("asked"), auto_now_add=True)
    run_after = models.DateTimeField(_("not before"), default=timezone.now)
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    lease_until = models.DateTimeField(_("held until"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)
    failed_at = models.DateTimeField(_("given up"), null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    max_attempts = models.PositiveSmallIntegerField(_("most attempts"), default=8)
    again = models.BooleanField(default=False, editable=False, help_text=_("Asked for once more while it was running."))
    error = models.TextField(_("error"), blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("background work", "job")
        verbose_name_plural = pgettext_lazy("background work", "jobs")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["run_after", "id"], condition=Q(finished_at=None, failed_at=None), name="job_waiting"),
            models.Index(fields=["key"], name="job_key"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(finished_at=None, failed_at=None),
                name="job_is_open_once",
                violation_error_message=_("This work is already waiting."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def is_open(self) -> bool:
        return self.finished_at is None and self.failed_at is None
