import datetime
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from accounts.links import make_link
from audit.models import AuditEvent
from jobs.models import Job
from jobs.services import run_due
from regions import invitations
from regions.holdings import holdings_of
from regions.invitations import PURPOSE, Person, accept, withdraw
from regions.models import Body, Mandate, Membership
from regions.services import change_membership, end_membership
from regions.turnover import END, SUCCESSOR, end_and_hand_over, replace
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


def code_of(call, *args, **kwargs):
    with pytest.raises(ValidationError) as caught:
        call(*args, **kwargs)
    return caught.value.error_list[0].code


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
    end_and_hand_over(membership, by=UserFactory(), on=today + DAY)
    assert Membership.objects.get().ends_on == today + DAY
    run_due()
    assert [mail.to for mail in mailoutbox] == [[membership.user.email]]
    assert membership.body.name in mailoutbox[0].subject


def test_nobody_is_told_who_was_not_to_be_or_never_came_in(today):
    end_and_hand_over(MembershipFactory(user__last_login=timezone.now()), by=UserFactory(), on=today, tell=False)
    end_and_hand_over(MembershipFactory(), by=UserFactory(), on=today)
    assert Job.objects.count() == 0


def test_the_last_coordinator_cannot_be_ended(region, today):
    one, other = coordinators(region)
    end_membership(one, by=None, on=today)
    assert code_of(end_and_hand_over, other, by=UserFactory(), on=today + 7 * DAY) == "last_coordinator"
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


def test_the_last_coordinator_can_be_replaced(region, today):
    one, other = coordinators(region)
    end_membership(one, by=None)
    new = replaced(other)
    assert list(Membership.objects.valid_on(today + DAY).filter(body=other.body)) == [new]


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
    end_and_hand_over(leaving, by=UserFactory(), on=today, choices=choices)
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
    end_and_hand_over(leaving, by=UserFactory(), on=today)
    assert Membership.objects.not_over(today + DAY).filter(user=leaving.user, region=leaving.region).count() == 1
    assert Mandate.objects.not_over(today + DAY).filter(user=leaving.user, region=leaving.region).count() == 1


def test_who_is_there_already_only_sees_the_leaver_go(leaving, today):
    team = Membership.objects.get(user=leaving.user, body__name_en="Team")
    taker = MembershipFactory(body=team.body).user
    end_and_hand_over(leaving, by=UserFactory(), on=today, choices={f"membership-{team.public_id}": taker})
    assert Membership.objects.filter(user=taker, body=team.body).count() == 1
    team.refresh_from_db()
    assert team.ends_on == today


def test_what_would_begin_later_is_taken_over_from_its_own_first_day(leaving, today):
    later = MembershipFactory(user=leaving.user, body=BodyFactory(region=leaving.region), starts_on=today + 30 * DAY)
    taker = MembershipFactory(body=leaving.body).user
    end_and_hand_over(leaving, by=UserFactory(), on=today, choices={f"membership-{later.public_id}": taker})
    assert Membership.objects.get(body=later.body).user == taker
    assert Membership.objects.get(body=later.body).starts_on == today + 30 * DAY


def test_nothing_goes_to_somebody_outside_the_region_and_then_nothing_happens_at_all(leaving, today):
    keys = held(leaving)
    choices = {keys["Member of “Team”"]: MembershipFactory().user}
    assert code_of(end_and_hand_over, leaving, by=UserFactory(), on=today, choices=choices) == "not_in_region"
    leaving.refresh_from_db()
    assert leaving.ends_on is None


def test_the_list_may_have_changed_meanwhile(leaving, today):
    choices = {"membership-x": END}
    assert code_of(end_and_hand_over, leaving, by=UserFactory(), on=today, choices=choices) == "unknown_holding"


def test_coordinating_can_be_handed_over_with_another_group(region, today):
    one, other = coordinators(region)
    end_membership(one, by=None)
    leaving = MembershipFactory(user=other.user, body=BodyFactory(region=region))
    taker = MembershipFactory(body=leaving.body).user
    by = UserFactory()
    key = f"membership-{other.public_id}"
    assert code_of(end_and_hand_over, leaving, by=by, on=today, choices={key: END}) == "last_coordinator"
    end_and_hand_over(leaving, by=by, on=today, choices={key: taker})
    assert Membership.objects.valid_on(today + DAY).get(body=other.body).user == taker


# --- At the same moment -----------------------------------------------------------------------------------------


def at_once(*calls):
    """Run the calls in threads that start together; the codes of what was refused."""
    together = threading.Barrier(len(calls))
    refused = []

    def run(call):
        try:
            together.wait()
            call()
        except ValidationError as error:
            refused.append(error.error_list[0].code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_coordinators_cannot_end_each_other_at_once(region, today):
    one, other = coordinators(region)
    assert at_once(lambda: end_membership(one, by=None), lambda: end_membership(other, by=None)) == ["last_coordinator"]
    assert Membership.objects.valid_on(today + DAY).filter(body=one.body).count() == 1


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
