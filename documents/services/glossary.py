"""Writing a region's glossary."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from documents.glossary import new_standard_words
from documents.models import GlossaryTerm
from regions.models import Region


@transaction.atomic
def save_term(
    region: Region, *, words: Mapping[str, str], note: str, by: User | None, term: GlossaryTerm | None = None
) -> GlossaryTerm:
    """Add a word to the glossary or change one.

    Raises ValidationError with fewer than two languages (`one_word`), or when the word to be changed has been removed
    meanwhile (`term_gone`).
    """
    filled = {language: " ".join(word.split()) for language, word in words.items() if word.strip()}
    if len(filled) < 2:
        raise ValidationError(_("Write the word in at least two languages."), code="one_word")
    if term and not GlossaryTerm.objects.select_for_update(of=("self",)).filter(pk=term.pk).exists():
        raise ValidationError(
            _("Somebody has removed this word from the glossary meanwhile. Save again to add it anew."),
            code="term_gone",
        )
    saved = term or GlossaryTerm(region=region)
    saved.words, saved.note = filled, note.strip()
    saved.save()
    record(by, "glossary.word_changed" if term else "glossary.word_added", saved)
    return saved


@transaction.atomic
def remove_term(term: GlossaryTerm, *, by: User | None) -> None:
    """Take a word out of the glossary."""
    record(by, "glossary.word_removed", term)
    term.delete()


@transaction.atomic
def add_standard_words(region: Region, *, by: User | None) -> int:
    """Add the standard words that the glossary does not have yet; answers how many. Nothing there is changed."""
    Region.objects.select_for_update(of=("self",)).get(pk=region.pk)
    languages = set(region.languages)
    terms = [
        GlossaryTerm(
            region=region,
            words={key: value for key, value in row.items() if key in languages | {"fi", "sv", "en"} and key != "note"},
            note=row.get("note", ""),
        )
        for row in new_standard_words(region)
    ]
    GlossaryTerm.objects.bulk_create(terms)
    if terms:
        record(by, "glossary.standard_words_added", region, count=len(terms))
    return len(terms)
