import io
import zipfile

import pikepdf
import pytest
from django.urls import reverse

from reviews.models import Remark, RemarkMeeting
from reviews.services.answers import answer
from reviews.services.meetings import end_meeting
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
def body(comment_round):
    body = BodyFactory(region=comment_round.region, name_fi="Ohjausryhmä")
    MembershipFactory(body=body, user__name="Olli Ohjaaja")
    MembershipFactory(body=body, user__name="Anni Ohjaaja")
    return body


def page(name, comment_round, *rest):
    document = comment_round.version.document
    return reverse(f"reviews:{name}", args=[document.region.slug, document.kind, document.public_id, *rest])


def said(comment_round, text, **fields):
    section = comment_round.version.document.sections.get()
    return RemarkFactory(
        statement=StatementFactory(round=comment_round, shows_name=True),
        text=text,
        section_key=section.key,
        block_id=section.blocks[0].id,
        **fields,
    )


def wording(comment_round, text):
    block = comment_round.version.document.sections.get().blocks[0]
    return [{"op": "replace_text", "block_id": block.id, "unit": "body", "language": "fi", "value": text}]


def test_steering_group_goes_through_what_is_open_and_gets_a_memo(client, coordinator, comment_round, body):
    first = said(comment_round, "Aukiolo ovelle.", order=1)
    second = said(comment_round, "Parempi sana.", order=2, operations=wording(comment_round, "Kahvila on avoinna."))
    done = said(comment_round, "Vanha asia.", order=3)
    answer([done], outcome="noted", reason={}, by=coordinator)

    html = client.get(page("meeting-add", comment_round), {"body": body.public_id}).content.decode()
    assert "Anni Ohjaaja\nOlli Ohjaaja" in html
    client.post(
        page("meeting-add", comment_round),
        {"body": body.pk, "held_on": "20.2.2026", "present": "Olli Ohjaaja\n\nAnni Ohjaaja\nOlli Ohjaaja"},
    )
    meeting = RemarkMeeting.objects.get()
    assert (meeting.present, meeting.body) == (["Olli Ohjaaja", "Anni Ohjaaja"], body)

    point = page("meeting-point", comment_round, meeting.public_id, first.public_id)
    html = client.get(point).content.decode()
    assert "Kommentti 1/2" in html
    assert "Aukiolo ovelle." in html
    without = client.post(point, {"outcome": "no_change", "reason_fi": ""})
    assert without.status_code == 422
    recorded = client.post(point, {"outcome": "no_change", "reason_fi": "Ovi on lasia."})
    assert recorded["Location"] == page("meeting-point", comment_round, meeting.public_id, second.public_id)
    accepted = client.post(page("meeting-accept", comment_round, meeting.public_id, second.public_id))
    assert accepted["Location"] == page("meeting", comment_round, meeting.public_id)
    assert comment_round.version.document.sections.get().blocks[0].plain_in("fi") == "Kahvila on avoinna."
    assert not Remark.objects.unanswered().exists()
    assert meeting.answers.count() == 2

    client.post(page("meeting-edit", comment_round, meeting.public_id), {"present": "Olli Ohjaaja", "note": "Kahvit."})
    client.post(page("meeting-end", comment_round, meeting.public_id))
    word = client.get(page("meeting-memo-word", comment_round, meeting.public_id))
    text = zipfile.ZipFile(io.BytesIO(word.content)).read("word/document.xml").decode()
    assert all(words in text for words in ("Ovi on lasia.", "Aukiolo ovelle.", "Olli Ohjaaja", "Kahvit.", "20.2.2026"))
    assert "Vanha asia" not in text
    section = comment_round.version.document.sections.get()
    assert f"1. 1 {section}" in text  # what was agreed stands under its place in the text
    pdf = client.get(page("meeting-memo-pdf", comment_round, meeting.public_id))
    with pikepdf.open(io.BytesIO(pdf.content)) as file:
        assert str(file.Root.Lang) == "fi"
        assert "Esimerkki" in str(file.docinfo["/Title"])


def test_ended_meeting_records_nothing_more(client, coordinator, comment_round):
    remark = said(comment_round, "Aukiolo.", operations=wording(comment_round, "Toinen."))
    meeting = RemarkMeeting.objects.create(
        region=comment_round.region, document=comment_round.version.document, held_on="2026-02-20"
    )
    end_meeting(meeting, by=coordinator)
    point = page("meeting-point", comment_round, meeting.public_id, remark.public_id)
    response = client.post(point, {"outcome": "noted", "reason_fi": ""})
    assert response.status_code == 422
    assert "Kokous on päätetty" in response.content.decode()
    client.post(page("meeting-accept", comment_round, meeting.public_id, remark.public_id))
    assert Remark.objects.unanswered().get() == remark
    assert client.get(page("meeting", comment_round, meeting.public_id)).status_code == 200


def test_hidden_remarks_are_no_points(client, coordinator, comment_round):
    said(comment_round, "Asiaton.", hidden_at="2026-01-20T10:00Z", hidden_reason="Asiaton")
    said(comment_round, "Asiallinen.")
    assert "Yksi kommentti odottaa" in client.get(page("meeting-list", comment_round)).content.decode()


def test_names_are_one_on_each_line(client, coordinator, comment_round):
    response = client.post(page("meeting-add", comment_round), {"held_on": "2026-02-20", "present": "x" * 200})
    assert response.status_code == 422
    assert "x" * 200 in response.content.decode()
    assert not RemarkMeeting.objects.exists()


def test_hostile_words_stay_words_in_the_memo(client, coordinator, comment_round):
    remark = said(comment_round, '<script>alert("x")</script>')
    meeting = RemarkMeeting.objects.create(
        region=comment_round.region,
        document=comment_round.version.document,
        held_on="2026-02-20",
        present=["<b>Olli</b>"],
    )
    answer([remark], outcome="partly", reason={"fi": "<img src=x>"}, by=coordinator, meeting=meeting)
    word = client.get(page("meeting-memo-word", comment_round, meeting.public_id))
    text = zipfile.ZipFile(io.BytesIO(word.content)).read("word/document.xml").decode()
    assert "&lt;b&gt;Olli&lt;/b&gt;" in text
    assert "&lt;script&gt;" in text
    html = client.get(page("meeting", comment_round, meeting.public_id)).content.decode()
    assert "<script>alert" not in html
    assert client.get(page("meeting-memo-pdf", comment_round, meeting.public_id)).status_code == 200
