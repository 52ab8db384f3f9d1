"""Goals, measures and indicators out to Excel and back."""

import datetime
import io
import shutil
import subprocess
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone, translation
from openpyxl import load_workbook

from audit.models import AuditEvent
from documents.models import Conflict, Revision
from plans.models import Action, Goal, Indicator, Plan
from plans.services.goals import add_action, add_status, change_action, change_goal, current_block, remove
from plans.services.spreadsheets import RECEIVED, book_of, bring_in, forget_old, seen_of
from plans.spreadsheets.comparing import CHANGED, GONE, NEW, compare
from plans.spreadsheets.draft import Draft
from plans.spreadsheets.writing import write_draft
from regions.models import Organisation, StoredFile
from tests.regions.factories import MembershipFactory, OrganisationFactory, OrganisationGroupFactory

from .factories import make_coordinator, make_full_goal, make_goal, make_plan
from .test_views import url

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def finnish():
    with translation.override("fi"):
        yield


@pytest.fixture
def plan():
    plan = make_plan()
    make_full_goal(plan)
    return plan


def again(plan):
    return Plan.objects.select_related("document__region", "criteria_set", "region").get(pk=plan.pk)


class Sheets:
    """A downloaded file that somebody works on."""

    def __init__(self, plan, content=None):
        self.plan = again(plan)
        self.book = load_workbook(io.BytesIO(content or write_draft(Draft.of(self.plan))))
        self.heads = {}
        draft = Draft.of(self.plan)
        for kind, name in (("action", 1), ("goal", 2), ("indicator", 3)):
            self.heads[kind] = (self.book.worksheets[name], {c.key: i for i, c in enumerate(draft.columns(kind), 1)})

    def cell(self, kind, row, key):
        sheet, places = self.heads[kind]
        return sheet.cell(row, places[key])

    def write(self, kind, row, **values):
        for key, value in values.items():
            self.cell(kind, row, key.replace("__", ".")).value = value
        return self

    def first_free(self, kind):
        return self.heads[kind][0].max_row + 1

    @property
    def content(self):
        buffer = io.BytesIO()
        self.book.save(buffer)
        return buffer.getvalue()

    def compared(self, **choices):
        draft = Draft.of(again(self.plan))
        return compare(draft, book_of(draft, self.content), choices)

    def brought(self, key="k", **options):
        return bring_in(again(self.plan), self.content, key=key, name="t.xlsx", by=None, **options)


def action():
    return Action.objects.get(removed_at=None)


def revisions(plan):
    return Revision.objects.filter(document=plan.document_id).count()


# --- Out -----------------------------------------------------------------------------------------------------


def test_cells_have_their_types_and_rows_their_hidden_ids(plan):
    sheets = Sheets(plan)
    add_status(action(), status="in_progress", date=datetime.date(2024, 3, 1), by=None)
    sheets = Sheets(plan)

    assert sheets.cell("action", 2, "starts_on").value == datetime.datetime(2024, 8, 1)
    assert sheets.cell("action", 2, "euros.2024").value == 12000
    assert sheets.cell("action", 2, "lead").value == "Perheyhdistys"
    assert sheets.cell("action", 2, "status").value == "käynnissä"
    assert sheets.cell("action", 2, "id").value == action().block_id
    assert sheets.cell("goal", 2, "criteria").value == "2 meeting_place"
    assert sheets.cell("indicator", 2, "target").value == 8
    sheet, places = sheets.heads["action"]
    letter = sheet.cell(1, places["id"]).column_letter
    assert sheet.column_dimensions[letter].hidden
    assert sheet.freeze_panes == "C2"
    assert len(sheet.data_validations.dataValidation) >= 2


