"""Compiling: what the handed-in handbooks say, gathered for each chapter of the plan, with its source kept.

The handbooks are not pasted together. A chapter that is still empty gets a first draft of one line for each answer;
proposed actions become candidates beside the plan. Compiling again touches no text: it tells what is new, changed or
gone, and a person takes it in.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy, override

from accounts.models import User
from audit.services import record
from documents import frozen
from documents.blocks import HEADING, LIST_ITEM, PARAGRAPH, QUOTE, TABLE_ROW, Block, Texts, original_hash
from documents.models import Revision, Section, Version
from documents.richtext import plain
from documents.services.documents import lock
from documents.services.sections import append_blocks, issue_block_id, save_structured
from handbooks.models import Handbook
from plans.blocks import action_block, to_plain
from plans.models import Action, Candidate, ChapterFeed, Goal, NeedDecision, Plan, Source

Facet = Section.Facet
ANSWER_KINDS = {PARAGRAPH, LIST_ITEM, QUOTE, TABLE_ROW}
ASKED = {Facet.SUCCESS, Facet.DEVELOPMENT_NEED, Facet.PROPOSED_ACTION}
"""What a plan should use. The rest of a handbook (basics, current state, notes of meetings) is background."""


@dataclass(frozen=True)
class Answer:
    """One block of a handed-in handbook, with where it stands there."""

    handbook: Handbook
    version: Version
    section: frozen.FrozenSection
    chapter: frozen.FrozenSection
    """The top-level section that it belongs to: the handbook's theme."""
    block: Block

    @property
    def facet(self) -> str:
        return self.section.facet

    @property
    def texts(self) -> Texts:
        """Its words as one text by language; a table row's cells are joined."""
        result = {}
        for language in sorted(self.block.languages()):
            parts = [texts[language] for texts in self.block.text.values() if texts.get(language)]
            if self.block.kind == TABLE_ROW:
                parts = [plain(part) for part in parts]
            result[language] = " – ".join(parts)
        return result

    @property
    def hash(self) -> str:
        return text_hash(self.texts)

    @property
    def words(self) -> str:
        return plain(next(iter(self.texts.values()), ""))

    @property
    def was_asked(self) -> bool:
        """Whether it counts when somebody asks how much of a handbook the plan uses."""
        return self.facet in ASKED


def text_hash(texts: Texts) -> str:
    """Names the words of an answer, so that a later change of them shows."""
    source = "\x1f".join(f"{language}\x1e{plain(text)}" for language, text in sorted(texts.items()))
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def handed_in_answers(plan: Plan) -> list[Answer]:
    """Everything that the handbooks behind a plan answer, in the order of areas and of the handbooks."""
    handbooks = (
        Handbook.objects.filter(pk__in=handbooks_behind(plan))
        .select_related("document", "area", "municipality", "handed_in", "region")
        .order_by("area__position", "area__key", "pk")
    )
    return [answer for handbook in handbooks for answer in answers_of(handbook)]


def handbooks_behind(plan: Plan) -> list[int]:
    """For each place the newest handed-in handbook that is not younger than the plan's last year, by primary key.

    A place is an area, a municipality, a centre or the whole region. Where a place has several of the same year, all of
    them count: nothing says which one replaces the other.
    """
    rows = (
        Handbook.objects.handed_in()
        .filter(region_id=plan.region_id, year__lte=plan.ends_on.year)
        .order_by("-year")
        .values_list("pk", "year", "area_id", "municipality_id", "centre")
    )
    newest: dict[tuple[object, ...], int] = {}
    return [pk for pk, year, *place in rows if newest.setdefault(tuple(place), year) == year]


def answers_of(handbook: Handbook) -> list[Answer]:
    """The answers in a handbook's handed-in version. Headings, pictures, table heads and lead-ins answer nothing."""
    version = handbook.handed_in
    if version is None:
        return []
    content = frozen.read(version)
    by_key = {section.key: section for section in content.sections}
    answers = []
    for section in content.sections:
        chapter = section
        while chapter.parent:
            chapter = by_key[chapter.parent]
        for block in section.blocks:
            if block.kind not in ANSWER_KINDS or block.data.get("head") or not block.languages():
                continue
            answer = Answer(handbook, version, section, chapter, block)
            if not _leads_in(answer):
                answers.append(answer)
    return answers


