"""Inviting, correcting, replacing and ending members of a body."""

import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods

from accounts.http import Request, site_of
from regions.holdings import Holding, holdings_of
from regions.invitations import Invited, invite
from regions.models import Membership
from regions.people import members_in_region
from regions.people_forms import EndForm, HandOverForm, InviteForm, MembershipForm, ReplaceForm
from regions.services import change_membership, is_last_coordinator
from regions.turnover import end_and_hand_over, hand_over, replace
from regions.views.bodies import FORM
from regions.views.finding import (
    add_errors,
    body_address,
    body_crumbs,
    find_body,
    find_membership,
    form_context,
)


@require_http_methods(["GET", "POST"])
def member_invite(request: Request, region: str, public_id: str) -> HttpResponse:
    body, _rights = find_body(request, region, public_id, to_coordinate=True)
    form = InviteForm(request.POST or None, region=body.region)
    if form.is_valid():
        people, language = form.cleaned_data["people"], form.cleaned_data["language"]
        try:
            done = invite(body, people, by=request.user, site=site_of(request), language=language, **form.terms())
        except ValidationError as error:
            add_errors(form, error)
        else:
            _tell_invited(request, done)
            return redirect(body_address(body))
    crumbs = body_crumbs(body, (_("Invite members"), ""))
    title = _("Invite members")
    context = form_context(body.region, title, crumbs, form, _("Send the invitations"), body_address(body)) | {
        "lead": body.name,
        "told": [
            _("Each person gets a mail. Who has no account yet gets a link in it and chooses a password."),
            _("The link works for 30 days and you can send it again."),
        ],
    }
    return render(request, FORM, context, status=422 if form.errors else 200)


def _tell_invited(request: Request, done: Invited) -> None:
    count = len(done.memberships)
    if count:
        text = ngettext("%(count)d person was invited.", "%(count)d people were invited.", count) % {"count": count}
        messages.success(request, text)
    if done.already:
        names = ", ".join(str(user) for user in done.already)
        messages.warning(request, _("Already members, so not invited: %(names)s.") % {"names": names})


@require_http_methods(["GET", "POST"])
def member_edit(request: Request, region: str, public_id: str, membership_id: str) -> HttpResponse:
    membership, _rights = find_membership(request, region, public_id, membership_id)
    form = MembershipForm(request.POST or None, membership=membership)
    if form.is_valid():
        is_own = membership.user_id == request.user.pk
        if is_own and form.shortens():
            form.add_error("ends_on", _("To end your own membership, use “End the membership”."))
        elif is_own and form.postpones():
            message = _("Your own membership is in force today. Another coordinator can move its first day further.")
            form.add_error("starts_on", message)
        else:
            try:
                change_membership(membership, by=request.user, **form.terms())
            except ValidationError as error:
                add_errors(form, error)
            else:
                messages.success(request, _("The membership was saved."))
                return redirect(body_address(membership.body))
    crumbs = body_crumbs(membership.body, (str(membership.user), ""))
    cancel = body_address(membership.body)
    context = form_context(membership.region, str(membership.user), crumbs, form, _("Save"), cancel)
    context |= {"lead": membership.body.name}
    return render(request, FORM, context, status=422 if form.errors else 200)


def _tomorrow() -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=1)


def _not_over(membership: Membership) -> None:
    if membership.ends_on and membership.ends_on < timezone.localdate():
        raise Http404


def _told(holdings: list[Holding]) -> list[Holding]:
    """What the one who leaves holds and nobody can take over in a form."""
    return [row for row in holdings if not row.give and not row.end]


