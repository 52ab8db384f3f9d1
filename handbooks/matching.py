"""Where each piece of a Word file goes: its headings matched to the sections of a handbook.

Headings are tried as they stand, then without their numbering, then by likeness; sub-headings are looked for in the
chapter that they stand in, because every chapter asks the same. What matches nothing waits in the tray, and what a
person should look at is marked. Finnish and Swedish headings are known side by side, whatever the file's language.
"""

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from cydifflib import SequenceMatcher

from documents import richtext
from documents.html import Incoming
from documents.models import Section

FORM, EXACT, NUMBERING, SIMILAR, GUESS, NONE = "form", "exact", "numbering", "similar", "guess", ""
"""How sure a place is: by the form's hidden name, the same words, the same words but for numbering, alike, a guess."""
BY_HAND = "by_hand"

TEXT, HEADING = "text", "heading"
"""What becomes of a piece: its words are imported, or it named a section and its words are that section's heading."""

Facet = Section.Facet

PHRASES: dict[str, Sequence[str]] = {
    Facet.CURRENT_STATE: (
        *("nykytila", "nykytilanne", "tilanne nyt", "missä ollaan nyt", "missä mennään", "näin toimimme nyt"),
        *("lähtötilanne", "nykytilan kuvaus", "miten asiat ovat nyt"),
        *("nuläge", "läget nu", "nuvarande läge", "hur det är nu", "var är vi nu", "beskrivning av nuläget"),
    ),
    Facet.SUCCESS: (
        *("mikä toimii", "hyvin toimivat asiat", "onnistumiset", "mikä on hyvin", "missä olemme onnistuneet"),
        *("vahvuudet", "hyvät käytännöt", "toimivat käytännöt", "mikä toimii hyvin"),
        *("det som fungerar", "vad fungerar", "vad som fungerar bra", "styrkor", "god praxis", "vi har lyckats"),
    ),
    Facet.DEVELOPMENT_NEED: (
        *("kehittämistarpeet", "kehittämiskohteet", "mitä pitäisi kehittää", "mitä pitää kehittää", "kehitettävää"),
        *("mikä ei toimi", "haasteet", "parannettavaa", "mitä puuttuu", "kehittämisen kohteet"),
        *("utvecklingsbehov", "vad bör utvecklas", "vad borde utvecklas", "att utveckla", "utmaningar", "vad saknas"),
    ),
    Facet.PROPOSED_ACTION: (
        *("toimenpide-ehdotukset", "toimenpiteet", "ehdotuksemme toimenpiteiksi", "ehdotukset", "mitä ehdotamme"),
        *("esitämme", "ehdotetut toimenpiteet", "mitä teemme seuraavaksi"),
        *("åtgärdsförslag", "åtgärder", "förslag till åtgärder", "våra förslag", "det här föreslår vi"),
    ),
    Facet.AGREEMENT: (
        *("sovimme työnjaosta", "työnjako", "sovittu työnjako", "kuka tekee mitä", "vastuunjako"),
        *("vi kom överens om arbetsfördelningen", "arbetsfördelning", "vem gör vad", "ansvarsfördelning"),
    ),
}
"""What people write over their answers instead of the task's own words."""

APPENDIX = re.compile(r"^(?:liite|liitteet|bilaga|bilagor|appendix)\b", re.IGNORECASE)
NUMBERING_PREFIX = re.compile(r"^\s*(?:(?:\d+|[IVX]+|[A-Za-zÅÄÖåäö])[.)]|\d+(?:\.\d+)*[.)]?)(?:\d+[.)]?)*\s+")
LIKE_ENOUGH = 0.5
SURELY_LIKE = 0.8
STEM_SHARE = 0.6
"""How much of the shorter of two words' letters begin both, when they are forms of one word."""
SMALL_WORDS: frozenset[str] = frozenset(
    ["ja", "tai", "sekä", "meillä", "meidän", "niiden", "och", "eller", "samt", "på", "i", "av", "för", "om", "våra"]
)


