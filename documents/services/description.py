"""What a document says of itself, and how far its sections are."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from documents.models import Document, Section
from documents.search.index import index_title
from documents.services.documents import lock
from documents.short_texts import shown_after
from regions.models import Body, StoredFile
from regions.sealing import require_one_region


def _filled(texts: Mapping[str, str]) -> dict[str, str]:
    return {language: text.strip() for language, text in texts.items() if text.strip()}


@transaction.atomic
def describe_document(
    document: Document,
    *,
    by: User | None,
    title: Mapping[str, str],
    description: Mapping[str, str],
    languages: Sequence[str],
    writing_body: Body | None,
    cover: StoredFile | None,
    cover_alt: Mapping[str, str],
) -> Document:
    """Change a document's title, description, languages, writing body and cover.

    Raises ValidationError without a title in the original's language (`title_missing`), with a cover that has no text
    alternative (`alt_missing`), or when the original's language would change although there is text
    (`original_fixed`): translations would then be measured against the wrong text.
    """
    document = lock(document)
    require_one_region(document.region, writing_body, cover)
    if not languages or not title.get(languages[0], "").strip():
        raise ValidationError(_("Give the document a title."), code="title_missing")
    if cover and not cover_alt.get(languages[0], "").strip():
        raise ValidationError(_("Tell in words what the cover image shows."), code="alt_missing")
    if languages[0] != document.original and document.revisions.exists():
        raise ValidationError(
            _("The first language cannot be changed when there is text already."), code="original_fixed"
        )
    texts = {
        "title": _filled(title),
        "description": _filled(description),
        "cover_alt": _filled(cover_alt) if cover else {},
    }
    document.languages = list(languages)
    document.texts_shown = {
        name: shown_after(
            getattr(document, name), document.texts_shown.get(name, {}), after, original=document.original
        )
        for name, after in texts.items()
    }
    document.title, document.description, document.cover_alt = texts.values()
    document.writing_body = writing_body
    document.cover = cover
    document.save(
        update_fields=["title", "description", "texts_shown", "languages", "writing_body", "cover", "cover_alt"]
    )
    index_title(document)
    record(by, "document.described", document)
    return document


@transaction.atomic
def set_section_state(section: Section, state: str, *, by: User | None) -> Section:
    """Mark a section as ready, or as a draft again.

    Raises ValidationError when it has no text (`section_empty`) or two people's texts still wait for a choice
    (`conflicts_open`).
    """
    document = lock(section.document)
    section = document.sections.select_related("head").get(pk=section.pk)
    if state not in {Section.State.DRAFT, Section.State.READY}:
        raise ValueError(f"A section cannot be marked {state!r}.")
    if section.state == Section.State.EMPTY:
        raise ValidationError(_("The section has no text yet."), code="section_empty")
    if state == Section.State.READY and section.conflicts.filter(settled_at=None).exists():
        raise ValidationError(
            _("Two people have changed the same text. Choose which text stays before you mark the section as ready."),
            code="conflicts_open",
        )
    if section.state != state:
        section.state = state
        section.save(update_fields=["state"])
        record(by, "section.state_set", document, section=section.key, state=str(state))
    return section
