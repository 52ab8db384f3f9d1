"""A region's own words for its mails."""

from django.db import transaction

from accounts.models import User
from audit.services import record
from regions.models import Region
from reviews.inviting.mailtexts import Words, check_words, original_words
from reviews.models import MailText


@transaction.atomic
def save_words(region: Region, kind: str, language: str, words: Words, *, by: User) -> None:
    """Keep a region's words; those that are the original ones leave no row. Raises as `check_words` does."""
    subject = " ".join(words.subject.split())
    body = words.body.replace("\r\n", "\n").strip()
    check_words(subject, body)
    original = original_words(kind, language)
    if (subject, body) == (original.subject, original.body):
        back_to_original(region, kind, language, by=by)
        return
    text, _is_new = MailText.objects.update_or_create(
        region=region, kind=kind, language=language, defaults={"subject": subject, "body": body}
    )
    record(by, "mail_text.saved", text, kind=kind, language=language)


@transaction.atomic
def back_to_original(region: Region, kind: str, language: str, *, by: User) -> None:
    """Forget a region's words, so that the original ones are sent."""
    for text in MailText.objects.filter(region=region, kind=kind, language=language):
        record(by, "mail_text.removed", text, kind=kind, language=language)
        text.delete()
