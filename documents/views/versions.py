"""Frozen versions: making, naming, reading and comparing them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.cache import caches
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request
from documents import frozen, kinds
from documents.comparing import Side, document_changes
from documents.forms import CompareForm, PublishForm, VersionNameForm
from documents.models import Document, Rendition, Version
from documents.permissions import can_coordinate, can_read_draft
from documents.queries import outline_of, public_languages, published_version
from documents.rendering import ReadSection, language_name, read_frozen
from documents.renditions import choices_of
from documents.services.publishing import (
    missing_translations,
    publish_with_files,
    translations_behind,
    withdraw,
)
from documents.services.versions import freeze_if_changed, name_version
from documents.translation import only_in
from documents.views.finding import (
    Crumbs,
    address,
    content_language,
    document_crumbs,
    find_any,
    find_draft,
    find_version,
    languages_of,
    not_found_or_sign_in,
    region_crumbs,
    require,
    version_or_sign_in,
)
from documents.views.visitors import VisitorPage, may_be_kept
from regions.permissions import Rights


@require_safe
def version_list(request: HttpRequest, region: str, kind: str, public_id: str) -> HttpResponse:
    """All versions of a document, with their files, and the form that makes the next one."""
    document, rights = find_draft(request, region, kind, public_id)
    return _list(request, document, rights, VersionNameForm())


@require_POST
def version_freeze(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """Save the draft as the next version."""
    document, rights = find_draft(request, region, kind, public_id)
    require(can_coordinate(rights, document))
    form = VersionNameForm(request.POST)
    if not form.is_valid():
        return _list(request, document, rights, form)
    version, changed = freeze_if_changed(document, by=request.user, label=form.cleaned_data["name"])
    if changed:
        messages.success(request, _("The draft was saved as version %(number)d.") % {"number": version.number})
    else:
        messages.info(request, _("Nothing has changed since version %(number)d.") % {"number": version.number})
    return redirect(address(document, "version-list"))


def _list(request: HttpRequest, document: Document, rights: Rights, form: VersionNameForm) -> HttpResponse:
    language = content_language(document, None)
    versions = list(document.versions.for_list().prefetch_related("publications"))
    compare = address(document, "version-compare")
    rows = [
        {
            "version": version,
            "name": label_of(version),
            "url": address(document, "version-detail", version.number),
            "changes_url": f"{compare}?old={version.number}&new=draft&language={language}",
            "before": before.number if before else None,
            "before_url": f"{compare}?old={before.number}&new={version.number}&language={language}" if before else "",
            "rename_url": address(document, "version-rename", version.number),
            "publication": next((row for row in version.publications.all() if row.withdrawn_at is None), None),
            "was_public": bool(version.publications.all()),
            "publish_url": address(document, "version-publish", version.number),
            "withdraw_url": address(document, "version-withdraw", version.number),
            "files": file_links(document, version, language),
            "links": kinds.version_links_of(document, version, rights),
        }
        for version, before in pairwise([*versions, None])
        if version
    ]
    outline = outline_of(document)
    context = {
        "document": document,
        "region": document.region,
        "crumbs": document_crumbs(document, (_("Versions"), "")),
        "tabs": kinds.tabs_of(document, "version-list"),
        "rows": rows,
        "form": form,
        "may_freeze": can_coordinate(rights, document),
        "links": kinds.links_onward(document, rights),
        "conflicts": outline.conflicts,
        "compare_form": _compare_form(document, versions) if versions else None,
        "compare_url": address(document, "version-compare"),
    }
    return render(request, "documents/version_list.html", context, status=422 if form.errors else 200)


def label_of(version: Version) -> str:
    """The name that people gave the version, or nothing."""
    return version.label.name if hasattr(version, "label") else ""


@dataclass(frozen=True)
class FileLink:
    """A file made of a version."""

    label: str
    url: str


def file_links(document: Document, version: Version, language: str) -> list[FileLink]:
    """The files that can be had of a version in a language."""
    labels: dict[tuple[str, str], str] = {
        (Rendition.Format.PDF, Rendition.Layout.FULL): _("PDF"),
        (Rendition.Format.PDF, Rendition.Layout.TABLE): _("Goals and measures as PDF"),
        (Rendition.Format.PDF, Rendition.Layout.SUMMARY): _("Summary as PDF"),
        (Rendition.Format.DOCX, Rendition.Layout.FULL): _("Word"),
        (Rendition.Format.XLSX, Rendition.Layout.TABLE): _("Goals and measures as Excel"),
    }
    return [
        FileLink(
            labels[choice.format, choice.layout],
            address(document, "rendition", version.number, choice.format, choice.layout, language),
        )
        for choice in choices_of(version)
        if choice.language == language and (choice.format, choice.layout) in labels
    ]


@require_http_methods(["GET", "POST"])
def version_rename(request: Request, region: str, kind: str, public_id: str, number: int) -> HttpResponse:
    """The name of a version; the version itself never changes."""
    document, rights = find_draft(request, region, kind, public_id)
    version = find_version(document, number, content=False)
    require(can_coordinate(rights, document))
    form = VersionNameForm(request.POST or None, initial={"name": label_of(version)})
    if form.is_bound and form.is_valid():
        name_version(version, name=form.cleaned_data["name"], by=request.user)
        messages.success(request, _("The name was saved."))
        return redirect(address(document, "version-list"))
    title = _("Name version %(number)d") % {"number": number}
    context = {
        "document": document,
        "region": document.region,
        "crumbs": document_crumbs(document, (_("Versions"), address(document, "version-list")), (title, "")),
        "title": title,
        "lead": "",
        "form": form,
        "submit_label": _("Save the name"),
        "cancel_url": address(document, "version-list"),
    }
    return render(request, "documents/section_form.html", context, status=422 if form.errors else 200)


# --- Publishing -------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def version_publish(request: Request, region: str, kind: str, public_id: str, number: int) -> HttpResponse:
    """What publishing the version means and in which languages it is done; then publishing it."""
    document, rights = find_draft(request, region, kind, public_id)
    version = find_version(document, number)
    require(can_coordinate(rights, document))
    versions_url = address(document, "version-list")
    if version.publications.filter(withdrawn_at=None).exists():
        messages.info(request, _("Version %(number)d is already public.") % {"number": number})
        return redirect(versions_url)
    missing = missing_translations(version)
    form = PublishForm(request.POST if request.method == "POST" else None, version=version, missing=missing)
    if form.is_bound and form.is_valid():
        publish_with_files(
            version,
            languages=form.languages,
            by=request.user,
            despite=form.despite,
        )
        messages.success(request, _("Version %(number)d is now public. Anyone can read it.") % {"number": number})
        return redirect(versions_url)
    context = {
        "document": document,
        "region": document.region,
        "crumbs": document_crumbs(document, (_("Versions"), versions_url), (_("Publishing"), "")),
        "version": version,
        "missing": [(language_name(language), count) for language, count in missing.items()],
        "behind": [(language_name(language), count) for language, count in translations_behind(version).items()],
        "gives_way": published_version(document),
        "form": form,
        "cancel_url": versions_url,
    }
    return render(request, "documents/version_publish.html", context, status=422 if form.errors else 200)


@require_POST
def version_withdraw(request: Request, region: str, kind: str, public_id: str, number: int) -> HttpResponse:
    """Take the public version back."""
    document, rights = find_draft(request, region, kind, public_id)
    version = find_version(document, number, content=False)
    require(can_coordinate(rights, document))
    publication = version.publications.filter(withdrawn_at=None).first()
    if publication is None:
        messages.info(request, _("Version %(number)d is not public.") % {"number": number})
    else:
        withdraw(publication, by=request.user)
        text = _("Version %(number)d is no longer public. You can publish it again.")
        messages.success(request, text % {"number": number})
    return redirect(address(document, "version-list"))


# --- Reading ----------------------------------------------------------------------------------------------


@require_safe
@login_not_required
def version_detail(
    request: HttpRequest, region: str, kind: str, public_id: str, number: int, language: str | None = None
) -> HttpResponse:
    """A version as it was frozen. Anyone may read a published one; others need the right to the draft."""
    asked: dict[str, Any] = {
        "region": region,
        "kind": kind,
        "public_id": public_id,
        "number": number,
        "language": language,
    }
    page = VisitorPage.asked_for(request, **asked)
    if page and (kept := page.kept_response(request)):
        return kept
    return _version_page(request, page, **asked)


def _version_page(
    request: HttpRequest,
    page: VisitorPage | None,
    *,
    region: str,
    kind: str,
    public_id: str,
    number: int,
    language: str | None,
) -> HttpResponse:
    """The page for this reader, rendered now."""
    document, rights = find_any(request, region, kind, public_id)
    version = version_or_sign_in(request, document, number, content=False)
    if isinstance(version, HttpResponse):
        return version
    reads_draft = can_read_draft(rights, document)
    public = public_languages(version)
    if not reads_draft and not (language in public if language else public):
        return not_found_or_sign_in(request)
    shown = content_language(document, language)
    if not reads_draft and shown not in public:
        shown = public[0]
    published = bool(public)
    # Messages are shown once, so a page that has some is never answered from the reader's own copy.
    etag = "" if page or messages.get_messages(request) else _etag(request, version, shown, public, reads_draft)
    if etag and (unchanged := get_conditional_response(request, etag=etag)):
        return unchanged
    text = frozen_text(version, shown)
    context = {
        "document": document,
        "region": document.region,
        "crumbs": _version_crumbs(document, version, reads_draft=reads_draft),
        "version": version,
        "name": label_of(version),
        "published": published,
        "language": shown,
        "languages": [
            row for row in languages_of(document, shown, "version-detail", number) if reads_draft or row[0] in public
        ],
        "title": text.title,
        "gap_note": only_in(text.partly_in) if text.partly_in else "",
        "sections": text.sections,
        "outline": outline_of_sections(text.sections),
        "files": file_links(document, version, shown),
        "reads_draft": reads_draft,
        "draft_url": document.get_absolute_url(),
        "compare_url": f"{address(document, 'version-compare')}?old={number}&new=draft&language={shown}",
        "versions_url": address(document, "version-list"),
    }
    response = render(request, "documents/version_detail.html", context)
    if page:
        page.keep(request, response)
    elif etag:
        may_be_kept(response, etag)
    return response


@dataclass(frozen=True)
class FrozenText:
    """A version in one language as HTML, the same for every reader."""

    title: str
    sections: list[ReadSection]
    partly_in: str = ""
    """The original's language, where some of the text stands in it for want of a translation."""


