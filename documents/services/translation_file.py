"""A translator's Word file: what goes out, what came back, and bringing it in."""

import datetime
import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from documents import richtext
from documents.blocks import BEHIND, CURRENT, MISSING, TABLE_ROW, Block, original_hash, translation_state
from documents.models import Conflict, Document, Revision, Section
from documents.queries import Outline, OutlineRow, outline_of
from documents.services.documents import lock
from documents.services.translation import (
    BlockTranslation,
    ShortTranslation,
    save_translations,
    translate_heading,
    translate_title,
)
from documents.translation import (
    LINE,
    behind_hashes,
    label_of,
    revisions_of_blocks,
    seen_originals,
    unit_label,
    units_to_translate,
    way_of_writing,
)
from documents.word.translation import (
    HEADING,
    FileRow,
    OutRow,
    OutSection,
    TranslatedFile,
    read_translation,
    section_mark,
    text_mark,
    unit_mark,
    write_translation,
)
from regions.models import StoredFile
from regions.services import store_made_file

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

NOTE = re.compile('<span class="note">.*?</span>')
"""A footnote, whose words stand elsewhere in a Word file."""
LONGEST = {"description": 1000}
LONGEST_HEADING = 200
"""Headings and titles are as long as the pages on which they are written let them be."""


def heading_hash(text: str) -> str:
    """Names the words of a heading or title; spaces are Word's own business."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:16]


# --- Out ------------------------------------------------------------------------------------------------


def translation_file(
    document: Document, language: str, *, everything: bool, names_of_languages: tuple[str, str]
) -> bytes:
    """The texts that are missing or behind, or all of them, as a two-column Word file.

    Raises ValidationError (`nothing_to_translate`) where nothing is left to translate.
    """
    outline = outline_of(document)
    seen = seen_originals(document, behind_hashes(outline.blocks, language, document.original))
    sections = []
    about = [
        _short_row(f":{name}", label, getattr(document, name), document.texts_shown.get(name, {}), document, language)
        for name, label in _titles(document).items()
        if everything or document.short_state(name, language) != CURRENT
    ]
    if about:
        sections.append(OutSection("", _("Title and description"), 1, about))
    for row in outline.rows:
        rows: list[OutRow] = []
        section = row.section
        heading = section.heading.get(document.original, "")
        if heading and (everything or section.heading_state(language) != CURRENT):
            label = _("Heading of the section")
            rows.append(_short_row(section.key, label, section.heading, section.heading_shown, document, language))
        for block in row.blocks:
            state = translation_state(block, language, original=document.original)
            if not everything and state not in {MISSING, BEHIND}:
                continue
            earlier = seen.get(block.id)
            here = original_hash(block, document.original)
            label = label_of(block, outline.resolved)
            units = units_to_translate(block, language, document.original)
            for unit in units:
                html = block.get(unit, document.original)
                if not html:
                    continue
                before = earlier.block.get(unit, document.original) if earlier else html
                own = unit_label(block, unit, {})
                rows.append(
                    OutRow(
                        id=block.id,
                        unit=unit,
                        original_hash=here,
                        label=f"{label}, {own}" if own else label,
                        original=html,
                        before=before if before != html else None,
                        translation=block.get(unit, language),
                    )
                )
        if rows:
            sections.append(OutSection(row.number, heading or str(row.section), row.depth, rows))
    if not sections:
        raise ValidationError(_("Everything is translated and up to date."), code="nothing_to_translate")
    return write_translation(
        sections,
        document_id=document.public_id,
        title=document.title_in(document.original),
        original=document.original,
        language=language,
        names_of_languages=names_of_languages,
    )


def _titles(document: Document) -> dict[str, str]:
    """What the document says of itself in its original's language: name of the field, and what it is called."""
    labels = {"title": _("Title"), "description": _("Short description")}
    return {name: label for name, label in labels.items() if getattr(document, name).get(document.original)}


def _short_row(
    key: str, label: str, texts: Mapping[str, str], shown: Mapping[str, str], document: Document, language: str
) -> OutRow:
    original = texts.get(document.original, "")
    before = shown.get(language, original)
    return OutRow(
        id=section_mark(key),
        unit=HEADING,
        original_hash=heading_hash(original),
        label=label,
        original=escape(original, quote=False),
        before=escape(before, quote=False) if before != original else None,
        translation=escape(texts.get(language, ""), quote=False),
    )


# --- In -------------------------------------------------------------------------------------------------

RECEIVED = f"{WORD};purpose=translation"
"""The type of files that wait to be brought in, which tells them from all other Word files."""
KEPT = datetime.timedelta(days=30)


