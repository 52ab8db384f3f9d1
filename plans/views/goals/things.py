"""What goals, measures and indicators have in common on their pages: edited, moved up and down, removed, remembered.

What they differ in stands in one `Thing` each; an address names its kind (`plans/urls.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.http import Request
from accounts.models import User
from documents.views.finding import address
from documents.views.notes import notes_about
from plans.blocks import ACTION, GOAL, INDICATOR
from plans.forms.actions import ActionForm
from plans.forms.base import BlockForm
from plans.forms.goals import GoalForm
from plans.forms.indicators import IndicatorForm
from plans.models import Action, Goal, Indicator, Plan
from plans.services.goals import (
    Written,
    add_status,
    change_action,
    change_goal,
    change_indicator,
    current_block,
    note_figures,
    remove,
    reorder,
)
from plans.views.finding import find_action, find_goal, find_indicator, find_plan, plan_address, plan_context
from plans.views.goals.listing import ListState, form_row, one_row, saved

Row = Goal | Action | Indicator


@dataclass(frozen=True)
class Thing:
    """What the pages of one kind of thing say and do."""

    find: Callable[[Plan, str], Any]
    form: type[BlockForm]
    change: Callable[[Any, Any, User], Written]
    edit: str | Promise
    save: str | Promise
    saved: str | Promise
    remove: str | Promise
    question: str | Promise
    warning: str | Promise
    removed: str | Promise


def _change_goal(goal: Goal, form: GoalForm, by: User) -> Written:
    return change_goal(goal, by=by, base=form.base, **form.values())


@transaction.atomic
def _change_action(action: Action, form: ActionForm, by: User) -> Written:
    """A new status of a row is noted for today."""
    written = change_action(action, by=by, base=form.base, **form.values())
    if status := form.new_status():
        add_status(action, status=status, date=timezone.localdate(), by=by)
    return written


@transaction.atomic
def _change_indicator(indicator: Indicator, form: IndicatorForm, by: User) -> Written:
    written = change_indicator(indicator, by=by, base=form.base, **form.values())
    note_figures(indicator, form.changes(), by=by)
    return written


THINGS = {
    GOAL: Thing(
        find=find_goal,
        form=GoalForm,
        change=_change_goal,
        edit=gettext_lazy("Edit the goal"),
        save=gettext_lazy("Save the goal"),
        saved=gettext_lazy("The goal was saved."),
        remove=gettext_lazy("Remove the goal"),
        question=gettext_lazy("Remove the goal “%(title)s”?"),
        warning=gettext_lazy(
            "Its measures and indicators are removed with it. You can bring all of them back from the history."
        ),
        removed=gettext_lazy("The goal was removed. You can bring it back from the history of its section."),
    ),
    ACTION: Thing(
        find=find_action,
        form=ActionForm,
        change=_change_action,
        edit=gettext_lazy("Edit the measure"),
        save=gettext_lazy("Save the measure"),
        saved=gettext_lazy("The measure was saved."),
        remove=gettext_lazy("Remove the measure"),
        question=gettext_lazy("Remove the measure “%(title)s”?"),
        warning=gettext_lazy("You can bring it back from the history of its section."),
        removed=gettext_lazy("The measure was removed. You can bring it back from the history of its section."),
    ),
    INDICATOR: Thing(
        find=find_indicator,
        form=IndicatorForm,
        change=_change_indicator,
        edit=gettext_lazy("Edit the indicator"),
        save=gettext_lazy("Save the indicator"),
        saved=gettext_lazy("The indicator was saved."),
        remove=gettext_lazy("Remove the indicator"),
        question=gettext_lazy("Remove the indicator “%(title)s”?"),
        warning=gettext_lazy(
            "What has been measured stays with it. You can bring it back from the history of its section."
        ),
        removed=gettext_lazy("The indicator was removed. You can bring it back from the history of its section."),
    ),
}


def crumbs_context(plan: Plan, title: str) -> dict[str, Any]:
    return plan_context(plan, "goal-list", (_("Goals and measures"), plan_address(plan, "goal-list")), (title, ""))


def form_page(request: Request, plan: Plan, form: Any, **context: Any) -> HttpResponse:
    """A form on a page of its own, for everything that is done to a goal, measure or indicator."""
    state = ListState.behind(request)
    shown = {
        "lead": "",
        "cancel_url": state.address(plan),
        "back": state.query(),
        "answers": [],
        "notes": None,
        "links": [],
        **context,
        "form": form,
    }
    page = crumbs_context(plan, shown["title"]) | shown
    return render(request, "plans/form.html", page, status=422 if form.errors else 200)


def attempt(form: Any, do: Callable[[], Any]) -> Any:
    """What `do` answers, or None after its error was put on the form, beside the field where there is one."""
    try:
        return do()
    except ValidationError as error:
        known = hasattr(error, "error_dict") and set(error.error_dict) <= set(form.fields)
        form.add_error(None, error if known else ValidationError(error.messages))
        return None


def in_row(request: Request) -> bool:
    """Whether a row of the list is asked for, in place of a page."""
    return bool(request.htmx) and (request.POST.get("part") or request.GET.get("part")) == "row"


@require_http_methods(["GET", "POST"])
def thing_edit(request: Request, region: str, public_id: str, row_id: str, kind: str) -> HttpResponse:
    """On a page of its own, or with htmx in its row: `part=row` is the form there, `part=shown` the row as it is."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    thing = THINGS[kind]
    row = thing.find(plan, row_id)
    if request.htmx and request.GET.get("part") == "shown" and kind != INDICATOR:
        return one_row(request, plan, row)
    short = in_row(request)
    form = thing.form(request.POST or None, plan=plan, block=current_block(row), in_row=short, **_more(row))
    if form.is_valid():
        written = attempt(form, lambda: thing.change(row, form, request.user))
        if written:
            return _changed(request, plan, written, str(thing.saved), short=short)
    if short:
        address_of = plan_address(plan, f"{kind}-edit", row.public_id)
        return form_row(request, plan, form, row_id=f"b-{row.block_id}", action=address_of, title=thing.edit)
    return form_page(
        request,
        plan,
        form,
        title=str(thing.edit),
        lead=str(row if kind == GOAL else row.goal),
        submit_label=thing.save,
        notes=None if kind == INDICATOR else notes_about(plan.document, row.block_id),
        links=[(_("History"), plan_address(plan, f"{kind}-history", row.public_id), "history")],
    )


