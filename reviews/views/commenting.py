"""Saying something about one place of the text: the place's own page, which the text also opens in itself."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from documents.views.finding import content_language
from reviews.answering import limits
from reviews.answering.holding import Visit
from reviews.answering.places import Place, Places
from reviews.answering.reading import (
    anchor_of,
    can_propose,
    can_say,
    key_of,
    own_remarks,
    place_html,
    place_text,
    remarks_of_others,
    said_of,
    sees_others,
)
from reviews.finding import address
from reviews.forms.commenting import RemarkForm, ReportForm
from reviews.models import Remark, Statement
from reviews.services.remarks import change_remark, report, say, take_back
from reviews.services.statements import ChangedMeanwhileError
from reviews.views.answering.frame import around, too_many_text
from reviews.views.begun import begin_here, ways_of
from reviews.views.reading import language_asked, let_in

MOST_SHOWN = 100
"""Remarks of others on the page of one place; the newest."""


@require_http_methods(["GET", "POST"])
@login_not_required
@never_cache
def remark_add(
    request: HttpRequest, region: str, round_id: str, section_key: str = "", block_id: str = ""
) -> HttpResponse:
    """A place, what was said about it, and the form for saying more."""
    visit = let_in(request, region, round_id)
    if isinstance(visit, HttpResponse):
        return visit
    language = language_asked(request, visit.round)
    places, place = _find_place(visit, section_key, block_id)
    if "mark" in request.GET:
        return _mark(visit, place, language)
    form = None
    if request.method == "POST" or can_say(visit):
        form = RemarkForm(
            request.POST if request.method == "POST" else None,
            auto_id=f"{anchor_of(section_key, block_id)}_%s",
            places=places,
            place=place,
            document=visit.round.version.document,
            language=language,
            may_propose=can_propose(visit),
            ways=None if visit.statement else ways_of(visit),
        )
    if request.method == "POST" and form is not None:
        return _said(request, visit, form, places, place, None)
    return _page(request, visit, form, places, place, language, None)


@require_http_methods(["GET", "POST"])
@login_not_required
@never_cache
def remark_edit(request: HttpRequest, region: str, round_id: str, remark_id: str) -> HttpResponse:
    """One's own remark in other words."""
    visit = let_in(request, region, round_id)
    if isinstance(visit, HttpResponse):
        return visit
    remark = get_object_or_404(own_remarks(visit), public_id=remark_id)
    places, place = _find_place(visit, remark.section_key, remark.block_id)
    form = RemarkForm(
        request.POST if request.method == "POST" else None,
        auto_id=f"{anchor_of(remark.section_key, remark.block_id)}_%s",
        places=places,
        place=place,
        document=visit.round.version.document,
        language=remark.language,
        remark=remark,
        may_propose=can_propose(visit),
    )
    if request.method == "POST":
        return _said(request, visit, form, places, place, remark)
    return _page(request, visit, form if can_say(visit) else None, places, place, remark.language, remark)


@require_http_methods(["GET", "POST"])
@login_not_required
@never_cache
def remark_remove(request: HttpRequest, region: str, round_id: str, remark_id: str) -> HttpResponse:
    """Asks before one's own remark is removed, and removes it."""
    visit = let_in(request, region, round_id)
    if isinstance(visit, HttpResponse):
        return visit
    remark = get_object_or_404(own_remarks(visit), public_id=remark_id)
    back = address(visit.round, "my-remarks")
    error = ""
    if request.method == "POST":
        try:
            take_back(remark)
        except ValidationError as refused:
            error = " ".join(refused.messages)
        else:
            messages.success(request, _("Your comment was removed."))
            return redirect(back)
    language = content_language(visit.round.version.document, None)
    places, _place = _find_place(visit, remark.section_key, remark.block_id)
    context = {
        **around(visit, current=""),
        "said": said_of([remark], places, language, own=True)[0],
        "error": error,
        "back": back,
    }
    return render(request, "reviews/remark_form_remove.html", context, status=422 if error else 200)