def _leads_in(answer: Answer) -> bool:
    """Whether it only announces what follows: "Ehdotamme seuraavia toimenpiteitä:"."""
    return answer.block.kind == PARAGRAPH and answer.words.rstrip().endswith(":")


def fitting(feed: ChapterFeed, answers: Iterable[Answer]) -> list[Answer]:
    """The answers that feed a chapter. Reads the feed's prefetched criteria and areas."""
    criteria = {criterion.key for criterion in feed.criteria.all()}
    areas = {area.pk for area in feed.areas.all()}
    facets = set(feed.facets)
    return [
        answer
        for answer in answers
        if (not facets or answer.facet in facets)
        and (not areas or answer.handbook.area_id in areas)
        and (not criteria or (answer.section.criterion or answer.chapter.criterion or {}).get("key") in criteria)
    ]


def _feeds(plan: Plan) -> list[ChapterFeed]:
    return list(
        ChapterFeed.objects.filter(section__document_id=plan.document_id, section__removed_at=None)
        .select_related("section", "section__head", "section__document")
        .prefetch_related("criteria", "areas")
        .order_by("section__parent__position", "section__position", "section__pk")
    )


@dataclass
class Compiled:
    """What one compiling did, for the message to the person who asked for it."""

    handbooks: int = 0
    lines: int = 0
    candidates: int = 0
    drafted: list[Section] = field(default_factory=list)
    waiting: int = 0
    """Answers that are new or changed in chapters that already have text."""


@transaction.atomic
def compile_plan(plan: Plan, *, by: User | None) -> Compiled:
    """Draft the empty chapters from the handed-in handbooks and list their proposed actions as candidates.

    Locks the plan's document. Never changes a chapter that has text. Raises ValidationError when no handbook of the
    region has been handed in (`no_handbooks`).
    """
    document = lock(plan.document)
    answers = handed_in_answers(plan)
    if not answers:
        raise ValidationError(
            gettext_lazy(
                "No handbook of the region has been handed in yet. A plan is compiled from handed-in handbooks."
            ),
            code="no_handbooks",
        )
    result = Compiled(handbooks=len({answer.handbook.pk for answer in answers}))
    listed = set(plan.candidates.values_list("source_block_id", flat=True))
    used = set(plan.sources.values_list("source_block_id", flat=True))
    for feed in _feeds(plan):
        fed = fitting(feed, answers)
        proposals = [
            answer for answer in fed if answer.facet == Facet.PROPOSED_ACTION and answer.block.id not in listed | used
        ]
        result.candidates += len(_list_candidates(plan, feed.section, proposals))
        listed |= {answer.block.id for answer in proposals}
        lines = [answer for answer in fed if answer.facet != Facet.PROPOSED_ACTION]
        if lines and not _has_sources(plan, feed.section) and not _was_edited(feed.section):
            result.lines += _draft(plan, feed, lines, by)
            result.drafted.append(feed.section)
    result.waiting = sum(len(row.new) + len(row.changed) for row in what_is_new(plan, answers))
    record(by, "plan.compiled", document, lines=result.lines, candidates=result.candidates)
    return result


def _has_sources(plan: Plan, section: Section) -> bool:
    ids = [block.id for block in section.blocks]
    return plan.sources.filter(block_id__in=ids).exists()


def _was_edited(section: Section) -> bool:
    """Whether the chapter was compiled before: then a person decides what comes in, even if all of it was removed."""
    return section.revisions.filter(origin=Revision.Origin.COMPILED).exists()


def _list_candidates(plan: Plan, section: Section, proposals: Iterable[Answer]) -> list[Candidate]:
    return Candidate.objects.bulk_create(
        Candidate(
            region_id=plan.region_id,
            plan=plan,
            section=section,
            handbook=answer.handbook.document,
            version=answer.version,
            source_block_id=answer.block.id,
            section_key=answer.section.key,
            section_label=answer.section.number,
            text_hash=answer.hash,
            text={language: to_plain(text) for language, text in answer.texts.items()},
        )
        for answer in proposals
    )


