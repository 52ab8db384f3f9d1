"""Goals, measures and indicators through the test client: each button, what is merged, what is refused."""

import datetime
import re
from decimal import Decimal

import pytest
from django import forms
from django.core import signing
from django.urls import reverse
from django.utils.html import strip_tags

from documents.blocks import CURRENT, translation_state
from documents.models import Conflict
from documents.services.sections import restore_section
from documents.services.versions import freeze
from plans.models import Action, Goal, Indicator, StatusEntry
from plans.services.goals import change_action, change_goal, change_indicator, current_block
from tests.documents.factories import fresh, head, texts
from tests.regions.factories import OrganisationFactory, OrganisationGroupFactory

from .factories import chapter, make_coordinator, make_criteria, make_full_goal, make_goal, make_plan
from .test_views import said, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    return make_plan()


@pytest.fixture
def coordinator(client, plan):
    user = make_coordinator(plan.region)
    client.force_login(user)
    return user


def filled(response):
    """What a browser would send back if nothing were touched."""
    form = response.context["form"]
    data = {}
    for bound in form:
        value = bound.value()
        if value in (None, ""):
            continue
        if isinstance(value, list | tuple):
            data[bound.html_name] = [str(item) for item in value]
        elif isinstance(form.fields[bound.name], forms.ChoiceField):
            data[bound.html_name] = str(value)
        else:
            data[bound.html_name] = str(form.fields[bound.name].widget.format_value(value) or "")
    return data


# --- Goals -------------------------------------------------------------------------------------------------


def test_goal_is_added_to_the_chosen_section(client, plan, coordinator):
    page = url(plan, "goal-add")
    assert client.get(f"{page}?section=tavoitteet").context["form"].fields["section"].initial == "tavoitteet"

    response = client.post(
        page,
        {
            "section": "tavoitteet",
            "title_fi": "Perheet saavat tukea ajoissa.",
            "rationale_fi": "Jonot ovat pitkät.",
            "criteria": ["management", "meeting_place"],
        },
    )

    goal = Goal.objects.get()
    assert response.url == f"{url(plan, 'goal-list')}#b-{goal.block_id}"
    assert (goal.title, goal.rationale) == ({"fi": "Perheet saavat tukea ajoissa."}, {"fi": "Jonot ovat pitkät."})
    assert {row.key for row in goal.criteria.all()} == {"management", "meeting_place"}
    assert goal.section.key == "tavoitteet"


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"title_fi": "  "}, "title_fi"), ({"section": "nothing"}, "section"), ({"criteria": ["nothing"]}, "criteria")],
)
def test_goal_form_keeps_what_was_typed_and_says_what_is_wrong(client, plan, coordinator, changes, field):
    typed = {"section": "tavoitteet", "title_fi": "Tavoite", "rationale_fi": "Pitkä perustelu", "criteria": []}

    response = client.post(url(plan, "goal-add"), {**typed, **changes})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert "Pitkä perustelu" in response.text
    assert not Goal.objects.exists()


def test_goal_edited_by_two_keeps_both_changes(client, plan, coordinator):
    goal = make_goal(plan, rationale={"fi": "Vanha perustelu."})
    page = url(plan, "goal-edit", goal.public_id)
    data = filled(client.get(page))
    change_goal(goal, title={"fi": "Toisen otsikko"}, rationale={"fi": "Vanha perustelu."}, by=None)

    response = client.post(page, {**data, "rationale_fi": "Oma perustelu."})

    goal.refresh_from_db()
    assert response.status_code == 302
    assert (goal.title, goal.rationale) == ({"fi": "Toisen otsikko"}, {"fi": "Oma perustelu."})
    assert not Conflict.objects.exists()


def test_same_text_changed_by_two_is_a_conflict_that_is_told(client, plan, coordinator):
    goal = make_goal(plan, "Alku")
    page = url(plan, "goal-edit", goal.public_id)
    data = filled(client.get(page))
    change_goal(goal, title={"fi": "Toisen"}, by=None)

    response = client.post(page, {**data, "title_fi": "Oma"})

    assert response.url.endswith("/s/tavoitteet/#conflicts")
    assert len(said(response)) == 1
    conflict = Conflict.objects.get()
    assert (conflict.unit, conflict.mine) == ("title", "Oma")
    assert client.get(response.url).status_code == 200


