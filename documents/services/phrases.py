"""Writing the texts that a region uses again and again."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from documents.models import Phrase
from documents.phrases import settled
from regions.models import Region


@transaction.atomic
def save_phrase(
    region: Region, *, name: str, text: Mapping[str, str], by: User | None, phrase: Phrase | None = None
) -> Phrase:
    """Keep a text for using it again, or change one. `text` is what an editor holds, HTML by language.

    Raises ValidationError without words in any language (`text_missing`), for a name that the region has already, and
    for what no person writes (see `html.parse`).
    """
    texts = {language: html for language, source in text.items() if (html := settled(source, language))}
    if not texts:
        raise ValidationError(_("Write the text in at least one language."), code="text_missing")
    saved = phrase or Phrase(region=region, author=by)
    saved.name, saved.text = " ".join(name.split()), texts
    saved.full_clean(exclude=["author"])
    saved.save()
    record(by, "phrase.changed" if phrase else "phrase.added", saved)
    return saved


@transaction.atomic
def remove_phrase(phrase: Phrase, *, by: User | None) -> None:
    """Take a text out of the list. Documents into which it was put keep it: it is theirs by then."""
    record(by, "phrase.removed", phrase)
    phrase.delete()
