import io

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from handbooks.models import Handbook, WordImport
from handbooks.services.imports import placement_of
from handbooks.services.keys import TRAY_KEY
from regions.models import StoredFile
from tests.handbooks.factories import SAMPLE, make_docx, make_template, sample_template, texts
from tests.regions.factories import AreaFactory, RegionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def region():
    region = RegionFactory(bilingual=True, code="19")
    AreaFactory(region=region, key="oulu", name_fi="Oulu", name_sv="Uleåborg")
    AreaFactory(region=region, key="oulunkaari", name_fi="Oulunkaari")
    make_template(region, sample_template())
    return region


def bring_in(name, **kwargs):
    out = io.StringIO()
    options = {"region": "19", "area": "Oulu", "template": "perhekeskuskasikirja", "year": 2022} | kwargs
    with override("en"):
        call_command("import_handbook", str(name), stdout=out, **options)
    return out.getvalue()


OULU = SAMPLE / "19" / "kasikirjat" / "oulu.docx"


def test_file_becomes_a_handbook(region):
    said = bring_in(OULU, hand_in=True)
    handbook = Handbook.objects.get()
    counts = placement_of(WordImport.objects.get()).counts()
    assert handbook.area.key == "oulu"
    assert handbook.handed_in.number == 1
    assert f"{counts.words} words in the file, {counts.words} imported" in said
    assert "3 not placed" in said
    assert "Sijoittamatta" in said
    assert "Oulun toiminta-alue, kevät 2022" in said
    assert texts(handbook, TRAY_KEY)[0] == "Oulun toiminta-alue, kevät 2022"


def test_same_file_again_changes_nothing(region):
    bring_in(OULU, hand_in=True)
    said = bring_in(OULU, area="uleåborg", hand_in=True)
    assert "0 sections changed" in said
    assert "version 1" in said
    assert Handbook.objects.count() == 1


def test_tracked_changes_need_a_word(region):
    path = OULU.with_name("oulunkaari.docx")
    with pytest.raises(CommandError, match="--tracked accepted or --tracked original"):
        bring_in(path, area="Oulunkaari")
    assert not Handbook.objects.exists()
    assert not StoredFile.objects.exists()
    bring_in(path, area="Oulunkaari", tracked="original")
    assert WordImport.objects.get().tracked_changes == "original"


def test_handbook_of_the_whole_region_in_swedish(region, tmp_path):
    path = tmp_path / "handbok.docx"
    path.write_bytes(make_docx(("h1", "Mötesplatser"), ("h2", "Nuläge"), "Tre familjecaféer."))
    bring_in(path, area="", language="sv")
    handbook = Handbook.objects.get()
    assert handbook.area is None
    assert texts(handbook, "kohtaamispaikat-nykytila", "sv") == ["Tre familjecaféer."]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"region": "99"}, "no region with the code 99"),
        ({"area": "Atlantis"}, "Its areas: Oulu, Oulunkaari"),
        ({"template": "ei-ole"}, "no handbook template with the key ei-ole"),
        ({"language": "se"}, "not written in that language"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(region, options, words):
    with pytest.raises(CommandError, match=words):
        bring_in(OULU, **options)
    assert not Handbook.objects.exists()


def test_file_that_cannot_be_read_leaves_nothing(region, tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        bring_in(tmp_path / "missing.docx")
    path = tmp_path / "text.docx"
    path.write_bytes(b"Hei")
    with pytest.raises(CommandError, match="not a Word document"):
        bring_in(path)
    assert not Handbook.objects.exists()
    assert not StoredFile.objects.exists()
