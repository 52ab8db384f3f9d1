"""What changed: both texts can be read out of the marks, and the marks are always well formed."""

import re

import lxml.etree
import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents import richtext
from documents.blocks import HEADING, PARAGRAPH, TABLE, TABLE_ROW, Block
from documents.difference import (
    ADDED,
    CHANGED,
    MOVED,
    REMOVED,
    SAME,
    SectionText,
    compare_blocks,
    compare_documents,
    count_changes,
    mark_words,
)

SAID = re.compile(r'<span class="visually-hidden">[^<]*</span>')
words = st.lists(
    st.sampled_from(["neuvola", "toimii", "hyvin", "&amp;", "&lt;b&gt;", "3,5 %", "<br>", "–", "(auki)"]), max_size=12
)
marked = words.map(" ".join) | st.tuples(words, st.sampled_from(["strong", "em"]), words).map(
    lambda parts: f"{' '.join(parts[0])} <{parts[1]}>{' '.join(parts[2])}</{parts[1]}>"
)
items = st.lists(words.map(" ".join), min_size=1, max_size=4)
cells = st.one_of(
    marked,
    items.map(lambda rows: "".join(f"<p>{row}</p>" for row in rows)),
    items.map(lambda rows: "<ul>" + "".join(f"<li>{row}</li>" for row in rows) + "</ul>"),
)


def newer(html):
    return re.sub(r"<del>.*?</del>", " ", SAID.sub("", html))


def older(html):
    return re.sub(r"<ins>.*?</ins>", " ", SAID.sub("", html))


def letters(html):
    return "".join(richtext.plain(html).split())


def check(old, new, *, cell):
    html = str(mark_words(old, new, cell=cell))
    tree = lxml.etree.fromstring(f"<x>{html.replace('<br>', '<br/>')}</x>")
    assert letters(newer(html)) == letters(richtext.sanitise(new, cell=cell))
    assert letters(older(html)) == letters(richtext.sanitise(old, cell=cell))
    for parent in tree.iter("ul", "ol"):
        assert {child.tag for child in parent} <= {"li"}
        assert not (parent.text or "").strip()


@given(marked, marked)
def test_both_texts_can_be_read_out_of_the_marks(old, new):
    check(old, new, cell=False)


@given(cells, cells)
def test_both_texts_of_a_cell_can_be_read_out_of_the_marks(old, new):
    check(old, new, cell=True)


def test_marks_are_said_aloud_too():
    html = str(mark_words("auki tiistaina", "auki torstaina"))
    assert "<del>" in html
    assert "<ins>" in html
    assert html.count("visually-hidden") == 4


def test_removed_lines_do_not_run_together():
    assert "> yksi kaksi<" in str(mark_words("alku<br>yksi<br>kaksi", "alku"))


def test_removed_item_of_a_list_stays_an_item():
    html = str(mark_words("<ul><li>a</li><li>b</li></ul>", "<ul><li>b</li></ul>", cell=True))
    assert html.startswith("<ul><li><del>")


def block(key, text, kind=PARAGRAPH, **data):
    return Block(key, kind, {"body": {"fi": text}}, data)


def states(changes):
    return [(change.id, change.state) for change in changes]


def test_blocks_are_compared_by_identity_and_removed_ones_stand_where_they_stood():
    old = [block("a", "Alku."), block("b", "Pois."), block("c", "Vanha."), block("d", "Loppu.")]
    new = [block("a", "Alku."), block("c", "Uusi."), block("e", "Lisä."), block("d", "Loppu.")]
    assert states(compare_blocks(old, new, language="fi")) == [
        ("a", SAME),
        ("b", REMOVED),
        ("c", CHANGED),
        ("e", ADDED),
        ("d", SAME),
    ]


def test_moved_block_is_moved_and_says_whether_it_changed_too():
    old = [block("a", "A."), block("b", "B."), block("c", "C.")]
    new = [block("c", "C uusi."), block("a", "A."), block("b", "B.")]
    moved = compare_blocks(old, new, language="fi")[0]
    assert (moved.id, moved.state, moved.also_changed) == ("c", MOVED, True)


def test_level_of_a_heading_is_a_change():
    (change,) = compare_blocks([block("a", "O", HEADING, level=1)], [block("a", "O", HEADING, level=2)], language="fi")
    assert change.state == CHANGED


def test_change_in_another_language_is_none_here():
    old = [Block("a", PARAGRAPH, {"body": {"fi": "A.", "sv": "X."}})]
    new = [Block("a", PARAGRAPH, {"body": {"fi": "A.", "sv": "Y."}})]
    assert states(compare_blocks(old, new, language="fi")) == [("a", SAME)]
    assert states(compare_blocks(old, new, language="sv")) == [("a", CHANGED)]


def test_block_that_exists_only_in_another_language_is_not_added_here():
    new = [Block("a", PARAGRAPH, {"body": {"sv": "Bara på svenska."}})]
    assert states(compare_blocks([], new, language="fi")) == [("a", SAME)]
    assert states(compare_blocks([], new, language="sv")) == [("a", ADDED)]


def test_table_without_a_caption_is_seen_to_come_and_go():
    table = [Block("t", TABLE, {}, {"columns": ["c"]}), Block("r", TABLE_ROW, {"c": {"fi": "a"}})]
    assert states(compare_blocks([], table, language="fi")) == [("t", ADDED), ("r", ADDED)]
    assert states(compare_blocks(table, [], language="fi")) == [("t", REMOVED), ("r", REMOVED)]


def test_block_that_went_to_another_section_is_moved_not_removed_and_added():
    old = [SectionText("x", "Yksi", [block("a", "A."), block("b", "B.")]), SectionText("y", "Kaksi", [])]
    new = [SectionText("x", "Yksi", [block("a", "A.")]), SectionText("y", "Kaksi", [block("b", "B uusi.")])]
    one, two = compare_documents(old, new, language="fi")
    assert states(one.blocks) == [("a", SAME)]
    assert states(two.blocks) == [("b", MOVED)]
    assert "<ins>" in two.blocks[0].units[0].html
    assert count_changes([one, two]) == 1
    assert not one.has_changes


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([("x", "A"), ("y", "B")], [("x", "A")], [("x", SAME), ("y", REMOVED)]),
        ([("x", "A")], [("z", "C"), ("x", "A")], [("z", ADDED), ("x", SAME)]),
        ([("x", "A")], [("x", "A <b>")], [("x", CHANGED)]),
        ([("x", "A"), ("y", "B"), ("z", "C")], [("z", "C")], [("x", REMOVED), ("y", REMOVED), ("z", SAME)]),
    ],
)
def test_sections_come_and_go(old, new, expected):
    old, new = ([SectionText(key, heading, []) for key, heading in rows] for rows in (old, new))
    changes = compare_documents(old, new, language="fi")
    assert [(change.key, change.state) for change in changes] == expected
    assert all("<b>" not in change.heading for change in changes)


def test_footnote_that_goes_with_its_sentence_stands_in_brackets():
    html = str(mark_words('Alku. Luvut<span class="note">Esimerkki</span>.', "Alku."))
    assert "Luvut [Esimerkki]." in html