def _draft(plan: Plan, feed: ChapterFeed, answers: Sequence[Answer], by: User | None) -> int:
    """Write the first draft of a chapter behind what its writers already put there."""
    drafts: list[Block] = []
    tied: list[Answer | None] = []
    several = len({answer.handbook.pk for answer in answers}) > 1
    for heading, rows in _arranged(plan, feed, answers):
        drafts.append(Block(id="", kind=HEADING, text={"body": heading}, data={"level": 1}))
        tied.append(None)
        for answer in rows:
            drafts.append(line_block(plan, answer, with_area=several and feed.arrangement == feed.Arrangement.BY_FACET))
            tied.append(answer)
    blocks = append_blocks(feed.section, drafts, by=by, origin=Revision.Origin.COMPILED)
    Source.objects.bulk_create(
        source_of(plan, block.id, answer) for block, answer in zip(blocks, tied, strict=True) if answer
    )
    return sum(1 for answer in tied if answer)


def _arranged(plan: Plan, feed: ChapterFeed, answers: Sequence[Answer]) -> list[tuple[Texts, list[Answer]]]:
    """The answers under headings: a facet each, or an area each."""
    languages = plan.document.languages
    groups: dict[object, list[Answer]] = {}
    headings: dict[object, Texts] = {}
    if feed.arrangement == feed.Arrangement.BY_AREA:
        for answer in answers:
            groups.setdefault(answer.handbook.pk, []).append(answer)
            headings[answer.handbook.pk] = place_labels(answer.handbook, languages)
    else:
        for facet in Facet:
            rows = [answer for answer in answers if answer.facet == facet]
            if rows:
                groups[facet] = rows
                headings[facet] = facet_labels(facet, languages)
    return [(headings[key], rows) for key, rows in groups.items()]


def facet_labels(facet: str, languages: Iterable[str]) -> Texts:
    """A facet's name in the plan's languages."""
    result = {}
    for language in languages:
        with override(language):
            result[language] = str(Facet(facet).label)
    return result


def place_labels(handbook: Handbook, languages: Iterable[str]) -> Texts:
    """The name of the handbook's area, municipality or centre in the given languages."""
    row = handbook.area or handbook.municipality
    if handbook.centre or row is None:
        return dict.fromkeys(languages, handbook.place)
    return {language: getattr(row, f"name_{language}", "") or row.name for language in languages}


def line_block(plan: Plan, answer: Answer, *, with_area: bool) -> Block:
    """An answer as one line of the plan, in the languages that it was given in, with its area behind."""
    body = {language: text for language, text in answer.texts.items() if language in plan.document.languages}
    if with_area:
        places = place_labels(answer.handbook, body)
        body = {language: f"{text} <em>({places[language]})</em>" for language, text in body.items()}
    block = Block(id="", kind=LIST_ITEM, text={"body": body}, data={"level": 0, "ordered": False})
    original = plan.document.original
    shown = {language: original_hash(block, original) for language in body if language != original}
    return Block(block.id, block.kind, block.text, block.data, {key: value for key, value in shown.items() if value})


def source_of(plan: Plan, block_id: str, answer: Answer) -> Source:
    """The tie from a block of the plan to an answer."""
    return Source(
        region_id=plan.region_id,
        plan=plan,
        block_id=block_id,
        handbook=answer.handbook.document,
        version=answer.version,
        source_block_id=answer.block.id,
        section_key=answer.section.key,
        section_label=answer.section.number,
        text_hash=answer.hash,
        quote=answer.words,
    )


@transaction.atomic
def tie_sources(plan: Plan, block_id: str, answers: Iterable[Answer], *, by: User | None) -> None:
    """Say that a goal or an action of the plan comes from these answers. A proposal among them is then taken in."""
    lock(plan.document)
    rows = {answer.block.id: answer for answer in answers}
    action = Action.objects.filter(plan=plan, block_id=block_id).first()
    candidates = plan.candidates.filter(source_block_id__in=rows, state=Candidate.State.OPEN)
    if action:
        for candidate in _locked(candidates):
            _tie(plan, [candidate], action, by)
    known = set(plan.sources.filter(block_id=block_id).values_list("source_block_id", flat=True))
    Source.objects.bulk_create(source_of(plan, block_id, answer) for key, answer in rows.items() if key not in known)