def _more(row: Row) -> dict[str, Any]:
    """What the form of each kind must also know."""
    if isinstance(row, Indicator):
        return {"indicator": row}
    if isinstance(row, Action):
        entry = row.status
        return {"status": entry.status if entry else ""}
    return {}


def _changed(request: Request, plan: Plan, written: Written, message: str, *, short: bool) -> HttpResponse:
    """Where both changed the same text, both are there; the section's page is where one of them is chosen."""
    if not written.conflicts:
        return (
            one_row(request, plan, written.row, said=message) if short else saved(request, plan, written.row, message)
        )
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
    there = address(plan.document, "section-detail", written.row.section.key) + "#conflicts"
    return HttpResponseClientRedirect(there) if request.htmx else redirect(there)


@require_POST
def thing_up(request: Request, region: str, public_id: str, row_id: str, kind: str) -> HttpResponse:
    return _reorder(request, region, public_id, row_id, kind, up=True)


@require_POST
def thing_down(request: Request, region: str, public_id: str, row_id: str, kind: str) -> HttpResponse:
    return _reorder(request, region, public_id, row_id, kind, up=False)


def _reorder(request: Request, region: str, public_id: str, row_id: str, kind: str, *, up: bool) -> HttpResponse:
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    row = THINGS[kind].find(plan, row_id)
    reorder(row, up=up, by=request.user)
    return saved(request, plan, row, _("The order was changed."))


@require_http_methods(["GET", "POST"])
def thing_remove(request: Request, region: str, public_id: str, row_id: str, kind: str) -> HttpResponse:
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    thing = THINGS[kind]
    row = thing.find(plan, row_id)
    state = ListState.behind(request)
    if request.method == "POST":
        remove(row, by=request.user)
        messages.success(request, str(thing.removed))
        return redirect(state.address(plan))
    context = {
        "question": str(thing.question) % {"title": row},
        "text": thing.warning,
        "confirm_label": thing.remove,
        "cancel_url": f"{state.address(plan)}#b-{row.block_id}",
        "history_url": address(plan.document, "section-history", row.section.key),
        "back": state.query(),
    }
    return render(request, "plans/confirm.html", crumbs_context(plan, str(thing.remove)) | context)
