"""What a template's task asks: its guidance, the kind of answer and its criterion."""

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from criteria.models import Criterion
from documents.models import Section
from documents.richtext import plain
from documents.services.documents import lock
from handbooks.guidance import clean_guidance
from handbooks.models import Template

_HEADING = re.compile(r"<(/?)h[1-6]\b[^>]*>")


@transaction.atomic
def change_task(
    section: Section, *, guidance: Mapping[str, str], facet: str, criterion: Criterion | None, by: User | None
) -> Section:
    """Change the guidance (language and HTML), the facet and the criterion of a section of a template.

    Handbooks are bound to frozen versions of the template, so none of them changes before its coordinator takes a newer
    version into use. Locks the template. Raises ValidationError for a criterion of another set than the template's
    (`other_criteria_set`).
    """
    document = lock(section.document)
    template = Template.objects.get(document=document)
    section = document.sections.present().get(pk=section.pk)
    section.document = document
    if facet not in Section.Facet.values:
        raise ValueError(f"There is no facet {facet!r}.")
    if criterion is not None and criterion.set_id != template.criteria_set_id:
        raise ValidationError(_("Choose a criterion of the template's own criteria set."), code="other_criteria_set")
    cleaned = {language: str(clean_guidance(_HEADING.sub(r"<\1p>", html))) for language, html in guidance.items()}
    kept = {language: html for language, html in section.guidance.items() if language not in cleaned}
    values = {
        "guidance": kept | {language: html for language, html in cleaned.items() if plain(html)},
        "facet": facet,
        "criterion": criterion,
    }
    changed = [name for name, value in values.items() if getattr(section, name) != value]
    if changed:
        for name in changed:
            setattr(section, name, values[name])
        section.save(update_fields=changed)
        record(by, "template.task_changed", document, section=section.key, changed=changed)
    return section
