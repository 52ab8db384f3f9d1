"""What the compile desk shows: which handbook answers feed which chapter, what is new in them, what waits."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from criteria.models import Criterion
from documents.difference import mark_words
from documents.models import Section
from documents.models.document import in_language
from documents.queries import OutlineRow, outline_of
from handbooks.models import Handbook
from plans.blocks import to_html
from plans.goal_list import source_label, source_url
from plans.models import Candidate, ChapterFeed, Plan, Source
from plans.queries import HandbookUse, UsePlace, handbook_use, where_words_went
from plans.services.compiling import Answer, ChapterNews, fitting, handed_in_answers, what_is_new

Facet = Section.Facet
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


@dataclass(frozen=True)
class Desk:
    """The whole desk."""

    fed: list[FedChapter]
    unfed: list[OutlineRow]
    meters: list[Meter]
    unused: list[tuple[str, int]]
    """Handbook and how many of its answers feed no chapter."""
    answers: int


def feeds_of(plan: Plan) -> dict[int, ChapterFeed]:
    """Section -> what it is compiled from."""
    feeds = (
        ChapterFeed.objects.filter(section__document_id=plan.document_id, section__removed_at=None)
        .prefetch_related(Prefetch("criteria", Criterion.objects.order_by("position")), "areas")
        .all()
    )
    return {feed.section_id: feed for feed in feeds}


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
    feeds = feeds_of(plan)
    news = {row.section.pk: row for row in what_is_new(plan, answers)}
    waiting = Counter(plan.candidates.filter(state=Candidate.State.OPEN).values_list("section_id", flat=True))
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
                new=len(changes.new),
                changed=len(changes.changed),
                gone=len(changes.gone),
                candidates=waiting[row.section.pk],
            )
        )
    left = Counter(answer.handbook.document_id for answer in answers if answer.block.id not in used)
    titles = {answer.handbook.document_id: str(answer.handbook.document) for answer in answers}
    return Desk(
        fed=fed,
        unfed=unfed,
        meters=[
            Meter(use, str(use.handbook.document), use_url(plan, use.handbook.document.public_id))
            for use in handbook_use(plan, answers)
        ],
        unused=[(titles[key], left[key]) for key in titles if left[key]],
        answers=len(answers),
    )


def use_url(plan: Plan, handbook_id: str) -> str:
    return reverse("plans:handbook-use", args=[plan.document.region.slug, handbook_id, plan.document.public_id])


# --- One chapter --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownAnswer:
    """An answer that the chapter has not used."""

    id: str
    text: str
    place: str
    label: str
    url: str


@dataclass(frozen=True)
class ShownChange:
    """An answer whose words changed after it was taken in, with the difference marked."""

    block_id: str
    source_block_id: str
    label: str
    url: str
    before: str
    now: SafeString | str
    """Empty where the answer is gone."""


@dataclass(frozen=True)
class PlaceCandidates:
    """The proposed measures of one handbook, each with the place in the version that it was read in."""

    place: str
    candidates: list[tuple[Candidate, str]]


@dataclass(frozen=True)
class ChapterDesk:
    """One chapter on the desk."""

    new: list[ShownAnswer]
    changes: list[ShownChange]
    gone: list[ShownChange]
    open: list[PlaceCandidates]
    left: list[Candidate]


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
    )


def _shown_change(source: Source, answer: Answer | None) -> ShownChange:
    return ShownChange(
        block_id=source.block_id,
        source_block_id=source.source_block_id,
        label=source_label(str(source.handbook), source.section_label),
        url=answer_url(answer) if answer else source_url(source),
        before=source.quote,
        now=mark_words(to_html(source.quote), to_html(answer.words)) if answer else "",
    )


def chapter_desk(plan: Plan, section: Section) -> ChapterDesk:
    """What is new in a chapter, and the proposed measures that wait in it, area by area."""
    news = next((row for row in what_is_new(plan) if row.section.pk == section.pk), ChapterNews(section))
    rows = candidates_of(section)
    return ChapterDesk(
        new=[shown_answer(answer) for answer in news.new],
        changes=[_shown_change(source, answer) for source, answer in news.changed],
        gone=[_shown_change(source, None) for source in news.gone],
        open=_by_place(row for row in rows if row.state == Candidate.State.OPEN),
        left=[row for row in rows if row.state == Candidate.State.LEFT],
    )


def candidates_of(section: Section) -> Sequence[Candidate]:
    rows = section.candidates.select_related(
        "handbook__region", "handbook__handbook__area", "handbook__handbook__municipality", "version"
    )
    return list(rows.defer("version__content").order_by("handbook__handbook__area__position", "pk"))


def _by_place(candidates: Iterable[Candidate]) -> list[PlaceCandidates]:
    groups: dict[str, list[tuple[Candidate, str]]] = defaultdict(list)
    versions: dict[int, str] = {}
    for row in candidates:
        if row.version_id not in versions:
            args = [row.handbook.region.slug, row.handbook.kind, row.handbook.public_id, row.version.number]
            versions[row.version_id] = reverse("documents:version-detail", args=args)
        groups[row.handbook.handbook.place].append((row, f"{versions[row.version_id]}#b-{row.source_block_id}"))
    return [PlaceCandidates(place, rows) for place, rows in groups.items()]


# --- Where a section's text comes from ------------------------------------------------------------------------


@dataclass(frozen=True)
class SourcedBlock:
    """A block of a section with the answers that it came from."""

    id: str
    words: str
    sources: list[tuple[str, str, str]]
    """Label, address and the handbook's words."""


def sourced_blocks(plan: Plan, section: Section, sources: dict[str, list[Source]]) -> list[SourcedBlock]:
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

    chapter: str
    """The key of the handbook's chapter, for grouping."""
    heading: str
    words: str
    places: list[tuple[str, str]]
    """Label and address; the address is empty for those who may not read the plan's draft."""
    decision: str
    counts: bool
    """Whether the plan should use it: it was asked for as a success, a need or a proposal."""


def shown_uses(handbook: Handbook, plan: Plan, *, linked: bool) -> list[ShownUse]:
    """Each answer of the handed-in version, in its order."""
    numbers = {row.section.pk: row.number for row in outline_of(plan.document).rows}
    return [
        ShownUse(
            chapter=use.answer.chapter.key,
            heading=f"{use.answer.chapter.number} {in_language(use.answer.chapter.heading)}",
            words=use.answer.words,
            places=[
                (_place_label(place, numbers[place.section.pk]), _place_url(plan, place) if linked else "")
                for place in use.places
            ],
            decision=use.decision,
            counts=use.answer.was_asked,
        )
        for use in where_words_went(handbook, plan)
    ]


def _place_label(place: UsePlace, number: str) -> str:
    if place.is_action:
        return _("Measure %(number)s") % {"number": place.number}
    if place.number:
        return _("Goal %(number)s") % {"number": place.number}
    return _("Section %(number)s: %(title)s") % {"number": number, "title": place.section}


def _place_url(plan: Plan, place: UsePlace) -> str:
    document = plan.document
    return f"{document.get_absolute_url()}#b-{place.block_id}"
