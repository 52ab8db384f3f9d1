"""Finding remarks that are alike."""

from documents.models import Document
from jobs.registry import Payload, handler
from reviews.services.grouping import GROUP_REMARKS, group_all


@handler(GROUP_REMARKS)
def group_remarks(payload: Payload) -> None:
    """Put remarks on a document that say the same into groups; the page of the groups shows how far it has come."""
    group_all(Document.objects.select_related("region").get(pk=payload["document"]))
