"""What every view of a handbook begins with."""

from django.http import Http404, HttpRequest
from django.urls import reverse

from documents.models import Document
from documents.views.finding import find_draft
from handbooks.models import Handbook
from handbooks.queries import handbook_of
from regions.permissions import Rights


def find_handbook(request: HttpRequest, region: str, public_id: str) -> tuple[Handbook, Rights]:
    """The handbook, if the reader may read its draft. Otherwise it does not exist (404)."""
    document, rights = find_draft(request, region, Document.Kind.HANDBOOK, public_id)
    handbook = handbook_of(document)
    if handbook is None:
        raise Http404
    return handbook, rights


def page(handbook: Handbook, name: str, *rest: str) -> str:
    """A page of this handbook: `page(handbook, "meeting")`."""
    document = handbook.document
    return reverse(f"handbooks:{name}", args=[document.region.slug, document.public_id, *rest])
