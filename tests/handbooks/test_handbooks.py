import copy

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from audit.models import AuditEvent
from documents import frozen
from documents.models import Document
from documents.services.sections import save_section
from documents.services.versions import freeze
from handbooks.models import Assessment, Handbook
from handbooks.queries import (
    continue_at,
    criteria_of,
    is_no_longer_asked,
    last_year_answer,
    next_meeting,
    steps_of,
    tasks_of,
    template_content,
)
from handbooks.services.assessments import Answer, assess
from handbooks.services.handbooks import create_handbook, hand_in, take_back, upgrade_template
from handbooks.services.templates import load_template
from regions.sealing import crossings
from tests.criteria.factories import CriterionFactory, ScaleStepFactory
from tests.documents.factories import make_document
from tests.handbooks.factories import SMALL, make_handbook, make_template
from tests.regions.factories import (
    AreaFactory,
    BodyFactory,
    MeetingFactory,
    MembershipFactory,
    MunicipalityFactory,
    RegionFactory,
)

pytestmark = pytest.mark.django_db


def write(handbook, key, html="<p>Vastaus.</p>"):
    section = handbook.document.sections.select_related("head").get(key=key)
    return save_section(section, by=None, base=section.head, html={"fi": html})


# --- Making -----------------------------------------------------------------------------------------------


def test_handbook_has_the_sections_of_the_frozen_template():
    loaded = make_template()
    loaded.template.document.sections.filter(key="johtaminen").update(heading={"fi": "Muutettu jälkeenpäin"})
    area = AreaFactory(region=loaded.template.region, name_fi="Oulu", name_sv="Uleåborg")
    handbook = create_handbook(loaded.version, area=area, year=2022, by=None)
    rows = {row.key: row for row in handbook.document.sections.select_related("parent", "criterion", "copied_from")}
    assert set(rows) == {row.key for row in frozen.read(loaded.version).sections}
    assert rows["johtaminen"].heading["fi"] == "Johtaminen"
    assert rows["johtaminen-tarpeet"].parent == rows["johtaminen"]
    assert rows["johtaminen-tarpeet"].facet == "development_need"
    assert rows["johtaminen-tarpeet"].criterion.key == "management"
    assert rows["johtaminen-tarpeet"].copied_from.document == loaded.template.document
    assert handbook.document.title == {"fi": "Pieni käsikirja, Oulu 2022", "sv": "Liten handbok, Uleåborg 2022"}
    assert handbook.place == str(area)
    assert list(crossings()) == []


@pytest.mark.parametrize("place", ["area", "municipality", "centre", "region"])
def test_place_has_one_handbook_of_a_year(place):
    loaded = make_template()
    region = loaded.template.region
    where = {
        "area": lambda: {"area": AreaFactory(region=region)},
        "municipality": lambda: {"municipality": MunicipalityFactory(region=region)},
        "centre": lambda: {"centre": "Perhetalo"},
        "region": dict,
    }[place]()
    first = create_handbook(loaded.version, year=2022, by=None, **where)
    assert first.place in str(first)
    with pytest.raises(ValidationError) as error:
        create_handbook(loaded.version, year=2022, by=None, **where)
    assert error.value.code == "handbook_exists"
    create_handbook(loaded.version, year=2023, by=None, **where)
    assert Handbook.objects.count() == 2


def test_handbook_of_another_regions_area_is_refused():
    loaded = make_template()
    with pytest.raises(ValidationError) as error:
        create_handbook(loaded.version, area=AreaFactory(), year=2022, by=None)
    assert error.value.code == "other_region"
    assert not Handbook.objects.exists()


def test_handbook_is_made_from_a_template_only():
    version = freeze(make_document(), by=None)
    with pytest.raises(ValueError, match="template"):
        create_handbook(version, year=2022, by=None)


# --- A newer template -------------------------------------------------------------------------------------


def newer_template(handbook):
    data = copy.deepcopy(SMALL)
    chapter, places = data["sections"]
    chapter["heading"]["fi"] = "Johtaminen ja vastuut"
    chapter["sections"] = [
        {"key": "johtaminen-toimii", "heading": {"fi": "Mikä toimii"}, "facet": "success"},
        chapter["sections"][0],
    ]
    places["heading"]["fi"] = "Paikat"
    return load_template(handbook.region, data, by=None).version


