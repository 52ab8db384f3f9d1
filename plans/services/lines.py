"""Answers of handbooks as lines of the plan, each with its source: behind what stands there, never in its place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy, override

from accounts.models import User
from audit.services import record
from documents.blocks import LIST_ITEM, Block, Texts, original_hash
from documents.models import Revision, Section
from documents.richtext import plain
from documents.services.documents import lock
from documents.services.structured import append_blocks
from handbooks.models import Handbook
from plans.answers import Answer, Facet, handed_in_answers, said_in
from plans.blocks import to_html
from plans.models import Plan, Source


def facet_labels(facet: str, languages: Iterable[str]) -> Texts:
    """A facet's name in the plan's languages."""
    result = {}
    for language in languages:
        with override(language):
            result[language] = str(Facet(facet).label)
    return result


def place_labels(handbook: Handbook, languages: Iterable[str]) -> Texts:
    """The name of the handbook's area, municipality or centre, or else of its region, in the given languages."""
    row = handbook.area or handbook.municipality or handbook.region
    if handbook.centre:
        return dict.fromkeys(languages, handbook.place)
    return {language: getattr(row, f"name_{language}", "") or row.name for language in languages}


def line_block(plan: Plan, answer: Answer, *, with_area: bool, part: Texts | None = None) -> Block:
    """An answer as one line of the plan, in the languages that it was given in, with its area behind.

    `part` are plain words chosen out of it, by language.
    """
    texts = {language: to_html(words) for language, words in part.items()} if part else answer.texts
    body = {language: text for language, text in texts.items() if language in plan.document.languages}
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


# --- Taking in --------------------------------------------------------------------------------------------------


@transaction.atomic
def take_in_lines(
    section: Section,
    block_ids: Sequence[str],
    *,
    plan: Plan,
    by: User | None,
    after: str | None = None,
    quotes: Mapping[str, str] | None = None,
) -> int:
    """Put answers into a chapter that already has text, a line each with its source; answers how many.

    They come behind block `after`, or behind everything else. Of an answer in `quotes` only those of its words are
    taken. What already is a line of this chapter is not taken again. Locks the plan's document. Raises ValidationError
    when a quote has other words than its answer (`not_its_words`) or block `after` is no longer there (`block_gone`).
    """
    lock(plan.document)
    section = Section.objects.select_related("document", "head").get(pk=section.pk)
    if after and all(block.id != after for block in section.blocks):
        raise ValidationError(
            gettext_lazy("The paragraph behind which the lines should come is no longer there. Choose another place."),
            code="block_gone",
        )
    wanted = set(block_ids) - lines_in(plan, section)
    answers = [answer for answer in handed_in_answers(plan) if answer.block.id in wanted]
    parts = {answer.block.id: _part(answer, (quotes or {}).get(answer.block.id, "")) for answer in answers}
    drafts = [line_block(plan, answer, with_area=True, part=parts[answer.block.id]) for answer in answers]
    if not drafts:
        return 0
    blocks = append_blocks(section, drafts, by=by, origin=Revision.Origin.COMPILED, after=after or None)
    sources = [source_of(plan, block.id, answer) for block, answer in zip(blocks, answers, strict=True)]
    for source in sources:
        source.quote = " ".join(parts[source.source_block_id].values()) or source.quote
    Source.objects.bulk_create(sources)
    return len(blocks)


def lines_in(plan: Plan, section: Section) -> set[str]:
    """The answers that some paragraph of a section comes from. Goals and measures are not its text."""
    standing = [block.id for block in section.blocks if block.is_text]
    rows = plan.sources.filter(block_id__in=standing)
    return set(rows.values_list("source_block_id", flat=True))


def _part(answer: Answer, quote: str) -> Texts:
    """The chosen words of an answer in the language that has them; nothing when all of it is meant."""
    quote = " ".join(quote.split())
    if not quote or quote == answer.words:
        return {}
    for language, text in answer.texts.items():
        if quote in plain(text):
            return {language: quote}
    raise ValidationError(
        gettext_lazy("“%(words)s” is not in the handbook’s words. Choose the words again."),
        code="not_its_words",
        params={"words": quote[:80]},
    )


# --- Answers that changed or went away ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """A changed answer as somebody was shown it: behind which block of the plan, and with which words."""

    block_id: str
    source_block_id: str
    text_hash: str
    """Of the words that were shown; empty where the answer was shown as gone."""

    def __str__(self) -> str:
        return f"{self.block_id}:{self.source_block_id}:{self.text_hash}"

    @classmethod
    def named(cls, text: str) -> list[Self]:
        """From the words that `str` gives, with spaces between them. What is not such a word is left aside."""
        parts = [word.split(":") for word in text.split()]
        return [cls(*part) for part in parts if len(part) == 3]


@transaction.atomic
def mark_seen(plan: Plan, shown: Iterable[Seen], *, by: User | None) -> tuple[int, int]:
    """A writer has seen that handbooks' words changed or went away: remember them, leave the plan's text alone.

    Only what is still as it was shown is marked: how many were, and how many have changed again. Locks the plan's
    document.
    """
    lock(plan.document)
    wanted = {(row.block_id, row.source_block_id): row.text_hash for row in shown}
    answers = {answer.block.id: answer for answer in handed_in_answers(plan)}
    found = plan.sources.filter(source_block_id__in={source_block_id for _block_id, source_block_id in wanted})
    rows, again = [], 0
    for row in found.select_related("version").defer("version__content"):
        seen = wanted.get((row.block_id, row.source_block_id))
        answer = answers.get(row.source_block_id)
        if seen == (answer.hash if answer else ""):
            rows.append(row)
        elif seen is not None:
            again += 1
    before = {said.block.id: said.words for known in said_in(row.version for row in rows).values() for said in known}
    gone = [row.pk for row in rows if row.source_block_id not in answers]
    changed = [row for row in rows if row.source_block_id in answers]
    for row in changed:
        now = answers[row.source_block_id]
        was_part = row.quote and row.quote != before.get(row.source_block_id)
        # Words that were chosen out of the answer stay chosen while they are still in it.
        row.quote = row.quote if was_part and row.quote in now.words else now.words
        row.text_hash, row.version = now.hash, now.version
    Source.objects.bulk_update(changed, ["text_hash", "quote", "version"])
    plan.sources.filter(pk__in=gone).delete()
    if rows:
        record(by, "source.seen", plan.document, blocks=[row.source_block_id for row in rows])
    return len(rows), again
