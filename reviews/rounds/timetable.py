"""When a round is held: warnings of its dates, the dates that it begins with, and those counted back from a board.

Nothing here forbids a date. In July and from 23 December to 6 January hardly anybody answers in Finland, and bodies
that give statements meet once a month, so fewer than six weeks leave some of them out.
"""

import datetime
from dataclasses import dataclass

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

SHORTEST_WEEKS = 6
CLOSING_TIME = datetime.time(16, 0)
OPENING_TIME = datetime.time(9, 0)
FRIDAY = 4
WEEK = datetime.timedelta(weeks=1)


def is_holiday(day: datetime.date) -> bool:
    """July, and from 23 December to 6 January."""
    return day.month == 7 or (day.month == 12 and day.day >= 23) or (day.month == 1 and day.day <= 6)


def calendar_warnings(opens_at: datetime.datetime, closes_at: datetime.datetime) -> list[str]:
    """What a coordinator should know of the dates before she promises them."""
    first, last = timezone.localdate(opens_at), timezone.localdate(closes_at)
    if last < first:
        return []
    found = []
    days = [first + datetime.timedelta(days=number) for number in range(min((last - first).days, 730) + 1)]
    if closes_at <= timezone.now():
        found.append(_("The closing date has passed."))
    if closes_at - opens_at < SHORTEST_WEEKS * WEEK - datetime.timedelta(days=1):
        weeks = (last - first).days // 7
        text = ngettext(
            "The round lasts %(weeks)d week. Bodies that meet once a month need at least six weeks for a statement.",
            "The round lasts %(weeks)d weeks. Bodies that meet once a month need at least six weeks for a statement.",
            weeks,
        )
        found.append(text % {"weeks": weeks})
    if any(day.month == 7 for day in days):
        found.append(_("The round goes on in July, when municipal bodies do not meet and reminders are not sent."))
    if any(is_holiday(day) and day.month != 7 for day in days):
        found.append(_("The round goes on at the turn of the year (23 December to 6 January). Few answer then."))
    if last.weekday() > FRIDAY:
        found.append(_("The round closes at a weekend, when nobody can be asked for help."))
    return found


def first_dates(today: datetime.date) -> tuple[datetime.datetime, datetime.datetime, datetime.date]:
    """Opening, closing and the day by which respondents are answered, of a round that is being prepared now.

    Seven weeks from the Monday after next to a Friday, or from the first later Monday that keeps clear of holidays.
    """
    opens = today + datetime.timedelta(days=14 - today.weekday())
    length = 7 * WEEK - datetime.timedelta(days=3)
    while any(is_holiday(opens + datetime.timedelta(days=number)) for number in range(length.days + 1)):
        opens += WEEK
    closes = opens + length
    return _moment(opens, OPENING_TIME), _moment(closes, CLOSING_TIME), _past_holidays(closes + 8 * WEEK)


def _past_holidays(day: datetime.date) -> datetime.date:
    """The same weekday in the first week that is none of the holidays."""
    while is_holiday(day):
        day += WEEK
    return day


def _before_holidays(day: datetime.date) -> datetime.date:
    """The same day, or a working day before the weekend or the holidays that it falls on."""
    while is_holiday(day):
        day -= WEEK
    return day - datetime.timedelta(days=max(day.weekday() - FRIDAY, 0))


def _moment(day: datetime.date, time: datetime.time) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, time))


@dataclass(frozen=True)
class Milestone:
    """One date on the way to a decision, and what should be ready then."""

    on: datetime.date
    text: str

    @property
    def in_words(self) -> str:
        return formats.date_format(self.on, "SHORT_DATE_FORMAT")


@dataclass(frozen=True)
class Countdown:
    """The dates before a body's meeting, counted back from it."""

    opens_at: datetime.datetime
    closes_at: datetime.datetime
    answers_by: datetime.date
    milestones: list[Milestone]


def count_back(meeting: datetime.date) -> Countdown:
    """From the meeting of the body that decides back to the steering group before the round, around holidays."""
    agenda = _before_holidays(meeting - WEEK)
    attachments = _before_holidays(agenda - datetime.timedelta(days=3))
    translated = _before_holidays(attachments - WEEK)
    answered = _before_holidays(translated - 2 * WEEK)
    closes = _before_holidays(_friday_before(answered - 2 * WEEK))
    # Holidays inside the round do not count as time to answer.
    opens = closes - 7 * WEEK + datetime.timedelta(days=3)
    for _again in range(3):
        lost = sum(is_holiday(opens + datetime.timedelta(days=number)) for number in range((closes - opens).days))
        opens = _before_holidays(closes - 7 * WEEK + datetime.timedelta(days=3) - ((lost + 6) // 7) * WEEK)
    steering = _before_holidays(opens - 2 * WEEK)
    return Countdown(
        _moment(opens, OPENING_TIME),
        _moment(closes, CLOSING_TIME),
        answered,
        [
            Milestone(steering, _("The steering group looks at the draft and lets the round begin")),
            Milestone(opens, _("The round opens")),
            Milestone(closes, _("The round closes")),
            Milestone(answered, _("Every remark is answered, and the respondents are told")),
            Milestone(translated, _("The changed text is translated")),
            Milestone(attachments, _("Attachments are ready")),
            Milestone(agenda, _("The agenda is sent")),
            Milestone(meeting, _("The body meets and decides")),
        ],
    )


def _friday_before(day: datetime.date) -> datetime.date:
    return day - datetime.timedelta(days=(day.weekday() - FRIDAY) % 7)
