"""Work of the installation itself."""

import datetime
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.mail import EmailMultiAlternatives

from audit.services import seal_all
from jobs.registry import Payload, handler


@handler("send_mail")
def send_mail(payload: Payload) -> None:
    """Send one mail. Its message number was given when it was asked for, so one sent twice can be told as one."""
    sender = settings.DEFAULT_FROM_EMAIL
    if payload.get("from_name"):
        sender = formataddr((payload["from_name"], parseaddr(sender)[1]))
    message = EmailMultiAlternatives(
        subject=payload["subject"],
        body=payload["text"],
        from_email=sender,
        to=payload["to"],
        reply_to=payload.get("reply_to") or None,
        headers={"Message-ID": payload["message_id"]},
    )
    if payload.get("html"):
        message.attach_alternative(payload["html"], "text/html")
    for attachment in payload.get("attachments", []):
        if "content" in attachment:  # made by the job that sends it, and stored nowhere
            message.attach(attachment["name"], attachment["content"], attachment["content_type"])
            continue
        with default_storage.open(attachment["path"], "rb") as file:
            message.attach(attachment["name"], file.read(), attachment["content_type"])
    message.send()


@handler("seal_audit", every=datetime.timedelta(minutes=5))
def seal_audit(payload: Payload) -> None:
    """Seal the new rows of every region's audit trail."""
    seal_all()
