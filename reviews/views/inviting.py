"""Choosing, pasting and uploading who is asked in a round."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.http import Request, site_of
from documents.views.finding import first_error, require
from reviews.finding import address, find_round
from reviews.forms.invitations import AddressesForm, AskingForm, FileForm
from reviews.inviting.choosing import Candidate, Group, filled_in, groups_of
from reviews.inviting.receivers import MAX_BYTES, Read, asked_of, read_sheet
from reviews.models import CommentRound
from reviews.permissions import can_run
from reviews.rounds.page import round_context
from reviews.services.invitations import Asked, Invited, invite

SALT = "reviews.inviting.receivers"
LIVES = 24 * 60 * 60
"""Seconds for which a file that was looked at can be confirmed."""


def _find(request: Request, region: str, round_id: str) -> CommentRound:
    comment_round, rights = find_round(request, region, round_id)
    require(can_run(rights, comment_round))
    return comment_round


def _page(comment_round: CommentRound, title: str, current: str = "") -> dict[str, Any]:
    list_url = address(comment_round, "invitation-list")
    ways = [
        ("invitation-choose", _("Choose from the region")),
        ("invitation-addresses", _("Write addresses")),
        ("invitation-file", _("From a spreadsheet")),
    ]
    way = [(_("Those who are asked"), list_url), (title, "")]
    return round_context(comment_round, "invitation-list", *way) | {
        "title": title,
        "cancel_url": list_url,
        "ways": [(label, address(comment_round, name), name == current) for name, label in ways],
    }


def _invite(request: Request, comment_round: CommentRound, asked: Sequence[Asked], *, at_once: bool) -> HttpResponse:
    done = invite(comment_round, asked, by=request.user, site=site_of(request), at_once=at_once)
    _tell(request, comment_round, done, at_once=at_once)
    return redirect(address(comment_round, "invitation-list"))


def _tell(request: Request, comment_round: CommentRound, done: Invited, *, at_once: bool) -> None:
    count = len(done.invitations)
    if count:
        if at_once or comment_round.is_open():
            text = ngettext(
                "%(count)d was invited. The mail is on its way.",
                "%(count)d were invited. The mails are on their way.",
                count,
            )
        else:
            text = ngettext(
                "%(count)d was added. The mail is sent when the round opens.",
                "%(count)d were added. The mails are sent when the round opens.",
                count,
            )
        messages.success(request, text % {"count": count})
    if done.already:
        names = ", ".join(done.already[:20]) + (" …" if len(done.already) > 20 else "")
        messages.warning(request, _("Asked already, so left alone: %(names)s.") % {"names": names})


@require_http_methods(["GET", "POST"])
def invitation_choose(request: Request, region: str, round_id: str) -> HttpResponse:
    """Bodies and organisations of the region, by kind. Where no address is known, it is asked for beside the name."""
    comment_round = _find(request, region, round_id)
    document_region = comment_round.version.document.region
    area, municipality = request.GET.get("area", ""), request.GET.get("municipality", "")
    groups = groups_of(comment_round, area=area, municipality=municipality)
    sent = request.method == "POST"
    form = AskingForm(request.POST if sent else None, comment_round=comment_round)
    problem = ""
    if sent:
        needs_address = comment_round.kind != CommentRound.Kind.INTERNAL
        groups = filled_in(groups, set(request.POST.getlist("pick")), request.POST.dict(), needs_address=needs_address)
        chosen = [row for group in groups for row in group.candidates if row.is_chosen and not row.is_asked]
        if not chosen:
            problem = _("Tick those who are asked.")
        elif form.is_valid() and not any(row.error for row in chosen):
            asked = [row.asked(form.cleaned_data["closes_at"]) for row in chosen]
            try:
                return _invite(request, comment_round, asked, at_once=form.at_once)
            except ValidationError as error:
                problem = first_error(error)
    wrong = [row for group in groups for row in group.candidates if row.error]
    context = _page(comment_round, _("Choose who is asked"), "invitation-choose") | {
        "groups": groups,
        "form": form,
        "problem": problem,
        "wrong": wrong,
        "areas": list(document_region.areas.order_by("position", "key")),
        "municipalities": list(document_region.municipalities.order_by("name")),
        "area": area,
        "municipality": municipality,
        "total": _total(groups),
        "languages": settings.LANGUAGES,
    }
    is_wrong = bool(problem or wrong or (sent and form.errors))
    return render(request, "reviews/invitation_choose.html", context, status=422 if is_wrong else 200)


def _total(groups: Sequence[Group]) -> int:
    candidates: list[Candidate] = [row for group in groups for row in group.candidates]
    return len(candidates)


@require_http_methods(["GET", "POST"])
def invitation_addresses(request: Request, region: str, round_id: str) -> HttpResponse:
    comment_round = _find(request, region, round_id)
    form = AddressesForm(request.POST or None, comment_round=comment_round)
    if form.is_valid():
        rows, closes_at = form.rows, form.cleaned_data["closes_at"]
        asked = [Asked(row.email, row.name, row.language, closes_at) for row in rows]
        try:
            return _invite(request, comment_round, asked, at_once=form.at_once)
        except ValidationError as error:
            form.add_error(None, ValidationError(error.messages))
    context = _page(comment_round, _("Write addresses"), "invitation-addresses") | {
        "form": form,
        "submit_label": _("Invite"),
    }
    return render(request, "reviews/invitation_add.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def invitation_file(request: Request, region: str, round_id: str) -> HttpResponse:
    """A spreadsheet: shown first with what could not be read beside its row, and saved when it is confirmed.

    Nothing is kept in between: the rows stand signed in the form that confirms them.
    """
    comment_round = _find(request, region, round_id)
    if "confirmed" in request.POST:
        return _confirmed(request, comment_round)
    sent = request.method == "POST"
    form = FileForm(request.POST if sent else None, request.FILES if sent else None, comment_round=comment_round)
    if form.is_valid():
        upload, cleaned = form.cleaned_data["file"], form.cleaned_data
        try:
            content = upload.read(MAX_BYTES + 1)
            found = comment_round.version.document.region
            rows = read_sheet(upload.name, content, found, language=cleaned["language"])
        except ValidationError as error:
            form.add_error("file", error)
        else:
            return _look(request, comment_round, rows, cleaned["closes_at"], at_once=form.at_once, name=upload.name)
    context = _page(comment_round, _("From a spreadsheet"), "invitation-file") | {
        "form": form,
        "submit_label": _("Look at the rows"),
    }
    return render(request, "reviews/invitation_add.html", context, status=422 if form.errors else 200)


def _look(
    request: Request, comment_round: CommentRound, rows: list[Read], closes_at: Any, *, at_once: bool, name: str
) -> HttpResponse:
    good = [row for row in rows if row.is_good]
    kept = {
        "round": comment_round.public_id,
        "rows": [row.to_json() for row in good],
        "closes_at": closes_at.isoformat() if closes_at else "",
        "at_once": at_once,
    }
    context = _page(comment_round, _("Rows of the spreadsheet")) | {
        "rows": rows,
        "good": len(good),
        "bad": len(rows) - len(good),
        "signed": signing.dumps(kept, salt=SALT, compress=True),
        "file_name": name,
        "again_url": address(comment_round, "invitation-file"),
    }
    return render(request, "reviews/invitation_file.html", context)


def _confirmed(request: Request, comment_round: CommentRound) -> HttpResponse:
    again = redirect(address(comment_round, "invitation-file"))
    try:
        kept = signing.loads(request.POST.get("confirmed", ""), salt=SALT, max_age=LIVES)
    except signing.BadSignature:
        messages.error(request, _("The rows are no longer here. Bring the file again."))
        return again
    if kept["round"] != comment_round.public_id:
        messages.error(request, _("The rows are no longer here. Bring the file again."))
        return again
    rows = [Read(**row) for row in kept["rows"]]
    closes_at = parse_datetime(kept["closes_at"]) if kept["closes_at"] else None
    asked = [
        Asked(row.email, row.name, row.language, closes_at, row.organisation)
        for row in asked_of(rows, comment_round.version.document.region)
    ]
    try:
        return _invite(request, comment_round, asked, at_once=kept["at_once"])
    except ValidationError as error:
        messages.error(request, first_error(error))
        return again