def frozen_text(version: Version, language: str) -> FrozenText:
    """A version's text, written out once within a release and then read from the cache."""
    kept = caches["versions"]
    key = f"version-text:{version.sha256}:{version.document.public_id}:{language}:{settings.RELEASE}"
    text: FrozenText | None = kept.get(key) if not settings.DEBUG else None
    if text is None:
        content = frozen.read(version)
        title = content.document["title"]
        text = FrozenText(
            title.get(language) or next((words for words in title.values() if words), ""),
            read_frozen(version.document, content, language),
            partly_in=content.document["languages"][0] if content.is_partly_untranslated(language) else "",
        )
        kept.set(key, text)
    return text


def _etag(request: HttpRequest, version: Version, language: str, public: Sequence[str], reads_draft: bool) -> str:
    """Everything that the page depends on."""
    reader = request.user.pk if request.user.is_authenticated else 0
    parts = [
        version.sha256,
        language,
        get_language(),
        reader,
        str(request.user),
        label_of(version),
        str(version.document),
        version.document.region.name,
        ",".join(version.document.languages),
        ",".join(public),
        reads_draft,
        settings.RELEASE,
    ]
    return quote_etag(hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest())


def _version_crumbs(document: Document, version: Version, *, reads_draft: bool) -> Crumbs:
    here = (_("Version %(number)d") % {"number": version.number}, "")
    if reads_draft:
        return document_crumbs(document, (_("Versions"), address(document, "version-list")), here)
    last = (f"{document}, {here[0]}", "")
    return [*region_crumbs(document), last] if document.region.public else [(_("Front page"), reverse("home")), last]


