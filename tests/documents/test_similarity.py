"""Proposals that speak of the same thing, on sentences of the sample's handbooks."""

import time

import pytest

from documents.lemmas import lemmas
from documents.similarity import groups

CAFE = {
    "koillismaa": "Pidetään perhekahvila avoinna myös yhtenä iltana viikossa ja joka kuukauden ensimmäisenä "
    "lauantaina. Kesäksi kahvila siirtyy leikkipuistoon.",
    "oulu": "Pidetään perhekahvila auki yhtenä iltana viikossa ja yhtenä lauantaina kuussa, kesäkuukaudet mukaan "
    "lukien.",
    "rannikko": "Laajennetaan perhekahvilan aukioloa: yksi ilta ja yksi lauantaiaamu viikossa, kesällä rannan "
    "leikkipuistossa.",
}
PANEL = {
    "lakeus": "Perustetaan Lakeuden vanhempainraati, joka kokoontuu illalla verkossa kolmesti vuodessa ja jonka "
    "esityksiin kuntien on vastattava kuukaudessa.",
    "oulunkaari": "Perustetaan alueen vanhempainraati, joka kokoontuu verkossa kolme kertaa vuodessa, ja annetaan "
    "jokaisesta ehdotuksesta vastaus raadille.",
}
OTHERS = {
    "kuljetus": "Sovitaan kuntien kanssa taksikyydeistä sivukylien kuntoutusasiakkaille.",
    "tulkki": "Tilataan tulkki aina, kun vanhempi ei puhu suomea.",
    "vuosikello": "Tehdään tiimille vuosikello, johon merkitään matkailun sesongit.",
}


def finnish(*sources):
    return [(key, text, "fi") for source in sources for key, text in source.items()]


def keys(found):
    return [group.keys for group in found]


def test_areas_that_propose_the_same_come_into_one_group_with_the_reason():
    found = groups(finnish(CAFE, PANEL, OTHERS))

    assert keys(found) == [["koillismaa", "oulu", "rannikko"], ["lakeus", "oulunkaari"]]
    assert {"perhekahvila", "ilta", "lauantai"} <= set(found[0].shared_words)
    assert "vanhempainraati" in found[1].shared_words
    assert "perhe" not in found[0].shared_words


def test_words_are_alike_in_whatever_form_they_stand():
    found = groups([("a", "Perhekahvilat auki lauantaisin.", "fi"), ("b", "Lauantaina perhekahvila on auki.", "fi")])

    assert keys(found) == [["a", "b"]]


def test_compound_is_alike_to_its_first_part_that_others_use():
    assert keys(groups([("a", "Perhekahvila", "fi"), ("b", "Perhekahvilatoiminta", "fi")])) == [["a", "b"]]


def test_nothing_in_common_is_no_group():
    assert groups(finnish(OTHERS)) == []
    assert groups([]) == []
    assert groups([("a", "", "fi"), ("b", "", "fi")]) == []


def test_words_of_every_proposal_make_no_group():
    vague = [(str(n), f"Kehitetään perhekeskuksen palveluja ja toimintaa alueella {n}.", "fi") for n in range(3)]

    assert groups(vague) == []


def test_languages_are_not_mixed_and_one_common_language_is_enough():
    items = [
        ("a", "Perhekahvila avataan lauantaisin.", "fi"),
        ("b", "Familjecaféet öppnas på lördagar.", "sv"),
        ("c", "Familjecaféerna är öppna på lördagar.", "sv"),
    ]
    assert keys(groups(items)) == [["b", "c"]]

    both = [*items, ("c", "Lauantaisin avataan perhekahvila.", "fi")]
    assert keys(groups(both)) == [["a", "b", "c"]]


def test_what_a_person_kept_apart_never_comes_together_again():
    apart = [frozenset({"koillismaa", "oulu"}), frozenset({"oulu", "rannikko"})]

    found = groups(finnish(CAFE, OTHERS), apart=apart)

    assert keys(found) == [["koillismaa", "rannikko"]]


def test_same_texts_give_the_same_groups_in_any_order():
    items = finnish(CAFE, PANEL, OTHERS)

    there, back = groups(items), groups(items[::-1])

    assert sorted(sorted(row.keys) for row in there) == sorted(sorted(row.keys) for row in back)
    assert [row.shared_words for row in there] == [row.shared_words for row in groups(items)]


def test_long_chain_is_not_one_group():
    """Each resembles the next, and the last has nothing in common with the first."""
    words = "kahvila", "leikkipuisto", "lauantai", "tulkki", "taksi", "neuvola", "kirjasto", "raati", "koulutus"
    chain = [(str(n), " ".join(words[n : n + 3]), "fi") for n in range(len(words) - 2)]

    assert all(len(group.keys) < len(chain) for group in groups(chain))


@pytest.mark.parametrize("count", [500])
def test_five_hundred_proposals_are_grouped_in_time(count):
    sentences = [*CAFE.values(), *PANEL.values(), *OTHERS.values()]
    items = [(str(n), f"{sentences[n % len(sentences)]} Paikka {n % 83}.", "fi") for n in range(count)]
    for _key, text, language in items:
        lemmas(text, language)  # the dictionary is read once in the life of a process

    begun = time.process_time()
    groups(items)

    # What grows with the square of the proposals takes minutes; how fast it is, the benchmarks tell.
    assert time.process_time() - begun < 10
