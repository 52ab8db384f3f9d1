"""Who is asked in a round and how far each is, for the coordinator's eyes alone.

That somebody opened a link is no state: mail scanners open links before people do.
"""

import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum

from django.conf import settings
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from jobs.models import Job
from regions.models import Area
from reviews.models import CommentRound, Invitation, InvitationMail, Statement
from reviews.services.sending import mail_key


class State(StrEnum):
    """How far one who is asked is, by what matters most about it."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"
    NO_MAIL = "no_mail"
    TIME_ASKED = "time_asked"
    BEGUN = "begun"
    HANDED_IN = "handed_in"
    NOTHING = "nothing"
    WITHDRAWN = "withdrawn"


LABELS: dict[State, Promise] = {
    State.WAITING: pgettext_lazy("state of an invitation", "Waits to be sent"),
    State.SENT: pgettext_lazy("state of an invitation", "Sent"),
    State.FAILED: pgettext_lazy("state of an invitation", "Could not be sent"),
    State.BOUNCED: pgettext_lazy("state of an invitation", "Came back"),
    State.NO_MAIL: pgettext_lazy("state of an invitation", "Without a mail"),
    State.TIME_ASKED: pgettext_lazy("state of an invitation", "Asks for more time"),
    State.BEGUN: pgettext_lazy("state of an invitation", "Has begun"),
    State.HANDED_IN: pgettext_lazy("state of an invitation", "Handed in"),
    State.NOTHING: pgettext_lazy("state of an invitation", "Nothing to state"),
    State.WITHDRAWN: pgettext_lazy("state of an invitation", "Withdrawn"),
}

LOOKS: dict[State, tuple[str, str]] = {
    State.WAITING: ("quiet", "clock"),
    State.SENT: ("note", "mail"),
    State.FAILED: ("bad", "warning"),
    State.BOUNCED: ("bad", "warning"),
    State.NO_MAIL: ("quiet", "people"),
    State.TIME_ASKED: ("warn", "clock"),
    State.BEGUN: ("note", "half"),
    State.HANDED_IN: ("good", "success"),
    State.NOTHING: ("good", "check"),
    State.WITHDRAWN: ("quiet", "close"),
}
"""A tone and a sign; the word beside them says the same."""

NEEDS_SOMEBODY = (State.TIME_ASKED, State.BOUNCED, State.FAILED)


class Progress(StrEnum):
    """How far an answer is, whatever became of the mails."""

    HANDED_IN = "handed_in"
    BEGUN = "begun"
    SILENT = "silent"


@dataclass(frozen=True)
class Row:
    """One who is asked, and how far she is."""

    invitation: Invitation
    state: State
    progress: Progress
    at: datetime.datetime | None
    """Since when, where a time belongs to the state."""
    detail: str = ""
    areas: list[Area] = field(default_factory=list)
    statement: Statement | None = None

    @property
    def label(self) -> str:
        return str(LABELS[self.state])

    @property
    def tone(self) -> str:
        return LOOKS[self.state][0]

    @property
    def sign(self) -> str:
        return LOOKS[self.state][1]

    @property
    def title(self) -> str:
        return str(self.invitation)

    @property
    def name_without_address(self) -> str:
        """As those who only handle what is said know her: addresses are for those who run the round."""
        one = self.invitation
        return str(one.organisation or one.body or one.name) or _("Somebody asked by e-mail")

    @property
    def language_name(self) -> str:
        return dict(settings.LANGUAGES).get(self.invitation.language, self.invitation.language)

    @property
    def has_own_deadline(self) -> bool:
        return self.invitation.deadline != self.invitation.round.closes_at

    @property
    def can_bounce(self) -> bool:
        """Whether something was sent that can still turn out to have come back."""
        return self.invitation.sent_at is not None and self.invitation.bounced_at is None

    @property
    def kind(self) -> str:
        """The kind of organisation; `body` for groups and bodies, nothing for addresses."""
        if self.invitation.organisation:
            return self.invitation.organisation.kind
        return "body" if self.invitation.body else ""

    @property
    def municipality_id(self) -> int | None:
        one = self.invitation.organisation or self.invitation.body
        return one.municipality_id if one else None

    @property
    def is_silent(self) -> bool:
        return self.progress == Progress.SILENT

    @property
    def can_be_reminded(self) -> bool:
        row = self.invitation
        return (
            self.progress != Progress.HANDED_IN
            and row.withdrawn_at is None
            and row.sent_at is not None
            and row.bounced_at is None
            and row.email != ""
        )


def rows_of(comment_round: CommentRound, *, only: Invitation | None = None) -> list[Row]:
    """Everybody who is asked in a round, in the order of names; at most nine queries, however many they are."""
    invitations = comment_round.invitations.select_related(
        "organisation__municipality", "body__area", "body__municipality", "region"
    ).prefetch_related(
        "organisation__municipality__areas",
        "body__municipality__areas",
        Prefetch("mails", InvitationMail.objects.order_by("pk")),
    )
    if only:
        invitations = invitations.filter(pk=only.pk)
    found = list(invitations)
    statements: dict[int, Statement] = {}
    of_organisation: dict[int, Statement] = {}
    for statement in comment_round.statements.defer("text", "answers").order_by("pk"):
        if statement.invitation_id:
            statements[statement.invitation_id] = statement
        if statement.organisation_id and statement.received_at:
            of_organisation[statement.organisation_id] = statement
    unsent = [
        mail_key(mail) for row in found for mail in row.mails.all() if mail.sent_at is None and mail.bounced_at is None
    ]
    failed = set(Job.objects.filter(key__in=unsent).exclude(failed_at=None).values_list("key", flat=True))
    rows = []
    for row in found:
        row.round = comment_round
        own = statements.get(row.pk)
        if (own is None or own.received_at is None) and row.organisation_id in of_organisation:
            own = of_organisation[row.organisation_id]
        rows.append(_row(row, own, failed))
    return sorted(rows, key=lambda row: (row.state == State.WITHDRAWN, str(row.invitation).casefold()))


def _row(invitation: Invitation, statement: Statement | None, failed: set[str]) -> Row:
    if statement and statement.received_at:
        progress = Progress.HANDED_IN
    else:
        progress = Progress.BEGUN if statement else Progress.SILENT
    state, at, detail = _state(invitation, statement, failed)
    return Row(invitation, state, progress, at, detail, _areas(invitation), statement)


def _state(
    invitation: Invitation, statement: Statement | None, failed: set[str]
) -> tuple[State, datetime.datetime | None, str]:
    mails = list(invitation.mails.all())
    if invitation.withdrawn_at:
        return State.WITHDRAWN, invitation.withdrawn_at, ""
    if statement and statement.received_at:
        is_nothing = statement.stance == Statement.Stance.NOTHING
        return State.NOTHING if is_nothing else State.HANDED_IN, statement.received_at, ""
    if invitation.asked_at and invitation.time_answered_at is None:
        return State.TIME_ASKED, invitation.asked_at, ""
    if statement:
        return State.BEGUN, statement.started_at, ""
    return _mail_state(invitation, mails, failed)


def _mail_state(
    invitation: Invitation, mails: list[InvitationMail], failed: set[str]
) -> tuple[State, datetime.datetime | None, str]:
    """Of one who has not begun: what became of the request."""
    if invitation.bounced_at:
        came_back = [mail for mail in mails if mail.bounced_at and mail.email == invitation.email]
        return State.BOUNCED, invitation.bounced_at, came_back[-1].bounce if came_back else ""
    requests = [mail for mail in mails if mail.kind == InvitationMail.Kind.REQUEST and mail.bounced_at is None]
    waiting = [mail for mail in requests if mail.sent_at is None]
    if waiting and mail_key(waiting[-1]) in failed:
        return State.FAILED, waiting[-1].asked_at, ""
    if invitation.sent_at and not waiting:
        return State.SENT, invitation.sent_at, ""
    if waiting:
        return State.WAITING, None, ""
    return (State.SENT, invitation.sent_at, "") if invitation.sent_at else (State.NO_MAIL, None, "")


def _areas(invitation: Invitation) -> list[Area]:
    """The areas that somebody works in: its own, or those of its municipality."""
    if invitation.body and invitation.body.area:
        return [invitation.body.area]
    one = invitation.organisation or invitation.body
    if one is None or one.municipality is None:
        return []
    return [area for area in one.municipality.areas.all() if area.region_id == invitation.region_id]


@dataclass(frozen=True)
class Counts:
    """How many are asked, and how far they are."""

    asked: int = 0
    handed_in: int = 0
    begun: int = 0
    silent: int = 0
    waiting: int = 0
    remindable: int = 0
    needs_somebody: int = 0


def counts_of(rows: list[Row]) -> Counts:
    """Of those whose invitation is in force."""
    by_state: defaultdict[State, int] = defaultdict(int)
    by_progress: defaultdict[Progress, int] = defaultdict(int)
    in_force = [row for row in rows if row.state != State.WITHDRAWN]
    for row in in_force:
        by_state[row.state] += 1
        by_progress[row.progress] += 1
    now = timezone.now()
    return Counts(
        asked=len(in_force),
        handed_in=by_progress[Progress.HANDED_IN],
        begun=by_progress[Progress.BEGUN],
        silent=by_progress[Progress.SILENT],
        waiting=by_state[State.WAITING],
        remindable=sum(row.can_be_reminded and now < row.invitation.deadline for row in in_force),
        needs_somebody=sum(by_state[state] for state in NEEDS_SOMEBODY),
    )
