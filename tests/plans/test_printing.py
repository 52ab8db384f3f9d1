import datetime
import io
import re
from dataclasses import replace

import pytest
import time_machine
from django.utils import translation
from openpyxl import load_workbook

from documents.blocks import Block
from documents.frozen import FrozenSection
from documents.printing.engine import check_pdf
from documents.richtext import plain
from plans.blocks import indicator_lines
from plans.exports import write_workbook
from plans.printing import actions_by_organisation, goals_of, print_full, print_table, summary_by_criterion, years
from plans.short_edition import costs_by_year, print_short
from tests.documents.printing import texts
from tests.documents.printing.structure import Structure


@pytest.fixture(scope="module")
def full_pdf(_unknown_template_variables_fail):
    return print_full(texts.edition_of(texts.plan()))


@pytest.fixture(scope="module")
def full(full_pdf):
    return Structure(full_pdf)


@pytest.fixture(scope="module")
def table(_unknown_template_variables_fail):
    return Structure(print_table(texts.edition_of(texts.plan(), layout="table")))


def said(message, **values):
    with translation.override("fi"):
        return translation.gettext(message) % values


def goal_tables(structure):
    start = said("Goal %(number)s. %(title)s", number="", title="").split(" ")[0]
    return [
        element
        for element in structure.all("Table")
        if element.all("Caption") and element.all("Caption")[0].text.startswith(f"{start} ")
    ]


def cells(row):
    return [" ".join(cell.text.split()) for cell in row.all("TH", "TD")]


def test_full_plan_is_pdf_ua(full_pdf):
    assert check_pdf(full_pdf)["failures"] == []


def test_same_version_gives_same_bytes():
    editions = [texts.edition_of(texts.plan(goals=4)) for _time in range(2)]

    assert print_full(editions[0]) == print_full(editions[1])


def test_plan_in_swedish_is_pdf_ua_and_says_which_words_are_finnish():
    content = print_full(texts.edition_of(texts.plan(goals=4), language="sv"))
    structure = Structure(content)

    assert check_pdf(content)["failures"] == []
    assert str(structure.pdf.Root.Lang) == "sv"
    assert structure.headings()[0][1].startswith("Verksamhetsplan")
    assert all(str(row.raw.get("/Lang")) == "fi" for row in structure.all("P") if "Perhekeskus kokoaa" in row.text)
    finnish = {row.text.strip() for row in structure.all("Span") if str(row.raw.get("/Lang", "")) == "fi"}
    assert texts.GOALS[0] in finnish


def test_goals_alone_say_what_is_only_in_finnish_where_a_goal_is():
    plan = texts.plan(goals=4)
    with translation.override("sv"):
        sentence = translation.gettext("Some of the text is only in Finnish.")

    def says(content):
        structure = Structure(print_table(texts.edition_of(content, layout="table", language="sv")))
        return [row.text.strip() for row in structure.all("P")].count(sentence)

    def in_swedish(block):
        return replace(block, text={unit: {**words, "sv": words["fi"]} for unit, words in block.text.items()})

    # The chapters around the goals stay Finnish, but they are not printed here.
    translated = [
        replace(
            section,
            heading={**section.heading, "sv": "Kapitel"}
            if any(not row.is_text for row in section.blocks)
            else section.heading,
            blocks=[row if row.is_text else in_swedish(row) for row in section.blocks],
        )
        for section in plan.sections
    ]
    assert says(plan) == 1
    assert says(replace(plan, sections=translated)) == 0


def test_headings_skip_no_level(full):
    previous = 0
    for level, text in full.headings():
        assert level <= previous + 1, text
        previous = level


def test_each_goal_is_one_small_table(full):
    tables = goal_tables(full)

    assert len(tables) == 20
    assert [len(row.all("THead")) for row in tables] == [1] * 20
    assert [len(row.all("TR")) for row in tables] == [4] * 20


