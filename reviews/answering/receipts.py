"""All that a statement says, in the order in which people read it: before sending, in the receipt, on paper."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from documents import frozen
from documents.frozen import Frozen
from documents.models import Version
from reviews.answering.places import Places
from reviews.deciding.proposals import lines_of
from reviews.models import CommentRound, Statement
from reviews.rounds.questions import Question, answer_in_words
from reviews.rounds.short_forms import questions_of_form


@dataclass(frozen=True)
class Line:
    """One thing that was said: at which place or to which question, and the words."""

    label: str
    text: str
    quote: str = ""
    proposal: str = ""
    """The words that should stand there instead, or what else should change, a line each."""


@dataclass(frozen=True)
class Said:
    """A statement's contents in one language of the interface; the respondent's own words stand as they are."""

    facts: list[tuple[str, str]]
    answers: list[Line] = field(default_factory=list)
    text: str = ""
    remarks: list[Line] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.answers or self.text or self.remarks or self.files)


def said(comment_round: CommentRound, content: Mapping[str, Any], language: str) -> Said:
    """What `services.statements.content_of` gave, for people, in the active language.

    Reads the version's text only where there are remarks.
    """
    questions = questions_of_form(comment_round, content.get("form", Statement.Form.FULL))
    remarks = content["remarks"]
    text = frozen.read(comment_round.version) if remarks else None
    places = _places(comment_round.version, text, language) if text else {}
    return Said(
        facts=list(_facts(content)),
        answers=list(_answers(questions, content["answers"], language)),
        text=content["text"],
        remarks=[_remark(row, places, text, language) for row in remarks if text],
        files=[f"{row['name']} ({filesizeformat(row['size'])})" for row in content["attachments"]],
    )


def plain_text(said: Said) -> str:
    """The same as lines of text."""
    lines = [f"{label}: {text}" for label, text in said.facts]
    if said.answers:
        lines += ["", _("Answers to the questions").upper()]
        for row in said.answers:
            lines += ["", row.label, row.text]
    if said.text:
        lines += ["", _("The answer as a whole").upper(), "", said.text]
    if said.remarks:
        lines += ["", _("Remarks on the text").upper()]
        for row in said.remarks:
            lines += ["", row.label]
            lines += [f"”{row.quote}”"] if row.quote else []
            lines += [row.text] if row.text else []
            lines += [f"{pgettext('of a respondent', 'Proposal')}: {row.proposal}"] if row.proposal else []
    if said.files:
        lines += ["", _("Attachments").upper(), "", *said.files]
    return "\n".join(lines).strip() + "\n"


def _facts(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if content["kind"] == Statement.Kind.ANONYMOUS:
        yield _("Name"), _("Without a name")
    elif content["organisation"]:
        yield _("Organisation"), content["organisation"]
    named = [
        (_("Signed by") if content["organisation"] else _("Name"), content["signed_by"]),
        (_("Answer"), _stance(content)),
        (_("Handled in"), content["handled_in"]),
        (_("Date of the meeting"), _day(content["handled_on"])),
        (_("Section (§)"), content["item_no"]),
        (_("Your case number"), content["case_number"]),
        (_("Operational area"), content["area"] or ""),
        (_("Municipality"), content["municipality"]),
    ]
    yield from ((label, text) for label, text in named if text)


def _stance(content: Mapping[str, Any]) -> str:
    if content["stance"] == Statement.Stance.JOINS:
        return _("We join the statement of %(name)s") % {"name": content["joins"] or "–"}
    return {
        Statement.Stance.SUPPORTS: _("We support this without remarks"),
        Statement.Stance.NOTHING: _("Nothing to state"),
    }.get(content["stance"], "")


def _day(text: str) -> str:
    return formats.date_format(datetime.date.fromisoformat(text), "SHORT_DATE_FORMAT") if text else ""


def _answers(questions: Sequence[Question], answers: Mapping[str, Any], language: str) -> Iterator[Line]:
    for question in questions:
        answer = answers.get(question.key)
        if not answer:
            continue
        yield Line(question.text_in(language), answer_in_words(question, answer, language, between="\n"))


def _remark(row: Mapping[str, Any], places: Mapping[str, str], text: Frozen, language: str) -> Line:
    key = row["block"] or row["section"]
    label = places.get(key) or (_("The whole text") if not key else _("A place in the text"))
    return Line(
        label, row["text"], row["quote"], "\n".join(lines_of(row["operations"], text, row.get("language") or language))
    )


def _places(version: Version, text: Frozen, language: str) -> dict[str, str]:
    """Names of the places of a version, by the keys of its sections and blocks, as they stand beside the text."""
    return {
        place.block_id or place.section_key: place.label(language) for place in Places(version, text) if place.section
    }
