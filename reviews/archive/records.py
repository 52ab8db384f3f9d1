"""All that a round holds, as data: the round, who was asked, what each said, what was answered.

The county’s own record: also what is hidden from the public stands here. What handlers wrote to each other does not,
nor do answers that nobody handed in. E-mail addresses of people stand apart, in one place that says so.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from documents.models import Version
from regions.models import StoredFile
from reviews.models import Answer, CommentRound, Invitation, InvitationMail, Receipt, Remark, Statement

SCHEMA = 1
ADDRESSES = "personal_email_addresses"
"""The key below which all e-mail addresses stand."""

Record = dict[str, Any]


def moment(value: datetime.datetime | datetime.date | None) -> str | None:
    return value.isoformat() if value else None


class Records:
    """A round with its rows, read in a constant number of queries."""

    def __init__(self, comment_round: CommentRound) -> None:
        self.round = comment_round
        self.version = Version.objects.select_related("document__region").get(pk=comment_round.version_id)
        self.statements = list(
            comment_round.statements.received()
            .select_related("organisation", "invitation", "user", "entered_by", "area", "municipality")
            .prefetch_related("attachments")
            .order_by("received_at", "pk")
        )
        for statement in self.statements:
            statement.round = comment_round
        self.receipts: dict[int, list[Receipt]] = defaultdict(list)
        for receipt in Receipt.objects.filter(statement__in=self._received()).order_by("pk"):
            self.receipts[receipt.statement_id].append(receipt)
        self.remarks: dict[int, list[Remark]] = defaultdict(list)
        for remark in Remark.objects.filter(statement__in=self._received()).order_by("order", "pk"):
            self.remarks[remark.statement_id or 0].append(remark)

    def _received(self) -> Any:
        return Statement.objects.received().filter(round=self.round)

    def attachments(self, statement: Statement) -> list[StoredFile]:
        return sorted(statement.attachments.all(), key=lambda row: row.pk)

    def to_json(self) -> Record:
        document = self.version.document
        invitations = list(self.round.invitations.select_related("organisation", "body").order_by("pk"))
        mails = list(InvitationMail.objects.filter(invitation__in=invitations).order_by("pk"))
        return {
            "schema": SCHEMA,
            "note": _(
                "The county’s own record of the round. It holds also what is not shown in public, and names of people."
            ),
            "made": moment(timezone.now()),
            "document": {
                "id": document.public_id,
                "kind": document.kind,
                "title": document.title,
                "region": document.region.name,
                "version": self.version.number,
                "version_sha256": self.version.sha256,
                "version_frozen_at": moment(self.version.frozen_at),
            },
            "round": self._round(),
            "invitations": self._invitations(invitations, mails),
            "statements": [self._statement(row) for row in self.statements],
            "remarks": [_remark(remark, row) for row in self.statements for remark in self.remarks[row.pk]],
            "answers": self._answers(),
            "published_summaries": [
                {
                    "published_at": moment(row.published_at),
                    "withdrawn_at": moment(row.withdrawn_at),
                    "languages": row.languages,
                    "content": row.content,
                }
                for row in self.round.summaries.order_by("pk")
            ],
            ADDRESSES: self._addresses(invitations, mails),
        }

    def _round(self) -> Record:
        row = self.round
        return {
            "id": row.public_id,
            "kind": row.kind,
            "title": row.title,
            "background": row.background,
            "instructions": row.instructions,
            "attention": row.attention,
            "questions": row.questions,
            "contact": row.contact,
            "contact_phone": row.contact_phone,
            "case_number": row.case_number,
            "announced_at": moment(row.announced_at),
            "opens_at": moment(row.opens_at),
            "closes_at": moment(row.closes_at),
            "answers_by": moment(row.answers_by),
            "sharing": row.sharing,
            "smallest_group": row.smallest_group,
            "retention_months": row.retention_months,
            "people_removed_at": moment(row.people_removed_at),
            "changes": [
                {
                    "kind": change.kind,
                    "at": moment(change.at),
                    "closes_at": moment(change.closes_at),
                    "reason": change.reason,
                    "by": change.by.name if change.by else None,
                }
                for change in row.changes.select_related("by").order_by("pk")
            ],
        }

    # --- Who was asked --------------------------------------------------------------------------------------

    def _invitations(self, invitations: Sequence[Invitation], mails: Iterable[InvitationMail]) -> list[Record]:
        sent: dict[int, list[Record]] = defaultdict(list)
        for mail in mails:
            sent[mail.invitation_id].append(
                {
                    "kind": mail.kind,
                    "asked_at": moment(mail.asked_at),
                    "sent_at": moment(mail.sent_at),
                    "came_back_at": moment(mail.bounced_at),
                    "passed_on_by": mail.passed_on_by,
                }
            )
        answered = {row.invitation_id: row.public_id for row in self.statements if row.invitation_id}
        for row in invitations:
            row.round = self.round
        return [
            {
                "id": row.public_id,
                "organisation": row.organisation.name if row.organisation else None,
                "organisation_kind": row.organisation.kind if row.organisation else None,
                "body": str(row.body) if row.body else None,
                "name": row.name,
                "language": row.language,
                "deadline": moment(row.deadline),
                "sent_at": moment(row.sent_at),
                "came_back_at": moment(row.bounced_at),
                "reminded_at": moment(row.reminded_at),
                "withdrawn_at": moment(row.withdrawn_at),
                "more_time": {
                    "asked_at": moment(row.asked_at),
                    "until": moment(row.asked_until),
                    "reason": row.asked_reason,
                    "answered_at": moment(row.time_answered_at),
                    "answer": row.time_answer,
                }
                if row.asked_at
                else None,
                "statement": answered.get(row.pk),
                "mails": sent[row.pk],
            }
            for row in invitations
        ]

    # --- What was said --------------------------------------------------------------------------------------

    def _statement(self, row: Statement) -> Record:
        return {
            "id": row.public_id,
            "invitation": row.invitation.public_id if row.invitation else None,
            "kind": row.kind,
            "form": row.form,
            "stance": row.stance,
            "joins": row.joins,
            "organisation": row.organisation_told,
            "signed_by": row.signed_by,
            "account": row.user.name if row.user else None,
            "may_be_named": row.shows_name,
            "came": row.origin,
            "entered_by": row.entered_by.name if row.entered_by else None,
            "area": row.area.name if row.area else None,
            "municipality": row.municipality.name if row.municipality else None,
            "handled_in": row.handled_in,
            "handled_on": moment(row.handled_on),
            "section": row.item_no,
            "case_number": row.case_number,
            "language": row.language,
            "text": row.text,
            "answers": row.answers,
            "started_at": moment(row.started_at),
            "received_at": moment(row.received_at),
            "late": row.late,
            "visibility": row.visibility,
            "hidden_ground": row.hidden_ground,
            "blacked_out": row.redactions,
            "told_at": moment(row.told_at),
            "people_removed_at": moment(row.people_removed_at),
            "attachments": [
                {"name": file.name, "content_type": file.content_type, "size": file.size, "sha256": file.sha256}
                for file in self.attachments(row)
            ],
            "receipts": [
                {"made_at": moment(receipt.made_at), "content": _without_address(receipt.content)}
                for receipt in self.receipts[row.pk]
            ],
        }

    def _answers(self) -> list[Record]:
        links: dict[int, list[str]] = defaultdict(list)
        through = Answer.remarks.through._default_manager.filter(remark__statement__in=self._received())
        for answer, remark in through.order_by("remark__order", "remark").values_list("answer", "remark__public_id"):
            links[answer].append(remark)
        rows = Answer.objects.filter(pk__in=links).select_related("answered_by", "first_version", "meeting")
        return [
            {
                "id": row.public_id,
                "remarks": links[row.pk],
                "outcome": row.outcome,
                "reason": row.reason,
                "changed_the_text": row.revision_id is not None,
                "first_version": row.first_version.number if row.first_version else None,
                "answered_by": row.answered_by.name if row.answered_by else None,
                "answered_at": moment(row.answered_at),
                "meeting_held_on": moment(row.meeting.held_on) if row.meeting else None,
                "undone_at": moment(row.withdrawn_at),
            }
            for row in rows.defer("first_version__content").order_by("pk")
        ]

    def _addresses(self, invitations: Iterable[Invitation], mails: Iterable[InvitationMail]) -> Record:
        numbers = {row.pk: row.public_id for row in invitations}
        sent: dict[str, list[str]] = defaultdict(list)
        for mail in mails:
            own = sent[numbers[mail.invitation_id]]
            if mail.email and mail.email not in own:
                own.append(mail.email)
        return {
            "note": _("Personal data: e-mail addresses of people. They stand nowhere else in this archive’s index."),
            "contact": self.round.contact_email,
            "statements": {row.public_id: row.email for row in self.statements if row.email},
            "invitations": {row.public_id: row.email for row in invitations if row.email},
            "more_time_asked_by": {row.public_id: row.asked_by for row in invitations if row.asked_by},
            "mails": {key: rows for key, rows in sent.items() if rows},
        }


def _without_address(content: Record) -> Record:
    return {key: value for key, value in content.items() if key != "email"}


def _remark(remark: Remark, statement: Statement) -> Record:
    return {
        "id": remark.public_id,
        "statement": statement.public_id,
        "language": remark.language,
        "section": remark.section_key,
        "place": remark.block_id,
        "part": remark.unit,
        "quote": remark.quote,
        "text": remark.text,
        "proposal": remark.operations,
        "picked_from_question": remark.question,
        "made_at": moment(remark.created_at),
        "taken_back_at": moment(remark.withdrawn_at),
        "hidden_at": moment(remark.hidden_at),
        "hidden_reason": remark.hidden_reason,
        "blacked_out": remark.redactions,
    }
