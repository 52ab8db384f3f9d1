"""Plans for administrators: to find, to look at, and to put right what is data and not text.

Goals, measures and indicators follow the blocks of their plan: what is written here would be gone at the next save.
So their fields are only shown, with the way to the page where they are edited and which keeps their history.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from audit.admin import AuditedAdmin, ReadOnlyAdmin
from documents.admin import ReadOnlyInline
from documents.models.document import in_language
from plans.goal_list import euros_text, resource_labels
from plans.models import (
    Action,
    ActionRole,
    Candidate,
    Goal,
    Indicator,
    IndicatorValue,
    NeedDecision,
    NeedGroup,
    NeedGroupItem,
    Plan,
    Priority,
    Source,
    StatusEntry,
)
from regions.admin import RegionalInline


def texts(value: dict[str, str]) -> SafeString:
    """A text in each of its languages, a line each."""
    return format_html_join(mark_safe("<br>"), "<b>{}</b> {}", sorted(value.items()))


class KeptAdmin(AuditedAdmin):
    """Rows that the program makes and that history keeps: never added or deleted here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Plan)
class PlanAdmin(KeptAdmin):
    list_display = ["__str__", "region", "period", "criteria_set", "parent"]
    list_filter = ["region", "criteria_set"]
    search_fields = ["document__public_id", "document__title"]
    search_help_text = _("Words of the title, or the id in the address.")
    fields = ["document", "page", "region", "criteria_set", "starts_on", "ends_on", "parent"]
    readonly_fields = ["document", "page", "region", "criteria_set"]
    autocomplete_fields = ["parent"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        return (
            super()
            .get_queryset(request)
            .select_related("document__region", "region", "criteria_set", "parent__document")
        )

    @admin.display(description=_("where it is edited"))
    def page(self, plan: Plan) -> SafeString:
        return format_html('<a href="{}">{}</a>', plan.document.get_absolute_url(), _("Open the plan"))


class BlockRowAdmin(KeptAdmin):
    """A goal, measure or indicator, whose row follows its block in the plan."""

    address = ""
    list_filter = ["region", ("removed_at", admin.EmptyFieldListFilter)]
    related = ["region", "plan__document__region", "section"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related(*self.related)

    @admin.display(description=_("where it is edited"))
    def page(self, row: Any) -> SafeString:
        if row.removed_at:
            return format_html("{}", _("It has been removed. It can be brought back from the history of its section."))
        url = reverse(self.address, args=[row.region.slug, row.plan.document.public_id, row.public_id])
        return format_html(
            '{} <a href="{}">{}</a>',
            _("Its texts are a part of the plan and are edited there, so that their history is kept."),
            url,
            _("Edit it in the plan"),
        )


@admin.register(Goal)
class GoalAdmin(BlockRowAdmin):
    address = "plans:goal-edit"
    list_display = ["__str__", "plan", "section", "region", "removed_at"]
    search_fields = ["public_id", "block_id", "title", "rationale", "plan__document__title"]
    fields = ["page", "titles", "rationales", "criteria_names", "plan", "section", "region", "public_id", "removed_at"]

    @admin.display(description=_("goal"))
    def titles(self, goal: Goal) -> SafeString:
        return texts(goal.title)

    @admin.display(description=_("reason"))
    def rationales(self, goal: Goal) -> SafeString:
        return texts(goal.rationale)

    @admin.display(description=_("criteria"))
    def criteria_names(self, goal: Goal) -> str:
        return ", ".join(str(criterion) for criterion in goal.criteria.all())


class RoleInline(ReadOnlyInline):
    model = ActionRole
    fields = ["role", "organisation", "group"]
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ActionRole]:
        return super().get_queryset(request).select_related("organisation", "group")


class StatusInline(ReadOnlyInline):
    model = StatusEntry
    fields = ["date", "status", "told", "by"]
    readonly_fields = ["told"]
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[StatusEntry]:
        return super().get_queryset(request).select_related("by")

    @admin.display(description=_("note"))
    def told(self, entry: StatusEntry) -> SafeString:
        return texts(entry.note)


@admin.register(Action)
class ActionAdmin(BlockRowAdmin):
    address = "plans:action-edit"
    list_display = ["__str__", "goal", "plan", "region", "starts_on", "ends_on", "removed_at"]
    related = [*BlockRowAdmin.related, "goal"]
    search_fields = [
        "public_id",
        "block_id",
        "title",
        "description",
        "plan__document__title",
        "roles__organisation__name_fi",
        "roles__organisation__name_sv",
        "roles__group__name_fi",
    ]
    fields = [
        "page",
        "titles",
        "descriptions",
        "schedules",
        "starts_on",
        "ends_on",
        "resource_names",
        "costs",
        "goal",
        "plan",
        "section",
        "region",
        "public_id",
        "removed_at",
    ]
    inlines = [RoleInline, StatusInline]

    @admin.display(description=_("measure"))
    def titles(self, action: Action) -> SafeString:
        return texts(action.title)

    @admin.display(description=_("description"))
    def descriptions(self, action: Action) -> SafeString:
        return texts(action.description)

    @admin.display(description=_("schedule as printed"))
    def schedules(self, action: Action) -> SafeString:
        return texts(action.schedule)

    @admin.display(description=_("resources"))
    def resource_names(self, action: Action) -> str:
        return ", ".join(resource_labels(action.resources))

    @admin.display(description=_("euros by year"))
    def costs(self, action: Action) -> str:
        return euros_text({row.year: int(row.amount) for row in action.euros.all()})


class IndicatorValueInline(RegionalInline):
    """What was measured is data, not text: values by area are entered here."""

    model = IndicatorValue
    fields = ["year", "area", "value"]
    autocomplete_fields = ["area"]
    list_select_related = ["area", "indicator"]


@admin.register(Indicator)
class IndicatorAdmin(BlockRowAdmin):
    address = "plans:indicator-edit"
    list_display = ["__str__", "goal", "plan", "baseline", "target", "region", "removed_at"]
    related = [*BlockRowAdmin.related, "goal"]
    search_fields = ["public_id", "block_id", "name", "source", "plan__document__title"]
    fields = [
        "page",
        "names",
        "units",
        "sources",
        "baseline",
        "baseline_year",
        "target",
        "target_year",
        "goal",
        "plan",
        "section",
        "region",
        "public_id",
        "removed_at",
    ]
    inlines = [IndicatorValueInline]

    @admin.display(description=_("indicator"))
    def names(self, indicator: Indicator) -> SafeString:
        return texts(indicator.name)

    @admin.display(description=_("unit"))
    def units(self, indicator: Indicator) -> SafeString:
        return texts(indicator.unit)

    @admin.display(description=_("source"))
    def sources(self, indicator: Indicator) -> SafeString:
        return texts(indicator.source)


class ThreadAdmin(ReadOnlyAdmin):
    """The red thread between handbooks and plans, to be looked at."""

    list_filter = ["region"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.select_related("region", "plan__document", "handbook", "version").defer("version__content")


@admin.register(Source)
class SourceAdmin(ThreadAdmin):
    list_display = ["__str__", "plan", "handbook", "section_label", "block_id", "source_block_id"]
    search_fields = ["quote", "block_id", "source_block_id", "plan__document__title", "handbook__title"]
    fields = [
        "quote",
        "plan",
        "block_id",
        "handbook",
        "handbook_version",
        "section_label",
        "section_key",
        "source_block_id",
        "region",
    ]
    readonly_fields = ["handbook_version"]

    @admin.display(description=_("version"))
    def handbook_version(self, source: Source) -> int:
        return source.version.number


@admin.register(Candidate)
class CandidateAdmin(ThreadAdmin):
    list_display = ["__str__", "state", "plan", "section", "handbook", "reason", "decided_by"]
    list_filter = ["state", "region"]
    search_fields = ["text", "reason", "source_block_id", "plan__document__title", "handbook__title"]
    fields = ["told", "state", "reason", "action", "plan", "section", "handbook", "section_label", "region"]
    readonly_fields = ["told"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Candidate]:
        return super().get_queryset(request).select_related("section", "action", "decided_by")

    @admin.display(description=_("proposed measure"))
    def told(self, candidate: Candidate) -> SafeString:
        return texts(candidate.text)


@admin.register(NeedDecision)
class NeedDecisionAdmin(ReadOnlyAdmin):
    list_display = ["reason", "plan_title", "block_id", "decided_by", "decided_at"]
    list_filter = ["region"]
    list_select_related = ["plan__document", "decided_by"]
    search_fields = ["reason", "block_id", "plan__document__title"]
    fields = ["reason", "plan", "block_id", "decided_by", "region"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[NeedDecision]:
        return super().get_queryset(request).select_related("plan__document", "region")

    @admin.display(description=_("action plan"), ordering="plan")
    def plan_title(self, decision: NeedDecision) -> str:
        return in_language(decision.plan.document.title)


# --- Needs and priorities -------------------------------------------------------------------------------------------


class OfMeetingAdmin(ReadOnlyAdmin):
    """What the meeting on priorities made of the areas' needs. It is decided, and undone, on the plan's own pages."""

    list_filter = ["region"]
    related = ["region", "plan__document__region"]
    address = "plans:need-list"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related(*self.related)

    @admin.display(description=_("where it is decided"))
    def page(self, row: Any) -> SafeString:
        url = reverse(self.address, args=[row.region.slug, row.plan.document.public_id])
        return format_html('<a href="{}">{}</a>', url, _("Needs and priorities"))


class NeedGroupInline(ReadOnlyInline):
    model = NeedGroup
    fields = ["told", "state", "body", "decided_on"]
    readonly_fields = ["told"]
    verbose_name_plural = _("needs behind it")

    def get_queryset(self, request: HttpRequest) -> QuerySet[NeedGroup]:
        return super().get_queryset(request).select_related("body")

    @admin.display(description=_("name"))
    def told(self, group: NeedGroup) -> SafeString:
        return texts(group.title)


@admin.register(Priority)
class PriorityAdmin(OfMeetingAdmin):
    address = "plans:priority-list"
    list_display = ["__str__", "plan", "origin", "stands", "region"]
    list_filter = ["region", "origin"]
    search_fields = ["section__heading", "section__key", "plan__document__title"]
    fields = ["page", "section", "plan", "origin", "block_id", "stands", "region"]
    readonly_fields = ["page", "stands"]
    related = [*OfMeetingAdmin.related, "section"]
    inlines = [NeedGroupInline]

    @admin.display(description=_("stands in the plan"), boolean=True)
    def stands(self, priority: Priority) -> bool:
        return priority.section.removed_at is None


class NeedGroupItemInline(ReadOnlyInline):
    model = NeedGroupItem
    fields = ["quote", "handbook", "section_label"]
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[NeedGroupItem]:
        return super().get_queryset(request).select_related("handbook")


@admin.register(NeedGroup)
class NeedGroupAdmin(OfMeetingAdmin):
    list_display = ["__str__", "plan", "state", "priority", "reason", "decided_on", "region"]
    list_filter = ["region", "state"]
    search_fields = ["public_id", "title", "reason", "items__quote", "plan__document__title"]
    fields = [
        "page",
        "titles",
        "state",
        "priority",
        "reason",
        "body",
        "decided_on",
        "decided_by",
        "decided_at",
        "words",
        "plan",
        "public_id",
        "region",
    ]
    readonly_fields = ["page", "titles", "words", "public_id"]
    related = [*OfMeetingAdmin.related, "priority__section", "body", "decided_by"]
    inlines = [NeedGroupItemInline]

    @admin.display(description=_("name"))
    def titles(self, group: NeedGroup) -> SafeString:
        return texts(group.title)

    @admin.display(description=_("common words"))
    def words(self, group: NeedGroup) -> str:
        return ", ".join(group.shared_words)


@admin.register(NeedGroupItem)
class NeedGroupItemAdmin(OfMeetingAdmin):
    list_display = ["__str__", "group", "handbook", "section_label", "plan", "region"]
    search_fields = ["quote", "block_id", "handbook__title", "plan__document__title"]
    fields = ["page", "quote", "group", "handbook", "handbook_version", "section_label", "block_id", "plan", "region"]
    readonly_fields = ["page", "handbook_version"]
    related = [*OfMeetingAdmin.related, "group", "handbook", "version"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[NeedGroupItem]:
        return super().get_queryset(request).defer("version__content")

    @admin.display(description=_("version"))
    def handbook_version(self, item: NeedGroupItem) -> int:
        return item.version.number
