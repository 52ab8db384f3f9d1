"""The meeting that chooses the priorities: the projector, one view for each decision, and the list of priorities."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request
from documents.views.finding import first_error
from plans.digest import FEW, MANY, Digest, ShownGroup, digest_of, group_in
from plans.forms.priorities import MeetingForm, section_choices
from plans.models import NeedGroup, Plan
from plans.permissions import can_decide_needs
from plans.services.priorities import (
    MeetingOf,
    join_group,
    leave_group,
    mark_priority,
    reopen_group,
    take_in_group,
    unmark_priority,
)
from plans.views.finding import find_chapter, plan_address
from plans.views.needs import decide_context, digest_context, find_digest, find_need_group, group_page, list_crumb
from regions.permissions import Rights

SHOW = "show"
"""Where a decision was made: on the projector. It comes back there."""
Act = Callable[[Plan, NeedGroup, MeetingOf], str]


# --- The projector --------------------------------------------------------------------------------------------------


@require_safe
def need_show(request: Request, region: str, public_id: str) -> HttpResponse:
    """The digest in large type, for a room: one group at a time, or all of them in a list."""
    plan, rights = find_digest(request, region, public_id)
    return _show(request, plan, rights, request.GET)


def _show(
    request: Request,
    plan: Plan,
    rights: Rights,
    asked: QueryDict,
    *,
    at: str = "",
    said: str = "",
    error: ValidationError | None = None,
) -> HttpResponse:
    digest = digest_of(plan)
    shown = None if "list" in asked and not at else _at(digest, at or asked.get("at", ""))
    place = digest.groups.index(shown) if shown else -1
    meeting = _meeting_form(plan, asked)
    kept = {name: asked.get(name, "") for name in ("body", "date") if name in asked}
    context = digest_context(plan, rights, list_crumb(plan), (_("In the meeting"), "")) | {
        "digest": digest,
        "shown": shown,
        "place": place + 1,
        "previous": digest.groups[place - 1] if place > 0 else None,
        "next": digest.groups[place + 1] if 0 <= place < len(digest.groups) - 1 else None,
        **decide_context(plan, digest, rights, meeting),
        "kept": f"&{urlencode(kept)}" if kept else "",
        "few": FEW,
        "many": MANY,
        "said": said,
        "error": first_error(error) if error else "",
        "wrong": getattr(error, "code", "") or "" if error else "",
        "typed": {name: asked.get(name, "") if error else "" for name in ("reason", "chapter", "section", "priority")},
    }
    part = "#show" if request.htmx else ""
    return render(request, f"plans/need_show.html{part}", context, status=422 if error else 200)


def _at(digest: Digest, public_id: str) -> ShownGroup | None:
    """The group that was asked for, else the first that waits for a decision, else the first."""
    found = group_in(digest, public_id)
    waiting = next((row for row in digest.groups if row.is_open), None)
    return found or waiting or next(iter(digest.groups), None)


def _meeting_form(plan: Plan, asked: QueryDict) -> MeetingForm | None:
    """The meeting as it was told before; none where nothing has been told yet."""
    return MeetingForm(asked, plan=plan) if "body" in asked or "date" in asked else None


# --- Deciding -------------------------------------------------------------------------------------------------------


def _decide(request: Request, region: str, public_id: str, group_id: str, act: Act) -> HttpResponse:
    """Do what was decided and go back to where it was, with what was typed when something is missing."""
    plan, rights = find_digest(request, region, public_id, to_decide=True)
    group = find_need_group(plan, group_id)
    in_show = request.POST.get("from") == SHOW
    meeting = MeetingForm(request.POST, plan=plan)
    try:
        if not meeting.is_valid():
            wrong = meeting.errors.get("date")
            raise ValidationError(str(wrong[0]) if wrong else _("Choose the body again."), code="meeting")
        said = act(plan, group, meeting.meeting())
    except ValidationError as error:
        if in_show:
            return _show(request, plan, rights, request.POST, at=group_id, error=error)
        asked = {name: request.POST.get(name, "") for name in ("reason", "chapter", "section", "priority")}
        more = {"meeting_form": meeting, "asked": asked}
        return group_page(request, plan, rights, group_id, error=error, more=more)
    if in_show and request.htmx:
        return _show(request, plan, rights, request.POST, at=group_id, said=said)
    messages.success(request, said)
    if in_show:
        query = {name: request.POST[name] for name in ("body", "date") if name in request.POST}
        return redirect(f"{plan_address(plan, 'need-show')}?{urlencode({'at': group_id, **query})}")
    return redirect(plan_address(plan, "need-group", group_id))


@require_POST
def need_group_take(request: Request, region: str, public_id: str, group_id: str) -> HttpResponse:
    """Painopisteeksi: a new section, or one that the plan has."""

    def act(plan: Plan, group: NeedGroup, meeting: MeetingOf) -> str:
        section, chapter = request.POST.get("section", ""), request.POST.get("chapter", "")
        priority = take_in_group(
            group,
            section=find_chapter(plan, section) if section else None,
            chapter=find_chapter(plan, chapter) if chapter and not section else None,
            meeting=meeting,
            by=request.user,
        )
        return _("“%(priority)s” is now a priority of the plan.") % {"priority": priority}

    return _decide(request, region, public_id, group_id, act)


@require_POST
def need_group_join(request: Request, region: str, public_id: str, group_id: str) -> HttpResponse:
    """To a priority that has been chosen already."""

    def act(plan: Plan, group: NeedGroup, meeting: MeetingOf) -> str:
        rows = plan.priorities.standing().select_related("section")
        priority = rows.filter(section__key=request.POST.get("priority", "")).first()
        if priority is None:
            raise ValidationError(_("Choose the priority."), code="no_priority")
        join_group(group, priority=priority, meeting=meeting, by=request.user)
        return _("Joined to the priority “%(priority)s”.") % {"priority": priority}

    return _decide(request, region, public_id, group_id, act)


@require_POST
def need_group_leave(request: Request, region: str, public_id: str, group_id: str) -> HttpResponse:
    """Ei tällä kaudella, with a reason that the areas read."""

    def act(plan: Plan, group: NeedGroup, meeting: MeetingOf) -> str:
        leave_group(group, reason=request.POST.get("reason", ""), meeting=meeting, by=request.user)
        return _("Not this period. The areas read the reason.")

    return _decide(request, region, public_id, group_id, act)


@require_POST
def need_group_reopen(request: Request, region: str, public_id: str, group_id: str) -> HttpResponse:
    """Undo the decision."""

    def act(plan: Plan, group: NeedGroup, meeting: MeetingOf) -> str:
        had_priority = group.priority is not None
        if reopen_group(group, by=request.user):
            return _("The decision was undone, and the section that it made was removed.")
        if had_priority:
            return _("The decision was undone. The section and what is written in it stayed in the plan.")
        return _("The decision was undone.")

    return _decide(request, region, public_id, group_id, act)


# --- Priorities -----------------------------------------------------------------------------------------------------


@require_safe
def priority_list(request: Request, region: str, public_id: str) -> HttpResponse:
    """The priorities with their goals and the needs behind them; for coordinators also what can be marked as one."""
    plan, rights = find_digest(request, region, public_id)
    return _list(request, plan, rights)


def _list(request: Request, plan: Plan, rights: Rights, error: ValidationError | None = None) -> HttpResponse:
    digest = digest_of(plan)
    known = {row.key for row in digest.priorities}
    may_decide = can_decide_needs(rights, plan)
    sections = section_choices(plan)[1] if may_decide else []
    context = digest_context(plan, rights, list_crumb(plan), (_("Priorities"), "")) | {
        "digest": digest,
        "sections": [(key, label) for key, label in sections if key not in known],
        "error": first_error(error) if error else "",
    }
    return render(request, "plans/priority_list.html", context, status=422 if error else 200)


@require_POST
def priority_mark(request: Request, region: str, public_id: str) -> HttpResponse:
    """A section that was written before is a priority: its goals hang on it."""
    plan, rights = find_digest(request, region, public_id, to_decide=True)
    keys = request.POST.getlist("section")
    if not any(keys):
        return _list(request, plan, rights, ValidationError(_("Choose the section."), code="no_section"))
    for key in filter(None, keys):
        mark_priority(plan, find_chapter(plan, key), by=request.user)
    messages.success(request, _("Marked. The goals of the section now hang on the priority."))
    return redirect(plan_address(plan, "priority-list"))


@require_POST
def priority_unmark(request: Request, region: str, public_id: str, key: str) -> HttpResponse:
    plan, rights = find_digest(request, region, public_id, to_decide=True)
    priority = get_object_or_404(plan.priorities.select_related("section"), section__key=key)
    priority.plan = plan
    try:
        unmark_priority(priority, by=request.user)
    except ValidationError as error:
        return _list(request, plan, rights, error)
    messages.success(request, _("The section is no longer a priority. Its text and goals stayed as they were."))
    return redirect(plan_address(plan, "priority-list"))
