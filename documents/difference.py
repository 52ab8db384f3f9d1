"""What changed between two states of a text: blocks by identity, then words inside a block."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from documents import richtext
from documents.blocks import TABLE_ROW, Block
from documents.compose import STRUCTURE
from documents.kinds import block_kind, without_internal
from documents.merge import moved_ids

NOTE = '<span class="note">'
BREAKS = frozenset({"<br>", "</p>", "</li>"})
BETWEEN_ITEMS = frozenset({"<ul>", "<ol>", "</li>"})

SAME, CHANGED, ADDED, REMOVED, MOVED = "same", "changed", "added", "removed", "moved"


@dataclass(frozen=True)
class UnitChange:
    """The words of one unit of a block (its body, a cell, a field), marked."""

    unit: str
    html: SafeString
    changed: bool


@dataclass(frozen=True)
class BlockChange:
    """One block in the newer text, or one that is no longer there."""

    id: str
    kind: str
    state: str
    units: list[UnitChange] = field(default_factory=list)
    level: int = 0
    also_changed: bool = False
    """Moved, and changed as well."""


@dataclass(frozen=True)
class SectionChange:
    """A section of either text with its blocks' changes."""

    key: str
    heading: SafeString
    state: str
    blocks: list[BlockChange]

    @property
    def has_changes(self) -> bool:
        return self.state != SAME or any(block.state != SAME for block in self.blocks)


def mark_words(old: str, new: str, *, cell: bool = False) -> SafeString:
    """`new` as HTML with `<ins>` and `<del>` around the words that differ.

    Only the tags of `new` are written, so the result is always well formed; a change of bold alone shows no mark.
    """
    old, new = richtext.sanitise(old, cell=cell), richtext.sanitise(new, cell=cell)
    if old == new:
        return mark_safe(new)  # noqa: S308 sanitised above
    before, after = richtext.tokens(old), richtext.tokens(new)
    out: list[str] = []
    for tag, a, b, c, d in richtext.opcodes(before, after):
        if tag == "equal":
            out.extend(after[c:d])
            continue
        removed = _removed(before[a:b])
        if removed:
            around = next((token for token in reversed(after[:c]) if token.startswith("<")), "")
            mark = _marked("del", removed)
            # Between the items of a cell's list only an item may stand.
            out.append(f"<li>{mark}</li>" if around in BETWEEN_ITEMS else mark)
        out.extend(_inserted(after[c:d]))
    return mark_safe("".join(out))  # noqa: S308 made of sanitised tokens


def mark_values(old: str, new: str) -> SafeString:
    """Two values of a field, given as plain text, with the old one struck out; nothing is said of an empty one."""
    if old == new:
        return mark_safe(escape(new))  # noqa: S308 escaped
    marked = [_marked(tag, escape(text)) for tag, text in (("del", old), ("ins", new)) if text]
    return mark_safe(" ".join(marked))  # noqa: S308 escaped


def _removed(tokens: Sequence[str]) -> str:
    """The words alone; a break is a space, and a footnote stands in brackets, for its mark is not written."""
    signs = dict.fromkeys(BREAKS, " ")
    if tokens.count(NOTE) == tokens.count("</span>"):
        signs |= {NOTE: " [", "</span>": "]"}
    return "".join(signs.get(token, "" if token.startswith("<") else token) for token in tokens)


def _marked(tag: str, text: str) -> str:
    """A mark that is also said aloud, for those who do not see the stroke."""
    said = escape(_("removed") if tag == "del" else _("added"))
    end = escape(_("end of change"))
    hidden = '<span class="visually-hidden">'
    return f"<{tag}>{hidden} [{said}: </span>{text}{hidden} {end}] </span></{tag}>"


def _inserted(tokens: Sequence[str]) -> list[str]:
    out: list[str] = []
    run: list[str] = []
    for token in [*tokens, "<>"]:
        if not token.startswith("<"):
            run.append(token)
            continue
        text = "".join(run)
        if text:
            out.append(_marked("ins", text) if text.strip() else text)
        run = []
        if token != "<>":  # noqa: S105 the end mark of the loop
            out.append(token)
    return out


