"""Files made of a version: handing them out, and making them when someone first asks."""

import logging

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from documents.models import Document, Rendition, Version
from documents.permissions import can_read_draft
from documents.printing.engine import PrintError
from documents.renditions import (
    LARGE,
    Choice,
    ask_for_rendition,
    choices_of,
    find_rendition,
    how_far,
    make_rendition,
)
from documents.views.finding import (
    address,
    document_crumbs,
    find_any,
    first_error,
    not_found_or_sign_in,
    version_or_sign_in,
)
from regions.permissions import Rights
from regions.services import open_file

logger = logging.getLogger("documents.renditions")


def _may_read(rights: Rights, document: Document, version: Version, choice: Choice) -> bool:
    """Those who read the draft, and everyone in the languages in which the version is public.

    The frozen bytes hold every language, so they are public only where all of them are.
    """
    if can_read_draft(rights, document):
        return True
    held = set(document.languages if choice.format == Rendition.Format.JSON else [choice.language])
    return any(held <= set(row.languages) for row in version.publications.filter(withdrawn_at=None))


def _choice(version: Version, format_name: str, layout: str, language: str) -> Choice:
    """What was asked for; 404 for anything that no version of this kind can be had as."""
    choice = Choice(format_name, layout, language)
    if choice not in choices_of(version):
        raise Http404
    return choice


@require_safe
@login_not_required
def rendition_detail(
    request: HttpRequest, region: str, kind: str, public_id: str, number: int, format: str, layout: str, language: str
) -> HttpResponseBase:
    """The file as an attachment, or a page with the button that makes it."""
    document, rights = find_any(request, region, kind, public_id)
    version = version_or_sign_in(request, document, number, content=False)
    if isinstance(version, HttpResponse):
        return version
    choice = _choice(version, format, layout, language)
    if not _may_read(rights, document, version, choice):
        return not_found_or_sign_in(request)
    rendition = find_rendition(version, format=format, layout=layout, language=language)
    if rendition is None:
        return _page(request, document, version, choice, reads_draft=can_read_draft(rights, document))
    if request.headers.get("HX-Request"):  # from the page that waits for it
        return _page(request, document, version, choice, reads_draft=can_read_draft(rights, document), ready=True)
    stored = rendition.file
    response = FileResponse(
        open_file(stored), content_type=stored.content_type, as_attachment=True, filename=stored.name
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@require_POST
@login_not_required
def rendition_make(
    request: HttpRequest, region: str, kind: str, public_id: str, number: int, format: str, layout: str, language: str
) -> HttpResponse:
    """Make the file and hand it out; a large one, or one that a visitor asks for, is made in the background.

    Printing takes seconds of a whole core, so what anyone may ask for waits in the queue, once.
    """
    document, rights = find_any(request, region, kind, public_id)
    version = version_or_sign_in(request, document, number)
    if isinstance(version, HttpResponse):
        return version
    choice = _choice(version, format, layout, language)
    if not _may_read(rights, document, version, choice):
        return not_found_or_sign_in(request)
    here = address(document, "rendition", number, format, layout, language)
    reads_draft = can_read_draft(rights, document)
    if len(version.content) > LARGE or not reads_draft:
        ask_for_rendition(version, choice)
        return redirect(here)
    by = request.user if request.user.is_authenticated else None
    try:
        make_rendition(version, format=format, layout=layout, language=language, by=by)
    except ValidationError as error:
        messages.error(request, first_error(error))
    except PrintError:
        logger.exception("%s cannot be printed", version)
        messages.error(request, _("The file could not be made, because it would not be accessible. The fault is ours."))
    else:
        return redirect(here)
    return _page(request, document, version, choice, reads_draft=reads_draft, status=422)


def _page(
    request: HttpRequest,
    document: Document,
    version: Version,
    choice: Choice,
    *,
    reads_draft: bool,
    ready: bool = False,
    status: int = 200,
) -> HttpResponse:
    label = f"{Rendition.Layout(choice.layout).label}, {Rendition.Format(choice.format).label}"
    here = (_("Version %(number)d") % {"number": version.number}, version.get_absolute_url())
    context = {
        "document": document,
        "region": document.region,
        "crumbs": document_crumbs(document, here, (label, "")) if reads_draft else [here, (label, "")],
        "version": version,
        "label": label,
        "making": "ready" if ready else how_far(version, choice),
        "file_url": address(document, "rendition", version.number, choice.format, choice.layout, choice.language),
        "make_url": address(document, "rendition-make", version.number, choice.format, choice.layout, choice.language),
        "back_url": version.get_absolute_url(),
    }
    part = "#making" if request.headers.get("HX-Request") else ""
    return render(request, f"documents/rendition_detail.html{part}", context, status=status)
