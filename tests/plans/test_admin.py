"""Plans in the admin: found, looked at, and not written over."""

from decimal import Decimal

import pytest
from django.contrib import admin
from django.urls import reverse

from plans.answers import handed_in_answers
from plans.models import (
    Action,
    Candidate,
    Goal,
    Indicator,
    IndicatorValue,
    NeedDecision,
    NeedGroup,
    NeedGroupItem,
    Plan,
    Priority,
    Source,
)
from plans.services.compiling import compile_plan
from plans.services.goals import add_status, decide_need, remove
from plans.services.needs import add_group
from plans.services.priorities import take_in_group
from tests.accounts.factories import UserFactory

from .factories import make_area, make_full_goal, make_handbook, make_plan, make_two_handbooks

pytestmark = pytest.mark.django_db

MODELS = [Plan, Goal, Action, Indicator, Source, Candidate, NeedDecision, Priority, NeedGroup, NeedGroupItem]


@pytest.fixture
def plan(client):
    client.force_login(UserFactory(admin=True))
    make_two_handbooks()
    plan = make_plan()
    goal = make_full_goal(plan)
    compile_plan(plan, by=None)
    add_status(goal.actions.get(), status="done", date=plan.starts_on, note={"fi": "Valmis."}, by=None)
    answer = handed_in_answers(plan)[0]
    decide_need(plan, version=answer.version, block_ids=[answer.block.id], reason="Ei nyt.", by=None)
    decide_group(plan, "Illat")
    return plan


def decide_group(plan, title):
    """A group with one need of its own that became a priority, called by its words."""
    grouped = plan.grouped_needs.values_list("block_id", flat=True)
    need = next(
        row for row in handed_in_answers(plan) if row.facet == "development_need" and row.block.id not in grouped
    )
    group = add_group(plan, title={"fi": title}, block_ids=[need.block.id], by=None)
    group.items.update(quote=f"{title} puuttuvat.")
    take_in_group(group, by=None)
    return group


def address(model, page, *args):
    return reverse(f"admin:plans_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", MODELS)
def test_list_is_searched_and_row_is_opened(client, plan, model):
    assert client.get(address(model, "changelist"), {"q": "Illat"}).status_code == 200

    assert client.get(address(model, "change", model.objects.first().pk)).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_nothing_is_added_or_deleted(client, plan, model):
    assert client.get(address(model, "add")).status_code == 403
    assert client.post(address(model, "delete", model.objects.first().pk), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(("model", "name"), [(Goal, "goal"), (Action, "action"), (Indicator, "indicator")])
def test_row_leads_to_where_it_is_edited(client, plan, model, name):
    row = model.objects.get()
    args = [plan.region.slug, plan.document.public_id, row.public_id]
    edit = reverse(f"plans:{name}-edit", args=args)
    change = address(model, "change", row.pk)

    assert edit in client.get(change).text
    remove(row, by=None)
    assert edit not in client.get(change).text


def test_texts_of_a_goal_are_not_written_here(client, plan):
    goal = Goal.objects.get()

    client.post(address(Goal, "change", goal.pk), {"title": '{"fi": "Muu"}'})

    goal.refresh_from_db()
    assert goal.title == {"fi": "Illat käyttöön"}


def test_value_of_an_area_is_entered_with_the_indicator(client, plan):
    indicator = Indicator.objects.get()
    area = make_area("oulu")
    first = indicator.values.get()

    response = client.post(
        address(Indicator, "change", indicator.pk),
        {
            "values-TOTAL_FORMS": "2",
            "values-INITIAL_FORMS": "1",
            "values-0-id": first.pk,
            "values-0-indicator": indicator.pk,
            "values-0-year": "2023",
            "values-0-value": "4",
            "values-1-indicator": indicator.pk,
            "values-1-year": "2024",
            "values-1-area": area.pk,
            "values-1-value": "3",
        },
    )

    assert response.status_code == 302
    value = IndicatorValue.objects.get(year=2024)
    assert (value.area, value.value, value.region) == (area, Decimal(3), plan.region)


def test_period_of_a_plan_is_put_right(client, plan):
    change = address(Plan, "change", plan.pk)

    client.post(change, {"starts_on": "1.1.2024", "ends_on": "31.12.2027", "parent": ""})

    plan.refresh_from_db()
    assert plan.period == "2024–2027"


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("model", [Goal, Action, Indicator, Source, Candidate, Priority, NeedGroup, NeedGroupItem])
def test_list_query_count_is_constant(client, plan, django_assert_num_queries, model, count):
    for number in range(count):
        said = {"proposed_action": "<p>Ehdotus.</p>", "development_need": f"<p>Tarve {number}.</p>"}
        make_handbook(make_area(f"alue-{number}"), said)
        decide_group(plan, f"Ryhmä {number}")
        make_full_goal(plan, f"Tavoite {number}")
    compile_plan(plan, by=None)
    client.get(address(model, "changelist"))

    with django_assert_num_queries(6):
        client.get(address(model, "changelist"))


def test_every_model_of_a_plan_that_has_a_page_is_registered():
    registered = {model for model in admin.site._registry if model._meta.app_label == "plans"}

    assert registered == set(MODELS)
