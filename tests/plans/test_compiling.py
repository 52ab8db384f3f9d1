import pytest
from django.core.exceptions import ValidationError

from documents.services.sections import restore_section, save_section
from plans.answers import handed_in_answers
from plans.desk import seen_of
from plans.models import Action, Candidate, Goal, Source
from plans.news import what_is_new
from plans.queries import loose_ends
from plans.services.compiling import compile_plan
from plans.services.goals import add_goal, change_goal, remove
from plans.services.lines import mark_seen, take_in_lines
from plans.services.proposals import join_answers, leave_answers
from plans.uses import handbook_use, where_words_went
from tests.documents.factories import fresh, head, ids, texts

from .factories import Facet, answer, chapter, make_area, make_goal, make_handbook, make_plan, proposals, take_in

pytestmark = pytest.mark.django_db

NEED = "<ul><li>Aukioloajat ovat suppeat.</li><li>Isät puuttuvat.</li></ul>"


@pytest.fixture
def plan():
    return make_plan()


@pytest.fixture
def handbooks():
    return [
        make_handbook(
            make_area("oulu"),
            {
                Facet.SUCCESS: "<p>Perhekahvila toimii.</p>",
                Facet.DEVELOPMENT_NEED: NEED,
                Facet.PROPOSED_ACTION: "<ul><li>Perhekahvila auki illalla.</li></ul>",
            },
        ),
        make_handbook(
            make_area("lakeus"),
            {
                Facet.DEVELOPMENT_NEED: "<p>Tilat ovat ahtaat.</p>",
                Facet.PROPOSED_ACTION: "<ul><li>Kahvilalle ilta-aika.</li></ul>",
            },
        ),
    ]


def test_first_draft_is_a_line_for_each_answer_with_its_area_and_source(plan, handbooks):
    compile_plan(plan, by=None)

    assert texts(chapter(plan)) == [
        "Mikä toimii",
        "Perhekahvila toimii. (Oulu)",
        "Kehittämistarpeet",
        "Aukioloajat ovat suppeat. (Oulu)",
        "Isät puuttuvat. (Oulu)",
        "Tilat ovat ahtaat. (Lakeus)",
    ]
    source = Source.objects.get(block_id=ids(chapter(plan))[3])
    need = handbooks[0].document.sections.get(key="kohtaamispaikat-development_need")
    assert source.source_block_id == ids(need)[0]
    assert (source.handbook, source.quote) == (handbooks[0].document, "Aukioloajat ovat suppeat.")
    assert source.section_label == "1.2"


def test_proposed_actions_stay_candidates_outside_the_plan(plan, handbooks):
    compile_plan(plan, by=None)

    assert [candidate.text["fi"] for candidate in plan.candidates.order_by("pk")] == [
        "Perhekahvila auki illalla.",
        "Kahvilalle ilta-aika.",
    ]
    assert texts(chapter(plan, "tavoitteet")) == []
    assert not Action.objects.exists()


def test_compiling_again_changes_nothing_and_tells_what_is_new(plan, handbooks):
    compile_plan(plan, by=None)
    section = chapter(plan)
    edited = [f'<p data-id="{key}">{text}</p>' for key, text in zip(ids(section), texts(section), strict=True)]
    edited[1] = f'<p data-id="{ids(section)[1]}">Perhekahvilat toimivat koko alueella.</p>'
    save_section(section, by=None, base=section.head, html={"fi": "".join(edited)})
    before = head(chapter(plan))
    need = handbooks[0].document.sections.get(key="kohtaamispaikat-development_need")
    first, second = ids(need)
    changed = (
        f'<ul><li data-id="{first}">Aukioloajat ovat suppeat.</li><li data-id="{second}">Isät eivät käy.</li></ul>'
    )
    answer(handbooks[0], Facet.DEVELOPMENT_NEED, f"{changed}<p>Uusi tarve.</p>")

    result = compile_plan(plan, by=None)

    assert head(chapter(plan)) == before
    assert (result.lines, result.candidates, result.waiting) == (0, 0, 2)
    (news,) = what_is_new(plan)
    assert [row.words for row in news.new] == ["Uusi tarve."]
    assert [(source.quote, row.words) for source, row in news.changed] == [("Isät puuttuvat.", "Isät eivät käy.")]


def test_new_answers_are_taken_in_by_a_person(plan, handbooks):
    compile_plan(plan, by=None)
    answer(handbooks[1], Facet.DEVELOPMENT_NEED, "<p>Tilat ovat ahtaat.</p><p>Uusi tarve.</p>")
    (news,) = what_is_new(plan)

    taken = take_in_lines(chapter(plan), [row.block.id for row in news.new], plan=plan, by=None)

    assert taken == 1
    assert texts(chapter(plan))[-1] == "Uusi tarve. (Lakeus)"
    assert what_is_new(plan) == []


