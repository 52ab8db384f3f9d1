import pytest
from django.core.management import call_command

from criteria.models import CriteriaSet, Criterion, ScaleStep
from criteria.services import freeze_criteria_set
from regions.models import CollaborativeArea, Municipality, Region
from regions.validators import contrast_to_white
from tests.regions.factories import RegionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

BILINGUAL = {"01", "03", "04", "05", "10", "17", "18", "90"}


def load(capsys):
    call_command("load_reference")
    return capsys.readouterr().out.splitlines()


def test_reference_data_loads_twice_without_harm(capsys):
    first = load(capsys)
    assert "Regions: 22 added, 0 changed, 0 unchanged" in first
    assert "Municipalities: 292 added, 0 changed, 0 unchanged" in first
    rows = [list(model.objects.order_by("pk").values()) for model in (Region, Municipality, CriteriaSet, Criterion)]
    assert load(capsys) == [
        "Collaborative areas: 0 added, 0 changed, 5 unchanged",
        "Regions: 0 added, 0 changed, 22 unchanged",
        "Municipalities: 0 added, 0 changed, 292 unchanged",
        "Criteria sets: 0 added, 0 changed, 1 unchanged",
    ]
    again = [list(model.objects.order_by("pk").values()) for model in (Region, Municipality, CriteriaSet, Criterion)]
    assert again == rows


def test_reference_data_is_whole():
    call_command("load_reference", verbosity=0)
    assert {region.code for region in Region.objects.all() if region.is_bilingual} == BILINGUAL
    assert all(contrast_to_white(region.accent) >= 4.5 for region in Region.objects.all())
    assert not Region.objects.filter(public=True).exists()
    assert [area.regions.count() for area in CollaborativeArea.objects.order_by("key")] == [4, 3, 4, 8, 3]
    assert Region.objects.filter(meeting_place_word="traffpunkt").get().code == "17"
    oulu = Municipality.objects.get(code="564")
    assert (oulu.name_fi, oulu.name_sv, oulu.region.code, oulu.year) == ("Oulu", "Uleåborg", "19", 2026)
    assert Municipality.objects.get(code="049").languages == ["fi", "sv"]
    for obj in [*Region.objects.all(), *Municipality.objects.all()]:
        obj.full_clean()


def test_the_sample_set_has_three_languages_and_says_what_it_is():
    call_command("load_reference", verbosity=0)
    criteria_set = CriteriaSet.objects.get(key="sample")
    assert criteria_set.official is False
    assert str(criteria_set.label) == "sample, not official"
    keys = list(criteria_set.criteria.values_list("key", flat=True))
    assert keys == [
        "positioning",
        "management",
        "services_network",
        "health_promotion",
        "parenting",
        "early_support",
        "separation",
        "diversity",
        "violence_prevention",
        "meeting_place",
        "participation",
        "co_development",
        "competence",
        "evaluation",
    ]
    for criterion in criteria_set.criteria.all():
        assert all(
            getattr(criterion, f"{field}_{lang}") for field in ("title", "description") for lang in ("fi", "sv", "en")
        )
    steps = ScaleStep.objects.filter(scale=criteria_set.scale)
    assert [step.key for step in steps if not step.assessed] == ["not_assessed"]
    assert steps.count() == 5


def test_what_a_region_set_for_itself_stays_and_names_follow_the_file(capsys):
    load(capsys)
    region = Region.objects.get(code="19")
    region.languages, region.accent, region.public = ["fi", "se"], "#222222", True
    region.slug = "pohde"
    region.name_sv = "Fel namn"
    region.save()
    report = load(capsys)
    assert "Regions: 0 added, 1 changed, 21 unchanged" in report
    assert "  changed 19 Pohjois-Pohjanmaan hyvinvointialue: name_sv" in report
    region.refresh_from_db()
    assert (region.languages, region.accent, region.public, region.slug) == (["fi", "se"], "#222222", True, "pohde")
    assert region.name_sv == "Norra Österbottens välfärdsområde"


def test_a_municipality_that_moves_follows_the_file(capsys):
    load(capsys)
    oulu = Municipality.objects.get(code="564")
    oulu.region, oulu.year = Region.objects.get(code="21"), 2025
    oulu.save()
    assert "  changed 564 Oulu: region, year" in load(capsys)
    oulu.refresh_from_db()
    assert (oulu.region.code, oulu.year) == ("19", 2026)


def test_what_the_file_does_not_have_is_named_and_kept(capsys):
    RegionFactory(code="99")
    report = load(capsys)
    assert "Regions: 22 added, 0 changed, 0 unchanged, 1 not in the file" in report
    assert "  not in the file 99" in report
    assert Region.objects.filter(code="99").exists()


def test_a_set_in_use_that_was_edited_stays_and_loading_goes_on(capsys):
    load(capsys)
    Criterion.objects.filter(key="parenting").update(title_fi="Muutettu")
    criteria_set = CriteriaSet.objects.get()
    freeze_criteria_set(criteria_set, by=None)
    report = load(capsys)
    assert report[-1] == "  differs from the file, but is in use and stays as it is: sample-2025.yaml"
    assert Criterion.objects.get(key="parenting").title_fi == "Muutettu"
