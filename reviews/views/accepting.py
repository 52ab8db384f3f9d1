"""Proposals: taken into the text with one press, with changes, or not at all; and out of it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request
from documents import frozen
from documents.blocks import Block
from documents.models import Document
from documents.operations import REPLACE_TEXT
from documents.translation import as_written, from_written, way_of_writing
from documents.views.finding import address, first_error
from reviews.deciding.aiming import Aim, Choice, aims_of, choices_of
from reviews.deciding.colliding import collisions
from reviews.deciding.proposals import plain_html, proposal_of, unit_label
from reviews.deciding.standing import standings
from reviews.desk.listing import Wanted, section_names
from reviews.desk.respondents import respondent_name
from reviews.forms.accepting import DecideForm, RejectForm
from reviews.models import Answer, Remark
from reviews.services import accepting
from reviews.services.accepting import TextsDisagreeError, accept, accept_with, write_proposal
from reviews.services.answers import answer, language_of
from reviews.views.desk import desk_address, desk_frame, find_desk, find_remark, missing_languages

LIST = "list"
"""What a form sends as `then` that stands in the list of colliding proposals."""


@require_safe
def proposal_list(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """Open proposals that collide, place by place, side by side."""
    document, _rights, _wanted = find_desk(request, region, kind, public_id)
    sections = section_names(document)
    language = document.original
    places = [
        {
            "collision": row,
            "place": str(sections[row.section_key]),
            "now": plain_html(row.block, language),
            "url": f"{address(document, 'section-detail', row.section_key)}#b-{row.block.id}",
        }
        for row in collisions(document)
    ]
    context = desk_frame(document, _("Proposals on the same place")) | {"places": places, "text_language": language}
    return render(request, "reviews/proposal_list.html", context)


@require_POST
def proposal_accept(request: Request, region: str, kind: str, public_id: str, remark_id: str) -> HttpResponse:
    """Take a proposal into the text as it was made; to the three texts or to its place where that cannot be."""
    document, _rights, wanted = find_desk(request, region, kind, public_id)
    remark = _proposing(document, remark_id)
    try:
        given = accept(remark, by=request.user)
    except TextsDisagreeError:
        messages.warning(request, _("The text has changed in the same place. Choose what it should say."))
        return redirect(desk_address(document, "proposal-change", remark_id, wanted=wanted))
    except ValidationError as error:
        messages.error(request, first_error(error))
        if error.code == "block_gone":
            return redirect(desk_address(document, "remark-place", remark_id, wanted=wanted))
        return _back(request, document, remark_id, wanted)
    is_new = given.revision is not None and given.revision.note == remark.public_id
    messages.success(request, _in_text() if is_new else _("The text said so already. The answer was saved."))
    return _back(request, document, remark_id, wanted)


def _proposing(document: Document, remark_id: str) -> Remark:
    remark = find_remark(document, remark_id)
    return get_object_or_404(Remark.objects.proposals().select_related("version"), pk=remark.pk)


def _in_text() -> str:
    return _("The proposal is in the text, and the answer was saved.")


def _back(request: Request, document: Document, remark_id: str, wanted: Wanted) -> HttpResponse:
    if request.POST.get("then") == LIST:
        return redirect(desk_address(document, "proposal-list"))
    return redirect(f"{desk_address(document, 'remark', remark_id, wanted=wanted)}#answer")


# --- Three texts --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One thing to decide, with its box."""

    choice: Choice
    way: str
    value: str
    seen: str
    """Section and number of the revision that is shown, for noticing what others write meanwhile."""
    place: str
    url: str
    taken: bool


