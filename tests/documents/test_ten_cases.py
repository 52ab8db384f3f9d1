"""The ten cases that the text must pass, each done through the services."""

import pytest
from django.core.exceptions import ValidationError

from documents import frozen
from documents.blocks import BEHIND, CURRENT, translation_state
from documents.models import BlockIdentity, Conflict, Document
from documents.operations import Operation
from documents.services.outline import move_section, remove_section
from documents.services.sections import move_blocks, save_section
from documents.services.versions import accept_operations, first_version_with, freeze
from documents.tracing import CHANGED, GONE, JOINED, MOVED, SAME, SPLIT, trace

from .factories import blocks, fresh, head, ids, make_document, make_section, texts

pytestmark = pytest.mark.django_db


def p(block_id, text, **attributes):
    extra = "".join(f' data-{name}="1"' for name in attributes)
    return f'<p data-id="{block_id}"{extra}>{text}</p>' if block_id else f"<p{extra}>{text}</p>"


def save(section, html, *, base="head", language="fi", **kwargs):
    based_on = head(section) if base == "head" else base
    return save_section(fresh(section), by=None, base=based_on, html={language: html}, **kwargs)


def test_paragraph_split_in_two_keeps_its_id_on_the_first_half():
    document = make_document()
    section = make_section(document, "<p>Alku.</p><p>Neuvola toimii hyvin. Jonot ovat pitkät.</p><p>Loppu.</p>")
    a, b, c = ids(section)

    save(section, p(a, "Alku.") + p(b, "Neuvola toimii hyvin.") + p(b, "Jonot ovat pitkät.") + p(c, "Loppu."))

    first, kept, new, last = ids(section)
    assert (first, kept, last) == (a, b, c)
    assert new not in {a, b, c}
    row = BlockIdentity.objects.get(block_id=new)
    assert (row.came_from.block_id, row.lineage) == (b, "split")
    first_half = trace(document, b, quote="toimii hyvin")
    second_half = trace(document, b, quote="Jonot ovat")
    assert (first_half.state, first_half.block.id) == (SAME, b)
    assert (second_half.state, second_half.block.id) == (SPLIT, new)


def test_paragraph_split_by_an_editor_that_drops_the_id_of_the_second_half():
    section = make_section(make_document(), "<p>Neuvola toimii hyvin. Jonot ovat pitkät.</p>")
    (b,) = ids(section)

    save(section, p(b, "Neuvola toimii hyvin.") + p(None, "Jonot ovat pitkät."))

    kept, new = ids(section)
    assert kept == b
    assert BlockIdentity.objects.get(block_id=new).lineage == "split"


def test_two_paragraphs_joined_leave_the_second_id_as_an_alias():
    document = make_document()
    section = make_section(document, "<p>Neuvola toimii.</p><p>Jonot ovat pitkät.</p><p>Loppu.</p>")
    a, b, c = ids(section)

    save(section, p(a, "Neuvola toimii. Jonot ovat pitkät.") + p(c, "Loppu."))

    assert ids(section) == [a, c]
    assert BlockIdentity.objects.get(block_id=b).alias_of.block_id == a
    on_first, on_second = trace(document, a, quote="Neuvola"), trace(document, b, quote="Jonot ovat")
    assert on_first.block.id == on_second.block.id == a
    assert on_second.state == JOINED


def test_block_moved_to_another_section_takes_its_id_along():
    document = make_document()
    one = make_section(document, "<p>Pysyy.</p><p>Siirtyy toiseen lukuun.</p>", key="yksi")
    two = make_section(document, "<p>Vanha.</p>", key="kaksi")
    stays, moves = ids(one)

    move_blocks([moves], source=one, target=two, after=ids(two)[0], by=None)

    assert ids(one) == [stays]
    assert ids(two)[1] == moves
    place = trace(document, moves, quote="toiseen lukuun", was_in="yksi")
    assert (place.state, place.section_key) == (MOVED, "kaksi")


def test_block_cut_from_one_section_and_pasted_into_another_keeps_its_id():
    document = make_document()
    one = make_section(document, "<p>Pysyy.</p><p>Leikataan täältä.</p>", key="yksi")
    two = make_section(document, "<p>Vanha.</p>", key="kaksi")
    stays, moves = ids(one)
    (old,) = ids(two)

    save(one, p(stays, "Pysyy."))
    save(two, p(old, "Vanha.") + p(moves, "Leikataan täältä.", pasted=True))

    assert ids(two) == [old, moves]
    assert BlockIdentity.objects.get(block_id=moves).section.key == "kaksi"


