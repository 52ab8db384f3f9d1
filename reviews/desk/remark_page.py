"""What the page of one remark shows: who said it, the text then and now, what was answered, what else was said."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from documents import frozen, richtext
from documents.blocks import Block
from documents.comparing import section_changes
from documents.html import render
from documents.models import Document
from documents.phrases import phrases_of, shown
from documents.rendering import reading, resolve
from documents.views.finding import address
from reviews.answering.quoting import mark_quote
from reviews.deciding.proposals import Proposal, proposal_of
from reviews.deciding.standing import CHANGED, Standing, standings
from reviews.desk.listing import SectionName, remarks_of
from reviews.desk.respondents import respondent_name
from reviews.models import Answer, Remark
from reviews.models.groups import RemarkGroup
from reviews.services.answers import language_of

MOST_PHRASES = 40
MOST_OTHERS = 10


@dataclass(frozen=True)
class TextThen:
    """The place as it stood in the version that was commented on."""

    heading: str = ""
    """Of the section, with its number."""
    html: SafeString = field(default_factory=SafeString)
    is_section: bool = False
    """The remark is about all of the section: its text is long, and folded."""


@dataclass(frozen=True)
class Other:
    """Another remark, in one line."""

    remark: Remark
    name: str
    outcome: str


@dataclass(frozen=True)
class ReadyText:
    """One of the region's texts that are used again, as plain words by language."""

    name: str
    texts: dict[str, str]


@dataclass(frozen=True)
class RemarkPage:
    """One remark with all that stands on its page."""

    remark: Remark
    document: Document
    language: str
    """In which the text is shown: the respondent's, where the document has it."""
    name: str
    standing: Standing
    then: TextThen
    now: SafeString
    """The place in today's draft, with what has changed since marked; empty where it is as it was, or gone."""
    place: str
    """Where it stands today, by number and heading."""
    draft_url: str
    proposal: Proposal
    answer: Answer | None
    undone: list[Answer]
    same_place: list[Other]
    similar: list[Other]
    group: RemarkGroup | None
    phrases: list[ReadyText]

    @property
    def shared_with(self) -> int:
        """How many other remarks have the same answer."""
        return len(self.answer.remarks.all()) - 1 if self.answer else 0


def remark_page(document: Document, remark: Remark, sections: dict[str, SectionName]) -> RemarkPage:
    """All that the page of a remark shows, in a number of queries that does not depend on how much there is."""
    language = language_of(remark, document)
    standing = standings(document, [remark])[remark.pk]
    version = frozen.read(remark.version)
    answers = list(
        remark.answers.select_related("answered_by", "revision__section", "meeting").prefetch_related("remarks")
    )
    standing_answer = next((row for row in answers if row.withdrawn_at is None), None)
    group = RemarkGroup.objects.filter(members__remark=remark).first()
    section = sections.get(standing.section_key)
    return RemarkPage(
        remark=remark,
        document=document,
        language=language,
        name=respondent_name(remark),
        standing=standing,
        then=_text_then(document, remark, version, language),
        now=_text_now(document, standing, language),
        place=str(section) if section else "",
        draft_url=draft_url(document, standing),
        proposal=proposal_of(remark, version),
        answer=standing_answer,
        undone=[row for row in reversed(answers) if row.withdrawn_at is not None],
        same_place=_same_place(document, remark),
        similar=_others(group.remarks.exclude(pk=remark.pk)) if group else [],
        group=group,
        phrases=ready_texts(document),
    )


def draft_url(document: Document, standing: Standing) -> str:
    """The place in the editor of the draft; nothing for what is about the whole or stands nowhere."""
    if not standing.section_key or standing.is_gone:
        return ""
    url = address(document, "section-detail", standing.section_key)
    return f"{url}#b-{standing.block.id}" if standing.block else url


def _text_then(document: Document, remark: Remark, version: frozen.Frozen, language: str) -> TextThen:
    section = next((row for row in version.sections if row.key == remark.section_key), None)
    if section is None:
        return TextThen()
    heading = f"{section.number} {section.heading_in(language)}".strip()
    how = reading(document, language, resolved=version.resolved, heading_level=5, anchors=False)
    block = next((row for row in section.blocks if row.id == remark.block_id), None)
    if block is None:
        return TextThen(heading, render(section.blocks, how) if not remark.block_id else SafeString(), is_section=True)
    return TextThen(heading, mark_quote(render([block], how), remark.quote, near=remark.starts_at or 0))


def _text_now(document: Document, standing: Standing, language: str) -> SafeString:
    block = standing.block
    if block is None or not (standing.state == CHANGED or standing.also_changed):
        return SafeString()
    if standing.was is not None and not standing.by_hand:
        changes = section_changes([_named(standing.was, block)], [block], language)
        lines = [
            f"<p>{f'<strong>{unit.label}:</strong> ' if unit.label else ''}{unit.html}</p>"
            for change in changes
            for unit in change.units
            if unit.changed or not unit.label
        ]
        if lines:
            return mark_safe("".join(lines))  # noqa: S308 labels of our own and marked words, which are sanitised
    return render([block], reading(document, language, resolved=resolve([block]), heading_level=5, anchors=False))


def _named(was: Block, now: Block) -> Block:
    """The block as it was, by the id that it has today: split and joined blocks are compared with what they became."""
    return Block(now.id, was.kind, was.text, was.data, was.shown)


def _same_place(document: Document, remark: Remark) -> list[Other]:
    if not remark.section_key and not remark.block_id:
        return []
    rows = remarks_of(document).exclude(pk=remark.pk)
    rows = (
        rows.filter(block_id=remark.block_id)
        if remark.block_id
        else rows.filter(block_id="", section_key=remark.section_key)
    )
    return _others(rows)


def _others(rows: Any) -> list[Other]:
    found = (
        rows.received()
        .select_related("statement__organisation", "statement__user", "author")
        .prefetch_related("answers")
        .order_by("order", "pk")[:MOST_OTHERS]
    )
    return [Other(row, respondent_name(row), outcome_of(row.answers.all())) for row in found]


def outcome_of(answers: Iterable[Answer]) -> str:
    """The words of the outcome that counts; empty while there is none."""
    return next((str(row.get_outcome_display()) for row in answers if row.withdrawn_at is None), "")


def ready_texts(document: Document) -> list[ReadyText]:
    """The region's texts that are used again, as they would stand in a reason: one query."""
    rows = [shown(row, document.languages) for row in phrases_of(document.region)[:MOST_PHRASES]]
    texts = [
        ReadyText(
            row.phrase.name,
            {code: richtext.plain(row.texts[code]) for code in document.languages if row.texts.get(code)},
        )
        for row in rows
    ]
    return [row for row in texts if row.texts]