class Piece(Protocol):
    """One piece of a Word file, as much of it as matching asks for."""

    @property
    def incoming(self) -> Incoming: ...
    @property
    def heading_level(self) -> int: ...
    @property
    def heading_guess(self) -> bool: ...
    @property
    def is_title(self) -> bool: ...
    @property
    def is_section_heading(self) -> bool: ...
    @property
    def in_guidance(self) -> bool: ...
    @property
    def section_key(self) -> str: ...
    @property
    def typed(self) -> str: ...


@dataclass(frozen=True)
class Task:
    """A section of a handbook that text can be put into."""

    key: str
    parent: str | None
    headings: tuple[str, ...]
    facet: str = Facet.FREE
    depth: int = 1


@dataclass(frozen=True)
class Place:
    """Where one piece goes. Without a key it waits in the tray."""

    key: str | None
    role: str = TEXT
    certainty: str = NONE
    check: bool = False


@dataclass(frozen=True)
class _Found:
    key: str
    certainty: str
    check: bool = False


# --- Words ------------------------------------------------------------------------------------------------


def normal(text: str) -> str:
    """A heading's words in small letters, without punctuation."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def without_numbering(text: str) -> str:
    return NUMBERING_PREFIX.sub("", text, count=1)


def _stems(text: str) -> list[str]:
    words = normal(text).split()
    return [word for word in words if word not in SMALL_WORDS] or words


def _same_stem(one: str, other: str) -> bool:
    """Whether two words may be forms of one (`tuki` and `tukeminen`), or one is a part of the other, a compound."""
    short, long = sorted((one, other), key=len)
    if len(short) >= 5 and short in long:
        return True
    shared = next((place for place, letter in enumerate(short) if letter != long[place]), len(short))
    return shared >= 3 and shared >= len(short) * STEM_SHARE


def likeness(one: str, other: str) -> float:
    """How alike two headings are, from 0 to 1: words that begin alike, or the letters where that says more."""
    ours, theirs = _stems(one), _stems(other)
    if not ours or not theirs:
        return 0.0
    shared = sum(any(_same_stem(word, word2) for word2 in theirs) for word in ours)
    back = sum(any(_same_stem(word, word2) for word2 in ours) for word in theirs)
    by_words = (shared / len(ours) + back / len(theirs)) / 2
    by_letters = SequenceMatcher(None, normal(one), normal(other), autojunk=False).ratio()
    return max(by_words, by_letters if by_letters >= SURELY_LIKE else 0.0)


# --- Headings ---------------------------------------------------------------------------------------------


class Outline:
    """The sections of a handbook, ready to be looked up by what people call them."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self.tasks = {task.key: task for task in tasks}
        self.chapters = [task for task in tasks if task.parent is None]
        self.below: dict[str | None, list[Task]] = {}
        for task in tasks:
            self.below.setdefault(task.parent, []).append(task)
        names: dict[str, int] = {}
        for task in tasks:
            for name in {normal(heading) for heading in task.headings}:
                names[name] = names.get(name, 0) + 1
        self.unique = [
            task for task in tasks if task.parent and all(names[normal(heading)] == 1 for heading in task.headings)
        ]

    def chapter_of(self, key: str) -> str:
        task = self.tasks[key]
        while task.parent is not None:
            task = self.tasks[task.parent]
        return task.key

    def within(self, chapter: str) -> list[Task]:
        """All that stands below a chapter."""
        found = list(self.below.get(chapter, []))
        for task in found:
            found.extend(self.below.get(task.key, []))
        return found

    def find(self, text: str, *, chapter: str | None, level: int | None) -> _Found | None:
        """The section that a heading names, read in the chapter it stands in."""
        bare = without_numbering(text)
        if APPENDIX.match(bare.strip()):
            return None
        inside = self.within(chapter) if chapter else []
        return self._by_words(text, bare, inside, level) or self._by_likeness(bare, inside, level)

    def _by_words(self, text: str, bare: str, inside: list[Task], level: int | None) -> _Found | None:
        # A heading of the first level is a chapter's; where chapters stand deeper in the file, they are found as well.
        for tasks in [self.chapters, inside] if level == 1 else [inside, self.chapters]:
            found = _same(text, bare, tasks)
            if found:
                return found
        found = _by_facet(bare, inside) if level != 1 else None
        if found:
            return found
        found = _same(text, bare, self.unique)
        return replace(found, check=True) if found else None

    def _by_likeness(self, bare: str, inside: list[Task], level: int | None) -> _Found | None:
        found = None
        if level in {None, 1} or not inside:
            found = _alike(bare, self.chapters)
        if found is None and level != 1 and inside:
            found = _alike(bare, inside)
        return found


