"""A steering group chooses the priorities on a projector, with the keyboard alone; every state for axe."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from plans.models import NeedGroup
from plans.services.needs import add_group
from plans.services.priorities import take_in_group
from tests.plans.factories import Facet, make_area, make_coordinator, make_handbook, make_plan, needs_of

pytestmark = pytest.mark.django_db(transaction=True)

PROJECTOR = {"width": 1280, "height": 720}
AREAS = ("oulu", "lakeus", "rannikko")


@pytest.fixture
def plan(sign_in):
    """Three areas with two needs each, in two groups: evenings and interpreters."""
    for name in AREAS:
        items = f"<ul><li>Kahvila {name} auki illalla.</li><li>Tulkkeja {name} saatava.</li></ul>"
        make_handbook(make_area(name), {Facet.DEVELOPMENT_NEED: items})
    plan = make_plan()
    found = needs_of(plan)
    for title, word in (("Illat käyttöön", "Kahvila"), ("Tulkkeja saatava", "Tulkkeja")):
        add_group(plan, title={"fi": title}, block_ids=[key for key, said in found.items() if word in said], by=None)
    sign_in(make_coordinator(plan.region))
    return plan


def address(plan, name, *rest):
    return reverse(f"plans:{name}", args=[plan.region.slug, plan.document.public_id, *rest])


def heading(page):
    return page.get_by_role("heading", level=1)


def fits(page, width):
    return page.evaluate("document.documentElement.scrollWidth") <= width


def test_meeting_decides_by_keyboard_alone(page, axe, plan):
    page.set_viewport_size(PROJECTOR)
    page.goto(address(plan, "need-show"))
    expect(heading(page)).to_have_text("Illat käyttöön")
    expect(page.get_by_text("3/3 aluetta")).to_be_visible()
    axe()

    page.keyboard.press("5")
    expect(page.get_by_text("Kahvila lakeus auki illalla.")).to_be_visible()
    axe()
    page.keyboard.press("1")
    axe()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 painopiste valittu")).to_be_visible()
    expect(heading(page)).to_be_focused()
    axe()

    page.keyboard.press("ArrowRight")
    expect(heading(page)).to_have_text("Tulkkeja saatava")
    expect(heading(page)).to_be_focused()
    page.keyboard.press("3")
    expect(page.get_by_label("Perustelu")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    reason = page.get_by_label("Perustelu")
    expect(reason).to_have_attribute("aria-invalid", "true")
    expect(reason).to_be_focused()
    axe()
    page.keyboard.type("Tulkkaus kilpailutetaan ensi vuonna.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Tulkkaus kilpailutetaan ensi vuonna.")).to_be_visible()
    axe()
    assert set(plan.need_groups.values_list("state", flat=True)) == {NeedGroup.State.TAKEN, NeedGroup.State.LATER}

    page.keyboard.press("0")
    page.keyboard.press("Enter")
    page.get_by_text("1 ryhmä päättämättä").wait_for()
    expect(heading(page)).to_be_focused()
    page.keyboard.press("2")
    expect(page.get_by_label("Painopiste", exact=True)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("0 ryhmää päättämättä").wait_for()
    page.keyboard.press("9")
    expect(heading(page)).to_have_text("Kuinka moni alue nosti tarpeen esiin?")
    axe()


def test_what_was_decided_covers_nothing_on_the_projector(page, plan):
    page.set_viewport_size(PROJECTOR)
    page.goto(address(plan, "need-show"))
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    toast = page.locator(".fc-toasts--floating .fc-toast")
    expect(toast).to_have_count(1)

    box = toast.bounding_box()
    assert (box["width"], box["height"]) == (1, 1)
    size = page.locator("h1").evaluate("element => parseFloat(getComputedStyle(element).fontSize)")
    assert size >= 40  # read from the back row
    assert fits(page, PROJECTOR["width"])


@pytest.mark.parametrize("width", [1280, 360])
def test_pages_of_needs_are_accessible_and_fit(page, axe, plan, width):
    page.set_viewport_size({"width": width, "height": 760})
    group = plan.need_groups.first()

    for path in (
        address(plan, "need-list"),
        address(plan, "need-group", group.public_id),
        address(plan, "need-group-add"),
        address(plan, "need-show"),
        address(plan, "priority-list"),
    ):
        page.goto(path)
        axe()
        assert fits(page, width), path
    take_in_group(group, by=None)
    page.goto(address(plan, "priority-list"))
    axe()
    assert fits(page, width)