@transaction.atomic
def receive(document: Document, *, name: str, content: bytes, by: User | None) -> tuple[StoredFile, TranslatedFile]:
    """Keep a file that a translator sent back, so that a person can look at what it would change.

    Raises ValidationError for a file that cannot be read (`read_translation`) or that is another document's
    (`other_document`), and then keeps nothing.
    """
    file = read_translation(content)
    _require_own(document, file)
    return store_made_file(document.region, name=name, content=content, content_type=RECEIVED, by=by), file


def _require_own(document: Document, file: TranslatedFile) -> None:
    if file.document_id != document.public_id or file.language not in document.languages[1:]:
        raise ValidationError(_("This file belongs to another document or another language."), code="other_document")


@transaction.atomic
def forget_received() -> int:
    """Take away the translators' files that have waited for more than a month, brought in or not; answers how many.

    What was brought in is in the text. The bytes go with the next sweep of files that no row names.
    """
    old = StoredFile.objects.filter(content_type=RECEIVED, created_at__lt=timezone.now() - KEPT)
    return old.delete()[0]


NEW, BEHIND_AGAIN, MEANWHILE = "new", "behind_again", "meanwhile"
UNTOUCHED, ALREADY, EMPTIED, GONE = "untouched", "already", "emptied", "gone"
NOT_YOURS, TOO_LONG = "not_yours", "too_long"
"""A heading or title, which whoever brings the file in may not change, or for which the text is too long."""
SAVED = frozenset({NEW, BEHIND_AGAIN, MEANWHILE})
"""What will be written: as it is, behind because the original has changed since the file went out, or merged with
what somebody has made of the translation since."""


@dataclass(frozen=True)
class Arrived:
    """One text of the file with what becomes of it."""

    state: str
    label: str
    now: str
    """The translation that stands in the document."""
    arrived: str
    """The one in the file."""
    original_edited: bool = False
    """Somebody wrote in the left column, which changes nothing."""
    cell: bool = False


@dataclass(frozen=True)
class ShortArrived:
    """A heading or title as it came back, to be written."""

    text: str
    seen: str
    """The translation that stands there."""
    made_from: str
    """The original that its translator was shown; empty where nobody knows it any more."""


@dataclass
class ImportPlan:
    """What a translator's file would do, before anything is done."""

    about: list[Arrived] = field(default_factory=list)
    """The document's own title and description."""
    sections: list[tuple[OutlineRow, list[Arrived]]] = field(default_factory=list)
    gone: list[Arrived] = field(default_factory=list)
    """Texts whose place is no longer there, and rows that lost their marks."""
    translations: list[BlockTranslation] = field(default_factory=list)
    headings: list[tuple[Section, ShortArrived]] = field(default_factory=list)
    titles: dict[str, ShortArrived] = field(default_factory=dict)
    """By the name of the field."""
    untouched_behind: list[BlockTranslation] = field(default_factory=list)
    """Translations that the file leaves as they are though their original had changed."""
    untouched_headings: list[tuple[Section, ShortArrived]] = field(default_factory=list)
    untouched_titles: dict[str, ShortArrived] = field(default_factory=dict)

    @property
    def left_untouched(self) -> int:
        """How many translations the file leaves as they are though their original had changed."""
        return len(self.untouched_behind) + len(self.untouched_headings) + len(self.untouched_titles)

    @property
    def all(self) -> list[Arrived]:
        return [*self.about, *(row for _section, rows in self.sections for row in rows), *self.gone]

    def count(self, *states: str) -> int:
        return sum(1 for row in self.all if row.state in states)

    @property
    def to_save(self) -> int:
        return self.count(*SAVED)

    @property
    def originals_edited(self) -> int:
        return sum(1 for row in self.all if row.original_edited)


@dataclass
class _Start:
    """The state of a block from which its translator started, and what of the file has been taken in since."""

    block: Block | None = None
    taken_in: set[str] = field(default_factory=set)
    """Units whose text in the file stood in the document at some time since."""


def plan_import(document: Document, file: TranslatedFile, *, may_change_headings: bool) -> ImportPlan:
    """Where each text of a file goes and what becomes of it. Reads only, in a constant number of queries."""
    outline = outline_of(document)
    language = file.language
    by_block: dict[str, list[FileRow]] = defaultdict(list)
    for row in file.rows:
        by_block[row.id].append(row)
    starts = _starts(document, outline, by_block, language)
    plan = ImportPlan()
    placed: set[str] = set()
    placed |= _place_titles(document, by_block, language, plan, may_change=may_change_headings)
    for outline_row in outline.rows:
        arrived: list[Arrived] = []
        key = section_mark(outline_row.section.key)
        for row in by_block.get(key, ()):
            if row.unit == unit_mark(HEADING):
                placed.add(key)
                section = outline_row.section
                said, written = _short(
                    row,
                    _("Heading of the section"),
                    section.heading,
                    section.heading_state(language),
                    document,
                    language,
                    may_change=may_change_headings,
                )
                arrived.append(said)
                if written:
                    (plan.untouched_headings if said.state == UNTOUCHED else plan.headings).append((section, written))
        order = [block.id for block in outline_row.blocks]
        for block in outline_row.blocks:
            if block.id in by_block:
                placed.add(block.id)
                label = label_of(block, outline.resolved)
                arrived += _block(
                    block, by_block[block.id], starts[block.id], outline_row, order, label, document, language, plan
                )
        if arrived:
            plan.sections.append((outline_row, arrived))
    for block_id, rows in by_block.items():
        if block_id not in placed:
            plan.gone += [Arrived(GONE, "", "", row.running) for row in rows if row.running]
    plan.gone += [Arrived(GONE, "", "", escape(words, quote=False)) for words in file.strays]
    return plan


