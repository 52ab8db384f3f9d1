"""Who is asked in a round, how far each is, and what is done about one of them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import PlainForm
from accounts.http import Request, site_of
from documents.views.finding import first_error, require
from regions.permissions import Rights
from reviews.facts import in_words
from reviews.finding import address, find_round
from reviews.forms.invitations import BounceForm, FilterForm, InvitationForm, RemindingForm, TimeForm
from reviews.inviting.invited import Progress, Row, counts_of, rows_of
from reviews.inviting.silence import AREA, MUNICIPALITY, Places, axis_of, kind_key, place_keys, silence_of
from reviews.models import CommentRound, Invitation
from reviews.permissions import can_run
from reviews.rounds.page import round_context
from reviews.rounds.timetable import is_holiday
from reviews.services.invitations import answer_time, change_invitation, withdraw
from reviews.services.sending import (
    mark_bounced,
    remind,
    remind_all,
    send_again,
    send_waiting,
    set_reminding,
)

PER_PAGE = 50
FORM = "reviews/invitation_form.html"


def _find(request: Request, region: str, round_id: str, *, to_run: bool = True) -> tuple[CommentRound, Rights]:
    comment_round, rights = find_round(request, region, round_id)
    require(can_run(rights, comment_round) or not to_run)
    return comment_round, rights


def _find_one(request: Request, region: str, round_id: str, invitation_id: str) -> Invitation:
    """One invitation, for those who run its round."""
    comment_round, _rights = _find(request, region, round_id)
    rows = comment_round.invitations.select_related("organisation", "body", "region")
    invitation = get_object_or_404(rows, public_id=invitation_id)
    invitation.round = comment_round
    return invitation


def _page(comment_round: CommentRound, *more: tuple[str, str]) -> dict[str, Any]:
    way = [(_("Those who are asked"), address(comment_round, "invitation-list") if more else ""), *more]
    return round_context(comment_round, "invitation-list", *way)


def _one_address(invitation: Invitation, name: str = "invitation") -> str:
    return address(invitation.round, name, invitation.public_id)


@require_safe
def invitation_list(request: Request, region: str, round_id: str) -> HttpResponse:
    """Who is asked, with the table of those who are silent, and the list behind its numbers."""
    comment_round, rights = _find(request, region, round_id, to_run=False)
    rows = rows_of(comment_round)
    places = Places.of(comment_round)
    kinds = list(dict.fromkeys(kind_key(row) for row in rows))
    form = FilterForm(request.GET, kinds=kinds, areas=places.areas, municipalities=places.municipalities)
    wanted = form.wanted()
    may_run = can_run(rights, comment_round)
    shown = [row for row in rows if _fits(row, wanted, knows_addresses=may_run)]
    list_url = address(comment_round, "invitation-list")
    axis = axis_of(request.GET.get("by", ""), has_areas=bool(places.areas))
    by = [(_("By operational area"), AREA), (_("By municipality"), MUNICIPALITY)] if places.areas else []
    context = _page(comment_round) | {
        "silence": silence_of(rows, axis=axis, places=places, list_url=list_url),
        "axes": [(label, f"{list_url}?by={name}", name == axis) for label, name in by],
        "counts": counts_of(rows),
        "form": form,
        "is_filtered": bool(wanted),
        "shown": len(shown),
        "page_obj": Paginator(shown, PER_PAGE).get_page(request.GET.get("page")),
        "may_run": may_run,
        "is_over": comment_round.is_over(),
        "is_holiday": is_holiday(timezone.localdate()) and not comment_round.reminds_in_holidays,
        "waiting_text": _("They are sent when the round opens.") if timezone.now() < comment_round.opens_at else "",
        "list_url": list_url,
    }
    return render(request, "reviews/invitation_list.html", context)


def _fits(row: Row, wanted: dict[str, str], *, knows_addresses: bool) -> bool:
    text = wanted.get("q", "").casefold()
    one = row.invitation
    haystack = f"{row.name_without_address} {one.name} {one.email if knows_addresses else ''}".casefold()
    return (
        text in haystack
        and wanted.get("state", row.state) == row.state
        and wanted.get("progress", row.progress) == row.progress
        and wanted.get("kind", kind_key(row)) == kind_key(row)
        and all(wanted[axis] in place_keys(row, axis) for axis in ("area", MUNICIPALITY) if axis in wanted)
        # Who was withdrawn belongs to no number of the table.
        and not ("progress" in wanted and row.invitation.withdrawn_at)
    )


@require_safe
def invitation_detail(request: Request, region: str, round_id: str, invitation_id: str) -> HttpResponse:
    """One of those who are asked: the mails, the answer, and what can be done."""
    invitation = _find_one(request, region, round_id, invitation_id)
    row = rows_of(invitation.round, only=invitation)[0]
    context = _page(invitation.round, (str(invitation), "")) | {
        "row": row,
        "invitation": row.invitation,
        "mails": list(row.invitation.mails.all()),
        "may_send": _may_send(row),
        "asks_for_time": bool(row.invitation.asked_at and row.invitation.time_answered_at is None),
    }
    return render(request, "reviews/invitation_detail.html", context)


def _may_send(row: Row) -> bool:
    one = row.invitation
    is_taking = not one.round.is_draft and timezone.now() < one.deadline
    return bool(is_taking and one.email and one.withdrawn_at is None and row.progress != Progress.HANDED_IN)


@require_http_methods(["GET", "POST"])
def invitation_edit(request: Request, region: str, round_id: str, invitation_id: str) -> HttpResponse:
    invitation = _find_one(request, region, round_id, invitation_id)
    form = InvitationForm(request.POST or None, invitation=invitation)
    if form.is_valid():
        cleaned = form.cleaned_data
        values = {name: cleaned[name] for name in ("email", "name", "language", "closes_at")}
        try:
            with transaction.atomic():
                changed = change_invitation(invitation, by=request.user, **values)
                if cleaned.get("send"):
                    send_again(changed, by=request.user, site=site_of(request))
        except ValidationError as error:
            _add_errors(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(_one_address(invitation))
    told = [_("With another address, the links that were sent to the old one stop working.")]
    return _form_page(request, invitation, form, _("Address and deadline"), _("Save"), told)


@require_POST
def invitation_send(request: Request, region: str, round_id: str, invitation_id: str) -> HttpResponse:
    invitation = _find_one(request, region, round_id, invitation_id)
    try:
        send_again(invitation, by=request.user, site=site_of(request))
    except ValidationError as error:
        messages.error(request, first_error(error))
    else:
        messages.success(request, _("The request is sent to %(name)s.") % {"name": invitation})
    return redirect(_one_address(invitation))


@require_POST
def invitation_remind(request: Request, region: str, round_id: str, invitation_id: str) -> HttpResponse:
    invitation = _find_one(request, region, round_id, invitation_id)
    try:
        remind(invitation, by=request.user, site=site_of(request))
    except ValidationError as error:
        messages.error(request, first_error(error))
    else:
        messages.success(request, _("A reminder is sent to %(name)s.") % {"name": invitation})
    return redirect(_one_address(invitation))


@require_http_methods(["GET", "POST"])
def invitation_bounced(request: Request, region: str, round_id: str, invitation_id: str) -> HttpResponse:
    """The coordinator saw the mail come back."""
    invitation = _find_one(request, region, round_id, invitation_id)
    form = BounceForm(request.POST or None)
    if form.is_valid():
        try:
            mark_bounced(invitation, reason=form.cleaned_data["reason"], by=request.user)
        except ValidationError as error:
            _add_errors(form, error)
        else:
            messages.success(request, _("Marked as come back. Correct the address and send the request again."))
            return redirect(_one_address(invitation, "invitation-edit"))
    told = [_("The mail to %(email)s came back undelivered.") % {"email": invitation.email}]
    return _form_page(request, invitation, form, _("Mark as come back"), _("Mark as come back"), told)


@require_http_methods(["GET", "POST"])
def invitation_time(request: Request, region: str, round_id: str, invitation_id: str) -> HttpResponse:
    """Give more time to somebody who asked for it, or tell why not."""
    invitation = _find_one(request, region, round_id, invitation_id)
    if invitation.asked_at is None or invitation.time_answered_at:
        messages.info(request, _("Nobody has asked for more time, or it has been answered."))
        return redirect(_one_address(invitation))
    form = TimeForm(request.POST or None, invitation=invitation)
    if form.is_valid():
        until, word = form.cleaned_data["until"], form.cleaned_data["word"]
        try:
            answer_time(invitation, until=until, word=word, by=request.user, site=site_of(request))
        except ValidationError as error:
            _add_errors(form, error, names={"until": "until_on"})
        else:
            messages.success(request, _("The answer is sent by mail."))
            return redirect(_one_address(invitation))
    asked_until = in_words(invitation.asked_until) if invitation.asked_until else ""
    told = [
        _("%(name)s asks for more time until %(until)s.") % {"name": invitation, "until": asked_until},
        _("Reason: %(reason)s") % {"reason": invitation.asked_reason} if invitation.asked_reason else "",
        _("The present deadline is %(until)s.") % {"until": in_words(invitation.deadline)},
    ]
    return _form_page(request, invitation, form, _("More time"), _("Send the answer"), told)


@require_http_methods(["GET", "POST"])
def invitation_withdraw(request: Request, region: str, round_id: str, invitation_id: str) -> HttpResponse:
    """Asks first, by naming the one who is asked."""
    invitation = _find_one(request, region, round_id, invitation_id)
    if request.method == "POST":
        try:
            withdraw(invitation, by=request.user)
        except ValidationError as error:
            messages.error(request, first_error(error))
        else:
            messages.success(request, _("The invitation of %(name)s was withdrawn.") % {"name": invitation})
        return redirect(address(invitation.round, "invitation-list"))
    context = _page(invitation.round, (str(invitation), _one_address(invitation)), (_("Withdraw"), "")) | {
        "question": _("Withdraw the invitation of %(name)s?") % {"name": invitation},
        "text": _("Its links and codes stop working at once. What has been written stays with you."),
        "confirm_label": _("Withdraw the invitation"),
        "is_danger": True,
        "cancel_url": _one_address(invitation),
    }
    return render(request, "reviews/invitation_confirm.html", context)


# --- All of them --------------------------------------------------------------------------------------------


@require_POST
def invitations_send(request: Request, region: str, round_id: str) -> HttpResponse:
    """Send now what waits for the opening."""
    comment_round, _rights = _find(request, region, round_id)
    try:
        count = send_waiting(comment_round, by=request.user)
    except ValidationError as error:
        messages.error(request, first_error(error))
    else:
        text = ngettext("%(count)d request is sent now.", "%(count)d requests are sent now.", count)
        messages.success(request, text % {"count": count})
    return redirect(address(comment_round, "invitation-list"))


@require_http_methods(["GET", "POST"])
def invitations_remind(request: Request, region: str, round_id: str) -> HttpResponse:
    """Remind all who have not answered; tells first how many they are."""
    comment_round, _rights = _find(request, region, round_id)
    if request.method == "POST":
        try:
            count = remind_all(comment_round, by=request.user, site=site_of(request))
        except ValidationError as error:
            messages.error(request, first_error(error))
        else:
            text = ngettext("%(count)d reminder is sent.", "%(count)d reminders are sent.", count) % {"count": count}
            messages.success(request, text)
        return redirect(address(comment_round, "invitation-list"))
    count = counts_of(rows_of(comment_round)).remindable
    context = _page(comment_round, (_("Remind all"), "")) | {
        "question": ngettext("Remind %(count)d who has not answered?", "Remind %(count)d who have not answered?", count)
        % {"count": count},
        "text": _("Whoever has been reminded today already gets no second mail."),
        "confirm_label": _("Send the reminders"),
        "is_danger": False,
        "cancel_url": address(comment_round, "invitation-list"),
    }
    return render(request, "reviews/invitation_confirm.html", context)


@require_http_methods(["GET", "POST"])
def reminder_settings(request: Request, region: str, round_id: str) -> HttpResponse:
    """Whether, when and in which season the round reminds by itself."""
    comment_round, _rights = _find(request, region, round_id)
    form = RemindingForm(request.POST or None, comment_round=comment_round)
    if form.is_valid():
        set_reminding(comment_round, by=request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect(address(comment_round, "invitation-list"))
    title = _("Reminders")
    context = _page(comment_round, (title, "")) | {
        "title": title,
        "told": [],
        "form": form,
        "submit_label": _("Save"),
        "cancel_url": address(comment_round, "invitation-list"),
    }
    return render(request, FORM, context, status=422 if form.errors else 200)


def _form_page(
    request: Request, invitation: Invitation, form: PlainForm, title: str, submit: str, told: list[str]
) -> HttpResponse:
    context = _page(invitation.round, (str(invitation), _one_address(invitation)), (title, "")) | {
        "kicker": str(invitation),
        "title": title,
        "told": [sentence for sentence in told if sentence],
        "form": form,
        "submit_label": submit,
        "cancel_url": _one_address(invitation),
    }
    return render(request, FORM, context, status=422 if form.errors else 200)


def _add_errors(form: PlainForm, error: ValidationError, *, names: dict[str, str] | None = None) -> None:
    """Put what a service refused beside its field, or above the form where the form has no such field."""
    known = {"closes_at": "own_on", **(names or {})}
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, faults in error.error_dict.items():
        field = known.get(name, name)
        form.add_error(field if field in form.fields else None, ValidationError(faults))