def test_bilingual_plan_has_a_column_for_each_language():
    plan = make_plan(languages=("fi", "sv"))
    goal = make_goal(plan)
    add_action(goal, title={"fi": "Illat", "sv": "Kvällar"}, by=None)
    sheets = Sheets(plan)

    assert sheets.cell("action", 1, "title.sv").value == "Toimenpide (ruotsi)"
    assert sheets.cell("action", 2, "title.sv").value == "Kvällar"

    sheets.write("action", 2, title__sv="Kvällsöppet").brought()

    assert action().title == {"fi": "Illat", "sv": "Kvällsöppet"}


@pytest.mark.parametrize("text", ["=1+1", "+358 40", "-10 %", "@nimi", '=HYPERLINK("http://x")', "_x0041_ on"])
def test_text_that_looks_like_a_formula_stays_a_text(plan, text):
    block = current_block(action())
    change_action(action(), by=None, base=block, title={"fi": text}, description={"fi": text})
    with zipfile.ZipFile(io.BytesIO(write_draft(Draft.of(again(plan))))) as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist() if "worksheets" in name)

    sheets = Sheets(plan)
    assert sheets.cell("action", 2, "title.fi").data_type == "s"
    compared = sheets.compared()
    assert compared.errors == []
    assert compared.of(NEW, CHANGED) == []


def test_filter_says_which_rows_go_out(client, plan):
    other = make_goal(plan, "Toinen")
    add_action(other, title={"fi": "Muu toimi"}, by=None)
    client.force_login(make_coordinator(plan.region))

    response = client.get(url(plan, "spreadsheet") + "?q=muu")

    assert "attachment" in response.headers["Content-Disposition"]
    sheet = load_workbook(io.BytesIO(response.content)).worksheets[1]
    assert [row[1] for row in sheet.iter_rows(min_row=2, values_only=True) if row[1]] == ["Muu toimi"]


# --- And back ------------------------------------------------------------------------------------------------


def test_untouched_file_changes_nothing(plan):
    before = revisions(plan)
    sheets = Sheets(plan)
    compared = sheets.compared()

    assert (compared.of(NEW, CHANGED, GONE), compared.errors, compared.missing, compared.unknown) == ([], [], [], [])
    assert compared.unchanged == 3
    assert compared.is_ordered
    sheets.brought()
    assert revisions(plan) == before


def test_emphasis_that_a_cell_cannot_show_stays(plan):
    from dataclasses import replace

    from documents.services.structured import save_structured
    from tests.documents.factories import fresh

    block = current_block(action())
    rich = replace(block, text={**block.text, "description": {"fi": "Avataan <strong>iltaisin</strong>."}})
    save_structured(fresh(action().section), by=None, change=[rich])

    Sheets(plan).write("action", 2, title__fi="Uusi nimi").brought()

    assert current_block(action()).text["description"]["fi"] == "Avataan <strong>iltaisin</strong>."
    assert action().title == {"fi": "Uusi nimi"}


def test_changes_are_shown_and_then_made_in_one_revision(plan):
    OrganisationFactory(region=plan.region, name_fi="Oulun kaupunki")
    sheets = Sheets(plan)
    sheets.write(
        "action",
        2,
        title__fi="Perhekahvila on auki.",
        lead="Oulun kaupunki",
        owners="Perheyhdistys",
        starts_on="1.9.2024",
        euros__2024="13 500 €",
        euros__2025=100,
        resources="hankerahoitus; omana työnä",
        status="käynnissä",
    )
    sheets.write("goal", 2, title__fi="Illat", criteria="1; meeting_place")
    sheets.write("indicator", 2, target="12,5", baseline_year="2021")
    compared = sheets.compared()
    assert compared.errors == []
    (_goal, measure, _indicator) = compared.of(CHANGED)
    assert [line.label for line in measure.lines] == [
        "Toimenpide", "Päävastuu", "Muut vastuutahot", "Alkaa", "Resurssit", "Euroa 2024", "Euroa 2025", "Tilanne",
    ]  # fmt: skip
    assert "<ins>" in measure.lines[0].html
    before = revisions(plan)

    done = sheets.brought()

    assert (done.new, done.changed, done.removed) == (0, 3, 0)
    assert revisions(plan) == before + 1
    row = action()
    assert row.title == {"fi": "Perhekahvila on auki."}
    assert row.starts_on == datetime.date(2024, 9, 1)
    assert {str(role): role.role for role in row.roles.all()} == {
        "Oulun kaupunki": "lead",
        "Perheyhdistys": "owner",
        "Seurakunta": "partner",
    }
    assert dict(row.euros.values_list("year", "amount")) == {2024: 13500, 2025: 100}
    assert row.resources == ["own_work", "project"]
    assert row.status.status == "in_progress"
    assert row.status.date == timezone.localdate()
    assert set(Goal.objects.get().criteria.values_list("key", flat=True)) == {"management", "meeting_place"}
    assert Indicator.objects.get().target == Decimal("12.5")
    assert AuditEvent.objects.filter(verb="spreadsheet.imported").count() == 1
    assert Revision.objects.order_by("pk").last().origin == Revision.Origin.IMPORTED


