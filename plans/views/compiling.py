"""The compile desk: from handed-in handbooks into the plan, one button at a time."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request
from documents.models import Section
from documents.views.finding import first_error
from plans.desk import chapter_desk, compile_desk, fed_from
from plans.forms import FeedForm
from plans.models import Candidate, ChapterFeed, Goal, Plan
from plans.queries import numbered_goals
from plans.services.compiling import (
    Compiled,
    compile_plan,
    handed_in_answers,
    join_candidates,
    leave_candidates,
    mark_seen,
    take_in_candidates,
    take_in_lines,
)
from plans.services.goals import decide_need
from plans.services.plans import set_feed
from plans.views.finding import find_action, find_chapter, find_goal, find_plan, plan_address, plan_context


@require_safe
def compile_desk_page(request: Request, region: str, public_id: str) -> HttpResponse:
    """What feeds which chapter, what is new, and the button that compiles."""
    plan, _rights = find_plan(request, region, public_id)
    context = plan_context(plan, "compile-desk", (_("Compile"), "")) | {"desk": compile_desk(plan)}
    return render(request, "plans/compile_desk.html", context)


@require_POST
def plan_compile(request: Request, region: str, public_id: str) -> HttpResponse:
    """Koosta: draft the empty chapters, list the proposed measures."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    try:
        compiled = compile_plan(plan, by=request.user)
    except ValidationError as error:
        messages.error(request, first_error(error))
    else:
        messages.success(request, " ".join(_told(compiled)))
    return redirect(plan_address(plan, "compile-desk"))


def _told(compiled: Compiled) -> list[str]:
    """What one compiling did, in sentences."""
    told = [
        ngettext("Read %(count)d handbook.", "Read %(count)d handbooks.", compiled.handbooks)
        % {"count": compiled.handbooks}
    ]
    if compiled.lines:
        told.append(
            ngettext(
                "Wrote %(count)d line into chapters that were empty.",
                "Wrote %(count)d lines into chapters that were empty.",
                compiled.lines,
            )
            % {"count": compiled.lines}
        )
    if compiled.candidates:
        told.append(
            ngettext(
                "%(count)d proposed measure is waiting for you to consider it.",
                "%(count)d proposed measures are waiting for you to consider them.",
                compiled.candidates,
            )
            % {"count": compiled.candidates}
        )
    if compiled.waiting:
        told.append(
            ngettext(
                "%(count)d answer is new or changed in chapters that have text already: look at it below.",
                "%(count)d answers are new or changed in chapters that have text already: look at them below.",
                compiled.waiting,
            )
            % {"count": compiled.waiting}
        )
    if len(told) == 1:
        told.append(_("Nothing new: the plan already knows all that the handbooks say."))
    return told


# --- One chapter --------------------------------------------------------------------------------------------


@require_safe
def chapter_detail(request: Request, region: str, public_id: str, key: str) -> HttpResponse:
    """What is new in a chapter, and the proposed measures that wait in it."""
    plan, _rights = find_plan(request, region, public_id)
    section = find_chapter(plan, key)
    feed = _feed(section)
    if feed is None:
        raise Http404
    context = plan_context(plan, "compile-desk", (_("Compile"), plan_address(plan, "compile-desk")), (str(section), ""))
    goals = _goals_here_first(plan, section)
    return render(
        request,
        "plans/chapter_detail.html",
        context
        | {
            "section": section,
            "fed_from": fed_from(feed),
            "desk": chapter_desk(plan, section),
            "goals": goals,
            "has_actions": any(row.actions for row in goals),
        },
    )


def _feed(section: Section) -> ChapterFeed | None:
    return ChapterFeed.objects.filter(section=section).prefetch_related("criteria", "areas").first()


def _goals_here_first(plan: Plan, section: Section) -> list[Any]:
    """The goals of this chapter before those of the others, for choosing one."""
    return sorted(numbered_goals(plan), key=lambda row: row.goal.section_id != section.pk)


@require_http_methods(["GET", "POST"])
def feed_edit(request: Request, region: str, public_id: str, key: str) -> HttpResponse:
    """Which answers a chapter is compiled from."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    section = find_chapter(plan, key)
    form = FeedForm(request.POST or None, plan=plan, feed=_feed(section))
    if form.is_valid():
        set_feed(section, **form.values())
        messages.success(request, _("Saved. The choice takes effect when you compile the next time."))
        return redirect(plan_address(plan, "chapter-detail", section.key))
    context = plan_context(
        plan, "compile-desk", (_("Compile"), plan_address(plan, "compile-desk")), (_("What feeds the chapter"), "")
    ) | {
        "title": _("What feeds the chapter “%(title)s”") % {"title": section},
        "lead": _("The chapter is compiled from the answers that fit all of these."),
        "form": form,
        "submit_label": _("Save"),
        "cancel_url": plan_address(plan, "compile-desk"),
        "answers": [],
    }
    return render(request, "plans/form.html", context, status=422 if form.errors else 200)


def _to_chapter(plan: Plan, section: Section) -> HttpResponse:
    return redirect(plan_address(plan, "chapter-detail", section.key))


@require_POST
def lines_take(request: Request, region: str, public_id: str, key: str) -> HttpResponse:
    """The chosen new answers into the chapter, a line each."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    section = find_chapter(plan, key)
    taken = take_in_lines(section, request.POST.getlist("answer"), plan=plan, by=request.user)
    if taken:
        message = ngettext("Took %(count)d answer into the chapter.", "Took %(count)d answers into the chapter.", taken)
        messages.success(request, message % {"count": taken})
    else:
        messages.error(request, _("Choose the answers first."))
    return _to_chapter(plan, section)


