"""Reading the draft, listing documents, and what a document says of itself."""

from typing import Any

import django_tables2 as tables
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import Request
from accounts.models import User
from documents import kinds
from documents.blocks import BEHIND, MISSING
from documents.forms import DocumentForm, ListFilter
from documents.html import render as render_blocks
from documents.models import Document
from documents.permissions import can_change_outline, can_coordinate, can_edit, can_read_draft
from documents.queries import Outline, OutlineRow, listed_documents, next_steps, outline_of, published_version
from documents.rendering import ReadSection, guidance_html, reading
from documents.services.description import describe_document
from documents.views.columns import translations_left
from documents.views.finding import (
    LIST_TITLES,
    address,
    content_language,
    document_crumbs,
    find_any,
    find_draft,
    languages_of,
    not_found_or_sign_in,
    require,
)
from documents.views.notes import note_marks
from documents.visits import unread_sections
from regions.models import Region
from regions.permissions import rights_of
from regions.services import store_file


def outline_items(outline: Outline, language: str, current: str | None = None, *, own_page: bool = True) -> list[Any]:
    """The outline for the component: links to the section pages, or to places on the page that is being read."""

    def item(row: OutlineRow) -> dict[str, Any]:
        key = row.section.key
        return {
            "number": row.number,
            "title": row.section.heading_in(language),
            "url": address(outline.document, "section-detail", key) if own_page else f"#s-{key}",
            "current": key == current,
            "states": row.states,
            "children": [item(child) for child in row.children],
        }

    return [item(row) for row in outline.top]


@require_safe
@login_not_required
def document_detail(
    request: Request, region: str, kind: str, public_id: str, language: str | None = None
) -> HttpResponse:
    """The draft for those who may read it; the public version for everyone else."""
    document, rights = find_any(request, region, kind, public_id)
    if not can_read_draft(rights, document):
        public = published_version(document)
        if public is None:
            return not_found_or_sign_in(request)
        return redirect(address(document, "version-detail", public.number))
    shown = content_language(document, language)
    outline = outline_of(document)
    has_text = kinds.has_text(document)
    sections = [
        ReadSection(
            key=row.section.key,
            number=row.number,
            heading=row.section.heading_in(shown),
            depth=row.depth,
            html=render_blocks(
                row.blocks,
                reading(document, shown, resolved=outline.resolved, heading_level=row.depth + 2, draft=True),
            )
            if has_text
            else guidance_html(row.section, shown, heading_level=row.depth + 2),
            notes=row.notes,
            facet="" if has_text or row.children else row.section.get_facet_display(),
            criterion="" if has_text else str(row.section.criterion or ""),
        )
        for row in outline.rows
    ]
    context = {
        "document": document,
        "region": document.region,
        "crumbs": document_crumbs(document),
        "language": shown,
        "languages": languages_of(document, shown, "document-detail"),
        "badge_kind": kinds.badge_of(document),
        "untranslated": _untranslated(outline, shown),
        "translations": translations_left([row.to_translate for row in outline.rows], document),
        "outline": outline_items(outline, shown, own_page=False),
        "sections": sections,
        "steps": next_steps(outline),
        "has_text": has_text,
        "open_notes": sum(row.notes for row in outline.rows),
        "note_marks": note_marks(document),
        "unread": len(unread_sections(document, request.user)),
        "versions": list(document.versions.for_list()[:5]),
        "links": kinds.links_of(document, rights),
        "may_edit": can_edit(rights, document),
        "may_change_outline": can_change_outline(rights, document),
        "may_coordinate": can_coordinate(rights, document),
    }
    return render(request, "documents/document_detail.html", context)


def _untranslated(outline: Outline, language: str) -> int:
    """How many paragraphs are shown in the original's language, or in a translation of older words."""
    counts = [row.translations[language] for row in outline.rows if language in row.translations]
    return sum(row[MISSING] + row[BEHIND] for row in counts)


