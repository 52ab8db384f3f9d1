"""The digest of needs, and the pages on which its groups are made: proposing, naming, moving, joining."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request
from documents.models import Document
from documents.views.finding import find_any, first_error, require
from plans.digest import FEW, MANY, SORTS, Digest, ShownGroup, Wish, digest_of, group_in
from plans.forms.priorities import MeetingForm, NeedGroupForm, section_choices
from plans.models import NeedGroup, Plan
from plans.permissions import can_decide_needs, can_group_needs, can_read_digest, can_read_plan
from plans.services.needs import (
    CRITERION,
    WORDS,
    add_group,
    dissolve_group,
    join_groups,
    move_needs,
    propose_groups,
    rename_group,
)
from plans.views.finding import plan_address, plan_context
from regions.permissions import Rights

PRIORITIES_CHAPTER = "painopisteet"
"""The key that plans.services.plans gives the chapter of priorities."""
NEW, OUT = "new", "out"
"""Where ticked needs can go besides a group: into a new one, or out of all."""


def find_digest(
    request: Request, region: str, public_id: str, *, to_group: bool = False, to_decide: bool = False
) -> tuple[Plan, Rights]:
    """The plan, if the reader may read its digest (404), group its needs or decide on them (403)."""
    document, rights = find_any(request, region, Document.Kind.PLAN, public_id)
    plan = get_object_or_404(Plan.objects.select_related("criteria_set"), document=document)
    plan.document, plan.region = document, document.region
    if not can_read_digest(rights, plan):
        raise Http404
    if to_group:
        require(can_group_needs(rights, plan))
    if to_decide:
        require(can_decide_needs(rights, plan))
    return plan, rights


def find_need_group(plan: Plan, public_id: str) -> NeedGroup:
    group = get_object_or_404(plan.need_groups.select_related("priority__section"), public_id=public_id)
    group.plan = plan
    return group


def digest_context(plan: Plan, rights: Rights, *crumbs: tuple[str, str], current: str = "need-list") -> dict[str, Any]:
    """What every page of the digest shows around it; one who reads the digest alone has no way into the plan."""
    reads_plan = can_read_plan(rights, plan)
    context = plan_context(plan, current, *crumbs)
    if not reads_plan:
        region = plan.region
        home = [(_("Front page"), reverse("home")), (region.name, reverse("region", args=[region.slug]))]
        context |= {"tabs": [], "crumbs": [*home, *crumbs]}
    return context | {
        "reads_plan": reads_plan,
        "may_group": can_group_needs(rights, plan),
        "may_decide": can_decide_needs(rights, plan),
    }


def list_crumb(plan: Plan) -> tuple[str, str]:
    return _("Needs and priorities"), plan_address(plan, "need-list")


# --- The digest -----------------------------------------------------------------------------------------------------


@require_safe
def need_list(request: Request, region: str, public_id: str) -> HttpResponse:
    """Kuinka moni alue nosti esiin: the groups with the areas' words, what was decided, what stands in no group."""
    plan, rights = find_digest(request, region, public_id)
    return _list(request, plan, rights)


def _list(request: Request, plan: Plan, rights: Rights, *, error: ValidationError | None = None) -> HttpResponse:
    wish = Wish.of(request.GET)
    digest = digest_of(plan, wish, suggest="suggest" in request.GET)
    context = digest_context(plan, rights, (_("Needs and priorities"), "")) | {
        "digest": digest,
        "wish": wish,
        "sorts": SORTS.items(),
        "suggested": "suggest" in request.GET,
        "tail": f"?{request.GET.urlencode()}" if request.GET else "",
        "languages": plan.document.languages,
        **_typed(request, error),
    }
    part = "#digest" if request.htmx and request.method == "GET" else ""
    return render(request, f"plans/need_list.html{part}", context, status=422 if error else 200)


def _typed(request: Request, error: ValidationError | None) -> dict[str, Any]:
    """What was ticked and typed comes back with an error."""
    return {
        "error": first_error(error) if error else "",
        "wrong": getattr(error, "code", "") or "" if error else "",
        "chosen": set(request.POST.getlist("need")) if error else set(),
        "typed": {name: request.POST.get(name, "") if error else "" for name in ("to", "title", "into")},
    }


