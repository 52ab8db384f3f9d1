"""What the page of the answer desk shows of its list: the filters with their counts, and the rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from documents.models import Document
from documents.permissions import draft_readers
from reviews.deciding.standing import CHANGED, GONE, MOVED, SAME, Standing, standings
from reviews.desk.listing import (
    ANSWERED,
    ANSWERS,
    HIDDEN,
    KINDS,
    ME,
    NOBODY,
    ORGANISATIONS,
    REMOVED,
    STANDINGS,
    UNANSWERED,
    VISIBILITIES,
    WHOLE_DOCUMENT,
    Line,
    Listed,
    Wanted,
)
from reviews.desk.respondents import respondent_name
from reviews.models import Answer, CommentRound, Remark


@dataclass(frozen=True)
class Filter:
    """One choice above the list: value, label and how many there would be."""

    name: str
    label: str | Promise
    all: str | Promise
    value: str
    options: Sequence[tuple[str, str, int | None]] = ()

    @property
    def id(self) -> str:
        return f"filter-{self.name}"


@dataclass(frozen=True)
class Row:
    """One remark as it stands in the table."""

    remark: Remark
    line: Line
    place: str
    name: str
    """Whose it is."""
    standing: Standing | None
    notes: int

    @property
    def state(self) -> str:
        """The badge of what became of its text; nothing for what is about the whole."""
        return self.standing.state if self.standing and self.standing.state in {SAME, CHANGED, MOVED, GONE} else ""

    @property
    def outcome(self) -> str:
        return str(Answer.Outcome(self.line.outcome).label) if self.line.outcome else ""

    @property
    def kind(self) -> str:
        return str(KINDS[self.line.kind])


def rows_of(page: Listed, lines: Iterable[Line]) -> list[Row]:
    """The remarks of one page, ready to be shown: four queries."""
    lines = list(lines)
    found = {
        row.pk: row
        for row in Remark.objects.filter(pk__in=[line.pk for line in lines])
        .select_related("statement__organisation", "statement__user", "author", "assigned_to")
        .annotate(notes_count=Count("notes"))
    }
    stand = standings(page.document, found.values()) if found else {}
    rows = []
    for line in lines:
        if remark := found.get(line.pk):
            name, place = respondent_name(remark), place_label(page, line)
            rows.append(Row(remark, line, place, name, stand.get(line.pk), getattr(remark, "notes_count", 0)))
    return rows


def place_label(page: Listed, line: Line) -> str:
    if line.section == WHOLE_DOCUMENT:
        return str(_("The whole document"))
    if line.section == REMOVED:
        return str(_("Not in the text any more"))
    return str(page.sections[line.section])


def writers_of(document: Document) -> list[User]:
    """Those whom remarks can be given to: one query."""
    return list(draft_readers(document))


def filters_of(page: Listed, wanted: Wanted, *, reader: User, writers: list[User]) -> tuple[list[Filter], list[Filter]]:
    """The choices above the list, and those behind "More filters": two queries."""
    counts = page.counts
    rounds = CommentRound.objects.filter(public_id__in=[key for key in counts["round"] if key])
    named = {row.public_id: str(row) for row in rounds.order_by("opens_at", "pk").only("public_id", "title")}
    areas = dict(page.document.region.areas.order_by("position", "key").values_list("key", "name"))
    handlers = {str(user.pk): str(user) for user in writers if user.pk != reader.pk}
    left = {key for key in counts["handler"] if key.isdecimal()} - {str(reader.pk)}
    others = {key: str(_("Somebody who writes no more")) for key in left}
    sections = {WHOLE_DOCUMENT: str(_("The whole document"))}
    sections |= {key: str(name) for key, name in page.sections.items() if name.is_present}
    sections[REMOVED] = str(_("Not in the text any more"))
    own = counts["handler"][str(reader.pk)]

    def some(name: str, options: Mapping[str, Any]) -> list[tuple[str, str, int | None]]:
        chosen = getattr(wanted, name)
        return [
            (key, str(label), counts[name][key]) for key, label in options.items() if counts[name][key] or key == chosen
        ]

    answered = sum(count for key, count in counts["answer"].items() if key != UNANSWERED)
    answers = [
        (key, str(label), answered if key == ANSWERED else counts["answer"][key]) for key, label in ANSWERS.items()
    ]
    first = [
        Filter(
            "answer", pgettext_lazy("of a remark", "Answer"), pgettext_lazy("answers", "All"), wanted.answer, answers
        ),
        Filter("section", _("Section"), _("All sections"), wanted.section, some("section", sections)),
        Filter(
            "handler",
            _("Handled by"),
            pgettext_lazy("people", "All"),
            wanted.handler,
            [
                (ME, str(_("Me")), own),
                (NOBODY, str(_("Nobody yet")), counts["handler"][NOBODY]),
                *some(
                    "handler", {**{key: label for key, label in others.items() if key != str(reader.pk)}, **handlers}
                ),
            ],
        ),
    ]
    more = [
        Filter("round", _("Round"), _("All rounds"), wanted.round, some("round", named)),
        Filter(
            "kind",
            pgettext_lazy("of a remark", "Kind"),
            pgettext_lazy("kinds", "All"),
            wanted.kind,
            some("kind", KINDS),
        ),
        Filter(
            "organisation",
            _("Kind of respondent"),
            pgettext_lazy("kinds", "All"),
            wanted.organisation,
            some("organisation", ORGANISATIONS),
        ),
        Filter("area", _("Area"), pgettext_lazy("areas", "All"), wanted.area, some("area", areas)),
        Filter(
            "standing",
            _("The text since then"),
            pgettext_lazy("kinds", "All"),
            wanted.standing,
            [(key, str(label), None) for key, label in STANDINGS.items()],
        ),
        Filter(
            "visibility",
            _("Hidden remarks"),
            _("Both"),
            wanted.visibility,
            some("visibility", VISIBILITIES) if counts["visibility"][HIDDEN] or wanted.visibility else [],
        ),
    ]
    # A filter with nothing to choose between is left out.
    return first, [row for row in more if len(row.options) > 1 or row.value]
