"""Changes of a returned file as proposals: one for each place whose words would be others."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext

from documents import richtext
from documents.blocks import FIGURE, TABLE, TABLE_ROW
from documents.merge import moved_ids
from documents.operations import DELETE, INSERT_AFTER, MOVE, REPLACE_TEXT
from documents.word.ooxml import TBL, TR, P, raw_text
from documents.word.tables import children
from reviews.word.items import CHANGE, Item, key_of_change
from reviews.word.reading import Reading
from reviews.word.story import SECTION, Story, serial

LONGEST_TABLE = 5_000
"""Signs of a new table that are told in a remark."""


class Changes:
    """Reads the changes of one file."""

    def __init__(self, story: Story, before: Reading, after: Reading) -> None:
        self.story = story
        self.shown = story.shown
        self.before = before
        self.after = after
        self.authors = story.authors()
        self.was = set(story.original.sequence)
        self.stands = set(story.accepted.sequence)
        self.group: dict[str, str] = {}
        """Block or new text -> the first of those that are changed together."""
        self.replaced: dict[str, list[dict[str, Any]]] = {}
        self.said: dict[str, list[str]] = {}
        """Block, new text or section -> what cannot be done to the text and is told in words."""
        self.untracked: set[str] = set()
        self.behind: dict[str, str] = {}
        """New or moved text -> the block of the version that stands before it; a section where none does."""
        self.missing: list[str] = []
        self.tables = {serial(table): table for table in story.accepted.body.iter(TBL)}

    def items(self) -> list[Item]:
        """The changes in the order of the version's text."""
        self._words()
        self._headings()
        deleted = self._deleted()
        new = self._new()
        moved = self._moved()
        self._tie_together(new)
        members: dict[str, dict[str, None]] = {}
        changed = {*self.replaced, *self.said, *deleted, *new, *moved}
        for name in [*self.shown.order, *new, *(row for row in self.said if row not in self.shown.blocks)]:
            if name in changed:
                members.setdefault(self._root(name), {})[name] = None
        items = [self._item(list(rows), deleted, set(new), moved) for rows in members.values()]
        return [item for item in [*items, *self._missing()] if item.operations or item.text]

    # --- Words ----------------------------------------------------------------------------------------------

    def _words(self) -> None:
        for block_id in self.story.accepted.sequence:
            block = self.shown.blocks.get(block_id)
            if block is None:
                continue
            if not block.is_text:
                self._structured(block_id)
                continue
            texts = self.after.texts.get(block_id)
            if texts is None:
                continue
            was = self.before.texts.get(block_id, {})
            for unit, html in texts.items():
                if unit == "alt" or (block.kind == FIGURE and unit != "caption"):
                    continue
                self._unit(block_id, unit, html, was.get(unit))

    def _unit(self, block_id: str, unit: str, html: str, was: str | None) -> None:
        block = self.shown.blocks[block_id]
        words, shown = richtext.plain(html), richtext.plain(self.shown.html(block, unit))
        if words == shown or (block.kind == TABLE and not words):
            return
        if was is not None and richtext.plain(was) != shown:
            self.untracked.add(block_id)
        if self.shown.language in block.text.get(unit, {}) and not self.shown.is_borrowed(block, unit):
            self._replace(block_id, unit, html)
        elif words:
            self.said.setdefault(block_id, []).append(gettext("Proposed words: %(words)s") % {"words": words})

    def _replace(self, block_id: str, unit: str, html: str) -> None:
        cell = self.shown.blocks[block_id].kind == TABLE_ROW
        self.replaced.setdefault(block_id, []).append(
            {
                "op": REPLACE_TEXT,
                "block_id": block_id,
                "unit": unit,
                "language": self.shown.language,
                "value": richtext.sanitise(html, cell=cell),
            }
        )

    def _structured(self, block_id: str) -> None:
        """A goal or the like: other words where a row shows one of its texts as it is, else they are told."""
        block = self.shown.blocks[block_id]
        lines = self.shown.lines(block)
        rows, was = self.after.structured.get(block_id), self.before.structured.get(block_id, [])
        if rows is None:
            return
        if len(rows) != len(lines):
            known = {richtext.plain(words) for _label, words in lines}
            for label, words in rows:
                if richtext.plain(words) and richtext.plain(words) not in known:
                    self._say_line(block_id, label, words)
            return
        for place, ((label, words), (_label, shown)) in enumerate(zip(rows, lines, strict=True)):
            if richtext.plain(words) == richtext.plain(shown):
                continue
            if place < len(was) and richtext.plain(was[place][1]) != richtext.plain(shown):
                self.untracked.add(block_id)
            unit = self.shown.unit_of_line(block, shown)
            if unit:
                self._replace(block_id, unit, words)
            else:
                self._say_line(block_id, label, words)

    def _say_line(self, block_id: str, label: str, words: str) -> None:
        told = {"label": richtext.plain(label), "words": richtext.plain(words)}
        self.said.setdefault(block_id, []).append(gettext("%(label)s, proposed: %(words)s") % told)

    def _headings(self) -> None:
        for key, heading in self.after.headings.items():
            shown = richtext.plain(self.shown.sections[key].heading_in(self.shown.language))
            if heading != shown:
                self._say_heading(SECTION + key, heading, self.before.headings.get(key, shown) != shown)
        removed = [row for row in self.story.original.sequence if row.startswith(SECTION) and row not in self.stands]
        for row in removed:
            self.said.setdefault(row, []).append(gettext("The heading is removed in the file."))
        if self.before.title and self.after.title and self.before.title != self.after.title:
            self._say_heading(SECTION, self.after.title, untracked=False)

    def _say_heading(self, owner: str, heading: str, untracked: bool) -> None:
        self.said.setdefault(owner, []).append(gettext("Heading, proposed: %(words)s") % {"words": heading})
        if untracked:
            self.untracked.add(owner)

    # --- Texts that come and go -------------------------------------------------------------------------------

    def _deleted(self) -> set[str]:
        gone = {row for row in self.shown.order if row in self.was and row not in self.stands}
        return {row for row in gone if self.shown.table_of.get(row) not in gone}

    def _new(self) -> list[str]:
        """New texts in order; for each, what stands before it is noted."""
        found: list[str] = []
        before = ""
        for name in self.story.accepted.sequence:
            if name in self.story.new:
                words = self.after.texts.get(name)
                if words is not None and any(richtext.plain(html) for html in words.values()):
                    found.append(name)
                    self.behind[name] = before
                elif name.startswith("t") and (told := self._table_words(name)):
                    self.said[name] = [told]
                    found.append(name)
                    self.behind[name] = before
                if name in self.story.silent:
                    self.untracked.add(name)
            else:
                before = name
        return found

    def _table_words(self, name: str) -> str:
        table = self.tables.get(str(int(name[1:])))
        if table is None:
            return ""
        rows = [
            " | ".join(" ".join(raw_text(paragraph).split()) for paragraph in row.iter(P))
            for row in children(table, TR)
        ]
        words = "\n".join(row for row in rows if row.strip(" |"))[:LONGEST_TABLE]
        return "\n".join([gettext("A new table in the file:"), words]) if words else ""

    def _moved(self) -> set[str]:
        standing = [row for row in self.story.accepted.sequence if row in self.shown.blocks]
        moved = moved_ids(self.shown.order, standing)
        before = [row for row in self.story.original.sequence if row in self.shown.blocks]
        self.untracked |= moved & moved_ids(self.shown.order, before)
        moved = {row for row in moved if self.shown.table_of.get(row) not in moved}
        previous = ""
        for name in self.story.accepted.sequence:
            if name in moved:
                self.behind[name] = previous
            if name in self.shown.blocks or name.startswith(SECTION):
                previous = name
        return moved

    def _missing(self) -> list[Item]:
        """Texts that are not in the file, though it has others of their section. Taken only if somebody says so."""
        there = {self.shown.section_of[row] for row in self.was if row in self.shown.blocks}
        items = []
        for block_id, block in self.shown.blocks.items():
            if block_id in self.was or not self.shown.is_in_file(block):
                continue
            if self.shown.section_of[block_id] not in there or self.shown.table_of.get(block_id, "") not in {
                "",
                *self.was,
            }:
                self.missing.append(block_id)
                continue
            item = self._item([block_id], {block_id}, set(), set())
            item.untracked, item.wanted = True, False
            items.append(item)
        return items

    # --- Together ---------------------------------------------------------------------------------------------

    def _tie_together(self, new: list[str]) -> None:
        """What shares words is changed together or not at all; new texts that follow each other, too."""
        for name, others in [*self.story.new.items(), *self.story.joined.items()]:
            for other in others:
                self._tie(name, other)
        place = {name: index for index, name in enumerate(self.story.accepted.sequence)}
        for one, two in pairwise(new):
            if self.behind[one] == self.behind[two] and place[two] == place[one] + 1:
                self._tie(one, two)

    def _root(self, name: str) -> str:
        while self.group.get(name, name) != name:
            name = self.group[name]
        return name

    def _tie(self, one: str, two: str) -> None:
        first, second = self._root(one), self._root(two)
        if first != second:
            self.group[second] = first

    def _item(self, members: list[str], deleted: set[str], new: set[str], moved: set[str]) -> Item:
        item = Item(CHANGE)
        owner = next((row for row in members if row in self.shown.blocks), "") or members[0]
        item.text = "\n\n".join(words for row in members for words in self.said.get(row, ()))
        item.operations = [
            *(row for name in members for row in self.replaced.get(name, ())),
            *self._inserted([row for row in members if row in new and row not in self.said], item),
            *self._operations_of_moves([row for row in members if row in moved], item),
            *({"op": DELETE, "block_id": row} for row in members if row in deleted),
        ]
        self._place(item, self.behind.get(owner, owner) if owner in new else owner)
        item.untracked = not self.untracked.isdisjoint(members)
        item.authors = sorted({author for row in members for author in self.authors.get(row, ())})
        item.key = key_of_change(item)
        return item

    def _place(self, item: Item, owner: str) -> None:
        if owner in self.shown.blocks:
            item.block_id, item.section_key = owner, self.shown.section_of[owner]
        elif owner.startswith(SECTION):
            item.section_key = owner.removeprefix(SECTION)
        else:
            item.unplaced = True

    def _inserted(self, names: list[str], item: Item) -> list[dict[str, Any]]:
        """New texts, each behind the one before it; at a section's beginning its first text goes behind them."""
        if not names:
            return []
        anchor = self.behind[names[0]]
        first = self._first_of(anchor) if anchor.startswith(SECTION) else ""
        if anchor not in self.shown.blocks and not first:
            words = [richtext.plain(" ".join(self.after.texts[name].values())) for name in names]
            self._tell(item, gettext("New text in the file: %(words)s"), words)
            return []
        result = []
        last = anchor if anchor in self.shown.blocks else first
        for name in names:
            result.append({"op": INSERT_AFTER, "block_id": last, "new": self._block(name)})
            last = name
        if first:
            result.append({"op": MOVE, "block_id": first, "value": last})
        return result

    def _first_of(self, section: str) -> str:
        """The text with which a section begins in the version and in the file; empty where there is none."""
        sequence = self.story.accepted.sequence
        rest = sequence[sequence.index(section) + 1 :] if section in sequence else []
        following = next((row for row in rest if row not in self.story.new), "")
        key = section.removeprefix(SECTION)
        blocks = self.shown.sections[key].blocks if key in self.shown.sections else []
        return following if blocks and blocks[0].id == following else ""

    def _block(self, name: str) -> dict[str, Any]:
        piece = self.after.pieces[name]
        text = {unit: {self.shown.language: html} for unit, html in self.after.texts[name].items()}
        raw: dict[str, Any] = {"id": name, "kind": piece.kind, "text": text}
        return raw | ({"data": piece.incoming.data} if piece.incoming.data else {})

    def _operations_of_moves(self, names: Iterable[str], item: Item) -> list[dict[str, Any]]:
        result = []
        for name in names:
            behind = self.behind[name]
            if behind in self.shown.blocks:
                result.append({"op": MOVE, "block_id": name, "value": behind})
            else:
                block = self.shown.blocks[name]
                words = richtext.plain(" ".join(self.shown.html(block, unit) for unit in block.text))
                self._tell(item, gettext("Moved in the file to the beginning of the section: %(words)s"), [words])
        return result

    def _tell(self, item: Item, sentence: str, words: list[str]) -> None:
        item.text = "\n\n".join([*([item.text] if item.text else []), *(sentence % {"words": row} for row in words)])
