"""What somebody typed into the search field, as things that must be found."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe

from documents.lemmas import LANGUAGES, places, tidy, words
from documents.search.tokens import LONGEST_WORD, Wanted, basic

LONGEST = 200
"""Letters of a question that are read."""
MOST_TERMS = 8
SHORTEST_BEGINNING = 3
"""Two letters begin too many words."""
SNIPPET = 260

_QUOTED = re.compile(r'["”“»«]([^"”“»«]*)["”“»«]')
_LITTLE = frozenset(
    [
        "ja",
        "tai",
        "sekä",
        "on",
        "ei",
        "että",
        "och",
        "eller",
        "att",
        "av",
        "en",
        "ett",
        "det",
        "den",
        "de",
        "som",
        "för",
        "med",
        "på",
        "är",
        "i",
        "the",
        "a",
        "an",
        "and",
        "or",
        "of",
        "to",
    ]
)
"""Words that say nothing by themselves; looked for only where nothing else was typed."""


@dataclass(frozen=True)
class Question:
    """The words and phrases that must all be found."""

    terms: tuple[Wanted, ...]

    def marked(self, text: str, language: str) -> SafeString:
        """The part of a text where the words stand, with each marked."""
        spans = self._spans(text, language)
        begin, end = _window(text, spans)
        out = ["… " if begin else ""]
        at = begin
        for start, stop in spans:
            if start < at or stop > end:
                continue
            out += [escape(text[at:start]), "<mark>", escape(text[start:stop]), "</mark>"]
            at = stop
        out += [escape(text[at:end]), " …" if end < len(text) else ""]
        return mark_safe("".join(out))  # noqa: S308 – every piece of the text is escaped above

    def count(self, text: str, language: str) -> int:
        """How many of its words and phrases a text has."""
        return sum(1 for term in self.terms if any(_found(term, _counted(text), language)))

    def _spans(self, text: str, language: str) -> list[tuple[int, int]]:
        """Where the words stand, in order and none inside another."""
        counted = _counted(text)
        found = sorted(span for term in self.terms for span in _found(term, counted, language))
        spans: list[tuple[int, int]] = []
        for start, stop in found:
            if spans and start < spans[-1][1]:
                spans[-1] = (spans[-1][0], max(stop, spans[-1][1]))
            else:
                spans.append((start, stop))
        return spans


Counted = list[tuple[int, int, str]]


def _counted(text: str) -> Counted:
    return [(start, stop, word[:LONGEST_WORD]) for start, stop, word in places(text)]


def _found(term: Wanted, counted: Counted, language: str) -> Iterator[tuple[int, int]]:
    if term.phrase:
        length = len(term.phrase)
        row = tuple(word for _start, _stop, word in counted)
        for at in range(len(row) - length + 1):
            if row[at : at + length] == term.phrase:
                yield counted[at][0], counted[at + length - 1][1]
        return
    for start, stop, word in counted:
        begins = term.beginning and word.startswith(term.beginning)
        if begins or word == term.word or basic(word, language) in term.lemmas:
            yield start, stop


def _window(text: str, spans: list[tuple[int, int]]) -> tuple[int, int]:
    """Where the shown part of a text begins and ends: whole words around the first that was found."""
    if len(text) <= SNIPPET:
        return 0, len(text)
    first = spans[0][0] if spans else 0
    begin = max(0, first - SNIPPET // 3)
    end = min(len(text), begin + SNIPPET)
    begin = max(0, end - SNIPPET)
    if begin:
        begin = min(text.find(" ", begin, first) + 1 or begin, first)
    if end < len(text):
        end = max(text.rfind(" ", first, end), spans[0][1] if spans else begin + 1)
    return begin, end


def read(typed: str) -> Question | None:
    """What must be found; None where nothing was typed that has a word."""
    typed = tidy(typed)[:LONGEST]
    terms: dict[Wanted, None] = {}
    for quoted in _QUOTED.findall(typed):
        if phrase := tuple(word[:LONGEST_WORD] for word in words(quoted)):
            terms.setdefault(Wanted(phrase=phrase))
    single = list(dict.fromkeys(words(_QUOTED.sub(" ", typed))))
    for word in [word for word in single if word not in _LITTLE] or ([] if terms else single):
        terms.setdefault(_term(word[:LONGEST_WORD]))
    return Question(tuple(terms)[:MOST_TERMS]) if terms else None


def _term(word: str) -> Wanted:
    """A word in any of its forms in every language, and whatever begins as it was typed."""
    forms = {basic(word, language) for language in LANGUAGES}
    is_beginning = len(word) >= SHORTEST_BEGINNING and not word.isnumeric()
    return Wanted(
        lemmas=tuple(sorted({*forms, word})),
        beginning=word if is_beginning else "",
        word="" if is_beginning else word,
    )
