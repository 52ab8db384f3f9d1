import datetime
import re

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLink, User
from audit.models import AuditEvent
from jobs.models import Job
from jobs.services import run_due
from regions import invitations
from regions.invitations import Person, accept, invite, send_again, standings, withdraw
from regions.jobs import forget_invitations
from regions.models import Mandate, Membership
from tests.accounts.factories import UserFactory
from tests.regions.factories import BodyFactory, MandateFactory, MembershipFactory, OrganisationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
SITE = "https://plans.example.fi"
LIISA = Person("liisa@example.org", "Liisa Mallikas")
PASSWORD = "correct horse battery"


def code_of(call, *args, **kwargs):
    with pytest.raises(ValidationError) as caught:
        call(*args, **kwargs)
    return caught.value.error_list[0].code


def invite_one(body, person=LIISA, **kwargs):
    by = kwargs.pop("by", None) or UserFactory(name="Kaisa Koordinaattori", email="kaisa@example.org")
    done = invite(body, [person], by=by, site=SITE, **{"language": "fi", **kwargs})
    return done.memberships[0]


def link_in(mail):
    return re.search(rf"{SITE}(/\S+)", mail.body).group(1)


def come_in(client, mail, **values):
    """Open the link of a mail and choose a password."""
    page = client.get(link_in(mail), follow=True)
    assert page.status_code == 200
    address = page.request["PATH_INFO"]
    sent = {"name": "Liisa M", "language": "sv", "password1": PASSWORD, "password2": PASSWORD, **values}
    return client.post(address, sent)


# --- Inviting -----------------------------------------------------------------------------------------------


def test_somebody_new_gets_an_account_without_a_password_and_a_mail(mailoutbox):
    body = BodyFactory()
    organisation = OrganisationFactory(region=body.region)
    last_day = timezone.localdate() + datetime.timedelta(days=400)
    terms = {"role": Membership.Role.CHAIR, "represents": organisation, "ends_on": last_day}
    membership = invite_one(body, Person("Liisa@Example.org", "Liisa Mallikas"), **terms)
    user = membership.user
    assert (user.email, user.name, user.language) == ("liisa@example.org", "Liisa Mallikas", "fi")
    assert not user.has_usable_password()
    assert (membership.role, membership.represents, membership.ends_on) == ("chair", organisation, last_day)
    assert mailoutbox == []
    run_due()
    assert [mail.to for mail in mailoutbox] == [["liisa@example.org"]]
    assert mailoutbox[0].reply_to == ["kaisa@example.org"]
    assert mailoutbox[0].from_email.startswith("Kaisa Koordinaattori <")
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["user.added", "membership.added", "invitation.asked"]


def test_the_mail_is_asked_for_in_the_same_transaction(mailoutbox):
    body = BodyFactory()
    with transaction.atomic():
        invite_one(body)
        transaction.set_rollback(True)
    run_due()
    assert (mailoutbox, Job.objects.count(), User.objects.filter(email=LIISA.email).count()) == ([], 0, 0)


def test_no_token_waits_in_the_outbox_and_none_is_stored(mailoutbox):
    membership = invite_one(BodyFactory())
    assert AccessLink.objects.count() == 0
    run_due()
    token = link_in(mailoutbox[0]).rstrip("/").rpartition("/")[2]
    link = AccessLink.objects.get()
    assert (link.purpose, link.target, link.sent_to) == ("invitation", membership.public_id, "liisa@example.org")
    assert link.token_hash == AccessLink.hash_of(token)
    assert all(token not in str(payload) for payload in Job.objects.values_list("payload", flat=True))
    assert timezone.now() + datetime.timedelta(days=29) < link.expires_at


def test_somebody_with_an_account_gets_news_in_her_own_language_and_no_link(mailoutbox):
    user = UserFactory(email="liisa@example.org", language="sv", name="Liisa Mallikas")
    membership = invite_one(BodyFactory(name_sv="Styrgruppen"), Person("LIISA@example.org", "Another Name"))
    run_due()
    assert membership.user == user
    user.refresh_from_db()
    assert user.name == "Liisa Mallikas"
    assert AccessLink.objects.count() == 0
    assert "Styrgruppen" in mailoutbox[0].subject
    assert f"{SITE}/sv/" in mailoutbox[0].body


def test_an_address_that_somebody_has_confirmed_as_her_second_one_is_hers():
    user = UserFactory()
    EmailAddress.objects.create(user=user, email="liisa@example.org", verified=True)
    assert invite_one(BodyFactory()).user == user


def test_an_address_that_nobody_has_confirmed_is_not():
    EmailAddress.objects.create(user=UserFactory(), email="liisa@example.org", verified=False)
    assert invite_one(BodyFactory()).user.email == "liisa@example.org"


