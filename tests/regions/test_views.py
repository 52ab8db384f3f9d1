import datetime

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from audit.models import AuditEvent
from jobs.models import Job
from regions.models import Body, Meeting, Membership
from tests.accounts.factories import UserFactory
from tests.regions.factories import (
    AreaFactory,
    BodyFactory,
    MandateFactory,
    MeetingFactory,
    MembershipFactory,
    OrganisationFactory,
    RegionFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    """The pages in the language of the source."""
    with translation.override("en"):
        yield


@pytest.fixture
def region():
    region = RegionFactory(bilingual=True)
    BodyFactory(region=region, coordinating=True, kind=Body.Kind.COORDINATION)
    region.refresh_from_db()
    return region


@pytest.fixture
def coordinator(region):
    return MembershipFactory(body=region.coordinating_body, user__name="Kaisa", user__last_login=timezone.now()).user


@pytest.fixture
def body(region):
    return BodyFactory(region=region, name_fi="Kirjoittajat")


@pytest.fixture
def as_coordinator(client, coordinator):
    client.force_login(coordinator)
    return client


def url(name, thing, *rest):
    return reverse(
        f"regions:{name}",
        args=[thing.region.slug, *([thing.public_id] if rest or isinstance(thing, Body) else []), *rest],
    )


def of_member(name, membership):
    return url(name, membership.body, membership.public_id)


def text(response):
    return response.content.decode()


# --- Who sees what --------------------------------------------------------------------------------------------


def test_a_coordinator_sees_every_body_and_a_member_her_own(client, region, body, coordinator):
    other = BodyFactory(region=region)
    member = MembershipFactory(body=body).user
    people = reverse("regions:people", args=[region.slug])
    client.force_login(coordinator)
    page = client.get(people)
    assert {row.body for kind in page.context["kinds"] for row in kind.rows} == {region.coordinating_body, body, other}
    counts = {row.body: (row.members, row.not_come_in) for kind in page.context["kinds"] for row in kind.rows}
    assert (counts[body], counts[other]) == ((1, 1), (0, 0))
    client.force_login(member)
    page = client.get(people)
    assert [row.body for kind in page.context["kinds"] for row in kind.rows] == [body]
    assert "has not come in" not in text(page)


def test_addresses_and_sign_ins_are_for_coordinators_alone(client, body, coordinator):
    member = MembershipFactory(body=body)
    other = MembershipFactory(body=body, user__email="liisa@example.org", user__name="Liisa Mallikas")
    client.force_login(member.user)
    page = text(client.get(url("body", body)))
    assert "Liisa Mallikas" in page
    assert "liisa@example.org" not in page
    assert "Not come in" not in page
    assert of_member("member-end", other) not in page
    client.force_login(coordinator)
    page = text(client.get(url("body", body)))
    assert "liisa@example.org" in page
    assert "Not come in" in page
    assert of_member("member-end", other) in page


def test_rights_follow_the_days_of_the_coordinating_membership(client, region, body):
    today = timezone.localdate()
    day = datetime.timedelta(days=1)
    for starts_on, ends_on, status in [
        (today - day, today, 200),
        (today + day, None, 404),
        (today - 2 * day, today - day, 404),
    ]:
        user = MembershipFactory(body=region.coordinating_body, starts_on=starts_on, ends_on=ends_on).user
        client.force_login(user)
        assert client.get(url("member-invite", body)).status_code == status


def test_past_members_and_meetings_are_listed(as_coordinator, body):
    now = timezone.now()
    MembershipFactory(body=body, user__name="Entinen Jäsen", ends_on=datetime.date(2021, 3, 1))
    held = MeetingFactory(body=body, starts_at=now - datetime.timedelta(days=2))
    coming = [MeetingFactory(body=body, starts_at=now + datetime.timedelta(days=n)) for n in (3, 1)]
    page = as_coordinator.get(url("body", body))
    assert "Entinen Jäsen" in text(page)
    assert (page.context["coming"], page.context["held"]) == (coming[::-1], [held])


@pytest.mark.parametrize("count", [1, 3])
def test_queries_do_not_grow_with_people(as_coordinator, region, body, count, django_assert_num_queries):
    organisation = OrganisationFactory(region=region)
    for _one in range(count):
        member = MembershipFactory(body=body, represents=organisation)
        MembershipFactory(body=BodyFactory(region=region), user=member.user)
        MandateFactory(organisation=organisation, user=member.user)
        MeetingFactory(body=body)
        MembershipFactory(body=body, ends_on=datetime.date(2021, 1, 1))
    leaving = MembershipFactory(body=body)
    for _one in range(count):
        MembershipFactory(user=leaving.user, body=BodyFactory(region=region))
        MandateFactory(user=leaving.user, organisation=OrganisationFactory(region=region))
    with django_assert_num_queries(7):
        as_coordinator.get(reverse("regions:people", args=[region.slug]))
    with django_assert_num_queries(11):
        as_coordinator.get(url("body", body))
    with django_assert_num_queries(8):
        as_coordinator.get(reverse("regions:not-come-in", args=[region.slug]))
    with django_assert_num_queries(15):
        as_coordinator.get(of_member("member-end", leaving))
    with django_assert_num_queries(4):
        as_coordinator.get(reverse("regions:person"))


# --- Bodies and meetings ---------------------------------------------------------------------------------------


def test_a_body_is_added_and_changed(as_coordinator, region):
    area = AreaFactory(region=region)
    sent = {"name_fi": "Työryhmä", "name_sv": "Arbetsgrupp", "kind": "working_group", "area": area.key}
    response = as_coordinator.post(reverse("regions:body-add", args=[region.slug]), sent)
    body = Body.objects.get(kind="working_group")
    assert (response.status_code, response["Location"]) == (302, url("body", body))
    assert (body.name_fi, body.name_sv, body.area, body.region) == ("Työryhmä", "Arbetsgrupp", area, region)
    as_coordinator.post(url("body-edit", body), {**sent, "name_fi": "Ryhmä", "area": "", "kind": "team"})
    body.refresh_from_db()
    assert (body.name_fi, body.area, body.kind) == ("Ryhmä", None, "team")
    verbs = AuditEvent.objects.filter(object_id=body.public_id).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["body.added", "body.changed"]


def test_an_area_of_another_region_is_not_offered(as_coordinator, body):
    sent = {"name_fi": "Ryhmä", "kind": "team", "area": AreaFactory(key="muualla").key}
    AreaFactory(region=body.region)
    assert as_coordinator.post(url("body-edit", body), sent).status_code == 422


def test_meetings_are_added_moved_and_removed(as_coordinator, body):
    sent = {"date": "13.11.2026", "time": "9.30", "place": "Oulu"}
    as_coordinator.post(url("meeting-add", body), sent)
    meeting = Meeting.objects.get()
    assert timezone.localtime(meeting.starts_at).strftime("%d.%m.%Y %H.%M") == "13.11.2026 09.30"
    again = as_coordinator.post(url("meeting-add", body), sent)
    assert again.status_code == 422
    as_coordinator.post(url("meeting-edit", body, meeting.public_id), {**sent, "place": "Kempele"})
    meeting.refresh_from_db()
    assert meeting.place == "Kempele"
    assert as_coordinator.get(url("meeting-remove", body, meeting.public_id)).status_code == 200
    as_coordinator.post(url("meeting-remove", body, meeting.public_id))
    assert not Meeting.objects.exists()


# --- Members --------------------------------------------------------------------------------------------------


def invite_form(**values):
    return {"people": "", "role": "member", "starts_on": "1.2.2026", "language": "sv", **values}


def test_several_people_are_invited_at_once(as_coordinator, body, coordinator):
    organisation = OrganisationFactory(region=body.region)
    member = MembershipFactory(body=body, user__name="Maija").user
    pasted = f"Liisa Mallikas <liisa@example.org>; Bo Ek <bo@example.org>; {member.email}"
    sent = invite_form(people=pasted, role="secretary", represents=organisation.public_id, ends_on="31.12.2027")
    page = as_coordinator.post(url("member-invite", body), sent, follow=True)
    assert "2 people were invited." in text(page)
    assert "Already members, so not invited: Maija." in text(page)
    new = Membership.objects.get(user__email="bo@example.org")
    assert (new.role, new.represents, new.user.language) == ("secretary", organisation, "sv")
    assert (new.starts_on, new.ends_on) == (datetime.date(2026, 2, 1), datetime.date(2027, 12, 31))
    payload = Job.objects.get(key=f"invitation-{new.public_id}").payload
    assert (payload["by"], payload["site"]) == (coordinator.pk, "http://testserver")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"people": "Liisa Mallikas"}, "people"),
        ({"people": "a@example.org", "starts_on": "2.2.2026", "ends_on": "1.2.2026"}, "ends_on"),
        ({"people": "a@example.org", "represents": "b2c3d4f5g6"}, "represents"),
    ],
)
def test_a_faulty_invitation_invites_nobody(as_coordinator, body, values, field):
    response = as_coordinator.post(url("member-invite", body), invite_form(**values))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert Job.objects.count() == 0


