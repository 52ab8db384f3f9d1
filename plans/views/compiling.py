"""The compile desk as a whole: from handed-in handbooks into the plan. One chapter of it is in `theme`."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request
from documents.views.finding import first_error
from plans.answers import handed_in_answers
from plans.desk import compile_desk, rest_of
from plans.forms.compiling import FeedForm
from plans.models import Plan
from plans.permissions import can_edit_plan
from plans.services.compiling import Compiled, compile_plan
from plans.services.lines import take_in_lines
from plans.services.plans import set_feed
from plans.services.proposals import leave_answers
from plans.views.finding import find_chapter, find_plan, plan_address, plan_context
from plans.views.theme import find_feed, mark_shown


@require_safe
def compile_desk_page(request: Request, region: str, public_id: str) -> HttpResponse:
    """What feeds which chapter, what is new, and the button that compiles."""
    plan, rights = find_plan(request, region, public_id)
    context = plan_context(plan, "compile-desk", (_("Compile"), "")) | {
        "desk": compile_desk(plan),
        "may_edit": can_edit_plan(rights, plan),
    }
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


# --- What feeds a chapter -----------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def feed_edit(request: Request, region: str, public_id: str, key: str) -> HttpResponse:
    """Which answers a chapter is compiled from."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    section = find_chapter(plan, key)
    form = FeedForm(request.POST or None, plan=plan, feed=find_feed(section))
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


# --- What is not used yet ---------------------------------------------------------------------------------------


@require_safe
def rest_list(request: Request, region: str, public_id: str) -> HttpResponse:
    """What the handbooks were asked for and the plan has neither used nor left out, by handbook and question."""
    plan, rights = find_plan(request, region, public_id)
    return _rest(request, plan, may_edit=can_edit_plan(rights, plan))


def _rest(
    request: Request, plan: Plan, *, said: str = "", error: ValidationError | None = None, may_edit: bool = True
) -> HttpResponse:
    rest = rest_of(plan)
    wanted = request.GET.get("handbook", "")
    context = plan_context(
        plan, "compile-desk", (_("Compile"), plan_address(plan, "compile-desk")), (_("Not used yet"), "")
    ) | {
        "rest": rest,
        "handbooks": [row for row in rest.handbooks if wanted in ("", row.public_id)],
        "wanted": wanted,
        "tail": f"?{request.GET.urlencode()}" if request.GET else "",
        "may_edit": may_edit,
        "said": said,
        "error": first_error(error) if error else "",
        "wrong": WRONG.get(str(getattr(error, "code", "")), "") if error else "",
        "chosen": set(request.POST.getlist("answer")) if error else set(),
        "typed": {name: request.POST.get(name, "") if error else "" for name in ("section", "reason")},
    }
    part = "#rest" if request.htmx else ""
    return render(request, f"plans/compile_rest.html{part}", context, status=422 if error else 200)


WRONG = {"no_section": "section", "reason_missing": "reason"}
"""Which field of the page an error stands beside; others stand above the buttons."""


def _rest_done(request: Request, plan: Plan, said: str) -> HttpResponse:
    if request.htmx:
        return _rest(request, plan, said=said)
    messages.success(request, said)
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return redirect(f"{plan_address(plan, 'rest-list')}{query}")


@require_POST
def rest_take(request: Request, region: str, public_id: str) -> HttpResponse:
    """The ticked answers to the end of the chosen chapter, a line each."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    ids = request.POST.getlist("answer")
    try:
        if not ids:
            raise ValidationError(_("Choose the answers first."), code="none_chosen")
        if not request.POST.get("section"):
            raise ValidationError(_("Choose the chapter that takes the answers."), code="no_section")
        section = find_chapter(plan, request.POST["section"])
        taken = take_in_lines(section, ids, plan=plan, by=request.user)
        if not taken:
            raise ValidationError(_("The chosen answers already are in this chapter."), code="already_here")
    except ValidationError as error:
        return _rest(request, plan, error=error)
    said = ngettext("Took %(count)d answer into “%(title)s”.", "Took %(count)d answers into “%(title)s”.", taken)
    return _rest_done(request, plan, said % {"count": taken, "title": section})


@require_POST
def rest_leave(request: Request, region: str, public_id: str) -> HttpResponse:
    """The ticked answers stay outside the plan, with a reason."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    wanted = set(request.POST.getlist("answer"))
    answers = [answer for answer in handed_in_answers(plan) if answer.block.id in wanted]
    try:
        if not answers:
            raise ValidationError(_("Choose the answers first."), code="none_chosen")
        leave_answers(plan, answers, reason=request.POST.get("reason", "")[:500], by=request.user)
    except ValidationError as error:
        return _rest(request, plan, error=error)
    return _rest_done(request, plan, _("Left out with a reason. The handbook’s group sees the reason."))


@require_POST
def handbook_seen(request: Request, region: str, public_id: str) -> HttpResponse:
    """What changed or went away in one handbook, or in all, is seen in every chapter, as far as the page counted it."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    messages.success(request, mark_shown(request, plan))
    return redirect(f"{plan_address(plan, 'compile-desk')}#use-title")


def decide_answers(request: Request, plan: Plan) -> bool:
    """Mark the answers that were ticked "not this period"; tells how it went."""
    chosen = set(request.POST.getlist("answer"))
    answers = [answer for answer in handed_in_answers(plan) if answer.block.id in chosen]
    if not answers:
        messages.error(request, _("Choose the answers first."))
        return False
    try:
        leave_answers(plan, answers, reason=request.POST.get("reason", "")[:500], by=request.user)
    except ValidationError as error:
        messages.error(request, first_error(error))
        return False
    messages.success(request, _("Left out with a reason. The handbook’s group sees the reason."))
    return True
