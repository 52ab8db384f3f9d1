import datetime

import pytest
from django.contrib.auth.models import AnonymousUser

from regions.models import Mandate
from regions.permissions import can_manage_region, has_mandate, is_coordinator, member_of, rights_of
from regions.queries import bodies_of, organisations_spoken_for, regions_of
from tests.accounts.factories import UserFactory
from tests.regions.factories import BodyFactory, MandateFactory, MembershipFactory, RegionFactory

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 3, 2)
BEFORE, AFTER = DAY - datetime.timedelta(days=1), DAY + datetime.timedelta(days=1)

ROLES = {
    # role: (is_coordinator, member_of the coordinating body, can_manage_region)
    "coordinator": (True, True, True),
    "coordinator_from_tomorrow": (False, False, False),
    "coordinator_until_yesterday": (False, False, False),
    "inactive_coordinator": (False, False, False),
    "member_of_another_body": (False, False, False),
    "coordinator_of_another_region": (False, False, False),
    "administrator": (False, False, True),
    "inactive_administrator": (False, False, False),
    "stranger": (False, False, False),
    "anonymous": (False, False, False),
}


def person(role, body):
    match role:
        case "coordinator":
            return MembershipFactory(body=body, starts_on=DAY, ends_on=DAY).user
        case "coordinator_from_tomorrow":
            return MembershipFactory(body=body, starts_on=AFTER).user
        case "coordinator_until_yesterday":
            return MembershipFactory(body=body, ends_on=BEFORE).user
        case "inactive_coordinator":
            return MembershipFactory(body=body, user__is_active=False).user
        case "member_of_another_body":
            return MembershipFactory(body=BodyFactory(region=body.region)).user
        case "coordinator_of_another_region":
            return MembershipFactory(body=BodyFactory(coordinating=True)).user
        case "administrator":
            return UserFactory(admin=True)
        case "inactive_administrator":
            return UserFactory(admin=True, is_active=False)
        case "stranger":
            return UserFactory()
        case "anonymous":
            return AnonymousUser()


@pytest.mark.parametrize("role", ROLES)
def test_who_coordinates_a_region(role, time_machine):
    time_machine.move_to(datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.UTC), tick=False)
    body = BodyFactory(coordinating=True)
    user = person(role, body)
    found = (is_coordinator(user, body.region), member_of(user, body), can_manage_region(user, body.region))
    assert found == ROLES[role]
    rights = rights_of(user)
    assert (rights.coordinates(body.region), rights.in_body(body)) == found[:2]
    assert (body in bodies_of(user)) == found[1]


def test_rights_of_many_memberships_take_one_query(django_assert_num_queries):
    user = UserFactory()
    coordinating = BodyFactory(coordinating=True)
    other = BodyFactory()
    for body in (coordinating, other, BodyFactory(region=coordinating.region)):
        MembershipFactory(user=user, body=body)
    foreign = RegionFactory()
    with django_assert_num_queries(1):
        rights = rights_of(user)
    assert rights.user_id == user.pk
    assert len(rights.body_ids) == 3
    assert rights.region_ids == {coordinating.region_id, other.region_id}
    assert rights.coordinating_region_ids == {coordinating.region_id}
    assert rights.in_region(other.region)
    assert not rights.in_region(foreign)
    assert not rights.in_body(None)


def test_rights_of_a_visitor_take_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert rights_of(AnonymousUser()).body_ids == frozenset()


def test_rights_can_be_asked_for_another_day():
    membership = MembershipFactory(body=BodyFactory(coordinating=True), starts_on=DAY, ends_on=DAY)
    for day, held in ((BEFORE, False), (DAY, True), (AFTER, False)):
        assert is_coordinator(membership.user, membership.region, day) == held
        assert member_of(membership.user, membership.body, day) == held
        assert rights_of(membership.user, day).in_body(membership.body) == held
        assert bodies_of(membership.user, day).exists() == held
        assert regions_of(membership.user, day).exists() == held


def test_a_body_of_another_region_cannot_coordinate_through_a_wrong_pointer():
    region = RegionFactory()
    membership = MembershipFactory()
    region.coordinating_body = membership.body  # a crossing that check_regions would find
    region.save()
    assert not is_coordinator(membership.user, region)
    assert not rights_of(membership.user).coordinates(region)


def test_mandates_are_for_one_right_and_its_days():
    mandate = MandateFactory(right=Mandate.Right.SIGN, starts_on=DAY, ends_on=DAY)
    user, organisation = mandate.user, mandate.organisation
    assert has_mandate(user, organisation, Mandate.Right.SIGN, DAY)
    assert not has_mandate(user, organisation, Mandate.Right.REPORT, DAY)
    assert not has_mandate(user, organisation, Mandate.Right.SIGN, AFTER)
    assert not has_mandate(UserFactory(), organisation, Mandate.Right.SIGN, DAY)
    assert not has_mandate(AnonymousUser(), organisation, Mandate.Right.SIGN, DAY)
    assert list(organisations_spoken_for(user, Mandate.Right.SIGN, DAY)) == [organisation]
    assert list(organisations_spoken_for(user, Mandate.Right.REPORT, DAY)) == []


def test_a_visitor_takes_part_nowhere():
    MembershipFactory()
    visitor = AnonymousUser()
    assert list(bodies_of(visitor)) == []
    assert list(regions_of(visitor)) == []
    assert list(organisations_spoken_for(visitor, Mandate.Right.SIGN)) == []
