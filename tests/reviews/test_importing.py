"""Files of other services: read, explained, looked at, brought in once."""

import datetime
import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from jobs.models import Job
from jobs.services import run_due
from regions.models import StoredFile
from reviews.intake import reading, tables
from reviews.intake.mapping import LEAVE_OUT, TEXT, Reader, Surroundings, guess_mapping
from reviews.intake.reading import pack, read_sheets, unpack
from reviews.intake.tables import guess_reading, table_of
from reviews.models import CommentRound, Statement, StatementImport
from reviews.rounds.questions import questions_of
from reviews.services import importing
from reviews.services.importing import explain, forget_old, give_up, go_on, look, receive, start
from tests.hostile import HTML
from tests.plans.factories import make_coordinator
from tests.regions.factories import OrganisationFactory

from .factories import CLOSES, OPENS, CommentRoundFactory, StatementFactory
from .test_rounds import code_of

DAY = datetime.timedelta(days=1)
QUESTIONS = [
    {"key": "q1", "kind": "text", "text": {"fi": "Mitä suunnitelmasta puuttuu?", "sv": "Vad saknas?"}},
    {
        "key": "q2",
        "kind": "scale",
        "text": {"fi": "Tavoitteet ovat oikeat"},
        "options": [{"key": f"s{n}", "text": {"fi": f"{n} {word}"}} for n, word in ((1, "eri mieltä"), (2, "samaa"))],
    },
    {
        "key": "q3",
        "kind": "several",
        "text": {"fi": "Mitkä ovat tärkeimpiä?"},
        "options": [{"key": "a", "text": {"fi": "Perhekahvila"}}, {"key": "b", "text": {"fi": "Neuvola"}}],
    },
]
HEADS = "Lausunnonantaja;Vastaajan nimi;Sähköposti;Jätetty;Mitä suunnitelmasta puuttuu?;Tavoitteet ovat oikeat"
CSV = f"""{HEADS};Mitkä ovat tärkeimpiä?;Muut huomiot
Esimerkkilän kunta;Äiti Ösch;aiti@example.org;12.2.2026 klo 14.32;"Isät;
vertaistuki";2;Perhekahvila, Neuvola;Hyvä suunnitelma kaikkiaan.
Outo ry;;;13.2.2026 klo 16.01;=1+1;aivan sama;Neuvola;<b>Kolmen sanan</b> huomio tästä
;;;14.2.2026;;1;;Nimetön huomio aukioloista
"""


@pytest.fixture
def comment_round(db, time_machine):
    time_machine.move_to(CLOSES + 3 * DAY, tick=False)
    return CommentRoundFactory(kind=CommentRound.Kind.OPEN, questions=QUESTIONS)


@pytest.fixture
def coordinator(comment_round):
    return make_coordinator(comment_round.region)


@pytest.fixture
def town(comment_round):
    return OrganisationFactory(region=comment_round.region, name_fi="Esimerkkilän kunta", name_sv="Exempelby")


def address(comment_round, name, *rest):
    return reverse(f"reviews:{name}", args=[comment_round.region.slug, comment_round.public_id, *rest])


def xlsx(rows, *more):
    book = Workbook()
    book.active.title = "Vastaukset"
    for row in rows:
        book.active.append(row)
    for name, others in more:
        sheet = book.create_sheet(name)
        for row in others:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def understood(rows, *, mapping=None, choices=None, organisations=()):
    sheets = read_sheets(xlsx(rows))
    table = table_of(sheets, guess_reading(sheets))
    questions = questions_of(QUESTIONS)
    around = Surroundings(questions, list(organisations), ["fi", "sv"])
    choices = {"received_on": "2026-02-10"} | (choices or {})
    return Reader(table, guess_mapping(table, questions) | (mapping or {}), choices, around).understand()


def test_a_question_answered_in_a_word_or_two_is_not_left_out():
    sheets = read_sheets(xlsx([["Nimi", "Tila", "Mitä muuttaisit?"], ["Maija", "valmis", "Lyhyempi alku"]]))
    guessed = guess_mapping(table_of(sheets, guess_reading(sheets)), questions_of(QUESTIONS))
    assert guessed["Mitä muuttaisit?"] == TEXT
    assert guessed["Tila"] == LEAVE_OUT


