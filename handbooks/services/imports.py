"""Bringing a Word file into a handbook: read, place, and save as one change that merges with what others wrote."""

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from documents import blocks as text_blocks
from documents import frozen
from documents.blocks import TABLE, TABLE_ROW, Block
from documents.compose import insert_after_predecessor
from documents.html import Incoming
from documents.models import Document, Revision, Section
from documents.pictures import standing_pictures
from documents.richtext import plain
from documents.services.documents import lock
from documents.services.outline import add_section, bring_back_section
from documents.services.sections import Edit, Saved, save_sections
from documents.word.names import section_name
from documents.word.pieces import Tracked, WordText
from documents.word.reader import read_docx
from handbooks.columns import keep_columns
from handbooks.guidance import guidance_lines, table_rows
from handbooks.matching import Matcher, Task
from handbooks.models import Handbook, WordImport
from handbooks.placement import LEFT_OUT, TITLE, TRAY, Placement, dump, figures, load, read_entries
from handbooks.services.keys import TRAY_HEADING, TRAY_KEY
from handbooks.word import revisions_at, written_at
from regions.models import StoredFile
from regions.services import open_file, store_file

ACCEPTED, ORIGINAL = Tracked.ACCEPTED.value, Tracked.ORIGINAL.value


@dataclass(frozen=True)
class SectionResult:
    """What an import did to one section. Revision numbers; `before` is 0 where there was no text."""

    key: str
    before: int
    after: int
    merged: bool = False
    conflicts: int = 0


@dataclass
class ImportResult:
    """What an import did."""

    word_import: WordImport
    changed: list[SectionResult] = field(default_factory=list)
    tray_words: int = 0
    tray_pieces: int = 0

    @property
    def conflicts(self) -> int:
        return sum(row.conflicts for row in self.changed)


# --- What a handbook's sections are called --------------------------------------------------------------


def matcher_of(handbook: Handbook) -> Matcher:
    """Ready to read a file into this handbook: its sections in reading order under the names they have had.

    A section is known by its own heading and by the template's, in every language of either.
    """
    rows = list(handbook.document.sections.present().select_related("parent"))
    asked: dict[str, Mapping[str, str]] = {}
    titles = list(handbook.document.title.values())
    if handbook.template_version is not None:
        content = frozen.read(handbook.template_version)
        asked = {row.key: row.heading for row in content.sections}
        titles.extend(content.document["title"].values())
    tasks = [
        Task(
            key=row.key,
            parent=row.parent.key if row.parent else None,
            headings=tuple(dict.fromkeys([*row.heading.values(), *asked.get(row.key, {}).values()])),
            facet=row.facet,
        )
        for row in _in_order(rows)
        if row.key != TRAY_KEY
    ]
    names = {section_name(task.key): task.key for task in tasks}
    return Matcher(tasks, titles=titles, names=names, tray=section_name(TRAY_KEY))


def instructions(handbook: Handbook) -> list[str]:
    """The template's help, paragraph by paragraph: what a filled-in copy of it may hold that is nobody's answer."""
    if handbook.template_version is None:
        return []
    rows = frozen.read(handbook.template_version).sections
    return [line for row in rows for html in row.guidance.values() for line in guidance_lines(html)]


def given_rows(handbook: Handbook) -> list[str]:
    """The rows of the tables that the template gives to be filled in, as far as they have words."""
    if handbook.template_version is None:
        return []
    rows = frozen.read(handbook.template_version).sections
    return [line for row in rows for html in row.guidance.values() for line in table_rows(html)]


def _in_order(rows: Sequence[Section]) -> list[Section]:
    below: dict[int | None, list[Section]] = {}
    for row in sorted(rows, key=lambda section: (section.position, section.pk)):
        below.setdefault(row.parent_id, []).append(row)
    ordered: list[Section] = []

    def walk(parent_id: int | None) -> None:
        for row in below.get(parent_id, []):
            ordered.append(row)
            walk(row.pk)

    walk(None)
    return ordered


# --- 1. The file ----------------------------------------------------------------------------------------


def prepare_import(
    handbook: Handbook, *, content: bytes, name: str, language: str, by: User | None, tracked: str = ""
) -> WordImport:
    """Read a Word file and propose where each piece of it goes. Nothing of the handbook changes.

    A file with tracked changes has no places yet: `choose_tracked_changes` comes first, unless `tracked` says which
    text counts (ACCEPTED or ORIGINAL). Raises ValidationError with a sentence for a file that cannot be read, and then
    nothing is stored.
    """
    if language not in handbook.document.languages:
        raise ValidationError(_("This handbook is not written in that language."), code="language")
    text = read_docx(
        content,
        tracked=Tracked(tracked or Tracked.ASK),
        guidance=instructions(handbook),
        given=given_rows(handbook),
    )
    with transaction.atomic():
        word_import = WordImport(
            region_id=handbook.region_id,
            handbook=handbook,
            file=store_file(handbook.region, name=name, content=content, by=by),
            language=language,
            created_by=by,
        )
        if text.tracked_changes:
            word_import.placement = {
                "tracked": {
                    "changes": text.tracked_changes,
                    "authors": list(text.authors),
                    "words_accepted": text.words_accepted,
                    "words_original": text.words_original,
                }
            }
            word_import.tracked_changes = tracked
        if not text.must_ask:
            _propose(word_import, text, content)
        word_import.save()
        record(by, "handbook.file_read", handbook.document, file=word_import.file.public_id)
    return word_import


