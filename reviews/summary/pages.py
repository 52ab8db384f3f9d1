"""The addresses among which a reader of a summary walks: the same pages for those who run a round and for everyone."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.utils.translation import get_language

from documents.rendering import plain_languages
from reviews.finding import address
from reviews.models import CommentRound
from reviews.summary.page import Page, PartRow

DRAFT, PUBLISHED = "summary", "outcome"


@dataclass(frozen=True)
class PartLink:
    part: PartRow
    url: str


@dataclass(frozen=True)
class Way:
    """Where the pages of one summary lie, in one language."""

    round: CommentRound
    name: str
    """`summary` for those who run the round, `outcome` for everyone."""
    language: str
    languages: list[str]

    def url(self, page: str = "", *rest: str, language: str = "") -> str:
        name = f"{self.name}-{page}" if page else self.name
        return address(self.round, name, *rest, language or self.language)

    def part_url(self, key: str, *, language: str = "") -> str:
        return self.url("part", key, language=language) if key else self.url("whole", language=language)

    def parts(self, page: Page) -> list[PartLink]:
        return [PartLink(part, self.part_url(part.key)) for part in page.parts]

    def language_links(self, page: str = "", *rest: str) -> list[tuple[str, str, str, bool]]:
        """The same page in the other languages; empty where there is only one."""
        if len(self.languages) < 2:
            return []
        return [
            (code, label, self.url(page, *rest, language=code), code == self.language)
            for code, label in plain_languages(self.languages)
        ]


def way_of(comment_round: CommentRound, name: str, language: str | None, languages: list[str]) -> Way:
    """The language in the address, else the reader's own where the summary has it. 404 for one that it lacks."""
    if language is not None and language not in languages:
        raise Http404
    own = get_language() or ""
    return Way(comment_round, name, language or (own if own in languages else languages[0]), languages)


def remark_urls(page: Page, way: Way) -> dict[str, str]:
    """Where each remark stands, by its number: for links from changes and respondents."""
    urls = {link.part.key: link.url for link in way.parts(page)}
    return {remark: f"{urls[key]}#r-{remark}" for remark, key in page.places.items()}


def context_of(page: Page, way: Way) -> dict[str, Any]:
    return {
        "page": page,
        "language": page.language,
        "parts": way.parts(page),
        "respondents_url": way.url("respondents"),
        "overview_url": way.url(),
        "remark_urls": remark_urls(page, way),
        "sample": page.is_sample,
    }
