"""Which block is which after an edit: ids stay with the words they were given to.

Decided over all the sections that are saved together:

1. the id that a block brought along, if this document issued it; of several carriers the one whose neighbours agree;
2. equal text, matched in order;
3. only where nothing brought an id along (a Word file, a plain paste): between matched neighbours, one to one, where
   half of the words of the shorter are shared in order;
4. else a new id, which notes where it came from (split, copied, moved).

A block whose words were joined to a neighbour's leaves its id behind as that neighbour's alias. Likeness alone never
carries an id, because remarks and sources hang on it.
"""

import itertools
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cydifflib import SequenceMatcher

from documents.blocks import FIGURE, TABLE, TABLE_ROW, Block
from documents.html import Incoming
from documents.richtext import plain

SPLIT, COPIED, MOVED = "split", "copied", "moved"

LIKENESS_BUDGET = 20_000_000
"""Pairs of words that one save may compare for likeness. Beyond it a block is new: never wrong, only forgetful."""
EQUAL_PAIRS = 500_000
"""Pairs of equal texts that are aligned freely; beyond it the first stands for the first, the second for the second."""
LONGEST_RUN = 100
"""How many parts of one split block are looked back over."""


@dataclass(frozen=True)
class Birth:
    """A newly issued id and, where there is one, the block its words came from."""

    id: str
    came_from: str | None = None
    how: str = ""


@dataclass
class Identities:
    """The decision: an id for each incoming block, the ids issued on the way, and the ids merged away."""

    ids: dict[str, list[str]] = field(default_factory=dict)
    """Section key -> ids, parallel to the incoming blocks."""
    births: list[Birth] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    """Id merged away -> id that now holds its words."""


@dataclass
class _Slot:
    """One incoming block and what has been decided about it."""

    section: str
    position: int
    block: Incoming
    words: list[str]
    line: str
    """The words between spaces, for finding one run of words in another."""
    carried: str | None = None
    id: str | None = None
    came_from: str | None = None
    how: str = ""


@dataclass
class _Known:
    """One block of the base and its neighbours."""

    section: str
    position: int
    block: Block
    words: list[str]
    line: str
    previous: str | None
    next: str | None


def identify(
    base: Mapping[str, Sequence[Block]],
    incoming: Mapping[str, Sequence[Incoming]],
    *,
    language: str,
    new_id: Callable[[], str],
    issued: frozenset[str] = frozenset(),
    elsewhere: frozenset[str] = frozenset(),
) -> Identities:
    """Give every incoming block its id.

    `base` holds, by section, the blocks that the writer started from; `issued` the ids beyond these that this document
    has issued, and `elsewhere` those of them that now live in a section that is not being saved (a block that carries
    one of these is a copy). A carried id that the document never issued counts as none.
    """
    known = _known(base, language)
    slots = _slots(incoming, base, known, issued, elsewhere)
    _by_carried_id(slots, known, elsewhere)
    _by_equal_text(slots, known)
    if not any(slot.carried for section in slots.values() for slot in section):
        _between_neighbours(slots, known)
    _tables(slots, known)
    result = Identities()
    for section, row in slots.items():
        for position, slot in enumerate(row):
            if slot.id is None:
                slot.id = new_id()
                if slot.came_from is None:
                    slot.came_from, slot.how = _split_from(row, position, known)
                result.births.append(Birth(slot.id, slot.came_from, slot.how if slot.came_from else ""))
        result.ids[section] = [slot.id for slot in row if slot.id]
    _joins(slots, known, result)
    return result


def _known(base: Mapping[str, Sequence[Block]], language: str) -> dict[str, _Known]:
    known = {}
    for section, blocks in base.items():
        visible = [block for block in blocks if block.is_text]
        for position, block in enumerate(visible):
            words = _words_of(block, language)
            known[block.id] = _Known(
                section=section,
                position=position,
                block=block,
                words=words,
                line=_line(words),
                previous=visible[position - 1].id if position else None,
                next=visible[position + 1].id if position + 1 < len(visible) else None,
            )
    return known


def _words_of(block: Block, language: str) -> list[str]:
    if block.kind == FIGURE:
        return [f"file:{block.data.get('file', '')}"]
    return block.plain_in(language).lower().split()


def _line(words: Sequence[str]) -> str:
    return f" {' '.join(words)} " if words else ""


