"""Criteria sets in the admin. What is in use can be read and exported, not changed."""

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationTabularInline

from criteria.forms import CriterionForm
from criteria.models import AssessmentScale, CriteriaGroup, CriteriaSet, Criterion, ScaleStep
from criteria.services import export_criteria_set
from regions.admin import LabelAdmin
from regions.forms import SameRegionForm


class FrozenInUseAdmin(LabelAdmin):
    """Rows that nobody changes or deletes once something is bound to their set."""

    def is_in_use(self, obj: Any) -> bool:
        raise NotImplementedError

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and self.is_in_use(obj))

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and self.is_in_use(obj))


class ScaleStepInline(TranslationTabularInline):
    model = ScaleStep
    extra = 0


@admin.register(AssessmentScale)
class AssessmentScaleAdmin(FrozenInUseAdmin):
    list_display = ["name", "key"]
    search_fields = ["key", "name_fi", "name_sv", "name_en"]
    inlines = [ScaleStepInline]

    def is_in_use(self, obj: AssessmentScale) -> bool:
        return obj.criteria_sets.exclude(frozen_at=None).exists()


class CriteriaGroupInline(TranslationTabularInline):
    model = CriteriaGroup
    extra = 0
    show_change_link = False


@admin.register(CriteriaSet)
class CriteriaSetAdmin(FrozenInUseAdmin):
    form = SameRegionForm
    list_display = ["name", "version", "key", "official", "region", "valid_from", "frozen_at"]
    list_filter = ["official", "region"]
    list_select_related = ["region"]
    search_fields = ["key", "version", "name_fi", "name_sv", "name_en", "source"]
    autocomplete_fields = ["scale", "region"]
    readonly_fields = ["frozen_at"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    inlines = [CriteriaGroupInline]
    actions = ["export_set"]

    def is_in_use(self, obj: CriteriaSet) -> bool:
        return obj.is_frozen

    @admin.action(description=_("Export the selected set as a file"), permissions=["view"])
    def export_set(self, request: HttpRequest, queryset: models.QuerySet[CriteriaSet]) -> HttpResponse | None:
        chosen = list(queryset[:2])
        if len(chosen) != 1:
            self.message_user(request, _("Choose one set to export."), messages.WARNING)
            return None
        filename = f"criteria-{chosen[0].key}-{chosen[0].version}.yaml"
        return HttpResponse(
            export_criteria_set(chosen[0]),
            content_type="application/yaml; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{filename}"'},
        )


@admin.register(CriteriaGroup)
class CriteriaGroupAdmin(FrozenInUseAdmin):
    list_display = ["name", "key", "set", "position"]
    list_filter = ["set"]
    list_select_related = ["set"]
    search_fields = ["key", "name_fi", "name_sv", "name_en"]
    autocomplete_fields = ["set"]

    def is_in_use(self, obj: CriteriaGroup) -> bool:
        return obj.set.is_frozen


@admin.register(Criterion)
class CriterionAdmin(FrozenInUseAdmin):
    form = CriterionForm
    list_display = ["code", "title", "group", "set", "position"]
    list_display_links = ["code", "title"]
    list_filter = ["set", "group"]
    list_select_related = ["set", "group"]
    search_fields = ["key", "code", "title_fi", "title_sv", "title_en", "description_fi", "description_sv"]
    autocomplete_fields = ["set", "group"]

    def is_in_use(self, obj: Criterion) -> bool:
        return obj.set.is_frozen
