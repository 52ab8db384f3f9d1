"""Saving sections: what two people did to one text at once, and to one text in two places."""

import itertools
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from documents.blocks import TABLE, TABLE_ROW, Block
from documents.compose import tidy
from documents.html import Rendering, parse, render
from documents.merge import merge
from documents.models import BlockIdentity, Conflict, Revision
from documents.operations import Operation
from documents.services.conflicts import take_other
from documents.services.identities import issue_block_id
from documents.services.outline import remove_section
from documents.services.sections import Edit, move_blocks, restore_section, save_section, save_sections
from documents.services.structured import append_blocks, save_structured
from documents.services.versions import freeze, freeze_with_operations

from .factories import blocks, fresh, head, ids, make_document, make_section, texts

pytestmark = pytest.mark.django_db
TABLES = "<table><tr><td>a</td></tr></table><p>Väli.</p><table><tr><td>b</td></tr></table>"


def shown(section, language="fi"):
    return str(render(blocks(section), Rendering(language, editing=True)))


def save(section, html, *, base="head", **kwargs):
    base = head(section) if base == "head" else base
    return save_section(fresh(section), by=None, base=base, html={"fi": html}, **kwargs)


@pytest.fixture
def document():
    return make_document()


@pytest.fixture
def one(document):
    return make_section(document, "<p>Pysyy.</p><p>Siirtyy kahvilaan.</p>", key="yksi")


@pytest.fixture
def two(document):
    return make_section(document, "<p>Vanha.</p>", key="kaksi")


def everywhere(document):
    return [block.id for section in document.sections.present() for block in blocks(section)]


# --- Moved by one while another writes --------------------------------------------------------------


def test_words_written_into_a_moved_block_go_where_it_stands_now(document, one, two):
    base, html = head(one), shown(one)
    moves = ids(one)[1]
    move_blocks([moves], source=one, target=two, by=None)

    save(one, html.replace("kahvilaan", "ja aukeaa kahvilaan"), base=base)

    assert texts(one) == ["Pysyy."]
    assert texts(two) == ["Vanha.", "Siirtyy ja aukeaa kahvilaan."]
    assert len(everywhere(document)) == len(set(everywhere(document)))
    assert BlockIdentity.objects.get(block_id=moves).section == two


def test_unchanged_moved_block_does_not_come_back(one, two):
    base, html = head(one), shown(one)
    move_blocks([ids(one)[1]], source=one, target=two, by=None)

    save(one, html.replace("Pysyy.", "Pysyy tässä."), base=base)

    assert texts(one) == ["Pysyy tässä."]
    assert texts(two) == ["Vanha.", "Siirtyy kahvilaan."]


def test_words_that_both_changed_in_a_moved_block_are_a_conflict_where_it_stands(one, two):
    base, html = head(one), shown(one)
    moves = ids(one)[1]
    move_blocks([moves], source=one, target=two, by=None)
    save(two, shown(two).replace("kahvilaan", "neuvolaan"))

    saved = save(one, html.replace("kahvilaan", "kouluun"), base=base)

    assert texts(two)[1] == "Siirtyy neuvolaan."
    (conflict,) = saved.conflicts
    assert (conflict.section, conflict.mine) == (two, "Siirtyy kouluun.")


def test_part_cut_off_a_moved_block_goes_along(document, one, two):
    base, html = head(one), shown(one)
    moves = ids(one)[1]
    move_blocks([moves], source=one, target=two, by=None)

    save(one, html.replace("Siirtyy kahvilaan.", f'Siirtyy</p><p data-id="{moves}">kahvilaan.'), base=base)

    assert texts(one) == ["Pysyy."]
    assert texts(two) == ["Vanha.", "Siirtyy", "kahvilaan."]


def test_new_row_of_a_moved_table_goes_along(document, two):
    one = make_section(document, "<p>Alku.</p><table><tr><td>a</td></tr></table>", key="yksi")
    base, html = head(one), shown(one)
    key = blocks(one)[1].data["columns"][0]
    move_blocks([ids(one)[1]], source=one, target=two, by=None)
    assert texts(two) == ["Vanha.", "", "a"]

    save(one, html.replace("</tr>", f'</tr><tr><td data-col="{key}">uusi</td></tr>'), base=base)

    assert texts(one) == ["Alku."]
    assert texts(two) == ["Vanha.", "", "a", "uusi"]
    assert len(everywhere(document)) == len(set(everywhere(document)))


