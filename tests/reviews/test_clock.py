"""The clock, through the pages: the closing second, two tabs, a network that drops after the server has taken it."""

import datetime

import pytest
from django.core.cache import cache
from django.test import Client

from reviews.models import CommentRound, Receipt, Remark, Statement

from .factories import CLOSES, OPENS, CommentRoundFactory, InvitationFactory
from .test_answering import at, come, hidden, start
from .test_statements import QUESTIONS, place

pytestmark = pytest.mark.django_db
DAY, SECOND = datetime.timedelta(days=1), datetime.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _fresh_counts():
    cache.clear()


@pytest.fixture
def comment_round(time_machine):
    time_machine.move_to(CLOSES - 60 * SECOND, tick=False)
    return CommentRoundFactory(
        kind=CommentRound.Kind.OPEN, questions=QUESTIONS, allows_anonymous=True, has_family_form=True, contact_email=""
    )


def written(client, comment_round):
    """Somebody who has written all she wants to say; the page with the button."""
    start(client, comment_round)
    client.post(at(comment_round, "answer-questions"), {"text": "Kaikki hyvin."})
    client.post(at(comment_round, "answer-who"), {"signed_by": "Esko"})
    return client.get(at(comment_round, "answer-finish"))


@pytest.mark.parametrize(("left", "late"), [(SECOND, False), (datetime.timedelta(0), True)])
def test_same_button_pressed_again_across_the_closing_is_one_statement_with_its_first_time(
    client, comment_round, time_machine, left, late
):
    """The answer to the first press is lost; the browser, and then she herself, sends the same form again."""
    page = written(client, comment_round)
    sent = {"key": hidden(page, "key")}
    for moment in (CLOSES - left, CLOSES + SECOND, CLOSES + DAY):
        time_machine.move_to(moment, tick=False)
        assert client.post(at(comment_round, "answer-finish"), sent).url == at(comment_round, "answer-receipt")
    statement, receipt = Statement.objects.get(), Receipt.objects.get()
    assert (statement.received_at, statement.late) == (CLOSES - left, late)
    assert (receipt.made_at, receipt.content["text"]) == (CLOSES - left, "Kaikki hyvin.")
    assert "Kaikki hyvin." in client.get(at(comment_round, "answer-receipt")).content.decode()


def test_second_tab_after_the_closing_is_refused_and_takes_nothing_away(client, comment_round, time_machine):
    first, second = written(client, comment_round), client.get(at(comment_round, "answer-finish"))
    client.post(at(comment_round, "answer-finish"), {"key": hidden(first, "key")})
    time_machine.move_to(CLOSES, tick=False)
    refused = client.post(at(comment_round, "answer-finish"), {"key": hidden(second, "key")})
    assert refused.status_code == 422
    assert "Kaikki hyvin." in refused.content.decode()
    assert (Statement.objects.get().late, Receipt.objects.count()) == (False, 1)


def test_short_form_sent_again_is_handed_in_once_with_every_word(client, comment_round, time_machine):
    page = start(client, comment_round, "anonymous", "family")
    field = next(name for name in page.context["form"].fields if name.startswith("q-"))
    sent = {"key": hidden(page, "key"), "shown": hidden(page, "shown"), field: "Kahvila iltaisin auki."}
    for moment in (CLOSES - SECOND, CLOSES + SECOND):
        time_machine.move_to(moment, tick=False)
        answer = client.post(at(comment_round, "answer-short"), sent)
        assert answer.url == at(comment_round, "answer-receipt")
    assert Receipt.objects.get().content["answers"] == Statement.objects.get().answers
    assert "Kahvila iltaisin auki." in str(Statement.objects.get().answers)
    assert Statement.objects.get().late is False


def test_registrars_answer_sent_again_and_from_a_colleagues_tab_is_one_statement(comment_round, time_machine):
    invitation = InvitationFactory(round=comment_round, email="kirjaamo@kunta.example")
    registrar, colleague = Client(), Client()
    pages = [come(browser, "round_invitation", invitation) for browser in (registrar, colleague)]
    keys = [hidden(page, "key") for page in pages]
    sent = {"stance": "supports", "signed_by": "Reija Rekisteri"}
    time_machine.move_to(CLOSES - SECOND, tick=False)
    for browser, key in ((registrar, keys[0]), (registrar, keys[0]), (colleague, keys[1])):
        answer = browser.post(at(comment_round, "answer-at-once"), {**sent, "key": key}, follow=True)
        assert answer.redirect_chain[-1][0] == at(comment_round, "answer-receipt")
    statement = Statement.objects.get()
    assert (statement.received_at, statement.late) == (CLOSES - SECOND, False)
    assert {row.content["signed_by"] for row in Receipt.objects.all()} == {"Reija Rekisteri"}
    time_machine.move_to(CLOSES + SECOND, tick=False)
    again = registrar.post(at(comment_round, "answer-at-once"), {**sent, "key": keys[0]})
    assert again.url == at(comment_round, "answer-receipt")
    changed = colleague.post(at(comment_round, "answer-at-once"), {**sent, "stance": "nothing", "key": "uusi"})
    assert changed.status_code == 422
    assert Statement.objects.get().stance == "supports"


def test_remark_sent_again_is_said_once_and_late_words_wait_in_the_form(client, comment_round, time_machine):
    written(client, comment_round)
    section, block = place(comment_round.version)
    here = at(comment_round, "remark-add", section, block.id)
    sent = {"key": hidden(client.get(here), "key"), "text": "Aukiolo ovelle."}
    for _time in range(2):
        assert client.post(here, sent).status_code == 302
    client.post(at(comment_round, "answer-finish"), {"key": "k"})
    time_machine.move_to(CLOSES, tick=False)
    refused = client.post(here, {"key": "toinen", "text": "Liian myöhään sanottu."})
    assert refused.status_code == 422
    assert "Liian myöhään sanottu." in refused.content.decode()
    assert Remark.objects.get().text == "Aukiolo ovelle."
    assert [row["text"] for row in Receipt.objects.get().content["remarks"]] == ["Aukiolo ovelle."]


def test_before_the_opening_second_nothing_is_taken_and_at_it_everything_is(client, comment_round, time_machine):
    time_machine.move_to(OPENS - SECOND, tick=False)
    client.post(at(comment_round, "answer-begin"), {"kind": "personal", "form": "full"})
    assert not Statement.objects.exists()
    time_machine.move_to(OPENS, tick=False)
    client.post(at(comment_round, "answer-finish"), {"key": hidden(written(client, comment_round), "key")})
    assert Statement.objects.get().received_at == OPENS