def test_an_organisation_of_another_region_is_not_offered(as_coordinator, body):
    sent = invite_form(people="a@example.org", represents=OrganisationFactory().public_id)
    assert as_coordinator.post(url("member-invite", body), sent).status_code == 422


def test_a_membership_is_corrected(as_coordinator, body):
    membership = MembershipFactory(body=body)
    sent = {"role": "chair", "starts_on": "1.1.2020", "ends_on": "1.1.2030"}
    assert as_coordinator.post(of_member("member-edit", membership), sent).status_code == 302
    membership.refresh_from_db()
    assert (membership.role, membership.ends_on) == ("chair", datetime.date(2030, 1, 1))


def test_nobody_ends_herself_by_accident(as_coordinator, region, coordinator):
    MembershipFactory(body=region.coordinating_body)
    own = Membership.objects.get(user=coordinator)
    sent = {"role": "member", "starts_on": "1.1.2020", "ends_on": "1.1.2030"}
    assert as_coordinator.post(of_member("member-edit", own), sent).status_code == 422
    later = {"role": "member", "starts_on": "1.1.2031", "ends_on": ""}
    response = as_coordinator.post(of_member("member-edit", own), later)
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["starts_on"])
    assert Membership.objects.get(user=coordinator) == own
    today = timezone.localdate().strftime("%d.%m.%Y")
    response = as_coordinator.post(of_member("member-end", own), {"last_day": today})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["own"])
    response = as_coordinator.post(of_member("member-end", own), {"last_day": today, "own": "on"})
    assert (response.status_code, response["Location"]) == (302, reverse("home"))


