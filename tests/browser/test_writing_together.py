"""Two people writing one section at the same time, through lost connections, ended sessions, reloads and restarts."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import connection
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
def window(browser, live_server, leave_pages):
    """A browser of its own for each person: `window(user)`."""
    with contextlib.ExitStack() as stack:

        def open_as(user, server=live_server):
            context = browser.new_context(base_url=server.url, locale="fi-FI", timezone_id="Europe/Helsinki")
            stack.callback(context.close)
            sign_in(context, user, server)
            page = context.new_page()
            context.set_default_timeout(15_000)
            return page

        yield open_as
        leave_pages()


@pytest.fixture
def axe_on():
    """Assert that axe finds nothing in a window."""

    def assert_no_violations(page):
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()

    return assert_no_violations


def sign_in(context, user, live_server):
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])


class Server:
    """The program as it is served, in a process of its own that can be killed; on the database of the test."""

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.url = f"http://{self.address}"
        self.process = None
        name = connection.settings_dict["NAME"]
        if connection.vendor == "sqlite":
            database = f"sqlite:///{name}"
        else:
            database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        self.environment = {
            **os.environ,
            "DATABASE_URL": database,
            "SECRET_KEY": settings.SECRET_KEY,
            "FC_VAR_DIR": str(folder),
            "DJANGO_DEBUG": "1",
            "FC_STATICFILES_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
        }

    def start(self):
        command = [sys.executable, "-m", "gunicorn", "familycentre.wsgi", "--bind", self.address, "--no-control-socket"]
        self.process = subprocess.Popen(
            # Threads, because a browser opens connections ahead of what it asks: one worker would wait for them.
            [*command, "--threads", "4", "--log-level", "critical"],
            cwd=settings.BASE_DIR,
            env=self.environment,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _time in range(300):
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                urllib.request.urlopen(f"{self.url}/fi/account/login/", timeout=5).close()
                return
            assert self.process.poll() is None
            time.sleep(0.1)
        raise AssertionError("The server did not start.")

    def kill(self):
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=30)
            self.process = None


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path)
    try:
        server.start()
        yield server
    finally:
        server.kill()


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


def kept(page):
    return page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('fc:text:')).length")


def until(page, is_so, seconds=20):
    """Waits for a state that the page alone cannot tell, while the browser goes on."""
    for _time in range(10 * seconds):
        if is_so():
            return
        page.wait_for_timeout(100)
    raise AssertionError(page.evaluate("Object.entries(localStorage).join()"))


def nothing_kept(page):
    until(page, lambda: kept(page) == 0)


def take_what_is_offered(page):
    """The last sending may have reached the server while the page went; else the text is offered back."""
    expect(box(page)).to_be_visible()
    take = page.locator("[data-offer-take]")
    until(page, lambda: kept(page) == 0 or take.count())
    if take.count():
        take.click()
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


def test_the_same_place_changed_by_two_is_chosen_without_leaving(window, axe_on, section, liisa, matti):
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
    sides = two.locator("#conflicts .fc-conflict__sides > div")
    expect(sides).to_have_count(3)
    for place, text in enumerate(("Ensimmäinen kappale.", "Liisan", "Matin")):
        expect(sides.nth(place)).to_be_visible()
        expect(sides.nth(place)).to_contain_text(text)
    # Beside one another where there is room, below one another on a phone.
    assert len({round(side.bounding_box()["y"]) for side in sides.all()}) == 1
    two.set_viewport_size({"width": 360, "height": 780})
    assert len({round(side.bounding_box()["x"]) for side in sides.all()}) == 1
    assert two.evaluate("document.documentElement.scrollWidth") <= 360
    axe_on(two)
    two.set_viewport_size({"width": 1280, "height": 720})
    # The other writer is told too, though the text that she sees has not changed.
    one.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    one.locator("#conflicts").wait_for()
    expect(one.locator("[data-save-said]")).to_contain_text("Kaksi ihmistä muutti samaa tekstiä")
    # Writing goes on while the panel waits.
    at_end_of(two, "Kolmas")
    two.keyboard.type(" Jatkoa.")
    saved(two)
    two.locator("#conflicts form").nth(1).locator("button").click()

    expect(two.locator("#conflicts")).to_have_count(0)
    expect(box(two)).to_contain_text("Matin kappale.")
    assert texts(section) == ["Matin kappale.", "Toinen kappale.", "Kolmas kappale. Jatkoa."]
    one.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(one.locator("#conflicts")).to_have_count(0)
    expect(box(one)).to_contain_text("Matin kappale.")
    assert Conflict.objects.get().settled_by == matti


def test_saving_by_hand_into_a_conflict_leads_to_the_choice(window, section, liisa, matti):
    one, two = window(liisa), window(matti)
    for page in (one, two):
        open_section(page, section)
    for page, word in ((one, "Liisan"), (two, "Matin")):
        box(page).locator("p").first.click()
        key(page, "Home", *["Shift+ArrowRight"] * len("Ensimmäinen"))
        page.keyboard.type(word)
        page.locator("[data-edit-form] button[type=submit]").click()
        expect(status(page)).to_contain_text("klo")
    expect(two.locator("#conflicts-title")).to_be_focused()
    waiting = words(two, "conflict").replace("{clock}", "").split(".", 1)[1].strip()
    expect(status(two)).to_contain_text(waiting)
    at_end_of(two, "Kolmas")
    with two.expect_response(lambda response: "text-fi" in (response.request.post_data or "")):
        two.keyboard.type(" Jatkoa.")
    expect(status(two)).to_contain_text(waiting)


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
    until(page, lambda: lost)
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


def test_a_server_that_is_killed_while_one_types_loses_no_word(window, server, section, liisa):
    page = window(liisa, server)
    open_section(page, section)
    at_end_of(page, "Kolmas")
    page.keyboard.type(" Tallessa.")
    saved(page)
    page.keyboard.type(" Ennen.")
    page.keyboard.press("Control+s")  # perhaps it arrives, perhaps not
    server.kill()
    page.keyboard.type(" Poissa.")
    expect(status(page)).to_have_text(words(page, "offline"), timeout=25_000)
    until(page, lambda: "Poissa." in page.evaluate("Object.values(localStorage).join()"))
    server.start()
    page.keyboard.type(" Palasi.")
    page.evaluate("window.dispatchEvent(new Event('online'))")  # not only when the next try is due
    saved(page)

    assert texts(section)[-1] == "Kolmas kappale. Tallessa. Ennen. Poissa. Palasi."
    assert Conflict.objects.count() == 0


def test_what_two_windows_of_one_person_save_is_nobody_elses(window, section, liisa):
    page = window(liisa)
    open_section(page, section)
    second = page.context.new_page()
    open_section(second, section)
    at_end_of(second, "Toinen")
    second.keyboard.type(" Toisessa.")
    saved(second)
    at_end_of(page, "Kolmas")
    page.keyboard.type(" Ensin.")
    saved(page)
    assert texts(section) == ["Ensimmäinen kappale.", "Toinen kappale. Toisessa.", "Kolmas kappale. Ensin."]
    expect(status(page)).not_to_contain_text(words(page, "others"))


def test_the_outline_says_that_one_has_been_signed_out(window, section, liisa):
    page = window(liisa)
    open_section(page, section)
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.locator('li[data-row="nykytila"] [data-row-menu]').click()
    page.locator('#outline-menu [data-do="rename"]').click()
    expect(page.locator(".fc-toasts .fc-toast", has_text="kirjattu ulos")).to_be_visible()
    expect(page.locator("#outline-dialog")).to_be_hidden()


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
