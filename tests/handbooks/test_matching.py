import pytest

from documents.html import Incoming
from documents.services.outline import rename_section
from handbooks.matching import EXACT, GUESS, NUMBERING, SIMILAR, Matcher, Outline, Task, is_form, likeness
from handbooks.placement import TITLE, TRAY
from handbooks.services.imports import ACCEPTED, matcher_of, placement_of, prepare_import
from tests.handbooks.factories import make_handbook, make_template, sample_file, sample_template

TASKS = [
    Task("johtaminen", None, ("Johtaminen ja yhteistyörakenteet", "Ledning och samarbetsstrukturer")),
    Task("johtaminen-nykytila", "johtaminen", ("Nykytila", "Nuläge"), "current_state"),
    Task("johtaminen-toimii", "johtaminen", ("Mikä toimii", "Det som fungerar"), "success"),
    Task("johtaminen-tarpeet", "johtaminen", ("Kehittämistarpeet", "Utvecklingsbehov"), "development_need"),
    Task("johtaminen-toimenpiteet", "johtaminen", ("Toimenpide-ehdotukset", "Åtgärdsförslag"), "proposed_action"),
    Task("palvelut", None, ("Palvelut ja verkosto", "Service och nätverk")),
    Task("palvelut-nykytila", "palvelut", ("Nykytila", "Nuläge"), "current_state"),
    Task("palvelut-tyonjako", "palvelut", ("Sovimme työnjaosta", "Vi kom överens om arbetsfördelningen"), "agreement"),
    Task("ero", None, ("Sovinnollinen ero ja vanhemmuuden jatkuminen",)),
    Task("turvallisuus", None, ("Lähisuhdeväkivallan ehkäisy", "Förebyggande av våld i nära relationer")),
    Task("kohtaamispaikat", None, ("Kohtaamispaikat", "Mötesplatser")),
]


@pytest.mark.parametrize(
    ("heading", "chapter", "level", "key", "certainty", "check"),
    [
        ("Johtaminen ja yhteistyörakenteet", None, 1, "johtaminen", EXACT, False),
        ("JOHTAMINEN JA YHTEISTYÖRAKENTEET:", None, 1, "johtaminen", EXACT, False),
        ("2. Johtaminen ja yhteistyörakenteet", None, 1, "johtaminen", NUMBERING, False),
        ("2.1 Nykytila:", "johtaminen", 2, "johtaminen-nykytila", NUMBERING, False),
        ("Nykytila", "palvelut", 2, "palvelut-nykytila", EXACT, False),
        ("Nuläge", "palvelut", 2, "palvelut-nykytila", EXACT, False),
        ("Ledning och samarbetsstrukturer", None, 1, "johtaminen", EXACT, False),
        ("Mitä pitäisi kehittää", "johtaminen", 2, "johtaminen-tarpeet", SIMILAR, False),
        ("Vad borde utvecklas?", "johtaminen", 2, "johtaminen-tarpeet", SIMILAR, False),
        ("Ehdotuksemme toimenpiteiksi", "johtaminen", 2, "johtaminen-toimenpiteet", SIMILAR, False),
        ("Nykytila ja mikä toimii", "johtaminen", 2, "johtaminen-nykytila", SIMILAR, True),
        ("Mikä toimii ja nykytila", "johtaminen", 2, "johtaminen-toimii", SIMILAR, True),
        ("Palvelut ja niiden verkosto meillä", None, 1, "palvelut", SIMILAR, False),
        ("Sovimme työnjaosta", "johtaminen", 2, "palvelut-tyonjako", EXACT, True),
        ("Väkivallan ehkäiseminen lähisuhteissa", None, 1, "turvallisuus", SIMILAR, False),
        ("Ero ja yhteinen vanhemmuus", None, 1, "ero", GUESS, True),
        ("Kohtaamispaikat rannikolla", None, 1, "kohtaamispaikat", GUESS, True),
        ("Liite: kohtaamispaikat ja ryhmät", None, 1, None, "", False),
        ("Bilaga 1 Mötesplatser", None, 1, None, "", False),
        ("Muuta, mitä haluamme sanoa", None, 1, None, "", False),
        ("Nykytila", None, 1, None, "", False),
        ("", "johtaminen", 2, None, "", False),
    ],
)
def test_heading_finds_its_section(heading, chapter, level, key, certainty, check):
    found = Outline(TASKS).find(heading, chapter=chapter, level=level)
    if key is None:
        assert found is None
    else:
        assert (found.key, found.certainty, found.check) == (key, certainty, check)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Osaaminen ja uusien perehdyttäminen", "Osaaminen ja perehdytys", True),
        ("Vanhempien ja parisuhteen tukeminen", "Vanhemmuuden ja parisuhteen tuki", True),
        ("Terveys ja hyvinvointi", "Terveyden ja hyvinvoinnin edistäminen", True),
        ("Saate", "Osaaminen ja perehdytys", False),
        ("Vapaa sana", "Palvelut ja verkosto", False),
    ],
)
def test_likeness_of_headings(one, other, alike):
    assert (likeness(one, other) >= 0.5) is alike
    assert likeness(one, other) == likeness(other, one)


