"""A respondent's way at 320 px: by keyboard with the script, and whole without it."""

import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from reviews.models import CommentRound, Statement
from tests.reviews.factories import CommentRoundFactory
from tests.reviews.test_answering import at
from tests.reviews.test_statements import QUESTIONS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NARROW = {"width": 320, "height": 700}


@pytest.fixture
def comment_round():
    now = timezone.now()
    return CommentRoundFactory(
        kind=CommentRound.Kind.OPEN,
        questions=QUESTIONS,
        allows_anonymous=True,
        has_children_form=True,
        opens_at=now - datetime.timedelta(days=1),
        closes_at=now + datetime.timedelta(days=20),
        announced_at=now - datetime.timedelta(days=2),
    )


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


def press(page, locator):
    """A button, by keyboard."""
    locator.focus()
    page.keyboard.press("Enter")


def test_answer_by_keyboard_is_saved_as_one_goes_and_sent(page, axe, comment_round):
    page.set_viewport_size(NARROW)
    page.goto(at(comment_round))
    axe()
    assert fits(page)
    press(page, page.locator("form:has(input[name=kind][value=personal]) button"))
    page.locator("#id_text").focus()
    page.keyboard.type("Kaikki hyvin.")
    page.keyboard.press("Tab")
    expect(page.locator("[data-saved]")).to_contain_text(".")
    axe()
    assert fits(page)
    press(page, page.locator("button[name=go][value=next]"))
    page.locator("#id_signed_by").fill("Esko Esimerkki")
    axe()
    assert fits(page)
    press(page, page.locator("button[name=go][value=next]"))
    expect(page.locator("main")).to_contain_text("Kaikki hyvin.")
    axe()
    press(page, page.locator("form.fc-form button[type=submit]"))
    page.wait_for_url("**/receipt/")
    axe()
    assert fits(page)
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('fc:answer:'))") == []
    assert Statement.objects.get().received_at is not None


def test_child_answers_without_javascript(browser, live_server, comment_round, leave_pages):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False, viewport=NARROW, locale="fi-FI")
    page = context.new_page()
    page.goto(at(comment_round))
    page.locator("form:has(input[name=form][value=children]) button").click()
    page.locator("input[type=radio]").first.check()
    page.locator("textarea").first.fill("Puisto")
    page.locator("form.fc-form button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("Puisto")
    leave_pages()
    context.close()
    assert Statement.objects.get().answers["child-good"] == "Puisto"
