"""What the answer desk brings to the pages of a document: the way to it, and beside a section what was said of it."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from documents import kinds
from documents.models import Document, Section
from documents.permissions import can_read_draft
from regions.permissions import Rights
from reviews.desk.listing import UNANSWERED, Wanted, remarks_of
from reviews.desk.respondents import respondent_name
from reviews.models import Remark

MOST_SHOWN = 8


def desk_links(document: Document, rights: Rights) -> list[kinds.Link]:
    """The answer desk of a document, for those who write it."""
    if not can_read_draft(rights, document):
        return []
    args = [document.region.slug, document.kind, document.public_id]
    return [kinds.Link(_("Handling of comments"), reverse("reviews:remark-list", args=args), "comment")]


def remark_panels(section: Section, rights: Rights) -> list[kinds.Panel]:
    """Remarks on a section that wait for an answer: one query. Nothing where none does."""
    document = section.document
    if not can_read_draft(rights, document):
        return []
    rows = open_in_section(section)
    if not rows:
        return []
    address = reverse("reviews:remark-list", args=[document.region.slug, document.kind, document.public_id])
    query = Wanted(section=section.key, answer=UNANSWERED).query
    shown = [
        {"remark": row, "name": respondent_name(row), "url": f"{address}{row.public_id}/?{query}"}
        for row in rows[:MOST_SHOWN]
    ]
    context = {"rows": shown, "count": len(rows), "left": len(rows) - len(shown), "list_url": f"{address}?{query}"}
    return [kinds.Panel("reviews/remark_list_panel.html", context)]


def open_in_section(section: Section) -> list[Remark]:
    """Remarks without an answer whose place is in a section today, in the order of the text: one query."""
    document = section.document
    here = document.block_identities.filter(
        Q(section=section) | Q(alias_of__section=section) | Q(alias_of__alias_of__section=section)
    )
    elsewhere = document.block_identities.filter(section__isnull=False).exclude(section=section)
    placed = Q(section_in_draft=section.key) | Q(place_in_draft__in=here.values("block_id"))
    own = Q(section_in_draft="", place_in_draft="") & (
        Q(block_id__in=here.values("block_id"))
        | (Q(section_key=section.key) & ~Q(block_id__in=elsewhere.values("block_id")))
    )
    rows = remarks_of(document).unanswered().shown().filter(placed | own)
    return list(rows.select_related("statement__organisation", "statement__user", "author").order_by("order", "pk"))
