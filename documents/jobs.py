"""Background work of documents."""

from documents.models import Version
from documents.renditions import JOB, make_rendition
from jobs.registry import Payload, handler


@handler(JOB)
def make_rendition_of(payload: Payload) -> None:
    """Make one file of a version; one that is there already stays."""
    version = Version.objects.select_related("document__region").get(pk=payload["version"])
    make_rendition(version, format=payload["format"], layout=payload["layout"], language=payload["language"])
