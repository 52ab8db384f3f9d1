"""The group's page in a meeting: one task at a time, in large type, on the wall."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request
from documents.html import render as render_blocks
from documents.models import Section
from documents.permissions import can_edit
from documents.rendering import reading, resolve
from documents.services.description import set_section_state
from documents.views.finding import content_language, document_crumbs, find_section, first_error, require
from handbooks.queries import (
    TaskRow,
    continue_at,
    guidance_in,
    is_no_longer_asked,
    last_year_answer,
    next_meeting,
    tasks_of,
    template_content,
)
from handbooks.views.finding import find_handbook, page


@require_safe
def meeting(request: Request, region: str, public_id: str) -> HttpResponse:
    """All tasks with their state, and where the group left off."""
    handbook, rights = find_handbook(request, region, public_id)
    document = handbook.document
    tasks = tasks_of(handbook)
    content = template_content(handbook)
    chapters: dict[int | None, list[TaskRow]] = {}
    for row in tasks:
        chapters.setdefault(row.chapter.pk if row.chapter else None, []).append(row)
    answered = sum(row.is_answered for row in tasks)
    context = {
        "document": document,
        "region": document.region,
        "crumbs": document_crumbs(document, (_("Meeting"), "")),
        "language": content_language(document, None),
        "chapters": [(rows[0].chapter, rows) for rows in chapters.values()],
        "tasks": len(tasks),
        "answered": answered,
        "next": continue_at(tasks),
        "begun": answered > 0,
        "next_meeting": next_meeting(handbook),
        "dropped": {row.section.key for row in tasks if is_no_longer_asked(row.section, content)},
        "may_edit": can_edit(rights, document),
    }
    return render(request, "handbooks/meeting.html", context)


@require_safe
def task(request: Request, region: str, public_id: str, key: str) -> HttpResponse:
    """One task: what is asked, what has been answered, what was answered last year."""
    handbook, rights = find_handbook(request, region, public_id)
    document = handbook.document
    tasks = tasks_of(handbook)
    place = next((index for index, row in enumerate(tasks) if row.section.key == key), None)
    if place is None:
        raise Http404
    row = tasks[place]
    content = template_content(handbook)
    asked = next((item for item in content.sections if item.key == key), None) if content else None
    shown = content_language(document, None)
    blocks = row.section.head.blocks if row.section.head else []
    last_year = last_year_answer(handbook, key)
    how = reading(document, shown, resolved=resolve(blocks), draft=True)
    context = {
        "document": document,
        "region": document.region,
        "crumbs": document_crumbs(
            document, (_("Meeting"), page(handbook, "meeting")), (row.section.heading_in(shown), "")
        ),
        "language": shown,
        "task": row,
        "tasks": len(tasks),
        "heading": row.section.heading_in(shown),
        "chapter": row.chapter.heading_in(shown) if row.chapter else "",
        "guidance": guidance_in(asked.guidance if asked else {}, shown),
        "dropped": is_no_longer_asked(row.section, content),
        "answer": render_blocks(blocks, how) if blocks else "",
        "last_year": render_blocks(last_year.blocks, reading(last_year.document, shown, resolved={}, anchors=False))
        if last_year
        else "",
        "last_year_of": last_year.document if last_year else None,
        "before": tasks[place - 1] if place else None,
        "after": tasks[place + 1] if place + 1 < len(tasks) else None,
        "may_edit": can_edit(rights, document),
    }
    return render(request, "handbooks/task.html", context)


@require_POST
def task_ready(request: Request, region: str, public_id: str, key: str) -> HttpResponse:
    """The group says that its answer is ready; on to the next task."""
    handbook, rights = find_handbook(request, region, public_id)
    require(can_edit(rights, handbook.document))
    section = find_section(handbook.document, key)
    try:
        set_section_state(section, Section.State.READY, by=request.user)
    except ValidationError as error:
        messages.error(request, first_error(error))
        return redirect(page(handbook, "task", key))
    tasks = tasks_of(handbook)
    place = next((index for index, row in enumerate(tasks) if row.section.key == key), len(tasks))
    if place + 1 < len(tasks):
        return redirect(page(handbook, "task", tasks[place + 1].section.key))
    return redirect(page(handbook, "meeting"))


@require_POST
def task_draft(request: Request, region: str, public_id: str, key: str) -> HttpResponse:
    """The group takes an answer up again."""
    handbook, rights = find_handbook(request, region, public_id)
    require(can_edit(rights, handbook.document))
    try:
        set_section_state(find_section(handbook.document, key), Section.State.DRAFT, by=request.user)
    except ValidationError as error:
        messages.error(request, first_error(error))
    return redirect(page(handbook, "task", key))
