"""What others say of a document and decide of it: rounds, statements, remarks, answers, handling, decisions."""

from reviews.models.groups import RemarkGroup, RemarkGrouping, RemarkGroupMember, RemarkSeparation
from reviews.models.handling import ChainStep, Decision
from reviews.models.intake import StatementImport
from reviews.models.mails import MailText
from reviews.models.meetings import RemarkMeeting
from reviews.models.remarks import Answer, Remark, RemarkNote, RemarkReport
from reviews.models.returns import ReturnedRemark, WordReturn
from reviews.models.rounds import CommentRound, Invitation, InvitationMail, RoundChange
from reviews.models.statements import Receipt, Statement
from reviews.models.summaries import RoundSummary, SummaryFile

__all__ = [
    "Answer",
    "ChainStep",
    "CommentRound",
    "Decision",
    "Invitation",
    "InvitationMail",
    "MailText",
    "Receipt",
    "Remark",
    "RemarkGroup",
    "RemarkGroupMember",
    "RemarkGrouping",
    "RemarkMeeting",
    "RemarkNote",
    "RemarkReport",
    "RemarkSeparation",
    "ReturnedRemark",
    "RoundChange",
    "RoundSummary",
    "Statement",
    "StatementImport",
    "SummaryFile",
    "WordReturn",
]
