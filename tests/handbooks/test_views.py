import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from documents.models import Section
from documents.services.sections import save_section
from handbooks.models import Assessment, Handbook, WordImport
from handbooks.queries import criteria_of
from handbooks.services.handbooks import hand_in
from handbooks.services.imports import placement_of, prepare_import
from handbooks.services.keys import TRAY_KEY
from tests.handbooks.factories import (
    bring,
    make_docx,
    make_handbook,
    make_template,
    sample_file,
    sample_template,
    texts,
    writer_of,
)
from tests.handbooks.test_handbooks import newer_template
from tests.regions.factories import AreaFactory, BodyFactory, MeetingFactory, MembershipFactory, RegionFactory

pytestmark = pytest.mark.django_db

FIRST = [("h1", "Johtaminen"), ("h2", "Nykytila"), "Tiimi johtaa.", ("h2", "Kehittämistarpeet"), "Sijainen puuttuu."]


def address(handbook, rest=""):
    return f"/en/{handbook.region.slug}/handbook/{handbook.document.public_id}/{rest}"


def coordinator_of(region):
    return MembershipFactory(body=BodyFactory(region=region, coordinating=True)).user


def write(handbook, key, html="<p>Vastaus.</p>"):
    section = handbook.document.sections.select_related("head").get(key=key)
    return save_section(section, by=None, base=section.head, html={"fi": html})


def prepare(handbook, content, **kwargs):
    return prepare_import(handbook, content=content, name="a.docx", language="fi", by=None, **kwargs)


def choose(client, handbook, row, step, **places):
    """Send the page's form as a browser would: every select, with some of them changed (`_0="1"`)."""
    page = client.get(address(handbook, f"import/{row.public_id}/"))
    values = {"tray": "tray"}
    data = {"outline": page.context["outline_digest"]}
    for group in page.context["groups"]:
        for piece in ([group.heading] if group.heading else []) + group.pieces:
            before, _selected, _rest = str(piece.options).partition('" selected>')
            data[f"place-{piece.index}"] = before.rpartition('value="')[2]
    data |= {f"place-{name[1:]}": values.get(value, value) for name, value in places.items()}
    return client.post(address(handbook, f"import/{row.public_id}/{step}/"), data)


# --- A Word file ------------------------------------------------------------------------------------------


def test_word_file_goes_in_through_the_browser(client):
    handbook = make_handbook(data=sample_template())
    client.force_login(writer_of(handbook))
    upload = SimpleUploadedFile("oulu.docx", sample_file("oulu"))
    response = client.post(address(handbook, "import/"), {"file": upload, "language": "fi"})
    row = WordImport.objects.get()
    assert response.url == address(handbook, f"import/{row.public_id}/")
    counts = placement_of(row).counts()
    preview = client.get(response.url).content.decode()
    assert f"The file has {counts.pieces} pieces." in preview
    assert f"A place was found for {counts.placed}." in preview
    assert f"{counts.words:,} words in the file, {counts.words:,} imported" in preview
    assert not handbook.document.revisions.exists()
    response = choose(client, handbook, row, "run")
    result = client.get(response.url).content.decode()
    assert "The file was imported" in result
    assert "3 pieces had no place" in result
    assert texts(handbook, "osaaminen-tarpeet")[0] == "Perhekeskuksesta puuttuu yhteinen perehdytysaineisto."


def test_file_that_cannot_be_read_is_refused_on_the_form(client):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    data = {"file": SimpleUploadedFile("a.docx", b"Hei"), "language": "fi"}
    response = client.post(address(handbook, "import/"), data)
    assert response.status_code == 422
    assert "This is not a Word document" in response.content.decode()
    assert not WordImport.objects.exists()


