"""The outline: every change is one under the lock, is written down, and leaves each section where it belongs."""

import pytest
from django.core.exceptions import ValidationError

from documents.html import Rendering, render
from documents.models import BlockIdentity, OutlineRevision, Revision, Section
from documents.services.outline import (
    add_section,
    bring_back_section,
    join_sections,
    move_section,
    remove_section,
    rename_section,
    split_section,
)
from documents.services.sections import save_section
from documents.services.versions import outline_order

from .factories import blocks, fresh, head, ids, make_document, make_region, make_section, texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def document():
    return make_document()


@pytest.fixture
def abc(document):
    return [make_section(document, f"<p>{key}.</p>", key=key) for key in "abc"]


def outline(document):
    """Keys in reading order, each with its parent's."""
    rows = document.sections.present().select_related("parent")
    return [f"{row.parent.key}/{row.key}" if row.parent else row.key for row in outline_order(rows)]


def last(document):
    return OutlineRevision.objects.filter(document=document).order_by("number").last()


def refused(code, action, *args, **kwargs):
    with pytest.raises(ValidationError) as error:
        action(*args, by=None, **kwargs)
    codes = {error.value.code} if hasattr(error.value, "code") else set()
    codes |= {item.code for rows in getattr(error.value, "error_dict", {}).values() for item in rows}
    assert code in codes


def test_section_is_added_behind_another_and_numbered_anew(document, abc):
    add_section(document, heading={"fi": "Väliin"}, key="v", after=abc[0], by=None)
    assert outline(document) == ["a", "v", "b", "c"]
    assert [row.position for row in document.sections.present()] == [0, 1, 2, 3]


def test_every_change_writes_one_numbered_outline_revision(document, abc):
    a, b, c = abc
    make_section(document, key="d", parent=a)
    rename_section(a, heading={"fi": "Alku", "sv": " "}, by=None)
    move_section(c, by=None, after=a)
    remove_section(b, by=None)
    bring_back_section(b, by=None)
    split_section(a, at=ids(a)[0], heading={"fi": "Loppu"}, by=None)
    join_sections(b, c, by=None)

    rows = list(OutlineRevision.objects.filter(document=document))
    assert [row.change for row in rows] == [
        *("add", "add", "add", "add", "rename", "move", "remove", "bring_back", "add", "split", "join"),
    ]
    assert [row.number for row in rows] == list(range(1, 12))
    assert [item["key"] for item in rows[-1].outline] == [row.key for row in document.sections.present()]
    assert fresh(a).heading == {"fi": "Alku"}


def test_sections_stand_at_most_three_deep(document, abc):
    a, b, c = abc
    second = make_section(document, key="toinen", parent=a)
    third = make_section(document, key="kolmas", parent=second)
    refused("too_deep", add_section, document, heading={"fi": "Neljäs"}, parent=third)
    move_section(c, by=None, parent=b)
    refused("too_deep", move_section, b, parent=second)
    assert outline(document) == ["a", "a/toinen", "toinen/kolmas", "b", "b/c"]


def test_section_cannot_be_moved_under_itself_or_its_own(document, abc):
    a = abc[0]
    child = make_section(document, key="alla", parent=a)
    refused("under_itself", move_section, a, parent=a)
    refused("under_itself", move_section, a, parent=child)


def test_stale_parent_does_not_hide_how_deep_it_stands_now(document, abc):
    a, b, c = abc
    move_section(b, by=None, parent=a)
    stale = c  # read before it was moved two levels down
    move_section(fresh(c), by=None, parent=b)
    refused("too_deep", add_section, document, heading={"fi": "Neljäs"}, parent=stale)


def test_two_moves_at_once_cannot_make_a_ring(document, abc):
    a, b = abc[:2]
    stale_a, stale_b = fresh(a), fresh(b)
    move_section(stale_a, by=None, parent=stale_b)
    refused("under_itself", move_section, stale_b, parent=stale_a)


def test_what_was_removed_meanwhile_is_refused_with_a_sentence(document, abc):
    a, b, _c = abc
    remove_section(a, by=None)
    refused("section_removed", move_section, a)
    refused("section_removed", move_section, b, parent=a)
    refused("section_removed", add_section, document, heading={"fi": "X"}, parent=a)
    refused("section_removed", remove_section, a)


def test_parent_of_another_document_is_refused(document, abc):
    other = make_section(make_document(), key="muu")
    refused("section_removed", add_section, document, heading={"fi": "X"}, parent=other)
    foreign = make_section(make_document(make_region("01", "Muu alue")), key="muualla")
    refused("other_region", add_section, document, heading={"fi": "X"}, parent=foreign)


def test_key_is_unique_in_its_document_only(document, abc):
    with pytest.raises(ValidationError) as error:
        add_section(document, heading={"fi": "Toinen"}, key="a", by=None)
    assert error.value.messages == [str(Section._meta.constraints[0].violation_error_message)]
    assert make_section(make_document(), key="a").key == "a"


