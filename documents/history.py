"""Who wrote what when: the saved states of sections in sittings, changes of the outline, versions, newest first."""

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import User
from documents.models import Document, OutlineRevision, Revision, Section, Version
from documents.permissions import document_bodies
from regions.models import Membership

SITTING = datetime.timedelta(minutes=15)
"""Who does not save anything for so long has stood up."""
PAGE = 25
AT_ONCE = datetime.timedelta(seconds=30)
"""What one import, one compiling or one restoring writes into many sections comes within so little time."""
SAVES = 20
"""How many saves a sitting is thought to have, where only the last few sittings are wanted."""
CURSOR = re.compile(r"[0-9]{1,18}-[0-9]{1,18}-[0-9]{1,18}")
LOOKED_THROUGH = 300
"""How many saved states are looked through for one page, without their text. A longer sitting goes on on the next."""

TEXT, OUTLINE, VERSION, BROUGHT, RESTORED = "text", "outline", "version", "brought", "restored"
KINDS = (TEXT, OUTLINE, VERSION, BROUGHT, RESTORED)

Origin = Revision.Origin
WRITTEN = frozenset({Origin.TYPED, Origin.MERGED})
_ORIGINS = {
    TEXT: [Origin.TYPED, Origin.MERGED, Origin.MOVED],
    BROUGHT: [Origin.IMPORTED, Origin.COMPILED, Origin.ACCEPTED],
    RESTORED: [Origin.RESTORED],
}


@dataclass(frozen=True)
class Tally:
    """How many paragraphs (and rows, goals, pictures) a change added, changed and removed."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    moved: bool = False
    """Nothing but the order is another."""

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.removed or self.moved)

    @classmethod
    def between(cls, old: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]]) -> "Tally":
        before, after = {raw["id"]: raw for raw in old}, {raw["id"]: raw for raw in new}
        both = before.keys() & after.keys()
        tally = cls(
            added=len(after.keys() - both),
            changed=sum(1 for block_id in both if before[block_id] != after[block_id]),
            removed=len(before.keys() - both),
        )
        return replace(tally, moved=True) if tally.is_empty and list(before) != list(after) else tally


@dataclass
class Entry:
    """One line of a history: somebody's sitting over a section, an import, a change of the outline, a version.

    `revisions` are newest first; `sides` are what their writer had before it was merged with what another had saved.
    """

    kind: str
    author: User | None
    started_at: datetime.datetime
    ended_at: datetime.datetime
    section: Section | None = None
    origin: str = ""
    note: str = ""
    revisions: list[Revision] = field(default_factory=list)
    sides: list[Revision] = field(default_factory=list)
    outline: OutlineRevision | None = None
    version: Version | None = None
    tally: Tally | None = None
    before: int = 0
    """The number of the state that stood before it; 0 where there was none."""
    versions: list[int] = field(default_factory=list)
    """The versions in which this text was frozen."""

    @property
    def last(self) -> Revision | None:
        return self.revisions[0] if self.revisions else None

    @property
    def first(self) -> Revision | None:
        return self.revisions[-1] if self.revisions else None

    @property
    def sections(self) -> list[Section]:
        """Where an import or a restoring of the whole has written, each section once."""
        return list({revision.section_id: revision.section for revision in self.revisions}.values())


@dataclass(frozen=True)
class Cursor:
    """Where a page of a history ends: the next one begins before these rows, each by its primary key."""

    revision: int | None = None
    outline: int | None = None
    version: int | None = None

    def __str__(self) -> str:
        return "-".join(str(pk or 0) for pk in (self.revision, self.outline, self.version))

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """What stands in an address; what is no cursor is the newest page."""
        if not CURSOR.fullmatch(text):
            return cls()
        return cls(*(int(pk) or None for pk in text.split("-")))

    def behind(self, event: "Event") -> "Cursor":
        if isinstance(event, Revision):
            return replace(self, revision=event.pk)
        return replace(self, version=event.pk) if isinstance(event, Version) else replace(self, outline=event.pk)


@dataclass(frozen=True)
class Timeline:
    """A page of a history, newest first. `older` is where the next page begins; None at the beginning of it all."""

    entries: list[Entry]
    older: Cursor | None


@dataclass(frozen=True)
class Wanted:
    """Of whom, of which section, of which kind and from where backwards."""

    author: int | None = None
    section: Section | None = None
    kind: str = ""
    before: Cursor = field(default_factory=Cursor)


Event = Revision | OutlineRevision | Version


def timeline(document: Document, wanted: Wanted, *, size: int = PAGE) -> Timeline:
    """A page of what happened to a document or to one section of it: at most six queries, however long the history.

    A sitting is one writer's saves in one section without a pause of a quarter of an hour and without another's save in
    between; what one import or restoring wrote into many sections is one entry.
    """
    events, is_all = _events(document, wanted)
    entries: list[Entry] = []
    latest: dict[int, Entry] = {}
    cursor = wanted.before
    for event in events:
        entry = _joined(event, latest, wanted)
        if entry is None:
            if len(entries) == size:
                is_all = False
                break
            entry = _opened(event)
            entries.append(entry)
        _remember(event, entry, latest)
        cursor = cursor.behind(event)
    _count(entries)
    _name_versions(document, entries, wanted)
    return Timeline(entries, None if is_all else cursor)


def _events(document: Document, wanted: Wanted) -> tuple[list[Event], bool]:
    """The newest events that are asked for, and whether these are all that are left."""
    rows: list[Event] = []
    floors: list[datetime.datetime] = []
    before = wanted.before
    bounds = (before.revision, before.outline, before.version)
    for source, bound in zip(_sources(document, wanted), bounds, strict=True):
        if source is None:
            continue
        within = source.filter(pk__lt=bound) if bound else source
        # The keys first, which an index has alone: sorting whole rows would read every text of the history.
        newest = within.order_by(_backwards(source, wanted)).values("pk")[: LOOKED_THROUGH + 1]
        found = sorted(source.filter(pk__in=newest), key=lambda event: event.pk, reverse=True)
        if len(found) > LOOKED_THROUGH:
            found.pop()
            floors.append(_when(found[-1]))
        rows.extend(found)
    rows.sort(key=lambda event: (_when(event), event.pk), reverse=True)
    floor = max(floors, default=None)
    if floor is None:
        return rows, True
    return list(takewhile(lambda event: _when(event) >= floor, rows)), False


def _backwards(source: QuerySet[Any], wanted: Wanted) -> str:
    """What is indexed: the numbers of a section's states, the keys of all else. Both run with time."""
    return "-number" if wanted.section and source.model is Revision else "-pk"


