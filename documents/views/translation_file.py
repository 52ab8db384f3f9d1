"""A translator who does not sign in: a Word file goes out, comes back, is looked at and brought in."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import PlainForm
from accounts.http import Request
from documents.difference import mark_words
from documents.models import Document
from documents.permissions import can_change_outline, can_edit
from documents.rendering import language_name, plain_languages
from documents.services.translation_file import (
    ALREADY,
    BEHIND_AGAIN,
    EMPTIED,
    GONE,
    MEANWHILE,
    NEW,
    NOT_YOURS,
    RECEIVED,
    SAVED,
    TOO_LONG,
    UNTOUCHED,
    WORD,
    Arrived,
    import_translation,
    plan_import,
    receive,
    translation_file,
)
from documents.views.finding import address, document_crumbs, find_draft, first_error, require
from documents.views.translation import require_translated
from documents.word.translation import TranslatedFile, read_translation
from regions.models import StoredFile


@require_safe
def translation_word(request: Request, region: str, kind: str, public_id: str, language: str) -> HttpResponse:
    """The texts that are missing or behind (`?all=1`: all) as a Word file of two columns."""
    document, rights = find_draft(request, region, kind, public_id)
    require_translated(document, language)
    require(can_edit(rights, document))
    names = dict(plain_languages(document.languages))
    try:
        content = translation_file(
            document,
            language,
            everything="all" in request.GET,
            names_of_languages=(names[document.original], names[language]),
        )
    except ValidationError as error:
        messages.info(request, first_error(error))
        return redirect(address(document, "translation-list", language))
    response = HttpResponse(content, content_type=WORD)
    title = slugify(document.title_in(document.original))[:60] or document.public_id
    name = f"{title}-{document.original}-{language}-{timezone.localdate():%Y-%m-%d}.docx"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


class TranslatedFileForm(PlainForm):
    """The Word file that a translator sent back."""

    file = forms.FileField(
        label=gettext_lazy("Word file"),
        widget=forms.FileInput(attrs={"accept": f".docx,{WORD}"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _("A .docx file of at most %(megabytes)s MB. Nothing is saved yet.") % {
            "megabytes": settings.IMPORT_MAX_BYTES // (1024 * 1024)
        }


def _context(document: Document, language: str, title: str) -> dict[str, Any]:
    back = address(document, "translation-list", language)
    return {
        "document": document,
        "region": document.region,
        "language": language,
        "language_name": dict(plain_languages(document.languages))[language],
        "language_within": language_name(language),
        "crumbs": document_crumbs(document, (_("Translation"), back), (title, "")),
        "back_url": back,
    }


@require_http_methods(["GET", "POST"])
def translation_import_add(request: Request, region: str, kind: str, public_id: str, language: str) -> HttpResponse:
    """Choose the file that a translator sent back. It is read and kept; the text does not change yet."""
    document, rights = find_draft(request, region, kind, public_id)
    require_translated(document, language)
    require(can_edit(rights, document))
    sent = request.method == "POST"
    form = TranslatedFileForm(request.POST if sent else None, request.FILES if sent else None)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            content = upload.read(settings.IMPORT_MAX_BYTES + 1)
            stored, file = receive(document, name=upload.name, content=content, by=request.user)
        except ValidationError as error:
            form.add_error("file", error)
        else:
            return redirect(address(document, "translation-import", file.language, stored.public_id))
    context = _context(document, language, _("Bring in a translated file")) | {"form": form}
    return render(request, "documents/translation_import_add.html", context, status=422 if form.errors else 200)


def _read(document: Document, language: str, file_id: str) -> tuple[StoredFile, TranslatedFile]:
    """A file that was brought for this document and language. 404 for every other."""
    stored = get_object_or_404(StoredFile, region=document.region, public_id=file_id, content_type=RECEIVED)
    with stored.file.open("rb") as stream:
        content = stream.read()
    try:
        file = read_translation(content)
    except ValidationError as error:
        raise Http404 from error
    if file.document_id != document.public_id or file.language != language:
        raise Http404
    return stored, file


@require_http_methods(["GET", "POST"])
def translation_import(
    request: Request, region: str, kind: str, public_id: str, language: str, file_id: str
) -> HttpResponse:
    """What a translator's file would change. POST brings it in."""
    document, rights = find_draft(request, region, kind, public_id)
    require_translated(document, language)
    require(can_edit(rights, document))
    may_change_headings = can_change_outline(rights, document)
    stored, file = _read(document, language, file_id)
    error = ""
    if request.method == "POST":
        try:
            imported = import_translation(
                document,
                file,
                content_hash=stored.sha256,
                name=stored.name,
                confirm_untouched="confirm_untouched" in request.POST,
                may_change_headings=may_change_headings,
                by=request.user,
            )
        except ValidationError as problem:
            error = first_error(problem)
        else:
            if imported.again:
                messages.info(request, _("This file has been brought in already. Nothing was changed."))
            elif imported.conflicts:
                messages.warning(
                    request,
                    ngettext(
                        "The file was brought in. In %(count)d place somebody had changed the same translation; "
                        "choose in the editor which text stays.",
                        "The file was brought in. In %(count)d places somebody had changed the same translation; "
                        "choose in the editor which texts stay.",
                        len(imported.conflicts),
                    )
                    % {"count": len(imported.conflicts)},
                )
            else:
                messages.success(
                    request,
                    _("The file was brought in. Translations saved: %(saved)d. Marked as still right: %(confirmed)d.")
                    % {"saved": imported.saved, "confirmed": imported.confirmed},
                )
            return redirect(address(document, "translation-list", language))
    plan = plan_import(document, file, may_change_headings=may_change_headings)
    labels = _labels()
    context = _context(document, language, stored.name) | {
        "file_name": stored.name,
        "error": error,
        "sections": [
            (number, name, [_shown(item, labels) for item in items if item.state != UNTOUCHED or item.original_edited])
            for number, name, items in [
                ("", _("Title and description"), plan.about),
                *((row.number, str(row.section), items) for row, items in plan.sections),
            ]
            if any(item.state != UNTOUCHED or item.original_edited for item in items)
        ],
        "gone": [(item.label, mark_words("", item.arrived, cell=True)) for item in plan.gone],
        "to_save": plan.to_save,
        "behind_again": plan.count(BEHIND_AGAIN),
        "meanwhile": plan.count(MEANWHILE),
        "untouched": plan.count(UNTOUCHED),
        "already": plan.count(ALREADY),
        "emptied": plan.count(EMPTIED),
        "unplaced": plan.count(GONE),
        "originals_edited": plan.originals_edited,
        "untouched_behind": plan.left_untouched,
        "tracked_changes": file.tracked_changes,
        "comments": file.comments,
    }
    return render(request, "documents/translation_import.html", context, status=422 if error else 200)


def _labels() -> dict[str, str]:
    return {
        NEW: _("Will be saved"),
        BEHIND_AGAIN: _("Will be saved, and must be looked at again: the original has changed since"),
        MEANWHILE: _("Somebody has changed the translation meanwhile: the changes are combined, or you choose"),
        UNTOUCHED: _("Left as it was"),
        ALREADY: _("Is in the text already"),
        EMPTIED: _("Empty in the file: what stands in the text stays"),
        NOT_YOURS: _("Left as it is: only coordinators change the headings of this document"),
        TOO_LONG: _("Not saved: the text is too long for this place. Shorten it and write it on the page"),
        GONE: _("Cannot be placed: the text has been changed or removed meanwhile. Copy it from here"),
    }


def _shown(item: Arrived, labels: dict[str, str]) -> dict[str, str | SafeString | bool]:
    return {
        "label": item.label,
        "state": item.state,
        "saved": item.state in SAVED,
        "told": labels[item.state],
        "text": mark_words(item.now, item.arrived or item.now, cell=item.cell),
        "original_edited": item.original_edited,
    }
