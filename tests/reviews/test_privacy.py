import datetime
import json

import pytest
import time_machine
from django.urls import reverse

from accounts.models import AccessLink
from audit.models import AuditEvent
from audit.services import record, seal, verify_chain
from jobs.services import run_due, tick
from regions.models import StoredFile
from reviews.answering.holding import INVITATION
from reviews.models import Invitation, InvitationMail, Receipt, ReturnedRemark, Statement, SummaryFile, WordReturn
from reviews.services.privacy import removal_day, rounds_to_forget
from reviews.services.summaries import publish_summary
from tests.regions.factories import BodyFactory, MembershipFactory, make_stored_file

from .factories import CLOSES, CommentRoundFactory, InvitationFactory, RemarkFactory, StatementFactory

pytestmark = pytest.mark.django_db

AFTER = CLOSES + datetime.timedelta(days=1)


@pytest.fixture
def comment_round():
    return CommentRoundFactory(retention_months=12)


@pytest.fixture
def coordinator(client, comment_round):
    user = MembershipFactory(body=BodyFactory(region=comment_round.region, coordinating=True)).user
    client.force_login(user)
    return user


@pytest.fixture
def told(comment_round):
    """A person's statement with all that there can be of her: receipt, file, invitation, mail, link, trail."""
    invitation = InvitationFactory(
        round=comment_round, organisation=None, name="Esko Esimerkki", email="esko@example.org"
    )
    statement = StatementFactory(round=comment_round, invitation=invitation, email="esko@example.org")
    RemarkFactory(statement=statement, text="Lauantaisin auki.")
    statement.attachments.add(make_stored_file(region=comment_round.region))
    Receipt.objects.create(
        region=comment_round.region,
        statement=statement,
        key="k",
        made_at=statement.received_at,
        content={"signed_by": "Esko Esimerkki", "text": ""},
    )
    link = AccessLink.objects.create(
        purpose=INVITATION,
        target=invitation.public_id,
        token_hash="x" * 64,
        sent_to="esko@example.org",
        expires_at=CLOSES + datetime.timedelta(days=3000),
    )
    InvitationMail.objects.create(
        region=comment_round.region,
        invitation=invitation,
        kind=InvitationMail.Kind.REQUEST,
        email="esko@example.org",
        link=link,
    )
    record(None, "statement.handed_in", statement)
    seal(comment_round.region.code)
    return statement


def everything():
    """All that the rows hold in letters, to look for a name in."""
    rows = [
        *Statement.objects.values_list("signed_by", "email", "user"),
        *Invitation.objects.values_list("name", "email", "asked_by"),
        *InvitationMail.objects.values_list("email", "passed_on_by"),
        *AccessLink.objects.values_list("sent_to"),
        *Receipt.objects.values_list("content"),
        *AuditEvent.objects.values_list("object_label", "details"),
    ]
    return json.dumps(rows, default=str).casefold()


@pytest.mark.parametrize(
    ("closes", "months", "day"),
    [
        ((2026, 2, 13), 12, (2027, 2, 13)),
        ((2026, 8, 31), 6, (2027, 2, 28)),
        ((2026, 11, 30), 1, (2026, 12, 30)),
        ((2026, 12, 31), 0, (2026, 12, 31)),
    ],
)
def test_removal_day_is_months_after_the_closing(comment_round, closes, months, day):
    comment_round.closes_at = datetime.datetime(*closes, 14, tzinfo=datetime.UTC)
    comment_round.retention_months = months
    assert removal_day(comment_round) == datetime.date(*day)


def test_names_go_by_themselves_when_their_time_is_over(comment_round, told):
    assert "esko" in everything()
    with time_machine.travel(datetime.datetime(2027, 2, 12, 12, tzinfo=datetime.UTC), tick=False):
        tick()
        run_due()
        assert "esko" in everything()
    with time_machine.travel(datetime.datetime(2027, 2, 13, 12, tzinfo=datetime.UTC), tick=False):
        tick()
        run_due()
        tick()
        run_due()
    assert "esko" not in everything()
    comment_round.refresh_from_db()
    assert comment_round.people_removed_at is not None
    assert told.remarks.get().text == "Lauantaisin auki."
    assert StoredFile.objects.count() == 0
    assert not AccessLink.objects.usable().exists()
    assert verify_chain(comment_round.region.code).holds
    assert AuditEvent.objects.filter(verb="round.people_removed").count() == 1


def test_organisation_and_its_signed_file_stay(comment_round):
    statement = StatementFactory(round=comment_round, official=True)
    statement.attachments.add(make_stored_file(region=comment_round.region))
    with time_machine.travel(datetime.datetime(2027, 3, 1, 12, tzinfo=datetime.UTC), tick=False):
        tick()
        run_due()
    statement.refresh_from_db()
    assert (statement.signed_by, statement.organisation is not None) == ("", True)
    assert statement.attachments.count() == 1


def test_coordinator_removes_names_only_after_the_closing(client, coordinator, comment_round, told):
    url = reverse("reviews:round-forget", args=[comment_round.region.slug, comment_round.public_id])
    with time_machine.travel(CLOSES - datetime.timedelta(days=1), tick=False):
        client.force_login(coordinator)
        assert client.post(url).status_code == 422
        assert "13.2.2027" in client.get(url).content.decode()
    with time_machine.travel(AFTER, tick=False):
        client.force_login(coordinator)
        assert client.post(url).status_code == 302
        assert client.get(url).status_code == 200
    assert "esko" not in everything()


