"""Meetings in which a steering group goes through the remarks that are still open."""

from django.conf import settings
from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.identifiers import new_public_id
from documents.models import Document
from regions.models import Body, Region


class RemarkMeeting(models.Model):
    """One meeting of a body about the remarks on a document; what it agreed are the answers recorded in it.

    Open until it is ended; its memo is made from what was recorded.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, related_name="remark_meetings", verbose_name=_("document")
    )
    body = models.ForeignKey(
        Body,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=pgettext_lazy("group of people", "body"),
    )
    held_on = models.DateField(_("date of the meeting"))
    present = models.JSONField(_("present"), default=list, blank=True, help_text=_("Names as they stand in the memo."))
    note = models.TextField(_("note"), blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("recorded by")
    )
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("meeting about remarks")
        verbose_name_plural = _("meetings about remarks")
        ordering = ["-held_on", "-pk"]

    def __str__(self) -> str:
        return f"{self.body or self.document} {date_format(self.held_on, 'SHORT_DATE_FORMAT')}"