def test_single_language_is_not_asked(client):
    handbook = make_handbook(languages=["fi"])
    client.force_login(writer_of(handbook))
    assert "language" not in client.get(address(handbook, "import/")).context["form"].fields
    client.post(address(handbook, "import/"), {"file": SimpleUploadedFile("a.docx", make_docx(*FIRST))})
    assert WordImport.objects.get().language == "fi"


def test_tracked_changes_are_asked_about(client):
    handbook = make_handbook(data=sample_template())
    client.force_login(writer_of(handbook))
    row = prepare(handbook, sample_file("oulunkaari"))
    here = address(handbook, f"import/{row.public_id}/")
    assert "The file has tracked changes" in client.get(here).content.decode()
    assert client.post(f"{here}run/").url == here
    assert client.post(f"{here}places/").url == here
    assert client.post(f"{here}tracked/", {"tracked": "both"}).status_code == 422
    assert client.post(f"{here}tracked/", {"tracked": "accepted"}).url == here
    assert "Where the pieces go" in client.get(here).content.decode()
    row.refresh_from_db()
    assert row.words_in_file == row.placement["tracked"]["words_accepted"]


def test_every_piece_has_a_select_and_the_tray_comes_first(client):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    row = prepare(handbook, make_docx("Saate.", *FIRST))
    page = client.get(address(handbook, f"import/{row.public_id}/")).content.decode()
    selects = [page.index(f'name="place-{index}"') for index in range(6)]
    assert page.count("<select") == 6
    assert min(selects) == selects[0]
    assert page.index('id="tray-title"') < selects[0] < page.index('id="pieces-title"') < selects[1]
    assert page.count('<optgroup label="1 Johtaminen">') == 6


def test_places_are_saved_and_shown_again(client):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    row = prepare(handbook, make_docx(("h1", "Kuka päättää"), ("h2", "Nykytila"), "Tiimi päättää."))
    response = choose(client, handbook, row, "places", _0="0")
    assert response.url == address(handbook, f"import/{row.public_id}/")
    row.refresh_from_db()
    assert [entry.place for entry in placement_of(row).entries] == [
        "johtaminen",
        "johtaminen-nykytila",
        "johtaminen-nykytila",
    ]
    assert "Every piece has a place." in client.get(response.url).content.decode()


def test_choosing_for_a_heading_answers_with_the_places_only(client):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    row = prepare(handbook, make_docx(("h1", "Kuka päättää"), ("h2", "Nykytila"), "Tiimi päättää."))
    here = address(handbook, f"import/{row.public_id}/")
    data = {"outline": client.get(here).context["outline_digest"], "place-0": "0", "place-1": "tray", "place-2": "tray"}
    response = client.post(f"{here}places/", data, headers={"HX-Request": "true"})
    page = response.content.decode()
    assert "<html" not in page
    assert 'data-announce="The places were saved."' in page
    assert "Every piece has a place." in page


def test_outline_that_changed_meanwhile_is_said(client):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    row = prepare(handbook, make_docx(*FIRST))
    for step in ("places", "run"):
        response = client.post(address(handbook, f"import/{row.public_id}/{step}/"), {"outline": "other"})
        assert response.status_code == 422
        assert "have changed meanwhile" in response.content.decode()
    row.refresh_from_db()
    assert row.imported_at is None


def test_import_twice_by_double_click_is_one_import(client):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    row = prepare(handbook, make_docx(*FIRST))
    first = choose(client, handbook, row, "run")
    again = client.post(address(handbook, f"import/{row.public_id}/run/"), {})
    assert first.url == again.url
    assert handbook.document.revisions.count() == 2
    assert client.post(address(handbook, f"import/{row.public_id}/places/"), {}).url == first.url
    assert client.post(address(handbook, f"import/{row.public_id}/cancel/"), {}).url == first.url
    assert WordImport.objects.count() == 1


