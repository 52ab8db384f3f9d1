"""Goals, measures and indicators: the page that lists them, and a page for each thing that is done to one."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request
from accounts.models import User
from documents.models import Section
from documents.queries import outline_of
from documents.views.finding import address, content_language
from plans.desk import shown_answer
from plans.forms import ActionForm, GoalFilterForm, GoalForm, IndicatorForm, NewGoalForm, SectionForm, StatusForm
from plans.goal_list import STATUS_BADGES, GoalFilter, goal_list
from plans.models import Action, Goal, Indicator, Plan
from plans.services.compiling import Answer, handed_in_answers, tie_answers
from plans.services.goals import (
    Written,
    add_action,
    add_goal,
    add_indicator,
    add_status,
    change_action,
    change_goal,
    change_indicator,
    clear_indicator_value,
    current_block,
    move_goal,
    remove,
    reorder,
    set_indicator_value,
)
from plans.views.finding import (
    find_action,
    find_chapter,
    find_goal,
    find_indicator,
    find_plan,
    plan_address,
    plan_context,
)


@require_safe
def goal_list_page(request: Request, region: str, public_id: str) -> HttpResponse:
    """All goals with their measures, and what can be done with each."""
    plan, _rights = find_plan(request, region, public_id)
    asked = {name: request.GET.get(name, "") for name in ("organisation", "criterion", "status")}
    wanted = GoalFilter(**asked)
    listed = goal_list(plan, wanted)
    form = GoalFilterForm(request.GET if any(asked.values()) else None, plan=plan, everyone=listed.everyone)
    if form.is_bound and not form.is_valid():
        listed = goal_list(plan, GoalFilter())
    context = plan_context(plan, "goal-list", (_("Goals and measures"), "")) | {
        "listed": listed,
        "form": form,
        "filtered": form.is_bound and form.is_valid(),
        "waiting": plan.candidates.filter(state="open").count(),
    }
    return render(request, "plans/goal_list.html", context)


def _sections(plan: Plan, language: str) -> list[tuple[str, str]]:
    return [
        (row.section.key, f"{row.number} {row.section.heading_in(language)}") for row in outline_of(plan.document).rows
    ]


def _back(plan: Plan, row: Goal | Indicator | Action) -> HttpResponse:
    """To the list, where the thing stands in it."""
    return redirect(f"{plan_address(plan, 'goal-list')}#b-{row.block_id}")


def _form_page(request: Request, plan: Plan, form: Any, **context: Any) -> HttpResponse:
    page = plan_context(
        plan, "goal-list", (_("Goals and measures"), plan_address(plan, "goal-list")), (context["title"], "")
    )
    shown = {"lead": "", "cancel_url": plan_address(plan, "goal-list"), "answers": [], **context, "form": form}
    return render(request, "plans/form.html", page | shown, status=422 if form.errors else 200)


def _saved(request: Request, plan: Plan, row: Any, message: str) -> HttpResponse:
    messages.success(request, message)
    return _back(plan, row)


def _tell_conflicts(request: Request, plan: Plan, written: Written, message: str) -> HttpResponse:
    """Both texts are there, said in plain words; the section's page is where one of them is chosen."""
    if not written.conflicts:
        return _saved(request, plan, written.row, message)
    count = len(written.conflicts)
    messages.warning(
        request,
        ngettext(
            "Saved. In %(count)d place someone else had changed the same text while you were writing. "
            "Both texts are saved. Choose below which one stays.",
            "Saved. In %(count)d places someone else had changed the same text while you were writing. "
            "Both texts are saved. Choose below which ones stay.",
            count,
        )
        % {"count": count},
    )
    return redirect(address(plan.document, "section-detail", written.row.section.key) + "#conflicts")


def _try(form: Any, do: Callable[[], Any]) -> Any:
    """What `do` answers, or None after its error was put on the form, beside the field where there is one."""
    try:
        return do()
    except ValidationError as error:
        known = hasattr(error, "error_dict") and set(error.error_dict) <= set(form.fields)
        form.add_error(None, error if known else ValidationError(error.messages))
        return None


