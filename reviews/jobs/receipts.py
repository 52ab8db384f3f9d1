"""The receipt of what was handed in."""

import datetime

from django.utils import timezone

from accounts import links
from accounts.models import AccessLink
from jobs.jobs import send_mail
from jobs.registry import Payload, handler
from reviews.answering.holding import STATEMENT, make_own_link
from reviews.answering.paper import receipt_file
from reviews.answering.receipt_mails import own_link_mail, receipt_mail
from reviews.models import Receipt, Statement
from reviews.services.statements import MOST_RECEIPTS_A_DAY, RECEIPT, receivers_of

OWN_LINK = "mail_own_link"
KEPT = datetime.timedelta(days=90)
"""How long a link that opens nothing any more is kept, with the address it was sent to."""


@handler(RECEIPT)
def mail_receipt(payload: Payload) -> None:
    """Mail what was handed in, word for word, to one of those who gave an address, with a link of her own.

    When the mail cannot be sent, its link goes too; when the work is done twice, all links work.
    """
    rows = Receipt.objects.select_related(
        "statement__round__version__document__region", "statement__invitation__round", "statement__organisation"
    )
    receipt = rows.filter(pk=payload["receipt"]).first()
    if receipt is None:
        return
    statement = receipt.statement
    if statement.people_removed_at or _mailed_lately(receipt) >= MOST_RECEIPTS_A_DAY:
        return
    for email in receivers_of(statement)[payload["place"] :][:1]:
        attachment = receipt_file(receipt, statement.language)
        link, token = make_own_link(statement, sent_to=email)
        _send(link, receipt_mail(receipt, to=email, site=payload["site"], token=token, attachment=attachment))


@handler(OWN_LINK)
def mail_own_link(payload: Payload) -> None:
    """Mail a respondent the link by which she goes on elsewhere."""
    rows = Statement.objects.select_related("round__version__document__region", "invitation__round")
    statement = rows.filter(pk=payload["statement"]).first()
    if statement is None or statement.people_removed_at:
        return
    link, token = make_own_link(statement, sent_to=payload["email"])
    _send(
        link,
        own_link_mail(statement, to=payload["email"], language=payload["language"], site=payload["site"], token=token),
    )


@handler("forget_statement_links", every=datetime.timedelta(days=1))
def forget_statement_links(payload: Payload) -> None:
    """Delete the links to statements that stopped working long ago."""
    links.forget_links(STATEMENT, before=timezone.now() - KEPT)


def _send(link: AccessLink, mail: Payload) -> None:
    try:
        send_mail(mail)
    except Exception:
        link.delete()
        raise


def _mailed_lately(receipt: Receipt) -> int:
    since = receipt.made_at - datetime.timedelta(days=1)
    return receipt.statement.receipts.filter(pk__lt=receipt.pk, made_at__gte=since).count()