def test_nothing_is_saved_when_the_starting_text_is_not_known(client, plan, coordinator):
    goal = make_goal(plan)
    other = make_goal(plan, "Toinen")
    page = url(plan, "goal-edit", goal.public_id)
    before = head(chapter(plan, "tavoitteet"))
    foreign = signing.dumps(current_block(other).to_json(), salt="plans.base")

    for base in ("", "x", signing.dumps(current_block(goal).to_json(), salt="other"), foreign):
        response = client.post(page, {"title_fi": "Uusi", "base": base})
        assert response.status_code == 422
        assert "Uusi" in response.text

    assert head(chapter(plan, "tavoitteet")) == before


def test_goal_saved_untouched_changes_nothing(client, plan, coordinator):
    goal = make_full_goal(plan)
    before = head(chapter(plan, "tavoitteet"))
    pages = [
        url(plan, "goal-edit", goal.public_id),
        url(plan, "action-edit", goal.actions.get().public_id),
        url(plan, "indicator-edit", goal.indicators.get().public_id),
    ]

    for page in pages:
        assert client.post(page, filled(client.get(page))).status_code == 302

    assert head(chapter(plan, "tavoitteet")) == before


def test_goals_change_places(client, plan, coordinator):
    first, second = make_goal(plan, "Ensimmäinen"), make_goal(plan, "Toinen")

    client.post(url(plan, "goal-up", second.public_id))
    assert texts(chapter(plan, "tavoitteet")) == ["Toinen", "Ensimmäinen"]
    client.post(url(plan, "goal-down", second.public_id))
    assert texts(chapter(plan, "tavoitteet")) == ["Ensimmäinen", "Toinen"]
    client.post(url(plan, "goal-up", first.public_id))
    assert texts(chapter(plan, "tavoitteet")) == ["Ensimmäinen", "Toinen"]


def test_goal_moves_to_another_section_with_its_measures(client, plan, coordinator):
    goal = make_full_goal(plan)
    page = url(plan, "goal-move", goal.public_id)
    assert [key for key, _label in client.get(page).context["form"].fields["section"].choices] == ["nykytila"]

    client.post(page, {"section": "nykytila"})

    assert Goal.objects.get().section.key == "nykytila"
    assert Action.objects.get().section.key == "nykytila"
    assert texts(chapter(plan, "tavoitteet")) == []


def test_goal_is_removed_after_being_named_and_comes_back_from_history(client, plan, coordinator):
    goal = make_full_goal(plan)
    before = head(chapter(plan, "tavoitteet"))
    page = url(plan, "goal-remove", goal.public_id)
    assert "Illat käyttöön" in client.get(page).text
    assert Goal.objects.get().removed_at is None

    client.post(page)

    assert Goal.objects.get().removed_at and Action.objects.get().removed_at and Indicator.objects.get().removed_at
    assert client.get(url(plan, "goal-edit", goal.public_id)).status_code == 404
    restore_section(fresh(chapter(plan, "tavoitteet")), before, by=None)
    assert client.get(url(plan, "goal-edit", goal.public_id)).status_code == 200


# --- Measures ------------------------------------------------------------------------------------------------


def test_measure_is_added_with_everything(client, plan, coordinator):
    goal = make_goal(plan)
    lead = OrganisationGroupFactory(region=plan.region, name_fi="Kaikki kunnat")
    owner, partner = OrganisationFactory.create_batch(2, region=plan.region)

    response = client.post(
        url(plan, "action-add", goal.public_id),
        {
            "title_fi": "Avataan perhekahvila.",
            "description_fi": "Ensin kaksi iltaa.\nSitten kolme.",
            "lead": f"group:{lead.public_id}",
            "owners": [f"organisation:{owner.public_id}"],
            "partners": [f"organisation:{partner.public_id}"],
            "starts_on": "1.8.2024",
            "ends_on": "31.12.2025",
            "schedule_fi": "syksy 2024",
            "resources": ["own_work", "project"],
            "euros_2024": "12 000",
            "euros_2025": "8000 €",
        },
    )

    action = Action.objects.get()
    assert response.status_code == 302
    assert action.description == {"fi": "Ensin kaksi iltaa.\nSitten kolme."}
    assert [(str(row), row.role) for row in action.roles.all()] == [
        ("Kaikki kunnat", "lead"),
        (str(owner), "owner"),
        (str(partner), "partner"),
    ]
    assert (action.starts_on, action.ends_on) == (datetime.date(2024, 8, 1), datetime.date(2025, 12, 31))
    assert action.resources == ["own_work", "project"]
    assert {row.year: row.amount for row in action.euros.all()} == {2024: 12000, 2025: 8000}


