"""A summary as its pages and files tell it in one language: every label in words, nothing left to look up."""

import datetime
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override, pgettext

from documents.models.document import in_language
from documents.rendering import interface_language
from regions.models import Organisation
from reviews.models import Answer, RoundChange, Statement
from reviews.rounds.questions import QuestionKind
from reviews.summary.content import Asking, Group, Part, Piece, Respondent, Said, Summary, Told
from reviews.summary.groups import BODY, CHILDREN, FAMILIES, OTHERS, RESIDENTS

SILENT = "silent"
Count = tuple[str, int]


@dataclass(frozen=True, slots=True)
class AskedRow:
    name: str
    answer: str
    is_silent: bool


@dataclass(frozen=True, slots=True)
class AskedKind:
    """Those of one kind that were asked."""

    label: str
    rows: list[AskedRow]
    count: str


@dataclass(frozen=True, slots=True)
class Column:
    label: str
    respondents: int
    counts: list[int]


@dataclass(frozen=True, slots=True)
class QuestionRow:
    key: str
    text: str
    form: str
    is_text: bool
    answered: str
    note: str
    counts: list[Count]
    columns: list[Column]
    """Options by group; the rows of the table are the options."""
    rows: list[tuple[str, list[int]]]
    texts: list["SaidRow"]


@dataclass(frozen=True, slots=True)
class SaidRow:
    who: str
    language: str
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class RemarkRow:
    id: str
    who: str
    language: str
    place: str
    quote: str
    pieces: list[Piece]
    proposal: list[dict[str, str]]
    outcome: str
    """The name of its badge; empty while it is not answered."""
    outcome_text: str
    reason: str
    reason_language: str
    change: str
    first_version: int | None
    """The first version with the change that it led to."""
    hidden_reason: str


@dataclass(frozen=True, slots=True)
class PartRow:
    key: str
    number: str
    heading: str
    title: str
    remarks: list[RemarkRow]
    """Empty where only the numbers were asked for."""
    total: int
    answered: int

    @property
    def count(self) -> str:
        return ngettext("%(count)d remark", "%(count)d remarks", self.total) % {"count": self.total}


@dataclass(frozen=True, slots=True)
class ChangeRow:
    title: str
    html: str
    remarks: list[str]
    count: str


@dataclass(frozen=True, slots=True)
class RespondentRow:
    who: str
    group: str
    """Which sort of respondent this is."""
    about: list[str]
    received: datetime.date | None
    late: bool
    language: str
    pieces: list[Piece]
    attachments: list[str]
    remarks: list[str]
    hidden_ground: str


@dataclass(frozen=True, slots=True)
class Page:
    """All of it, in words of one language."""

    language: str
    title: str
    document: str
    region: str
    about: list[tuple[str, str]]
    """Label and value: what was commented on, when, the case number."""
    made: datetime.datetime
    intro: str
    happened: list[str]
    asked: list[AskedKind]
    asked_people: str
    ways: list[Count]
    respondents_count: int
    outcomes: list[Count]
    remarks_count: int
    unanswered: int
    questions: list[QuestionRow]
    parts: list[PartRow]
    changes: list[ChangeRow]
    respondents: list[RespondentRow]
    places: dict[str, str]
    """In which part each remark stands, by its id."""
    is_sample: bool

    def part(self, key: str) -> PartRow | None:
        return next((row for row in self.parts if row.key == key), None)


def page_of(
    summary: Summary, language: str, *, remarks_of: Collection[str] | None = None, with_respondents: bool = True
) -> Page:
    """A summary in words of a language. A page that shows some of it asks for the remarks of some parts alone."""
    with override(interface_language(language)):
        return _Words(summary, language).page(remarks_of, with_respondents=with_respondents)


