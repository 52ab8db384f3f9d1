"""From whose remark a change of the text came: for the history of the text."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from documents.kinds import Link
from documents.models import Document
from reviews.models import Remark, Statement


def origins(document: Document, revisions: Iterable[Any]) -> dict[int, Link]:
    """The remark that each revision names in its note: one query. Those who read the history handle the remarks."""
    noted = {row.pk: row.note for row in revisions if row.note}
    rows = Remark.objects.filter(public_id__in=set(noted.values()), version__document=document)
    known = {row.public_id: row for row in rows.select_related("statement__organisation")} if noted else {}
    return {pk: _link(document, known[note]) for pk, note in noted.items() if note in known}


def _link(document: Document, remark: Remark) -> Link:
    url = reverse("reviews:remark", args=[document.region.slug, document.kind, document.public_id, remark.public_id])
    return Link(_("From the remark: %(name)s") % {"name": _whose(remark)}, url, "comment")


def _whose(remark: Remark) -> str:
    """An organisation by its name, people without theirs: a history is read longer than names are kept."""
    statement = remark.statement
    if statement is None:
        return _("a member of our own group")
    if statement.kind == Statement.Kind.ANONYMOUS or statement.organisation is None:
        return _("a resident")
    return str(statement.organisation)
