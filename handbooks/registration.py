"""What `handbooks` brings to `documents`: its kinds of document, with their pages and what stands beside a section."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from documents import kinds
from documents.models import Document, Section
from documents.permissions import can_edit
from handbooks.models import Assessment, Handbook, Template, WordImport
from handbooks.permissions import can_create_handbook
from handbooks.queries import (
    answer_tables_in,
    guidance_in,
    handbook_of,
    handbook_snapshot,
    is_no_longer_asked,
    tasks_of,
    template_content,
)
from handbooks.services.keys import TRAY_KEY
from regions.models import Region
from regions.permissions import Rights


def register() -> None:
    kinds.register_document(
        kinds.DocumentKind(
            name=Document.Kind.HANDBOOK,
            label=_("Handbook"),
            snapshot=handbook_snapshot,
            links=handbook_links,
            panels=handbook_panels,
            list_links=handbook_list_links,
            badges=handbook_badges,
            standing_versions=handed_in_versions,
            kept_by=handbook_kept_by,
            forget=forget_handbook,
        )
    )
    kinds.register_document(
        kinds.DocumentKind(
            name=Document.Kind.TEMPLATE,
            label=_("Handbook template"),
            links=template_links,
            panels=template_panels,
            has_text=False,
            forget=forget_template,
        )
    )


def handbook_badges(documents: Iterable[Document]) -> dict[int, str]:
    """Which handbooks have been handed in."""
    rows = Handbook.objects.handed_in().filter(document__in=[document.pk for document in documents])
    return dict.fromkeys(rows.values_list("document", flat=True), "handed_in")


def handed_in_versions(document: Document) -> set[int]:
    """The version of a handbook that its group has handed in."""
    return set(Handbook.objects.handed_in().filter(document=document).values_list("handed_in", flat=True))


def handbook_kept_by(document: Document) -> list[str]:
    """Why a handbook without text is still more than a mistake: files read in for it, and assessments."""
    reasons: list[str] = []
    if WordImport.objects.filter(handbook__document=document).exists():
        reasons.append(str(_("A Word file has been brought in for it.")))
    if Assessment.objects.filter(handbook__document=document).exists():
        reasons.append(str(_("Its group has assessed criteria in it.")))
    return reasons


def forget_handbook(document: Document) -> None:
    Handbook.objects.filter(document=document).delete()


def forget_template(document: Document) -> None:
    Template.objects.filter(document=document).delete()


def handbook_links(document: Document, rights: Rights) -> list[kinds.Link]:
    """The pages of a handbook, for those who write it."""
    if not can_edit(rights, document):
        return []

    def page(name: str) -> str:
        return reverse(f"handbooks:{name}", args=[document.region.slug, document.public_id])

    return [
        kinds.Link(_("Work through it in a meeting"), page("meeting"), "people"),
        kinds.Link(_("Import a Word file"), page("word-import-add"), "upload"),
        kinds.Link(_("Take it out as a Word form"), page("handbook-form"), "download"),
        kinds.Link(_("Assess the criteria"), page("assessment"), "check"),
        kinds.Link(_("Hand in"), page("handing-in"), "arrow"),
    ]


def handbook_list_links(region: Region, rights: Rights) -> list[kinds.Link]:
    """What a coordinator begins from the list of handbooks."""
    if not can_create_handbook(rights, region):
        return []
    templates = reverse("documents:document-list", args=[region.slug, Document.Kind.TEMPLATE])
    return [
        kinds.Link(_("New handbook"), reverse("handbooks:handbook-add", args=[region.slug]), "add"),
        kinds.Link(_("Handbook templates"), templates, "document"),
    ]


def handbook_panels(section: Section, rights: Rights) -> list[kinds.Panel]:
    """The way back to the meeting; then the task's guidance, or that the template does not ask this any more."""
    if section.key == TRAY_KEY:
        return [kinds.Panel("handbooks/_tray_panel.html")]
    handbook = handbook_of(section.document)
    if handbook is None:
        return []
    meeting = _way_back(handbook, section) if can_edit(rights, section.document) else {}
    content = template_content(handbook)
    if content is not None and is_no_longer_asked(section, content):
        return [kinds.Panel("handbooks/_no_longer_asked_panel.html", meeting)]
    task = next((row for row in content.sections if row.key == section.key), None) if content else None
    asked = task.guidance if task else {}
    guidance = guidance_in(asked, _own_language(section.document))
    starts = answer_tables_in(asked)
    if not guidance and not meeting and not starts:
        return []
    return [kinds.Panel("handbooks/_guidance_panel.html", {"guidance": guidance, **meeting}, starts)]


def _way_back(handbook: Handbook, section: Section) -> dict[str, str | int]:
    """Where a group came from to write an answer: the item of its meeting. Empty for a chapter."""
    tasks = tasks_of(handbook)
    row = next((row for row in tasks if row.section.pk == section.pk), None)
    if row is None:
        return {}
    document = section.document
    address = reverse("handbooks:task", args=[document.region.slug, document.public_id, section.key])
    return {"meeting_url": address, "number": row.number, "tasks": len(tasks)}


def template_links(document: Document, rights: Rights) -> list[kinds.Link]:
    links = [
        kinds.Link(
            _("Take it out as a Word form"),
            reverse("handbooks:template-form", args=[document.region.slug, document.public_id]),
            "download",
        )
    ]
    if can_create_handbook(rights, document.region) and Template.objects.filter(document=document).exists():
        address = reverse("handbooks:handbook-add", args=[document.region.slug])
        links.append(kinds.Link(_("Make a handbook from it"), f"{address}?template={document.public_id}", "add"))
    return links


def template_panels(section: Section, rights: Rights) -> list[kinds.Panel]:
    """What kind of answer the task asks for; a chapter over other tasks asks for none."""
    document = section.document
    address = reverse("handbooks:template-task", args=[document.region.slug, document.public_id, section.key])
    is_chapter = document.sections.present().filter(parent=section.pk).exists()
    context = {
        "facet": "" if is_chapter else section.get_facet_display(),
        "no_guidance": not any(section.guidance.values()),
        "url": address if can_create_handbook(rights, document.region) else "",
    }
    return [kinds.Panel("handbooks/_task_panel.html", context)]


def _own_language(document: Document) -> str:
    own = get_language() or ""
    return own if own in document.languages else document.original
