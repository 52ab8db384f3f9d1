import json

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from reviews.models import CommentRound, RoundSummary, Statement
from reviews.services.answers import answer
from reviews.services.moderation import black_out, hide, hide_statement
from reviews.services.summaries import publish_summary
from reviews.summary.building import build
from reviews.summary.content import Group, from_json
from reviews.summary.groups import told_together
from reviews.summary.page import page_of
from tests.regions.factories import BodyFactory, MembershipFactory, make_stored_file

from .factories import CLOSES, CommentRoundFactory, InvitationFactory, RemarkFactory, StatementFactory

pytestmark = pytest.mark.django_db

QUESTIONS = [
    {"key": "miksi", "kind": "text", "text": {"fi": "Miksi?"}},
    {
        "key": "onko",
        "kind": "choice",
        "text": {"fi": "Onko hyvä?"},
        "options": [{"key": "a", "text": {"fi": "On"}}, {"key": "b", "text": {"fi": "Ei"}}],
    },
]


@pytest.fixture
def comment_round():
    return CommentRoundFactory(questions=QUESTIONS, kind=CommentRound.Kind.OPEN, smallest_group=2)


@pytest.fixture
def coordinator(client, comment_round):
    user = MembershipFactory(body=BodyFactory(region=comment_round.region, coordinating=True)).user
    with time_machine.travel(CLOSES, tick=True):
        client.force_login(user)
        yield user


def page(name, comment_round, *rest):
    return reverse(f"reviews:{name}", args=[comment_round.region.slug, comment_round.public_id, *rest])


def section_of(comment_round):
    return comment_round.version.document.sections.get()


def said(comment_round, text="Aukiolo pitäisi kertoa.", **fields):
    statement = StatementFactory(round=comment_round, **fields)
    section = section_of(comment_round)
    return RemarkFactory(statement=statement, text=text, section_key=section.key, block_id=section.blocks[0].id)


# --- Small groups -----------------------------------------------------------------------------------------------


def test_groups_too_small_are_told_together():
    groups = [Group("ngo", 9, [4, 5]), Group("parish", 2, [2, 0]), Group("kela", 4, [1, 3])]
    assert told_together(groups, 5) == [Group("ngo", 9, [4, 5]), Group("others", 6, [3, 3])]


def test_one_small_group_takes_another_along_so_that_nobody_can_reckon_it():
    groups = [Group("ngo", 9, [4, 5]), Group("municipality", 7, [7, 0]), Group("kela", 1, [0, 1])]
    assert told_together(groups, 5) == [Group("ngo", 9, [4, 5]), Group("others", 8, [7, 1])]


@pytest.mark.parametrize(
    "groups",
    [
        [Group("ngo", 9, [4, 5])],
        [Group("ngo", 9, [4, 5]), Group("kela", 1, [0, 1])],
        [Group("ngo", 2, [1, 1]), Group("kela", 1, [0, 1])],
        [],
    ],
)
def test_nothing_is_told_by_group_where_one_would_be_left(groups):
    assert told_together(groups, 5) == []


# --- What is told -----------------------------------------------------------------------------------------------


def test_summary_tells_who_answered_and_who_did_not(comment_round, coordinator):
    answered = InvitationFactory(round=comment_round)
    silent = InvitationFactory(round=comment_round)
    InvitationFactory(round=comment_round, organisation=None, email="asukas@example.org", name="Asukas")
    InvitationFactory(round=comment_round, withdrawn_at=CLOSES)
    StatementFactory(
        round=comment_round,
        invitation=answered,
        organisation=answered.organisation,
        kind=Statement.Kind.OFFICIAL,
        late=True,
    )
    told = page_of(build(comment_round), "fi")
    rows = {row.name: row.answer for kind in told.asked for row in kind.rows}
    assert rows == {answered.organisation.name: "Antoi lausunnon (myöhässä)", silent.organisation.name: "Ei vastannut"}
    assert "asukas" not in json.dumps(build(comment_round).to_json()).casefold()
    assert told.asked_people.startswith("Lisäksi")


