"""A coordinator prepares and announces a round in a real browser, with and without scripts, wide and narrow."""

import re

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import expect

from documents.services.versions import freeze
from regions.models import Membership
from reviews.models import CommentRound
from reviews.rounds.questions import questions_of
from tests.documents.factories import make_document, make_region, make_section
from tests.regions.factories import BodyFactory, MembershipFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def version(sign_in):
    region = make_region()
    region.coordinating_body = BodyFactory(region=region)
    region.save()
    membership = MembershipFactory(body=region.coordinating_body, role=Membership.Role.MEMBER, user__language="en")
    document = make_document(region)
    make_section(document, "<p>Kahvila on auki.</p>")
    sign_in(membership.user)
    return freeze(document, by=membership.user)


def add_page(version):
    document = version.document
    args = [document.region.slug, document.kind, document.public_id, version.number]
    return reverse("reviews:round-add", args=args).replace("/fi/", "/en/", 1)


def fits(page, width):
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_round_is_prepared_and_announced(page, axe, version):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(add_page(version))
    axe()
    questions = page.get_by_role("group", name=re.compile("^Question [0-9]$"))
    expect(questions).to_have_count(3)
    page.get_by_role("button", name="Add a question").press("Enter")
    expect(questions).to_have_count(4)
    added = page.get_by_role("group", name="Question 4")
    expect(added.get_by_label("Question (Finnish)")).to_be_focused()
    page.keyboard.type("Missä asut?")
    expect(added.get_by_label("Options, one on each line (Finnish)")).to_be_hidden()
    added.get_by_label("How is it answered?").select_option("choice")
    added.get_by_label("Options, one on each line (Finnish)").fill("Oulu\nKuusamo")
    added.get_by_role("button", name="Move up").press("Enter")
    moved = page.get_by_role("group", name="Question 3")
    expect(moved.get_by_label("Question (Finnish)")).to_have_value("Missä asut?")
    expect(moved.get_by_label("Question (Finnish)")).to_be_focused()

    # What was typed and not sent is offered back, with the question that the page itself does not have.
    page.goto(add_page(version))
    expect(questions).to_have_count(3)
    page.get_by_role("button", name="Put it back").click()
    expect(questions).to_have_count(4)
    expect(moved.get_by_label("Question (Finnish)")).to_have_value("Missä asut?")

    page.get_by_label("When does the board decide?").fill("10.6.2099")
    page.get_by_role("button", name="Count the dates back").click()
    expect(page.get_by_text("The agenda is sent")).to_be_visible()
    expect(page.get_by_role("button", name="Count the dates back")).to_be_focused()
    page.get_by_label("Closes").fill("17.7.2099")
    page.keyboard.press("Tab")
    expect(page.locator("#calendar")).to_contain_text("July")
    expect(page.locator("#id_closes_time")).to_be_focused()

    page.get_by_label("Closes").fill("nonsense")
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_role("alert")).to_be_focused()
    axe()
    page.get_by_role("alert").get_by_role("link", name="Closes").click()
    expect(page.get_by_label("Closes")).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("30.10.2099")
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_role("heading", name="Before you announce the round")).to_be_visible()
    axe()

    page.get_by_role("link", name="Announce the round…").click()
    axe()
    page.get_by_role("button", name="Announce the round").click()
    expect(page.get_by_label("Address (Finnish)")).to_have_value(re.compile("/fi/.*/answer/"))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy finnish").click()
    expect(page.locator(".fc-toasts--floating")).to_contain_text("The address was copied.")
    assert "/answer/" in page.evaluate("navigator.clipboard.readText()")
    axe()
    asked = questions_of(CommentRound.objects.get().questions)
    assert [question.text["fi"] for question in asked][2] == "Missä asut?"
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        fits(page, width)
        axe()
        for name in ("round-poster", "round-edit", "round-extend"):
            comment_round = CommentRound.objects.get()
            args = [version.document.region.slug, comment_round.public_id]
            page.goto(reverse(f"reviews:{name}", args=args).replace("/fi/", "/en/", 1))
            fits(page, width)
            axe()


def test_question_is_added_without_scripts_on_a_narrow_screen(browser, page, version, live_server):
    """`page` only brings the session; the pages are read in a window without scripts."""
    name = settings.SESSION_COOKIE_NAME
    cookie = next(row for row in page.context.cookies(live_server.url) if row["name"] == name)
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, viewport={"width": 320, "height": 700}
    )
    context.add_cookies([{"name": name, "value": cookie["value"], "url": live_server.url}])
    plain = context.new_page()
    plain.set_default_timeout(10_000)
    plain.goto(add_page(version))
    plain.get_by_label("Title (Finnish)").fill("Oma otsikko")
    plain.get_by_role("button", name="Add a question").click()
    expect(plain.get_by_label("Title (Finnish)")).to_have_value("Oma otsikko")
    plain.get_by_role("group", name="Question 4").get_by_label("Question (Finnish)").fill("Missä asut?")
    plain.get_by_role("group", name="Question 1").get_by_role("button", name="Remove").click()
    plain.get_by_label("Contact person").fill("Kaisa")
    plain.get_by_label("Contact person").press("Enter")
    expect(plain.get_by_role("heading", level=1)).to_have_text("Oma otsikko")
    context.close()
    asked = questions_of(CommentRound.objects.get().questions)
    assert [question.text["fi"] for question in asked][-1] == "Missä asut?"
    assert len(asked) == 3
