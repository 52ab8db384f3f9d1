"""Invitations that were not answered yet, and answering one."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request, site_of
from accounts.links import held_link, let_go
from regions.invitations import PURPOSE, accept, invited_membership, send_again, withdraw
from regions.models import Membership
from regions.people import not_come_in
from regions.people_forms import AcceptForm
from regions.views.finding import (
    body_address,
    body_crumbs,
    find_membership,
    find_region,
    people_crumbs,
)


@require_safe
def not_come_in_list(request: Request, region: str) -> HttpResponse:
    """Everybody in the region who has not come in, with the invitation to be sent again to those who are ticked."""
    found, _rights = find_region(request, region, to_coordinate=True)
    context = {
        "region": found,
        "crumbs": people_crumbs(found, (_("Not come in"), "")),
        "people": not_come_in(found, reader_id=request.user.pk),
    }
    return render(request, "regions/not_come_in.html", context)


@require_POST
def invitations_send_again(request: Request, region: str) -> HttpResponse:
    """To everybody who was ticked. Whoever was sent one within the hour is told of and left out."""
    found, _rights = find_region(request, region, to_coordinate=True)
    chosen = request.POST.getlist("membership")
    rows = Membership.objects.not_over().filter(region=found, public_id__in=chosen).select_related("body", "region")
    memberships = list(rows.order_by("pk"))
    if not memberships:
        messages.error(request, _("Tick those to whom the invitation is sent again."))
    sent, refused = 0, []
    for membership in memberships:
        try:
            send_again(membership, by=request.user, site=site_of(request))
        except ValidationError as error:
            refused += error.messages
        else:
            sent += 1
    if sent:
        text = ngettext("The invitation was sent again.", "%(count)d invitations were sent again.", sent)
        messages.success(request, text % {"count": sent})
    for text in dict.fromkeys(refused):
        messages.warning(request, text)
    return redirect("regions:not-come-in", found.slug)


@require_POST
def invitation_send_again(request: Request, region: str, public_id: str, membership_id: str) -> HttpResponse:
    membership, _rights = find_membership(request, region, public_id, membership_id)
    try:
        send_again(membership, by=request.user, site=site_of(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The invitation is sent again to %(name)s.") % {"name": membership.user})
    return redirect(body_address(membership.body))


@require_http_methods(["GET", "POST"])
def invitation_withdraw(request: Request, region: str, public_id: str, membership_id: str) -> HttpResponse:
    """Asks first, by naming the person and the address."""
    membership, _rights = find_membership(request, region, public_id, membership_id)
    if request.method == "POST":
        name = str(membership.user)
        try:
            withdraw(membership, by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("The invitation of %(name)s was withdrawn.") % {"name": name})
        return redirect(body_address(membership.body))
    context = {
        "region": membership.region,
        "crumbs": body_crumbs(membership.body, (_("Withdraw the invitation"), "")),
        "question": _("Withdraw the invitation of %(name)s?") % {"name": membership.user},
        "text": _(
            "The link that was sent to %(email)s stops working, and the person is no longer a member of “%(body)s”."
        )
        % {"email": membership.user.email, "body": membership.body},
        "confirm_label": _("Withdraw the invitation"),
        "cancel_url": body_address(membership.body),
    }
    return render(request, "regions/confirm.html", context)


@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "POST"])
@login_not_required
@never_cache
def invitation(request: HttpRequest) -> HttpResponse:
    """Where the link of an invitation leads: name, language and password are chosen, and the person is in.

    Who comes here without a link that still works, or has a password already, is told so. Who is signed in as
    somebody else signs out first.
    """
    link = held_link(request, PURPOSE)
    membership = invited_membership(link) if link else None
    if link is None or membership is None:
        return redirect("accounts:link-gone")
    language = get_language() or membership.user.language
    form = AcceptForm(request.POST or None, user=membership.user, language=language)
    others = request.user.is_authenticated
    if not others and form.is_valid():
        try:
            user = accept(link, **form.values())
        except ValidationError:
            return redirect("accounts:link-gone")
        let_go(request, PURPOSE)
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        with override(user.language):
            messages.success(request, _("Welcome! You are signed in; next time sign in with your password."))
            return redirect(reverse("home"))
    context = {"region": membership.region, "membership": membership, "form": form, "signed_in_as_other": others}
    return render(request, "regions/invitation.html", context, status=422 if form.errors else 200)
