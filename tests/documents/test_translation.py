"""Two languages of one text: what is typed in both columns is one block, and each knows what it was translated from."""

import pytest

from documents.blocks import BEHIND, CURRENT, MISSING, TABLE, TABLE_ROW, translation_state
from documents.html import Rendering, render
from documents.services.sections import save_section

from .factories import blocks, fresh, head, ids, make_document, make_section, texts

pytestmark = pytest.mark.django_db


def save(section, *, base="head", **html):
    return save_section(fresh(section), by=None, base=head(section) if base == "head" else base, html=html)


def shown(section, language):
    """The section as its editor holds it."""
    return str(render(blocks(section), Rendering(language, editing=True)))


def states(section, language="sv"):
    return [translation_state(block, language, original="fi") for block in blocks(section)]


@pytest.fixture
def section():
    section = make_section(make_document())
    save(section, fi="<p>Yksi.</p><p>Kaksi.</p>", sv="<p>Ett.</p><p>Två.</p>")
    return section


def test_blocks_typed_in_both_columns_are_one_block_each(section):
    assert texts(section) == ["Yksi.", "Kaksi."]
    assert texts(section, "sv") == ["Ett.", "Två."]
    assert states(section) == [CURRENT, CURRENT]


def test_new_block_between_common_neighbours_is_paired(section):
    save(
        section,
        fi=shown(section, "fi").replace("</p>", "</p><p>Väliin.</p>", 1),
        sv=shown(section, "sv").replace("</p>", "</p><p>Emellan.</p>", 1),
    )
    assert texts(section) == ["Yksi.", "Väliin.", "Kaksi."]
    assert texts(section, "sv") == ["Ett.", "Emellan.", "Två."]


def test_unequal_numbers_of_new_blocks_are_not_paired_by_guess(section):
    save(
        section,
        fi=shown(section, "fi").replace("</p>", "</p><p>Väliin.</p><p>Toinen.</p>", 1),
        sv=shown(section, "sv").replace("</p>", "</p><p>Emellan.</p>", 1),
    )
    assert sorted(filter(None, texts(section))) == ["Kaksi.", "Toinen.", "Väliin.", "Yksi."]
    assert sorted(filter(None, texts(section, "sv"))) == ["Emellan.", "Ett.", "Två."]
    assert len(blocks(section)) == 5


def test_different_kinds_of_new_blocks_are_not_paired(section):
    save(
        section,
        fi=shown(section, "fi") + "<h2>Otsikko</h2>",
        sv=shown(section, "sv") + "<p>Stycke.</p>",
    )
    assert len(blocks(section)) == 4
    assert set(texts(section, "sv")) == {"Ett.", "Två.", "", "Stycke."}


def test_table_typed_in_both_columns_is_one_table_with_the_same_columns(section):
    def table(*cells):
        return "<table><tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr></table>"

    save(section, fi=shown(section, "fi") + table("a", "b"), sv=shown(section, "sv") + table("x", "y"))

    one, row = blocks(section)[2:]
    assert (one.kind, row.kind) == (TABLE, TABLE_ROW)
    left, right = one.data["columns"]
    assert row.text == {left: {"fi": "a", "sv": "x"}, right: {"fi": "b", "sv": "y"}}


@pytest.fixture
def tabled():
    section = make_section(make_document(), "<table><tr><td>a</td><td>b</td><td>c</td></tr></table>")
    key = blocks(section)[0].data["columns"]
    row = ids(section)[1]
    sv = "".join(f'<td data-col="{name}">{text}</td>' for name, text in zip(key, "xyz", strict=True))
    save(section, sv=f'<table data-id="{ids(section)[0]}"><tr data-id="{row}">{sv}</tr></table>')
    return section


def without_cell(html, text):
    start = html.rindex("<td", 0, html.index(f"<p>{text}</p>"))
    end = html.index("</td>", start) + len("</td>")
    return html[:start] + html[end:]


def cells(section):
    table, row = blocks(section)
    return [(row.get(key, "fi"), row.get(key, "sv")) for key in table.data["columns"]], set(row.text) - set(
        table.data["columns"]
    )