def test_change_in_a_handbook_is_seen_once(plan, handbooks):
    compile_plan(plan, by=None)
    answer(handbooks[1], Facet.DEVELOPMENT_NEED, "<p>Tilat ovat nyt ahtaat.</p>")
    ((source, now),) = what_is_new(plan)[0].changed

    assert mark_seen(plan, [seen_of(source, now)], by=None) == (1, 0)

    assert what_is_new(plan) == []
    source.refresh_from_db()
    assert source.quote == "Tilat ovat nyt ahtaat."
    assert texts(chapter(plan))[-1] == "Tilat ovat ahtaat. (Lakeus)"


def test_line_that_a_writer_removed_is_not_offered_again(plan, handbooks):
    compile_plan(plan, by=None)
    section = chapter(plan)
    save_section(section, by=None, base=section.head, html={"fi": f'<p data-id="{ids(section)[1]}">Jää.</p>'})

    assert compile_plan(plan, by=None).lines == 0
    assert what_is_new(plan) == []


def test_plan_is_not_compiled_of_nothing(plan):
    with pytest.raises(ValidationError) as error:
        compile_plan(plan, by=None)
    assert error.value.code == "no_handbooks"


def test_several_proposals_become_one_action_with_all_their_sources(plan, handbooks):
    compile_plan(plan, by=None)
    goal = add_goal(plan, section=chapter(plan, "tavoitteet"), title={"fi": "Illat käyttöön"}, by=None)

    action = take_in(goal, proposals(plan))

    assert action.title == {"fi": "Perhekahvila auki illalla."}
    sources = Source.objects.filter(block_id=action.block_id)
    assert {source.handbook.handbook.area.key for source in sources} == {"oulu", "lakeus"}
    assert set(plan.candidates.values_list("state", flat=True)) == {Candidate.State.TAKEN}
    assert texts(chapter(plan, "tavoitteet")) == ["Illat käyttöön", "Perhekahvila auki illalla."]


def test_proposal_is_taken_in_once(plan, handbooks):
    compile_plan(plan, by=None)
    goal = add_goal(plan, section=chapter(plan, "tavoitteet"), title={"fi": "Illat käyttöön"}, by=None)
    first = proposals(plan)[:1]
    take_in(goal, first)

    with pytest.raises(ValidationError) as error:
        take_in(goal, first)

    assert error.value.code == "already_taken"
    assert Action.objects.count() == 1


def test_proposal_can_join_an_action_or_be_left_with_a_reason(plan, handbooks):
    compile_plan(plan, by=None)
    goal = add_goal(plan, section=chapter(plan, "tavoitteet"), title={"fi": "Illat käyttöön"}, by=None)
    first, second = proposals(plan)
    action = take_in(goal, [first])
    answer(handbooks[0], Facet.PROPOSED_ACTION, "<p>Muu.</p>")
    compile_plan(plan, by=None)
    third = next(row for row in proposals(plan) if row.words == "Muu.")

    assert join_answers(action, [second], by=None) == 1
    assert join_answers(action, [second], by=None) == 0
    assert Source.objects.filter(block_id=action.block_id).count() == 2

    with pytest.raises(ValidationError):
        leave_answers(plan, [third], reason=" ", by=None)
    leave_answers(plan, [third], reason="Ei tällä kaudella.", by=None)
    left = plan.candidates.get(source_block_id=third.block.id)
    assert (left.state, left.reason) == (Candidate.State.LEFT, "Ei tällä kaudella.")


@pytest.mark.parametrize("gone", ["goal", "action"])
def test_proposal_does_not_come_to_what_was_removed_meanwhile(plan, handbooks, gone):
    compile_plan(plan, by=None)
    goal = make_goal(plan)
    first, second = proposals(plan)
    action = take_in(goal, [first])
    remove(goal if gone == "goal" else action, by=None)

    with pytest.raises(ValidationError) as error:
        take_in(goal, [second]) if gone == "goal" else join_answers(action, [second], by=None)

    assert error.value.code == f"{gone}_gone"
    assert plan.candidates.get(source_block_id=second.block.id).state == Candidate.State.OPEN


def test_proposal_stands_behind_a_second_measure_only_where_that_is_meant(plan, handbooks):
    compile_plan(plan, by=None)
    goal = make_goal(plan)
    first, second = proposals(plan)
    one, other = take_in(goal, [first]), take_in(goal, [second])

    with pytest.raises(ValidationError) as error:
        join_answers(other, [first], by=None)
    assert error.value.code == "already_taken"
    assert join_answers(other, [first], by=None, shared=True) == 1
    assert plan.candidates.get(source_block_id=first.block.id).action == one


