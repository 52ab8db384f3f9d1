"""Compiling again: what the handbooks now say that a chapter of the plan does not know of."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from documents.models import Section
from plans.answers import Answer, feeds_of, fitting, handed_in_answers
from plans.left import reasons_left
from plans.models import Plan, Source


@dataclass
class ChapterNews:
    """What the handbooks now say that a chapter does not know of."""

    section: Section
    new: list[Answer] = field(default_factory=list)
    changed: list[tuple[Source, Answer]] = field(default_factory=list)
    gone: list[Source] = field(default_factory=list)

    @property
    def stale(self) -> list[tuple[Source, Answer | None]]:
        """What changed or went away, with what the handbook says now."""
        return [*self.changed, *((source, None) for source in self.gone)]

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
    left = reasons_left(plan)
    news = []
    for feed in feeds_of(plan):
        row = ChapterNews(feed.section)
        row.new = [
            answer
            for answer in fitting(feed, answers)
            if not answer.is_proposal and answer.block.id not in used and answer.block.id not in left
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
