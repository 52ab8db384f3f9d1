"""A plan and a handbook of a real one's size, frozen, without a database."""

import datetime
import io
import itertools

from PIL import Image

from documents.frozen import Frozen, canonical, read_bytes
from documents.printing.document import Edition

FROZEN_AT = datetime.datetime(2026, 2, 25, 10, 30, tzinfo=datetime.UTC)
AREAS = ("Oulu", "Koillismaa", "Lakeus", "Rannikko", "Oulunkaari", "Oulun eteläinen")
SENTENCES = (
    "Perhekeskus kokoaa lasten, nuorten ja perheiden palvelut yhdeksi verkostoksi, jossa perhe saa apua ensimmäisestä "
    "kohtaamisesta lähtien.",
    "Kohtaamispaikkatoimintaa on jokaisella alueella, mutta aukioloajat ja tarjonta vaihtelevat paljon.",
    "Hyvinvointialueen, kuntien, järjestöjen ja seurakuntien työntekijät tuntevat toisensa, ja yhteistyö sujuu "
    "arjessa.",
    "Perheiden kokemuksia kerätään säännöllisesti, ja palautteen perusteella muutetaan toimintaa vähintään kerran "
    "vuodessa.",
    "Varhaiskasvatusyksiköiden ja lastenneuvoloiden yhteydenpidosta on sovittu kirjallisesti.",
    "Harvaan asutulla alueella välimatkat ovat pitkiä, ja sähköinen perhekeskus täydentää lähipalveluja.",
    "Monialaisesta työskentelystä on saatu hyviä kokemuksia, kun vastuista on sovittu ajoissa.",
    "Palvelujen saavutettavuutta parannetaan kertomalla niistä suomeksi, ruotsiksi ja selkokielellä.",
)
CHAPTERS = (
    ("Tiivistelmä", ()),
    ("Johdanto", ("Mitä suunnitelma koskee", "Miten suunnitelma laadittiin")),
    ("Perhekeskus alueellamme", ("Verkosto ja sen tehtävät", "Johtaminen")),
    ("Lapset, nuoret ja perheet lukuina", ("Väestö", "Hyvinvointi")),
    ("Palvelut, kohtaamispaikat ja sähköinen perhekeskus", ("Palvelut", "Kohtaamispaikat", "Sähköinen perhekeskus")),
    ("Nykytila alueittain: mikä toimii, mitä pitää kehittää", AREAS),
    ("Painopisteet, tavoitteet ja toimenpiteet", ("Kohtaamispaikat", "Varhainen tuki", "Yhteistyö", "Osallisuus")),
    ("Seuranta ja arviointi", ("Vuosikello", "Mittarit")),
)
GOALS = (
    "Jokaisella perheellä on lähellä avoin kohtaamispaikka",
    "Perhe saa varhaisen tuen viikossa siitä, kun huoli herää",
    "Ammattilaiset sopivat työnjaosta ja tuntevat toistensa palvelut",
    "Lapset, nuoret ja vanhemmat ovat mukana suunnittelemassa palveluja",
    "Eroperheiden palvelut muodostavat selkeän kokonaisuuden",
)
ACTIONS = (
    "Laaditaan yhteinen kohtaamispaikkojen vuosikello ja julkaistaan se sähköisessä perhekeskuksessa",
    "Sovitaan perhekeskuskoordinaattorin ja varhaiskasvatusyksiköiden säännöllisistä tapaamisista",
    "Käynnistetään vertaisryhmiä yhdessä järjestöjen kanssa",
)
ORGANISATIONS = (
    ("Pohjois-Pohjanmaan hyvinvointialue", "Pohde"),
    ("Oulun kaupunki", "Oulu"),
    ("Mannerheimin Lastensuojeluliiton paikallisyhdistykset", "MLL"),
    ("Oulun seurakuntayhtymä", "Seurakuntayhtymä"),
    ("Kaikki kunnat", "Kaikki kunnat"),
)
RESOURCES = (["own_work"], ["in_budget"], ["own_work", "project"], ["additional"])


def picture(width=320, height=180):
    """A small PNG, the same each time."""
    image = Image.new("RGB", (width, height), "#d8e6ea")
    for x in range(0, width, 16):
        image.paste("#17566b", (x, height - 20 - (x * 7) % 110, x + 10, height - 10))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def pictures(key):
    return {"kuva": (picture(), "image/png"), "kansi": (picture(1200, 650), "image/png")}[key]


def edition_of(content, *, language="fi", is_draft=True, number=3, layout="full"):
    return Edition(
        frozen=content,
        language=language,
        number=number,
        frozen_at=FROZEN_AT,
        is_draft=is_draft,
        identifier=f"{content.document['public_id']}-{number}-{layout}-{language}",
        picture=pictures,
    )


