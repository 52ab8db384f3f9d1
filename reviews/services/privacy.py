"""Personal data of respondents: found, given to the person, and removed; what was said stays.

The same is removed from a whole round when its time is over, and from one person when she asks for it. Names and
addresses go from statements, receipts, invitations, mails, links and the trail; a signed file of a private person goes
too, one of an organisation is the authority's record and stays.
"""

import calendar
import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessLink, User
from audit.models import AuditEvent
from audit.services import erase_personal, record, seal
from regions.models import Region, StoredFile
from reviews.answering.holding import INVITATION, STATEMENT
from reviews.models import CommentRound, Invitation, InvitationMail, Receipt, Remark, Statement, WordReturn
from reviews.services.rounds import lock_round, lock_statements
from reviews.services.summaries import forget_names
from reviews.services.summary_files import forget_files

NAMES_IN_RECEIPTS = ("signed_by", "email")


def removal_day(comment_round: CommentRound) -> datetime.date:
    """The day from which a round's respondents are no longer known by name."""
    closes = timezone.localtime(comment_round.closes_at).date()
    years, month = divmod(closes.month - 1 + comment_round.retention_months, 12)
    year = closes.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return datetime.date(year, month + 1, min(closes.day, last))


@transaction.atomic
def forget_people(comment_round: CommentRound, *, by: User | None) -> int:
    """Remove all names and addresses of a round; in how many statements. Once it is done nothing happens.

    Drafts that nobody handed in go as a whole. Locks the statements, then the round. Raises ValidationError
    (`round_not_over`) while somebody may still answer, also somebody with a later deadline of her own.
    """
    lock_statements(Statement.objects.filter(round=comment_round))
    locked = lock_round(comment_round)
    if locked.people_removed_at:
        return 0
    if not locked.is_over() or locked.invitations.in_force().filter(closes_at__gt=timezone.now()).exists():
        raise ValidationError(_("The round is still open: its respondents’ names are needed."), code="round_not_over")
    statements = list(locked.statements.order_by("pk"))
    _forget(statements, list(locked.invitations.order_by("pk")), region=locked.version.document.region)
    for draft in statements:
        if draft.received_at is None:
            _delete_draft(draft)
    forget_files([locked])
    locked.people_removed_at = timezone.now()
    locked.save(update_fields=["people_removed_at"])
    record(by, "round.people_removed", locked, statements=len(statements))
    return len(statements)


# --- One person -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """What the rounds of a region hold of one person."""

    region: Region
    statements: list[Statement]
    invitations: list[Invitation]
    mails: list[InvitationMail]

    def __bool__(self) -> bool:
        return bool(self.statements or self.invitations or self.mails)


def find_person(region: Region, wanted: str) -> Found:
    """Everything of somebody by e-mail address, or by name as it was written; nothing for fewer than three signs."""
    wanted = " ".join(wanted.split())
    if len(wanted) < 3:
        return Found(region, [], [], [])
    rounds = ("round__version__document__region", "organisation")
    statements = Statement.objects.filter(region=region).filter(
        Q(email__iexact=wanted) | Q(signed_by__iexact=wanted) | Q(user__email__iexact=wanted)
    )
    invitations = Invitation.objects.filter(region=region).filter(
        Q(email__iexact=wanted) | Q(name__iexact=wanted) | Q(asked_by__iexact=wanted)
    )
    mails = InvitationMail.objects.filter(region=region).filter(
        Q(email__iexact=wanted) | Q(passed_on_by__iexact=wanted)
    )
    return Found(
        region,
        list(statements.select_related(*rounds).defer("round__version__content").order_by("pk")),
        list(invitations.select_related(*rounds, "body").defer("round__version__content").order_by("pk")),
        list(mails.select_related("invitation__round").order_by("pk")),
    )


def export_person(found: Found) -> dict[str, Any]:
    """All that is held of a person, as JSON that she can be given."""
    remarks: dict[int, list[Remark]] = {}
    for remark in Remark.objects.filter(statement__in=found.statements).order_by("order", "pk"):
        remarks.setdefault(remark.statement_id or 0, []).append(remark)
    return {
        "region": found.region.name,
        "made_at": timezone.now().isoformat(),
        "statements": [_statement(row, remarks.get(row.pk, [])) for row in found.statements],
        "invitations": [
            {
                "round": str(row.round),
                "name": row.name,
                "email": row.email,
                "language": row.language,
                "sent_at": _moment(row.sent_at),
                "asked_until": _moment(row.asked_until),
                "asked_reason": row.asked_reason,
            }
            for row in found.invitations
        ],
        "mails": [
            {
                "round": str(row.invitation.round),
                "kind": row.kind,
                "email": row.email,
                "passed_on_by": row.passed_on_by,
                "sent_at": _moment(row.sent_at),
            }
            for row in found.mails
        ],
    }


def _statement(statement: Statement, remarks: Iterable[Remark]) -> dict[str, Any]:
    return {
        "round": str(statement.round),
        "statement": statement.public_id,
        "kind": statement.kind,
        "organisation": statement.organisation_told,
        "signed_by": statement.signed_by,
        "email": statement.email,
        "text": statement.text,
        "answers": statement.answers,
        "started_at": _moment(statement.started_at),
        "received_at": _moment(statement.received_at),
        "attachments": [row.name for row in statement.attachments.order_by("pk")],
        "remarks": [
            {"place": row.section_key, "quote": row.quote, "text": row.text, "proposal": row.operations}
            for row in remarks
        ],
    }


