"""How things stand: the statuses of a measure, and what an indicator has measured."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import Request
from plans.forms.actions import StatusForm
from plans.forms.indicators import MeasuredForm
from plans.goal_list import STATUS_BADGES
from plans.services.goals import add_status, note_figures
from plans.views.finding import find_action, find_indicator, find_plan
from plans.views.goals.listing import ListState, saved
from plans.views.goals.things import attempt, crumbs_context
from regions.models import Area


@require_http_methods(["GET", "POST"])
def action_status(request: Request, region: str, public_id: str, row_id: str) -> HttpResponse:
    """How a measure stands, and how it has stood."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    action = find_action(plan, row_id)
    form = StatusForm(request.POST or None, plan=plan)
    if form.is_valid() and attempt(form, lambda: add_status(action, by=request.user, **form.values())):
        return saved(request, plan, action, _("The status was noted."))
    entries = [
        (STATUS_BADGES.get(entry.status, entry.status), entry)
        for entry in action.status_entries.select_related("by").order_by("-date", "-pk")
    ]
    state = ListState.behind(request)
    context = {
        "action": action,
        "entries": entries,
        "form": form,
        "cancel_url": state.address(plan),
        "back": state.query(),
    }
    page = crumbs_context(plan, _("Status of the measure"))
    return render(request, "plans/action_status.html", page | context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def indicator_values(request: Request, region: str, public_id: str, row_id: str) -> HttpResponse:
    """What has been measured, by year and area."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    indicator = find_indicator(plan, row_id)
    areas = list(Area.objects.filter(region_id=plan.region_id))
    form = MeasuredForm(request.POST or None, indicator=indicator, areas=areas)
    if form.is_valid():
        note_figures(indicator, form.changes(), by=request.user)
        return saved(request, plan, indicator, _("The figures were saved."))
    state = ListState.behind(request)
    context = {"indicator": indicator, "form": form, "cancel_url": state.address(plan), "back": state.query()}
    page = crumbs_context(plan, _("What has been measured"))
    return render(request, "plans/indicator_values.html", page | context, status=422 if form.errors else 200)
