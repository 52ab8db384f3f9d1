"""A writer decides between three texts in a real browser, by keyboard, wide and narrow."""

import pytest
from playwright.sync_api import expect

from tests.documents.factories import ids, texts
from tests.reviews.test_accepting import Desk

pytestmark = pytest.mark.django_db(transaction=True)


def test_three_texts_are_compared_and_a_fourth_is_written(page, axe, sign_in):
    desk = Desk()
    remark = desk.proposal()
    first, second = ids(desk.section)
    desk.write((first, "Kahvila on auki maanantaisin."), (second, "Ryhmä kokoontuu."))
    desk.user.language = "en"
    desk.user.save()
    sign_in(desk.user)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(desk.address("remark", remark.public_id).replace("/fi/", "/en/", 1))
    page.get_by_role("button", name="Take the proposal into the text").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Take it with changes")
    for heading in ("As it was in version 1", "As it is now", "As it is proposed"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
    axe()
    page.set_viewport_size({"width": 320, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    axe()
    box = page.get_by_role("textbox", name="What the text shall say")
    expect(box).to_have_text("Kahvila on auki keskiviikkoisin.")
    box.focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Kahvila on auki joka päivä.")
    page.get_by_label("Reason").fill("Joka päivä on enemmän.")
    page.get_by_role("button", name="Save into the text and answer").press("Enter")
    expect(page.get_by_text("The proposal is in the text, and the answer was saved.")).to_be_visible()
    assert texts(desk.section)[0] == "Kahvila on auki joka päivä."