def test_file_imported_again_meets_text_that_was_moved_meanwhile(document, one, two):
    """All sections in one save: the file still has the block in its old section, with other words."""
    start = {section.pk: blocks(section) for section in (one, two)}
    base = {section.pk: head(section) for section in (one, two)}
    html = {section.pk: shown(section) for section in (one, two)}
    moves = ids(one)[1]
    move_blocks([moves], source=one, target=two, by=None)

    html[one.pk] = html[one.pk].replace("kahvilaan", "uuteen kahvilaan")
    edits = [
        Edit(fresh(section), base[section.pk], {"fi": parse(html[section.pk])}, start=start[section.pk])
        for section in (one, two)
    ]
    save_sections(document, edits, by=None, origin=Revision.Origin.IMPORTED)

    assert texts(one) == ["Pysyy."]
    assert texts(two) == ["Vanha.", "Siirtyy uuteen kahvilaan."]
    assert len(everywhere(document)) == len(set(everywhere(document)))


def test_file_moves_a_block_whose_words_were_changed_meanwhile(document, one, two):
    start = {section.pk: blocks(section) for section in (one, two)}
    html = {section.pk: shown(section) for section in (one, two)}
    moves = ids(one)[1]
    save(one, shown(one).replace("kahvilaan", "uuteen kahvilaan"))

    paragraph = f'<p data-id="{moves}">Siirtyy kahvilaan.</p>'
    html = {one.pk: html[one.pk].replace(paragraph, ""), two.pk: html[two.pk] + paragraph}
    edits = [
        Edit(fresh(section), head(section), {"fi": parse(html[section.pk])}, start=start[section.pk])
        for section in (one, two)
    ]
    save_sections(document, edits, by=None, origin=Revision.Origin.IMPORTED)

    assert texts(one) == ["Pysyy."]
    assert texts(two) == ["Vanha.", "Siirtyy uuteen kahvilaan."]
    assert BlockIdentity.objects.get(block_id=moves).section == two
    assert not Conflict.objects.exists()


# --- Brought back by two ---------------------------------------------------------------------------


def test_deleted_block_brought_back_by_two_with_other_words_loses_neither(one):
    moves = ids(one)[1]
    old = shown(one)
    save(one, old[: old.index(f'<p data-id="{moves}"')])
    base = head(one)

    save(one, shown(one) + f'<p data-id="{moves}">Eeva toi takaisin.</p>', base=base)
    stale = f'<p data-id="{ids(one)[0]}">Pysyy.</p><p data-id="{moves}">Ossi toi takaisin.</p>'
    saved = save(one, stale, base=base)

    here = " ".join(texts(one)) + " ".join(str(conflict.mine) for conflict in saved.conflicts)
    assert "Eeva" in here
    assert "Ossi" in here


def test_paragraph_that_brings_along_the_id_of_a_structured_block_gets_its_own(one):
    goal = append_blocks(one, [Block("", "goal", {"title": {"fi": "Tavoite"}})], by=None, origin="typed")[0]
    base = Revision.objects.filter(section=one).first()

    save(one, f'<p data-id="{goal.id}">Kappale.</p>', base=base)

    assert [block.kind for block in blocks(one) if block.id == goal.id] == ["goal"]
    assert "Kappale." in texts(one)


# --- Tables ------------------------------------------------------------------------------------------


def test_row_whose_table_was_removed_brings_it_back_and_not_into_the_table_before(document):
    section = make_section(document, TABLES, key="taulut")
    _first, _row, _between, second, row = ids(section)
    base, html = head(section), shown(section)
    save(section, html[: html.index("<p data-id")])

    saved = save(section, html.replace("<p>b</p>", "<p>bb</p>"), base=base)

    assert [(block.kind, block.id) for block in blocks(section)][2:] == [(TABLE, second), (TABLE_ROW, row)]
    assert blocks(section)[0].data["columns"] == list(blocks(section)[1].text)
    assert [conflict.kind for conflict in saved.conflicts] == ["deleted"]


def test_row_that_comes_before_its_table_is_put_below_it():
    table, row = Block("t", TABLE, {}, {"columns": ["c"]}), Block("r", TABLE_ROW, {"c": {"fi": "a"}})
    assert [block.id for block in tidy([row, table], [table, row])] == ["t", "r"]