# --- Reading ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_text_in_columns_is_read_in_every_form(code, delimiter):
    rows = [["Nimi", "Päivä", "Sanat"], ["Åsa Öhman", "1.2.2026", f'moni {delimiter} "sana"\nja rivi']]
    lines = [delimiter.join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in rows]
    (sheet,) = read_sheets("\r\n".join(lines).encode(code))
    assert sheet.rows == rows
    assert unpack(pack([sheet])) == [sheet]


def test_cells_of_a_workbook_are_words_whatever_they_are():
    when = datetime.datetime(2026, 2, 12, 14, 32)
    rows = [["Nimi", "Aika", "Luku", "Kaava", "Tosi"], ["Åsa", when, 3.0, "=HYPERLINK(A1)", True]]
    (sheet,) = read_sheets(xlsx(rows))
    assert sheet.rows[1] == ["Åsa", "2026-02-12 14:32:00", "3", "=HYPERLINK(A1)", "1"]


def bomb():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 120_000_000)
        archive.writestr("[Content_Types].xml", "<Types/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"Nimi;Sanat\n", "empty_file"),
        (b"a;b\n\x00\x01", "not_text"),
        (b"x" * (reading.MAX_BYTES + 1), "too_large"),
        (b"PK\x03\x04jotain", "broken"),
        (b"a;b\n" + b'"' + b"x" * 140_000, "cell_too_long"),
        (b"a;b\n" + b"x" * 33_000 + b";1\n", "cell_too_long"),
        (b";".join([b"h"] * 301) + b"\n1;2\n", "too_many_columns"),
        (b"a;b\n" + b"1;2\n" * 20_001, "too_many_rows"),
        (bomb, "too_large_unpacked"),
    ],
)
def test_what_cannot_be_read_is_refused_as_a_whole(content, code):
    with pytest.raises(ValidationError) as error:
        read_sheets(content() if callable(content) else content)
    assert code_of(error) == {code}


def test_heads_below_a_title_and_in_two_rows_are_found():
    rows = [["Raportti"], [], ["Nimi", "Tärkeimmät", None, "Nimi"], [None, "Kahvila", "Neuvola"], ["Åsa", 1, None, "B"]]
    sheets = read_sheets(xlsx(rows))
    assert guess_reading(sheets)["heads"] == [3, 3]
    table = table_of(sheets, {"heads": [3, 4]})
    assert table.heads == ["Nimi", "Tärkeimmät – Kahvila", "Tärkeimmät – Neuvola", "Nimi (2)"]
    assert [(line.number, line.cells) for line in table.lines] == [(5, ["Åsa", "1", "", "B"])]


def test_file_with_a_row_for_each_answer_and_one_with_respondents_in_columns_become_one_table():
    rows = [["Lausunnonantaja", "Kysymys", "Vastaus"], ["A", "K1", "yksi"], ["B", "K1", "kaksi"], ["A", "K2", "kolme"]]
    sheets = read_sheets(xlsx(rows))
    assert guess_reading(sheets)["layout"] == tables.LONG
    table = table_of(sheets, guess_reading(sheets))
    assert table.heads == ["Lausunnonantaja", "K1", "K2"]
    assert [line.cells for line in table.lines] == [["A", "yksi", "kolme"], ["B", "kaksi", ""]]
    turned = table_of(read_sheets(xlsx([["Nimi", "A", "B"], ["K1", "yksi", "kaksi"]])), {"layout": tables.COLUMNS})
    assert (turned.heads, [line.cells for line in turned.lines]) == (["Nimi", "K1"], [["A", "yksi"], ["B", "kaksi"]])


# --- Understanding ----------------------------------------------------------------------------------------


