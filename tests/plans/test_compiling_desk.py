"""One chapter on the compile desk: the table, what each button does, and that nothing ticked or typed is lost."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from documents.models import Section
from plans.answers import handed_in_answers
from plans.models import Action, Candidate, Goal, KeptApart, NeedDecision, Source
from plans.services.compiling import compile_plan
from plans.services.goals import remove
from plans.services.lines import take_in_lines
from plans.services.needs import add_group
from plans.services.plans import set_feed
from plans.services.priorities import leave_group, take_in_group
from plans.services.proposals import gather, keep_apart, leave_answers, take_back
from tests.documents.factories import ids, texts

from .factories import (
    Facet,
    answer,
    chapter,
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
        (Facet.SUCCESS, False),
        (Facet.DEVELOPMENT_NEED, False),
        (Facet.PROPOSED_ACTION, True),
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
    return client.post(f"{at(plan, 'candidates-take')}?{'&'.join(f'answer={key}' for key in chosen)}", fields)


def test_ticked_answers_are_all_shown_and_one_gives_its_words(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    goal = make_goal(plan)
    chosen = [block(plan, "Perhekahvila auki illalla."), block(plan, "Kahvilalle ilta-aika.")]
    asked = client.post(at(plan, "candidates-take"), {"answer": chosen})

    page = client.get(asked["Location"])
    assert "Perhekahvila auki illalla. (Oulu)" in page.text
    assert "Kahvilalle ilta-aika. (Lakeus)" in page.text
    client.post(
        asked["Location"],
        {
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
    assert keep_apart(plan, ["b", "a"], by=None) == 1
    assert keep_apart(plan, ["a", "b"], by=None) == 0
    assert KeptApart.objects.values_list("one", "other").get() == ("a", "b")


# --- Changes ------------------------------------------------------------------------------------------------------


def test_all_changes_of_a_chapter_are_seen_at_once(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    before = texts(chapter(plan))
    answer(handbooks[0], Facet.DEVELOPMENT_NEED, "<p>Aivan muuta.</p>")
    answer(handbooks[1], Facet.DEVELOPMENT_NEED, "<p>Aivan uutta.</p>")
    shown = theme(client, plan, "nykytila")
    assert shown.changed == 3
    assert [row.count for row in shown.news] == [2, 1]

    client.post(at(plan, "sources-seen", "nykytila"), {"handbook": handbooks[0].document.public_id})
    assert theme(client, plan, "nykytila").changed == 1
    client.post(at(plan, "sources-seen", "nykytila"))

    assert theme(client, plan, "nykytila").changed == 0
    assert texts(chapter(plan)) == before


def test_all_changes_of_a_handbook_are_seen_from_the_desk(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    answer(handbooks[0], Facet.DEVELOPMENT_NEED, "<p>Aivan muuta.</p>")
    answer(handbooks[1], Facet.DEVELOPMENT_NEED, "<p>Aivan uutta.</p>")
    desk = client.get(url(plan, "compile-desk")).context["desk"]
    assert ([meter.stale for meter in desk.meters], desk.stale) == ([2, 1], 3)

    client.post(url(plan, "handbook-seen"), {"handbook": handbooks[1].document.public_id})
    assert client.get(url(plan, "compile-desk")).context["desk"].stale == 2
    client.post(url(plan, "handbook-seen"))

    assert client.get(url(plan, "compile-desk")).context["desk"].stale == 0


def test_chosen_words_stay_chosen_while_the_answer_still_has_them(client, plan, handbooks, coordinator):
    need = block(plan, "Tilat ovat ahtaat.")
    client.post(at(plan, "lines-take", "nykytila"), {"answer": [need], f"quote-{need}": "ahtaat"})
    section = handbooks[1].document.sections.get(key="kohtaamispaikat-development_need")
    answer(handbooks[1], Facet.DEVELOPMENT_NEED, f'<p data-id="{ids(section)[0]}">Tilat ovat yhä ahtaat.</p>')

    client.post(at(plan, "sources-seen", "nykytila"))

    assert Source.objects.get().quote == "ahtaat"


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

    with django_assert_num_queries({"chapter-detail": 30, "rest-list": 17}[name]):
        assert client.get(address).status_code == 200


def test_section_of_the_plan_that_no_handbook_feeds_has_no_desk(client, plan, handbooks, coordinator):
    Section.objects.filter(document=plan.document, key="nykytila").get().feed.delete()

    assert client.get(at(plan, key="nykytila")).status_code == 404
