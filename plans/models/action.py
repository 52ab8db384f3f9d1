"""Actions: what is done, by whom, when, with what, and how it is going."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_public_id
from documents.models import Section
from documents.models.document import in_language
from plans.models.goal import Goal
from plans.models.plan import Plan
from regions.models import Organisation, OrganisationGroup, Region


class ActionQuerySet(models.QuerySet["Action"]):
    def for_list(self) -> Self:
        return self.select_related("goal", "section").prefetch_related(
            "roles__organisation", "roles__group", "euros", "status_entries"
        )


class Action(models.Model):
    """One measure under a goal. Its status is not text: it is its latest dated status entry."""

    class Resource(models.TextChoices):
        OWN_WORK = "own_work", _("own work")
        IN_BUDGET = "in_budget", _("in the budget")
        PROJECT = "project", _("project funding")
        ADDITIONAL = "additional", _("needs additional funding")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="actions", verbose_name=_("action plan"))
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="actions")
    block_id = models.CharField(max_length=10, unique=True, editable=False)
    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, related_name="actions", verbose_name=_("goal"))
    position = models.PositiveIntegerField(_("order"), default=0)
    title = models.JSONField(_("measure"), default=dict)
    description = models.JSONField(_("description"), default=dict, blank=True)
    starts_on = models.DateField(_("starts"), null=True, blank=True)
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    schedule = models.JSONField(
        _("schedule as printed"), default=dict, blank=True, help_text=_("For example “autumn 2026” or “yearly”.")
    )
    resources = models.JSONField(_("resources"), default=list, blank=True)
    extra = models.JSONField(
        _("extra fields"), default=dict, blank=True, help_text=_("Place of the field -> text. Never printed.")
    )
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    objects = ActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts_on=None)
                | models.Q(ends_on=None)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="action_ends_after_it_starts",
                violation_error_message=_("The measure must end after it starts."),
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.title)

    @property
    def status(self) -> "StatusEntry | None":
        """The latest status entry; reads the prefetched ones."""
        return max(self.status_entries.all(), key=lambda entry: (entry.date, entry.pk), default=None)


class ActionRole(models.Model):
    """An organisation, or a group of them, that answers for an action or takes part in it."""

    class Role(models.TextChoices):
        LEAD = "lead", _("lead responsibility")
        OWNER = "owner", _("responsible")
        PARTNER = "partner", _("partner")

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="roles")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="action_roles"
    )
    group = models.ForeignKey(
        OrganisationGroup, on_delete=models.PROTECT, null=True, blank=True, related_name="action_roles"
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("role in a measure")
        verbose_name_plural = _("roles in measures")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(organisation=None, group__isnull=False)
                | models.Q(organisation__isnull=False, group=None),
                name="action_role_is_an_organisation_or_a_group",
                violation_error_message=_("Choose either an organisation or a group of organisations."),
            ),
            models.UniqueConstraint(
                fields=["action"],
                condition=models.Q(role="lead"),
                name="action_has_one_lead",
                violation_error_message=_("A measure has one lead."),
            ),
            models.UniqueConstraint(
                fields=["action", "organisation"],
                condition=models.Q(organisation__isnull=False),
                name="organisation_has_one_role_in_action",
            ),
            models.UniqueConstraint(
                fields=["action", "group"],
                condition=models.Q(group__isnull=False),
                name="group_has_one_role_in_action",
            ),
        ]

    def __str__(self) -> str:
        return str(self.organisation or self.group)


class ActionEuro(models.Model):
    """What an action costs in one year, in euros."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="euros")
    year = models.PositiveSmallIntegerField(_("year"))
    amount = models.DecimalField(_("euros"), max_digits=12, decimal_places=0)

    class Meta:
        verbose_name = _("cost of a measure")
        verbose_name_plural = _("costs of measures")
        ordering = ["year"]
        constraints = [
            models.UniqueConstraint(fields=["action", "year"], name="action_has_one_cost_a_year"),
            models.CheckConstraint(
                condition=models.Q(amount__gte=0),
                name="cost_is_not_negative",
                violation_error_message=_("The cost cannot be negative."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}: {self.amount}\N{NO-BREAK SPACE}€"


class StatusEntry(models.Model):
    """How an action stood on a date."""

    class Status(models.TextChoices):
        NOT_STARTED = "not_started", _("not started")
        IN_PROGRESS = "in_progress", _("in progress")
        PARTLY_DONE = "partly_done", _("partly done")
        DONE = "done", _("done")
        DELAYED = "delayed", _("delayed")
        DISCONTINUED = "discontinued", _("discontinued")
        NOT_DOING = "not_doing", _("will not be done")
        CONTINUOUS = "continuous", _("continuous")

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="status_entries")
    status = models.CharField(_("status"), max_length=15, choices=Status.choices)
    date = models.DateField(_("date"), default=timezone.localdate)
    note = models.JSONField(_("note"), default=dict, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("status entry")
        verbose_name_plural = _("status entries")
        ordering = ["date", "pk"]

    def __str__(self) -> str:
        return f"{self.date} {self.get_status_display()}"