@require_http_methods(["GET", "POST"])
@login_not_required
@never_cache
def remark_report(request: HttpRequest, region: str, round_id: str, remark_id: str) -> HttpResponse:
    """Telling those who run the round that somebody's remark should not be shown."""
    visit = let_in(request, region, round_id)
    if isinstance(visit, HttpResponse):
        return visit
    rows = remarks_of_others(visit).select_related("statement__organisation")
    remark = get_object_or_404(rows, public_id=remark_id)
    language = content_language(visit.round.version.document, None)
    places, _place = _find_place(visit, remark.section_key, remark.block_id)
    back = address(visit.round, "remark-add", *_parts(remark.section_key, remark.block_id)) + "#others"
    form = ReportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if limits.is_within(limits.REPORT, request, of=visit.round.public_id):
            report(remark, text=form.cleaned_data["text"])
            messages.success(request, _("Thank you. Those who run the round will look at the comment."))
            return redirect(back)
        form.add_error(None, _("You have sent many reports in a short time. Wait a while, or call the contact person."))
    context = {
        **around(visit, current=""),
        "said": said_of([remark], places, language)[0],
        "form": form,
        "back": back,
    }
    return render(request, "reviews/remark_form_report.html", context, status=422 if form.errors else 200)


# --- What they have in common --------------------------------------------------------------------------------


def _find_place(visit: Visit, section_key: str, block_id: str) -> tuple[Places, Place]:
    places = Places(visit.round.version)
    try:
        place = places.find(section_key, block_id)
    except ValidationError as error:
        raise Http404 from error
    if place.section_key != section_key:
        raise Http404
    return places, place


def _parts(section_key: str, block_id: str) -> list[str]:
    return [part for part in (section_key, block_id) if part]


def _said(
    request: HttpRequest, visit: Visit, form: RemarkForm, places: Places, place: Place, remark: Remark | None
) -> HttpResponse:
    """Keep what was sent, and answer in the way that was asked for: a page, a piece of it, or a word for autosave."""
    autosaves = "autosave" in request.POST
    if autosaves and visit.statement is None:
        # Nobody has decided yet how she answers; until she sends the form its words are kept on her device.
        return JsonResponse({"kept": False})
    if form.is_valid():
        try:
            statement, saved = _keep(request, visit, form, place, remark)
        except ChangedMeanwhileError as error:
            return _changed_meanwhile(request, visit, form, places, place, remark, error)
        except ValidationError as error:
            _add_errors(form, error)
        else:
            if autosaves:
                return JsonResponse({"kept": True, "edit": saved.edit, "time": _clock()})
            return _answered(request, visit, statement, place, form.language)
    if autosaves:
        return JsonResponse({"error": _first_error(form)}, status=422)
    return _page(request, visit, form, places, place, form.language, remark)


def _keep(
    request: HttpRequest, visit: Visit, form: RemarkForm, place: Place, remark: Remark | None
) -> tuple[Statement, Remark]:
    limit = limits.SAVE
    if not limits.is_within(limit, request, of=visit.round.public_id):
        raise ValidationError(too_many_text(), code="too_often")
    if remark is not None and remark.statement is not None:
        return remark.statement, change_remark(remark, **form.values)
    near = form.cleaned_data["near"] or 0
    where: dict[str, Any] = {"section_key": place.section_key, "block_id": place.block_id, "quote_near": near}
    statement = visit.statement or begin_here(request, visit, way=form.cleaned_data.get("way", ""))
    return statement, say(statement, language=form.language, **where, **form.values)


