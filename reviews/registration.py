"""What `reviews` brings to the packages below it: the pages of a document's rounds, and what its links open."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.links import register_purpose
from documents import kinds
from documents.models import Document, Version
from documents.permissions import can_coordinate, can_read_draft
from regions.permissions import Rights
from reviews.answering.holding import INVITATION, STATEMENT
from reviews.desk.origins import origins
from reviews.desk.panels import desk_links, remark_panels
from reviews.services.accepting import note_first_version


def register() -> None:
    register_purpose(INVITATION, opens="reviews:by-invitation")
    register_purpose(STATEMENT, opens="reviews:by-statement")
    kinds.add_origins(origins)
    kinds.after_freezing(note_first_version)
    for kind in (Document.Kind.PLAN, Document.Kind.HANDBOOK):
        kinds.add_links(kind, round_links)
        kinds.add_version_links(kind, version_links)
        kinds.add_links(kind, desk_links)
    kinds.add_panels(remark_panels)


def round_links(document: Document, rights: Rights) -> list[kinds.Link]:
    """The rounds of a document, for those who read its draft."""
    if not can_read_draft(rights, document):
        return []
    address = reverse("reviews:round-list", args=[document.region.slug, document.kind, document.public_id])
    return [kinds.Link(_("Rounds of comments and statements"), address, "comment")]


def version_links(document: Document, version: Version, rights: Rights) -> list[kinds.Link]:
    """What can be begun with a version: asking others about it."""
    if not can_coordinate(rights, document):
        return []
    args = [document.region.slug, document.kind, document.public_id, version.number]
    return [kinds.Link(_("Ask for comments"), reverse("reviews:round-add", args=args), "comment")]