class DocumentTable(tables.Table):
    """Documents of one kind in a region."""

    title = tables.TemplateColumn(
        '<a href="{{ record.url }}">{{ record.title }}</a>', verbose_name=gettext_lazy("Title"), order_by="title"
    )
    writing_body = tables.Column(verbose_name=gettext_lazy("Writing group"))
    state = tables.TemplateColumn(
        "{% load components %}{% badge record.badge %}",
        verbose_name=pgettext_lazy("column", "State"),
        orderable=False,
    )
    versions = tables.Column(
        verbose_name=gettext_lazy("Versions"), attrs={"td": {"class": "fc-number"}, "th": {"class": "fc-number"}}
    )
    changed_at = tables.DateTimeColumn(verbose_name=gettext_lazy("Last changed"), format="j.n.Y", short=False)

    class Meta:
        attrs = {"class": "fc-table fc-table--stack"}
        order_by = ("title",)

    caption = gettext_lazy("Documents")


@require_safe
def document_list(request: HttpRequest, region: str, kind: str) -> HttpResponse:
    """The documents of one kind in a region that the reader may open."""
    found = get_object_or_404(Region, slug=region)
    rights = rights_of(request.user)
    rows = listed_documents(rights, found.pk, kind, with_badges=True)
    if not rows and not rights.in_region(found):
        raise Http404
    bodies = {row.writing_body for row in rows if row.writing_body}
    form = ListFilter(request.GET or None, bodies=bodies)
    shown = rows
    if form.is_valid():
        words, body = form.cleaned_data["q"].casefold().split(), form.cleaned_data["body"]
        shown = [
            row
            for row in rows
            if all(word in row.title.casefold() for word in words) and (not body or row.writing_body == body)
        ]
    table = DocumentTable(shown, order_by=request.GET.get("sort") or "title")
    registered = kinds.document_kind(kind)
    context = {
        "links": registered.list_links(found, rights) if registered else [],
        "region": found,
        "sample": any(row.document.is_sample for row in rows),
        "title": LIST_TITLES[Document.Kind(kind)],
        "crumbs": [
            (_("Front page"), reverse("home")),
            (found.name, reverse("region", args=[found.slug])),
            (str(LIST_TITLES[Document.Kind(kind)]), ""),
        ],
        "form": form,
        "table": table,
        "shown": len(shown),
        "total": len(rows),
    }
    return render(request, "documents/document_list.html", context)


@require_http_methods(["GET", "POST"])
def document_settings(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """Title, description, languages, writers and cover."""
    document, rights = find_draft(request, region, kind, public_id)
    require(can_coordinate(rights, document))
    form = DocumentForm(request.POST or None, request.FILES or None, document=document)
    if form.is_valid():
        try:
            _describe(document, form, request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The changes were saved."))
            if form.added_language:
                # Its title, then everything that waits for being translated.
                return redirect(address(document, "translation-list", form.added_language))
            return redirect(document)
    context = {
        "document": document,
        "region": document.region,
        "crumbs": document_crumbs(document, (_("Settings of the document"), "")),
        "form": form,
        "cover_url": address(document, "file", document.cover.public_id) if document.cover else "",
    }
    return render(request, "documents/document_settings.html", context, status=422 if form.errors else 200)


@transaction.atomic
def _describe(document: Document, form: DocumentForm, by: User) -> None:
    """The new picture and the words about it are saved together or not at all."""
    data = form.cleaned_data
    cover = None if data.get("remove_cover") else document.cover
    if upload := data.get("cover"):
        cover = store_file(document.region, name=upload.name, content=upload.read(), by=by)
    describe_document(
        document,
        by=by,
        title=form.texts("title"),
        description=form.texts("description"),
        languages=form.chosen_languages,
        writing_body=data["writing_body"],
        cover=cover,
        cover_alt=form.texts("cover_alt"),
    )
