"""Templates, handbooks, imports and assessments in the admin. What is written by services is read here."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit.admin import ReadOnlyAdmin
from handbooks.models import Assessment, Handbook, Template, WordImport
from regions.admin import RegionalAdmin


@admin.register(Template)
class TemplateAdmin(RegionalAdmin):
    list_display = ["document", "key", "criteria_set", "region"]
    list_filter = ["region", "criteria_set"]
    list_select_related = ["document", "criteria_set", "region"]
    search_fields = ["key", "document__public_id", "document__title"]
    readonly_fields = ["document", "key", "criteria_set"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a template is loaded from a file, with its sections

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class AssessmentInline(admin.TabularInline):
    model = Assessment
    extra = 0
    fields = ["criterion", "step", "note"]
    readonly_fields = ["criterion", "step", "note"]
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Assessment]:
        return super().get_queryset(request).select_related("criterion", "step")


@admin.register(Handbook)
class HandbookAdmin(RegionalAdmin):
    """Whose and of which year a handbook is may be corrected; its text is written on its own pages."""

    list_display = ["document", "area", "municipality", "centre", "year", "is_handed_in", "region"]
    list_filter = ["region", "year", "area"]
    list_select_related = ["document", "area", "municipality", "region"]
    search_fields = ["document__public_id", "document__title", "centre", "area__name_fi", "municipality__name_fi"]
    autocomplete_fields = ["area", "municipality"]
    readonly_fields = ["document", "template_version", "handed_in"]
    inlines = [AssessmentInline]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Handbook]:
        return (
            super()
            .get_queryset(request)
            .select_related("template_version__document", "handed_in__document")
            .defer("template_version__content", "handed_in__content")
        )

    @admin.display(description=_("handed in"), boolean=True)
    def is_handed_in(self, obj: Handbook) -> bool:
        return obj.handed_in_id is not None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a handbook is made from a template, with its sections

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(WordImport)
class WordImportAdmin(ReadOnlyAdmin):
    list_display = ["file", "handbook", "language", "words_in_file", "words_imported", "created_at", "imported_at"]
    list_filter = ["region", "language", "tracked_changes"]
    list_select_related = ["file", "handbook__document"]
    search_fields = ["public_id", "file__name", "handbook__document__public_id"]
    date_hierarchy = "created_at"
    exclude = ["placement"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).defer("placement")


@admin.register(Assessment)
class AssessmentAdmin(ReadOnlyAdmin):
    list_display = ["handbook", "criterion", "step", "region"]
    list_filter = ["region", "step"]
    list_select_related = ["handbook__document", "criterion", "step", "region"]
    search_fields = ["handbook__document__title", "criterion__title_fi", "criterion__key"]
