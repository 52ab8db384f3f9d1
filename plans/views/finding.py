"""What every view of a plan begins with: finding it among what the reader may see, its tabs and its way there."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.http import Request
from documents.models import Document, Section
from documents.views.finding import address, content_language, document_crumbs, find_draft, require
from plans.models import Action, Goal, Indicator, Plan
from plans.permissions import can_edit_plan
from regions.permissions import Rights

Tabs = list[tuple[str, str, bool]]


def find_plan(request: Request, region: str, public_id: str, *, to_edit: bool = False) -> tuple[Plan, Rights]:
    """The plan, if the reader may read its draft; otherwise it does not exist (404). 403 where she may not edit it."""
    document, rights = find_draft(request, region, Document.Kind.PLAN, public_id)
    plan = get_object_or_404(Plan.objects.select_related("criteria_set"), document=document)
    plan.document, plan.region = document, document.region
    if to_edit:
        require(can_edit_plan(rights, plan))
    return plan, rights


def find_goal(plan: Plan, public_id: str) -> Goal:
    rows = plan.goals.filter(removed_at=None).select_related("section", "section__head")
    return _of_plan(get_object_or_404(rows, public_id=public_id), plan)


def find_action(plan: Plan, public_id: str) -> Action:
    rows = plan.actions.filter(removed_at=None).select_related("section", "section__head", "goal")
    return _of_plan(get_object_or_404(rows, public_id=public_id), plan)


def find_indicator(plan: Plan, public_id: str) -> Indicator:
    rows = plan.indicators.filter(removed_at=None).select_related("section", "section__head", "goal")
    return _of_plan(get_object_or_404(rows, public_id=public_id), plan)


def _of_plan(row: Any, plan: Plan) -> Any:
    row.plan = plan
    row.section.document = plan.document
    return row


def find_chapter(plan: Plan, key: str) -> Section:
    section = get_object_or_404(plan.document.sections.present().with_text(), key=key)
    section.document = plan.document
    return section


def plan_address(plan: Plan, name: str, *rest: Any) -> str:
    """A page of this plan: `plan_address(plan, "goal-edit", goal.public_id)`."""
    return reverse(f"plans:{name}", args=[plan.document.region.slug, plan.document.public_id, *rest])


def plan_tabs(plan: Plan, current: str) -> Tabs:
    """The pages of a plan, the same on each of them."""
    pages = [
        ("document-detail", _("Plan"), plan.document.get_absolute_url()),
        ("compile-desk", _("Compile"), plan_address(plan, "compile-desk")),
        ("need-list", _("Needs and priorities"), plan_address(plan, "need-list")),
        ("goal-list", _("Goals and measures"), plan_address(plan, "goal-list")),
        ("loose-end-list", _("To complete"), plan_address(plan, "loose-end-list")),
        ("criterion-summary", _("Summary by criterion"), plan_address(plan, "criterion-summary")),
        ("version-list", _("Versions"), address(plan.document, "version-list")),
        ("round-list", _("Rounds"), _rounds(plan)),
    ]
    return [(label, url, name == current) for name, label, url in pages]


def _rounds(plan: Plan) -> str:
    document = plan.document
    return reverse("reviews:round-list", args=[document.region.slug, document.kind, document.public_id])


def plan_context(plan: Plan, current: str, *crumbs: tuple[str, str]) -> dict[str, Any]:
    """What every page of a plan shows around its own matter."""
    return {
        "plan": plan,
        "document": plan.document,
        "region": plan.document.region,
        "language": content_language(plan.document, None),
        "tabs": plan_tabs(plan, current),
        "crumbs": document_crumbs(plan.document, *crumbs),
    }
