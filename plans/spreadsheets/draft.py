"""What the draft says now: its goals, measures and indicators as cells, and the names that cells may use."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import formats
from django.utils.functional import cached_property
from django.utils.translation import override

from criteria.models import Criterion
from documents.blocks import Block
from documents.models import Section
from documents.queries import section_numbers
from documents.services.versions import outline_order
from documents.spreadsheets.sheets import LONGEST_CELL
from plans.blocks import ACTION, GOAL, INDICATOR, iso_date, numbers, status_label, to_plain
from plans.goal_list import resource_labels
from plans.models import Action, ExtraField, Plan, StatusEntry
from plans.models.action import ActionRole
from plans.spreadsheets.columns import (
    BASE,
    GOAL_ID,
    GOAL_NUMBER,
    GOAL_TITLE,
    ID,
    NUMBER,
    SECTION,
    STATUS,
    STATUS_ON,
    Column,
    columns_of,
    folded,
)
from regions.models import Organisation, OrganisationGroup

Value = str | int | Decimal | datetime.date | None
ROLES = {"lead": ActionRole.Role.LEAD.value, "owners": ActionRole.Role.OWNER.value}
ROLES["partners"] = ActionRole.Role.PARTNER.value
_CODES = settings.MODELTRANSLATION_LANGUAGES


@dataclass(frozen=True)
class Party:
    """An organisation or a group of them, by the key that measures name it with."""

    key: str
    name: str
    names: frozenset[str]
    is_valid: bool = True


@dataclass
class Draft:
    """The goals, measures and indicators of a plan as they stand, with all that their cells may name."""

    plan: Plan
    sections: list[Section]
    parties: dict[str, Party]
    criteria: list[Criterion]
    extra: list[ExtraField]
    entries: list[tuple[str, str, datetime.date]]
    """Block id of a measure, how it was said to stand and when, in the order of days."""
    blocks: dict[str, Block] = field(default_factory=dict)
    home: dict[str, Section] = field(default_factory=dict)
    below: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Goal -> its measures and indicators, in order."""
    numbers: dict[str, str] = field(default_factory=dict)
    section_names: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: Plan) -> "Draft":
        """Everything in seven queries, however many rows there are."""
        sections = outline_order(plan.document.sections.present().with_text())
        entries = StatusEntry.objects.filter(action__plan=plan, action__removed_at=None).order_by("date", "pk")
        draft = cls(
            plan,
            sections,
            _parties(plan),
            list(plan.criteria_set.criteria.select_related("group").order_by("group__position", "position", "key")),
            list(plan.extra_fields.all()),
            list(entries.values_list("action__block_id", "status", "date")),
        )
        section_number = section_numbers(sections)
        for section in sections:
            section.document = plan.document
            draft.section_names[section.pk] = f"{section_number[section.pk]} {section}".strip()
            for block in section.blocks:
                if block.kind in (GOAL, ACTION, INDICATOR):
                    draft.blocks[block.id], draft.home[block.id] = block, section
                    if goal := block.data.get("goal"):
                        draft.below[goal].append(block.id)
        draft.numbers = numbers(draft.blocks.values())
        return draft

    @cached_property
    def statuses(self) -> dict[str, tuple[str, datetime.date]]:
        """Block id -> how the measure was last said to stand, and when."""
        return {block_id: (status, day) for block_id, status, day in self.entries}

    @property
    def languages(self) -> list[str]:
        return list(self.plan.document.languages)

    @property
    def original(self) -> str:
        return self.plan.document.original

    def of_kind(self, kind: str) -> list[Block]:
        """In the order of goals, as the list of goals shows them."""
        if kind == GOAL:
            return [block for block in self.blocks.values() if block.kind == GOAL]
        return [
            self.blocks[block_id]
            for goal in self.of_kind(GOAL)
            for block_id in self.below[goal.id]
            if self.blocks[block_id].kind == kind
        ]

    @cached_property
    def years(self) -> list[int]:
        """Of the plan, and those in which a measure costs something."""
        known = {int(year) for block in self.blocks.values() for year in block.data.get("euros", {})}
        return sorted({*range(self.plan.starts_on.year, self.plan.ends_on.year + 1), *known})

    def columns(self, kind: str) -> list[Column]:
        return columns_of(self.plan, kind, years=self.years, extra=self.extra)

    def title(self, block: Block | None, language: str = "") -> str:
        """A goal's, measure's or indicator's own words, in the original if there."""
        if block is None:
            return ""
        texts = block.text.get("name" if block.kind == INDICATOR else "title", {})
        found = texts.get(language or self.original) or next((text for text in texts.values() if text), "")
        return to_plain(found)

    # --- Cells ------------------------------------------------------------------------------------------------

    def cell(self, block: Block, column: Column) -> Value:  # noqa: PLR0911 one way out for each kind of field
        """What stands in a column for a block: what a download writes, and what a file is compared with."""
        data = block.data
        if column.language:
            return to_plain(block.get(column.unit, column.language))[:LONGEST_CELL]
        if column.unit == "euros":
            amount = data.get("euros", {}).get(column.key.partition(".")[2])
            return None if amount is None else int(amount)
        if column.key in ROLES:
            return "; ".join(self.parties[key].name for key in roles_of(block, column.key) if key in self.parties)
        if column.key in ("starts_on", "ends_on"):
            return iso_date(data.get(column.key))
        if column.key in ("baseline", "target"):
            return None if data.get(column.key) is None else Decimal(data[column.key])
        if column.key == "resources":
            return "; ".join(resource_labels(data.get("resources", [])))
        if column.key == "criteria":
            wanted = set(data.get("criteria", []))
            return "; ".join(criterion_name(row) for row in self.criteria if row.key in wanted)
        return self._place(block, column)

    def _place(self, block: Block, column: Column) -> Value:
        """What a file says of where a block stands, and of how a measure goes."""
        goal = block.data.get("goal", "")
        status, day = self.statuses.get(block.id, ("", None))
        values: dict[str, Value] = {
            NUMBER: self.numbers.get(block.id, ""),
            GOAL_NUMBER: self.numbers.get(goal, ""),
            GOAL_TITLE: self.title(self.blocks.get(goal)),
            SECTION: self.section_names[self.home[block.id].pk] if block.id in self.home else "",
            STATUS: str(StatusEntry.Status(status).label) if status else "",
            STATUS_ON: day,
            ID: block.id,
            GOAL_ID: goal,
            BASE: self.base_mark(block),
        }
        return values[column.key] if column.key in values else block.data.get(column.key)

    def base_mark(self, block: Block) -> str:
        """What a row was written from: which text of which section, how the measure stood, its goal's number."""
        section = self.home.get(block.id)
        if section is None or section.head is None:
            return ""
        status, day = self.statuses.get(block.id, ("", ""))
        number = self.numbers.get(block.data.get("goal", ""), "")
        return f"{section.key}@{section.head.number}@{status}@{day}@{number}"

    def told(self, block: Block | None, column: Column) -> str:
        """A cell as people read it."""
        value = self.cell(block, column) if block else None
        return tell(value, column)


