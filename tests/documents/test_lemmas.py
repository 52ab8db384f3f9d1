"""Basic forms of words: on them stand search, the compile desk's groups and the glossary."""

import pytest

from documents import lemmas as module
from documents.lemmas import build_dictionaries, lemmas, words


@pytest.mark.parametrize(
    ("written", "basic"),
    [
        ("perhekeskuksen perhekeskuksissa perhekeskuksineen", "perhekeskus"),
        ("lasten lapsia Lapset", "lapsi"),
        ("perhekahviloissa perhekahvilan", "perhekahvila"),
        ("kohtaamispaikoista kohtaamispaikat", "kohtaamispaikka"),
        ("toimenpiteitä toimenpiteet", "toimenpide"),
        ("neuvoloissa neuvolan", "neuvola"),
        ("monitoimijaisuuden", "monitoimijaisuus"),
        ("hyvinvointialueella hyvinvointialue", "hyvinvointialue"),
        ("kehittämistarpeet kehittämistarpeita kehittämistarve", "kehittämistarve"),
        ("koordinaatioryhmän koordinaatioryhmät", "koordinaatioryhmä"),
        ("toimenpiteisiinsä", "toimenpide"),
        ("vanhempi vanhemmat vanhempien vanhemmille vanhempia", "vanhempi"),
        ("työ työn töitä", "työ"),
    ],
)
def test_finnish_forms_share_their_basic_form(written, basic):
    assert set(lemmas(written, "fi")) == {basic}


@pytest.mark.parametrize(
    ("written", "basic"),
    [
        ("familjecentret familjecentren familjecentrets familjecenter", "familjecenter"),
        ("familjecaféer familjecaféet familjecafé", "familjecafé"),
        ("mötesplatser mötesplatsen", "mötesplats"),
        ("träffpunkten träffpunkter", "träffpunkt"),
        ("åtgärd åtgärden åtgärder åtgärderna", "åtgärd"),
        ("plan planen planer", "plan"),
        ("välfärdsplanen välfärdsplan", "välfärdsplan"),
        ("beslut beslutet besluten", "beslut"),
        ("välfärdsområdet välfärdsområdets", "välfärdsområde"),
    ],
)
def test_swedish_forms_share_their_basic_form(written, basic):
    assert set(lemmas(written, "sv")) == {basic}


def test_a_compound_is_not_its_last_part():
    assert lemmas("perhekahvila", "fi") != lemmas("kahvila", "fi")


def test_words_are_letters_and_digits_in_lower_case():
    assert words("Perhe\u00adkeskus, LAPE-ryhmä (2026–2029)") == ["perhekeskus", "lape", "ryhmä", "2026", "2029"]


def test_an_abbreviation_loses_its_ending():
    assert words("THL:n ja FPA:s klo 16:00") == ["thl", "ja", "fpa", "klo", "16", "00"]


def test_letters_put_together_from_parts_are_the_same_word():
    assert words("a\u0308iti") == ["äiti"]


def test_as_many_basic_forms_as_words():
    text = "Kunta ja sen 12 kylää – xyzzy, FPA:s."
    assert len(lemmas(text, "fi")) == len(words(text))


def test_another_language_keeps_its_words():
    assert lemmas("Bearašguovddáš lea rabas", "se") == ["bearašguovddáš", "lea", "rabas"]


def test_dictionaries_are_packed_once(settings, tmp_path, monkeypatch):
    settings.LEMMAS_DIR = tmp_path
    monkeypatch.setattr(module, "LANGUAGES", frozenset({"en"}))
    assert build_dictionaries() == ["en"]
    assert build_dictionaries() == []
    assert [path.name for path in next(tmp_path.iterdir()).iterdir()] == ["en.dic"]


def test_the_beginning_of_a_word_is_not_taken_for_a_shorter_word():
    assert lemmas("perhekah kohtaamispaikk familjec", "fi") == ["perhekah", "kohtaamispaikk", "familjec"]
