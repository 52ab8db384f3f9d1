"""Frozen versions: their bytes, reading every schema that was ever frozen, and what may be made of them."""

import json
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from documents import frozen
from documents.blocks import BEHIND, CURRENT, FIGURE, PARAGRAPH, TABLE, TABLE_ROW, Block, translation_state
from documents.html import Rendering, render
from documents.models import BlockIdentity, Conflict, Revision, Version
from documents.operations import Operation
from documents.services.documents import lock
from documents.services.identities import issue_ids
from documents.services.outline import move_section, remove_section
from documents.services.sections import move_blocks, save_section
from documents.services.structured import append_blocks
from documents.services.versions import (
    accept_operations,
    first_version_with,
    freeze,
    freeze_with_operations,
    name_version,
)
from tests.regions.factories import make_stored_file

from .factories import blocks, fresh, head, ids, make_document, make_section, texts

FIXTURE = Path(__file__).parent / "fixtures" / "schema_1.json"
TEXT = "<p>Kahvila on auki.</p><p>Neuvola toimii.</p><table><tr><td>a</td></tr><tr><td>b</td></tr></table><p>Loppu.</p>"


@pytest.fixture
def document(db):
    return make_document()


@pytest.fixture
def section(document):
    return make_section(document, TEXT, key="yksi")


def edit(section, old, new):
    html = str(render(blocks(section), Rendering("fi", editing=True))).replace(old, new)
    return save_section(fresh(section), by=None, base=head(section), html={"fi": html})


def words(version, language="fi"):
    return [block.plain_in(language) for block in frozen.read(version).blocks()]


def replace(block_id, value, language="fi"):
    return Operation("replace_text", block_id, language=language, value=value)


# --- Bytes ---------------------------------------------------------------------------------------------


def test_same_content_has_the_same_bytes_whatever_the_order_of_its_keys():
    one = {"schema": 1, "sections": [{"key": "a", "blocks": []}], "document": {"title": {"sv": "Å", "fi": "Ä"}}}
    other = {"document": {"title": {"fi": "Ä", "sv": "Å"}}, "sections": [{"blocks": [], "key": "a"}], "schema": 1}
    assert frozen.canonical(one) == frozen.canonical(other)
    assert frozen.canonical(one) == (
        '{"schema":1,"document":{"title":{"fi":"Ä","sv":"Å"}},"sections":[{"blocks":[],"key":"a"}]}'.encode()
    )
    assert frozen.digest(frozen.canonical(one)) == "7086ae818699490102bbcc2bbf3e6e9250b20289cd45b59d41de8224e5c0fcec"


def test_frozen_content_has_the_same_bytes_on_every_database(document, section):
    """The literal is the same on SQLite, which keeps the order of keys, and on PostgreSQL, which does not."""
    names = {block_id: f"b{index:09d}" for index, block_id in enumerate(ids(section))}
    names |= {key: f"c{index}" for index, key in enumerate(blocks(section)[2].data["columns"])}
    raw = json.dumps(head(section).content)
    for old, new in names.items():
        raw = raw.replace(old, new)
    Revision.objects.filter(pk=head(section).pk).update(content=json.loads(raw))

    version = freeze(document, by=None)

    version.refresh_from_db()
    content = bytes(version.content)
    assert content.startswith(b'{"schema":1,"document":{')
    assert content == frozen.canonical(json.loads(content))
    assert version.sha256 == frozen.digest(content)
    text = frozen.canonical({"schema": 1, "blocks": version.json["sections"][0]["blocks"]})
    assert frozen.digest(text) == "d2fdd5bcda2f2b0ab51c2ef6df1f725a55401e94de8dd34f43657c8387fcd977"


def test_version_whose_bytes_were_changed_is_not_read(document, section):
    version = freeze(document, by=None)
    version.content = bytes(version.content).replace(b"auki", b"kiinni")
    with pytest.raises(ValueError, match="bytes"):
        frozen.read(version)


def test_every_schema_that_was_ever_frozen_can_be_read():
    assert set(frozen.READERS) == {int(path.stem.split("_")[1]) for path in FIXTURE.parent.glob("schema_*.json")}
    assert max(frozen.READERS) == frozen.SCHEMA