def test_columns_of_options_numbers_and_languages_are_understood():
    rows = [
        ["Kieli", "Mitkä ovat tärkeimpiä?: Perhekahvila", "Mitkä ovat tärkeimpiä?: Neuvola", "Tavoitteet ovat oikeat"],
        ["Ruotsi", "x", "Neuvola", "2"],
        ["englanti", 0, 1, "1 eri mieltä"],
    ]
    first, second = understood(rows).rows
    assert (first.language, first.answers) == ("sv", {"q3": ["a", "b"], "q2": "s2"})
    assert (second.language, second.answers) == ("fi", {"q3": ["b"], "q2": "s1"})


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("12.2.2026", datetime.date(2026, 2, 12)),
        ("12.2.2026 klo 14.32", datetime.datetime(2026, 2, 12, 12, 32, tzinfo=datetime.UTC)),
        ("2026-02-12 14:32:05", datetime.datetime(2026, 2, 12, 12, 32, 5, tzinfo=datetime.UTC)),
        ("2026-02-12T14:32:05Z", datetime.datetime(2026, 2, 12, 14, 32, 5, tzinfo=datetime.UTC)),
        ("2026/02/12 2:32:05 ip. UTC+2", datetime.datetime(2026, 2, 12, 12, 32, 5, tzinfo=datetime.UTC)),
        ("12/02/2026", datetime.date(2026, 2, 12)),
        ("31.2.2026", None),
        ("eilen", None),
    ],
)
def test_days_are_read_as_services_write_them(comment_round, written, expected):
    (row,) = understood([["Aikaleima", "Muuta"], [written, "kolme pitkää sanaa"]]).rows
    assert (row.received, row.reason) == (expected, "" if expected else "no_date")


def test_american_days_are_known_by_a_second_number_that_is_no_month(comment_round):
    rows = [["Timestamp", "Muuta"], ["2/12/2026 1:00:00 PM", "kolme pitkää sanaa"], ["1/31/2026", "ja toiset sanat"]]
    assert [str(row.received)[:10] for row in understood(rows).rows] == ["2026-02-12", "2026-01-31"]


def test_rows_that_cannot_come_in_say_why(comment_round, town):
    rows = [["Organisaatio", "Jätetty", "Muuta"]]
    rows += [["exempelby", "1.2.2026", "yksi kaksi kolme"], ["Esimerkkilän Kunta", "2.2.2026", "neljä viisi kuusi"]]
    rows += [["Muu", "1.2.2027", "tulevaa on tämä"], ["Muu", "1.2.2026", ""]]
    found = understood(rows, choices={"as_official": True}, organisations=[town])
    assert [row.reason for row in found.rows] == ["", "twice", "later", "empty"]
    assert found.unknown_names == {"Muu": 2}


# --- Bringing in ------------------------------------------------------------------------------------------


def brought(comment_round, by, content=None, name="lausunnot.csv"):
    row = receive(comment_round, name=name, content=content or CSV.encode(), by=by)
    start(row, by=by)
    assert go_on(row)
    row.refresh_from_db()
    return row


def test_statements_come_in_once_with_answers_and_words_that_fit_nowhere(comment_round, coordinator, town):
    row = brought(comment_round, coordinator, CSV.encode("cp1252"))
    assert (row.state, row.counts, row.file, StoredFile.objects.count()) == ("done", {"entered": 3}, None, 0)
    town_said, unknown, nobody = Statement.objects.order_by("received_at")
    assert (town_said.organisation, town_said.signed_by, town_said.kind) == (town, "Äiti Ösch", "personal")
    assert town_said.answers == {"q1": "Isät;\nvertaistuki", "q2": "s2", "q3": ["a", "b"]}
    assert (town_said.entered_by, town_said.origin, town_said.late) == (coordinator, "import", False)
    assert (unknown.organisation_name, unknown.late, unknown.answers["q1"]) == ("Outo ry", True, "=1+1")
    assert unknown.text == "Tavoitteet ovat oikeat aivan sama\n\n<b>Kolmen sanan</b> huomio tästä"
    assert (nobody.kind, nobody.late) == ("anonymous", True)

    longer = f"{CSV};;;14.2.2026;;1;;Nimetön huomio aukioloista\n"
    again = brought(comment_round, coordinator, longer.encode())
    assert again.counts == {"before": 3, "entered": 1}
    assert Statement.objects.count() == 4
    with pytest.raises(ValidationError) as error:
        start(receive(comment_round, name="x.csv", content=CSV.encode(), by=coordinator), by=coordinator)
    assert code_of(error) == {"nothing_new"}


