"""A Word file on its way into a handbook: upload, tracked changes, places, import, what came of it."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request
from documents.comparing import ShownChange, section_changes
from documents.models import Revision, Section
from documents.rendering import language_name
from documents.services.versions import outline_order
from documents.views.finding import document_crumbs, first_error, require
from documents.word.fallback import REASON as UNTRANSLATED
from handbooks.forms import TrackedChangesForm, WordFileForm
from handbooks.models import Handbook, WordImport
from handbooks.permissions import can_import
from handbooks.placement import LEFT_OUT, TITLE, TRAY, Entry, Placement
from handbooks.services.imports import (
    cancel_import,
    change_placement,
    choose_tracked_changes,
    import_file,
    missing_sections,
    needs_choice,
    placement_of,
    prepare_import,
    result_of,
    said_before,
)
from handbooks.services.keys import TRAY_KEY
from handbooks.views.finding import find_handbook, page

SHOWN_WORDS = 60


def _find(request: Request, region: str, public_id: str, import_id: str) -> WordImport:
    handbook, rights = find_handbook(request, region, public_id)
    require(can_import(rights, handbook))
    word_import = get_object_or_404(
        WordImport.objects.select_related("file", "created_by"), handbook=handbook, public_id=import_id
    )
    word_import.handbook = handbook
    return word_import


def _context(handbook: Handbook, title: str) -> dict[str, Any]:
    document = handbook.document
    return {
        "document": document,
        "region": document.region,
        "handbook": handbook,
        "crumbs": document_crumbs(document, (title, "")),
    }


# --- 1. The file ----------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def word_import_add(request: Request, region: str, public_id: str) -> HttpResponse:
    """Choose a Word file. It is read and placed; the handbook does not change yet."""
    handbook, rights = find_handbook(request, region, public_id)
    require(can_import(rights, handbook))
    sent = request.method == "POST"
    form = WordFileForm(request.POST if sent else None, request.FILES if sent else None, handbook=handbook)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            word_import = prepare_import(
                handbook,
                content=upload.read(settings.IMPORT_MAX_BYTES + 1),
                name=upload.name,
                language=form.chosen_language,
                by=request.user,
            )
        except ValidationError as error:
            form.add_error("file", error)
        else:
            return redirect(page(handbook, "word-import", word_import.public_id))
    context = _context(handbook, _("Import a Word file")) | {
        "form": form,
        "earlier": handbook.word_imports.select_related("file", "created_by").defer("placement")[:10],
    }
    return render(request, "handbooks/word_import_add.html", context, status=422 if form.errors else 200)


@require_safe
def word_import(request: Request, region: str, public_id: str, import_id: str) -> HttpResponse:
    """Where an import stands: the question about tracked changes, the places, or what came of it."""
    row = _find(request, region, public_id, import_id)
    if row.imported_at:
        return _show_result(request, row)
    if needs_choice(row):
        return _ask_tracked(request, row, TrackedChangesForm())
    return _show_places(request, row)


def _ask_tracked(request: Request, row: WordImport, form: TrackedChangesForm) -> HttpResponse:
    context = _context(row.handbook, _("Tracked changes")) | {
        "import": row,
        "tracked": row.placement["tracked"],
        "authors": ", ".join(row.placement["tracked"]["authors"]),
        "form": form,
    }
    return render(request, "handbooks/word_import_tracked.html", context, status=422 if form.errors else 200)


@require_POST
def word_import_tracked(request: Request, region: str, public_id: str, import_id: str) -> HttpResponse:
    row = _find(request, region, public_id, import_id)
    if row.imported_at or not row.placement.get("tracked"):
        return redirect(page(row.handbook, "word-import", row.public_id))
    form = TrackedChangesForm(request.POST)
    if not form.is_valid():
        return _ask_tracked(request, row, form)
    try:
        choose_tracked_changes(row, form.cleaned_data["tracked"], by=request.user)
    except ValidationError as error:
        messages.error(request, first_error(error))
    return redirect(page(row.handbook, "word-import", row.public_id))


# --- 2. The places --------------------------------------------------------------------------------------


class Choices:
    """The places that a piece can have, as the options of a select that stands on the page some hundred times.

    So they are written once, and without the end tags that HTML lets one leave out.
    A place is sent as its number in the handbook's outline; `digest` tells when the outline has changed since.
    """

    def __init__(self, handbook: Handbook, language: str) -> None:
        rows = [
            row
            for row in outline_order(handbook.document.sections.present().select_related("parent"))
            if row.key != TRAY_KEY
        ]
        self.sections = rows
        self.keys = [row.key for row in rows]
        self.digest = hashlib.sha256("\n".join(self.keys).encode()).hexdigest()[:16]
        self.labels = {TRAY: _("Not placed"), LEFT_OUT: _("Leave out"), TITLE: _("Title of the handbook")}
        self.values = {TRAY: "tray", LEFT_OUT: "out", TITLE: "title"} | {
            key: str(index) for index, key in enumerate(self.keys)
        }
        self.places = {value: place for place, value in self.values.items()}
        out = [self._option(place) for place in (TRAY, LEFT_OUT, TITLE)]
        numbers: dict[int | None, int] = {}
        for row in rows:
            numbers[row.parent_id] = numbers.get(row.parent_id, 0) + 1
            heading = row.heading_in(language)
            if row.parent_id is None:
                chapter = f"{numbers[None]} {heading}"
                out.append(f'<optgroup label="{escape(chapter)}">')
                self.labels[row.key] = _("%(chapter)s (the chapter itself)") % {"chapter": chapter}
            else:
                self.labels[row.key] = f"{numbers[None]}.{numbers[row.parent_id]} {heading}"
            out.append(self._option(row.key))
        self.html = "".join(out)

    def _option(self, place: str) -> str:
        return f'<option value="{self.values[place]}">{escape(self.labels[place])}'

    def options(self, place: str) -> SafeString:
        value = self.values.get(place, "tray")
        marked = self.html.replace(f'<option value="{value}">', f'<option value="{value}" selected>', 1)
        return mark_safe(marked)  # noqa: S308 labels were escaped above

    def read(self, data: Mapping[str, str], placement: Placement) -> dict[int, str]:
        """What a person chose: index -> place.

        Raises ValidationError when the outline has changed meanwhile (`outline_changed`).
        """
        if data.get("outline") != self.digest:
            raise ValidationError(
                _("The sections of the handbook have changed meanwhile. Check the places once more."),
                code="outline_changed",
            )
        chosen = {index: data.get(f"place-{index}", "") for index in range(len(placement.entries))}
        return {index: self.places[value] for index, value in chosen.items() if value in self.places}


@dataclass(frozen=True)
class ShownEntry:
    """A piece of the file as the page shows it."""

    index: int
    entry: Entry
    text: str
    more: int
    """Words that are not shown."""
    place: str
    options: SafeString


@dataclass(frozen=True)
class ShownGroup:
    """Pieces that stand under one heading of the file."""

    heading: ShownEntry | None
    pieces: list[ShownEntry] = field(default_factory=list)


def _shown(placement: Placement, choices: Choices) -> list[ShownGroup]:
    groups = [ShownGroup(None)]
    for index, entry in enumerate(placement.entries):
        words = entry.text.split()
        shown = ShownEntry(
            index=index,
            entry=entry,
            text=" ".join(words[:SHOWN_WORDS]),
            more=max(0, len(words) - SHOWN_WORDS),
            place=choices.labels.get(entry.place, ""),
            options=choices.options(entry.place),
        )
        if entry.looks_like_heading:
            groups.append(ShownGroup(shown))
        else:
            groups[-1].pieces.append(shown)
    return [group for group in groups if group.heading or group.pieces]


def _show_places(request: Request, row: WordImport, *, error: str = "", announce: str = "") -> HttpResponse:
    handbook = row.handbook
    language = row.language
    choices = Choices(handbook, language)
    placement = placement_of(row)
    groups = _shown(placement, choices)
    everything = [piece for group in groups for piece in ([group.heading] if group.heading else []) + group.pieces]
    missing = missing_sections(row, placement, said_before(row))
    left_out = row.placement.get("left_out", [])
    context = _context(handbook, _("Where the pieces go")) | {
        "import": row,
        "language": language,
        "language_name": language_name(language),
        "groups": groups,
        "tray": [piece for piece in everything if piece.entry.place == TRAY],
        "to_check": [piece for piece in everything if piece.entry.needs_check],
        "counts": placement.counts(),
        "outline_digest": choices.digest,
        "missing": [section for section in choices.sections if section.key in missing],
        "filled": _filled(handbook, row, placement),
        "left_out_words": _words_left_out(left_out, lambda reason: reason not in {"cover", UNTRANSLATED}),
        "untranslated_words": _words_left_out(left_out, lambda reason: reason == UNTRANSLATED),
        "unread": sorted({_unread_name(name) for name in row.placement.get("unread", [])}),
        "comments": row.placement.get("comments", 0),
        "error": error,
        "announce": announce,
    }
    part = "#places" if request.headers.get("HX-Request") else ""
    return render(request, f"handbooks/word_import_places.html{part}", context, status=422 if error else 200)


def _words_left_out(left_out: Iterable[Mapping[str, str]], wanted: Callable[[str], bool]) -> int:
    return sum(len(item["text"].split()) for item in left_out if wanted(item["reason"]))


def _filled(handbook: Handbook, row: WordImport, placement: Placement) -> int:
    """How many of the sections that the file has text for have text that no file brought."""
    keys = [key for key in placement.texts() if key not in {TRAY, LEFT_OUT, TITLE}]
    heads = Section.objects.filter(document=handbook.document, key__in=keys, head__isnull=False)
    return heads.exclude(state=Section.State.EMPTY).exclude(head__origin=Revision.Origin.IMPORTED).count()


def _unread_name(name: str) -> str:
    names = {
        "chart": _("a chart"),
        "diagram": _("a diagram"),
        "object": _("an embedded file"),
        "linked_image": _("a picture that is not in the file"),
        "image": _("a picture in a form that browsers do not show"),
        "attached_file": _("an attached file"),
    }
    return names.get(name, name)


@require_POST
def word_import_places(request: Request, region: str, public_id: str, import_id: str) -> HttpResponse:
    """Put the pieces where the person says, and show where the rest goes then."""
    row = _find(request, region, public_id, import_id)
    if row.imported_at or needs_choice(row):
        return redirect(page(row.handbook, "word-import", row.public_id))
    try:
        _save_places(request, row)
    except ValidationError as error:
        return _show_places(request, row, error=first_error(error))
    if request.headers.get("HX-Request"):
        return _show_places(request, row, announce=_("The places were saved."))
    messages.success(request, _("The places were saved."))
    return redirect(page(row.handbook, "word-import", row.public_id))


def _save_places(request: Request, row: WordImport) -> None:
    placement = placement_of(row)
    chosen = Choices(row.handbook, row.language).read(request.POST, placement)
    changed = {index: place for index, place in chosen.items() if place != placement.entries[index].place}
    if changed:
        change_placement(row, changed, by=request.user)


# --- 3. Into the handbook -------------------------------------------------------------------------------


@require_POST
def word_import_run(request: Request, region: str, public_id: str, import_id: str) -> HttpResponse:
    """Save the file's texts into the handbook."""
    row = _find(request, region, public_id, import_id)
    try:
        if not row.imported_at and not needs_choice(row):
            _save_places(request, row)
        import_file(row, by=request.user, remove_missing=request.POST.get("remove_missing") == "on")
    except ValidationError as error:
        if needs_choice(row):
            return redirect(page(row.handbook, "word-import", row.public_id))
        return _show_places(request, row, error=first_error(error))
    return redirect(page(row.handbook, "word-import", row.public_id))