@transaction.atomic
def choose_tracked_changes(word_import: WordImport, tracked: str, *, by: User | None) -> None:
    """Say whether a file's tracked changes count (ACCEPTED) or not (ORIGINAL), and place its pieces."""
    if tracked not in {ACCEPTED, ORIGINAL}:
        raise ValueError("Tracked changes are accepted or original.")
    locked = _lock_import(word_import)
    _refuse_imported(locked)
    locked.tracked_changes = tracked
    content = _content(locked)
    _propose(locked, _read(locked, content), content)
    locked.save()


def _content(word_import: WordImport) -> bytes:
    with open_file(word_import.file) as stream:
        return stream.read()


def _read(word_import: WordImport, content: bytes) -> WordText:
    return read_docx(
        content,
        tracked=Tracked(word_import.tracked_changes or Tracked.ACCEPTED),
        guidance=instructions(word_import.handbook),
        given=given_rows(word_import.handbook),
    )


def _propose(word_import: WordImport, text: WordText, content: bytes) -> None:
    based_on = written_at(content, word_import.handbook.document)
    based_on_text = based_on.isoformat() if based_on else ""
    matcher = matcher_of(word_import.handbook)
    placement = read_entries(text.pieces, matcher.copy())
    previous = previous_import(word_import)
    if previous and previous.placement.get("based_on", "") == based_on_text:
        placement.keep_choices(placement_of(previous), matcher)
    word_import.placement = {
        **word_import.placement,
        "entries": dump(placement),
        "comments": text.comments,
        "left_out": [{"reason": row.reason, "text": row.text} for row in text.left_out],
        "unread": list(text.unread),
        "based_on": based_on_text,
    }
    word_import.words_in_file = text.words


def placement_of(word_import: WordImport) -> Placement:
    return load(word_import.placement.get("entries", []))


def needs_choice(word_import: WordImport) -> bool:
    """Whether somebody must first say what the file's tracked changes are worth."""
    return "entries" not in word_import.placement


# --- 2. The places --------------------------------------------------------------------------------------


@transaction.atomic
def change_placement(word_import: WordImport, choices: Mapping[int, str], *, by: User | None) -> Placement:
    """Put pieces where a person says: index -> section key, TRAY or LEFT_OUT.

    What stands under a heading that was moved goes along with it. Raises ValidationError for a place that the
    handbook does not have (`no_such_section`).
    """
    locked = _lock_import(word_import)
    _refuse_imported(locked)
    matcher = matcher_of(locked.handbook)
    placement = placement_of(locked)
    known = {TRAY, LEFT_OUT, TITLE, *matcher.outline.tasks}
    if any(place not in known for place in choices.values()) or any(
        index not in range(len(placement.entries)) for index in choices
    ):
        raise ValidationError(_("Choose a section of this handbook for each piece."), code="no_such_section")
    placement.change(choices, matcher)
    locked.placement = {**locked.placement, "entries": dump(placement)}
    locked.save(update_fields=["placement"])
    word_import.placement = locked.placement
    return placement


def _lock_import(word_import: WordImport) -> WordImport:
    lock(word_import.handbook.document)
    return (
        WordImport.objects.select_for_update(of=("self",))
        .select_related("file", "handbook__document__region", "handbook__region", "handbook__template_version")
        .get(pk=word_import.pk)
    )


def _refuse_imported(word_import: WordImport) -> None:
    if word_import.imported_at:
        raise ValidationError(_("This file has already been imported."), code="imported")


def previous_import(word_import: WordImport) -> WordImport | None:
    """The import of this handbook in the same language that came before."""
    done = WordImport.objects.filter(
        handbook=word_import.handbook_id, language=word_import.language, imported_at__isnull=False
    ).exclude(pk=word_import.pk)
    if word_import.imported_at:
        done = done.filter(imported_at__lt=word_import.imported_at)
    return done.order_by("-imported_at").first()


