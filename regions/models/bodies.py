"""Groups and bodies, their meetings and their members."""

import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.identifiers import new_public_id
from regions.models.geography import Area, Municipality, Region
from regions.models.organisations import Organisation


class BodyQuerySet(models.QuerySet["Body"]):
    def of_member(self, user_id: int | None, date: datetime.date | None = None) -> Self:
        """The bodies in which the user is a member on the date (today in Finland); none for None."""
        if user_id is None:
            return self.none()
        valid = Membership.objects.valid_on(date).filter(user_id=user_id)
        return self.filter(pk__in=valid.values("body_id"))


class Body(models.Model):
    """A group or body: it writes, coordinates, comments or decides. Rights follow from being its member."""

    class Kind(models.TextChoices):
        COORDINATION = "coordination", _("Coordination group")
        STEERING_GROUP = "steering_group", _("Steering group")
        MANAGEMENT_GROUP = "management_group", _("Management group")
        WORKING_GROUP = "working_group", _("Working group")
        HANDBOOK_GROUP = "handbook_group", _("Handbook group")
        TEAM = "team", _("Family centre team")
        BOARD = "board", _("Board")
        EXECUTIVE = "executive", _("County executive")
        COUNCIL = "council", _("County council")
        INFLUENCE_BODY = "influence_body", _("Influence body")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="bodies", verbose_name=_("region"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=200)
    area = models.ForeignKey(
        Area, on_delete=models.PROTECT, null=True, blank=True, related_name="bodies", verbose_name=_("operational area")
    )
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="bodies",
        verbose_name=_("municipality"),
    )

    objects = BodyQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("group of people", "body")
        verbose_name_plural = _("groups and bodies")
        ordering = ["region", "kind", "name"]

    def __str__(self) -> str:
        return self.name


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def coming(self, now: datetime.datetime | None = None) -> Self:
        return self.filter(starts_at__gte=now or timezone.now()).order_by("starts_at")


class Meeting(models.Model):
    """A meeting of a body, planned or held."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="meetings", verbose_name=_("region"))
    body = models.ForeignKey(
        Body, on_delete=models.CASCADE, related_name="meetings", verbose_name=pgettext_lazy("group of people", "body")
    )
    starts_at = models.DateTimeField(_("starts"))
    place = models.CharField(_("place"), max_length=200, blank=True)
    note = models.TextField(_("note"), blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["-starts_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["body", "starts_at"],
                name="meeting_is_once",
                violation_error_message=_("The body already has a meeting at this time."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.body} {formats.date_format(timezone.localtime(self.starts_at), 'SHORT_DATETIME_FORMAT')}"


class MembershipQuerySet(models.QuerySet["Membership"]):
    def valid_on(self, date: datetime.date | None = None) -> Self:
        """Those in force on the date (today in Finland)."""
        date = date or timezone.localdate()
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=date), starts_on__lte=date)

    def not_over(self, date: datetime.date | None = None) -> Self:
        """Those in force on the date (today in Finland) or later."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=date or timezone.localdate()))

    def overlapping(self, starts_on: datetime.date, ends_on: datetime.date | None) -> Self:
        """Those in force on some day of a period; None is a period without an end."""
        rows = self.not_over(starts_on)
        return rows.filter(starts_on__lte=ends_on) if ends_on else rows

    def not_come_in(self) -> Self:
        """Of people who have never signed in and still could."""
        return self.filter(user__last_login=None, user__is_active=True)


class Membership(models.Model):
    """A person in a body for a time, perhaps representing an organisation there."""

    class Role(models.TextChoices):
        CHAIR = "chair", _("Chair")
        SECRETARY = "secretary", _("Secretary")
        MEMBER = "member", _("Member")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("region"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("person")
    )
    body = models.ForeignKey(
        Body,
        on_delete=models.CASCADE,
        related_name="memberships",
        verbose_name=pgettext_lazy("group of people", "body"),
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.MEMBER)
    represents = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="representatives",
        verbose_name=_("represents"),
    )
    starts_on = models.DateField(pgettext_lazy("first day of validity", "from"), default=timezone.localdate)
    ends_on = models.DateField(
        pgettext_lazy("last day of validity", "until"), null=True, blank=True, help_text=_("The last day.")
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["body", "role", "user"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on__lte=F("ends_on")),
                name="membership_dates_in_order",
                violation_error_message=_("The last day cannot be before the first."),
            ),
            models.UniqueConstraint(
                fields=["user", "body"],
                condition=Q(ends_on=None),
                name="membership_is_open_once",
                violation_error_message=_("This person is already a member of the body."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.body}"

    @property
    def is_valid(self) -> bool:
        """Is it in force today in Finland?"""
        today = timezone.localdate()
        return self.starts_on <= today and (self.ends_on is None or today <= self.ends_on)