def test_newer_template_adds_sections_and_keeps_what_it_dropped():
    handbook = make_handbook()
    write(handbook, "johtaminen-tarpeet")
    handbook.document.sections.filter(key="kohtaamispaikat").update(heading={"fi": "Meidän paikat"})
    result = upgrade_template(handbook, newer_template(handbook), by=None)
    assert (result.added, result.renamed, result.no_longer_asked) == (
        ["johtaminen-toimii"],
        ["johtaminen"],
        ["johtaminen-tarpeet"],
    )
    rows = {row.key: row for row in handbook.document.sections.select_related("head")}
    assert rows["johtaminen"].heading["fi"] == "Johtaminen ja vastuut"
    assert rows["kohtaamispaikat"].heading == {"fi": "Meidän paikat"}
    assert rows["johtaminen-toimii"].position < rows["johtaminen-nykytila"].position
    assert rows["johtaminen-tarpeet"].removed_at is None
    assert rows["johtaminen-tarpeet"].head.blocks[0].plain_in("fi") == "Vastaus."
    handbook.refresh_from_db()
    content = template_content(handbook)
    assert is_no_longer_asked(rows["johtaminen-tarpeet"], content)
    assert not is_no_longer_asked(rows["johtaminen-nykytila"], content)
    dropped = next(row for row in frozen.read(hand_in(handbook, by=None)).sections if row.key == "johtaminen-tarpeet")
    assert dropped.blocks[0].plain_in("fi") == "Vastaus."


def test_version_of_another_template_is_refused():
    handbook = make_handbook()
    other = make_template(handbook.region, SMALL | {"key": "toinen"})
    with pytest.raises(ValidationError) as error:
        upgrade_template(handbook, other.version, by=None)
    assert error.value.code == "other_template"


# --- Handing in -------------------------------------------------------------------------------------------


def test_handing_in_the_same_text_twice_is_handing_in_once():
    handbook = make_handbook()
    write(handbook, "johtaminen-tarpeet")
    first = hand_in(handbook, by=None)
    assert hand_in(handbook, by=None) == first
    assert handbook.document.versions.count() == 1
    assert AuditEvent.objects.filter(verb="handbook.handed_in").count() == 1
    write(handbook, "johtaminen-nykytila")
    second = hand_in(handbook, by=None)
    assert second.number == 2
    handbook.refresh_from_db()
    assert handbook.handed_in == second
    assert list(Handbook.objects.handed_in()) == [handbook]


def test_taken_back_handbook_keeps_its_version():
    handbook = make_handbook()
    version = hand_in(handbook, by=None)
    take_back(handbook, by=None)
    handbook.refresh_from_db()
    assert handbook.handed_in is None
    assert list(handbook.document.versions.all()) == [version]
    with pytest.raises(ValidationError) as error:
        take_back(handbook, by=None)
    assert error.value.code == "not_handed_in"


def test_frozen_handbook_says_whose_it_is_and_how_it_was_assessed():
    handbook = make_handbook(area=None, centre="Perhetalo Pihlaja")
    criterion = criteria_of(handbook)[0]
    step = steps_of([criterion])[criterion.set.scale_id][2]
    assess(handbook, {criterion: Answer(step, {"fi": "Hyvä näin.", "sv": " "})}, by=None)
    whole = frozen.read(hand_in(handbook, by=None)).whole
    assert (whole["year"], whole["centre"], whole["place"]["fi"]) == (2022, "Perhetalo Pihlaja", "Perhetalo Pihlaja")
    assert whole["template"]["version"] == 1
    [row] = whole["assessments"]
    assert (row["criterion"]["key"], row["step"]["key"], row["note"]) == (criterion.key, step.key, {"fi": "Hyvä näin."})
    assess(handbook, {criterion: Answer(None)}, by=None)
    assert frozen.read(hand_in(handbook, by=None)).whole["assessments"] == []


# --- Assessment -------------------------------------------------------------------------------------------


def test_criteria_are_those_that_the_sections_ask_about():
    assert [row.key for row in criteria_of(make_handbook())] == ["management", "meeting_place"]