def _moment(moment: datetime.datetime | None) -> str:
    return moment.isoformat() if moment else ""


@transaction.atomic
def erase_person(found: Found, *, by: User) -> int:
    """Remove somebody's name and addresses; drafts that were never handed in go as a whole. How many rows.

    What she said and handed in stays without her: words that tell who she is are blacked out by a person.
    """
    lock_statements(Statement.objects.filter(pk__in=[row.pk for row in found.statements]))
    drafts = [row for row in found.statements if row.received_at is None]
    kept = [row for row in found.statements if row.received_at is not None]
    _forget(found.statements, found.invitations, region=found.region, mails=found.mails)
    for draft in drafts:
        _delete_draft(draft)
    rounds = {row.round_id for row in found.statements} | {row.round_id for row in found.invitations}
    forget_files(rounds)
    count = len(found.statements) + len(found.invitations) + len(found.mails)
    record(by, "person.erased", found.region, statements=len(kept), drafts=len(drafts), mails=len(found.mails))
    return count


def _delete_draft(statement: Statement) -> None:
    """A statement that nobody has received belongs to its writer alone."""
    _delete_files(statement)
    statement.remarks.all().delete()
    statement.delete()


def _delete_files(statement: Statement) -> None:
    files = list(statement.attachments.all())
    statement.attachments.clear()
    for file in files:
        if not Statement.objects.filter(attachments=file).exists():
            StoredFile.objects.filter(pk=file.pk).delete()


def _forget(
    statements: list[Statement],
    invitations: list[Invitation],
    *,
    region: Region,
    mails: Iterable[InvitationMail] | None = None,
) -> None:
    """Take names and addresses out of these rows and of what hangs on them."""
    now = timezone.now()
    forget_names(statements)
    for statement in statements:
        if statement.kind == Statement.Kind.PERSONAL:
            _delete_files(statement)
    for returned in WordReturn.objects.filter(statement__in=statements).select_related("statement"):
        _forget_return(returned)
    Statement.objects.filter(pk__in=[row.pk for row in statements]).update(
        user=None, signed_by="", email="", shows_name=False, people_removed_at=now
    )
    for receipt in Receipt.objects.filter(statement__in=statements):
        receipt.content = {key: "" if key in NAMES_IN_RECEIPTS else value for key, value in receipt.content.items()}
        receipt.save(update_fields=["content"])
    Invitation.objects.filter(pk__in=[row.pk for row in invitations]).update(
        name="", email="", asked_reason="", asked_by="", people_removed_at=now
    )
    sent = InvitationMail.objects.filter(invitation__in=invitations)
    if mails is not None:
        sent = InvitationMail.objects.filter(Q(pk__in=[row.pk for row in mails]) | Q(invitation__in=invitations))
    sent.update(email="", passed_on_by="", bounce="")
    targets = Q(purpose=INVITATION, target__in=[row.public_id for row in invitations]) | Q(
        purpose=STATEMENT, target__in=[row.public_id for row in statements]
    )
    AccessLink.objects.filter(targets).update(sent_to="", withdrawn_at=now)
    seal(region.code)
    told = {row.public_id for row in statements} | {row.public_id for row in invitations}
    erase_personal(
        AuditEvent.objects.filter(
            region_code=region.code,
            object_type__in=[Statement._meta.label_lower, Invitation._meta.label_lower],
            object_id__in=told,
        )
    )


def _forget_return(returned: WordReturn) -> None:
    """Who wrote what in a Word file that came back; a private person's file goes as a whole."""
    if returned.statement and returned.statement.kind == Statement.Kind.PERSONAL:
        file = returned.file
        returned.delete()
        if not Statement.objects.filter(attachments=file).exists():
            StoredFile.objects.filter(pk=file.pk).delete()
        return
    returned.remarks.update(authors=[])
    returned.respondent, returned.state = {}, {}
    returned.save(update_fields=["respondent", "state"])


def forget_returns(*, before: datetime.datetime) -> int:
    """Delete Word files that came back and from which nobody has taken anything since a time; how many."""
    rows = WordReturn.objects.waiting().filter(created_at__lt=before, statement=None).select_related("file")
    count = 0
    for returned in rows:
        file = returned.file
        returned.delete()
        if not Statement.objects.filter(attachments=file).exists():
            StoredFile.objects.filter(pk=file.pk).delete()
        count += 1
    return count


def rounds_to_forget(on: datetime.date | None = None) -> list[CommentRound]:
    """Rounds whose respondents should not be known any more."""
    on = on or timezone.localdate()
    answering = Invitation.objects.in_force().filter(closes_at__gt=timezone.now())
    rows = (
        CommentRound.objects.over()
        .filter(people_removed_at=None)
        .exclude(pk__in=answering.values("round"))
        .defer("version__content")
    )
    return [row for row in rows if removal_day(row) <= on]
