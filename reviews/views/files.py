"""Files that a browser saves and never shows, whatever is in them."""

from django.http import FileResponse, HttpResponse
from django.utils.http import content_disposition_header

from regions.models import StoredFile
from regions.services import open_file

PRIVATE = "private, no-store"
"""Of `Cache-Control`: no cache between here and the reader keeps it."""


def handed_out(stored: StoredFile) -> FileResponse:
    """A file that somebody brought."""
    response = FileResponse(
        open_file(stored), content_type=stored.content_type, as_attachment=True, filename=stored.name
    )
    response.headers["Cache-Control"] = PRIVATE
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def saved_as(name: str, content: bytes, content_type: str) -> HttpResponse:
    """A file that was made for this request."""
    response = HttpResponse(content, content_type=content_type)
    disposition = content_disposition_header(as_attachment=True, filename=name)
    response.headers["Content-Disposition"] = disposition or "attachment"
    response.headers["Cache-Control"] = PRIVATE
    return response
