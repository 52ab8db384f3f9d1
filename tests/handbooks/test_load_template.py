import copy
import io

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.utils.translation import override

from criteria.reference import load_criteria_sets
from handbooks.models import Template
from tests.handbooks.factories import SMALL
from tests.regions.factories import RegionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def load(tmp_path):
    """Write the data to a file and load it; answers what was said."""
    RegionFactory(bilingual=True, code="19")
    load_criteria_sets()

    def run(data, *options, region="19"):
        path = tmp_path / "template.yaml"
        path.write_text(data if isinstance(data, str) else yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
        out = io.StringIO()
        with override("en"):
            call_command("load_template", str(path), *options, region=region, stdout=out)
        return out.getvalue()

    return run


def test_file_becomes_the_region_s_template(load):
    said = load(SMALL)
    assert Template.objects.get().key == SMALL["key"]
    assert f"Added: {SMALL['sections'][0]['key']}" in said
    assert "made from version 1" in said


def test_same_file_again_changes_nothing(load):
    load(SMALL)
    said = load(SMALL)
    assert "already is as the file says" in said
    assert Template.objects.get().document.versions.count() == 1


def test_what_changed_is_said_and_saved_as_a_version(load):
    load(SMALL)
    data = copy.deepcopy(SMALL)
    data["sections"][0]["heading"]["fi"] = "Toinen otsikko"
    gone = data["sections"].pop()
    said = load(data)
    assert f"Changed: {data['sections'][0]['key']}." in said
    assert f"Removed: {gone['key']}" in said
    assert "made from version 2" in said


def test_version_is_saved_of_an_unchanged_template_when_asked(load):
    load(SMALL)
    assert "made from version 2" in load(SMALL, "--freeze")


def test_new_template_is_not_saved_twice_when_asked(load):
    assert "made from version 1" in load(SMALL, "--freeze")


def test_unknown_region_is_refused(load):
    with pytest.raises(CommandError, match="no region with the code 99"):
        load(SMALL, region="99")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("key: [", "not proper YAML; look at line 1"),
        ("hei", "not a template"),
        ({**SMALL, "title": "Otsikko"}, "lacks “title”"),
        ({**SMALL, "sections": []}, "lacks “sections”"),
        ({**SMALL, "criteria_set": "none-1"}, "no criteria set “none-1”"),
        ({**SMALL, "sections": [{"key": "a", "heading": "Otsikko"}]}, "Section a has no heading"),
        ({**SMALL, "sections": [{"key": "a", "heading": {"fi": 5}}]}, "Section a has a heading or guidance"),
        ({**SMALL, "sections": [{"key": "a", "heading": {"fi": "A"}, "facet": "x"}]}, "no facet “x”"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(load, data, words):
    with pytest.raises(CommandError, match=words):
        load(data)
    assert not Template.objects.exists()


def test_missing_file_is_said(load, tmp_path):
    with override("en"), pytest.raises(CommandError, match="cannot be read"):
        call_command("load_template", str(tmp_path / "none.yaml"), region="19")
