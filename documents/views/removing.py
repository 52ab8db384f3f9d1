"""Removing a document that was made by mistake."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import Request
from documents.permissions import can_coordinate
from documents.services.removing import remove_document, what_would_be_lost
from documents.views.finding import address, document_crumbs, find_draft, require


@require_http_methods(["GET", "POST"])
def document_remove(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """Asks by naming the document, or says why it stays."""
    document, rights = find_draft(request, region, kind, public_id)
    require(can_coordinate(rights, document))
    name = str(document)
    if request.method == "POST":
        try:
            remove_document(document, by=request.user)
        except ValidationError as error:
            reasons = error.messages
        else:
            messages.success(request, _("“%(document)s” was removed.") % {"document": name})
            return redirect(reverse("documents:document-list", args=[document.region.slug, kind]))
    else:
        reasons = what_would_be_lost(document)
    settings = address(document, "document-settings")
    context = {
        "document": document,
        "region": document.region,
        "crumbs": document_crumbs(document, (_("Settings of the document"), settings), (_("Remove"), "")),
        "reasons": reasons,
        "cancel_url": settings,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "documents/document_remove.html", context, status=status)
