"""Changing many measures together: the choice, one form, what would change, and then the change."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.http import Request
from documents.difference import mark_words
from documents.models import Section
from documents.views.finding import address
from plans.forms.choosing import BulkForm
from plans.goal_list import ShownAction, all_goals
from plans.goal_page import GoalFilter
from plans.models import Plan, StatusEntry
from plans.services.bulk import Bulk, BulkChange, bases_of, change_together, ends_before_it_starts
from plans.telling import tell_value
from plans.views.finding import find_plan
from plans.views.goals.listing import ListState
from plans.views.goals.things import attempt, crumbs_context

HEADS_SALT = "plans.heads"


@dataclass(frozen=True)
class Change:
    """What becomes of one measure: its lines are a label with the words before and after marked in one another."""

    action: ShownAction
    lines: list[tuple[str, SafeString]]
    problem: str


@require_http_methods(["GET", "POST"])
def actions_change(request: Request, region: str, public_id: str) -> HttpResponse:
    """`row` names the chosen measures; with `all` they are those that the filter of the list keeps."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    state = ListState.of(QueryDict(request.POST.get("back") or request.GET.get("back") or ""))
    chosen = _chosen(plan, request.POST or request.GET, state.wanted)
    if not chosen:
        messages.error(request, _("Choose first which measures you want to change."))
        return redirect(state.address(plan))
    form = BulkForm(request.POST if "step" in request.POST else None, plan=plan)
    changes: list[Change] = []
    heads = ""
    if form.is_valid() and request.POST["step"] != "form":
        heads = request.POST.get("heads", "") or _heads(plan)
        known = attempt(form, lambda: _read_heads(heads))
        if known is not None:
            changes = _changes(plan, chosen, form.change(), known)
            if request.POST["step"] == "apply" and not any(row.problem for row in changes):
                done = attempt(form, lambda: _apply(request, plan, chosen, form, known))
                if done:
                    return _told(request, plan, state, done)
    context = {
        "form": form,
        "chosen": chosen,
        "changes": changes if not form.errors else [],
        "problems": sum(1 for row in changes if row.problem),
        "heads": heads,
        "back": state.query(),
        "cancel_url": state.address(plan),
    }
    page = crumbs_context(plan, _("Change measures together"))
    return render(request, "plans/action_bulk.html", page | context, status=422 if form.errors else 200)


def _chosen(plan: Plan, sent: Any, wanted: GoalFilter) -> list[ShownAction]:
    goals = all_goals(plan)
    if sent.get("all"):
        return wanted.in_order(action for goal in wanted.chosen(plan, goals) for action in goal.actions)
    ids = set(sent.getlist("row"))
    return [action for goal in goals for action in goal.actions if action.public_id in ids]


def _heads(plan: Plan) -> str:
    """Which text of each section the writer is shown now."""
    rows = Section.objects.filter(document=plan.document_id, actions__plan=plan, head__isnull=False).distinct()
    return signing.dumps(dict(rows.values_list("key", "head__number")), salt=HEADS_SALT, compress=True)


def _read_heads(value: str) -> dict[str, int]:
    try:
        return dict(signing.loads(value, salt=HEADS_SALT))
    except signing.BadSignature:
        raise ValidationError(
            _("It is not known which text you started from, so nothing was changed. Look at the changes again."),
            code="base_unknown",
        ) from None


def _changes(plan: Plan, chosen: list[ShownAction], change: BulkChange, heads: dict[str, int]) -> list[Change]:
    """What each measure says before and after, where something changes."""
    blocks = bases_of(plan, heads)
    labels = {"roles": _("Who"), "starts_on": _("Starts"), "ends_on": _("Ends")}
    told: dict[tuple[str, str], str] = {}

    def tell(name: str, value: Any) -> str:
        key = (name, str(value))
        if key not in told:
            told[key] = tell_value(name, value) if value else ""
        return told[key]

    rows = []
    for action in chosen:
        lines: list[tuple[str, SafeString]] = []
        problem = ""
        if block := blocks.get(action.block_id):
            after = change.applied(block)
            lines += [
                (label, mark_words(tell(name, block.data.get(name)), tell(name, after.data.get(name))))
                for name, label in labels.items()
                if block.data.get(name) != after.data.get(name)
            ]
            if ends_before_it_starts(after):
                problem = _("It would end before it starts.")
        if change.status:
            before = str(StatusEntry.Status(action.status).label) if action.status else ""
            lines.append((_("Status"), mark_words(before, str(StatusEntry.Status(change.status).label))))
        if lines or problem:
            rows.append(Change(action, lines, problem))
    return rows


def _apply(request: Request, plan: Plan, chosen: list[ShownAction], form: BulkForm, heads: dict[str, int]) -> Bulk:
    ids = request.POST.getlist("row") or [action.public_id for action in chosen]
    return change_together(plan, action_ids=ids, heads=heads, change=form.change(), by=request.user)


def _told(request: Request, plan: Plan, state: ListState, done: Bulk) -> HttpResponse:
    messages.success(
        request,
        ngettext("%(count)d measure was changed.", "%(count)d measures were changed.", done.changed)
        % {"count": done.changed},
    )
    if done.gone:
        messages.warning(
            request,
            ngettext(
                "%(count)d measure had been removed meanwhile.",
                "%(count)d measures had been removed meanwhile.",
                done.gone,
            )
            % {"count": done.gone},
        )
    if not done.conflicts:
        return redirect(state.address(plan))
    count = len(done.conflicts)
    messages.warning(
        request,
        ngettext(
            "In %(count)d place someone else had changed the same thing meanwhile. Choose which one stays.",
            "In %(count)d places someone else had changed the same thing meanwhile. Choose which ones stay.",
            count,
        )
        % {"count": count},
    )
    return redirect(address(plan.document, "section-detail", done.conflicts[0].section.key) + "#conflicts")