@require_http_methods(["GET", "POST"])
def proposal_change(request: Request, region: str, kind: str, public_id: str, remark_id: str) -> HttpResponse:
    """The text as it was commented on, as it is now and as it is proposed; a person writes what it shall be."""
    document, _rights, wanted = find_desk(request, region, kind, public_id)
    remark = _proposing(document, remark_id)
    if remark.answers.in_force().exists():
        messages.info(request, _("This proposal has been answered already."))
        return redirect(desk_address(document, "remark", remark_id, wanted=wanted))
    remark.version.document = document
    aims = aims_of(remark, document)
    if any(aim.is_gone for aim in aims):
        messages.warning(request, _("The text that the proposal changes is no longer in the draft. Choose its place."))
        return redirect(desk_address(document, "remark-place", remark_id, wanted=wanted))
    language = language_of(remark, document)
    form = DecideForm(
        request.POST or None, document=document, spoken=[language], initial={"outcome": Answer.Outcome.CHANGED}
    )
    problem = ""
    if form.is_valid():
        shown = _shown(request, document, aims)
        try:
            accept_with(
                remark,
                wordings=_wordings(request, aims),
                taken=_taken(request, aims),
                shown=shown,
                outcome=form.cleaned_data["outcome"],
                reason=form.reason,
                by=request.user,
            )
        except TextsDisagreeError:
            problem = _("Somebody has changed the same words meanwhile. Below is the text as it is now; yours is kept.")
            aims = aims_of(remark, document)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _in_text())
            if missing := missing_languages(form):
                messages.warning(request, missing)
            return _back(request, document, remark_id, wanted)
    parts = _parts(request, document, aims, language)
    context = desk_frame(document, _("Take it with changes"), wanted) | {
        "remark": remark,
        "name": respondent_name(remark),
        "parts": parts,
        "moved_on": any(part.choice.has_moved_on for part in parts),
        "form": form,
        "problem": problem,
        "version": remark.version,
        "cancel_url": desk_address(document, "remark", remark_id, wanted=wanted),
    }
    return render(request, "reviews/proposal_change.html", context, status=422 if form.errors or problem else 200)


def _parts(request: Request, document: Document, aims: list[Aim], language: str) -> list[Part]:
    heads = dict(document.sections.present().values_list("key", "head__number"))
    sections = section_names(document)
    posted = request.POST if request.method == "POST" else None
    parts = []
    for choice, aim in zip(choices_of(aims, language), aims, strict=True):
        way = way_of_writing(aim.now, aim.operation.unit) if aim.now is not None else ""
        value = as_written(choice.editable or "", way) if way else ""
        key = aim.section_key
        url = address(document, "section-detail", key) if key else ""
        parts.append(
            Part(
                choice=choice,
                way=way,
                value=value if posted is None else posted.get(f"text-{choice.index}", value),
                seen=f"{key}:{heads.get(key) or 0}",
                place=str(sections[key]) if key in sections else "",
                url=f"{url}#b-{aim.now.id}" if url and aim.now is not None else url,
                taken=True if posted is None else f"take-{choice.index}" in posted,
            )
        )
    return parts


def _wordings(request: Request, aims: list[Aim]) -> dict[int, str]:
    """What was written for each proposed wording, as HTML."""
    wordings = {}
    for index, aim in enumerate(aims):
        written = request.POST.get(f"text-{index}")
        if aim.operation.op == REPLACE_TEXT and written is not None and aim.now is not None:
            wordings[index] = from_written(written, way_of_writing(aim.now, aim.operation.unit), aim.now)
    return wordings


def _taken(request: Request, aims: list[Aim]) -> set[int]:
    return {index for index in range(len(aims)) if f"take-{index}" in request.POST}


def _shown(request: Request, document: Document, aims: list[Aim]) -> Mapping[str, Block]:
    """The blocks as the page showed them when it was opened; as they stand, where that is not known."""
    shown: dict[str, Block] = {}
    for index, aim in enumerate(aims):
        key, _sep, number = request.POST.get(f"seen-{index}", "").partition(":")
        if aim.now is None or not number.isdecimal():
            continue
        revision = document.revisions.filter(section__key=key, number=int(number)).first()
        for block in revision.blocks if revision else ():
            if block.id == aim.now.id:
                shown[block.id] = block
    return shown