def _add_errors(form: RemarkForm, error: ValidationError) -> None:
    """What a service refused, beside the field that it is about."""
    if not hasattr(error, "error_dict"):
        fields = {"not_quoted": "quote", "quote_too_long": "quote"}
        form.add_error(fields.get(error.code or ""), error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


def _first_error(form: RemarkForm) -> str:
    return " ".join(str(message) for errors in form.errors.values() for message in errors)


def _clock() -> str:
    return formats.time_format(timezone.localtime(), "TIME_FORMAT")


def _answered(request: HttpRequest, visit: Visit, statement: Statement, place: Place, language: str) -> HttpResponse:
    said = _("Your comment was saved. It is sent when you hand in your answer.")
    if statement.received_at:
        said = _("Your comment was saved.")
    anchor = anchor_of(place.section_key, place.block_id)
    if request.headers.get("HX-Request"):
        return HttpResponse(place_html(_with(visit, statement), place, language, said=said))
    messages.success(request, said)
    if request.POST.get("back") == "list":
        return redirect(address(visit.round, "my-remarks"))
    tail = "" if language == content_language(visit.round.version.document, None) else f"?language={language}"
    return redirect(f"{address(visit.round, 'text')}{tail}#{anchor}")


def _mark(visit: Visit, place: Place, language: str) -> HttpResponse:
    """What stands beside the place in the text, as it is now."""
    return HttpResponse(place_html(visit, place, language))


def _with(visit: Visit, statement: Statement) -> Visit:
    return Visit(visit.round, visit.rights, visit.user, visit.link, visit.invitation, statement)


def _changed_meanwhile(
    request: HttpRequest,
    visit: Visit,
    form: RemarkForm,
    places: Places,
    place: Place,
    remark: Remark | None,
    error: ChangedMeanwhileError,
) -> HttpResponse:
    """Both texts: the colleague's stands above the form, which now knows of it."""
    statement = visit.statement
    rows = statement.remarks.all() if statement else Remark.objects.none()
    theirs = rows.filter(pk=remark.pk) if remark else rows.filter(key=form.cleaned_data["key"])
    stands = theirs.get()
    if "autosave" in request.POST:
        return JsonResponse({"error": " ".join(error.messages)}, status=409)
    form.data = {**form.data.dict(), "shown": str(stands.edit)}  # type: ignore[attr-defined]
    _add_errors(form, error)
    language = content_language(visit.round.version.document, None)
    seen = said_of([stands], places, language, own=True)[0]
    return _page(request, visit, form, places, place, form.language, remark, theirs=seen)


def _page(
    request: HttpRequest,
    visit: Visit,
    form: RemarkForm | None,
    places: Places,
    place: Place,
    language: str,
    remark: Remark | None,
    *,
    theirs: Any = None,
) -> HttpResponse:
    """The page of a place, or only its form where the text opens it in itself."""
    key = key_of(place.section_key, place.block_id)
    anchor = anchor_of(place.section_key, place.block_id)
    here = {"section_key": place.section_key, "block_id": place.block_id}
    own = own_remarks(visit).filter(**here)
    if remark is not None:
        own = own.exclude(pk=remark.pk)
    others = remarks_of_others(visit).filter(**here).select_related("statement__organisation").order_by("-pk")
    in_place = bool(request.headers.get("HX-Request"))
    document = visit.round.version.document
    tail = "" if language == content_language(document, None) else f"?language={language}"
    context = {
        **around(visit, current=""),
        "form": form,
        "remark": remark,
        "theirs": theirs,
        "language": language,
        "label": place.label(language),
        "is_whole": place.section is None,
        "anchor": anchor,
        "html": "" if in_place else place_text(visit, place, places, language),
        "own": said_of(own, places, language, own=True),
        "others": said_of(others[:MOST_SHOWN], places, language) if not in_place and remark is None else [],
        "others_count": others.count() if remark is None else 0,
        "sees_others": sees_others(visit.round),
        "may_say": can_say(visit),
        "action": request.get_full_path().partition("?")[0] + tail,
        "back": request.POST.get("back") or ("list" if remark else "text"),
        "back_url": address(visit.round, "my-remarks") if remark else f"{address(visit.round, 'text')}{tail}#{anchor}",
        "place_url": f"{address(visit.round, 'remark-add')}{key}{tail}",
        "keep": _keep_name(visit, key, remark),
        "autosaves": visit.statement is not None,
        "interface": get_language(),
    }
    invalid = form is not None and bool(form.errors)
    template = "reviews/remark_form.html" + ("#inplace" if in_place else "")
    response = render(request, template, context, status=422 if invalid else 200)
    if in_place and request.method == "POST":
        # A form that is not right yet takes its own place again, and not that of the link beside the text.
        response["HX-Retarget"] = f"#open-{anchor}"
        response["HX-Reswap"] = "outerHTML"
    return response


def _keep_name(visit: Visit, key: str, remark: Remark | None) -> str:
    """Under which name the device keeps what is typed: of this statement alone, for others may sit down here later."""
    whose = visit.statement.public_id if visit.statement else visit.round.public_id
    return f"answer/{whose}/{remark.public_id if remark else key}"
