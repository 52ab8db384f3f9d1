"""By which right a visitor writes: the link of an invitation, her own link to a statement, or her signing in.

A link is opened once (`accounts.links`) and leads to a page without arguments; that page calls `take_up`, which notes
in the session, for this round, which link it was. So one browser can hold links to several rounds. The right is looked
up anew on every request: a link that was withdrawn meanwhile opens nothing.
"""

import datetime
from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from accounts import links
from accounts.models import AccessLink, User
from regions.permissions import Rights, rights_of
from reviews.models import CommentRound, Invitation, Statement
from reviews.permissions import belongs_to

INVITATION = "round_invitation"
"""Purpose of the links in mails about an invitation, and of the code beside them; the target is the invitation."""

STATEMENT = "round_statement"
"""Purpose of a respondent's own link, with which she goes on elsewhere; the target is her statement."""

SESSION_KEY = "round_links"

OWN_LIVES = datetime.timedelta(days=180)
"""How long a respondent's own link works after the closing: so long can she read what she handed in."""


@dataclass(frozen=True)
class Visit:
    """One visitor in one round: by which right she is here, and the statement she writes, if she has begun one."""

    round: CommentRound
    rights: Rights
    user: User | None = None
    link: AccessLink | None = None
    invitation: Invitation | None = None
    statement: Statement | None = None

    @property
    def is_let_in(self) -> bool:
        """Whether she may read the version and answer: anyone in an open round, else who was asked.

        Inside the region's groups one is signed in, and what one has written lets nobody in who has left them.
        """
        is_internal = self.round.kind == CommentRound.Kind.INTERNAL
        if (self.round.requires_sign_in or is_internal) and self.user is None:
            return False
        if self.round.kind == CommentRound.Kind.OPEN or self.invitation:
            return True
        if self.statement and not is_internal:
            return True
        return self.user is not None and belongs_to(self.rights, self.round)


def visit_of(request: HttpRequest, comment_round: CommentRound) -> Visit:
    """Who is here and by which right. At most five queries."""
    user = request.user if isinstance(request.user, User) else None
    rights = rights_of(request.user)
    link = _held(request, comment_round)
    invitation = statement = None
    statements = comment_round.statements.select_related("organisation", "invitation__round", "area", "municipality")
    if link and link.purpose == INVITATION:
        invitation = (
            comment_round.invitations.in_force()
            .select_related("organisation", "body", "round")
            .filter(public_id=link.target)
            .first()
        )
        statement = statements.filter(invitation=invitation).first() if invitation else None
    elif link:
        statement = statements.filter(public_id=link.target).first()
        invitation = statement.invitation if statement else None
    if user and statement is None and invitation is None:
        # What she began for a body is hers to go on with only while she is its member.
        own = statements.filter(Q(invitation__body=None) | Q(invitation__body_id__in=rights.body_ids), user=user)
        statement = own.order_by("-pk").first()
        invitation = statement.invitation if statement else None
    if user and statement is None and invitation is None and comment_round.kind != CommentRound.Kind.OPEN:
        invitation = _of_her_body(comment_round, rights)
        statement = statements.filter(invitation=invitation).first() if invitation else None
    if statement:
        statement.round = comment_round
    return Visit(comment_round, rights, user, link, invitation, statement)


def _of_her_body(comment_round: CommentRound, rights: Rights) -> Invitation | None:
    """The invitation of a body in which she is a member: its members write its answer together, signed in."""
    rows = comment_round.invitations.in_force().filter(body_id__in=rights.body_ids)
    return rows.select_related("organisation", "body", "round").order_by("pk").first()


def take_up(request: HttpRequest, purpose: str) -> CommentRound | None:
    """Note for its round the link by which a visitor came just now; None where it opens nothing any more."""
    link = links.held_link(request, purpose)
    if link is None:
        return None
    rounds = CommentRound.objects.announced().select_related("version__document__region").defer("version__content")
    if purpose == INVITATION:
        comment_round = rounds.filter(
            pk__in=Invitation.objects.in_force().filter(public_id=link.target).values("round")
        ).first()
    else:
        comment_round = rounds.filter(pk__in=Statement.objects.filter(public_id=link.target).values("round")).first()
    if comment_round:
        hold(request, comment_round, link)
    return comment_round


def make_own_link(statement: Statement, *, sent_to: str = "") -> tuple[AccessLink, str]:
    """A respondent's own link to her statement, and its token."""
    closes_at = statement.invitation.deadline if statement.invitation else statement.round.closes_at
    return links.make_link(
        STATEMENT, statement.public_id, sent_to=sent_to, expires_at=max(closes_at, timezone.now()) + OWN_LIVES
    )


def hold(request: HttpRequest, comment_round: CommentRound, link: AccessLink) -> None:
    """Note in the session by which link the visitor answers in this round."""
    request.session[SESSION_KEY] = {**request.session.get(SESSION_KEY, {}), comment_round.public_id: link.pk}


def let_go(request: HttpRequest, comment_round: CommentRound) -> None:
    """Forget the visitor's link to a round: she has finished, perhaps on a shared computer."""
    held = dict(request.session.get(SESSION_KEY, {}))
    if held.pop(comment_round.public_id, None) is not None:
        request.session[SESSION_KEY] = held
    for purpose in (INVITATION, STATEMENT):
        links.let_go(request, purpose)


def _held(request: HttpRequest, comment_round: CommentRound) -> AccessLink | None:
    pk = request.session.get(SESSION_KEY, {}).get(comment_round.public_id)
    if pk is None:
        return None
    return AccessLink.objects.usable().filter(pk=pk, purpose__in=(INVITATION, STATEMENT)).first()
