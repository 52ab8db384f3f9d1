"""Saving the text of sections: identity, merge, revision, in that order and under the document's lock."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_public_id
from accounts.models import User
from audit.services import record
from documents.blocks import FIGURE, TABLE, TABLE_ROW, Block, load, same_blocks
from documents.compose import Identified, compose, gaps, insert_after_predecessor, place_behind, with_rows
from documents.html import Incoming, parse
from documents.identity import SPLIT, Birth, identify
from documents.merge import merge
from documents.models import Conflict, Document, Revision, Section
from documents.pictures import refuse_foreign_pictures
from documents.rendering import language_name
from documents.services.documents import lock
from documents.services.identities import place_identities, register
from documents.services.revisions import add_revision, add_side, open_conflict

Origin = Revision.Origin
RECENT = 40
"""Among how many of the newest revisions a block that comes back is looked for."""


@dataclass(frozen=True)
class Edit:
    """What a writer sends for one section: the revision it was based on, and the blocks of each edited language."""

    section: Section
    base: Revision | None
    sent: Mapping[str, Sequence[Incoming]]
    start: Sequence[Block] | None = None
    """What the writer started from where that is no whole revision: what a file said when it was last imported."""

    @property
    def base_blocks(self) -> list[Block]:
        if self.start is not None:
            return list(self.start)
        return self.base.blocks if self.base else []

    @classmethod
    def from_html(cls, section: Section, base: Revision | None, html: Mapping[str, str]) -> "Edit":
        """What an editor holds. A section that a long file has filled beyond the limit can be written on in."""
        standing = len(base.blocks) if base else 0
        limit = max(settings.SECTION_MAX_BLOCKS, standing)
        sent = {language: _read(section.document, language, source, limit) for language, source in html.items()}
        return cls(section, base, sent)


def _read(document: Document, language: str, source: str, limit: int) -> list[Incoming]:
    """One language's text; where there are several, what is wrong with it says in which."""
    try:
        return parse(source, limit=limit)
    except ValidationError as error:
        if not document.is_bilingual:
            raise
        named = gettext("Text (%(language)s)") % {"language": language_name(language)}
        raise ValidationError(f"{named}: {' '.join(error.messages)}", code=error.code) from error


@dataclass(frozen=True)
class Saved:
    """The outcome of one section's save."""

    revision: Revision | None
    merged: bool = False
    """Somebody had saved in between, and both changes are in the text."""
    unchanged: bool = False
    conflicts: list[Conflict] = field(default_factory=list)
    wanted: Sequence[Block] = ()
    """The section as its writer alone wanted it, before anybody else's changes were merged in."""
    own: Revision | None = None
    """The revision that holds exactly `wanted`: what a writer who has typed on meanwhile goes on from."""


def save_section(
    section: Section,
    *,
    by: User | None,
    base: Revision | None,
    html: Mapping[str, str],
    origin: str = Origin.TYPED,
    client_key: str = "",
    is_automatic: bool = False,
) -> Saved:
    """Save what an editor holds, as HTML by language. See `save_sections`."""
    edit = Edit.from_html(section, base, html)
    return save_sections(
        section.document, [edit], by=by, origin=origin, client_key=client_key, is_automatic=is_automatic
    )[0]