# --- Not accepted, and undone ----------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def proposal_reject(request: Request, region: str, kind: str, public_id: str, remark_id: str) -> HttpResponse:
    """Leave the text as it is, and say why."""
    document, _rights, wanted = find_desk(request, region, kind, public_id)
    remark = _proposing(document, remark_id)
    form = RejectForm(request.POST or None, document=document, spoken=[language_of(remark, document)])
    if form.is_valid():
        try:
            answer([remark], outcome=Answer.Outcome.NO_CHANGE, reason=form.reason, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            tell = messages.warning if form.unspoken else messages.success
            tell(request, " ".join([_("The answer was saved."), missing_languages(form)]).strip())
            return _back(request, document, remark_id, wanted)
    context = desk_frame(document, _("Leave the text as it is"), wanted) | {
        "remark": remark,
        "name": respondent_name(remark),
        "proposal": proposal_of(remark),
        "standing": standings(document, [remark])[remark.pk],
        "form": form,
        "then": request.POST.get("then", request.GET.get("then", "")),
        "cancel_url": desk_address(document, "remark", remark_id, wanted=wanted),
    }
    return render(request, "reviews/proposal_reject.html", context, status=422 if form.errors else 200)


@require_POST
def proposal_undo(
    request: Request, region: str, kind: str, public_id: str, remark_id: str, answer_id: str
) -> HttpResponse:
    """Take an answer back, and its change out of the text where nobody has built upon it."""
    document, _rights, wanted = find_desk(request, region, kind, public_id)
    remark = find_remark(document, remark_id)
    given = get_object_or_404(Answer, public_id=answer_id, remarks=remark)
    try:
        undone = accepting.undo(given, by=request.user, remarks=None if request.POST.get("all") else [remark])
    except ValidationError as error:
        messages.error(request, first_error(error))
    else:
        tell_undone(request, undone)
    return _back(request, document, remark_id, wanted)


def tell_undone(request: Request, undone: accepting.Undone) -> None:
    """Say what became of the text, because undoing an answer need not undo the change."""
    if undone.text == accepting.BUILT_UPON:
        text = _("The answer was taken back. The text was left as it is, because it has been changed further since.")
        revision = undone.answer.revision
        if revision is None:
            raise ValueError("Only a change that was made can be built upon.")
        number = revision.base.number if revision.base else 0
        query = urlencode({"old": number, "new": revision.number})
        url = f"{address(revision.document, 'section-compare', revision.section.key)}?{query}"
        messages.warning(request, format_html('{} <a href="{}">{}</a>', text, url, _("What the change was")))
    else:
        messages.success(request, undone_words(undone))


def undone_words(undone: accepting.Undone) -> str:
    if undone.text == accepting.TAKEN_OUT:
        return _("The answer was taken back, and its change out of the text.")
    if undone.text == accepting.KEPT:
        return _("The answer was taken back. The text stays, because other remarks have the same answer.")
    return _("The answer was taken back.")


# --- A remark's own words as a proposal ------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def proposal_write(request: Request, region: str, kind: str, public_id: str, remark_id: str) -> HttpResponse:
    """Put what a remark asks for into the form of a wording proposal, in its respondent's name."""
    document, _rights, wanted = find_desk(request, region, kind, public_id)
    remark = find_remark(document, remark_id)
    here = desk_address(document, "remark", remark_id, wanted=wanted)
    block = next((row for row in frozen.read(remark.version).blocks() if row.id == remark.block_id), None)
    units = [unit for unit, texts in block.text.items() if remark.language in texts] if block else []
    if block is None or not units:
        messages.warning(request, _("A proposal can be written only for a remark on a paragraph of the text."))
        return redirect(here)
    error = ""
    if request.method == "POST":
        wording = {}
        for unit in units:
            written = request.POST.get(f"text-{unit}")
            if written is not None:
                wording[unit] = from_written(written, way_of_writing(block, unit), block)
        try:
            write_proposal(remark, wording=wording, by=request.user)
        except ValidationError as refused:
            error = first_error(refused)
        else:
            messages.success(request, _("The proposal was saved. The remark’s own words stay as they were."))
            return redirect(here)
    context = desk_frame(document, _("Write as a proposal"), wanted) | {
        "remark": remark,
        "name": respondent_name(remark),
        "boxes": _boxes(request, remark, block, units),
        "error": error,
        "cancel_url": here,
    }
    return render(request, "reviews/proposal_write.html", context, status=422 if error else 200)


def _boxes(request: Request, remark: Remark, block: Block, units: list[str]) -> list[dict[str, Any]]:
    """One box for each text of the block, with what has been proposed for it already."""
    proposed = {raw["unit"]: raw["value"] for raw in remark.operations if raw.get("op") == REPLACE_TEXT}
    boxes = []
    for number, unit in enumerate(units):
        way = way_of_writing(block, unit)
        value = as_written(proposed.get(unit, block.get(unit, remark.language)), way)
        boxes.append(
            {
                "id": f"text-{number}",
                "name": f"text-{unit}",
                "label": unit_label(block, unit),
                "way": way,
                "value": request.POST.get(f"text-{unit}", value),
            }
        )
    return boxes
