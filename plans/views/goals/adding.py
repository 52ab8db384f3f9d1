"""A new goal, measure or indicator, and moving them to another place."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import Request
from accounts.models import User
from documents.models import Section
from documents.queries import outline_of
from documents.views.finding import content_language
from plans.answers import Answer, handed_in_answers
from plans.desk import shown_answer
from plans.forms.actions import ActionForm
from plans.forms.goals import GoalChoiceForm, NewGoalForm, SectionForm
from plans.forms.indicators import IndicatorForm
from plans.goal_list import all_goals
from plans.models import Action, Goal, Indicator, Plan
from plans.services.goals import (
    add_action,
    add_goal,
    add_indicator,
    add_status,
    move_action,
    move_goal,
    note_figures,
)
from plans.services.proposals import join_answers
from plans.views.finding import find_action, find_chapter, find_goal, find_plan, plan_address
from plans.views.goals.listing import form_row, saved
from plans.views.goals.things import attempt, form_page, in_row


def _sections(plan: Plan) -> list[tuple[str, str]]:
    language = content_language(plan.document, None)
    rows = outline_of(plan.document).rows
    return [(row.section.key, f"{row.number} {row.section.heading_in(language)}") for row in rows]


@require_http_methods(["GET", "POST"])
def goal_add(request: Request, region: str, public_id: str) -> HttpResponse:
    """A new goal, last in the section that is chosen."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    section = request.GET.get("section") or _usual_section(plan)
    form = NewGoalForm(request.POST or None, plan=plan, sections=_sections(plan), section=section)
    if form.is_valid():
        chosen = find_chapter(plan, form.cleaned_data["section"])
        goal = attempt(form, lambda: add_goal(plan, section=chosen, by=request.user, **form.values()))
        if goal:
            return saved(request, plan, goal, _("The goal was added."))
    return form_page(request, plan, form, title=_("New goal"), submit_label=_("Add the goal"))


def _usual_section(plan: Plan) -> str:
    """Where the last goal stands, or else where proposed measures are waiting."""
    last = plan.goals.filter(removed_at=None).order_by("-pk").values_list("section__key", flat=True).first()
    waiting = plan.document.sections.present().filter(feed__isnull=False, facet=Section.Facet.FREE)
    fed = [row for row in waiting.select_related("feed") if Section.Facet.PROPOSED_ACTION in row.feed.facets]
    return last or (fed[0].key if fed else "")


@require_http_methods(["GET", "POST"])
def goal_move(request: Request, region: str, public_id: str, row_id: str) -> HttpResponse:
    """To another section, with everything that hangs on it."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    goal = find_goal(plan, row_id)
    form = SectionForm(request.POST or None, sections=[row for row in _sections(plan) if row[0] != goal.section.key])
    if form.is_valid():
        target = find_chapter(plan, form.cleaned_data["section"])
        if attempt(form, lambda: [move_goal(goal, target=target, by=request.user)]):
            return saved(request, plan, goal, _("The goal was moved with its measures and indicators."))
    return form_page(
        request,
        plan,
        form,
        title=_("Move the goal to another section"),
        lead=str(goal),
        submit_label=_("Move the goal"),
    )


@require_http_methods(["GET", "POST"])
def action_add(request: Request, region: str, public_id: str, row_id: str) -> HttpResponse:
    """A new measure. The address names the needs that it meets (`answer`) and the measure before it (`after`)."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    goal = find_goal(plan, row_id)
    needs = _named_answers(request, plan)
    after = find_action(plan, request.GET["after"]) if request.GET.get("after") else None
    short = in_row(request)
    form = ActionForm(request.POST or None, plan=plan, in_row=short)
    if form.is_valid():
        action = attempt(form, lambda: _add(goal, after, needs, request.user, form))
        if action:
            return saved(request, plan, action, _("The measure was added."))
    if short:
        where = f"?after={after.public_id}" if after else ""
        return form_row(
            request,
            plan,
            form,
            row_id=f"new-{after.block_id if after else goal.block_id}",
            action=plan_address(plan, "action-add", goal.public_id) + where,
            title=_("New measure"),
            lead=str(goal),
            is_new=True,
        )
    return form_page(
        request,
        plan,
        form,
        title=_("New measure"),
        lead=str(goal),
        submit_label=_("Add the measure"),
        answers=[shown_answer(answer) for answer in needs],
    )


def _named_answers(request: Request, plan: Plan) -> list[Answer]:
    wanted = set(request.GET.getlist("answer"))
    return [answer for answer in handed_in_answers(plan) if answer.block.id in wanted] if wanted else []


@transaction.atomic
def _add(goal: Goal, after: Action | None, answers: Sequence[Answer], by: User, form: ActionForm) -> Action:
    """The measure, its ties to the needs and its status are made together or not at all."""
    action = add_action(goal, by=by, after=after, **form.values())
    join_answers(action, answers, by=by)
    if status := form.new_status():
        add_status(action, status=status, date=timezone.localdate(), by=by)
    return action


@require_http_methods(["GET", "POST"])
def action_move(request: Request, region: str, public_id: str, row_id: str) -> HttpResponse:
    """To another goal, last under it."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    action = find_action(plan, row_id)
    goals = [
        (goal.url.rstrip("/").rsplit("/", 1)[1], f"{goal.number} {goal.title}")
        for goal in all_goals(plan)
        if goal.pk != action.goal_id
    ]
    form = GoalChoiceForm(request.POST or None, goals=goals)
    if form.is_valid():
        target = find_goal(plan, form.cleaned_data["goal"])
        if attempt(form, lambda: [move_action(action, goal=target, by=request.user)]):
            return saved(request, plan, action, _("The measure was moved."))
    context: dict[str, Any] = {"title": _("Move the measure to another goal"), "lead": str(action)}
    return form_page(request, plan, form, submit_label=_("Move the measure"), **context)


@require_http_methods(["GET", "POST"])
def indicator_add(request: Request, region: str, public_id: str, row_id: str) -> HttpResponse:
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    goal = find_goal(plan, row_id)
    form = IndicatorForm(request.POST or None, plan=plan)
    if form.is_valid():
        indicator = attempt(form, lambda: _add_indicator(goal, request.user, form))
        if indicator:
            return saved(request, plan, goal, _("The indicator was added."))
    return form_page(request, plan, form, title=_("New indicator"), lead=str(goal), submit_label=_("Add the indicator"))


@transaction.atomic
def _add_indicator(goal: Goal, by: User, form: IndicatorForm) -> Indicator:
    """The indicator and its first figures are made together or not at all."""
    indicator = add_indicator(goal, by=by, **form.values())
    note_figures(indicator, form.changes(), by=by)
    return indicator