def test_goal_removed_and_restored_with_its_section(plan, handbooks):
    section = chapter(plan, "tavoitteet")
    goal = add_goal(plan, section=section, title={"fi": "Illat käyttöön"}, by=None)
    before = head(section)
    change_goal(goal, title={"fi": "Toinen"}, by=None)
    remove(goal, by=None)
    goal.refresh_from_db()
    assert goal.removed_at is not None

    restore_section(fresh(section), before, by=None)

    goal.refresh_from_db()
    assert goal.removed_at is None
    assert goal.title == {"fi": "Illat käyttöön"}
    assert Goal.objects.count() == 1


def test_handbook_shows_where_its_words_went(plan, handbooks):
    compile_plan(plan, by=None)
    goal = add_goal(plan, section=chapter(plan, "tavoitteet"), title={"fi": "Illat käyttöön"}, by=None)
    first, second = proposals(plan)
    take_in(goal, [first])
    leave_answers(plan, [second], reason="Ei tällä kaudella.", by=None)

    uses = {use.answer.words: use for use in where_words_went(handbooks[0], plan)}
    assert [place.section.key for place in uses["Isät puuttuvat."].places] == ["nykytila"]
    assert [(place.number, place.is_action) for place in uses["Perhekahvila auki illalla."].places] == [("1.1", True)]
    other = {use.answer.words: use for use in where_words_went(handbooks[1], plan)}
    assert other["Kahvilalle ilta-aika."].decision == "Ei tällä kaudella."
    assert [(use.handbook.area.key, use.answers, use.used) for use in handbook_use(plan)] == [
        ("oulu", 4, 4),
        ("lakeus", 2, 1),
    ]


def test_loose_ends_name_what_is_missing(plan, handbooks):
    compile_plan(plan, by=None)
    goal = add_goal(plan, section=chapter(plan, "tavoitteet"), title={"fi": "Illat käyttöön"}, by=None)
    take_in(goal, proposals(plan)[:1])

    ends = loose_ends(plan)

    assert {end.kind for end in ends.ends} == {
        "goal_without_indicator",
        "goal_without_criterion",
        "action_without_owner",
        "action_without_schedule",
    }
    assert [(group.handbook.area.key, [row.words for row in group.answers]) for group in ends.needs] == [
        ("lakeus", ["Tilat ovat ahtaat."])
    ]
    assert [criterion.key for criterion in ends.criteria_without_goal] == ["management", "meeting_place"]
    assert ends.waiting_candidates == 1


# --- Which handbooks ------------------------------------------------------------------------------------------


def test_handbook_of_a_later_year_does_not_feed_the_plan(plan, handbooks):
    make_handbook(make_area("rannikko"), {Facet.DEVELOPMENT_NEED: "<p>Myöhäinen tarve.</p>"}, year=2026)
    make_handbook(make_area("oulunkaari"), {Facet.DEVELOPMENT_NEED: "<p>Viime hetken tarve.</p>"}, year=2025)

    words = [row.words for row in handed_in_answers(plan)]

    assert "Viime hetken tarve." in words
    assert "Myöhäinen tarve." not in words
    assert "Perhekahvila toimii." in words


def test_newer_handbook_of_an_area_replaces_the_older_one(plan, handbooks):
    compile_plan(plan, by=None)
    make_handbook(make_area("lakeus"), {Facet.DEVELOPMENT_NEED: "<p>Uudet tilat puuttuvat.</p>"}, year=2025)
    make_handbook(make_area("oulu"), {Facet.DEVELOPMENT_NEED: "<p>Liian myöhään.</p>"}, year=2026)

    (news,) = what_is_new(plan)

    assert [row.words for row in news.new] == ["Uudet tilat puuttuvat."]
    assert [source.quote for source in news.gone] == ["Tilat ovat ahtaat."]
    assert [use.answer.words for use in where_words_went(handbooks[1], plan)] == [
        "Tilat ovat ahtaat.",
        "Kahvilalle ilta-aika.",
    ]


def test_lead_in_is_neither_a_line_nor_a_proposal(plan):
    make_handbook(
        answers={
            Facet.DEVELOPMENT_NEED: "<p>Nämä puuttuvat: </p><ul><li>Tilat:</li></ul>",
            Facet.PROPOSED_ACTION: "<p>Ehdotamme seuraavaa:</p><ul><li>Kahvila auki.</li></ul>",
        }
    )

    compile_plan(plan, by=None)

    assert texts(chapter(plan)) == ["Kehittämistarpeet", "Tilat:"]
    assert [row.text["fi"] for row in plan.candidates.all()] == ["Kahvila auki."]


def test_meter_counts_only_what_was_asked_for(plan):
    make_handbook(
        answers={
            Facet.CURRENT_STATE: "<p>Toimipaikkoja on kolme.</p>",
            Facet.FREE: "<p>Läsnä viisi.</p>",
            Facet.DEVELOPMENT_NEED: "<p>Tilat ovat ahtaat.</p>",
        }
    )
    compile_plan(plan, by=None)

    assert [(use.used, use.answers) for use in handbook_use(plan)] == [(1, 1)]
