"""Tasks that are answered in a table: given with its headings, filled in, brought back."""

import copy
import io
import shutil
import subprocess

import docx
import pytest
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from documents.blocks import TABLE, TABLE_ROW
from documents.services.sections import save_section
from handbooks.guidance import answer_table, guidance_lines, help_in, table_rows
from handbooks.queries import tasks_of
from handbooks.services.imports import given_rows, placement_of, prepare_import
from handbooks.word import handbook_form_file, template_form_file
from tests.handbooks.factories import SMALL, bring, make_docx, make_handbook, make_template, texts, writer_of
from tests.handbooks.test_views import coordinator_of

pytestmark = pytest.mark.django_db

KEY = "johtaminen-nykytila"
EMPTY = "<tr><td></td><td></td></tr>"
FI = f"<p>Kuvatkaa johtamista.</p><table><tr><th>Tehtävä</th><th>Vastuu &amp; tuki</th></tr>{EMPTY * 3}</table>"
SV = f"<p>Beskriv ledningen.</p><table><tr><th>Uppgift</th><th>Ansvar</th></tr>{EMPTY * 3}</table>"
HEADS = ["Tehtävä", "Vastuu & tuki"]


def data():
    template = copy.deepcopy(SMALL)
    template["sections"][0]["sections"][0]["guidance"] = {"fi": FI, "sv": SV}
    return template


def tables_in(file):
    """Those in content controls too, which python-docx does not list."""
    return [Table(table, file) for table in file.element.body.iter(qn("w:tbl"))]


def fill(form, rows, *, heads=None):
    """The form with words in the first table's rows, by their number, as Word would save it."""
    file = docx.Document(io.BytesIO(form))
    for number, words in rows.items():
        for cell, text in zip(tables_in(file)[0].rows[number].cells, words, strict=True):
            cell.text = text
    if heads:
        for cell, text in zip(tables_in(file)[0].rows[0].cells, heads, strict=True):
            cell.text = text
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def without_marks(form):
    """The form as a program saves it that keeps no bookmarks and no content controls."""
    file = docx.Document(io.BytesIO(form))
    body = file.element.body
    for tag in ("w:bookmarkStart", "w:bookmarkEnd"):
        for mark in list(body.iter(qn(tag))):
            mark.getparent().remove(mark)
    for control in list(body.iter(qn("w:sdt"))):
        for child in control.find(qn("w:sdtContent")):
            control.addprevious(child)
        control.getparent().remove(control)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def rows_of(handbook, key=KEY, language="fi"):
    """The answer's tables as they stand: whether a row is head, and its cells."""
    section = handbook.document.sections.select_related("head").get(key=key)
    found = []
    for block in section.head.blocks if section.head else []:
        if block.kind == TABLE:
            columns = block.data["columns"]
        elif block.kind == TABLE_ROW:
            cells = [block.get(column, language) for column in columns]
            found.append((bool(block.data.get("head")), *cells))
        else:
            found.append(block.plain_in(language))
    return found


def test_guidance_is_told_from_its_table():
    assert help_in(FI) == "<p>Kuvatkaa johtamista.</p>"
    assert answer_table(FI).startswith("<table>")
    assert "Kuvatkaa" not in answer_table(FI)
    assert guidance_lines(FI) == ["Kuvatkaa johtamista."]
    assert table_rows(FI) == ["Tehtävä Vastuu & tuki"]
    assert answer_table("<p>Ei taulukkoa.</p>") == ""


def test_table_is_cleaned_like_all_guidance():
    table = answer_table(
        '<table onclick="x" class="y"><tr><td style="x" colspan="2"><script>x</script>a</td></tr></table>'
    )
    assert table == '<table><tbody><tr><td colspan="2">a</td></tr></tbody></table>'


