"""Organisations of the network, groups of them, and who may speak for them."""

import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.identifiers import new_public_id
from regions.models.geography import Municipality, Region


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def valid_on(self, date: datetime.date | None = None) -> Self:
        """Those that exist on the date (today in Finland)."""
        date = date or timezone.localdate()
        return self.filter(Q(valid_from=None) | Q(valid_from__lte=date), Q(valid_to=None) | Q(valid_to__gte=date))


class Organisation(models.Model):
    """A member of the network: the county, a municipality, an NGO, a parish, Kela or another.

    It belongs to one region; a nationwide organisation has a row in each region where it takes part.
    """

    class Kind(models.TextChoices):
        COUNTY = "county", _("Wellbeing services county")
        MUNICIPALITY = "municipality", _("Municipality")
        NGO = "ngo", _("Non-governmental organisation")
        PARISH = "parish", _("Parish or other religious community")
        KELA = "kela", _("Kela")
        PRIVATE = "private", _("Private company")
        OTHER = "other", pgettext_lazy("kind of organisation", "Other")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="organisations", verbose_name=_("region"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=200)
    short_name = models.CharField(_("short name"), max_length=40, blank=True, help_text=_("Used in narrow tables."))
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="organisations",
        verbose_name=_("municipality"),
    )
    valid_from = models.DateField(pgettext_lazy("first day of validity", "from"), null=True, blank=True)
    valid_to = models.DateField(
        pgettext_lazy("last day of validity", "until"), null=True, blank=True, help_text=_("The last day.")
    )

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["region", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_from__lte=F("valid_to")),
                name="organisation_dates_in_order",
                violation_error_message=_("The last day cannot be before the first."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="municipality") | Q(municipality__isnull=False),
                name="organisation_municipality_is_named",
                violation_error_message=_("Choose the municipality that this organisation is."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The short name where there is one, for tables."""
        return self.short_name or self.name


class OrganisationGroup(models.Model):
    """Organisations that are named together, such as "all municipalities"; each still answers for itself."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="organisation_groups", verbose_name=_("region")
    )
    name = models.CharField(_("name"), max_length=150)
    members = models.ManyToManyField(Organisation, blank=True, related_name="groups", verbose_name=_("organisations"))

    class Meta:
        verbose_name = _("group of organisations")
        verbose_name_plural = _("groups of organisations")
        ordering = ["region", "name"]

    def __str__(self) -> str:
        return self.name


class MandateQuerySet(models.QuerySet["Mandate"]):
    def valid_on(self, date: datetime.date | None = None) -> Self:
        """Those in force on the date (today in Finland)."""
        date = date or timezone.localdate()
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=date), starts_on__lte=date)

    def not_over(self, date: datetime.date | None = None) -> Self:
        """Those in force on the date (today in Finland) or later."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=date or timezone.localdate()))


class Mandate(models.Model):
    """A person's right to speak for an organisation: to sign its statement, or to report its follow-up."""

    class Right(models.TextChoices):
        SIGN = "sign", _("Sign statements")
        REPORT = "report", _("Report follow-up")

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="mandates", verbose_name=_("region"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mandates", verbose_name=_("person")
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="mandates", verbose_name=_("organisation")
    )
    right = models.CharField(pgettext_lazy("permission", "right"), max_length=10, choices=Right.choices)
    starts_on = models.DateField(pgettext_lazy("first day of validity", "from"), default=timezone.localdate)
    ends_on = models.DateField(
        pgettext_lazy("last day of validity", "until"), null=True, blank=True, help_text=_("The last day.")
    )

    objects = MandateQuerySet.as_manager()

    class Meta:
        verbose_name = _("mandate")
        verbose_name_plural = _("mandates")
        ordering = ["organisation", "user", "starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on__lte=F("ends_on")),
                name="mandate_dates_in_order",
                violation_error_message=_("The last day cannot be before the first."),
            ),
            models.UniqueConstraint(
                fields=["user", "organisation", "right"],
                condition=Q(ends_on=None),
                name="mandate_is_open_once",
                violation_error_message=_("This person already has this mandate."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.organisation}: {self.get_right_display()}"
