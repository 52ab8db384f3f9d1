"""From the cells of a row to the block that its writer wants; all that cannot be understood is told at once."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import formats, timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents.blocks import Block, Texts
from plans.blocks import ACTION, GOAL, INDICATOR, action_block, goal_block, indicator_block, to_html
from plans.models import Action, StatusEntry
from plans.services.bulk import ends_before_it_starts
from plans.spreadsheets.cells import (
    Wording,
    choice_of,
    choices_of,
    date_of,
    euros_of,
    number_of,
    split_names,
    year_of,
)
from plans.spreadsheets.columns import (
    DECIMAL,
    EUROS,
    LENGTH,
    LENGTHS,
    LONG,
    STATUS,
    STATUS_ON,
    TEXT,
    YEAR,
    Column,
    folded,
)
from plans.spreadsheets.draft import (
    ROLES,
    Draft,
    Party,
    Value,
    criterion_name,
    names_of,
    resource_names,
    roles_of,
    status_names,
)
from plans.spreadsheets.reading import CellError, Raw, Row

LEAVE_OUT = "leave"
NEW_PARTY = "new:"
UNKNOWN = "unknown:"


@dataclass
class Unknown:
    """A name in the file that no organisation of the region has, with where it stands."""

    name: str
    rows: list[str] = field(default_factory=list)


def normal(text: str, *, lines: bool) -> str:
    """A text without what only the way of typing made: spaces at the ends, and breaks where there is one line."""
    parts = [" ".join(line.split()) for line in text.strip().splitlines()]
    return "\n".join(parts).strip() if lines else " ".join(part for part in parts if part)


def blank(kind: str, block_id: str, goal: str = "") -> Block:
    """The block of a row that is not yet in the plan."""
    if kind == GOAL:
        return goal_block(block_id, title={})
    if kind == INDICATOR:
        return indicator_block(block_id, goal=goal, name={})
    return action_block(block_id, goal=goal, title={})


class Reader:
    """Understands rows. Its `errors` and `unknown` names grow with each of them."""

    def __init__(self, draft: Draft, choices: Mapping[str, str]) -> None:
        self.draft = draft
        self.choices = choices
        """Folded name -> key of an organisation or group, `leave`, or `new:` and the kind of a new organisation."""
        self.errors: list[CellError] = []
        self.unknown: dict[str, Unknown] = {}
        self.parties: dict[str, list[Party]] = {}
        for party in draft.parties.values():
            for name in party.names:
                self.parties.setdefault(name, []).append(party)
        self.statuses, self.resources = status_names(), resource_names()
        self.criteria = {
            name: row.key
            for row in draft.criteria
            for name in (*_criterion_names(row.code, names_of(row, "title")), folded(criterion_name(row)), row.key)
        }

    @cached_property
    def today(self) -> datetime.date:
        return timezone.localdate()

    def wanted(self, row: Row, start: Block, *, empty_clears: bool = True) -> Block:
        """`start` with what the cells say otherwise. What a cell leaves as it was stays exactly, emphasis included."""
        text: dict[str, Texts] = {unit: dict(texts) for unit, texts in start.text.items()}
        data: dict[str, Any] = dict(start.data)
        wordings: dict[str, Wording] = {}
        for key, (column, _letter) in row.columns.items():
            raw = row.cells.get(key, Raw(None))
            if column.is_hidden or key in row.wrong or (not empty_clears and not raw.text.strip()):
                continue
            try:
                self._take(row, raw, column, start, text, data, wordings)
            except ValueError as problem:
                self.errors.append(row.error(key, str(problem)))
        self._take_roles(row, start, data, empty_clears=empty_clears)
        if wordings:
            self._take_wordings(row, text, data, wordings)
        block = replace(start, text=text, data=data)
        self._check(row, block)
        return block

    def _take(
        self,
        row: Row,
        raw: Raw,
        column: Column,
        start: Block,
        text: dict[str, Texts],
        data: dict[str, Any],
        wordings: dict[str, Wording],
    ) -> None:
        before = self.draft.cell(start, column)
        if column.language or column.key.startswith("extra_"):
            self._take_text(raw, column, str(before or ""), text, data)
        elif column.key in ("starts_on", "ends_on"):
            day = date_of(raw)
            if isinstance(day, Wording):
                wordings[column.key] = day
                data[column.key] = None
            elif day != before:
                data[column.key] = day.isoformat() if day else None
        elif column.kind == EUROS:
            self._take_euros(raw, column, before, data)
        elif column.kind == DECIMAL:
            number = number_of(raw)
            if number != before:
                data[column.key] = None if number is None else format(number.normalize(), "f")
        elif column.kind == YEAR:
            data[column.key] = year_of(raw)
        elif column.key == "resources":
            labels = [str(label) for label in Action.Resource.labels]
            chosen = choices_of(raw, self.resources, labels)
            if set(chosen) != set(data.get("resources", [])):
                data["resources"] = [value for value in Action.Resource.values if value in chosen]
        elif column.key == "criteria":
            allowed = [criterion_name(item) for item in self.draft.criteria]
            chosen = choices_of(raw, self.criteria, allowed)
            if set(chosen) != set(data.get("criteria", [])):
                data["criteria"] = sorted(chosen)

    def _take_text(self, raw: Raw, column: Column, before: str, text: dict[str, Texts], data: dict[str, Any]) -> None:
        lines = column.kind == LONG
        value = normal(raw.text, lines=lines)
        if value == normal(before, lines=lines):
            return
        most = LENGTHS.get(column.unit, LENGTH)
        if len(value) > max(most, len(before)):
            message = ngettext(
                "The text is too long: it may have %(count)d character.",
                "The text is too long: it may have %(count)d characters.",
                most,
            )
            raise ValueError(message % {"count": most})
        if column.kind == TEXT and not column.language:
            _set(data, column.key, value)
        else:
            _set(text.setdefault(column.unit, {}), column.language, to_html(value))

    def _take_euros(self, raw: Raw, column: Column, before: Value, data: dict[str, Any]) -> None:
        amount = euros_of(raw)
        if amount == before:
            return
        year = column.key.partition(".")[2]
        euros = {**data.get("euros", {}), year: amount}
        data["euros"] = {key: euros[key] for key in sorted(euros) if euros[key] is not None}

    # --- Who ------------------------------------------------------------------------------------------------

    def _take_roles(self, row: Row, start: Block, data: dict[str, Any], *, empty_clears: bool) -> None:
        named: dict[str, list[str]] = {}
        changed = False
        for key in ROLES:
            named[key] = before = roles_of(start, key)
            if not row.has(key) or key in row.wrong or (not empty_clears and not row.text(key)):
                continue
            found = self._parties_in(row, key, start)
            if set(found) != set(before):
                named[key], changed = found, True
        if not changed:
            return
        lead = named["lead"]
        if len(lead) > 1:
            self.errors.append(row.error("lead", _("A measure has one lead.")))
        named["owners"] = [key for key in named["owners"] if key not in lead]
        both = [key for key in named["partners"] if key in {*lead, *named["owners"]}]
        if both:
            names = ", ".join(self._name(key) for key in both)
            message = _("Already responsible, so not a partner too: %(names)s.") % {"names": names}
            self.errors.append(row.error("partners", message))
        data["roles"] = [{"key": key, "role": role} for name, role in ROLES.items() for key in named[name]]

    def _parties_in(self, row: Row, key: str, start: Block) -> list[str]:
        raw = row.cells.get(key, Raw(None))
        here = {role["key"] for role in start.data.get("roles", [])}
        found = []
        for name in split_names(raw.text, self.parties):
            fitting = self.parties.get(folded(name), [])
            best = sorted(fitting, key=lambda party: (party.key not in here, not party.is_valid))
            found.append(best[0].key if best else self._unknown(row, name))
        return [party for party in dict.fromkeys(found) if party]

    def _unknown(self, row: Row, name: str) -> str:
        """What a person has chosen for the name; until then, a name with a mark of its own."""
        name = name[:200]
        known = self.unknown.setdefault(folded(name), Unknown(name))
        place = _("%(sheet)s, row %(row)d") % {"sheet": row.sheet, "row": row.number}
        if place not in known.rows:
            known.rows.append(place)
        chosen = self.choices.get(folded(name), "")
        if chosen == LEAVE_OUT:
            return ""
        if chosen in self.draft.parties:
            return chosen
        return f"{NEW_PARTY if chosen.startswith(NEW_PARTY) else UNKNOWN}{folded(name)}"

    def _name(self, key: str) -> str:
        if key in self.draft.parties:
            return self.draft.parties[key].name
        unknown = self.unknown.get(key.partition(":")[2])
        return unknown.name if unknown else ""

    # --- When -----------------------------------------------------------------------------------------------

    def _take_wordings(
        self, row: Row, text: dict[str, Texts], data: dict[str, Any], wordings: Mapping[str, Wording]
    ) -> None:
        """Words in place of dates are what is printed, unless the printed schedule is there and says otherwise."""
        parts = []
        for key in ("starts_on", "ends_on"):
            day = data.get(key)
            told = formats.date_format(datetime.date.fromisoformat(day), "SHORT_DATE_FORMAT") if day else ""
            parts.append(str(wordings.get(key, "")) or told)
        wording = "–".join(part for part in dict.fromkeys(parts) if part)
        typed = row.text(f"schedule.{self.draft.original}")
        if typed and folded(typed) != folded(wording):
            for key, words in wordings.items():
                message = _("“%(value)s” is not a date, and the column of the schedule says something else.")
                self.errors.append(row.error(key, message % {"value": words}))
            return
        if len(wording) > LENGTHS["schedule"]:
            self.errors.append(row.error(next(iter(wordings)), _("The time in words is too long.")))
            return
        text.setdefault("schedule", {})[self.draft.original] = to_html(wording)

    def status(self, row: Row, block_id: str, base: tuple[str, str]) -> tuple[str, datetime.date] | None:
        """The status that the row adds, and its day: today if no other is given. `base` are both as downloaded."""
        if not row.has(STATUS) or row.wrong & {STATUS, STATUS_ON}:
            return None
        labels = [str(label) for label in StatusEntry.Status.labels]
        try:
            status = choice_of(row.cells.get(STATUS, Raw(None)), self.statuses, labels)
        except ValueError as problem:
            self.errors.append(row.error(STATUS, str(problem)))
            return None
        try:
            day = date_of(row.cells.get(STATUS_ON, Raw(None)))
            if isinstance(day, Wording):
                raise ValueError(_("“%(value)s” is not a date. Write it like this: 1.9.2026.") % {"value": day[:40]})
            if day and day > self.today:
                raise ValueError(_("The date cannot be in the future."))
        except ValueError as problem:
            self.errors.append(row.error(STATUS_ON, str(problem)))
            return None
        told = (status, day.isoformat() if day else "")
        now, since = self.draft.statuses.get(block_id, ("", None))
        if not status or told == base or (status == now and day in (None, since)):
            return None
        if not day or told[1] == base[1]:
            # The day beside it is the former status's own.
            return None if status == now else (status, self.today)
        return None if (block_id, status, day) in self.draft.entries else (status, day)

    # --- Whether it can stand -------------------------------------------------------------------------------

    def _check(self, row: Row, block: Block) -> None:
        unit = "name" if block.kind == INDICATOR else "title"
        if not any(block.text.get(unit, {}).values()) and not row.wrong:
            self.errors.append(row.error(f"{unit}.{self.draft.original}", _("Write the text before you save.")))
        if block.kind == ACTION:
            self.check_dates(row, block)

    def check_dates(self, row: Row, block: Block) -> None:
        if ends_before_it_starts(block):
            self.errors.append(row.error("ends_on", _("The measure must end after it starts.")))


def _set(values: dict[str, Any], key: str, value: str) -> None:
    if value:
        values[key] = value
    else:
        values.pop(key, None)


def _criterion_names(code: str, titles: Iterable[str]) -> list[str]:
    names = list(titles)
    return [*names, *(folded(f"{code} {title}") for title in names), *([folded(code)] if code else [])]
