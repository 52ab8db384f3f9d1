"""Telling those who write a document which remarks wait for them."""

from urllib.parse import urljoin

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from accounts.models import User
from documents.models import Document
from documents.permissions import draft_readers
from jobs.jobs import send_mail
from jobs.registry import Payload, handler
from jobs.services import mail_payload
from reviews.models import Remark
from reviews.services.answers import TELL_ASSIGNED


@handler(TELL_ASSIGNED)
def tell_assigned(payload: Payload) -> None:
    """One mail with how many remarks on a document wait for her; none where nothing waits any more."""
    document = Document.objects.select_related("region").filter(pk=payload["document"]).first()
    user = draft_readers(document).filter(pk=payload["user"]).first() if document else None
    if document is None or user is None:
        return  # she does not write it any more
    waiting = Remark.objects.filter(version__document=document, assigned_to=user).received().unanswered().count()
    if waiting:
        send_mail(assigned_mail(document, user, waiting, site=payload["site"]))


def assigned_mail(document: Document, user: User, waiting: int, *, site: str) -> Payload:
    """How many, of which document, and where; what was said stays in the program."""
    with override(user.language):
        page = reverse("reviews:remark-list", args=[document.region.slug, document.kind, document.public_id])
        title = document.title_in(user.language)
        paragraphs = [
            _("Hello %(name)s,") % {"name": user.name} if user.name else _("Hello,"),
            ngettext(
                "%(count)d comment on the document “%(document)s” waits for your answer.",
                "%(count)d comments on the document “%(document)s” wait for your answer.",
                waiting,
            )
            % {"count": waiting, "document": title},
            _("Read and answer them here:"),
            urljoin(site, f"{page}?handler=me&answer=none"),
            _("This message comes at most once a day."),
        ]
        subject = _("Comments to answer: %(document)s") % {"document": title}
    return mail_payload(
        [user.email], subject=subject, text="\n\n".join(paragraphs) + "\n", region_code=document.region.code
    )
