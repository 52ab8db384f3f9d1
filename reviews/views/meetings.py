"""A meeting goes through the open remarks, one by one and large; what it agrees is recorded, and a memo comes out."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request
from documents.models import Document
from documents.views.finding import first_error
from regions.files import DOCX, PDF
from regions.models import Body, Membership
from regions.permissions import Rights
from reviews.deciding import memo
from reviews.deciding.meeting_points import agreed_in, open_points
from reviews.desk.listing import Listed
from reviews.desk.remark_page import remark_page
from reviews.forms.desk import AnswerForm
from reviews.forms.meetings import MeetingForm, PresentForm
from reviews.models import Remark, RemarkMeeting
from reviews.services import meetings as service
from reviews.services.accepting import TextsDisagreeError, accept
from reviews.services.answers import answer, language_of
from reviews.views.desk import desk_address, desk_frame, find_desk, find_remark
from reviews.views.files import saved_as


def _find(request: Request, region: str, kind: str, public_id: str, meeting_id: str) -> tuple[Document, RemarkMeeting]:
    document, _rights, _wanted = find_desk(request, region, kind, public_id)
    rows = RemarkMeeting.objects.select_related("body").filter(document=document)
    meeting = get_object_or_404(rows, public_id=meeting_id)
    meeting.document = document
    return document, meeting


@require_safe
def meeting_list(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """The meetings about a document's remarks."""
    document, _rights, _wanted = find_desk(request, region, kind, public_id)
    context = {
        **desk_frame(document, _("Meetings about comments")),
        "meetings": list(document.remark_meetings.select_related("body")),
        "points": len(open_points(document, reader=request.user).lines),
    }
    return render(request, "reviews/meeting_list.html", context)