def test_second_import_of_the_same_file_changes_nothing(plan):
    sheets = Sheets(plan)
    sheets.write("action", 2, title__fi="Muuttui", ends_on="kevät 2025", schedule__fi="", status="toteutunut")
    row = sheets.first_free("goal")
    sheets.write("goal", row, number=2, title__fi="Uusi tavoite")
    row = sheets.first_free("action")
    sheets.write("action", row, goal_number=2, title__fi="Uusi toimi", status="käynnissä", starts_on="syksy 2025")
    row = sheets.first_free("indicator")
    sheets.write("indicator", row, goal_number=2, name__fi="Uusi mittari", target=5)
    first = sheets.brought()
    assert (first.new, first.changed) == (3, 1)
    before = revisions(plan)

    second = sheets.brought(key="another")

    assert (second.new, second.changed, second.removed) == (0, 0, 0)
    assert revisions(plan) == before
    assert Action.objects.filter(removed_at=None).count() == 2
    new = Action.objects.get(title__fi="Uusi toimi")
    assert (new.schedule, new.starts_on) == ({"fi": "syksy 2025"}, None)
    assert new.goal.title == {"fi": "Uusi tavoite"}
    assert new.status_entries.count() == 1


def test_one_key_is_brought_in_once(plan):
    sheets = Sheets(plan).write("action", 2, title__fi="Muuttui")
    sheets.brought()
    assert sheets.brought().again


def test_another_goal_is_told_by_its_number_or_its_words(plan):
    other = make_goal(plan, "Toinen")
    third = make_goal(plan, "Kolmas", key="nykytila")
    Sheets(plan).write("action", 2, goal_number=3).brought()
    moved = action().goal
    assert moved == other

    goal = third
    Sheets(plan).write("action", 2, goal="Kolmas").brought("k2")

    assert action().goal == goal
    assert action().section_id == Goal.objects.get(pk=goal.pk).section_id


def test_row_copied_with_its_hidden_id_is_a_new_measure(plan):
    sheets = Sheets(plan)
    sheet, places = sheets.heads["action"]
    for place in places.values():
        sheet.cell(3, place).value = sheet.cell(2, place).value
    sheets.write("action", 2, title__fi="Kopio edellä")
    (new,) = sheets.compared().of(NEW)
    assert new.title == "Kopio edellä"

    sheets.brought()

    assert sorted(row.title["fi"] for row in Action.objects.filter(removed_at=None)) == [
        "Kopio edellä",
        "Perhekahvila avataan iltaisin.",
    ]


def test_rows_that_are_not_in_the_file_stay_unless_they_are_ticked(plan):
    add_action(Goal.objects.get(), title={"fi": "Toinen toimi"}, by=None)
    sheets = Sheets(plan)
    sheets.heads["action"][0].delete_rows(3)
    compared = sheets.compared()
    assert [row.title for row in compared.missing] == ["Toinen toimi"]
    sheets.brought()
    assert Action.objects.filter(removed_at=None).count() == 2

    done = sheets.brought("k2", remove=[compared.missing[0].block_id, action_block("Perhekahvila avataan iltaisin.")])

    assert done.removed == 1
    assert action().title == {"fi": "Perhekahvila avataan iltaisin."}


