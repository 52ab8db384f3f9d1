import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from audit.models import AuditEvent
from reviews.models import CommentRound, RemarkReport, Statement
from reviews.services import moderation
from reviews.summary.redaction import Passage, find_words, passages_of, pieces, published
from tests.regions.factories import BodyFactory, MembershipFactory

from .factories import CommentRoundFactory, RemarkFactory, StatementFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def comment_round():
    return CommentRoundFactory()


@pytest.fixture
def coordinator(client, comment_round):
    user = MembershipFactory(body=BodyFactory(region=comment_round.region, coordinating=True)).user
    client.force_login(user)
    return user


@pytest.fixture
def remark(comment_round):
    return RemarkFactory(
        statement=StatementFactory(round=comment_round), text="Ohjaaja Virtanen on aina myöhässä. Virtanen!"
    )


def page(name, comment_round, *rest):
    return reverse(f"reviews:{name}", args=[comment_round.region.slug, comment_round.public_id, *rest])


def test_blacked_out_words_leave_their_reason():
    text = "Ohjaaja Matti  Virtanen ja matti virtanen."
    found = find_words(text, "Matti Virtanen", field="text", reason="nimi")

    assert [(row.starts_at, row.ends_at) for row in found] == [(8, 23), (27, 41)]
    assert published(text, found) == "Ohjaaja [jätetty pois: nimi] ja [jätetty pois: nimi]."
    assert [piece.text for piece in pieces(text, found)] == ["Ohjaaja ", "nimi", " ja ", "nimi", "."]


def test_overlapping_passages_leave_words_out_once():
    passages = [Passage("text", 0, 5, "a"), Passage("text", 3, 8, "b"), Passage("text", 4, 500, "c")]
    assert published("0123456789", passages_of([row.to_json() for row in passages])) == (
        "[jätetty pois: a][jätetty pois: b][jätetty pois: c]"
    )


def test_reported_remark_is_hidden_with_a_reason_and_shown_again(client, coordinator, comment_round, remark):
    RemarkReport.objects.create(region=remark.region, remark=remark, text="Nimi!")
    RemarkReport.objects.create(region=remark.region, remark=remark)
    html = client.get(page("moderation", comment_round)).content.decode()
    assert "2 ilmoitusta" in html
    assert "Nimi!" in html

    hide = page("remark-hide", comment_round, remark.public_id)
    empty = client.post(hide, {"reason": "  "})
    assert empty.status_code == 422
    client.post(hide, {"reason": "Kertoo tunnistettavasta ihmisestä"})
    remark.refresh_from_db()
    assert remark.hidden_reason == "Kertoo tunnistettavasta ihmisestä"
    assert remark.hidden_at is not None
    assert not remark.reports.filter(settled_at=None).exists()

    client.post(page("remark-show", comment_round, remark.public_id))
    remark.refresh_from_db()
    assert (remark.hidden_at, remark.hidden_reason) == (None, "")

    from_desk = client.post(f"{hide}?from=desk", {"reason": "Kertoo tunnistettavasta ihmisestä"})
    assert from_desk["Location"].endswith(f"/remarks/{remark.public_id}/")  # on with the work, where it was left
    client.post(page("remark-show", comment_round, remark.public_id))
    verbs = AuditEvent.objects.filter(object_id=remark.public_id).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["remark.hidden", "remark.shown"] * 2


def test_reports_of_a_remark_that_stays_are_settled(client, coordinator, comment_round, remark):
    RemarkReport.objects.create(region=remark.region, remark=remark)
    client.post(page("remark-leave", comment_round, remark.public_id))
    remark.refresh_from_db()
    assert remark.hidden_at is None
    assert remark.reports.get().settled_at is not None


def test_words_are_left_out_everywhere_in_a_statement(client, coordinator, comment_round, remark):
    statement = remark.statement
    statement.text, statement.answers = "Virtanen sanoi niin.", {"miksi": "Koska Virtanen.", "monta": ["a"]}
    statement.save()
    url = page("statement-black-out", comment_round, statement.public_id)
    nowhere = client.post(url, {"words": "Korhonen", "reason": "nimi"})
    assert nowhere.status_code == 422
    assert "Korhonen" in nowhere.content.decode()

    client.post(url, {"words": "virtanen", "reason": "nimi"})
    statement.refresh_from_db()
    remark.refresh_from_db()
    assert published(statement.text, passages_of(statement.redactions)) == "[jätetty pois: nimi] sanoi niin."
    assert published("Koska Virtanen.", passages_of(statement.redactions, "answers.miksi")) == (
        "Koska [jätetty pois: nimi]."
    )
    assert published(remark.text, passages_of(remark.redactions)).count("jätetty pois") == 2
    assert remark.text.count("Virtanen") == 2
    assert str(statement) in client.get(page("moderation", comment_round)).content.decode()

    client.post(page("statement-uncover", comment_round, statement.public_id))
    statement.refresh_from_db()
    remark.refresh_from_db()
    assert (statement.redactions, remark.redactions) == ([], [])


def test_statement_is_not_published_with_a_ground_in_law(client, coordinator, comment_round, remark):
    url = page("statement-hide", comment_round, remark.statement.public_id)
    assert client.post(url, {"ground": ""}).status_code == 422
    client.post(url, {"ground": "JulkL 24 § 1 mom. 25 k"})
    assert list(Statement.objects.public()) == []
    client.post(page("statement-show", comment_round, remark.statement.public_id))
    assert list(Statement.objects.public()) == [remark.statement]


def test_drafts_of_respondents_cannot_be_moderated(client, coordinator, comment_round):
    draft = RemarkFactory(statement=StatementFactory(round=comment_round, received_at=None))
    assert client.get(page("remark-hide", comment_round, draft.public_id)).status_code == 404
    assert client.get(page("statement-hide", comment_round, draft.statement.public_id)).status_code == 404


def test_remark_of_another_round_is_not_found(client, coordinator, comment_round, remark):
    other = CommentRoundFactory(region=comment_round.region, version=comment_round.version, kind=CommentRound.Kind.OPEN)
    assert client.get(page("remark-hide", other, remark.public_id)).status_code == 404


def test_moderation_page_takes_the_same_queries_for_one_and_three(
    client, coordinator, comment_round, django_assert_max_num_queries
):
    counts = []
    for more in (1, 2):
        for _number in range(more):
            statement = StatementFactory(round=comment_round, redactions=[Passage("text", 0, 1, "x").to_json()])
            RemarkReport.objects.create(region=comment_round.region, remark=RemarkFactory(statement=statement))
            hidden = RemarkFactory(statement=statement)
            moderation.hide(hidden, reason="Syy", by=coordinator)
        with django_assert_max_num_queries(30) as captured:
            client.get(page("moderation", comment_round))
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_hiding_asks_for_a_reason_in_the_service_too(remark, coordinator):
    with pytest.raises(ValidationError) as caught:
        moderation.hide(remark, reason=" ", by=coordinator)
    assert caught.value.error_dict["reason"][0].code == "reason_missing"
    with pytest.raises(ValidationError):
        moderation.black_out(remark.statement, words=" ", reason="x", by=coordinator)


def test_report_times_are_told(client, coordinator, comment_round, remark):
    report = RemarkReport.objects.create(region=remark.region, remark=remark, text="x")
    RemarkReport.objects.filter(pk=report.pk).update(reported_at=datetime.datetime(2026, 1, 5, 10, tzinfo=datetime.UTC))
    assert "5.1.2026" in client.get(page("moderation", comment_round)).content.decode()
