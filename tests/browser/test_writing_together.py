"""Two people writing one section at the same time, through lost connections, ended sessions, reloads and restarts."""

import contextlib
import os
import re

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from documents.models import Conflict, Visit
from documents.services.documents import create_document
from documents.services.outline import add_section
from documents.services.sections import save_section
from tests.accounts.factories import UserFactory
from tests.browser.test_editor import box, key, open_section
from tests.documents.factories import fresh, head, texts
from tests.regions.factories import BodyFactory, MembershipFactory, RegionFactory

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = 60 if os.environ.get("HYPOTHESIS_PROFILE") == "soak" else 12
TEXT = "<p>Ensimmäinen kappale.</p><p>Toinen kappale.</p><p>Kolmas kappale.</p>"


@pytest.fixture
def body():
    return BodyFactory(region=RegionFactory(), coordinating=True)


@pytest.fixture
def liisa(body):
    return MembershipFactory(body=body, user=UserFactory(name="Liisa Mallikas")).user


@pytest.fixture
def matti(body):
    return MembershipFactory(body=body, user=UserFactory(name="Matti Esimerkki")).user


@pytest.fixture
def section(body):
    document = create_document(body.region, kind="report", title={"fi": "Raportti"}, languages=["fi"], by=None)
    section = add_section(document, heading={"fi": "Nykytila"}, key="nykytila", by=None)
    save_section(section, by=None, base=None, html={"fi": TEXT})
    return fresh(section)


@pytest.fixture
def window(browser, live_server):
    """A browser of its own for each person: `window(user)`."""
    pages = []
    with contextlib.ExitStack() as stack:

        def open_as(user):
            context = browser.new_context(base_url=live_server.url, locale="fi-FI", timezone_id="Europe/Helsinki")
            stack.callback(context.close)
            sign_in(context, user, live_server)
            page = context.new_page()
            page.set_default_timeout(15_000)
            pages.append(page)
            return page

        yield open_as
        for page in pages:
            if not page.is_closed():
                page.goto("about:blank")  # says good-bye to the server while there is one
                page.wait_for_timeout(300)


def sign_in(context, user, live_server):
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])


def status(page):
    return page.locator("[data-save-status]")


def words(page, name):
    """A sentence of the page's own, as Django wrote it into the form."""
    return page.locator("[data-edit-form]").get_attribute(f"data-{name}")


def at_end_of(page, text):
    box(page).locator("p", has_text=text).click()
    key(page, "End")


def saved(page):
    expect(status(page)).to_contain_text("klo", timeout=20_000)
    nothing_kept(page)


def nothing_kept(page):
    for _time in range(100):
        if page.evaluate("localStorage.length") == 0:
            return
        page.wait_for_timeout(100)
    raise AssertionError(page.evaluate("Object.entries(localStorage).join()"))


def take_what_is_offered(page):
    """The last sending may have reached the server while the page went; else the text is offered back."""
    expect(box(page)).to_be_visible()
    page.wait_for_timeout(2500)
    if page.locator("[data-offer-take]").count():
        page.locator("[data-offer-take]").click()
        expect(page.locator("[data-offers] section")).to_have_count(0)
    nothing_kept(page)


def all_words(section):
    return {word for text in texts(section) for word in re.findall(r"\w+", text)}


