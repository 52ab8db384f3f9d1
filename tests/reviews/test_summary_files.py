import io
import zipfile

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from docx import Document as WordDocument
from openpyxl import load_workbook

from documents.models import Document
from documents.operations import REPLACE_TEXT
from documents.printing.engine import PrintError, check_pdf
from jobs.models import Job
from jobs.services import claim, run_due, work
from regions.models import StoredFile
from reviews.models import CommentRound, SummaryFile
from reviews.services import summary_files
from reviews.services.answers import answer
from reviews.services.moderation import black_out, hide
from reviews.services.privacy import forget_people
from reviews.services.summaries import publish_summary, withdraw_summary
from reviews.services.summary_files import State, ask_for_file, find_file, states_of
from reviews.summary.building import build
from reviews.summary.differences import after, before, told
from reviews.summary.printing import summary_pdf
from reviews.summary.spreadsheet import summary_workbook
from reviews.summary.word import summary_word
from tests.documents.printing.structure import Structure
from tests.regions.factories import BodyFactory, MembershipFactory

from .factories import CLOSES, CommentRoundFactory, InvitationFactory, RemarkFactory, StatementFactory

pytestmark = pytest.mark.django_db

QUESTIONS = [
    {"key": "miksi", "kind": "text", "text": {"fi": "Miksi?"}},
    {
        "key": "onko",
        "kind": "choice",
        "text": {"fi": "Onko hyvä?"},
        "options": [{"key": "a", "text": {"fi": "On"}}, {"key": "b", "text": {"fi": "Ei"}}],
    },
]
HOSTILE = '=HYPERLINK("http://x.example";"x")'
MARKUP = "<script>alert('x')</script>]]>&\x07 \N{SLIGHTLY SMILING FACE}"


@pytest.fixture
def comment_round():
    return CommentRoundFactory(questions=QUESTIONS, kind=CommentRound.Kind.OPEN, smallest_group=2, case_number="D/1")


@pytest.fixture
def coordinator(client, comment_round):
    user = MembershipFactory(body=BodyFactory(region=comment_round.region, coordinating=True)).user
    with time_machine.travel(CLOSES, tick=True):
        client.force_login(user)
        yield user


def section_of(comment_round):
    return comment_round.version.document.sections.get()


def said(comment_round, remark="Aukiolo pitäisi kertoa.", *, words="", **fields):
    statement = StatementFactory(round=comment_round, **fields)
    section = section_of(comment_round)
    block = section.blocks[0].id
    operation = {"op": REPLACE_TEXT, "block_id": block, "unit": "body", "language": "fi", "value": words}
    return RemarkFactory(
        statement=statement,
        text=remark,
        section_key=section.key,
        block_id=block,
        operations=[operation] if words else [],
    )


def page(name, comment_round, *rest):
    return reverse(f"reviews:{name}", args=[comment_round.region.slug, comment_round.public_id, *rest])


def ask(comment_round, by, format_name, language="fi", summary=None):
    return ask_for_file(comment_round, summary=summary, format_name=format_name, language=language, by=by)


def words_of_word(content):
    document = WordDocument(io.BytesIO(content))
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


# --- What the files say -----------------------------------------------------------------------------------------


def told_round(comment_round, by):
    invitation = InvitationFactory(round=comment_round)
    silent = InvitationFactory(round=comment_round)
    for choice in ("a", "a", "b"):
        StatementFactory(round=comment_round, answers={"onko": choice, "miksi": "Koska."})
    remark = said(
        comment_round,
        "Lisätään kellonaika.",
        words="Kahvila on auki kello kahdeksasta.",
        official=True,
        invitation=invitation,
        organisation=invitation.organisation,
        late=True,
        text=HOSTILE,
    )
    answer([remark], outcome="no_change", reason={"fi": "Aika vaihtelee."}, by=by)
    hidden = said(comment_round, "Tämä on asiaton.")
    hide(hidden, reason="Asiaton", by=by)
    secret = said(comment_round, "Ohjaaja Virtanen auttoi.")
    black_out(secret.statement, words="Virtanen", reason="nimi", by=by)
    return remark, silent


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_pdf_is_accessible_and_tells_all(comment_round, coordinator, language):
    told_round(comment_round, coordinator)
    content = summary_pdf(build(comment_round), language, region=comment_round.region, is_draft=True)
    assert check_pdf(content)["failures"] == []
    structure = Structure(content)
    words = " ".join(
        element.text for element in structure.all("P", "H1", "H2", "H3", "H4", "TD", "TH", "Note", "BlockQuote")
    )
    assert all(text in words for text in ("Lisätään kellonaika.", "Aika vaihtelee.", "Asiaton", "nimi", "D/1"))
    assert not any(text in words for text in ("Tämä on asiaton", "Virtanen"))
    mark = {"fi": "[lisätty: kello kahdeksasta]", "sv": "[tillagt: kello kahdeksasta]"}[language]
    assert mark in " ".join(words.split())
    assert {"fi": "LUONNOS", "sv": "UTKAST"}[language] in words


