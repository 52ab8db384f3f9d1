"""The trail of who did what, to which thing, and when."""

from django.conf import settings
from django.db import models
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _


class AuditEvent(models.Model):
    """One thing that somebody did. Rows are only added.

    A job seals finished rows into a chain: `digest` is the SHA-256 of the previous row's digest and
    this row's own content, region by region, so that a row changed or removed afterwards shows.
    What may name a person (who, thing, details) enters it as digests made with a key of the row's own, so
    that it can be erased later: the key goes with it, and the chain still holds.
    """

    region_code = models.CharField(_("region"), max_length=2, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="audit_events",
        verbose_name=_("who"),
    )
    verb = models.CharField(_("what was done"), max_length=60)
    object_type = models.CharField(_("kind of thing"), max_length=60)
    object_id = models.CharField(_("identifier"), max_length=64)
    object_label = models.CharField(_("thing"), max_length=300)
    details = models.JSONField(_("details"), default=dict)
    happened_at = models.DateTimeField(_("when"), auto_now_add=True)
    sequence = models.PositiveBigIntegerField(_("place in the chain"), null=True, editable=False)
    personal_key = models.CharField(max_length=64, blank=True, editable=False)
    personal_digests = models.JSONField(default=dict, editable=False)
    digest = models.CharField(_("digest"), max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit trail")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["object_type", "object_id"]),
            models.Index(fields=["region_code", "sequence"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["region_code", "sequence"], name="audit_sequence_is_unique_in_region"),
        ]

    def __str__(self) -> str:
        return f"{localtime(self.happened_at):%Y-%m-%d %H:%M} {self.verb} {self.object_label}"