def measure(**changes):
    return {"title_fi": "Toimenpide", **changes}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title_fi": ""}, "title_fi"),
        ({"starts_on": "1.1.2025", "ends_on": "1.1.2024"}, "ends_on"),
        ({"starts_on": "pian"}, "starts_on"),
        ({"euros_2024": "-5"}, "euros_2024"),
        ({"euros_2024": "paljon"}, "euros_2024"),
        ({"lead": "organisation:nothing"}, "lead"),
        ({"resources": ["magic"]}, "resources"),
    ],
)
def test_measure_form_says_what_is_wrong_beside_the_field(client, plan, coordinator, changes, field):
    goal = make_goal(plan)

    response = client.post(url(plan, "action-add", goal.public_id), measure(**changes))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not Action.objects.exists()


def test_nobody_is_responsible_and_a_partner_at_once(client, plan, coordinator):
    goal = make_goal(plan)
    key = f"organisation:{OrganisationFactory(region=plan.region).public_id}"

    response = client.post(url(plan, "action-add", goal.public_id), measure(lead=key, partners=[key]))

    assert list(response.context["form"].errors) == ["partners"]
    client.post(url(plan, "action-add", goal.public_id), measure(lead=key, owners=[key]))
    assert [row.role for row in Action.objects.get().roles.all()] == ["lead"]


def test_organisation_of_another_region_cannot_be_named(client, plan, coordinator):
    goal = make_goal(plan)
    other = OrganisationFactory()

    response = client.post(url(plan, "action-add", goal.public_id), measure(lead=f"organisation:{other.public_id}"))

    assert response.status_code == 422
    assert str(other) not in client.get(url(plan, "action-add", goal.public_id)).text


def test_organisation_that_has_ended_stays_where_it_is_chosen(client, plan, coordinator):
    action = make_full_goal(plan).actions.get()
    lead = action.roles.get(role="lead").organisation
    lead.valid_to = datetime.date(2020, 1, 1)
    lead.save(update_fields=["valid_to"])

    keys = [
        key
        for key, _name in client.get(url(plan, "action-edit", action.public_id)).context["form"].fields["lead"].choices
    ]
    new = client.get(url(plan, "action-add", action.goal.public_id)).context["form"].fields["lead"].choices

    assert f"organisation:{lead.public_id}" in keys
    assert f"organisation:{lead.public_id}" not in dict(new)


def test_measure_edited_by_two_in_two_fields_keeps_both(client, plan, coordinator):
    action = make_full_goal(plan).actions.get()
    page = url(plan, "action-edit", action.public_id)
    data = filled(client.get(page))
    block = current_block(action)
    change_action(
        action,
        title={"fi": "Toisen otsikko"},
        schedule={"fi": "syksy 2024"},
        roles=[(row["key"], row["role"]) for row in block.data["roles"]],
        starts_on=action.starts_on,
        ends_on=action.ends_on,
        resources=action.resources,
        euros={2024: 12000},
        by=None,
    )

    client.post(page, {**data, "euros_2025": "500"})

    action.refresh_from_db()
    assert action.title == {"fi": "Toisen otsikko"}
    assert {row.year: row.amount for row in action.euros.all()} == {2024: 12000, 2025: 500}
    assert not Conflict.objects.exists()


def test_fields_changed_by_two_are_told_in_plain_words(client, plan, coordinator):
    action = make_full_goal(plan).actions.get()
    page = url(plan, "action-edit", action.public_id)
    data = filled(client.get(page))
    mine, theirs = OrganisationFactory.create_batch(2, region=plan.region)
    fields = {"title": action.title, "schedule": action.schedule, "resources": ["project"], "euros": {2024: 1}}
    change_action(action, roles=[(f"organisation:{theirs.public_id}", "lead")], by=None, **fields)

    response = client.post(
        page,
        {
            **data,
            "lead": f"organisation:{mine.public_id}",
            "starts_on": "1.9.2024",
            "resources": ["in_budget"],
            "euros_2024": "2000",
        },
    )

    assert set(Conflict.objects.values_list("unit", flat=True)) == {"roles", "starts_on", "resources", "euros"}
    shown = client.get(response.url).text.replace("\u00a0", " ")
    for words in (str(mine), str(theirs), "1.9.2024", "hankerahoitus", "talousarviossa", "2024: 2 000 €"):
        assert words in shown
    assert "organisation:" not in shown.split('id="conflicts"')[1].split("</section>")[0]


