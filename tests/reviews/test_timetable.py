import datetime

import pytest
from django.utils import timezone, translation

from reviews.rounds.timetable import calendar_warnings, count_back, first_dates, is_holiday

FINLAND = timezone.get_default_timezone()


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def moment(year, month, day, hour=16):
    return datetime.datetime(year, month, day, hour, tzinfo=FINLAND)


@pytest.mark.parametrize(
    ("opens", "closes", "words"),
    [
        (moment(2026, 9, 7, 9), moment(2026, 10, 23), []),
        (moment(2026, 9, 7, 9), moment(2026, 10, 16), ["lasts 5 weeks"]),
        (moment(2026, 6, 1, 9), moment(2026, 7, 17), ["in July"]),
        (moment(2026, 12, 14, 9), moment(2027, 2, 5), ["turn of the year"]),
        (moment(2026, 8, 31, 9), moment(2026, 10, 24), ["weekend"]),
        (moment(2025, 9, 1, 9), moment(2025, 10, 17), ["has passed"]),
        (moment(2026, 10, 23), moment(2026, 9, 7), []),
    ],
)
def test_dates_are_warned_of(time_machine, opens, closes, words):
    time_machine.move_to(moment(2026, 1, 5), tick=False)
    found = calendar_warnings(opens, closes)
    assert len(found) == len(words)
    assert all(word in text for word, text in zip(words, found, strict=True))


@pytest.mark.parametrize("month", range(1, 13))
def test_new_round_begins_with_dates_that_nobody_is_warned_of(time_machine, month):
    today = datetime.date(2026, month, 17)
    time_machine.move_to(moment(2026, month, 17, 12), tick=False)
    opens_at, closes_at, answers_by = first_dates(today)
    assert calendar_warnings(opens_at, closes_at) == []
    assert (opens_at.hour, opens_at.weekday(), closes_at.hour, closes_at.weekday()) == (9, 0, 16, 4)
    assert closes_at.date() < answers_by
    assert not is_holiday(answers_by)


@pytest.mark.parametrize("month", range(1, 13))
def test_dates_counted_back_stand_in_order_on_working_days(month):
    meeting = datetime.date(2027, month, 16)
    counted = count_back(meeting)
    days = [row.on for row in counted.milestones]
    assert days == sorted(days)
    assert days[-1] == meeting
    assert all(day.weekday() < 5 and not is_holiday(day) for day in days[:-1])
    answering = [
        day
        for number in range((counted.closes_at.date() - counted.opens_at.date()).days)
        if not is_holiday(day := counted.opens_at.date() + datetime.timedelta(days=number))
    ]
    assert len(answering) >= 6 * 7 - 1