@require_http_methods(["GET", "POST"])
def meeting_add(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """Which body meets and who is present; `?body=` fills in its members of today."""
    document, rights, _wanted = find_desk(request, region, kind, public_id)
    known = _known_bodies(document, rights)
    form = MeetingForm(request.POST or None, document=document, initial=_members(request, known))
    if form.is_bound and form.is_valid():
        try:
            meeting = service.begin_meeting(
                document,
                body=form.cleaned_data["body"],
                held_on=form.cleaned_data["held_on"],
                present=form.names,
                by=request.user,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect(desk_address(document, "meeting", meeting.public_id))
    context = {
        **desk_frame(document, _("New meeting")),
        "form": form,
        "submit_label": _("Begin the meeting"),
        "cancel_url": desk_address(document, "meeting-list"),
        "bodies": known,
    }
    return render(request, "reviews/meeting_form.html", context, status=422 if form.errors else 200)


def _known_bodies(document: Document, rights: Rights) -> list[Body]:
    """The bodies whose members she may know: of the region for its coordinators, for others her own."""
    rows = document.region.bodies.order_by("name")
    return list(rows if rights.coordinates(document.region) else rows.filter(pk__in=rights.body_ids))


def _members(request: Request, known: list[Body]) -> dict[str, str]:
    """The form's first values: one of these bodies and the names of its members."""
    body = next((row for row in known if row.public_id == request.GET.get("body", "")), None)
    if body is None:
        return {}
    rows = Membership.objects.valid_on().filter(body=body).select_related("user").order_by("user__name")
    return {"body": str(body.pk), "present": "\n".join(row.user.name for row in rows if row.user.name)}


@require_safe
def meeting(request: Request, region: str, kind: str, public_id: str, meeting_id: str) -> HttpResponse:
    """How far the meeting is: what is open, what has been agreed."""
    document, found = _find(request, region, kind, public_id, meeting_id)
    points = open_points(document, reader=request.user)
    context = {
        **desk_frame(document, str(found)),
        "meeting": found,
        "points": points.lines,
        "first_url": desk_address(document, "meeting-point", found.public_id, points.lines[0].public_id)
        if points.lines and found.ended_at is None
        else "",
        "agreed": agreed_in(found),
        "urls": {
            name: desk_address(document, f"meeting-{name}", found.public_id)
            for name in ("edit", "end", "memo-pdf", "memo-word")
        },
        "pdf_url": desk_address(document, "meeting-memo-pdf", found.public_id),
        "word_url": desk_address(document, "meeting-memo-word", found.public_id),
    }
    return render(request, "reviews/meeting.html", context)


@require_http_methods(["GET", "POST"])
def meeting_edit(request: Request, region: str, kind: str, public_id: str, meeting_id: str) -> HttpResponse:
    """Who was present, and what else the memo tells."""
    document, found = _find(request, region, kind, public_id, meeting_id)
    initial = {"present": "\n".join(found.present), "note": found.note}
    form = PresentForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            service.change_meeting(found, present=form.names, note=form.cleaned_data["note"], by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The meeting’s details were saved."))
            return redirect(desk_address(document, "meeting", found.public_id))
    context = {
        **desk_frame(document, str(found)),
        "form": form,
        "submit_label": _("Save"),
        "cancel_url": desk_address(document, "meeting", found.public_id),
        "bodies": [],
    }
    return render(request, "reviews/meeting_form.html", context, status=422 if form.errors else 200)


@require_POST
def meeting_end(request: Request, region: str, kind: str, public_id: str, meeting_id: str) -> HttpResponse:
    document, found = _find(request, region, kind, public_id, meeting_id)
    service.end_meeting(found, by=request.user)
    messages.success(request, _("The meeting was ended. The memo is ready."))
    return redirect(desk_address(document, "meeting", found.public_id))


# --- One point ------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def meeting_point(
    request: Request, region: str, kind: str, public_id: str, meeting_id: str, remark_id: str
) -> HttpResponse:
    """One remark, large: the text as it was and is, what is said of it, the outcome that the meeting agrees on."""
    document, found = _find(request, region, kind, public_id, meeting_id)
    remark = find_remark(document, remark_id)
    form = AnswerForm(
        request.POST if request.method == "POST" else None, document=document, spoken=[language_of(remark, document)]
    )
    # What comes next is decided before: once it is answered, the remark is no point any more.
    points = open_points(document, reader=request.user)
    after = points.neighbours(remark.public_id)[1]
    if form.is_bound and form.is_valid():
        try:
            answer(
                [remark],
                outcome=form.cleaned_data["outcome"],
                reason=form.reason,
                by=request.user,
                meeting=found,
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("Recorded."))
            return _onward(document, found, after)
    return _point(request, document, found, remark, form, points)


@require_POST
def meeting_accept(
    request: Request, region: str, kind: str, public_id: str, meeting_id: str, remark_id: str
) -> HttpResponse:
    """The meeting takes a proposal into the text as it was made."""
    document, found = _find(request, region, kind, public_id, meeting_id)
    remark = find_remark(document, remark_id)
    after = open_points(document, reader=request.user).neighbours(remark.public_id)[1]
    if not remark.operations:
        return redirect(desk_address(document, "meeting-point", found.public_id, remark.public_id))
    try:
        accept(remark, by=request.user, meeting=found)
    except TextsDisagreeError:
        messages.warning(
            request, _("The text has changed in the same place. Look at the three texts, then record the outcome.")
        )
        return redirect(desk_address(document, "proposal-change", remark.public_id))
    except ValidationError as error:
        messages.error(request, first_error(error))
        return redirect(desk_address(document, "meeting-point", found.public_id, remark.public_id))
    messages.success(request, _("Recorded. The proposal is in the text."))
    return _onward(document, found, after)


def _onward(document: Document, meeting: RemarkMeeting, after: str) -> HttpResponse:
    if after:
        return redirect(desk_address(document, "meeting-point", meeting.public_id, after))
    return redirect(desk_address(document, "meeting", meeting.public_id))


def _point(
    request: Request, document: Document, meeting: RemarkMeeting, remark: Remark, form: AnswerForm, points: Listed
) -> HttpResponse:
    before, after, number = points.neighbours(remark.public_id)

    def url(other: str) -> str:
        return desk_address(document, "meeting-point", meeting.public_id, other) if other else ""

    context = {
        **desk_frame(document, str(meeting)),
        "meeting": meeting,
        "meeting_url": desk_address(document, "meeting", meeting.public_id),
        "remark": remark,
        "shown": remark_page(document, remark, points.sections),
        "form": form,
        "number": number,
        "count": len(points.lines),
        "before_url": url(before),
        "after_url": url(after),
        "accept_url": desk_address(document, "meeting-accept", meeting.public_id, remark.public_id),
        "is_ended": meeting.ended_at is not None,
    }
    return render(request, "reviews/meeting_point.html", context, status=422 if form.errors else 200)


# --- The memo -------------------------------------------------------------------------------------------------


@require_safe
def memo_pdf(request: Request, region: str, kind: str, public_id: str, meeting_id: str) -> HttpResponse:
    _document, found = _find(request, region, kind, public_id, meeting_id)
    return saved_as(memo.file_name(found, "pdf"), memo.memo_pdf(found), PDF)


@require_safe
def memo_word(request: Request, region: str, kind: str, public_id: str, meeting_id: str) -> HttpResponse:
    _document, found = _find(request, region, kind, public_id, meeting_id)
    return saved_as(memo.file_name(found, "docx"), memo.memo_word(found), DOCX)
