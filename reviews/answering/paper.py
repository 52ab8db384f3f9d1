"""What a respondent can print, file or take to a meeting: the request, the shared draft, the receipt."""

import hashlib
import logging
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from documents.models.document import in_language
from documents.printing.engine import PrintError, make_pdf
from documents.rendering import interface_language
from regions.files import PDF
from regions.models import Region
from reviews.answering.receipts import plain_text, said
from reviews.facts import in_words
from reviews.models import CommentRound, Invitation, Receipt, Statement
from reviews.rounds.asking import FOR_ALL, attention_for
from reviews.services.statements import content_of

logger = logging.getLogger("reviews.answering.paper")


def receipt_file(receipt: Receipt, language: str) -> dict[str, Any]:
    """A receipt as an attachment of a mail: a PDF, or lines of text where its words cannot be set in one."""
    comment_round = receipt.statement.round
    try:
        return {
            "name": _file_name(comment_round, language, _name_of_receipt(language)),
            "content_type": PDF,
            "content": receipt_pdf(receipt, language),
        }
    except PrintError:
        logger.exception("The receipt %s cannot be printed", receipt.pk)
    return receipt_text(receipt, language)


def receipt_text(receipt: Receipt, language: str) -> dict[str, Any]:
    """The same words as lines of text."""
    comment_round = receipt.statement.round
    with override(interface_language(language)):
        text = plain_text(said(comment_round, receipt.content, language))
    name = _file_name(comment_round, language, _name_of_receipt(language)).removesuffix(".pdf") + ".txt"
    return {"name": name, "content_type": "text/plain", "content": text}


def receipt_pdf(receipt: Receipt, language: str) -> bytes:
    """What was handed in, word for word."""
    comment_round = receipt.statement.round
    with override(interface_language(language)):
        note = _("Received %(when)s.") % {"when": in_words(receipt.made_at)}
        if receipt.content.get("late"):
            note += " " + _("It arrived after the deadline.")
        return _statement_pdf(
            comment_round,
            receipt.content,
            language,
            heading=_("Receipt of a statement"),
            note=note,
            made=receipt.made_at,
        )


def draft_copy_pdf(statement: Statement, language: str) -> bytes:
    """What stands in the shared draft now, for an agenda or to be signed."""
    with override(interface_language(language)):
        now = timezone.now()
        return _statement_pdf(
            statement.round,
            content_of(statement),
            language,
            heading=_("Draft of a statement"),
            note=_("As it stood %(when)s. It has not been sent.") % {"when": in_words(now)}
            if statement.received_at is None
            else _("As it stood %(when)s.") % {"when": in_words(now)},
            made=now,
        )


def letter_pdf(comment_round: CommentRound, invitation: Invitation | None, language: str) -> bytes:
    """The request for a statement as a letter with the county's case number."""
    organisation = invitation.organisation if invitation else None
    with override(interface_language(language)):
        context = {
            "round": comment_round,
            "receiver": str(invitation) if invitation else "",
            "deadline": in_words(invitation.deadline if invitation else comment_round.closes_at),
            "background": in_language(comment_round.background, language),
            "instructions": in_language(comment_round.instructions, language),
            "attention": attention_for(comment_round, language, organisation.kind if organisation else FOR_ALL),
            "sent": comment_round.announced_at,
        }
        return _pdf("print/request_letter.html", comment_round, language, made=comment_round.opens_at, **context)


def _statement_pdf(
    comment_round: CommentRound, content: Any, language: str, *, heading: str, note: str, made: Any
) -> bytes:
    context = {"heading": heading, "note": note, "said": said(comment_round, content, language)}
    return _pdf("print/statement.html", comment_round, language, made=made, **context)


def _pdf(template: str, comment_round: CommentRound, language: str, *, made: Any, **context: Any) -> bytes:
    document = comment_round.version.document
    return set_pdf(
        template,
        region=document.region,
        is_sample=document.is_sample,
        # The page's own words are in a language of the interface, which may be another than that of the text.
        language=interface_language(language),
        title=comment_round.title_in(language),
        made=made,
        document=document.title_in(language),
        version=comment_round.version.number,
        case_number=comment_round.case_number,
        contact=comment_round,
        **context,
    )


def set_pdf(
    template: str, *, region: Region, is_sample: bool, language: str, title: str, made: Any, **context: Any
) -> bytes:
    """A paper of our own as PDF, in the region's colour. Raises PrintError."""
    html = render_to_string(
        template,
        {
            "language": language,
            "title": title,
            "region": region.name,
            "is_sample": is_sample,
            "accent": region.accent.lstrip("#").lower(),
            **context,
        },
    )
    identifier = hashlib.sha256(html.encode()).hexdigest()
    return make_pdf(html, language=language, title=title, created_at=made, identifier=identifier, fetch=_no_picture)


def _no_picture(key: str) -> tuple[bytes, str]:
    raise KeyError(key)


def _name_of_receipt(language: str) -> str:
    with override(interface_language(language)):
        return _("receipt")


def _file_name(comment_round: CommentRound, language: str, what: str) -> str:
    return f"{comment_round.title_in(language)[:80]} – {what}.pdf".replace("/", "-")
