"""What a returned file holds, as a coordinator looks it through before anything is saved."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents import frozen
from documents.frozen import Frozen
from reviews.deciding.proposals import Proposal, first_words, proposal_of
from reviews.models import Remark, WordReturn
from reviews.services.word_returns import Known, items_of
from reviews.word.items import Item


@dataclass(frozen=True)
class Row:
    """One comment or change with its place."""

    index: int
    item: Item
    place: str
    """The first words of its block; empty for a section or the whole."""
    proposal: Proposal
    is_known: bool
    """Taken from an earlier file of the same respondent."""
    is_chosen: bool

    @property
    def authors(self) -> str:
        return ", ".join(self.item.authors)


@dataclass
class Group:
    """What belongs to one section."""

    key: str
    heading: str
    rows: list[Row] = field(default_factory=list)


def groups_of(word_return: WordReturn, chosen: Collection[int] | None = None) -> list[Group]:
    """All of the file by section, what waits for a place last. `chosen` are those that a form came back with."""
    text = frozen.read(word_return.round.version)
    known = Known.of(word_return.statement)
    blocks = {block.id: block for block in text.blocks()}
    groups: dict[str, Group] = {}
    waiting = Group("unplaced", _("Without a place"))
    for index, item in enumerate(items_of(word_return)):
        is_known = known.has(item) and word_return.taken_at is None
        wanted = item.wanted if chosen is None else index in chosen
        row = Row(
            index=index,
            item=item,
            place=first_words(blocks.get(item.block_id), word_return.language, text.resolved),
            proposal=_proposal(item, word_return, text),
            is_known=is_known,
            is_chosen=wanted and not is_known,
        )
        if item.unplaced:
            waiting.rows.append(row)
        else:
            groups.setdefault(item.section_key, Group(item.section_key, _heading(item, text, word_return.language)))
            groups[item.section_key].rows.append(row)
    return [*groups.values(), *([waiting] if waiting.rows else [])]


def _heading(item: Item, text: Frozen, language: str) -> str:
    section = next((row for row in text.sections if row.key == item.section_key), None)
    if section is None:
        return _("The whole text")
    return f"{section.number} {section.heading_in(language)}".strip()


def _proposal(item: Item, word_return: WordReturn, text: Frozen) -> Proposal:
    remark = Remark(operations=item.operations, language=word_return.language)
    return proposal_of(remark, text)


def summary_of(word_return: WordReturn) -> list[str]:
    """The counts in sentences, such that they add up."""
    counts = word_return.counts
    comments = ngettext("%(count)d comment", "%(count)d comments", counts["comments"]) % {"count": counts["comments"]}
    changes = ngettext("%(count)d change", "%(count)d changes", counts["changes"]) % {"count": counts["changes"]}
    placed = ngettext("%(count)d found its place", "%(count)d found their places", counts["placed"])
    waiting = ngettext("%(count)d waits for a place", "%(count)d wait for a place", counts["unplaced"])
    sentences = [
        _("The file has %(comments)s and %(changes)s: %(placed)s, %(waiting)s.")
        % {
            "comments": comments,
            "changes": changes,
            "placed": placed % {"count": counts["placed"]},
            "waiting": waiting % {"count": counts["unplaced"]},
        }
    ]
    for name, sentence in (
        ("looks", _("Changes of looks alone (bold, spacing) that were left out: %(count)d.")),
        ("pictures", _("New pictures that were not taken: %(count)d.")),
        ("missing", _("Places of the version that are not in the file, with all that stands around them: %(count)d.")),
        ("cut", _("Too long to be taken whole: %(count)d. The file keeps all of it.")),
        ("left", _("Beyond what one statement can have, or without words: %(count)d. They are only in the file.")),
    ):
        if counts.get(name):
            sentences.append(sentence % {"count": counts[name]})
    return sentences


def chosen_of(values: Sequence[str]) -> set[int]:
    """The rows that a form sent."""
    return {int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 7}