@pytest.mark.parametrize(
    ("questions", "form"),
    [
        (["Nykytila", "Mikä toimii", "Kehittämistarpeet"], True),
        (["Nykytila Kuvatkaa lyhyesti", "Mikä toimii", "Muuta"], True),
        (["helmikuu", "maaliskuu", "huhtikuu"], False),
        (["Nykytila", "Lääkärit", "Autot", "Talot"], False),
        (["Nykytila"], True),
        ([], False),
    ],
)
def test_table_is_a_form_when_it_asks_the_chapters_tasks(questions, form):
    assert is_form(questions, Outline(TASKS), "johtaminen") is form


class Line:
    """A piece of a file as its reader tells it."""

    def __init__(self, text, level=0, *, guess=False, key="", title=False, own=False, in_guidance=False):
        self.incoming = Incoming(kind="paragraph", text={"body": text})
        self.heading_level, self.heading_guess = level, guess
        self.section_key, self.is_title, self.is_section_heading = key, title, own
        self.in_guidance, self.typed = in_guidance, ""


def places(*lines, **kwargs):
    matcher = Matcher(TASKS, **kwargs)
    return [matcher.place(line) for line in lines]


def test_unknown_chapter_waits_in_the_tray_with_all_that_stands_below_it():
    found = places(
        Line("Johtaminen ja yhteistyörakenteet", 1),
        Line("Liite: muistilista", 1),
        Line("Nykytila", 2),
        Line("Tämä ei ole johtamista."),
        Line("Palvelut ja verkosto", 1),
        Line("Tämä on palveluja."),
    )
    assert [place.key for place in found] == ["johtaminen", None, None, None, "palvelut", "palvelut"]
    assert [place.role for place in found] == ["heading", "text", "text", "text", "heading", "text"]


def test_first_unknown_heading_of_a_chapter_is_its_first_task_to_be_checked():
    found = places(Line("Kohtaamispaikat", 1), Line("Johtaminen ja yhteistyörakenteet", 1), Line("Missä tavataan", 2))
    assert (found[2].key, found[2].certainty, found[2].check) == ("johtaminen-nykytila", GUESS, True)
    assert found[2].role == "text"


def test_later_unknown_heading_stays_in_the_answer():
    found = places(
        Line("Johtaminen ja yhteistyörakenteet", 1), Line("Mikä toimii", 2), Line("Perheen ääni", 2), Line("Hyvää.")
    )
    assert [place.key for place in found[2:]] == ["johtaminen-toimii", "johtaminen-toimii"]
    assert [place.check for place in found[2:]] == [True, False]


