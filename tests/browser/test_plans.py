"""A coordinator makes a plan of the handbooks in a real browser; every page of a plan for axe and a narrow screen."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from plans.models import Action
from plans.services.compiling import compile_plan, take_in_candidates
from tests.plans.factories import (
    Facet,
    answer,
    make_coordinator,
    make_full_goal,
    make_goal,
    make_plan,
    make_two_handbooks,
)
from tests.regions.factories import OrganisationFactory

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS = [1280, 360]


@pytest.fixture
def plan(sign_in):
    plan = make_plan()
    sign_in(make_coordinator(plan.region, language="en"))
    return plan


def address(plan, name, *rest, language="en"):
    path = reverse(f"plans:{name}", args=[plan.region.slug, plan.document.public_id, *rest])
    return path.replace("/fi/", f"/{language}/", 1)


def test_from_handbooks_to_a_measure_in_the_plan(page, axe, plan):
    make_two_handbooks()
    goal = make_goal(plan, "Illat käyttöön")
    OrganisationFactory(region=plan.region, name_fi="Perheyhdistys")

    page.goto(address(plan, "compile-desk"))
    page.get_by_role("button", name="Compile").click()
    expect(page.get_by_role("status", name="Messages")).to_contain_text("Read 2 handbooks")
    page.get_by_role("link", name="2 Tavoitteet").click()

    page.get_by_label("Perhekahvila auki illalla.").check()
    page.get_by_label("Kahvilalle ilta-aika.").check()
    page.get_by_label("Goal", exact=True).select_option(goal.public_id)
    page.get_by_role("button", name="Take in").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Edit the measure")
    page.get_by_label("Measure", exact=True).fill("")
    page.get_by_role("button", name="Save the measure").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    axe()
    page.get_by_label("Measure", exact=True).fill("Perhekahvilat avataan iltaisin.")
    page.get_by_label("Lead responsibility").select_option(label="Perheyhdistys")
    page.get_by_label("Schedule as printed").fill("syksy 2024")
    page.get_by_role("button", name="Save the measure").click()

    row = page.get_by_role("row", name="1.1")
    expect(row).to_contain_text("Perheyhdistys")
    row.get_by_text("Where does this come from?").click()
    expect(row.get_by_role("link", name="From: Käsikirja Oulu, section 1.3")).to_be_visible()

    page.get_by_role("navigation", name="Pages of the plan").get_by_role("link", name="Plan", exact=True).click()
    measure = page.locator(f"#b-{Action.objects.get().block_id}")
    expect(measure).to_contain_text("Perhekahvilat avataan iltaisin.")
    expect(measure).to_contain_text("syksy 2024")
    measure.locator("summary").click()
    expect(measure.get_by_role("link")).to_have_count(2)


def test_menu_of_a_goal_is_worked_by_keyboard(page, axe, plan):
    make_goal(plan, "Ensimmäinen")
    make_goal(plan, "Toinen")
    page.goto(address(plan, "goal-list"))

    page.locator("summary", has_text="Change goal 2").press("Enter")
    axe()
    page.get_by_role("button", name="Move up").press("Enter")

    expect(page.get_by_role("heading", level=3)).to_have_text(["Goal 1 Toinen", "Goal 2 Ensimmäinen"])


def test_organisations_are_found_by_typing_and_chosen_ones_stay(page, axe, plan):
    goal = make_goal(plan)
    for name in [*(f"Yhdistys {letter}" for letter in "abcdefghijkl"), "Seurakunta"]:
        OrganisationFactory(region=plan.region, name_fi=name)
    page.goto(address(plan, "action-add", goal.public_id))
    page.locator("summary", has_text="Partners").click()
    partners = page.get_by_role("group", name="Partners")
    partners.get_by_label("Yhdistys a").check()

    partners.get_by_role("searchbox").fill("seura")

    expect(partners.get_by_role("checkbox")).to_have_count(2)
    expect(partners.get_by_label("Seurakunta")).to_be_visible()
    expect(partners.get_by_label("Yhdistys a")).to_be_checked()
    axe()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_of_a_plan_is_accessible_and_fits(page, axe, plan, width):
    oulu, lakeus = make_two_handbooks()
    goal = make_full_goal(plan, "Perheet löytävät kohtaamispaikan läheltä kotia myös iltaisin ja viikonloppuisin")
    second = make_goal(plan, "Isät tulevat mukaan")
    compile_plan(plan, by=None)
    take_in_candidates([plan.candidates.order_by("pk")[0]], goal=second, by=None)
    answer(lakeus, Facet.DEVELOPMENT_NEED, "<p>Uusi tarve: esteettömyys.</p>")
    action, indicator = goal.actions.get(), goal.indicators.get()
    region = plan.region.slug
    section = [region, "plan", plan.document.public_id, "tavoitteet"]
    addresses = [
        reverse("region", args=[region]),
        plan.document.get_absolute_url(),
        reverse("documents:section-detail", args=section),
        reverse("plans:plan-new", args=[region]),
        reverse("plans:handbook-use", args=[region, oulu.document.public_id, plan.document.public_id]),
        *(
            address(plan, name, language="fi")
            for name in ("compile-desk", "goal-list", "goal-add", "loose-end-list", "criterion-summary")
        ),
        *(address(plan, name, goal.public_id, language="fi") for name in ("goal-edit", "goal-move", "goal-remove")),
        *(address(plan, name, action.public_id, language="fi") for name in ("action-edit", "action-status")),
        address(plan, "indicator-edit", indicator.public_id, language="fi"),
        *(address(plan, "chapter-detail", key, language="fi") for key in ("nykytila", "tavoitteet")),
        address(plan, "feed-edit", "nykytila", language="fi"),
    ]
    page.set_viewport_size({"width": width, "height": 800})

    for path in addresses:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        axe()
