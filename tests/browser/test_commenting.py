"""A respondent reads the version of a round and comments on its places, with and without JavaScript."""

import datetime
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from reviews.models import CommentRound, Remark, Statement
from tests.reviews.test_reading import page_of, remark_at, round_on, version_of

pytestmark = pytest.mark.django_db(transaction=True)
DAY = datetime.timedelta(days=1)
TEXT = (
    "<p>Kahvila on auki <strong>arkisin</strong> aamusta iltaan.</p><ul><li>Piha</li><li>Sali</li></ul>"
    "<table><tr><th>Paikka</th><th>Aika</th><th>Kenelle</th><th>Yhteyshenkilö</th></tr>"
    "<tr><td>Kuusamo</td><td>maanantaisin</td><td>vauvaperheille</td><td>Perhekeskuskoordinaattori</td></tr></table>"
)


@pytest.fixture
def comment_round():
    now = timezone.now()
    return round_on(
        version_of(TEXT),
        opens_at=now - DAY,
        closes_at=now + DAY,
        sharing=CommentRound.Sharing.AT_ONCE,
        allows_anonymous=True,
        allows_official=False,
    )


def no_violations(page):
    results = Axe().run(page)
    assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"


def test_by_keyboard_on_a_narrow_screen_without_scripts(browser, live_server, comment_round):
    remark_at(comment_round, 0, "Toisen huomio, jossa on erittäinpitkäyhdyssanajokaeimahduriville.")
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, viewport={"width": 320, "height": 700}, locale="fi-FI"
    )
    page = context.new_page()
    page.goto(page_of(comment_round))
    assert_fits(page)
    page.locator("[aria-label$='1, paragraph 1'][data-say], [aria-label$='1. kappale'][data-say]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#others")).to_contain_text("Toisen huomio")
    assert_fits(page)
    page.locator("textarea[name=text]").focus()
    page.keyboard.type("Entä viikonloput?")
    page.locator("[data-proposal] > summary").focus()
    page.keyboard.press("Enter")
    page.locator("[name=wording_body]").fill("Kahvila on auki arkisin ja lauantaisin aamusta iltaan.")
    page.locator("[name=way][value=anonymous]").focus()
    page.keyboard.press("Space")
    page.locator(".fc-remark-form [type=submit]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".fc-commentable")).to_be_visible()
    page.goto(page_of(comment_round, "my-remarks"))
    expect(page.locator(".fc-said ins")).to_contain_text("lauantaisin")
    assert_fits(page)
    operation = Remark.objects.get(text="Entä viikonloput?").operations[0]
    assert "<strong>arkisin</strong> ja lauantaisin" in operation["value"]
    context.close()


def assert_fits(page):
    # Without scripts on the page it can be measured only from outside: what is wider could be scrolled to.
    box = page.locator("main").bounding_box()
    assert box["width"] <= 320
    session = page.context.new_cdp_session(page)
    size = session.send("Page.getLayoutMetrics")["cssContentSize"]
    assert size["width"] <= 320


def test_chosen_words_come_along_and_nothing_is_lost_without_a_connection(page, comment_round):
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(page_of(comment_round))
    no_violations(page)
    page.locator(".fc-commentable p[id^=b-]").first.evaluate(
        """(paragraph) => getSelection().setBaseAndExtent(paragraph.firstChild, 8, paragraph.firstChild, 15)"""
    )
    page.locator(".fc-place__selected").click()
    form = page.locator("[data-say-form]")
    expect(form.locator("[name=quote]")).to_have_value("on auki")
    expect(form.locator("[name=text]")).to_be_focused()
    no_violations(page)
    form.locator("[name=text]").fill("Mihin aikaan?")
    form.locator("[type=submit]").click()
    expect(page.locator(".fc-error-summary")).to_be_focused()
    expect(form.locator("[name=text]")).to_have_value("Mihin aikaan?")
    form.locator("[name=way][value=personal]").check()
    form.locator("[type=submit]").click()
    expect(page.locator(".fc-place__count")).to_have_count(1)
    expect(page.locator(".fc-place [data-focus]")).to_be_focused()
    assert Remark.objects.get().quote == "on auki"

    # Now there is a statement: the form saves itself.
    page.locator("td [data-say]").click()
    words = page.locator("[data-say-form] [name=text]")
    words.fill("Rivistä.")
    status = page.locator("[data-saving]")
    saved = re.compile(re.escape(status.get_attribute("data-saved").partition("{")[0]))
    expect(status).to_have_text(saved)
    page.context.set_offline(True)
    words.fill("Rivistä, ja tämä ilman yhteyttä.")
    expect(status).to_have_text(status.get_attribute("data-offline"))
    page.context.set_offline(False)
    expect(status).to_have_text(saved)
    page.keyboard.press("Escape")
    expect(page.locator("td [data-say]")).to_be_focused()
    expect(page.locator("td .fc-place__count")).to_have_count(1)
    assert Remark.objects.get(text__startswith="Rivistä").text == "Rivistä, ja tämä ilman yhteyttä."
    assert Statement.objects.count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
