"""The digest of needs: how many areas raised each matter, in which words, and what was decided on it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from handbooks.models import Handbook
from plans.answers import Answer, answers_of, handed_in_answers
from plans.desk import answer_url
from plans.left import reasons_left
from plans.models import Goal, NeedDecision, NeedGroup, NeedGroupItem, Plan, Priority
from plans.services.needs import needs_among, similar
from plans.uses import numbers_of_sections

State = NeedGroup.State
BY_AREAS, BY_ORDER, BY_NAME = "areas", "order", "name"
SORTS = {
    BY_AREAS: gettext_lazy("Most areas first"),
    BY_ORDER: gettext_lazy("In the order in which they were made"),
    BY_NAME: gettext_lazy("By name"),
}
BADGES = {State.OPEN: "candidate", State.TAKEN: "ready", State.JOINED: "ready", State.LATER: "discontinued"}
FEW, MANY = 4, 6
"""How many priorities a plan should have."""


@dataclass(frozen=True)
class Need:
    """One need as its area wrote it."""

    id: str
    words: str
    place: str
    criterion: str
    url: str
    changed: bool = False
    """The handbook was handed in again with other words."""
    gone: bool = False
    """It is no longer in the handbook."""
    decision: str = ""
    """The reason, where this need alone was left for later."""


@dataclass(frozen=True)
class ShownPriority:
    """A priority with what hangs on it."""

    priority: Priority
    number: str
    title: str
    goals: list[str]
    groups: list[str]
    areas: int

    @property
    def key(self) -> str:
        return self.priority.section.key

    @property
    def label(self) -> str:
        return f"{self.number} {self.title}".strip()


@dataclass(frozen=True)
class ShownGroup:
    """A group of needs as the digest and the projector show it."""

    group: NeedGroup
    state: str
    needs: list[Need]
    total: int
    """How many areas the region has that handed a handbook in."""
    criteria: list[str]
    priority: ShownPriority | None

    @property
    def id(self) -> str:
        return self.group.public_id

    @property
    def title(self) -> str:
        return str(self.group)

    @property
    def areas(self) -> list[str]:
        return list(dict.fromkeys(need.place for need in self.needs))

    @property
    def by_area(self) -> list[tuple[str, list[Need]]]:
        rows: dict[str, list[Need]] = defaultdict(list)
        for need in self.needs:
            rows[need.place].append(need)
        return list(rows.items())

    @property
    def state_label(self) -> str:
        return str(State(self.state).label)

    @property
    def badge(self) -> str:
        return BADGES[State(self.state)]

    @property
    def is_open(self) -> bool:
        return self.state == State.OPEN

    @property
    def decided(self) -> str:
        """Who decided and when, in words: "Ohjausryhmä, 10.6.2022"."""
        return told_meeting(self.group)


@dataclass(frozen=True)
class FreeNeed:
    """A need that stands in no group, with the group that it is most like, where somebody asked."""

    need: Need
    like: ShownGroup | None = None
    because: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Wish:
    """Which groups are shown and in what order, from the address."""

    state: str = ""
    criterion: str = ""
    area: str = ""
    sort: str = BY_AREAS

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        sort, state = str(values.get("sort") or ""), str(values.get("state") or "")
        return cls(
            state if state in State.values else "",
            str(values.get("criterion") or ""),
            str(values.get("area") or ""),
            sort if sort in SORTS else BY_AREAS,
        )

    @property
    def narrows(self) -> bool:
        return bool(self.state or self.criterion or self.area)

    def fits(self, group: ShownGroup) -> bool:
        return (
            (not self.state or group.state == self.state)
            and (not self.criterion or self.criterion in group.criteria)
            and (not self.area or self.area in group.areas)
        )

    def sorted(self, groups: Iterable[ShownGroup]) -> list[ShownGroup]:
        if self.sort == BY_NAME:
            return sorted(groups, key=lambda row: row.title.casefold())
        if self.sort == BY_AREAS:
            return sorted(groups, key=lambda row: (-len(row.areas), -len(row.needs), row.group.position, row.group.pk))
        return list(groups)


@dataclass(frozen=True)
class Digest:
    """Everything that the meeting decides on."""

    groups: list[ShownGroup]
    """In the wished order, all of them."""
    shown: list[ShownGroup]
    free: list[FreeNeed]
    priorities: list[ShownPriority]
    counts: list[tuple[str, str, int]]
    """State, its words, and how many groups are in it."""
    places: list[str]
    criteria: list[tuple[str, str]]
    needs: int

    @property
    def open(self) -> int:
        return sum(1 for row in self.groups if row.is_open)


def told_meeting(group: NeedGroup) -> str:
    parts = [str(group.body)] if group.body else []
    if group.decided_on:
        parts.append(formats.date_format(group.decided_on, "SHORT_DATE_FORMAT"))
    return ", ".join(parts)


# --- The whole ------------------------------------------------------------------------------------------------------


def digest_of(plan: Plan, wish: Wish | None = None, *, suggest: bool = False) -> Digest:
    """The groups with their needs, the needs in no group, and the priorities. A constant number of queries.

    `suggest` also looks for the group that each need in no group is most like, which takes a while.
    """
    wish = wish or Wish()
    needs = needs_among(handed_in_answers(plan))
    now = {answer.block.id: answer for answer in needs}
    rows, items = _groups(plan), _items(plan)
    alone = dict(NeedDecision.objects.filter(plan=plan).values_list("block_id", "reason"))
    titles = {row.key: str(row) for row in plan.criteria_set.criteria.order_by("group__position", "position")}
    places = list(dict.fromkeys(answer.handbook.place for answer in needs))
    own: dict[int, list[Need]] = defaultdict(list)
    for item in items:
        own[item.group_id].append(_need_of(item, now.get(item.block_id), alone))
    priorities = _priorities(plan, rows, own)
    by_priority = {row.priority.pk: row for row in priorities}
    groups = wish.sorted(
        ShownGroup(
            group=row,
            state=row.standing_state,
            needs=own[row.pk],
            total=len(places),
            criteria=list(dict.fromkeys(need.criterion for need in own[row.pk] if need.criterion)),
            priority=by_priority.get(row.priority_id) if row.priority_id else None,
        )
        for row in rows
    )
    grouped = {item.block_id for item in items}
    free = [_need_now(answer, alone) for answer in needs if answer.block.id not in grouped]
    counts = Counter(row.state for row in groups)
    used = {answer.criterion for answer in needs}
    return Digest(
        groups=groups,
        shown=[row for row in groups if wish.fits(row)],
        free=_suggested(free, groups, now) if suggest else [FreeNeed(need) for need in free],
        priorities=priorities,
        counts=[(state.value, str(state.label), counts[state.value]) for state in State],
        places=places,
        criteria=[(key, title) for key, title in titles.items() if key in used],
        needs=len(needs),
    )


def group_in(digest: Digest, public_id: str) -> ShownGroup | None:
    return next((row for row in digest.groups if row.id == public_id), None)


def _groups(plan: Plan) -> list[NeedGroup]:
    rows = plan.need_groups.select_related("priority__section", "body").order_by("position", "pk")
    return list(rows)


def _items(plan: Plan) -> list[NeedGroupItem]:
    rows = plan.grouped_needs.select_related(
        "handbook__region", "version", "handbook__handbook__area", "handbook__handbook__municipality"
    ).defer("version__content")
    return list(rows.order_by("handbook__handbook__area__position", "handbook__handbook__pk", "pk"))


def _need_of(item: NeedGroupItem, answer: Answer | None, alone: Mapping[str, str]) -> Need:
    if answer is None:
        handbook: Handbook = item.handbook.handbook
        return Need(item.block_id, item.quote, handbook.place, "", "", gone=True, decision=alone.get(item.block_id, ""))
    need = _need_now(answer, alone)
    return replace(need, changed=True) if answer.hash != item.text_hash else need


def _need_now(answer: Answer, alone: Mapping[str, str]) -> Need:
    return Need(
        answer.block.id,
        answer.words,
        answer.handbook.place,
        answer.criterion,
        answer_url(answer),
        decision=alone.get(answer.block.id, ""),
    )


def _priorities(plan: Plan, groups: Sequence[NeedGroup], needs: Mapping[int, list[Need]]) -> list[ShownPriority]:
    standing = list(plan.priorities.standing().select_related("section", "section__parent").in_order())
    if not standing:
        return []
    numbers = numbers_of_sections(plan)
    goals: dict[int, list[str]] = defaultdict(list)
    here = {row.section_id for row in standing}
    for goal in Goal.objects.filter(plan=plan, removed_at=None).select_related("section__parent").in_order():
        section = goal.section
        homes = (section.pk, section.parent_id, section.parent.parent_id if section.parent else None)
        home = next((pk for pk in homes if pk in here), None)
        if home is not None:
            goals[home].append(str(goal))
    own: dict[int, list[NeedGroup]] = defaultdict(list)
    for group in groups:
        if group.priority_id:
            own[group.priority_id].append(group)
    return [
        ShownPriority(
            priority=row,
            number=numbers.get(row.section_id, ""),
            title=str(row.section),
            goals=goals[row.section_id],
            groups=[str(group) for group in own[row.pk]],
            areas=len({need.place for group in own[row.pk] for need in needs[group.pk]}),
        )
        for row in standing
    ]


def _suggested(free: Sequence[Need], groups: Sequence[ShownGroup], now: Mapping[str, Answer]) -> list[FreeNeed]:
    """For each need in no group, the group that has a need most like it, with the words that they share."""
    home = {need.id: group for group in groups for need in group.needs}
    texts = {key: answer.texts for key, answer in now.items()}
    found: dict[str, tuple[ShownGroup, list[str]]] = {}
    loose = {need.id for need in free}
    for alike in similar(texts):
        known = Counter(home[key].id for key in alike.keys if key in home)
        if not known:
            continue
        best = known.most_common(1)[0][0]
        group = next(row for row in groups if row.id == best)
        for key in alike.keys:
            if key in loose:
                found[key] = (group, alike.shared_words)
    return [FreeNeed(need, *found[need.id]) if need.id in found else FreeNeed(need) for need in free]


# --- What an area sees ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Became:
    """What became of one need of a handbook."""

    id: str
    words: str
    state: str
    """`priority`, `later`, `open` (in a group that waits for the meeting) or `new` (in no group yet)."""
    label: str
    group: str = ""
    priority: str = ""
    reason: str = ""
    meeting: str = ""
    others: int = 0
    """How many other areas raised the same."""


def became_of_needs(plan: Plan, handbook: Handbook) -> list[Became]:
    """What the priorities of a plan made of each need in a handbook's handed-in version. Four queries at most.

    Says nothing of other areas' words: a handbook's group reads it.
    """
    needs = needs_among(answers_of(handbook))
    items = {
        item.block_id: item
        for item in plan.grouped_needs.filter(block_id__in=[need.block.id for need in needs]).select_related(
            "group__priority__section", "group__body"
        )
    }
    areas: dict[int, set[int]] = defaultdict(set)
    for group_id, document_id in plan.grouped_needs.values_list("group_id", "handbook_id"):
        areas[group_id].add(document_id)
    left = reasons_left(plan)
    return [_became(need, items.get(need.block.id), left.get(need.block.id, ""), areas) for need in needs]


def _became(answer: Answer, item: NeedGroupItem | None, reason: str, areas: Mapping[int, set[int]]) -> Became:
    key, words = answer.block.id, answer.words
    group = item.group if item else None
    name = str(group) if group else ""
    others = len(areas[group.pk]) - 1 if group else 0
    if reason:
        meeting = told_meeting(group) if group and group.state == State.LATER else ""
        return Became(key, words, "later", str(State.LATER.label), name, "", reason, meeting, others)
    if group is None:
        return Became(key, words, "new", _("Not considered yet"))
    if group.is_open or group.priority is None:
        return Became(key, words, "open", _("Waits for the decision on priorities"), name, others=others)
    priority = str(group.priority)
    return Became(key, words, "priority", _("In a priority"), name, priority, "", told_meeting(group), others)


def counted_became(rows: Iterable[Became]) -> list[tuple[str, str, int]]:
    """State, its words and how many needs are in it, in the order in which an area wants to know them."""
    rows = list(rows)
    labels = {row.state: row.label for row in rows}
    counts = Counter(row.state for row in rows)
    return [(state, labels[state], counts[state]) for state in ("priority", "later", "open", "new") if counts[state]]


@dataclass
class OwnNeeds:
    """How many needs of a handbook went where, for its group's first page."""

    plan_id: str
    """The public id of the newest plan that has put some of its needs into groups."""
    taken: int = 0
    later: int = 0
    waiting: int = 0


def needs_of_handbooks(document_ids: Iterable[int]) -> dict[int, OwnNeeds]:
    """For each handbook, by its document, what the newest plan decided on the groups of its needs; one query."""
    rows = (
        NeedGroupItem.objects.filter(handbook_id__in=list(document_ids))
        .order_by("-plan__starts_on", "-plan_id")
        .values_list("handbook_id", "plan__document__public_id", "group__state", "group__priority__section__removed_at")
    )
    found: dict[int, OwnNeeds] = {}
    for document_id, plan_id, state, removed_at in rows:
        own = found.setdefault(document_id, OwnNeeds(plan_id))
        if own.plan_id != plan_id:
            continue
        if state == State.LATER:
            own.later += 1
        elif state == State.OPEN or removed_at is not None:
            own.waiting += 1
        else:
            own.taken += 1
    return found
