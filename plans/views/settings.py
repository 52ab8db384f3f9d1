"""What a plan adds to its measures."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import Request
from plans.forms.plan import ExtraFieldsForm
from plans.services.extra import set_extra_fields
from plans.views.finding import find_plan, plan_address
from plans.views.goals.things import attempt, form_page


@require_http_methods(["GET", "POST"])
def extra_field_list(request: Request, region: str, public_id: str) -> HttpResponse:
    """The plan's own fields of measures: two at most."""
    plan, _rights = find_plan(request, region, public_id, to_edit=True)
    form = ExtraFieldsForm(request.POST or None, plan=plan)
    if form.is_valid() and attempt(form, lambda: [set_extra_fields(plan, names=form.values(), by=request.user)]):
        messages.success(request, _("The extra fields were saved."))
        return redirect(plan_address(plan, "goal-list"))
    return form_page(
        request,
        plan,
        form,
        title=_("Extra fields of measures"),
        lead=_(
            "Two short texts that you keep with each measure for your own use. They are never printed or published. "
            "A field without a name is taken away with what is in it."
        ),
        submit_label=_("Save the fields"),
    )
