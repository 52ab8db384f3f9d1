"""Who is silent while a round is open: answers by kind of organisation and by area or municipality.

The numbers are of those who are asked and not withdrawn; behind each stands its list. Nobody but those who run the
round sees them, because a respondent must not learn who else was invited.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from regions.models import Area, Municipality, Organisation
from reviews.inviting.invited import Progress, Row, State
from reviews.models import CommentRound

AREA = "area"
MUNICIPALITY = "municipality"
NOWHERE = "none"
"""In addresses: those who belong to no single area or municipality."""

ADDRESSES = "address"
"""In addresses: those who are asked by an address alone."""

BODIES = "body"


@dataclass
class Cell:
    """Those of one kind in one place."""

    kind: str
    label: str
    asked: int = 0
    handed_in: int = 0
    begun: int = 0
    list_url: str = ""

    @property
    def silent(self) -> int:
        return self.asked - self.handed_in - self.begun

    @property
    def rest(self) -> str:
        """What the fraction leaves out, in words."""
        parts = []
        if self.begun:
            parts.append(ngettext("%(count)d has begun", "%(count)d have begun", self.begun) % {"count": self.begun})
        if self.silent:
            parts.append(ngettext("%(count)d silent", "%(count)d silent", self.silent) % {"count": self.silent})
        return ", ".join(parts)


@dataclass(frozen=True)
class Line:
    """One area or municipality, or all of them."""

    key: str
    label: str
    cells: list[Cell]
    total: Cell


@dataclass(frozen=True)
class Silence:
    """The table: lines are places, columns are kinds."""

    axis: str
    kinds: list[tuple[str, str]]
    lines: list[Line]
    total: Line

    @property
    def has_total(self) -> bool:
        """One kind alone is its own total."""
        return len(self.kinds) > 1


@dataclass(frozen=True)
class Places:
    """The areas and municipalities of a region, in the order in which it lists them."""

    areas: list[Area]
    municipalities: list[Municipality]

    @classmethod
    def of(cls, comment_round: CommentRound) -> "Places":
        """Two queries."""
        region = comment_round.version.document.region
        return cls(list(region.areas.order_by("position", "key")), list(region.municipalities.order_by("name")))


def kind_key(row: Row) -> str:
    return row.kind or ADDRESSES


def kind_label(key: str) -> str:
    if key == BODIES:
        return _("Groups and bodies")
    if key == ADDRESSES:
        return pgettext("kind of those invited", "Other addresses")
    return str(Organisation.Kind(key).label)


def place_keys(row: Row, axis: str) -> list[str]:
    """The places that somebody belongs to: a municipality may lie in several areas."""
    if axis == MUNICIPALITY:
        one = row.invitation.organisation or row.invitation.body
        return [one.municipality.code] if one and one.municipality else [NOWHERE]
    return [area.key for area in row.areas] or [NOWHERE]


def axis_of(asked: str, *, has_areas: bool) -> str:
    """By area where the region has any, unless municipalities were asked for."""
    return MUNICIPALITY if asked == MUNICIPALITY or not has_areas else AREA


def silence_of(rows: Iterable[Row], *, axis: str, places: Places, list_url: str) -> Silence:
    """The table of those rows that are in force; no queries. `list_url` is the page with the list behind the numbers.

    Whoever belongs to several areas stands in each of them and once in the line of all.
    """
    in_force = [row for row in rows if row.state != State.WITHDRAWN]
    named = [(area.key, area.name) for area in places.areas]
    if axis == MUNICIPALITY:
        named = [(municipality.code, municipality.name) for municipality in places.municipalities]
    named.append((NOWHERE, _("No single area") if axis == AREA else _("No single municipality")))
    order = [*Organisation.Kind.values, BODIES, ADDRESSES]
    used = {kind_key(row) for row in in_force}
    kinds = [(key, kind_label(key)) for key in order if key in used]
    cells: defaultdict[tuple[str, str], Cell] = defaultdict(lambda: Cell("", ""))
    for row in in_force:
        kind = kind_key(row)
        for place in [*place_keys(row, axis), ""]:
            for column in (kind, ""):
                _count(cells[(place, column)], row)
    for (place, kind), cell in cells.items():
        cell.kind, cell.label = kind, kind_label(kind) if kind else ""
        query = {name: value for name, value in (("kind", kind), (axis, place)) if value}
        cell.list_url = f"{list_url}?{urlencode(query | {'progress': 'silent' if cell.silent else 'all'})}#invited"
    lines = [
        _line(cells, key, label, kinds)
        for key, label in named
        if (key, "") in cells or (axis == AREA and key != NOWHERE)
    ]
    return Silence(axis, kinds, lines, _line(cells, "", pgettext("line of a table", "All"), kinds))


def _line(cells: dict[tuple[str, str], Cell], key: str, label: str, kinds: list[tuple[str, str]]) -> Line:
    found = [cells.get((key, kind)) or Cell(kind, name) for kind, name in kinds]
    return Line(key, label, found, cells.get((key, "")) or Cell("", ""))


def _count(cell: Cell, row: Row) -> None:
    cell.asked += 1
    if row.progress == Progress.HANDED_IN:
        cell.handed_in += 1
    elif row.progress == Progress.BEGUN:
        cell.begun += 1
