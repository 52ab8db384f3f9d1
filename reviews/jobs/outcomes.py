"""Telling respondents what came of their remarks."""

from django.utils import timezone

from jobs.jobs import send_mail
from jobs.registry import Payload, handler
from reviews.holding import make_own_link
from reviews.models import Statement
from reviews.outcome_mails import outcome_mail
from reviews.services.outcomes import OUTCOME
from reviews.services.statements import receivers_of


@handler(OUTCOME)
def mail_outcome(payload: Payload) -> None:
    """Tell one respondent, once. Done twice, who was told is not told again."""
    rows = Statement.objects.select_related("round__version__document__region", "invitation__round", "organisation")
    statement = rows.filter(pk=payload["statement"], told_at=None, people_removed_at=None).first()
    if statement is None:
        return
    for email in receivers_of(statement):
        link, token = make_own_link(statement, sent_to=email)
        try:
            send_mail(outcome_mail(statement, to=email, site=payload["site"], token=token))
        except Exception:
            link.delete()
            raise
    Statement.objects.filter(pk=statement.pk).update(told_at=timezone.now())
