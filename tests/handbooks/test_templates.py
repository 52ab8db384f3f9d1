import copy

import pytest
from django.core.exceptions import ValidationError

from criteria.models import CriteriaSet
from documents import frozen
from documents.models import Document, Section
from handbooks.guidance import clean_guidance, guidance_lines
from handbooks.models import Template
from handbooks.services.templates import latest_version, load_template
from regions.sealing import crossings
from tests.handbooks.factories import SMALL, make_template, sample_template
from tests.regions.factories import RegionFactory

pytestmark = pytest.mark.django_db


def outline(template):
    rows = template.document.sections.present().select_related("parent").order_by("parent__position", "position")
    found = {}
    for row in rows:
        found.setdefault(row.parent.key if row.parent else None, []).append(row.key)
    return found


def test_template_is_made_of_its_file():
    loaded = make_template(data=sample_template())
    document = loaded.template.document
    assert loaded.outcome == "added"
    assert (document.kind, document.title["sv"]) == (Document.Kind.TEMPLATE, "Familjecenterhandbok")
    assert document.sections.count() == 61
    section = document.sections.get(key="palvelut-tyonjako")
    assert (section.facet, section.criterion.key, section.parent.key) == (
        Section.Facet.AGREEMENT,
        "services_network",
        "palvelut",
    )
    assert CriteriaSet.objects.get().is_frozen
    assert list(crossings()) == []


def test_loading_again_changes_nothing():
    first = make_template()
    again = load_template(first.template.region, SMALL, by=None)
    assert (again.outcome, again.added, again.changed, again.removed) == ("unchanged", [], [], [])
    assert again.version == first.version
    assert Template.objects.count() == 1


def test_guidance_is_read_from_the_frozen_version():
    loaded = make_template()
    Section.objects.filter(key="johtaminen-nykytila").update(guidance={"fi": "<p>Muuta.</p>"})
    rows = {row.key: row for row in frozen.read(loaded.version).sections}
    assert rows["johtaminen-nykytila"].guidance["fi"] == "<p>Kuvatkaa johtamista.</p>"


def test_file_that_changed_makes_a_new_version():
    first = make_template()
    data = copy.deepcopy(SMALL)
    data["title"]["fi"] = "Pienempi käsikirja"
    chapter, places = data["sections"]
    data["sections"] = [places, chapter]
    chapter["sections"][0]["guidance"]["fi"] = "<p>Kuvatkaa tarkemmin.</p>"
    chapter["sections"][0]["heading"]["fi"] = "Nykytila tänään"
    chapter["sections"][1] = {"key": "johtaminen-toimii", "heading": {"fi": "Mikä toimii"}, "facet": "success"}
    again = load_template(first.template.region, data, by=None)
    assert again.outcome == "changed"
    assert again.added == ["johtaminen-toimii"]
    assert again.removed == ["johtaminen-tarpeet"]
    assert {"title", "kohtaamispaikat", "johtaminen-nykytila"} <= set(again.changed)
    assert again.version.number == 2 == latest_version(again.template).number
    assert outline(again.template) == {
        None: ["kohtaamispaikat", "johtaminen"],
        "johtaminen": ["johtaminen-nykytila", "johtaminen-toimii"],
        "kohtaamispaikat": ["kohtaamispaikat-nykytila"],
    }
    assert load_template(first.template.region, data, by=None).outcome == "unchanged"
    # The first version says what it said.
    assert [row.key for row in frozen.read(first.version).sections][:2] == ["johtaminen", "johtaminen-nykytila"]


def test_section_that_was_removed_comes_back():
    first = make_template()
    shorter = copy.deepcopy(SMALL)
    shorter["sections"].pop()
    removed = load_template(first.template.region, shorter, by=None).removed
    assert set(removed) == {"kohtaamispaikat", "kohtaamispaikat-nykytila"}
    again = load_template(first.template.region, SMALL, by=None)
    assert again.changed[0] == "kohtaamispaikat"
    assert again.added == []
    assert outline(again.template)["kohtaamispaikat"] == ["kohtaamispaikat-nykytila"]


def broken(**change):
    data = copy.deepcopy(SMALL)
    data["sections"][0] |= change
    return data


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (broken(facet="mood"), "mood"),
        (broken(criterion="luck"), "luck"),
        (broken(key="kohtaamispaikat"), "kohtaamispaikat"),
        (SMALL | {"criteria_set": "nothing-1"}, "nothing-1"),
    ],
)
def test_faulty_file_is_refused_by_a_sentence_and_changes_nothing(data, words):
    with pytest.raises(ValidationError) as error:
        make_template(data=data)
    assert error.value.code == "template_file"
    assert words in error.value.messages[0]
    assert not Template.objects.exists()
    assert not Document.objects.exists()


def test_two_regions_have_templates_of_the_same_key():
    make_template()
    other = make_template(RegionFactory(bilingual=True))
    assert other.outcome == "added"
    assert Template.objects.count() == 2


def test_guidance_carries_no_script():
    html = clean_guidance('<p onclick="x()">Hei</p><script>alert(1)</script><a href="javascript:x">l</a><h1>iso</h1>')
    assert html == "<p>Hei</p><a>l</a>iso"
    assert guidance_lines("<p>Yksi <strong>kaksi</strong>.</p><ul><li>Kolme</li></ul>") == ["Yksi kaksi.", "Kolme"]