def _sources(document: Document, wanted: Wanted) -> list[QuerySet[Any] | None]:
    """Saved states, changes of the outline and versions; None where no such are asked for. Under the document's lock
    each is written after the one before it, so that their keys stand in the order of time."""
    by = {"author": wanted.author} if wanted.author else {}
    revisions: QuerySet[Any] | None = None
    outlines: QuerySet[Any] | None = None
    versions: QuerySet[Any] | None = None
    if wanted.kind in {"", *_ORIGINS}:
        of = wanted.section.revisions if wanted.section else document.revisions
        revisions = of.select_related("author", "section").defer("content").filter(**by)
        if wanted.kind:
            revisions = revisions.filter(origin__in=_ORIGINS[wanted.kind])
    if wanted.kind in {"", OUTLINE}:
        outlines = document.outline_revisions.select_related("author", "section").defer("outline").filter(**by)
        if wanted.section:
            outlines = outlines.filter(section=wanted.section)
    if wanted.kind in {"", VERSION} and not wanted.section:
        versions = document.versions.for_list()
        if wanted.author:
            versions = versions.filter(frozen_by=wanted.author)
    return [revisions, outlines, versions]


def _when(event: Event) -> datetime.datetime:
    return event.frozen_at if isinstance(event, Version) else event.created_at


WHOLE = 0
"""Among what is open for more saves: what a file or a restoring brings is one event over all sections."""


def _remember(event: Event, entry: Entry, latest: dict[int, Entry]) -> None:
    if isinstance(event, Revision):
        latest[event.section_id] = entry
        if event.origin not in WRITTEN:
            latest[WHOLE] = entry