def said_before(word_import: WordImport) -> dict[str, list[Block]]:
    """What this file was made from, as far as is known: section key -> blocks.

    For a form that was written from the handbook, the handbook as it was then; for any other file, what the previous
    file said.
    """
    then = _revisions_then(word_import)
    if then is not None:
        return {key: row.blocks for key, row in then.items() if key != TRAY_KEY}
    previous = previous_import(word_import)
    return {key: text_blocks.load(rows) for key, rows in (previous.placement["blocks"] if previous else {}).items()}


def missing_sections(word_import: WordImport, placement: Placement, said: Mapping[str, Sequence[Block]]) -> list[str]:
    """Keys of sections that the file was made from with text, and that it has none for now."""
    now = {key or TRAY_KEY for key in placement.texts()}
    language = word_import.language
    return [key for key, blocks in said.items() if key not in now and any(block.html_in(language) for block in blocks)]


def _revisions_then(word_import: WordImport) -> dict[str, Revision] | None:
    based_on = word_import.placement.get("based_on")
    if not based_on:
        return None
    return revisions_at(word_import.handbook.document, datetime.datetime.fromisoformat(based_on))


# --- 3. Into the handbook -------------------------------------------------------------------------------


@transaction.atomic
def import_file(
    word_import: WordImport,
    placement: Mapping[int, str] | None = None,
    *,
    by: User | None,
    remove_missing: bool = False,
) -> ImportResult:
    """Save a file's texts into the handbook's sections as one change.

    Each section merges against what the previous file said there, so what people wrote meanwhile stays, and what both
    changed becomes a conflict. What has no place is kept in a section of its own, "Sijoittamatta"; nothing is dropped
    but what a person left out. Sections for which this file has nothing keep their text; with `remove_missing`, what
    the previous file brought there goes. Importing twice is importing once. Locks the document.
    """
    document = lock(word_import.handbook.document)
    word_import.handbook.document = document
    if placement:
        change_placement(word_import, placement, by=by)
    locked = _lock_import(word_import)
    if locked.imported_at:
        return result_of(locked)
    if needs_choice(locked):
        raise ValidationError(
            _("The file has tracked changes. Choose first which text is imported."), code="tracked_changes"
        )
    places = placement_of(locked)
    texts = places.texts()
    said = said_before(locked)
    files = _store_pictures(locked, places, by=by)
    if texts.get(TRAY):
        _tray_section(document, by=by)
        texts[TRAY_KEY] = texts.pop(TRAY)
    texts.pop(TRAY, None)
    if remove_missing:
        texts.update({key: [] for key in missing_sections(locked, places, said)})
    sections = {row.key: row for row in document.sections.present().select_related("head") if row.key in texts}
    gone = [key for key in texts if key not in sections]
    if any(texts[key] for key in gone):
        raise ValidationError(
            _("A section was removed from the handbook meanwhile. Check the places once more."), code="section_removed"
        )
    before = {key: section.head.number if section.head else 0 for key, section in sections.items()}
    bases = _bases(locked, sections)
    edits = [
        _edit(section, texts[key], locked.language, said.get(key), bases.get(key)) for key, section in sections.items()
    ]
    saved = save_sections(
        document,
        edits,
        by=by,
        origin=Revision.Origin.IMPORTED,
        client_key=f"import-{locked.public_id}",
        note=locked.file.name[:300],
    )
    _note_result(locked, places, edits, saved, before, said, files)
    record(
        by,
        "handbook.file_imported",
        document,
        file=locked.file.public_id,
        words=locked.words_imported,
        sections=[row["key"] for row in locked.placement["result"]],
    )
    word_import.placement, word_import.imported_at = locked.placement, locked.imported_at
    word_import.words_imported = locked.words_imported
    return result_of(locked)


def _tray_section(document: Document, *, by: User | None) -> Section:
    """The section in which a handbook keeps what a file had and the template has no place for."""
    section = document.sections.select_related("document").filter(key=TRAY_KEY).first()
    if section is None:
        heading = {language: TRAY_HEADING[language] for language in document.languages if language in TRAY_HEADING}
        return add_section(document, heading=heading or TRAY_HEADING, key=TRAY_KEY, by=by)
    return bring_back_section(section, by=by) if section.removed_at else section


def _bases(word_import: WordImport, sections: Mapping[str, Section]) -> dict[str, Revision]:
    """The revision that each section's text is noted to be based on: of the time of writing, or the last import."""
    then = _revisions_then(word_import)
    if then is not None:
        return then
    rows = Revision.objects.filter(section__in=list(sections.values()), origin=Revision.Origin.IMPORTED)
    return {row.section.key: row for row in rows.select_related("section").order_by("number")}


def _edit(
    section: Section,
    incoming: Sequence[Incoming],
    language: str,
    said: Sequence[Block] | None,
    base: Revision | None,
) -> Edit:
    """One section's change: what the file says, against what it was made from (`said`).

    Of a text that was written here otherwise, only what the file has too counts as known to it; the rest is somebody
    else's and stays.
    """
    head = section.head.blocks if section.head else []
    start = _known_to_file(head, incoming, language, said)
    incoming = keep_columns(list(incoming), start, language)
    return Edit(section, base or section.head, {language: _paired(incoming, head, language)}, start=start)


