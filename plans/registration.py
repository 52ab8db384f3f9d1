"""What `plans` brings to `documents`: its kinds of block and of document."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from documents import kinds
from documents.models import Document, Section
from documents.permissions import can_read_draft
from plans import blocks, exports, printing
from plans.desk import sourced_blocks
from plans.goal_list import tell_value
from plans.models import Plan
from plans.queries import plan_snapshot, sources_by_block
from regions.permissions import Rights


def register() -> None:
    """Goals first, because indicators and actions hang on them."""
    kinds.register_block(
        kinds.BlockKind(
            name=blocks.GOAL,
            label=_("Goal"),
            template="plans/block_goal.html",
            labels={"title": _("goal"), "rationale": _("reason"), "criteria": _("criteria")},
            resolve=blocks.resolve_goals,
            lines=blocks.goal_lines,
            project=blocks.project_goals,
            tell=tell_value,
        )
    )
    kinds.register_block(
        kinds.BlockKind(
            name=blocks.INDICATOR,
            label=_("Indicator"),
            template="plans/block_indicator.html",
            labels={
                "name": _("indicator"),
                "unit": _("unit"),
                "source": _("source"),
                "goal": _("goal"),
                "baseline": _("baseline"),
                "baseline_year": _("year of the baseline"),
                "target": _("target"),
                "target_year": _("year of the target"),
            },
            resolve=blocks.resolve_indicators,
            lines=blocks.indicator_lines,
            project=blocks.project_indicators,
            tell=tell_value,
        )
    )
    kinds.register_block(
        kinds.BlockKind(
            name=blocks.ACTION,
            label=_("Measure"),
            template="plans/block_action.html",
            labels={
                "title": _("measure"),
                "description": _("description"),
                "schedule": _("schedule as printed"),
                "goal": _("goal"),
                "roles": _("responsible organisations and partners"),
                "starts_on": _("starts"),
                "ends_on": _("ends"),
                "resources": _("resources"),
                "euros": _("euros by year"),
            },
            resolve=blocks.resolve_actions,
            lines=blocks.action_lines,
            project=blocks.project_actions,
            tell=tell_value,
        )
    )
    kinds.register_document(
        kinds.DocumentKind(
            name=Document.Kind.PLAN,
            label=_("Action plan"),
            snapshot=plan_snapshot,
            links=plan_links,
            panels=plan_panels,
        )
    )
    kinds.add_links(Document.Kind.HANDBOOK, handbook_links)
    printing.register()
    exports.register()


def plan_links(document: Document, rights: Rights) -> list[kinds.Link]:
    """The pages of a plan, for those who read its draft."""
    if not can_read_draft(rights, document):
        return []

    def page(name: str) -> str:
        return reverse(f"plans:{name}", args=[document.region.slug, document.public_id])

    return [
        kinds.Link(_("Compile"), page("compile-desk"), "book"),
        kinds.Link(_("Goals and measures"), page("goal-list"), "flag"),
        kinds.Link(_("To complete"), page("loose-end-list"), "check"),
        kinds.Link(_("Summary by criterion"), page("criterion-summary"), "table"),
    ]


def plan_panels(section: Section, rights: Rights) -> list[kinds.Panel]:
    """Mistä tämä tulee: the handbook answers behind each paragraph, goal and measure of a section."""
    plan = Plan.objects.filter(document_id=section.document_id).first()
    if plan is None or not can_read_draft(rights, section.document):
        return []
    plan.document = section.document
    sources = sources_by_block(plan, [block.id for block in section.blocks])
    panels = []
    if any(not block.is_text for block in section.blocks):
        address = reverse("plans:goal-list", args=[section.document.region.slug, section.document.public_id])
        panels.append(kinds.Panel("plans/_goals_panel.html", {"url": f"{address}#s-{section.key}"}))
    if rows := sourced_blocks(plan, section, sources):
        panels.append(kinds.Panel("plans/_sources_panel.html", {"blocks": rows}))
    return panels


def handbook_links(document: Document, rights: Rights) -> list[kinds.Link]:
    """How the region's newest plans use a handbook, for its own group and the coordinators."""
    if not can_read_draft(rights, document):
        return []
    plans = Plan.objects.filter(region_id=document.region_id).select_related("document").order_by("-starts_on", "-pk")
    return [
        kinds.Link(
            _("How your handbook is used: %(plan)s") % {"plan": plan},
            reverse("plans:handbook-use", args=[document.region.slug, document.public_id, plan.document.public_id]),
            "link",
        )
        for plan in plans[:2]
    ]
