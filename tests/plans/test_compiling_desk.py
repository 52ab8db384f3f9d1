"""One chapter on the compile desk: the table, what each button does, and that nothing ticked or typed is lost."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from documents.models import Section
from documents.services.sections import save_section
from plans.answers import handed_in_answers
from plans.models import Action, Candidate, Goal, KeptApart, NeedDecision, Source
from plans.queries import loose_ends
from plans.services.compiling import compile_plan
from plans.services.goals import remove
from plans.services.lines import mark_seen, take_in_lines
from plans.services.needs import add_group
from plans.services.plans import set_feed
from plans.services.priorities import leave_group, take_in_group
from plans.services.proposals import gather, keep_apart, leave_answers, take_back
from tests.documents.factories import ids, texts

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
    make_two_handbooks,
)

pytestmark = pytest.mark.django_db

CAFES = {"oulu": "Perhekahvila avataan iltaisin ja lauantaisin.", "lakeus": "Lauantaisin avataan perhekahvila illaksi."}


@pytest.fixture
def plan():
    return make_plan()


@pytest.fixture
def handbooks():
    return make_two_handbooks()


@pytest.fixture
def coordinator(client, plan):
    user = make_coordinator(plan.region)
    client.force_login(user)
    return user


def url(plan, name, *rest):
    return reverse(f"plans:{name}", args=[plan.region.slug, plan.document.public_id, *rest])


def at(plan, name="chapter-detail", key="tavoitteet"):
    return url(plan, name, key)


def by_words(plan):
    return {row.words: row for row in handed_in_answers(plan)}


def block(plan, words):
    return by_words(plan)[words].block.id


def pieces(theme):
    return {
        piece.words: piece
        for row in theme.table.rows
        for cell in row.cells
        for _heading, group in cell.themes
        for piece in group
    }


def theme(client, plan, key="tavoitteet", **query):
    return client.get(at(plan, key=key), query).context["theme"]


# --- The table ------------------------------------------------------------------------------------------------


def test_table_has_areas_beside_each_other_and_questions_below(client, plan, handbooks, coordinator):
    table = theme(client, plan, "nykytila").table

    assert [column.label for column in table.shown] == ["Oulu", "Lakeus"]
    assert [(row.facet, [cell.count for cell in row.cells]) for row in table.rows] == [
        (Facet.SUCCESS, [1, 0]),
        (Facet.DEVELOPMENT_NEED, [2, 1]),
    ]
    page = client.get(at(plan, key="nykytila"))
    assert page.text.count('scope="col"') == 3


def test_theme_of_a_criterion_shows_needs_beside_the_proposals_it_is_fed_from(client, plan, handbooks, coordinator):
    section = chapter(plan, "tavoitteet")
    set_feed(section, facets=[Facet.PROPOSED_ACTION], criteria=[plan.criteria_set.criteria.get(key="meeting_place")])

    rows = theme(client, plan).table.rows

    assert [(row.facet, row.feeds) for row in rows] == [
        (Facet.PROPOSED_ACTION, True),
        (Facet.SUCCESS, False),
        (Facet.DEVELOPMENT_NEED, False),
    ]


def test_areas_questions_and_what_waits_are_chosen_in_the_address(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    oulu = handbooks[0].document.public_id

    shown = theme(client, plan, "nykytila", column=oulu, question="development_need", waiting="1")

    assert [column.label for column in shown.table.shown] == ["Oulu"]
    assert [row.facet for row in shown.table.rows] == [Facet.DEVELOPMENT_NEED]
    assert pieces(shown) == {}
    everything = theme(client, plan, "nykytila", question="development_need", column=["nobody"])
    assert len(everything.table.shown) == 2


def test_many_handbooks_of_few_areas_stand_in_a_column_for_each_area(client, plan, coordinator):
    for name in ("oulu", "lakeus"):
        for number in range(4):
            handbook = make_handbook(make_area(name), {Facet.PROPOSED_ACTION: f"<p>Ehdotus {name} {number}.</p>"})
            handbook.centre = f"Keskus {name} {number}"
            handbook.save()

    grouped = theme(client, plan).table
    apart = theme(client, plan, by="handbook").table

    assert grouped.by_area
    assert [column.label for column in grouped.columns] == ["Oulu", "Lakeus"]
    assert [cell.count for cell in grouped.rows[0].cells] == [4, 4]
    assert "(Keskus oulu 2)" in client.get(at(plan)).text
    assert len(apart.columns) == 8
    assert len(apart.shown) == 6


def test_what_is_used_is_told_in_words_with_its_place(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)

    page = client.get(at(plan, key="nykytila"))

    piece = pieces(page.context["theme"])["Isät puuttuvat."]
    assert [label for label, _address in piece.places] == ["Osio 1: Nykytila"]
    assert piece.places[0][1].endswith(f"#b-{ids(chapter(plan))[4]}")
    assert (page.context["theme"].table.used, page.context["theme"].table.waiting) == (4, 0)


def test_who_may_not_write_sees_the_words_without_boxes_and_buttons(client, plan, handbooks, coordinator, monkeypatch):
    compile_plan(plan, by=None)
    monkeypatch.setattr("plans.views.theme.can_edit_plan", lambda rights, plan: False)

    page = client.get(at(plan))

    assert "Kahvilalle ilta-aika." in page.text
    assert 'name="answer"' not in page.text
    assert at(plan, "lines-leave") not in page.text


# --- Into the text -----------------------------------------------------------------------------------------------


def test_answers_come_behind_the_chosen_paragraph_and_nothing_is_overwritten(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    before = texts(chapter(plan))
    proposal = block(plan, "Kahvilalle ilta-aika.")

    client.post(at(plan, "lines-take", "nykytila"), {"answer": [proposal], "place": f"after:{ids(chapter(plan))[1]}"})

    now = texts(chapter(plan))
    assert now[2] == "Kahvilalle ilta-aika. (Lakeus)"
    assert [*now[:2], *now[3:]] == before
    source = Source.objects.get(source_block_id=proposal)
    assert (source.block_id, source.quote) == (ids(chapter(plan))[2], "Kahvilalle ilta-aika.")


def test_answers_can_go_to_the_end_of_another_chapter(client, plan, handbooks, coordinator):
    need = block(plan, "Isät puuttuvat.")

    client.post(at(plan, "lines-take", "nykytila"), {"answer": [need], "place": "section:tavoitteet"})

    assert texts(chapter(plan, "tavoitteet")) == ["Isät puuttuvat. (Oulu)"]
    assert texts(chapter(plan)) == []


def test_chosen_words_alone_are_taken_and_remembered(client, plan, handbooks, coordinator):
    need = block(plan, "Aukioloajat ovat suppeat.")

    client.post(at(plan, "lines-take", "nykytila"), {"answer": [need], f"quote-{need}": "  ovat   suppeat "})

    assert texts(chapter(plan)) == ["ovat suppeat (Oulu)"]
    assert Source.objects.get().quote == "ovat suppeat"


def test_words_that_the_answer_does_not_have_are_refused_and_nothing_is_lost(client, plan, handbooks, coordinator):
    need = block(plan, "Aukioloajat ovat suppeat.")

    response = client.post(
        at(plan, "lines-take", "nykytila"), {"answer": [need], f"quote-{need}": "<script>alert(1)</script>"}
    )

    assert response.status_code == 422
    assert texts(chapter(plan)) == []
    assert response.context["chosen"] == {need}
    assert "<script>alert(1)" not in response.text


def test_paragraph_that_is_gone_is_said_beside_the_choice(client, plan, handbooks, coordinator):
    need = block(plan, "Isät puuttuvat.")

    response = client.post(at(plan, "lines-take", "nykytila"), {"answer": [need], "place": "after:xxxxxxxxxx"})

    assert response.status_code == 422
    assert 'id="place-error"' in response.text
    assert texts(chapter(plan)) == []


def test_same_answer_is_not_taken_into_a_chapter_twice(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    before = texts(chapter(plan))

    response = client.post(at(plan, "lines-take", "nykytila"), {"answer": [block(plan, "Isät puuttuvat.")]})

    assert response.status_code == 422
    assert texts(chapter(plan)) == before


def test_answer_behind_a_measure_can_still_become_text(plan, handbooks):
    compile_plan(plan, by=None)
    proposal = by_words(plan)["Kahvilalle ilta-aika."]
    gather(make_goal(plan), [proposal], title={"fi": "Kahvila illalla"}, by=None)

    assert take_in_lines(chapter(plan), [proposal.block.id], plan=plan, by=None) == 1


def test_htmx_gets_the_desk_alone_with_the_focus_on_what_waits_next(client, plan, handbooks, coordinator):
    first, second = block(plan, "Aukioloajat ovat suppeat."), block(plan, "Isät puuttuvat.")

    response = client.post(
        f"{at(plan, 'lines-take', 'nykytila')}?question=development_need",
        {"answer": [first]},
        headers={"HX-Request": "true"},
    )

    assert response.status_code == 200
    assert "<html" not in response.text
    assert response.context["focus"] == second
    assert 'data-announce="' in response.text
    assert "?question=development_need" in response.text
    assert response.context["theme"].table.used == 1


# --- Into measures -----------------------------------------------------------------------------------------------


def make_measure(client, plan, chosen, **fields):
    return client.post(at(plan, "candidates-take"), {"answer": chosen, **fields})


def test_ticked_answers_are_all_shown_and_one_gives_its_words(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    goal = make_goal(plan)
    chosen = [block(plan, "Perhekahvila auki illalla."), block(plan, "Kahvilalle ilta-aika.")]
    page = client.post(at(plan, "candidates-take"), {"answer": chosen})

    assert page.status_code == 200
    assert "Perhekahvila auki illalla. (Oulu)" in page.text
    assert "Kahvilalle ilta-aika. (Lakeus)" in page.text
    client.post(
        at(plan, "candidates-take"),
        {
            "answer": re.findall(r'name="answer" value="([^"]+)"', page.text),
            "named_by": chosen[1],
            "title_fi": "Perhekahvila auki illalla.",
            "goal": goal.public_id,
            "keep_others": "on",
        },
    )

    action = Action.objects.get()
    assert action.title == {"fi": "Kahvilalle ilta-aika."}
    assert action.description == {"fi": "Perhekahvila auki illalla. (Oulu)"}
    assert set(Source.objects.filter(block_id=action.block_id).values_list("source_block_id", flat=True)) == set(chosen)
    assert set(plan.candidates.values_list("state", flat=True)) == {Candidate.State.TAKEN}


def test_typed_words_win_and_a_new_goal_is_made_in_the_same_step(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    chosen = [block(plan, "Perhekahvila auki illalla."), block(plan, "Isät puuttuvat.")]

    response = make_measure(
        client, plan, chosen, named_by=chosen[0], title_fi="Kahvilat auki isillekin.", new_goal="Isät tulevat mukaan"
    )

    action = Action.objects.select_related("goal").get()
    assert action.title == {"fi": "Kahvilat auki isillekin."}
    assert action.goal.title == {"fi": "Isät tulevat mukaan"}
    assert response["Location"].startswith(at(plan))


def test_measure_without_a_goal_makes_nothing_and_keeps_what_was_typed(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    chosen = [block(plan, "Perhekahvila auki illalla.")]

    response = make_measure(client, plan, chosen, named_by="own", title_fi="Omat sanat")

    assert response.status_code == 422
    assert "Omat sanat" in response.text
    assert not Action.objects.exists()
    assert make_measure(client, plan, chosen, named_by="own", title_fi=" ", new_goal="Uusi").status_code == 422
    assert not Goal.objects.exists()


def test_gathering_nothing_says_what_to_do(client, plan, handbooks, coordinator):
    assert client.post(at(plan, "candidates-take"), {}).status_code == 422
    page = client.get(at(plan, "candidates-take"))
    assert page.status_code == 200
    assert at(plan) in page.text


def test_proposal_that_somebody_took_meanwhile_is_refused_with_its_measure(plan, handbooks):
    compile_plan(plan, by=None)
    goal = make_goal(plan)
    proposal = by_words(plan)["Kahvilalle ilta-aika."]
    gather(goal, [proposal], title={"fi": "Kahvila illalla"}, by=None)

    with pytest.raises(ValidationError) as error:
        gather(goal, [proposal], title={"fi": "Toinen"}, by=None)

    assert error.value.code == "already_taken"
    assert "Kahvila illalla" in error.value.messages[0]
    assert Action.objects.count() == 1


def test_proposal_of_a_measure_that_was_removed_waits_again(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    goal = make_goal(plan)
    proposal = by_words(plan)["Kahvilalle ilta-aika."]
    remove(gather(goal, [proposal], title={"fi": "Kahvila illalla"}, by=None), by=None)

    assert pieces(theme(client, plan))["Kahvilalle ilta-aika."].waits
    again = gather(goal, [proposal], title={"fi": "Toinen"}, by=None)
    assert plan.candidates.get(source_block_id=proposal.block.id).action == again


def test_proposal_waits_until_it_is_used_in_any_way_and_again_when_that_is_gone(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)

    def waiting():
        rows = client.get(url(plan, "compile-desk")).context["desk"].fed
        return next(row.candidates for row in rows if row.section.key == "tavoitteet"), loose_ends(
            plan
        ).waiting_candidates

    assert waiting() == (2, 2)
    client.post(at(plan, "lines-take"), {"answer": [block(plan, "Kahvilalle ilta-aika.")]})
    assert waiting() == (1, 1)
    action = gather(make_goal(plan), [by_words(plan)["Perhekahvila auki illalla."]], title={"fi": "Auki"}, by=None)
    assert waiting() == (0, 0)
    remove(action, by=None)
    assert waiting() == (1, 1)


def test_after_a_measure_the_page_stands_where_it_waits_next(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    first, second = block(plan, "Perhekahvila auki illalla."), block(plan, "Kahvilalle ilta-aika.")

    response = make_measure(client, plan, [first], named_by=first, goal=make_goal(plan).public_id)

    assert response["Location"] == f"{at(plan)}#c-{second}"


def test_needs_join_a_measure_as_its_sources(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    action = gather(make_goal(plan), [by_words(plan)["Kahvilalle ilta-aika."]], title={"fi": "Kahvila"}, by=None)

    client.post(at(plan, "candidates-join"), {"answer": [block(plan, "Isät puuttuvat.")], "action": action.public_id})

    assert Source.objects.filter(block_id=action.block_id).count() == 2
    missing = client.post(at(plan, "candidates-join"), {"answer": [block(plan, "Tilat ovat ahtaat.")]})
    assert missing.status_code == 422
    assert 'id="action-error"' in missing.text


# --- Outside the plan ---------------------------------------------------------------------------------------------


def test_leaving_out_without_a_reason_keeps_the_ticks_and_says_so_beside_the_field(
    client, plan, handbooks, coordinator
):
    compile_plan(plan, by=None)
    chosen = [block(plan, "Kahvilalle ilta-aika."), block(plan, "Perhekahvila auki illalla.")]

    response = client.post(at(plan, "lines-leave"), {"answer": chosen, "reason": " "})

    assert response.status_code == 422
    assert response.context["chosen"] == set(chosen)
    assert response.text.count(" checked>") >= 2
    assert 'id="reason-error"' in response.text
    assert not plan.candidates.filter(state=Candidate.State.LEFT).exists()


def test_proposals_and_needs_are_left_out_together_and_taken_back(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    answer(handbooks[1], Facet.DEVELOPMENT_NEED, "<p>Uusi tarve.</p>")
    chosen = [block(plan, "Kahvilalle ilta-aika."), block(plan, "Uusi tarve.")]

    client.post(at(plan, "lines-leave"), {"answer": chosen, "reason": "Ei nyt."})

    assert plan.candidates.get(source_block_id=chosen[0]).reason == "Ei nyt."
    assert NeedDecision.objects.get().block_id == chosen[1]
    assert {piece.words for piece, alone in theme(client, plan).left if alone} == {
        "Kahvilalle ilta-aika.",
        "Uusi tarve.",
    }
    client.post(at(plan, "lines-restore"), {"answer": chosen})
    assert not NeedDecision.objects.exists()
    assert plan.candidates.get(source_block_id=chosen[0]).state == Candidate.State.OPEN
    assert theme(client, plan).left == []


def test_what_stands_behind_a_measure_is_not_left_out(plan, handbooks):
    compile_plan(plan, by=None)
    proposal = by_words(plan)["Kahvilalle ilta-aika."]
    gather(make_goal(plan), [proposal], title={"fi": "Kahvila"}, by=None)

    with pytest.raises(ValidationError) as error:
        leave_answers(plan, [proposal], reason="Ei nyt.", by=None)

    assert error.value.code == "already_taken"
    assert take_back(plan, [proposal.block.id], by=None) == 0


# --- Similar proposals --------------------------------------------------------------------------------------------


@pytest.fixture
def cafes():
    return [make_handbook(make_area(key), {Facet.PROPOSED_ACTION: f"<p>{text}</p>"}) for key, text in CAFES.items()]


def test_similar_proposals_are_shown_together_with_the_reason(client, plan, cafes, coordinator):
    (group,) = theme(client, plan).alike

    assert [piece.words for piece in group.pieces] == list(CAFES.values())
    assert "perhekahvila" in group.words
    assert "perhekahvila" in client.get(at(plan)).text


def test_measure_of_the_plan_is_offered_to_a_late_proposal(client, plan, cafes, coordinator):
    compile_plan(plan, by=None)
    action = gather(make_goal(plan), [by_words(plan)[CAFES["oulu"]]], title={"fi": CAFES["oulu"]}, by=None)

    (group,) = theme(client, plan).alike

    assert [piece.words for piece in group.pieces] == [CAFES["lakeus"]]
    assert [own for _number, own in group.actions] == [action]


def test_told_apart_is_remembered(client, plan, cafes, coordinator):
    keys = [block(plan, text) for text in CAFES.values()]

    client.post(at(plan, "proposals-apart"), {"group": [*keys, "no-such"], "answer": keys})

    assert KeptApart.objects.count() == 1
    assert theme(client, plan).alike == []
    client.post(at(plan, "proposals-apart"), {"group": keys, "answer": keys})
    assert KeptApart.objects.count() == 1


def test_ticked_ones_are_told_from_the_rest_of_their_group(client, plan, cafes, coordinator):
    make_handbook(make_area("rannikko"), {Facet.PROPOSED_ACTION: "<p>Perhekahvila avataan lauantaisin iltaan.</p>"})
    keys = [block(plan, text) for text in (*CAFES.values(), "Perhekahvila avataan lauantaisin iltaan.")]

    client.post(at(plan, "proposals-apart"), {"group": keys, "answer": keys[:1], "ticked": "1"})

    assert KeptApart.objects.count() == 2
    (group,) = theme(client, plan).alike
    assert {piece.id for piece in group.pieces} == set(keys[1:])
    nothing = client.post(at(plan, "proposals-apart"), {"group": keys, "ticked": "1"})
    assert nothing.status_code == 422


def test_kept_apart_is_one_row_in_one_order(plan, cafes):
    one, other = sorted(block(plan, words) for words in CAFES.values())
    assert keep_apart(plan, [other, one], by=None) == 1
    assert keep_apart(plan, [one, other], by=None) == 0
    assert KeptApart.objects.values_list("one", "other").get() == (one, other)


def test_only_proposals_are_kept_apart_and_not_hundreds_at_once(client, plan, cafes, handbooks, coordinator):
    assert keep_apart(plan, [block(plan, words) for words in (*CAFES.values(), "Isät puuttuvat.")], by=None) == 1
    items = "".join(f"<li>Ehdotus {number}.</li>" for number in range(61))
    make_handbook(make_area("rannikko"), {Facet.PROPOSED_ACTION: f"<ul>{items}</ul>"})
    many = [block(plan, f"Ehdotus {number}.") for number in range(61)]

    response = client.post(at(plan, "proposals-apart"), {"group": many})

    assert response.status_code == 422
    assert "60" in response.context["error"]
    assert KeptApart.objects.count() == 1


def test_measure_of_several_begins_with_a_list_item_rather_than_running_text(client, plan, coordinator):
    make_handbook(answers={Facet.PROPOSED_ACTION: "<p>Perustelemme näin.</p><ul><li>Kahvila auki.</li></ul>"})
    chosen = [block(plan, "Perustelemme näin."), block(plan, "Kahvila auki.")]

    form = make_measure(client, plan, chosen).context["form"]

    assert (form["named_by"].value(), form["title_fi"].value()) == (chosen[1], "Kahvila auki.")
    assert [key for key, _label in form.fields["named_by"].choices] == [*chosen, "own"]


def test_hundreds_of_answers_become_one_measure(client, plan, coordinator):
    items = "".join(f"<li>Ehdotus {number}.</li>" for number in range(400))
    make_handbook(answers={Facet.PROPOSED_ACTION: f"<ul>{items}</ul>"})
    goal = make_goal(plan)
    chosen = [answer.block.id for answer in handed_in_answers(plan)]
    page = make_measure(client, plan, chosen)
    sent = re.findall(r'name="answer" value="([^"]+)"', page.text)

    make_measure(client, plan, sent, named_by=chosen[0], goal=goal.public_id)

    assert Source.objects.filter(block_id=Action.objects.get().block_id).count() == 400


# --- Changes ------------------------------------------------------------------------------------------------------


def test_all_changes_of_a_chapter_are_seen_at_once(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    before = texts(chapter(plan))
    answer(handbooks[0], Facet.DEVELOPMENT_NEED, "<p>Aivan muuta.</p>")
    answer(handbooks[1], Facet.DEVELOPMENT_NEED, "<p>Aivan uutta.</p>")
    shown = theme(client, plan, "nykytila")
    assert shown.changed == 3
    assert [row.count for row in shown.news] == [2, 1]

    client.post(at(plan, "sources-seen", "nykytila"), {"shown": " ".join(map(str, shown.news[0].seen))})
    assert theme(client, plan, "nykytila").changed == 1
    client.post(at(plan, "sources-seen", "nykytila"), {"shown": [str(row) for row in shown.seen]})

    assert theme(client, plan, "nykytila").changed == 0
    assert texts(chapter(plan)) == before


def test_all_changes_of_a_handbook_are_seen_from_the_desk(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    answer(handbooks[0], Facet.DEVELOPMENT_NEED, "<p>Aivan muuta.</p>")
    answer(handbooks[1], Facet.DEVELOPMENT_NEED, "<p>Aivan uutta.</p>")
    desk = client.get(url(plan, "compile-desk")).context["desk"]
    assert ([meter.stale for meter in desk.meters], desk.stale) == ([2, 1], 3)

    client.post(url(plan, "handbook-seen"), {"shown": [str(row) for row in desk.meters[1].changes]})
    assert client.get(url(plan, "compile-desk")).context["desk"].stale == 2
    client.post(url(plan, "handbook-seen"), {"shown": " ".join(map(str, desk.changes))})

    assert client.get(url(plan, "compile-desk")).context["desk"].stale == 0


def test_chosen_words_stay_chosen_while_the_answer_still_has_them(client, plan, handbooks, coordinator):
    need = block(plan, "Tilat ovat ahtaat.")
    client.post(at(plan, "lines-take", "nykytila"), {"answer": [need], f"quote-{need}": "ahtaat"})
    section = handbooks[1].document.sections.get(key="kohtaamispaikat-development_need")
    answer(handbooks[1], Facet.DEVELOPMENT_NEED, f'<p data-id="{ids(section)[0]}">Tilat ovat yhä ahtaat.</p>')

    shown = theme(client, plan, "nykytila").seen
    client.post(at(plan, "sources-seen", "nykytila"), {"shown": [str(row) for row in shown]})

    assert Source.objects.get().quote == "ahtaat"


@pytest.mark.parametrize("name", ["sources-seen", "handbook-seen"])
def test_only_the_words_that_were_shown_are_seen(client, plan, handbooks, coordinator, name):
    compile_plan(plan, by=None)
    answer(handbooks[0], Facet.SUCCESS, "<p>Perhekahvila toimii hienosti.</p>")
    answer(handbooks[1], Facet.DEVELOPMENT_NEED, "<p>Aivan uutta.</p>")
    shown = theme(client, plan, "nykytila")
    kept = ids(handbooks[0].document.sections.get(key="kohtaamispaikat-success"))[0]
    answer(handbooks[0], Facet.SUCCESS, f'<p data-id="{kept}">Perhekahvila suljettiin.</p>')

    address = at(plan, name, "nykytila") if name == "sources-seen" else url(plan, name)
    client.post(address, {"shown": [str(row) for row in shown.seen]})

    [left] = [change for row in theme(client, plan, "nykytila").news for change in row.changes]
    assert "suljettiin" in left.now
    assert mark_seen(plan, shown.news[0].seen, by=None) == (0, 1)
    # What somebody else has marked meanwhile is nothing to look at again.
    assert mark_seen(plan, shown.news[1].seen, by=None) == (0, 0)


# --- What is not used yet -----------------------------------------------------------------------------------------


def test_rest_lists_what_waits_by_handbook_and_question(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    rest = client.get(url(plan, "rest-list")).context["rest"]

    assert [(row.title, row.count) for row in rest.handbooks] == [("Käsikirja Oulu", 1), ("Käsikirja Lakeus", 1)]
    ((shown, chapters),) = rest.handbooks[0].questions[0].answers
    assert shown.text == "Perhekahvila auki illalla."
    assert [address.partition("?")[0] for _title, address in chapters] == [at(plan)]
    one = client.get(url(plan, "rest-list"), {"handbook": handbooks[1].document.public_id})
    assert [row.title for row in one.context["handbooks"]] == ["Käsikirja Lakeus"]


def test_rest_is_taken_or_left_out_and_counts_follow(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    one, other = block(plan, "Perhekahvila auki illalla."), block(plan, "Kahvilalle ilta-aika.")

    client.post(url(plan, "rest-take"), {"answer": [one], "section": "nykytila"})
    client.post(url(plan, "rest-leave"), {"answer": [other], "reason": "Ei nyt."})

    assert texts(chapter(plan))[-1] == "Perhekahvila auki illalla. (Oulu)"
    assert client.get(url(plan, "rest-list")).context["rest"].count == 0
    desk = client.get(url(plan, "compile-desk")).context["desk"]
    assert [(meter.use.used, meter.use.left, meter.use.waiting) for meter in desk.meters] == [(4, 0, 0), (1, 1, 0)]


@pytest.mark.parametrize(
    ("name", "fields", "where"),
    [
        ("rest-take", {}, 'role="alert"'),
        ("rest-take", {"answer": True}, 'id="section-error"'),
        ("rest-leave", {"answer": True}, 'id="reason-error"'),
        ("rest-leave", {"reason": "Ei nyt."}, 'role="alert"'),
    ],
)
def test_rest_says_what_is_missing_and_keeps_the_ticks(client, plan, handbooks, coordinator, name, fields, where):
    compile_plan(plan, by=None)
    one = block(plan, "Perhekahvila auki illalla.")
    chosen = {one} if fields.pop("answer", False) else set()

    response = client.post(url(plan, name), fields | {"answer": list(chosen)})

    assert response.status_code == 422
    assert where in response.text
    assert response.context["chosen"] == chosen


# --- Where a handbook's words went --------------------------------------------------------------------------------


def test_handbook_page_groups_by_section_and_tells_each_state_in_words(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    leave_answers(plan, [by_words(plan)["Perhekahvila auki illalla."]], reason="Ei nyt.", by=None)
    page = client.get(
        reverse(
            "plans:handbook-use",
            args=[plan.region.slug, handbooks[0].document.public_id, plan.document.public_id],
        )
    )

    sections = page.context["sections"]
    assert [(row.heading.partition(" ")[0], row.used, row.asked) for row in sections] == [
        ("1.1", 1, 1),
        ("1.2", 2, 2),
        ("1.3", 0, 1),
    ]
    assert "Ei nyt." in page.text
    counts = {state.value: count for state, count in page.context["counts"]}
    assert counts == {"used": 3, "left": 1, "waits": 0, "background": 0}


def test_chapter_of_a_handbook_with_words_of_its_own_is_one_landmark(client, plan, handbooks, coordinator):
    handbook = handbooks[0]
    own = handbook.document.sections.get(key="kohtaamispaikat")
    save_section(own, by=None, base=None, html={"fi": "<p>Tämä jäi ilman kysymystä.</p>"})
    hand_in(handbook)
    args = [plan.region.slug, handbook.document.public_id, plan.document.public_id]

    page = client.get(reverse("plans:handbook-use", args=args))

    assert "Tämä jäi ilman kysymystä." in page.text
    titles = re.findall(r'<section[^>]* aria-labelledby="([^"]+)"', page.text)
    names = [re.search(f'id="{title}"[^>]*>([^<]+)', page.text)[1].strip() for title in titles]
    assert names == ["1 Kohtaamispaikat"]


def test_handbook_page_tells_the_priority_that_a_need_came_into(client, plan, handbooks, coordinator):
    needs = [block(plan, words) for words in ("Isät puuttuvat.", "Tilat ovat ahtaat.")]
    group = add_group(plan, title={"fi": "Kaikki mahtuvat mukaan"}, block_ids=needs, by=None)
    args = [plan.region.slug, handbooks[0].document.public_id, plan.document.public_id]
    page = client.get(reverse("plans:handbook-use", args=args))
    assert "Kaikki mahtuvat mukaan" in page.text

    take_in_group(group, chapter=chapter(plan, "tavoitteet"), by=None)

    uses = {use.words: use for use in client.get(reverse("plans:handbook-use", args=args)).context["uses"]}
    assert "Kaikki mahtuvat mukaan" in uses["Isät puuttuvat."].priority
    assert uses["Aukioloajat ovat suppeat."].priority == ""


def test_need_that_its_group_left_for_later_is_considered_with_the_group_only(client, plan, handbooks, coordinator):
    group = add_group(plan, title={"fi": "Tilat"}, block_ids=[block(plan, "Tilat ovat ahtaat.")], by=None)
    leave_group(group, reason="Rahaa ei ole.", by=None)

    ((piece, alone),) = theme(client, plan, "nykytila").left

    assert (piece.reason, alone) == ("Rahaa ei ole.", False)
    assert at(plan, "lines-restore", "nykytila") not in client.get(at(plan, key="nykytila")).text


def test_handed_in_version_is_read_once_in_the_life_of_a_process(plan, handbooks, django_assert_num_queries):
    handed_in_answers(plan)

    with django_assert_num_queries(2):
        assert len(handed_in_answers(plan)) == 6
    answer(handbooks[1], Facet.DEVELOPMENT_NEED, "<p>Uusi tarve.</p>")
    assert "Uusi tarve." in by_words(plan)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", ["chapter-detail", "rest-list"])
def test_desk_query_count_is_constant(client, plan, coordinator, django_assert_num_queries, name, count):
    for number in range(count):
        proposals = "".join(f"<li>Perhekahvila auki iltaisin {item}.</li>" for item in range(count))
        make_handbook(make_area(f"alue-{number}"), {Facet.PROPOSED_ACTION: f"<ul>{proposals}</ul>"})
    compile_plan(plan, by=None)
    address = at(plan) if name == "chapter-detail" else url(plan, name)

    with django_assert_num_queries({"chapter-detail": 29, "rest-list": 17}[name]):
        assert client.get(address).status_code == 200


def test_section_of_the_plan_that_no_handbook_feeds_has_no_desk(client, plan, handbooks, coordinator):
    Section.objects.filter(document=plan.document, key="nykytila").get().feed.delete()

    assert client.get(at(plan, key="nykytila")).status_code == 404
