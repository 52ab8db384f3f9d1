"""Services and meeting places in the admin."""

from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from directory.models import MeetingPlace, Service, ServiceProvision
from regions.admin import LabelAdmin, RegionalAdmin, RegionalInline


class ServiceProvisionInline(RegionalInline):
    model = ServiceProvision
    fields = ["organisation", "area", "role", "note"]
    autocomplete_fields = ["organisation", "area"]
    list_select_related = ["service", "organisation", "area"]


@admin.register(Service)
class ServiceAdmin(RegionalAdmin, LabelAdmin):
    list_display = ["name", "kind", "region", "position"]
    list_filter = ["kind", "region"]
    list_select_related = ["region"]
    search_fields = ["public_id", "name_fi", "name_sv", "name_en"]
    autocomplete_fields = ["region"]
    readonly_fields = ["public_id"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    inlines = [ServiceProvisionInline]

    def get_inlines(self, request: HttpRequest, obj: Service | None) -> list[type[InlineModelAdmin]]:
        return [ServiceProvisionInline] if obj else []  # the region is known only once the service is saved


@admin.register(ServiceProvision)
class ServiceProvisionAdmin(RegionalAdmin):
    list_display = ["service", "organisation", "area", "role", "region"]
    list_filter = ["role", "region"]
    list_select_related = ["service", "organisation", "area", "region"]
    search_fields = ["service__name_fi", "service__name_sv", "organisation__name_fi", "organisation__name_sv", "note"]
    autocomplete_fields = ["region", "service", "organisation", "area"]


@admin.register(MeetingPlace)
class MeetingPlaceAdmin(RegionalAdmin, LabelAdmin):
    list_display = ["name", "kind", "municipality", "organiser", "published", "checked_on"]
    list_filter = ["published", "kind", "region", "step_free", "free_of_charge", "checked_on"]
    list_select_related = ["municipality", "organiser"]
    search_fields = ["public_id", "name_fi", "name_sv", "name_en", "street_address", "municipality__name_fi"]
    autocomplete_fields = ["region", "organiser", "municipality", "area"]
    readonly_fields = ["public_id"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    fieldsets = [
        (None, {"fields": ["public_id", "region", "kind", "name", "organiser", "published", "checked_on"]}),
        (_("Where"), {"fields": ["municipality", "area", "street_address", "postal_code", "city"]}),
        (_("When"), {"fields": ["opening_hours", "exceptions", "summer"]}),
        (
            _("For whom"),
            {"fields": ["age_from", "age_to", "free_of_charge", "registration", "languages", "programme"]},
        ),
        (_("Access"), {"fields": ["step_free", "step_free_note"]}),
        (_("Contact"), {"fields": ["contact_name", "phone", "email", "link", "events_link"]}),
    ]
