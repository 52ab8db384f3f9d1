"""What the handed-in handbooks answer: each paragraph with the place where it stands, and which chapter it feeds."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch

from criteria.models import Criterion
from documents import frozen
from documents.blocks import LIST_ITEM, PARAGRAPH, QUOTE, TABLE_ROW, Block, Texts
from documents.models import Section, Version
from documents.models.outline import reading_order
from documents.richtext import plain
from handbooks.models import Handbook
from plans.models import ChapterFeed, Plan

Facet = Section.Facet
ANSWER_KINDS = {PARAGRAPH, LIST_ITEM, QUOTE, TABLE_ROW}
ASKED = {Facet.SUCCESS, Facet.DEVELOPMENT_NEED, Facet.PROPOSED_ACTION}
"""What a plan should use. The rest of a handbook (basics, current state, notes of meetings) is background."""


@dataclass(frozen=True)
class Said:
    """One answering block of a frozen version, with its words worked out."""

    section: frozen.FrozenSection
    chapter: frozen.FrozenSection
    """The top-level section that it belongs to: the handbook's theme."""
    block: Block
    texts: Texts
    """Its words as one text by language; a table row's cells are joined."""
    words: str
    hash: str
    plain_texts: Texts
    """Its words without any markup, by language."""

    def plain_in(self, language: str) -> str:
        return self.plain_texts[language]

    @property
    def leads_in(self) -> bool:
        """Whether it only announces what follows: "Ehdotamme seuraavia toimenpiteitä:"."""
        return self.block.kind == PARAGRAPH and self.words.rstrip().endswith(":")


@dataclass(frozen=True)
class Answer:
    """One block of a handed-in handbook, with where it stands there."""

    handbook: Handbook
    version: Version
    said: Said

    @property
    def section(self) -> frozen.FrozenSection:
        return self.said.section

    @property
    def chapter(self) -> frozen.FrozenSection:
        return self.said.chapter

    @property
    def block(self) -> Block:
        return self.said.block

    @property
    def texts(self) -> Texts:
        return self.said.texts

    @property
    def words(self) -> str:
        return self.said.words

    @property
    def hash(self) -> str:
        return self.said.hash

    @property
    def facet(self) -> str:
        return self.section.facet

    @property
    def criterion(self) -> str:
        """The key of the criterion that it was asked under."""
        return str((self.section.criterion or self.chapter.criterion or {}).get("key", ""))

    @property
    def was_asked(self) -> bool:
        """Whether it counts when somebody asks how much of a handbook the plan uses."""
        return self.facet in ASKED

    @property
    def is_proposal(self) -> bool:
        return self.facet == Facet.PROPOSED_ACTION


def text_hash(texts: Texts) -> str:
    """Names the words of an answer, so that a later change of them shows."""
    source = "\x1f".join(f"{language}\x1e{plain(text)}" for language, text in sorted(texts.items()))
    return hashlib.sha256(source.encode()).hexdigest()[:16]


# --- Reading handbooks ------------------------------------------------------------------------------------------


def handed_in_answers(plan: Plan) -> list[Answer]:
    """Everything that the handbooks behind a plan answer, in the order of areas and of the handbooks."""
    handbooks = list(
        Handbook.objects.filter(pk__in=handbooks_behind(plan))
        .select_related("document", "area", "municipality", "handed_in", "region")
        .defer("handed_in__content")
        .order_by("area__position", "area__key", "pk")
    )
    return _answers(handbooks)


def answers_of(handbook: Handbook) -> list[Answer]:
    """The answers in a handbook's handed-in version. Headings, pictures, table heads and lead-ins answer nothing."""
    return _answers([handbook])


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


def _answers(handbooks: Sequence[Handbook]) -> list[Answer]:
    versions = [handbook.handed_in for handbook in handbooks if handbook.handed_in]
    said = said_in(versions)
    return [
        Answer(handbook, handbook.handed_in, row)
        for handbook in handbooks
        if handbook.handed_in
        for row in said[handbook.handed_in.sha256]
    ]


_kept: OrderedDict[str, list[Said]] = OrderedDict()
"""Versions that were read lately, by the hash of their bytes. A frozen version never changes, and neither do these."""
_MOST_KEPT = 48


def said_in(versions: Iterable[Version]) -> dict[str, list[Said]]:
    """What each version answers, by its hash. Versions that are not at hand are read in one query."""
    found: dict[str, list[Said]] = {}
    missing: list[int] = []
    for version in versions:
        rows = _kept.get(version.sha256)
        if rows is None:
            missing.append(version.pk)
        else:
            found[version.sha256] = rows
    for version in Version.objects.filter(pk__in=missing) if missing else ():
        found[version.sha256] = _kept[version.sha256] = _read(version)
    while len(_kept) > _MOST_KEPT:
        _kept.popitem(last=False)
    return found


def _read(version: Version) -> list[Said]:
    content = frozen.read(version)
    by_key = {section.key: section for section in content.sections}
    result = []
    for section in content.sections:
        chapter = section
        while chapter.parent:
            chapter = by_key[chapter.parent]
        for block in section.blocks:
            if block.kind not in ANSWER_KINDS or block.data.get("head") or not block.languages():
                continue
            texts = _texts(block)
            plain_texts = {language: plain(text) for language, text in texts.items()}
            words = next(iter(plain_texts.values()), "")
            said = Said(section, chapter, block, texts, words, text_hash(texts), plain_texts)
            if not said.leads_in:
                result.append(said)
    return result


def _texts(block: Block) -> Texts:
    result = {}
    for language in sorted(block.languages()):
        parts = [texts[language] for texts in block.text.values() if texts.get(language)]
        if block.kind == TABLE_ROW:
            parts = [plain(part) for part in parts]
        result[language] = " – ".join(parts)
    return result


# --- What feeds which chapter -----------------------------------------------------------------------------------


def feeds_of(plan: Plan) -> list[ChapterFeed]:
    """The chapters that handbooks feed, in the order of the plan, with their criteria and areas."""
    return list(
        ChapterFeed.objects.filter(section__document_id=plan.document_id, section__removed_at=None)
        .select_related("section", "section__head", "section__document")
        .prefetch_related(Prefetch("criteria", Criterion.objects.order_by("position")), "areas")
        .order_by(*reading_order("section__"))
    )


def fitting(feed: ChapterFeed, answers: Iterable[Answer], *, any_question: bool = False) -> list[Answer]:
    """The answers that feed a chapter; with `any_question` all that were given under its criteria in its areas.

    Reads the feed's prefetched criteria and areas.
    """
    criteria = {criterion.key for criterion in feed.criteria.all()}
    areas = {area.pk for area in feed.areas.all()}
    facets = set() if any_question else set(feed.facets)
    return [
        answer
        for answer in answers
        if (not facets or answer.facet in facets)
        and (not areas or answer.handbook.area_id in areas)
        and (not criteria or answer.criterion in criteria)
    ]