@transaction.atomic
def save_sections(
    document: Document,
    edits: Sequence[Edit],
    *,
    by: User | None,
    origin: str = Origin.TYPED,
    client_key: str = "",
    note: str = "",
    is_automatic: bool = False,
) -> list[Saved]:
    """Save several sections of a document as one change.

    Locks the document; decides over all edits together which block is which; merges each section with what others
    saved since its base; writes one revision for each section that changed, new identities and conflicts. Where what a
    person typed is not the text that then stands, it is kept as a side revision of its own. What was written into a
    block that somebody has moved to another section meanwhile is merged there. Saving twice with one `client_key` is
    saving once. Raises ValidationError when a section was removed meanwhile (`section_removed`) and for a picture of
    another document (`foreign_picture`).
    """
    document = lock(document)
    sections = fresh_sections(document, [edit.section for edit in edits])
    if client_key:
        done = {item.section_id: item for item in document.revisions.filter(client_key=client_key).order_by("number")}
        if done:
            return [_saved_before(sections[edit.section.pk], done.get(edit.section.pk)) for edit in edits]
    bases = {edit.section.key: edit.base_blocks for edit in edits}
    heads = {section.key: section.blocks for section in sections.values()}
    standing = {str(block.data.get("file")) for block in _all(bases, heads) if block.kind == FIGURE}
    sent = [item for edit in edits for row in edit.sent.values() for item in row]
    refuse_foreign_pictures(document, sent, standing=standing, by=by)
    mine, births, aliases = _composed(document, edits, bases, heads)
    wanted = {key: list(blocks) for key, blocks in mine.items()}
    splits = _splits(document, births)
    followed = _gone_elsewhere(document, bases, heads, mine, births)
    meet(bases, heads, mine)
    results: list[Saved] = []
    for edit in edits:
        section = sections[edit.section.pk]
        own = wanted[section.key]
        outcome = merge(bases[section.key], heads[section.key], mine[section.key], splits=splits)
        is_written = not same_blocks(outcome.blocks, section.blocks)
        is_merge = (edit.start is not None or edit.base != section.head) and not same_blocks(outcome.blocks, own)
        kept = _keep_own(edit, section, own, outcome.blocks, by, origin, client_key, is_automatic)
        revision = section.head
        if is_written or (outcome.clashes and kept is None):
            revision = add_revision(
                section,
                outcome.blocks,
                by=by,
                base=edit.base,
                origin=Origin.MERGED if is_merge and origin == Origin.TYPED else origin,
                client_key="" if kept else client_key,
                note=note,
                is_automatic=is_automatic,
            )
        met = kept or revision
        results.append(
            Saved(
                revision,
                merged=is_written and is_merge,
                unchanged=not is_written and not outcome.clashes,
                conflicts=[open_conflict(met, clash, by) for clash in outcome.clashes if met],
                wanted=own,
                own=kept or (edit.base if same_blocks(own, edit.base_blocks) else revision),
            )
        )
    register(document, births, aliases)
    place_identities(document, [sections[edit.section.pk] for edit in edits])
    for section, base_there, wanted_there in followed:
        outcome = merge(base_there, section.blocks, wanted_there, splits=splits)
        if same_blocks(outcome.blocks, section.blocks) and not outcome.clashes:
            continue
        revision = add_revision(
            section,
            outcome.blocks,
            by=by,
            base=section.head,
            origin=Origin.MERGED if origin == Origin.TYPED else origin,
            client_key=client_key,
            note=note,
            is_automatic=is_automatic,
        )
        results[0].conflicts.extend(open_conflict(revision, clash, by) for clash in outcome.clashes)
        place_identities(document, [section])
    return results


def _saved_before(section: Section, revision: Revision | None) -> Saved:
    """The answer to a save that was sent once more."""
    stands = section.head if revision is None or revision.is_side else revision
    return Saved(stands, unchanged=True, wanted=revision.blocks if revision else (), own=revision)


def _keep_own(
    edit: Edit,
    section: Section,
    own: list[Block],
    merged: list[Block],
    by: User | None,
    origin: str,
    client_key: str,
    is_automatic: bool,
) -> Revision | None:
    """A side revision of what a person typed, where no revision holds just that otherwise. A file keeps its own."""
    if origin != Origin.TYPED or edit.start is not None or same_blocks(own, merged):
        return None
    if same_blocks(own, edit.base_blocks):
        return None
    return add_side(section, own, by=by, base=edit.base, client_key=client_key, is_automatic=is_automatic)


States = dict[str, list[Block]]
"""Section key -> blocks."""


