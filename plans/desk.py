"""The compile desk: which handbook answers feed which chapter, what waits there, how much of each handbook is used.

One chapter of it is in `plans.theme`.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from documents.difference import mark_words
from documents.models import Section
from documents.models.document import in_language
from documents.queries import OutlineRow, outline_of
from handbooks.models import Handbook
from plans.answers import Answer, Facet, feeds_of, fitting, handed_in_answers
from plans.blocks import to_html
from plans.goal_list import source_label, source_url
from plans.models import ChapterFeed, Plan, Source
from plans.news import ChapterNews, what_is_new
from plans.services.lines import Seen
from plans.uses import HandbookUse, State, UsePlace, handbook_use, numbers_of_sections, uses_in, where_words_went

FEW = 2
"""More criteria than this are named by their numbers alone."""


@dataclass(frozen=True)
class FedChapter:
    """A section of the plan with what it is compiled from and what waits in it."""

    section: Section
    number: str
    fed_from: list[str]
    """Sentences: what was asked, which areas, which criteria. Empty: everything."""
    answers: int
    handled: int
    """In the plan, or left out with a reason."""
    new: int
    changed: int
    gone: int
    candidates: int

    @property
    def waits(self) -> bool:
        return bool(self.new or self.changed or self.gone or self.candidates)


@dataclass(frozen=True)
class Meter:
    """How much of one handbook is used."""

    use: HandbookUse
    title: str
    url: str
    """The page that shows the handbook's group where its words went."""
    changes: list[Seen]
    """Answers whose words changed or went away since, and that nobody has marked as seen."""

    @property
    def stale(self) -> int:
        return len(self.changes)


@dataclass(frozen=True)
class Desk:
    """The whole desk."""

    fed: list[FedChapter]
    unfed: list[OutlineRow]
    meters: list[Meter]
    unused: list[tuple[str, int]]
    """Handbook and how many of its answers feed no chapter."""
    answers: int

    @property
    def waiting(self) -> int:
        return sum(meter.use.waiting for meter in self.meters)

    @property
    def changes(self) -> list[Seen]:
        return [row for meter in self.meters for row in meter.changes]

    @property
    def stale(self) -> int:
        return len(self.changes)


def fed_from(feed: ChapterFeed) -> list[str]:
    """In words, what a chapter is compiled from."""
    facets = [str(Facet(key).label) for key in feed.facets if key in Facet.values]
    areas = [str(area) for area in feed.areas.all()]
    rows = list(feed.criteria.all())
    criteria = [row.code or str(row) for row in rows] if len(rows) > FEW else [str(row) for row in rows]
    lines = []
    if facets:
        lines.append(_("Asked: %(questions)s") % {"questions": ", ".join(facets)})
    if areas:
        lines.append(_("Areas: %(areas)s") % {"areas": ", ".join(areas)})
    if criteria:
        lines.append(_("Criteria: %(criteria)s") % {"criteria": ", ".join(criteria)})
    return lines or [_("All answers of all handbooks")]


def compile_desk(plan: Plan) -> Desk:
    """Everything on the desk. Reads each handed-in handbook once."""
    answers = handed_in_answers(plan)
    feeds = {feed.section_id: feed for feed in feeds_of(plan)}
    uses = uses_in(plan, answers)
    news = {row.section.pk: row for row in what_is_new(plan, answers)}
    fed, unfed = [], []
    used: set[str] = set()
    for row in outline_of(plan.document).rows:
        feed = feeds.get(row.section.pk)
        if feed is None:
            unfed.append(row)
            continue
        feeding = fitting(feed, answers)
        used |= {answer.block.id for answer in feeding}
        changes = news.get(row.section.pk) or ChapterNews(row.section)
        fed.append(
            FedChapter(
                section=row.section,
                number=row.number,
                fed_from=fed_from(feed),
                answers=len(feeding),
                handled=sum(uses[answer.block.id].state in (State.USED, State.LEFT) for answer in feeding),
                new=len(changes.new),
                changed=len(changes.changed),
                gone=len(changes.gone),
                candidates=sum(answer.is_proposal and uses[answer.block.id].waits for answer in feeding),
            )
        )
    stale: dict[int, list[Seen]] = defaultdict(list)
    for change in news.values():
        for source, answer in change.stale:
            stale[source.handbook_id].append(seen_of(source, answer))
    left = Counter(answer.handbook.document_id for answer in answers if answer.block.id not in used)
    titles = {answer.handbook.document_id: str(answer.handbook.document) for answer in answers}
    return Desk(
        fed=fed,
        unfed=unfed,
        meters=[
            Meter(
                use,
                str(use.handbook.document),
                use_url(plan, use.handbook.document.public_id),
                stale[use.handbook.document_id],
            )
            for use in handbook_use(plan, answers, uses)
        ],
        unused=[(titles[key], left[key]) for key in titles if left[key]],
        answers=len(answers),
    )