# --- Goals ------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def goal_add(request: Request, region: str, public_id: str) -> HttpResponse:
    """A new goal, last in the section that is chosen."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    sections = _sections(plan, content_language(plan.document, None))
    form = NewGoalForm(
        request.POST or None, plan=plan, sections=sections, section=request.GET.get("section") or _usual_section(plan)
    )
    if form.is_valid():
        section = find_chapter(plan, form.cleaned_data["section"])
        goal = _try(form, lambda: add_goal(plan, section=section, by=request.user, **form.values()))
        if goal:
            return _saved(request, plan, goal, _("The goal was added."))
    return _form_page(request, plan, form, title=_("New goal"), submit_label=_("Add the goal"))


def _usual_section(plan: Plan) -> str:
    """Where the last goal stands, or else where proposed measures are waiting."""
    last = plan.goals.filter(removed_at=None).order_by("-pk").values_list("section__key", flat=True).first()
    waiting = plan.document.sections.present().filter(feed__isnull=False, facet=Section.Facet.FREE)
    fed = [row for row in waiting.select_related("feed") if Section.Facet.PROPOSED_ACTION in row.feed.facets]
    return last or (fed[0].key if fed else "")


@require_http_methods(["GET", "POST"])
def goal_edit(request: Request, region: str, public_id: str, goal_id: str) -> HttpResponse:
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    goal = find_goal(plan, goal_id)
    form = GoalForm(request.POST or None, plan=plan, block=current_block(goal))
    if form.is_valid():
        written = _try(form, lambda: change_goal(goal, by=request.user, base=form.base, **form.values()))
        if written:
            return _tell_conflicts(request, plan, written, _("The goal was saved."))
    return _form_page(request, plan, form, title=_("Edit the goal"), lead=str(goal), submit_label=_("Save the goal"))


@require_http_methods(["GET", "POST"])
def goal_move(request: Request, region: str, public_id: str, goal_id: str) -> HttpResponse:
    """To another section, with everything that hangs on it."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    goal = find_goal(plan, goal_id)
    sections = [row for row in _sections(plan, content_language(plan.document, None)) if row[0] != goal.section.key]
    form = SectionForm(request.POST or None, sections=sections)
    if form.is_valid():
        target = find_chapter(plan, form.cleaned_data["section"])
        if _try(form, lambda: [move_goal(goal, target=target, by=request.user)]):
            return _saved(request, plan, goal, _("The goal was moved with its measures and indicators."))
    return _form_page(
        request,
        plan,
        form,
        title=_("Move the goal to another section"),
        lead=str(goal),
        submit_label=_("Move the goal"),
    )


@require_POST
def goal_up(request: Request, region: str, public_id: str, goal_id: str) -> HttpResponse:
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    return _reorder(request, plan, find_goal(plan, goal_id), up=True)


@require_POST
def goal_down(request: Request, region: str, public_id: str, goal_id: str) -> HttpResponse:
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    return _reorder(request, plan, find_goal(plan, goal_id), up=False)


@require_http_methods(["GET", "POST"])
def goal_remove(request: Request, region: str, public_id: str, goal_id: str) -> HttpResponse:
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    goal = find_goal(plan, goal_id)
    return _remove(
        request,
        plan,
        goal,
        question=_("Remove the goal “%(title)s”?") % {"title": goal},
        text=_("Its measures and indicators are removed with it. You can bring all of them back from the history."),
        confirm_label=_("Remove the goal"),
        done=_("The goal was removed. You can bring it back from the history of its section."),
    )


def _reorder(request: Request, plan: Plan, row: Goal | Indicator | Action, *, up: bool) -> HttpResponse:
    reorder(row, up=up, by=request.user)
    return _saved(request, plan, row, _("The order was changed."))


def _remove(
    request: Request, plan: Plan, row: Goal | Indicator | Action, *, done: str, **question: str
) -> HttpResponse:
    if request.method == "POST":
        remove(row, by=request.user)
        messages.success(request, done)
        return redirect(plan_address(plan, "goal-list"))
    page = plan_context(
        plan, "goal-list", (_("Goals and measures"), plan_address(plan, "goal-list")), (question["confirm_label"], "")
    )
    history = address(plan.document, "section-history", row.section.key)
    context = {"cancel_url": f"{plan_address(plan, 'goal-list')}#b-{row.block_id}", "history_url": history, **question}
    return render(request, "plans/confirm.html", page | context)


