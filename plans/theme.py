"""One theme on the compile desk: areas beside each other, questions below each other, the handbooks' words between.

The table shows more than what feeds the chapter: whoever reads the proposals of an area wants to see its needs too.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from documents import similarity
from documents.comparing import block_labels
from documents.models import Section
from documents.models.document import in_language
from documents.queries import section_numbers
from handbooks.models import Handbook
from plans.answers import ASKED, Answer, Facet, fitting, handed_in_answers
from plans.desk import ShownChange, answer_url, shown_change, shown_place
from plans.goal_list import source_label
from plans.models import ChapterFeed, KeptApart, NeedDecision, Plan
from plans.news import ChapterNews, what_is_new
from plans.queries import NumberedGoal, numbered_goals
from plans.services.lines import Seen
from plans.uses import State, Use, ordered_sections, uses_in

AT_ONCE = 6
"""So many columns are shown until somebody chooses."""
BACKGROUND_ROWS = {Facet.AGREEMENT, Facet.FREE}
"""Shown only where somebody asks for them: who was present, when the group met."""


@dataclass(frozen=True)
class Wish:
    """What somebody wants to see of the table; empty choices stand for the usual."""

    columns: frozenset[str] = frozenset()
    facets: frozenset[str] = frozenset()
    by_area: bool | None = None
    only_waiting: bool = False

    @classmethod
    def of(cls, query: Any) -> "Wish":
        """From the address of the page."""
        return cls(
            frozenset(query.getlist("column")),
            frozenset(key for key in query.getlist("question") if key in Facet.values),
            {"area": True, "handbook": False}.get(query.get("by", "")),
            bool(query.get("waiting")),
        )


@dataclass(frozen=True)
class Piece:
    """One answer in the table."""

    id: str
    texts: list[tuple[str, str]]
    """Language and plain words."""
    place: str
    facet: str
    """In words: which question it answers."""
    label: str
    url: str
    state: State
    places: list[tuple[str, str]]
    """Label and address of what it led to in the plan."""
    reason: str
    is_proposal: bool
    has_changed: bool = False

    @property
    def words(self) -> str:
        return self.texts[0][1] if self.texts else ""

    @property
    def waits(self) -> bool:
        return self.state == State.WAITS


@dataclass(frozen=True)
class Column:
    """A handbook, or all handbooks of an area."""

    key: str
    label: str
    waiting: int
    is_shown: bool


@dataclass(frozen=True)
class Cell:
    column: Column
    themes: list[tuple[str, list[Piece]]]
    """The handbook's own headings with what stands below them; the heading is empty where there is only one."""
    several: bool
    """Whether the column holds more than one handbook, so that each answer names its place."""

    @property
    def count(self) -> int:
        return sum(len(pieces) for _heading, pieces in self.themes)


@dataclass(frozen=True)
class Row:
    facet: str
    label: str
    feeds: bool
    """Whether the chapter is compiled from it."""
    cells: list[Cell]

    @property
    def waiting(self) -> int:
        return sum(piece.waits for cell in self.cells for _heading, pieces in cell.themes for piece in pieces)


@dataclass(frozen=True)
class Question:
    """A facet that can be shown or not."""

    key: str
    label: str
    is_shown: bool


@dataclass(frozen=True)
class Table:
    columns: list[Column]
    """All there are; the rows have cells for those that are shown."""
    rows: list[Row]
    """What feeds the chapter comes first."""
    questions: list[Question]
    by_area: bool
    can_group: bool
    only_waiting: bool
    count: int
    """Answers to the questions that are shown, in all columns, and that a plan should use."""
    used: int
    waiting: int

    @property
    def shown(self) -> list[Column]:
        return [column for column in self.columns if column.is_shown]


@dataclass(frozen=True)
class Alike:
    """Proposals that look as if they were the same thing, perhaps with a measure that the plan has already."""

    words: list[str]
    pieces: list[Piece]
    actions: list[tuple[str, Any]]
    """Number and measure."""

    @property
    def key(self) -> str:
        return self.pieces[0].id

    @property
    def areas(self) -> int:
        return len({piece.place for piece in self.pieces})


@dataclass(frozen=True)
class HandbookNews:
    """What changed in one handbook since its answers were taken into a chapter."""

    handbook: str
    public_id: str
    changes: list[ShownChange] = field(default_factory=list)
    gone: list[ShownChange] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.seen)

    @property
    def seen(self) -> list[Seen]:
        return [change.seen for change in (*self.changes, *self.gone)]