@require_http_methods(["GET", "POST"])
def member_end(request: Request, region: str, public_id: str, membership_id: str) -> HttpResponse:
    """The last day, and what becomes of what the person holds in the region."""
    membership, _rights = find_membership(request, region, public_id, membership_id)
    _not_over(membership)
    holdings = holdings_of(membership.user, membership.region, membership)
    form = EndForm(
        request.POST or None,
        membership=membership,
        holdings=holdings,
        members=members_in_region(membership.region),
        is_own=membership.user_id == request.user.pk,
    )
    if form.is_valid():
        day = form.cleaned_data["last_day"]
        tell = form.cleaned_data.get("tell", False)
        try:
            end_and_hand_over(
                membership, by=request.user, on=day, site=site_of(request), choices=form.choices(), tell=tell
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            _tell_ended(request, membership)
            return redirect(_after(request, membership))
    title = _("End the membership of %(name)s") % {"name": membership.user}
    return _leaving_page(request, membership, form, title, _("End the membership"), _told(holdings))


@require_http_methods(["GET", "POST"])
def member_replace(request: Request, region: str, public_id: str, membership_id: str) -> HttpResponse:
    """Somebody else takes the place the day after the last day."""
    membership, _rights = find_membership(request, region, public_id, membership_id)
    _not_over(membership)
    holdings = holdings_of(membership.user, membership.region, membership)
    form = ReplaceForm(
        request.POST or None,
        membership=membership,
        holdings=holdings,
        members=members_in_region(membership.region),
        is_own=membership.user_id == request.user.pk,
    )
    if form.is_valid():
        try:
            new = replace(
                membership,
                successor=form.successor(),
                by=request.user,
                on=form.cleaned_data["last_day"],
                site=site_of(request),
                language=form.cleaned_data["language"],
                choices=form.choices(),
                tell=form.cleaned_data.get("tell", False),
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            text = _("%(name)s was invited and is a member from %(date)s.")
            day = formats.date_format(new.starts_on, "SHORT_DATE_FORMAT")
            messages.success(request, text % {"name": new.user, "date": day})
            return redirect(_after(request, membership))
    title = _("Replace %(name)s") % {"name": membership.user}
    return _leaving_page(
        request, membership, form, title, pgettext("somebody comes in a person’s place", "Replace"), _told(holdings)
    )


@require_http_methods(["GET", "POST"])
def member_hand_over(request: Request, region: str, public_id: str, membership_id: str) -> HttpResponse:
    """What a member or past member holds in the region: who left by herself has handed nothing over."""
    membership, _rights = find_membership(request, region, public_id, membership_id)
    holdings = holdings_of(membership.user, membership.region, membership)
    members = members_in_region(membership.region)
    form = HandOverForm(request.POST or None, membership=membership, holdings=holdings, members=members)
    if form.is_valid():
        try:
            hand_over(membership, by=request.user, choices=form.choices())
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("What you chose was done."))
            return redirect(body_address(membership.body))
    title = _("What %(name)s holds") % {"name": membership.user}
    return _leaving_page(request, membership, form, title, _("Hand over"), _told(holdings))


def _leaving_page(
    request: Request, membership: Membership, form: HandOverForm, title: str, submit: str, told: list[Holding]
) -> HttpResponse:
    crumbs = body_crumbs(membership.body, (title, ""))
    context = form_context(membership.region, title, crumbs, form, submit, body_address(membership.body)) | {
        "membership": membership,
        "held": told,
        "is_danger": isinstance(form, EndForm) and not form.has_successor,
        "is_last": isinstance(form, EndForm) and is_last_coordinator(membership, first_day=_tomorrow()),
    }
    return render(request, "regions/leaving.html", context, status=422 if form.errors else 200)


def _tell_ended(request: Request, membership: Membership) -> None:
    day = formats.date_format(membership.ends_on or timezone.localdate(), "SHORT_DATE_FORMAT")
    text = _("The membership of %(name)s ends on %(date)s.") % {"name": membership.user, "date": day}
    messages.success(request, text)


def _after(request: Request, membership: Membership) -> str:
    """The body's page; the front page for somebody who has just left it herself, because it may be closed to her."""
    own = membership.user_id == request.user.pk
    return reverse("home") if own else body_address(membership.body)


@require_http_methods(["GET", "POST"])
def member_leave(request: Request, region: str, public_id: str) -> HttpResponse:
    """A member leaves a body herself, with today as her last day. Asks first."""
    body, rights = find_body(request, region, public_id)
    if not rights.in_body(body):
        raise Http404
    membership = Membership.objects.valid_on().filter(body=body, user=request.user).order_by("pk").first()
    if membership is None:
        raise Http404
    membership.body, membership.region = body, body.region
    if request.method == "POST":
        try:
            end_and_hand_over(membership, by=request.user, on=timezone.localdate(), site=site_of(request))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect(body_address(body))
        messages.success(request, _("You are a member of “%(body)s” until the end of today.") % {"body": body})
        return redirect("home")
    context = {
        "region": body.region,
        "crumbs": body_crumbs(body, (_("Leave this group"), "")),
        "question": _("Leave the group “%(body)s”?") % {"body": body},
        "text": _(
            "From tomorrow you no longer see the group’s drafts. What you have written stays. The coordinators are "
            "told by mail, and only they can take you back."
        ),
        "confirm_label": _("Leave this group"),
        "cancel_url": reverse("regions:person"),
    }
    return render(request, "regions/confirm.html", context)