def test_result_shows_what_changed_and_what_is_to_be_settled(client):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    bring(handbook, make_docx(*FIRST))
    write(handbook, "johtaminen-tarpeet", "<p>Varahenkilö puuttuu.</p>")
    row = prepare(handbook, make_docx(*FIRST[:2], "Kaksi tiimiä johtaa.", FIRST[3], "Kaikki puuttuu."))
    page = client.get(choose(client, handbook, row, "run").url).content.decode()
    assert "In one place the file and somebody else had changed the same text." in page
    assert "s/johtaminen-tarpeet/#conflicts" in page
    assert "<ins>" in page
    row = prepare(handbook, make_docx(*FIRST[:2], "Kaksi tiimiä johtaa.", FIRST[3], "Kaikki puuttuu."))
    page = client.get(choose(client, handbook, row, "run").url).content.decode()
    assert "Nothing changed" in page


def test_missing_sections_are_asked_about(client):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    bring(handbook, make_docx(*FIRST))
    row = prepare(handbook, make_docx(*FIRST[:3]))
    here = address(handbook, f"import/{row.public_id}/")
    page = client.get(here)
    assert [section.key for section in page.context["missing"]] == ["johtaminen-tarpeet"]
    data = {"outline": page.context["outline_digest"], "remove_missing": "on"}
    client.post(f"{here}run/", data)
    assert texts(handbook, "johtaminen-tarpeet") == []


def test_text_that_was_written_here_is_told_of(client):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    write(handbook, "johtaminen-nykytila")
    row = prepare(handbook, make_docx(*FIRST))
    page = client.get(address(handbook, f"import/{row.public_id}/"))
    assert page.context["filled"] == 1
    assert "nothing is written over" in page.content.decode()


def test_what_there_is_none_of_is_not_counted(client):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    row = prepare(handbook, make_docx(*FIRST))
    preview = client.get(address(handbook, f"import/{row.public_id}/")).content.decode()
    assert "A place was found for" in preview
    assert "should be checked" not in preview
    assert "not placed." not in preview


def test_upload_says_how_large_a_file_may_be_in_whole_megabytes(client):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    assert "at most 20 MB." in client.get(address(handbook, "import/")).content.decode()


def test_cancelled_file_is_gone(client):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    row = prepare(handbook, make_docx(*FIRST))
    response = client.post(address(handbook, f"import/{row.public_id}/cancel/"))
    assert response.url == address(handbook, "import/")
    assert not WordImport.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_places_page_query_count_is_constant(client, django_assert_num_queries, count):
    handbook = make_handbook(data=sample_template())
    client.force_login(writer_of(handbook))
    parts = [("h1", "Johtaminen ja yhteistyörakenteet"), ("h2", "Nykytila"), "Rivi.", ("h1", "Ei mikään"), "Toinen."]
    row = prepare(handbook, make_docx(*parts * count))
    with django_assert_num_queries(10):
        client.get(address(handbook, f"import/{row.public_id}/"))


@pytest.mark.parametrize("count", [1, 3])
def test_result_page_query_count_is_constant(client, django_assert_num_queries, count):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    rows = [FIRST[:3], FIRST[3:], [("h1", "Kohtaamispaikat"), ("h2", "Nykytila"), "Kahvila."]]
    bring(handbook, make_docx(FIRST[0], *(part for row in rows[:count] for part in row)))
    row = WordImport.objects.get()
    with django_assert_num_queries(9):
        client.get(address(handbook, f"import/{row.public_id}/"))


@pytest.mark.parametrize("count", [1, 3])
def test_upload_page_query_count_is_constant(client, django_assert_num_queries, count):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    for _index in range(count):
        bring(handbook, make_docx(*FIRST))
    with django_assert_num_queries(7):
        client.get(address(handbook, "import/"))


# --- The group's pages ------------------------------------------------------------------------------------


