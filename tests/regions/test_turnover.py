import datetime
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from accounts.links import make_link
from audit.models import AuditEvent
from jobs.models import Job
from jobs.services import run_due
from regions import invitations
from regions.holdings import holdings_of
from regions.invitations import MAIL, PURPOSE, Person, accept, invite, withdraw
from regions.models import Body, Mandate, Membership
from regions.services import change_membership, end_membership, lock_region
from regions.turnover import END, SUCCESSOR, end_and_hand_over, hand_over, replace
from tests.accounts.factories import UserFactory
from tests.regions.factories import (
    BodyFactory,
    MandateFactory,
    MembershipFactory,
    OrganisationFactory,
    RegionFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
DAY = datetime.timedelta(days=1)
SITE = "https://plans.example.fi"
LONGEST = 60
"""Seconds that threads wait for each other: a test that hangs fails instead."""


def code_of(call, *args, **kwargs):
    with pytest.raises(ValidationError) as caught:
        call(*args, **kwargs)
    return caught.value.error_list[0].code


def refused_ending(membership, **kwargs):
    return code_of(end_and_hand_over, membership, site=SITE, **kwargs)


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def region():
    """With two coordinators who can sign in."""
    region = RegionFactory()
    body = BodyFactory(region=region, coordinating=True, kind=Body.Kind.COORDINATION)
    MembershipFactory.create_batch(2, body=body)
    region.refresh_from_db()
    return region


def coordinators(region):
    return list(region.coordinating_body.memberships.order_by("pk"))


def replaced(membership, email="yrjo@example.org", **kwargs):
    values = {"by": UserFactory(), "on": timezone.localdate(), "site": SITE, "language": "sv", **kwargs}
    return replace(membership, successor=Person(email, "Yrjö Y"), **values)


# --- Ending -------------------------------------------------------------------------------------------------


def test_a_membership_that_has_ended_stays_as_history_and_the_person_is_told(today, mailoutbox):
    membership = MembershipFactory(user__last_login=timezone.now(), user__language="en")
    end_and_hand_over(membership, by=UserFactory(), site=SITE, on=today + DAY)
    assert Membership.objects.get().ends_on == today + DAY
    run_due()
    assert [mail.to for mail in mailoutbox] == [[membership.user.email]]
    assert membership.body.name in mailoutbox[0].subject


def test_nobody_is_told_who_was_not_to_be_or_never_came_in(today):
    end_and_hand_over(
        MembershipFactory(user__last_login=timezone.now()), by=UserFactory(), site=SITE, on=today, tell=False
    )
    end_and_hand_over(MembershipFactory(), by=UserFactory(), site=SITE, on=today)
    assert Job.objects.count() == 0


def test_the_last_coordinator_cannot_be_ended(region, today):
    one, other = coordinators(region)
    end_membership(one, by=None, on=today)
    assert refused_ending(other, by=UserFactory(), on=today + 7 * DAY) == "last_coordinator"
    assert code_of(end_membership, other, by=None) == "last_coordinator"
    other.refresh_from_db()
    assert other.ends_on is None


def test_somebody_who_was_only_invited_does_not_count_as_a_coordinator(region):
    one, other = coordinators(region)
    other.user.set_unusable_password()
    other.user.save()
    assert code_of(end_membership, one, by=None) == "last_coordinator"
    other.user.set_password("correct horse battery")
    other.user.is_active = False
    other.user.save()
    assert code_of(end_membership, one, by=None) == "last_coordinator"


def test_correcting_days_cannot_leave_a_region_to_nobody(region, today):
    one, other = coordinators(region)
    end_membership(one, by=None)
    terms = {"role": Membership.Role.MEMBER, "represents": None, "starts_on": other.starts_on}
    assert code_of(change_membership, other, by=None, ends_on=today + DAY, **terms) == "last_coordinator"
    later = {**terms, "starts_on": today + 3 * DAY}
    assert code_of(change_membership, other, by=None, ends_on=None, **later) == "last_coordinator"
    Membership.objects.filter(pk=one.pk).update(ends_on=today + DAY)
    assert code_of(change_membership, other, by=None, ends_on=None, **later) == "last_coordinator"
    Membership.objects.filter(pk=one.pk).update(starts_on=today + DAY, ends_on=None)
    assert code_of(change_membership, other, by=None, ends_on=None, **later) == "last_coordinator"
    Membership.objects.filter(pk=one.pk).update(starts_on=other.starts_on, ends_on=today + 2 * DAY)
    change_membership(other, by=None, ends_on=None, **later)
    change_membership(other, by=None, ends_on=None, **terms)
    change_membership(one, by=None, ends_on=None, **terms)
    change_membership(other, by=None, ends_on=today + DAY, **terms)


def test_a_day_that_is_past_does_not_count_those_who_have_left_since(region, today):
    one, other = coordinators(region)
    Membership.objects.filter(pk=other.pk).update(ends_on=today - DAY)
    assert code_of(end_membership, one, by=None, on=today - 30 * DAY) == "last_coordinator"
    one.refresh_from_db()
    assert one.ends_on is None


def test_correcting_days_cannot_make_somebody_a_member_twice(today):
    past = MembershipFactory(ends_on=datetime.date(2021, 1, 1))
    MembershipFactory(body=past.body, user=past.user, starts_on=datetime.date(2022, 1, 1))
    terms = {"role": Membership.Role.MEMBER, "represents": None, "starts_on": past.starts_on}
    assert code_of(change_membership, past, by=None, ends_on=today, **terms) == "already_member"
    change_membership(past, by=None, ends_on=datetime.date(2021, 12, 31), **terms)
    assert AuditEvent.objects.get(verb="membership.changed").details["changed"] == ["ends_on"]


# --- Replacing ------------------------------------------------------------------------------------------------


def test_somebody_else_takes_the_place_the_day_after(today, mailoutbox):
    organisation = OrganisationFactory()
    until = today + 100 * DAY
    leaving = MembershipFactory(
        body__region=organisation.region, represents=organisation, role=Membership.Role.SECRETARY, ends_on=until
    )
    new = replaced(leaving, on=today + 9 * DAY)
    leaving.refresh_from_db()
    assert leaving.ends_on == today + 9 * DAY
    assert (new.starts_on, new.ends_on) == (today + 10 * DAY, until)
    assert (new.role, new.represents, new.body) == ("secretary", organisation, leaving.body)
    assert (new.user.email, new.user.language) == ("yrjo@example.org", "sv")
    run_due()
    assert [mail.to for mail in mailoutbox] == [["yrjo@example.org"]]
    assert AuditEvent.objects.filter(verb="membership.replaced").count() == 1


def test_the_last_coordinator_is_replaced_only_by_somebody_who_can_sign_in(region, today):
    one, other = coordinators(region)
    end_membership(one, by=None)
    assert code_of(replaced, other, "uusi@example.org") == "last_coordinator"
    other.refresh_from_db()
    assert other.ends_on is None
    assert not Membership.objects.filter(user__email="uusi@example.org").exists()
    assert Job.objects.count() == 0

    successor = MembershipFactory(body__region=region).user
    new = replaced(other, successor.email)
    assert list(Membership.objects.valid_on(today + DAY).filter(body=other.body)) == [new]


def test_the_last_coordinators_place_is_not_handed_over_to_somebody_who_was_only_invited(region, today):
    one, other = coordinators(region)
    end_membership(one, by=None)
    leaving = MembershipFactory(user=other.user, body=BodyFactory(region=region))
    key = f"membership-{other.public_id}"
    assert code_of(replaced, leaving, "uusi@example.org", choices={key: SUCCESSOR}) == "last_coordinator"
    other.refresh_from_db()
    assert other.ends_on is None


def test_a_coordinator_who_comes_later_is_not_taken_away_when_nobody_else_would_be_there(region, today):
    one, other = coordinators(region)
    change = {"role": Membership.Role.MEMBER, "represents": None, "by": None}
    change_membership(other, starts_on=today + 30 * DAY, ends_on=None, **change)
    change_membership(one, starts_on=one.starts_on, ends_on=today + 60 * DAY, **change)
    Membership.objects.filter(pk=one.pk).update(ends_on=today + 29 * DAY)
    leaving = MembershipFactory(user=other.user, body=BodyFactory(region=region))
    choices = {f"membership-{other.public_id}": END}
    assert (
        code_of(end_and_hand_over, leaving, by=UserFactory(), site=SITE, on=today, choices=choices)
        == "last_coordinator"
    )


def test_nobody_is_replaced_by_herself_or_by_a_member(today):
    leaving = MembershipFactory(user__email="xaver@example.org")
    other = MembershipFactory(body=leaving.body)
    assert code_of(replaced, leaving, "Xaver@Example.org") == "same_person"
    assert code_of(replaced, leaving, other.user.email) == "already_member"
    leaving.refresh_from_db()
    assert leaving.ends_on is None


def test_replacing_counts_among_the_mails_of_a_day(today, monkeypatch):
    monkeypatch.setattr(invitations, "MOST_MAILS_A_DAY", 1)
    membership = MembershipFactory()
    new = replaced(membership)
    assert code_of(replaced, new, "seuraava@example.org", on=today + 2 * DAY) == "too_many_mails"


def test_what_is_over_cannot_be_replaced(today):
    assert code_of(replaced, MembershipFactory(ends_on=today - 5 * DAY)) == "already_ended"


# --- Handing over -----------------------------------------------------------------------------------------------


@pytest.fixture
def leaving():
    """Somebody who also is in another body and speaks for an organisation; and who holds things in another region."""
    membership = MembershipFactory()
    user, region = membership.user, membership.region
    MembershipFactory(user=user, body=BodyFactory(region=region, name_en="Team"), role=Membership.Role.CHAIR)
    MembershipFactory(user=user, body=BodyFactory(region=region), ends_on=datetime.date(2021, 1, 1))
    MandateFactory(user=user, organisation=OrganisationFactory(region=region, name_en="Association"))
    MembershipFactory(user=user)
    MandateFactory(user=user)
    return membership


def held(leaving):
    return {row.title: row.key for row in holdings_of(leaving.user, leaving.region, leaving)}


def test_what_is_held_is_what_is_in_force_in_this_region(leaving):
    assert list(held(leaving)) == ["Member of “Team”", "Speaks for Association"]


def test_holdings_are_given_and_ended_in_one_go(leaving, today):
    taker = MembershipFactory(body=leaving.body).user
    keys = held(leaving)
    choices = {keys["Member of “Team”"]: taker, keys["Speaks for Association"]: END}
    end_and_hand_over(leaving, by=UserFactory(), site=SITE, on=today, choices=choices)
    team = Membership.objects.get(user=taker, body__name_en="Team")
    assert (team.role, team.starts_on, team.ends_on) == ("chair", today + DAY, None)
    assert Membership.objects.get(user=leaving.user, body=team.body).ends_on == today
    assert Mandate.objects.get(user=leaving.user, region=leaving.region).ends_on == today
    assert Membership.objects.filter(user=leaving.user, ends_on=None).get().region != leaving.region
    given = AuditEvent.objects.get(verb="holding.handed_over")
    assert given.details == {"holding": keys["Member of “Team”"], "taker": taker.pk}


def test_the_successor_takes_over_too(leaving, today):
    keys = held(leaving)
    new = replaced(leaving, choices=dict.fromkeys(keys.values(), SUCCESSOR))
    assert Membership.objects.filter(user=new.user, starts_on=today + DAY).count() == 2
    assert Mandate.objects.get(user=new.user).organisation.name_en == "Association"


def test_what_nobody_chose_for_stays(leaving, today):
    end_and_hand_over(leaving, by=UserFactory(), site=SITE, on=today)
    assert Membership.objects.not_over(today + DAY).filter(user=leaving.user, region=leaving.region).count() == 1
    assert Mandate.objects.not_over(today + DAY).filter(user=leaving.user, region=leaving.region).count() == 1


def test_who_is_there_already_only_sees_the_leaver_go(leaving, today):
    team = Membership.objects.get(user=leaving.user, body__name_en="Team")
    taker = MembershipFactory(body=team.body).user
    end_and_hand_over(leaving, by=UserFactory(), site=SITE, on=today, choices={f"membership-{team.public_id}": taker})
    assert Membership.objects.filter(user=taker, body=team.body).count() == 1
    team.refresh_from_db()
    assert team.ends_on == today


def test_what_would_begin_later_is_taken_over_from_its_own_first_day(leaving, today):
    later = MembershipFactory(user=leaving.user, body=BodyFactory(region=leaving.region), starts_on=today + 30 * DAY)
    taker = MembershipFactory(body=leaving.body).user
    end_and_hand_over(leaving, by=UserFactory(), site=SITE, on=today, choices={f"membership-{later.public_id}": taker})
    assert Membership.objects.get(body=later.body).user == taker
    assert Membership.objects.get(body=later.body).starts_on == today + 30 * DAY


def test_nothing_goes_to_somebody_outside_the_region_and_then_nothing_happens_at_all(leaving, today):
    keys = held(leaving)
    choices = {keys["Member of “Team”"]: MembershipFactory().user}
    assert (
        code_of(end_and_hand_over, leaving, by=UserFactory(), site=SITE, on=today, choices=choices) == "not_in_region"
    )
    leaving.refresh_from_db()
    assert leaving.ends_on is None


def test_the_list_may_have_changed_meanwhile(leaving, today):
    choices = {"membership-x": END}
    assert (
        code_of(end_and_hand_over, leaving, by=UserFactory(), site=SITE, on=today, choices=choices) == "unknown_holding"
    )


def test_coordinating_can_be_handed_over_with_another_group(region, today):
    one, other = coordinators(region)
    end_membership(one, by=None)
    leaving = MembershipFactory(user=other.user, body=BodyFactory(region=region))
    taker = MembershipFactory(body=leaving.body).user
    by = UserFactory()
    key = f"membership-{other.public_id}"
    assert refused_ending(leaving, by=by, on=today, choices={key: END}) == "last_coordinator"
    end_and_hand_over(leaving, by=by, site=SITE, on=today, choices={key: taker})
    assert Membership.objects.valid_on(today + DAY).get(body=other.body).user == taker


def test_what_somebody_held_who_has_left_is_handed_over_afterwards(leaving, today):
    Membership.objects.filter(pk=leaving.pk).update(ends_on=today - DAY)
    taker = MembershipFactory(body=leaving.body).user
    keys = held(leaving)
    hand_over(leaving, by=UserFactory(), choices={keys["Member of “Team”"]: taker, keys["Speaks for Association"]: END})
    assert Membership.objects.get(user=taker, body__name_en="Team").starts_on == today + DAY
    assert Mandate.objects.get(user=leaving.user, region=leaving.region).ends_on == today
    leaving.refresh_from_db()
    assert leaving.ends_on == today - DAY


# --- Leaving by oneself -----------------------------------------------------------------------------------------


def test_who_leaves_by_herself_is_told_of_to_the_coordinators_who_have_come_in(region, today, mailoutbox):
    one, other = coordinators(region)
    for membership, language in ((one, "sv"), (other, "fi")):
        membership.user.last_login, membership.user.language = timezone.now(), language
        membership.user.save()
    MembershipFactory(body=region.coordinating_body)  # never came in
    leaving = MembershipFactory(body=BodyFactory(region=region, name_sv="Grupp"), user__last_login=timezone.now())

    end_and_hand_over(leaving, by=leaving.user, on=today, site=SITE)

    run_due()
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted([one.user.email, other.user.email])
    mail = next(mail for mail in mailoutbox if mail.to == [one.user.email])
    assert "Grupp" in mail.subject and str(leaving.user) in mail.subject
    assert mail.reply_to == [leaving.user.email]
    assert (
        f"{SITE}/sv/{region.slug}/people/{leaving.body.public_id}/members/{leaving.public_id}/hand-over/" in mail.body
    )


def test_a_coordinator_who_leaves_gets_no_mail_about_it(region, today):
    one, other = coordinators(region)
    for membership in (one, other):
        membership.user.last_login = timezone.now()
        membership.user.save()
    end_and_hand_over(one, by=one.user, on=today, site=SITE)
    assert [job.payload["to"] for job in Job.objects.all()] == [[other.user.email]]


def test_coordinators_are_not_told_of_what_one_of_them_does(region, today):
    other = coordinators(region)[1]
    other.user.last_login = timezone.now()
    other.user.save()
    leaving = MembershipFactory(body__region=region)
    end_and_hand_over(leaving, by=UserFactory(), on=today, site=SITE)
    assert Job.objects.count() == 0


# --- At the same moment -----------------------------------------------------------------------------------------


def at_once(*calls):
    """Run the calls in threads that start together; the codes of what was refused."""
    together = threading.Barrier(len(calls))
    refused = []

    def run(call):
        try:
            together.wait(LONGEST)
            call()
        except ValidationError as error:
            refused.append(error.error_list[0].code)
        except Exception as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call], daemon=True) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONGEST)
    assert not any(thread.is_alive() for thread in threads)
    return refused


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_coordinators_cannot_end_each_other_at_once(region, today):
    one, other = coordinators(region)
    assert at_once(lambda: end_membership(one, by=None), lambda: end_membership(other, by=None)) == ["last_coordinator"]
    assert Membership.objects.valid_on(today + DAY).filter(body=one.body).count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_who_leave_for_somebody_who_was_only_invited_do_not_leave_the_region_to_nobody(region, today):
    one, other = coordinators(region)
    refused = at_once(lambda: replaced(one, "a@example.org"), lambda: replaced(other, "b@example.org"))
    assert refused == ["last_coordinator"]
    assert Membership.objects.valid_on(today + DAY).filter(pk__in=[one.pk, other.pk]).count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_writers_of_the_region_do_not_wait_for_who_changes_its_members(region):
    refused = []

    def write():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '500ms'")
                BodyFactory(region=region)
        except OperationalError as error:
            refused.append(error)
        finally:
            connection.close()

    with transaction.atomic():
        lock_region(region.pk)
        writer = threading.Thread(target=write)
        writer.start()
        writer.join()
    assert refused == []


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ends_in", [None, 30 * DAY])
def test_two_coordinators_invite_the_same_person_once(today, ends_in):
    body = BodyFactory()
    ends_on = today + ends_in if ends_in else None

    def send():
        people = [Person("liisa@example.org", "Liisa")]
        invite(body, people, by=UserFactory(), site=SITE, language="fi", ends_on=ends_on)

    assert at_once(send, send, send) == []
    assert Membership.objects.filter(user__email="liisa@example.org").count() == 1
    assert Job.objects.filter(kind=MAIL).count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_link_is_answered_once_however_many_press_the_button(today):
    membership = MembershipFactory(user__email="liisa@example.org")
    membership.user.set_unusable_password()
    membership.user.save()
    expires_at = timezone.now() + DAY
    link, _token = make_link(PURPOSE, membership.public_id, expires_at=expires_at, sent_to="liisa@example.org")

    def answer():
        accept(link, name="Liisa", language="fi", password="correct horse battery")

    assert at_once(answer, answer, answer) == ["link_used", "link_used"]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_time", range(5))
def test_answering_and_withdrawing_at_once_do_not_wait_for_each_other(_time):
    membership = MembershipFactory(user__email="liisa@example.org")
    user = membership.user
    user.set_unusable_password()
    user.save()
    link, _token = make_link(PURPOSE, membership.public_id, expires_at=timezone.now() + DAY, sent_to=user.email)
    by = UserFactory()

    def answer():
        accept(link, name="Liisa", language="fi", password="correct horse battery")

    refused = at_once(answer, lambda: withdraw(membership, by=by))
    assert refused in (["link_used"], ["has_come_in"])
    assert Membership.objects.filter(pk=membership.pk).exists() == (refused == ["has_come_in"])
