"""Finding: in which sections all that was asked for stands, the best first, and the passages that say it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, Value
from django.urls import reverse
from django.utils.safestring import SafeString

from documents.models import Document, Passage, Section, Version
from documents.models.document import in_language
from documents.queries import section_numbers
from documents.search.question import Question
from documents.search.tokens import Says
from documents.services.publishing import public_now
from documents.services.versions import outline_order
from regions.models import Region
from regions.permissions import Rights

MOST = 500
"""Places that one question finds at most; who gets as many asks more closely."""
PASSAGES_SHOWN = 3


@dataclass(frozen=True)
class Place:
    """A section of a draft or of a version; without a key the document as a whole."""

    document_id: int
    version_id: int | None
    section_key: str

    @classmethod
    def of(cls, row: Passage) -> "Place":
        return cls(row.document_id, row.version_id, row.section_key)

    def filter(self) -> Q:
        return Q(document=self.document_id, version=self.version_id, section_key=self.section_key)


@dataclass(frozen=True)
class ShownPassage:
    """A block that says what was asked for, with the words marked, and its address."""

    html: SafeString
    language: str
    url: str


@dataclass(frozen=True)
class Result:
    """A place where it stands, as the page shows it."""

    title: SafeString
    language: str
    number: str
    url: str
    document: Document
    version: Version | None
    is_public: bool
    passages: list[ShownPassage] = field(default_factory=list)
    more: int = 0
    """How many further passages of the section say it."""


class Search:
    """One question of one reader, over the whole site or in one region."""

    def __init__(self, question: Question, rights: Rights, region: Region | None = None) -> None:
        self.question = question
        self._public: dict[str, list[int]] = defaultdict(list)
        for publication in public_now():
            for language in publication.languages:
                self._public[language].append(publication.version_id)
        rows = Passage.objects.visible(rights, self._public)
        self._rows = rows.filter(region=region) if region else rows

    def places(self) -> list[Place]:
        """The sections in which all of it stands, in one query.

        First those with a heading that has any of it, then by how much of it stands in one passage, then the newest.
        Where the same section of a document is found in several states, the draft stands for all, else the newest
        version.
        """
        hits: list[str] = []
        params: list[Any] = []
        for number, wanted in enumerate(self.question.terms):
            rows = self._rows.filter(Says(wanted)).order_by().annotate(term=Value(number))
            fields = rows.values_list("pk", "document_id", "version_id", "section_key", "is_heading", "dated", "term")
            try:
                sql, values = fields.query.sql_with_params()
            except EmptyResultSet:
                return []
            hits.append(sql)
            params += values
        with connection.cursor() as cursor:
            cursor.execute(_RANKED.format(hits=" UNION ALL ".join(hits)), [*params, len(hits), MOST])
            return [Place(document, version or None, key) for document, version, key in cursor.fetchall()]

    def results(self, places: Sequence[Place], language: str) -> list[Result]:
        """What the page shows of these places, in three queries however many they are."""
        if not places:
            return []
        here = reduce(or_, (place.filter() for place in places))
        says = reduce(or_, (Q(Says(wanted)) for wanted in self.question.terms))
        rows = list(
            self._rows.filter(here)
            .filter(says | Q(block_id="", is_heading=True))
            .select_related("document__region", "version")
            .defer("version__content")
            .order_by("pk")
        )
        of_place: dict[Place, list[Passage]] = defaultdict(list)
        for row in rows:
            of_place[Place.of(row)].append(row)
        numbers = _draft_numbers({place.document_id for place in places if place.version_id is None})
        return [self._result(of_place[place], numbers, language) for place in places if of_place[place]]

    def _result(self, rows: list[Passage], numbers: dict[tuple[int, str], str], language: str) -> Result:
        own = [row for row in rows if row.block_id == "" and row.is_heading]
        said = [row for row in rows if row not in own]
        first = rows[0]
        wanted = [language, first.document.original]
        heading = min(own, key=lambda row: _preference(row.language, wanted), default=None)
        # A heading in a language that the reader did not ask for is shown when it is the one that was found.
        found = [row for row in own if self.question.count(row.text, row.language)]
        if found and heading not in found:
            heading = min(found, key=lambda row: _preference(row.language, wanted))
        counts = {row.pk: self.question.count(row.text, row.language) for row in said}
        said.sort(key=lambda row: (-counts[row.pk], not row.is_heading, _preference(row.language, wanted), row.pk))
        said = _one_language_each(said)
        shown_in = heading.language if heading else first.language
        return Result(
            title=self.question.marked(heading.text if heading else in_language(first.document.title), shown_in),
            language=shown_in,
            number=first.number or numbers.get((first.document_id, first.section_key), ""),
            url=_address(first, "", shown_in),
            document=first.document,
            version=first.version,
            is_public=any(first.version_id in versions for versions in self._public.values()),
            passages=[
                ShownPassage(
                    self.question.marked(row.text, row.language),
                    row.language,
                    _address(row, row.block_id, row.language),
                )
                for row in said[:PASSAGES_SHOWN]
            ],
            more=max(0, len(said) - PASSAGES_SHOWN),
        )


# {hits}: one row for each passage and each thing asked for that it says.
_RANKED = """
WITH hit (id, document_id, version_id, section_key, is_heading, dated, term) AS ({hits}),
passage AS (
    SELECT id, document_id, COALESCE(version_id, 0) AS version_id, section_key, COUNT(*) AS found
    FROM hit GROUP BY id, document_id, version_id, section_key
),
best AS (
    SELECT document_id, version_id, section_key, MAX(found) AS found
    FROM passage GROUP BY document_id, version_id, section_key
),
place AS (
    SELECT document_id, COALESCE(version_id, 0) AS version_id, section_key,
        MAX(CASE WHEN is_heading THEN 1 ELSE 0 END) AS heading, MAX(dated) AS dated
    FROM hit GROUP BY document_id, version_id, section_key HAVING COUNT(DISTINCT term) = %s
),
standing AS (
    SELECT place.*, best.found AS found, ROW_NUMBER() OVER (
        PARTITION BY place.document_id, place.section_key
        ORDER BY CASE WHEN place.version_id = 0 THEN 0 ELSE 1 END, place.version_id DESC
    ) AS state
    FROM place JOIN best ON best.document_id = place.document_id AND best.version_id = place.version_id
        AND best.section_key = place.section_key
)
SELECT document_id, version_id, section_key FROM standing WHERE state = 1
ORDER BY heading DESC, found DESC, dated DESC, document_id DESC, section_key
LIMIT %s
"""


def _preference(language: str, wanted: Sequence[str]) -> int:
    return wanted.index(language) if language in wanted else len(wanted)


def _one_language_each(rows: Iterable[Passage]) -> list[Passage]:
    """Each block once, in the first of its languages."""
    seen: set[str] = set()
    once = []
    for row in rows:
        if row.block_id not in seen:
            seen.add(row.block_id)
            once.append(row)
    return once


def _draft_numbers(documents: set[int]) -> dict[tuple[int, str], str]:
    """The printed number of each section of these drafts, by document and key."""
    below: dict[int, list[Section]] = defaultdict(list)
    for section in Section.objects.present().filter(document__in=documents).defer("heading", "guidance"):
        below[section.document_id].append(section)
    numbers = {}
    for document_id, sections in below.items():
        ordered = outline_order(sections)
        printed = section_numbers(ordered)
        numbers.update({(document_id, section.key): printed[section.pk] for section in ordered})
    return numbers


def _address(row: Passage, block_id: str, language: str) -> str:
    """Where the reader finds it: the section's own page in a draft, the place on the page of a version."""
    document = row.document
    one = [document.region.slug, document.kind, document.public_id]
    if row.version is None:
        if not row.section_key:
            return document.get_absolute_url()
        page = reverse("documents:section-detail", args=[*one, row.section_key])
        return f"{page}#b-{block_id}" if block_id else page
    page = reverse("documents:version-detail", args=[*one, row.version.number, language])
    place = f"b-{block_id}" if block_id else f"s-{row.section_key}" if row.section_key else ""
    return f"{page}#{place}" if place else page