def _known_to_file(
    head: Sequence[Block], incoming: Sequence[Incoming], language: str, said: Sequence[Block] | None
) -> list[Block]:
    """What the previous file said here, and today's blocks that the file brings along by id or word for word."""
    carried = {item.id for item in incoming if item.id}
    words = {_words(item) for item in incoming} - {""} if said is None else set()
    start = {block.id: block for block in said or ()}
    order = list(start)
    table: Block | None = None
    for block in head:
        table = block if block.kind == TABLE else table
        if block.id in start or not block.is_text:
            continue
        if block.id in carried or _block_words(block, language) in words:
            known = [table, block] if block.kind == TABLE_ROW and table is not None else [block]
            for item in known:
                if item.id not in start:
                    start[item.id] = item
                    insert_after_predecessor(order, item.id, [row.id for row in head])
    return [start[key] for key in order]


def _words(item: Incoming) -> str:
    return " ".join(plain(" ".join(item.text.values())).lower().split())


def _block_words(block: Block, language: str) -> str:
    return " ".join(block.plain_in(language).lower().split())


def _paired(incoming: Sequence[Incoming], head: Sequence[Block], language: str) -> Sequence[Incoming]:
    """A translation whose blocks are as many and of the same kinds as the text's: each is that block's translation."""
    theirs = [block for block in head if block.is_text]
    if not theirs or any(item.id for item in incoming) or any(language in block.languages() for block in theirs):
        return incoming
    if [item.kind for item in incoming] == [block.kind for block in theirs]:
        for item, block in zip(incoming, theirs, strict=True):
            item.id = block.id
    return incoming


def _store_pictures(word_import: WordImport, placement: Placement, *, by: User | None) -> dict[str, str]:
    """Store the pictures that are imported, each once: the SHA-256 of the file's picture -> the stored file's key.

    What is stored may be smaller than the file's picture. One that comes back as it is stored, in a form of ours, is
    the picture that stands in the handbook.
    """
    previous = previous_import(word_import)
    files: dict[str, str] = dict(previous.placement.get("files", {})) if previous else {}
    wanted = [item for entry in placement.entries if entry.place != LEFT_OUT for item in figures(entry.blocks)]
    if not wanted:
        return files
    images = _read(word_import, _content(word_import)).images
    files = {**standing_pictures(word_import.handbook.document), **files}
    for item in wanted:
        name = str(item.data.get("file", ""))
        image = images[name]
        digest = hashlib.sha256(image.content).hexdigest()
        if digest not in files:
            stored = store_file(word_import.handbook.region, name=image.name, content=image.content, by=by)
            files[digest] = stored.public_id
        item.data["file"] = files[digest]
    return files


def _note_result(
    word_import: WordImport,
    placement: Placement,
    edits: Sequence[Edit],
    saved: Sequence[Saved],
    before: Mapping[str, int],
    said: Mapping[str, Sequence[Block]],
    files: Mapping[str, str],
) -> None:
    rows: list[dict[str, Any]] = []
    blocks = {key: text_blocks.dump(row) for key, row in said.items()}
    for edit, outcome in zip(edits, saved, strict=True):
        key = edit.section.key
        blocks[key] = text_blocks.dump(outcome.wanted)
        if not outcome.unchanged and outcome.revision is not None:
            rows.append(
                {
                    "key": key,
                    "before": before[key],
                    "after": outcome.revision.number,
                    "merged": outcome.merged,
                    "conflicts": len(outcome.conflicts),
                }
            )
    word_import.placement = {**word_import.placement, "blocks": blocks, "files": dict(files), "result": rows}
    word_import.words_imported = placement.counts().words_imported
    word_import.imported_at = timezone.now()
    word_import.save(update_fields=["placement", "words_imported", "imported_at"])


def result_of(word_import: WordImport) -> ImportResult:
    """What a finished import did."""
    counts = placement_of(word_import).counts()
    return ImportResult(
        word_import,
        changed=[SectionResult(**row) for row in word_import.placement["result"]],
        tray_words=counts.words_tray,
        tray_pieces=counts.tray,
    )


@transaction.atomic
def cancel_import(word_import: WordImport, *, by: User | None) -> None:
    """Forget a file that was not imported after all: its row and its bytes go."""
    locked = _lock_import(word_import)
    _refuse_imported(locked)
    stored: StoredFile = locked.file
    document = locked.handbook.document
    locked.delete()
    storage, name = stored.file.storage, str(stored.file.name)
    stored.delete()
    transaction.on_commit(lambda: storage.delete(name))
    record(by, "handbook.import_cancelled", document)
