"""Mails about documents, each in its receiver's language and asked for in the caller's transaction."""

from urllib.parse import urljoin

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts.models import User
from documents.models import Note
from jobs.services import mail

MENTIONED, ANSWERED = "mentioned", "answered"

# What is said in a mail cannot be taken back: the beginning tells what it is about, the rest is read on the page.
SHOWN_LETTERS = 300


def mail_note(note: Note, user: User, *, why: str, site: str) -> None:
    """Tell somebody that a note mentions them, or that a thread in which they took part was answered."""
    document, thread = note.document, note.thread or note
    with translation.override(user.language):
        page = reverse(
            "documents:note-detail", args=[document.region.slug, document.kind, document.public_id, thread.public_id]
        )
        author = str(note.author)
        subject = (
            _("%(name)s mentioned you in a note: %(document)s")
            if why == MENTIONED
            else _("%(name)s answered a note: %(document)s")
        )
        text = render_to_string(
            "documents/_note_mail.txt",
            {
                "mentioned": why == MENTIONED,
                "author": author,
                "document": document.title_in(user.language),
                "section": thread.section.heading_in(user.language),
                "quote": thread.quote,
                "text": Truncator(note.text).chars(SHOWN_LETTERS),
                "url": urljoin(site, page),
            },
        )
        mail(
            [user.email],
            subject=subject % {"name": author, "document": document.title_in(user.language)},
            text=text,
            key=f"note-{note.public_id}-{user.pk}",
            from_name=author,
            region_code=document.region.code,
        )
