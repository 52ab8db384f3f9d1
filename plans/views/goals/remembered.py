"""The history of one goal, measure or indicator, and going back in it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request
from documents.models import Revision
from documents.views.finding import first_error
from plans.history import history_of
from plans.permissions import can_edit_plan
from plans.services.restoring import restore_fields
from plans.views.finding import find_plan, plan_address
from plans.views.goals.listing import ListState, back
from plans.views.goals.things import THINGS, crumbs_context


@require_safe
def thing_history(request: Request, region: str, public_id: str, row_id: str, kind: str) -> HttpResponse:
    """Who changed which field when, with what it was before."""
    plan, rights = find_plan(request, region, public_id)
    row = THINGS[kind].find(plan, row_id)
    before = request.GET.get("before", "")
    if before and not (before.isdecimal() and len(before) < 16):
        raise Http404
    history = history_of(row, before=int(before) if before else None)
    context = {
        "row": row,
        "history": history,
        "list_url": back(plan, ListState.behind(request), row),
        "restore_name": f"plans:{kind}-restore",
        "may_edit": can_edit_plan(rights, plan),
    }
    return render(request, "plans/thing_history.html", crumbs_context(plan, _("History")) | context)


@require_POST
def thing_restore(
    request: Request, region: str, public_id: str, row_id: str, kind: str, key: str, number: int
) -> HttpResponse:
    """The fields as saved text `number` of section `key` has them."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    row = THINGS[kind].find(plan, row_id)
    revisions = Revision.objects.line().filter(document=plan.document_id, section__key=key)
    revision = get_object_or_404(revisions, number=number)
    if all(block.id != row.block_id for block in revision.blocks):
        raise Http404
    try:
        saved = restore_fields(row, revision, by=request.user)
    except ValidationError as error:
        messages.error(request, first_error(error))
    else:
        if saved.unchanged:
            messages.info(request, _("It already says this."))
        else:
            messages.success(request, _("The earlier fields are back. What stood here before is in the history."))
    return redirect(plan_address(plan, f"{kind}-history", row.public_id))
