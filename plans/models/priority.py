"""From the areas' needs to the plan's priorities: groups of needs, and what one meeting made of each."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.identifiers import new_public_id
from documents.models import Document, Section, Version
from documents.models.document import in_language
from documents.models.outline import reading_order
from plans.models.plan import Plan
from regions.models import Area, Body, Region


class PriorityQuerySet(models.QuerySet["Priority"]):
    def standing(self) -> Self:
        """Those whose section stands in the plan."""
        return self.filter(section__removed_at=None)

    def in_order(self) -> Self:
        return self.order_by(*reading_order("section__"))


class Priority(models.Model):
    """What the network chose to work on in the period: a section of the plan, on which goals hang.

    Its heading, text and place are the section's, its goals those that stand in the section or below it. A priority
    whose section was removed is none, until the section is brought back.
    """

    class Origin(models.TextChoices):
        NEW_SECTION = "new", _("A group of needs was taken in, and its section was made")
        OLD_SECTION = "old", _("A group of needs was taken into a section that was there")
        MARKED = "marked", _("A section was marked as a priority")

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="priorities", verbose_name=_("action plan"))
    section = models.OneToOneField(
        Section, on_delete=models.PROTECT, related_name="priority", verbose_name=_("section")
    )
    origin = models.CharField(_("how it came about"), max_length=6, choices=Origin.choices, default=Origin.MARKED)
    block_id = models.CharField(
        _("paragraph"), max_length=10, blank=True, help_text=_("To which the needs behind the priority are tied.")
    )

    objects = PriorityQuerySet.as_manager()

    class Meta:
        verbose_name = _("priority")
        verbose_name_plural = _("priorities")

    def __str__(self) -> str:
        return str(self.section)


class NeedGroup(models.Model):
    """Needs of several areas that speak of the same thing, and what was decided on them together."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("state of a group of needs", "To be decided")
        TAKEN = "taken", pgettext_lazy("state of a group of needs", "Taken in as a priority")
        JOINED = "joined", pgettext_lazy("state of a group of needs", "Joined to a priority")
        LATER = "later", pgettext_lazy("state of a group of needs", "Not this period")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="need_groups", verbose_name=_("action plan"))
    title = models.JSONField(_("name"), default=dict)
    position = models.PositiveIntegerField(_("order"), default=0)
    shared_words = models.JSONField(
        _("common words"), default=list, blank=True, help_text=_("Basic forms: why these needs were put together.")
    )
    state = models.CharField(_("state"), max_length=6, choices=State.choices, default=State.OPEN)
    priority = models.ForeignKey(
        Priority, on_delete=models.PROTECT, null=True, blank=True, related_name="groups", verbose_name=_("priority")
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    body = models.ForeignKey(
        Body,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=pgettext_lazy("group of people", "body"),
    )
    decided_on = models.DateField(_("date of the meeting"), null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("when"), null=True, blank=True)

    class Meta:
        verbose_name = _("group of needs")
        verbose_name_plural = _("groups of needs")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["taken", "joined"], priority__isnull=False)
                | models.Q(state__in=["open", "later"], priority__isnull=True),
                name="need_group_has_a_priority_when_taken_in",
                violation_error_message=_("Choose the priority."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state="later", reason=""),
                name="need_group_left_for_later_has_a_reason",
                violation_error_message=_("Give a reason."),
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.title)

    @property
    def standing_state(self) -> str:
        """Its state today: a group whose priority was removed from the plan is to be decided again."""
        if self.priority is not None and self.priority.section.removed_at is not None:
            return self.State.OPEN
        return self.state

    @property
    def is_open(self) -> bool:
        return self.standing_state == self.State.OPEN


class NeedGroupItem(models.Model):
    """One need of a handbook in its group, as it was in the version that it was put there from."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="grouped_needs")
    group = models.ForeignKey(NeedGroup, on_delete=models.CASCADE, related_name="items", verbose_name=_("group"))
    handbook = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", verbose_name=_("handbook"))
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    area = models.ForeignKey(
        Area, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("area")
    )
    block_id = models.CharField(_("need"), max_length=10)
    section_key = models.SlugField(_("section of the handbook"), max_length=80)
    section_label = models.CharField(_("section as printed"), max_length=20, blank=True)
    text_hash = models.CharField(max_length=16, help_text=_("Tells whether the handbook's words have changed since."))
    quote = models.TextField(_("words of the handbook"), blank=True)

    class Meta:
        verbose_name = _("need in a group")
        verbose_name_plural = _("needs in groups")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "block_id"], name="need_is_in_one_group"),
        ]

    def __str__(self) -> str:
        return self.quote[:80]
