"""One chapter on the compile desk: the wide table, and one view for each button below it.

After each button the same part of the page comes back, with the counts as they are now and the focus on what waits
next. Nothing that was ticked or typed is lost when something is missing.
"""

from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request
from documents.models import Section
from documents.views.finding import first_error
from plans.answers import Answer, handed_in_answers
from plans.desk import fed_from
from plans.forms.gathering import GatherForm
from plans.models import Action, ChapterFeed, Goal, Plan
from plans.permissions import can_edit_plan
from plans.queries import NumberedGoal, numbered_goals
from plans.services.goals import add_goal
from plans.services.lines import Seen, mark_seen, take_in_lines
from plans.services.proposals import gather, join_answers, keep_apart, leave_answers, take_back
from plans.theme import Theme, Wish, theme_of
from plans.views.finding import find_action, find_chapter, find_goal, find_plan, plan_address, plan_context

REASON_LENGTH = 500
TOLD_WORDS = 12


def find_feed(section: Section) -> ChapterFeed | None:
    return ChapterFeed.objects.filter(section=section).prefetch_related("criteria", "areas").first()


# --- The page -----------------------------------------------------------------------------------------------------


@require_safe
def chapter_detail(request: Request, region: str, public_id: str, key: str) -> HttpResponse:
    """What the areas say about a theme, what of it is used, and what waits."""
    plan, rights = find_plan(request, region, public_id)
    return _page(request, plan, find_chapter(plan, key), may_edit=can_edit_plan(rights, plan))


def _page(
    request: Request,
    plan: Plan,
    section: Section,
    *,
    said: str = "",
    error: str = "",
    wrong: str = "",
    after: Sequence[str] = (),
    may_edit: bool = True,
) -> HttpResponse:
    """The whole page, or for htmx its desk. `wrong` names the field of an `error`, `after` what was just handled."""
    feed = find_feed(section)
    if feed is None:
        raise Http404
    theme = theme_of(plan, section, feed, Wish.of(request.GET))
    crumbs = (_("Compile"), plan_address(plan, "compile-desk")), (str(section), "")
    context = plan_context(plan, "compile-desk", *crumbs) | {
        "section": section,
        "fed_from": fed_from(feed),
        "theme": theme,
        "tail": _tail(request),
        "may_edit": may_edit,
        "said": said,
        "error": error,
        "wrong": wrong,
        # What was ticked and typed comes back with an error.
        "chosen": set(request.POST.getlist("answer")) if error else set(),
        "quotes": _quotes(request) if error else {},
        "typed": {name: request.POST.get(name, "") if error else "" for name in ("place", "action", "reason")},
        "focus": "" if error or not after else _next_to(theme, after),
        "focus_table": bool(said),
    }
    part = "#desk" if request.htmx else ""
    return render(request, f"plans/chapter_detail.html{part}", context, status=422 if error else 200)


def _next_to(theme: Theme, handled: Sequence[str]) -> str:
    """The next answer that waits, behind the last one that was handled, or else before it."""
    pieces = [
        piece for row in theme.table.rows for cell in row.cells for _heading, group in cell.themes for piece in group
    ]
    places = [index for index, piece in enumerate(pieces) if piece.id in handled]
    start = max(places, default=-1) + 1
    return next((piece.id for piece in (*pieces[start:], *pieces[:start]) if piece.waits), "")


def _done(request: Request, plan: Plan, section: Section, said: str, handled: Sequence[str] = ()) -> HttpResponse:
    """The page stays where it was: htmx puts the desk in again, without it the browser loads the page again."""
    if request.htmx:
        return _page(request, plan, find_chapter(plan, section.key), said=said, after=handled)
    messages.success(request, said)
    return redirect(_back(request, plan, section, handled))


def _back(request: Request, plan: Plan, section: Section, handled: Sequence[str]) -> str:
    """The page of the chapter where it waits next: the box gets the focus, and the table stands where it stood."""
    address = f"{plan_address(plan, 'chapter-detail', section.key)}{_tail(request)}"
    feed = find_feed(section) if handled else None
    following = ""
    if feed is not None:
        section = find_chapter(plan, section.key)
        following = _next_to(theme_of(plan, section, feed, Wish.of(request.GET)), handled)
    return f"{address}#c-{following}" if following else f"{address}#desk"


def _tail(request: Request) -> str:
    """Behind the address of every button, so that the table goes on showing the same."""
    return f"?{request.GET.urlencode()}" if request.GET else ""