def test_published_pdf_is_not_marked_as_a_draft(comment_round, coordinator):
    said(comment_round)
    content = summary_pdf(build(comment_round), "fi", region=comment_round.region, is_draft=False)
    words = " ".join(element.text for element in Structure(content).all("P"))
    assert "LUONNOS" not in words


def test_word_file_has_headings_tables_and_differences_in_words(comment_round, coordinator):
    told_round(comment_round, coordinator)
    content = summary_word(build(comment_round), "fi", is_draft=True)
    document = WordDocument(io.BytesIO(content))
    styles = {paragraph.style.name for paragraph in document.paragraphs}
    assert {"Title", "Heading 1", "Heading 2", "Heading 3"} <= styles
    first = document.tables[0].rows[0]
    assert first._tr.trPr.xpath("./w:tblHeader")
    words = words_of_word(content)
    assert "[lisätty: kello kahdeksasta]" in words
    assert all(text in words for text in ("Lisätään kellonaika.", "Aika vaihtelee.", "LUONNOS", HOSTILE))
    assert not any(text in words for text in ("Tämä on asiaton", "Virtanen"))


def test_workbook_has_a_row_for_each_remark_with_typed_cells(comment_round, coordinator):
    remark, silent = told_round(comment_round, coordinator)
    content = summary_workbook(build(comment_round), "fi", is_draft=False)
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Kommentit", "Kysymykset", "Vastaajat", "Keneltä pyydettiin"]
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref
    heads, *rows = book["Kommentit"].iter_rows(values_only=True)
    assert len(rows) == 3
    row = dict(zip(heads, next(row for row in rows if remark.public_id in row), strict=True))
    assert row["Nro"] == 1
    assert row["Lausunnonantaja"] == remark.statement.organisation.name
    assert (row["Vanha sanamuoto"], row["Muotoiluehdotus"]) == (
        "Kahvila on auki.",
        "Kahvila on auki kello kahdeksasta.",
    )
    assert row["Perustelu"] == "Aika vaihtelee."
    assert row["Saapunut"].date() == timezone.localtime(remark.statement.received_at).date()
    everything = [str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row]
    assert not any("Tämä on asiaton" in value or "Virtanen" in value for value in everything)
    formula = next(cell for row in book["Vastaajat"].iter_rows() for cell in row if cell.value == HOSTILE)
    assert (formula.data_type, formula.quotePrefix) == ("s", True)
    assert (silent.organisation.name, "Ei vastannut") in {
        (row[0], row[2]) for row in book["Keneltä pyydettiin"].iter_rows(values_only=True)
    }
    counts = {(row[2], row[4]) for row in book["Kysymykset"].iter_rows(values_only=True) if row[3] == "Kaikki"}
    assert counts == {("On", 2), ("Ei", 1)}


def test_hostile_words_stay_words_in_every_file(comment_round, coordinator):
    said(comment_round, MARKUP, words=f"a &lt;b&gt; {'&lt;script&gt;'}", text=MARKUP, answers={"miksi": MARKUP})
    summary = build(comment_round, intro={"fi": MARKUP})
    pdf = summary_pdf(summary, "fi", region=comment_round.region, is_draft=True)
    assert check_pdf(pdf)["failures"] == []
    assert "<script>alert('x')</script>]]>& [?]" in " ".join(row.text for row in Structure(pdf).all("P"))
    assert "<script>alert('x')</script>]]>&" in words_of_word(summary_word(summary, "fi", is_draft=True))
    book = load_workbook(io.BytesIO(summary_workbook(summary, "fi", is_draft=True)))
    values = [str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row]
    assert any("<script>alert('x')</script>]]>&" in value for value in values)


