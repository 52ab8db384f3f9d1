"""A handbook's pages in a real browser: a Word file goes in, a group works through its tasks."""

import os
import re

import pytest
from playwright.sync_api import expect

from handbooks.models import WordImport
from handbooks.services.imports import prepare_import
from tests.handbooks.factories import bring, make_docx, make_handbook, sample_file, sample_template, texts, writer_of
from tests.regions.factories import BodyFactory, MembershipFactory

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS = [1280, 360]


def assert_fits(page, width):
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def look(page, name, width):
    """With FC_LOOKS set to a folder, keep what the page looks like."""
    if folder := os.environ.get("FC_LOOKS"):
        page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


def address(handbook, rest=""):
    return f"/fi/{handbook.region.slug}/handbook/{handbook.document.public_id}/{rest}"


@pytest.mark.parametrize("width", WIDTHS)
def test_places_page_is_accessible_and_fits(page, axe, sign_in, width):
    handbook = make_handbook(data=sample_template())
    sign_in(writer_of(handbook))
    page.set_viewport_size({"width": width, "height": 800})
    first = prepare_import(handbook, content=sample_file("rannikko"), name="rannikko.docx", language="fi", by=None)
    tracked = prepare_import(handbook, content=sample_file("oulunkaari"), name="o.docx", language="fi", by=None)
    for name, rest in (
        ("places", f"import/{first.public_id}/"),
        ("tracked", f"import/{tracked.public_id}/"),
        ("add", "import/"),
    ):
        page.goto(address(handbook, rest))
        look(page, name, width)
        assert_fits(page, width)
        axe()


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_of_a_handbook_are_accessible_and_fit(page, axe, sign_in, width):
    handbook = make_handbook(data=sample_template())
    bring(handbook, sample_file("oulu"))
    coordinator = MembershipFactory(body=BodyFactory(region=handbook.region, coordinating=True)).user
    sign_in(coordinator)
    page.set_viewport_size({"width": width, "height": 800})
    done = WordImport.objects.get()
    for name, rest in (
        ("result", f"import/{done.public_id}/"),
        ("meeting", "meeting/"),
        ("task", "meeting/johtaminen-tarpeet/"),
        ("assessment", "assessment/"),
        ("handing-in", "handing-in/"),
        ("section", "s/johtaminen-tarpeet/"),
    ):
        page.goto(address(handbook, rest))
        look(page, name, width)
        assert_fits(page, width)
        axe()
    for name, rest in (("new", "add/"), ("list", "")):
        page.goto(f"/fi/{handbook.region.slug}/handbook/{rest}")
        look(page, name, width)
        assert_fits(page, width)
        axe()


def test_word_file_goes_in_by_keyboard(page, axe, sign_in, tmp_path):
    handbook = make_handbook(data=sample_template())
    sign_in(writer_of(handbook))
    path = tmp_path / "rannikko.docx"
    path.write_bytes(sample_file("rannikko"))
    page.goto(address(handbook, "import/").replace("/fi/", "/en/"))
    page.get_by_label("Word file").set_input_files(path)
    page.get_by_role("button", name="Read the file").press("Enter")
    expect(page.get_by_role("heading", name="Where the pieces go")).to_be_visible()
    tray = page.get_by_role("region", name="Not placed")
    before = tray.get_by_role("listitem").count()

    # A chapter that was not recognised: what stands under it goes along at once.
    chooser = page.get_by_label("Section for: Miten meillä johdetaan ja ketkä tekevät yhdessä")
    chooser.focus()
    chooser.select_option(label="2 Johtaminen ja yhteistyörakenteet (the chapter itself)")

    expect(page.get_by_text("Placed by hand")).to_be_visible()
    expect(page.get_by_label("Section for: Puheenjohtajan vaihtuminen")).to_have_value(re.compile(r"\d+"))
    assert tray.get_by_role("listitem").count() < before - 10
    expect(chooser).to_be_focused()
    axe()

    page.get_by_role("button", name="Import the handbook").press("Enter")
    expect(page.get_by_role("heading", name="The file was imported")).to_be_visible()
    assert "Puheenjohtajan vaihtuminen" in texts(handbook, "johtaminen-tarpeet")[0]


def test_group_works_through_its_tasks(page, sign_in):
    handbook = make_handbook(data=sample_template())
    bring(handbook, make_docx(("h1", "Johtaminen ja yhteistyörakenteet"), ("h2", "Nykytila"), "Tiimi johtaa."))
    sign_in(writer_of(handbook))
    page.goto(address(handbook, "meeting/johtaminen-nykytila/").replace("/fi/", "/en/"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Item 4/49")
    page.get_by_role("button", name="Ready, go on").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Item 5/49")
    page.get_by_role("link", name="Write the answer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Mikä toimii")


def test_answer_begins_with_the_table_that_its_task_gives(page, axe, sign_in):
    handbook = make_handbook(data=sample_template(), languages=["fi"])
    sign_in(writer_of(handbook))
    page.goto(address(handbook, "s/palvelut-tyonjako/"))
    page.get_by_role("button", name="Aloita taulukosta").click()
    expect(page.get_by_role("columnheader")).to_have_text(["Palvelu tai tehtävä", "Päävastuu", "Mukana", "Riittääkö?"])
    page.keyboard.type("Perhekahvila")
    expect(page.get_by_role("button", name="Aloita taulukosta")).to_be_hidden()
    axe()
    page.get_by_role("button", name="Tallenna", exact=True).click()
    expect(page.locator("[data-save-status]")).to_contain_text("Tallennettu")
    assert texts(handbook, "palvelut-tyonjako") == ["Palvelu tai tehtävä Päävastuu Mukana Riittääkö?", "Perhekahvila"]