def tell(value: Value, column: Column) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.date):
        return formats.date_format(value, "SHORT_DATE_FORMAT")
    if column.unit == "euros":
        return f"{formats.number_format(value, force_grouping=True)}\N{NO-BREAK SPACE}€"
    if isinstance(value, Decimal):
        return formats.localize(value.normalize() if value % 1 else value.quantize(Decimal(1)))
    return str(value)


def roles_of(block: Block, name: str) -> list[str]:
    return [row["key"] for row in block.data.get("roles", []) if row["role"] == ROLES[name]]


def criterion_name(row: Criterion) -> str:
    return f"{row.code} {row.title}".strip()


def names_of(row: Any, *fields: str) -> frozenset[str]:
    """All names of a row, in every language that it has them in."""
    values = (getattr(row, f"{name}_{code}", "") for name in fields for code in _CODES)
    return frozenset(folded(value) for value in values if value)


def _parties(plan: Plan) -> dict[str, Party]:
    """The groups and organisations of the region; of two with one name, the later ones say which they are."""
    valid = set(Organisation.objects.filter(region_id=plan.region_id).valid_on().values_list("pk", flat=True))
    rows: list[tuple[str, Any, frozenset[str], bool]] = [
        (f"group:{row.public_id}", row, names_of(row, "name"), True)
        for row in OrganisationGroup.objects.filter(region_id=plan.region_id).order_by("pk")
    ]
    rows += [
        (f"organisation:{row.public_id}", row, names_of(row, "name", "short_name"), row.pk in valid)
        for row in Organisation.objects.filter(region_id=plan.region_id).order_by("pk")
    ]
    taken: set[str] = set()
    found: dict[str, Party] = {}
    for key, row, names, is_valid in rows:
        name = " ".join(str(row).replace(";", ",").split())
        if folded(name) in taken:
            name = f"{name} [{row.public_id}]"
        taken.add(folded(name))
        found[key] = Party(key, name, frozenset({*names, folded(name)}), is_valid)
    return found


def names_in_use(draft: Draft) -> Sequence[Party]:
    """Those that may be named: valid today, or named already."""
    named = {row["key"] for block in draft.blocks.values() for row in block.data.get("roles", [])}
    return sorted(
        (party for party in draft.parties.values() if party.is_valid or party.key in named),
        key=lambda party: party.name.casefold(),
    )


def _labelled(choices: Iterable[tuple[str, Mapping[str, str]]]) -> dict[str, str]:
    return {folded(label): key for key, labels in choices for label in (key, *labels.values())}


def status_names() -> dict[str, str]:
    """Every name of every status, folded -> its key."""
    return _labelled((status, status_label(status)) for status in StatusEntry.Status.values)


def resource_names() -> dict[str, str]:
    result: dict[str, str] = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            result |= {folded(str(row.label)): row.value for row in Action.Resource}
    return result | {folded(row.value): row.value for row in Action.Resource}