def test_two_people_typing_at_once_with_a_lost_connection_lose_nothing(window, section, liisa, matti):
    one, two = window(liisa), window(matti)
    for page in (one, two):
        open_section(page, section)
    at_end_of(one, "Ensimmäinen")
    at_end_of(two, "Kolmas")
    typed = {liisa: [], matti: []}
    rounds = SECONDS
    for number in range(rounds):
        for page, user, name in ((one, liisa, "liisa"), (two, matti, "matti")):
            sentence = f"{name}kirjoitti{number}"
            page.keyboard.type(f" {sentence}.")
            typed[user].append(sentence)
            if number % 4 == 3:
                key(page, "Enter")
            page.wait_for_timeout(400)
        if number == rounds // 3:
            two.context.set_offline(True)
        if number == 2 * rounds // 3:
            expect(status(two)).to_have_text(words(two, "offline"), timeout=25_000)
            two.context.set_offline(False)
        if number == rounds // 2:
            # Both in one paragraph for the rest of the time.
            at_end_of(one, "Toinen")
            at_end_of(two, "Toinen")
    saved(one)
    saved(two)

    here = all_words(section)
    for user, sentences in typed.items():
        own = {
            word
            for row in section.revisions.filter(author=user)
            for block in row.blocks
            for word in re.findall(r"\w+", block.plain_in("fi"))
        }
        lost = [sentence for sentence in sentences if sentence not in here and sentence not in own]
        assert lost == []
        assert len(here & set(sentences)) >= len(sentences) / 2
    assert section.revisions.filter(is_side=True).exists()
    page = one.context.new_page()
    open_section(page, section)
    assert {word for word in re.findall(r"\w+", box(page).inner_text()) if "kirjoitti" in word} == {
        word for word in here if "kirjoitti" in word
    }


def test_what_another_saves_comes_into_a_clean_text_quietly(window, axe, section, liisa, matti):
    one, two = window(liisa), window(matti)
    open_section(one, section)
    open_section(two, section)
    at_end_of(two, "Kolmas")
    at_end_of(one, "Ensimmäinen")
    one.keyboard.type(" Uutta.")
    saved(one)
    two.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # as when one comes back to the window

    expect(box(two)).to_contain_text("Ensimmäinen kappale. Uutta.")
    expect(status(two)).to_contain_text("Liisa Mallikas")
    expect(two.locator("[data-presence]")).to_contain_text("Liisa Mallikas")
    two.keyboard.type(" Omaa.")  # the cursor is where it was
    saved(two)
    assert texts(section) == ["Ensimmäinen kappale. Uutta.", "Toinen kappale.", "Kolmas kappale. Omaa."]
    assert not section.revisions.filter(is_side=True).exists()
    key(two, "Control+z")
    expect(box(two)).to_contain_text("Uutta.")  # one's own undoing takes nothing of another's
    expect(box(two)).not_to_contain_text("Omaa.")
    assert Visit.objects.filter(user=matti, is_open=True).exists()


def test_the_same_place_changed_by_two_is_chosen_without_leaving(window, section, liisa, matti):
    one, two = window(liisa), window(matti)
    open_section(one, section)
    open_section(two, section)
    for page, word in ((one, "Liisan"), (two, "Matin")):
        box(page).locator("p").first.click()
        key(page, "Home")
        for _letter in "Ensimmäinen":
            key(page, "Shift+ArrowRight")
        page.keyboard.type(word)
    saved(one)
    two.locator("#conflicts").wait_for()
    expect(two.locator("#conflicts")).to_contain_text("Liisa Mallikas")
    expect(box(two)).to_contain_text("Liisan kappale.")
    # Writing goes on while the panel waits.
    at_end_of(two, "Kolmas")
    two.keyboard.type(" Jatkoa.")
    saved(two)
    two.locator("#conflicts form").nth(1).locator("button").click()

    expect(two.locator("#conflicts")).to_have_count(0)
    expect(box(two)).to_contain_text("Matin kappale.")
    assert texts(section) == ["Matin kappale.", "Toinen kappale.", "Kolmas kappale. Jatkoa."]
    assert Conflict.objects.get().settled_by == matti