def action_block(title):
    return Action.objects.get(title__fi=title).block_id


def test_order_of_the_file_is_taken_when_asked(plan):
    for title in ("B", "C"):
        add_action(Goal.objects.get(), title={"fi": title}, by=None)
    sheets = Sheets(plan)
    sheet, places = sheets.heads["action"]
    for place in places.values():
        sheet.cell(5, place).value = sheet.cell(2, place).value
    sheet.delete_rows(2)
    assert not sheets.compared().is_ordered
    sheets.brought()
    assert next(row.title["fi"] for row in Action.objects.all()) != "B"

    sheets.brought("k2", in_order=True)

    assert [row.title["fi"] for row in Action.objects.order_by("position")][:2] == ["B", "C"]


# --- Together with others ------------------------------------------------------------------------------------


def test_what_others_changed_since_is_merged_by_field(plan):
    sheets = Sheets(plan)
    change_action(
        action(), by=None, title={"fi": "Perhekahvila avataan iltaisin."}, description={"fi": "Muiden työtä."}
    )
    sheets.write("action", 2, title__fi="Tiedoston nimi")

    done = sheets.brought()

    assert list(done.conflicts) == []
    assert (action().title["fi"], action().description["fi"]) == ("Tiedoston nimi", "Muiden työtä.")


def test_what_both_changed_is_shown_and_kept_as_a_conflict(plan):
    sheets = Sheets(plan)
    block = current_block(action())
    roles = [(row["key"], row["role"]) for row in block.data["roles"]]
    change_action(
        action(), by=None, base=block, title={"fi": "Ohjelman nimi"}, roles=roles, ends_on=datetime.date(2025, 1, 1)
    )
    sheets.write("action", 2, title__fi="Tiedoston nimi", ends_on=datetime.date(2025, 6, 30))

    (change,) = sheets.compared().of(CHANGED)
    met = {row.label: (row.now, row.arrived) for row in change.met}
    assert met["Toimenpide"] == ("Ohjelman nimi", "Tiedoston nimi")
    assert met["Päättyy"] == ("1.1.2025", "30.6.2025")
    done = sheets.brought()

    assert len(done.conflicts) == 2
    assert action().title == {"fi": "Ohjelman nimi"}
    assert Conflict.objects.filter(settled_at=None).count() == 2


def test_row_of_something_removed_meanwhile_is_left_out_and_told(plan):
    sheets = Sheets(plan).write("action", 2, title__fi="Muuttui")
    remove(action(), by=None)
    (gone,) = sheets.compared().of(GONE)
    assert gone.title == "Muuttui"
    sheets.brought()
    assert not Action.objects.filter(removed_at=None).exists()


def test_plan_that_changed_while_one_looked_must_be_looked_at_again(plan):
    sheets = Sheets(plan).write("action", 2, title__fi="Muuttui")
    seen = seen_of(Draft.of(again(plan)))
    change_goal(Goal.objects.get(), by=None, title={"fi": "Toisin"})
    with pytest.raises(ValidationError) as error:
        sheets.brought(seen=seen)
    assert error.value.code == "changed_meanwhile"
    assert action().title != {"fi": "Muuttui"}


# --- What is not understood ------------------------------------------------------------------------------------


