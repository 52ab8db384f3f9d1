"""Making the statement in which a visitor writes, and holding the way back to it."""

from django.http import HttpRequest
from django.utils.translation import get_language

from reviews.answering.holding import Visit, hold, make_own_link
from reviews.models import Statement
from reviews.services.statements import begin


def begin_for(
    request: HttpRequest, visit: Visit, kind: Statement.Kind, form: Statement.Form = Statement.Form.FULL
) -> Statement:
    """Begin, and hold the way back to it: the invitation's link, the account, or a link that only the session knows."""
    statement = begin(
        visit.round,
        kind=kind,
        language=get_language() or "fi",
        invitation=visit.invitation,
        user=visit.user,
        form=form,
    )
    statement.round = visit.round
    if visit.invitation is None and (visit.user is None or statement.user_id is None):
        link, _token = make_own_link(statement)
        hold(request, visit.round, link)
    return statement
