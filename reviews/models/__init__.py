"""What others say of a document and decide of it: rounds, statements, remarks, answers, handling, decisions."""

from reviews.models.handling import ChainStep, Decision
from reviews.models.meetings import RemarkMeeting
from reviews.models.remarks import Answer, Remark, RemarkNote, RemarkReport
from reviews.models.rounds import CommentRound, Invitation, InvitationMail, RoundChange
from reviews.models.statements import Receipt, Statement

__all__ = [
    "Answer",
    "ChainStep",
    "CommentRound",
    "Decision",
    "Invitation",
    "InvitationMail",
    "Receipt",
    "Remark",
    "RemarkMeeting",
    "RemarkNote",
    "RemarkReport",
    "RoundChange",
    "Statement",
]