def test_every_wrong_cell_is_told_at_once_and_nothing_is_brought_in(plan):
    sheets = Sheets(plan)
    sheets.write("action", 2, title__fi="Muuttui", starts_on="32.1.2026", euros__2024="paljon", status="ehkä")
    sheets.write("action", 2, resources="rahaa")
    sheets.write("action", 3, title__fi="Ilman tavoitetta")
    sheets.write("action", 4, goal_number=9, title__fi="Tuntematon tavoite")
    sheets.write("goal", 2, title__fi="", criteria="ei ole")
    sheets.write("indicator", 2, target="12,345", target_year="eilen", unit__fi="x" * 41)
    sheets.write("indicator", 2, name__fi="=A1+1")
    before = revisions(plan)
    errors = sheets.compared().errors

    places = {(error.sheet, error.row, error.head) for error in errors}
    assert ("Toimenpiteet", 2, "Alkaa") in places
    assert len(errors) == 12
    (date,) = [error for error in errors if error.head == "Alkaa"]
    assert "32.1.2026" in date.message
    assert "2" in date.place
    with pytest.raises(ValidationError) as error:
        sheets.brought()
    assert error.value.code == "cells"
    assert revisions(plan) == before


def test_measure_must_end_after_it_starts_also_together_with_others(plan):
    sheets = Sheets(plan).write("action", 2, ends_on="1.10.2024")
    block = current_block(action())
    change_action(action(), by=None, base=block, title={"fi": "x"}, starts_on=datetime.date(2024, 11, 1),
                  ends_on=datetime.date(2024, 12, 31))  # fmt: skip
    assert [error.head for error in sheets.compared().errors] == ["Päättyy"]


def test_partner_who_is_responsible_too_is_an_error(plan):
    (error,) = Sheets(plan).write("action", 2, partners="Perheyhdistys").compared().errors
    assert error.head == "Yhteistyötahot"


@pytest.mark.parametrize(
    ("written", "starts_on", "schedule"),
    [
        ("1.9.2026", datetime.date(2026, 9, 1), "syksy 2024"),
        ("2026-09-01", datetime.date(2026, 9, 1), "syksy 2024"),
        (datetime.datetime(2026, 9, 1), datetime.date(2026, 9, 1), "syksy 2024"),
        (46266, datetime.date(2026, 9, 1), "syksy 2024"),
        ("syksy 2024", None, "syksy 2024–31.12.2027"),
    ],
)
def test_dates_are_read_as_people_write_them(plan, written, starts_on, schedule):
    sheets = Sheets(plan).write("action", 2, starts_on=written, ends_on="31.12.2027")
    if starts_on is None:
        sheets.write("action", 2, schedule__fi="")
    sheets.brought()
    assert (action().starts_on, action().schedule["fi"]) == (starts_on, schedule)


def test_unknown_organisation_must_be_chosen(plan):
    OrganisationFactory(region=plan.region, name_fi="Oulun kaupunki")
    sheets = Sheets(plan).write("action", 2, owners="Oulun kaupnki; Ei kukaan")
    compared = sheets.compared()
    assert [row.name for row in compared.unknown] == ["Oulun kaupnki", "Ei kukaan"]
    with pytest.raises(ValidationError) as error:
        sheets.brought()
    assert error.value.code == "unknown_names"

    oulu = f"organisation:{Organisation.objects.get(name_fi='Oulun kaupunki').public_id}"
    with pytest.raises(ValidationError) as error:
        sheets.brought(choices={"oulun kaupnki": oulu, "ei kukaan": "new:ngo"})
    assert error.value.code == "not_coordinator"
    sheets.brought(choices={"oulun kaupnki": oulu, "ei kukaan": "new:ngo"}, may_add_organisations=True)

    assert {str(role) for role in action().roles.filter(role="owner")} == {"Oulun kaupunki", "Ei kukaan"}
    assert Organisation.objects.get(name_fi="Ei kukaan").kind == "ngo"
    assert sheets.compared(**{"oulun kaupnki": oulu}).of(CHANGED) == []