def test_stored_version_of_schema_1_is_read_with_everything_in_it():
    content = frozen.read_bytes(FIXTURE.read_bytes())

    assert content.document["public_id"] == "d7k3m9x2p7"
    assert content.document["cover"]["alt"] == {"fi": "Perhe kahvilan pöydässä"}
    assert content.whole["period"] == "2023–2025"
    assert content.files == {"fl5w8n2c4q": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}
    assert [(row.number, row.depth, row.heading_in("sv")) for row in content.sections] == [
        ("1", 1, "Nuläge"),
        ("1.1", 2, "Palvelut"),
        ("1.1.1", 3, "Kahvilat"),
        ("2", 1, "Mål"),
    ]
    assert content.sections[0].criterion == {"key": "saatavuus", "code": "1", "title": {"fi": "Saatavuus"}}
    assert content.sections[1].guidance == {"fi": "<p>Kuvatkaa palvelut.</p>"}
    kinds = [block.kind for block in content.blocks()]
    assert set(kinds) == {
        *("paragraph", "heading", "list_item", "quote", "table", "table_row", "figure", "goal", "action", "indicator"),
    }
    table, first, second, third = content.sections[1].blocks[-4:]
    assert (list(first.text), table.data["columns"]) == (["cb"], ["cb", "ca"])
    assert first.data == {"head": True, "spans": {"cb": [2, 1]}, "covered": ["ca"]}
    assert list(second.text) == ["cb", "ca"]
    assert (list(third.text), third.data["covered"]) == (["ca"], ["cb"])
    goal = content.section_of("gl00000001").blocks[0]
    assert (goal.get("title", "fi"), content.resolved[goal.id]["number"]) == ("Tuki löytyy läheltä", "1")
    assert content.section_of("eiole") is None
    paragraph = content.sections[0].blocks[1]
    assert translation_state(paragraph, "sv", original="fi") == BEHIND
    assert [text.key for text in content.texts("fi")] == ["nykytila", "palvelut", "kahvilat", "tavoitteet"]


def test_stored_version_of_schema_1_has_the_canonical_form():
    content = FIXTURE.read_bytes()
    assert frozen.canonical(json.loads(content)) == content


def test_pictures_in_the_text_are_named_by_the_hash_of_their_bytes(document, section):
    file = make_stored_file(document.region)
    elsewhere = make_stored_file()
    figures = [Block("", FIGURE, {"alt": {"fi": "Kuva"}}, {"file": row.public_id}) for row in (file, elsewhere)]
    append_blocks(section, figures, by=None, origin="typed")
    assert frozen.read(freeze(document, by=None)).files == {file.public_id: file.sha256}


# --- Numbers and names -----------------------------------------------------------------------------------


def test_chapters_are_numbered_as_they_stand(document):
    a, b, c = (make_section(document, key=key) for key in "abc")
    make_section(document, key="b1", parent=b)
    make_section(document, key="b2", parent=b)

    def numbers():
        return {row.key: row.number for row in frozen.read(freeze(document, by=None)).sections}

    assert numbers() == {"a": "1", "b": "2", "b1": "2.1", "b2": "2.2", "c": "3"}
    remove_section(a, by=None)
    move_section(c, by=None, parent=b)
    assert numbers() == {"b": "1", "c": "1.1", "b1": "1.2", "b2": "1.3"}


def test_versions_are_numbered_without_gaps_and_can_be_named_again(document, section):
    one, two = freeze(document, by=None, label=" Lausunnoille "), freeze(document, by=None)
    assert (one.number, two.number) == (1, 2)
    assert one.label.name == "Lausunnoille"
    name_version(one, name="Kommenteille", by=None)
    assert Version.objects.get(pk=one.pk).label.name == "Kommenteille"
    assert not hasattr(Version.objects.get(pk=two.pk), "label")


def test_version_stays_as_it_was_when_the_draft_moves_on(document, section):
    version = freeze(document, by=None)
    before = bytes(version.content)
    edit(section, "auki", "kiinni")
    version.refresh_from_db()
    assert bytes(version.content) == before
    assert version.heads == {"yksi": 1}
    assert freeze(document, by=None).heads == {"yksi": 2}


# --- From a version and operations -----------------------------------------------------------------------