def meet(bases: States, heads: States, mine: States) -> None:
    """Bring the three states of each block together in one section, so that moving and editing meet in one merge.

    Where the draft has moved a block, that section is its place; else the one where the writer has it.
    """
    begun, standing, wanted = _homes(bases), _homes(heads), _homes(mine)
    for block_id, start in begun.items():
        here, there = standing.get(block_id), wanted.get(block_id)
        home, order = (here, heads) if here and here != start else (there, mine)
        if home:
            ids = [block.id for block in order[home]]
            for state, place in ((bases, start), (heads, here), (mine, there)):
                if place and place != home:
                    _relocate(state, block_id, place, home, ids)


def _all(*states: States) -> Iterator[Block]:
    return (block for state in states for blocks in state.values() for block in blocks)


def _homes(state: States) -> dict[str, str]:
    return {block.id: key for key, blocks in state.items() for block in blocks}


def _relocate(state: States, block_id: str, source: str, target: str, order: Sequence[str]) -> None:
    block = next(block for block in state[source] if block.id == block_id)
    state[source] = [other for other in state[source] if other.id != block_id]
    ids = [other.id for other in state[target]]
    insert_after_predecessor(ids, block_id, order)
    state[target].insert(ids.index(block_id), block)


def _gone_elsewhere(
    document: Document, bases: States, heads: States, mine: States, births: Iterable[Birth]
) -> list[tuple[Section, list[Block], list[Block]]]:
    """Blocks that a writer still has in the section from which somebody moved them to one that is not being saved.

    They are taken out of `bases` and `mine`. Answers, for each section where such blocks stand now, the state to merge
    from and the state with what this writer made of them: changed words, cut-off parts, new rows of a table.
    """
    standing = _homes(heads)
    started = {block.id: block for blocks in bases.values() for block in blocks if block.id not in standing}
    if not started:
        return []
    placed = document.block_identities.filter(block_id__in=started, section__removed_at=None, section__isnull=False)
    homes = dict(placed.values_list("block_id", "section_id"))
    cut_from = {birth.id: birth.came_from for birth in births if birth.how == SPLIT}
    written: dict[str, list[Block]] = {}
    for key, blocks in mine.items():
        stay: list[Block] = []
        carrier: Block | None = None
        for block in blocks:
            new_row = block.kind == TABLE_ROW and block.id not in standing and block.id not in started
            if block.id in homes:
                carrier = block
                written[block.id] = [block]
            elif carrier and (cut_from.get(block.id) in homes or (new_row and carrier.kind in {TABLE, TABLE_ROW})):
                written[carrier.id].append(block)
            else:
                carrier = None
                stay.append(block)
        mine[key] = stay
        bases[key] = [block for block in bases[key] if block.id not in homes]
    followed = []
    for target in document.sections.select_related("head").filter(pk__in=set(homes.values())):
        base = [started[block.id] if block.id in homes else block for block in target.blocks]
        wanted = [piece for block in base for piece in written.get(block.id, [block])]
        if not same_blocks(base, wanted):
            followed.append((target, base, wanted))
    return followed


def fresh_sections(document: Document, sections: Iterable[Section]) -> dict[int, Section]:
    """The sections as they are now that the document is locked. Raises ValidationError (`section_removed`)."""
    found = document.sections.select_related("head").in_bulk([section.pk for section in sections])
    for section in sections:
        fresh = found.get(section.pk)
        if fresh is None:
            raise ValueError("A section of another document cannot be saved here.")
        if fresh.removed_at:
            raise ValidationError(
                _("This section was removed while you were writing. Copy your text before you leave the page."),
                code="section_removed",
            )
    return found


