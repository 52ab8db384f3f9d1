"""Saving translations: block by block, against the original that their writer was shown."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from documents.blocks import Block, clean, original_hash, same_blocks
from documents.compose import insert_after_predecessor, text_in
from documents.merge import merge
from documents.models import Document, Revision, Section
from documents.services.documents import lock
from documents.services.identities import place_identities
from documents.services.outline import rename_section
from documents.services.revisions import add_revision, open_conflict
from documents.services.sections import Saved


@dataclass(frozen=True)
class BlockTranslation:
    """What a translator made of one block."""

    start: Block
    """The block as the translator was shown it."""
    section_id: int
    """Where it stood then."""
    text: Mapping[str, str] = field(default_factory=dict)
    """Unit -> HTML, of the units that were written; an empty text takes the translation away."""
    confirmed: bool = False
    """The translation that there is already is right for the original that was shown."""
    order: Sequence[str] = ()
    """The ids of its section as they stood then, for a block that is gone meanwhile."""

    def made(self, language: str, original: str) -> Block:
        """The block as its translator wants it, knowing which original that is a translation of."""
        text = {unit: dict(texts) for unit, texts in self.start.text.items()}
        for unit, html in self.text.items():
            text.setdefault(unit, {})[language] = html
        block = clean(replace(self.start, text=text))
        shown = {code: value for code, value in block.shown.items() if code != language}
        here = original_hash(self.start, original)
        if here and language in block.languages():
            shown[language] = here
        return replace(block, shown=shown)


@transaction.atomic
def save_translations(
    document: Document,
    translations: Sequence[BlockTranslation],
    *,
    language: str,
    by: User | None,
    origin: str = Revision.Origin.TYPED,
    client_key: str = "",
    note: str = "",
) -> list[Saved]:
    """Save the translations of blocks of any sections as one change, goals and measures among them.

    Locks the document, finds where each block stands now and merges there with what others have made of it since it
    was shown. A translation whose original has changed meanwhile is saved and is behind. Saving twice with one
    `client_key` is saving once. Raises ValidationError when a section was removed meanwhile (`section_removed`).
    """
    if language == document.original or language not in document.languages:
        raise ValueError(f"{language!r} is not translated into here.")
    document = lock(document)
    if client_key:
        done = list(document.revisions.filter(client_key=client_key).order_by("number"))
        if done:
            return [Saved(revision, unchanged=True) for revision in done]
    wanted = [row for row in translations if row.text or row.confirmed]
    ids = [row.start.id for row in wanted]
    standing = document.block_identities.filter(block_id__in=ids, section__removed_at=None, section__isnull=False)
    places = dict(standing.values_list("block_id", "section_id"))
    by_section: dict[int, list[BlockTranslation]] = defaultdict(list)
    for row in wanted:
        by_section[places.get(row.start.id) or row.section_id].append(row)
    sections = document.sections.select_related("head").in_bulk(list(by_section))
    results = []
    for section_id, rows in by_section.items():
        section = sections.get(section_id)
        if section is None:
            raise ValueError("A section of another document cannot be saved here.")
        if section.removed_at:
            raise ValidationError(
                _("This section was removed while you were writing. Copy your text before you leave the page."),
                code="section_removed",
            )
        results.append(_save_in(section, rows, document, language, by, origin, client_key, note))
    return results


def _save_in(
    section: Section,
    rows: Sequence[BlockTranslation],
    document: Document,
    language: str,
    by: User | None,
    origin: str,
    client_key: str,
    note: str,
) -> Saved:
    head = section.blocks
    starts = {row.start.id: row for row in rows}
    made = {row.start.id: row.made(language, document.original) for row in rows}
    base = [starts[block.id].start if block.id in starts else block for block in head]
    mine = [made.get(block.id, block) for block in head]
    for row in rows:
        _put_back(row, made[row.start.id], base, mine)
    outcome = merge(base, head, mine)
    blocks = [
        _confirmed(block, starts[block.id], made[block.id], language) if block.id in starts else block
        for block in outcome.blocks
    ]
    if same_blocks(blocks, head) and not outcome.clashes:
        return Saved(section.head, unchanged=True)
    merged = not same_blocks(base, head)
    revision = add_revision(
        section,
        blocks,
        by=by,
        base=section.head,
        origin=Revision.Origin.MERGED if merged and origin == Revision.Origin.TYPED else origin,
        client_key=client_key,
        note=note,
    )
    conflicts = [open_conflict(revision, clash, by) for clash in outcome.clashes]
    place_identities(document, [section])
    return Saved(revision, merged=merged, conflicts=conflicts)


def _put_back(row: BlockTranslation, made: Block, base: list[Block], mine: list[Block]) -> None:
    """A block that is gone meanwhile takes part in the merge, which keeps its words and opens a conflict."""
    if not row.text or any(block.id == row.start.id for block in base):
        return
    for blocks, block in ((base, row.start), (mine, made)):
        ids = [other.id for other in blocks]
        insert_after_predecessor(ids, block.id, [*row.order] if block.id in row.order else [*ids, block.id])
        blocks.insert(ids.index(block.id), block)


def _confirmed(block: Block, row: BlockTranslation, made: Block, language: str) -> Block:
    """Merging sees no difference where only the original that was shown is another; that is noted here.

    Where somebody else has written the translation anew meanwhile, theirs knows its own original.
    """
    if not row.confirmed or text_in(block, language) != text_in(made, language) or language not in made.shown:
        return block
    return replace(block, shown={**block.shown, language: made.shown[language]})


@transaction.atomic
def translate_heading(section: Section, *, language: str, text: str, seen: str, by: User | None) -> Section:
    """Give a section's heading in one language; `seen` is what stood there when it was written.

    Raises ValidationError (`heading_changed`) when somebody else has written another one meanwhile.
    """
    document = lock(section.document)
    fresh = document.sections.get(pk=section.pk)
    fresh.document = document
    now, text = fresh.heading.get(language, ""), " ".join(text.split())
    if text in {now, seen}:
        return fresh
    if now != seen:
        raise ValidationError(
            _("Somebody else has changed the heading meanwhile: “%(heading)s”. Save again if yours is to stand."),
            code="heading_changed",
            params={"heading": now},
        )
    return rename_section(fresh, heading={**fresh.heading, language: text}, by=by)


@transaction.atomic
def translate_title(
    document: Document, *, language: str, title: str, description: str, cover_alt: str | None = None, by: User | None
) -> Document:
    """Give a document's title and short description in one language that it is translated into."""
    if language == document.original or language not in document.languages:
        raise ValueError(f"{language!r} is not translated into here.")
    document = lock(document)
    if not title.strip():
        raise ValidationError(_("Give the document a title in this language."), code="title_missing")
    document.title = {**document.title, language: title.strip()}
    document.description = {**document.description, language: description.strip()}
    if cover_alt is not None:
        document.cover_alt = {**document.cover_alt, language: cover_alt.strip()}
    document.save(update_fields=["title", "description", "cover_alt"])
    record(by, "document.title_translated", document, language=language)
    return document
