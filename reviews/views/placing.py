"""Remarks whose place is not in the draft, and finding one for them by hand."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import Request
from documents import frozen
from documents.models import Document
from documents.views.finding import first_error
from reviews.deciding.proposals import first_words, plain_html, proposal_of
from reviews.deciding.standing import Standing, Text, standings
from reviews.desk.listing import Wanted, remarks_of, section_names
from reviews.desk.respondents import respondent_name
from reviews.models import Remark
from reviews.services.accepting import place
from reviews.services.answers import language_of
from reviews.views.desk import desk_address, desk_frame, find_desk, find_remark

PER_PAGE = 50
WHOLE = "~whole"
"""A place that no section has as its key."""


def in_tray(document: Document) -> list[tuple[Remark, Standing]]:
    """The open remarks that stand nowhere in the draft, in the order of the text that they were made on."""
    rows = list(
        remarks_of(document)
        .unanswered()
        .shown()
        .select_related("version", "statement__organisation", "statement__user", "author")
        .defer("version__content")
        .order_by("order", "pk")
    )
    stand = standings(document, rows)
    return [(row, stand[row.pk]) for row in rows if stand[row.pk].is_gone]


@require_safe
def tray(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """What waits for a place: text that is gone, and files' comments that fitted nowhere."""
    document, _rights, _wanted = find_desk(request, region, kind, public_id)
    rows = in_tray(document)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    lines = [
        {
            "remark": remark,
            "name": respondent_name(remark),
            "was": first_words(standing.was, remark.language),
            "url": desk_address(document, "remark-place", remark.public_id),
            "remark_url": desk_address(document, "remark", remark.public_id),
        }
        for remark, standing in page.object_list
    ]
    unplaced = sum(1 for remark, _standing in rows if remark.unplaced)
    context = desk_frame(document, _("Without a place")) | {
        "lines": lines,
        "count": len(rows),
        "gone": len(rows) - unplaced,
        "unplaced": unplaced,
        "page_obj": page,
    }
    return render(request, "reviews/tray.html", context)


@require_http_methods(["GET", "POST"])
def remark_place(request: Request, region: str, kind: str, public_id: str, remark_id: str) -> HttpResponse:
    """Choose a section, then a place in it. Nothing is suggested: only a person knows where it belongs."""
    document, _rights, wanted = find_desk(request, region, kind, public_id)
    remark = find_remark(document, remark_id)
    error = ""
    if request.method == "POST":
        section_key = request.POST.get("section", "")
        try:
            place(
                remark,
                section_key="" if section_key == WHOLE else section_key,
                block_id=request.POST.get("block", ""),
                by=request.user,
            )
        except ValidationError as refused:
            error = first_error(refused)
        else:
            messages.success(request, _("The remark has its place now."))
            return redirect(desk_address(document, "remark", remark_id, wanted=wanted))
    context = _placing(request, document, remark, wanted) | {"error": error}
    return render(request, "reviews/tray_place.html", context, status=422 if error else 200)


def _placing(request: Request, document: Document, remark: Remark, wanted: Wanted) -> dict[str, object]:
    text = Text.of_draft(document)
    language = language_of(remark, document)
    sections = {key: name for key, name in section_names(document).items() if name.is_present}
    # Where it was said is where most would look first; the place in it is not guessed.
    chosen = request.GET.get("section", request.POST.get("section", remark.section_key))
    here = desk_address(document, "remark-place", remark.public_id, wanted=wanted)
    sign = "&" if "?" in here else "?"
    version = frozen.read(remark.version)
    was = next((block for block in version.blocks() if block.id == remark.block_id), None)
    was_in = next((row for row in version.sections if row.key == remark.section_key), None)
    rows = sorted(sections.items(), key=lambda row: row[1].rank)
    return desk_frame(document, _("Find the place"), wanted) | {
        "remark": remark,
        "name": respondent_name(remark),
        "proposal": proposal_of(remark, version),
        "was": plain_html(was, language),
        "was_in": f"{was_in.number} {was_in.heading_in(language)}".strip() if was_in else "",
        "text_language": language,
        "sections": [
            {"key": key, "name": str(name), "url": f"{here}{sign}section={key}#place", "chosen": key == chosen}
            for key, name in rows
        ],
        "chosen": chosen if chosen in sections else "",
        "chosen_name": str(sections[chosen]) if chosen in sections else "",
        "blocks": [
            {"id": block.id, "html": plain_html(block, language), "name": first_words(block, language)}
            for block in text.sections.get(chosen, ())
        ],
        "may_be_whole": remark.unplaced and not (remark.block_id or remark.section_key),
        "whole": WHOLE,
        "here": here,
        "remark_url": desk_address(document, "remark", remark.public_id, wanted=wanted),
    }
