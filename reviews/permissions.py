"""Who may do what with a round, with what is said in it, and with what becomes of that."""

from documents.permissions import can_coordinate, can_read_draft
from regions.permissions import Rights
from reviews.models import CommentRound


def can_run(rights: Rights, comment_round: CommentRound) -> bool:
    """Prepare and announce a round, invite, enter statements for others, hide, publish, remove personal data."""
    return can_coordinate(rights, comment_round.version.document)


def can_handle(rights: Rights, comment_round: CommentRound) -> bool:
    """Read all that was said, discuss it and answer: those who write the text, because answers change it."""
    return can_read_draft(rights, comment_round.version.document)


def belongs_to(rights: Rights, comment_round: CommentRound) -> bool:
    """Whether somebody who signs in is asked in an internal round: a member of a body that is invited, or a writer."""
    if can_handle(rights, comment_round):
        return True
    return comment_round.invitations.in_force().filter(body_id__in=rights.body_ids).exists()
