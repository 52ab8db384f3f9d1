"""What validators accept and readers notice."""

from decimal import Decimal

import pytest

from documents.printing.engine import check_pdf
from tests.documents.printing import texts
from tests.documents.printing.structure import Structure
from tests.documents.printing.test_engine import made, page


@pytest.fixture(scope="module")
def long():
    """A table, a paragraph and a list that pages cut, with notes, links and words in Swedish."""
    rows = "".join(f'<tr id="r{number}"><th scope="row">{number}</th><td>Rivi</td></tr>' for number in range(150))
    items = "".join(f"<li>Kohta {number}</li>" for number in range(80))
    words = " ".join(["Perhekeskus palvelee perheitä lähellä arkea."] * 160)
    content = made(
        page(
            "<style>@page { size: A5; margin: 20mm; @top-left { content: 'Juokseva otsake' } } "
            ".note { float: footnote }</style>"
            "<h1>Otsikko</h1>"
            '<nav class="toc"><ol><li><a href="#taulukko"><strong>Taulukko</strong></a></li></ol></nav>'
            f'<p>{words}<span class="note">Lähde: asiakaskysely.</span></p>'
            '<p lang="sv">Familjecentret finns nära vardagen.</p>'
            f"<ul>{items}</ul>"
            '<h2 id="taulukko">Taulukko</h2>'
            '<table><thead><tr><th scope="col">Nro</th><th scope="col">Mitä</th></tr></thead>'
            f"<tbody>{rows}</tbody></table>"
            '<p><img src="fc-file:kuva" alt="Kuva kävijöistä"></p>'
            '<p><a href="https://example.org/sivu">Lue <strong>lisää</strong></a></p>'
        )
    )
    return Structure(content), content


def test_repaired_file_is_valid(long):
    assert check_pdf(long[1])["failures"] == []


def test_table_cut_by_pages_is_one_table_with_one_head(long):
    structure, _content = long

    assert len(structure.pdf.pages) > 5
    assert len(structure.all("Table")) == 1
    assert len(structure.all("THead")) == 1
    assert len(structure.all("TBody")) == 1
    assert len(structure.all("TR")) == 151


def test_cells_name_head_cells_that_exist(long):
    structure, _content = long
    ids = {str(cell.raw.ID) for cell in structure.all("TH")}
    named = [str(name) for cell in structure.all("TD") for name in cell.attributes["/Headers"]]

    assert set(named) <= ids
    assert len(named) == 2 * 150
    leaf = structure.tree.IDTree.Kids[0]
    indexed = [str(leaf.Names[place]) for place in range(0, len(leaf.Names), 2)]
    assert indexed == sorted(indexed)
    assert ids <= set(indexed)


def test_head_cells_have_a_scope(long):
    scopes = [str(cell.attributes["/Scope"]) for cell in long[0].all("TH")]

    assert scopes[:2] == ["/Column", "/Column"]
    assert scopes[2:] == ["/Row"] * 150


def test_paragraph_and_list_cut_by_pages_are_one(long):
    structure, _content = long

    assert sum("palvelee perheitä" in paragraph.text for paragraph in structure.all("P")) == 1
    assert len(structure.all("L")) == 1
    assert len(structure.all("LI")) == 80


def test_running_heads_belong_to_the_page(long):
    structure, _content = long

    assert all("Juokseva otsake" in words for words in structure.artefacts)
    assert "Juokseva" not in structure.document.text


def test_tree_leads_to_every_element(long):
    structure, _content = long

    assert structure.structure_objects() == {element.raw.objgen for element in structure.document.walk()}


def test_marked_content_belongs_to_the_element_that_holds_it(long):
    structure, _content = long
    numbers = structure.tree.ParentTree.Nums
    owners = {int(numbers[place]): numbers[place + 1] for place in range(0, len(numbers), 2)}

    for page_ in structure.pdf.pages:
        owned = owners[int(page_.obj.StructParents)]
        for mark in structure.marked[page_.obj.objgen]:
            assert mark in [kid for kid in owned[mark].K if isinstance(kid, int)]


def test_note_is_read_in_its_paragraph(long):
    notes = long[0].all("Note")

    assert len(notes) == 1
    assert "Lähde: asiakaskysely." in notes[0].text
    assert "palvelee perheitä" in notes[0].above("P").text
    assert "/ID" in notes[0].raw


def test_picture_lies_where_it_is_shown(long):
    figure = long[0].all("Figure")[0]
    left, bottom, right, top = (Decimal(str(value)) for value in figure.attributes["/BBox"])

    assert str(figure.raw.Alt) == "Kuva kävijöistä"
    assert (round(right - left), round(top - bottom)) == (round(320 * 0.75), round(180 * 0.75))
    height = long[0].pdf.pages[0].mediabox[3]
    assert 0 < bottom < top < height


def test_links_say_their_words_once(long):
    structure, _content = long
    annotations = [row for page_ in structure.pdf.pages for row in page_.obj.get("/Annots", [])]

    assert [str(row.Contents) for row in annotations] == ["Taulukko", "Lue lisää"]
    assert [link.text for link in structure.all("Link")] == ["Taulukko", "Lue lisää"]


def test_contents_are_contents(long):
    structure, _content = long

    assert len(structure.all("TOC")) == 1
    assert [item.text.strip() for item in structure.all("TOCI")] == ["1. Taulukko"]


def test_other_language_is_named(long):
    found = [paragraph for paragraph in long[0].all("P") if "Familjecentret" in paragraph.text]

    assert [str(paragraph.raw.Lang) for paragraph in found] == ["sv"]


def test_pages_have_labels(long):
    assert str(long[0].pdf.Root.PageLabels.Nums[1].S) == "/D"


def test_two_files_at_once_do_not_mix(long):
    first = made(page("<h1>Yksi</h1><p>Ensimmäinen.</p>"))
    second = made(page("<h1>Kaksi</h1>"))

    assert Structure(first).document.text == "YksiEnsimmäinen."
    assert Structure(second).document.text == "Kaksi"
    assert texts.picture() == texts.picture()