@pytest.mark.parametrize(
    "order",
    [
        ("copy", "before", "original", "copy", "after"),
        ("before", "original", "after", "copy", "copy"),
        ("before", "copy", "original", "after", "copy"),
    ],
)
def test_same_text_pasted_twice_leaves_the_id_with_the_original(order):
    document = make_document()
    section = make_section(document, "<p>Ennen.</p><p>Sama teksti.</p><p>Jälkeen.</p>")
    before, original, after = ids(section)
    pieces = {
        "before": p(before, "Ennen."),
        "original": p(original, "Sama teksti."),
        "after": p(after, "Jälkeen."),
        "copy": p(original, "Sama teksti.", pasted=True),
    }

    save(section, "".join(pieces[name] for name in order))

    result = ids(section)
    assert result[order.index("original")] == original
    copies = [block_id for name, block_id in zip(order, result, strict=True) if name == "copy"]
    assert len(set(result)) == 5
    for copy in copies:
        row = BlockIdentity.objects.get(block_id=copy)
        assert (row.came_from.block_id, row.lineage) == (original, "copied")


def test_copy_pasted_above_without_the_clipboard_mark_is_told_by_its_neighbours():
    section = make_section(make_document(), "<p>Ennen.</p><p>Väli.</p><p>Sama teksti.</p><p>Jälkeen.</p>")
    a, b, c, d = ids(section)

    save(section, p(a, "Ennen.") + p(c, "Sama teksti.") + p(b, "Väli.") + p(c, "Sama teksti.") + p(d, "Jälkeen."))

    result = ids(section)
    assert result[3] == c
    assert result[1] not in {a, b, c, d}


def test_remark_stays_on_its_list_item_when_the_list_is_reordered():
    document = make_document()
    section = make_section(document, "<ul><li>Perhekahvila</li><li>Isäryhmä</li><li>Avoin päiväkoti</li></ul>")
    kahvila, isat, paivakoti = ids(section)
    items = {kahvila: "Perhekahvila", isat: "Isäryhmä", paivakoti: "Avoin päiväkoti"}

    order = [paivakoti, isat, kahvila]
    save(section, "<ul>" + "".join(f'<li data-id="{key}"><p>{items[key]}</p></li>' for key in order) + "</ul>")

    assert ids(section) == order
    place = trace(document, isat, quote="Isäryhmä")
    assert (place.state, place.block.plain_in("fi")) == (SAME, "Isäryhmä")


def table(section, cells):
    """The section's table as the editor sends it, with these cells by row."""
    rows = blocks(section)
    columns = rows[0].data["columns"]
    html = "".join(
        f'<tr data-id="{row.id}">'
        + "".join(f'<td data-col="{key}"><p>{text}</p></td>' for key, text in zip(columns, words, strict=True))
        + "</tr>"
        for row, words in zip(rows[1:], cells, strict=True)
    )
    return f'<table data-id="{rows[0].id}"><tbody>{html}</tbody></table>'


@pytest.fixture
def tabled():
    html = "<table><tbody><tr><td>Oulu</td><td>ma–pe</td></tr><tr><td>Kempele</td><td>ti</td></tr></tbody></table>"
    return make_section(make_document(), html)


def test_two_writers_in_two_rows_of_one_table_both_stand(tabled):
    base = head(tabled)
    mine, theirs = [["Oulu", "ma–la"], ["Kempele", "ti"]], [["Oulu", "ma–pe"], ["Kempele", "ti ja to"]]

    html_mine, html_theirs = table(tabled, mine), table(tabled, theirs)
    save(tabled, html_mine, base=base)
    result = save(tabled, html_theirs, base=base)

    assert texts(tabled)[1:] == ["Oulu ma–la", "Kempele ti ja to"]
    assert result.merged
    assert not Conflict.objects.exists()


def test_two_writers_in_the_same_cell_are_a_conflict(tabled):
    base = head(tabled)
    one, other = (
        table(tabled, [["Oulu", "arkisin"], ["Kempele", "ti"]]),
        table(tabled, [["Oulu", "viikonloppuisin"], ["Kempele", "ti"]]),
    )

    save(tabled, one, base=base)
    save(tabled, other, base=base)

    assert texts(tabled)[1] == "Oulu arkisin"
    conflict = Conflict.objects.get()
    assert (conflict.kind, conflict.block_id, conflict.language) == ("text", ids(tabled)[1], "fi")
    assert (conflict.base, conflict.head, conflict.mine) == ("ma–pe", "arkisin", "viikonloppuisin")


def test_finnish_changed_while_swedish_is_being_translated():
    section = make_section(make_document(), "<p>Perhekahvila on auki tiistaisin.</p>")
    (block_id,) = ids(section)
    shown = head(section)

    save(section, p(block_id, "Perhekahvila on auki torstaisin."))
    result = save(section, p(block_id, "Familjecaféet är öppet på tisdagar."), base=shown, language="sv")

    (block,) = blocks(section)
    assert block.plain_in("fi") == "Perhekahvila on auki torstaisin."
    assert block.plain_in("sv") == "Familjecaféet är öppet på tisdagar."
    assert not result.conflicts
    assert translation_state(block, "sv", original="fi") == BEHIND

    save(section, p(block_id, "Familjecaféet är öppet på torsdagar."), language="sv")
    assert translation_state(blocks(section)[0], "sv", original="fi") == CURRENT