def _place_titles(
    document: Document, by_block: Mapping[str, Sequence[FileRow]], language: str, plan: ImportPlan, *, may_change: bool
) -> set[str]:
    """What becomes of the document's title and description; answers which rows are theirs."""
    placed = set()
    for name, label in _titles(document).items():
        key = section_mark(f":{name}")
        placed.add(key)
        for row in by_block.get(key, ()):
            said, written = _short(
                row,
                label,
                getattr(document, name),
                document.short_state(name, language),
                document,
                language,
                may_change=may_change,
                longest=LONGEST.get(name, LONGEST_HEADING),
            )
            plan.about.append(said)
            if written:
                (plan.untouched_titles if said.state == UNTOUCHED else plan.titles)[name] = written
    return placed


def _text_of(row: FileRow, block: Block, unit: str) -> str:
    if block.kind == TABLE_ROW:
        return row.cell
    if way_of_writing(block, unit) == LINE:
        return richtext.sanitise(escape(richtext.plain(row.running), quote=False))
    return row.running


def _unit_of(block: Block, mark: str) -> str | None:
    return next((unit for unit in block.text if unit_mark(unit) == mark), None)


def _starts(
    document: Document, outline: Outline, by_block: Mapping[str, Sequence[FileRow]], language: str
) -> dict[str, _Start]:
    """For each block, the state that the file went out with: the newest with that original and that translation."""
    starts = {block_id: _Start() for block_id in by_block}
    standing = {block.id: block for block in outline.blocks}
    for block_id, rows in by_block.items():
        if block_id in standing:
            _look(starts[block_id], standing[block_id], rows, document.original, language)
    left = [block_id for block_id, start in starts.items() if start.block is None and block_id in standing]
    if left:
        for content, _created_at in revisions_of_blocks(document, left):
            for raw in content:
                start = starts.get(raw["id"])
                if start is not None and start.block is None and raw["id"] in standing:
                    _look(start, Block.from_json(raw), by_block[raw["id"]], document.original, language)
            if all(starts[block_id].block is not None for block_id in left):
                break
    return starts


def _look(start: _Start, block: Block, rows: Sequence[FileRow], original: str, language: str) -> None:
    """Whether the file went out with this state; if not, what of the file has come into it."""
    here = original_hash(block, original)
    matches = True
    for row in rows:
        unit = _unit_of(block, row.unit)
        stored = text_mark(block.get(unit, language)) if unit else text_mark("")
        matches = matches and row.original_hash in {here, ""} and row.exported in {stored, ""}
        if unit and row.running and stored == text_mark(_text_of(row, block, unit)) != row.exported:
            start.taken_in.add(unit)
    if matches:
        start.block = block


def _short(
    row: FileRow,
    label: str,
    texts: Mapping[str, str],
    now_is: str,
    document: Document,
    language: str,
    *,
    may_change: bool,
    longest: int = LONGEST_HEADING,
) -> tuple[Arrived, ShortArrived | None]:
    """What becomes of a heading or title, and what of it can be written: a new one, or the one that stands there with
    the original for which its translator left it as it was.
    """
    now, text = texts.get(language, ""), " ".join(richtext.plain(row.running).split())
    source = texts.get(document.original, "")
    # Where the original is another now, its words are known only if nobody has written in the left column.
    is_left_as_sent = heading_hash(row.original_words) == row.original_hash
    made_from = source if heading_hash(source) == row.original_hash else row.original_words if is_left_as_sent else ""
    written = None
    if text_mark(escape(text, quote=False)) == row.exported:
        state = UNTOUCHED
        if now_is == BEHIND and may_change and text == now and made_from == source:
            written = ShortArrived(now, now, made_from)
    elif text == now:
        state = ALREADY
    elif not text:
        state = EMPTIED
    elif not may_change:
        state = NOT_YOURS
    elif len(text) > longest:
        state = TOO_LONG
    elif text_mark(escape(now, quote=False)) != row.exported:
        state = GONE
    else:
        state = NEW if made_from == source else BEHIND_AGAIN
        written = ShortArrived(text, now, made_from)
    said = Arrived(
        state,
        label,
        escape(now, quote=False),
        escape(text, quote=False),
        original_edited=bool(row.original_hash) and not is_left_as_sent,
    )
    return said, written