def test_version_with_operations_is_exactly_that(document, section):
    a, b, table, _row, _last_row, end = ids(section)
    version = freeze(document, by=None)
    edit(section, "auki", "kiinni")
    new = Block("", PARAGRAPH, {"body": {"fi": "Lautakunnan lisäys."}}).to_json()

    sealed = freeze_with_operations(
        version,
        [
            replace(a, "Kahvila on auki <script>x</script><b>arkisin</b>."),
            Operation("delete", b),
            Operation("insert_after", table, new=new),
            Operation("move", table, value=end),
        ],
        by=None,
        label="Hyväksytty",
    )

    assert words(sealed) == ["Kahvila on auki arkisin.", "Lautakunnan lisäys.", "Loppu.", "", "a", "b"]
    assert (sealed.made_from, sealed.number, sealed.heads) == (version, 2, version.heads)
    before, after = version.json, sealed.json
    assert {key: value for key, value in before.items() if key != "sections"} == {
        key: value for key, value in after.items() if key != "sections"
    }
    assert texts(section)[0] == "Kahvila on kiinni."
    assert words(version)[0] == "Kahvila on auki."


def test_deleting_a_table_takes_its_rows(document, section):
    table = ids(section)[2]
    sealed = freeze_with_operations(freeze(document, by=None), [Operation("delete", table)], by=None)
    assert words(sealed) == ["Kahvila on auki.", "Neuvola toimii.", "Loppu."]


def test_row_can_be_put_into_a_table(document, section):
    table, row = blocks(section)[2:4]
    new = Block("", TABLE_ROW, {table.data["columns"][0]: {"fi": "väli"}}).to_json()
    sealed = freeze_with_operations(freeze(document, by=None), [Operation("insert_after", row.id, new=new)], by=None)
    assert words(sealed)[2:6] == ["", "a", "väli", "b"]


def test_block_can_be_moved_to_another_section_of_a_version(document, section):
    other = make_section(document, "<p>Toinen.</p>", key="kaksi")
    table = ids(section)[2]
    sealed = freeze_with_operations(freeze(document, by=None), [Operation("move", table, value=ids(other)[0])], by=None)
    assert [block.kind for block in frozen.read(sealed).sections[1].blocks] == [PARAGRAPH, TABLE, TABLE_ROW, TABLE_ROW]


@pytest.mark.parametrize("operation", [replace("eiole", "x"), Operation("move", "@", value="eiole")])
def test_operation_on_what_the_version_does_not_have_is_refused(document, section, operation):
    version = freeze(document, by=None)
    named = Operation(operation.op, operation.block_id.replace("@", ids(section)[0]), value=operation.value)
    with pytest.raises(ValidationError) as error:
        freeze_with_operations(version, [named], by=None)
    assert error.value.code == "block_gone"
    assert document.versions.count() == 1


def test_inserted_block_has_an_id_of_this_document_and_the_same_in_version_and_draft(document, section):
    version = freeze(document, by=None)
    new = {"id": "keksitty00", "kind": PARAGRAPH, "text": {"body": {"fi": "Lisäys."}}}
    lock(document)
    operations = issue_ids(document, [Operation("insert_after", ids(section)[0], new=new)])

    sealed = freeze_with_operations(version, operations, by=None)
    accept_operations(version, operations, by=None)
    accept_operations(version, operations, by=None)

    (added,) = [block for block in frozen.read(sealed).blocks() if block.plain_in("fi") == "Lisäys."]
    assert [block.id for block in blocks(section) if block.plain_in("fi") == "Lisäys."] == [added.id]
    assert BlockIdentity.objects.get(block_id=added.id).section == section
    assert not BlockIdentity.objects.filter(block_id="keksitty00").exists()


# --- Accepting into the draft ------------------------------------------------------------------------------


def test_accepted_words_meet_the_drafts_own(document, section):
    version = freeze(document, by=None)
    edit(section, "Kahvila", "Perhekahvila")
    (saved,) = accept_operations(
        version, [replace(ids(section)[0], "Kahvila on auki arkisin.")], by=None, note="Lausunto 3"
    )
    assert texts(section)[0] == "Perhekahvila on auki arkisin."
    assert (saved.revision.origin, saved.revision.note, saved.conflicts) == ("accepted", "Lausunto 3", [])


