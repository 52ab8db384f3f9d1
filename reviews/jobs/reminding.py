"""Reminders before the deadline and on it, never in the holidays unless asked for."""

import datetime
from collections.abc import Iterator

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from jobs.registry import Payload, handler
from reviews.models import CommentRound, Invitation, InvitationMail
from reviews.rounds.timetable import is_holiday
from reviews.services.sending import (
    ask_for_mail,
    last_day_of,
    prolong_links,
    remindable_in,
    reminder_key,
)

Kind = InvitationMail.Kind

HOURS = range(7, 20)
"""Hours of the day in Finland in which somebody is reminded."""

REST = datetime.timedelta(days=3)
"""Who was sent the request within this is not reminded yet, except on the last day."""

LONGEST_OWN_TIME = datetime.timedelta(days=400)
"""How long after a round's closing somebody may still have time of her own."""


@handler("remind_of_rounds", every=datetime.timedelta(hours=1))
def remind_of_rounds(payload: Payload) -> None:
    """Remind those who have not answered: some days before the deadline, and on its last day.

    Which reminder is due follows from the day alone, so after an outage nobody gets what was due meanwhile: on the last
    day the last one, before it the first one, if there was none. Asked for with the day as key, so running twice asks
    once.
    """
    now = timezone.now()
    rounds = (
        CommentRound.objects.announced()
        .filter(opens_at__lte=now, closes_at__gt=now - LONGEST_OWN_TIME)
        .select_related("region", "version__document__region")
        .defer("version__content")
    )
    for comment_round in rounds:
        prolong_links(comment_round)
        for invitation, kind in due_in(comment_round, now):
            with transaction.atomic():
                ask_for_mail(
                    invitation,
                    kind,
                    site=settings.SITE_URL or _earlier_site(invitation),
                    by=None,
                    key=reminder_key(timezone.localdate(now)),
                )


def due_in(comment_round: CommentRound, now: datetime.datetime) -> Iterator[tuple[Invitation, InvitationMail.Kind]]:
    """Who is to be reminded of a round now, and how."""
    today, hour = timezone.localdate(now), timezone.localtime(now).hour
    if not comment_round.reminds or hour not in HOURS:
        return
    if is_holiday(today) and not comment_round.reminds_in_holidays:
        return
    rows = remindable_in(comment_round)
    mails = InvitationMail.objects.filter(invitation__in=[row.pk for row in rows])
    reminded: dict[int, datetime.date] = {}
    requested: dict[int, datetime.datetime] = {}
    for mail in mails.order_by("asked_at", "pk"):
        if mail.kind in (Kind.REMINDER, Kind.LAST_REMINDER):
            reminded[mail.invitation_id] = timezone.localdate(mail.asked_at)
        elif mail.kind == Kind.REQUEST and mail.sent_at:
            requested[mail.invitation_id] = mail.sent_at
    for row in rows:
        kind = _due(row, now, today, reminded.get(row.pk), requested.get(row.pk))
        if kind:
            yield row, kind


def _due(
    invitation: Invitation,
    now: datetime.datetime,
    today: datetime.date,
    reminded_on: datetime.date | None,
    requested_at: datetime.datetime | None,
) -> InvitationMail.Kind | None:
    if now >= invitation.deadline or (invitation.asked_at and invitation.time_answered_at is None):
        return None  # who waits for an answer about more time is not pressed meanwhile
    last_day = last_day_of(invitation)
    if today >= last_day:
        was_asked_today = requested_at is not None and timezone.localdate(requested_at) == today
        was_reminded = reminded_on is not None and reminded_on >= last_day
        return None if was_asked_today or was_reminded else Kind.LAST_REMINDER
    first_day = last_day - datetime.timedelta(days=invitation.round.reminder_days)
    if not first_day <= today < last_day - datetime.timedelta(days=1):
        return None  # the day before the last day is too near to it
    if reminded_on is not None and reminded_on >= first_day:
        return None
    if requested_at is not None and requested_at > now - REST:
        return None
    return Kind.REMINDER


def _earlier_site(invitation: Invitation) -> str:
    """What the addresses began with in an earlier mail, where the installation does not say its own."""
    newest = invitation.mails.exclude(site="").order_by("-pk").first()
    return newest.site if newest else ""
