"""From needs to priorities: grouping, the meeting's decisions and their undoing, what the areas see, who may what."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from documents import frozen
from documents.services.outline import add_section, remove_section
from documents.services.sections import save_section
from documents.services.versions import freeze
from plans.answers import handed_in_answers
from plans.digest import Wish, became_of_needs, digest_of
from plans.models import NeedDecision, NeedGroup, Plan, Priority, Source
from plans.queries import loose_ends
from plans.services import needs, priorities
from plans.services.goals import decide_need
from plans.services.priorities import MeetingOf
from plans.services.proposals import take_back
from plans.uses import State as UseState
from plans.uses import where_words_went
from regions.models import Body
from tests.documents.factories import fresh, make_region, texts
from tests.regions.factories import BodyFactory, MembershipFactory

from .factories import (
    Facet,
    answer,
    chapter,
    hand_in,
    make_area,
    make_coordinator,
    make_goal,
    make_handbook,
    make_plan,
)

pytestmark = pytest.mark.django_db

CAFE = "Perhekahvilan pitäisi olla auki myös iltaisin ja kesällä."


@pytest.fixture
def plan():
    return make_plan()


@pytest.fixture
def handbooks():
    """Three areas; two of them want the family café open in the evening."""

    def said(*lines):
        items = "".join(f"<li>{line}</li>" for line in lines)
        return {Facet.DEVELOPMENT_NEED: f"<ul>{items}</ul>", Facet.SUCCESS: "<p>Vertaistuki toimii.</p>"}

    return [
        make_handbook(make_area("oulu"), said(CAFE, "Terapiaan jonotetaan puoli vuotta.")),
        make_handbook(
            make_area("lakeus"),
            said("Perhekahvila on auki vain aamupäivisin.", "Tulkkia ei saa."),
            criterion="management",
        ),
        make_handbook(make_area("rannikko"), said("Pitkä matka kaupunkiin rajaa, kuka pääsee mukaan.")),
    ]


@pytest.fixture
def coordinator(client, plan):
    user = make_coordinator(plan.region)
    client.force_login(user)
    return user


def url(plan, name, *rest):
    return reverse(f"plans:{name}", args=[plan.region.slug, plan.document.public_id, *rest])


def need(plan, words):
    return next(row for row in handed_in_answers(plan) if words in row.words).block.id


def make_group(plan, *wanted, title="Illat ja kesät"):
    return needs.add_group(plan, title={"fi": title}, block_ids=[need(plan, words) for words in wanted], by=None)


def refreshed(group):
    return NeedGroup.objects.select_related("priority__section", "plan__document__region").get(pk=group.pk)


def words_in(group):
    return set(group.items.values_list("quote", flat=True))


def sources_of(priority):
    return set(Source.objects.filter(block_id=priority.block_id).values_list("quote", flat=True))


# --- Proposing ------------------------------------------------------------------------------------------------------


def test_needs_with_common_words_are_proposed_as_one_group_with_the_words(plan, handbooks):
    assert needs.propose_groups(plan, way=needs.WORDS, by=None) == 1
    group = plan.need_groups.get()
    assert words_in(group) == {CAFE, "Perhekahvila on auki vain aamupäivisin."}
    assert "perhekahvila" in group.shared_words
    assert group.title == {"fi": "Perhekahvila on auki vain aamupäivisin"}
    assert len(digest_of(plan).free) == 3


def test_needs_are_proposed_by_criterion_too(plan, handbooks):
    assert needs.propose_groups(plan, way=needs.CRITERION, by=None) == 2
    digest = digest_of(plan)
    assert [(row.title, len(row.areas), row.total) for row in digest.groups] == [
        ("meeting_place", 2, 3),
        ("management", 1, 3),
    ]
    assert not digest.free


def test_proposing_again_leaves_what_people_did_and_shows_what_is_new(plan, handbooks):
    group = make_group(plan, CAFE, title="Oma ryhmä")
    lone = make_group(plan, "Tulkkia", title="Tulkit")
    answer(
        handbooks[0],
        Facet.DEVELOPMENT_NEED,
        f"<ul><li>{CAFE}</li><li>Terapiaan jonotetaan puoli vuotta.</li>"
        "<li>Tulkkia on vaikea saada puhelimitse.</li></ul>",
    )
    assert {row.need.words for row in digest_of(plan).free} >= {"Tulkkia on vaikea saada puhelimitse."}
    needs.propose_groups(plan, way=needs.WORDS, by=None)
    assert words_in(group) == {CAFE}
    assert refreshed(group).title == {"fi": "Oma ryhmä"}
    assert words_in(lone) == {"Tulkkia ei saa."}


def test_group_that_a_need_in_no_group_is_like_is_told_with_the_words(plan, handbooks):
    group = make_group(plan, CAFE)
    free = {row.need.words: row for row in digest_of(plan, suggest=True).free}
    like = free["Perhekahvila on auki vain aamupäivisin."]
    assert like.like.group == group
    assert "perhekahvila" in like.because
    assert free["Tulkkia ei saa."].like is None


def test_changed_and_vanished_words_are_marked_in_their_group(plan, handbooks):
    make_group(plan, CAFE, "Terapiaan")
    section = fresh(handbooks[0].document.sections.get(key=f"kohtaamispaikat-{Facet.DEVELOPMENT_NEED}"))
    first = section.blocks[0].id
    save_section(
        section,
        by=None,
        base=section.head,
        html={"fi": f'<ul><li data-id="{first}">Perhekahvila auki illalla.</li></ul>'},
    )
    hand_in(handbooks[0])
    [row] = digest_of(plan).groups
    assert {(need.changed, need.gone) for need in row.needs} == {(True, False), (False, True)}
    assert row.areas == ["Oulu"]


# --- A person groups ------------------------------------------------------------------------------------------------


def test_need_is_in_one_group_and_an_emptied_one_goes(plan, handbooks):
    one, other = make_group(plan, CAFE), make_group(plan, "Tulkkia", title="Tulkit")
    assert needs.move_needs(plan, [need(plan, CAFE)], to=other, by=None) == 1
    assert not NeedGroup.objects.filter(pk=one.pk).exists()
    assert words_in(other) == {CAFE, "Tulkkia ei saa."}
    needs.move_needs(plan, [need(plan, CAFE)], to=None, by=None)
    assert words_in(other) == {"Tulkkia ei saa."}


def test_only_needs_can_be_put_into_a_group(plan, handbooks):
    group = make_group(plan, "Vertaistuki toimii")
    assert not words_in(group)


def test_groups_are_joined_and_taken_apart(plan, handbooks):
    one, other = make_group(plan, CAFE), make_group(plan, "Tulkkia", title="Tulkit")
    needs.join_groups(one, into=other, by=None)
    assert plan.need_groups.get() == other
    assert words_in(other) == {CAFE, "Tulkkia ei saa."}
    needs.dissolve_group(other, by=None)
    assert len(digest_of(plan).free) == 5


def test_decided_group_is_neither_joined_nor_taken_apart(plan, handbooks):
    one, other = make_group(plan, CAFE), make_group(plan, "Tulkkia", title="Tulkit")
    priorities.leave_group(one, reason="Ensi kaudella.", by=None)
    for act in (lambda: needs.join_groups(one, into=other, by=None), lambda: needs.dissolve_group(one, by=None)):
        with pytest.raises(ValidationError) as caught:
            act()
        assert caught.value.code == "already_decided"


# --- Deciding -------------------------------------------------------------------------------------------------------


def test_taking_in_makes_a_section_whose_paragraph_has_the_needs_as_sources(plan, handbooks):
    group = make_group(plan, CAFE, "aamupäivisin")
    body = BodyFactory(region=plan.region, kind=Body.Kind.STEERING_GROUP)
    meeting = MeetingOf(body, datetime.date(2022, 6, 10))
    priority = priorities.take_in_group(group, chapter=chapter(plan, "tavoitteet"), meeting=meeting, by=None)
    section = fresh(priority.section)
    assert (section.heading, section.parent.key) == ({"fi": "Illat ja kesät"}, "tavoitteet")
    assert texts(section)[0].endswith(": Oulu, Lakeus.")
    assert sources_of(priority) == words_in(group)
    group = refreshed(group)
    assert (group.state, group.priority, group.body, group.decided_on) == ("taken", priority, body, meeting.date)


def test_joined_group_adds_its_sources_and_its_areas(plan, handbooks):
    priority = priorities.take_in_group(make_group(plan, CAFE), by=None)
    other = make_group(plan, "Pitkä matka", title="Matkat")
    priorities.join_group(other, priority=priority, by=None)
    priority.refresh_from_db()
    assert sources_of(priority) == {CAFE, "Pitkä matka kaupunkiin rajaa, kuka pääsee mukaan."}
    assert texts(fresh(priority.section))[0].endswith("Oulu, Rannikko.")
    priorities.reopen_group(other, by=None)
    assert sources_of(priority) == {CAFE}
    assert texts(fresh(priority.section))[0].endswith(": Oulu.")


def test_need_moved_between_decided_groups_takes_its_source_along(plan, handbooks):
    one, other = make_group(plan, CAFE, "aamupäivisin"), make_group(plan, "Tulkkia", title="Tulkit")
    first = priorities.take_in_group(one, by=None)
    second = priorities.take_in_group(other, by=None)
    needs.move_needs(plan, [need(plan, "aamupäivisin")], to=refreshed(other), by=None)
    assert sources_of(first) == {CAFE}
    assert sources_of(second) == {"Tulkkia ei saa.", "Perhekahvila on auki vain aamupäivisin."}


def test_words_of_a_writer_in_the_priority_are_left_alone(plan, handbooks):
    section = chapter(plan, "tavoitteet")
    save_section(section, by=None, base=section.head, html={"fi": "<p>Ovet auki.</p>"})
    group = make_group(plan, CAFE)
    priority = priorities.take_in_group(group, section=fresh(section), by=None)
    assert texts(fresh(section)) == ["Ovet auki."]
    assert sources_of(priority) == {CAFE}
    assert not priorities.reopen_group(group, by=None)
    assert texts(fresh(section)) == ["Ovet auki."]
    assert not Priority.objects.exists()
    assert not Source.objects.exists()


def test_undoing_removes_the_section_only_while_nothing_is_written_in_it(plan, handbooks):
    group = make_group(plan, CAFE)
    priority = priorities.take_in_group(group, by=None)
    section = priority.section
    assert priorities.reopen_group(group, by=None)
    section.refresh_from_db()
    assert section.removed_at is not None
    assert refreshed(group).state == "open"
    priority = priorities.take_in_group(group, by=None)
    make_goal(plan, key=priority.section.key)
    assert not priorities.reopen_group(group, by=None)
    assert Priority.objects.standing().get() == priority


def test_group_of_a_removed_section_is_to_be_decided_again(plan, handbooks):
    group = make_group(plan, CAFE)
    priority = priorities.take_in_group(group, by=None)
    remove_section(priority.section, by=None)
    assert digest_of(plan).groups[0].is_open
    assert digest_of(plan).priorities == []
    again = priorities.take_in_group(group, by=None)
    assert again != priority
    assert [row.priority for row in digest_of(plan).priorities] == [again]


def test_group_is_decided_once(plan, handbooks):
    group = make_group(plan, CAFE)
    priority = priorities.take_in_group(group, by=None)
    for act in (
        lambda: priorities.take_in_group(group, by=None),
        lambda: priorities.join_group(group, priority=priority, by=None),
        lambda: priorities.leave_group(group, reason="Ei nyt.", by=None),
    ):
        with pytest.raises(ValidationError) as caught:
            act()
        assert caught.value.code == "already_decided"


def test_section_is_a_priority_once(plan, handbooks):
    priority = priorities.mark_priority(plan, chapter(plan, "tavoitteet"), by=None)
    assert priorities.mark_priority(plan, chapter(plan, "tavoitteet"), by=None) == priority
    with pytest.raises(ValidationError) as caught:
        priorities.take_in_group(make_group(plan, CAFE), section=chapter(plan, "tavoitteet"), by=None)
    assert caught.value.code == "already_priority"
    priorities.join_group(make_group(plan, "Tulkkia"), priority=priority, by=None)
    with pytest.raises(ValidationError) as caught:
        priorities.unmark_priority(priority, by=None)
    assert caught.value.code == "has_groups"


def test_database_refuses_a_decision_without_its_priority_or_reason(plan):
    for fields in ({"state": "taken"}, {"state": "later"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            NeedGroup.objects.create(region=plan.region, plan=plan, title={"fi": "Ryhmä"}, **fields)


def test_version_tells_what_was_decided_on_groups_and_no_area_s_words(plan, handbooks):
    body = BodyFactory(region=plan.region, name_fi="Ohjausryhmä", name_sv="Styrgrupp")
    later = make_group(plan, "Tulkkia", title="Tulkit")
    priorities.leave_group(
        later, reason="Kuntien päätettävissä.", meeting=MeetingOf(body, datetime.date(2022, 6, 10)), by=None
    )
    priority = priorities.take_in_group(make_group(plan, CAFE, "aamupäivisin"), by=None)
    make_group(plan, "matka", title="Matkat")

    content = frozen.read(freeze(plan.document, by=None))

    assert content.whole["needs"] == [
        {
            "title": {"fi": "Tulkit"},
            "state": "later",
            "section": None,
            "reason": "Kuntien päätettävissä.",
            "areas": [{"fi": "Lakeus"}],
            "body": {"fi": "Ohjausryhmä", "sv": "Styrgrupp"},
            "decided_on": "2022-06-10",
        },
        {
            "title": {"fi": "Illat ja kesät"},
            "state": "taken",
            "section": priority.section.key,
            "reason": "",
            "areas": [{"fi": "Oulu"}, {"fi": "Lakeus"}],
            "body": None,
            "decided_on": None,
        },
    ]
    assert CAFE not in str(content.whole["needs"])
    # Undone later, the version still tells what was decided when it was frozen.
    priorities.reopen_group(refreshed(later), by=None)
    assert frozen.read(plan.document.versions.get()).whole["needs"][0]["reason"] == "Kuntien päätettävissä."


def test_body_of_another_region_decides_nothing_here(plan, handbooks):
    other = BodyFactory(region=make_region("17", "Pohjanmaan hyvinvointialue"))
    with pytest.raises(ValidationError) as caught:
        priorities.leave_group(make_group(plan, CAFE), reason="Ei nyt.", meeting=MeetingOf(other), by=None)
    assert caught.value.code == "other_region"


# --- One truth ------------------------------------------------------------------------------------------------------


def test_reason_of_the_group_is_that_of_its_needs_everywhere(plan, handbooks):
    group = make_group(plan, CAFE, "Terapiaan")
    priorities.leave_group(group, reason="Ensi kaudella.", by=None)
    uses = {use.answer.words: use for use in where_words_went(handbooks[0], plan)}
    assert uses[CAFE].state == UseState.LEFT
    assert uses[CAFE].decision == "Ensi kaudella."
    assert not NeedDecision.objects.exists()
    priorities.reopen_group(group, by=None)
    assert {use.answer.words: use for use in where_words_went(handbooks[0], plan)}[CAFE].state == UseState.WAITS


def test_decision_on_a_need_alone_holds_over_its_groups(plan, handbooks):
    group = make_group(plan, CAFE, "Terapiaan")
    priorities.take_in_group(group, by=None)
    decide_need(plan, version=handbooks[0].handed_in, block_ids=[need(plan, "Terapiaan")], reason="Kunnissa.", by=None)
    became = {row.words: row for row in became_of_needs(plan, handbooks[0])}
    assert became[CAFE].state == "priority"
    assert (
        became["Terapiaan jonotetaan puoli vuotta."].state,
        became["Terapiaan jonotetaan puoli vuotta."].reason,
    ) == (
        "later",
        "Kunnissa.",
    )


def test_need_considered_again_on_the_desk_leaves_its_group(plan, handbooks):
    group = make_group(plan, CAFE, "Terapiaan")
    priorities.leave_group(group, reason="Ensi kaudella.", by=None)
    assert take_back(plan, [need(plan, CAFE)], by=None) == 1
    assert words_in(group) == {"Terapiaan jonotetaan puoli vuotta."}
    assert CAFE in {row.need.words for row in digest_of(plan).free}


def test_goals_of_the_section_and_below_hang_on_the_priority(plan, handbooks):
    priority = priorities.mark_priority(plan, chapter(plan, "tavoitteet"), by=None)
    add_section(plan.document, heading={"fi": "Alla"}, key="alla", parent=priority.section, by=None)
    make_goal(plan, "Ylhäällä")
    make_goal(plan, "Alhaalla", key="alla")
    assert [row.goals for row in digest_of(plan).priorities] == [["Ylhäällä", "Alhaalla"]]
    assert loose_ends(plan).priorities_without_goal == []


def test_loose_ends_name_priorities_without_goal_and_groups_without_decision(plan, handbooks):
    before = sum(len(group.answers) for group in loose_ends(plan).needs)
    group = make_group(plan, CAFE)
    ends = loose_ends(plan)
    assert ends.groups_to_decide == 1
    assert sum(len(row.answers) for row in ends.needs) == before - 1
    priority = priorities.take_in_group(group, by=None)
    ends = loose_ends(plan)
    assert (ends.groups_to_decide, ends.priorities_without_goal) == (0, [priority])


# --- Pages ----------------------------------------------------------------------------------------------------------


def test_digest_is_sorted_by_areas_and_narrowed(client, plan, handbooks, coordinator):
    small = make_group(plan, "Tulkkia", title="Tulkit")
    big = make_group(plan, CAFE, "aamupäivisin")
    priorities.leave_group(small, reason="Ensi kaudella.", by=None)
    page = client.get(url(plan, "need-list"))
    assert [row.group for row in page.context["digest"].shown] == [big, small]
    assert "Ensi kaudella." in page.content.decode()
    for query, expected in (("state=later", [small]), ("area=Oulu", [big]), ("criterion=management", [big, small])):
        shown = client.get(f"{url(plan, 'need-list')}?{query}").context["digest"].shown
        assert [row.group for row in shown] == expected
    assert Wish.of({"state": "nonsense", "sort": "nonsense"}) == Wish()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("name", "number"), [("need-list", 18), ("need-show", 20), ("priority-list", 19)])
def test_pages_take_a_constant_number_of_queries(
    client, plan, handbooks, coordinator, django_assert_max_num_queries, count, name, number
):
    for words in (CAFE, "Tulkkia", "Pitkä matka")[:count]:
        group = make_group(plan, words, title=words)
        priorities.take_in_group(group, by=None)
    client.get(url(plan, name))
    with django_assert_max_num_queries(number):
        client.get(url(plan, name))


def test_ticked_needs_go_to_a_new_group_and_nothing_is_lost_when_its_name_is_missing(
    client, plan, handbooks, coordinator
):
    ids = [need(plan, CAFE), need(plan, "aamupäivisin")]
    page = client.post(url(plan, "needs-move"), {"need": ids, "to": "new", "title": ""})
    assert page.status_code == 422
    assert page.content.decode().count(" checked") >= 2
    page = client.post(url(plan, "needs-move"), {"need": ids, "to": "new", "title": "Illat"})
    assert page.status_code == 302
    group = plan.need_groups.get()
    assert (group.title, group.items.count()) == ({"fi": "Illat"}, 2)
    page = client.post(url(plan, "needs-move"), {"need": ids[:1], "to": "out", "from": group.public_id})
    assert page.headers["Location"] == url(plan, "need-group", group.public_id)
    assert group.items.count() == 1
    for data in ({"to": "new"}, {"need": ids, "to": ""}):
        assert client.post(url(plan, "needs-move"), {**data, "from": group.public_id}).status_code == 422


def test_group_is_renamed_joined_and_taken_apart_on_its_page(client, plan, handbooks, coordinator):
    one, other = make_group(plan, CAFE), make_group(plan, "Tulkkia", title="Tulkit")
    client.post(url(plan, "need-group-rename", one.public_id), {"title_fi": "Aukiolo"})
    assert refreshed(one).title == {"fi": "Aukiolo"}
    assert client.post(url(plan, "need-group-rename", one.public_id), {"title_fi": " "}).status_code == 422
    assert client.post(url(plan, "need-groups-join", one.public_id), {"into": ""}).status_code == 422
    client.post(url(plan, "need-groups-join", one.public_id), {"into": other.public_id})
    assert plan.need_groups.get() == other
    client.post(url(plan, "need-group-dissolve", other.public_id))
    assert not plan.need_groups.exists()


def test_meeting_decides_on_the_projector_without_and_with_htmx(client, plan, handbooks, coordinator):
    group = make_group(plan, CAFE)
    body = BodyFactory(region=plan.region, kind=Body.Kind.STEERING_GROUP)
    sent = {"from": "show", "body": body.public_id, "date": "2022-06-10"}
    missing = client.post(url(plan, "need-group-leave", group.public_id), {**sent, "reason": " "})
    assert missing.status_code == 422
    page = client.post(url(plan, "need-group-take", group.public_id), {**sent, "chapter": "tavoitteet"})
    assert page.status_code == 302
    assert f"at={group.public_id}" in page.headers["Location"]
    assert "date=2022-06-10" in page.headers["Location"]
    html = client.get(page.headers["Location"]).content.decode()
    assert f"{body}, 10.6.2022" in html
    piece = client.post(url(plan, "need-group-reopen", group.public_id), sent, headers={"HX-Request": "true"})
    assert piece.status_code == 200
    assert "<html" not in piece.content.decode()
    assert refreshed(group).state == "open"
    wrong = client.post(url(plan, "need-group-take", group.public_id), {**sent, "date": "kesällä"})
    assert wrong.status_code == 422
    assert refreshed(group).state == "open"


def test_projector_begins_with_the_first_group_that_waits(client, plan, handbooks, coordinator):
    first = make_group(plan, CAFE, "aamupäivisin")
    second = make_group(plan, "Tulkkia", title="Tulkit")
    priorities.leave_group(first, reason="Ensi kaudella.", by=None)
    page = client.get(url(plan, "need-show"))
    assert page.context["shown"].group == second
    assert page.context["previous"].group == first
    assert page.context["next"] is None
    assert client.get(f"{url(plan, 'need-show')}?list=1").context["shown"] is None


def test_sections_are_marked_as_priorities_and_unmarked(client, plan, handbooks, coordinator):
    assert client.post(url(plan, "priority-mark"), {}).status_code == 422
    client.post(url(plan, "priority-mark"), {"section": ["tavoitteet"]})
    assert [row.section.key for row in plan.priorities.all()] == ["tavoitteet"]
    assert "Tavoitteet" in client.get(url(plan, "priority-list")).content.decode()
    client.post(url(plan, "priority-unmark", "tavoitteet"))
    assert not plan.priorities.exists()


def test_handbook_group_sees_what_became_of_its_needs_and_no_others_words(client, plan, handbooks):
    handbook = handbooks[0]
    handbook.document.writing_body = BodyFactory(region=plan.region)
    handbook.document.save(update_fields=["writing_body"])
    priorities.take_in_group(make_group(plan, CAFE, "aamupäivisin"), by=None)
    priorities.leave_group(make_group(plan, "Terapiaan", title="Jonot"), reason="Ensi kaudella.", by=None)
    client.force_login(MembershipFactory(body=handbook.document.writing_body).user)
    address = reverse(
        "plans:handbook-use", args=[plan.region.slug, handbook.document.public_id, plan.document.public_id]
    )
    html = client.get(address).content.decode()
    assert "Illat ja kesät" in html
    assert "Ensi kaudella." in html
    assert "aamupäivisin" not in html
    assert client.get(url(plan, "need-list")).status_code == 404


# --- Who ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "reads", "groups", "decides"),
    [
        ("coordinator", 200, 302, 302),
        ("writer", 200, 302, 403),
        ("steering", 200, 403, 403),
        ("board", 404, 404, 404),
        ("elsewhere", 404, 404, 404),
        ("steering_elsewhere", 404, 404, 404),
    ],
)
def test_who_reads_groups_and_decides(client, plan, handbooks, role, reads, groups, decides):
    group = make_group(plan, CAFE)
    other = make_region("17", "Pohjanmaan hyvinvointialue")
    bodies = {
        "steering": lambda: BodyFactory(region=plan.region, kind=Body.Kind.STEERING_GROUP),
        "board": lambda: BodyFactory(region=plan.region, kind=Body.Kind.BOARD),
        "steering_elsewhere": lambda: BodyFactory(region=other, kind=Body.Kind.STEERING_GROUP),
    }
    if role == "coordinator":
        user = make_coordinator(plan.region)
    elif role == "elsewhere":
        user = make_coordinator(other)
    elif role == "writer":
        make_coordinator(plan.region)
        plan.document.writing_body = BodyFactory(region=plan.region)
        plan.document.save(update_fields=["writing_body"])
        user = MembershipFactory(body=plan.document.writing_body).user
    else:
        user = MembershipFactory(body=bodies[role]()).user
    client.force_login(user)
    for name, rest in (("need-list", ()), ("need-show", ()), ("need-group", (group.public_id,)), ("priority-list", ())):
        assert client.get(url(plan, name, *rest)).status_code == reads
    moved = {"need": [need(plan, "Tulkkia")], "to": group.public_id}
    assert client.post(url(plan, "needs-move"), moved).status_code == groups
    assert client.post(url(plan, "need-group-leave", group.public_id), {"reason": "Ei nyt."}).status_code == decides
    assert Plan.objects.filter(need_groups__state="later").exists() == (decides == 302)


def test_group_of_another_plan_is_not_found_here(client, plan, handbooks, coordinator):
    other = make_plan()
    group = make_group(other, CAFE)
    assert client.get(url(plan, "need-group", group.public_id)).status_code == 404
    assert client.post(url(plan, "need-group-leave", group.public_id), {"reason": "Ei nyt."}).status_code == 404
    moved = {"need": [need(plan, "Tulkkia")], "to": group.public_id}
    assert client.post(url(plan, "needs-move"), moved).status_code == 404