def compare_blocks(old: Sequence[Block], new: Sequence[Block], *, language: str) -> list[BlockChange]:
    """The newer text in its order, with the removed blocks where they stood."""
    before = {block.id: block for block in old}
    after = {block.id: block for block in new}
    moved = moved_ids([block.id for block in old], [block.id for block in new])
    changes = [_compare(before.get(block.id), block, language, moved=block.id in moved) for block in new]
    placed = [change.id for change in changes]
    order = [block.id for block in old]
    for position, block in enumerate(old):
        if block.id in after or not _visible(block, language):
            continue
        previous = next((key for key in reversed(order[:position]) if key in placed), None)
        place = placed.index(previous) + 1 if previous is not None else 0
        changes.insert(place, _compare(block, None, language, moved=False))
        placed.insert(place, block.id)
    return changes


def _place_in(known: Iterable[str]) -> Callable[[str], int]:
    """Fields in the order of their kind; cells and other units as they stand."""
    places = {name: index for index, name in enumerate(known)}
    return lambda name: places.get(name, len(places))


def _visible(block: Block, language: str) -> bool:
    return bool(block.html_in(language)) or not block.is_text or block.kind in STRUCTURE


def _compare(old: Block | None, new: Block | None, language: str, *, moved: bool) -> BlockChange:
    block = new or old
    if block is None:
        raise ValueError("Nothing to compare.")
    cell = block.kind == TABLE_ROW
    kind = block_kind(block.kind)
    known = kind.labels if kind else ()
    names = sorted({**(new.text if new else {}), **(old.text if old else {})}, key=_place_in(known))
    units = []
    for name in names:
        before, after = (old.get(name, language) if old else ""), (new.get(name, language) if new else "")
        if before or after:
            units.append(UnitChange(name, mark_words(before, after, cell=cell), before != after))
    changed = any(unit.changed for unit in units) or bool(
        old and new and (without_internal(old).data != without_internal(new).data or old.kind != new.kind)
    )
    if old is None:
        state = ADDED if _visible(block, language) else SAME
    elif new is None:
        state = REMOVED
    elif moved:
        state = MOVED
    else:
        state = CHANGED if changed else SAME
    return BlockChange(block.id, block.kind, state, units, int(block.data.get("level", 0)), changed)


@dataclass(frozen=True)
class SectionText:
    """A section as comparing needs it."""

    key: str
    heading: str
    blocks: list[Block]


def compare_documents(old: Iterable[SectionText], new: Iterable[SectionText], *, language: str) -> list[SectionChange]:
    """Whole documents, section by section; a block that went to another section is moved, not removed and added."""
    before, after = {row.key: row for row in old}, {row.key: row for row in new}
    home_before = {block.id: (row.key, block) for row in before.values() for block in row.blocks}
    home_after = {block.id: row.key for row in after.values() for block in row.blocks}
    changes: list[SectionChange] = []
    keys = list(after)
    for position, key in enumerate(before):
        if key not in after:
            previous = next((other for other in reversed(list(before)[:position]) if other in keys), None)
            keys.insert(keys.index(previous) + 1 if previous else 0, key)
    for key in keys:
        one, two = before.get(key), after.get(key)
        blocks = compare_blocks(one.blocks if one else [], two.blocks if two else [], language=language)
        across = [_across(change, key, home_before, home_after, two, language) for change in blocks]
        state = SAME
        if one is None or two is None:
            state = ADDED if one is None else REMOVED
        elif one.heading != two.heading:
            state = CHANGED
        heading = mark_words(
            escape(one.heading if one else "", quote=False), escape(two.heading if two else "", quote=False)
        )
        changes.append(SectionChange(key, heading, state, [change for change in across if change is not None]))
    return changes


def _across(
    change: BlockChange,
    key: str,
    home_before: Mapping[str, tuple[str, Block]],
    home_after: Mapping[str, str],
    section: SectionText | None,
    language: str,
) -> BlockChange | None:
    if change.state == REMOVED and change.id in home_after:
        return None
    if change.state == ADDED and change.id in home_before and section is not None:
        block = next(block for block in section.blocks if block.id == change.id)
        return _compare(home_before[change.id][1], block, language, moved=True)
    return change


def count_changes(changes: Iterable[SectionChange], of: Callable[[BlockChange], bool] | None = None) -> int:
    """How many blocks differ."""
    return sum(
        1 for section in changes for block in section.blocks if block.state != SAME and (of is None or of(block))
    )