@pytest.mark.parametrize(("others", "warns"), [(0, True), (1, False)])
@pytest.mark.parametrize("name", ["member-end", "member-replace"])
def test_the_last_coordinator_is_told_before_filling_in_the_form(
    as_coordinator, region, coordinator, name, others, warns
):
    own = Membership.objects.get(user=coordinator)
    MembershipFactory.create_batch(others, body=region.coordinating_body)
    page = text(as_coordinator.get(of_member(name, own)))
    assert ("The only coordinator who can sign in" in page) is warns
    assert (url("member-invite", region.coordinating_body) in page) is warns


def test_what_a_past_member_holds_is_handed_over(as_coordinator, region, body):
    left = MembershipFactory(body=body, user__name="Lauri Lähtenyt", ends_on=datetime.date(2026, 1, 31))
    team = MembershipFactory(user=left.user, body=BodyFactory(region=region))
    taker = MembershipFactory(body=body)
    assert of_member("member-hand-over", left) in text(as_coordinator.get(url("body", body)))
    page = as_coordinator.get(of_member("member-hand-over", left))
    assert list(page.context["form"].fields) == [f"hold-membership-{team.public_id}"]
    sent = {f"hold-membership-{team.public_id}": taker.public_id}
    assert as_coordinator.post(of_member("member-hand-over", left), sent).status_code == 302
    assert set(team.body.memberships.values_list("user", "ends_on")) == {
        (left.user_id, timezone.localdate()),
        (taker.user_id, None),
    }
    sent = {f"hold-membership-{team.public_id}": "somebody"}
    assert as_coordinator.post(of_member("member-hand-over", left), sent).status_code == 422