def _slots(
    incoming: Mapping[str, Sequence[Incoming]],
    base: Mapping[str, Sequence[Block]],
    known: dict[str, _Known],
    issued: frozenset[str],
    elsewhere: frozenset[str],
) -> dict[str, list[_Slot]]:
    slots: dict[str, list[_Slot]] = {section: [] for section in base}
    for section, blocks in incoming.items():
        slots[section] = []
        for position, block in enumerate(blocks):
            if block.kind == FIGURE:
                words = [f"file:{block.data.get('file', '')}"]
            else:
                words = plain(" ".join(block.text.values())).lower().split()
            slot = _Slot(section=section, position=position, block=block, words=words, line=_line(words))
            if block.id in known or block.id in issued or block.id in elsewhere:
                slot.carried = block.id
            slots[section].append(slot)
    return slots


# --- 1. The id that it brought along --------------------------------------------------------------------


def _by_carried_id(slots: dict[str, list[_Slot]], known: dict[str, _Known], elsewhere: frozenset[str]) -> None:
    carriers: dict[str, list[_Slot]] = defaultdict(list)
    for row in slots.values():
        for slot in row:
            if slot.carried:
                carriers[slot.carried].append(slot)
    for block_id, rivals in carriers.items():
        if block_id in elsewhere and block_id not in known:
            for slot in rivals:
                slot.came_from, slot.how = block_id, COPIED
            continue
        keeper = rivals[0] if len(rivals) == 1 else _keeper(rivals, slots, known.get(block_id))
        keeper.id = block_id
        for slot in rivals:
            if slot is not keeper:
                slot.came_from, slot.how = block_id, _how_parted(keeper, slot, known.get(block_id))


def _keeper(rivals: list[_Slot], slots: dict[str, list[_Slot]], origin: _Known | None) -> _Slot:
    """Of several blocks that carry one id, the one whose neighbours agree; of a run split in parts, its first."""
    candidates = [slot for slot in rivals if not slot.block.pasted] or rivals
    if origin is None:
        return candidates[0]
    runs: list[list[_Slot]] = []
    for slot in candidates:
        last = runs[-1][-1] if runs else None
        if last and last.section == slot.section and last.position + 1 == slot.position:
            runs[-1].append(slot)
        else:
            runs.append([slot])

    def agreement(run: list[_Slot]) -> int:
        row = slots[run[0].section]
        if run[0].section != origin.section:
            return -1
        first, last = run[0].position, run[-1].position
        before = row[first - 1].carried if first else None
        after = row[last + 1].carried if last + 1 < len(row) else None
        return (before == origin.previous) + (after == origin.next)

    best = max(runs, key=lambda run: (agreement(run), any(slot.words == origin.words for slot in run)))
    whole = [slot for slot in best if slot.words == origin.words]
    return whole[0] if whole else best[0]


def _how_parted(keeper: _Slot, other: _Slot, origin: _Known | None) -> str:
    if origin and other.words != origin.words and _contains(origin.line, other.line):
        return SPLIT
    return COPIED


# --- 2. Equal text, matched in order --------------------------------------------------------------------


def _by_equal_text(slots: dict[str, list[_Slot]], known: dict[str, _Known]) -> None:
    taken: set[str] = {slot.id for row in slots.values() for slot in row if slot.id}
    for section, row in slots.items():
        _align_section(row, [item for item in known.values() if item.section == section], taken)
    left: dict[tuple[str, ...], deque[str]] = defaultdict(deque)
    for block_id, item in known.items():
        if block_id not in taken and item.words:
            left[tuple(item.words)].append(block_id)
    for row in slots.values():
        for slot in row:
            if _is_open(slot) and (same := left.get(tuple(slot.words))):
                slot.id = same.popleft()
                taken.add(slot.id)


def _is_open(slot: _Slot) -> bool:
    return slot.id is None and slot.came_from is None and bool(slot.words)


def _align_section(row: list[_Slot], items: list[_Known], taken: set[str]) -> None:
    """Pair equal texts of one section along its longest common order."""
    ours = [("id", item.block.id) if item.block.id in taken else ("text", *item.words) for item in items]
    theirs = [("id", slot.id) if slot.id else ("text", *slot.words) for slot in row]
    known_times, times = Counter(ours), Counter(theirs)
    if sum(count * times[text] for text, count in known_times.items()) > EQUAL_PAIRS:
        ours, theirs = _counted(ours), _counted(theirs)
    for a, b, size in SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks():
        for step in range(size):
            slot, item = row[b + step], items[a + step]
            if _is_open(slot) and item.block.id not in taken:
                slot.id = item.block.id
                taken.add(slot.id)


