import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from audit.models import AuditEvent
from criteria.files import MAX_CHARACTERS, read_criteria, write_criteria
from criteria.models import AssessmentScale, CriteriaGroup, CriteriaSet, Criterion, ScaleStep
from criteria.reference import DATA
from criteria.services import export_criteria_set, freeze_criteria_set, import_criteria_set, set_data
from tests.criteria.factories import CriteriaSetFactory, CriterionFactory
from tests.regions.factories import RegionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

SMALL = """\
criteria_set:
  key: small
  version: "1"
  name: {fi: Pieni, sv: Liten}
  source: Testi
scale:
  key: two
  name: {fi: Kaksi}
  steps:
    - key: no
      label: {fi: Ei}
    - key: yes
      label: {fi: Kyllä}
groups:
  - key: first
    name: {fi: Ensimmäinen}
    criteria:
      - key: a
        code: "1.1"
        title: {fi: Otsikko A}
      - key: b
        title: {fi: Otsikko B, se: Bajilčála}
        description: {fi: "Kuvaus: kaksi riviä"}
"""


def complaints(text):
    with pytest.raises(ValidationError) as caught:
        import_criteria_set(text)
    return caught.value.messages


def test_a_file_becomes_a_set():
    imported = import_criteria_set(SMALL)
    assert imported.outcome == "added"
    criteria_set = imported.criteria_set
    assert (criteria_set.name_fi, criteria_set.name_sv, criteria_set.official) == ("Pieni", "Liten", False)
    assert [step.key for step in criteria_set.scale.steps.all()] == ["no", "yes"]
    a, b = criteria_set.criteria.all()
    assert (a.code, a.title_fi, a.group.key, a.position) == ("1.1", "Otsikko A", "first", 1)
    assert (b.title_se, b.description_fi) == ("Bajilčála", "Kuvaus: kaksi riviä")
    assert AuditEvent.objects.get().verb == "criteria_set.imported"


def test_the_same_file_again_changes_nothing():
    import_criteria_set(SMALL)
    before = list(Criterion.objects.values())
    assert import_criteria_set(SMALL).outcome == "unchanged"
    assert list(Criterion.objects.values()) == before
    assert AuditEvent.objects.count() == 1


def test_a_changed_file_makes_the_set_be_as_it_says():
    first = import_criteria_set(SMALL)
    kept = Criterion.objects.get(key="b").pk
    text = SMALL.replace("Otsikko B", "Toinen").replace(
        '      - key: a\n        code: "1.1"\n        title: {fi: Otsikko A}\n', ""
    )
    text = text.replace("    - key: no\n      label: {fi: Ei}\n", "")
    second = import_criteria_set(text)
    assert (second.outcome, second.criteria_set) == ("changed", first.criteria_set)
    assert list(Criterion.objects.values_list("pk", "title_fi")) == [(kept, "Toinen")]
    assert list(ScaleStep.objects.values_list("key", flat=True)) == ["yes"]


def test_a_new_version_stands_beside_the_old_one():
    import_criteria_set(SMALL)
    import_criteria_set(SMALL.replace('version: "1"', 'version: "2"'))
    assert CriteriaSet.objects.count() == 2
    assert AssessmentScale.objects.count() == 1


@pytest.mark.parametrize("path", sorted(DATA.glob("*.yaml")), ids=lambda path: path.name)
def test_what_goes_out_comes_back_the_same(path):
    original = import_criteria_set(path.read_text(encoding="utf-8")).criteria_set
    text = export_criteria_set(original)
    data = set_data(original)
    assert read_criteria(text) == data
    CriteriaSet.objects.all().delete()
    AssessmentScale.objects.all().delete()
    again = import_criteria_set(text).criteria_set
    assert set_data(again) == data
    assert export_criteria_set(again) == text


def test_awkward_texts_survive_the_file():
    criterion = CriterionFactory(title_fi="no", description_fi="- lista: #1\n\n  'sisennys' & \"lainaus\"", code="1.10")
    criterion.set.scale.steps.create(key="on", label_fi="true")
    data = set_data(criterion.set)
    assert read_criteria(write_criteria(data)) == data


def test_a_set_can_belong_to_a_region():
    region = RegionFactory(code="19")
    text = SMALL.replace("  source: Testi", '  source: Testi\n  region: "19"\n  valid_from: 2026-01-01')
    criteria_set = import_criteria_set(text).criteria_set
    assert criteria_set.region == region
    assert criteria_set.valid_from.isoformat() == "2026-01-01"
    assert complaints(text.replace('"19"', '"20"')) == ["There is no region with the code 20."]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("  key: small\n", "", ["Line 2: “key” is missing."]),
        ("source: Testi", "source:", ["Line 5: This must not be empty."]),
        ("  source: Testi", "  sauce: Testi", None),
        ('version: "1"', f'version: "{"1" * 21}"', ["Line 3: This is too long: at most 20 characters."]),
        ("{fi: Pieni, sv: Liten}", "{sv: Liten}", ["Line 4: “fi” is missing."]),
        ("{fi: Pieni, sv: Liten}", "Pieni", ["Line 4: Here must be entries with these names: fi, sv, en, se."]),
        ("{fi: Kaksi}", "{fi: Kaksi, de: Zwei}", ["Line 8: “de” is not known here. Known are: fi, sv, en, se."]),
        ("key: small", "key: Pieni joukko", ["Line 2: A key has only the letters a–z, digits, “-” and “_”."]),
        ("      label: {fi: Ei}", "      label: {fi: Ei}\n      assessed: ehkä", ["Line 12: Write true or false."]),
        ("    - key: yes", "    - key: no", ["Line 12: The key “no” is already used on line 10."]),
        ("      - key: b", "      - key: a", ["Line 21: The key “a” is already used on line 18."]),
        (
            "  source: Testi",
            "  source: Testi\n  valid_from: 1.1.2026",
            ["Line 6: Write the date as year-month-day, for example 2025-01-31."],
        ),
        (
            "  source: Testi",
            "  source: Testi\n  source_url: javascript:alert(1)",
            ["Line 6: This is not a web address."],
        ),
        ("  source: Testi", "  source: [Testi]", ["Line 5: Here must be text."]),
        ("  source: Testi", "  source: Testi\n  source: Toinen", ["Line 6: “source” is here twice."]),
        (
            "name: {fi: Ensimmäinen}\n    criteria:",
            "name: {fi: Ensimmäinen}\n    criteria: []\n    x:",
            None,
        ),
    ],
)
def test_faults_name_their_line(old, new, expected):
    assert SMALL.count(old) == 1
    found = complaints(SMALL.replace(old, new))
    if expected is None:
        assert all(message.startswith("Line ") for message in found)
        assert len(found) >= 2
    else:
        assert found == expected
    assert not CriteriaSet.objects.exists()
    assert not AssessmentScale.objects.exists()


