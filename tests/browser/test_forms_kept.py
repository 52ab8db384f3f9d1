"""What was typed into a long form and not sent is offered back."""

import pytest
from playwright.sync_api import expect

from tests.plans.factories import make_coordinator, make_plan

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_goal_that_was_not_sent_is_offered_back_and_forgotten_when_sent(page, sign_in):
    plan = make_plan()
    sign_in(make_coordinator(plan.document.region))
    address = f"{plan.document.get_absolute_url()}goals/add/"
    page.goto(address)
    title = page.locator("form[data-keep] textarea, form[data-keep] input[type=text]").first
    title.fill("Perheet löytävät avun")
    page.wait_for_timeout(800)
    page.goto(plan.document.get_absolute_url())
    page.goto(address)
    expect(title).to_have_value("")
    page.locator("[data-kept-take]").click()
    expect(title).to_have_value("Perheet löytävät avun")
    expect(page.locator("[data-kept]")).to_have_count(0)
