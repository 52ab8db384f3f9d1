"""The sample's comment rounds: what respondents said and what came of it, through the services that the browser uses.

The services take the time of the clock, so a round is opened, answered and closed here within a moment, and its times
are then moved back to when the file says. Nothing is mailed: invitations get their addresses last.
"""

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from documents import frozen
from documents.blocks import Block
from documents.models import Document, Version
from documents.operations import DELETE, Operation
from documents.services.versions import accept_operations, freeze
from familycentre.sampling.people import SampleRegion
from regions.models import Municipality
from reviews.models import Answer, CommentRound, Invitation, Receipt, Remark, RoundChange, Statement
from reviews.rounds.questions import Option, Question, QuestionKind
from reviews.services import accepting, answers
from reviews.services.entering import enter, pick
from reviews.services.remarks import say
from reviews.services.rounds import announce, make_round
from reviews.services.statements import begin, hand_in, save_fields

LANGUAGE = "fi"
CLOSING_HOUR = 16
FAMILY = {"hyvaa": "family-good", "parempaa": "family-missing", "toive": "family-wish"}
CHILDREN = {"kivaa": "child-good", "toive": "child-change"}
"""The sample's short words for the questions of the short forms, and their keys."""


def as_first_drafted(data: Mapping[str, Any], rounds: Mapping[str, Any]) -> dict[str, Any]:
    """The handbook's file as it stood before the first round: earlier words, and what was taken out later."""
    earlier: dict[str, list[tuple[str, str]]] = {}
    for row in rounds["first_draft"]:
        earlier.setdefault(row["in"], []).append((row["now"], row["then"]))
    more: dict[str, str] = {}
    for row in rounds["taken_out"]:
        more[row["in"]] = more.get(row["in"], "") + f"<p>{row['text']}</p>"

    def drafted(section: Mapping[str, Any]) -> dict[str, Any]:
        texts = dict(section.get("text", {}))
        for now, then in earlier.get(section["key"], []):
            if now not in texts[LANGUAGE]:
                raise ValueError(f"{section['key']} does not say {now!r}.")
            texts[LANGUAGE] = texts[LANGUAGE].replace(now, then)
        if section["key"] in more:
            texts[LANGUAGE] = texts.get(LANGUAGE, "") + more[section["key"]]
        return {**section, "text": texts, "sections": [drafted(child) for child in section.get("sections", [])]}

    return {**data, "sections": [drafted(section) for section in data["sections"]]}


@dataclass
class Places:
    """Where the file's words stand in a version."""

    version: Version
    blocks: dict[str, list[Block]] = field(default_factory=dict)

    @classmethod
    def of(cls, version: Version) -> "Places":
        return cls(version, {section.key: list(section.blocks) for section in frozen.read(version).sections})

    def block(self, row: Mapping[str, Any]) -> Block | None:
        """The block that a row of the file names by its first words, if it names one."""
        if not row.get("at"):
            return None
        for block in self.blocks[row["in"]]:
            if any(re.sub(r"<[^>]+>", "", text).startswith(row["at"]) for _unit, text in _units(block)):
                return block
        raise ValueError(f"{row['in']} has nothing that begins with {row['on']!r}.")


def _units(block: Block) -> Iterator[tuple[str, str]]:
    for unit, texts in block.text.items():
        if texts.get(LANGUAGE):
            yield unit, texts[LANGUAGE]


def load_rounds(sample: SampleRegion, document: Document, data: Mapping[str, Any]) -> list[CommentRound]:
    """All rounds of a document in turn: each on a version of its own, answered before the next version is frozen."""
    rounds = []
    for position, row in enumerate(data["rounds"]):
        version = freeze(document, by=sample.coordinator, label=row["label"])
        rounds.append(_load_round(sample, version, row))
        if position == 0:
            _take_out(sample, version, data["taken_out"])
    return rounds