def test_title_of_the_handbook_is_no_text():
    found = places(
        Line("Perhekeskuskäsikirja", title=True),
        Line("Johtaminen ja yhteistyörakenteet", 1),
        Line("Perhekeskuskäsikirja"),
        titles=["Perhekeskuskäsikirja, Oulu 2022", "Perhekeskuskäsikirja"],
    )
    assert [(place.key, place.role) for place in found] == [
        (None, "heading"),
        ("johtaminen", "heading"),
        ("johtaminen", "text"),
    ]


def test_hidden_name_needs_no_guessing():
    found = places(
        Line("Jotain aivan muuta", 2, key="palvelut-nykytila", own=True),
        Line("Nykytila", 2, key="palvelut-nykytila", own=True),
        Line("Vastaus", key="palvelut-nykytila"),
        Line("Ohjeen väliin kirjoitettu", key="palvelut-nykytila", in_guidance=True),
        names={"palvelut-nykytila": "palvelut-nykytila"},
    )
    assert {place.key for place in found} == {"palvelut-nykytila"}
    assert [place.role for place in found] == ["text", "heading", "text", "text"]
    assert [place.check for place in found] == [False, False, False, True]


# --- The sample's six files -------------------------------------------------------------------------------

SAMPLES = {
    # name: (least share of placed pieces, a piece's first words -> where it goes)
    "oulu": (
        0.95,
        {
            "Alueeseen kuuluu suuri kaupunki": "perustiedot-alue",
            "Monen palvelun perheiltä puuttuu": "palvelut-tarpeet",
            "Palvelu tai tehtävä": "palvelut-tyonjako",
            "Kysyimme perhetalossa": "osallisuus-perheille",
            "helmikuu": "perustiedot-kokoukset",
        },
    ),
    "lakeus": (0.95, {}),
    "koillismaa": (
        0.95,
        {
            "Alueella toimii lapsiperhepalvelujen työryhmä": "johtaminen-nykytila",
            "Yhteistyö on ihmisten varassa": "johtaminen-tarpeet",
            "Tätä osiota on täydennetty": "kohtaamispaikat",
            "Mistä palvelun saa": "palvelut-toimenpiteet",
        },
    ),
    "oulunkaari": (0.9, {"koulukyydit": TRAY}),
    "oulun-etelainen": (0.9, {"Paikka ja ryhmä": TRAY}),
    "rannikko": (
        0.8,
        {
            "Terveystarkastukset toteutuvat": "terveys-nykytila",
            "Pienten koulujen lapsille": "terveys-tarpeet",
            "Perhekahvilan ajat ovat vuorotyötä": "kohtaamispaikat-tarpeet",
            "Kaupungissa asuvalla": "palvelut-nykytila",
            "Hei kaikki!": TRAY,
        },
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", SAMPLES)
def test_sample_file_is_placed_and_its_words_agree(name):
    share, expected = SAMPLES[name]
    handbook = make_handbook(data=sample_template())
    word_import = prepare_import(
        handbook, content=sample_file(name), name=f"{name}.docx", language="fi", by=None, tracked=ACCEPTED
    )
    placement = placement_of(word_import)
    counts = placement.counts()
    assert counts.words == word_import.words_in_file
    assert counts.words_imported == word_import.words_in_file
    assert counts.words_text + counts.words_headings + counts.words_tray == counts.words
    assert (counts.pieces - counts.tray) / counts.pieces >= share
    for words, place in expected.items():
        entry = next(row for row in placement.entries if row.text.startswith(words))
        assert entry.place == place, words


@pytest.mark.django_db
def test_matching_reads_the_handbooks_own_headings_and_the_templates():
    handbook = make_handbook()
    section = handbook.document.sections.get(key="johtaminen")
    rename_section(section, heading={"fi": "Kuka päättää"}, by=None)
    outline = matcher_of(handbook).outline
    assert outline.find("Kuka päättää", chapter=None, level=1).key == "johtaminen"
    assert outline.find("Ledning", chapter=None, level=1).key == "johtaminen"
    assert make_template(handbook.region).outcome == "unchanged"
    assert TITLE not in outline.tasks
