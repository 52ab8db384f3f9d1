"""The looks in a real browser: nothing for axe to find, nothing that needs a wide screen or a mouse."""

import zlib

import pytest

from tests.accounts.factories import UserFactory
from tests.regions.factories import MembershipFactory, RegionFactory

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS = [1280, 360]
PAGES = [
    "/fi/",
    "/sv/",
    "/en/gallery/",
    "/fi/gallery/",
    "/fi/account/login/",
    "/fi/account/password/reset/",
    "/sv/accessibility/",
    "/fi/privacy/",
    "/en/about/",
    "/fi/nothing/",
]
ACCOUNT_PAGES = [
    "/fi/",
    "/fi/account/email/",
    "/fi/account/password/change/",
    "/fi/account/2fa/",
    "/fi/account/logout/",
    "/fi/account/reauthenticate/",
]


def assert_fits(page, width):
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", PAGES)
def test_public_page_is_accessible_and_fits(page, axe, path, width):
    RegionFactory.create_batch(3)
    page.set_viewport_size({"width": width, "height": 800})

    page.goto(path)

    assert_fits(page, width)
    axe()


@pytest.mark.parametrize("width", WIDTHS)
def test_own_pages_are_accessible_and_fit(page, axe, sign_in, width):
    membership = MembershipFactory()
    sign_in(membership.user)
    page.set_viewport_size({"width": width, "height": 800})
    for path in ACCOUNT_PAGES:
        page.goto(path)
        assert_fits(page, width)
        axe()


def test_first_tab_stop_skips_to_the_content(page):
    page.goto("/en/gallery/")

    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    assert skip.evaluate("link => link === document.activeElement")
    assert skip.bounding_box()["y"] >= 0
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


def test_sign_in_by_keyboard_with_an_error_on_the_way(page, axe):
    user = UserFactory()
    page.goto("/fi/account/login/")

    page.locator("#id_login").fill(user.email)
    page.locator("#id_password").fill("wrong password")
    page.keyboard.press("Enter")
    summary = page.get_by_role("alert")
    summary.wait_for()
    assert summary.evaluate("box => box === document.activeElement")
    axe()
    page.locator("#id_login").fill(user.email)
    page.locator("#id_password").fill("correct horse battery")
    page.keyboard.press("Enter")
    page.wait_for_url("**/fi/")

    page.locator(".fc-menu summary").press("Enter")
    assert page.locator(".fc-menu__panel").is_visible()
    axe()
    page.keyboard.press("Escape")
    assert not page.locator(".fc-menu__panel").is_visible()


def test_dialog_waits_for_the_name_and_gives_the_focus_back(page, axe):
    page.goto("/en/gallery/")
    opener = page.locator('[data-dialog-open="remove-section"]')

    opener.press("Enter")
    dialog = page.get_by_role("dialog")
    assert dialog.is_visible()
    axe()
    submit = dialog.locator('button[type="submit"]')
    assert submit.is_disabled()
    dialog.get_by_role("textbox").fill("Varhainen tuki")
    assert submit.is_enabled()
    page.keyboard.press("Escape")

    assert not dialog.is_visible()
    assert opener.evaluate("link => link === document.activeElement")


def test_tabs_move_by_arrow_keys(page):
    page.goto("/en/gallery/")
    tabs = page.get_by_role("tab")

    tabs.nth(0).press("ArrowRight")

    assert tabs.nth(1).get_attribute("aria-selected") == "true"
    assert tabs.nth(0).get_attribute("aria-selected") == "false"
    assert page.get_by_role("tabpanel").count() == 1
    page.keyboard.press("End")
    assert tabs.nth(2).evaluate("tab => tab === document.activeElement")


def test_message_closes_by_its_button(page):
    user = UserFactory()
    page.goto("/en/account/login/")
    page.locator("#id_login").fill(user.email)
    page.locator("#id_password").fill("correct horse battery")
    page.keyboard.press("Enter")
    toast = page.locator(".fc-toasts--floating .fc-toast")
    toast.wait_for()

    toast.get_by_role("button").click()

    assert toast.count() == 0


@pytest.mark.parametrize("path", ["/fi/", "/fi/gallery/", "/fi/account/login/"])
def test_reader_needs_no_javascript(browser, browser_context_args, path):
    RegionFactory()
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()

    page.goto(path)

    assert page.get_by_role("main").is_visible()
    if path == "/fi/gallery/":
        assert page.locator("[data-tabs] > section").count() == 3
        assert all(section.is_visible() for section in page.locator("[data-tabs] > section").all())
        assert page.locator(".fc-toast__close").count() == 0
    context.close()


def test_page_weighs_less_than_400_kilobytes_sent_packed(page):
    """What a first visit to the front page loads, text counted as brotli or gzip would send it at the least good."""
    sizes = []

    def weigh(response):
        body = response.body()
        packed = response.url.endswith((".css", ".js", ".svg")) or "text/html" in response.headers.get(
            "content-type", ""
        )
        sizes.append(len(zlib.compress(body, 6)) if packed else len(body))

    page.on("response", weigh)
    page.goto("/fi/", wait_until="networkidle")

    assert len(sizes) > 5
    assert sum(sizes) < 400_000
