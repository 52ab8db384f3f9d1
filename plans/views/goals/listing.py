"""The list of goals and measures, as cards or as a table, and its single rows, which htmx puts in place anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote, urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from accounts.http import Request
from documents.views.notes import note_marks
from plans.forms.choosing import GoalFilterForm
from plans.goal_list import STATUS_BADGES, ShownAction, ShownGoal, all_goals, with_details
from plans.goal_page import PER_PAGE, GoalFilter, GoalList, goal_list
from plans.models import Action, Goal, Indicator, Plan, StatusEntry
from plans.permissions import can_edit_plan
from plans.views.finding import find_plan, plan_address, plan_context

TABLE, CARDS = "table", "cards"


@dataclass(frozen=True)
class ListState:
    """How somebody looks at the list: what its address says, carried through every form that leads back to it."""

    view: str
    page: str
    wanted: GoalFilter

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        view = TABLE if values.get("view") == TABLE else CARDS
        page = str(values.get("page") or "")
        return cls(view, page if page.isdecimal() else "", GoalFilter.of(values))

    @classmethod
    def behind(cls, request: Request) -> Self:
        """The list that a form came from, in its field `back`."""
        return cls.of(QueryDict(request.POST.get("back") or request.GET.get("back") or ""))

    def query(self, **more: str) -> str:
        parts = {"view": self.view if self.view == TABLE else "", "page": self.page, **vars(self.wanted), **more}
        return urlencode({name: value for name, value in parts.items() if value})

    def address(self, plan: Plan, **more: str) -> str:
        query = self.query(**more)
        return plan_address(plan, "goal-list") + (f"?{query}" if query else "")


@require_safe
def goal_list_page(request: Request, region: str, public_id: str) -> HttpResponse:
    """All goals with their measures, and what can be done with each. `at` in the address is the row to begin from."""
    plan, rights = find_plan(request, region, public_id)
    state, at = ListState.of(request.GET), request.GET.get("at", "")
    listed = goal_list(plan, state.wanted, page=state.page, at=at)
    form = GoalFilterForm(request.GET if state.wanted.query else None, plan=plan, everyone=listed.everyone)
    if form.is_bound and not form.is_valid():
        state = ListState(state.view, "", GoalFilter())
        listed = goal_list(plan, state.wanted)
    is_piece = bool(request.htmx) and not request.htmx.history_restore_request
    filtered = not state.wanted.is_empty
    count_said = _count(listed, filtered=filtered)
    said = " ".join(str(message) for message in messages.get_messages(request)) if is_piece else ""
    context = plan_context(plan, "goal-list", (_("Goals and measures"), "")) | {
        **row_context(plan, state, at if is_piece else ""),
        "listed": listed,
        "page_obj": listed.page,
        "counts": [(STATUS_BADGES.get(key, key), _status(key), number) for key, number in listed.counts],
        "form": form,
        "filtered": filtered,
        "count_said": count_said,
        "may_edit": can_edit_plan(rights, plan),
        "views": [
            (label, ListState(view, state.page, state.wanted).address(plan), view == state.view)
            for view, label in _views()
        ],
        "waiting": 0 if is_piece else plan.candidates.filter(state="open").count(),
        "note_marks": note_marks(plan.document),
        # Who filters hears how many there are; who came back from a form hears what was done.
        "said": said or (count_said if is_piece and not at else ""),
    }
    response = render(request, "plans/goal_list.html" + ("#listed" if is_piece else ""), context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _count(listed: GoalList, *, filtered: bool) -> str:
    if filtered:
        return _("Showing %(shown)s of %(total)s measures") % {"shown": listed.shown, "total": listed.total}
    return ngettext("%(count)s measure", "%(count)s measures", listed.total) % {"count": listed.total}


def _views() -> list[tuple[str, str]]:
    return [(CARDS, pgettext("way of showing", "Cards")), (TABLE, pgettext("way of showing", "Table"))]


def _status(key: str) -> str:
    return str(StatusEntry.Status(key).label) if key else _("nothing noted yet")


def row_context(plan: Plan, state: ListState, at: str = "") -> dict[str, Any]:
    """What drawing any row takes. `at` is the block whose row gets the focus."""
    extra = list(plan.extra_fields.all())
    return {
        "t": _words(),
        "state": state,
        "back": state.query(),
        "menu_tail": f"/?back={quote(state.query())}",
        "in_table": state.view == TABLE,
        "columns": (9 if state.view == TABLE else 8) + (len(extra) if state.view == TABLE else 0),
        "extra": extra,
        "at": at,
    }


def _words() -> dict[str, str]:
    """What every row repeats, looked up once."""
    return {
        "change": _("Change"),
        "edit_here": _("Edit here"),
        "edit_goal": _("Edit the goal"),
        "up": _("Move up"),
        "down": _("Move down"),
        "move": _("Move to another section"),
        "move_goal": _("Move to another goal"),
        "remove_goal": _("Remove the goal"),
        "edit_action": _("Edit the measure"),
        "add_after": _("Add a measure after this"),
        "note": _("Note the status"),
        "history": _("History"),
        "remove_action": _("Remove the measure"),
        "edit_indicator": _("Edit the indicator"),
        "values": _("What has been measured"),
        "remove_indicator": _("Remove the indicator"),
        "responsible": _("Responsible"),
        "partners": _("Partners"),
        "schedule": _("Schedule"),
        "resources": _("Resources"),
        "status": pgettext("of a measure", "Status"),
        "number": _("No."),
        "measure": _("Measure"),
        "criteria": _("Criteria"),
        "indicator": _("Indicator"),
        "target": _("target"),
        "add_action": _("Add a measure"),
        "add_indicator": _("Add an indicator"),
        "choose": pgettext("a row", "Choose"),
    }


# --- Back to the list --------------------------------------------------------------------------------------------


def back(plan: Plan, state: ListState, row: Goal | Indicator | Action | None = None, *, focus: bool = False) -> str:
    """Where the list shows a thing: on the page that it is on, and with the focus there."""
    if row is None:
        return state.address(plan)
    block_id = row.goal.block_id if isinstance(row, Indicator) and focus else row.block_id
    many = plan.actions.filter(removed_at=None).count() + plan.goals.filter(removed_at=None).count() > PER_PAGE
    address = state.address(plan, **({"at": block_id, "page": ""} if many or focus else {}))
    return f"{address}#b-{row.block_id}"


def saved(request: Request, plan: Plan, row: Any, message: str) -> HttpResponse:
    messages.success(request, message)
    return redirect(back(plan, ListState.behind(request), row, focus=bool(request.htmx)))


# --- One row -------------------------------------------------------------------------------------------------------


def one_row(request: Request, plan: Plan, row: Goal | Action, *, said: str = "") -> HttpResponse:
    """A goal's or a measure's own row as the list shows it now, with the focus on it."""
    state = ListState.behind(request)
    context = (
        plan_context(plan, "goal-list") | row_context(plan, state, row.block_id) | {"said": said, "may_edit": True}
    )
    goals = all_goals(plan)
    if isinstance(row, Goal):
        goal = next(goal for goal in goals if goal.block_id == row.block_id)
        (shown_goal,) = with_details(plan, [goal])
        return render(request, "plans/_goal_row_alone.html", context | {"row": shown_goal})
    found = _one_measure(plan, goals, row)
    return render(request, "plans/_measure_rows.html", context | {"actions": [found]})


def _one_measure(plan: Plan, goals: list[ShownGoal], row: Action) -> ShownAction:
    goal, action = next((goal, action) for goal in goals for action in goal.actions if action.block_id == row.block_id)
    (detailed,) = with_details(plan, [ShownGoal(**{**vars(goal), "actions": [action]})])
    return detailed.actions[0]


def form_row(request: Request, plan: Plan, form: Any, **context: Any) -> HttpResponse:
    """A form in the place of a row. With errors it keeps what was typed."""
    state = ListState.behind(request)
    page = plan_context(plan, "goal-list") | row_context(plan, state)
    shown = {"row_id": "", "is_new": False, "list_url": state.address(plan), **context, "form": form}
    response = render(request, "plans/_form_row.html", page | shown, status=422 if form.errors else 200)
    if form.errors:
        response.headers["HX-Retarget"] = f"#{shown['row_id']}"
        response.headers["HX-Reswap"] = "outerHTML"
    return response
