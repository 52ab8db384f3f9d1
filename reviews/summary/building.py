"""Reading a round into its summary: a constant number of queries, whatever was said.

What is hidden or left out is left out here, so that no page or file can forget it.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from documents import frozen
from documents.blocks import Block
from documents.difference import mark_words
from documents.frozen import Frozen
from documents.models import Version
from documents.models.document import in_language
from documents.rendering import interface_language
from documents.services.versions import labels
from reviews.deciding.proposals import first_words, proposals_of
from reviews.deciding.standing import Text
from reviews.facts import handled_in_words
from reviews.models import Answer, CommentRound, Remark, Statement
from reviews.rounds.questions import Question, QuestionKind
from reviews.rounds.short_forms import questions_of_form
from reviews.summary import redaction
from reviews.summary.content import (
    Asked,
    Asking,
    Changed,
    Group,
    Happened,
    Part,
    Piece,
    Respondent,
    Said,
    Summary,
    Texts,
    Told,
)
from reviews.summary.groups import BODY, group_of, told_together
from reviews.summary.redaction import ANSWERS, TEXT, passages_of

SILENT = "silent"

RESIDENT = gettext_noop("A resident")
NAMELESS = {
    Statement.Form.FAMILY: gettext_noop("A family"),
    Statement.Form.CHILDREN: gettext_noop("A child"),
}
"""What somebody is called who gave no name, or did not let it be published."""


def called(words: str, languages: Iterable[str]) -> Texts:
    """Some words of ours in several languages."""
    texts = {}
    for language in languages:
        with override(interface_language(language)):
            texts[language] = _(words)
    return texts


def build(
    comment_round: CommentRound, *, intro: Texts | None = None, proposals_of: Collection[str] | None = None
) -> Summary:
    """The summary of a round as it stands now, without what is not published.

    For a page that shows some of it, only remarks of the parts in `proposals_of` tell what they propose.
    """
    return _Builder(comment_round).summary(intro or {}, proposals_of)


_TOLD = (
    *("public_id", "statement", "version", "language", "section_key", "block_id", "order", "quote", "text"),
    *("operations", "redactions", "hidden_at", "hidden_reason"),
)
"""What is read of a remark."""


@dataclass(frozen=True, slots=True)
class _Answered:
    """What came of one remark."""

    answer: Answer
    changed: bool


class _Builder:
    def __init__(self, comment_round: CommentRound) -> None:
        self.round = comment_round
        self.document = comment_round.version.document
        self.languages: list[str] = list(self.document.languages)
        # Rounds are found without the text of their version.
        self.version = Version.objects.select_related("document__region").get(pk=comment_round.version_id)
        self.text: Frozen = frozen.read(self.version)
        self.blocks: dict[str, Block] = {block.id: block for block in self.text.blocks()}
        self.statements = list(
            comment_round.statements.received()
            .select_related("organisation", "invitation__body", "user")
            .prefetch_related("attachments")
            .order_by("received_at", "pk")
        )
        for statement in self.statements:
            statement.round = comment_round
        self.by_pk = {row.pk: row for row in self.statements}
        # Thousands of rows: only what is told of them is read, and what many of them share is put into words once.
        rows = Remark.objects.received().filter(statement__round=comment_round).only(*_TOLD).order_by("order", "pk")
        self._names: dict[int, Texts] = {}
        self._places: dict[str, Texts] = {}
        self.remarks = [row for row in rows if row.statement_id in self.by_pk]
        for remark in self.remarks:
            remark.statement = self._statement(remark)
        self.shown_by: dict[int, list[str]] = defaultdict(list)
        for remark in self.remarks:
            if remark.hidden_at is None:
                self.shown_by[remark.statement_id or 0].append(remark.public_id)
        self.answers = self._answers()

    def _answers(self) -> dict[int, _Answered]:
        links = Answer.remarks.through._default_manager.filter(
            remark__statement__round=self.round, answer__withdrawn_at=None
        ).values_list("remark", "answer")
        rows = Answer.objects.in_force().filter(remarks__statement__round=self.round).distinct()
        known = {row.pk: row for row in rows.select_related("first_version").defer("first_version__content")}
        return {
            remark: _Answered(known[answer], known[answer].revision_id is not None)
            for remark, answer in links
            if answer in known
        }

    def summary(self, intro: Texts, shown_parts: Collection[str] | None) -> Summary:
        statements = [row for row in self.statements if row.visibility == Statement.Visibility.PUBLIC]
        told = self._told(shown_parts)
        return Summary(
            round=self.round.public_id,
            title=dict(self.round.title),
            document=dict(self.text.document["title"]),
            version=self.version.number,
            region=labels(self.document.region, "name"),
            languages=self.languages,
            case_number=self.round.case_number,
            contact=self.round.contact,
            opened=self.round.opens_at.isoformat(),
            closed=self.round.closes_at.isoformat(),
            made=timezone.now().isoformat(),
            smallest_group=self.round.smallest_group,
            is_sample=self.document.is_sample,
            asked=self._asked(),
            asked_people=self._asked_people(),
            happened=[
                Happened(row.kind, row.at.isoformat(), row.closes_at.isoformat(), row.reason)
                for row in self.round.changes.order_by("pk")
            ],
            ways=self._ways(),
            outcomes=dict(Counter(remark.outcome for remark in told.values() if not remark.hidden_reason)),
            questions=self._questions(statements),
            parts=self._parts(told),
            changes=self._changes(),
            respondents=[self._respondent(row) for row in self.statements],
            intro=intro,
        )

    # --- Who --------------------------------------------------------------------------------------------------

    def _invitations(self) -> list[Any]:
        return list(self.round.invitations.in_force().select_related("organisation", "body").order_by("pk"))

    def _asked(self) -> list[Asked]:
        answered = {row.invitation_id: row for row in self.statements if row.invitation_id}
        # Who was asked may have answered by another way than the invitation's link.
        by_organisation = {row.organisation_id: row for row in self.statements if row.organisation_id}
        rows = []
        for invitation in self._invitations():
            one = invitation.organisation or invitation.body
            if one is None:
                continue
            statement = answered.get(invitation.pk)
            if statement is None and invitation.organisation_id:
                statement = by_organisation.get(invitation.organisation_id)
            kind = invitation.organisation.kind if invitation.organisation else BODY
            answer = statement.stance if statement else SILENT
            rows.append(Asked(self._name(one), kind, answer, late=bool(statement and statement.late)))
        return sorted(rows, key=lambda row: (row.kind, in_language(row.name)))

    def _asked_people(self) -> int:
        return self.round.invitations.in_force().filter(organisation=None, body=None).count()

    def _name(self, one: Any) -> Texts:
        """The name of an organisation or a body in each language that it has."""
        return labels(one, "name") or {self.languages[0]: str(one)}

    def _who(self, statement: Statement) -> Texts:
        """By which name a respondent is published: people only with their consent."""
        if statement.pk not in self._names:
            self._names[statement.pk] = self._name_told(statement)
        return self._names[statement.pk]

    def _name_told(self, statement: Statement) -> Texts:
        if statement.organisation:
            return self._name(statement.organisation)
        if statement.invitation and statement.invitation.body:
            return self._name(statement.invitation.body)
        if statement.kind == Statement.Kind.OFFICIAL and statement.organisation_name:
            return {self.languages[0]: statement.organisation_name}
        if statement.shows_name and statement.signed_by and not statement.people_removed_at:
            return {self.languages[0]: statement.signed_by}
        return called(NAMELESS.get(Statement.Form(statement.form), RESIDENT), self.languages)

    def _ways(self) -> dict[str, int]:
        """By which way they answered. Short forms are told by their name."""
        return dict(Counter(row.kind if row.form == Statement.Form.FULL else str(row.form) for row in self.statements))

    def _respondent(self, statement: Statement) -> Respondent:
        hidden = statement.visibility == Statement.Visibility.HIDDEN
        return Respondent(
            who=self._who(statement),
            kind=statement.kind,
            group=group_of(statement),
            stance=statement.stance,
            joins=statement.joins,
            language=statement.language,
            received=statement.received_at.isoformat() if statement.received_at else "",
            late=statement.late,
            handled=""
            if hidden
            else ", ".join(part for part in (handled_in_words(statement), statement.case_number) if part),
            pieces=[] if hidden else _pieces(statement.text, statement.redactions, TEXT),
            attachments=self._attachments(statement),
            remarks=[] if hidden else self.shown_by[statement.pk],
            hidden_ground=statement.hidden_ground if hidden else "",
        )

    def _attachments(self, statement: Statement) -> list[str]:
        """Names of files; those of a person who is not named would often name her."""
        is_hidden = statement.visibility == Statement.Visibility.HIDDEN
        if is_hidden or (statement.kind != Statement.Kind.OFFICIAL and not statement.shows_name):
            return []
        return [row.name for row in statement.attachments.all()]

    # --- Questions --------------------------------------------------------------------------------------------

    def _questions(self, statements: Sequence[Statement]) -> list[Asking]:
        rows = []
        for form in Statement.Form.values:
            own = [row for row in statements if row.form == form]
            if form == Statement.Form.FULL or own:
                rows += [self._asking(question, form, own) for question in questions_of_form(self.round, form)]
        return rows

    def _asking(self, question: Question, form: str, statements: Sequence[Statement]) -> Asking:
        answered = [row for row in statements if row.answers.get(question.key)]
        if question.kind == QuestionKind.TEXT:
            texts = [
                Said(self._who(row), row.language, _pieces(row.answers[question.key], row.redactions, question.key))
                for row in answered
            ]
            return Asking(question.key, question.kind, form, dict(question.text), answered=len(answered), texts=texts)
        keys = [option.key for option in question.options]
        by_group: dict[str, list[Statement]] = defaultdict(list)
        for row in answered:
            by_group[group_of(row)].append(row)
        smallest = self.round.smallest_group
        groups = [Group(name, len(rows), _counts(rows, question.key, keys)) for name, rows in by_group.items()]
        is_too_small = len(answered) < smallest
        return Asking(
            question.key,
            question.kind,
            form,
            dict(question.text),
            options=[dict(option.text) for option in question.options],
            answered=len(answered),
            counts=[] if is_too_small else _counts(answered, question.key, keys),
            groups=[] if is_too_small else told_together(groups, smallest),
            is_too_small=is_too_small,
        )

    # --- Remarks ----------------------------------------------------------------------------------------------

    def _told(self, shown_parts: Collection[str] | None) -> dict[int, Told]:
        """Every remark as it is published, by primary key. Those of statements that are not published are left out."""
        shown = [row for row in self.remarks if self._statement(row).visibility == Statement.Visibility.PUBLIC]
        visible = [row for row in shown if row.hidden_at is None]
        proposing = [row for row in visible if shown_parts is None or row.section_key in shown_parts]
        proposals = {}
        for language in {row.language for row in proposing if row.operations}:
            with override(interface_language(language)):
                proposals.update(proposals_of(row for row in proposing if row.language == language))
        return {row.pk: self._one(row, proposals.get(row.pk)) for row in shown}

    def _one(self, remark: Remark, proposal: Any) -> Told:
        statement = self._statement(remark)
        answered = self.answers.get(remark.pk)
        hidden = remark.hidden_at is not None
        block = self.blocks.get(remark.block_id)
        first = answered.answer.first_version if answered else None
        return Told(
            id=remark.public_id,
            who=self._who(statement),
            language=remark.language,
            section=remark.section_key,
            place=self._place(block) if block else {},
            quote="" if hidden else remark.quote,
            pieces=[] if hidden else _pieces(remark.text, remark.redactions, TEXT),
            proposal=[]
            # What a proposal says cannot be blacked out in parts.
            if hidden or remark.redactions or proposal is None
            else [{"title": row.title, "label": str(row.label), "html": str(row.html)} for row in proposal.changes],
            outcome=answered.answer.outcome if answered else "",
            reason=dict(answered.answer.reason) if answered else {},
            changed=bool(answered and answered.changed),
            first_version=first.number if first else None,
            hidden_reason=remark.hidden_reason if hidden else "",
        )

    def _place(self, block: Block) -> Texts:
        if block.id not in self._places:
            words = {code: first_words(block, code, self.text.resolved) for code in self.languages}
            self._places[block.id] = words
        return self._places[block.id]

    def _statement(self, remark: Remark) -> Statement:
        return self.by_pk[remark.statement_id or 0]

    def _parts(self, told: Mapping[int, Told]) -> list[Part]:
        by_section: dict[str, list[Told]] = defaultdict(list)
        for row in told.values():
            by_section[row.section].append(row)
        parts = [Part("", "", {}, by_section[""])] if by_section.get("") else []
        parts += [
            Part(section.key, section.number, dict(section.heading), by_section[section.key])
            for section in self.text.sections
            if by_section.get(section.key)
        ]
        return parts

    def _changes(self) -> list[Changed]:
        """Places that were changed because of remarks, as they stand in the draft now."""
        causes: dict[str, list[str]] = defaultdict(list)
        for remark in self.remarks:
            answered = self.answers.get(remark.pk)
            is_public = self._statement(remark).visibility == Statement.Visibility.PUBLIC
            if answered and answered.changed and remark.block_id and not remark.hidden_at and is_public:
                causes[remark.block_id].append(remark.public_id)
        if not causes:
            return []
        now = Text.of_draft(self.document).blocks
        rows = []
        for section in self.text.sections:
            for block in section.blocks:
                if block.id in causes:
                    after = now[block.id][1] if block.id in now else None
                    html = {code: _difference(block, after, code) for code in self.languages}
                    if any(html.values()):
                        rows.append(Changed(section.key, section.number, dict(section.heading), html, causes[block.id]))
        return rows


def _difference(was: Block, now: Block | None, language: str) -> str:
    """All texts of a block in a language, with what went and what came marked."""
    parts = []
    for unit in was.text if now is None else {**was.text, **now.text}:
        old = was.get(unit, language) if unit in was.text else ""
        new = now.get(unit, language) if now and unit in now.text else ""
        if old != new:
            parts.append(str(mark_words(old, new)))
    return "<br>".join(parts)


def _pieces(text: str, redactions: Sequence[Mapping[str, Any]], field: str) -> list[Piece]:
    if not redactions:
        return [Piece(text)] if text else []
    name = field if field == TEXT else f"{ANSWERS}{field}"
    return [Piece(row.text, row.is_blacked_out) for row in redaction.pieces(text, passages_of(redactions, name))]


def _counts(statements: Iterable[Statement], key: str, options: Sequence[str]) -> list[int]:
    counts = dict.fromkeys(options, 0)
    for row in statements:
        chosen = row.answers[key]
        for option in chosen if isinstance(chosen, list) else [chosen]:
            if option in counts:
                counts[option] += 1
    return list(counts.values())
