import datetime

import pytest
from django.core.exceptions import ValidationError

from jobs.services import run_due, tick
from regions.models import Region
from reviews.models import CommentRound, Invitation, InvitationMail
from reviews.services.invitations import Asked, ask_for_time, invite, withdraw
from reviews.services.rounds import extend
from reviews.services.sending import is_holiday, remind, remind_all
from tests.accounts.factories import UserFactory
from tests.regions.factories import BodyFactory, MembershipFactory, RegionFactory

from .factories import CLOSES, OPENS, CommentRoundFactory, StatementFactory
from .test_invitations import SITE, page, token_in
from .test_rounds import code_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)
Kind = InvitationMail.Kind


@pytest.fixture
def kaisa():
    body = BodyFactory(region=RegionFactory(), coordinating=True)
    return MembershipFactory(body=body, user=UserFactory(name="Kaisa Koordinaattori")).user


def make_round(kaisa, time_machine, *, opens=OPENS, closes=CLOSES, **fields):
    time_machine.move_to(opens + HOUR, tick=False)
    region = Region.objects.get(memberships__user=kaisa)
    comment_round = CommentRoundFactory(region=region, opens_at=opens, closes_at=closes, **fields)
    asked = [Asked(f"{name}@example.org") for name in ("aino", "bertta", "celia", "dora")]
    invite(comment_round, asked, by=kaisa, site=SITE)
    run_due()
    return comment_round


@pytest.fixture
def comment_round(kaisa, time_machine):
    return make_round(kaisa, time_machine)


def work(time_machine, moment):
    """The clock stands at a moment, and the worker does what there is."""
    time_machine.move_to(moment, tick=False)
    tick()
    run_due()


def reminders():
    return [(mail.kind, mail.email.partition("@")[0]) for mail in InvitationMail.objects.reminders().order_by("pk")]


def day_by_day(time_machine, start, end):
    """Every four hours from a moment to another: kind and address of what was sent, with the day."""
    moment = start
    while moment < end:
        work(time_machine, moment)
        moment += 4 * HOUR
    rows = InvitationMail.objects.reminders().filter(sent_at__isnull=False).order_by("pk")
    return [(row.sent_at.date().isoformat(), row.kind, row.email.partition("@")[0]) for row in rows]


def test_one_reminder_before_and_one_on_the_last_day(comment_round, time_machine, mailoutbox, kaisa):
    bertta, celia, dora = (Invitation.objects.get(email=f"{name}@example.org") for name in ("bertta", "celia", "dora"))
    StatementFactory(round=comment_round, invitation=bertta)
    withdraw(celia, by=kaisa)
    Invitation.objects.filter(pk=dora.pk).update(bounced_at=OPENS + DAY)
    sent = day_by_day(time_machine, CLOSES - 10 * DAY, CLOSES + 2 * DAY)
    assert sent == [("2026-02-06", "reminder", "aino"), ("2026-02-13", "last_reminder", "aino")]
    assert len(mailoutbox) == 4 + 2
    assert "13.2.2026 klo 16.00" in mailoutbox[-1].body
    assert token_in(mailoutbox[-1]) != token_in(mailoutbox[0])
    assert Invitation.objects.get(email="aino@example.org").reminded_at.date().isoformat() == "2026-02-13"


def test_after_an_outage_nobody_gets_both(comment_round, time_machine):
    work(time_machine, CLOSES - 5 * HOUR)
    assert {kind for kind, _name in reminders()} == {"last_reminder"}
    assert len(reminders()) == 4


def test_after_a_shorter_outage_the_first_reminder_comes_late_and_once(comment_round, time_machine):
    for _again in range(2):
        work(time_machine, CLOSES - 3 * DAY)
    assert {kind for kind, _name in reminders()} == {"reminder"}
    assert len(reminders()) == 4
    work(time_machine, CLOSES - DAY)
    assert len(reminders()) == 4


def test_after_the_deadline_nobody_is_reminded(comment_round, time_machine):
    work(time_machine, CLOSES + HOUR)
    assert reminders() == []


@pytest.mark.parametrize("hour", [2, 4, 19, 22])
def test_nobody_is_reminded_at_night(comment_round, time_machine, hour):
    work(time_machine, datetime.datetime(2026, 2, 9, hour, tzinfo=datetime.UTC))
    assert reminders() == []


@pytest.mark.parametrize("allows", [False, True])
@pytest.mark.parametrize(
    ("opens", "closes"),
    [
        (
            datetime.datetime(2026, 6, 1, 6, tzinfo=datetime.UTC),
            datetime.datetime(2026, 7, 31, 13, tzinfo=datetime.UTC),
        ),
        (
            datetime.datetime(2026, 12, 1, 6, tzinfo=datetime.UTC),
            datetime.datetime(2027, 1, 5, 14, tzinfo=datetime.UTC),
        ),
    ],
)
def test_holidays_are_silent_unless_asked_for(kaisa, time_machine, opens, closes, allows):
    comment_round = make_round(kaisa, time_machine, opens=opens, closes=closes, reminds_in_holidays=allows)
    sent = day_by_day(time_machine, closes - 8 * DAY, closes + DAY)
    assert len(sent) == (8 if allows else 0)
    time_machine.move_to(closes - HOUR, tick=False)
    if not allows:
        with pytest.raises(ValidationError) as error:
            remind_all(comment_round, by=kaisa, site=SITE)
        assert code_of(error) == {"holiday"}