@require_POST
def needs_propose(request: Request, region: str, public_id: str) -> HttpResponse:
    """Groups for the needs that stand in none. What people have grouped stays as it is."""
    plan, _rights = find_digest(request, region, public_id, to_group=True)
    way = CRITERION if request.POST.get("way") == CRITERION else WORDS
    made = propose_groups(plan, way=way, by=request.user)
    if made:
        text = ngettext(
            "Proposed %(count)d group. Look at each of them: name it, split it, join it.",
            "Proposed %(count)d groups. Look at each of them: name them, split them, join them.",
            made,
        )
        messages.success(request, text % {"count": made})
    else:
        messages.info(request, _("No two needs outside the groups are alike. Group them by hand."))
    return redirect(plan_address(plan, "need-list"))


@require_POST
def needs_move(request: Request, region: str, public_id: str) -> HttpResponse:
    """The ticked needs to another group, into a new one, or out of all groups."""
    plan, rights = find_digest(request, region, public_id, to_group=True)
    origin = request.POST.get("from", "")
    try:
        said = _move(request, plan)
    except ValidationError as error:
        if origin and plan.need_groups.filter(public_id=origin).exists():
            return group_page(request, plan, rights, origin, error=error)
        return _list(request, plan, rights, error=error)
    messages.success(request, said)
    if origin and plan.need_groups.filter(public_id=origin).exists():
        return redirect(plan_address(plan, "need-group", origin))
    return redirect(plan_address(plan, "need-list") + ("" if origin else "#free-title"))


def _move(request: Request, plan: Plan) -> str:
    ids, to = request.POST.getlist("need"), request.POST.get("to", "")
    if not ids:
        raise ValidationError(_("Choose the needs first."), code="none_chosen")
    if to == NEW:
        title = {plan.document.original: request.POST.get("title", "")}
        group = add_group(plan, title=title, block_ids=ids, by=request.user)
        return _("Made the group “%(group)s”.") % {"group": group}
    if to == OUT:
        count = move_needs(plan, ids, to=None, by=request.user)
        text = ngettext("Took %(count)d need out of its group.", "Took %(count)d needs out of their groups.", count)
        return text % {"count": count}
    if not to:
        raise ValidationError(_("Choose where the needs go."), code="no_group")
    group = find_need_group(plan, to)
    count = move_needs(plan, ids, to=group, by=request.user)
    text = ngettext("Moved %(count)d need to “%(group)s”.", "Moved %(count)d needs to “%(group)s”.", count)
    return text % {"count": count, "group": group}


@require_http_methods(["GET", "POST"])
def need_group_add(request: Request, region: str, public_id: str) -> HttpResponse:
    """A group by hand: what the meeting itself raises, or a beginning for needs that are moved there."""
    plan, rights = find_digest(request, region, public_id, to_group=True)
    form = NeedGroupForm(request.POST or None, plan=plan)
    if form.is_valid():
        group = add_group(plan, title=form.texts("title"), by=request.user)
        messages.success(request, _("Made the group “%(group)s”.") % {"group": group})
        return redirect(plan_address(plan, "need-group", group.public_id))
    return _form(request, plan, rights, form, _("Add a group of needs"), _("Add the group"))


def _form(request: Request, plan: Plan, rights: Rights, form: NeedGroupForm, title: str, label: str) -> HttpResponse:
    context = digest_context(plan, rights, list_crumb(plan), (title, "")) | {
        "title": title,
        "lead": "",
        "form": form,
        "submit_label": label,
        "cancel_url": plan_address(plan, "need-list"),
        "answers": [],
    }
    return render(request, "plans/form.html", context, status=422 if form.errors else 200)


# --- One group ------------------------------------------------------------------------------------------------------


@require_safe
def need_group(request: Request, region: str, public_id: str, group_id: str) -> HttpResponse:
    """One group: the areas' words, why they stand together, and what can be done with them."""
    plan, rights = find_digest(request, region, public_id)
    return group_page(request, plan, rights, group_id)