def _failed(request: Request, plan: Plan, section: Section, error: ValidationError) -> HttpResponse:
    return _page(request, plan, section, error=first_error(error), wrong=WRONG.get(getattr(error, "code", ""), ""))


WRONG = {"reason_missing": "reason", "no_action": "action", "block_gone": "place"}
"""Which field of the page an error stands beside; others stand above the buttons."""


def _chosen(request: Request, plan: Plan) -> list[Answer]:
    """The answers that were ticked, in the order of the handbooks. Raises ValidationError (`none_chosen`)."""
    ids = set(request.POST.getlist("answer"))
    answers = [answer for answer in handed_in_answers(plan) if answer.block.id in ids] if ids else []
    if not answers:
        raise ValidationError(_("Choose the answers first."), code="none_chosen")
    return answers


def _ids(answers: Sequence[Answer]) -> list[str]:
    return [answer.block.id for answer in answers]


def _quotes(request: Request) -> dict[str, str]:
    """The words that were selected inside answers, by answer."""
    return {
        name.removeprefix("quote-"): value.strip()
        for name, value in request.POST.items()
        if name.startswith("quote-") and isinstance(value, str) and value.strip()
    }


# --- Into the text ------------------------------------------------------------------------------------------------


@require_POST
def lines_take(request: Request, region: str, public_id: str, key: str) -> HttpResponse:
    """The chosen answers into the chosen place, a line each."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    section = find_chapter(plan, key)
    try:
        answers = _chosen(request, plan)
        target, after = _place(request, plan, section)
        taken = take_in_lines(target, _ids(answers), plan=plan, by=request.user, after=after, quotes=_quotes(request))
        if not taken:
            raise ValidationError(_("The chosen answers already are in this chapter."), code="already_here")
    except ValidationError as error:
        return _failed(request, plan, section, error)
    text = ngettext("Took %(count)d answer into “%(title)s”.", "Took %(count)d answers into “%(title)s”.", taken) % {
        "count": taken,
        "title": target,
    }
    return _done(request, plan, section, text, _ids(answers))


def _place(request: Request, plan: Plan, section: Section) -> tuple[Section, str | None]:
    """`after:<block>` or `section:<key>`; nothing is the end of this chapter."""
    kind, _colon, name = request.POST.get("place", "").partition(":")
    if kind == "section" and name:
        return find_chapter(plan, name), None
    return section, (name if kind == "after" else None) or None


# --- Into measures ------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def candidates_take(request: Request, region: str, public_id: str, key: str) -> HttpResponse:
    """One measure of the chosen answers: all of them are shown, and a person chooses whose words it begins with.

    The desk posts what was ticked and gets the form, which posts it again with the rest: hundreds of answers would
    not go into an address.
    """
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    section = find_chapter(plan, key)
    answers: list[Answer] = []
    if request.method == "POST":
        try:
            answers = _chosen(request, plan)
        except ValidationError as error:
            return _failed(request, plan, section, error)
    goals = _goals_here_first(plan, section)
    choices = [(row.goal.public_id, f"{row.number} {row.goal}") for row in goals]
    filled = request.POST if "named_by" in request.POST else None
    form = GatherForm(filled, plan=plan, answers=answers, goals=choices)
    if form.is_valid():
        try:
            action = _gathered(request, plan, section, form)
        except ValidationError as error:
            form.add_error(None, ValidationError(error.messages))
        else:
            return _after_gathering(request, plan, section, action, _ids(answers))
    desk = f"{plan_address(plan, 'chapter-detail', section.key)}{_tail(request)}"
    crumbs = (_("Compile"), plan_address(plan, "compile-desk")), (str(section), desk), (_("One measure"), "")
    context = plan_context(plan, "compile-desk", *crumbs) | {
        "section": section,
        "form": form,
        "answers": answers,
        "areas": len({answer.handbook.pk for answer in answers}),
        "desk_url": desk,
    }
    return render(request, "plans/compile_gather.html", context, status=422 if form.errors else 200)


def _goals_here_first(plan: Plan, section: Section) -> list[NumberedGoal]:
    """The goals of this chapter before those of the others, for choosing one."""
    return sorted(numbered_goals(plan), key=lambda row: row.goal.section_id != section.pk)


@transaction.atomic
def _gathered(request: Request, plan: Plan, section: Section, form: GatherForm) -> Action:
    """The goal, where it is new, and the measure are made together or not at all."""
    goal: Goal
    if form.cleaned_data["new_goal"].strip():
        text = {plan.document.original: form.cleaned_data["new_goal"].strip()}
        goal = add_goal(plan, section=section, title=text, by=request.user)
        goal.plan = plan
    else:
        goal = find_goal(plan, form.cleaned_data["goal"])
    return gather(goal, form.answers, title=form.title(), description=form.description(), by=request.user)


def _after_gathering(
    request: Request, plan: Plan, section: Section, action: Action, handled: Sequence[str]
) -> HttpResponse:
    if "complete" in request.POST:
        messages.success(request, _("Taken into the plan as one measure. Complete it here: who, when and with what."))
        return redirect(plan_address(plan, "action-edit", action.public_id))
    messages.success(request, _("Taken into the plan as one measure: “%(title)s”.") % {"title": _named(action)})
    return redirect(_back(request, plan, section, handled))


def _named(action: Action) -> str:
    """A measure's first words: an area's proposal can be a whole paragraph, and a message is read at a glance."""
    return Truncator(str(action)).words(TOLD_WORDS)


@require_POST
def candidates_join(request: Request, region: str, public_id: str, key: str) -> HttpResponse:
    """The chosen answers are met by a measure that is already in the plan."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    section = find_chapter(plan, key)
    try:
        answers = _chosen(request, plan)
        if not request.POST.get("action"):
            raise ValidationError(_("Choose the measure that answers the proposals."), code="no_action")
        action = find_action(plan, request.POST["action"])
        join_answers(action, answers, by=request.user)
    except ValidationError as error:
        return _failed(request, plan, section, error)
    return _done(
        request, plan, section, _("Joined to the measure “%(title)s”.") % {"title": _named(action)}, _ids(answers)
    )


