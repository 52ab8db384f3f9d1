"""The page of goals and measures: what it reads, and how its rows are drawn."""

import datetime

import pytest
from django.utils.safestring import mark_safe

from documents.queries import outline_of, section_numbers
from documents.services.outline import add_section
from plans.answers import feeds_of
from plans.blocks import numbers
from plans.digest import digest_of
from plans.goal_page import GoalFilter, goal_list
from plans.models import Action, ChapterFeed, Goal, Priority
from plans.queries import numbered_goals
from plans.services.goals import add_action, add_status, move_goal, remove, reorder
from plans.templatetags.stamps import Stamp
from plans.uses import numbers_of_sections
from tests.documents.factories import fresh
from tests.regions.factories import OrganisationFactory, OrganisationGroupFactory

from .factories import chapter, make_coordinator, make_full_goal, make_goal, make_plan
from .test_views import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    return make_plan()


@pytest.fixture
def page(client, plan):
    client.force_login(make_coordinator(plan.region))

    def read():
        return client.get(url(plan, "goal-list")).content.decode()

    return read


def shown(plan):
    return [goal for part in goal_list(plan, GoalFilter()).sections for goal in part.goals]


def numbers_shown(plan):
    return {row.block_id: row.number for goal in shown(plan) for row in (goal, *goal.actions)}


def numbers_in_text(plan):
    return numbers(outline_of(plan.document).blocks)


def test_goals_and_measures_are_numbered_as_in_the_text(plan):
    first, second, third = (make_goal(plan, title) for title in ("Yksi", "Kaksi", "Kolme"))
    for goal in (second, first, second):
        add_action(goal, title={"fi": "Toimi"}, by=None)
    reorder(third, up=True, by=None)
    reorder(Action.objects.order_by("pk")[2], up=True, by=None)
    elsewhere = next(row.section for row in outline_of(plan.document).rows if row.section.key != "tavoitteet")
    move_goal(first, target=fresh(elsewhere), by=None)
    assert numbers_shown(plan) == numbers_in_text(plan)
    assert len(numbers_shown(plan)) == 6

    remove(Goal.objects.get(pk=third.pk), by=None)
    assert numbers_shown(plan) == numbers_in_text(plan)
    assert len(numbers_shown(plan)) == 5


def test_sections_have_the_numbers_of_the_outline(plan):
    appendix = chapter(plan, "tavoitteet")
    appendix.numbered = False
    appendix.save(update_fields=["numbered"])
    rows = outline_of(plan.document).rows

    found = section_numbers([row.section for row in rows])

    top = [found[row.section.pk] for row in rows if row.parent is None]
    assert found[appendix.pk] == ""
    assert [number for number in top if number] == [str(place) for place in range(1, len(top))]


def test_measure_says_who_is_responsible_in_which_role(plan, page):
    goal = make_goal(plan)
    lead, owner = (OrganisationFactory(region=plan.region, name_fi=name) for name in ("Kunta", "Seura & Co"))
    partner = OrganisationFactory(region=plan.region, name_fi="Pitkä nimi", short_name_fi="PN")
    group = OrganisationGroupFactory(region=plan.region, name_fi="Kaikki kunnat")
    roles = [
        (f"organisation:{owner.public_id}", "owner"),
        (f"group:{group.public_id}", "owner"),
        (f"organisation:{lead.public_id}", "lead"),
        (f"organisation:{partner.public_id}", "partner"),
    ]
    add_action(goal, title={"fi": "Toimi"}, roles=roles, by=None)
    add_action(goal, title={"fi": "Toinen"}, roles=[], by=None)

    text = page()

    assert "<span><strong>Kunta</strong>, Seura &amp; Co, Kaikki kunnat<span" in text
    assert ">Mukana: PN</span>" in text
    assert goal_list(plan, GoalFilter()).everyone == [
        (f"group:{group.public_id}", "Kaikki kunnat"),
        (f"organisation:{lead.public_id}", "Kunta"),
        (f"organisation:{partner.public_id}", "Pitkä nimi"),
        (f"organisation:{owner.public_id}", "Seura & Co"),
    ]


def test_latest_status_is_shown(plan, page):
    goal = make_full_goal(plan)
    action = goal.actions.get()
    assert "fc-tone-good" not in page()

    add_status(action, status="done", date=datetime.date(2025, 3, 1), by=None)
    add_status(action, status="delayed", date=datetime.date(2024, 3, 1), by=None)

    text = page()
    assert text.count("fc-tone-good") == 1
    assert "fc-tone-warn" not in text


def test_words_that_look_like_code_stay_words(plan, page):
    goal = make_goal(plan, "A < B & <b>C</b>")
    add_action(goal, title={"fi": "<script>alert(1)</script>"}, by=None)

    text = page()

    assert "A &lt; B &amp; &lt;b&gt;C&lt;/b&gt;" in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script>alert" not in text
    assert "\ue000" not in text


def test_stamp_escapes_words_and_keeps_html():
    stamp = Stamp("<td id='\ue000key\ue001'>\ue000text\ue001 \ue000key\ue001</td>")

    assert stamp.fill({"key": "a", "text": "1 < 2"}) == "<td id='a'>1 &lt; 2 a</td>"
    assert stamp.fill({"key": mark_safe("<b>"), "text": "", "more": ""}) == "<td id='<b>'> <b></td>"


def test_goals_priorities_and_feeds_stand_in_the_order_of_the_outline(plan):
    """A section below a chapter comes before the chapters behind it, and its own sections before its neighbours."""
    document = plan.document
    first = add_section(document, heading={"fi": "A"}, key="a", by=None)
    last = add_section(document, heading={"fi": "B"}, key="b", by=None)
    below = add_section(document, heading={"fi": "A1"}, key="a1", parent=first, by=None)
    after = add_section(document, heading={"fi": "A2"}, key="a2", parent=first, by=None)
    deep = add_section(document, heading={"fi": "A1a"}, key="a1a", parent=below, by=None)
    sections = [last, after, deep, below, first]
    for section in sections:
        make_goal(plan, section.key, key=section.key)
        Priority.objects.create(region=plan.region, plan=plan, section=section)
        ChapterFeed.objects.create(region=plan.region, section=section)

    expected = ["a", "a1", "a1a", "a2", "b"]
    assert [str(goal) for goal in plan.goals.in_order()] == expected
    assert [row.section.key for row in plan.priorities.in_order()] == expected
    assert [feed.section.key for feed in feeds_of(plan) if feed.section.key in expected] == expected
    assert [row.number for row in digest_of(plan).priorities] == [
        numbers_of_sections(plan)[section.pk] for section in (first, below, deep, after, last)
    ]
    assert [goal.title for goal in shown(plan)] == expected
    assert [str(row.goal) for row in numbered_goals(plan)] == expected
