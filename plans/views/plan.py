"""A new plan, what is still to be completed in one, its summary by criterion, and how it uses a handbook."""

from collections import Counter
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request
from documents.models import Document
from documents.views.finding import LIST_TITLES, content_language, find_any, require
from handbooks.models import Handbook
from plans.desk import used_sections
from plans.digest import Became, became_of_needs
from plans.ends import plan_ends
from plans.forms.plan import PlanForm
from plans.models import Plan
from plans.permissions import can_read_plan, can_see_use
from plans.queries import summary_by_criterion
from plans.services.plans import create_plan
from plans.uses import State
from plans.views.compiling import decide_answers
from plans.views.finding import find_goal, find_plan, plan_address, plan_context
from regions.models import Region
from regions.permissions import rights_of


@require_http_methods(["GET", "POST"])
def plan_new(request: Request, region: str) -> HttpResponse:
    """For coordinators. Who takes part in the region sees it but may not; for others the page does not exist."""
    found = get_object_or_404(Region, slug=region)
    rights = rights_of(request.user)
    if not rights.in_region(found):
        raise Http404
    require(rights.coordinates(found))
    form = PlanForm(request.POST or None, region=found)
    if form.is_valid():
        try:
            plan = create_plan(found, by=request.user, **form.values())
        except ValidationError as error:
            form.add_error(None, ValidationError(error.messages))
        else:
            messages.success(request, _("The plan was made. Compile it from the handbooks, or begin writing."))
            return redirect(plan.document)
    plans_title = LIST_TITLES[Document.Kind.PLAN]
    context = {
        "region": found,
        "crumbs": [
            (_("Front page"), reverse("home")),
            (found.name, reverse("region", args=[found.slug])),
            (str(plans_title), reverse("documents:document-list", args=[found.slug, Document.Kind.PLAN])),
            (_("New plan"), ""),
        ],
        "title": _("New plan"),
        "lead": "",
        "form": form,
        "submit_label": _("Make the plan"),
        "cancel_url": reverse("region", args=[found.slug]),
        "answers": [],
        "tabs": [],
    }
    return render(request, "plans/form.html", context, status=422 if form.errors else 200)


@require_safe
def loose_end_list(request: Request, region: str, public_id: str) -> HttpResponse:
    """Täydennettävää: what a reader or a reporter would stumble over."""
    plan, _rights = find_plan(request, region, public_id)
    context = plan_context(plan, "loose-end-list", (_("To complete"), "")) | {"ends": plan_ends(plan)}
    return render(request, "plans/loose_end_list.html", context)


@require_POST
def need_decide(request: Request, region: str, public_id: str) -> HttpResponse:
    """Ei tällä kaudella: needs that no measure answers, with a reason that their area sees."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    decide_answers(request, plan)
    return redirect(f"{plan_address(plan, 'loose-end-list')}#needs")


@require_POST
def need_answer(request: Request, region: str, public_id: str) -> HttpResponse:
    """To a new measure of the chosen goal that meets the ticked needs."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    answers = request.POST.getlist("answer")
    if not answers or not request.POST.get("goal"):
        messages.error(request, _("Choose the needs and the goal whose measure meets them."))
        return redirect(f"{plan_address(plan, 'loose-end-list')}#needs")
    goal = find_goal(plan, request.POST["goal"])
    query = urlencode({"answer": answers}, doseq=True)
    return redirect(f"{plan_address(plan, 'action-add', goal.public_id)}?{query}")


@require_safe
def criterion_summary(request: Request, region: str, public_id: str) -> HttpResponse:
    """Every criterion with the goals and measures that answer it."""
    plan, _rights = find_plan(request, region, public_id)
    context = plan_context(plan, "criterion-summary", (_("Summary by criterion"), "")) | {
        "groups": summary_by_criterion(plan)
    }
    return render(request, "plans/criterion_summary.html", context)


@require_safe
def handbook_use(request: Request, region: str, public_id: str, plan_id: str) -> HttpResponse:
    """Näin käsikirjaanne käytetään: each answer of a handbook with the places in the plan that it led to."""
    document, rights = find_any(request, region, Document.Kind.HANDBOOK, public_id)
    handbook = get_object_or_404(Handbook.objects.for_list(), document=document)
    plan = get_object_or_404(
        Plan.objects.select_related("document__region"), document__public_id=plan_id, region_id=document.region_id
    )
    if not can_see_use(rights, plan, handbook):
        raise Http404
    priorities = {row.id: told for row in became_of_needs(plan, handbook) if (told := _told_priority(row))}
    sections = used_sections(handbook, plan, linked=can_read_plan(rights, plan), priorities=priorities)
    uses = [use for section in sections for use in section.uses]
    counts = Counter(use.state.value for use in uses)
    context = {
        "plan": plan,
        "handbook": handbook,
        "document": document,
        "region": document.region,
        "language": content_language(document, None),
        "crumbs": [
            (_("Front page"), reverse("home")),
            (document.region.name, reverse("region", args=[document.region.slug])),
            (str(document), document.get_absolute_url()),
            (_("How your handbook is used"), ""),
        ],
        "sections": sections,
        "uses": uses,
        "counts": [(state, counts[state.value]) for state in State],
        "answers": sum(1 for use in uses if use.counts),
        "used": sum(1 for use in uses if use.counts and use.places),
    }
    return render(request, "plans/handbook_use.html", context)


def _told_priority(became: Became) -> str:
    """What the meeting on priorities made of a need. What was left out is told with its reason elsewhere."""
    told = ""
    if became.state == "priority":
        told = _("In the priority “%(priority)s”") % {"priority": became.priority}
    elif became.state == "open":
        told = _("Waits for the decision on priorities, in the group “%(group)s”") % {"group": became.group}
    if told and became.others:
        others = ngettext(
            "%(count)d other area raised the same", "%(count)d other areas raised the same", became.others
        )
        told = f"{told}. {others % {'count': became.others}}"
    return f"{told}. {became.meeting}" if told and became.meeting else told