def test_row_that_never_had_a_table_gets_one():
    row = Block("r", TABLE_ROW, {"c": {"fi": "a"}})
    assert [(block.kind, block.data.get("columns")) for block in tidy([row], [row])] == [
        (TABLE, ["c"]),
        (TABLE_ROW, None),
    ]


def test_two_columns_added_at_once_both_stand():
    table = Block("t", TABLE, {}, {"columns": ["a", "b"]})
    row = Block("r", TABLE_ROW, {"a": {"fi": "1"}, "b": {"fi": "2"}})

    def added(name):
        return [
            Block("t", TABLE, {}, {"columns": ["a", name, "b"]}),
            Block("r", TABLE_ROW, {**row.text, name: {"fi": name}}),
        ]

    merged = merge([table, row], added("x"), added("y"))
    assert not merged.clashes
    assert merged.blocks[0].data["columns"] == ["a", "y", "x", "b"]
    assert {text["fi"] for text in merged.blocks[1].text.values()} == {"1", "2", "x", "y"}


def test_text_put_behind_a_table_stands_behind_all_its_rows(document):
    section = make_section(document, TABLES, key="taulut")
    append_blocks(
        section, [Block("", "paragraph", {"body": {"fi": "Uusi."}})], by=None, origin="typed", after=ids(section)[0]
    )
    assert texts(section) == ["", "a", "Uusi.", "Väli.", "", "b"]


# --- Moving, restoring, structured blocks --------------------------------------------------------------


def test_moving_a_block_that_is_gone_is_refused(one, two):
    moves = ids(one)[1]
    move_blocks([moves], source=one, target=two, by=None)
    with pytest.raises(ValidationError) as error:
        move_blocks([moves], source=one, target=two, by=None)
    assert error.value.code == "block_gone"
    assert texts(two) == ["Vanha.", "Siirtyy kahvilaan."]


def test_moving_within_one_section_is_a_programmers_mistake(one):
    with pytest.raises(ValueError, match="one section to another"):
        move_blocks([ids(one)[0]], source=one, target=one, by=None)
    assert len(ids(one)) == 2


def test_open_conflict_goes_along_with_its_block_and_can_be_settled_there(one, two):
    base, html = head(one), shown(one)
    save(one, html.replace("kahvilaan", "neuvolaan"))
    (conflict,) = save(one, html.replace("kahvilaan", "kouluun"), base=base).conflicts

    move_blocks([conflict.block_id], source=one, target=two, by=None)
    conflict.refresh_from_db()
    take_other(conflict, by=None)

    assert texts(two) == ["Vanha.", "Siirtyy kouluun."]


def test_restored_section_does_not_take_back_what_was_moved_away(one, two):
    first = head(one)
    move_blocks([ids(one)[1]], source=one, target=two, by=None)
    save(one, shown(one).replace("Pysyy.", "Muuttui."))

    restore_section(fresh(one), first, by=None)

    assert texts(one) == ["Pysyy."]
    assert texts(two) == ["Vanha.", "Siirtyy kahvilaan."]


def test_structured_block_that_stands_in_another_section_is_not_doubled(one, two):
    goal = append_blocks(one, [Block("", "goal", {"title": {"fi": "Tavoite"}})], by=None, origin="typed")[0]
    move_blocks([goal.id], source=one, target=two, by=None)
    with pytest.raises(ValidationError) as error:
        save_structured(one, by=None, change=[goal])
    assert error.value.code == "block_gone"


def test_structured_block_is_merged_field_by_field(one):
    new = Block(issue_block_id(one), "goal", {"title": {"fi": "Tavoite"}, "rationale": {"fi": "Syy"}})
    save_structured(one, by=None, change=[new])
    save_structured(one, by=None, change=[Block(new.id, "goal", {**new.text, "title": {"fi": "Uusi tavoite"}})])

    saved = save_structured(
        one, by=None, change=[Block(new.id, "goal", {**new.text, "rationale": {"fi": "Uusi syy"}})], bases={new.id: new}
    )

    assert not saved.conflicts
    assert blocks(one)[-1].text == {"title": {"fi": "Uusi tavoite"}, "rationale": {"fi": "Uusi syy"}}


def test_section_removed_meanwhile_refuses_the_save(one):
    base = head(one)
    remove_section(one, by=None)
    with pytest.raises(ValidationError) as error:
        save_section(one, by=None, base=base, html={"fi": "<p>Kirjoitettu.</p>"})
    assert error.value.code == "section_removed"