@dataclass(frozen=True)
class Theme:
    """Everything on the page of one chapter."""

    table: Table
    alike: list[Alike]
    news: list[HandbookNews]
    new: int
    left: list[tuple[Piece, bool]]
    """What was left out, and whether it was left out alone: a need that its group left out is considered with it."""
    goals: list[NumberedGoal]
    after: list[tuple[str, str]]
    """The paragraphs of the chapter behind which lines can come."""
    others: list[tuple[str, str]]
    """The other chapters that can take lines: key and heading."""

    @property
    def seen(self) -> list[Seen]:
        """Everything that changed or went away, as it is shown."""
        return [change for row in self.news for change in row.seen]

    @property
    def changed(self) -> int:
        return len(self.seen)

    @property
    def has_actions(self) -> bool:
        return any(row.actions for row in self.goals)


def theme_of(plan: Plan, section: Section, feed: ChapterFeed, wish: Wish) -> Theme:
    """One chapter on the desk. Reads each handbook and the draft once."""
    answers = handed_in_answers(plan)
    uses = uses_in(plan, answers)
    sections = ordered_sections(plan)
    numbers = section_numbers(sections)
    news = next((row for row in what_is_new(plan, answers) if row.section.pk == section.pk), ChapterNews(section))
    changed = {source.source_block_id for source, _answer in news.changed}
    shown = _Shown(plan, uses, numbers, changed)
    here = fitting(feed, answers, any_question=True)
    feeding = fitting(feed, answers)
    goals = sorted(numbered_goals(plan), key=lambda row: row.goal.section_id != section.pk)
    return Theme(
        table=_table(plan, feed, here, wish, shown),
        alike=alike_in(plan, answers, uses, goals, shown, among={answer.block.id for answer in feeding}),
        news=_news(news),
        new=len(news.new),
        left=_left(plan, [shown(answer) for answer in here if uses[answer.block.id].state == State.LEFT]),
        goals=goals,
        after=_places_in(plan, section),
        others=_other_sections(plan, section, sections, numbers),
    )


def _left(plan: Plan, pieces: Sequence[Piece]) -> list[tuple[Piece, bool]]:
    alone = set(NeedDecision.objects.filter(plan=plan).values_list("block_id", flat=True))
    return [(piece, piece.is_proposal or piece.id in alone) for piece in pieces]


class _Shown:
    """Makes pieces of answers, each once."""

    def __init__(self, plan: Plan, uses: Mapping[str, Use], numbers: Mapping[int, str], changed: set[str]) -> None:
        self.plan, self.uses, self.numbers, self.changed = plan, uses, numbers, changed
        self.made: dict[str, Piece] = {}
        self.addresses: dict[int, str] = {}
        self.labels: dict[tuple[int, str], str] = {}
        self.facets = {facet.value: str(facet.label) for facet in Facet}

    def __call__(self, answer: Answer) -> Piece:
        key = answer.block.id
        if key not in self.made:
            use = self.uses[key]
            self.made[key] = Piece(
                id=key,
                texts=_in_order(answer, self.plan.document.original),
                place=answer.handbook.place,
                facet=self.facets[answer.facet],
                label=self._label(answer),
                url=f"{self._address(answer)}#b-{key}",
                state=use.state,
                places=[shown_place(self.plan, place, self.numbers) for place in use.places],
                reason=use.decision,
                is_proposal=answer.is_proposal,
                has_changed=key in self.changed,
            )
        return self.made[key]

    # A handbook has some hundred answers, and one address and few labels.

    def _address(self, answer: Answer) -> str:
        if answer.version.pk not in self.addresses:
            self.addresses[answer.version.pk] = answer_url(answer).partition("#")[0]
        return self.addresses[answer.version.pk]

    def _label(self, answer: Answer) -> str:
        place = answer.version.pk, answer.section.number
        if place not in self.labels:
            self.labels[place] = source_label(str(answer.handbook.document), answer.section.number)
        return self.labels[place]


def _in_order(answer: Answer, first: str) -> list[tuple[str, str]]:
    """The plan's own language first."""
    texts = sorted(answer.texts.items(), key=lambda item: (item[0] != first, item[0]))
    return [(language, answer.said.plain_in(language)) for language, _text in texts]


# --- The table ----------------------------------------------------------------------------------------------------