def test_what_was_explained_is_remembered_for_the_same_heads_in_the_region(comment_round, coordinator, town):
    first = receive(comment_round, name="a.csv", content=CSV.encode(), by=coordinator)
    mapping = first.mapping | {"Muut huomiot": "", "Vastaajan nimi": "case"}
    choices = first.choices | {
        "as_official": True,
        "organisations": {"outo ry": town.public_id},
        "values": {"q2": {"aivan sama": "s1"}},
    }
    explain(first, reading=first.reading, mapping=mapping, choices=choices)
    start(first, by=coordinator)
    assert go_on(first)
    statement = Statement.objects.get(organisation=town)
    assert (statement.kind, statement.case_number, statement.text) == ("official", "Äiti Ösch", "")
    first.refresh_from_db()
    assert first.counts == {"entered": 2, "twice": 1}

    same = receive(comment_round, name="b.csv", content=CSV.encode(), by=coordinator)
    assert (same.mapping, same.choices["values"]) == (mapping, choices["values"])
    assert (same.choices["organisations"], same.choices["as_official"]) == (choices["organisations"], True)
    other_round = CommentRoundFactory(region=comment_round.region, questions=QUESTIONS[:1])
    elsewhere = receive(other_round, name="b.csv", content=CSV.encode(), by=coordinator)
    assert elsewhere.mapping["Vastaajan nimi"] == "case"
    assert not elsewhere.mapping["Tavoitteet ovat oikeat"].startswith("q:")
    assert "values" not in elsewhere.choices


def test_organisation_that_answered_meanwhile_is_left_out(comment_round, coordinator, town):
    row = receive(comment_round, name="a.csv", content=CSV.encode(), by=coordinator)
    row = explain(row, reading=row.reading, mapping=row.mapping, choices=row.choices | {"as_official": True})
    StatementFactory(round=comment_round, official=True, organisation=town)
    assert [one.reason for one in look(row).understood.rows] == ["answered", "", ""]


def test_large_file_is_brought_in_by_a_worker_and_goes_on_where_it_stopped(comment_round, coordinator, monkeypatch):
    monkeypatch.setattr(importing, "AT_ONCE", 5)
    monkeypatch.setattr(importing, "BATCH", 4)
    lines = [f"Nimi {n};Vapaita sanoja on {n}" for n in range(10)]
    content = "\n".join(["Nimi;Muut huomiot", *lines]).encode()
    row = receive(comment_round, name="a.csv", content=content, by=coordinator)
    start(row, by=coordinator)
    start(row, by=coordinator)
    assert Job.objects.filter(kind=importing.JOB).count() == 1
    assert not go_on(row, most_seconds=0)
    row.refresh_from_db()
    importing._bring_batch(row, look(row).understood.rows)
    assert Statement.objects.count() == 4
    run_due()
    row.refresh_from_db()
    assert (row.state, row.next_row, row.counts) == ("done", 10, {"entered": 10})
    assert sorted(Statement.objects.values_list("signed_by", flat=True)) == [f"Nimi {n}" for n in range(10)]


def test_file_that_waits_can_be_taken_away_and_goes_by_itself(comment_round, coordinator, time_machine):
    give_up(receive(comment_round, name="a.csv", content=CSV.encode(), by=coordinator))
    row = receive(comment_round, name="b.csv", content=CSV.encode(), by=coordinator)
    forget_old(comment_round)
    assert StatementImport.objects.get() == row
    time_machine.move_to(CLOSES + 60 * DAY, tick=False)
    forget_old(comment_round)
    assert not StatementImport.objects.exists()
    assert not StoredFile.objects.exists()


