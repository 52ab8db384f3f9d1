"""Goals and measures go out to Excel and come back in a real browser: an error in a cell, the preview, the import."""

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from plans.models import Action
from plans.services.goals import add_action
from tests.browser.test_plans import address, plan  # noqa: F401 fixture
from tests.plans.factories import make_goal

pytestmark = pytest.mark.django_db(transaction=True)


def cell_of(book, head, line):
    sheet = book["Measures"]
    column = next(cell.column for cell in sheet[1] if cell.value == head)
    return sheet.cell(line, column)


@pytest.mark.parametrize("width", [1280, 360])
def test_file_goes_out_is_corrected_and_comes_in(page, axe, plan, tmp_path, width):  # noqa: F811
    page.set_viewport_size({"width": width, "height": 800})
    goal = make_goal(plan, "Illat käyttöön")
    for title in ("Kahvila auki", "Ovet auki"):
        add_action(goal, title={"fi": title}, by=None)
    page.goto(address(plan, "goal-list"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Take out to Excel").click()
    file = tmp_path / "goals.xlsx"
    download.value.save_as(file)

    book = load_workbook(file)
    cell_of(book, "Measure", 2).value = "Kahvila auki iltaisin"
    cell_of(book, "Ends", 3).value = "ei tiedossa 31.2."
    cell_of(book, "Euros 2024", 3).value = "paljon"
    book.save(file)
    page.get_by_role("link", name="Bring in from Excel").click()
    axe()
    page.get_by_label("Excel file").set_input_files(file)
    page.get_by_role("button", name="Read the file").press("Enter")
    expect(page.locator("main")).to_contain_text("“paljon” is not a sum in whole euros.")
    expect(page.locator("main")).to_contain_text("Measures, row 3")
    expect(page.get_by_role("button", name="Bring in")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    axe()
    assert list(Action.objects.order_by("pk").values_list("title__fi", flat=True)) == ["Kahvila auki", "Ovet auki"]

    cell_of(book, "Ends", 3).value = "31.12.2024"
    cell_of(book, "Euros 2024", 3).value = 1200
    book.save(file)
    page.goto(address(plan, "spreadsheet-add"))
    page.get_by_label("Excel file").set_input_files(file)
    page.get_by_role("button", name="Read the file").press("Enter")
    expect(page.locator("main")).to_contain_text("iltaisin")
    axe()
    assert list(Action.objects.order_by("pk").values_list("title__fi", flat=True)) == ["Kahvila auki", "Ovet auki"]
    page.get_by_role("button", name="Bring in").press("Enter")
    expect(page.get_by_role("status", name="Messages")).to_contain_text("2 changed rows")
    first, second = Action.objects.order_by("pk")
    assert (first.title["fi"], str(second.ends_on)) == ("Kahvila auki iltaisin", "2024-12-31")
    assert second.euros.get().amount == 1200