def test_assessing_the_same_again_writes_nothing():
    handbook = make_handbook()
    criterion = criteria_of(handbook)[0]
    step = steps_of([criterion])[criterion.set.scale_id][0]
    assert len(assess(handbook, {criterion: Answer(step)}, by=None)) == 1
    assert assess(handbook, {criterion: Answer(step)}, by=None) == []
    assert AuditEvent.objects.filter(verb="handbook.assessed").count() == 1


def test_assessment_on_another_scale_or_criterion_is_refused():
    handbook = make_handbook()
    criterion = criteria_of(handbook)[0]
    for answers in ({criterion: Answer(ScaleStepFactory())}, {CriterionFactory(): Answer(None)}):
        with pytest.raises(ValidationError) as error:
            assess(handbook, answers, by=None)
        assert error.value.code == "other_scale"


def test_reason_without_an_assessment_is_refused():
    handbook = make_handbook()
    with pytest.raises(ValidationError) as error:
        assess(handbook, {criteria_of(handbook)[0]: Answer(None, {"fi": "Koska."})}, by=None)
    assert error.value.code == "step_missing"
    assert not Assessment.objects.exists()


# --- The group's tasks ------------------------------------------------------------------------------------


def test_tasks_are_numbered_through_and_continue_where_they_were_left():
    handbook = make_handbook()
    assert [(row.number, row.section.key, row.chapter.key) for row in tasks_of(handbook)] == [
        (1, "johtaminen-nykytila", "johtaminen"),
        (2, "johtaminen-tarpeet", "johtaminen"),
        (3, "kohtaamispaikat-nykytila", "kohtaamispaikat"),
    ]
    assert continue_at(tasks_of(handbook)).number == 1
    write(handbook, "johtaminen-nykytila")
    assert continue_at(tasks_of(handbook)).number == 2
    write(handbook, "johtaminen-tarpeet")
    write(handbook, "kohtaamispaikat-nykytila")
    handbook.document.sections.filter(key="johtaminen-nykytila").update(state="ready")
    assert continue_at(tasks_of(handbook)).number == 2
    assert continue_at([]) is None


def test_last_years_answer_is_of_the_same_place():
    area = AreaFactory(region=RegionFactory(bilingual=True))
    old = make_handbook(area.region, year=2021, area=area)
    other = make_handbook(area.region, year=2022, area=None, centre="Muu")
    new = make_handbook(area.region, year=2023, area=area)
    assert last_year_answer(new, "johtaminen-tarpeet") is None
    write(other, "johtaminen-tarpeet", "<p>Muualta.</p>")
    write(old, "johtaminen-tarpeet", "<p>Vanha tarve.</p>")
    found = last_year_answer(new, "johtaminen-tarpeet")
    assert (found.document, found.blocks[0].plain_in("fi")) == (old.document, "Vanha tarve.")
    assert last_year_answer(old, "johtaminen-tarpeet") is None


def test_next_meeting_is_the_writing_groups(time_machine):
    time_machine.move_to("2026-01-01T12:00:00+00:00", tick=False)
    handbook = make_handbook()
    body = handbook.document.writing_body
    meeting = MeetingFactory(body=body, starts_at="2026-03-01T10:00:00+00:00")
    MeetingFactory(body=body, starts_at="2025-03-01T10:00:00+00:00")
    MeetingFactory(starts_at="2026-02-01T10:00:00+00:00")
    assert next_meeting(handbook) == meeting


def test_handbook_is_a_document_of_its_kind():
    handbook = make_handbook()
    assert handbook.document.kind == Document.Kind.HANDBOOK
    assert str(handbook) == str(handbook.document)


def test_page_and_list_say_that_a_handbook_was_handed_in(client):
    handbook = make_handbook()
    document = handbook.document
    region = document.region
    client.force_login(MembershipFactory(body=BodyFactory(region=region, coordinating=True)).user)
    places = reverse("documents:document-list", args=[region.slug, document.kind]), document.get_absolute_url()

    def are_handed_in():
        sign = "fc-tone-good"
        return [sign in client.get(place).content.decode() for place in places]

    assert are_handed_in() == [False, False]
    hand_in(handbook, by=None)
    assert are_handed_in() == [True, True]
    take_back(handbook, by=None)
    assert are_handed_in() == [False, False]
