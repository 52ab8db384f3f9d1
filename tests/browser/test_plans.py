"""A coordinator makes a plan of the handbooks in a real browser; every page of a plan for axe and a narrow screen."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from plans.models import Action
from plans.services.compiling import compile_plan
from plans.services.goals import add_action
from tests.plans.factories import (
    Facet,
    answer,
    make_coordinator,
    make_full_goal,
    make_goal,
    make_plan,
    make_two_handbooks,
    proposals,
    take_in,
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

    table = page.get_by_role("region", name="The areas’ words")
    table.get_by_label("Perhekahvila auki illalla.").press(" ")
    page.keyboard.press("ArrowRight")
    expect(table.get_by_label("Kahvilalle ilta-aika.")).to_be_focused()
    page.keyboard.press(" ")
    expect(page.get_by_role("group", name="The ticked answers").get_by_role("status")).to_have_text("2 ticked")
    axe()
    page.get_by_role("button", name="Make one measure…").press("Enter")

    page.get_by_label("Kahvilalle ilta-aika. (Lakeus)").check()
    page.get_by_label("Under which goal?").select_option(goal.public_id)
    axe()
    page.get_by_role("button", name="Take in and complete the measure").click()

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


def test_organisations_are_found_by_typing_and_chosen_with_the_keyboard(page, axe, plan):
    goal = make_goal(plan)
    for name in [*(f"Yhdistys {letter}" for letter in "abcdefghijkl"), "Seurakunta"]:
        OrganisationFactory(region=plan.region, name_fi=name)
    page.goto(address(plan, "action-add", goal.public_id))
    partners = page.get_by_role("combobox", name="Partners")

    partners.press_sequentially("seura")
    expect(page.get_by_role("listbox", name="Partners").get_by_role("option")).to_have_text(["Seurakunta"])
    axe()
    partners.press("Enter")
    partners.press_sequentially("dis l")
    partners.press("ArrowDown")
    partners.press("Enter")
    chosen = page.get_by_role("list", name="Chosen: Partners")
    expect(chosen.get_by_role("button")).to_have_text(["Seurakunta", "Yhdistys l"])
    axe()
    partners.press("Backspace")

    page.get_by_label("Measure", exact=True).fill("Yhdessä")
    page.get_by_role("button", name="Add the measure").click()
    expect(page.get_by_role("row", name="1.1")).to_contain_text("Seurakunta")
    assert [str(role) for role in Action.objects.get().roles.all()] == ["Seurakunta"]


def test_row_of_the_table_is_edited_with_the_keyboard_alone(page, axe, plan):
    goal = make_full_goal(plan)
    add_action(goal, title={"fi": "Toinen"}, by=None)
    page.goto(address(plan, "goal-list") + "?view=table")
    axe()

    edit = page.get_by_role("link", name="Edit here 1.1")
    edit.press("Enter")
    field = page.get_by_label("Measure", exact=True)
    expect(field).to_be_focused()
    axe()
    field.press("Escape")
    expect(edit).to_be_focused()

    edit.press("Enter")
    expect(field).to_be_focused()
    field.fill("")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    axe()
    field.fill("Kahvila on auki iltaisin.")
    field.press("Enter")
    expect(edit).to_be_focused()
    expect(page.get_by_role("status", name="Messages")).to_contain_text("The measure was saved.")
    expect(page.get_by_role("row", name="Choose 1.1 1.1")).to_contain_text("Kahvila on auki iltaisin.")

    page.locator("summary", has_text="Change 1.2").press("Enter")
    page.get_by_role("button", name="Move up").press("Enter")
    expect(page.get_by_role("link", name="Edit here 1.1")).to_be_focused()
    expect(page.get_by_role("row", name="Choose 1.1 1.1")).to_contain_text("Toinen")

    page.locator("summary", has_text="Change 1.1").press("Enter")
    page.get_by_role("link", name="Add a measure after this").press("Enter")
    expect(field).to_be_focused()
    field.fill("Kolmas")
    field.press("Enter")
    expect(page.get_by_role("link", name="Edit here 1.2")).to_be_focused()
    expect(page.get_by_role("row", name="Choose 1.2 1.2")).to_contain_text("Kolmas")


def test_cell_opens_its_own_field(page, plan):
    make_full_goal(plan)
    page.goto(address(plan, "goal-list") + "?view=table")

    page.locator("td[data-field=partners]").click(position={"x": 2, "y": 30})

    expect(page.get_by_role("combobox", name="Partners")).to_be_focused()


def test_measures_are_found_and_changed_together(page, axe, plan):
    goal = make_full_goal(plan)
    add_action(goal, title={"fi": "Toinen"}, by=None)
    page.goto(address(plan, "goal-list") + "?view=table")

    page.get_by_label("Words", exact=True).fill("iltaisin")
    page.get_by_label("Words", exact=True).press("Enter")
    expect(page.locator("#count")).to_have_text("Showing 1 of 2 measures")
    page.get_by_role("link", name="Show all").click()
    page.get_by_label("Choose all on this page").check()
    expect(page.get_by_text("2 measures chosen")).to_be_visible()
    page.get_by_role("button", name="Change the chosen together").click()
    axe()
    page.get_by_label("Status", exact=True).select_option(label="done")
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_role("heading", name="2 measures change")).to_be_visible()
    axe()
    page.get_by_role("button", name="Change 2 measures").click()
    expect(page.get_by_role("status", name="Messages")).to_contain_text("2 measures were changed.")
    assert page.url.endswith("?view=table")


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_of_a_plan_is_accessible_and_fits(page, axe, plan, width):
    oulu, lakeus = make_two_handbooks()
    goal = make_full_goal(plan, "Perheet löytävät kohtaamispaikan läheltä kotia myös iltaisin ja viikonloppuisin")
    second = make_goal(plan, "Isät tulevat mukaan")
    compile_plan(plan, by=None)
    take_in(second, proposals(plan)[:1])
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
            for name in ("compile-desk", "rest-list", "goal-list", "goal-add", "loose-end-list", "criterion-summary")
        ),
        *(address(plan, name, goal.public_id, language="fi") for name in ("goal-edit", "goal-move", "goal-remove")),
        *(address(plan, name, action.public_id, language="fi") for name in ("action-edit", "action-status")),
        *(address(plan, name, indicator.public_id, language="fi") for name in ("indicator-edit", "indicator-values")),
        address(plan, "goal-list", language="fi") + "?view=table",
        address(plan, "extra-field-list", language="fi"),
        address(plan, "actions-change", language="fi") + f"?row={action.public_id}",
        *(address(plan, name, action.public_id, language="fi") for name in ("action-move", "action-history")),
        *(address(plan, "chapter-detail", key, language="fi") for key in ("nykytila", "tavoitteet")),
        address(plan, "feed-edit", "nykytila", language="fi"),
    ]
    page.set_viewport_size({"width": width, "height": 800})

    for path in addresses:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        axe()
