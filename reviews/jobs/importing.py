"""Bringing in large files of statements."""

from jobs.registry import Payload, handler
from jobs.services import enqueue
from reviews.models import StatementImport
from reviews.services.importing import JOB, go_on


@handler(JOB)
def import_statements(payload: Payload) -> None:
    """Bring in what is left of a file; what does not fit into one piece of work goes on in the next."""
    row = StatementImport.objects.filter(pk=payload["pk"]).first()
    if row and not go_on(row):
        enqueue(JOB, row, key=f"import-statements-{row.pk}")