def test_difference_is_told_in_words_line_by_line():
    html = (
        'Auki <del><span class="visually-hidden"> [x: </span>aina<span class="visually-hidden"> y] </span></del>'
        '<ins><span class="visually-hidden"> [x: </span>arkisin<span class="visually-hidden"> y] </span></ins>'
        ".<br>&lt;b&gt;"
    )
    assert "".join(run.text for run in told(html)) == "Auki [poistettu: aina] [lisätty: arkisin].\n<b>"
    assert (before(html), after(html)) == ("Auki aina.\n<b>", "Auki arkisin.\n<b>")


# --- Asking and making ------------------------------------------------------------------------------------------


def test_file_is_asked_for_waited_for_and_fetched(client, coordinator, comment_round):
    said(comment_round)
    make, fetch = (page(name, comment_round, "draft", "xlsx", "fi") for name in ("summary-file-make", "summary-file"))
    assert client.get(fetch).status_code == 302
    assert client.post(make).status_code == 302
    assert client.post(make).status_code == 302
    assert SummaryFile.objects.count() == 1
    waiting = client.get(page("summary", comment_round)).content.decode()
    assert 'hx-trigger="every 3s"' in waiting
    assert "Tehdään parhaillaan" in waiting
    run_due()
    html = client.get(page("summary-files", comment_round), headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in html
    assert "data-announce" in html
    assert fetch in html
    response = client.get(fetch)
    assert load_workbook(io.BytesIO(b"".join(response.streaming_content))).sheetnames[0] == "Kommentit"
    assert response["Content-Disposition"].startswith("attachment")
    assert client.get(page("summary-files", comment_round)).status_code == 302


def test_draft_made_anew_is_of_the_round_as_it_stands(coordinator, comment_round):
    said(comment_round, "Ensin.")
    ask(comment_round, coordinator, "docx")
    run_due()
    first = find_file(comment_round, summary=None, format_name="docx", language="fi")
    said(comment_round, "Sitten.")
    ask(comment_round, coordinator, "docx")
    assert find_file(comment_round, summary=None, format_name="docx", language="fi") is None
    assert not StoredFile.objects.filter(pk=first.pk).exists()
    run_due()
    second = find_file(comment_round, summary=None, format_name="docx", language="fi")
    assert "Sitten." in words_of_word(second.file.read())


def test_failure_leaves_nothing_half_and_is_tried_again(coordinator, comment_round, monkeypatch):
    said(comment_round)
    ask(comment_round, coordinator, "xlsx")
    monkeypatch.setattr(summary_files, "write_summary", lambda *args, **kwargs: 1 / 0)
    run_due()
    assert not StoredFile.objects.exists()
    assert states_of(comment_round, None)["xlsx", "fi"].state == State.UNDER_WAY
    Job.objects.update(failed_at=timezone.now())
    assert states_of(comment_round, None)["xlsx", "fi"].state == State.FAILED
    monkeypatch.undo()
    ask(comment_round, coordinator, "xlsx")
    run_due()
    assert states_of(comment_round, None)["xlsx", "fi"].state == State.READY


def test_file_that_cannot_be_printed_says_so_and_is_not_tried_for_hours(coordinator, comment_round, monkeypatch):
    said(comment_round)
    ask(comment_round, coordinator, "pdf")

    def fail(*args, **kwargs):
        raise PrintError(["no title"])

    monkeypatch.setattr(summary_files, "write_summary", fail)
    run_due()
    assert not Job.objects.open().exists()
    assert SummaryFile.objects.get().error == "no title"
    assert states_of(comment_round, None)["pdf", "fi"].state == State.FAILED


def test_job_done_twice_makes_one_file(coordinator, comment_round):
    said(comment_round)
    row = ask(comment_round, coordinator, "xlsx")
    job = claim()
    assert work(job)
    summary_files.make(row.pk, by=None)
    assert StoredFile.objects.count() == 1


def test_file_that_nobody_makes_does_not_wait_silently(client, coordinator, comment_round):
    ask(comment_round, coordinator, "xlsx")
    Job.objects.update(created_at=timezone.now() - 2 * summary_files.PATIENCE)
    assert states_of(comment_round, None)["xlsx", "fi"].state == State.STANDS_STILL
    assert "taustatyö" in client.get(page("summary", comment_round)).content.decode()


# --- Published --------------------------------------------------------------------------------------------------


def test_published_files_are_made_at_publishing_and_fetched_by_anyone(client, coordinator, comment_round):
    remark = said(comment_round, "Aukiolo ovelle.")
    published = publish_summary(comment_round, intro={"fi": "Kiitos."}, languages=["fi"], by=coordinator)
    anyone = client.__class__()
    url = page("outcome-file", comment_round, "docx", "fi")
    assert anyone.get(url).status_code == 404
    remark.text = "Muutettu jälkikäteen"
    remark.save()
    run_due()
    html = anyone.get(page("outcome", comment_round)).content.decode()
    assert all(page("outcome-file", comment_round, name, "fi") in html for name in ("pdf", "docx", "xlsx"))
    words = words_of_word(b"".join(anyone.get(url).streaming_content))
    assert "Aukiolo ovelle." in words
    assert "Kiitos." in words
    assert "Muutettu" not in words
    assert "LUONNOS" not in words
    assert anyone.get(page("outcome-file", comment_round, "docx", "sv")).status_code == 404
    assert anyone.get(page("outcome-file", comment_round, "zip", "fi")).status_code == 404
    ask(comment_round, coordinator, "docx", summary=published)
    assert states_of(comment_round, published)["docx", "fi"].state == State.READY

    withdraw_summary(comment_round, by=coordinator)
    assert anyone.get(url).status_code == 404


def test_draft_files_are_for_those_who_handle_the_round(client, coordinator, comment_round):
    said(comment_round)
    ask(comment_round, coordinator, "xlsx")
    ask(comment_round, coordinator, "zip")
    run_due()
    writers = BodyFactory(region=comment_round.region)
    Document.objects.update(writing_body=writers)
    writer = MembershipFactory(body=writers).user
    stranger = MembershipFactory(body=BodyFactory(coordinating=True)).user
    for user, sheet, archive in ((coordinator, 200, 200), (writer, 200, 403), (stranger, 404, 404)):
        client.force_login(user)
        assert client.get(page("summary-file", comment_round, "draft", "xlsx", "fi")).status_code == sheet
        assert client.get(page("summary-file", comment_round, "draft", "zip", "fi")).status_code == archive
        assert client.post(page("summary-file-make", comment_round, "draft", "zip", "fi")).status_code in {302, archive}
    client.force_login(coordinator)
    assert client.post(page("summary-file-make", comment_round, "published", "pdf", "fi")).status_code == 404
    assert client.post(page("summary-file-make", comment_round, "draft", "odt", "fi")).status_code == 404
    assert client.post(page("summary-file-make", comment_round, "draft", "pdf", "en")).status_code == 404


def test_panel_takes_the_same_queries_however_many_files_there_are(
    client, coordinator, comment_round, django_assert_max_num_queries
):
    said(comment_round)
    counts = []
    for name in ("xlsx", "docx"):
        ask(comment_round, coordinator, name)
        with django_assert_max_num_queries(60) as captured:
            client.get(page("summary", comment_round))
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_files_made_before_names_were_removed_go_with_them(coordinator, comment_round):
    said(comment_round, shows_name=True)
    for name in ("xlsx", "zip"):
        ask(comment_round, coordinator, name)
    run_due()
    assert StoredFile.objects.count() == 2
    forget_people(comment_round, by=coordinator)
    assert not SummaryFile.objects.exists()
    assert not StoredFile.objects.exists()


def test_archive_on_disk_is_checked_by_a_command(coordinator, comment_round, tmp_path, capsys):
    said(comment_round)
    ask(comment_round, coordinator, "zip")
    run_due()
    path = tmp_path / "a.zip"
    path.write_bytes(find_file(comment_round, summary=None, format_name="zip", language="fi").file.read())
    assert zipfile.is_zipfile(path)
    call_command("check_archive", str(path))
    assert "every file" in capsys.readouterr().out