def test_form_has_a_real_table_with_a_header_row():
    loaded = make_template(data=data())
    [table] = tables_in(docx.Document(io.BytesIO(template_form_file(loaded.version, language="sv"))))
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["Uppgift", "Ansvar"], *[["", ""]] * 3]
    assert [row._tr.find(f".//{qn('w:tblHeader')}") is not None for row in table.rows] == [True, False, False, False]
    [control] = [
        control
        for control in table._tbl.iterancestors(qn("w:sdt"))
        if any(tag.get(qn("w:val")) == f"fc:{KEY}" for tag in control.iter(qn("w:tag")))
    ]
    assert control.find(f".//{qn('w:showingPlcHdr')}") is None


@pytest.mark.parametrize("change", [lambda form: form, without_marks])
def test_untouched_table_is_no_answer(change):
    handbook = make_handbook(data=data())
    form = change(handbook_form_file(handbook, language="fi"))
    row = prepare_import(handbook, content=form, name="lomake.docx", language="fi", by=None)
    assert [entry.text for entry in placement_of(row).entries if entry.kind in {TABLE, TABLE_ROW}] == []
    assert row.words_in_file == placement_of(row).counts().words
    result = bring(handbook, form)
    assert rows_of(handbook) == []
    assert result.tray_pieces == 0
    assert not any(task.is_answered for task in tasks_of(handbook))


@pytest.mark.parametrize("change", [lambda form: form, without_marks])
def test_filled_rows_come_back_with_their_header_and_without_the_empty_ones(change):
    handbook = make_handbook(data=data())
    form = change(
        fill(handbook_form_file(handbook, language="fi"), {1: ["Perhekahvila", "Seurakunta"], 3: ["", "Kunta"]})
    )
    bring(handbook, form)
    assert rows_of(handbook) == [
        (True, "Tehtävä", "Vastuu &amp; tuki"),
        (False, "Perhekahvila", "Seurakunta"),
        (False, "", "Kunta"),
    ]
    before = handbook.document.sections.get(key=KEY).head_id
    assert bring(handbook, form).changed == []
    assert handbook.document.sections.get(key=KEY).head_id == before


def test_filled_form_goes_out_again_and_takes_another_row():
    handbook = make_handbook(data=data())
    bring(handbook, fill(handbook_form_file(handbook, language="fi"), {1: ["Perhekahvila", "Seurakunta"]}))
    ids = [block.id for block in handbook.document.sections.get(key=KEY).head.blocks]
    again = handbook_form_file(handbook, language="fi")
    assert bring(handbook, again).changed == []
    file = docx.Document(io.BytesIO(again))
    for cell, text in zip(tables_in(file)[0].add_row().cells, ["Eroneuvonta", "Perheneuvola"], strict=True):
        cell.text = text
    out = io.BytesIO()
    file.save(out)
    bring(handbook, out.getvalue())
    assert rows_of(handbook)[1:] == [(False, "Perhekahvila", "Seurakunta"), (False, "Eroneuvonta", "Perheneuvola")]
    assert [block.id for block in handbook.document.sections.get(key=KEY).head.blocks][:3] == ids


def test_words_beside_an_untouched_table_are_the_answer():
    handbook = make_handbook(data=data())
    file = docx.Document(io.BytesIO(handbook_form_file(handbook, language="fi")))
    Paragraph(tables_in(file)[0]._tbl.getnext(), file).add_run("Emme osaa sanoa.")
    out = io.BytesIO()
    file.save(out)
    bring(handbook, out.getvalue())
    assert rows_of(handbook) == ["Emme osaa sanoa."]


def test_words_typed_into_the_header_are_not_lost():
    handbook = make_handbook(data=data())
    bring(handbook, fill(handbook_form_file(handbook, language="fi"), {}, heads=["Tehtävä", "Kunta vastaa kaikesta"]))
    assert "Kunta vastaa kaikesta" in " ".join(texts(handbook, KEY))


def test_form_of_an_older_template_is_known_by_its_marks():
    handbook = make_handbook(data=data())
    form = handbook_form_file(handbook, language="fi")
    other = make_handbook(handbook.region, area=None, centre="Toinen")
    assert given_rows(other) == []
    bring(other, form)
    assert rows_of(other) == []


