"""The region's own words: how one thing is said in each of its languages, and where they stand in a text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from documents.blocks import Block
from documents.lemmas import lemmas
from documents.models import GlossaryTerm
from documents.translation import Hint
from regions.models import Region

STANDARD = Path(__file__).parent / "data" / "glossary.yaml"


@dataclass(frozen=True)
class _Entry:
    lemmas: tuple[str, ...]
    word: str
    translation: str
    note: str


def variants(words: str) -> list[str]:
    """The words of one field: "mötesplats / träffpunkt" are two."""
    return [word.strip() for word in words.split("/") if word.strip()]


class Glossary:
    """A region's words from one language to another, found in any of their forms."""

    def __init__(self, terms: Iterable[GlossaryTerm], *, source: str, target: str) -> None:
        self.source = source
        self.by_first: dict[str, list[_Entry]] = {}
        for term in terms:
            translation = term.words.get(target, "")
            if not translation:
                continue
            for word in variants(term.words.get(source, "")):
                found = tuple(lemmas(word, source))
                if found:
                    entry = _Entry(found, word, translation, term.note)
                    self.by_first.setdefault(found[0], []).append(entry)
        for entries in self.by_first.values():
            entries.sort(key=lambda entry: -len(entry.lemmas))

    def hints(self, text: str) -> list[Hint]:
        """The words of the glossary in a plain text, in their order; of several at one place the longest."""
        if not self.by_first:
            return []
        words = tuple(lemmas(text, self.source))
        found: dict[tuple[str, str], Hint] = {}
        place = 0
        while place < len(words):
            entries = self.by_first.get(words[place], ())
            at_place = [entry for entry in entries if words[place : place + len(entry.lemmas)] == entry.lemmas]
            longest = len(at_place[0].lemmas) if at_place else 1
            for entry in at_place:
                if len(entry.lemmas) == longest:
                    hint = Hint(entry.word, entry.translation, entry.note)
                    found.setdefault((hint.word, hint.translation), hint)
            place += longest
        return list(found.values())

    def hints_of(self, blocks: Iterable[Block]) -> dict[str, list[Hint]]:
        """The hints for each block, by id."""
        return {block.id: self.hints(block.plain_in(self.source)) for block in blocks}


def glossary_of(region_id: int, *, source: str, target: str) -> Glossary:
    """In one query."""
    return Glossary(GlossaryTerm.objects.filter(region_id=region_id), source=source, target=target)


# --- Standard words ---------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def standard_words() -> Sequence[Mapping[str, Any]]:
    """The words of the field in Finnish, Swedish and English, as the program brings them."""
    rows: list[dict[str, Any]] = yaml.safe_load(STANDARD.read_text(encoding="utf-8"))["terms"]
    return rows


def known_words(region: Region) -> set[tuple[str, str]]:
    """(language, word) of all words that the region's glossary has."""
    return {
        (language, word.casefold())
        for words in GlossaryTerm.objects.filter(region=region).values_list("words", flat=True)
        for language, text in words.items()
        for word in variants(text)
    }


def new_standard_words(region: Region) -> list[Mapping[str, Any]]:
    """The standard words whose word in the region's first language is not in its glossary yet."""
    known = known_words(region)
    first = region.languages[0] if region.languages else "fi"
    return [
        row
        for row in standard_words()
        if row.get(first) and not any((first, word.casefold()) in known for word in variants(str(row[first])))
    ]