# --- Pages ------------------------------------------------------------------------------------------------


def form_of(response):
    context = response.context
    form = context["form"]
    data = {name: form[name].value() for name in form.fields}
    for place, column in enumerate(context["columns"]):
        data |= {f"head-{place}": column["head"], f"column-{place}": column["target"]}
    data["name"] = [item["name"] for item in context["names"]]
    data["organisation"] = [item["chosen"] or "keep" for item in context["names"]]
    data["value_question"] = [item["question"].key for item in context["values"]]
    data["value"] = [item["value"] for item in context["values"]]
    data["option"] = [item["chosen"] or "text" for item in context["values"]]
    return data


def test_coordinator_explains_looks_and_brings_in(client, comment_round, coordinator, town):
    client.force_login(coordinator)
    add = address(comment_round, "statement-import")
    assert client.post(add, {"file": SimpleUploadedFile("x.csv", b"\x00")}).status_code == 422
    page = client.post(add, {"file": SimpleUploadedFile("lausunnot.csv", CSV.encode())}).url
    response = client.get(page)
    assert response.context["ready"] == 3
    assert "&lt;b&gt;Kolmen sanan&lt;/b&gt;" in response.content.decode()
    data = form_of(response)
    changed = data | {"organisation": [town.public_id], "option": ["s1"], "step": "apply"}
    response = client.post(page, changed)
    assert response.status_code == 422
    assert not Statement.objects.exists()
    assert response.context["names"][0]["chosen"] == town.public_id
    assert client.post(page, form_of(response) | {"heads": "99"}).status_code == 422
    assert client.post(page, form_of(client.get(page)) | {"step": "look"}).url == f"{page}#preview"
    assert client.post(page, form_of(client.get(page)) | {"step": "apply"}).url == page
    assert set(Statement.objects.exclude(organisation=None).values_list("organisation", flat=True)) == {town.pk}
    assert Statement.objects.filter(answers__q2="s1").count() == 2
    assert client.get(page).context["entered"] == 3
    assert client.post(page, {"step": "apply"}).status_code == 200
    assert Statement.objects.count() == 3
    assert b"lausunnot.csv" in client.get(add).content


def test_hostile_file_is_words_everywhere(client, comment_round, coordinator):
    cells = [*HTML[:8], '=cmd|"/C calc"!A0', "{{ settings.SECRET_KEY }}", "%(name)s %s"]
    rows = [[cell, f"kolme eri sanaa {cell}"] for cell in cells]
    content = xlsx([["Nimi", "<script>window.hostile=1</script>"], *rows])
    client.force_login(coordinator)
    add = address(comment_round, "statement-import")
    page = client.post(add, {"file": SimpleUploadedFile("<img src=x>.xlsx", content)}).url
    response = client.get(page)
    assert client.post(page, form_of(response) | {"step": "apply"}).status_code == 302
    pages = [response, client.get(page), client.get(address(comment_round, "statement-list"))]
    pages += [client.get(address(comment_round, "statement", row.public_id)) for row in Statement.objects.all()]
    assert Statement.objects.count() == len(cells)
    for html in (page.content.decode() for page in pages):
        assert "<script>window" not in html
        assert "<img src" not in html
        assert "onerror=window.hostile=1>" not in html
    assert any("{{ settings.SECRET_KEY }}" in page.content.decode() for page in pages)


def test_file_of_another_round_is_not_there_and_a_draft_takes_none(client, comment_round, coordinator):
    row = receive(comment_round, name="a.csv", content=CSV.encode(), by=coordinator)
    other = CommentRoundFactory(region=comment_round.region, announced_at=None, opens_at=OPENS)
    client.force_login(coordinator)
    assert client.get(address(other, "statement-import-detail", row.public_id)).status_code == 404
    refused = client.post(address(other, "statement-import"), {"file": SimpleUploadedFile("a.csv", CSV.encode())})
    assert refused.status_code == 422
    assert client.post(address(comment_round, "statement-import-remove", row.public_id)).status_code == 302
    assert not StatementImport.objects.exists()
