"""The table of goals and measures in a real browser, by keyboard: rows edited, added, moved, found, changed."""

import re

import pytest
from playwright.sync_api import expect

from plans.models import Action
from plans.services.goals import add_action
from tests.browser.test_plans import address, plan  # noqa: F401 fixture
from tests.plans.factories import make_goal
from tests.regions.factories import OrganisationFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def goals(plan):  # noqa: F811
    OrganisationFactory(region=plan.region, name_fi="Perheyhdistys")
    first, second = make_goal(plan, "Illat käyttöön"), make_goal(plan, "Apu ajoissa")
    for title in ("Kahvila auki", "Ovet auki"):
        add_action(first, title={"fi": title}, by=None)
    add_action(second, title={"fi": "Neuvola mukaan"}, by=None)
    return first, second


@pytest.fixture
def table(page, plan, goals):  # noqa: F811
    page.goto(address(plan, "goal-list") + "?view=table")
    return page.get_by_role("table", name="Goals and measures")


def measures(table):
    rows = table.locator("tr[id^=b-]:not(.fc-goal-row)").all()
    return [" ".join(row.locator("th, td[data-field=title] > a").all_inner_texts()) for row in rows]


def row_of(table, title):
    return table.get_by_role("row").filter(has_text=title)


def choose_in_menu(page, row, name):
    row.locator("details.fc-menu > summary").press("Enter")
    item = row.get_by_role("link", name=name).or_(row.get_by_role("button", name=name))
    item.press("Enter")


def test_row_is_edited_where_it_stands(page, axe, table):
    edit = row_of(table, "Kahvila auki").locator("[data-edit]")
    edit.press("Enter")
    form = page.get_by_role("form", name="Edit the measure")
    title = form.get_by_label("Measure")
    expect(title).to_be_focused()
    axe()
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    expect(row_of(table, "Kahvila auki").locator("[data-edit]")).to_be_focused()

    page.keyboard.press("Enter")
    title.fill("")
    title.press("Enter")
    expect(form.get_by_role("alert")).to_be_focused()
    axe()
    title.fill("Kahvila auki iltaisin")
    form.get_by_label("Lead responsibility").select_option(label="Perheyhdistys")
    title.press("Enter")
    row = row_of(table, "Kahvila auki iltaisin")
    expect(row.locator("[data-edit]")).to_be_focused()
    expect(row).to_contain_text("Perheyhdistys")
    expect(page.locator(".fc-toasts")).to_contain_text("The measure was saved.")
    assert Action.objects.order_by("pk").first().title == {"fi": "Kahvila auki iltaisin"}


def test_measure_is_added_after_another_and_moved(page, axe, table):
    choose_in_menu(page, row_of(table, "Kahvila auki"), "Add a measure after this")
    form = page.get_by_role("form", name="New measure")
    expect(form.get_by_label("Measure")).to_be_focused()
    form.get_by_label("Measure").fill("Kahvila kiertää")
    form.get_by_label("Measure").press("Enter")
    expect(row_of(table, "Kahvila kiertää").locator("[data-edit]")).to_be_focused()
    assert measures(table) == ["1.1 Kahvila auki", "1.2 Kahvila kiertää", "1.3 Ovet auki", "2.1 Neuvola mukaan"]

    choose_in_menu(page, row_of(table, "Kahvila kiertää"), "Move up")
    expect(page.locator(".fc-toasts")).to_contain_text("The order was changed.")
    expect(row_of(table, "Kahvila kiertää")).to_contain_text("1.1")
    expect(row_of(table, "Kahvila kiertää").locator("[data-edit]")).to_be_focused()

    choose_in_menu(page, row_of(table, "Kahvila kiertää"), "Move to another goal")
    page.get_by_label("Goal").select_option(label="2 Apu ajoissa")
    axe()
    page.get_by_role("button", name="Move the measure").press("Enter")
    expect(row_of(table, "Kahvila kiertää")).to_contain_text("2.2")
    assert measures(table) == ["1.1 Kahvila auki", "1.2 Ovet auki", "2.1 Neuvola mukaan", "2.2 Kahvila kiertää"]


def test_filter_is_told_and_goes_along_to_excel(page, axe, table):
    page.get_by_role("search", name="Filter the list").get_by_label("Words").fill("neuvola")
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_have_text("Showing 1 of 3 measures")
    expect(page.locator(".fc-toasts")).to_contain_text("Showing 1 of 3 measures")
    expect(page.get_by_role("link", name="Take these out to Excel")).to_have_attribute("href", re.compile("q=neuvola"))
    axe()


def test_menu_of_a_row_fits_a_phone(page, axe, table):
    page.set_viewport_size({"width": 360, "height": 800})
    row = row_of(table, "Neuvola mukaan")
    row.locator("details.fc-menu > summary").click()
    box = row.locator(".fc-menu__panel").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    link = row.get_by_role("link", name="Edit the measure")
    expect(link).to_be_in_viewport(ratio=1)
    axe()


def test_chosen_measures_are_changed_together(page, axe, table):
    page.get_by_role("checkbox", name="Choose 1.1").press(" ")
    page.get_by_role("checkbox", name="Choose 2.1").press(" ")
    expect(page.get_by_role("status").filter(has_text="2 measures chosen")).to_be_visible()
    page.get_by_role("button", name="Change the chosen together").press("Enter")
    page.get_by_label("Status", exact=True).select_option("done")
    page.get_by_label("Ends").fill("31.12.2024")
    page.get_by_role("button", name="See what would change").press("Enter")
    expect(page.get_by_role("heading", name="2 measures change")).to_be_visible()
    axe()
    page.get_by_role("button", name="Change 2 measures").press("Enter")
    expect(page.locator(".fc-toasts").or_(page.get_by_role("status", name="Messages"))).to_contain_text(
        "2 measures were changed."
    )
    assert [str(row.ends_on) for row in Action.objects.order_by("pk")] == ["2024-12-31", "None", "2024-12-31"]
    assert [row.status and row.status.status for row in Action.objects.order_by("pk")] == ["done", None, "done"]
