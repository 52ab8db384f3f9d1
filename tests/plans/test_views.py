"""The pages of a plan through the test client: compiling, what is missing, the summary, the region's front page."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from documents.services.sections import save_section
from documents.services.versions import freeze
from handbooks.models import Handbook
from plans.forms.plan import next_period
from plans.models import Candidate, ChapterFeed, NeedDecision, Plan, Source
from plans.news import what_is_new
from plans.services.compiling import compile_plan
from tests.documents.factories import fresh, ids, texts

from .factories import (
    Facet,
    answer,
    chapter,
    make_area,
    make_coordinator,
    make_criteria,
    make_full_goal,
    make_goal,
    make_handbook,
    make_plan,
    make_two_handbooks,
)

pytestmark = pytest.mark.django_db


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


def said(response):
    return [str(message) for message in response.wsgi_request._messages]


# --- Compiling ---------------------------------------------------------------------------------------------


def test_desk_tells_what_feeds_each_chapter_and_what_waits(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)

    desk = client.get(url(plan, "compile-desk")).context["desk"]

    assert [(row.section.key, row.answers, row.candidates) for row in desk.fed] == [
        ("nykytila", 4, 0),
        ("tavoitteet", 2, 2),
    ]
    assert [(meter.use.used, meter.use.answers) for meter in desk.meters] == [(3, 4), (1, 2)]


def test_desk_without_handbooks_says_what_to_do(client, plan, coordinator):
    response = client.get(url(plan, "compile-desk"))

    assert "No handbook has been handed in" not in response.text  # Finnish
    assert reverse("documents:document-list", args=[plan.region.slug, "handbook"]) in response.text
    assert url(plan, "plan-compile") not in response.text


def test_compile_drafts_the_chapters_and_says_so(client, plan, handbooks, coordinator):
    response = client.post(url(plan, "plan-compile"))

    assert response.status_code == 302
    assert len(texts(chapter(plan))) == 6
    (message,) = said(response)
    assert "4" in message and "2" in message


def test_compile_of_nothing_says_why(client, plan, coordinator):
    response = client.post(url(plan, "plan-compile"))

    assert len(said(response)) == 1
    assert texts(chapter(plan)) == []


def test_desk_and_chapter_get_write_nothing(client, plan, handbooks, coordinator):
    client.get(url(plan, "compile-desk"))
    client.get(url(plan, "chapter-detail", "nykytila"))

    assert not Source.objects.exists()
    assert not Candidate.objects.exists()
    assert client.get(url(plan, "plan-compile")).status_code == 405


def test_chapter_shows_new_changed_and_gone_answers(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    need = handbooks[0].document.sections.get(key="kohtaamispaikat-development_need")
    first, _second = ids(need)
    answer(
        handbooks[0],
        Facet.DEVELOPMENT_NEED,
        f'<ul><li data-id="{first}">Aukioloajat ovat laajat.</li></ul><p>Uusi tarve.</p>',
    )

    response = client.get(url(plan, "chapter-detail", "nykytila"))

    theme = response.context["theme"]
    assert theme.new == 1
    assert "Uusi tarve." in response.text
    (news,) = theme.news
    (change,) = news.changes
    assert "<del" in change.now and "<ins" in change.now
    assert [row.before for row in news.gone] == ["Isät puuttuvat."]


def test_new_answers_that_are_ticked_come_into_the_chapter(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    answer(handbooks[1], Facet.DEVELOPMENT_NEED, "<p>Tilat ovat ahtaat.</p><p>Yksi.</p><p>Kaksi.</p>")
    (news,) = what_is_new(plan)

    client.post(url(plan, "lines-take", "nykytila"), {"answer": [news.new[0].block.id]})

    assert texts(chapter(plan))[-1] == "Yksi. (Lakeus)"
    assert [row.words for row in what_is_new(plan)[0].new] == ["Kaksi."]


def test_new_answers_can_be_left_out_with_a_reason(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    answer(handbooks[1], Facet.DEVELOPMENT_NEED, "<p>Tilat ovat ahtaat.</p><p>Yksi.</p>")
    (news,) = what_is_new(plan)
    chosen = {"answer": [news.new[0].block.id]}

    client.post(url(plan, "lines-leave", "nykytila"), {**chosen, "reason": " "})
    assert not NeedDecision.objects.exists()
    client.post(url(plan, "lines-leave", "nykytila"), {**chosen, "reason": "Ei tällä kaudella."})

    assert NeedDecision.objects.get().reason == "Ei tällä kaudella."
    assert what_is_new(plan) == []


def test_nothing_ticked_says_so(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    before = texts(chapter(plan))

    for name in ("lines-take", "lines-leave", "candidates-take", "candidates-join", "lines-restore"):
        response = client.post(url(plan, name, "nykytila"), {"reason": "Syy"})
        assert response.status_code == 422
        assert 'role="alert"' in response.text

    assert texts(chapter(plan)) == before


def test_change_is_marked_as_seen(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    answer(handbooks[1], Facet.DEVELOPMENT_NEED, "<p>Tilat ovat nyt ahtaat.</p>")
    ((source, _row),) = what_is_new(plan)[0].changed

    page = client.get(url(plan, "chapter-detail", "nykytila"))
    [change] = page.context["theme"].news[0].changes
    assert change.block_id == source.block_id
    assert page.text.count(f'name="shown" value="{change.seen}"') == 2  # its own button, and that of all
    client.post(url(plan, "sources-seen", "nykytila"), {"shown": str(change.seen)})

    assert what_is_new(plan) == []


def test_proposals_are_taken_in_as_one_measure_and_opened_for_editing(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    goal = make_goal(plan)
    chosen = list(plan.candidates.order_by("-pk").values_list("source_block_id", flat=True))

    response = client.post(
        url(plan, "candidates-take", "tavoitteet"),
        {"answer": chosen, "named_by": chosen[0], "goal": goal.public_id, "complete": "1"},
    )

    action = goal.actions.get()
    assert response.url == url(plan, "action-edit", action.public_id)
    assert Source.objects.filter(block_id=action.block_id).count() == 2


def test_proposals_join_a_measure_or_are_left_out(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    action = make_full_goal(plan).actions.get()
    first, second = plan.candidates.order_by("pk")

    client.post(
        url(plan, "candidates-join", "tavoitteet"),
        {"answer": [first.source_block_id], "action": action.public_id},
    )
    client.post(url(plan, "lines-leave", "tavoitteet"), {"answer": [second.source_block_id], "reason": "Ei nyt."})

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.action) == (Candidate.State.TAKEN, action)
    assert (second.state, second.reason) == (Candidate.State.LEFT, "Ei nyt.")
    page = client.get(url(plan, "chapter-detail", "tavoitteet"))
    assert "Ei nyt." in page.text


def test_feed_of_a_chapter_is_changed(client, plan, handbooks, coordinator):
    lakeus = handbooks[1].area
    page = url(plan, "feed-edit", "nykytila")
    assert client.get(page).context["form"].initial["facets"] == [Facet.SUCCESS, Facet.DEVELOPMENT_NEED]

    response = client.post(
        page, {"facets": [Facet.DEVELOPMENT_NEED], "areas": [lakeus.pk], "arrangement": "area", "criteria": []}
    )

    assert response.status_code == 302
    feed = ChapterFeed.objects.get(section__key="nykytila")
    assert (feed.facets, list(feed.areas.all()), feed.arrangement) == (["development_need"], [lakeus], "area")


def test_feed_refuses_an_area_of_another_region(client, plan, coordinator):
    make_area()
    from tests.regions.factories import AreaFactory

    other = AreaFactory()

    response = client.post(url(plan, "feed-edit", "nykytila"), {"areas": [other.pk], "arrangement": "area"})

    assert response.status_code == 422


# --- What is missing ---------------------------------------------------------------------------------------


def test_loose_ends_lead_to_where_they_are_put_right(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    goal = make_goal(plan)

    response = client.get(url(plan, "loose-end-list"))

    ends = response.context["ends"]
    assert {end.kind for row in ends.ends for end in row.ends} == {
        "goal_without_action",
        "goal_without_indicator",
        "goal_without_criterion",
    }
    assert url(plan, "goal-edit", goal.public_id) in response.text
    assert url(plan, "action-add", goal.public_id) in response.text
    assert [(group.place, len(group.answers)) for group in ends.needs] == [("Oulu", 2), ("Lakeus", 1)]


def test_need_is_left_for_later_with_a_reason(client, plan, handbooks, coordinator):
    (need,) = [row for row in client.get(url(plan, "loose-end-list")).context["ends"].needs if row.place == "Lakeus"]

    client.post(
        url(plan, "need-decide"), {"answer": [need.answers[0].id], "reason": "Tilat ratkaistaan ensi kaudella."}
    )

    assert NeedDecision.objects.get().reason == "Tilat ratkaistaan ensi kaudella."
    assert [row.place for row in client.get(url(plan, "loose-end-list")).context["ends"].needs] == ["Oulu"]


def test_need_becomes_a_measure_that_remembers_it(client, plan, handbooks, coordinator):
    goal = make_goal(plan)
    (need,) = [row for row in client.get(url(plan, "loose-end-list")).context["ends"].needs if row.place == "Lakeus"]

    response = client.post(url(plan, "need-answer"), {"answer": [need.answers[0].id], "goal": goal.public_id})
    page = client.get(response.url)
    assert "Tilat ovat ahtaat." in page.text
    client.post(response.url, {"title_fi": "Etsitään uudet tilat."})

    action = goal.actions.get()
    assert Source.objects.get(block_id=action.block_id).quote == "Tilat ovat ahtaat."
    assert [row.place for row in client.get(url(plan, "loose-end-list")).context["ends"].needs] == ["Oulu"]


def test_need_without_a_goal_is_refused(client, plan, handbooks, coordinator):
    response = client.post(url(plan, "need-answer"), {"answer": ["xxxxxxxxxx"]})

    assert response.url.endswith("#needs")
    assert len(said(response)) == 1


def test_summary_lists_every_criterion_with_its_goals(client, plan, coordinator):
    make_full_goal(plan)

    response = client.get(url(plan, "criterion-summary"))

    rows = {row.criterion.key: row for _group, criteria in response.context["groups"] for row in criteria}
    assert [item.number for item in rows["meeting_place"].goals] == ["1"]
    assert rows["management"].goals == []
    assert "Perhekahvila avataan iltaisin." in response.text


# --- Where words went --------------------------------------------------------------------------------------


def use_url(handbook, plan):
    return reverse("plans:handbook-use", args=[plan.region.slug, handbook.document.public_id, plan.document.public_id])


def test_handbook_sees_where_each_answer_went(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    goal = make_goal(plan)
    first, second = plan.candidates.order_by("pk")
    client.post(
        url(plan, "candidates-take", "tavoitteet"),
        {"answer": first.source_block_id, "named_by": first.source_block_id, "goal": goal.public_id},
    )
    client.post(url(plan, "lines-leave", "tavoitteet"), {"answer": [second.source_block_id], "reason": "Ei nyt."})

    uses = {use.words: use for use in client.get(use_url(handbooks[0], plan)).context["uses"]}
    places = uses["Perhekahvila auki illalla."].places
    assert len(places) == 1 and places[0][0].endswith("1.1") and places[0][1]
    other = client.get(use_url(handbooks[1], plan))
    assert "Ei nyt." in other.text


def test_plan_page_links_to_its_pages_and_handbook_page_to_its_use(client, plan, handbooks, coordinator):
    page = client.get(plan.document.get_absolute_url())
    for name in ("compile-desk", "goal-list", "loose-end-list", "criterion-summary"):
        assert url(plan, name) in page.text

    assert use_url(handbooks[0], plan) in client.get(handbooks[0].document.get_absolute_url()).text


def test_section_page_shows_where_its_text_comes_from(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)

    page = client.get(
        reverse("documents:section-detail", args=[plan.region.slug, "plan", plan.document.public_id, "nykytila"])
    )

    source = plan.sources.first()
    assert f"/handbook/{source.handbook.public_id}/v{source.version.number}/#b-{source.source_block_id}" in page.text
    assert source.quote in page.text


# --- A new plan ---------------------------------------------------------------------------------------------


def new_plan(region, **changes):
    return {
        "title_fi": "Perhekeskuksen toimintasuunnitelma",
        "title_sv": "",
        "starts_on": "1.1.2026",
        "ends_on": "31.12.2029",
        "criteria_set": make_criteria().pk,
        "languages": ["fi"],
        "writing_body": "",
        "with_outline": "on",
        **changes,
    }


def test_coordinator_makes_a_plan_with_its_chapters(client, plan, coordinator):
    address = reverse("plans:plan-new", args=[plan.region.slug])
    assert client.get(address).status_code == 200

    response = client.post(address, new_plan(plan.region))

    made = Plan.objects.latest("pk")
    assert response.url == made.document.get_absolute_url()
    assert (made.period, made.document.languages) == ("2026–2029", ["fi"])
    assert made.document.sections.filter(key="johdanto").exists()


def test_plan_without_outline_is_empty(client, plan, coordinator):
    client.post(reverse("plans:plan-new", args=[plan.region.slug]), new_plan(plan.region, with_outline=""))

    assert not Plan.objects.latest("pk").document.sections.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title_fi": " "}, "title_fi"),
        ({"languages": ["fi", "sv"]}, "title_sv"),
        ({"languages": []}, "languages"),
        ({"ends_on": "31.12.2020"}, "ends_on"),
        ({"starts_on": "joskus"}, "starts_on"),
    ],
)
def test_plan_form_says_what_is_wrong_beside_the_field(client, plan, coordinator, changes, field):
    response = client.post(reverse("plans:plan-new", args=[plan.region.slug]), new_plan(plan.region, **changes))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert Plan.objects.count() == 1


@pytest.mark.parametrize(
    ("today", "years"), [("2026-11-22", (2027, 2029)), ("2027-03-01", (2028, 2033)), ("2028-12-31", (2029, 2033))]
)
def test_next_period_ends_with_a_council_term(today, years):
    first, last = next_period(datetime.date.fromisoformat(today))

    assert (first, last) == (datetime.date(years[0], 1, 1), datetime.date(years[1], 12, 31))


def test_new_plan_has_a_title_in_each_language_and_they_are_required(client, plan, coordinator):
    form = client.get(reverse("plans:plan-new", args=[plan.region.slug])).context["form"]

    first, last = next_period(timezone.localdate())
    for code in plan.region.languages:
        assert form.fields[f"title_{code}"].required
        assert form[f"title_{code}"].value().endswith(f" {first.year}–{last.year}")


# --- The region ---------------------------------------------------------------------------------------------


def region_page(region):
    return reverse("region", args=[region.slug])


def publish(document):
    from documents.models import Publication

    version = freeze(document, by=None)
    Publication.objects.create(region=document.region, version=version, languages=["fi"], published_at=timezone.now())
    return version


def make_public(region):
    region.public = True
    region.save(update_fields=["public"])


def test_region_shows_strangers_what_is_published_alone(client, plan):
    hidden = make_handbook()
    make_public(plan.region)
    publish(plan.document)

    response = client.get(region_page(plan.region))

    assert plan.document.get_absolute_url() in response.text
    assert hidden.document.public_id not in response.text
    assert response.context["work"] is None
    assert response.context["events"] == []


def test_published_plan_is_not_called_a_draft_to_those_who_write_it(client, plan, coordinator):
    def states():
        pages = (region_page(plan.region), reverse("documents:document-list", args=[plan.region.slug, "plan"]))
        return ["Julkaistu" in client.get(page).text for page in pages]

    assert states() == [False, False]
    publish(plan.document)
    assert states() == [True, True]


def test_region_that_is_not_in_use_does_not_exist_for_strangers(client, plan):
    assert client.get(region_page(plan.region)).status_code == 404


def steps_of(client, plan):
    return [step.url for step in client.get(region_page(plan.region)).context["work"].steps]


def phase_now(client, plan):
    phases = client.get(region_page(plan.region)).context["work"].phases
    return [index for index, (_name, state, _note) in enumerate(phases) if state == "current"]


def test_coordinator_sees_what_to_do_next_and_where_the_plan_stands(client, plan, coordinator):
    handbook = make_handbook()
    Handbook.objects.update(handed_in=None)
    assert handbook.document.get_absolute_url() in steps_of(client, plan)
    assert phase_now(client, plan) == [0]

    Handbook.objects.update(handed_in=handbook.handed_in)
    assert url(plan, "compile-desk") in steps_of(client, plan)
    assert phase_now(client, plan) == [1]

    compile_plan(plan, by=None)
    versions = reverse("documents:version-list", args=[plan.region.slug, "plan", plan.document.public_id])
    assert versions in steps_of(client, plan)

    freeze(plan.document, by=None)
    assert versions not in steps_of(client, plan)
    section = chapter(plan, "tavoitteet")
    save_section(section, by=None, base=section.head, html={"fi": "<p>Uusi.</p>"})
    assert versions in steps_of(client, plan)

    publish(plan.document)
    assert phase_now(client, plan) == [4]


def test_region_without_a_plan_asks_for_one(client, plan, coordinator):
    plan.document.sections.all()
    ChapterFeed.objects.all().delete()
    Plan.objects.all().delete()

    response = client.get(region_page(plan.region))

    assert [step.url for step in response.context["work"].steps][-1] == reverse(
        "plans:plan-new", args=[plan.region.slug]
    )


def test_region_never_lists_more_than_seven_steps(client, plan, coordinator):
    for key in ("a", "b", "c"):
        make_handbook(make_area(key))
    Handbook.objects.filter(area__key__in=["a", "b"]).update(handed_in=None)
    compile_plan(plan, by=None)
    make_goal(plan)

    assert 0 < len(steps_of(client, plan)) <= 7


def test_members_see_the_latest_changes(client, plan, coordinator):
    section = chapter(plan)
    save_section(section, by=coordinator, base=None, html={"fi": "<p>Yksi.</p>"})
    save_section(fresh(section), by=coordinator, base=fresh(section).head, html={"fi": "<p>Kaksi.</p>"})

    (event,) = client.get(region_page(plan.region)).context["events"]

    assert event["title"] == "Nykytila"
    assert coordinator.name in event["text"]


def test_region_counts_what_the_page_to_complete_lists(client, plan, handbooks, coordinator):
    compile_plan(plan, by=None)
    make_goal(plan)

    page = client.get(url(plan, "loose-end-list"))
    listed = page.context["ends"]

    count = (
        sum(len(row.ends) for row in listed.ends)
        + sum(len(group.answers) for group in listed.needs)
        + len(listed.criteria)
    )
    assert len(listed.needs) < sum(len(group.answers) for group in listed.needs)
    assert listed.count == count
    steps = client.get(region_page(plan.region)).context["work"].steps
    (step,) = [row for row in steps if row.url == url(plan, "loose-end-list")]
    assert step.text.split()[0] == str(count)
    assert f"<strong>{count} " in page.text


# --- Numbers of queries -----------------------------------------------------------------------------------------


QUERIES = {"compile-desk": 24, "chapter-detail": 36, "goal-list": 22, "loose-end-list": 28, "criterion-summary": 17}


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", QUERIES)
def test_query_count_is_constant(client, plan, coordinator, django_assert_num_queries, name, count):
    for number in range(count):
        make_handbook(
            make_area(f"alue-{number}"),
            {
                Facet.DEVELOPMENT_NEED: "<p>Tarve.</p>" * count,
                Facet.PROPOSED_ACTION: "<ul>" + "<li>Ehdotus.</li>" * count + "</ul>",
            },
        )
        make_full_goal(plan, f"Tavoite {number}")
    compile_plan(plan, by=None)
    rest = ["tavoitteet"] if name == "chapter-detail" else []

    with django_assert_num_queries(QUERIES[name]):
        assert client.get(url(plan, name, *rest)).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_region_query_count_is_constant(client, plan, coordinator, django_assert_num_queries, count):
    for number in range(count):
        make_handbook(make_area(f"alue-{number}"))
        make_full_goal(plan, f"Tavoite {number}")

    with django_assert_num_queries(53):
        assert client.get(region_page(plan.region)).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_use_of_a_handbook_query_count_is_constant(client, plan, coordinator, django_assert_num_queries, count):
    handbook = make_handbook(answers={Facet.DEVELOPMENT_NEED: "<p>Tarve.</p>" * count})
    compile_plan(plan, by=None)

    with django_assert_num_queries(17):
        assert client.get(use_url(handbook, plan)).status_code == 200


# --- Versions of a plan -----------------------------------------------------------------------------------------


def test_versions_stand_among_the_pages_of_the_plan_each_compared_with_the_one_before(client, plan, coordinator):
    freeze(plan.document, by=None)
    make_full_goal(plan, "Uusi tavoite")
    freeze(plan.document, by=None)
    text = client.get(f"{plan.document.get_absolute_url()}versions/").content.decode()
    tabs = text.partition('<ul class="fc-tabs">')[2].partition("</ul>")[0]
    assert url(plan, "goal-list") in tabs
    assert tabs.count('aria-current="page"') == 1
    assert text.count("?old=1&amp;new=2&amp;") == 1
