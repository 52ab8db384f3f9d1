"""The words of the mails to those who have answered: the receipt, and their own link."""

from collections.abc import Mapping
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.links import link_path
from documents.rendering import interface_language
from jobs.registry import Payload
from reviews.facts import contact_line, in_words
from reviews.inviting.mails import payload_of
from reviews.models import CommentRound, Receipt, Statement
from reviews.services.statements import deadline_of


def receipt_mail(receipt: Receipt, *, to: str, site: str, token: str, attachment: Mapping[str, Any]) -> Payload:
    """Thanks, when it arrived, until when it can be changed and by which link; all the words are in the attachment."""
    statement = receipt.statement
    comment_round, language = statement.round, interface_language(statement.language)
    with override(language):
        when = {"when": in_words(receipt.made_at)}
        paragraphs = [
            _("Thank you. Your statement arrived %(when)s. The attachment holds all that you sent.") % when,
            *_standing(statement, site + link_path(token, language)),
            *_after(comment_round),
            *_case(comment_round),
            *_contact(comment_round),
        ]
        subject = _("Received: %(title)s") % {"title": comment_round.title_in(language)}
    return payload_of(comment_round, to, subject, "\n\n".join(paragraphs), attachments=[dict(attachment)])


def own_link_mail(statement: Statement, *, to: str, language: str, site: str, token: str) -> Payload:
    """The link by which a respondent goes on elsewhere."""
    comment_round, shown = statement.round, interface_language(language)
    with override(shown):
        title = {"title": comment_round.title_in(shown)}
        paragraphs = [
            _("By this link you go on with your answer to “%(title)s”, on any device:") % title,
            site + link_path(token, shown),
            _("Whoever has the link can read and change the answer. If you did not ask for it, do nothing."),
            *_contact(comment_round),
        ]
        subject = _("Your link: %(title)s") % title
    return payload_of(comment_round, to, subject, "\n\n".join(paragraphs))


def _standing(statement: Statement, address: str) -> list[str]:
    closes_at = deadline_of(statement)
    if timezone.now() < closes_at:
        told = _("You can change the statement until %(when)s by this link:") % {"when": in_words(closes_at)}
    elif statement.late:
        told = _("It arrived after the deadline and is marked so. By this link you can read what you sent:")
    else:
        told = _("By this link you can read what you sent:")
    return [f"{told}\n{address}", _("Whoever has the link can read and change the answer.")]


def _after(comment_round: CommentRound) -> list[str]:
    if not comment_round.answers_by:
        return [_("We will tell you what came of it.")]
    return [
        _("We will tell you by %(date)s what came of it.")
        % {"date": formats.date_format(comment_round.answers_by, "SHORT_DATE_FORMAT")}
    ]


def _case(comment_round: CommentRound) -> list[str]:
    return (
        [_("Our case number: %(number)s.") % {"number": comment_round.case_number}] if comment_round.case_number else []
    )


def _contact(comment_round: CommentRound) -> list[str]:
    return [f"{contact_line(comment_round)}\n{comment_round.version.document.region.name}".strip()]