def test_goal_table_has_the_five_columns_in_order(full):
    head, first, second, third = goal_tables(full)[0].all("TR")

    assert cells(head) == [said(name) for name in ("No.", "Measure", "Responsible", "Schedule", "Resources")]
    assert cells(first)[0] == "1.1"
    assert cells(first)[3] == "syksy 2024"
    assert cells(first)[4] == said("own work")
    assert cells(second)[3] == "2023–2025"
    assert cells(third)[3] == said("from %(year)s", year=2023)
    assert "2024: 10 000 €" in third.all("TD")[-1].text
    assert [str(cell.attributes["/Scope"]) for cell in head.all("TH")] == ["/Column"] * 5
    assert str(first.all("TH")[0].attributes["/Scope"]) == "/Row"


def test_lead_stands_first_and_partners_apart(full):
    responsible = goal_tables(full)[0].all("TR")[1].all("TD")[1]

    assert responsible.text.startswith("Pohde, Oulu")
    assert "MLL" in responsible.all("P")[0].text


def test_goal_tells_criteria_and_way_from_baseline_to_target(full):
    caption = goal_tables(full)[0].all("Caption")[0].text

    assert "1 Esimerkkikriteeri 1" in caption
    assert "4 Esimerkkikriteeri 4" in caption
    assert "48 % (2022) → 65,5 % (2025)" in caption


def test_measured_indicator_is_a_picture_with_its_table(full):
    charts = [figure for figure in full.all("Figure") if "tuntevat" in str(figure.raw.Alt)]

    assert len(charts) == 5
    values = [element.text for element in full.all("Table") if "2021" in element.text and "40" in element.text]
    assert any("44" in text and "48" in text for text in values)


def test_contents_name_chapters_summary_and_appendices(full):
    entries = [entry.text_without("TOC") for entry in full.all("TOCI")]
    summary = said("Summary by criterion")

    assert any(entry.startswith(f"9 {summary}") for entry in entries)
    assert entries[-1].strip().endswith(str(full.page_of("appendix-writers")))
    assert f"{full.page_of('summary-by-criterion')}" in next(entry for entry in entries if summary in entry)


def test_goals_are_bookmarks(full):
    with full.pdf.open_outline() as outline:
        priorities = next(item for item in outline.root if item.title.startswith("7 "))
        goals = [item.title for below in priorities.children for item in below.children]

    assert len(goals) == 20
    assert goals[0] == said("Goal %(number)s. %(title)s", number=1, title=texts.GOALS[0])


def test_compiled_lines_name_other_places_than_the_chapter_itself(full):
    assert "(Oulu, Koillismaa)" in full.document.text
    assert "(Lakeus)" not in full.document.text


def test_sources_name_handbooks_and_their_sections(full):
    rows = [cells(row) for row in full.all("TR")]

    assert [texts.AREAS[0] in row for row in rows if row[0] == "Perhekeskuskäsikirja, Oulu"] == [True]
    origin = next(row for row in rows if row[0] == "6.1 Oulu")
    assert "Oulu" in origin[1]
    assert "1.2" in origin[1]
    assert "Koillismaa" in origin[1]


def test_short_names_are_explained(full):
    assert ["Pohde", "Pohjois-Pohjanmaan hyvinvointialue"] in [cells(row) for row in full.all("TR")]


def test_table_layout_has_goals_alone(table):
    assert len(goal_tables(table)) == 20
    assert table.all("TOC") == []
    assert table.all("Figure") == []
    assert [text for level, text in table.headings() if level == 2] == [
        "7.1 Kohtaamispaikat",
        "7.2 Varhainen tuki",
        "7.3 Yhteistyö",
        "7.4 Osallisuus",
    ]


def test_table_layout_is_pdf_ua():
    assert check_pdf(print_table(texts.edition_of(texts.plan(goals=4))))["failures"] == []


def test_plan_without_goals_says_so():
    structure = Structure(print_table(texts.edition_of(texts.plan(goals=0))))

    assert said("The plan has no goals yet.") in structure.document.text
    assert check_pdf(print_full(texts.edition_of(texts.plan(goals=0))))["failures"] == []


