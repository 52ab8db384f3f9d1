"""A person's own page."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods

from accounts.http import Request
from regions.people import own_memberships
from regions.people_forms import PersonForm
from regions.services import describe_person


@require_http_methods(["GET", "POST"])
def person(request: Request) -> HttpResponse:
    """Own name and language, the ways to address, password and two-step sign-in, and the groups one is in."""
    form = PersonForm(request.POST or None, user=request.user)
    if form.is_valid():
        describe_person(request.user, by=request.user, **form.cleaned_data)
        with override(request.user.language):
            messages.success(request, _("Your details were saved."))
            return redirect(reverse("regions:person"))
    context = {
        "crumbs": [(_("Front page"), reverse("home")), (_("Your details"), "")],
        "form": form,
        "memberships": own_memberships(request.user.pk),
    }
    return render(request, "regions/person.html", context, status=422 if form.errors else 200)
