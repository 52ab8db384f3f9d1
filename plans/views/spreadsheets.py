"""Goals and measures as an Excel file: taken out, brought back, looked at and brought in."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import Request
from documents.permissions import can_coordinate
from documents.spreadsheets.guard import MAX_BYTES
from documents.views.finding import address, first_error
from plans.forms.base import PlainForm
from plans.goal_list import all_goals
from plans.goal_page import GoalFilter
from plans.models import Plan
from plans.services.spreadsheets import (
    KEPT,
    NEW_KINDS,
    RECEIVED,
    BroughtIn,
    book_of,
    bring_in,
    receive,
    seen_of,
)
from plans.spreadsheets.columns import folded
from plans.spreadsheets.comparing import CHANGED, GONE, NEW, SAME, Comparison, compare
from plans.spreadsheets.draft import Draft, names_in_use
from plans.spreadsheets.likeness import SURE, alike
from plans.spreadsheets.marking import marked_copy
from plans.spreadsheets.understanding import LEAVE_OUT, NEW_PARTY, Unknown
from plans.spreadsheets.writing import write_draft
from plans.views.finding import find_plan, plan_address, plan_context
from regions.models import StoredFile
from regions.services import open_file

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SALT = "plans.spreadsheet"


class SpreadsheetForm(PlainForm):
    """The Excel file that comes back."""

    file = forms.FileField(label=gettext_lazy("Excel file"), widget=forms.FileInput(attrs={"accept": f".xlsx,{XLSX}"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _("An .xlsx file of at most %(megabytes)s MB. Nothing is saved yet.") % {
            "megabytes": MAX_BYTES // (1024 * 1024)
        }


@require_safe
def spreadsheet(request: Request, region: str, public_id: str) -> HttpResponse:
    """The draft's goals, measures and indicators as an .xlsx file: all, or what the filter in the address keeps."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    wanted = GoalFilter.of(request.GET)
    only = None
    if not wanted.is_empty:
        goals = wanted.chosen(plan, all_goals(plan))
        only = {goal.block_id for goal in goals} | {row.block_id for goal in goals for row in goal.actions}
        if not wanted.of_actions:
            kept = plan.indicators.filter(removed_at=None, goal__block_id__in=only)
            only |= set(kept.values_list("block_id", flat=True))
    return _file(plan, write_draft(Draft.of(plan), only=only), _("goals"))


def _file(plan: Plan, content: bytes, word: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    title = slugify(str(plan.document))[:60] or plan.document.public_id
    name = f"{title}-{slugify(word)}-{timezone.localdate():%Y-%m-%d}.xlsx"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "POST"])
