"""Documents for administrators: to find and to look at. Text is written through the pages, which keep its history."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit.admin import AuditedAdmin, ReadOnlyAdmin
from documents.models import Conflict, Document, Publication, Rendition, Revision, Section, Version


class ReadOnlyInline(admin.TabularInline):
    """Rows that are looked at from the page of what they belong to."""

    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SectionInline(ReadOnlyInline):
    model = Section
    fields = ["key", "position", "heading", "facet", "state", "removed_at"]
    ordering = ["position", "pk"]


class VersionInline(ReadOnlyInline):
    model = Version
    fields = ["number", "sha256", "frozen_by", "frozen_at"]
    readonly_fields = ["frozen_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Version]:
        return super().get_queryset(request).defer("content").select_related("frozen_by", "document")


@admin.register(Document)
class DocumentAdmin(AuditedAdmin):
    list_display = ["__str__", "kind", "region", "writing_body", "section_count", "version_count", "created_at"]
    list_filter = ["kind", "is_sample", "region"]
    list_select_related = ["region", "writing_body"]
    search_fields = ["public_id", "title"]
    search_help_text = _("Words of the title, or the id in the address.")
    autocomplete_fields = ["coordinating_body", "writing_body"]
    readonly_fields = ["public_id", "region", "kind", "languages", "cover", "created_by", "created_at"]
    inlines = [SectionInline, VersionInline]
    date_hierarchy = "created_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                sections_in_all=Count("sections", distinct=True), versions_in_all=Count("versions", distinct=True)
            )
        )

    @admin.display(description=_("sections"), ordering="sections_in_all")
    def section_count(self, document: Any) -> int:
        return document.sections_in_all

    @admin.display(description=_("versions"), ordering="versions_in_all")
    def version_count(self, document: Any) -> int:
        return document.versions_in_all

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Section)
class SectionAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "key", "document", "facet", "criterion", "state", "removed_at"]
    list_filter = ["facet", "state", ("removed_at", admin.EmptyFieldListFilter), "document__kind", "region"]
    list_select_related = ["document", "criterion"]
    search_fields = ["key", "heading", "document__public_id"]


@admin.register(Revision)
class RevisionAdmin(ReadOnlyAdmin):
    list_display = ["section", "number", "origin", "author", "created_at"]
    list_filter = ["origin", "region"]
    list_select_related = ["section", "author"]
    search_fields = ["section__key", "document__public_id", "author__email"]
    date_hierarchy = "created_at"


@admin.register(Version)
class VersionAdmin(ReadOnlyAdmin):
    list_display = ["document", "number", "name", "frozen_by", "frozen_at", "sha256"]
    list_filter = ["document__kind", "region"]
    list_select_related = ["document", "frozen_by", "label"]
    search_fields = ["document__public_id", "sha256", "label__name"]
    date_hierarchy = "frozen_at"
    fields = ["document", "number", "name", "sha256", "heads", "made_from", "frozen_by", "frozen_at"]
    readonly_fields = ["name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Version]:
        return super().get_queryset(request).defer("content")

    @admin.display(description=_("name"))
    def name(self, version: Version) -> str:
        return version.label.name if hasattr(version, "label") else ""


@admin.register(Conflict)
class ConflictAdmin(ReadOnlyAdmin):
    list_display = ["document", "section", "kind", "block_id", "author", "opened_at", "settled_at", "settled_by"]
    list_filter = ["kind", ("settled_at", admin.EmptyFieldListFilter), "region"]
    list_select_related = ["document", "section", "author", "settled_by"]
    search_fields = ["block_id", "document__public_id"]


@admin.register(Rendition)
class RenditionAdmin(ReadOnlyAdmin):
    list_display = ["version", "format", "layout", "language", "release", "made_at"]
    list_filter = ["format", "layout", "language", "release"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rendition]:
        return super().get_queryset(request).select_related("version__document").defer("version__content")


@admin.register(Publication)
class PublicationAdmin(ReadOnlyAdmin):
    list_display = ["version", "languages", "published_at", "published_by", "withdrawn_at"]
    list_filter = [("withdrawn_at", admin.EmptyFieldListFilter), "region"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Publication]:
        return (
            super().get_queryset(request).select_related("version__document", "published_by").defer("version__content")
        )