def test_name_with_a_comma_and_a_group_are_found(plan):
    OrganisationFactory(region=plan.region, name_fi="Nuoret, lapset ja perheet ry")
    OrganisationGroupFactory(region=plan.region, name_fi="Kaikki kunnat")
    sheets = Sheets(plan).write("action", 2, owners="Nuoret, lapset ja perheet ry\nkaikki  KUNNAT")
    assert sheets.compared().unknown == []
    sheets.brought()
    assert {str(role) for role in action().roles.filter(role="owner")} == {
        "Nuoret, lapset ja perheet ry",
        "Kaikki kunnat",
    }


@pytest.mark.parametrize("language", ["sv", "en"])
def test_file_in_another_language_is_understood(plan, language):
    with translation.override(language):
        sheets = Sheets(plan)
        sheets.write("action", 2, title__fi="Muuttui")
    with translation.override("fi"):
        assert [row.title for row in sheets.compared().of(CHANGED)] == ["Perhekahvila avataan iltaisin."]
        assert sheets.compared().errors == []


def test_missing_columns_leave_their_fields_alone(plan):
    sheets = Sheets(plan).write("action", 2, title__fi="Muuttui")
    sheet, places = sheets.heads["action"]
    for key in sorted(("lead", "owners", "euros.2024", "starts_on", "status"), key=lambda key: -places[key]):
        sheet.delete_cols(places[key])
    sheets.brought()
    row = action()
    assert (row.title["fi"], row.starts_on, row.roles.count(), row.euros.count()) == (
        "Muuttui", datetime.date(2024, 8, 1), 2, 1,
    )  # fmt: skip


# --- Hostile files -----------------------------------------------------------------------------------------------