def test_people_are_named_only_with_their_consent(comment_round):
    StatementFactory(round=comment_round, signed_by="Salla Salaa")
    StatementFactory(round=comment_round, signed_by="Nina Näkyy", shows_name=True)
    text = json.dumps(build(comment_round).to_json(), ensure_ascii=False)
    assert "Salla" not in text
    assert "Nina Näkyy" in text


def test_hidden_remarks_and_words_left_out_are_nowhere(comment_round, coordinator):
    loud = said(comment_round, "Ohjaaja Virtanen!")
    quiet = said(comment_round, "Tämä on asiaton.")
    secret = said(comment_round, "Salainen asia.")
    black_out(loud.statement, words="Virtanen", reason="nimi", by=coordinator)
    hide(quiet, reason="Asiaton", by=coordinator)
    hide_statement(secret.statement, ground="JulkL 24 §", by=coordinator)
    summary = build(comment_round)
    text = json.dumps(summary.to_json(), ensure_ascii=False)
    assert all(word not in text for word in ("Virtanen", "Tämä on asiaton", "Salainen"))
    assert all(word in text for word in ("nimi", "Asiaton", "JulkL 24 §"))
    assert len(summary.remarks) == 2
    assert page_of(summary, "fi").remarks_count == 1


def test_answers_are_counted_and_small_numbers_are_kept(comment_round):
    comment_round.smallest_group = 3
    for choice in ("a", "a", "b"):
        StatementFactory(round=comment_round, answers={"onko": choice, "miksi": "Koska."})
    told = page_of(build(comment_round), "fi")
    assert {row.key: (row.counts, len(row.texts)) for row in told.questions} == {
        "miksi": ([], 3),
        "onko": ([("On", 2), ("Ei", 1)], 0),
    }
    comment_round.smallest_group = 4
    few = page_of(build(comment_round), "fi").questions[1]
    assert few.counts == []
    assert "Alle 4" in few.note


def test_remark_tells_outcome_and_reason_in_the_readers_language_where_it_is(comment_round, coordinator):
    remark = said(comment_round)
    answer([remark], outcome="no_change", reason={"fi": "Teksti riittää."}, by=coordinator)
    (told,) = page_of(build(comment_round), "sv").parts[0].remarks
    assert (told.outcome_text, told.reason, told.reason_language) == (
        "Ingen ändring i texten",
        "Teksti riittää.",
        "fi",
    )


def test_summary_takes_the_same_queries_for_one_and_three(comment_round, coordinator, django_assert_max_num_queries):
    counts = []
    for more in (1, 2):
        for _number in range(more):
            InvitationFactory(round=comment_round)
            remark = said(comment_round, answers={"onko": "a"})
            answer([remark], outcome="noted", reason={}, by=coordinator)
        with django_assert_max_num_queries(30) as captured:
            build(comment_round)
        counts.append(len(captured))
    assert counts[0] == counts[1]


# --- Pages ------------------------------------------------------------------------------------------------------


def test_summary_is_published_as_it_stood_and_read_by_anyone(client, coordinator, comment_round):
    remark = said(comment_round, "Aukiolo ovelle.")
    answer([remark], outcome="accepted", reason={"fi": "Lisätty."}, by=coordinator)
    anyone = client.__class__()
    assert anyone.get(page("outcome", comment_round)).status_code == 404
    assert page("outcome", comment_round) not in client.__class__().get(page("answer", comment_round)).content.decode()
    html = client.get(page("summary", comment_round)).content.decode()
    assert "Otettu huomioon" in html

    posted = client.post(page("summary-publish", comment_round), {"intro_fi": "Kiitos kaikille.", "languages": ["fi"]})
    assert posted.status_code == 302
    remark.text = "Muutettu jälkikäteen"
    remark.save()
    assert page("outcome", comment_round) in client.__class__().get(page("answer", comment_round)).content.decode()
    html = anyone.get(page("outcome", comment_round)).content.decode()
    assert "Kiitos kaikille." in html
    section = section_of(comment_round)
    html = anyone.get(page("outcome-part", comment_round, section.key)).content.decode()
    assert "Aukiolo ovelle." in html
    assert "Lisätty." in html
    assert "Muutettu jälkikäteen" not in html
    assert anyone.get(page("outcome-respondents", comment_round)).status_code == 200
    assert anyone.get(page("outcome", comment_round, "sv")).status_code == 404
    assert list(anyone.cookies) == []

    client.post(page("summary-withdraw", comment_round))
    assert anyone.get(page("outcome", comment_round)).status_code == 404
    assert anyone.get(page("outcome-part", comment_round, section.key)).status_code == 404


