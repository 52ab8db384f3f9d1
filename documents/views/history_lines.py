"""Lines of a history in words: who, where, what and how much."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents import kinds
from documents.history import BROUGHT, OUTLINE, RESTORED, TEXT, VERSION, Entry, Tally
from documents.models import Document, Revision
from documents.views.finding import address

SIGNS = {TEXT: "edit", OUTLINE: "list", VERSION: "lock", BROUGHT: "download", RESTORED: "undo"}


@dataclass(frozen=True)
class Line:
    """One line of a history as a page shows it."""

    entry: Entry
    sign: str
    title: str
    tally: str
    url: str
    """Where the text of that time is read; empty where there is none."""
    changes_url: str
    then_url: str
    """The whole document as it then was."""
    undo_url: str
    """For what was brought back: the way to before it."""
    note: str
    """The file that was imported, or the name that a version was given."""
    saves: list[tuple[Revision, str]]
    """Each state of the sitting, newest first, with its address."""
    sides: list[tuple[Revision, str]]
    """What its writer had typed before it was merged, each with its address."""
    source: kinds.Link | None = None
    """Whose proposal it came from, for what an upper package brought about."""


def lines_of(document: Document, entries: Sequence[Entry]) -> list[Line]:
    """Lines, with where accepted proposals came from."""
    last = [entry.last for entry in entries if entry.last and entry.note and entry.origin in _FROM_PROPOSALS]
    origins = kinds.origins_of(document, last)
    return [_line_of(document, entry, origins.get(entry.last.pk) if entry.last else None) for entry in entries]


_FROM_PROPOSALS = frozenset({Revision.Origin.ACCEPTED, Revision.Origin.RESTORED})


def _line_of(document: Document, entry: Entry, source: kinds.Link | None) -> Line:
    url = changes_url = ""
    if entry.section and entry.last:
        url = address(document, "section-revision", entry.section.key, entry.last.number)
        query = urlencode({"old": entry.before, "new": entry.last.number})
        changes_url = f"{address(document, 'section-compare', entry.section.key)}?{query}"
    elif entry.version:
        url = address(document, "version-detail", entry.version.number)
    return Line(
        entry=entry,
        sign=SIGNS[entry.kind],
        title=_title(entry, source),
        tally=tally_text(entry.tally) if entry.tally else "",
        url=url,
        changes_url=changes_url,
        then_url=f"{address(document, 'document-then')}?{moment_query(entry.ended_at)}",
        undo_url=_undo_url(document, entry),
        note=_note(entry),
        saves=[(row, _address(document, row)) for row in entry.revisions],
        sides=[(row, _address(document, row)) for row in entry.sides],
        source=source,
    )


def _address(document: Document, revision: Revision) -> str:
    return address(document, "section-revision", revision.section.key, revision.number)


def _note(entry: Entry) -> str:
    if entry.version:
        return entry.version.label.name if hasattr(entry.version, "label") else ""
    return entry.note if entry.origin == Revision.Origin.IMPORTED else ""


def moment_query(at: datetime.datetime) -> str:
    """A moment to the microsecond as it stands in addresses."""
    return urlencode({"at": moment_text(at)})


def moment_text(at: datetime.datetime) -> str:
    return at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _undo_url(document: Document, entry: Entry) -> str:
    is_whole = entry.outline is not None and entry.outline.change == "restore"
    if not is_whole and (entry.kind != RESTORED or entry.section):
        return ""
    before = entry.started_at - datetime.timedelta(microseconds=1)
    return f"{address(document, 'document-restore')}?{moment_query(before)}"


def _title(entry: Entry, source: kinds.Link | None) -> str:
    if entry.outline:
        changes: dict[str, str] = {
            "add": _("Section added"),
            "rename": _("Section renamed"),
            "move": _("Section moved"),
            "remove": _("Section removed"),
            "bring_back": _("Section brought back"),
            "split": _("Section split"),
            "join": _("Sections joined"),
            "restore": _("Contents brought back to an earlier state"),
        }
        return changes.get(entry.outline.change, _("Contents changed"))
    if entry.version:
        return _("Version %(number)d saved") % {"number": entry.version.number}
    if not entry.revisions:
        return _("Typed, and waits for being settled")
    if entry.origin == Revision.Origin.RESTORED:
        if source:
            return _("Accepted proposal taken back out of the text")
        return _("Brought back from the history") if entry.section else _("Document brought back to an earlier state")
    names: dict[str, str] = {
        Revision.Origin.IMPORTED: _("Imported from a file"),
        Revision.Origin.COMPILED: _("Compiled from handbooks"),
        Revision.Origin.ACCEPTED: _("Accepted proposal"),
        Revision.Origin.MOVED: _("Text moved"),
    }
    return names.get(entry.origin, _("Text edited"))


def tally_text(tally: Tally) -> str:
    """How much changed: "1 paragraph added, 2 changed"."""
    if tally.is_empty:
        return _("no paragraph changed")
    if tally.moved:
        return _("only the order changed")
    parts = []
    if tally.added:
        parts.append(
            ngettext("%(count)d paragraph added", "%(count)d paragraphs added", tally.added) % {"count": tally.added}
        )
    if tally.changed:
        parts.append(
            ngettext("%(count)d paragraph changed", "%(count)d paragraphs changed", tally.changed)
            % {"count": tally.changed}
        )
    if tally.removed:
        parts.append(
            ngettext("%(count)d paragraph removed", "%(count)d paragraphs removed", tally.removed)
            % {"count": tally.removed}
        )
    return ", ".join(parts)