def test_who_is_a_member_in_these_days_is_told_and_left_alone():
    body = BodyFactory()
    member = MembershipFactory(body=body).user
    past = MembershipFactory(body=body, ends_on=datetime.date(2021, 1, 1)).user
    people = [Person(member.email), Person(past.email), LIISA]
    done = invite(body, people, by=UserFactory(), site=SITE, language="fi")
    assert done.already == [member]
    assert [row.user.email for row in done.memberships] == [past.email, LIISA.email]


def test_all_or_nobody():
    body = BodyFactory()
    closed = UserFactory(is_active=False)
    people = [LIISA, Person(closed.email)]
    assert code_of(invite, body, people, by=UserFactory(), site=SITE, language="fi") == "account_closed"
    assert (body.memberships.count(), Job.objects.count(), User.objects.filter(email=LIISA.email).count()) == (0, 0, 0)


def test_nobody_represents_an_organisation_of_another_region():
    assert code_of(invite_one, BodyFactory(), represents=OrganisationFactory()) == "other_region"


def test_there_is_a_limit_of_mails_a_day(monkeypatch):
    monkeypatch.setattr(invitations, "MOST_MAILS_A_DAY", 2)
    body, by = BodyFactory(), UserFactory()
    invite_one(body, by=by)
    others = [Person("a@example.org"), Person("b@example.org")]
    assert code_of(invite, body, others, by=by, site=SITE, language="fi") == "too_many_mails"
    invite(BodyFactory(), others, by=by, site=SITE, language="fi")  # another region has its own


def test_a_mail_that_cannot_be_sent_leaves_no_link(settings):
    settings.EMAIL_BACKEND = "tests.regions.test_invitations.Broken"
    membership = invite_one(BodyFactory())
    run_due()
    assert AccessLink.objects.count() == 0
    assert standings([membership])[membership.pk].state == "waiting"
    Job.objects.update(failed_at=timezone.now())
    assert standings([membership])[membership.pk].state == "failed"


class Broken:
    """A mail server that is down."""

    def __init__(self, **kwargs):
        pass

    def send_messages(self, messages):
        raise OSError("down")


# --- Coming in ----------------------------------------------------------------------------------------------


def test_a_person_comes_in_by_the_link_once(client, mailoutbox):
    membership = invite_one(BodyFactory())
    run_due()
    response = come_in(client, mailoutbox[0])
    assert (response.status_code, response["Location"]) == (302, "/sv/")
    user = membership.user
    user.refresh_from_db()
    assert (user.name, user.language, user.check_password(PASSWORD)) == ("Liisa M", "sv", True)
    assert user.last_login is not None
    assert client.session["_auth_user_id"] == str(user.pk)
    assert EmailAddress.objects.get(user=user).verified
    assert AuditEvent.objects.filter(verb="invitation.accepted", actor=user).count() == 1
    client.logout()
    assert client.get(link_in(mailoutbox[0]))["Location"] == "/fi/link/gone/"
    assert client.post(reverse("regions:invitation"), {"name": "x"})["Location"] == reverse("accounts:link-gone")


def test_a_scanner_that_opens_the_link_uses_nothing_up(client, mailoutbox):
    membership = invite_one(BodyFactory())
    run_due()
    before = list(AccessLink.objects.values()), list(User.objects.values()), list(Membership.objects.values())
    for _time in range(3):
        type(client)().get(link_in(mailoutbox[0]), follow=True)
    assert (list(AccessLink.objects.values()), list(User.objects.values()), list(Membership.objects.values())) == before
    assert come_in(client, mailoutbox[0]).status_code == 302
    membership.user.refresh_from_db()
    assert membership.user.has_usable_password()


@pytest.mark.parametrize(
    "wrong",
    [{"password1": "short", "password2": "short"}, {"password2": "another horse battery"}, {"name": ""}],
)
def test_a_bad_choice_uses_nothing_up(client, mailoutbox, wrong):
    invite_one(BodyFactory())
    run_due()
    assert come_in(client, mailoutbox[0], **wrong).status_code == 422
    assert AccessLink.objects.usable().count() == 1
    assert come_in(client, mailoutbox[0]).status_code == 302


def test_the_other_invitations_of_a_person_end_when_she_comes_in(client, mailoutbox):
    invite_one(BodyFactory())
    invite_one(BodyFactory(), by=UserFactory())
    run_due()
    come_in(client, mailoutbox[1])
    assert AccessLink.objects.usable().count() == 0
    client.logout()
    assert client.get(link_in(mailoutbox[0]))["Location"] == "/fi/link/gone/"


def over(membership):
    Membership.objects.update(starts_on=datetime.date(2020, 1, 1), ends_on=datetime.date(2021, 1, 1))


def closed(membership):
    User.objects.filter(pk=membership.user_id).update(is_active=False)


def other_address(membership):
    User.objects.filter(pk=membership.user_id).update(email="else@example.org")


def has_password(membership):
    membership.user.set_password(PASSWORD)
    membership.user.save()