def test_text_that_never_arrived_is_offered_back_and_merged(window, live_server, section, liisa, matti):
    page = window(liisa)
    open_section(page, section)
    page.context.set_offline(True)
    at_end_of(page, "Kolmas")
    page.keyboard.type(" Junassa kirjoitettu.")
    expect(status(page)).to_have_text(words(page, "offline"), timeout=20_000)
    page.close()
    # Meanwhile another writes, and somebody else uses the same browser.
    before = head(section)
    save_section(
        section,
        by=matti,
        base=before,
        html={"fi": "".join(f'<p data-id="{b.id}">{b.get("body", "fi")} Matti.</p>' for b in before.blocks[:2])},
    )
    context_page = page.context.new_page()
    page.context.set_offline(False)
    page.context.clear_cookies()
    sign_in(page.context, matti, live_server)
    open_section(context_page, section)
    context_page.wait_for_timeout(500)
    expect(context_page.locator("[data-offer-take]")).to_have_count(0)
    context_page.close()

    page.context.clear_cookies()
    sign_in(page.context, liisa, live_server)
    again = page.context.new_page()
    open_section(again, section)
    again.locator("[data-offer-show]").click()
    expect(again.locator("[data-offer-difference]")).to_contain_text("Junassa kirjoitettu.")
    assert len(texts(section)) == 2
    again.locator("[data-offer-take]").click()
    expect(again.locator("[data-offers] section")).to_have_count(0)
    nothing_kept(again)

    written = " ".join(texts(section))
    assert "Ensimmäinen kappale. Matti. Toinen kappale. Matti." in written
    assert "Junassa kirjoitettu." in written


def test_a_save_whose_answer_is_lost_is_not_made_twice(window, section, liisa):
    page = window(liisa)
    open_section(page, section)
    lost = []

    def lose(route):
        if route.request.method == "POST" and "text-fi" in (route.request.post_data or "") and not lost:
            lost.append(route.fetch())  # it arrives; the server stops before it can say so
            route.abort()
        else:
            route.continue_()

    page.route("**/s/nykytila/", lose)
    at_end_of(page, "Kolmas")
    page.keyboard.type(" Yksi.")
    page.wait_for_timeout(3500)
    page.keyboard.type(" Kaksi.")
    saved(page)

    assert lost[0].status == 200
    assert texts(section)[-1] == "Kolmas kappale. Yksi. Kaksi."
    assert Conflict.objects.count() == 0


def test_typing_reloading_and_a_restarting_server(window, section, liisa):
    page = window(liisa)
    open_section(page, section)
    # The server is away: requests fail, and later something in between answers 502.
    page.route("**/s/nykytila/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    at_end_of(page, "Kolmas")
    page.keyboard.type(" Ennen katkoa.")
    expect(status(page)).to_have_text(words(page, "offline"), timeout=20_000)
    page.unroute("**/s/nykytila/")
    page.route(
        "**/s/nykytila/",
        lambda route: (
            route.fulfill(status=502, body="<h1>Bad gateway</h1>")
            if route.request.method == "POST"
            else route.continue_()
        ),
    )
    page.keyboard.type(" Katkon aikana.")
    expect(status(page)).to_have_text(words(page, "failed"), timeout=20_000)
    page.unroute("**/s/nykytila/")
    page.reload()
    take_what_is_offered(page)

    assert texts(section)[-1] == "Kolmas kappale. Ennen katkoa. Katkon aikana."


def test_a_reload_right_after_typing_saves_or_offers(window, section, liisa):
    page = window(liisa)
    open_section(page, section)
    at_end_of(page, "Kolmas")
    page.keyboard.type(" Viime hetkellä.")
    page.reload()
    take_what_is_offered(page)

    assert texts(section)[-1] == "Kolmas kappale. Viime hetkellä."


def test_a_right_that_ends_while_writing_is_told_and_the_text_stays(window, section, liisa):
    page = window(liisa)
    open_section(page, section)
    at_end_of(page, "Kolmas")
    page.keyboard.type(" Liian myöhään.")
    liisa.memberships.all().delete()
    page.keyboard.press("Control+s")
    expect(status(page)).not_to_have_text("")
    expect(status(page)).not_to_contain_text("klo")
    kept = page.evaluate("Object.values(localStorage).join()")
    assert "Liian myöhään." in kept
    assert texts(section)[-1] == "Kolmas kappale."