def test_measures_change_places_and_are_removed(client, plan, coordinator):
    goal = make_goal(plan)
    for title in ("Yksi", "Kaksi"):
        client.post(url(plan, "action-add", goal.public_id), measure(title_fi=title))
    first, second = Action.objects.order_by("pk")

    client.post(url(plan, "action-up", second.public_id))
    assert texts(chapter(plan, "tavoitteet"))[1:] == ["Kaksi", "Yksi"]
    client.post(url(plan, "action-down", second.public_id))
    assert texts(chapter(plan, "tavoitteet"))[1:] == ["Yksi", "Kaksi"]
    assert "Yksi" in client.get(url(plan, "action-remove", first.public_id)).text
    client.post(url(plan, "action-remove", first.public_id))
    assert texts(chapter(plan, "tavoitteet"))[1:] == ["Kaksi"]


def test_status_is_noted_and_never_changed(client, plan, coordinator):
    action = make_full_goal(plan).actions.get()
    page = url(plan, "action-status", action.public_id)

    client.post(page, {"status": "in_progress", "date": "1.3.2024", "note_fi": "Aloitettu."})
    client.post(page, {"status": "done", "date": "1.12.2024", "note_fi": ""})

    assert [(row.status, row.note, row.by) for row in StatusEntry.objects.order_by("date")] == [
        ("in_progress", {"fi": "Aloitettu."}, coordinator),
        ("done", {}, coordinator),
    ]
    shown = client.get(page)
    assert "Aloitettu." in shown.text
    assert client.get(url(plan, "goal-list")).context["listed"].sections[0].goals[0].actions[0].status == "done"


@pytest.mark.parametrize(
    ("changes", "field"), [({"status": "gone"}, "status"), ({"date": "1.1.2999"}, "date"), ({"date": ""}, "date")]
)
def test_status_form_says_what_is_wrong(client, plan, coordinator, changes, field):
    action = make_full_goal(plan).actions.get()

    response = client.post(
        url(plan, "action-status", action.public_id), {"status": "done", "date": "1.1.2024", **changes}
    )

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not StatusEntry.objects.exists()


# --- Indicators ------------------------------------------------------------------------------------------------


def test_indicator_is_added_with_decimal_commas_and_values(client, plan, coordinator):
    goal = make_goal(plan)

    response = client.post(
        url(plan, "indicator-add", goal.public_id),
        {
            "name_fi": "Tyytyväisyys",
            "unit_fi": "%",
            "source_fi": "Kysely",
            "baseline": "12,5",
            "baseline_year": "2022",
            "target": "40",
            "target_year": "2025",
            "value_2023": "18,25",
        },
    )

    indicator = Indicator.objects.get()
    assert response.status_code == 302
    assert (indicator.baseline, indicator.target) == (Decimal("12.5"), Decimal(40))
    assert [(row.year, row.value) for row in indicator.values.all()] == [(2023, Decimal("18.25"))]


def test_indicator_is_changed_and_a_value_taken_back(client, plan, coordinator):
    indicator = make_full_goal(plan).indicators.get()
    page = url(plan, "indicator-edit", indicator.public_id)
    data = filled(client.get(page))
    assert (data["baseline"], data["value_2023"]) == ("2", "4")

    client.post(page, {**data, "target": "9,5", "value_2023": "", "value_2024": "5"})

    indicator.refresh_from_db()
    assert indicator.target == Decimal("9.5")
    assert [(row.year, row.value) for row in indicator.values.all()] == [(2024, Decimal(5))]


def test_indicator_needs_a_name_and_numbers(client, plan, coordinator):
    goal = make_goal(plan)

    response = client.post(url(plan, "indicator-add", goal.public_id), {"name_fi": "", "baseline": "paljon"})

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"name_fi", "baseline"}


def test_indicators_change_places_and_are_removed(client, plan, coordinator):
    goal = make_goal(plan)
    for name in ("Yksi", "Kaksi"):
        client.post(url(plan, "indicator-add", goal.public_id), {"name_fi": name})
    first, second = Indicator.objects.order_by("pk")

    client.post(url(plan, "indicator-up", second.public_id))
    assert texts(chapter(plan, "tavoitteet"))[1:] == ["Kaksi", "Yksi"]
    client.post(url(plan, "indicator-down", second.public_id))
    client.post(url(plan, "indicator-remove", first.public_id))
    assert texts(chapter(plan, "tavoitteet"))[1:] == ["Kaksi"]


# --- The list ---------------------------------------------------------------------------------------------------


def test_list_filters_by_organisation_criterion_and_status(client, plan, coordinator):
    goal = make_full_goal(plan)
    make_goal(plan, "Toinen tavoite")
    lead = goal.actions.get().roles.get(role="lead").organisation
    page = url(plan, "goal-list")

    def shown(**query):
        return [row.number for part in client.get(page, query).context["listed"].sections for row in part.goals]

    assert shown() == ["1", "2"]
    assert shown(organisation=f"organisation:{lead.public_id}") == ["1"]
    assert shown(criterion="meeting_place") == ["1"]
    assert shown(criterion="management") == []
    assert shown(status="none") == ["1"]
    assert shown(status="done") == []
    assert shown(status="nonsense") == ["1", "2"]


