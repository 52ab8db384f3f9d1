"""A Word file that came back, read: its comments and changes, each with its place or without one."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext, override

from documents.rendering import interface_language
from documents.word.guard import Package, open_package
from documents.word.names import VERSION
from documents.word.ooxml import name
from documents.word.pieces import Tracked
from reviews.answering.places import Places
from reviews.services.remarks import LONGEST_REMARK, MOST_REMARKS
from reviews.word.changes import Changes
from reviews.word.items import COMMENT, Item, name_of
from reviews.word.reading import read_state
from reviews.word.shown import Shown, letters
from reviews.word.story import SECTION, WHOLE, Story
from reviews.word.threads import Thread, threads_of

LONGEST_PROPOSAL = 5 * LONGEST_REMARK
LOOKS = tuple(
    name(f"w:{tag}")
    for tag in ("rPrChange", "pPrChange", "tblPrChange", "trPrChange", "tcPrChange", "sectPrChange", "numberingChange")
)


@dataclass
class Returned:
    """What a returned file holds."""

    items: list[Item] = field(default_factory=list)
    comments: int = 0
    """In the file, replies included."""
    looks: int = 0
    """Changes of looks alone, which are left out."""
    missing: int = 0
    """Texts of the version that are not in the file, with their whole section or table."""
    pictures: int = 0
    """New pictures, which are not taken."""
    left: int = 0
    """Comments and changes beyond what one statement can have."""
    version: str = ""
    """The mark of the version that it was made of, where the file still has it."""
    is_ours: bool = True
    """Whether anything of the version was found in it."""


def read_return(content: bytes, shown: Shown, places: Places) -> Returned:
    """Read a returned file against what went out. Raises ValidationError as `guard.open_package` does."""
    package = open_package(content)
    with override(interface_language(shown.language)):
        return _read(package, shown, places)


def _read(package: Package, shown: Shown, places: Places) -> Returned:
    story = Story(package, shown)
    before = read_state(story, story.original, Tracked.ORIGINAL)
    after = read_state(story, story.accepted, Tracked.ACCEPTED)
    threads, comments = threads_of(story)
    returned = Returned(comments=comments, looks=sum(1 for _change in story.raw.body.iter(*LOOKS)))
    marks = (mark.get(name("w:name")) or "" for mark in story.raw.root.iter(name("w:bookmarkStart")))
    returned.version = next((mark.removeprefix(VERSION) for mark in marks if mark.startswith(VERSION)), "")
    returned.is_ours = any(row in shown.blocks for row in story.original.sequence)
    changes = Changes(story, before, after)
    found = [_comment(thread, story) for thread in threads]
    if returned.is_ours:
        found += changes.items()
    returned.missing = len(changes.missing)
    returned.pictures = max(0, after.pictures - before.pictures)
    _cut(found)
    found.sort(key=lambda item: places.find(item.section_key, item.block_id).order if not item.unplaced else 0)
    returned.items = _once(found)[:MOST_REMARKS]
    returned.left = len(found) - len(returned.items) + max(0, comments - sum(len(row.voices) for row in threads))
    return returned


def _comment(thread: Thread, story: Story) -> Item:
    first, *replies = thread.voices
    item = Item(
        COMMENT,
        key=name_of(COMMENT, *(voice.key for voice in thread.voices)),
        parts=[voice.key for voice in thread.voices],
        authors=list(dict.fromkeys(voice.author for voice in thread.voices if voice.author)),
        said_at=first.at,
        resolved=first.resolved,
    )
    told = [first.text, *(told_reply(voice.author, voice.text) for voice in replies)]
    item.text = "\n\n".join(line for line in told if line)
    if replies:
        item.voices = [{"key": voice.key, "told": line} for voice, line in zip(thread.voices, told, strict=True)]
    place = next((row for row in thread.places if row), "")
    if place in story.new:
        place = _before_new(place, story)
    if not place:
        item.unplaced, item.quote = True, thread.quote
    elif place == WHOLE:
        pass
    elif place.startswith(SECTION):
        item.section_key = place.removeprefix(SECTION)
    else:
        item.block_id, item.section_key = place, story.shown.section_of[place]
        words = thread.words.get(place, "")
        if letters(words) != story.shown.letters_of[place]:
            item.quote, item.near = " ".join(words.split()), thread.starts.get(place, 0)
    return item


def told_reply(author: str, text: str) -> str:
    """Whoever replies is named before the words."""
    if not author:
        return gettext("Reply: %(words)s") % {"words": text}
    return gettext("Reply by %(name)s: %(words)s") % {"name": author, "words": text}


def _before_new(new: str, story: Story) -> str:
    """The place behind which a new text stands."""
    place = ""
    for row in story.accepted.sequence:
        if row == new:
            return place
        if row not in story.new:
            place = row
    return ""


def _cut(items: Sequence[Item]) -> None:
    """Shorten what is too long for a remark; a proposal of too many words is told without them."""
    for item in items:
        words = sum(len(str(row.get("value", ""))) + len(str(row.get("new", ""))) for row in item.operations)
        if words > LONGEST_PROPOSAL:
            item.operations, item.cut = [], True
            item.text = "\n\n".join(
                part for part in (gettext("A change that is too long to be taken: see the file."), item.text) if part
            )
        if len(item.text) > LONGEST_REMARK:
            item.text, item.cut = f"{item.text[: LONGEST_REMARK - 1]}…", True


def _once(items: Sequence[Item]) -> list[Item]:
    """Nothing twice: a comment that was copied with its paragraph is one."""
    return list({item.key: item for item in reversed(items)}.values())[::-1]
