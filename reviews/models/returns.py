"""Word files that came back from respondents, and what each remark was in the file that brought it."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_public_id
from regions.models import Region, StoredFile
from reviews.models.remarks import Remark
from reviews.models.rounds import CommentRound
from reviews.models.statements import Statement


class WordReturnQuerySet(models.QuerySet["WordReturn"]):
    def waiting(self) -> Self:
        """Read, and nobody has taken anything from them yet."""
        return self.filter(taken_at=None)

    def for_list(self) -> Self:
        return self.select_related("file", "statement__organisation", "statement__user", "created_by").defer("state")


class WordReturn(models.Model):
    """One Word file that came back with comments and changes, on its way into a round.

    Until somebody takes what is in it, nothing of it counts. Taking a file twice adds nothing; a later one of the same
    respondent adds what is new in it.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    round = models.ForeignKey(
        CommentRound, on_delete=models.PROTECT, related_name="word_returns", verbose_name=_("comment round")
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file"))
    statement = models.ForeignKey(
        Statement,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="word_returns",
        verbose_name=_("statement"),
    )
    language = models.CharField(_("language"), max_length=2, default="fi")
    respondent = models.JSONField(
        _("in whose name"),
        default=dict,
        blank=True,
        help_text=_("What the statement will say of its giver, where it is not there yet."),
    )
    state = models.JSONField(
        _("what the file holds"), default=dict, blank=True, help_text=_("Its comments and changes, and their counts.")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("brought by")
    )
    created_at = models.DateTimeField(_("brought"), auto_now_add=True)
    taken_at = models.DateTimeField(_("taken into the round"), null=True, blank=True)

    objects = WordReturnQuerySet.as_manager()

    class Meta:
        verbose_name = _("returned Word file")
        verbose_name_plural = _("returned Word files")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.file} → {self.round}"

    @property
    def counts(self) -> dict[str, Any]:
        return self.state.get("counts", {})


class ReturnedRemark(models.Model):
    """What a remark was in the file that brought it: whose voice, when, and the words that it stood at."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    remark = models.OneToOneField(Remark, on_delete=models.CASCADE, related_name="returned", verbose_name=_("remark"))
    word_return = models.ForeignKey(
        WordReturn, on_delete=models.CASCADE, related_name="remarks", verbose_name=_("returned Word file")
    )
    authors = models.JSONField(_("authors in the file"), default=list, blank=True)
    said_at = models.CharField(_("time in the file"), max_length=25, blank=True)
    quote = models.TextField(
        _("words in the file"), blank=True, help_text=_("That it stood at, also where they are not in the version.")
    )
    parts = models.JSONField(default=list, blank=True, editable=False)
    """Of a comment: keys of what was said in it, so that a later file brings only the replies that are new."""
    untracked = models.BooleanField(_("changed without tracking"), default=False)

    class Meta:
        verbose_name = _("remark from a Word file")
        verbose_name_plural = _("remarks from Word files")
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.remark)