def test_goal_moved_to_another_chapter_takes_actions_and_remarks_along():
    """The goal's row is the upper package's; here its blocks and what points at them."""
    document = make_document(kind=Document.Kind.REPORT)
    one = make_section(document, "<p>Johdanto.</p><p>Tavoite: matala kynnys</p><p>Toimenpide: iltavastaanotto</p>")
    two = make_section(document, "<p>Toinen luku.</p>", key="toinen")
    intro, goal, action = ids(one)
    version = freeze(document, by=None)
    before = bytes(version.content)

    move_blocks([goal, action], source=one, target=two, after=ids(two)[0], by=None)

    assert ids(one) == [intro]
    assert ids(two)[1:] == [goal, action]
    assert trace(document, action, quote="iltavastaanotto", was_in=one.key).section_key == "toinen"
    version.refresh_from_db()
    assert bytes(version.content) == before
    assert frozen.read(version).section_of(goal).key == one.key


def test_template_section_dropped_keeps_the_answers_of_handbooks():
    template = make_document(kind=Document.Kind.TEMPLATE)
    asked = make_section(template, "", key="ero")
    handbook = make_document()
    answer = make_section(handbook, "<p>Eroauttaminen toimii.</p>", key="ero")
    (block_id,) = ids(answer)

    remove_section(asked, by=None)
    version = freeze(handbook, by=None)

    assert texts(answer) == ["Eroauttaminen toimii."]
    assert trace(handbook, block_id).state == SAME
    assert [section.key for section in frozen.read(version).sections] == ["ero"]
    assert fresh(asked).removed_at is not None


def test_proposal_on_an_older_version_merges_into_the_draft_and_names_the_next_version():
    document = make_document()
    section = make_section(document, "<p>Kahvila on auki kerran viikossa.</p><p>Muu teksti.</p>")
    block_id, other = ids(section)
    freeze(document, by=None)
    freeze(document, by=None)
    version_3 = freeze(document, by=None, label="Lausunnoille")
    save(section, p(block_id, "Kahvila on nykyään auki kerran viikossa.") + p(other, "Muu teksti."))
    version_4 = freeze(document, by=None)
    proposal = Operation("replace_text", block_id, language="fi", value="Kahvila on auki kaksi kertaa viikossa.")

    (saved,) = accept_operations(version_3, [proposal], by=None)

    assert texts(section) == ["Kahvila on nykyään auki kaksi kertaa viikossa.", "Muu teksti."]
    assert not saved.conflicts
    assert saved.revision.origin == "accepted"
    assert first_version_with(saved.revision) is None
    version_5 = freeze(document, by=None)
    assert first_version_with(saved.revision) == version_5
    assert (version_3.number, version_4.number, version_5.number) == (3, 4, 5)
    assert "kerran viikossa" in next(frozen.read(version_3).blocks()).plain_in("fi")


def test_proposal_on_a_removed_block_waits_for_a_person():
    document = make_document()
    section = make_section(document, "<p>Jää.</p><p>Poistetaan.</p>")
    stays, goes = ids(section)
    version = freeze(document, by=None)
    save(section, p(stays, "Jää."))

    with pytest.raises(ValidationError) as error:
        accept_operations(version, [Operation("replace_text", goes, language="fi", value="Uusi.")], by=None)

    assert error.value.code == "block_gone"
    assert trace(document, goes, quote="Poistetaan").state == GONE
    assert texts(section) == ["Jää."]


def test_proposal_follows_its_block_to_another_section():
    document = make_document()
    one = make_section(document, "<p>Pysyy.</p><p>Kahvila on auki.</p>", key="yksi")
    two = make_section(document, "<p>Vanha.</p>", key="kaksi")
    moves = ids(one)[1]
    version = freeze(document, by=None)
    move_blocks([moves], source=one, target=two, by=None)

    accept_operations(
        version, [Operation("replace_text", moves, language="fi", value="Kahvila on aina auki.")], by=None
    )

    assert texts(one) == ["Pysyy."]
    assert texts(two) == ["Vanha.", "Kahvila on aina auki."]


def test_changed_block_is_said_to_be_changed():
    document = make_document()
    section = make_section(document, "<p>Kahvila on auki.</p>")
    (block_id,) = ids(section)
    was = blocks(section)[0]

    save(section, p(block_id, "Kahvila on kiinni."))

    assert trace(document, block_id, was=was, was_in=section.key).state == CHANGED


def test_moving_a_section_changes_no_text():
    document = make_document()
    one, two = make_section(document, "<p>A.</p>", key="a"), make_section(document, "<p>B.</p>", key="b")
    before = ids(two)

    move_section(two, by=None, parent=one)

    assert fresh(two).parent == one
    assert ids(two) == before
