"""Services, who provides them where, and meeting places."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.identifiers import new_public_id
from regions.models import Area, Municipality, Organisation, Region
from regions.validators import validate_languages


class Service(models.Model):
    """A service that the network brings together, such as child guidance and family counselling."""

    class Kind(models.TextChoices):
        CLINIC = "clinic", _("Maternity and child health clinic")
        SCHOOL_HEALTH = "school_health", _("School and student health care")
        FAMILY_SOCIAL_WORK = "family_social_work", _("Social work for families with children")
        HOME_SERVICE = "home_service", _("Home service for families with children")
        FAMILY_LAW = "family_law", _("Family law services")
        FAMILY_COUNSELLING = "family_counselling", _("Child guidance and family counselling")
        MENTAL_HEALTH = "mental_health", _("Mental health services for the young")
        REHABILITATION = "rehabilitation", _("Therapy and rehabilitation")
        DISABILITY = "disability", _("Disability services")
        CHILD_WELFARE = "child_welfare", _("Child welfare")
        EARLY_EDUCATION = "early_education", _("Early childhood education and care")
        SCHOOL = "school", _("School and student welfare")
        LEISURE = "leisure", _("Youth, culture and sports")
        BENEFITS = "benefits", _("Kela benefits")
        CIVIC = "civic", _("Activity of organisations and parishes")
        OTHER = "other", pgettext_lazy("kind of service", "Other")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="services", verbose_name=_("region"))
    kind = models.CharField(_("kind"), max_length=30, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=150)
    description = models.TextField(_("description"), blank=True)
    link = models.URLField(_("web address"), blank=True)
    position = models.PositiveSmallIntegerField(pgettext_lazy("place in a list", "order"), default=0)

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ["region", "position", "name"]

    def __str__(self) -> str:
        return self.name


class ServiceProvision(models.Model):
    """One line of the division of labour: what an organisation does in a service, in an area or everywhere."""

    class Role(models.TextChoices):
        ORGANISES = "organises", _("Organises")
        PROVIDES = "provides", _("Provides")
        TAKES_PART = "takes_part", _("Takes part")
        GUIDES = "guides", _("Guides families to it")

    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="service_provisions", verbose_name=_("region")
    )
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="provisions", verbose_name=_("service"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="provisions", verbose_name=_("organisation")
    )
    area = models.ForeignKey(
        Area,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="provisions",
        verbose_name=_("operational area"),
        help_text=_("Empty when it is so in the whole region."),
    )
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.PROVIDES)
    note = models.TextField(_("note"), blank=True, help_text=_("What has been agreed, for whom and how."))

    class Meta:
        verbose_name = _("provision of a service")
        verbose_name_plural = _("division of labour")
        ordering = ["service", "area", "role", "organisation"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "organisation", "area", "role"],
                name="provision_is_once_in_area",
                violation_error_message=_("This organisation already has this role in the service there."),
            ),
            models.UniqueConstraint(
                fields=["service", "organisation", "role"],
                condition=Q(area=None),
                name="provision_is_once_in_region",
                violation_error_message=_("This organisation already has this role in the service there."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} – {self.organisation}"


class MeetingPlace(models.Model):
    """A place, or a group on the web, where families meet without an appointment."""

    class Kind(models.TextChoices):
        FAMILY_CAFE = "family_cafe", _("Family café")
        OPEN_DAY_CARE = "open_day_care", _("Open day care")
        RESIDENT_PARK = "resident_park", _("Resident park")
        FAMILY_HOUSE = "family_house", _("Family house")
        CLUB = "club", _("Club")
        LIBRARY = "library", _("Place in a library")
        YOUTH_SPACE = "youth_space", _("Youth space")
        ONLINE = "online", _("On the web")
        OTHER = "other", pgettext_lazy("kind of meeting place", "Other")

    class StepFree(models.TextChoices):
        YES = "yes", _("Step-free")
        PARTLY = "partly", _("Partly step-free")
        NO = "no", _("Not step-free")
        UNKNOWN = "unknown", _("Not known")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="meeting_places", verbose_name=_("region")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=150)
    organiser = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="meeting_places", verbose_name=_("organiser")
    )
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="meeting_places",
        verbose_name=_("municipality"),
    )
    area = models.ForeignKey(
        Area,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="meeting_places",
        verbose_name=_("operational area"),
    )
    street_address = models.CharField(_("street address"), max_length=150, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=5, blank=True)
    city = models.CharField(_("post office"), max_length=60, blank=True)
    opening_hours = models.TextField(_("opening hours"), blank=True)
    exceptions = models.TextField(_("exceptions to opening hours"), blank=True)
    summer = models.TextField(_("in summer"), blank=True)
    age_from = models.PositiveSmallIntegerField(_("ages from"), null=True, blank=True)
    age_to = models.PositiveSmallIntegerField(_("ages up to"), null=True, blank=True)
    free_of_charge = models.BooleanField(_("free of charge"), default=True)
    registration = models.TextField(
        _("registration"), blank=True, help_text=_("How to register. Empty when one can just come.")
    )
    languages = models.JSONField(
        _("languages"),
        default=list,
        blank=True,
        validators=[validate_languages],
        help_text=_("For example ['fi', 'sv']."),
    )
    programme = models.TextField(_("what happens there"), blank=True)
    step_free = models.CharField(
        _("step-free access"), max_length=10, choices=StepFree.choices, default=StepFree.UNKNOWN
    )
    step_free_note = models.TextField(_("more about access"), blank=True)
    contact_name = models.CharField(_("contact"), max_length=100, blank=True, help_text=_("A role or a team."))
    phone = models.CharField(_("telephone"), max_length=30, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    link = models.URLField(_("web address"), blank=True)
    events_link = models.URLField(_("web address of events"), blank=True)
    checked_on = models.DateField(_("last checked"), null=True, blank=True)
    published = models.BooleanField(_("shown to families"), default=False)

    class Meta:
        verbose_name = _("meeting place")
        verbose_name_plural = _("meeting places")
        ordering = ["region", "municipality", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(age_from=None) | Q(age_to=None) | Q(age_from__lte=F("age_to")),
                name="meeting_place_ages_in_order",
                violation_error_message=_("The upper age cannot be below the lower one."),
            ),
            models.CheckConstraint(
                condition=Q(kind="online") | Q(municipality__isnull=False),
                name="meeting_place_has_a_municipality",
                violation_error_message=_("Choose the municipality, unless the place is on the web."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
