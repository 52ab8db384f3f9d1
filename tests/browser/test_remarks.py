"""The answer desk by keyboard alone: through the list, to a remark, answered, on to the next; on a phone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from documents.services.versions import freeze
from reviews.answering.places import Places
from reviews.models import Answer, Remark
from tests.accounts.factories import UserFactory
from tests.documents.factories import fresh, make_document, make_section
from tests.regions.factories import BodyFactory, MembershipFactory, RegionFactory
from tests.reviews.factories import CommentRoundFactory, RemarkFactory, StatementFactory

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(db, sign_in):
    region = RegionFactory(bilingual=True)
    body = BodyFactory(region=region, coordinating=True)
    region.refresh_from_db()
    user = MembershipFactory(body=body, user=UserFactory(name="Kaisa Koordinaattori", language="en")).user
    document = make_document(region)
    section = make_section(document, "<p>Kahvila on auki arkisin.</p><p>Muskari on tiistaisin.</p>", key="kahvila")
    comment_round = CommentRoundFactory(region=region, version=freeze(document, by=None))
    places = Places(comment_round.version)
    statement = StatementFactory(round=comment_round)
    for number, words in enumerate(["Ensimmäinen huomio", "Toinen huomio"]):
        place = places.find("kahvila", fresh(section).head.blocks[number].id)
        RemarkFactory(
            statement=statement,
            text=words,
            section_key="kahvila",
            block_id=place.block_id,
            order=place.order,
            quote="auki" if number == 0 else "",
            starts_at=11 if number == 0 else None,
            ends_at=15 if number == 0 else None,
        )
    RemarkFactory(statement=statement, text="Kolmas huomio", section_key="kahvila", order=1)
    sign_in(user)
    return (
        "/en"
        + reverse("reviews:remark-list", args=[region.slug, document.kind, document.public_id]).partition("/fi")[2]
    )


def test_a_coordinator_answers_by_keyboard(page, axe, desk):
    page.goto(desk)
    axe()
    links = page.locator("[data-open]")
    expect(links).to_have_count(3)
    # Keys act only while the list has the focus.
    page.keyboard.press("x")
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(0)
    section = links.filter(has_text="Kolmas huomio")
    section.focus()
    page.keyboard.press("j")
    expect(links.filter(has_text="Ensimmäinen huomio")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(links.filter(has_text="Toinen huomio")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.locator("[data-count]")).to_have_text("1 remark chosen")
    page.keyboard.press("x")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    axe("#remark-keys")
    page.keyboard.press("Escape")
    expect(links.filter(has_text="Ensimmäinen huomio")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("mark")).to_have_text("auki")
    axe()
    # An error stands at its field, and the focus goes to the summary.
    page.keyboard.press("a")
    expect(page.get_by_role("radio").first).to_be_focused()
    page.get_by_role("radio", name="No change to the text").check()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#remark .fc-error-summary")).to_be_focused()
    axe()
    reason = page.locator("[data-reason=fi]")
    reason.fill("Asia on toisessa kohdassa.")
    reason.press("Control+Enter")
    expect(page.locator("#title")).to_be_focused()
    expect(page.locator(".fc-handling__words")).to_have_text("Toinen huomio")
    expect(page.locator(".fc-toasts--floating")).to_contain_text("The answer was saved.")
    assert Answer.objects.get().remarks.get().text == "Ensimmäinen huomio"
    page.keyboard.press("k")
    expect(page.locator(".fc-handling__words")).to_have_text("Ensimmäinen huomio")
    page.go_back()
    expect(page.locator(".fc-handling__words")).to_have_text("Toinen huomio")
    # Turned off, the keys do nothing.
    page.evaluate("localStorage.setItem('single-key-shortcuts', 'off')")
    page.keyboard.press("k")
    expect(page.locator(".fc-handling__words")).to_have_text("Toinen huomio")


def test_on_a_phone_nothing_stands_out(page, axe, desk):
    page.set_viewport_size({"width": 360, "height": 800})
    remark = Remark.objects.get(text="Ensimmäinen huomio")
    for address in (desk, f"{desk}{remark.public_id}/", f"{desk}answer/?remark={remark.public_id}"):
        page.goto(address)
        page.get_by_role("heading", level=1).wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        axe()