def test_the_last_coordinator_is_told_why_not(as_coordinator, region, coordinator):
    own = Membership.objects.get(user=coordinator)
    today = timezone.localdate().strftime("%d.%m.%Y")
    response = as_coordinator.post(of_member("member-end", own), {"last_day": today, "own": "on"})
    assert response.status_code == 422
    assert "left without a coordinator" in text(response)
    response = as_coordinator.post(url("member-leave", own.body), follow=True)
    assert "left without a coordinator" in text(response)
    own.refresh_from_db()
    assert own.ends_on is None


def test_ending_hands_over_as_chosen(as_coordinator, region, body):
    leaving = MembershipFactory(body=body, user__name="Xaver")
    team = MembershipFactory(user=leaving.user, body=BodyFactory(region=region, name_fi="Tiimi"))
    mandate = MandateFactory(user=leaving.user, organisation=OrganisationFactory(region=region))
    taker = MembershipFactory(body=body, user__name="Maija")
    page = as_coordinator.get(of_member("member-end", leaving))
    field = page.context["form"].fields[f"hold-membership-{team.public_id}"]
    assert [label for label, _rows in field.choices] == ["", "end", "In the same group", "Elsewhere in the region"]
    sent = {
        "last_day": timezone.localdate().strftime("%d.%m.%Y"),
        f"hold-membership-{team.public_id}": taker.public_id,
        f"hold-mandate-sign-{mandate.organisation.public_id}": "end",
    }
    assert as_coordinator.post(of_member("member-end", leaving), sent).status_code == 302
    assert Membership.objects.filter(user=taker.user, body=team.body).count() == 1
    mandate.refresh_from_db()
    assert mandate.ends_on == timezone.localdate()


def test_nothing_can_be_given_to_somebody_who_is_not_offered(as_coordinator, region, body):
    leaving = MembershipFactory(body=body)
    team = MembershipFactory(user=leaving.user, body=BodyFactory(region=region))
    for stranger in (MembershipFactory().public_id, leaving.public_id, "successor"):
        sent = {"last_day": timezone.localdate().strftime("%d.%m.%Y"), f"hold-membership-{team.public_id}": stranger}
        assert as_coordinator.post(of_member("member-end", leaving), sent).status_code == 422


def test_a_member_is_replaced_in_one_form(as_coordinator, body):
    leaving = MembershipFactory(body=body, role=Membership.Role.CHAIR)
    team = MembershipFactory(user=leaving.user, body=BodyFactory(region=body.region))
    sent = {
        "name": "Yrjö Y",
        "email": "yrjo@example.org",
        "language": "fi",
        "last_day": timezone.localdate().strftime("%d.%m.%Y"),
        f"hold-membership-{team.public_id}": "successor",
    }
    page = as_coordinator.post(of_member("member-replace", leaving), sent, follow=True)
    assert "Yrjö Y was invited and is a member from" in text(page)
    assert set(Membership.objects.filter(user__email="yrjo@example.org").values_list("body", "role")) == {
        (body.pk, "chair"),
        (team.body_id, "member"),
    }


@pytest.mark.parametrize("name", ["member-end", "member-replace"])
def test_what_is_over_is_not_ended_again(as_coordinator, body, name):
    past = MembershipFactory(body=body, ends_on=datetime.date(2021, 1, 1))
    assert as_coordinator.get(of_member(name, past)).status_code == 404


def test_a_member_leaves_a_group_herself(client, body):
    membership = MembershipFactory(body=body)
    client.force_login(membership.user)
    assert client.get(url("member-leave", body)).status_code == 200
    membership.refresh_from_db()
    assert membership.ends_on is None
    coordinator = MembershipFactory(body=body.region.coordinating_body, user__last_login=timezone.now()).user
    assert client.post(url("member-leave", body)).status_code == 302
    membership.refresh_from_db()
    assert membership.ends_on == timezone.localdate()
    assert [job.payload["to"] for job in Job.objects.all()] == [[coordinator.email]]