def test_meeting_shows_where_the_group_left_off(client):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    MeetingFactory(body=handbook.document.writing_body, starts_at="2999-03-01T10:00:00+00:00", place="Perhetalo")
    page = client.get(address(handbook, "meeting/")).content.decode()
    assert "0 of 3 answered" in page
    assert "Begin" in page
    assert "Perhetalo" in page
    write(handbook, "johtaminen-nykytila")
    page = client.get(address(handbook, "meeting/")).content.decode()
    assert "1 of 3 answered" in page
    assert "Continue where you left off" in page
    assert "item 2/3" in page


@pytest.mark.parametrize("count", [1, 3])
def test_meeting_query_count_is_constant(client, django_assert_num_queries, count):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    for key in ("johtaminen-nykytila", "johtaminen-tarpeet", "kohtaamispaikat-nykytila")[:count]:
        write(handbook, key)
    with django_assert_num_queries(8):
        client.get(address(handbook, "meeting/"))


def test_task_shows_guidance_and_answers(client):
    area = AreaFactory(region=RegionFactory(bilingual=True))
    old = make_handbook(area.region, year=2021, area=area)
    write(old, "johtaminen-nykytila", "<p>Vanha vastaus.</p>")
    handbook = make_handbook(area.region, area=area)
    client.force_login(writer_of(handbook))
    page = client.get(address(handbook, "meeting/johtaminen-nykytila/")).content.decode()
    assert "Item 1/3" in page
    assert "Kuvatkaa johtamista." in page
    assert "Vanha vastaus." in page
    assert "Nothing has been answered yet." in page
    write(handbook, "johtaminen-nykytila", "<p>Uusi vastaus.</p>")
    assert "Uusi vastaus." in client.get(address(handbook, "meeting/johtaminen-nykytila/")).content.decode()


def test_ready_goes_on_to_the_next_item(client):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    response = client.post(address(handbook, "meeting/johtaminen-nykytila/ready/"))
    assert response.url == address(handbook, "meeting/johtaminen-nykytila/")  # there is nothing to be ready
    for key in ("johtaminen-nykytila", "kohtaamispaikat-nykytila"):
        write(handbook, key)
    response = client.post(address(handbook, "meeting/johtaminen-nykytila/ready/"))
    assert response.url == address(handbook, "meeting/johtaminen-tarpeet/")
    section = handbook.document.sections.get(key="johtaminen-nykytila")
    assert section.state == Section.State.READY
    assert client.post(address(handbook, "meeting/kohtaamispaikat-nykytila/ready/")).url == address(
        handbook, "meeting/"
    )
    client.post(address(handbook, "meeting/johtaminen-nykytila/draft/"))
    section.refresh_from_db()
    assert section.state == Section.State.DRAFT


def test_section_page_shows_the_guidance_of_the_frozen_template(client):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    assert "Kuvatkaa johtamista." in client.get(address(handbook, "s/johtaminen-nykytila/")).content.decode()
    bring(handbook, make_docx("Saate.", *FIRST))
    assert "had no place in the template" in client.get(address(handbook, f"s/{TRAY_KEY}/")).content.decode()


@pytest.mark.parametrize("dropped", [False, True])
def test_section_page_leads_back_to_the_item_of_the_meeting(client, dropped):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    if dropped:
        write(handbook, "johtaminen-tarpeet")
        newer_template(handbook)
        client.force_login(coordinator_of(handbook.region))
        client.post(address(handbook, "handing-in/template/"))
    page = client.get(address(handbook, "s/johtaminen-tarpeet/")).content.decode()
    assert f'href="{address(handbook, "meeting/johtaminen-tarpeet/")}"' in page
    assert re.search(r"Back to the meeting, item \d/\d", page)


def test_chapter_is_no_item_of_the_meeting(client):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    assert "Back to the meeting" not in client.get(address(handbook, "s/johtaminen/")).content.decode()


