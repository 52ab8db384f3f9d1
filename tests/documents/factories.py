"""Documents with text, made through the services that the browser uses."""

from documents.models import Document, Revision, Section
from documents.services.documents import create_document
from documents.services.outline import add_section
from documents.services.sections import save_section
from regions.models import Region


def make_region(code="19", name="Pohjois-Pohjanmaan hyvinvointialue", languages=("fi", "sv")):
    region, _made = Region.objects.get_or_create(
        code=code, defaults={"name": name, "name_fi": name, "slug": f"alue-{code}", "languages": list(languages)}
    )
    return region


def make_document(region=None, *, languages=("fi", "sv"), kind=Document.Kind.HANDBOOK, by=None):
    return create_document(
        region or make_region(),
        kind=kind,
        title=dict.fromkeys(languages, "Esimerkki"),
        languages=list(languages),
        by=by,
    )


def make_section(document, html="", *, key="nykytila", parent=None, by=None) -> Section:
    """A section with this Finnish text."""
    section = add_section(document, heading={"fi": key.capitalize()}, key=key, parent=parent, by=by)
    if html:
        save_section(section, by=by, base=None, html={"fi": html})
    return fresh(section)


def fresh(section) -> Section:
    return Section.objects.select_related("head", "document").get(pk=section.pk)


def blocks(section):
    head = fresh(section).head
    return head.blocks if head else []


def texts(section, language="fi"):
    return [block.plain_in(language) for block in blocks(section)]


def ids(section):
    return [block.id for block in blocks(section)]


def head(section) -> Revision | None:
    return fresh(section).head
