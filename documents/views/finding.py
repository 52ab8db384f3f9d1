"""What every view of a document begins with: finding it among what the reader may see, and asking for the right."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _

from documents.models import Document, Section, Version
from documents.permissions import can_read_draft
from documents.rendering import plain_languages
from regions.permissions import Rights, rights_of

LIST_TITLES = {
    Document.Kind.PLAN: pgettext_lazy("list of documents", "Action plans"),
    Document.Kind.HANDBOOK: pgettext_lazy("list of documents", "Handbooks"),
    Document.Kind.TEMPLATE: pgettext_lazy("list of documents", "Handbook templates"),
    Document.Kind.REPORT: pgettext_lazy("list of documents", "Reports"),
}

Crumbs = list[tuple[str, str]]


def require(allowed: bool) -> None:
    """403 for what the reader sees but may not do."""
    if not allowed:
        raise PermissionDenied


def _document(region: str, kind: str, public_id: str) -> Document:
    rows = Document.objects.select_related("region", "writing_body", "coordinating_body", "cover")
    return get_object_or_404(rows, public_id=public_id, kind=kind, region__slug=region)


def find_draft(request: HttpRequest, region: str, kind: str, public_id: str) -> tuple[Document, Rights]:
    """The draft, if the reader may read it: two queries. Otherwise it does not exist (404)."""
    rights = rights_of(request.user)
    document = _document(region, kind, public_id)
    if not can_read_draft(rights, document):
        raise Http404
    return document, rights


def find_any(request: HttpRequest, region: str, kind: str, public_id: str) -> tuple[Document, Rights]:
    """The document, whoever asks. The view decides what of it the reader may have."""
    return _document(region, kind, public_id), rights_of(request.user)


def find_section(document: Document, key: str, *, removed: bool = False) -> Section:
    rows = document.sections.with_text() if removed else document.sections.present().with_text()
    section = get_object_or_404(rows, key=key)
    section.document = document
    return section


def find_version(document: Document, number: int, *, content: bool = True) -> Version:
    rows = document.versions.select_related("label", "frozen_by")
    version = get_object_or_404(rows if content else rows.defer("content"), number=number)
    version.document = document
    return version


def not_found_or_sign_in(request: HttpRequest) -> HttpResponse:
    """Somebody who has not signed in may be let in after it; for everyone else the page does not exist."""
    if request.user.is_authenticated:
        raise Http404
    return redirect_to_login(request.get_full_path())


def version_or_sign_in(
    request: HttpRequest, document: Document, number: int, *, content: bool = True
) -> Version | HttpResponse:
    """The version, or the way to the sign-in where there is none and nobody has signed in.

    A visitor is sent the same way to versions that there are not as to those that are not public, and so cannot count
    them.
    """
    try:
        return find_version(document, number, content=content)
    except Http404:
        return not_found_or_sign_in(request)


def content_language(document: Document, asked: str | None) -> str:
    """The language of the text: the one in the address, else the reader's own if the document has it."""
    if asked is not None:
        if asked not in document.languages:
            raise Http404
        return asked
    own = get_language() or ""
    return own if own in document.languages else document.original


def address(document: Document, name: str, *rest: Any) -> str:
    """A page of this document: `address(document, "section-detail", section.key)`."""
    return reverse(f"documents:{name}", args=[document.region.slug, document.kind, document.public_id, *rest])


def region_crumbs(document: Document) -> Crumbs:
    """From the front page to the page of the document's region."""
    region = document.region
    return [(_("Front page"), reverse("home")), (region.name, reverse("region", args=[region.slug]))]


def document_crumbs(document: Document, *more: tuple[str, str]) -> Crumbs:
    """From the front page to the document, and on from there."""
    own = (str(document), document.get_absolute_url() if more else "")
    return [
        *region_crumbs(document),
        (
            str(LIST_TITLES[Document.Kind(document.kind)]),
            reverse("documents:document-list", args=[document.region.slug, document.kind]),
        ),
        own,
        *more,
    ]


def languages_of(document: Document, current: str, name: str, *rest: Any) -> list[tuple[str, str, str, bool]]:
    """The content languages as links: (code, name, address, is it this one). Empty where there is only one."""
    if not document.is_bilingual:
        return []
    return [
        (code, label, address(document, name, *rest, code), code == current)
        for code, label in plain_languages(document.languages)
    ]


def first_error(error: ValidationError) -> str:
    return " ".join(error.messages)