def test_goal_without_measures_is_printed():
    structure = Structure(print_full(texts.edition_of(texts.plan(goals=4, actions=0))))

    assert len(goal_tables(structure)) == 4
    assert said("No measures yet.") in goal_tables(structure)[0].text


def test_summary_lists_every_criterion_and_those_without_a_goal():
    edition = texts.edition_of(texts.plan())
    groups = summary_by_criterion(edition, goals_of(edition))
    criteria = {
        row["name"].split(" ")[0]: [goal.number for goal in row["goals"]] for g in groups for row in g["criteria"]
    }

    assert [group["name"] for group in groups] == ["Palvelut", "Johtaminen"]
    assert criteria["1"] == ["1", "8", "11", "18"]
    assert criteria["11"] == []
    assert [name.split(" ")[0] for group in groups for name in group["unanswered"]] == ["11", "12"]


def test_organisations_are_listed_with_what_they_own_and_join():
    edition = texts.edition_of(texts.plan(goals=4, actions=1))
    rows = {row["name"]: row for row in actions_by_organisation(goals_of(edition))}

    county = rows["Pohjois-Pohjanmaan hyvinvointialue"]
    assert [action.number for action in county["led"]] == ["1.1"]
    assert county["joined"] == ["4.1"]
    assert rows["Oulun kaupunki"]["shared"] == ["1.1"]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2023-01-01", "2025-12-31", "2023–2025"),
        ("2024-01-01", "2024-06-30", "2024"),
        (None, None, ""),
    ],
)
def test_years_stand_in_for_a_schedule(start, end, expected):
    assert years({"starts_on": start, "ends_on": end}) == expected


def squeezed(words):
    """Without spaces and the hyphens at which lines were cut."""
    return re.sub(r"[\s\u00ad\u2010-]", "", words)


def test_short_edition_has_the_opening_words_the_goals_and_the_euros():
    content = texts.plan(goals=4)
    paragraph = Block(id="t000000001", kind="paragraph", text={"body": {"fi": "Lautakunta päättää."}})
    summary = FrozenSection("tiivistelma", None, 1, "", {"fi": "Tiivistelmä"}, "", None, [paragraph])
    content = replace(content, sections=[summary, *content.sections])
    pdf = print_short(texts.edition_of(content, layout="summary"))
    assert check_pdf(pdf)["failures"] == []
    structure = Structure(pdf)
    headings = [text for level, text in structure.headings() if level == 2]
    assert headings == ["Tiivistelmä", said("Priorities and goals"), said("What the plan costs")]
    words = structure.document.text
    assert "Lautakunta päättää." in words
    for goal in goals_of(texts.edition_of(content)).values():
        assert squeezed(plain(goal.title)) in squeezed(words)


def test_euros_of_a_year_are_those_of_all_its_measures():
    def action(number, euros, resources):
        return Block(id=f"a{number:09d}", kind="action", data={"euros": euros, "resources": resources})

    blocks = [
        action(1, {"2026": 1000, "2027": 500}, ["additional", "own_work"]),
        action(2, {"2026": 250.5}, ["in_budget"]),
        action(3, {}, ["own_work"]),
    ]
    section = FrozenSection("x", None, 1, "1", {"fi": "X"}, "", None, blocks)
    content = replace(texts.plan(goals=0), sections=[section])
    rows = costs_by_year(texts.edition_of(content))
    assert [tuple(cell.replace("\xa0", " ") for cell in row.values()) for row in rows] == [
        ("2026", "1 250,5 €", "1 000 €"),
        ("2027", "500 €", "500 €"),
    ]


# --- The spreadsheet ----------------------------------------------------------------------------------------


def workbook(content):
    return load_workbook(io.BytesIO(write_workbook(texts.edition_of(content))))