def test_same_client_key_is_one_revision(one):
    base, html = head(one), shown(one) + "<p>Lisäys.</p>"
    first = save(one, html, base=base, client_key="k1")
    again = save(one, html, base=base, client_key="k1")
    assert again.revision == first.revision
    assert again.unchanged
    assert texts(one) == ["Pysyy.", "Siirtyy kahvilaan.", "Lisäys."]


def test_operation_of_unknown_kind_is_a_programmers_mistake(document, one):
    version = freeze(document, by=None)
    with pytest.raises(ValueError, match="Unknown operation"):
        freeze_with_operations(version, [Operation("rhyme", ids(one)[0])], by=None)


# --- Whatever two writers do to tables ---------------------------------------------------------------------


@st.composite
def writers_of_tables(draw):
    """A base of paragraphs and tables, and what two writers made of it; each types words that nobody else does."""
    base = []
    for index in range(draw(st.integers(1, 4))):
        if draw(st.booleans()):
            base.append(Block(f"p{index:09d}", "paragraph", {"body": {"fi": f"teksti{index}"}}))
            continue
        columns = [f"c{index}{number}" for number in range(draw(st.integers(1, 3)))]
        base.append(Block(f"t{index:09d}", TABLE, {}, {"columns": columns}))
        base += [
            Block(f"r{index:04d}{row:05d}", TABLE_ROW, {key: {"fi": f"{key}{row}"} for key in columns}, {"head": False})
            for row in range(draw(st.integers(1, 3)))
        ]

    def writer(name):
        groups, typed = [], itertools.count()
        for block in base:
            if block.kind == TABLE_ROW:
                groups[-1].append(block)
            else:
                groups.append([block])
        if draw(st.booleans()):
            groups = draw(st.permutations(groups))
        result = []
        for group in groups:
            what = draw(st.sampled_from(["keep", "keep", "remove", "edit", "row", "column", "less", "turn"]))
            if what == "remove":
                continue
            if group[0].kind != TABLE:
                text = f"{name}{next(typed)}" if what == "edit" else group[0].get("body", "fi")
                result.append(replace(group[0], text={"body": {"fi": text}}))
                continue
            table, rows = group[0], list(group[1:])
            columns = list(table.data["columns"])
            if what == "edit":
                place = draw(st.integers(0, len(rows) - 1))
                rows[place] = replace(
                    rows[place], text={**rows[place].text, columns[0]: {"fi": f"{name}{next(typed)}"}}
                )
            elif what == "row":
                text = {key: {"fi": f"{name}{next(typed)}"} for key in columns}
                rows.insert(
                    draw(st.integers(0, len(rows))),
                    Block(f"{name}r{next(typed):05d}", TABLE_ROW, text, {"head": False}),
                )
            elif what == "column":
                key = f"{name}{next(typed)}"
                columns.insert(draw(st.integers(0, len(columns))), key)
                rows = [replace(row, text={**row.text, key: {"fi": f"{name}{next(typed)}"}}) for row in rows]
            elif what == "less" and len(columns) > 1:
                gone = columns.pop()
                rows = [replace(row, text={key: text for key, text in row.text.items() if key != gone}) for row in rows]
            elif what == "turn":
                rows = list(reversed(rows))[: draw(st.integers(1, len(rows)))]
            result += [replace(table, data={"columns": columns}), *rows]
        return result

    return base, writer("eeva"), writer("ossi")


@given(writers_of_tables())
def test_rows_stay_in_tables_and_every_typed_word_is_seen(case):
    base, head, mine = case
    merged = merge(base, head, mine)

    table, seen = None, set()
    for block in merged.blocks:
        table = block if block.kind == TABLE else table if block.kind == TABLE_ROW else None
        if block.kind == TABLE_ROW:
            assert table is not None
            assert {key for key, text in block.text.items() if text.get("fi")} <= set(table.data["columns"])
        seen.update(block.plain_in("fi").split())
    ids = [block.id for block in merged.blocks]
    assert len(ids) == len(set(ids))
    waiting = " ".join(f"{clash.head} {clash.mine}" for clash in merged.clashes)
    known = {word for block in base for word in block.plain_in("fi").split()}
    for word in {word for block in [*head, *mine] for word in block.plain_in("fi").split()} - known:
        assert word in seen or word in waiting