def test_person_gets_all_that_is_held_of_her(client, coordinator, comment_round, told):
    region = comment_round.region.slug
    found = client.post(reverse("reviews:person-find", args=[region]), {"who": "Esko@Example.org"})
    assert "Lausunto kierroksella" in found.content.decode()
    response = client.post(reverse("reviews:person-export", args=[region]), {"who": "esko@example.org"})
    data = json.loads(response.content)
    assert response["Content-Disposition"].startswith("attachment")
    assert data["statements"][0]["remarks"][0]["text"] == "Lauantaisin auki."
    assert data["invitations"][0]["email"] == "esko@example.org"
    assert len(data["mails"]) == 1
    assert "no-store" in response["Cache-Control"]


def test_person_is_erased_once_the_box_is_ticked(client, coordinator, comment_round, told):
    draft = StatementFactory(round=comment_round, email="esko@example.org", received_at=None)
    RemarkFactory(statement=draft)
    url = reverse("reviews:person-erase", args=[comment_round.region.slug])
    client.post(url, {"who": "esko@example.org"})
    assert "esko" in everything()
    client.post(url, {"who": "esko@example.org", "sure": "1"})
    assert "esko" not in everything()
    assert list(Statement.objects.values_list("pk", flat=True)) == [told.pk]
    assert client.post(url, {"who": "esko@example.org", "sure": "1"}).status_code == 404


def test_nothing_is_found_by_a_part_of_a_name(client, coordinator, comment_round, told):
    url = reverse("reviews:person-find", args=[comment_round.region.slug])
    assert client.post(url, {"who": "es"}).status_code == 422
    assert "ei tiedetä" in client.post(url, {"who": "Esko"}).content.decode()


def test_only_coordinators_of_the_region_ask(client, comment_round, told):
    url = reverse("reviews:person-find", args=[comment_round.region.slug])
    client.force_login(MembershipFactory().user)
    assert client.get(url).status_code == 404
    assert client.post(url, {"who": "esko@example.org"}).status_code == 404


def test_word_file_of_a_private_person_goes_and_names_in_others_too(comment_round):
    own = StatementFactory(round=comment_round)
    official = StatementFactory(round=comment_round, official=True)
    files = [make_stored_file(region=comment_round.region) for _number in range(3)]
    common = {"region": comment_round.region, "round": comment_round}
    WordReturn.objects.create(**common, file=files[0], statement=own, respondent={"signed_by": "Esko"})
    kept = WordReturn.objects.create(**common, file=files[1], statement=official, respondent={"signed_by": "Esko"})
    ReturnedRemark.objects.create(
        region=comment_round.region,
        remark=RemarkFactory(statement=official),
        word_return=kept,
        authors=["Esko Esimerkki"],
    )
    WordReturn.objects.create(**common, file=files[2])
    with time_machine.travel(datetime.datetime(2027, 3, 1, 12, tzinfo=datetime.UTC), tick=False):
        tick()
        run_due()
    (left,) = WordReturn.objects.all()
    assert (left, left.respondent, left.remarks.get().authors) == (kept, {}, [])
    assert list(StoredFile.objects.all()) == [files[1]]


def test_drafts_that_nobody_handed_in_go_with_the_names(comment_round):
    draft = StatementFactory(round=comment_round, received_at=None)
    RemarkFactory(statement=draft)
    with time_machine.travel(datetime.datetime(2027, 3, 1, 12, tzinfo=datetime.UTC), tick=False):
        tick()
        run_due()
    assert not Statement.objects.exists()


def test_names_stay_while_somebody_has_time_of_her_own(client, coordinator, comment_round):
    later = CLOSES + datetime.timedelta(days=600)
    InvitationFactory(round=comment_round, email="kunta@example.org", closes_at=later)
    with time_machine.travel(later - datetime.timedelta(days=1), tick=False):
        assert rounds_to_forget() == []
    with time_machine.travel(later, tick=False):
        assert rounds_to_forget() == [comment_round]


def test_name_goes_out_of_what_was_published_and_nothing_else(client, coordinator, comment_round, told):
    told.shows_name = True
    told.save()
    with time_machine.travel(AFTER, tick=True):
        summary = publish_summary(comment_round, intro={"fi": "Kiitos."}, languages=["fi"], by=coordinator)
        run_due()
        url = reverse("reviews:outcome-respondents", args=[comment_round.region.slug, comment_round.public_id])
        anyone = client.__class__()
        assert "Esko Esimerkki" in anyone.get(url).content.decode()
        before = SummaryFile.objects.get(summary=summary, format="docx").file.sha256
        region = comment_round.region.slug
        client.force_login(coordinator)
        client.post(reverse("reviews:person-erase", args=[region]), {"who": "esko@example.org", "sure": "1"})
        assert "Esko" not in anyone.get(url).content.decode()
        run_due()
    summary.refresh_from_db()
    text = json.dumps(summary.content)
    assert "Esko" not in text
    assert "Lauantaisin auki." in text
    assert summary.content["intro"] == {"fi": "Kiitos."}
    assert SummaryFile.objects.get(summary=summary, format="docx").file.sha256 != before
