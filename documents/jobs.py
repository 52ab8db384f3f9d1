"""Background work of documents."""

import datetime

from documents.models import Version
from documents.renditions import JOB, make_rendition
from documents.services.thinning import thin_all
from documents.services.translation_file import forget_received
from jobs.registry import Payload, handler


@handler(JOB)
def make_rendition_of(payload: Payload) -> None:
    """Make one file of a version; one that is there already stays."""
    version = Version.objects.select_related("document__region").get(pk=payload["version"])
    make_rendition(version, format=payload["format"], layout=payload["layout"], language=payload["language"])


@handler("thin_revisions", every=datetime.timedelta(days=1))
def thin_revisions(payload: Payload) -> None:
    """Let go of old automatic saves that nothing leads to."""
    thin_all()


@handler("forget_translators_files", every=datetime.timedelta(days=1))
def forget_translators_files(payload: Payload) -> None:
    """Take away the files of translators that nobody needs any more."""
    forget_received()
