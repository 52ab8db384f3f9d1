"""The audit trail can be read here. What is done in the admin is written to it, too."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin import AccessLinkAdmin, UserAdmin
from accounts.models import AccessLink, User
from audit.models import AuditEvent
from audit.services import record
from audit.verbs import words_of


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only the program writes: they can be looked at and nothing else."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


def _actor(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


class AuditedAdmin(admin.ModelAdmin):
    """An admin whose additions, changes and deletions stand in the audit trail as well as in the admin's own log."""

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        record(_actor(request), f"{obj._meta.model_name}.added_in_admin", obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        record(_actor(request), f"{obj._meta.model_name}.changed_in_admin", obj, changes=message)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> Any:
        for obj in queryset:
            record(_actor(request), f"{obj._meta.model_name}.deleted_in_admin", obj)
        return super().log_deletions(request, queryset)


class VerbFilter(admin.AllValuesFieldListFilter):
    """The verbs that the trail has, in words."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": words_of(str(choice["display"]))}


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ["happened_at", "actor", "what", "object_label", "object_type", "region_code", "sequence"]
    list_filter = ["region_code", "happened_at", ("verb", VerbFilter)]
    list_select_related = ["actor"]
    search_fields = ["verb", "object_label", "object_id", "actor__name", "actor__email"]
    date_hierarchy = "happened_at"
    show_full_result_count = False
    fields = [
        "happened_at",
        "region_code",
        "actor",
        "what",
        "verb",
        "object_type",
        "object_id",
        "object_label",
        "details",
        "sequence",
        "digest",
    ]
    readonly_fields = ["happened_at", "what"]

    @admin.display(description=_("what was done"), ordering="verb")
    def what(self, event: AuditEvent) -> str:
        return words_of(event.verb)


# The package of people lies below this one and cannot write the trail itself.
admin.site.unregister([User, AccessLink])


@admin.register(User)
class AuditedUserAdmin(AuditedAdmin, UserAdmin):
    """People, with every change of theirs in the trail."""


@admin.register(AccessLink)
class AuditedAccessLinkAdmin(AccessLinkAdmin):
    """Links, with their withdrawal in the trail."""

    def withdrawn(self, request: HttpRequest, links: Iterable[AccessLink]) -> None:
        for link in links:
            record(_actor(request), "access_link.withdrawn_in_admin", link)
