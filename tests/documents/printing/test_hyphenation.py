import pytest

from documents.printing.hyphenation import divided


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("perhekeskus", "per-he-kes-kus"),
        ("kohtaamispaikkatoiminta", "koh-taa-mis-paik-ka-toi-minta"),
        ("lastensuojelu", "las-ten-suo-jelu"),
        ("saavutettavuutta", "saa-vu-tet-ta-vuutta"),
    ],
)
def test_divided_before_a_consonant_that_a_vowel_follows(word, expected):
    assert divided(word) == expected


@pytest.mark.parametrize(
    ("word", "border"),
    [
        ("toiminnanohjaus", "toi-min-nan-oh-jaus"),
        ("osallisuusohjelma", "osal-li-suus-oh-jelma"),
        ("toimenpideohjelma", "toi-men-pi-de-oh-jelma"),
        ("varhaiskasvatusyksikkö", "var-hais-kas-va-tus-yk-sikkö"),
        ("järjestöyhteistyö", "jär-jes-tö-yh-teis-työ"),
        ("hyvinvointialue", "hyvin-voin-ti-alue"),
    ],
)
def test_divided_at_the_border_of_a_compound(word, border):
    assert divided(word) == border


@pytest.mark.parametrize(
    ("word", "expected"), [("strategia", "stra-te-gia"), ("palvelustrategia", "pal-ve-lu-stra-te-gia")]
)
def test_foreign_clusters_are_kept_together(word, expected):
    assert divided(word) == expected


def test_short_ends_are_not_cut_off():
    assert divided("pieni") == "pieni"
    assert divided("perheet").split("-")[-1] == "heet"
