"""Remarks that say the same, put together so that one answer can serve them all. A person decides."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_public_id
from documents.models import Document
from regions.models import Region
from reviews.models.remarks import Remark


class RemarkGroupQuerySet(models.QuerySet["RemarkGroup"]):
    def for_list(self) -> Self:
        """With `count`, and `answered_count`: how many of its remarks have an answer that counts."""
        said = Q(remarks__withdrawn_at=None)
        answered = said & Q(remarks__answers__isnull=False, remarks__answers__withdrawn_at=None)
        return self.annotate(
            count=Count("remarks", filter=said, distinct=True),
            answered_count=Count("remarks", filter=answered, distinct=True),
        ).order_by("order", "pk")


class RemarkGroup(models.Model):
    """Remarks on one document that are alike, and why they were put together.

    One that a person made stays as it is whatever is looked for again; the others are made anew each time.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, related_name="remark_groups", verbose_name=_("document")
    )
    remarks = models.ManyToManyField(
        Remark, through="RemarkGroupMember", related_name="groups", verbose_name=_("remarks")
    )
    grounds = models.JSONField(
        _("grounds"),
        default=dict,
        help_text=_("The words that the remarks have in common, and the place where they all stand."),
    )
    order = models.PositiveIntegerField(_("order in the text"), default=0)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("put together by"),
    )
    is_kept = models.BooleanField(
        _("decided by a person"), default=False, help_text=_("It stays when similar remarks are looked for again.")
    )
    made_at = models.DateTimeField(_("made"), auto_now_add=True)

    objects = RemarkGroupQuerySet.as_manager()

    # What `for_list` brings along.
    count: int
    answered_count: int

    class Meta:
        verbose_name = _("group of similar remarks")
        verbose_name_plural = _("groups of similar remarks")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return ", ".join(self.words) or self.public_id

    @property
    def words(self) -> list[str]:
        """The basic forms of the words that its remarks have in common, the most telling first."""
        return list(self.grounds.get("words", ()))


class RemarkGroupMember(models.Model):
    """A remark in its group; it is in one at most."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    group = models.ForeignKey(
        RemarkGroup, on_delete=models.CASCADE, related_name="members", verbose_name=_("group of similar remarks")
    )
    remark = models.OneToOneField(
        Remark, on_delete=models.CASCADE, related_name="group_member", verbose_name=_("remark")
    )

    class Meta:
        verbose_name = _("remark in a group")
        verbose_name_plural = _("remarks in groups")
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.remark)


class RemarkSeparation(models.Model):
    """Somebody told remarks from each other: they are not put together again by looking for what is alike.

    With `lone` that one is told from all the others; without it each from each.
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, related_name="remark_separations", verbose_name=_("document")
    )
    lone = models.ForeignKey(
        Remark,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("the one that was told from the others"),
    )
    remarks = models.ManyToManyField(Remark, related_name="separations", verbose_name=_("remarks"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("remarks told from each other")
        verbose_name_plural = _("remarks told from each other")
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.lone or self.pk)


class RemarkGrouping(models.Model):
    """Looking for similar remarks among all of a document: the last time it was asked for, and how far it has come."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    document = models.OneToOneField(
        Document, on_delete=models.CASCADE, related_name="remark_grouping", verbose_name=_("document")
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    done = models.PositiveIntegerField(_("remarks looked through"), default=0)
    total = models.PositiveIntegerField(_("remarks in all"), default=0)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("search for similar remarks")
        verbose_name_plural = _("searches for similar remarks")

    def __str__(self) -> str:
        return f"{self.document}: {self.done}/{self.total}"
