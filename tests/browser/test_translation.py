"""Translating by keyboard beside the original, and a kept text put into both languages at once."""

import pytest
from playwright.sync_api import expect

from documents.blocks import BEHIND, CURRENT
from documents.models import Document
from documents.services.outline import add_section, rename_section
from documents.services.phrases import save_phrase
from documents.services.sections import save_section
from documents.views.section import editing_html
from tests.accounts.factories import UserFactory
from tests.browser.test_editor import key, press, save
from tests.documents.factories import fresh, head, ids, make_document, texts
from tests.documents.test_translating import at, page_of, states
from tests.regions.factories import BodyFactory, MembershipFactory, RegionFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def region():
    region = RegionFactory(bilingual=True)
    BodyFactory(region=region, coordinating=True)
    region.refresh_from_db()
    return region


@pytest.fixture
def translator(region, sign_in):
    user = MembershipFactory(body=region.coordinating_body, user=UserFactory(name="Liisa Mallikas")).user
    sign_in(user)
    return user


@pytest.fixture
def section(region, translator):
    """The heading and the first paragraph are behind, the second has no translation."""
    document = make_document(region, kind=Document.Kind.REPORT)
    section = add_section(document, heading={"fi": "Nykytila", "sv": "Nuläge"}, key="nykytila", by=None)
    save_section(section, by=None, base=None, html={"fi": "<p>Alku.</p><p>Loppu.</p>"})
    first = f'<p data-id="{ids(section)[0]}">Början.</p>'
    save_section(fresh(section), by=None, base=head(section), html={"sv": first})
    section = fresh(section)
    html = editing_html(section.blocks, document, "fi").replace("Alku.", "Alku nyt.")
    save_section(section, by=None, base=head(section), html={"fi": html})
    rename_section(fresh(section), heading={**section.heading, "fi": "Nykytila alueella"}, by=None)
    return fresh(section)


@pytest.mark.parametrize("width", [1280, 360])
def test_translator_works_by_keyboard_beside_the_original(page, section, axe, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(page_of(section))
    boxes = page.locator("[data-translate] .ProseMirror")
    expect(boxes).to_have_count(2)
    axe()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.locator("#translated-heading").focus()
    key(page, "Tab")
    expect(page.locator("button[name=confirm]:focus")).to_have_attribute("value", ids(section)[0])
    boxes.nth(1).focus()
    page.keyboard.type("Slutet.")
    axe()
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    assert texts(section, "sv") == ["Början.", "Slutet."]
    assert states(section) == [BEHIND, CURRENT]
    assert fresh(section).heading_state("sv") == BEHIND
    with page.expect_navigation():
        page.locator("button[name=confirm][value=heading]").press("Enter")
    assert fresh(section).heading_state("sv") == CURRENT
    assert states(section) == [BEHIND, CURRENT]


@pytest.mark.parametrize("width", [1280, 360])
def test_list_of_what_is_left_is_usable(page, section, axe, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(at(section.document, "translation-list", "sv"))
    axe()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.locator(".fc-left__texts a").first.press("Enter")
    page.wait_for_url("**/translate/sv/#p-heading")


def test_kept_text_is_put_into_both_languages_as_one(page, section, region):
    both = {"fi": "<p>Saatte apua.</p><ul><li>Heti</li></ul>", "sv": "<p>Ni får hjälp.</p><ul><li>Genast</li></ul>"}
    save_phrase(region, name="Palvelulupaus", text=both, by=None)
    page.goto(at(section.document, "section-detail", section.key))
    first = page.locator('[data-language="fi"] .ProseMirror p').first
    first.click()
    key(page, "End")
    press(page, "phrase")
    page.locator(".fc-phrases button").first.click()
    page.locator(".fc-toasts .fc-toast").wait_for()
    save(page)
    assert texts(section, "fi") == ["Alku nyt.", "Saatte apua.", "Heti", "Loppu."]
    assert texts(section, "sv") == ["Början.", "Ni får hjälp.", "Genast", ""]
