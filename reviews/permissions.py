"""Who may do what with a round, with what is said in it, and with what becomes of that."""

from documents.permissions import can_coordinate, can_read_draft
from regions.models import Mandate, Organisation
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


def speaks_for(rights: Rights, comment_round: CommentRound) -> list[Organisation] | None:
    """The organisations whose statement somebody who signed in may give; None where nobody is asked for a proof.

    In a round for those who sign in it takes a mandate to sign, or being the region's coordinator. Elsewhere anyone
    may say for whom she answers, as in a letter.
    """
    if comment_round.kind != CommentRound.Kind.INTERNAL and not comment_round.requires_sign_in:
        return None
    rows = Organisation.objects.filter(region=comment_round.region_id).order_by("name")
    if rights.user_id is None:
        return []
    if not can_run(rights, comment_round):
        mandates = Mandate.objects.valid_on().filter(user_id=rights.user_id, right=Mandate.Right.SIGN)
        rows = rows.filter(pk__in=mandates.values("organisation"))
    return list(rows)