# --- Compiling again ------------------------------------------------------------------------------------------


@dataclass
class ChapterNews:
    """What the handbooks now say that a chapter does not know of."""

    section: Section
    new: list[Answer] = field(default_factory=list)
    changed: list[tuple[Source, Answer]] = field(default_factory=list)
    gone: list[Source] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.new or self.changed or self.gone)


def what_is_new(plan: Plan, answers: Sequence[Answer] | None = None) -> list[ChapterNews]:
    """For each chapter: answers it has not used, answers whose words changed since, and sources that are gone.

    `answers` are those of the handbooks behind the plan, where the caller has read them already.
    """
    if answers is None:
        answers = handed_in_answers(plan)
    by_id = {answer.block.id: answer for answer in answers}
    sources = list(plan.sources.values_list("pk", "source_block_id", "text_hash"))
    used = {source_block_id for _pk, source_block_id, _hash in sources}
    stale = [
        pk
        for pk, source_block_id, text_hash in sources
        if source_block_id not in by_id or by_id[source_block_id].hash != text_hash
    ]
    rows = list(plan.sources.for_list().select_related("handbook__region").filter(pk__in=stale).order_by("pk"))
    left = set(NeedDecision.objects.filter(plan=plan).values_list("block_id", flat=True))
    news = []
    for feed in _feeds(plan):
        row = ChapterNews(feed.section)
        row.new = [
            answer
            for answer in fitting(feed, answers)
            if answer.facet != Facet.PROPOSED_ACTION and answer.block.id not in used and answer.block.id not in left
        ]
        here = {block.id for block in feed.section.blocks} if rows else set()
        for source in rows:
            if source.block_id not in here:
                continue
            answer = by_id.get(source.source_block_id)
            if answer is None:
                row.gone.append(source)
            else:
                row.changed.append((source, answer))
        if not row.is_empty:
            news.append(row)
    return news


@transaction.atomic
def take_in_lines(section: Section, block_ids: Sequence[str], *, plan: Plan, by: User | None) -> int:
    """Put answers into a chapter that already has text, behind everything else, with their sources."""
    lock(plan.document)
    wanted = set(block_ids)
    used = set(plan.sources.filter(source_block_id__in=wanted).values_list("source_block_id", flat=True))
    answers = [answer for answer in handed_in_answers(plan) if answer.block.id in wanted - used]
    drafts = [line_block(plan, answer, with_area=True) for answer in answers]
    if not drafts:
        return 0
    blocks = append_blocks(section, drafts, by=by, origin=Revision.Origin.COMPILED)
    Source.objects.bulk_create(source_of(plan, block.id, answer) for block, answer in zip(blocks, answers, strict=True))
    return len(blocks)


@transaction.atomic
def mark_seen(source: Source, *, by: User | None) -> None:
    """The writer has seen that the handbook's words changed: remember today's words, leave the plan's text alone."""
    lock(source.plan.document)
    answer = next((row for row in handed_in_answers(source.plan) if row.block.id == source.source_block_id), None)
    if answer is None:
        source.delete()
    else:
        source.text_hash, source.quote, source.version = answer.hash, answer.words, answer.version
        source.save(update_fields=["text_hash", "quote", "version"])
    record(by, "source.seen", source.plan.document, block=source.source_block_id)


# --- Candidates -----------------------------------------------------------------------------------------------


def _locked(candidates: Iterable[Candidate]) -> list[Candidate]:
    ids = [candidate.pk for candidate in candidates]
    rows = list(Candidate.objects.select_related("handbook", "version").filter(pk__in=ids).order_by("pk"))
    if any(row.state == Candidate.State.TAKEN for row in rows):
        raise ValidationError(gettext_lazy("Someone else has already taken this proposal in."), code="already_taken")
    return rows