@pytest.mark.parametrize(
    ("day", "is_one"),
    [
        ("2026-06-30", False),
        ("2026-07-01", True),
        ("2026-07-31", True),
        ("2026-08-01", False),
        ("2026-12-22", False),
        ("2026-12-23", True),
        ("2027-01-06", True),
        ("2027-01-07", False),
    ],
)
def test_holidays_begin_and_end(day, is_one):
    assert is_holiday(datetime.date.fromisoformat(day)) is is_one


def test_round_that_does_not_remind_and_its_settings(comment_round, kaisa, client, time_machine):
    client.force_login(kaisa)
    address = page(comment_round, "reminder-settings")
    assert client.post(address, {"days": "1"}).status_code == 422
    assert client.post(address, {"days": "14"}).status_code == 302
    comment_round.refresh_from_db()
    assert (comment_round.reminds, comment_round.reminder_days) == (False, 14)
    work(time_machine, CLOSES - 13 * DAY)
    assert reminders() == []
    client.force_login(kaisa)
    client.post(address, {"days": "14", "reminds": "on"})
    work(time_machine, CLOSES - 12 * DAY)
    assert len(reminders()) == 4


def test_by_hand_not_twice_a_day_nor_beside_the_automatic_one(comment_round, kaisa, client, time_machine, mailoutbox):
    time_machine.move_to(CLOSES - 7 * DAY - 9 * HOUR, tick=False)
    aino = Invitation.objects.get(email="aino@example.org")
    client.force_login(kaisa)
    client.post(page(comment_round, "invitation-remind", aino.public_id))
    with pytest.raises(ValidationError) as error:
        remind(aino, by=kaisa, site=SITE)
    assert code_of(error) == {"reminded_today"}
    assert "Remind 4" in client.get(page(comment_round, "invitations-remind")).content.decode()
    assert client.post(page(comment_round, "invitations-remind")).status_code == 302
    work(time_machine, CLOSES - 7 * DAY)
    work(time_machine, CLOSES - 6 * DAY)
    assert sorted(reminders()) == [("reminder", name) for name in ("aino", "bertta", "celia", "dora")]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sent_at": None}, "not_sent"),
        ({"bounced_at": OPENS}, "bounced"),
        ({"withdrawn_at": OPENS}, "invitation_withdrawn"),
    ],
)
def test_by_hand_only_those_who_can_answer(comment_round, kaisa, time_machine, change, code):
    time_machine.move_to(CLOSES - 10 * DAY, tick=False)
    aino = Invitation.objects.get(email="aino@example.org")
    Invitation.objects.filter(pk=aino.pk).update(**change)
    with pytest.raises(ValidationError) as error:
        remind(aino, by=kaisa, site=SITE)
    assert code_of(error) == {code}


def test_who_answers_before_the_reminder_leaves_gets_none(comment_round, kaisa, time_machine, mailoutbox):
    time_machine.move_to(CLOSES - 7 * DAY, tick=False)
    remind_all(comment_round, by=kaisa, site=SITE)
    StatementFactory(round=comment_round, invitation=Invitation.objects.get(email="aino@example.org"))
    run_due()
    assert sorted(mail.to[0] for mail in mailoutbox[4:]) == [
        f"{name}@example.org" for name in ("bertta", "celia", "dora")
    ]


def test_own_deadline_and_more_time_move_the_reminders(comment_round, kaisa, time_machine):
    Invitation.objects.filter(email="aino@example.org").update(closes_at=CLOSES + 7 * DAY)
    time_machine.move_to(CLOSES - 8 * DAY, tick=False)
    ask_for_time(Invitation.objects.get(email="bertta@example.org"), until=CLOSES + 3 * DAY, reason="")
    work(time_machine, CLOSES - 7 * DAY)
    assert {name for _kind, name in reminders()} == {"celia", "dora"}
    work(time_machine, CLOSES - 6 * HOUR)
    assert ("reminder", "aino") in reminders()
    assert ("last_reminder", "bertta") not in reminders()
    work(time_machine, CLOSES + 7 * DAY - 6 * HOUR)
    assert ("last_reminder", "aino") in reminders()


def test_extended_round_reminds_anew(comment_round, kaisa, time_machine):
    work(time_machine, CLOSES - 7 * DAY)
    extend(comment_round, until=CLOSES + 14 * DAY, by=kaisa)
    work(time_machine, CLOSES - 6 * HOUR)
    assert len(reminders()) == 4
    work(time_machine, CLOSES + 8 * DAY)
    assert len(reminders()) == 8


def test_who_was_just_asked_is_not_reminded(comment_round, kaisa, time_machine):
    time_machine.move_to(CLOSES - 5 * DAY, tick=False)
    invite(comment_round, [Asked("eeva@example.org")], by=kaisa, site=SITE)
    run_due()
    work(time_machine, CLOSES - 4 * DAY)
    assert ("reminder", "eeva") not in reminders()
    work(time_machine, CLOSES - 6 * HOUR)
    assert ("last_reminder", "eeva") in reminders()


def test_draft_reminds_nobody(comment_round, time_machine):
    CommentRound.objects.update(announced_at=None)
    work(time_machine, CLOSES - 6 * HOUR)
    assert reminders() == []
