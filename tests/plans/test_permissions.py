"""Who may do what with a plan: role × page × verb."""

import datetime

import pytest
from django.urls import reverse

from documents.services.versions import freeze
from plans.models import Action, Candidate, Goal, Indicator
from plans.services.compiling import compile_plan
from tests.accounts.factories import UserFactory
from tests.documents.factories import make_region
from tests.regions.factories import BodyFactory, MembershipFactory

from .factories import make_coordinator, make_criteria, make_full_goal, make_plan, make_two_handbooks

pytestmark = pytest.mark.django_db

ROLES = ["coordinator", "writer", "former_writer", "handbook_group", "member", "other_region", "stranger"]


@pytest.fixture
def world():
    """A compiled plan with a writing body, and a handbook with a group."""
    handbook, _other = make_two_handbooks()
    plan = make_plan()
    handbook.document.writing_body = BodyFactory(region=plan.region)
    handbook.document.save(update_fields=["writing_body"])
    plan.document.writing_body = BodyFactory(region=plan.region)
    plan.document.save(update_fields=["writing_body"])
    make_full_goal(plan)
    compile_plan(plan, by=None)
    return plan, handbook


def user_in(role, plan, handbook):
    if role == "coordinator":
        return make_coordinator(plan.region)
    if role == "other_region":
        return make_coordinator(make_region("17", "Pohjanmaan hyvinvointialue"))
    if role == "stranger":
        return UserFactory()
    if role == "former_writer":
        return MembershipFactory(body=plan.document.writing_body, ends_on=datetime.date(2021, 1, 1)).user
    bodies = {"writer": plan.document.writing_body, "handbook_group": handbook.document.writing_body}
    return MembershipFactory(body=bodies.get(role) or BodyFactory(region=plan.region)).user


def addresses(plan, handbook):
    """Every page of the plan with the verbs it knows."""
    region, public_id = plan.region.slug, plan.document.public_id
    goal, action, indicator = Goal.objects.get(), Action.objects.get(), Indicator.objects.get()

    def page(name, *rest):
        return reverse(f"plans:{name}", args=[region, public_id, *rest])

    return {
        **{
            name: ("get", page(name))
            for name in (
                "compile-desk",
                "goal-list",
                "loose-end-list",
                "criterion-summary",
                "goal-add",
                "spreadsheet",
                "spreadsheet-add",
            )
        },
        "chapter-detail": ("get", page("chapter-detail", "tavoitteet")),
        "feed-edit": ("get", page("feed-edit", "nykytila")),
        "goal-edit": ("get", page("goal-edit", goal.public_id)),
        "goal-move": ("get", page("goal-move", goal.public_id)),
        "goal-remove": ("get", page("goal-remove", goal.public_id)),
        "action-add": ("get", page("action-add", goal.public_id)),
        "action-edit": ("get", page("action-edit", action.public_id)),
        "action-status": ("get", page("action-status", action.public_id)),
        "action-remove": ("get", page("action-remove", action.public_id)),
        "indicator-add": ("get", page("indicator-add", goal.public_id)),
        "indicator-edit": ("get", page("indicator-edit", indicator.public_id)),
        "indicator-remove": ("get", page("indicator-remove", indicator.public_id)),
        "plan-compile": ("post", page("plan-compile")),
        "lines-take": ("post", page("lines-take", "nykytila")),
        "lines-leave": ("post", page("lines-leave", "nykytila")),
        "candidates-take": ("post", page("candidates-take", "tavoitteet")),
        "candidates-join": ("post", page("candidates-join", "tavoitteet")),
        "proposals-apart": ("post", page("proposals-apart", "tavoitteet")),
        "lines-restore": ("post", page("lines-restore", "nykytila")),
        "sources-seen": ("post", page("sources-seen", "nykytila")),
        "handbook-seen": ("post", page("handbook-seen")),
        "rest-list": ("get", page("rest-list")),
        "rest-take": ("post", page("rest-take")),
        "rest-leave": ("post", page("rest-leave")),
        "need-decide": ("post", page("need-decide")),
        "need-answer": ("post", page("need-answer")),
        **{f"goal-{verb}": ("post", page(f"goal-{verb}", goal.public_id)) for verb in ("up", "down")},
        **{f"action-{verb}": ("post", page(f"action-{verb}", action.public_id)) for verb in ("up", "down")},
        **{f"indicator-{verb}": ("post", page(f"indicator-{verb}", indicator.public_id)) for verb in ("up", "down")},
        "handbook-use": (
            "get",
            reverse("plans:handbook-use", args=[region, handbook.document.public_id, public_id]),
        ),
        "plan-new": ("get", reverse("plans:plan-new", args=[region])),
    }


