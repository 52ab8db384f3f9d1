"""Who has a section open now, and what others have saved since: what the editor asks every quarter of a minute."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import Request
from documents.models import Document, Revision, Section
from documents.permissions import can_edit
from documents.services.visiting import note_visit
from documents.views.finding import find_draft, find_section
from documents.views.saving import NUMBER, arrived_before, conflicts_html, others_between, standing_answer


@require_POST
def section_presence(request: Request, region: str, kind: str, public_id: str, key: str) -> HttpResponse:
    """Note that the reader has the section open (or leaves it), and tell who else has and what is new.

    The browser says up to which revision the text that it shows is the standing one (`seen`). Where somebody has saved
    since and nothing unsaved is in the way (`clean`), the answer brings the text.
    """
    document, rights = find_draft(request, region, kind, public_id)
    section = find_section(document, key)
    writes = can_edit(rights, document)
    seen = _number(request.POST.get("seen", ""))
    is_open = request.POST.get("leaving") != "1"
    note_visit(section, by=request.user, seen=seen, is_open=is_open and writes)
    if not is_open:
        return HttpResponse(status=204)
    head = section.head.number if section.head else 0
    answer: dict[str, Any] = {"others": _others(section, request), "head": head, "may_edit": writes}
    answer["arrived"] = arrived_before(section, request) is not None
    if request.POST.get("clean") == "1":
        # Also where the text is the one that is shown: what another typed may wait beside it.
        answer["conflicts"] = conflicts_html(request, document, section)
        if head > seen:
            answer |= _news(request, document, section, seen)
    return JsonResponse(answer)


def _number(sent: str) -> int:
    return int(sent) if NUMBER.fullmatch(sent) else 0


def _others(section: Section, request: Request) -> str:
    rows = section.visits.present().exclude(user=request.user).select_related("user").order_by("user__name", "pk")
    names = [str(row.user) for row in rows]
    if not names:
        return ""
    if len(names) == 1:
        return _("%(name)s is editing this section") % {"name": names[0]}
    more = _("%(names)s and %(last)s are editing this section")
    return more % {"names": ", ".join(names[:-1]), "last": names[-1]}


def _news(request: Request, document: Document, section: Section, seen: int) -> dict[str, Any]:
    base: Revision | None = section.revisions.filter(number=seen).first() if seen else None
    return standing_answer(request, document, section) | {"by": others_between(section, base, request.user)}
