"""Making a version public, and taking it back."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from documents import frozen
from documents.blocks import MISSING, translation_state
from documents.models import Publication, Version
from documents.renditions import ask_for_rendition, choices_of
from documents.services.documents import lock


def missing_translations(version: Version) -> dict[str, int]:
    """For each language of the document, how many texts of the version have none in it; full languages are left out."""
    content = frozen.read(version)
    original, *others = content.document["languages"]
    blocks = list(content.blocks())
    counts = {
        language: sum(1 for block in blocks if translation_state(block, language, original=original) == MISSING)
        for language in others
    }
    return {language: count for language, count in counts.items() if count}


@transaction.atomic
def publish(
    version: Version, *, languages: Sequence[str], by: User | None, despite_missing: bool = False
) -> Publication:
    """Let anyone read a version in these languages from now on; an earlier public version of the document gives way.

    Raises ValidationError when a language of the document is left out or has gaps, unless the region says that it
    publishes all the same (`language_missing`).
    """
    document = lock(version.document)
    left_out = [language for language in document.languages if language not in languages]
    if (left_out or missing_translations(version)) and not despite_missing:
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
    record(by, "version.published", document, version=version.number, languages=publication.languages)
    return publication


@transaction.atomic
def publish_with_files(
    version: Version, *, languages: Sequence[str], by: User | None, despite_missing: bool = False
) -> Publication:
    """Publish, and have every file of the version made, so that its first readers need not wait for them."""
    publication = publish(version, languages=languages, by=by, despite_missing=despite_missing)
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