def _same(text: str, bare: str, tasks: Sequence[Task]) -> _Found | None:
    for words, certainty in ((normal(text), EXACT), (normal(bare), NUMBERING)):
        for task in tasks:
            if words and any(normal(heading) == words for heading in task.headings):
                return _Found(task.key, certainty)
    return None


def _by_facet(text: str, tasks: Sequence[Task]) -> _Found | None:
    """The chapter's task for what the heading speaks of: "Mitä pitäisi kehittää" are its development needs.

    A heading that speaks of two goes to the first, for a person to look at.
    """
    words = normal(text)
    by_facet = {task.facet: task for task in reversed(tasks) if task.facet != Facet.FREE}
    if not words:
        return None
    for facet, phrases in PHRASES.items():
        if facet in by_facet and any(words == normal(phrase) for phrase in phrases):
            return _Found(by_facet[facet].key, SIMILAR)
    named: list[tuple[int, str]] = []
    for facet, task in by_facet.items():
        phrases = [*task.headings, *PHRASES.get(facet, ())]
        places = [place for phrase in phrases if (place := _place_in(words, normal(phrase))) is not None]
        if places:
            named.append((min(places), facet))
    if named:
        named.sort()
        return _Found(by_facet[named[0][1]].key, SIMILAR, check=len(named) > 1)
    return None


def _place_in(words: str, phrase: str) -> int | None:
    """Where a phrase stands in a heading, in whole words."""
    place = f" {words} ".find(f" {phrase} ")
    return None if place < 0 else place


def _alike(text: str, tasks: Sequence[Task]) -> _Found | None:
    best, score, second = None, 0.0, 0.0
    for task in tasks:
        value = max(likeness(text, heading) for heading in task.headings)
        if value > score:
            best, score, second = task, value, score
        elif value > second:
            second = value
    if best is None or score < LIKE_ENOUGH:
        return None
    return _Found(best.key, SIMILAR if score >= SURELY_LIKE else GUESS, check=score < SURELY_LIKE or second == score)


# --- Tables that are forms --------------------------------------------------------------------------------


def is_form(questions: Sequence[str], outline: Outline, chapter: str | None) -> bool:
    """Whether a table of two columns asks and answers: most of its left cells name a section of the chapter."""
    found = [outline.find(text, chapter=chapter, level=2) for text in questions]
    named = sum(place is not None and place.certainty != GUESS for place in found)
    return named * 2 >= len(questions) and named >= min(2, len(questions)) > 0


# --- All pieces of a file ---------------------------------------------------------------------------------


@dataclass
class _Reading:
    """Where the reading of a file stands."""

    chapter: str | None = None
    key: str | None = None
    certainty: str = NONE
    check: bool = False
    deep: int = 0
    """Level of the heading that nothing matched: what stands below it goes with it."""

    def place(self, *, role: str = TEXT, heading: bool = False) -> Place:
        """The place of the next piece. What is to be checked is the heading, not all that stands under it."""
        if self.key is None:
            return Place(None, role)
        return Place(self.key, role, self.certainty, check=self.check and (heading or role == HEADING))


