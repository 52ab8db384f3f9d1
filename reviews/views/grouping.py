"""Similar remarks together: looking for them, seeing why, taking apart, putting together, answering all at once."""

import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request
from documents.models import Document
from documents.views.finding import first_error
from reviews.deciding.proposals import proposals_of
from reviews.deciding.standing import Standing, standings
from reviews.desk.listing import SectionName, remarks_of, section_names
from reviews.desk.remark_page import outcome_of
from reviews.desk.respondents import respondent_name
from reviews.models import Remark, RemarkGroup, RemarkGrouping
from reviews.services.grouping import ask_for_grouping, put_together, take_apart, take_out
from reviews.views.desk import desk_address, desk_frame, find_desk

PER_PAGE = 30
LONGEST = datetime.timedelta(hours=1)
"""After this a search that has not finished is thought to have failed."""
MOST_OFFERED = 100
"""Remarks that are offered at once for putting together; words narrow them."""


def find_group(document: Document, group_id: str) -> RemarkGroup:
    group: RemarkGroup = get_object_or_404(RemarkGroup.objects.for_list(), public_id=group_id, document=document)
    return group


def grounds_in_words(group: RemarkGroup, sections: dict[str, SectionName]) -> list[str]:
    """Why remarks stand together, as sentences."""
    told = []
    if group.made_by_id is not None:
        told.append(_("Put together by %(name)s.") % {"name": group.made_by})
    elif group.is_kept:
        told.append(_("A person has added to it."))
    if group.words:
        told.append(_("In common: %(words)s") % {"words": ", ".join(group.words)})
    section = sections.get(str(group.grounds.get("section_key", "")))
    if section and group.grounds.get("block_id"):
        told.append(_("The same place of the text, in %(section)s") % {"section": section})
    elif section:
        told.append(_("The same section: %(section)s") % {"section": section})
    return told