class _Ids:
    def __init__(self):
        self._next = itertools.count(1)

    def __call__(self):
        return f"t{next(self._next):09d}"


def paragraph(ids, text, **more):
    return {"id": ids(), "kind": "paragraph", "text": {"body": {"fi": text}}, **more}


def prose(ids, start, count):
    for index in range(count):
        words = (SENTENCES[(start + index + offset) % len(SENTENCES)] for offset in range(4))
        yield paragraph(ids, " ".join(words))


def items(ids, texts, level=0):
    return [
        {
            "id": ids(),
            "kind": "list_item",
            "text": {"body": {"fi": text}},
            "data": {"level": level, "ordered": False},
        }
        for text in texts
    ]


def table(ids, rows):
    head, *body = rows
    columns = [f"c{index}" for index in range(len(head))]
    result = [
        {
            "id": ids(),
            "kind": "table",
            "text": {"caption": {"fi": "Lapsiperheet alueittain"}},
            "data": {"columns": columns, "head_column": True},
        }
    ]
    for row, is_head in [(head, True), *((row, False) for row in body)]:
        text = {column: {"fi": cell} for column, cell in zip(columns, row, strict=True)}
        result.append({"id": ids(), "kind": "table_row", "text": text, "data": {"head": is_head}})
    return result


def section(key, heading, blocks, parent=None):
    heading = heading if isinstance(heading, dict) else {"fi": heading}
    return {
        "key": key,
        "parent": parent,
        "heading": heading,
        "facet": "free",
        "criterion": None,
        "blocks": blocks,
    }


def frozen(sections, *, kind="handbook", resolved=None, whole=None, **document) -> Frozen:
    content = {
        "schema": 1,
        "document": {
            "public_id": "esimerkki1",
            "kind": kind,
            "region": {
                "code": "19",
                "name": {
                    "fi": "Pohjois-Pohjanmaan hyvinvointialue",
                    "sv": "Norra Österbottens välfärdsområde",
                },
                "accent": "#0b5d66",
            },
            "title": {"fi": "Perhekeskuksen toimintasuunnitelma", "sv": "Verksamhetsplan för familjecentret"},
            "description": {"fi": "Miten lasten, nuorten ja perheiden palveluja kehitetään yhdessä."},
            "languages": ["fi", "sv"],
            "is_sample": True,
            "cover": None,
            "coordinating_body": {"fi": "Perhekeskusten koordinaatioryhmä"},
            "writing_body": {"fi": "Toimintasuunnitelman työryhmä"},
            **document,
        },
        "sections": sections,
        "resolved": resolved or {},
        "whole": whole or {},
    }
    return read_bytes(canonical(content))


def handbook():
    """A handbook of some ten pages with every kind of text block."""
    ids = _Ids()
    sections = []
    for number, name in enumerate(("Perhekeskus alueella", "Palvelut", "Kohtaamispaikat", "Kehittäminen"), 1):
        blocks = list(prose(ids, number, 3))
        blocks.append({"id": ids(), "kind": "heading", "text": {"body": {"fi": "Mikä toimii"}}, "data": {"level": 2}})
        blocks += items(ids, SENTENCES[:3]) + items(ids, SENTENCES[3:5], level=1)
        blocks.append(paragraph(ids, f'{SENTENCES[0]}<span class="note">Sosiaali- ja terveysministeriö 2023.</span>'))
        blocks.append({"id": ids(), "kind": "quote", "text": {"body": {"fi": SENTENCES[3]}}})
        blocks += table(ids, [("Alue", "Lapsia", "Perheitä"), *((area, "4 210", "2 105") for area in AREAS)])
        sections.append(section(f"luku{number}", name, blocks))
        for part in ("Nykytila", "Sovitut asiat"):
            key = f"luku{number}-{part.lower().replace(' ', '-')}"
            sections.append(section(key, part, list(prose(ids, number + 2, 2)), parent=f"luku{number}"))
    sections[0]["blocks"].append(
        {
            "id": ids(),
            "kind": "figure",
            "text": {
                "alt": {"fi": "Pylväskuva kävijöistä kuukausittain."},
                "caption": {"fi": "Kävijät kuukausittain 2025."},
            },
            "data": {"file": "kuva"},
        }
    )
    return frozen(sections, title={"fi": "Perhekeskuskäsikirja, Koillismaa"})


