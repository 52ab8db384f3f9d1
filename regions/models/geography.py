"""The map: regions, their municipalities and the areas that a region divides itself into."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from regions.validators import validate_accent, validate_languages

DEFAULT_ACCENT = "#0b5d66"


def default_languages() -> list[str]:
    return ["fi"]


class CollaborativeArea(models.Model):
    """One of the collaborative areas (yhteistyöalue) in which counties plan together what is too big for one."""

    key = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=150)

    class Meta:
        verbose_name = _("collaborative area")
        verbose_name_plural = _("collaborative areas")
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name


class RegionQuerySet(models.QuerySet["Region"]):
    def in_use(self) -> Self:
        return self.filter(public=True)


class Region(models.Model):
    """A wellbeing services county, or the City of Helsinki, which organises the same services.

    Regions are sealed from each other: every other row belongs to one, and nothing points from one to another.
    """

    class MeetingPlaceWord(models.TextChoices):
        MOTESPLATS = "motesplats", "mötesplats"
        TRAFFPUNKT = "traffpunkt", "träffpunkt"

    code = models.CharField(_("code"), max_length=2, unique=True, help_text=_("The code of Statistics Finland."))
    name = models.CharField(_("name"), max_length=150)
    slug = models.SlugField(_("name in addresses"), unique=True)
    languages = models.JSONField(
        _("languages of texts"),
        default=default_languages,
        validators=[validate_languages],
        help_text=_("In order; texts are written first in the first one. For example ['fi', 'sv']."),
    )
    accent = models.CharField(_("accent colour"), max_length=7, default=DEFAULT_ACCENT, validators=[validate_accent])
    meeting_place_word = models.CharField(
        _("Swedish word for meeting place"),
        max_length=20,
        choices=MeetingPlaceWord.choices,
        default=MeetingPlaceWord.MOTESPLATS,
    )
    coordinating_body = models.ForeignKey(
        "regions.Body",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("coordinating body"),
        help_text=_("Its members set up templates, bodies and documents, and read every draft of the region."),
    )
    collaborative_area = models.ForeignKey(
        CollaborativeArea,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="regions",
        verbose_name=_("collaborative area"),
    )
    public = models.BooleanField(_("in use"), default=False, help_text=_("Shown on the front page."))

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("wellbeing services county", "region")
        verbose_name_plural = pgettext_lazy("wellbeing services counties", "regions")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    @property
    def original_language(self) -> str:
        """The language in which texts are written first."""
        return self.languages[0]

    @property
    def is_bilingual(self) -> bool:
        return {"fi", "sv"} <= set(self.languages)


class Municipality(models.Model):
    """A municipality, as it is in one year: municipalities merge and change region on 1 January."""

    code = models.CharField(_("code"), max_length=3, unique=True, help_text=_("The code of Statistics Finland."))
    name = models.CharField(_("name"), max_length=100)
    languages = models.JSONField(_("languages"), default=default_languages, validators=[validate_languages])
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="municipalities", verbose_name=_("wellbeing services county")
    )
    year = models.PositiveSmallIntegerField(_("year"), help_text=_("The year of the classification."))

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Area(models.Model):
    """A part of a region in which the family centre is organised. Some regions have none.

    A municipality may be in several areas, and an area may hold only a part of one.
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="areas", verbose_name=_("region"))
    key = models.SlugField(_("name in addresses"))
    name = models.CharField(_("name"), max_length=100)
    municipalities = models.ManyToManyField(
        Municipality, blank=True, related_name="areas", verbose_name=_("municipalities")
    )
    position = models.PositiveSmallIntegerField(pgettext_lazy("place in a list", "order"), default=0)

    class Meta:
        verbose_name = _("operational area")
        verbose_name_plural = _("operational areas")
        ordering = ["region", "position", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "key"],
                name="area_key_is_unique_in_region",
                violation_error_message=_("The region has another area with this name in addresses."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