def _tie(plan: Plan, candidates: Iterable[Candidate], action: Action, by: User | None) -> None:
    for candidate in candidates:
        Source.objects.get_or_create(
            plan=plan,
            block_id=action.block_id,
            source_block_id=candidate.source_block_id,
            defaults={
                "region_id": plan.region_id,
                "handbook": candidate.handbook,
                "version": candidate.version,
                "section_key": candidate.section_key,
                "section_label": candidate.section_label,
                "text_hash": candidate.text_hash,
                "quote": next(iter(candidate.text.values()), ""),
            },
        )
        candidate.state, candidate.action, candidate.reason = Candidate.State.TAKEN, action, ""
        candidate.decided_by, candidate.decided_at = by, timezone.now()
        candidate.save(update_fields=["state", "action", "reason", "decided_by", "decided_at"])


@transaction.atomic
def take_in_candidates(candidates: Sequence[Candidate], *, goal: Goal, by: User | None) -> Action:
    """Make one action under a goal of one or several proposals; it keeps all their sources.

    Raises ValidationError when one of them has been taken in already (`already_taken`).
    """
    plan = goal.plan
    lock(plan.document)
    rows = _locked(candidates)
    if not rows or any(row.plan_id != plan.pk for row in rows):
        raise ValueError("Candidates are taken into a goal of their own plan.")
    section = Section.objects.select_related("document").get(pk=goal.section_id)
    block = action_block(issue_block_id(section), goal=goal.block_id, title=_naming(rows).text)
    save_structured(section, by=by, change=[block], after=last_block_of(goal))
    action = Action.objects.get(block_id=block.id)
    _tie(plan, rows, action, by)
    record(by, "candidate.taken_in", plan.document, action=action.public_id)
    return action


def _naming(candidates: Sequence[Candidate]) -> Candidate:
    """The proposal that names an action made of several: a list item or table row before running text."""
    if len(candidates) == 1:
        return candidates[0]
    items = {
        block.id
        for version in {row.version_id: row.version for row in candidates}.values()
        for section in frozen.read(version).sections
        for block in section.blocks
        if block.kind in (LIST_ITEM, TABLE_ROW)
    }
    return next((row for row in candidates if row.source_block_id in items), candidates[0])


@transaction.atomic
def join_candidates(candidates: Sequence[Candidate], *, action: Action, by: User | None) -> None:
    """Let an action that is already in the plan also answer these proposals."""
    lock(action.plan.document)
    _tie(action.plan, _locked(candidates), action, by)
    record(by, "candidate.joined", action.plan.document, action=action.public_id)


@transaction.atomic
def leave_candidates(candidates: Sequence[Candidate], *, reason: str, by: User | None) -> None:
    """Let proposals stay outside the plan, with a reason that their area will see.

    Raises ValidationError without a reason (`reason_missing`) or when one has been taken in already (`already_taken`).
    """
    if not reason.strip():
        raise ValidationError(gettext_lazy("Give a reason."), code="reason_missing")
    if candidates:
        lock(candidates[0].plan.document)
    for candidate in _locked(candidates):
        candidate.state, candidate.reason = Candidate.State.LEFT, reason.strip()
        candidate.decided_by, candidate.decided_at = by, timezone.now()
        candidate.save(update_fields=["state", "reason", "decided_by", "decided_at"])


@transaction.atomic
def tie_answers(action: Action, block_ids: Iterable[str], *, by: User | None) -> int:
    """Name answers of handed-in handbooks (needs that it meets) as sources of an action; how many were new."""
    plan = action.plan
    lock(plan.document)
    wanted = set(block_ids)
    known = set(
        plan.sources.filter(block_id=action.block_id, source_block_id__in=wanted).values_list(
            "source_block_id", flat=True
        )
    )
    answers = [answer for answer in handed_in_answers(plan) if answer.block.id in wanted - known]
    Source.objects.bulk_create(source_of(plan, action.block_id, answer) for answer in answers)
    if answers:
        record(by, "action.tied", plan.document, action=action.public_id, answers=len(answers))
    return len(answers)


def last_block_of(goal: Goal) -> str:
    """The block behind which the goal's next action or indicator goes."""
    section = Section.objects.select_related("head").get(pk=goal.section_id)
    last = goal.block_id
    for block in section.blocks:
        if block.data.get("goal") == goal.block_id:
            last = block.id
    return last