def packed(content, **changed):
    """The same file with parts changed or added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changed:
                new.writestr(name, old.read(name))
        for name, data in changed.items():
            new.writestr(name, data)
    return buffer.getvalue()


def part(content, name):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


def hostile(content):
    types = part(content, "[Content_Types].xml")
    with_macros = types.replace(b"sheet.main+xml", b"sheet.macroEnabled.main+xml")
    deep = b"<a>" * 100 + b"</a>" * 100
    return {
        "not_xlsx": b"%PDF-1.4",
        "old_excel": bytes.fromhex("d0cf11e0a1b11ae1") + "Workbook".encode("utf-16-le"),
        "encrypted": bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"),
        "macros": packed(content, **{"[Content_Types].xml": with_macros}),
        "external_links": packed(content, **{"xl/externalLinks/externalLink1.xml": b"<a/>"}),
        "too_large": b"PK" + b"0" * (10 * 1024 * 1024),
        "too_large_unpacked": packed(content, **{"xl/big.bin": b"0" * (30 * 1024 * 1024)}),
        "entities": packed(content, **{"xl/sharedStrings.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><sst>&a;</sst>'}),
        "broken": content[: len(content) // 2],
        "too_large_unpacked ": packed(content, **{"xl/deep.xml": deep}),
    }  # fmt: skip


@pytest.mark.parametrize(
    "code",
    ["not_xlsx", "old_excel", "encrypted", "macros", "external_links", "too_large", "too_large_unpacked", "entities",
     "broken", "too_large_unpacked "],
)  # fmt: skip
def test_file_that_may_not_be_opened_is_refused(plan, code):
    draft = Draft.of(again(plan))
    content = hostile(write_draft(draft))[code]
    with pytest.raises(ValidationError) as error:
        book_of(draft, content)
    assert error.value.code == code.strip()


def test_workbook_without_a_known_sheet_is_refused(plan):
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["Jotain", "muuta"])
    buffer = io.BytesIO()
    book.save(buffer)
    with pytest.raises(ValidationError) as error:
        book_of(Draft.of(again(plan)), buffer.getvalue())
    assert error.value.code == "no_sheet"


def test_sheet_with_too_many_rows_is_refused(plan, monkeypatch):
    monkeypatch.setattr("plans.spreadsheets.reading.MAX_ROWS", 3)
    sheets = Sheets(plan)
    for row in range(3, 8):
        sheets.write("action", row, title__fi=f"Toimi {row}")
    with pytest.raises(ValidationError) as error:
        sheets.compared()
    assert error.value.code == "too_many_rows"


# --- In the browser ----------------------------------------------------------------------------------------------


def upload(client, plan, content, name="tavoitteet.xlsx"):
    return client.post(url(plan, "spreadsheet-add"), {"file": SimpleUploadedFile(name, content)})


def test_file_is_uploaded_looked_at_and_brought_in(client, plan):
    client.force_login(make_coordinator(plan.region))
    assert url(plan, "spreadsheet-add") in client.get(url(plan, "goal-list")).content.decode()
    sheets = Sheets(plan).write("action", 2, title__fi="Selaimesta", partners="Tuntematon ry")

    response = upload(client, plan, sheets.content)

    assert response.status_code == 302
    page = client.get(response.url)
    html = page.content.decode()
    assert "Tuntematon ry" in html
    assert "Selaimesta" in html
    assert action().title != {"fi": "Selaimesta"}
    sent = {"step": "apply", "seen": page.context["seen"], "name": ["Tuntematon ry"], "party": [""]}
    refused = client.post(response.url, sent)
    assert refused.status_code == 422
    assert action().title != {"fi": "Selaimesta"}
    done = client.post(response.url, {**sent, "party": ["leave"]}, follow=True)
    assert done.redirect_chain[-1][0] == url(plan, "goal-list")
    assert action().title == {"fi": "Selaimesta"}
    assert not action().roles.filter(role="partner").exists()
    assert "on jo tuotu" in client.post(response.url, {**sent, "party": ["leave"]}, follow=True).content.decode()


def test_wrong_file_is_told_beside_the_field_and_not_kept(client, plan):
    client.force_login(make_coordinator(plan.region))
    response = upload(client, plan, b"%PDF")
    assert response.status_code == 422
    assert not StoredFile.objects.filter(content_type=RECEIVED).exists()


def test_marked_copy_has_the_errors_in_the_cells(client, plan):
    client.force_login(make_coordinator(plan.region))
    sheets = Sheets(plan).write("action", 2, starts_on="32.1.2026")
    sheets.write("action", 2, description__fi="'=1+1")
    address = upload(client, plan, sheets.content).url
    assert "32.1.2026" in client.get(address).content.decode()

    response = client.get(address + "marked/")

    marked = Sheets(plan, response.content).cell("action", 2, "starts_on")
    assert "32.1.2026" in marked.comment.text
    assert marked.fill.start_color.rgb == "FFFFC7CE"


def test_address_of_a_file_is_of_one_plan_and_lasts_a_week(client, plan, settings):
    import time_machine

    client.force_login(make_coordinator(plan.region))
    address = upload(client, plan, Sheets(plan).content).url
    other = make_plan(plan.region)
    token = address.rstrip("/").rpartition("/")[2]
    assert client.get(url(other, "spreadsheet-import", token)).status_code == 404
    assert client.get(url(plan, "spreadsheet-import", token[:-2])).status_code == 404
    with time_machine.travel(timezone.now() + datetime.timedelta(days=8)):
        client.force_login(make_coordinator(plan.region))
        assert client.get(address).status_code == 404
        forget_old(plan.region)
    assert not StoredFile.objects.filter(content_type=RECEIVED).exists()


def test_only_coordinators_are_offered_to_add_an_organisation(client, plan):
    from tests.regions.factories import BodyFactory

    plan.document.writing_body = BodyFactory(region=plan.region)
    plan.document.save(update_fields=["writing_body"])
    sheets = Sheets(plan).write("action", 2, partners="Tuntematon ry")
    client.force_login(MembershipFactory(body=plan.document.writing_body).user)
    address = upload(client, plan, sheets.content).url
    assert 'value="new:ngo"' not in client.get(address).content.decode()
    sent = {"step": "apply", "name": ["Tuntematon ry"], "party": ["new:ngo"]}
    assert client.post(address, sent).status_code == 422
    assert not Organisation.objects.filter(name_fi="Tuntematon ry").exists()
    client.force_login(make_coordinator(plan.region))
    assert 'value="new:ngo"' in client.get(address).content.decode()


def test_hostile_words_are_shown_as_words(client, plan):
    client.force_login(make_coordinator(plan.region))
    sheets = Sheets(plan).write("action", 2, title__fi="<script>alert(1)</script>", partners="<img src=x onerror=1>")
    address = upload(client, plan, sheets.content, name="<b>x.xlsx").url
    html = client.get(address).content.decode()
    assert "<script>alert" not in html
    assert "<img src=x" not in html


@pytest.mark.parametrize("count", [1, 8])
def test_queries_do_not_grow_with_the_rows(plan, count, django_assert_num_queries):
    goal = Goal.objects.get()
    for number in range(count):
        add_action(goal, title={"fi": f"Toimi {number}"}, by=None)
    found = again(plan)
    with django_assert_num_queries(7):
        content = write_draft(Draft.of(found))
    draft = Draft.of(again(plan))
    sheets = Sheets(plan, content)
    for row in range(3, count + 3):
        sheets.write("action", row, title__fi=f"Muuttui {row}")
    content = sheets.content
    with django_assert_num_queries(0):
        assert len(compare(draft, book_of(draft, content)).of(CHANGED)) == count
    # An older state of the section is read once, for all rows of it.
    add_action(goal, title={"fi": "Myöhemmin"}, by=None)
    draft = Draft.of(again(plan))
    with django_assert_num_queries(1):
        compare(draft, book_of(draft, content))


# --- From the command line, and through another program -------------------------------------------------------------


def test_command_reports_and_applies(plan, tmp_path, capsys):
    path = tmp_path / "tavoitteet.xlsx"
    path.write_bytes(Sheets(plan).write("action", 2, title__fi="Komentoriviltä").content)

    call_command("import_goals", path, plan=plan.document.public_id)
    assert "Komentoriviltä" in capsys.readouterr().out
    assert action().title != {"fi": "Komentoriviltä"}
    call_command("import_goals", path, "--apply", plan=plan.document.public_id)
    assert action().title == {"fi": "Komentoriviltä"}


def libreoffice():
    """The program that opens spreadsheets; LibreOffice may be here without its Calc."""
    found = shutil.which("soffice")
    program = Path(found).resolve().parent if found else None
    return found if program and any(program.glob("libsclo.*")) else None


@pytest.mark.skipif(not libreoffice(), reason="LibreOffice Calc is not here")
def test_round_trip_through_libreoffice(plan, tmp_path):
    block = current_block(action())
    roles = [(row["key"], row["role"]) for row in block.data["roles"]]
    change_action(
        action(), by=None, base=block, title={"fi": "=1+1 & <muuta>"}, description={"fi": "Rivi yksi\n-rivi kaksi"},
        roles=roles, starts_on=datetime.date(2024, 8, 1), euros={2024: 12000}, schedule={"fi": "syksy 2024"},
    )  # fmt: skip
    add_status(action(), status="in_progress", date=datetime.date(2024, 3, 1), by=None)
    source = tmp_path / "in" / "tavoitteet.xlsx"
    source.parent.mkdir()
    source.write_bytes(write_draft(Draft.of(again(plan))))
    subprocess.run(
        [libreoffice(), f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx",
         "--outdir", str(tmp_path / "out"), str(source)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    content = Path(tmp_path / "out" / "tavoitteet.xlsx").read_bytes()

    draft = Draft.of(again(plan))
    compared = compare(draft, book_of(draft, content))

    assert (compared.errors, compared.of(NEW, CHANGED, GONE), compared.missing) == ([], [], [])
    assert compared.unchanged == 3
    sheets = Sheets(plan, content).write("action", 2, title__fi="LibreOfficesta")
    sheets.brought()
    assert action().title == {"fi": "LibreOfficesta"}
    assert action().description == {"fi": "Rivi yksi\n-rivi kaksi"}