# --- Invitations -----------------------------------------------------------------------------------------------


def test_everybody_who_has_not_come_in_once(as_coordinator, region, body):
    first = MembershipFactory(body=body)
    newest = MembershipFactory(user=first.user, body=BodyFactory(region=region))
    MembershipFactory(body=body, user__last_login=timezone.now())
    MembershipFactory(body=body, user__is_active=False)
    MembershipFactory(body=body, ends_on=datetime.date(2021, 1, 1))
    MembershipFactory()
    page = as_coordinator.get(reverse("regions:not-come-in", args=[region.slug]))
    assert [(one.member.membership, one.bodies) for one in page.context["people"]] == [(newest, [body, newest.body])]
    people = as_coordinator.get(reverse("regions:people", args=[region.slug]))
    assert people.context["not_come_in"] == 1


def test_invitations_are_sent_again_in_bulk(as_coordinator, region, body):
    one, other, left_out, elsewhere = *MembershipFactory.create_batch(3, body=body), MembershipFactory()
    address = reverse("regions:invitations-send-again", args=[region.slug])
    sent = {"membership": [one.public_id, other.public_id, elsewhere.public_id]}
    page = as_coordinator.post(address, sent, follow=True)
    assert "2 invitations were sent again." in text(page)
    assert {job.payload["membership"] for job in Job.objects.all()} == {one.pk, other.pk}
    page = as_coordinator.post(address, {"membership": [one.public_id, left_out.public_id]}, follow=True)
    assert "The invitation was sent again." in text(page)
    assert "within the last hour" in text(page)
    assert Job.objects.count() == 3
    assert "Tick those" in text(as_coordinator.post(address, follow=True))


def test_one_invitation_is_sent_again_or_withdrawn(as_coordinator, body):
    membership = MembershipFactory(body=body, user__email="liisa@example.org", user__name="Liisa")
    membership.user.set_unusable_password()
    membership.user.save()
    page = as_coordinator.post(of_member("invitation-send-again", membership), follow=True)
    assert "The invitation is sent again to Liisa." in text(page)
    page = as_coordinator.post(of_member("invitation-send-again", membership), follow=True)
    assert "within the last hour" in text(page)
    page = as_coordinator.get(of_member("invitation-withdraw", membership))
    assert "liisa@example.org" in text(page)
    assert Membership.objects.filter(pk=membership.pk).exists()
    as_coordinator.post(of_member("invitation-withdraw", membership))
    assert not Membership.objects.filter(pk=membership.pk).exists()


# --- One's own page --------------------------------------------------------------------------------------------


def test_a_person_keeps_her_own_name_and_language(client):
    membership = MembershipFactory(user__name="Vanha Nimi")
    past = MembershipFactory(user=membership.user, ends_on=datetime.date(2021, 1, 1))
    client.force_login(membership.user)
    page = text(client.get(reverse("regions:person")))
    assert membership.body.name in page
    assert past.body.name not in page
    assert reverse("account_email") in page
    response = client.post(reverse("regions:person"), {"name": "Uusi Nimi", "language": "sv"})
    assert response["Location"] == "/sv/account/you/"
    membership.user.refresh_from_db()
    assert (membership.user.name, membership.user.language) == ("Uusi Nimi", "sv")
    assert client.post(reverse("regions:person"), {"name": "", "language": "se"}).status_code == 422


def test_the_way_to_the_people_is_in_the_navigation_of_who_coordinates_one_region(client, region, body, coordinator):
    people = reverse("regions:people", args=[region.slug])
    client.force_login(coordinator)
    page = client.get(people)
    assert [item.url for item in page.context["navigation"] if item.current] == [people]
    client.force_login(MembershipFactory(body=body).user)
    assert people not in [item.url for item in client.get(reverse("home")).context["navigation"]]


def test_a_stranger_has_an_own_page_too(client):
    client.force_login(UserFactory())
    assert "You are not in any group yet" in text(client.get(reverse("regions:person")))
