"""The comments of a returned file: who said what, in reply to whom, and which words they stand at."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from documents.word.guard import Package
from documents.word.ooxml import BR, P, R, T, name, own
from documents.word.settle import settle_changes
from reviews.answering.places import LONGEST_QUOTE
from reviews.services.entering import clean_text
from reviews.word.items import COMMENT, name_of
from reviews.word.story import Story, holds_letters, serial

W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
W15 = "{http://schemas.microsoft.com/office/word/2012/wordml}"
TAB = name("w:tab")
MOST_READ = 2_000
"""Comments whose places are looked for; far more than one statement can have remarks."""
MOST_PLACES = 50
"""Places of one comment that are noted; the first one is where it goes."""
LONGEST_NAME = 100


@dataclass
class Said:
    """One comment, or a reply to one."""

    id: str
    author: str
    at: str
    """The date and time, as far as the file says: ISO 8601 without a zone."""
    text: str
    thread: str = ""
    """The comment that it replies to; its own id for the first."""
    resolved: bool = False
    pictures: bool = False

    @property
    def key(self) -> str:
        return name_of(COMMENT, self.author, self.at, self.text)


@dataclass
class Thread:
    """A comment with its replies, and the words that it stands at."""

    voices: list[Said]
    places: list[str] = field(default_factory=list)
    """Blocks, sections and new texts, in order; an empty one where nobody knows."""
    words: dict[str, str] = field(default_factory=dict)
    """Place -> the words of it that the comment stands at."""
    starts: dict[str, int] = field(default_factory=dict)
    """Place -> how many signs of it come before them."""

    @property
    def quote(self) -> str:
        return " ".join(" ".join(self.words.values()).split())[:LONGEST_QUOTE]


def read_comments(package: Package) -> list[Said]:
    """All comments in the file's order, each with the thread that it belongs to."""
    part = package.related("comments")
    root = package.xml(part) if part else None
    if root is None:
        return []
    parents, resolved = _extended(package)
    found: list[Said] = []
    by_paragraph: dict[str, str] = {}
    replies: dict[str, str] = {}
    for comment in root.iter(name("w:comment")):
        own_id = comment.get(name("w:id")) or ""
        marks = [mark for paragraph in comment.iter(P) if (mark := paragraph.get(f"{W14}paraId"))]
        for mark in marks:
            by_paragraph[mark] = own_id
        last = marks[-1] if marks else ""
        replies[own_id] = parents.get(last, "")
        said = Said(
            id=own_id,
            author=clean_text(" ".join((comment.get(name("w:author")) or "").split()))[:LONGEST_NAME],
            at=(comment.get(name("w:date")) or "")[:19],
            text=_text(comment),
            resolved=last in resolved,
        )
        said.thread = next((str(value) for key, value in comment.items() if str(key).endswith("parentId")), "")
        found.append(said)
    known = {said.id for said in found}
    above = {said.id: said.thread if said.thread in known else by_paragraph.get(replies[said.id], "") for said in found}
    for said in found:
        said.thread = _first(said.id, above)
    return found


def _first(own_id: str, above: dict[str, str]) -> str:
    seen = {own_id}
    while (parent := above.get(own_id, "")) and parent not in seen:
        seen.add(parent)
        own_id = parent
    return own_id


def _extended(package: Package) -> tuple[dict[str, str], set[str]]:
    """Last paragraph of a reply -> that of what it replies to; last paragraphs of comments that are resolved."""
    part = package.related("commentsExtended")
    root = package.xml(part) if part else None
    parents: dict[str, str] = {}
    resolved: set[str] = set()
    for row in root if root is not None else ():
        mark = row.get(f"{W15}paraId") or ""
        if parent := row.get(f"{W15}paraIdParent"):
            parents[mark] = parent
        if (row.get(f"{W15}done") or "") in {"1", "true"}:
            resolved.add(mark)
    return parents, resolved


def _text(comment: etree._Element) -> str:
    settle_changes(comment, accepted=True)
    lines = []
    for paragraph in comment.iter(P):
        out = []
        for element in own(paragraph):
            if element.tag == T:
                out.append(element.text or "")
            elif element.tag in {BR, name("w:cr")}:
                out.append("\n")
            elif element.tag == TAB:
                out.append(" ")
        lines.append("".join(out))
    return clean_text("\n".join(lines))


def threads_of(story: Story) -> tuple[list[Thread], int]:
    """The threads with their places, and how many comments the file has in all."""
    said = read_comments(story.package)
    by_thread: dict[str, list[Said]] = {}
    for voice in said[:MOST_READ]:
        by_thread.setdefault(voice.thread, []).append(voice)
    threads = {thread: Thread(sorted(voices, key=lambda row: row.id != thread)) for thread, voices in by_thread.items()}
    _Ranges(story, threads).read()
    return [thread for thread in threads.values() if any(voice.text for voice in thread.voices)], len(said)


class _Ranges:
    """Walks the file once with the comments that are open at each place."""

    def __init__(self, story: Story, threads: dict[str, Thread]) -> None:
        self.story = story
        self.threads = threads
        self.open: dict[str, Thread] = {}
        self.lengths: dict[str, int] = {}
        self.signs: dict[str, int] = {}
        """Place -> how many of its signs have gone by."""
        self.hung: dict[str, str] = {}
        """Comment -> the place of its mark, for those without a range."""

    def read(self) -> None:
        for element in self.story.raw.body.iter():
            if element.tag == name("w:commentRangeStart"):
                own_id = element.get(name("w:id")) or ""
                if own_id in self.threads:
                    self.open[own_id] = self.threads[own_id]
            elif element.tag == name("w:commentRangeEnd"):
                self.open.pop(element.get(name("w:id")) or "", None)
            elif element.tag == name("w:commentReference"):
                self._hang(element)
            elif element.tag == R and holds_letters(element):
                self._letters(element)
        for own_id, place in self.hung.items():
            if not self.threads[own_id].places:
                self.threads[own_id].places.append(place)

    def _hang(self, reference: etree._Element) -> None:
        own_id = reference.get(name("w:id")) or ""
        paragraph = next(reference.iterancestors(P), None)
        if own_id in self.threads and paragraph is not None:
            self.hung.setdefault(own_id, self.story.owner_at(paragraph))

    def _letters(self, run: etree._Element) -> None:
        place = self.story.owner_in(run)
        is_new = serial(run) in self.story.inserted and place in self.story.shown.blocks
        text = "" if is_new else "".join(_words(run))
        before = self.signs.get(place, 0)
        for own_id, thread in list(self.open.items()):
            if place not in thread.places:
                thread.places.append(place)
                thread.starts[place] = before
            thread.words[place] = thread.words.get(place, "") + text
            self.lengths[own_id] = self.lengths.get(own_id, 0) + len(text)
            if self.lengths[own_id] > LONGEST_QUOTE or len(thread.places) > MOST_PLACES:
                # Enough is known of its place; a comment on the whole file need not be followed to the end.
                self.open.pop(own_id)
        self.signs[place] = before + len(text)


def _words(run: etree._Element) -> Iterator[str]:
    for part in run:
        if part.tag in {T, name("w:delText")}:
            yield part.text or ""
        elif part.tag in {BR, name("w:tab")}:
            yield " "
