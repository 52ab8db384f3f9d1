"""Background work in the admin: to look at, and to start anew what was given up."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit.admin import ReadOnlyAdmin
from jobs.models import Job
from jobs.services import retry


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[Any, Any]]:
        return [("open", _("waiting or running")), ("finished", _("finished")), ("failed", _("given up"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        match self.value():
            case "open":
                return queryset.filter(finished_at=None, failed_at=None)
            case "finished":
                return queryset.exclude(finished_at=None)
            case "failed":
                return queryset.exclude(failed_at=None)
        return queryset


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ["kind", "key", "region_code", "created_at", "run_after", "attempts", "finished_at", "failed_at"]
    list_filter = [StateFilter, "kind", "region_code"]
    search_fields = ["key", "error"]
    date_hierarchy = "created_at"
    actions = ["start_anew"]

    @admin.action(description=_("Start the selected jobs anew"), permissions=["view"])
    def start_anew(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        for job in queryset.exclude(failed_at=None):
            retry(job)
        self.message_user(request, _("Jobs that had been given up will be tried again."))