def test_column_added_in_both_columns_of_the_editor_is_one(tabled):
    new = "<td><p>{}</p></td></tr>"
    save(
        tabled,
        fi=shown(tabled, "fi").replace("</tr>", new.format("d")),
        sv=shown(tabled, "sv").replace("</tr>", new.format("å")),
    )
    assert cells(tabled) == ([("a", "x"), ("b", "y"), ("c", "z"), ("d", "å")], set())


def test_column_left_out_of_the_original_goes_in_every_language(tabled):
    save(tabled, fi=without_cell(shown(tabled, "fi"), "b"))
    assert cells(tabled) == ([("a", "x"), ("c", "z")], set())


def test_column_left_out_of_the_original_stays_where_the_translation_was_changed(tabled):
    save(
        tabled,
        fi=without_cell(shown(tabled, "fi"), "b"),
        sv=shown(tabled, "sv").replace("<p>y</p>", "<p>yy</p>"),
    )
    assert cells(tabled) == ([("a", "x"), ("", "yy"), ("c", "z")], set())


def test_column_left_out_of_a_translation_keeps_the_words_of_the_original(tabled):
    save(tabled, sv=without_cell(shown(tabled, "sv"), "y"))
    assert cells(tabled) == ([("a", "x"), ("b", ""), ("c", "z")], set())


def test_row_changed_in_the_translation_keeps_its_table_that_the_original_dropped():
    """Its words may not slip into the table that stands before."""
    section = make_section(make_document())
    table = "<table><tr><td>{}</td></tr></table>"
    save(
        section,
        fi=table.format("a") + "<p>Väli.</p>" + table.format("b"),
        sv=table.format("x") + "<p>M.</p>" + table.format("y"),
    )
    first, first_row, _between, second, second_row = ids(section)
    fi = shown(section, "fi")
    save(
        section,
        fi=fi[: fi.index("<p data-id")],
        sv=shown(section, "sv").replace("<p>y</p>", "<p>yy</p>"),
    )
    assert ids(section) == [first, first_row, second, second_row]
    assert texts(section, "sv") == ["", "x", "", "yy"]


def test_block_left_out_of_the_original_goes(section):
    save(section, fi=shown(section, "fi").split("</p>")[0] + "</p>")
    assert texts(section, "sv") == ["Ett."]


def test_block_left_out_of_a_translation_loses_only_that_language(section):
    save(section, sv=shown(section, "sv").split("</p>")[0] + "</p>")
    assert texts(section) == ["Yksi.", "Kaksi."]
    assert texts(section, "sv") == ["Ett.", ""]
    assert states(section) == [CURRENT, MISSING]


def test_block_left_out_of_the_original_but_changed_in_the_translation_stays(section):
    save(
        section,
        fi=shown(section, "fi").split("</p>")[0] + "</p>",
        sv=shown(section, "sv").replace("Två.", "Två nya."),
    )
    assert texts(section) == ["Yksi.", ""]
    assert texts(section, "sv") == ["Ett.", "Två nya."]


def test_translation_falls_behind_only_where_the_original_changed(section):
    save(section, fi=shown(section, "fi").replace("Kaksi.", "Kaksi uutta."))
    assert states(section) == [CURRENT, BEHIND]
    assert states(section, "fi") == [CURRENT, CURRENT]


def test_original_changed_back_makes_the_translation_current_again(section):
    save(section, fi=shown(section, "fi").replace("Kaksi.", "Kaksi uutta."))
    save(section, fi=shown(section, "fi").replace("Kaksi uutta.", "Kaksi."))
    assert states(section) == [CURRENT, CURRENT]


def test_translation_without_an_original_is_current(section):
    save(section, sv=shown(section, "sv") + "<p>Bara på svenska.</p>")
    assert states(section) == [CURRENT, CURRENT, CURRENT]
    assert texts(section) == ["Yksi.", "Kaksi.", ""]


def test_saving_one_language_leaves_the_other_as_it_is(section):
    before = texts(section, "sv")
    save(section, fi=shown(section, "fi").replace("Yksi.", "<strong>Yksi</strong> vielä."))
    assert texts(section, "sv") == before
