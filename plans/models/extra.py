"""Fields that a region adds to the measures of its plan."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from documents.models.document import in_language
from plans.models.plan import Plan
from regions.models import Region

MOST = 2


class ExtraField(models.Model):
    """A short text that those who write a plan keep with each measure: a budget line, who is asked. Never printed.

    A plan has two at most. The values are in the measures' blocks (`extra_1`, `extra_2`), so they have the same history
    and merge as the rest; versions leave them out (`BlockKind.internal`).
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="extra_fields")
    place = models.PositiveSmallIntegerField(_("order"))
    name = models.JSONField(_("name"), default=dict)

    class Meta:
        verbose_name = _("extra field")
        verbose_name_plural = _("extra fields")
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "place"],
                name="extra_field_has_its_place",
                violation_error_message=_("The plan already has this extra field."),
            ),
            models.CheckConstraint(
                condition=models.Q(place__gte=1, place__lte=MOST),
                name="plan_has_two_extra_fields_at_most",
                violation_error_message=_("A plan has two extra fields at most."),
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.name)

    @property
    def key(self) -> str:
        """What its value is called in a measure's block."""
        return extra_key(self.place)


def extra_key(place: int | str) -> str:
    return f"extra_{place}"


EXTRA_KEYS = frozenset(extra_key(place) for place in range(1, MOST + 1))