ASKED_MORE = {
    "lines-take",
    "lines-leave",
    "lines-restore",
    "candidates-take",
    "candidates-join",
    "rest-take",
    "rest-leave",
}
"""Buttons that say what is missing when nothing is sent with them."""
EXCEPTIONS = {
    # The handbook's own group sees where its words went, and nothing else of the plan's draft.
    ("handbook_group", "handbook-use"): 200,
    # Who takes part in the region sees that plans can be made, but only coordinators make them.
    ("writer", "plan-new"): 403,
    ("handbook_group", "plan-new"): 403,
    ("member", "plan-new"): 403,
}


@pytest.mark.parametrize("role", ROLES)
def test_role_page_and_verb(client, world, role):
    plan, handbook = world
    client.force_login(user_in(role, plan, handbook))
    reads = role in {"coordinator", "writer"}

    expected, found = {}, {}
    for name, (verb, address) in addresses(plan, handbook).items():
        usual = (200 if verb == "get" else 422 if name in ASKED_MORE else 302) if reads else 404
        expected[name] = EXCEPTIONS.get((role, name), usual)
        found[name] = getattr(client, verb)(address).status_code

    assert found == expected


@pytest.mark.parametrize("role", ["handbook_group", "member", "other_region", "stranger"])
def test_who_may_not_edit_changes_nothing(client, world, role):
    plan, handbook = world
    client.force_login(user_in(role, plan, handbook))
    goal = Goal.objects.get()
    candidates = list(Candidate.objects.values_list("source_block_id", flat=True))
    args = [plan.region.slug, plan.document.public_id]

    client.post(reverse("plans:goal-add", args=args), {"section": "tavoitteet", "title_fi": "Uusi"})
    client.post(reverse("plans:goal-remove", args=[*args, goal.public_id]))
    client.post(
        reverse("plans:candidates-take", args=[*args, "tavoitteet"]),
        {"answer": candidates, "named_by": "own", "title_fi": "Oma", "goal": goal.public_id},
    )
    client.post(
        reverse("plans:plan-new", args=[plan.region.slug]),
        {
            "title_fi": "Oma",
            "starts_on": "1.1.2026",
            "ends_on": "31.12.2027",
            "criteria_set": make_criteria().pk,
            "languages": ["fi"],
        },
    )

    goal.refresh_from_db()
    assert goal.removed_at is None
    assert (Goal.objects.count(), Action.objects.count()) == (1, 1)
    assert set(Candidate.objects.values_list("state", flat=True)) == {"open"}
    assert type(plan).objects.count() == 1


def test_who_has_not_signed_in_is_asked_to(client, world):
    plan, handbook = world

    for verb, address in addresses(plan, handbook).values():
        response = getattr(client, verb)(address)
        assert response.status_code == 302
        assert "/account/login/" in response.url


@pytest.mark.parametrize("name", ["goal-edit", "action-edit", "indicator-edit"])
def test_thing_of_another_plan_does_not_exist_here(client, world, name):
    plan, _handbook = world
    client.force_login(make_coordinator(plan.region))
    other = make_plan()
    goal = make_full_goal(other)
    row = {"goal-edit": goal, "action-edit": goal.actions.get(), "indicator-edit": goal.indicators.get()}[name]

    address = reverse(f"plans:{name}", args=[plan.region.slug, plan.document.public_id, row.public_id])

    assert client.get(address).status_code == 404


def test_plan_is_not_found_under_another_region(client, world):
    plan, _handbook = world
    client.force_login(make_coordinator(plan.region))
    other = make_region("17", "Pohjanmaan hyvinvointialue")

    address = reverse("plans:goal-list", args=[other.slug, plan.document.public_id])

    assert client.get(address).status_code == 404


def test_handbook_group_reads_no_version_of_the_plan_through_its_use(client, world):
    plan, handbook = world
    freeze(plan.document, by=None)
    client.force_login(user_in("handbook_group", plan, handbook))
    args = [plan.region.slug, handbook.document.public_id, plan.document.public_id]

    page = client.get(reverse("plans:handbook-use", args=args))

    assert plan.document.get_absolute_url() not in page.text
    assert any(use.places for use in page.context["uses"])