class _Words:
    def __init__(self, summary: Summary, language: str) -> None:
        self.summary = summary
        self.language = language

    def say(self, texts: dict[str, str]) -> str:
        return in_language(texts, self.language)

    def page(self, remarks_of: Collection[str] | None, *, with_respondents: bool) -> Page:
        summary = self.summary
        published = [row for row in summary.remarks if not row.hidden_reason]
        return Page(
            language=self.language,
            title=self.say(summary.title),
            document=self.say(summary.document),
            region=self.say(summary.region),
            about=self._about(),
            made=_moment(summary.made),
            intro=self.say(summary.intro),
            happened=[self._happened(row.kind, row.closes_at, row.reason) for row in summary.happened],
            asked=self._asked(),
            asked_people=self._asked_people(),
            ways=self._ways(),
            respondents_count=len(summary.respondents),
            outcomes=self._outcomes(published),
            remarks_count=len(published),
            unanswered=sum(1 for row in published if not row.outcome),
            questions=[self._question(row) for row in summary.questions if row.answered],
            parts=[self._part(row, with_remarks=remarks_of is None or row.key in remarks_of) for row in summary.parts],
            changes=[
                ChangeRow(
                    _numbered(row.number, self.say(row.heading)),
                    self.say(row.html),
                    row.remarks,
                    _remarks(len(row.remarks)),
                )
                for row in summary.changes
                if self.say(row.html)
            ],
            respondents=[self._respondent(row) for row in summary.respondents] if with_respondents else [],
            places={remark.id: part.key for part in summary.parts for remark in part.remarks},
            is_sample=summary.is_sample,
        )

    def _about(self) -> list[tuple[str, str]]:
        summary = self.summary
        rows = [
            (_("Commented on"), _("%(document)s, version %(number)d") % self._document()),
            (
                pgettext("period of a round", "Time"),
                _("%(opened)s – %(closed)s")
                % {"opened": _day(_moment(summary.opened)), "closed": when(_moment(summary.closed))},
            ),
            (_("Case number"), summary.case_number),
            (_("Contact person"), summary.contact),
        ]
        return [(label, value) for label, value in rows if value]

    def _document(self) -> dict[str, object]:
        return {"document": self.say(self.summary.document), "number": self.summary.version}

    def _happened(self, kind: str, closes_at: str, reason: str) -> str:
        closes = when(_moment(closes_at))
        text = {
            RoundChange.Kind.ANNOUNCED: _("Announced; answers were asked for by %(when)s."),
            RoundChange.Kind.EXTENDED: _("More time was given until %(when)s."),
            RoundChange.Kind.CLOSED: _("Closed early, %(when)s."),
            RoundChange.Kind.REOPENED: _("Opened again until %(when)s."),
        }[RoundChange.Kind(kind)] % {"when": closes}
        return f"{text} {reason}".strip()

    # --- Who --------------------------------------------------------------------------------------------------

    def _asked(self) -> list[AskedKind]:
        kinds = [*Organisation.Kind.values, BODY]
        found = []
        for kind in kinds:
            rows = [
                AskedRow(self.say(row.name), _answer_words(row.answer, late=row.late), row.answer == SILENT)
                for row in self.summary.asked
                if row.kind == kind
            ]
            if rows:
                answered = sum(1 for row in rows if not row.is_silent)
                count = _("%(answered)d of %(asked)d answered") % {"answered": answered, "asked": len(rows)}
                found.append(AskedKind(group_words(kind), sorted(rows, key=lambda row: row.name), count))
        return found

    def _asked_people(self) -> str:
        count = self.summary.asked_people
        if not count:
            return ""
        text = ngettext(
            "One person was also asked by an address.", "%(count)d people were also asked by an address.", count
        )
        return text % {"count": count}

    def _ways(self) -> list[Count]:
        labels = {
            Statement.Kind.OFFICIAL: _("Organisations"),
            Statement.Kind.PERSONAL: _("In their own name"),
            Statement.Kind.ANONYMOUS: _("Without a name"),
            Statement.Form.FAMILY: _("Families, by the short form"),
            Statement.Form.CHILDREN: _("Children"),
        }
        return [(str(label), self.summary.ways[key]) for key, label in labels.items() if self.summary.ways.get(key)]

    def _respondent(self, row: Respondent) -> RespondentRow:
        group = group_words(row.group)
        received = _moment(row.received) if row.received else None
        about = [group]
        if row.stance != Statement.Stance.STATEMENT:
            about.append(str(Statement.Stance(row.stance).label))
        if row.joins:
            about.append(_("Joins the statement of: %(name)s") % {"name": row.joins})
        if row.handled:
            about.append(_("Handled in: %(body)s") % {"body": row.handled})
        if received:
            about.append(_day(received))
        if row.late:
            about.append(_("late"))
        return RespondentRow(
            who=self.say(row.who),
            group=group,
            about=about,
            received=received.date() if received else None,
            late=row.late,
            language=row.language,
            pieces=row.pieces,
            attachments=row.attachments,
            remarks=row.remarks,
            hidden_ground=row.hidden_ground,
        )

    # --- Questions --------------------------------------------------------------------------------------------

    def _question(self, row: Asking) -> QuestionRow:
        options = [self.say(option) for option in row.options]
        note = ""
        if row.is_too_small:
            text = _("Fewer than %(count)d answered, so the numbers are not shown.")
            note = text % {"count": self.summary.smallest_group}
        elif row.options and not row.groups:
            note = _("The groups are too small to be shown apart.")
        return QuestionRow(
            key=row.key,
            text=self.say(row.text),
            form={Statement.Form.FAMILY: _("Families"), Statement.Form.CHILDREN: _("Children")}.get(
                Statement.Form(row.form), ""
            ),
            is_text=row.kind == QuestionKind.TEXT,
            answered=ngettext("One answer", "%(count)d answers", row.answered) % {"count": row.answered},
            note=note,
            counts=list(zip(options, row.counts, strict=False)),
            columns=[_column(group) for group in row.groups],
            rows=[
                (option, [group.counts[place] for group in row.groups])
                for place, option in enumerate(options)
                if row.groups
            ],
            texts=[self._said(said) for said in row.texts],
        )

    def _said(self, row: Said) -> SaidRow:
        return SaidRow(self.say(row.who), row.language, row.pieces)

    # --- Remarks ----------------------------------------------------------------------------------------------

    def _outcomes(self, remarks: Iterable[Told]) -> list[Count]:
        counts = Counter(row.outcome for row in remarks)
        rows = [(str(label), counts[value]) for value, label in Answer.Outcome.choices if counts[value]]
        return [*rows, (_("Not answered yet"), counts[""])] if counts[""] else rows

    def _part(self, part: Part, *, with_remarks: bool) -> PartRow:
        heading = self.say(part.heading) if part.key else _("The whole")
        return PartRow(
            part.key,
            part.number,
            heading,
            _numbered(part.number, heading),
            [self._remark(row) for row in part.remarks] if with_remarks else [],
            total=len(part.remarks),
            answered=sum(1 for row in part.remarks if row.outcome),
        )

    def _remark(self, row: Told) -> RemarkRow:
        reason_language = self.language if row.reason.get(self.language) else next(iter(row.reason), self.language)
        change = ""
        if row.changed and row.first_version:
            change = _("The text was changed; first in version %(number)d.") % {"number": row.first_version}
        elif row.changed:
            change = _("The text was changed.")
        return RemarkRow(
            id=row.id,
            who=self.say(row.who),
            language=row.language,
            place=self.say(row.place),
            quote=row.quote,
            pieces=row.pieces,
            proposal=row.proposal,
            outcome=row.outcome,
            outcome_text=str(Answer.Outcome(row.outcome).label) if row.outcome else _("Not answered yet"),
            reason=row.reason.get(reason_language, ""),
            reason_language=reason_language,
            change=change,
            first_version=row.first_version if row.changed else None,
            hidden_reason=row.hidden_reason,
        )