def test_own_table_with_empty_rows_stays_as_it_is():
    handbook = make_handbook(data=data())
    rows = [["Ryhmä", "Kokoontuu", "Vetäjä"], ["", "", ""], ["Tiimi", "kuukausittain", "kunta"]]
    bring(handbook, make_docx(("h1", "Johtaminen"), ("h2", "Nykytila"), ("table", rows)))
    assert [row[1:] for row in rows_of(handbook)] == [tuple(row) for row in rows]


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not here")
@pytest.mark.parametrize("filled", [{}, {1: ["Perhekahvila", "Seurakunta"]}])
def test_form_that_another_program_saved(tmp_path, filled):
    handbook = make_handbook(data=data())
    (tmp_path / "lomake.docx").write_bytes(fill(handbook_form_file(handbook, language="fi"), filled))
    command = ["soffice", f"-env:UserInstallation={(tmp_path / 'own').as_uri()}", "--headless", "--convert-to", "docx"]
    command += ["--outdir", str(tmp_path / "out"), str(tmp_path / "lomake.docx")]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    bring(handbook, (tmp_path / "out" / "lomake.docx").read_bytes())
    expected = [(True, "Tehtävä", "Vastuu &amp; tuki"), (False, "Perhekahvila", "Seurakunta")]
    assert rows_of(handbook) == (expected if filled else [])


# --- In the browser -----------------------------------------------------------------------------------------


def section_page(client, handbook, key=KEY):
    document = handbook.document
    return client.get(f"/fi/{document.region.slug}/handbook/{document.public_id}/s/{key}/").content.decode()


def test_empty_answer_is_offered_the_table(client):
    handbook = make_handbook(data=data())
    client.force_login(writer_of(handbook))
    text = section_page(client, handbook)
    assert text.count("data-start-put") == 2
    assert "<th>Tehtävä</th>" in text
    assert "<th>Uppgift</th>" in text
    panel = text.partition('id="guidance-title"')[2].partition("</section>")[0]
    assert "Kuvatkaa johtamista." in panel
    assert "<table" not in panel
    assert "data-start-put" not in section_page(client, handbook, "johtaminen-tarpeet")
    save(handbook, "<p>Vastaus.</p>")
    assert "data-start-put" not in section_page(client, handbook)


def save(handbook, html):
    section = handbook.document.sections.select_related("document", "head").get(key=KEY)
    save_section(section, by=None, base=section.head, html={"fi": html}, client_key="")


def test_table_that_was_begun_and_not_filled_in_is_no_answer():
    handbook = make_handbook(data=data())
    save(handbook, answer_table(FI))
    assert len(rows_of(handbook)) == 4
    assert not any(task.is_answered for task in tasks_of(handbook))
    save(handbook, answer_table(FI).replace("<td></td>", "<td>Kunta</td>", 1))
    assert [task.section.key for task in tasks_of(handbook) if task.is_answered] == [KEY]


def test_template_page_shows_the_table_and_takes_a_new_one(client):
    template = make_template(data=data()).template
    client.force_login(coordinator_of(template.region))
    address = f"/fi/{template.region.slug}/template/{template.document.public_id}/"
    assert '<th scope="col">Tehtävä</th>' in client.get(address).content.decode()
    assert 'data-command="table"' in client.get(f"{address}s/{KEY}/task/").content.decode()
    sent = '<p>Täyttäkää.</p><table><tr><th data-col="c1"><p>Kuka</p></th></tr><tr><td><p></p></td></tr></table>'
    client.post(f"{address}s/{KEY}/task/", {"facet": "free", "criterion": "", "guidance-fi": sent, "guidance-sv": ""})
    section = template.document.sections.get(key=KEY)
    assert table_rows(section.guidance["fi"]) == ["Kuka"]
    assert help_in(section.guidance["fi"]) == "<p>Täyttäkää.</p>"