def test_every_fault_is_named_at_once():
    text = SMALL.replace("key: small", "key: Pieni").replace("{fi: Kaksi}", "{}").replace("{fi: Otsikko A}", "")
    lines = [message.split(":")[0] for message in complaints(text)]
    assert lines == ["Line 2", "Line 8", "Line 20"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["The file is empty."]),
        ("# vain huomautus\n", ["The file is empty."]),
        ("criteria_set: &a {key: x}\nscale: *a\n", None),
        ("criteria_set:\n  key: [x\nscale: y\n", None),
        ("criteria_set:\n\tkey: x\n", None),
        ("- a\n- b\n", ["Line 1: Here must be entries with these names: criteria_set, scale, groups."]),
        ("criteria_set:\n  key: \x07\n", ["Line 2: There is a character here that a text file cannot have."]),
        ("x" * (MAX_CHARACTERS + 1), ["This file is too large to be a criteria set."]),
        ("---\na: b\n---\nc: d\n", None),
    ],
    ids=["empty", "comment", "alias", "bracket", "tab", "list", "bell", "large", "two"],
)
def test_what_is_no_criteria_file_is_refused_in_words(text, expected):
    found = complaints(text)
    if expected is None:
        assert all(message.startswith("Line ") for message in found)
    else:
        assert found == expected


def test_a_set_in_use_is_not_changed_by_a_file():
    criteria_set = import_criteria_set(SMALL).criteria_set
    freeze_criteria_set(criteria_set, by=None)
    assert import_criteria_set(SMALL).outcome == "unchanged"
    assert "in use" in complaints(SMALL.replace("Otsikko A", "Muu"))[0]
    assert "in use" in complaints(SMALL.replace("Kyllä", "Joo"))[0]
    assert Criterion.objects.get(key="a").title_fi == "Otsikko A"
    assert ScaleStep.objects.get(key="yes").label_fi == "Kyllä"


def test_freezing_twice_is_freezing_once():
    criteria_set = CriteriaSetFactory()
    freeze_criteria_set(criteria_set, by=None)
    frozen_at = criteria_set.frozen_at
    freeze_criteria_set(CriteriaSet.objects.get(), by=None)
    criteria_set.refresh_from_db()
    assert criteria_set.frozen_at == frozen_at
    assert criteria_set.is_frozen
    assert AuditEvent.objects.filter(verb="criteria_set.frozen").count() == 1


def test_keys_are_unique():
    criterion = CriterionFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        CriterionFactory(set=criterion.set, key=criterion.key)
    with pytest.raises(IntegrityError), transaction.atomic():
        CriteriaSetFactory(key=criterion.set.key, version=criterion.set.version)
    with pytest.raises(IntegrityError), transaction.atomic():
        CriteriaGroup.objects.create(set=criterion.set, key=criterion.group.key)


def test_an_official_set_bears_no_label():
    assert CriteriaSetFactory(official=True).label == ""
    assert str(CriterionFactory(code="", title_fi="Otsikko")) == "Otsikko"


def test_commands_import_and_export(tmp_path, capsys):
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    call_command("import_criteria", path)
    assert capsys.readouterr().out == "Pieni 1: added\n"
    call_command("export_criteria", "small")
    assert read_criteria(capsys.readouterr().out) == set_data(CriteriaSet.objects.get())
    call_command("export_criteria", "small", "--set-version", "1", "-o", tmp_path / "out.yaml")
    call_command("import_criteria", tmp_path / "out.yaml")
    assert capsys.readouterr().out == "Pieni 1: unchanged\n"


def test_commands_say_what_is_wrong(tmp_path):
    import_criteria_set(SMALL)
    path = tmp_path / "wrong.yaml"
    path.write_text(SMALL.replace("key: small", "key: Suuri"), encoding="utf-8")
    with pytest.raises(CommandError, match="Line 2: A key"):
        call_command("import_criteria", path)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_criteria", tmp_path / "missing.yaml")
    with pytest.raises(CommandError, match="Known: small 1"):
        call_command("export_criteria", "other")
    with pytest.raises(CommandError, match="no such"):
        call_command("export_criteria", "small", "--set-version", "9")
