"""The version as a Word file for comments: what its first page says, and who gets it."""

import datetime

import pytest

from accounts.links import link_path, make_link
from documents.word.reader import read_docx
from reviews.answering.holding import INVITATION
from reviews.models import CommentRound
from reviews.services.rounds import extend
from reviews.word.copy import comment_copy
from tests.accounts.factories import UserFactory
from tests.plans.factories import make_coordinator
from tests.reviews.factories import CLOSES, OPENS, InvitationFactory
from tests.reviews.word_files import main_of, make_round, parts_of

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def copy_url(comment_round, language="fi"):
    return f"/en/{comment_round.region.slug}/rounds/{comment_round.public_id}/word/copy/{language}/"


def test_first_page_tells_what_is_asked_and_is_no_part_of_the_text():
    comment_round = make_round(
        case_number="POHDe/1234/2026",
        instructions={"fi": "Pyydämme lausuntoa <tavoitteista>.\nMyös osasta."},
        attention=[{"kind": "", "text": {"fi": "Riittääkö henkilöstö?"}}],
        questions=[{"key": "q1", "kind": "text", "text": {"fi": "Mitä puuttuu?"}}],
    )
    content = comment_copy(comment_round, "fi")
    main = main_of(content)
    for words in (
        *("Lausuntokierros", "POHDe/1234/2026", "13.2.2026", "kaisa@example.org", "Riittääkö henkilöstö?"),
        *("Pyydämme lausuntoa &lt;tavoitteista&gt;.", "Myös osasta.", "1. Mitä puuttuu?"),
    ):
        assert words in main
    assert b"<w:trackRevisions/>" in parts_of(content)["word/settings.xml"]
    text = read_docx(content)
    assert [piece.plain for piece in text.pieces if piece.kind == "paragraph"][:2] == [
        "Kahvila on auki maanantaisin.",
        "Ohjaaja on paikalla aina.",
    ]
    assert text.agrees
    assert {row.reason for row in text.left_out} == {"cover"}


def test_file_is_made_once_for_the_same_request_and_anew_when_the_time_is_extended(time_machine, monkeypatch):
    time_machine.move_to(OPENS + DAY, tick=False)
    comment_round = make_round()
    first = comment_copy(comment_round, "fi")
    with monkeypatch.context() as patch:
        patch.setattr("reviews.word.copy.write_version", None)
        assert comment_copy(comment_round, "fi") == first
    later = extend(comment_round, until=CLOSES + DAY, by=UserFactory())
    assert "14.2.2026" in main_of(comment_copy(later, "fi"))


def test_who_gets_the_copy(client, time_machine):
    time_machine.move_to(OPENS - DAY, tick=False)
    comment_round = make_round(kind=CommentRound.Kind.INVITED)
    invitation = InvitationFactory(round=comment_round)
    url = copy_url(comment_round)
    assert client.get(url).status_code == 404
    client.force_login(make_coordinator(comment_round.region))
    answer = client.get(url)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="esimerkki-v1-kommentoitavaksi-fi.docx"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.content[:2] == b"PK"
    assert client.get(copy_url(comment_round, "en")).status_code == 404
    client.force_login(UserFactory())
    assert client.get(url).status_code == 404
    client.logout()
    time_machine.move_to(OPENS + DAY, tick=False)
    assert client.get(url).status_code == 404
    _link, token = make_link(INVITATION, invitation.public_id, expires_at=CLOSES + DAY)
    client.get(link_path(token, "fi"), follow=True)
    assert client.get(url).status_code == 200
    assert client.get(copy_url(make_round(kind=CommentRound.Kind.INVITED))).status_code == 404
    time_machine.move_to(OPENS - DAY, tick=False)
    assert client.get(url).status_code == 404


def test_open_round_gives_it_to_anyone_once_it_is_open(client, time_machine):
    time_machine.move_to(OPENS - DAY, tick=False)
    comment_round = make_round(kind=CommentRound.Kind.OPEN)
    draft = make_round(kind=CommentRound.Kind.OPEN, announced_at=None)
    assert client.get(copy_url(comment_round)).status_code == 404
    time_machine.move_to(OPENS + DAY, tick=False)
    assert client.get(copy_url(comment_round)).status_code == 200
    assert client.get(copy_url(draft)).status_code == 404