def _take_out(sample: SampleRegion, version: Version, rows: list[dict[str, str]]) -> None:
    """Remove the paragraphs that the working group left out after the first round."""
    words = {row["text"] for row in rows}
    gone = [block.id for block in frozen.read(version).blocks() if block.plain_in(LANGUAGE) in words]
    accept_operations(version, [Operation(DELETE, block_id) for block_id in gone], by=sample.coordinator)


@transaction.atomic
def _load_round(sample: SampleRegion, version: Version, row: Mapping[str, Any]) -> CommentRound:
    now = timezone.now()
    comment_round = make_round(
        version,
        by=sample.coordinator,
        kind=row["kind"],
        title={LANGUAGE: row["title"]},
        background={LANGUAGE: row["background"]},
        instructions={LANGUAGE: row["instructions"]},
        attention=[{"kind": point["kind"], "text": {LANGUAGE: point["text"]}} for point in row.get("attention", [])],
        questions=[_question(question).to_json() for question in row.get("questions", [])],
        contact=row["contact"],
        contact_email=row["contact_email"],
        contact_phone=row["contact_phone"],
        case_number=row["case_number"],
        opens_at=now,
        closes_at=now + datetime.timedelta(days=1),
        allows_official="official" in row["allows"],
        allows_personal="personal" in row["allows"],
        allows_anonymous="anonymous" in row["allows"],
        has_family_form=row.get("family_form", False),
        has_children_form=row.get("children_form", False),
        sharing=row["sharing"],
    )
    comment_round = announce(comment_round, by=sample.coordinator)
    opened = _day(-row["opened_days_ago"], 9)
    closes = _day(row["closes_in_days"] if "closes_in_days" in row else -row["closed_days_ago"], CLOSING_HOUR)
    loader = _Loader(sample, comment_round, Places.of(version), opened, closes)
    loader.invite(row["invites"])
    for position, given in enumerate(row["statements"]):
        loader.take(given, position, len(row["statements"]))
    loader.answer_all()
    loader.move_back()
    return comment_round


def _question(row: Mapping[str, Any]) -> Question:
    options = [Option(str(place), {LANGUAGE: text}) for place, text in enumerate(row.get("options", []), 1)]
    return Question(row["key"], QuestionKind(row["kind"]), {LANGUAGE: row["text"]}, options)


def _day(days: int, hour: int) -> datetime.datetime:
    """A day from today at a full hour in Finland."""
    date = timezone.localdate() + datetime.timedelta(days=days)
    return timezone.make_aware(datetime.datetime.combine(date, datetime.time(hour)))