# --- Measures ---------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def action_add(request: Request, region: str, public_id: str, goal_id: str) -> HttpResponse:
    """A new measure, last under its goal. `answer` in the address names the needs that it meets."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    goal = find_goal(plan, goal_id)
    needs = _named_answers(request, plan)
    form = ActionForm(request.POST or None, plan=plan)
    if form.is_valid():
        action = _try(form, lambda: _add_with_sources(goal, needs, request.user, form.values()))
        if action:
            return _saved(request, plan, action, _("The measure was added."))
    return _form_page(
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
def _add_with_sources(goal: Goal, answers: Sequence[Answer], by: User, values: dict[str, Any]) -> Action:
    """The measure and its ties to the needs are made together or not at all."""
    action = add_action(goal, by=by, **values)
    tie_answers(action, [answer.block.id for answer in answers], by=by)
    return action


@require_http_methods(["GET", "POST"])
def action_edit(request: Request, region: str, public_id: str, action_id: str) -> HttpResponse:
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    action = find_action(plan, action_id)
    form = ActionForm(request.POST or None, plan=plan, block=current_block(action))
    if form.is_valid():
        written = _try(form, lambda: change_action(action, by=request.user, base=form.base, **form.values()))
        if written:
            return _tell_conflicts(request, plan, written, _("The measure was saved."))
    return _form_page(
        request, plan, form, title=_("Edit the measure"), lead=str(action.goal), submit_label=_("Save the measure")
    )


@require_POST
def action_up(request: Request, region: str, public_id: str, action_id: str) -> HttpResponse:
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    return _reorder(request, plan, find_action(plan, action_id), up=True)


@require_POST
def action_down(request: Request, region: str, public_id: str, action_id: str) -> HttpResponse:
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    return _reorder(request, plan, find_action(plan, action_id), up=False)


@require_http_methods(["GET", "POST"])
def action_remove(request: Request, region: str, public_id: str, action_id: str) -> HttpResponse:
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    action = find_action(plan, action_id)
    return _remove(
        request,
        plan,
        action,
        question=_("Remove the measure “%(title)s”?") % {"title": action},
        text=_("You can bring it back from the history of its section."),
        confirm_label=_("Remove the measure"),
        done=_("The measure was removed. You can bring it back from the history of its section."),
    )


@require_http_methods(["GET", "POST"])
def action_status(request: Request, region: str, public_id: str, action_id: str) -> HttpResponse:
    """How a measure stands, and how it has stood."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    action = find_action(plan, action_id)
    form = StatusForm(request.POST or None, plan=plan)
    if form.is_valid() and _try(form, lambda: add_status(action, by=request.user, **form.values())):
        return _saved(request, plan, action, _("The status was noted."))
    entries = [
        (STATUS_BADGES.get(entry.status, entry.status), entry)
        for entry in action.status_entries.select_related("by").order_by("-date", "-pk")
    ]
    page = plan_context(
        plan, "goal-list", (_("Goals and measures"), plan_address(plan, "goal-list")), (_("Status of the measure"), "")
    )
    context = {"action": action, "entries": entries, "form": form, "cancel_url": plan_address(plan, "goal-list")}
    return render(request, "plans/action_status.html", page | context, status=422 if form.errors else 200)


# --- Indicators -------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def indicator_add(request: Request, region: str, public_id: str, goal_id: str) -> HttpResponse:
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    goal = find_goal(plan, goal_id)
    form = IndicatorForm(request.POST or None, plan=plan)
    if form.is_valid():
        indicator = _try(form, lambda: add_indicator(goal, by=request.user, **form.values()))
        if indicator:
            _note_values(request, indicator, form)
            return _saved(request, plan, goal, _("The indicator was added."))
    return _form_page(
        request, plan, form, title=_("New indicator"), lead=str(goal), submit_label=_("Add the indicator")
    )


@require_http_methods(["GET", "POST"])
def indicator_edit(request: Request, region: str, public_id: str, indicator_id: str) -> HttpResponse:
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    indicator = find_indicator(plan, indicator_id)
    form = IndicatorForm(request.POST or None, plan=plan, block=current_block(indicator), indicator=indicator)
    if form.is_valid():
        written = _try(form, lambda: change_indicator(indicator, by=request.user, base=form.base, **form.values()))
        if written:
            _note_values(request, indicator, form)
            return _tell_conflicts(request, plan, written, _("The indicator was saved."))
    return _form_page(
        request,
        plan,
        form,
        title=_("Edit the indicator"),
        lead=str(indicator.goal),
        submit_label=_("Save the indicator"),
    )


def _note_values(request: Request, indicator: Indicator, form: IndicatorForm) -> None:
    for year, value in form.changed_values().items():
        if value is None:
            clear_indicator_value(indicator, year=year, by=request.user)
        else:
            set_indicator_value(indicator, year=year, value=value, by=request.user)


@require_POST
def indicator_up(request: Request, region: str, public_id: str, indicator_id: str) -> HttpResponse:
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    return _reorder(request, plan, find_indicator(plan, indicator_id), up=True)


@require_POST
def indicator_down(request: Request, region: str, public_id: str, indicator_id: str) -> HttpResponse:
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    return _reorder(request, plan, find_indicator(plan, indicator_id), up=False)


@require_http_methods(["GET", "POST"])
def indicator_remove(request: Request, region: str, public_id: str, indicator_id: str) -> HttpResponse:
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    indicator = find_indicator(plan, indicator_id)
    return _remove(
        request,
        plan,
        indicator,
        question=_("Remove the indicator “%(title)s”?") % {"title": indicator},
        text=_("What has been measured stays with it. You can bring it back from the history of its section."),
        confirm_label=_("Remove the indicator"),
        done=_("The indicator was removed. You can bring it back from the history of its section."),
    )