@require_safe
def group_list(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """All groups with their grounds, and how far looking for them has come."""
    document, _rights, _wanted = find_desk(request, region, kind, public_id)
    sections = section_names(document)
    found = RemarkGroup.objects.for_list().filter(document=document).select_related("made_by")
    is_open = request.GET.get("show") != "all"
    rows = [row for row in found if not is_open or row.answered_count < row.count]
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    search = RemarkGrouping.objects.filter(document=document).first()
    firsts = _first_remarks([row.pk for row in page.object_list])
    lines = [
        {
            "group": row,
            "left": row.count - row.answered_count,
            "grounds": grounds_in_words(row, sections),
            "first": firsts.get(row.pk),
        }
        for row in page.object_list
    ]
    context = desk_frame(document, _("Similar remarks")) | {
        "lines": lines,
        "count": len(rows),
        "is_open": is_open,
        "hidden": len(found) - len(rows),
        "page_obj": page,
        "search": search,
        "is_running": bool(search and search.finished_at is None and search.asked_at > timezone.now() - LONGEST),
        "remarks_count": remarks_of(document).shown().count(),
    }
    part = "#found" if request.htmx else ""
    return render(request, f"reviews/group_list.html{part}", context)


def _first_remarks(groups: list[int]) -> dict[int, Remark]:
    """Of each group the remark that comes first in the text: two queries."""
    inside = Remark.objects.filter(groups=OuterRef("pk")).order_by("order", "pk").values("pk")[:1]
    first = dict(RemarkGroup.objects.filter(pk__in=groups).annotate(first=Subquery(inside)).values_list("pk", "first"))
    found = Remark.objects.only("text", "language", "operations", "quote").in_bulk(list(first.values()))
    return {pk: found[remark] for pk, remark in first.items() if remark in found}


@require_POST
def group_search(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """Look for similar remarks among all of the document, anew."""
    document, _rights, _wanted = find_desk(request, region, kind, public_id)
    ask_for_grouping(document, by=request.user)
    messages.info(request, _("Similar remarks are being looked for. This page shows how far it has come."))
    return redirect(desk_address(document, "group-list"))


@require_safe
def group_detail(request: Request, region: str, kind: str, public_id: str, group_id: str) -> HttpResponse:
    """One group: its remarks whole, why they stand together, and one answer for those that have none."""
    document, _rights, _wanted = find_desk(request, region, kind, public_id)
    group = find_group(document, group_id)
    remarks = list(_for_showing(Remark.objects.received().filter(groups=group)))
    sections = section_names(document)
    left = [remark.public_id for remark in remarks if not outcome_of(remark.answers.all())]
    query = urlencode([("remark", public_id) for public_id in left])
    context = desk_frame(document, _("Similar remarks")) | {
        "group": group,
        "grounds": grounds_in_words(group, sections),
        "rows": _rows(document, remarks, sections),
        "left": len(left),
        "answer_url": f"{desk_address(document, 'remarks-answer')}?{query}" if left else "",
        "add_url": f"{desk_address(document, 'group-add')}?group={group.public_id}",
        "list_url": desk_address(document, "group-list"),
    }
    return render(request, "reviews/group_detail.html", context)


def _for_showing(rows: QuerySet[Remark]) -> QuerySet[Remark]:
    return (
        rows.select_related("statement__organisation", "statement__user", "author")
        .prefetch_related("answers")
        .order_by("order", "pk")
    )


def _rows(document: Document, remarks: list[Remark], sections: dict[str, SectionName]) -> list[dict[str, object]]:
    proposals = proposals_of(remarks)
    stand = standings(document, remarks)
    return [
        {
            "remark": remark,
            "name": respondent_name(remark),
            "proposal": proposals.get(remark.pk),
            "place": _place(stand[remark.pk], sections),
            "outcome": outcome_of(remark.answers.all()),
            "url": desk_address(document, "remark", remark.public_id),
        }
        for remark in remarks
    ]


def _place(standing: Standing, sections: dict[str, SectionName]) -> str:
    if standing.is_gone:
        return _("Not in the text any more")
    return str(sections.get(standing.section_key) or _("The whole document"))


@require_POST
def group_take_out(request: Request, region: str, kind: str, public_id: str, group_id: str) -> HttpResponse:
    """This remark is about something else."""
    document, _rights, _wanted = find_desk(request, region, kind, public_id)
    group = find_group(document, group_id)
    remark = get_object_or_404(remarks_of(document), public_id=request.POST.get("remark", ""))
    try:
        take_out(group, remark, by=request.user)
    except ValidationError as error:
        messages.error(request, first_error(error))
    else:
        messages.success(request, _("The remark was taken out of the group, and will not be put back by the program."))
    if not RemarkGroup.objects.filter(pk=group.pk).exists():
        return redirect(desk_address(document, "group-list"))
    return redirect(desk_address(document, "group", group_id))


@require_POST
def group_take_apart(request: Request, region: str, kind: str, public_id: str, group_id: str) -> HttpResponse:
    """None of these belong together."""
    document, _rights, _wanted = find_desk(request, region, kind, public_id)
    group = find_group(document, group_id)
    try:
        take_apart(group, by=request.user)
    except ValidationError as error:
        messages.error(request, first_error(error))
    else:
        messages.success(
            request, _("The group was taken apart. The program will not put these remarks together again.")
        )
    return redirect(desk_address(document, "group-list"))


@require_http_methods(["GET", "POST"])
def group_add(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """Put remarks together by hand: `?remark=…` are ticked, `?group=…` is the group to add them to."""
    document, _rights, _wanted = find_desk(request, region, kind, public_id)
    asked = request.POST if request.method == "POST" else request.GET
    into = find_group(document, asked["group"]) if asked.get("group") else None
    ticked = set(asked.getlist("remark"))
    error = ""
    if request.method == "POST":
        try:
            group = put_together(
                document, list(remarks_of(document).filter(public_id__in=ticked)), by=request.user, into=into
            )
        except ValidationError as refused:
            error = first_error(refused)
        else:
            count = len(ticked)
            said = ngettext("%(count)d remark was put into the group.", "%(count)d remarks were put together.", count)
            messages.success(request, said % {"count": count})
            return redirect(desk_address(document, "group", group.public_id))
    q = request.GET.get("q", "").strip()[:100]
    section = request.GET.get("section", "")
    offered, more = _offered(document, into, ticked, q=q, section=section)
    sections = section_names(document)
    context = desk_frame(document, _("Add to the group") if into else _("Put remarks together")) | {
        "into": into,
        "rows": _rows(document, offered, sections),
        "ticked": ticked,
        "more": more,
        "q": q,
        "section": section,
        "sections": [(key, str(name)) for key, name in sections.items() if name.is_present],
        "error": error,
        "here": desk_address(document, "group-add"),
        "cancel_url": desk_address(document, "group", into.public_id) if into else desk_address(document, "group-list"),
    }
    return render(request, "reviews/group_add.html", context, status=422 if error else 200)


def _offered(
    document: Document, into: RemarkGroup | None, ticked: set[str], *, q: str, section: str
) -> tuple[list[Remark], bool]:
    """Those that were ticked and those that fit the words and the section, the former first."""
    rows = remarks_of(document).shown()
    if into is not None:
        rows = rows.exclude(group_member__group=into)
    fitting = rows.exclude(public_id__in=ticked)
    if section and document.sections.present().filter(key=section).exists():
        fitting = fitting.filter(Q(section_key=section) | Q(section_in_draft=section))
    found = list(_for_showing(fitting))
    # Compared here, because SQLite tells Ä from ä.
    words = q.casefold().split()
    found = [row for row in found if all(word in f"{row.text} {row.quote}".casefold() for word in words)]
    chosen = list(_for_showing(rows.filter(public_id__in=ticked)))
    return [*chosen, *found[:MOST_OFFERED]], len(found) > MOST_OFFERED