def _composed(
    document: Document, edits: Sequence[Edit], bases: Mapping[str, list[Block]], heads: Mapping[str, list[Block]]
) -> tuple[dict[str, list[Block]], list[Birth], dict[str, str]]:
    """Each section as its writer wants it, with the ids issued and merged away on the way."""
    keys = {edit.section.pk: edit.section.key for edit in edits}
    carried = {item.id for edit in edits for row in edit.sent.values() for item in row if item.id}
    in_bases = {block.id for row in bases.values() for block in row}
    issued: set[str] = set()
    elsewhere: set[str] = set()
    for block_id, section_id in document.block_identities.filter(block_id__in=carried - in_bases).values_list(
        "block_id", "section_id"
    ):
        (elsewhere if section_id is not None and section_id not in keys else issued).add(block_id)
    # A goal's id cannot pass to a paragraph that brings it along.
    issued -= {block.id for blocks in heads.values() for block in blocks if not block.is_text}
    births: list[Birth] = []
    aliases: dict[str, str] = {}
    identified: dict[str, dict[str, Identified]] = {edit.section.key: {} for edit in edits}
    languages = sorted({lang for edit in edits for lang in edit.sent}, key=lambda lang: lang != document.original)
    for language in languages:
        sent = {edit.section.key: edit.sent[language] for edit in edits if language in edit.sent}
        decided = identify(
            {key: bases[key] for key in sent},
            sent,
            language=language,
            new_id=new_public_id,
            issued=frozenset(issued),
            elsewhere=frozenset(elsewhere),
        )
        fresh = {birth.id for birth in decided.births}
        for key, own_ids in decided.ids.items():
            new = fresh | {birth.id for birth in births}
            ids = _paired_with_original(own_ids, sent[key], fresh, identified[key].get(document.original), new)
            identified[key][language] = list(zip(ids, sent[key], strict=True))
        used = {block_id for row in identified.values() for pairs in row.values() for block_id, _item in pairs}
        births.extend(birth for birth in decided.births if birth.id in used)
        aliases.update(decided.aliases)
    mine = {
        edit.section.key: compose(bases[edit.section.key], identified[edit.section.key], original=document.original)
        for edit in edits
    }
    _bring_words_back(document, edits, mine, identified, issued)
    standing = {block.id for row in mine.values() for block in row}
    return mine, births, {old: new for old, new in aliases.items() if old not in standing and new in standing}


def _bring_words_back(
    document: Document,
    edits: Sequence[Edit],
    mine: Mapping[str, list[Block]],
    identified: Mapping[str, Mapping[str, Identified]],
    issued: Collection[str],
) -> None:
    """A block that was cut, saved without and pasted back gets the words that it had in the languages not sent.

    Only looks into the newest revisions: between cutting and pasting there are a few.
    """
    back = {block.id for row in mine.values() for block in row if block.id in issued}
    if not back:
        return
    earlier: dict[str, Block] = {}
    sections = [edit.section.pk for edit in edits]
    for content in (
        Revision.objects.filter(section__in=sections).order_by("-pk").values_list("content", flat=True)[:RECENT]
    ):
        for block in load(content):
            if block.id in back:
                earlier.setdefault(block.id, block)
    for key, row in mine.items():
        sent = {language: {block_id for block_id, _item in pairs} for language, pairs in identified[key].items()}
        for position, block in enumerate(row):
            old = earlier.get(block.id)
            if old is None or block.id not in back or old.kind != block.kind:
                continue
            text = {unit: dict(texts) for unit, texts in block.text.items()}
            others = {language for language in old.languages() if block.id not in sent.get(language, set())}
            for unit, texts in old.text.items():
                for language in others & texts.keys():
                    text.setdefault(unit, {}).setdefault(language, texts[language])
            shown = {language: old.shown[language] for language in others & old.shown.keys()}
            row[position] = replace(block, text=text, shown={**block.shown, **shown})