@dataclass
class _Loader:
    """What one round's statements need in common."""

    sample: SampleRegion
    round: CommentRound
    places: Places
    opened: datetime.datetime
    closes: datetime.datetime
    invitations: dict[str, Invitation] = field(default_factory=dict)
    received: dict[int, datetime.datetime] = field(default_factory=dict)
    to_answer: list[tuple[Remark, Mapping[str, Any]]] = field(default_factory=list)

    def invite(self, wanted: str | list[str]) -> None:
        """Bodies by their key, or every organisation of the region."""
        common = {"region": self.sample.region, "round": self.round, "language": LANGUAGE}
        if wanted == "all":
            for key, organisation in self.sample.organisations.items():
                if organisation.kind != organisation.Kind.COUNTY:
                    self.invitations[key] = Invitation.objects.create(**common, organisation=organisation)
        else:
            for key in wanted:
                self.invitations[key] = Invitation.objects.create(**common, body=self.sample.bodies[key])

    def take(self, row: Mapping[str, Any], position: int, count: int) -> None:
        """One respondent's statement, by the link or entered by the coordinator."""
        statement = self._entered(row) if "received_days_ago" in row else self._by_link(row, f"s{position}")
        self.received[statement.pk] = self._arrival(row, position, count)

    def _arrival(self, row: Mapping[str, Any], position: int, count: int) -> datetime.datetime:
        """Spread over the round as such things arrive: most in its second half, by daylight."""
        if "late_days" in row:
            return self.closes + datetime.timedelta(days=row["late_days"], hours=-5)
        if "received_days_ago" in row:
            return _day(-row["received_days_ago"], 12)
        end = min(self.closes, timezone.now())
        share = 0.25 + 0.7 * (position + 1) / (count + 1)
        moment = timezone.localtime(self.opened + (end - self.opened) * share)
        return moment.replace(hour=8 + position * 7 % 9, minute=position * 13 % 60, second=0, microsecond=0)

    def _municipality(self, row: Mapping[str, Any]) -> Municipality | None:
        name = row.get("municipality")
        return Municipality.objects.get(name_fi=name, region=self.sample.region) if name else None

    def _answers(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Answers by key; options are told by their place."""
        keys = {"family": FAMILY, "children": CHILDREN}.get(str(row.get("anonymous")), {})
        if keys:
            return {keys[name]: text for name, text in row["answers"].items() if name in keys and text}
        return {
            key: [str(one) for one in value] if isinstance(value, list) else str(value)
            for key, value in row.get("answers", {}).items()
        }

    def _by_link(self, row: Mapping[str, Any], key: str) -> Statement:
        invitation = self.invitations.get(row.get("by") or row.get("body") or "")
        organisation = self.sample.organisations.get(row.get("by", ""))
        if "anonymous" in row:
            kind = Statement.Kind.ANONYMOUS
        elif "personal" in row:
            kind = Statement.Kind.PERSONAL
        else:
            kind = Statement.Kind.OFFICIAL
        statement = begin(
            self.round,
            kind=kind,
            language=LANGUAGE,
            invitation=invitation,
            organisation=organisation,
            form=Statement.Form(row.get("anonymous", Statement.Form.FULL)),
        )
        values: dict[str, Any] = {"answers": self._answers(row), "municipality": self._municipality(row)}
        if kind != Statement.Kind.ANONYMOUS:
            values["signed_by"] = row.get("signed_by") or row["personal"]
        if handled := row.get("handled"):
            values |= {
                "handled_in": handled["body"],
                "handled_on": timezone.localdate(self.closes) - datetime.timedelta(days=8),
                "item_no": handled["item"],
                "case_number": handled["case"],
            }
        values |= {name: row[name] for name in ("text", "stance", "joins") if name in row}
        statement = save_fields(statement, values=values, shown={})
        for number, said in enumerate(row.get("remarks", [])):
            self._say(statement, said, f"{key}-{number}")
        hand_in(statement, key=key)
        return statement

    def _say(self, statement: Statement, row: Mapping[str, Any], key: str) -> None:
        block = self.places.block(row)
        remark = say(
            statement,
            key=key,
            text=row["say"],
            language=LANGUAGE,
            section_key=row["in"],
            block_id=block.id if block else "",
            quote=row.get("quote", ""),
            wording=_wording(block, row["words"]) if block and "words" in row else None,
        )
        self.to_answer.append((remark, row))

    def _entered(self, row: Mapping[str, Any]) -> Statement:
        kind, origin = Statement.Kind.PERSONAL, Statement.Origin.PAPER
        if "by" in row:
            kind, origin = Statement.Kind.OFFICIAL, Statement.Origin.MAIL
        elif "meeting" in row:
            origin = Statement.Origin.MEETING
        statement = enter(
            self.round,
            by=self.sample.coordinator,
            kind=kind,
            origin=origin,
            received_on=timezone.localdate(),
            organisation=self.sample.organisations.get(row.get("by", "")),
            signed_by=row.get("signed_by") or row.get("personal") or row["meeting"],
            text=row["text"],
            municipality=self._municipality(row),
        )
        for passage in row.get("picks", []):
            starts_at = statement.text.index(passage["words"])
            block = self.places.block(passage)
            remark = pick(
                statement,
                by=self.sample.coordinator,
                starts_at=starts_at,
                ends_at=starts_at + len(passage["words"]),
                section_key=passage["in"],
                block_id=block.id if block else "",
            )
            self.to_answer.append((remark, {key: value for key, value in passage.items() if key != "words"}))
        return statement

    # --- What came of it --------------------------------------------------------------------------------------

    def answer_all(self) -> None:
        for remark, row in self.to_answer:
            if "outcome" in row:
                self._answer(remark, row)

    def _answer(self, remark: Remark, row: Mapping[str, Any]) -> None:
        reason = {LANGUAGE: row["because"]} if row.get("because") else {}
        by = self.sample.coordinator
        proposes = bool(remark.operations)
        if proposes and row["outcome"] == Answer.Outcome.ACCEPTED:
            accepting.accept(remark, by=by, reason=reason)
        elif "instead" in row:
            self._answer_instead(remark, row, reason)
        else:
            answers.answer([remark], outcome=row["outcome"], reason=reason, by=by)

    def _answer_instead(self, remark: Remark, row: Mapping[str, Any], reason: dict[str, str]) -> None:
        """Change the text in the handler's own words, and answer with that."""
        block = self.places.block(row)
        if block is None:
            raise ValueError("Own words stand in the place of a text.")
        if not remark.operations:
            remark = accepting.write_proposal(remark, wording=_wording(block, row["instead"]), by=self._coordinator)
        accepting.accept_with(
            remark,
            wordings=dict(enumerate(_wording(block, row["instead"]).values())),
            taken=(),
            shown={},
            outcome=row["outcome"],
            reason=reason,
            by=self._coordinator,
        )

    @property
    def _coordinator(self) -> User:
        if self.sample.coordinator is None:
            raise ValueError("The region of a sample round has a coordinator.")
        return self.sample.coordinator

    # --- When it was ------------------------------------------------------------------------------------------

    def move_back(self) -> None:
        """Let everything have happened when the file says."""
        rounds = CommentRound.objects.filter(pk=self.round.pk)
        # Longer first, then shorter: it closes after it opens at every moment.
        prepared = self.opened - datetime.timedelta(days=3)
        rounds.update(opens_at=self.opened, announced_at=prepared, created_at=prepared - datetime.timedelta(days=4))
        rounds.update(closes_at=self.closes)
        RoundChange.objects.filter(round=self.round).update(at=prepared, closes_at=self.closes)
        for key, invitation in self.invitations.items():
            Invitation.objects.filter(pk=invitation.pk).update(
                sent_at=self.opened, email=f"kirjaamo.{key}@example.org", language=LANGUAGE
            )
        for statement in Statement.objects.filter(round=self.round):
            self._move_statement(statement, self.received[statement.pk])
        answered = min(self.closes + datetime.timedelta(days=12), timezone.now() - datetime.timedelta(hours=1))
        Answer.objects.filter(remarks__statement__round=self.round).update(answered_at=answered)

    def _move_statement(self, statement: Statement, moment: datetime.datetime) -> None:
        begun = max(moment - datetime.timedelta(days=4), min(self.opened, moment))
        Statement.objects.filter(pk=statement.pk).update(
            started_at=begun, changed_at=moment, received_at=moment, late=moment >= self.closes
        )
        Remark.objects.filter(statement=statement).update(created_at=begun, changed_at=moment)
        for receipt in Receipt.objects.filter(statement=statement):
            receipt.made_at = moment
            receipt.content = {**receipt.content, "received_at": moment.isoformat(), "late": moment >= self.closes}
            receipt.save(update_fields=["made_at", "content"])


def _wording(block: Block, words: Mapping[str, str]) -> dict[str, str]:
    """The block's text with other words in it, by unit."""
    for unit, html in _units(block):
        changed = html
        for old, new in words.items():
            changed = changed.replace(old, new)
        if changed != html:
            return {unit: changed}
    raise ValueError(f"{block.id} does not say {list(words)!r}.")