def use_url(plan: Plan, handbook_id: str) -> str:
    return reverse("plans:handbook-use", args=[plan.document.region.slug, handbook_id, plan.document.public_id])


# --- Answers and their changes ------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownAnswer:
    """An answer that the plan has not used."""

    id: str
    text: str
    place: str
    label: str
    url: str
    facet: str
    """In words: which question it answers."""


@dataclass(frozen=True)
class ShownChange:
    """An answer whose words changed after it was taken in, with the difference marked."""

    seen: Seen
    block_id: str
    label: str
    url: str
    before: str
    now: SafeString | str
    """Empty where the answer is gone."""


def answer_url(answer: Answer) -> str:
    document = answer.handbook.document
    address = reverse(
        "documents:version-detail",
        args=[answer.handbook.region.slug, document.kind, document.public_id, answer.version.number],
    )
    return f"{address}#b-{answer.block.id}"


def shown_answer(answer: Answer) -> ShownAnswer:
    return ShownAnswer(
        id=answer.block.id,
        text=answer.words,
        place=answer.handbook.place,
        label=source_label(str(answer.handbook.document), answer.section.number),
        url=answer_url(answer),
        facet=str(Facet(answer.facet).label),
    )


def seen_of(source: Source, answer: Answer | None) -> Seen:
    """Names a change as it is now, for marking exactly that as seen."""
    return Seen(source.block_id, source.source_block_id, answer.hash if answer else "")


def shown_change(source: Source, answer: Answer | None) -> ShownChange:
    return ShownChange(
        seen=seen_of(source, answer),
        block_id=source.block_id,
        label=source_label(str(source.handbook), source.section_label),
        url=answer_url(answer) if answer else source_url(source),
        before=source.quote,
        now=mark_words(to_html(source.quote), to_html(answer.words)) if answer else "",
    )


# --- Where a section's text comes from ------------------------------------------------------------------------


@dataclass(frozen=True)
class SourcedBlock:
    """A block of a section with the answers that it came from."""

    id: str
    words: str
    sources: list[tuple[str, str, str]]
    """Label, address and the handbook's words."""


def sourced_blocks(plan: Plan, section: Section, sources: Mapping[str, Sequence[Source]]) -> list[SourcedBlock]:
    """In the order of the text; blocks without a source are left out."""
    rows = []
    for block in section.blocks:
        if block.id not in sources:
            continue
        text = {language: block.plain_in(language) for language in sorted(block.languages())}
        words = in_language(text, plan.document.original).split()
        rows.append(
            SourcedBlock(
                block.id,
                " ".join(words[:14]) + (" …" if len(words) > 14 else ""),
                [
                    (source_label(str(row.handbook), row.section_label), source_url(row), row.quote)
                    for row in sources[block.id]
                ],
            )
        )
    return rows


# --- Where a handbook's words went ------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownUse:
    """One answer of a handbook and what it led to."""

    id: str
    words: str
    places: list[tuple[str, str]]
    """Label and address; the address is empty for those who may not read the plan's draft."""
    decision: str
    state: State
    counts: bool
    """Whether the plan should use it: it was asked for as a success, a need or a proposal."""
    priority: str = ""
    """In words, what the meeting on priorities made of a need; empty for what was never considered there."""


@dataclass(frozen=True)
class UsedSection:
    """A section of a handbook with its answers."""

    key: str
    chapter_heading: str
    """Of the handbook's theme that it belongs to."""
    heading: str
    uses: list[ShownUse]

    @property
    def asked(self) -> int:
        return sum(use.counts for use in self.uses)

    @property
    def is_background(self) -> bool:
        """Whether nothing of it was asked for, used or left out: it is folded."""
        return all(use.state == State.BACKGROUND for use in self.uses)

    @property
    def used(self) -> int:
        return sum(use.counts and use.state == State.USED for use in self.uses)


