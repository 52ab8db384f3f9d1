import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from accounts.links import make_link
from documents import frozen
from documents.services.versions import freeze
from reviews.answering import holding
from reviews.models import CommentRound, Statement
from reviews.services.remarks import say
from reviews.services.statements import begin
from tests.accounts.factories import UserFactory
from tests.documents.factories import make_document, make_section
from tests.regions.factories import RegionFactory

from .factories import CLOSES, OPENS, CommentRoundFactory, InvitationFactory, RemarkFactory, StatementFactory

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
TEXT = (
    "<p>Kahvila on auki.</p><h3>Tilat</h3><ul><li>Piha</li><li>Sali</li></ul>"
    "<table><tr><th>Paikka</th><th>Aika</th></tr><tr><td>Kuusamo</td><td>ma</td></tr></table>"
)


def version_of(text=TEXT, languages=("fi",)):
    document = make_document(RegionFactory(), languages=list(languages))
    make_section(document, text)
    return freeze(document, by=None)


def round_on(version, **fields):
    return CommentRoundFactory(region=version.region, version=version, **{"kind": CommentRound.Kind.OPEN, **fields})


def page_of(comment_round, name="text", *rest):
    """In English, so that no test hangs on a translation."""
    region = comment_round.version.document.region.slug
    with override("en"):
        return reverse(f"reviews:{name}", args=[region, comment_round.public_id, *rest])


def places_of(comment_round):
    """The version's section key and its blocks."""
    section = frozen.read(comment_round.version).sections[0]
    return section.key, section.blocks


def come_with(client, comment_round, *, invitation=None, statement=None):
    """The visitor holds a link, as if she had opened it just now."""
    purpose, target = (
        (holding.INVITATION, invitation.public_id) if invitation else (holding.STATEMENT, statement.public_id)
    )
    link, _token = make_link(purpose, target, sent_to="", expires_at=CLOSES + 90 * DAY)
    session = client.session
    session[holding.SESSION_KEY] = {comment_round.public_id: link.pk}
    session.save()


@pytest.fixture(autouse=True)
def _in_time(time_machine):
    time_machine.move_to(OPENS + DAY, tick=False)


def test_every_place_of_the_text_has_a_way_to_comment_with_a_name_of_its_own(client):
    comment_round = round_on(version_of())
    html = client.get(page_of(comment_round)).content.decode()
    names = re.findall(r'data-say href="[^"]*" aria-label="([^"]*)"', html)
    assert names == [
        "Comment on 1 Nykytila",
        "Comment on 1, paragraph 1",
        "Comment on 1, subheading 1",
        "Comment on 1, list item 1",
        "Comment on 1, list item 2",
        "Comment on 1, table row 1",
        "Comment on 1, table 1",
    ]
    links = re.findall(r'data-say href="([^"]*)"', html)
    assert len(links) == 8  # and the whole
    assert [client.get(link).status_code for link in links] == [200] * 8


def remark_at(comment_round, at, text="Aukiolo pitäisi kertoa.", **statement):
    section_key, blocks = places_of(comment_round)
    return RemarkFactory(
        statement=StatementFactory(round=comment_round, **statement),
        section_key=section_key,
        block_id=blocks[at].id,
        text=text,
    )


def test_counts_and_remarks_of_others_cost_no_query_more_however_many_there_are(client):
    comment_round = round_on(version_of(), sharing=CommentRound.Sharing.AT_ONCE, allows_anonymous=True)
    own = begin(comment_round, kind=Statement.Kind.ANONYMOUS, language="fi")
    section_key, blocks = places_of(comment_round)
    say(own, key="a", text="Oma.", language="fi", section_key=section_key, block_id=blocks[0].id)
    come_with(client, comment_round, statement=own)
    counts = []
    for _round in range(2):
        remark_at(comment_round, 0)
        remark_at(comment_round, 2)
        client.get(page_of(comment_round))  # writes the text out
        with CaptureQueriesContext(
            connection,
        ) as queries:
            html = client.get(page_of(comment_round)).content.decode()
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15
    marks = re.findall(r'aria-label="([^"]*)">[^<]*comments? by others<', html)
    assert marks == ["2 comments by others: 1, paragraph 1", "2 comments by others: 1, list item 1"]
    assert "1 own comment: 1, paragraph 1" in html
    assert "<h1" in html


