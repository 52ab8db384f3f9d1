"""What stands in the notes of a draft: threads with their answers, and where in today's text each of them belongs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from documents import kinds
from documents.blocks import FIGURE, TABLE, TABLE_ROW, Block
from documents.models import BlockIdentity, Document, Note, Section
from documents.queries import Outline
from documents.services.notes import is_editable, quoted
from documents.tracing import trace_many

OPEN, RESOLVED, ALL = "open", "resolved", "all"


@dataclass(frozen=True)
class Thread:
    """A note with its answers, and the place in today's text that it is about."""

    note: Note
    answers: list[Note]
    block_id: str
    """The block that it is about today, perhaps another than at first; empty for a whole section and for what is gone.
    """
    section: Section | None
    """Where it belongs today; None when that text is gone."""
    where: str
    """The section with its number: "2.1 Palvelut"."""
    kind: str
    """What the note is about where that is no running text: "Goal", "Table"."""
    editable: frozenset[int] = field(default_factory=frozenset)
    """The notes of the thread that the reader may still put right."""

    @property
    def is_open(self) -> bool:
        return self.note.resolved_at is None

    @property
    def is_gone(self) -> bool:
        return self.section is None

    @property
    def said(self) -> list[Note]:
        return [self.note, *self.answers]

    @property
    def latest(self) -> Note:
        return self.said[-1]


def arranged(outline: Outline, pks: Sequence[int], language: str, *, reader_id: int) -> list[Thread]:
    """The threads that begin with these notes, whole and in the same order, in a number of queries that does not grow.

    Two queries, and one more when some note's block does not stand where the note was written.
    """
    if not pks:
        return []
    said = (
        Note.objects.filter(Q(pk__in=pks) | Q(thread__in=pks))
        .select_related("author", "resolved_by", "section")
        .prefetch_related("mentioned")
    )
    by_thread: dict[int, list[Note]] = {}
    for note in said:
        by_thread.setdefault(note.thread_id or note.pk, []).append(note)
    threads = [by_thread[pk] for pk in pks]
    standing = {block.id: (row.section.key, block) for row in outline.rows for block in row.blocks}
    places = _places(outline.document, [thread[0] for thread in threads], standing)
    return [_thread(outline, thread, places.get(thread[0].pk), language, reader_id=reader_id) for thread in threads]


def _places(
    document: Document, notes: Sequence[Note], standing: Mapping[str, tuple[str, Block]]
) -> dict[int, tuple[str, Block]]:
    """Note -> section key and block, for the notes whose block is in the text, as itself or as what took it over."""
    places = {note.pk: standing[note.block_id] for note in notes if note.block_id in standing}
    strays = [note for note in notes if note.block_id and note.pk not in places]
    if strays:
        found = trace_many(document, [quoted(note) for note in strays], blocks=standing)
        for note, place in zip(strays, found, strict=True):
            if place.block is not None and place.section_key is not None:
                places[note.pk] = place.section_key, place.block
    return places


def _thread(
    outline: Outline, said: list[Note], place: tuple[str, Block] | None, language: str, *, reader_id: int
) -> Thread:
    note, *answers = said
    key = place[0] if place else "" if note.block_id else note.section.key
    row = outline.by_key.get(key)
    number = row.number if row else ""
    heading = (row.section if row else note.section).heading_in(language)
    return Thread(
        note=note,
        answers=answers,
        block_id=place[1].id if place and row else "",
        section=row.section if row else None,
        where=f"{number} {heading}".strip(),
        kind=_kind(place[1]) if place else "",
        editable=frozenset(
            one.pk for one in said if one.author_id == reader_id and not note.resolved_at and is_editable(one)
        ),
    )


def _kind(block: Block) -> str:
    registered = kinds.block_kind(block.kind)
    names = {TABLE: _("Table"), TABLE_ROW: _("Table row"), FIGURE: _("Picture")}
    return str(registered.label) if registered else names.get(block.kind, "")


@dataclass(frozen=True)
class NoteFilter:
    """Which threads of a document are looked for."""

    state: str = OPEN
    whose: str = ""
    """"mine" for threads in which the reader wrote, "mentions" for those that mention the reader."""
    section: str = ""
    block: str = ""


def chosen_threads(document: Document, wanted: NoteFilter, *, reader_id: int) -> list[int]:
    """The first notes of the threads that fit, newest thread first, by their key in the database."""
    rows = document.notes.filter(thread=None)
    if wanted.state == OPEN:
        rows = rows.filter(resolved_at=None)
    elif wanted.state == RESOLVED:
        rows = rows.filter(resolved_at__isnull=False)
    if wanted.section:
        rows = rows.filter(section__key=wanted.section)
    if wanted.block:
        rows = rows.filter(block_id__in=with_aliases(document, wanted.block))
    said = document.notes.all()
    if wanted.whose == "mine":
        said = said.filter(author=reader_id)
    elif wanted.whose == "mentions":
        said = said.filter(mentioned=reader_id)
    if wanted.whose:
        answered = said.exclude(thread=None).values("thread")
        rows = rows.filter(Q(pk__in=said.filter(thread=None).values("pk")) | Q(pk__in=answered))
    return list(rows.order_by("-pk").values_list("pk", flat=True))


def with_aliases(document: Document, block_id: str) -> list[str]:
    """A block's own id and those of the blocks that went up in it."""
    aliases = document.block_identities.filter(
        Q(alias_of__block_id=block_id) | Q(alias_of__alias_of__block_id=block_id)
    )
    return [block_id, *aliases.values_list("block_id", flat=True)]


def counted_by_block(document: Document) -> Counter[str]:
    """Block -> how many open threads it has, in one query; whole sections are left out.

    A block that went up in another is counted for that one, also where that went up in a third.
    """
    identities = BlockIdentity.objects.filter(block_id=OuterRef("block_id"))
    rows = (
        document.notes.open()
        .exclude(block_id="")
        .order_by()
        .annotate(into=Subquery(identities.values(into=Coalesce("alias_of__alias_of__block_id", "alias_of__block_id"))))
        .values("block_id", "into")
        .annotate(count=Count("pk"))
    )
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row["into"] or row["block_id"]] += row["count"]
    return counts