def group_words(name: str) -> str:
    """A sort of respondents in words."""
    own = {
        BODY: _("Groups and bodies"),
        RESIDENTS: _("Residents and staff"),
        FAMILIES: _("Families"),
        CHILDREN: _("Children"),
        OTHERS: pgettext("groups of respondents", "Others together"),
    }
    return own[name] if name in own else str(Organisation.Kind(name).label)


def _answer_words(answer: str, *, late: bool) -> str:
    if answer == SILENT:
        return _("Did not answer")
    words = {
        Statement.Stance.STATEMENT: _("Gave a statement"),
        Statement.Stance.SUPPORTS: _("Supports without remarks"),
        Statement.Stance.NOTHING: _("Nothing to state"),
        Statement.Stance.JOINS: _("Joined the statement of another"),
    }[Statement.Stance(answer)]
    return _("%(answer)s (late)") % {"answer": words} if late else words


def _column(group: Group) -> Column:
    return Column(group_words(group.name), group.respondents, group.counts)


def _remarks(count: int) -> str:
    return ngettext("From %(count)d remark", "From %(count)d remarks", count) % {"count": count}


def _numbered(number: str, heading: str) -> str:
    return f"{number} {heading}".strip()


def _moment(text: str) -> datetime.datetime:
    return timezone.localtime(datetime.datetime.fromisoformat(text))


def _day(moment: datetime.datetime) -> str:
    return formats.date_format(moment, "SHORT_DATE_FORMAT")


def when(moment: datetime.datetime) -> str:
    return formats.date_format(moment, "SHORT_DATETIME_FORMAT")
