"""What the tasks of a template ask, as its coordinators write it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import Request
from documents.models import Document
from documents.rendering import language_name
from documents.views.finding import address, content_language, document_crumbs, find_draft, find_section, require
from handbooks.forms import TaskForm
from handbooks.models import Template
from handbooks.permissions import can_change_template
from handbooks.services.tasks import change_task


@require_http_methods(["GET", "POST"])
def template_task(request: Request, region: str, public_id: str, key: str) -> HttpResponse:
    """The guidance, the kind of answer and the criterion of one task."""
    document, rights = find_draft(request, region, Document.Kind.TEMPLATE, public_id)
    template = get_object_or_404(Template.objects.select_related("criteria_set"), document=document)
    require(can_change_template(rights, template))
    section = find_section(document, key)
    form = TaskForm(request.POST if request.method == "POST" else None, template=template, section=section)
    names = {code: f"guidance-{code}" for code in document.languages}
    typed = {code: request.POST[name] for code, name in names.items() if name in request.POST}
    if form.is_valid():
        try:
            change_task(section, guidance=typed, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request, _("The task was saved. Handbooks follow it when you have saved a new version of the template.")
            )
            return redirect(address(document, "section-detail", section.key))
    shown = content_language(document, None)
    boxes = [
        {
            "language": code,
            "label": _("Guidance (%(language)s)") % {"language": language_name(code)}
            if document.is_bilingual
            else _("Guidance"),
            "field": name,
            "html": typed.get(code, section.guidance.get(code, "")),
        }
        for code, name in names.items()
    ]
    own = (section.heading_in(shown), address(document, "section-detail", section.key))
    context = {
        "document": document,
        "region": document.region,
        "section": section,
        "heading": section.heading_in(shown),
        "crumbs": document_crumbs(document, own, (_("What the task asks"), "")),
        "form": form,
        "boxes": boxes,
        "cancel_url": own[1],
    }
    return render(request, "handbooks/template_task.html", context, status=422 if form.errors else 200)