def test_keys_made_of_the_same_heading_differ(document):
    made = [add_section(document, heading={"fi": "Neuvola"}, by=None).key for _n in range(3)]
    assert len(set(made)) == 3
    assert made[0] == "neuvola"
    assert add_section(document, heading={"fi": "…"}, by=None).key == "osio"


def test_heading_is_needed(document, abc):
    refused("heading_missing", add_section, document, heading={"fi": "  "})
    refused("heading_missing", rename_section, abc[0], heading={"fi": ""})


def test_removed_section_stays_with_its_text_and_comes_back_with_what_was_below(document, abc):
    a = abc[0]
    child = make_section(document, "<p>Alla.</p>", key="alla", parent=a)
    (block_id,) = ids(child)
    remove_section(a, by=None)
    assert outline(document) == ["b", "c"]
    assert BlockIdentity.objects.get(block_id=block_id).section is None

    bring_back_section(a, by=None)

    assert outline(document) == ["a", "a/alla", "b", "c"]
    assert texts(child) == ["Alla."]
    assert BlockIdentity.objects.get(block_id=block_id).section == child


def test_bringing_back_what_is_there_changes_nothing(document, abc):
    number = last(document).number
    assert bring_back_section(abc[0], by=None) == abc[0]
    assert last(document).number == number


def test_child_of_a_removed_parent_comes_back_at_the_top(document, abc):
    a = abc[0]
    child = make_section(document, key="alla", parent=a)
    remove_section(child, by=None)
    remove_section(a, by=None)
    bring_back_section(child, by=None)
    assert "alla" in outline(document)


def test_section_whose_parent_went_deeper_comes_back_at_the_top(document, abc):
    a, b, c = abc
    child = make_section(document, key="alla", parent=a)
    remove_section(child, by=None)
    move_section(b, by=None, parent=c)
    move_section(a, by=None, parent=b)
    bring_back_section(child, by=None)
    assert sorted(outline(document)) == ["alla", "b/a", "c", "c/b"]


def test_text_pasted_elsewhere_while_its_section_was_removed_stands_once(document, abc):
    a, b, _c = abc
    (block_id,) = ids(a)
    remove_section(a, by=None)
    html = str(render(blocks(b), Rendering("fi", editing=True))) + f'<p data-id="{block_id}" data-pasted="1">a.</p>'
    save_section(fresh(b), by=None, base=head(b), html={"fi": html})

    bring_back_section(a, by=None)

    assert texts(a) == []
    assert ids(b)[-1] == block_id
    assert head(a).origin == Revision.Origin.RESTORED


def test_split_moves_the_rest_into_a_new_section_with_its_ids(document):
    section = make_section(document, "<p>Yksi.</p><p>Kaksi.</p><p>Kolme.</p>", key="a")
    one, two, three = ids(section)
    new = split_section(section, at=two, heading={"fi": "Jatko"}, by=None)
    assert ids(section) == [one]
    assert ids(new) == [two, three]
    assert outline(document) == ["a", "jatko"]
    assert set(BlockIdentity.objects.filter(section=new).values_list("block_id", flat=True)) == {two, three}


def test_split_does_not_cut_a_table(document):
    section = make_section(document, "<p>Alku.</p><table><tr><td>a</td></tr><tr><td>b</td></tr></table>", key="a")
    new = split_section(section, at=ids(section)[3], heading={"fi": "Jatko"}, by=None)
    assert texts(section) == ["Alku."]
    assert texts(new) == ["", "a", "b"]


def test_split_at_a_block_that_is_gone_is_refused(abc):
    refused("block_gone", split_section, abc[0], at="eiole", heading={"fi": "Jatko"})


def test_join_puts_the_second_behind_the_first(document, abc):
    a, b, _c = abc
    wanted = [*ids(a), *ids(b)]
    join_sections(a, b, by=None)
    assert ids(a) == wanted
    assert outline(document) == ["a", "c"]
    assert set(BlockIdentity.objects.filter(section=a).values_list("block_id", flat=True)) == set(wanted)
    assert Revision.objects.filter(section=b).last().blocks == []


def test_join_is_refused_while_sections_stand_below_the_second(document, abc):
    a, b, _c = abc
    make_section(document, key="alla", parent=b)
    refused("has_children", join_sections, a, b)


def test_joining_a_section_to_itself_is_a_programmers_mistake(abc):
    with pytest.raises(ValueError, match="itself"):
        join_sections(abc[0], abc[0], by=None)
    assert texts(abc[0]) == ["a."]


def test_reading_order_follows_parents():
    document = make_document()
    a, b = make_section(document, key="a"), make_section(document, key="b")
    make_section(document, key="b1", parent=b)
    make_section(document, key="a1", parent=a)
    assert outline(document) == ["a", "a/a1", "b", "b/b1"]
