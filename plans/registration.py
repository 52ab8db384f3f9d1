"""What `plans` brings to `documents`: its kinds of block and of document."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from documents import kinds
from documents.models import Document, Section
from documents.permissions import can_read_draft
from plans import blocks, exports, printing, proposable, short_edition
from plans.desk import sourced_blocks
from plans.goal_list import source_label, source_url
from plans.models import Plan
from plans.models.extra import EXTRA_KEYS
from plans.queries import plan_snapshot, sources_by_block
from plans.telling import tell_value
from plans.views.finding import plan_tabs
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
            new_after=proposable.new_action,
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
                "extra_1": _("extra field 1"),
                "extra_2": _("extra field 2"),
            },
            internal=EXTRA_KEYS,
            resolve=blocks.resolve_actions,
            lines=blocks.action_lines,
            project=blocks.project_actions,
            tell=tell_value,
            proposable=proposable.OF_ACTIONS,
            new_after=proposable.new_action,
        )
    )
    kinds.register_document(
        kinds.DocumentKind(
            name=Document.Kind.PLAN,
            label=_("Action plan"),
            snapshot=plan_snapshot,
            links=plan_links,
            panels=plan_panels,
            sources=plan_sources,
            kept_by=plan_kept_by,
            forget=forget_plan,
            tabs=pages_of_plan,
        )
    )
    kinds.add_links(Document.Kind.HANDBOOK, handbook_links)
    printing.register()
    short_edition.register()
    exports.register()


def pages_of_plan(document: Document, current: str) -> list[tuple[str, str, bool]]:
    plan = Plan.objects.filter(document=document).first()
    if plan is None:
        return []
    plan.document = document
    return plan_tabs(plan, current)


def plan_kept_by(document: Document) -> list[str]:
    """Why a plan without text is still more than a mistake."""
    plan = Plan.objects.filter(document=document).first()
    if plan is None:
        return []
    reasons: list[str] = []
    if plan.goals.exists() or plan.actions.exists() or plan.indicators.exists():
        reasons.append(gettext("It has goals or measures."))
    if plan.sources.exists() or plan.candidates.exists() or plan.need_decisions.exists():
        reasons.append(gettext("It has been compiled from handbooks."))
    if Plan.objects.filter(parent=plan).exists():
        reasons.append(gettext("Local plans belong to it."))
    return reasons


def forget_plan(document: Document) -> None:
    Plan.objects.filter(document=document).delete()


def plan_links(document: Document, rights: Rights) -> list[kinds.Link]:
    """The pages of a plan, for those who read its draft."""
    if not can_read_draft(rights, document):
        return []

    def page(name: str) -> str:
        return reverse(f"plans:{name}", args=[document.region.slug, document.public_id])

    return [
        kinds.Link(_("Compile"), page("compile-desk"), "book"),
        kinds.Link(_("Needs and priorities"), page("need-list"), "list"),
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


def plan_sources(document: Document, block_ids: Iterable[str]) -> dict[str, list[kinds.Link]]:
    """The handbook answers that blocks of a plan were made of."""
    plan = Plan.objects.filter(document_id=document.pk).first()
    if plan is None:
        return {}
    plan.document = document
    return {
        block_id: [
            kinds.Link(source_label(str(row.handbook), row.section_label), source_url(row), "book") for row in rows
        ]
        for block_id, rows in sources_by_block(plan, block_ids).items()
    }


def handbook_links(document: Document, rights: Rights) -> list[kinds.Link]:
    """How the region's newest plans use a handbook, for its own group and the coordinators."""
    if not can_read_draft(rights, document):
        return []
    plans = Plan.objects.filter(region_id=document.region_id).select_related("document").order_by("-starts_on", "-pk")
    newest = list(plans[:2])
    used = [
        kinds.Link(
            _("How your handbook is used: %(plan)s") % {"plan": plan},
            reverse("plans:handbook-use", args=[document.region.slug, document.public_id, plan.document.public_id]),
            "link",
        )
        for plan in newest
    ]
    if not newest or not rights.coordinates(document.region):
        return used
    desk = reverse("plans:compile-desk", args=[document.region.slug, newest[0].document.public_id])
    return [*used, kinds.Link(_("Compile from the handbooks: %(plan)s") % {"plan": newest[0]}, desk, "arrow")]