def plan(goals=20, actions=3):
    """A plan with 20 goals and 60 actions in eight chapters, compiled from six handbooks."""
    ids = _Ids()
    sections, resolved, sources = [], {}, []
    criteria = [
        {
            "key": f"k{number}",
            "code": str(number),
            "title": {"fi": f"Esimerkkikriteeri {number}: perheet saavat tukea oikeaan aikaan"},
            "group": {"fi": "Palvelut" if number < 7 else "Johtaminen"},
        }
        for number in range(1, 13)
    ]
    for number, (name, parts) in enumerate(CHAPTERS, 1):
        key = f"luku{number}"
        sections.append(section(key, name, list(prose(ids, number, 5 if not parts else 2))))
        for place, part in enumerate(parts, 1):
            blocks = list(prose(ids, number + place, 3))
            if part in AREAS:
                compiled = items(ids, SENTENCES[1:6])
                sources += [_source(block["id"], part, f"{place}.2") for block in compiled]
                sources.append(_source(compiled[0]["id"], AREAS[place % 6], "1"))
                blocks += compiled
            elif name.startswith("Painopisteet"):
                share = goals // 4
                first = (place - 1) * share
                for goal in range(first, first + share):
                    blocks += _goal(ids, goal, actions, criteria, resolved)
            elif part == "Väestö":
                blocks += table(ids, [("Alue", "Lapsia", "Perheitä"), *((area, "4 210", "2 105") for area in AREAS)])
            sections.append(section(f"{key}-{place}", part, blocks, parent=key))
    whole = {
        "period": "2023–2025",
        "criteria_set": {"name": {"fi": "Esimerkkikriteerit"}, "official": False},
        "criteria": criteria,
        "sources": sources,
        "handbooks": [
            {
                "title": {"fi": f"Perhekeskuskäsikirja, {area}"},
                "place": {"fi": area},
                "version": 2,
                "frozen_at": "2026-01-15",
            }
            for area in AREAS
        ],
    }
    cover = {"file": "kansi", "sha256": "0" * 64, "alt": {"fi": "Piirroskuva perheestä leikkipuistossa."}}
    return frozen(sections, kind="plan", resolved=resolved, whole=whole, cover=cover)


def _source(block_id, area, label):
    return {
        "block": block_id,
        "handbook": {"title": {"fi": f"Perhekeskuskäsikirja, {area}"}, "place": {"fi": area}},
        "version": 2,
        "section": label,
        "quote": "",
    }


def _goal(ids, place, count, criteria, resolved):
    number = str(place + 1)
    goal = ids()
    chosen = [criteria[place % 10], criteria[(place + 3) % 10]]
    resolved[goal] = {"number": number, "criteria": chosen}
    yield {
        "id": goal,
        "kind": "goal",
        "text": {"title": {"fi": GOALS[place % len(GOALS)]}, "rationale": {"fi": SENTENCES[place % len(SENTENCES)]}},
        "data": {"criteria": [item["key"] for item in chosen]},
    }
    indicator = ids()
    values = [{"year": year, "area": None, "value": str(40 + place + 4 * (year - 2021))} for year in (2021, 2022, 2023)]
    resolved[indicator] = {"values": values if place % 4 == 0 else []}
    yield {
        "id": indicator,
        "kind": "indicator",
        "text": {
            "name": {"fi": "Perheet, jotka tuntevat lähimmän kohtaamispaikan"},
            "unit": {"fi": "%"},
            "source": {"fi": "Asiakaskysely"},
        },
        "data": {"goal": goal, "baseline": "48", "baseline_year": 2022, "target": "65.5", "target_year": 2025},
    }
    for action in range(count):
        block = ids()
        names = [ORGANISATIONS[(place + action + offset) % len(ORGANISATIONS)] for offset in range(3)]
        roles = zip(names, ("lead", "owner", "partner"), strict=True)
        resolved[block] = {
            "number": f"{number}.{action + 1}",
            "roles": [{"name": {"fi": name}, "short": {"fi": short}, "role": role} for (name, short), role in roles],
            "status": None,
        }
        yield {
            "id": block,
            "kind": "action",
            "text": {
                "title": {"fi": ACTIONS[action % len(ACTIONS)]},
                "description": {"fi": SENTENCES[(place + action) % len(SENTENCES)] if action == 1 else ""},
                "schedule": {"fi": "syksy 2024" if action == 0 else ""},
            },
            "data": {
                "goal": goal,
                "roles": [],
                "starts_on": "2023-01-01",
                "ends_on": "2025-12-31" if action == 1 else None,
                "resources": RESOURCES[(place + action) % 4],
                "euros": {"2024": 10000, "2025": 12500} if action == 2 else {},
            },
        }
