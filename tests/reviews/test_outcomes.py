import re

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from jobs.models import Job
from jobs.services import run_due
from reviews.models import CommentRound
from reviews.services.answers import answer
from reviews.services.outcomes import tell_outcomes, telling_of
from tests.regions.factories import BodyFactory, MembershipFactory

from .factories import CLOSES, CommentRoundFactory, InvitationFactory, RemarkFactory, StatementFactory

pytestmark = pytest.mark.django_db
SITE = "https://plans.example.fi"


@pytest.fixture
def comment_round():
    return CommentRoundFactory(kind=CommentRound.Kind.OPEN)


@pytest.fixture
def coordinator(client, comment_round):
    user = MembershipFactory(body=BodyFactory(region=comment_round.region, coordinating=True)).user
    with time_machine.travel(CLOSES, tick=True):
        client.force_login(user)
        yield user


@pytest.fixture
def statement(comment_round):
    return StatementFactory(round=comment_round, email="esko@example.org")


def page(name, comment_round):
    return reverse(f"reviews:{name}", args=[comment_round.region.slug, comment_round.public_id])


def remark(statement, text="Aukiolo."):
    section = statement.round.version.document.sections.get()
    return RemarkFactory(statement=statement, text=text, section_key=section.key, block_id=section.blocks[0].id)


def test_respondent_is_told_once_with_the_reasons_beside_her_words(client, coordinator, comment_round, statement):
    answer([remark(statement, "Ovelle lappu.")], outcome="accepted", reason={"fi": "Lappu lisätty."}, by=coordinator)
    answer([remark(statement, "Ikkunaan kuva.")], outcome="no_change", reason={"fi": "Ei mahdu."}, by=coordinator)
    answer([remark(statement)], outcome="partly", reason={"fi": "Vähän."}, by=coordinator)
    remark(statement, "Vielä auki.")
    anyone = client.__class__()
    assert client.post(page("outcomes-tell", comment_round)).status_code == 302
    client.post(page("outcomes-tell", comment_round))
    run_due()
    run_due()

    (message,) = mail.outbox
    assert message.to == ["esko@example.org"]
    assert message.subject == "Mitä vastauksenne muutti: Lausuntokierros"
    assert (
        "Esititte 4 huomiota: yksi muutti tekstiä, yksi otettiin osittain huomioon, yhden kohdalla teksti jäi "
        "ennalleen ja yhteen ei ole vielä vastattu."
    ) in message.body
    link = re.search(r"https?://[^/]+(/\S+)", message.body)[1]
    html = anyone.get(link, follow=True)
    html = anyone.get(page("own-outcome", comment_round)).content.decode()
    assert "Ovelle lappu." in html
    assert "Lappu lisätty." in html
    assert "Ei mahdu." in html
    assert client.__class__().get(page("own-outcome", comment_round)).status_code == 404


def test_nobody_is_told_twice_when_a_job_is_done_twice(coordinator, comment_round, statement):
    tell_outcomes(comment_round, by=coordinator, site=SITE)
    run_due()
    statement.refresh_from_db()
    assert statement.told_at is not None
    assert len(mail.outbox) == 1
    assert "Vastauksenne on mukana kierroksen yhteenvedossa." in mail.outbox[0].body
    assert "Perustelut" not in mail.outbox[0].body  # of a statement as a whole there are none beside its words
    assert telling_of(comment_round).to_tell == []


def test_mail_that_cannot_be_sent_is_tried_again(coordinator, comment_round, statement, monkeypatch):
    def refuse(payload):
        raise OSError

    monkeypatch.setattr("reviews.jobs.outcomes.send_mail", refuse)
    tell_outcomes(comment_round, by=coordinator, site=SITE)
    run_due()
    statement.refresh_from_db()
    assert statement.told_at is None
    assert telling_of(comment_round).to_tell == [statement]


def test_those_without_an_address_are_counted(client, coordinator, comment_round, statement):
    StatementFactory(round=comment_round)
    html = client.get(page("summary", comment_round)).content.decode()
    assert "Kerro yhdelle vastaajalle sähköpostilla" in html
    assert "Yksi ei antanut osoitetta" in html


def test_statements_as_a_whole_without_remarks_are_counted_before_telling(coordinator, comment_round, statement):
    StatementFactory(round=comment_round, text="Rahoitus puuttuu.", email="kirjaamo@kunta.example")
    StatementFactory(round=comment_round, official=True, stance="nothing", text="Ei lausuttavaa.")
    picked = StatementFactory(round=comment_round, text="Tilat puuttuvat.")
    remark(picked)
    assert telling_of(comment_round).whole == 1


def test_nobody_is_told_while_the_round_is_open(client, comment_round, statement):
    user = MembershipFactory(body=BodyFactory(region=comment_round.region, coordinating=True)).user
    with time_machine.travel(comment_round.opens_at, tick=True):
        client.force_login(user)
        response = client.post(page("outcomes-tell", comment_round), follow=True)
        assert "Kierros on vielä auki" in response.content.decode()
        run_due()
    assert mail.outbox == []


def test_swedish_answer_is_told_in_swedish(coordinator, comment_round, statement):
    statement.language = "sv"
    statement.save()
    answer([remark(statement)], outcome="noted", reason={}, by=coordinator)
    tell_outcomes(comment_round, by=coordinator, site=SITE)
    run_due()
    assert "Ni framförde en synpunkt: en antecknades för kännedom." in mail.outbox[0].body
    assert "/sv/" in mail.outbox[0].body


def test_one_refused_address_does_not_mail_the_other_again(coordinator, comment_round, monkeypatch):
    invitation = InvitationFactory(round=comment_round, email="kirjaamo@example.org")
    StatementFactory(round=comment_round, invitation=invitation, official=True, email="vaara@example.org")
    sent = []

    def send(payload):
        if payload["to"] == ["vaara@example.org"]:
            raise OSError
        sent.extend(payload["to"])

    monkeypatch.setattr("reviews.jobs.outcomes.send_mail", send)
    tell_outcomes(comment_round, by=coordinator, site=SITE)
    run_due()
    Job.objects.open().update(run_after=CLOSES)
    run_due()
    assert sent == ["kirjaamo@example.org"]