class Matcher:
    """Reads a file's pieces in order and says of each where it goes."""

    def __init__(
        self,
        tasks: Sequence[Task],
        *,
        titles: Sequence[str] = (),
        names: Mapping[str, str] | None = None,
        tray: str = "",
    ):
        self.outline = Outline(tasks)
        self.titles = {normal(title) for title in titles}
        self.names = dict(names or {})
        """Section keys by the hidden names that our own files carry."""
        self.tray = tray
        """The hidden name of the section that keeps what has no place."""
        self.now = _Reading()
        self.started = False

    def place(self, piece: Piece) -> Place:
        """The next piece's place."""
        hidden = self.names.get(piece.section_key)
        text = richtext.plain(" ".join(piece.incoming.text.values()))
        if self.tray and piece.section_key == self.tray:
            # What had no place has none now either, and the heading above it is ours.
            self.started, self.now = True, _Reading()
            found = Place(None, HEADING, EXACT) if piece.is_section_heading else self.now.place()
        elif hidden:
            found = self._hidden(hidden, piece, text)
        elif not self.started and self._is_title(piece, text):
            found = Place(None, HEADING, EXACT)
        elif piece.heading_level or piece.heading_guess:
            found = self._heading(piece, f"{piece.typed} {text}".strip())
        else:
            found = self.now.place()
        return replace(found, check=True) if piece.in_guidance and found.key else found

    def _is_title(self, piece: Piece, text: str) -> bool:
        """Whether a piece says the handbook's own title: nothing but words that stand in it, in some form."""
        if normal(text) in self.titles:
            return True
        if not (piece.is_title or piece.heading_level or piece.heading_guess):
            return False
        words = normal(text).split()
        return any(
            len(words) > 1 and all(any(_same_stem(word, known) for known in title.split()) for word in words)
            for title in self.titles
        )

    def go_to(self, place: str, *, level: int) -> None:
        """A person has put a heading somewhere (a section, or a place that is none): what follows goes along."""
        self.started = True
        if place in self.outline.tasks:
            self.now = _Reading(self.outline.chapter_of(place), place, BY_HAND)
        else:
            self.now = _Reading(key=place or None, deep=level)

    def copy(self) -> "Matcher":
        """A matcher that begins from the same place."""
        twin = copy.copy(self)
        twin.now = replace(self.now)
        return twin

    @property
    def chapter(self) -> str | None:
        return self.now.chapter

    def _hidden(self, key: str, piece: Piece, text: str) -> Place:
        self.started = True
        self.now = _Reading(self.outline.chapter_of(key), key, FORM)
        named = {normal(heading) for heading in self.outline.tasks[key].headings}
        own = piece.is_section_heading and normal(without_numbering(text)) in named
        return self.now.place(role=HEADING if own else TEXT)

    def _heading(self, piece: Piece, text: str) -> Place:
        level = piece.heading_level or None
        if self.now.deep and level is not None and level > self.now.deep:
            return self.now.place()
        found = self.outline.find(text, chapter=self.now.chapter, level=level)
        if (
            found
            and piece.heading_guess
            and found.certainty == GUESS
            and self.now.key
            and not self._next_chapter(found)
        ):
            found = None  # bold words inside an answer are not a heading because they resemble one
        if found:
            self.started = True
            self.now = _Reading(self.outline.chapter_of(found.key), found.key, found.certainty, found.check)
            return self.now.place(role=HEADING)
        return self._unknown(level, guess=piece.heading_guess)

    def _next_chapter(self, found: _Found) -> bool:
        return self.outline.tasks[found.key].parent is None

    def _unknown(self, level: int | None, *, guess: bool) -> Place:
        """A heading that names nothing: a chapter of its own waits in the tray, another stays where it stands."""
        if level == 1 or (self.now.chapter is None and not guess):
            self.now = _Reading(deep=level or 0)
            return self.now.place()
        if self.now.chapter is None or guess:
            return self.now.place()
        below = self.outline.below.get(self.now.chapter, [])
        if self.now.key == self.now.chapter and below:
            # The first sub-heading of a chapter: the chapter's first task, for a person to look at.
            self.now = _Reading(self.now.chapter, below[0].key)
        self.now = replace(self.now, certainty=GUESS, check=True)
        return self.now.place(heading=True)
