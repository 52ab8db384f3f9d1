"""Goals and measures as a table: rows edited where they stand, moved, found, changed together; what is remembered."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from documents import frozen
from documents.models import Conflict
from documents.services.versions import freeze
from plans.goal_page import PER_PAGE, GoalFilter, goal_list
from plans.history import history_of
from plans.models import Action, ActionEuro, ActionRole, ExtraField, Source, StatusEntry
from plans.services.bulk import BulkChange, change_together
from plans.services.extra import set_extra_fields
from plans.services.goals import (
    add_action,
    add_status,
    change_action,
    current_block,
    move_action,
    remove,
    set_indicator_value,
)
from tests.documents.factories import fresh, head
from tests.regions.factories import OrganisationFactory, OrganisationGroupFactory

from .factories import chapter, make_area, make_coordinator, make_full_goal, make_goal, make_handbook, make_plan
from .test_goals import filled
from .test_views import said, url

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def plan():
    return make_plan()


@pytest.fixture
def coordinator(client, plan):
    user = make_coordinator(plan.region)
    client.force_login(user)
    return user


def party(row):
    return f"{'organisation' if row._meta.model_name == 'organisation' else 'group'}:{row.public_id}"


def numbers(listed):
    return [action.number for part in listed.sections for goal in part.goals for action in goal.actions]


def found(plan, **wanted):
    listed = goal_list(plan, GoalFilter(**wanted))
    return numbers(listed) or [action.number for action in listed.measures]


# --- A row is edited where it stands ------------------------------------------------------------------------------


def test_table_and_cards_show_the_same_measures(client, plan, coordinator):
    make_full_goal(plan)

    cards = client.get(url(plan, "goal-list"))
    table = client.get(url(plan, "goal-list"), {"view": "table"})

    assert "fc-goal-sheet" in cards.text and "fc-goal-row" not in cards.text
    assert "fc-goal-row" in table.text and "fc-goal-sheet" not in table.text
    assert '<td data-label="Yhteistyötahot" data-field="partners"><span>Seurakunta</span>' in table.text
    assert "<strong>Perheyhdistys</strong>" in table.text
    assert "1.8.2024–31.12.2024" in table.text and "syksy 2024" in table.text
    assert 'name="view" value="table"' in table.text


def test_row_turns_into_a_form_and_back(client, plan, coordinator):
    action = make_full_goal(plan).actions.get()
    page = url(plan, "action-edit", action.public_id)

    form = client.get(page, {"part": "row", "back": "view=table"}, **HTMX)
    assert form.text.startswith(f'<tr class="fc-form-row" id="b-{action.block_id}">')
    assert "description_fi" not in form.text and "euros_2024" not in form.text

    data = filled(form) | {"part": "row", "back": "view=table"}
    saved = client.post(page, {**data, "title_fi": "Toinen", "status": "in_progress", "resources": ["project"]}, **HTMX)

    assert saved.status_code == 200
    assert saved.text.strip().startswith(f'<tr id="b-{action.block_id}" data-announce="')
    assert "data-focus" in saved.text and "Toinen" in saved.text and 'data-field="partners"' in saved.text
    action.refresh_from_db()
    assert (action.title, action.resources, action.status.status) == ({"fi": "Toinen"}, ["project"], "in_progress")
    # What the row does not show is as it was.
    assert [(row.year, row.amount) for row in action.euros.all()] == [(2024, Decimal(12000))]
    assert action.schedule == {"fi": "syksy 2024"}

    shown = client.get(page, {"part": "shown", "back": "view=table"}, **HTMX)
    assert shown.text.strip().startswith(f'<tr id="b-{action.block_id}"') and "<form class=" in shown.text
    assert "data-row-form" not in shown.text


def test_row_keeps_what_was_typed_beside_the_fault(client, plan, coordinator):
    action = make_full_goal(plan).actions.get()
    page = url(plan, "action-edit", action.public_id)
    data = filled(client.get(page, {"part": "row"}, **HTMX)) | {"part": "row"}

    response = client.post(page, {**data, "title_fi": "Kirjoitettu", "ends_on": "32.1.2024"}, **HTMX)

    assert response.status_code == 422
    assert response.headers["HX-Retarget"] == f"#b-{action.block_id}"
    assert "Kirjoitettu" in response.text and "32.1.2024" in response.text and 'class="errorlist"' in response.text
    assert f'id="row-{action.block_id}-ends_on_error"' in response.text
    action.refresh_from_db()
    assert action.title == {"fi": "Perhekahvila avataan iltaisin."}


def test_row_merges_with_what_another_changed_meanwhile(client, plan, coordinator):
    action = add_action(make_goal(plan), title={"fi": "Alku"}, by=None)
    page = url(plan, "action-edit", action.public_id)
    data = filled(client.get(page, {"part": "row"}, **HTMX)) | {"part": "row"}
    change_action(action, title={"fi": "Toisen"}, by=None)
    add_status(action, status="done", date=datetime.date(2024, 1, 1), by=None)

    client.post(page, {**data, "schedule_fi": "kevät 2025"}, **HTMX)

    action.refresh_from_db()
    assert (action.title, action.schedule) == ({"fi": "Toisen"}, {"fi": "kevät 2025"})
    # The writer did not touch the status, which another had noted after she opened the row.
    assert [row.status for row in StatusEntry.objects.all()] == ["done"]


def test_conflict_in_a_row_leads_to_where_it_is_settled(client, plan, coordinator):
    action = make_full_goal(plan).actions.get()
    page = url(plan, "action-edit", action.public_id)
    data = filled(client.get(page, {"part": "row"}, **HTMX)) | {"part": "row"}
    change_action(action, title={"fi": "Toisen"}, by=None)

    response = client.post(page, {**data, "title_fi": "Oma"}, **HTMX)

    assert response.headers["HX-Redirect"].endswith("/s/tavoitteet/#conflicts")
    assert {row.unit for row in Conflict.objects.all()} >= {"title"}


def test_goal_is_edited_in_its_row(client, plan, coordinator):
    goal = make_goal(plan, rationale={"fi": "Syy"}, criteria=["management"])
    page = url(plan, "goal-edit", goal.public_id)
    form = client.get(page, {"part": "row", "back": "view=table"}, **HTMX)
    assert "rationale_fi" not in form.text

    data = filled(form) | {"part": "row", "back": "view=table"}
    response = client.post(page, {**data, "title_fi": "Uusi", "criteria": ["meeting_place"]}, **HTMX)

    goal.refresh_from_db()
    assert (goal.title, goal.rationale) == ({"fi": "Uusi"}, {"fi": "Syy"})
    assert [row.key for row in goal.criteria.all()] == ["meeting_place"]
    assert response.text.startswith('<tr class="fc-goal-row"') and "Uusi" in response.text


def test_measure_is_added_right_after_another(client, plan, coordinator):
    goal = make_goal(plan)
    first, _last = (add_action(goal, title={"fi": title}, by=None) for title in ("Yksi", "Kolme"))
    page = f"{url(plan, 'action-add', goal.public_id)}?after={first.public_id}"

    form = client.get(f"{page}&part=row", **HTMX)
    assert f'id="new-{first.block_id}"' in form.text
    wrong = client.post(page, {"title_fi": "", "part": "row"}, **HTMX)
    assert (wrong.status_code, wrong.headers["HX-Retarget"]) == (422, f"#new-{first.block_id}")
    done = client.post(page, {"title_fi": "Kaksi", "part": "row", "back": "view=table"}, follow=True, **HTMX)

    assert [row.title["fi"] for row in goal.actions.order_by("position")] == ["Yksi", "Kaksi", "Kolme"]
    assert done.text.strip().startswith('<div id="listed" data-announce="')
    added = Action.objects.get(title={"fi": "Kaksi"})
    assert f"measures/{added.public_id}/edit/?part=row&amp;back=view%3Dtable" in done.text
    assert done.text.count("data-focus") == 1


def test_order_is_changed_in_place_and_the_list_stays_as_it_was(client, plan, coordinator):
    goal = make_goal(plan)
    first, second = (add_action(goal, title={"fi": title}, by=None) for title in ("Yksi", "Kaksi"))

    response = client.post(url(plan, "action-up", second.public_id), {"back": "view=table&q=a&evil=//x"})
    assert response.url == f"{url(plan, 'goal-list')}?view=table&q=a#b-{second.block_id}"

    done = client.post(url(plan, "action-up", first.public_id), {"back": "view=table"}, follow=True, **HTMX)
    assert "<html" not in done.text and "fc-goal-row" in done.text
    assert [row.title["fi"] for row in goal.actions.order_by("position")] == ["Yksi", "Kaksi"]


# --- Between goals --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["tavoitteet", "nykytila"])
def test_measure_moves_to_another_goal(client, plan, coordinator, key):
    goal = make_full_goal(plan)
    action = goal.actions.get()
    other = make_goal(plan, "Toinen", key=key)
    stays = add_action(other, title={"fi": "Oli jo"}, by=None)
    add_status(action, status="done", date=datetime.date(2024, 1, 1), by=None)
    before = {section: head(chapter(plan, section)) for section in {"tavoitteet", key}}
    assert client.post(url(plan, "action-move", action.public_id), {"goal": goal.public_id}).status_code == 422

    response = client.post(url(plan, "action-move", action.public_id), {"goal": other.public_id})

    assert response.status_code == 302
    moved = Action.objects.get(pk=action.pk)
    assert (moved.goal, moved.section.key, moved.removed_at, moved.status.status) == (other, key, None, "done")
    assert [row.pk for row in other.actions.filter(removed_at=None).order_by("position")] == [stays.pk, moved.pk]
    assert current_block(moved).data["goal"] == other.block_id
    assert {section: head(chapter(plan, section)) for section in before} != before
    assert all(head(chapter(plan, section)).number == revision.number + 1 for section, revision in before.items())
    assert found(plan) == ["1.1", "1.2"] if key == "nykytila" else ["2.1", "2.2"]


def test_measure_cannot_move_to_a_removed_goal_or_another_plan(plan):
    action = make_full_goal(plan).actions.get()
    gone, foreign = make_goal(plan, "Poistuva"), make_goal(make_plan(), "Vieras")
    remove(gone, by=None)

    with pytest.raises(ValidationError):
        move_action(action, goal=gone, by=None)
    with pytest.raises(ValueError, match="its own plan"):
        move_action(action, goal=foreign, by=None)


# --- Finding --------------------------------------------------------------------------------------------------------


@pytest.fixture
def measures(plan):
    """Three measures under two goals."""
    goal = make_full_goal(plan)
    other = make_goal(plan, "Isät mukaan", criteria=["management"])
    kunta = OrganisationFactory(region=plan.region, name_fi="Kunta")
    group = OrganisationGroupFactory(region=plan.region, name_fi="Kaikki")
    second = add_action(
        other,
        title={"fi": "Ääni kuuluviin"},
        description={"fi": "Isäkuukausi alkaa"},
        roles=[(party(kunta), "owner")],
        starts_on=datetime.date(2025, 3, 1),
        by=None,
    )
    third = add_action(other, title={"fi": "Jatkuva"}, roles=[(party(group), "partner")], by=None)
    add_status(second, status="done", date=datetime.date(2025, 4, 1), by=None)
    return {"kunta": kunta, "group": group, "first": goal.actions.get(), "second": second, "third": third}


def test_measures_are_found_by_who_when_what_and_how(plan, measures):
    lead = party(measures["first"].roles.get(role="lead").organisation)
    assert found(plan, organisation=lead) == ["1.1"]
    assert found(plan, organisation=lead, role="partner") == []
    assert found(plan, role="partner") == ["1.1", "2.2"]
    assert found(plan, organisation=party(measures["group"])) == ["2.2"]
    assert found(plan, criterion="management") == ["2.1", "2.2"]
    assert found(plan, year="2024") == ["1.1"]
    assert found(plan, year="2025") == ["2.1"]
    assert found(plan, year="2023") == []
    assert found(plan, year="none") == ["2.2"]
    assert found(plan, status="done") == ["2.1"]
    assert found(plan, status="none") == ["1.1", "2.2"]
    assert found(plan, q="ääni") == ["2.1"]
    assert found(plan, q="ISÄKUUKAUSI kunta") == ["2.1"]
    assert found(plan, q="isät") == ["2.1", "2.2"]
    assert found(plan, q="nothing") == []


def test_measures_are_found_by_the_area_they_came_from(plan, measures):
    handbook = make_handbook(make_area("oulu"))
    Source.objects.create(
        region=plan.region,
        plan=plan,
        block_id=measures["third"].block_id,
        handbook=handbook.document,
        version=handbook.handed_in,
        source_block_id="abc",
        section_key="x",
        text_hash="x",
    )

    assert found(plan, area="oulu") == ["2.2"]
    assert found(plan, area="lakeus") == []


def test_measures_are_put_in_order(plan, measures):
    assert found(plan, sort="starts") == ["1.1", "2.1", "2.2"]
    assert found(plan, sort="ends") == ["1.1", "2.1", "2.2"]
    assert found(plan, sort="status") == ["2.1", "1.1", "2.2"]
    assert found(plan, sort="organisation") == ["2.2", "2.1", "1.1"]
    assert found(plan, sort="organisation", status="none") == ["2.2", "1.1"]


def test_list_says_how_many_there_are_of_what(client, plan, measures, coordinator):
    page = client.get(url(plan, "goal-list"), {"organisation": party(measures["kunta"]), "view": "table"})

    assert (page.context["listed"].shown, page.context["listed"].total) == (1, 3)
    assert [(kind, number) for kind, _label, number in page.context["counts"]] == [("done", 1)]
    assert 'name="back" value="view=table&amp;organisation=' in page.text


def test_long_list_is_paged_and_leads_back_to_the_right_page(client, plan, coordinator):
    goal = make_goal(plan)
    actions = [add_action(goal, title={"fi": f"Toimi {n}"}, by=None) for n in range(PER_PAGE + 3)]

    page = client.get(url(plan, "goal-list"), {"page": "2"})
    assert numbers(page.context["listed"]) == ["1.51", "1.52", "1.53"]
    response = client.post(url(plan, "action-up", actions[-1].public_id), {"back": "view=table"})
    assert response.url.endswith(f"?view=table&at={actions[-1].block_id}#b-{actions[-1].block_id}")
    assert numbers(client.get(response.url).context["listed"]) == ["1.51", "1.52", "1.53"]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("query", [{}, {"view": "table"}, {"q": "a"}, {"sort": "starts"}, {"area": "oulu"}])
def test_table_query_count_is_constant(client, plan, coordinator, django_assert_max_num_queries, count, query):
    make_area("oulu")
    set_extra_fields(plan, names=[{"fi": "Rivi"}], by=None)
    for number in range(count):
        add_action(make_full_goal(plan, f"Tavoite {number}"), title={"fi": "Lisää"}, extra={"1": "x"}, by=None)
    client.get(url(plan, "goal-list"), query)
    with django_assert_max_num_queries(23):
        client.get(url(plan, "goal-list"), query)


# --- Together -------------------------------------------------------------------------------------------------------


def test_measures_are_changed_together_after_a_preview(client, plan, measures, coordinator):
    page = url(plan, "actions-change")
    rows = [measures[name].public_id for name in ("first", "second", "third")]
    kunta = party(measures["kunta"])
    before = head(chapter(plan, "tavoitteet")).number

    form = client.get(page, {"row": rows, "back": "view=table"})
    assert [row.number for row in form.context["chosen"]] == ["1.1", "2.1", "2.2"]
    sent = {"row": rows, "lead": kunta, "status": "in_progress", "date": "1.5.2025", "ends_on": "31.12.2025"}
    preview = client.post(page, {**sent, "step": "preview", "back": "view=table"})
    assert head(chapter(plan, "tavoitteet")).number == before
    assert len(preview.context["changes"]) == 3
    assert "Perheyhdistys" in preview.text and "<ins>" in preview.text

    sent |= {"step": "apply", "heads": preview.context["heads"], "back": "view=table"}
    done = client.post(page, sent)

    assert done.url == f"{url(plan, 'goal-list')}?view=table"
    assert "3" in said(done)[0]
    for action in Action.objects.all():
        assert action.roles.get(role="lead").organisation == measures["kunta"]
        assert (action.status.status, action.status.by) == ("in_progress", coordinator)
        assert action.ends_on == datetime.date(2025, 12, 31)
    assert head(chapter(plan, "tavoitteet")).number == before + 1
    # Who was responsible or took part otherwise still is.
    assert measures["first"].roles.get(role="partner").organisation.name_fi == "Seurakunta"


def test_all_that_the_filter_keeps_are_chosen_at_once(client, plan, measures, coordinator):
    page = client.get(url(plan, "actions-change"), {"all": "1", "back": "status=none"})
    assert [row.number for row in page.context["chosen"]] == ["1.1", "2.2"]
    assert client.get(url(plan, "actions-change")).status_code == 302


def test_together_merges_what_another_changed_and_keeps_conflicts(plan, measures):
    first, second = measures["first"], measures["second"]
    heads = {"tavoitteet": head(chapter(plan, "tavoitteet")).number}
    change_action(Action.objects.get(pk=first.pk), title={"fi": "Toisen"}, ends_on=datetime.date(2027, 1, 1), by=None)
    remove(Action.objects.get(pk=second.pk), by=None)

    done = change_together(
        plan,
        action_ids=[first.public_id, second.public_id],
        heads=heads,
        change=BulkChange(ends_on=datetime.date(2026, 1, 1), add_partners=[party(measures["kunta"])]),
        by=None,
    )

    assert (done.changed, done.gone) == (1, 1)
    assert {row.unit for row in done.conflicts} == {"ends_on", "roles"}
    first.refresh_from_db()
    assert (first.title, first.ends_on) == ({"fi": "Toisen"}, datetime.date(2027, 1, 1))


def test_nothing_changes_together_when_one_would_end_before_it_starts(client, plan, measures, coordinator):
    page = url(plan, "actions-change")
    rows = [measures[name].public_id for name in ("first", "second")]
    before = head(chapter(plan, "tavoitteet"))
    sent = {"row": rows, "ends_on": "1.1.2025"}

    preview = client.post(page, {**sent, "step": "preview"})
    assert preview.context["problems"] == 1
    again = client.post(page, {**sent, "step": "apply", "heads": preview.context["heads"]})

    assert again.status_code == 200 and again.context["problems"] == 1
    assert head(chapter(plan, "tavoitteet")) == before


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "__all__"),
        ({"status": "done", "date": ""}, "date"),
        ({"status": "done", "date": "1.1.2999"}, "date"),
        ({"starts_on": "1.2.2025", "ends_on": "1.1.2025"}, "ends_on"),
        ({"lead": "organisation:x"}, "lead"),
    ],
)
def test_together_says_what_is_wrong(client, plan, measures, coordinator, sent, field):
    response = client.post(
        url(plan, "actions-change"), {"row": [measures["first"].public_id], "step": "preview", **sent}
    )

    assert response.status_code == 422
    assert field in response.context["form"].errors


def test_together_without_a_known_start_changes_nothing(client, plan, measures, coordinator):
    before = head(chapter(plan, "tavoitteet"))
    sent = {"row": [measures["first"].public_id], "lead": "-", "step": "apply", "heads": "forged"}

    assert client.post(url(plan, "actions-change"), sent).status_code == 422
    assert head(chapter(plan, "tavoitteet")) == before


def test_together_takes_no_query_for_each_measure(plan, coordinator):
    goal, owner = make_goal(plan), OrganisationFactory(region=plan.region)
    change = BulkChange(status="done", lead=party(owner), ends_on=datetime.date(2025, 12, 31))
    taken = []
    for count in (2, 20):
        ids = [
            add_action(goal, title={"fi": f"Toimi {place}"}, euros={2024: 100}, by=None).public_id
            for place in range(count)
        ]
        heads = {goal.section.key: fresh(goal.section).head.number}
        with CaptureQueriesContext(connection) as captured:
            done = change_together(plan, action_ids=ids, heads=heads, change=change, by=coordinator)
        assert done.changed == count
        assert {str(row.ends_on) for row in Action.objects.filter(public_id__in=ids)} == {"2025-12-31"}
        assert ActionRole.objects.filter(action__public_id__in=ids, organisation=owner, role="lead").count() == count
        assert ActionEuro.objects.filter(action__public_id__in=ids, amount=100).count() == count
        taken.append(len(captured))
    assert taken[1] - taken[0] <= 2


def test_both_dates_move_past_each_other_together(plan):
    """Between the two a measure would end before it starts."""
    action = add_action(
        make_goal(plan),
        title={"fi": "Toimi"},
        starts_on=datetime.date(2023, 1, 1),
        ends_on=datetime.date(2023, 6, 1),
        by=None,
    )
    change = BulkChange(starts_on=datetime.date(2025, 1, 1), ends_on=datetime.date(2025, 6, 1))
    heads = {action.section.key: fresh(action.section).head.number}
    assert change_together(plan, action_ids=[action.public_id], heads=heads, change=change, by=None).changed == 1
    action.refresh_from_db()
    assert (action.starts_on.year, action.ends_on.year) == (2025, 2025)


def test_roles_together():
    roles = [("a", "lead"), ("b", "owner"), ("c", "partner")]
    assert BulkChange(lead="b").roles(roles) == [("b", "lead"), ("c", "partner")]
    assert BulkChange(lead="").roles(roles) == [("b", "owner"), ("c", "partner")]
    assert BulkChange(add_owners=["c"]).roles(roles) == [("a", "lead"), ("b", "owner"), ("c", "owner")]
    assert BulkChange(add_partners=["a", "d"]).roles(roles) == [*roles, ("d", "partner")]
    assert BulkChange(remove=["a", "c"]).roles(roles) == [("b", "owner")]


# --- Remembered -----------------------------------------------------------------------------------------------------


def test_history_of_a_measure_tells_each_field_and_brings_it_back(client, plan, coordinator):
    goal = make_full_goal(plan)
    action = goal.actions.get()
    number = head(chapter(plan, "tavoitteet")).number
    make_goal(plan, "Ei kuulu tähän")
    change_action(action, title={"fi": "Uusi nimi"}, ends_on=datetime.date(2025, 6, 1), by=coordinator)
    page = url(plan, "action-history", action.public_id)

    shown = client.get(page)

    changes = shown.context["history"].changes
    assert [change.revision.author for change in changes] == [coordinator, None]
    labels = [field.label for field in changes[0].fields]
    assert "Loppuu" in labels or "Päättyy" in labels
    assert "<del" in shown.text and "Perheyhdistys" in shown.text
    (form,) = [part for part in shown.text.split('action="') if "/restore/" in part.split('"')[0]]
    assert form.startswith(url(plan, "action-restore", action.public_id, "tavoitteet", number))

    client.post(url(plan, "action-restore", action.public_id, "tavoitteet", number))

    action.refresh_from_db()
    assert action.title == {"fi": "Perhekahvila avataan iltaisin."}
    assert action.ends_on == datetime.date(2024, 12, 31)
    assert action.roles.count() == 2
    assert next(change.revision.origin for change in history_of(action).changes) == "restored"


def test_measure_that_was_moved_is_restored_where_it_is_now(client, plan, coordinator):
    goal = make_full_goal(plan)
    action = goal.actions.get()
    number = head(chapter(plan, "tavoitteet")).number
    other = make_goal(plan, "Toinen", key="nykytila")
    change_action(action, title={"fi": "Uusi nimi"}, by=None)
    move_action(action, goal=other, by=None)

    client.post(url(plan, "action-restore", action.public_id, "tavoitteet", number))

    action.refresh_from_db()
    assert (action.title["fi"], action.goal, action.removed_at) == ("Perhekahvila avataan iltaisin.", other, None)
    assert len(history_of(action).changes) == 4


@pytest.mark.parametrize("kind", ["goal", "indicator"])
def test_history_of_goals_and_indicators(client, plan, coordinator, kind):
    goal = make_full_goal(plan)
    row = goal if kind == "goal" else goal.indicators.get()
    assert len(client.get(url(plan, f"{kind}-history", row.public_id)).context["history"].changes) == 1


def test_history_query_count_does_not_grow(client, plan, coordinator, django_assert_max_num_queries):
    action = make_full_goal(plan).actions.get()
    for number in range(5):
        change_action(action, title={"fi": f"Nimi {number}"}, by=coordinator)
    client.get(url(plan, "action-history", action.public_id))
    with django_assert_max_num_queries(20):
        client.get(url(plan, "action-history", action.public_id))


# --- Extra fields ---------------------------------------------------------------------------------------------------


@pytest.fixture
def with_extra(plan):
    set_extra_fields(plan, names=[{"fi": "Momentti"}, {"fi": "Yhteyshenkilö"}], by=None)
    return plan


def test_extra_fields_are_edited_shown_and_remembered(client, with_extra, coordinator):
    plan = with_extra
    action = make_full_goal(plan).actions.get()
    page = url(plan, "action-edit", action.public_id)

    client.post(page, {**filled(client.get(page)), "extra_1": "4510-SALAINEN"})

    action.refresh_from_db()
    assert action.extra == {"1": "4510-SALAINEN"}
    for query in ({}, {"view": "table"}):
        assert "4510-SALAINEN" in client.get(url(plan, "goal-list"), query).text
    assert "Momentti" in client.get(url(plan, "action-history", action.public_id)).text
    assert found(plan, q="salainen") == ["1.1"]
    # Who changes a measure without knowing of them leaves them as they are.
    change_action(action, title={"fi": "Toinen"}, by=None)
    action.refresh_from_db()
    assert action.extra == {"1": "4510-SALAINEN"}


def test_extra_fields_are_in_no_version(client, with_extra, coordinator):
    plan = with_extra
    action = make_full_goal(plan).actions.get()
    change_action(action, title={"fi": "Avataan"}, extra={"1": "SALAINEN"}, by=None)

    version = freeze(plan.document, by=None)

    assert b"SALAINEN" not in bytes(version.content)
    block = next(block for block in frozen.read(version).blocks() if block.id == action.block_id)
    assert not {"extra_1", "extra_2"} & block.data.keys()
    assert "SALAINEN" not in client.get(plan.document.get_absolute_url()).text
    assert "SALAINEN" not in client.get(version.get_absolute_url()).text


def test_extra_field_that_goes_takes_its_values_along(client, with_extra, coordinator):
    plan = with_extra
    action = make_full_goal(plan).actions.get()
    change_action(action, title={"fi": "Avataan"}, extra={"1": "Vanha", "2": "Jää"}, by=None)
    page = url(plan, "extra-field-list")

    client.post(page, {"name1_fi": "", "name2_fi": "Uusi nimi"})

    action.refresh_from_db()
    assert action.extra == {"2": "Jää"}
    assert [(row.place, row.name) for row in ExtraField.objects.all()] == [(2, {"fi": "Uusi nimi"})]
    client.post(page, {"name1_fi": "Toinen kenttä", "name2_fi": "Uusi nimi"})
    action.refresh_from_db()
    assert action.extra == {"2": "Jää"}
    with pytest.raises(ValidationError):
        set_extra_fields(plan, names=[{}, {}, {"fi": "Kolmas"}], by=None)


# --- What is measured -----------------------------------------------------------------------------------------------


def test_figures_by_year_and_area_are_written_in_the_browser(client, plan, coordinator):
    indicator = make_full_goal(plan).indicators.get()
    area = make_area("oulu", plan.region)
    page = url(plan, "indicator-values", indicator.public_id)
    data = filled(client.get(page))
    assert data["v_2023_0"] == "4"

    response = client.post(page, {**data, "v_2023_0": "", f"v_2024_{area.pk}": "5,5", "v_2025_0": "7"})

    assert response.status_code == 302
    found_values = [(row.year, row.area, row.value) for row in indicator.values.order_by("year")]
    assert found_values == [(2024, area, Decimal("5.5")), (2025, None, Decimal(7))]
    # Figures that another wrote after the page was opened stay.
    client.post(page, {**data, "v_2022_0": "1"})
    assert indicator.values.count() == 3


def test_figures_say_what_is_wrong(client, plan, coordinator):
    indicator = make_full_goal(plan).indicators.get()
    page = url(plan, "indicator-values", indicator.public_id)
    data = filled(client.get(page))

    for sent in ({**data, "v_2024_0": "paljon"}, {**data, "was": "x"}):
        assert client.post(page, sent).status_code == 422
    assert indicator.values.count() == 1
    assert fresh(indicator.section).head


def test_figures_that_another_noted_meanwhile_stay(client, plan, coordinator):
    """A form that was open all the while writes only what its writer changed in it."""
    indicator = make_full_goal(plan).indicators.get()
    address = url(plan, "indicator-edit", indicator.public_id)
    sent = filled(client.get(address))
    set_indicator_value(indicator, year=2024, value=77, by=None)

    assert client.post(address, {**sent, "value_2025": "9,5"}).status_code == 302
    measured = dict(indicator.values.filter(area=None).values_list("year", "value"))
    assert (measured[2024], measured[2025]) == (77, Decimal("9.5"))

    assert client.post(address, {**sent, "was": "muu", "value_2025": "1"}).status_code == 422
    assert indicator.values.get(year=2025, area=None).value == Decimal("9.5")