def _block(
    block: Block,
    rows: Sequence[FileRow],
    start: _Start,
    outline_row: OutlineRow,
    order: Sequence[str],
    label: str,
    document: Document,
    language: str,
    plan: ImportPlan,
) -> list[Arrived]:
    arrived: list[Arrived] = []
    changed: dict[str, str] = {}
    untouched = bool(rows)
    for row in rows:
        unit = _unit_of(start.block or block, row.unit)
        if unit is None or start.block is None:
            untouched = False
            taken = unit is not None and unit in start.taken_in
            if row.running:
                arrived.append(Arrived(ALREADY if taken else GONE, label, block.get(unit or "", language), row.running))
            continue
        text, now = _text_of(row, block, unit), block.get(unit, language)
        state = _state(row, text, now, unit, start, block, document.original, language)
        untouched = untouched and state == UNTOUCHED
        if state in SAVED:
            changed[unit] = text
        own = unit_label(block, unit, {})
        source = richtext.plain(NOTE.sub("", start.block.get(unit, document.original)))
        arrived.append(
            Arrived(
                state,
                f"{label}, {own}" if own else label,
                now,
                text,
                original_edited=" ".join(source.split()) != _without_signs(row.original_words, source),
                cell=block.kind == TABLE_ROW,
            )
        )
    if changed and start.block is not None:
        plan.translations.append(BlockTranslation(start.block, outline_row.section.pk, changed, order=order))
    elif untouched and start.block and translation_state(block, language, original=document.original) == BEHIND:
        plan.untouched_behind.append(BlockTranslation(start.block, outline_row.section.pk, confirmed=True, order=order))
    return arrived


def _without_signs(words: str, source: str) -> str:
    """The left column's words; where letters and digits are the same, spaces and signs are Word's own business."""
    one, other = ("".join(richtext.words(text)) for text in (words, source))
    return " ".join(source.split()) if one == other else words


def _state(
    row: FileRow, text: str, now: str, unit: str, start: _Start, block: Block, original: str, language: str
) -> str:
    if text_mark(text) == row.exported:
        return UNTOUCHED
    if text_mark(text) == text_mark(now) or unit in start.taken_in:
        return ALREADY
    if not text:
        return EMPTIED
    if start.block is not None and original_hash(start.block, original) != original_hash(block, original):
        return BEHIND_AGAIN
    return NEW if start.block is not None and start.block.get(unit, language) == now else MEANWHILE


@dataclass(frozen=True)
class Imported:
    """What came of an import."""

    saved: int
    confirmed: int
    conflicts: list[Conflict]
    again: bool = False
    """The same file had been brought in before, so nothing was done."""


@transaction.atomic
def import_translation(
    document: Document,
    file: TranslatedFile,
    *,
    content_hash: str,
    name: str,
    confirm_untouched: bool,
    may_change_headings: bool,
    by: User | None,
) -> Imported:
    """Save the translations of a file onto their texts, all or none.

    Locks the document and looks again where each goes. Bringing the same file in twice is bringing it in once. Raises
    ValidationError for the file of another document (`other_document`) or when a section was removed meanwhile
    (`section_removed`).
    """
    _require_own(document, file)
    document = lock(document)
    key = f"tr-{int(confirm_untouched)}-{file.language}-{content_hash[:50]}"
    if document.revisions.filter(client_key=key).exists():
        return Imported(0, 0, [], again=True)
    plan = plan_import(document, file, may_change_headings=may_change_headings)
    confirmed = plan.untouched_behind if confirm_untouched else []
    headings = [*plan.headings, *(plan.untouched_headings if confirm_untouched else [])]
    for section, row in headings:
        translate_heading(
            section,
            language=file.language,
            text=row.text,
            seen=row.seen,
            made_from=row.made_from,
            confirmed=confirm_untouched,
            by=by,
        )
    titles = {**plan.titles, **(plan.untouched_titles if confirm_untouched else {})}
    if titles:
        texts = {name: ShortTranslation(row.text, row.seen, row.made_from) for name, row in titles.items()}
        translate_title(document, language=file.language, texts=texts, confirmed=confirm_untouched, by=by)
    saved = save_translations(
        document,
        [*plan.translations, *confirmed],
        language=file.language,
        by=by,
        origin=Revision.Origin.IMPORTED,
        client_key=key,
        note=name[:300],
    )
    done = plan.left_untouched if confirm_untouched else 0
    return Imported(plan.to_save, done, [conflict for row in saved for conflict in row.conflicts])