def outline_of_sections(sections: list[ReadSection]) -> list[dict[str, Any]]:
    """The contents of a version, at most three deep, each leading to its place on the page."""
    top: list[dict[str, Any]] = []
    path: list[dict[str, Any]] = []
    for section in sections:
        item: dict[str, Any] = {
            "number": section.number,
            "title": section.heading,
            "url": f"#s-{section.key}",
            "current": False,
            "states": [],
            "children": [],
        }
        del path[section.depth - 1 :]
        (path[-1]["children"] if path else top).append(item)
        path.append(item)
    return top


# --- Comparing --------------------------------------------------------------------------------------------


def _sides(versions: list[Version]) -> list[tuple[str, str]]:
    sides = [("draft", _("The draft now"))]
    for version in versions:
        when = formats.date_format(timezone.localtime(version.frozen_at), "SHORT_DATE_FORMAT")
        label = label_of(version)
        text = _("Version %(number)d, %(date)s") % {"number": version.number, "date": when}
        sides.append((str(version.number), f"{text}: {label}" if label else text))
    return sides


def _compare_form(document: Document, versions: list[Version], data: Any = None) -> CompareForm:
    initial = {
        "old": str(versions[0].number),
        "new": "draft",
        "language": content_language(document, None),
    }
    return CompareForm(data, initial=initial, sides=_sides(versions), document=document)


@require_safe
def version_compare(request: HttpRequest, region: str, kind: str, public_id: str) -> HttpResponse:
    """Two versions, or a version and the draft, compared: `?old=3&new=draft&language=fi`."""
    document, _rights = find_draft(request, region, kind, public_id)
    versions = list(document.versions.for_list())
    if not versions:
        raise Http404
    form = _compare_form(document, versions, request.GET or None)
    context: dict[str, Any] = {
        "document": document,
        "region": document.region,
        "crumbs": document_crumbs(
            document, (_("Versions"), address(document, "version-list")), (_("What changed"), "")
        ),
        "form": form,
        "changes": None,
        "old_label": "",
        "new_label": "",
        "language": document.original,
    }
    if form.is_valid():
        names = dict(_sides(versions))
        old, new = form.cleaned_data["old"], form.cleaned_data["new"]
        language = form.cleaned_data.get("language") or document.original
        context |= {
            "changes": document_changes(_side(document, old, language), _side(document, new, language), language),
            "old_label": names[old],
            "new_label": names[new],
            "language": language,
        }
    return render(request, "documents/version_compare.html", context, status=422 if form.errors else 200)


def _side(document: Document, name: str, language: str) -> Side:
    if name == "draft":
        return Side.of_draft(outline_of(document), language)
    return Side.of_version(frozen.read(find_version(document, int(name))), language)
