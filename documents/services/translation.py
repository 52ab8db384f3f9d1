"""Saving translations: block by block, against the original that their writer was shown."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from documents.blocks import FIGURE, TABLE, TABLE_ROW, Block, clean, original_hash, same_blocks
from documents.compose import insert_after_predecessor, text_in
from documents.merge import merge
from documents.models import Document, Revision, Section
from documents.search.index import index_title
from documents.services.documents import lock
from documents.services.identities import place_identities, register
from documents.services.outline import rename_section
from documents.services.revisions import add_revision, open_conflict
from documents.services.sections import Saved
from documents.short_texts import shown_after


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
def pair_blocks(section: Section, *, block_id: str, original_id: str, language: str, by: User | None) -> Revision:
    """Make a text that stands in one language alone the translation of another that lacks it, as one block.

    Two writers who each added a paragraph in their own language at the same place have made two. The original's block
    stays; the other's id becomes its alias, so that what was said about it follows. Locks the document. Raises
    ValidationError (`cannot_pair`) where the two are not what they were when this was asked for.
    """
    document = lock(section.document)
    section = document.sections.select_related("head").get(pk=section.pk)
    blocks = {block.id: block for block in section.blocks}
    alone, target = blocks.get(block_id), blocks.get(original_id)
    if (
        alone is None
        or target is None
        or section.removed_at
        or not can_pair(alone, target, language, document.original)
    ):
        raise ValidationError(
            _("These two texts have changed meanwhile and can no longer be joined. Look at them again."),
            code="cannot_pair",
        )
    text = {unit: dict(texts) for unit, texts in target.text.items()}
    for unit, words in text_in(alone, language).items():
        text.setdefault(unit, {})[language] = words
    shown = {**target.shown, language: original_hash(target, document.original)}
    joined, rest = replace(target, text=text, shown=shown), alone.without(language)
    changed = {original_id: joined, block_id: rest if rest.languages() else None}
    after = [block for old in section.blocks if (block := changed.get(old.id, old)) is not None]
    revision = add_revision(section, after, by=by, base=section.head, origin=Revision.Origin.TYPED)
    place_identities(document, [section])
    if not rest.languages():
        register(document, [], {block_id: original_id})
    return revision


def can_pair(alone: Block, target: Block, language: str, original: str) -> bool:
    """Whether one block has words in `language` and none in the original's, and the other the other way round."""
    return (
        alone.kind == target.kind
        and alone.is_text
        and alone.kind not in {TABLE, TABLE_ROW, FIGURE}
        and alone.id != target.id
        and bool(text_in(alone, language))
        and not text_in(alone, original)
        and bool(text_in(target, original))
        and not text_in(target, language)
    )


@transaction.atomic
def translate_heading(
    section: Section,
    *,
    language: str,
    text: str,
    seen: str,
    by: User | None,
    made_from: str | None = None,
    confirmed: bool = False,
) -> bool:
    """Give a section's heading in one language; answers whether anything had to change.

    `seen` is the translation that stood there when this was written, `made_from` the original that its translator was
    shown (None: the one that stands there). `confirmed`: what stands there is right for that original. Raises
    ValidationError (`heading_changed`) when somebody else has written another one meanwhile.
    """
    document = lock(section.document)
    fresh = document.sections.get(pk=section.pk)
    fresh.document = document
    now, text = fresh.heading.get(language, ""), " ".join(text.split())
    shown_original = fresh.heading.get(document.original, "") if made_from is None else made_from
    if text in {now, seen}:
        if not confirmed or text != now or not now:
            return False
        after = shown_after(
            fresh.heading,
            fresh.heading_shown,
            fresh.heading,
            original=document.original,
            seen={language: shown_original},
        )
        if after == fresh.heading_shown:
            return False
        fresh.heading_shown = after
        fresh.save(update_fields=["heading_shown"])
        return True
    if now != seen:
        raise ValidationError(
            _("Somebody else has changed the heading meanwhile: “%(heading)s”. Save again if yours is to stand."),
            code="heading_changed",
            params={"heading": now},
        )
    rename_section(fresh, heading={**fresh.heading, language: text}, by=by, seen={language: shown_original})
    return True


SHORT_TEXTS = ("title", "description", "cover_alt")
"""What a document says of itself, in each of its languages."""


@dataclass(frozen=True)
class ShortTranslation:
    """What a translator made of a document's title, description or text alternative."""

    text: str
    seen: str
    """The translation that stood there when this was written."""
    made_from: str
    """The original that its translator was shown."""


@transaction.atomic
def translate_title(
    document: Document,
    *,
    language: str,
    texts: Mapping[str, ShortTranslation],
    by: User | None,
    confirmed: bool = False,
) -> bool:
    """Give a document's title, description or text alternative in one language; answers whether anything changed.

    `texts` holds those that were sent, by name. `confirmed`: those that stay as they were are right for the original
    that was shown. Raises ValidationError for a title that is taken away (`title_missing`), or when somebody else has
    written one of them meanwhile (`title_changed`).
    """
    if language == document.original or language not in document.languages:
        raise ValueError(f"{language!r} is not translated into here.")
    document = lock(document)
    changed = False
    for name, row in texts.items():
        before: dict[str, str] = getattr(document, name)
        now, text = before.get(language, ""), row.text.strip()
        is_written = text not in {now, row.seen}
        if is_written and now != row.seen:
            raise ValidationError(
                _("Somebody else has translated this meanwhile: “%(text)s”. Save again if yours is to stand."),
                code="title_changed",
                params={"text": now},
            )
        if name == "title" and is_written and not text:
            raise ValidationError(_("Give the document a title in this language."), code="title_missing")
        after = {**before, language: text} if is_written else before
        seen = {language: row.made_from} if is_written or (confirmed and text == now) else {}
        shown = shown_after(before, document.texts_shown.get(name, {}), after, original=document.original, seen=seen)
        if is_written or shown != document.texts_shown.get(name, {}):
            setattr(document, name, after)
            document.texts_shown = {**document.texts_shown, name: shown}
            changed = True
    if changed:
        document.save(update_fields=[*SHORT_TEXTS, "texts_shown"])
        index_title(document)
        record(by, "document.title_translated", document, language=language)
    return changed