def test_dropped_section_says_that_it_is_no_longer_asked(client):
    handbook = make_handbook()
    client.force_login(coordinator_of(handbook.region))
    write(handbook, "johtaminen-tarpeet")
    newer_template(handbook)
    assert "Follow version 2" in client.get(address(handbook, "handing-in/")).content.decode()
    client.post(address(handbook, "handing-in/template/"))
    for rest in ("s/johtaminen-tarpeet/", "meeting/", "meeting/johtaminen-tarpeet/"):
        assert "No longer asked" in client.get(address(handbook, rest)).content.decode(), rest
    assert "Follow version" not in client.get(address(handbook, "handing-in/")).content.decode()


# --- A new handbook ---------------------------------------------------------------------------------------


def test_new_handbook_is_made_on_a_form(client):
    loaded = make_template()
    region = loaded.template.region
    area, body = AreaFactory(region=region), BodyFactory(region=region)
    client.force_login(coordinator_of(region))
    here = f"/en/{region.slug}/handbook/add/"
    form = client.get(f"{here}?template={loaded.template.document.public_id}").context["form"]
    assert form.initial["template"] == loaded.template
    data = {
        "template": loaded.template.pk,
        "whose": "area",
        "area": area.pk,
        "year": 2026,
        "languages": ["sv", "fi"],
        "writing_body": body.pk,
    }
    response = client.post(here, data)
    handbook = Handbook.objects.get()
    assert response.url == handbook.document.get_absolute_url()
    assert (handbook.area, handbook.document.writing_body, handbook.document.languages) == (area, body, ["fi", "sv"])
    response = client.post(here, data)
    assert response.status_code == 422
    assert "There already is the handbook" in response.content.decode()


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({}, "whose"),
        ({"whose": "area"}, "area"),
        ({"whose": "municipality"}, "municipality"),
        ({"whose": "centre"}, "centre"),
    ],
)
def test_nobody_makes_a_handbook_without_saying_whose(client, sent, wrong):
    loaded = make_template()
    region = loaded.template.region
    AreaFactory(region=region)
    client.force_login(coordinator_of(region))
    data = {"template": loaded.template.pk, "year": 2026, "languages": ["fi"]} | sent
    response = client.post(f"/en/{region.slug}/handbook/add/", data)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [wrong]
    assert not Handbook.objects.exists()


def test_a_place_that_was_not_asked_for_does_not_count(client):
    loaded = make_template()
    region = loaded.template.region
    area = AreaFactory(region=region)
    client.force_login(coordinator_of(region))
    data = {"template": loaded.template.pk, "year": 2026, "languages": ["fi"], "whose": "region", "area": area.pk}
    client.post(f"/en/{region.slug}/handbook/add/", data)
    assert Handbook.objects.get().area is None


def test_only_groups_that_write_are_offered_the_handbook_groups_first(client):
    loaded = make_template()
    region = loaded.template.region
    kinds = ["council", "working_group", "handbook_group", "executive", "influence_body"]
    bodies = {kind: BodyFactory(region=region, kind=kind) for kind in kinds}
    user = coordinator_of(region)
    client.force_login(user)
    form = client.get(f"/en/{region.slug}/handbook/add/").context["form"]
    groups = [(str(label), [pk for pk, _name in rows]) for label, rows in form.fields["writing_body"].choices[1:]]
    assert groups[0] == ("Handbook groups and teams", [bodies["handbook_group"].pk])
    assert groups[1][0] == "Other groups"
    assert bodies["working_group"].pk in groups[1][1]
    offered = {pk for _label, rows in groups for pk in rows}
    assert not offered & {bodies[kind].pk for kind in ("council", "executive", "influence_body")}


def test_new_handbook_form_offers_only_the_regions_own(client):
    loaded = make_template()
    region = loaded.template.region
    AreaFactory(), BodyFactory(), make_template(RegionFactory(bilingual=True))
    client.force_login(coordinator_of(region))
    form = client.get(f"/en/{region.slug}/handbook/add/").context["form"]
    assert "area" not in form.fields
    assert [row.pk for row in form.fields["template"].queryset] == [loaded.template.pk]
    assert {row.region_id for row in form.fields["writing_body"].queryset} == {region.pk}


