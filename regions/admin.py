"""Regions, who is in them, and files, in the admin."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin
from django.db import models
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin

from audit.admin import AuditedAdmin, ReadOnlyAdmin
from regions.forms import RegionForm, RegionOfParentFormSet, SameRegionForm
from regions.models import (
    Area,
    Body,
    CollaborativeArea,
    Mandate,
    Meeting,
    Membership,
    Municipality,
    Organisation,
    OrganisationGroup,
    Region,
    StoredFile,
)
from regions.widgets import KnownAutocompleteSelect


class LabelAdmin(AuditedAdmin, TranslationAdmin):
    """Rows with labels in several languages, shown under a tab for each language.

    The tabs are our own: those of modeltranslation load a library from another host.
    """

    class Media:
        js = ["regions/language_tabs.js"]
        css = {"all": ["regions/language_tabs.css"]}


class RegionalAdmin(AuditedAdmin):
    """Rows that belong to a region. The region is chosen when the row is made and never changes."""

    form = SameRegionForm

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        readonly = super().get_readonly_fields(request, obj)
        return [*readonly, "region"] if obj else readonly


class RegionalInline(admin.TabularInline):
    """Rows inside the page of their parent, whose region they get. Name in `list_select_related` what they show."""

    form = SameRegionForm
    formset = RegionOfParentFormSet
    extra = 0
    list_select_related: list[str] = []

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.select_related(*self.list_select_related) if self.list_select_related else rows

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = KnownAutocompleteSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class MembershipInline(RegionalInline):
    model = Membership
    fields = ["user", "role", "represents", "starts_on", "ends_on"]
    autocomplete_fields = ["user", "represents"]
    list_select_related = ["user", "body", "represents"]


class MeetingInline(RegionalInline):
    model = Meeting
    fields = ["starts_at", "place", "note"]
    list_select_related = ["body"]


class MandateInline(RegionalInline):
    model = Mandate
    fields = ["user", "right", "starts_on", "ends_on"]
    autocomplete_fields = ["user"]
    list_select_related = ["user", "organisation"]


@admin.register(CollaborativeArea)
class CollaborativeAreaAdmin(LabelAdmin):
    list_display = ["name", "key"]
    search_fields = ["key", "name_fi", "name_sv", "name_en"]


@admin.register(Region)
class RegionAdmin(LabelAdmin):
    form = RegionForm
    list_display = ["code", "name", "slug", "languages", "coordinating_body", "public"]
    list_display_links = ["code", "name"]
    list_filter = ["public", "collaborative_area"]
    list_select_related = ["coordinating_body"]
    search_fields = ["code", "slug", "name_fi", "name_sv", "name_en", "name_se"]
    autocomplete_fields = ["coordinating_body", "collaborative_area"]
    prepopulated_fields = {"slug": ["name_fi"]}
    fieldsets = [
        (None, {"fields": ["code", "name", "slug", "public"]}),
        (_("Languages and looks"), {"fields": ["languages", "first_language", "meeting_place_word", "accent"]}),
        (_("Co-operation"), {"fields": ["coordinating_body", "collaborative_area"]}),
    ]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Region | None = None) -> dict[str, Any]:
        return {} if obj else super().get_prepopulated_fields(request, obj)


@admin.register(Municipality)
class MunicipalityAdmin(LabelAdmin):
    list_display = ["code", "name", "languages", "region", "year"]
    list_display_links = ["code", "name"]
    list_filter = ["year", "region"]
    list_select_related = ["region"]
    search_fields = ["code", "name_fi", "name_sv", "name_en", "name_se"]
    autocomplete_fields = ["region"]


@admin.register(Area)
class AreaAdmin(RegionalAdmin, LabelAdmin):
    list_display = ["name", "key", "region", "position"]
    list_filter = ["region"]
    list_select_related = ["region"]
    search_fields = ["key", "name_fi", "name_sv", "name_en", "region__name_fi"]
    autocomplete_fields = ["region", "municipalities"]


@admin.register(Organisation)
class OrganisationAdmin(RegionalAdmin, LabelAdmin):
    list_display = ["name", "short_name", "kind", "region", "valid_from", "valid_to"]
    list_filter = ["kind", "region"]
    list_select_related = ["region"]
    search_fields = ["public_id", "name_fi", "name_sv", "name_en", "short_name_fi", "short_name_sv"]
    autocomplete_fields = ["region", "municipality"]
    readonly_fields = ["public_id"]
    inlines = [MandateInline]


@admin.register(OrganisationGroup)
class OrganisationGroupAdmin(RegionalAdmin, LabelAdmin):
    list_display = ["name", "region"]
    list_filter = ["region"]
    list_select_related = ["region"]
    search_fields = ["public_id", "name_fi", "name_sv", "name_en"]
    autocomplete_fields = ["region", "members"]
    readonly_fields = ["public_id"]


@admin.register(Body)
class BodyAdmin(RegionalAdmin, LabelAdmin):
    list_display = ["name", "kind", "region", "area", "municipality"]
    list_filter = ["kind", "region"]
    list_select_related = ["region", "area", "municipality"]
    search_fields = ["public_id", "name_fi", "name_sv", "name_en"]
    autocomplete_fields = ["region", "area", "municipality"]
    readonly_fields = ["public_id"]
    inlines = [MembershipInline, MeetingInline]

    def get_inlines(self, request: HttpRequest, obj: Body | None) -> list[type[InlineModelAdmin]]:
        return list(self.inlines) if obj else []  # the region is known only once the body is saved


@admin.register(Membership)
class MembershipAdmin(RegionalAdmin):
    list_display = ["user", "body", "role", "represents", "starts_on", "ends_on", "region"]
    list_filter = ["role", "region", "body__kind"]
    list_select_related = ["user", "body", "represents", "region"]
    search_fields = ["user__name", "user__email", "body__name_fi", "body__name_sv"]
    autocomplete_fields = ["region", "user", "body", "represents"]
    date_hierarchy = "starts_on"


@admin.register(Mandate)
class MandateAdmin(RegionalAdmin):
    list_display = ["user", "organisation", "right", "starts_on", "ends_on", "region"]
    list_filter = ["right", "region"]
    list_select_related = ["user", "organisation", "region"]
    search_fields = ["user__name", "user__email", "organisation__name_fi", "organisation__name_sv"]
    autocomplete_fields = ["region", "user", "organisation"]
    date_hierarchy = "starts_on"


@admin.register(Meeting)
class MeetingAdmin(RegionalAdmin):
    list_display = ["starts_at", "body", "place", "region"]
    list_filter = ["region", "body__kind"]
    list_select_related = ["body", "region"]
    search_fields = ["public_id", "place", "body__name_fi", "body__name_sv"]
    autocomplete_fields = ["region", "body"]
    readonly_fields = ["public_id"]
    date_hierarchy = "starts_at"


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnlyAdmin):
    list_display = ["name", "content_type", "size", "region", "uploaded_by", "created_at"]
    list_filter = ["content_type", "region"]
    list_select_related = ["region", "uploaded_by"]
    search_fields = ["public_id", "name", "sha256"]
    date_hierarchy = "created_at"
    fields = ["public_id", "name", "content_type", "size", "sha256", "region", "uploaded_by", "created_at"]
    readonly_fields = ["public_id", "content_type", "size", "sha256", "created_at"]
