"""Files made of a round: the summary, the archive for the registry."""

from accounts.models import User
from jobs.registry import Payload, handler
from reviews.services.summary_files import MAKE, make


@handler(MAKE)
def make_summary_file(payload: Payload) -> None:
    """Make one file; the page of the summary shows how far it has come."""
    make(payload["file"], by=User.objects.filter(pk=payload["by"]).first())
