"""A statement that begins when somebody says something about the text, without having chosen before how she answers."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from reviews.answering import limits
from reviews.answering.holding import Visit
from reviews.models import Statement
from reviews.views.answering.beginning import begin_for
from reviews.views.answering.entry import ways_of as offered_ways
from reviews.views.answering.frame import too_many_text


def ways_of(visit: Visit) -> dict[str, str]:
    """In which ways this visitor can answer, and how each is called; who was asked as a group answers for it."""
    is_asked = visit.invitation and (visit.invitation.organisation_id or visit.invitation.body_id)
    if is_asked and visit.round.allows_official:
        return {Statement.Kind.OFFICIAL.value: ""}
    return {row["kind"]: row["label"] for row in offered_ways(visit) if row["form"] == Statement.Form.FULL}


def begin_here(request: HttpRequest, visit: Visit, *, way: str) -> Statement:
    """The statement of this visitor, begun now, with the right to write in it noted in her session.

    Raises ValidationError: `way_missing`, `too_often`, and as `services.statements.begin` does.
    """
    ways = ways_of(visit)
    chosen = next(iter(ways)) if len(ways) == 1 else way
    if chosen not in ways:
        raise ValidationError({"way": ValidationError(_("Choose how you answer."), code="way_missing")})
    if not limits.is_within(limits.BEGIN, request, of=visit.round.public_id):
        raise ValidationError(too_many_text(), code="too_often")
    return begin_for(request, visit, Statement.Kind(chosen))
