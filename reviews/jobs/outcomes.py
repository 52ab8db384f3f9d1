"""Telling respondents what came of their remarks."""

from django.utils import timezone

from jobs.jobs import send_mail
from jobs.registry import Payload, handler
from reviews.answering.holding import make_own_link
from reviews.models import Statement
from reviews.services.outcomes import OUTCOME
from reviews.services.statements import receivers_of
from reviews.summary.outcome_mails import outcome_mail


@handler(OUTCOME)
def mail_outcome(payload: Payload) -> None:
    """Tell one respondent at one of her addresses. Done twice, who was told is not told again."""
    rows = Statement.objects.select_related("round__version__document__region", "invitation__round", "organisation")
    statement = rows.filter(pk=payload["statement"], people_removed_at=None).first()
    is_first = payload["place"] == 0
    if statement is None or (is_first and statement.told_at):
        return
    for email in receivers_of(statement)[payload["place"] :][:1]:
        link, token = make_own_link(statement, sent_to=email)
        try:
            send_mail(outcome_mail(statement, to=email, site=payload["site"], token=token))
        except Exception:
            link.delete()
            raise
    Statement.objects.filter(pk=statement.pk, told_at=None).update(told_at=timezone.now())