@pytest.mark.parametrize(
    ("sharing", "while_open", "afterwards"), [("nobody", 0, 0), ("afterwards", 0, 1), ("at_once", 1, 1)]
)
def test_others_are_read_when_the_round_says_so(client, time_machine, sharing, while_open, afterwards):
    comment_round = round_on(version_of(), sharing=sharing)
    shown = remark_at(comment_round, 0, "Tämä näkyy.")
    remark_at(comment_round, 0, "Luonnos.", received_at=None)
    remark_at(comment_round, 0, "Salattu.", visibility=Statement.Visibility.HIDDEN, hidden_ground="JulkL 24 §")
    hidden = remark_at(comment_round, 0, "Piilotettu.")
    hidden.hidden_at, hidden.hidden_reason = OPENS, "Asiaton"
    hidden.save()
    taken_back = remark_at(comment_round, 0, "Peruttu.")
    taken_back.withdrawn_at = OPENS
    taken_back.save()
    address = page_of(comment_round, "remark-add", shown.section_key, shown.block_id)
    for moment, seen in ((OPENS + DAY, while_open), (CLOSES + DAY, afterwards)):
        time_machine.move_to(moment, tick=False)
        html = client.get(address).content.decode()
        assert html.count("Tämä näkyy.") == seen
        for words in ("Luonnos.", "Salattu.", "Piilotettu.", "Peruttu."):
            assert words not in html
        assert client.get(page_of(comment_round)).content.decode().count("1 comment by others") == 2 * seen


def test_a_person_is_named_only_where_she_has_said_so_and_blacked_out_words_are_left_out(client):
    comment_round = round_on(version_of(), sharing=CommentRound.Sharing.AT_ONCE)
    official = StatementFactory(round=comment_round, official=True, signed_by="Siiri Sihteeri")
    section_key, blocks = places_of(comment_round)
    here = {"section_key": section_key, "block_id": blocks[0].id}
    RemarkFactory(statement=official, **here)
    for name, shows_name in (("Nimi Näkyy", True), ("Nimi Piilossa", False)):
        statement = StatementFactory(round=comment_round, signed_by=name, shows_name=shows_name)
        RemarkFactory(statement=statement, **here)
    passage = {"field": "text", "starts_at": 0, "ends_at": 5, "reason": "henkilötieto"}
    RemarkFactory(statement=official, text="Liisa sanoi niin.", redactions=[passage], **here)
    html = client.get(page_of(comment_round, "remark-add", section_key, blocks[0].id)).content.decode()
    assert re.findall(r'fc-said__who">([^<]*)<', html) == [
        str(official.organisation),
        "A respondent",
        "Nimi Näkyy",
        str(official.organisation),
    ]
    assert "Nimi Piilossa" not in html
    assert "Siiri" not in html
    assert "Liisa" not in html
    assert "henkilötieto" in html


def test_only_those_who_are_asked_read_the_text_and_only_from_the_opening_on(client, time_machine):
    asked = round_on(version_of(), kind=CommentRound.Kind.INVITED)
    assert client.get(page_of(asked)).url == page_of(asked, "answer")
    come_with(client, asked, invitation=InvitationFactory(round=asked))
    assert client.get(page_of(asked)).status_code == 200
    time_machine.move_to(OPENS - DAY, tick=False)
    assert client.get(page_of(asked)).url == page_of(asked, "answer")
    draft = round_on(version_of(), announced_at=None)
    assert client.get(page_of(draft)).status_code == 404
    time_machine.move_to(OPENS + DAY, tick=False)
    signed_in = round_on(version_of(), requires_sign_in=True)
    assert client.get(page_of(signed_in)).status_code == 302
    client.force_login(UserFactory())
    assert client.get(page_of(signed_in)).status_code == 200


def test_a_bilingual_text_is_read_and_commented_on_in_either_language(client):
    comment_round = round_on(version_of(languages=("fi", "sv")))
    html = client.get(page_of(comment_round), {"language": "sv"}).content.decode()
    links = re.findall(r'data-say href="([^"]*)"', html)
    assert [link for link in links if not link.endswith("?language=sv")] == []
    assert 'hreflang="fi"' in html
    assert client.get(page_of(comment_round), {"language": "en"}).status_code == 404


def test_after_the_time_for_changes_the_text_can_be_read_without_ways_to_comment(client, time_machine):
    comment_round = round_on(version_of())
    statement = StatementFactory(round=comment_round)
    time_machine.move_to(CLOSES, tick=False)
    come_with(client, comment_round, statement=statement)
    html = client.get(page_of(comment_round)).content.decode()
    assert "Kahvila on auki." in html
    assert "data-say" not in html