def _paired_with_original(
    ids: list[str], incoming: Sequence[Incoming], fresh: set[str], original: Identified | None, new_ids: Collection[str]
) -> list[str]:
    """A new block typed in both columns at the same place is one block in two languages.

    Only where the new blocks between two common neighbours are equally many in both languages and of the same kinds:
    all that the original has there, or those of it that are as new (`new_ids`).
    """
    if not original:
        return ids
    original_ids = [block_id for block_id, _item in original]
    common = set(ids) & set(original_ids)
    ours, theirs = gaps(ids, common), gaps(original_ids, common)
    kinds_of = {block_id: item.kind for block_id, item in original} | {
        block_id: item.kind for block_id, item in zip(ids, incoming, strict=True) if block_id in fresh
    }
    renamed: dict[str, str] = {}
    for anchors, new in ours.items():
        candidates = theirs.get(anchors, [])
        if not all(key in fresh for key in new):
            continue
        for chosen in (candidates, [key for key in candidates if key in new_ids]):
            if [kinds_of[key] for key in new] == [kinds_of[key] for key in chosen]:
                renamed.update(zip(new, chosen, strict=True))
                break
    return [renamed.get(key, key) for key in ids]


def _splits(document: Document, births: Iterable[Birth]) -> dict[str, str]:
    stored = document.block_identities.filter(lineage=SPLIT, came_from__isnull=False)
    splits = dict(stored.values_list("block_id", "came_from__block_id"))
    splits.update({birth.id: birth.came_from for birth in births if birth.how == SPLIT and birth.came_from})
    return splits


# --- Moving and restoring ------------------------------------------------------------------------


@transaction.atomic
def move_blocks(
    block_ids: Sequence[str], *, source: Section, target: Section, after: str | None = None, by: User | None
) -> tuple[Revision, Revision]:
    """Move blocks to another section of the same document, behind block `after` (or to the end).

    Ids, remarks and sources go along, and a table's rows with their table. Raises ValidationError when a block is no
    longer there (`block_gone`).
    """
    if source.pk == target.pk:
        raise ValueError("Blocks are moved from one section to another.")
    document = lock(source.document)
    sections = fresh_sections(document, [source, target])
    source, target = sections[source.pk], sections[target.pk]
    wanted = with_rows(source.blocks, block_ids)
    moving = [block for block in source.blocks if block.id in wanted]
    if len(moving) != len(wanted):
        raise ValidationError(_("Someone else has moved or removed this text meanwhile."), code="block_gone")
    rest = [block for block in source.head.blocks if block.id not in wanted] if source.head else []
    blocks = target.blocks
    place = place_behind(blocks, after, row=bool(moving) and moving[0].kind == TABLE_ROW)
    landed = [*blocks[:place], *moving, *blocks[place:]]
    first = add_revision(source, rest, by=by, base=source.head, origin=Origin.MOVED)
    second = add_revision(target, landed, by=by, base=target.head, origin=Origin.MOVED)
    place_identities(document, [source, target])
    record(by, "blocks.moved", document, blocks=list(block_ids), to=target.key)
    return first, second


@transaction.atomic
def restore_section(section: Section, revision: Revision, *, by: User | None) -> Saved:
    """Bring a section back to an earlier revision, as a new revision. Structured blocks get their fields back too.

    A block that meanwhile lives in another section stays there and does not come back here.
    """
    document = lock(section.document)
    section = fresh_sections(document, [section])[section.pk]
    if revision.section_id != section.pk:
        raise ValueError("A section is restored from its own revisions.")
    ids = [block.id for block in revision.blocks]
    moved = set(
        document.block_identities.filter(block_id__in=ids, section__isnull=False)
        .exclude(section=section)
        .values_list("block_id", flat=True)
    )
    blocks = [block for block in revision.blocks if block.id not in moved]
    head = section.blocks
    if same_blocks(blocks, head):
        return Saved(section.head, unchanged=True)
    restored = add_revision(
        section, blocks, by=by, base=section.head, origin=Origin.RESTORED, note=str(revision.number)
    )
    place_identities(document, [section])
    record(by, "section.restored", document, section=section.key, revision=revision.number)
    return Saved(restored)