# --- Outside the plan ---------------------------------------------------------------------------------------------


@require_POST
def lines_leave(request: Request, region: str, public_id: str, key: str) -> HttpResponse:
    """The chosen answers stay outside the plan, with a reason."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    section = find_chapter(plan, key)
    try:
        answers = _chosen(request, plan)
        leave_answers(plan, answers, reason=request.POST.get("reason", "")[:REASON_LENGTH], by=request.user)
    except ValidationError as error:
        return _failed(request, plan, section, error)
    said = _("Left out with a reason. The handbook’s group sees the reason.")
    return _done(request, plan, section, said, _ids(answers))


@require_POST
def lines_restore(request: Request, region: str, public_id: str, key: str) -> HttpResponse:
    """Answers that were left out are considered again."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    section = find_chapter(plan, key)
    ids = request.POST.getlist("answer")
    if not take_back(plan, ids, by=request.user):
        return _failed(request, plan, section, ValidationError(_("Choose the answers first."), code="none_chosen"))
    return _done(request, plan, section, _("Waits again to be considered."), ids)


@require_POST
def proposals_apart(request: Request, region: str, public_id: str, key: str) -> HttpResponse:
    """Proposals that look alike are not the same: all of a group, or the ticked ones from the rest of it."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    section = find_chapter(plan, key)
    group = request.POST.getlist("group")
    ticked = [value for value in request.POST.getlist("answer") if value in group]
    try:
        if "ticked" not in request.POST:
            keep_apart(plan, group, by=request.user)
        elif ticked:
            keep_apart(plan, ticked, group, by=request.user)
        else:
            raise ValidationError(_("Choose the answers first."), code="none_chosen")
    except ValidationError as error:
        return _failed(request, plan, section, error)
    return _done(request, plan, section, _("Remembered: these are not the same."), group)


# --- Answers that changed or went away ----------------------------------------------------------------------------


@require_POST
def sources_seen(request: Request, region: str, public_id: str, key: str) -> HttpResponse:
    """The writer has seen what the page showed of changed and vanished answers. The plan's own text stays."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    section = find_chapter(plan, key)
    return _done(request, plan, section, mark_shown(request, plan))


def mark_shown(request: Request, plan: Plan) -> str:
    """Mark what the page showed as seen; tells in words how it went."""
    shown = Seen.named(" ".join(request.POST.getlist("shown")))
    count, again = mark_seen(plan, shown, by=request.user)
    text = ngettext(
        "Marked as seen. The text of the plan stayed as it was.",
        "Marked %(count)d answers as seen. The text of the plan stayed as it was.",
        count,
    )
    told = [text % {"count": count}] if count else []
    if again:
        text = ngettext(
            "%(count)d answer has changed again meanwhile: look at it once more.",
            "%(count)d answers have changed again meanwhile: look at them once more.",
            again,
        )
        told.append(text % {"count": again})
    return " ".join(told) or _("Nothing waits to be seen any more.")