def rows_of(sheet):
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_workbook_has_a_row_for_each_measure_goal_and_indicator():
    book = workbook(texts.plan())

    assert [sheet.max_row - 1 for sheet in book.worksheets] == [60, 20, 20]
    first = rows_of(book.worksheets[0])[2]
    assert first[said("No.")] == "1.3"
    assert first[said("Goal")] == texts.GOALS[0]
    assert first[said("Lead responsibility")] == "Mannerheimin Lastensuojeluliiton paikallisyhdistykset"
    assert first[said("Euros %(year)s", year=2024)] == 10000
    assert first[said("Starts")] == datetime.datetime(2023, 1, 1)
    assert rows_of(book.worksheets[2])[0][said("Target")] == 65.5


def test_workbook_keeps_the_ids_that_tie_its_rows_together():
    book = workbook(texts.plan())
    goals = {row[said("Id of the goal")] for row in rows_of(book.worksheets[1])}

    assert len(goals) == 20
    assert {row[said("Id of the goal")] for row in rows_of(book.worksheets[0])} == goals


@pytest.mark.parametrize("words", ["=1+1", "+358 40 123", "-1", "@SUM(A1)", "=HYPERLINK(&quot;https://a.b&quot;)"])
def test_words_never_become_formulas(words):
    content = texts.plan(goals=4, actions=1)
    blocks = list(content.blocks())
    action = next(block for block in blocks if block.kind == "action")
    changed = replace(action, text={**action.text, "title": {"fi": words}})
    sections = [
        replace(row, blocks=[changed if block.id == action.id else block for block in row.blocks])
        for row in content.sections
    ]
    book = workbook(replace(content, sections=sections))

    cell = book.worksheets[0]["B2"]
    assert cell.data_type == "s"
    assert cell.value == words.replace("&quot;", '"')


def test_same_version_gives_the_same_workbook():
    edition = texts.edition_of(texts.plan(goals=4))
    with time_machine.travel("2026-03-01"):
        first = write_workbook(edition)

    with time_machine.travel("2027-03-01"):
        assert write_workbook(edition) == first


# --- What became of the needs -------------------------------------------------------------------------------------

NEEDS = [
    {
        "title": {"fi": "Kahvilat auki iltaisin"},
        "state": "taken",
        "section": "{section}",
        "reason": "",
        "areas": [{"fi": "Oulu"}, {"fi": "Lakeus"}],
        "body": {"fi": "Ryhmä"},
        "decided_on": "2022-06-10",
    },
    {
        "title": {"fi": "Tulkkeja saatava"},
        "state": "later",
        "section": None,
        "reason": "Ei rahaa.",
        "areas": [{"fi": "Rannikko"}],
        "body": {"fi": "Ryhmä"},
        "decided_on": "2022-06-10",
    },
]


def with_needs(edition):
    section = edition.frozen.sections[5]
    needs = [row | ({"section": section.key} if row["section"] else {}) for row in NEEDS]
    return replace(edition, frozen=replace(edition.frozen, whole=edition.frozen.whole | {"needs": needs})), section


def test_needs_that_were_left_for_later_are_printed_with_their_reason():
    edition, section = with_needs(texts.edition_of(texts.plan(goals=1)))
    pdf = print_full(edition)
    rows = [cells(row) for row in Structure(pdf).all("TR")]

    assert ["Tulkkeja saatava", "Rannikko", "Ei rahaa. (Ryhmä, 10.6.2022)"] in rows
    assert [
        f"{section.number} {section.heading['fi']}".strip(),
        "Kahvilat auki iltaisin (Oulu, Lakeus)",
    ] in rows
    assert check_pdf(pdf)["failures"] == []


def test_version_from_before_the_needs_were_grouped_prints_without_them(full):
    assert "needs" not in texts.edition_of(texts.plan()).frozen.whole
    assert said("What became of the needs") not in full.document.text


def test_numbers_of_an_indicator_have_the_readers_decimal_sign():
    block = Block(id="m1", kind="indicator", text={"name": {"sv": "Träffpunkter"}}, data={"baseline": "1234.5"})
    assert [text for _label, text in indicator_lines(block, {}, "sv")][1] == "1\N{NO-BREAK SPACE}234,5"
