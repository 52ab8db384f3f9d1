"""Compiling: what the handed-in handbooks say, gathered for each chapter of the plan, with its source kept.

The handbooks are not pasted together. A chapter that is still empty gets a first draft of one line for each answer;
proposed actions become candidates beside the plan. Compiling again touches no text: it tells what is new, changed or
gone, and a person takes it in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy

from accounts.models import User
from audit.services import record
from documents.blocks import HEADING, Block, Texts
from documents.models import Revision, Section
from documents.services.documents import lock
from documents.services.structured import append_blocks
from plans.answers import Answer, Facet, feeds_of, fitting, handed_in_answers
from plans.blocks import to_plain
from plans.models import Candidate, ChapterFeed, Plan, Source
from plans.news import what_is_new
from plans.services.lines import facet_labels, line_block, place_labels, source_of


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
    for feed in feeds_of(plan):
        fed = fitting(feed, answers)
        proposals = [answer for answer in fed if answer.is_proposal and answer.block.id not in listed | used]
        result.candidates += len(_list_candidates(plan, feed.section, proposals))
        listed |= {answer.block.id for answer in proposals}
        lines = [answer for answer in fed if not answer.is_proposal]
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
