"""Where the rows of a file go: which goal a number or its words mean, and which section a name."""

import re

from documents.models import Section
from plans.blocks import GOAL
from plans.spreadsheets.columns import folded
from plans.spreadsheets.draft import Draft


class Goals:
    """The goals that rows may name: those of the file by the numbers that it gives them, then those of the plan."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self._numbers: dict[str, str] = {}
        self._titles: dict[str, str] = {}
        self._told: dict[str, str] = {}
        self._standing_numbers = {draft.numbers[block.id]: block.id for block in draft.of_kind(GOAL)}
        self._standing_titles: dict[str, str] = {}
        for block in draft.of_kind(GOAL):
            self._standing_titles.setdefault(folded(draft.title(block)), block.id)
            self._told[block.id] = f"{draft.numbers.get(block.id, '')} {draft.title(block)}".strip()

    def name(self, number: str, title: str, goal: str) -> None:
        """A goal of the file."""
        if number:
            self._numbers.setdefault(number.rstrip("."), goal)
        if title:
            self._titles.setdefault(folded(title), goal)
        self._told.setdefault(goal, title)

    def numbered(self, number: str) -> str:
        if not number:
            return ""
        return self._numbers.get(number) or self._standing_numbers.get(number, "")

    def titled(self, title: str, was: str) -> str:
        """The goal with these words; where several have them, the one under which the row stood."""
        name = folded(title)
        if not name:
            return ""
        if was and folded(self.draft.title(self.draft.blocks.get(was))) == name:
            return was
        return self._titles.get(name) or self._standing_titles.get(name, "")

    def told(self, goal: str) -> str:
        return self._told.get(goal, "")

    def usual_section(self) -> Section | None:
        """Where goals stand when nothing is said: the section of the last one."""
        goals = self.draft.of_kind(GOAL)
        return self.draft.home[goals[-1].id] if goals else None


def section_of(draft: Draft, name: str) -> Section | None:
    """The section with this number and heading, heading, number or key, in any language."""
    wanted = folded(name)
    heads = [wanted, folded(re.sub(r"^[\d.]+\s+", "", name))]
    for head in heads:
        for section in draft.sections:
            own = draft.section_names[section.pk]
            number = own.partition(" ")[0] if own[:1].isdigit() else ""
            headings = {folded(text) for text in section.heading.values()}
            names = {folded(own), folded(str(section)), section.key, *headings}
            if head and head in {*names, *({number} if number else set())}:
                return section
    return None