def _table(plan: Plan, feed: ChapterFeed, answers: Sequence[Answer], wish: Wish, shown: _Shown) -> Table:
    handbooks = {answer.handbook.pk: answer.handbook for answer in answers}
    areas = {row.area_id for row in handbooks.values() if row.area_id}
    can_group = len(areas) < sum(1 for row in handbooks.values() if row.area_id)
    by_area = can_group and (len(handbooks) > AT_ONCE if wish.by_area is None else wish.by_area)
    by_column: dict[str, list[Answer]] = defaultdict(list)
    columns_of = {pk: _column_of(handbook, by_area) for pk, handbook in handbooks.items()}
    labels = dict(columns_of.values())
    for answer in answers:
        by_column[columns_of[answer.handbook.pk][0]].append(answer)
    chosen = [key for key in by_column if key in wish.columns] or list(by_column)[:AT_ONCE]
    present = {answer.facet for answer in answers}
    usual = set(feed.facets) | (ASKED | {Facet.CURRENT_STATE} if feed.criteria.all() or not feed.facets else set())
    facets = (wish.facets & present) or (usual & present) or (present - BACKGROUND_ROWS) or present
    columns = [
        Column(
            key, labels[key], sum(shown.uses[row.block.id].waits for row in rows if row.facet in facets), key in chosen
        )
        for key, rows in by_column.items()
    ]
    several = {key: len({row.handbook.pk for row in rows}) > 1 for key, rows in by_column.items()}
    rows = [
        Row(
            facet,
            str(facet.label),
            not feed.facets or facet in feed.facets,
            [
                Cell(column, _themes(by_column[column.key], facet, wish.only_waiting, shown), several[column.key])
                for column in columns
                if column.is_shown
            ],
        )
        for facet in sorted(Facet, key=lambda facet: bool(feed.facets) and facet not in feed.facets)
        if facet in facets
    ]
    asked = [shown.uses[answer.block.id] for answer in answers if answer.was_asked and answer.facet in facets]
    return Table(
        columns=columns,
        rows=rows,
        questions=[Question(key, str(key.label), key in facets) for key in Facet if key in present],
        by_area=by_area,
        can_group=can_group,
        only_waiting=wish.only_waiting,
        count=len(asked),
        used=sum(use.state == State.USED for use in asked),
        waiting=sum(use.waits for use in asked),
    )


def _column_of(handbook: Handbook, by_area: bool) -> tuple[str, str]:
    if by_area and handbook.area:
        return f"area-{handbook.area.key}", str(handbook.area)
    return handbook.document.public_id, handbook.place


def _themes(answers: Iterable[Answer], facet: str, only_waiting: bool, shown: _Shown) -> list[tuple[str, list[Piece]]]:
    """The answers to one question in one column, under the headings of their handbook."""
    groups: dict[str, list[Piece]] = defaultdict(list)
    for answer in answers:
        if answer.facet != facet or (only_waiting and shown.uses[answer.block.id].state == State.USED):
            continue
        groups[in_language(answer.chapter.heading)].append(shown(answer))
    return [(heading if len(groups) > 1 else "", pieces) for heading, pieces in groups.items()]


def _places_in(plan: Plan, section: Section) -> list[tuple[str, str]]:
    return block_labels([block for block in section.blocks if block.is_text], plan.document, {})


def _other_sections(
    plan: Plan, section: Section, sections: Iterable[Section], numbers: Mapping[int, str]
) -> list[tuple[str, str]]:
    return [
        (row.key, f"{numbers.get(row.pk, '')} {row.heading_in(plan.document.original)}".strip())
        for row in sections
        if row.pk != section.pk
    ]


# --- Alike --------------------------------------------------------------------------------------------------------


def alike_in(
    plan: Plan,
    answers: Iterable[Answer],
    uses: Mapping[str, Use],
    goals: Iterable[NumberedGoal],
    shown: _Shown,
    *,
    among: set[str],
) -> list[Alike]:
    """Groups of proposals that nobody has decided on yet, found over the whole plan, with one of `among` in each."""
    waiting = {answer.block.id: answer for answer in answers if answer.is_proposal and uses[answer.block.id].waits}
    if not waiting.keys() & among:
        return []
    actions = {action.block_id: (number, action) for row in goals for number, action in row.actions}
    items = [(key, row.said.plain_in(language), language) for key, row in waiting.items() for language in row.texts]
    items += [(key, text, lang) for key, (_nr, action) in actions.items() for lang, text in action.title.items()]
    apart = [frozenset(pair) for pair in KeptApart.objects.filter(plan=plan).values_list("one", "other")]
    # Two measures of the plan are its writers' own; they are never gathered here.
    result = []
    for group in similarity.groups(items, apart=apart):
        pieces = [shown(waiting[key]) for key in group.keys if key in waiting]
        own = [actions[key] for key in group.keys if key in actions]
        if pieces and among & set(group.keys) and len(pieces) + len(own) > 1:
            result.append(Alike(group.shared_words, pieces, own))
    return result


# --- What changed ---------------------------------------------------------------------------------------------------


def _news(news: ChapterNews) -> list[HandbookNews]:
    rows: dict[int, HandbookNews] = {}
    for source, answer in news.stale:
        empty = HandbookNews(str(source.handbook), source.handbook.public_id)
        own = rows.setdefault(source.handbook_id, empty)
        (own.changes if answer else own.gone).append(shown_change(source, answer))
    return list(rows.values())