def used_sections(
    handbook: Handbook, plan: Plan, *, linked: bool, priorities: Mapping[str, str] | None = None
) -> list[UsedSection]:
    """The answers of the handed-in version in its order, by section. `priorities` are told beside their needs."""
    numbers = numbers_of_sections(plan)
    sections: dict[str, UsedSection] = {}
    for use in where_words_went(handbook, plan):
        answer = use.answer
        section, chapter = answer.section, answer.chapter
        row = sections.setdefault(
            section.key,
            UsedSection(
                section.key,
                _heading(chapter.number, chapter.heading),
                _heading(section.number, section.heading),
                [],
            ),
        )
        places = [shown_place(plan, place, numbers) for place in use.places]
        row.uses.append(
            ShownUse(
                id=answer.block.id,
                words=answer.words,
                places=places if linked else [(label, "") for label, _url in places],
                decision=use.decision,
                state=use.state,
                counts=answer.was_asked,
                priority=(priorities or {}).get(answer.block.id, ""),
            )
        )
    return list(sections.values())


def _heading(number: str, texts: Mapping[str, str]) -> str:
    return f"{number} {in_language(texts)}".strip()


def shown_place(plan: Plan, place: UsePlace, numbers: Mapping[int, str]) -> tuple[str, str]:
    """Label and address of a place of the plan."""
    return _place_label(place, numbers.get(place.section.pk, "")), _place_url(plan, place)


def _place_label(place: UsePlace, number: str) -> str:
    if place.is_action:
        return _("Measure %(number)s") % {"number": place.number}
    if place.number:
        return _("Goal %(number)s") % {"number": place.number}
    return _("Section %(number)s: %(title)s") % {"number": number, "title": place.section}


def _place_url(plan: Plan, place: UsePlace) -> str:
    document = plan.document
    return f"{document.get_absolute_url()}#b-{place.block_id}"


# --- What is not used yet ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RestOfQuestion:
    """The answers to one question of one handbook that nobody has decided on."""

    label: str
    answers: list[tuple[ShownAnswer, list[tuple[str, str]]]]
    """Each with the chapters that it feeds: heading, and the address on the desk."""


@dataclass(frozen=True)
class RestOfHandbook:
    """What one handbook was asked for and the plan has neither used nor left out."""

    title: str
    public_id: str
    questions: list[RestOfQuestion]

    @property
    def count(self) -> int:
        return sum(len(row.answers) for row in self.questions)


@dataclass(frozen=True)
class Rest:
    """The list of what is not used yet."""

    handbooks: list[RestOfHandbook]
    meters: list[HandbookUse]
    chapters: list[tuple[str, str]]
    """Where an answer can be taken: key and heading of each chapter that handbooks feed."""

    @property
    def count(self) -> int:
        return sum(row.count for row in self.handbooks)


def rest_of(plan: Plan) -> Rest:
    """By handbook and question, what waits for somebody. Reads each handbook and the draft once."""
    answers = handed_in_answers(plan)
    uses = uses_in(plan, answers)
    feeds = feeds_of(plan)
    numbers = numbers_of_sections(plan)
    titles = {
        feed.section_id: _heading(
            numbers.get(feed.section_id, ""), {"": feed.section.heading_in(plan.document.original)}
        )
        for feed in feeds
    }
    fed: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for feed in feeds:
        for answer in fitting(feed, answers):
            column = answer.handbook.document.public_id
            url = f"{chapter_url(plan, feed.section.key)}?column={column}#a-{answer.block.id}"
            fed[answer.block.id].append((titles[feed.section_id], url))
    groups: dict[int, dict[str, list[Answer]]] = {}
    for answer in answers:
        if uses[answer.block.id].waits:
            groups.setdefault(answer.handbook.pk, {}).setdefault(answer.facet, []).append(answer)
    by_pk = {answer.handbook.pk: answer.handbook.document for answer in answers}
    return Rest(
        [
            RestOfHandbook(
                str(by_pk[pk]),
                by_pk[pk].public_id,
                [
                    RestOfQuestion(str(facet.label), [(shown_answer(row), fed[row.block.id]) for row in rows[facet]])
                    for facet in Facet
                    if facet in rows
                ],
            )
            for pk, rows in groups.items()
        ],
        handbook_use(plan, answers, uses),
        [(feed.section.key, titles[feed.section_id]) for feed in feeds],
    )


def chapter_url(plan: Plan, key: str) -> str:
    return reverse("plans:chapter-detail", args=[plan.document.region.slug, plan.document.public_id, key])