def test_summary_of_an_open_round_is_not_published(client, comment_round):
    user = MembershipFactory(body=BodyFactory(region=comment_round.region, coordinating=True)).user
    StatementFactory(round=comment_round)
    with time_machine.travel(CLOSES - timezone.timedelta(days=1), tick=False):
        client.force_login(user)
        response = client.post(page("summary-publish", comment_round), {"intro_fi": "Hei", "languages": ["fi"]})
        assert response.status_code == 422
        assert "Kierros on vielä auki" in response.content.decode()
        assert "Hei" in response.content.decode()
    assert not RoundSummary.objects.exists()


def test_publishing_again_replaces_and_keeps_the_earlier_one(coordinator, comment_round):
    said(comment_round)
    first = publish_summary(comment_round, intro={"fi": "Ensin"}, languages=["fi"], by=coordinator)
    second = publish_summary(comment_round, intro={"fi": "Sitten"}, languages=["fi"], by=coordinator)
    first.refresh_from_db()
    assert first.withdrawn_at is not None
    assert from_json(first.content).intro == {"fi": "Ensin"}
    assert list(RoundSummary.objects.public()) == [second]


def test_nothing_is_published_of_a_round_without_answers(coordinator, comment_round):
    with pytest.raises(ValidationError) as caught:
        publish_summary(comment_round, intro={}, languages=["fi"], by=coordinator)
    assert caught.value.code == "nothing_received"


def test_hostile_words_are_words(client, coordinator, comment_round):
    hostile = '<script>alert("x")</script>'
    said(comment_round, hostile, answers={"miksi": hostile}, shows_name=True, signed_by=hostile)
    publish_summary(comment_round, intro={"fi": hostile}, languages=["fi"], by=coordinator)
    section = section_of(comment_round)
    for url in (
        page("outcome", comment_round),
        page("outcome-part", comment_round, section.key),
        page("outcome-respondents", comment_round),
    ):
        html = client.get(url).content.decode()
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert" in html


def test_who_answered_by_another_way_than_the_invitation_is_not_told_as_silent(comment_round, coordinator):
    asked = InvitationFactory(round=comment_round)
    StatementFactory(round=comment_round, organisation=asked.organisation, kind=Statement.Kind.OFFICIAL)
    told = page_of(build(comment_round), "fi")
    assert [row.answer for kind in told.asked for row in kind.rows] == ["Antoi lausunnon"]


def test_file_names_and_proposals_do_not_tell_what_is_left_out(comment_round, coordinator):
    section = section_of(comment_round)
    block = section.blocks[0]
    operations = [
        {"op": "replace_text", "block_id": block.id, "unit": "body", "language": "fi", "value": "Virtanen avaa ovet."}
    ]
    statement = StatementFactory(round=comment_round, signed_by="Salla Salaa")
    RemarkFactory(
        statement=statement,
        text="Virtanen avaa.",
        section_key=section.key,
        block_id=block.id,
        operations=operations,
    )
    statement.attachments.add(make_stored_file(region=comment_round.region, name="salla-salaa.pdf"))
    assert "ovet" in json.dumps(build(comment_round).to_json())
    black_out(statement, words="Virtanen", reason="nimi", by=coordinator)
    told = json.dumps(build(comment_round).to_json())
    assert "Virtanen" not in told
    assert "ovet" not in told
    assert "salla" not in told.casefold()
