"""A statement that came by mail is entered and its passages picked by keyboard, with and without JavaScript."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from reviews.models import CommentRound, Remark, Statement
from tests.plans.factories import make_coordinator
from tests.regions.factories import OrganisationFactory
from tests.reviews.factories import CommentRoundFactory

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "Kannatamme luonnosta 😀 lämpimästi. Aukiolo on liian lyhyt."


@pytest.fixture
def comment_round(sign_in):
    comment_round = CommentRoundFactory(kind=CommentRound.Kind.OPEN)
    OrganisationFactory(region=comment_round.region, name_fi="Esimerkkilän kunta")
    sign_in(make_coordinator(comment_round.region, language="en"))
    return comment_round


def address(comment_round, name, *rest):
    path = reverse(f"reviews:{name}", args=[comment_round.region.slug, comment_round.public_id, *rest])
    return path.replace("/fi/", "/en/", 1)


def select(page, words):
    """Select words of the statement as a mouse does; several pieces may lie between their ends."""
    page.evaluate(
        """words => {
            const walker = document.createTreeWalker(document.querySelector("[data-words]"), NodeFilter.SHOW_TEXT);
            const range = document.createRange();
            while (walker.nextNode()) {
                const at = walker.currentNode.data.indexOf(words);
                if (at < 0) continue;
                range.setStart(walker.currentNode, at);
                range.setEnd(walker.currentNode, at + words.length);
                getSelection().removeAllRanges();
                getSelection().addRange(range);
                return;
            }
        }""",
        words,
    )


def test_statement_is_entered_and_picked_by_keyboard(page, axe, comment_round):
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(address(comment_round, "statement-enter"))
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    axe()
    page.keyboard.type("Esimerkkilän kunta")
    page.get_by_label("Text of the statement").fill(TEXT)
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="Esimerkkilän kunta")).to_be_visible()
    axe()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    # Words behind a sign that scripts count as two.
    select(page, "lämpimästi")
    expect(page.locator("[data-pick-chosen]")).to_contain_text("lämpimästi")
    page.keyboard.press("p")
    expect(page.get_by_label("Find the place")).to_be_focused()
    page.keyboard.type("kahvila")
    page.keyboard.press("Enter")
    expect(page.locator("mark")).to_have_text("lämpimästi")
    remark = Remark.objects.get()
    assert remark.text == "lämpimästi"
    assert remark.block_id
    axe()

    page.get_by_role("checkbox", name="Aukiolo on liian lyhyt.").press(" ")
    page.get_by_role("button", name="Pick as a remark").press("Enter")
    expect(page.locator("mark")).to_have_count(2)
    page.get_by_role("button", name="Undo picking 1").press("Enter")
    expect(page.locator("mark")).to_have_count(1)
    assert Remark.objects.get() == remark


def test_sentences_are_picked_without_javascript(browser, live_server, page, comment_round):
    context = browser.new_context(java_script_enabled=False, base_url=live_server.url)
    context.add_cookies(page.context.cookies())
    plain = context.new_page()
    plain.goto(address(comment_round, "statement-enter"))
    plain.get_by_label("A person", exact=True).check()
    plain.get_by_label("Name", exact=True).fill("Esko Esimerkki")
    plain.get_by_label("Text of the statement").fill(TEXT)
    plain.get_by_role("button", name="Save", exact=True).click()
    for words in ("Kannatamme", "Aukiolo"):
        plain.get_by_role("checkbox", name=words).check()
    plain.get_by_label("What it is about").select_option(label="Kahvila on auki.")
    plain.get_by_role("button", name="Pick as a remark").click()
    expect(plain.locator("mark").first).to_be_visible()
    context.close()
    assert Remark.objects.get().text == TEXT
    assert Statement.objects.get().signed_by == "Esko Esimerkki"