def group_page(
    request: Request,
    plan: Plan,
    rights: Rights,
    group_id: str,
    *,
    error: ValidationError | None = None,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    digest = digest_of(plan)
    shown = shown_or_404(digest, group_id)
    context = digest_context(plan, rights, list_crumb(plan), (shown.title, "")) | {
        "digest": digest,
        "shown": shown,
        "others": [row for row in digest.groups if row.id != shown.id],
        "asked": dict.fromkeys(("reason", "chapter", "section", "priority"), ""),
        **decide_context(plan, digest, rights),
        **_typed(request, error),
        **(more or {}),
    }
    return render(request, "plans/need_group.html", context, status=422 if error else 200)


def shown_or_404(digest: Digest, group_id: str) -> ShownGroup:
    shown = group_in(digest, group_id)
    if shown is None:
        raise Http404
    return shown


def decide_context(plan: Plan, digest: Digest, rights: Rights, meeting: MeetingForm | None = None) -> dict[str, Any]:
    """What the forms of a decision offer: the meeting, the chapters and sections, nothing for those who only read."""
    if not can_decide_needs(rights, plan):
        return {}
    if meeting is None:
        meeting = MeetingForm(plan=plan)
        meeting.initial = {"body": meeting.steering_group(), "date": timezone.localdate()}
    holding, sections = section_choices(plan)
    taken = {row.key for row in digest.priorities}
    return {
        "meeting_form": meeting,
        "meeting_values": meeting.told(),
        "chapters": holding,
        "chapter": _usual_chapter(digest, {key for key, _label in holding}),
        "sections": [(key, label) for key, label in sections if key not in taken],
        "few": FEW,
        "many": MANY,
    }


def _usual_chapter(digest: Digest, holding: set[str]) -> str:
    """Where priorities stand: beside those that are there, or in the chapter that a full plan has for them."""
    parents = [row.priority.section.parent for row in digest.priorities]
    beside = next((parent.key for parent in parents if parent is not None), "")
    return beside or (PRIORITIES_CHAPTER if PRIORITIES_CHAPTER in holding else "")


@require_http_methods(["GET", "POST"])
def need_group_rename(request: Request, region: str, public_id: str, group_id: str) -> HttpResponse:
    plan, rights = find_digest(request, region, public_id, to_group=True)
    group = find_need_group(plan, group_id)
    form = NeedGroupForm(request.POST or None, plan=plan, group=group)
    if form.is_valid():
        rename_group(group, title=form.texts("title"), by=request.user)
        messages.success(request, _("The group has a new name."))
        return redirect(plan_address(plan, "need-group", group.public_id))
    return _form(request, plan, rights, form, _("Name of the group"), _("Save the name"))


@require_POST
def need_groups_join(request: Request, region: str, public_id: str, group_id: str) -> HttpResponse:
    """All needs of this group into another one."""
    plan, rights = find_digest(request, region, public_id, to_group=True)
    group = find_need_group(plan, group_id)
    try:
        if not request.POST.get("into"):
            raise ValidationError(_("Choose the group that takes these needs."), code="no_into")
        into = find_need_group(plan, request.POST["into"])
        join_groups(group, into=into, by=request.user)
    except ValidationError as error:
        return group_page(request, plan, rights, group_id, error=error)
    messages.success(request, _("“%(group)s” is now part of “%(into)s”.") % {"group": group, "into": into})
    return redirect(plan_address(plan, "need-group", into.public_id))


@require_POST
def need_group_dissolve(request: Request, region: str, public_id: str, group_id: str) -> HttpResponse:
    """Take the group apart: its needs stand in no group."""
    plan, rights = find_digest(request, region, public_id, to_group=True)
    group = find_need_group(plan, group_id)
    try:
        dissolve_group(group, by=request.user)
    except ValidationError as error:
        return group_page(request, plan, rights, group_id, error=error)
    messages.success(request, _("Took “%(group)s” apart. Its needs stand in no group.") % {"group": group})
    return redirect(plan_address(plan, "need-list"))