def test_accepted_words_that_the_draft_changed_otherwise_are_a_conflict(document, section):
    version = freeze(document, by=None)
    edit(section, "auki", "kiinni")
    (saved,) = accept_operations(version, [replace(ids(section)[0], "Kahvila on avoinna.")], by=None)
    assert texts(section)[0] == "Kahvila on kiinni."
    assert [(row.base, row.head, row.mine) for row in saved.conflicts] == [
        ("Kahvila on auki.", "Kahvila on kiinni.", "Kahvila on avoinna.")
    ]


def test_proposal_to_delete_what_the_draft_changed_is_a_conflict(document, section):
    version = freeze(document, by=None)
    edit(section, "auki", "kiinni")
    (saved,) = accept_operations(version, [Operation("delete", ids(section)[0])], by=None)
    assert [row.kind for row in saved.conflicts] == [Conflict.Kind.DELETED]
    assert "Kahvila on kiinni." in texts(section)


def test_accepting_what_is_already_in_the_text_makes_no_revision(document, section):
    version = freeze(document, by=None)
    edit(section, "auki", "avoinna")
    before = head(section)
    (saved,) = accept_operations(version, [replace(ids(section)[0], "Kahvila on avoinna.")], by=None)
    assert saved.unchanged
    assert saved.revision == head(section) == before


def test_accepted_move_to_another_section_takes_the_drafts_words_along(document, section):
    other = make_section(document, "<p>Toinen.</p>", key="kaksi")
    moves = ids(section)[0]
    version = freeze(document, by=None)
    edit(section, "auki", "kiinni")

    accept_operations(version, [Operation("move", moves, value=ids(other)[0])], by=None)

    assert texts(other) == ["Toinen.", "Kahvila on kiinni."]
    assert moves not in ids(section)
    assert BlockIdentity.objects.get(block_id=moves).section == other


def test_several_operations_are_one_revision_for_each_section(document, section):
    other = make_section(document, "<p>Toinen.</p>", key="kaksi")
    version = freeze(document, by=None)
    operations = [
        replace(ids(section)[0], "Yksi."),
        replace(ids(section)[1], "Kaksi."),
        replace(ids(other)[0], "Kolme."),
    ]
    saved = accept_operations(version, operations, by=None)
    assert {row.revision.section for row in saved} == {section, other}
    assert Revision.objects.filter(section=section).count() == 2
    assert (texts(section)[:2], texts(other)) == (["Yksi.", "Kaksi."], ["Kolme."])


def test_nothing_is_saved_when_one_of_several_operations_cannot_be_done(document, section):
    version = freeze(document, by=None)
    gone = ids(section)[1]
    edit(section, f'<p data-id="{gone}">Neuvola toimii.</p>', "")
    with pytest.raises(ValidationError):
        accept_operations(version, [replace(ids(section)[0], "Yksi."), replace(gone, "Kaksi.")], by=None)
    assert texts(section)[0] == "Kahvila on auki."


def test_accepted_translation_remembers_the_original_that_its_writer_saw(document, section):
    a = ids(section)[0]
    version = freeze(document, by=None)
    accept_operations(version, [replace(a, "Kaféet är öppet.", "sv")], by=None)
    assert translation_state(blocks(section)[0], "sv", original="fi") == CURRENT

    edit(section, "auki", "kiinni")
    accept_operations(version, [replace(ids(section)[1], "Rådgivningen fungerar.", "sv")], by=None)
    assert [translation_state(block, "sv", original="fi") for block in blocks(section)[:2]] == [BEHIND, CURRENT]


def test_accepted_original_leaves_its_translation_behind(document, section):
    a = ids(section)[0]
    version = freeze(document, by=None)
    accept_operations(version, [replace(a, "Kaféet är öppet.", "sv")], by=None)
    accept_operations(freeze(document, by=None), [replace(a, "Kahvila on auki arkisin.")], by=None)
    assert version.number == 1
    assert translation_state(blocks(section)[0], "sv", original="fi") == BEHIND


def test_operations_follow_a_block_that_was_moved(document, section):
    other = make_section(document, "<p>Toinen.</p>", key="kaksi")
    moves = ids(section)[0]
    version = freeze(document, by=None)
    move_blocks([moves], source=section, target=other, by=None)
    (saved,) = accept_operations(version, [replace(moves, "Kahvila on avoinna.")], by=None)
    assert texts(other) == ["Toinen.", "Kahvila on avoinna."]
    assert first_version_with(saved.revision) is None
    assert first_version_with(freeze(document, by=None) and saved.revision).number == 2