def test_goal_measure_and_indicator_are_read_in_the_document(client, plan, coordinator):
    goal = make_full_goal(plan)

    page = client.get(plan.document.get_absolute_url()).text

    for block in (goal.block_id, goal.actions.get().block_id, goal.indicators.get().block_id):
        assert page.count(f'id="b-{block}"') == 1
    for words in ("Illat käyttöön", "Perhekahvila avataan iltaisin.", "Perheyhdistys", "syksy 2024", "12 000"):
        assert words.replace(" ", "\u00a0") in page.replace(" ", "\u00a0")
    assert "<svg" in page and f'id="chart-{goal.indicators.get().block_id}-table"' in page
    assert url(plan, "goal-edit", goal.public_id) not in page


# --- Two languages ---------------------------------------------------------------------------------------------


@pytest.fixture
def bilingual(client):
    plan = make_plan(languages=("fi", "sv"))
    client.force_login(make_coordinator(plan.region))
    return plan


def test_translation_of_a_goal_is_current_until_the_original_changes(client, bilingual):
    client.post(url(bilingual, "goal-add"), {"section": "tavoitteet", "title_fi": "Tavoite", "title_sv": "Mål"})
    goal = Goal.objects.get()
    assert translation_state(current_block(goal), "sv", original="fi") == CURRENT
    page = url(bilingual, "goal-edit", goal.public_id)

    client.post(page, {**filled(client.get(page)), "title_fi": "Uusi tavoite"})
    assert translation_state(current_block(goal), "sv", original="fi") == "behind"
    client.post(page, {**filled(client.get(page)), "title_sv": "Nytt mål"})
    assert translation_state(current_block(goal), "sv", original="fi") == CURRENT


def test_goal_in_one_language_of_two_is_enough(client, bilingual):
    client.post(url(bilingual, "goal-add"), {"section": "tavoitteet", "title_fi": "", "title_sv": "Mål"})

    assert Goal.objects.get().title == {"sv": "Mål"}


def test_document_shows_what_is_not_translated_in_its_own_language(client, bilingual):
    make_criteria()
    client.post(url(bilingual, "goal-add"), {"section": "tavoitteet", "title_fi": "Vain suomeksi", "title_sv": ""})
    args = [bilingual.region.slug, "plan", bilingual.document.public_id, "sv"]

    page = client.get(reverse("documents:document-detail", args=args))

    assert '<span lang="fi">Vain suomeksi</span>' in page.text


def test_long_lists_of_a_measure_keep_what_was_chosen(client, plan, coordinator):
    goal = make_goal(plan)
    oulu = OrganisationFactory(region=plan.region, name="Oulun kaupunki", name_fi="Oulun kaupunki")

    page = client.post(url(plan, "action-add", goal.public_id), {"owners": [f"organisation:{oulu.public_id}"]})

    assert page.status_code == 422
    assert page.text.count("data-choose=") == 2
    assert re.search(rf'<option value="organisation:{oulu.public_id}" selected>\s*Oulun kaupunki', page.text)


def test_comparing_versions_tells_the_dates_the_money_and_where_a_figure_is_from(client, plan, coordinator):
    """What a board changes in its meeting is often a date or a sum; the difference must be what the minutes say."""
    goal = make_full_goal(plan)
    action = goal.actions.get()
    indicator = goal.indicators.get()
    change_action(action, title={"fi": "Avataan."}, starts_on=datetime.date(2024, 8, 1), euros={2024: 12000}, by=None)
    freeze(plan.document, by=None)
    change_action(
        action, title={"fi": "Avataan."}, starts_on=datetime.date(2024, 9, 1), euros={2024: 15000, 2025: 8000}, by=None
    )
    change_indicator(indicator, name={"fi": "Ilta-aukiolot"}, source={"fi": "Kunnan tilasto"}, by=None)
    page = reverse("documents:version-compare", args=[plan.region.slug, "plan", plan.document.public_id])
    response = client.get(page, {"old": "1", "new": "draft", "language": "fi"})
    text = " ".join(strip_tags(response.content.decode()).replace("\xa0", " ").split())
    assert re.search(r"Aikataulu: 1\. \[poistettu: 8 .*?\[lisätty: 9 .*?\.2024", text)
    assert "2025: 8 000 €" in text
    assert "Kunnan tilasto" in text
