"""A coordinator compiles at the desk: by keyboard, with what changed meanwhile, on a wide screen and on a phone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from plans.models import Action, KeptApart, Source
from plans.services.compiling import compile_plan
from tests.plans.factories import Facet, answer, make_area, make_coordinator, make_goal, make_handbook, make_plan

pytestmark = pytest.mark.django_db(transaction=True)

CAFES = {
    "oulu": "Perhekahvila avataan iltaisin ja lauantaisin.",
    "lakeus": "Lauantaisin avataan perhekahvila illaksi.",
    "rannikko": "Perhekahvila avataan lauantaisin iltaan.",
}
OTHERS = {"oulu": "Kyyditys kylille.", "lakeus": "Neuvola samaan taloon.", "rannikko": "Tulkki paikalle."}


@pytest.fixture
def handbooks():
    return {
        name: make_handbook(
            make_area(name),
            {
                Facet.DEVELOPMENT_NEED: f"<p>Tilat ovat ahtaat: {name}.</p>",
                Facet.PROPOSED_ACTION: f"<ul><li>{words}</li><li>{OTHERS[name]}</li></ul>",
            },
        )
        for name, words in CAFES.items()
    }


@pytest.fixture
def plan(sign_in, handbooks):
    plan = make_plan()
    sign_in(make_coordinator(plan.region))
    compile_plan(plan, by=None)
    return plan


def desk(plan, key="tavoitteet"):
    return reverse("plans:chapter-detail", args=[plan.region.slug, plan.document.public_id, key])


def table(page):
    return page.get_by_role("region", name="Alueiden sanat")


def fits(page, width):
    return page.evaluate("document.documentElement.scrollWidth") <= width


def test_similar_proposals_become_one_measure_with_all_their_sources(page, axe, plan):
    goal = make_goal(plan)
    page.goto(desk(plan))
    group = page.locator(".fc-alike")
    expect(group.get_by_text("Yhteiset sanat:")).to_contain_text("perhekahvila")
    axe()

    group.get_by_label(CAFES["rannikko"]).press(" ")
    group.get_by_role("button", name="Tee valituista yksi toimenpide…").press("Enter")
    expect(page.get_by_role("radio", name=CAFES["lakeus"])).to_be_visible()
    axe()
    page.get_by_label("Minkä tavoitteen alle?").select_option(goal.public_id)
    page.get_by_role("button", name="Ota mukaan ja jatka koontia").press("Enter")

    # The next answer that waits has the focus, in the middle of the table.
    following = table(page).get_by_label(OTHERS["lakeus"])
    expect(following).to_be_focused()
    expect(following).to_be_in_viewport()
    sources = Source.objects.filter(block_id=Action.objects.get().block_id)
    assert set(sources.values_list("quote", flat=True)) == {CAFES["oulu"], CAFES["lakeus"]}
    axe()


def test_proposals_are_kept_apart(page, axe, plan):
    page.goto(desk(plan))

    page.get_by_role("button", name="Eivät ole samaa asiaa").press("Enter")

    expect(page.locator(".fc-alike")).to_have_count(0)
    assert KeptApart.objects.count() == 3
    axe()


@pytest.mark.parametrize("width", [1280, 360])
def test_what_is_missing_is_said_beside_its_field_and_ticks_stay(page, axe, plan, width):
    page.set_viewport_size({"width": width, "height": 760})
    page.goto(desk(plan))
    box = table(page).get_by_label(OTHERS["oulu"])
    box.press(" ")
    axe()

    page.get_by_role("button", name="Jätä pois", exact=True).press("Enter")

    reason = page.get_by_label("Jätä pois, koska")
    expect(reason).to_have_attribute("aria-invalid", "true")
    expect(reason).to_be_focused()
    expect(box).to_be_checked()
    axe()
    page.keyboard.type("Ei kuulu tähän.")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Jätetty pois")).to_be_visible()
    axe()
    assert fits(page, width)


def test_a_phone_goes_on_with_the_area_that_it_shows_and_then_with_the_next(page, plan):
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(desk(plan))
    shown = table(page).get_by_role("checkbox").locator("visible=true")
    area = page.get_by_label("Näytä alue")
    first = area.input_value()

    for count in (1, 0):
        waiting = table(page).locator('[data-piece="waits"] input[name="answer"]').locator("visible=true")
        expect(waiting).to_have_count(count + 1)
        waiting.first.check()
        page.get_by_label("Jätä pois, koska").fill("Ei kuulu tähän.")
        page.keyboard.press("Enter")
        focused = page.locator('input[name="answer"]:focus')
        expect(focused).to_be_in_viewport()
        assert (area.input_value() == first) == bool(count)
        assert focused.get_attribute("id") in [box.get_attribute("id") for box in shown.all()]

    # A measure is made on a page of its own: coming back shows what waits next.
    focused.check()
    area.select_option(first)
    page.get_by_role("button", name="Tee yksi toimenpide…").click()
    page.get_by_label("Tai uusi tavoite").fill("Perheet pääsevät kahvilaan.")
    page.get_by_role("button", name="Ota mukaan ja jatka koontia").click()
    expect(page.locator('input[name="answer"]:focus')).to_be_in_viewport()
    assert area.input_value() != first


@pytest.mark.parametrize("width", [1280, 360])
def test_only_what_was_shown_is_marked_as_seen(page, axe, plan, handbooks, width):
    page.set_viewport_size({"width": width, "height": 760})
    answer(handbooks["oulu"], Facet.DEVELOPMENT_NEED, "<p>Tilat ovat nyt väljät.</p>")
    page.goto(desk(plan, "nykytila"))
    expect(page.get_by_text("Ei enää käsikirjassa").or_(page.get_by_text("väljät")).first).to_be_visible()
    axe()
    answer(handbooks["lakeus"], Facet.DEVELOPMENT_NEED, "<p>Tilat uusittiin.</p>")

    page.get_by_role("button", name="Merkitse kaikki nähdyiksi").press("Enter")

    # What came meanwhile is shown now, and waits.
    expect(page.locator(".fc-change")).to_have_count(1)
    expect(page.locator(".fc-change")).to_contain_text("lakeus")
    axe()
    assert fits(page, width)