def _counted(texts: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The texts told apart by how often each has stood before."""
    seen: Counter[tuple[str, ...]] = Counter()
    result = []
    for text in texts:
        seen[text] += 1
        result.append((*text, str(seen[text])))
    return result


# --- 3. Between matched neighbours ----------------------------------------------------------------------


def _between_neighbours(slots: dict[str, list[_Slot]], known: dict[str, _Known]) -> None:
    budget = LIKENESS_BUDGET
    for section, row in slots.items():
        items = sorted((item for item in known.values() if item.section == section), key=lambda item: item.position)
        place = {item.block.id: item.position for item in items}
        taken = {slot.id for other in slots.values() for slot in other if slot.id}
        anchors = [(-1, -1)]
        for slot in row:
            if slot.id in place and place[slot.id] > anchors[-1][1]:
                anchors.append((slot.position, place[slot.id]))
        anchors.append((len(row), len(items)))
        for (a, x), (b, y) in itertools.pairwise(anchors):
            free = [slot for slot in row[a + 1 : b] if _is_open(slot)]
            lost = [item for item in items[x + 1 : y] if item.block.id not in taken and item.words]
            if len(free) != 1 or len(lost) != 1:
                continue
            budget -= _pairs(lost[0].words, free[0].words)
            if budget >= 0 and _alike(lost[0].words, free[0].words):
                free[0].id = lost[0].block.id


def _pairs(one: Sequence[str], other: Sequence[str]) -> int:
    """How many pairs of equal words there are: what it costs at most to find those that are shared in order once.

    The longest run is looked for again on both sides of each run that was found, so a text of few different words
    costs many times as much.
    """
    times = Counter(other)
    pairs = sum(times[word] for word in one)
    return len(one) + len(other) + pairs * max(1, pairs // max(1, len(one) + len(other)))


def _alike(one: list[str], other: list[str]) -> bool:
    """Half of the words of the shorter text are shared, in order."""
    shared = sum(size for _a, _b, size in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks())
    return shared * 2 >= min(len(one), len(other))


# --- Tables, splits and joins ---------------------------------------------------------------------------


def _tables(slots: dict[str, list[_Slot]], known: dict[str, _Known]) -> None:
    """A table that brought no id is the one that most of its rows were in."""
    home: dict[str, str] = {}
    table = ""
    for block_id, item in known.items():
        if item.block.kind == TABLE:
            table = block_id
        elif item.block.kind == TABLE_ROW:
            home[block_id] = table
    taken = {slot.id for row in slots.values() for slot in row if slot.id}
    for row in slots.values():
        for slot in row:
            if slot.id is not None or slot.came_from or slot.block.kind != TABLE:
                continue
            votes: dict[str, int] = defaultdict(int)
            for follower in row[slot.position + 1 :]:
                if follower.block.kind != TABLE_ROW:
                    break
                if follower.id in home:
                    votes[home[follower.id]] += 1
            best = max(votes, key=lambda key: votes[key], default="")
            if best and best not in taken:
                slot.id = best
                taken.add(best)


def _contains(text: str, part: str) -> bool:
    """Whether `part` stands in `text` as one unbroken run of words; both as `_line` writes them."""
    return bool(part) and part in text


def _split_from(row: list[_Slot], position: int, known: dict[str, _Known]) -> tuple[str | None, str]:
    """A new block right after the block it was cut from: its words ended that block before."""
    slot = row[position]
    for before in reversed(row[max(0, position - LONGEST_RUN) : position]):
        origin = before.came_from or before.id
        if origin in known and slot.words and before.block.kind != TABLE:
            words = known[origin].words
            if words[-len(slot.words) :] == slot.words and len(slot.words) < len(words) and before.words != words:
                return origin, SPLIT
            if before.how != SPLIT:
                return None, ""
        else:
            return None, ""
    return None, ""


def _joins(slots: dict[str, list[_Slot]], known: dict[str, _Known], result: Identities) -> None:
    """Base blocks that vanished while a neighbour took their words become that neighbour's aliases."""
    where = {slot.id: slot for row in slots.values() for slot in row if slot.id}
    for block_id, item in known.items():
        if block_id in where or not item.words or item.block.kind in {TABLE, FIGURE}:
            continue
        for neighbour in (item.previous, item.next):
            target = result.aliases.get(neighbour or "", neighbour)
            if target not in where or target not in known:
                continue
            if _contains(where[target].line, item.line) and not _contains(known[target].line, item.line):
                result.aliases[block_id] = target
                break