@require_POST
def word_import_cancel(request: Request, region: str, public_id: str, import_id: str) -> HttpResponse:
    """Forget the file."""
    row = _find(request, region, public_id, import_id)
    try:
        cancel_import(row, by=request.user)
    except ValidationError as error:
        messages.error(request, first_error(error))
        return redirect(page(row.handbook, "word-import", row.public_id))
    messages.success(request, _("The file was not imported, and nothing of it was kept."))
    return redirect(page(row.handbook, "word-import-add"))


@dataclass(frozen=True)
class ShownSection:
    """What an import did to one section."""

    section: Section
    conflicts: int
    merged: bool
    changes: list[ShownChange]
    same: int
    is_new: bool
    """Nothing was written here before."""


def _show_result(request: Request, row: WordImport) -> HttpResponse:
    result = result_of(row)
    rows = {item.key: item for item in result.changed}
    sections = [
        section
        for section in outline_order(row.handbook.document.sections.all().select_related("parent"))
        if section.key in rows
    ]
    revisions = {
        (revision.section_id, revision.number): revision
        for revision in Revision.objects.filter(
            section__in=sections, number__in={number for item in rows.values() for number in (item.before, item.after)}
        )
    }
    shown = []
    for section in sections:
        item = rows[section.key]
        before, after = revisions.get((section.pk, item.before)), revisions.get((section.pk, item.after))
        changes = section_changes(before.blocks if before else [], after.blocks if after else [], row.language)
        shown.append(
            ShownSection(
                section=section,
                conflicts=item.conflicts,
                merged=item.merged,
                changes=[change for change in changes if change.state != "same"],
                same=sum(change.state == "same" for change in changes),
                is_new=before is None,
            )
        )
    context = _context(row.handbook, _("Imported")) | {
        "import": row,
        "language": row.language,
        "result": result,
        "sections": shown,
        "counts": placement_of(row).counts(),
        "tray_key": TRAY_KEY,
    }
    return render(request, "handbooks/word_import_result.html", context)