def spreadsheet_add(request: Request, region: str, public_id: str) -> HttpResponse:
    """Choose the file that was worked on. It is read and kept; the plan does not change yet."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    sent = request.method == "POST"
    form = SpreadsheetForm(request.POST if sent else None, request.FILES if sent else None)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            stored = receive(plan, name=upload.name, content=upload.read(MAX_BYTES + 1), by=request.user)
        except ValidationError as error:
            form.add_error("file", error)
        else:
            return redirect(plan_address(plan, "spreadsheet-import", token_of(plan, stored)))
    back = plan_address(plan, "goal-list")
    crumbs = ((_("Goals and measures"), back), (_("Bring in from Excel"), ""))
    context = plan_context(plan, "goal-list", *crumbs) | {"form": form, "back_url": back}
    return render(request, "plans/spreadsheet_add.html", context, status=422 if form.errors else 200)


def token_of(plan: Plan, stored: StoredFile) -> str:
    """The address of a file that waits: for this plan alone, and for a week."""
    return signing.dumps([plan.document.public_id, stored.public_id], salt=SALT)


def _waiting(plan: Plan, token: str) -> tuple[StoredFile, bytes]:
    """The file that waits to be brought in. 404 for every other, and for one that waited too long."""
    try:
        document, file_id = signing.loads(token, salt=SALT, max_age=KEPT)
    except signing.BadSignature as error:
        raise Http404 from error
    if document != plan.document.public_id:
        raise Http404
    stored = get_object_or_404(StoredFile, region=plan.region, public_id=file_id, content_type=RECEIVED)
    with open_file(stored) as stream:
        return stored, stream.read()


@require_http_methods(["GET", "POST"])
def spreadsheet_import(request: Request, region: str, public_id: str, token: str) -> HttpResponse:
    """What a file would change, what it says that is not understood and what must be chosen. POST brings it in."""
    plan, rights = find_plan(request, region, public_id, to_edit=True)
    stored, content = _waiting(plan, token)
    choices = _choices(request)
    coordinates = can_coordinate(rights, plan.document)
    problem = ""
    if request.POST.get("step") == "apply":
        try:
            done = bring_in(
                plan,
                content,
                key=f"xlsx-{stored.public_id}",
                name=stored.name,
                by=request.user,
                choices=choices,
                remove=request.POST.getlist("remove"),
                in_order="in_order" in request.POST,
                seen=request.POST.get("seen", ""),
                may_add_organisations=coordinates,
            )
        except ValidationError as error:
            problem = first_error(error)
        else:
            return _told(request, plan, done)
    draft = Draft.of(plan)
    comparison = compare(draft, book_of(draft, content), choices)
    crumbs = ((_("Goals and measures"), plan_address(plan, "goal-list")), (stored.name, ""))
    context = plan_context(plan, "goal-list", *crumbs) | {
        **_shown(draft, comparison, choices, coordinates),
        "file_name": stored.name,
        "problem": problem,
        "seen": seen_of(draft),
        "removed": request.POST.getlist("remove"),
        "in_order": "in_order" in request.POST,
        "marked_url": plan_address(plan, "spreadsheet-marked", token),
        "again_url": plan_address(plan, "spreadsheet-add"),
        "back_url": plan_address(plan, "goal-list"),
    }
    return render(request, "plans/spreadsheet_import.html", context, status=422 if problem else 200)


def _choices(request: Request) -> dict[str, str]:
    """What each unknown name means, as chosen."""
    pairs = zip(request.POST.getlist("name"), request.POST.getlist("party"), strict=False)
    return {folded(name): party for name, party in pairs}


def _shown(draft: Draft, comparison: Comparison, choices: dict[str, str], coordinates: bool) -> dict[str, Any]:
    parties = [(party.key, party.name) for party in names_in_use(draft)]
    kinds = [(f"{NEW_PARTY}{kind.value}", str(kind.label)) for kind in NEW_KINDS] if coordinates else []
    new, changed = comparison.of(NEW), comparison.of(CHANGED)
    return {
        "comparison": comparison,
        "groups": [
            (pgettext("rows of a file", "New"), new),
            (_("Changes"), changed),
            (_("Cannot be found"), comparison.of(GONE)),
        ],
        "new": len(new),
        "changed": len(changed),
        "unchanged": len(comparison.of(SAME)),
        "gone": len(comparison.of(GONE)),
        "unknown": [_question(draft, row, choices) for row in comparison.unknown],
        "parties": parties,
        "new_kinds": kinds,
        "leave": LEAVE_OUT,
        "can_apply": not comparison.errors and bool(new or changed or comparison.missing or not comparison.is_ordered),
    }


def _question(draft: Draft, unknown: Unknown, choices: dict[str, str]) -> dict[str, Any]:
    likest = alike(unknown.name, names_in_use(draft), draft.original)
    sure = likest[0][1].key if likest and likest[0][0] >= SURE else ""
    return {
        "name": unknown.name,
        "rows": unknown.rows,
        "chosen": choices.get(folded(unknown.name), sure),
        "likest": [(party.key, party.name) for _likeness, party in likest],
    }


def _told(request: Request, plan: Plan, done: BroughtIn) -> HttpResponse:
    if done.again:
        messages.info(request, _("This file has been brought in already. Nothing was changed."))
        return redirect(plan_address(plan, "goal-list"))
    parts = [
        ngettext("%(count)d new row", "%(count)d new rows", done.new) % {"count": done.new},
        ngettext("%(count)d changed row", "%(count)d changed rows", done.changed) % {"count": done.changed},
        ngettext("%(count)d removed row", "%(count)d removed rows", done.removed) % {"count": done.removed},
    ]
    messages.success(request, _("The file was brought in: %(what)s.") % {"what": ", ".join(parts)})
    if not done.conflicts:
        return redirect(plan_address(plan, "goal-list"))
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


@require_safe
def spreadsheet_marked(request: Request, region: str, public_id: str, token: str) -> HttpResponse:
    """The file that was brought, with the cells marked that must be corrected."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    _stored, content = _waiting(plan, token)
    draft = Draft.of(plan)
    comparison = compare(draft, book_of(draft, content))
    return _file(plan, marked_copy(content, comparison.errors), _("to correct"))
