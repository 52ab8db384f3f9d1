"""What was published of a round afterwards, as it stood then."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from regions.models import Region, StoredFile
from reviews.models.rounds import CommentRound


class RoundSummaryQuerySet(models.QuerySet["RoundSummary"]):
    def public(self) -> Self:
        return self.filter(withdrawn_at=None)


class RoundSummary(models.Model):
    """The summary of a round's statements as it was published: who was asked, what was said, what came of it.

    Its content is written once, without the names and words that were left out, so that what anybody read stays what
    it was; only people's names go when they may not be kept any more. Publishing again makes another one and withdraws
    this.
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    round = models.ForeignKey(
        CommentRound, on_delete=models.PROTECT, related_name="summaries", verbose_name=_("comment round")
    )
    content = models.JSONField(_("contents"), help_text=_("As `reviews.summary.content` reads it."))
    languages = models.JSONField(_("languages"), default=list)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("published by"),
    )
    published_at = models.DateTimeField(_("published"), auto_now_add=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    names_removed_at = models.DateTimeField(
        _("names removed"), null=True, blank=True, help_text=_("People's names were taken out of it, nothing else.")
    )

    objects = RoundSummaryQuerySet.as_manager()

    class Meta:
        verbose_name = _("published summary of statements")
        verbose_name_plural = _("published summaries of statements")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round"], condition=Q(withdrawn_at=None), name="round_has_one_public_summary"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.published_at:%Y-%m-%d}"


class SummaryFile(models.Model):
    """A file made of a round: its summary in one format and language, or everything for the county's registry."""

    class Format(models.TextChoices):
        PDF = "pdf", "PDF"
        DOCX = "docx", "Word"
        XLSX = "xlsx", "Excel"
        ZIP = "zip", _("Everything for the registry")

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    round = models.ForeignKey(
        CommentRound, on_delete=models.CASCADE, related_name="files", verbose_name=_("comment round")
    )
    summary = models.ForeignKey(
        RoundSummary,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="files",
        verbose_name=_("published summary"),
        help_text=_("Empty for a file of what is not published yet, for those who handle the round."),
    )
    format = models.CharField(_("format"), max_length=5, choices=Format.choices)
    language = models.CharField(_("language"), max_length=2)
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("file")
    )
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    made_at = models.DateTimeField(_("made"), null=True, blank=True)
    error = models.CharField(_("why it could not be made"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("file of a round")
        verbose_name_plural = _("files of rounds")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.round} {self.format} {self.language}"