def _joined(event: Event, latest: Mapping[int, Entry], wanted: Wanted) -> Entry | None:
    """The entry that this earlier save belongs to, with the save in it; None where it begins one of its own."""
    if not isinstance(event, Revision):
        return None
    is_written = event.origin in WRITTEN
    entry = latest.get(event.section_id if is_written else WHOLE)
    if entry is None or entry.author != event.author:
        return None
    pause = entry.started_at - event.created_at
    if is_written:
        if entry.origin not in WRITTEN or pause >= SITTING or not _follows(event, entry, wanted):
            return None
    elif (entry.origin, entry.note) != (event.origin, event.note) or pause > AT_ONCE:
        return None
    (entry.sides if event.is_side else entry.revisions).append(event)
    entry.started_at = event.created_at
    if entry.section and entry.section.pk != event.section_id:
        entry.section = None
    return entry


def _follows(event: Revision, entry: Entry, wanted: Wanted) -> bool:
    """Where only one writer's saves are read, a gap in the numbers may be another's save."""
    if not wanted.author:
        return True
    return event.number == min(row.number for row in (*entry.revisions, *entry.sides)) - 1


def _opened(event: Event) -> Entry:
    if isinstance(event, OutlineRevision):
        return Entry(OUTLINE, event.author, event.created_at, event.created_at, event.section, outline=event)
    if isinstance(event, Version):
        return Entry(VERSION, event.frozen_by, event.frozen_at, event.frozen_at, version=event)
    kind = next(name for name, origins in _ORIGINS.items() if event.origin in origins)
    entry = Entry(kind, event.author, event.created_at, event.created_at, event.section, event.origin, event.note)
    (entry.sides if event.is_side else entry.revisions).append(event)
    return entry


def previous_in_line(revisions: Iterable[int]) -> dict[int, int | None]:
    """Revision -> the state that its section had just before it, both by primary key. One query."""
    before = Revision.objects.line().filter(section=OuterRef("section"), number__lt=OuterRef("number"))
    rows = Revision.objects.filter(pk__in=list(revisions))
    found = rows.annotate(before=Subquery(before.order_by("-number").values("pk")[:1]))
    return dict(found.values_list("pk", "before"))


def _count(entries: Iterable[Entry]) -> None:
    """What each sitting changed, from its first state to its last; not for what went over many sections at once."""
    in_one = [entry for entry in entries if entry.first and entry.section]
    before = previous_in_line(entry.first.pk for entry in in_one if entry.first)
    needed = {entry.last.pk for entry in in_one if entry.last} | {pk for pk in before.values() if pk}
    found = Revision.objects.filter(pk__in=needed).values_list("pk", "number", "content") if needed else ()
    texts = {pk: (number, content) for pk, number, content in found}
    for entry in in_one:
        if entry.first and entry.last:
            entry.before, old = texts.get(before.get(entry.first.pk) or 0, (0, []))
            entry.tally = Tally.between(old, texts[entry.last.pk][1])


def _name_versions(document: Document, entries: Iterable[Entry], wanted: Wanted) -> None:
    """Where one section's history is read: which versions froze it after which sitting."""
    if wanted.section is None:
        return
    key = wanted.section.key
    frozen = [(number, heads.get(key)) for number, heads in document.versions.values_list("number", "heads")]
    for entry in entries:
        numbers = {revision.number for revision in entry.revisions}
        entry.versions = sorted(number for number, head in frozen if head in numbers)


def last_sittings(section: Section, count: int = 3) -> list[Entry]:
    """The last sittings over a section, for a panel beside its text: one query."""
    newest = section.revisions.order_by("-number").values("pk")[: count * SAVES]
    rows = section.revisions.filter(pk__in=newest).select_related("author", "section").defer("content")
    rows = rows.order_by("-number")
    entries: list[Entry] = []
    latest: dict[int, Entry] = {}
    for revision in rows:
        entry = _joined(revision, latest, Wanted(section=section))
        if entry is None:
            if len(entries) == count:
                break
            entry = _opened(revision)
            entries.append(entry)
        _remember(revision, entry, latest)
    return entries


def writers_of(document: Document) -> list[User]:
    """Those who write a document or did while they were members of its bodies, by name.

    Not read from what was saved, which grows; so some of them may have saved nothing.
    """
    bodies = set(document_bodies(document))
    if document.region.coordinating_body_id is not None:
        bodies.add(document.region.coordinating_body_id)
    members = Membership.objects.filter(body_id__in=bodies)
    return list(User.objects.filter(pk__in=members.values("user_id")).order_by("name", "pk"))
