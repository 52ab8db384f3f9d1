"""Making a version public, and taking it back."""

from collections.abc import Collection, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from documents import frozen
from documents.blocks import BEHIND, MISSING, translation_state
from documents.models import Publication, Version
from documents.renditions import ask_for_rendition, choices_of
from documents.search.index import index_version
from documents.services.documents import lock
from documents.short_texts import short_state


def missing_translations(version: Version) -> dict[str, int]:
    """For each language of the document, how many texts of the version are not translated; full ones are left out."""
    return _counted(version, MISSING)


def translations_behind(version: Version) -> dict[str, int]:
    """For each language of the document, how many texts were translated from an earlier original."""
    return _counted(version, BEHIND)


def _counted(version: Version, state: str) -> dict[str, int]:
    content = frozen.read(version)
    original = content.document["languages"][0]
    others = [language for language in version.document.languages if language != original]
    blocks = list(content.blocks())
    counts = {
        language: sum(1 for block in blocks if translation_state(block, language, original=original) == state)
        for language in others
    }
    short = [(section.heading, section.heading_shown) for section in content.sections]
    shown = content.document.get("texts_shown", {})
    short += [(content.document.get(name, {}), shown.get(name, {})) for name in ("title", "description")]
    for language in others:
        counts[language] += sum(short_state(*texts, language, original) == state for texts in short)
    return {language: count for language, count in counts.items() if count}


def incomplete_languages(version: Version, languages: Sequence[str]) -> list[str]:
    """The languages of which a region must say that it publishes all the same: left out, or with gaps."""
    missing = missing_translations(version)
    return [code for code in version.document.languages if code not in languages or code in missing]


@transaction.atomic
def publish(
    version: Version,
    *,
    languages: Sequence[str],
    by: User | None,
    despite_missing: bool = False,
    despite: Collection[str] = (),
) -> Publication:
    """Let anyone read a version in these languages from now on; an earlier public version of the document gives way.

    Raises ValidationError when a language of the document is left out or has gaps (`language_missing`), unless the
    region names it in `despite` or says of all languages that it publishes all the same. Translations that are behind
    keep nobody from publishing.
    """
    document = lock(version.document)
    unsaid = [code for code in incomplete_languages(version, languages) if code not in despite]
    if unsaid and not despite_missing:
        raise ValidationError(
            _("The version is not complete in every language. Confirm that it is published all the same."),
            code="language_missing",
        )
    now = timezone.now()
    Publication.objects.filter(version__document=document, withdrawn_at=None).update(withdrawn_at=now)
    publication = Publication.objects.create(
        region_id=document.region_id,
        version=version,
        languages=[language for language in document.languages if language in languages],
        published_at=now,
        published_by=by,
    )
    index_version(version)
    record(by, "version.published", document, version=version.number, languages=publication.languages)
    return publication


@transaction.atomic
def publish_with_files(
    version: Version, *, languages: Sequence[str], by: User | None, despite: Collection[str] = ()
) -> Publication:
    """Publish, and have every file of the version made, so that its first readers need not wait for them."""
    publication = publish(version, languages=languages, by=by, despite=despite)
    for choice in choices_of(version):
        ask_for_rendition(version, choice)
    return publication


@transaction.atomic
def withdraw(publication: Publication, *, by: User | None) -> None:
    """Take a version back from the public. It stays, and so does the note of when it was public."""
    document = lock(publication.version.document)
    if Publication.objects.filter(pk=publication.pk, withdrawn_at=None).update(withdrawn_at=timezone.now()):
        record(by, "version.withdrawn", document, version=publication.version.number)


def public_now() -> QuerySet[Publication]:
    """What anyone may read now, newest first, without the contents."""
    return (
        Publication.objects.filter(withdrawn_at=None, published_at__lte=timezone.now())
        .select_related("version__document__region")
        .defer("version__content")
        .order_by("-published_at")
    )