@require_POST
def lines_leave(request: Request, region: str, public_id: str, key: str) -> HttpResponse:
    """The chosen new answers stay outside the plan, with a reason."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    section = find_chapter(plan, key)
    decide_answers(request, plan)
    return _to_chapter(plan, section)


def decide_answers(request: Request, plan: Plan) -> bool:
    """Mark the answers that were ticked "not this period"; tells how it went."""
    chosen = set(request.POST.getlist("answer"))
    answers = [answer for answer in handed_in_answers(plan) if answer.block.id in chosen]
    if not answers:
        messages.error(request, _("Choose the answers first."))
        return False
    try:
        for version in {answer.version.pk: answer.version for answer in answers}.values():
            ids = [answer.block.id for answer in answers if answer.version.pk == version.pk]
            decide_need(
                plan, version=version, block_ids=ids, reason=request.POST.get("reason", "")[:500], by=request.user
            )
    except ValidationError as error:
        messages.error(request, first_error(error))
        return False
    messages.success(request, _("Left out with a reason. The handbook’s group sees the reason."))
    return True


@require_POST
def source_seen(
    request: Request, region: str, public_id: str, key: str, block_id: str, source_block_id: str
) -> HttpResponse:
    """The writer has seen that an answer changed or went away. The plan's own text stays."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    section = find_chapter(plan, key)
    rows = plan.sources.select_related("plan__document")
    mark_seen(get_object_or_404(rows, block_id=block_id, source_block_id=source_block_id), by=request.user)
    messages.success(request, _("Marked as seen. The text of the plan stayed as it was."))
    return _to_chapter(plan, section)


# --- Proposed measures --------------------------------------------------------------------------------------


def _chosen(request: Request, plan: Plan) -> list[Candidate]:
    """The proposals that were ticked, in the order of the page. Raises ValidationError (`none_chosen`)."""
    chosen = request.POST.getlist("candidate")
    rows = list(plan.candidates.filter(source_block_id__in=chosen).order_by("pk"))
    if not rows:
        raise ValidationError(_("Choose the proposed measures first."), code="none_chosen")
    return sorted(rows, key=lambda row: chosen.index(row.source_block_id))


def _goal_of(request: Request, plan: Plan) -> Goal:
    if not request.POST.get("goal"):
        raise ValidationError(_("Choose the goal that the proposed measures are taken into."), code="no_goal")
    return find_goal(plan, request.POST["goal"])


@require_POST
def candidates_take(request: Request, region: str, public_id: str, key: str) -> HttpResponse:
    """The chosen proposals become one measure of the chosen goal."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    section = find_chapter(plan, key)
    try:
        action = take_in_candidates(_chosen(request, plan), goal=_goal_of(request, plan), by=request.user)
    except ValidationError as error:
        messages.error(request, first_error(error))
        return _to_chapter(plan, section)
    messages.success(request, _("Taken into the plan as one measure. Complete it here: who, when and with what."))
    return redirect(plan_address(plan, "action-edit", action.public_id))


@require_POST
def candidates_join(request: Request, region: str, public_id: str, key: str) -> HttpResponse:
    """The chosen proposals are answered by a measure that is already in the plan."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    section = find_chapter(plan, key)
    try:
        candidates = _chosen(request, plan)
        if not request.POST.get("action"):
            raise ValidationError(_("Choose the measure that answers the proposals."), code="no_action")
        action = find_action(plan, request.POST["action"])
        join_candidates(candidates, action=action, by=request.user)
    except ValidationError as error:
        messages.error(request, first_error(error))
    else:
        messages.success(request, _("Joined to the measure “%(title)s”.") % {"title": action})
    return _to_chapter(plan, section)


@require_POST
def candidates_leave(request: Request, region: str, public_id: str, key: str) -> HttpResponse:
    """The chosen proposals stay outside the plan, with a reason."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    section = find_chapter(plan, key)
    try:
        leave_candidates(_chosen(request, plan), reason=request.POST.get("reason", "")[:500], by=request.user)
    except ValidationError as error:
        messages.error(request, first_error(error))
    else:
        messages.success(request, _("Left out with a reason. The handbook’s group sees the reason."))
    return _to_chapter(plan, section)