def test_region_without_a_template_says_what_to_do(client):
    region = RegionFactory()
    client.force_login(coordinator_of(region))
    assert "has no handbook template yet" in client.get(f"/en/{region.slug}/handbook/add/").content.decode()


def test_list_of_handbooks_leads_on_for_coordinators_only(client):
    handbook = make_handbook()
    here = f"/en/{handbook.region.slug}/handbook/"
    client.force_login(writer_of(handbook))
    assert "New handbook" not in client.get(here).content.decode()
    client.force_login(coordinator_of(handbook.region))
    assert "New handbook" in client.get(here).content.decode()


def test_page_of_a_handbook_links_to_what_can_be_done(client):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    page = client.get(address(handbook)).content.decode()
    for rest in ("meeting/", "import/", "form/", "assessment/", "handing-in/"):
        assert f'href="{address(handbook, rest)}"' in page
    template = handbook.template_version.document
    client.force_login(coordinator_of(handbook.region))
    page = client.get(f"/en/{handbook.region.slug}/template/{template.public_id}/").content.decode()
    assert f"handbook/add/?template={template.public_id}" in page


# --- Assessment and handing in ----------------------------------------------------------------------------


def test_assessment_is_saved_and_shown_again(client):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    here = address(handbook, "assessment/")
    criterion = criteria_of(handbook)[0]
    step = criterion.set.scale.steps.all()[1]
    response = client.post(here, {f"step-{criterion.key}": step.pk, f"note-{criterion.key}": "Koska."})
    assert response.url == here
    row = Assessment.objects.get()
    assert (row.step, row.note) == (step, {"fi": "Koska."})
    assert "Koska." in client.get(here).content.decode()
    response = client.post(here, {f"note-{criterion.key}": "Ilman askelta."})
    assert response.status_code == 422
    assert client.post(here, {f"step-{criterion.key}": "999999"}).status_code == 422


def test_handbook_without_criteria_has_nothing_to_assess(client):
    handbook = make_handbook()
    handbook.document.sections.update(criterion=None)
    client.force_login(writer_of(handbook))
    assert "nothing to assess" in client.get(address(handbook, "assessment/")).content.decode()


def test_handbook_is_handed_in_and_taken_back(client):
    handbook = make_handbook()
    write(handbook, "johtaminen-nykytila")
    client.force_login(writer_of(handbook))
    here = address(handbook, "handing-in/")
    assert "2 items have no answer" in client.get(here).content.decode()
    client.post(f"{here}do/")
    page = client.get(here).content.decode()
    assert "<h1>The handbook has been handed in</h1>" in page
    assert f'href="{address(handbook, "v1/")}"' in page.partition("What next")[2]
    assert "Version 1 was handed in" in page
    assert "Hand in again" not in page
    write(handbook, "johtaminen-tarpeet")
    page = client.get(here).content.decode()
    assert "The text has changed since then." in page
    assert "<h1>Hand in the handbook</h1>" in page
    assert "Hand in again" in page
    client.post(f"{here}take-back/")
    assert "was handed in" not in client.get(here, follow=True).content.decode()
    assert client.post(f"{here}take-back/", follow=True).status_code == 200
    handbook.refresh_from_db()
    assert handbook.handed_in is None


@pytest.mark.parametrize("count", [1, 3])
def test_handing_in_query_count_is_constant(client, django_assert_num_queries, count):
    handbook = make_handbook()
    client.force_login(writer_of(handbook))
    for key in ("johtaminen-nykytila", "johtaminen-tarpeet", "kohtaamispaikat-nykytila")[:count]:
        write(handbook, key)
    hand_in(handbook, by=None)
    with django_assert_num_queries(10):
        client.get(address(handbook, "handing-in/"))