@pytest.mark.parametrize("change", [over, closed, other_address, has_password])
def test_an_invitation_that_is_out_of_date_opens_nothing(client, mailoutbox, change):
    membership = invite_one(BodyFactory())
    run_due()
    change(membership)
    old = User.objects.get(pk=membership.user_id).password
    response = client.get(link_in(mailoutbox[0]), follow=True)
    assert response.status_code == 410
    link = AccessLink.objects.get()
    assert code_of(accept, link, name="X", language="fi", password="other horse battery") == "link_used"
    assert User.objects.get(pk=membership.user_id).password == old


def test_who_is_signed_in_as_somebody_else_signs_out_first(client, mailoutbox):
    membership = invite_one(BodyFactory())
    run_due()
    other = UserFactory()
    client.force_login(other)
    page = client.get(link_in(mailoutbox[0]), follow=True)
    assert "password1" not in page.content.decode()
    come_in(client, mailoutbox[0])
    membership.user.refresh_from_db()
    assert not membership.user.has_usable_password()
    assert client.session["_auth_user_id"] == str(other.pk)


# --- Again and away -------------------------------------------------------------------------------------------


def test_an_invitation_is_sent_again_but_not_within_the_hour(mailoutbox):
    membership, by = invite_one(BodyFactory()), UserFactory()
    run_due()
    assert code_of(send_again, membership, by=by, site=SITE) == "sent_lately"
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=61)):
        send_again(membership, by=by, site=SITE)
        run_due()
    assert len(mailoutbox) == 2
    assert AccessLink.objects.usable().count() == 2  # the first mail may still be found


def test_a_mail_that_was_given_up_may_be_sent_again_at_once():
    membership = invite_one(BodyFactory())
    Job.objects.update(failed_at=timezone.now())
    send_again(membership, by=UserFactory(), site=SITE)
    assert Job.objects.open().count() == 1


def test_nothing_is_sent_again_to_who_has_come_in_or_left():
    came_in = MembershipFactory(user__last_login=timezone.now())
    left = MembershipFactory(ends_on=datetime.date(2021, 1, 1))
    assert code_of(send_again, came_in, by=UserFactory(), site=SITE) == "has_come_in"
    assert code_of(send_again, left, by=UserFactory(), site=SITE) == "membership_over"
    assert Job.objects.count() == 0


def test_a_withdrawn_invitation_opens_nothing_and_takes_its_unused_account_along(client, mailoutbox):
    membership = invite_one(BodyFactory())
    run_due()
    withdraw(membership, by=UserFactory())
    assert not Membership.objects.exists()
    assert not User.objects.filter(email=LIISA.email).exists()
    assert client.get(link_in(mailoutbox[0]))["Location"] == "/fi/link/gone/"
    event = AuditEvent.objects.get(verb="invitation.withdrawn")
    assert event.details["account_deleted"]


def test_a_mail_that_waits_for_a_withdrawn_invitation_is_not_sent(mailoutbox):
    membership = invite_one(BodyFactory())
    withdraw(membership, by=UserFactory())
    run_due()
    assert mailoutbox == []


def test_an_account_that_holds_something_else_stays():
    membership = invite_one(BodyFactory())
    MandateFactory(user=membership.user, right=Mandate.Right.SIGN)
    withdraw(membership, by=UserFactory())
    assert User.objects.filter(email=LIISA.email).exists()


def test_who_can_sign_in_has_no_invitation_to_withdraw():
    assert code_of(withdraw, MembershipFactory(), by=UserFactory()) == "has_come_in"


def test_how_far_each_member_is(django_assert_num_queries):
    body = BodyFactory()
    invited, expired = invite_one(body), invite_one(body, Person("e@example.org"), by=UserFactory())
    run_due()
    now = timezone.now()
    AccessLink.objects.filter(target=expired.public_id).update(expires_at=now)
    waiting = invite_one(body, Person("w@example.org"), by=UserFactory())
    told = invite_one(body, Person(UserFactory().email), by=UserFactory())
    Job.objects.filter(key=invitations.mail_key(told)).update(finished_at=now)
    came_in = MembershipFactory(body=body, user__last_login=now)
    never = MembershipFactory(body=body)
    rows = list(body.memberships.select_related("user"))
    with django_assert_num_queries(2):
        found = standings(rows)
    assert {pk: one.state for pk, one in found.items()} == {
        invited.pk: "invited",
        expired.pk: "expired",
        waiting.pk: "waiting",
        told.pk: "invited",
        came_in.pk: "came_in",
        never.pk: "not_invited",
    }


def test_old_invitations_are_forgotten(mailoutbox):
    invite_one(BodyFactory())
    run_due()
    forget_invitations({})
    assert AccessLink.objects.count() == 1
    with time_machine.travel(timezone.now() + datetime.timedelta(days=121)):
        forget_invitations({})
    assert AccessLink.objects.count() == 0
