import io
import zipfile

import docx
import pytest
from django.core.exceptions import ValidationError
from docx.oxml.ns import qn
from PIL import Image

from audit.models import AuditEvent
from documents import frozen
from documents.models import Conflict, Revision, Section
from documents.services.outline import add_section, remove_section
from documents.services.sections import save_section
from documents.services.versions import freeze
from documents.word.writer import write_version
from handbooks.models import WordImport
from handbooks.placement import LEFT_OUT, TRAY
from handbooks.services.imports import (
    cancel_import,
    change_placement,
    choose_tracked_changes,
    import_file,
    missing_sections,
    needs_choice,
    placement_of,
    prepare_import,
    said_before,
)
from handbooks.services.keys import TRAY_KEY
from handbooks.word import handbook_form_file, template_form_file
from regions.models import StoredFile
from regions.sealing import crossings
from regions.services import open_file
from tests.accounts.factories import UserFactory
from tests.handbooks.factories import bring, make_docx, make_handbook, sample_file, sample_template, texts
from tests.regions.factories import PNG

pytestmark = pytest.mark.django_db

FIRST = [
    ("h1", "Johtaminen"),
    ("h2", "Nykytila"),
    "Aluetta johtaa kuuden hengen tiimi.",
    "Tiimi kokoontuu kuukausittain.",
    ("h2", "Kehittämistarpeet"),
    ("li", "Koordinaattorilla ei ole sijaista."),
    ("h1", "Kohtaamispaikat"),
    ("h2", "Nykytila"),
    ("table", [("Paikka", "Auki"), ("Perhetalo", "ma–pe"), ("Kirjasto", "ke")]),
]


def changed(**replacements):
    """FIRST with some lines in other words; None leaves one out."""
    parts = []
    for part in FIRST:
        text = part[1] if isinstance(part, tuple) else part
        if isinstance(text, str) and text in replacements:
            if replacements[text] is not None:
                parts.append((part[0], replacements[text]) if isinstance(part, tuple) else replacements[text])
        else:
            parts.append(part)
    return make_docx(*parts)


def section(handbook, key) -> Section:
    return handbook.document.sections.select_related("head", "document").get(key=key)


def write(handbook, key, html, **kwargs):
    row = section(handbook, key)
    return save_section(row, by=None, base=row.head, html={"fi": html}, **kwargs)


def ids(handbook, key):
    return [block.id for block in section(handbook, key).head.blocks]


# --- In ---------------------------------------------------------------------------------------------------


def test_file_goes_into_its_sections():
    handbook = make_handbook()
    result = bring(handbook, make_docx(*FIRST))
    assert texts(handbook, "johtaminen-nykytila") == [
        "Aluetta johtaa kuuden hengen tiimi.",
        "Tiimi kokoontuu kuukausittain.",
    ]
    assert texts(handbook, "johtaminen-tarpeet") == ["Koordinaattorilla ei ole sijaista."]
    assert texts(handbook, "kohtaamispaikat-nykytila") == ["Paikka Auki", "Perhetalo ma–pe", "Kirjasto ke"]
    assert {row.key: (row.before, row.after) for row in result.changed} == {
        "johtaminen-nykytila": (0, 1),
        "johtaminen-tarpeet": (0, 1),
        "kohtaamispaikat-nykytila": (0, 1),
    }
    revision = section(handbook, "johtaminen-tarpeet").head
    assert (revision.origin, revision.note) == (Revision.Origin.IMPORTED, "käsikirja.docx")
    assert result.word_import.words_imported == result.word_import.words_in_file == 23
    assert AuditEvent.objects.filter(verb="handbook.file_imported").count() == 1
    assert list(crossings()) == []


def test_same_import_twice_is_one_import():
    handbook = make_handbook()
    row = prepare_import(handbook, content=make_docx(*FIRST), name="a.docx", language="fi", by=None)
    first = import_file(row, by=None)
    again = import_file(WordImport.objects.get(pk=row.pk), by=None)
    assert again.changed == first.changed
    assert Revision.objects.filter(document=handbook.document).count() == 3


def test_same_file_again_changes_nothing():
    handbook = make_handbook()
    bring(handbook, make_docx(*FIRST))
    again = bring(handbook, make_docx(*FIRST))
    assert again.changed == []
    assert Revision.objects.filter(document=handbook.document).count() == 3


@pytest.mark.parametrize("name", ["oulu", "koillismaa", "rannikko"])
def test_same_sample_file_again_changes_nothing(name):
    handbook = make_handbook(data=sample_template())
    bring(handbook, sample_file(name))
    before = Revision.objects.filter(document=handbook.document).count()
    assert bring(handbook, sample_file(name)).changed == []
    assert Revision.objects.filter(document=handbook.document).count() == before


def test_changed_file_keeps_ids_and_what_was_written_here():
    handbook = make_handbook()
    bring(handbook, make_docx(*FIRST))
    before = ids(handbook, "johtaminen-nykytila")
    write(
        handbook,
        "johtaminen-nykytila",
        "<p>Aluetta johtaa kuuden hengen tiimi.</p><p>Tiimi kokoontuu kahdesti kuussa.</p>",
    )
    result = bring(
        handbook, changed(**{"Aluetta johtaa kuuden hengen tiimi.": "Aluetta johtaa seitsemän hengen tiimi."})
    )
    assert texts(handbook, "johtaminen-nykytila") == [
        "Aluetta johtaa seitsemän hengen tiimi.",
        "Tiimi kokoontuu kahdesti kuussa.",
    ]
    assert ids(handbook, "johtaminen-nykytila") == before
    assert [(row.key, row.merged, row.conflicts) for row in result.changed] == [("johtaminen-nykytila", True, 0)]


def test_file_after_a_merge_does_not_undo_what_was_written_here():
    handbook = make_handbook()
    bring(handbook, make_docx(*FIRST))
    write(
        handbook,
        "johtaminen-nykytila",
        "<p>Aluetta johtaa kuuden hengen tiimi.</p><p>Tiimi kokoontuu kahdesti kuussa.</p>",
    )
    second = changed(**{"Aluetta johtaa kuuden hengen tiimi.": "Aluetta johtaa seitsemän hengen tiimi."})
    bring(handbook, second)
    assert bring(handbook, second).changed == []
    assert texts(handbook, "johtaminen-nykytila")[1] == "Tiimi kokoontuu kahdesti kuussa."


def test_both_changed_the_same_words_is_a_conflict():
    handbook = make_handbook()
    bring(handbook, make_docx(*FIRST))
    write(handbook, "johtaminen-tarpeet", "<ul><li>Koordinaattorilla ei ole varahenkilöä.</li></ul>")
    result = bring(handbook, changed(**{"Koordinaattorilla ei ole sijaista.": "Koordinaattorilla ei ole ketään."}))
    assert result.conflicts == 1
    conflict = Conflict.objects.get()
    assert (conflict.section.key, conflict.head, conflict.mine) == (
        "johtaminen-tarpeet",
        "Koordinaattorilla ei ole varahenkilöä.",
        "Koordinaattorilla ei ole ketään.",
    )


def test_text_written_before_the_first_import_stays_and_is_not_doubled():
    handbook = make_handbook()
    write(handbook, "johtaminen-nykytila", "<p>Kirjoitettu selaimessa.</p><p>Tiimi kokoontuu kuukausittain.</p>")
    bring(handbook, make_docx(*FIRST))
    found = texts(handbook, "johtaminen-nykytila")
    assert sorted(found) == [
        "Aluetta johtaa kuuden hengen tiimi.",
        "Kirjoitettu selaimessa.",
        "Tiimi kokoontuu kuukausittain.",
    ]


def test_table_keeps_its_columns_when_one_is_added():
    handbook = make_handbook()
    bring(handbook, make_docx(*FIRST))
    before = section(handbook, "kohtaamispaikat-nykytila").head.blocks
    wider = [("Paikka", "Kielet", "Auki"), ("Perhetalo", "suomi", "ma–pe"), ("Kirjasto", "ruotsi", "ke")]
    bring(handbook, make_docx(*FIRST[:-1], ("table", wider)))
    after = section(handbook, "kohtaamispaikat-nykytila").head.blocks
    first, last = before[0].data["columns"]
    assert after[0].id == before[0].id
    assert after[0].data["columns"][0] == first
    assert after[0].data["columns"][2] == last
    assert [row.get(last, "fi") for row in after[1:]] == ["Auki", "ma–pe", "ke"]


def test_sections_that_a_file_has_nothing_for_keep_their_text_until_a_person_says():
    handbook = make_handbook()
    bring(handbook, make_docx(*FIRST))
    shorter = make_docx(*FIRST[:4])
    row = prepare_import(handbook, content=shorter, name="a.docx", language="fi", by=None)
    assert set(missing_sections(row, placement_of(row), said_before(row))) == {
        "johtaminen-tarpeet",
        "kohtaamispaikat-nykytila",
    }
    import_file(row, by=None)
    assert texts(handbook, "johtaminen-tarpeet") == ["Koordinaattorilla ei ole sijaista."]
    row = prepare_import(handbook, content=shorter, name="b.docx", language="fi", by=None)
    import_file(row, by=None, remove_missing=True)
    assert texts(handbook, "johtaminen-tarpeet") == []
    assert texts(handbook, "johtaminen-nykytila") != []
    assert section(handbook, "johtaminen-tarpeet").state == Section.State.EMPTY


def test_removing_what_a_file_dropped_spares_what_was_written_here():
    handbook = make_handbook()
    bring(handbook, make_docx(*FIRST))
    write(handbook, "johtaminen-tarpeet", "<ul><li>Koordinaattorilla ei ole sijaista.</li></ul><p>Lisätty täällä.</p>")
    bring(handbook, make_docx(*FIRST[:4]), remove_missing=True)
    assert texts(handbook, "johtaminen-tarpeet") == ["Lisätty täällä."]


def test_what_has_no_place_is_kept_in_a_section_of_its_own():
    handbook = make_handbook()
    result = bring(handbook, make_docx("Saate kaikille.", *FIRST, ("h1", "Liite: lista"), "Koulukyydit."))
    assert texts(handbook, TRAY_KEY) == ["Saate kaikille.", "Liite: lista", "Koulukyydit."]
    assert (result.tray_pieces, result.tray_words) == (3, 5)
    assert result.word_import.words_imported == result.word_import.words_in_file
    again = bring(handbook, make_docx("Saate kaikille.", *FIRST, ("h1", "Liite: lista"), "Koulukyydit."))
    assert again.changed == []


def test_word_file_of_a_version_with_a_tray_comes_back_unchanged():
    handbook = make_handbook()
    bring(handbook, make_docx("Saate kaikille.", *FIRST))
    version = freeze(handbook.document, by=None)
    content = write_version(
        frozen.read(version), language="fi", image_bytes=lambda key: b"", version_label="Versio 1", draft=True
    )
    result = bring(handbook, content)
    assert result.changed == []
    assert texts(handbook, TRAY_KEY) == ["Saate kaikille."]


TWINS = (*FIRST, "Sama lause.", "Sama lause.", ("h1", "Saate"), "Kiitos kaikille.")


def test_what_a_person_placed_stays_there_when_the_file_comes_again():
    handbook = make_handbook()
    row = prepare_import(handbook, content=make_docx(*TWINS), name="a.docx", language="fi", by=None)
    index = {entry.text: number for number, entry in enumerate(placement_of(row).entries)}
    twin = index["Sama lause."]
    choices = {
        index["Tiimi kokoontuu kuukausittain."]: "johtaminen-tarpeet",
        index["Koordinaattorilla ei ole sijaista."]: TRAY,
        index["Saate"]: "johtaminen-nykytila",
        twin: LEFT_OUT,
    }
    import_file(row, choices, by=None)
    before = texts(handbook, "johtaminen-nykytila")
    assert (
        before == ["Aluetta johtaa kuuden hengen tiimi.", "Saate", "Kiitos kaikille."] or "Kiitos kaikille." in before
    )

    again = prepare_import(handbook, content=make_docx(*TWINS), name="a.docx", language="fi", by=None)
    assert [entry.place for entry in placement_of(again).entries] == [
        entry.place for entry in placement_of(row).entries
    ]
    assert missing_sections(again, placement_of(again), said_before(again)) == []
    assert import_file(again, by=None).changed == []


def test_a_place_that_is_gone_is_proposed_anew():
    handbook = make_handbook()
    row = prepare_import(handbook, content=make_docx(*FIRST), name="a.docx", language="fi", by=None)
    index = [entry.text for entry in placement_of(row).entries].index("Tiimi kokoontuu kuukausittain.")
    add_section(handbook.document, heading={"fi": "Oma"}, key="oma", by=None)
    import_file(row, {index: "oma"}, by=None)
    remove_section(section(handbook, "oma"), by=None)
    again = prepare_import(handbook, content=make_docx(*FIRST), name="a.docx", language="fi", by=None)
    assert placement_of(again).entries[index].place == "johtaminen-nykytila"


def test_tray_section_comes_back_when_it_was_removed():
    handbook = make_handbook()
    bring(handbook, make_docx("Saate.", *FIRST))
    remove_section(section(handbook, TRAY_KEY), by=None)
    bring(handbook, make_docx("Saate.", "Toinen saate.", *FIRST))
    assert section(handbook, TRAY_KEY).removed_at is None
    assert "Toinen saate." in texts(handbook, TRAY_KEY)


def test_picture_is_stored_once():
    handbook = make_handbook()
    content = make_docx(*FIRST[:3], ("picture", PNG), *FIRST[3:])
    bring(handbook, content)
    figure = next(block for block in section(handbook, "johtaminen-nykytila").head.blocks if block.kind == "figure")
    stored = StoredFile.objects.get(public_id=figure.data["file"])
    assert stored.content_type == "image/png"
    assert bring(handbook, content).changed == []
    assert StoredFile.objects.filter(content_type="image/png").count() == 1


def test_large_photograph_is_stored_small_once_and_importing_again_changes_nothing():
    stream = io.BytesIO()
    photograph = Image.new("RGB", (3000, 1500), "green")
    exif = photograph.getexif()
    exif[0x013B] = "Matti Mallikas"
    photograph.save(stream, "JPEG", exif=exif)
    handbook = make_handbook()
    content = make_docx(*FIRST[:3], ("picture", stream.getvalue()), *FIRST[3:])
    bring(handbook, content)
    stored = StoredFile.objects.get(content_type="image/jpeg")
    with open_file(stored) as file:
        kept = file.read()
    assert Image.open(io.BytesIO(kept)).size == (2400, 1200)
    assert b"Mallikas" not in kept
    assert bring(handbook, content).changed == []
    # The picture as we hand it out in our own form is the same picture.
    assert bring(handbook, make_docx(*FIRST[:3], ("picture", kept), *FIRST[3:])).changed == []
    assert StoredFile.objects.filter(content_type="image/jpeg").count() == 1


def test_swedish_file_of_the_same_shape_is_the_translation():
    handbook = make_handbook()
    bring(handbook, make_docx(*FIRST))
    swedish = make_docx(
        ("h1", "Ledning"),
        ("h2", "Nuläge"),
        "Området leds av ett team på sex personer.",
        "Teamet träffas varje månad.",
        ("h2", "Vad borde utvecklas"),
        ("li", "Koordinatorn har ingen ersättare."),
        ("li", "Dessutom saknas pengar."),
    )
    bring(handbook, swedish, language="sv")
    blocks = section(handbook, "johtaminen-nykytila").head.blocks
    assert [(block.plain_in("fi")[:7], block.plain_in("sv")[:7]) for block in blocks] == [
        ("Aluetta", "Området"),
        ("Tiimi k", "Teamet "),
    ]
    needs = section(handbook, "johtaminen-tarpeet").head.blocks
    assert [block.plain_in("fi") for block in needs if block.plain_in("fi")] == ["Koordinaattorilla ei ole sijaista."]
    assert [block.plain_in("sv") for block in needs if block.plain_in("sv")] == [
        "Koordinatorn har ingen ersättare.",
        "Dessutom saknas pengar.",
    ]
    assert bring(handbook, swedish, language="sv").changed == []
    assert bring(handbook, make_docx(*FIRST)).changed == []


def test_language_that_the_handbook_does_not_have_is_refused():
    handbook = make_handbook(languages=["fi"])
    with pytest.raises(ValidationError) as error:
        prepare_import(handbook, content=make_docx(*FIRST), name="a.docx", language="sv", by=None)
    assert error.value.code == "language"


# --- Places -----------------------------------------------------------------------------------------------


def index_of(row, words):
    return next(index for index, entry in enumerate(placement_of(row).entries) if entry.text.startswith(words))


def test_what_stands_under_a_heading_goes_along():
    handbook = make_handbook()
    content = make_docx(
        ("h1", "Kuka päättää"), ("h2", "Nykytila"), "Tiimi päättää.", ("h2", "Haasteet"), "Rahaa ei ole."
    )
    row = prepare_import(handbook, content=content, name="a.docx", language="fi", by=None)
    assert placement_of(row).counts().tray == 5
    placement = change_placement(row, {0: "johtaminen"}, by=None)
    assert [entry.place for entry in placement.entries] == [
        "johtaminen",
        "johtaminen-nykytila",
        "johtaminen-nykytila",
        "johtaminen-tarpeet",
        "johtaminen-tarpeet",
    ]
    assert placement.counts().tray == 0


def test_what_was_put_by_hand_stays_when_its_heading_moves():
    handbook = make_handbook()
    row = prepare_import(handbook, content=make_docx(*FIRST), name="a.docx", language="fi", by=None)
    text, heading = index_of(row, "Tiimi kokoontuu"), index_of(row, "Nykytila")
    change_placement(row, {text: "johtaminen-tarpeet"}, by=None)
    placement = change_placement(row, {heading: "kohtaamispaikat-nykytila"}, by=None)
    assert placement.entries[text].place == "johtaminen-tarpeet"
    assert placement.entries[text - 1].place == "kohtaamispaikat-nykytila"
    result = import_file(row, by=None)
    assert texts(handbook, "johtaminen-tarpeet") == [
        "Tiimi kokoontuu kuukausittain.",
        "Koordinaattorilla ei ole sijaista.",
    ]
    assert result.word_import.words_imported == 23


def test_left_out_words_are_counted_and_not_imported():
    handbook = make_handbook()
    row = prepare_import(handbook, content=make_docx("Salainen saate.", *FIRST), name="a.docx", language="fi", by=None)
    placement = change_placement(row, {0: LEFT_OUT}, by=None)
    counts = placement.counts()
    assert (counts.words, counts.words_imported, counts.words_left_out) == (25, 23, 2)
    import_file(row, by=None)
    assert not handbook.document.sections.filter(key=TRAY_KEY).exists()


@pytest.mark.parametrize("choices", [{0: "ei-ole"}, {99: TRAY}, {-1: TRAY}])
def test_place_that_is_not_there_is_refused(choices):
    handbook = make_handbook()
    row = prepare_import(handbook, content=make_docx(*FIRST), name="a.docx", language="fi", by=None)
    with pytest.raises(ValidationError) as error:
        change_placement(row, choices, by=None)
    assert error.value.code == "no_such_section"


def test_section_that_was_removed_meanwhile_stops_the_import():
    handbook = make_handbook()
    row = prepare_import(handbook, content=make_docx(*FIRST), name="a.docx", language="fi", by=None)
    remove_section(section(handbook, "johtaminen-tarpeet"), by=None)
    with pytest.raises(ValidationError) as error:
        import_file(row, by=None)
    assert error.value.code == "section_removed"
    assert Revision.objects.count() == 0
    assert WordImport.objects.get().imported_at is None


def test_imported_file_can_be_neither_moved_nor_cancelled():
    handbook = make_handbook()
    row = bring(handbook, make_docx(*FIRST)).word_import
    for step in (
        lambda: change_placement(row, {0: TRAY}, by=None),
        lambda: cancel_import(row, by=None),
        lambda: choose_tracked_changes(row, "accepted", by=None),
    ):
        with pytest.raises(ValidationError) as error:
            step()
        assert error.value.code == "imported"


def test_cancelled_import_leaves_nothing(django_capture_on_commit_callbacks):
    handbook = make_handbook()
    row = prepare_import(handbook, content=make_docx(*FIRST), name="a.docx", language="fi", by=None)
    stored = row.file.file
    with django_capture_on_commit_callbacks(execute=True):
        cancel_import(row, by=None)
    assert not WordImport.objects.exists()
    assert not StoredFile.objects.exists()
    assert not stored.storage.exists(stored.name)


# --- Tracked changes --------------------------------------------------------------------------------------


def test_tracked_changes_are_asked_about_first():
    handbook = make_handbook(data=sample_template())
    content = sample_file("oulunkaari")
    row = prepare_import(handbook, content=content, name="o.docx", language="fi", by=None)
    assert needs_choice(row)
    assert row.placement["tracked"]["changes"] > 0
    with pytest.raises(ValidationError) as error:
        import_file(row, by=None)
    assert error.value.code == "tracked_changes"
    choose_tracked_changes(row, "original", by=None)
    row.refresh_from_db()
    assert not needs_choice(row)
    assert row.words_in_file == row.placement["tracked"]["words_original"]
    assert row.words_in_file != row.placement["tracked"]["words_accepted"]
    assert import_file(row, by=None).word_import.words_imported == row.words_in_file


def test_tracked_changes_are_accepted_or_original():
    handbook = make_handbook(data=sample_template())
    row = prepare_import(handbook, content=sample_file("oulunkaari"), name="o.docx", language="fi", by=None)
    with pytest.raises(ValueError, match="accepted or original"):
        choose_tracked_changes(row, "both", by=None)


# --- What is refused --------------------------------------------------------------------------------------


def zipped(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_part(name, content):
    """A real Word file with one more part."""
    out = io.BytesIO(make_docx(*FIRST))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


HOSTILE = {
    "text": (lambda: b"Hei vaan", "not_docx"),
    "zip": (lambda: zipped(a="b"), "not_docx"),
    "encrypted": (
        lambda: bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
        "encrypted",
    ),
    "bomb": (lambda: with_part("word/media/image1.png", b"\0" * 60_000_000), "too_large_unpacked"),
    "entities": (
        lambda: with_part("word/x.xml", '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
        "entities",
    ),
    "macros": (lambda: with_part("word/vbaProject.bin", b"x"), "macros"),
    "cut": (lambda: make_docx(*FIRST)[:-400], None),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_and_nothing_is_stored(name):
    make, code = HOSTILE[name]
    handbook = make_handbook()
    with pytest.raises(ValidationError) as error:
        prepare_import(handbook, content=make(), name="a.docx", language="fi", by=UserFactory())
    assert code is None or error.value.code == code
    assert len(error.value.messages[0]) > 20
    assert not StoredFile.objects.exists()
    assert not WordImport.objects.exists()


def test_too_large_file_is_refused(settings):
    settings.IMPORT_MAX_BYTES = 1000
    handbook = make_handbook()
    with pytest.raises(ValidationError) as error:
        prepare_import(handbook, content=make_docx(*FIRST), name="a.docx", language="fi", by=None)
    assert error.value.code == "too_large"
    assert not StoredFile.objects.exists()


# --- Word forms -------------------------------------------------------------------------------------------


def edit_form(content, change):
    """The form with some of its paragraphs in other words, as Word would save it."""
    file = docx.Document(io.BytesIO(content))
    for text in file.element.body.iter(qn("w:t")):
        if text.text in change:
            text.text = change[text.text]
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def test_empty_form_comes_back_without_guessing():
    handbook = make_handbook()
    form = template_form_file(handbook.template_version, language="fi")
    row = prepare_import(handbook, content=form, name="lomake.docx", language="fi", by=None)
    placement = placement_of(row)
    assert {entry.place for entry in placement.entries if not entry.is_heading} == set()
    assert placement.counts().tray == 0
    file = docx.Document(io.BytesIO(form))
    [control] = [
        control
        for control in file.element.body.iter(qn("w:sdt"))
        if any(tag.get(qn("w:val")) == "fc:johtaminen-nykytila" for tag in control.iter(qn("w:tag")))
    ]
    [words] = control.iter(qn("w:t"))
    words.text = "Tiimi johtaa."
    out = io.BytesIO()
    file.save(out)
    bring(handbook, out.getvalue())
    assert texts(handbook, "johtaminen-nykytila") == ["Tiimi johtaa."]
    assert not handbook.document.sections.filter(key=TRAY_KEY).exists()


def test_handbook_form_that_nobody_changed_changes_nothing():
    handbook = make_handbook(data=sample_template())
    bring(handbook, sample_file("oulu"))
    form = handbook_form_file(handbook, language="fi")
    row = prepare_import(handbook, content=form, name="lomake.docx", language="fi", by=None)
    assert placement_of(row).counts().tray == 0
    assert missing_sections(row, placement_of(row), said_before(row)) == []
    assert import_file(row, by=None).changed == []


def test_handbook_form_merges_with_what_was_written_meanwhile():
    handbook = make_handbook()
    bring(handbook, make_docx(*FIRST))
    before = ids(handbook, "johtaminen-nykytila")
    form = handbook_form_file(handbook, language="fi")
    write(
        handbook, "johtaminen-nykytila", "<p>Aluetta johtaa kuuden hengen tiimi.</p><p>Tiimi kokoontuu viikoittain.</p>"
    )
    filled = edit_form(form, {"Aluetta johtaa kuuden hengen tiimi.": "Kaksi kuntaa päättää yhdessä rahasta."})
    result = bring(handbook, filled)
    assert texts(handbook, "johtaminen-nykytila") == [
        "Kaksi kuntaa päättää yhdessä rahasta.",
        "Tiimi kokoontuu viikoittain.",
    ]
    assert ids(handbook, "johtaminen-nykytila") == before
    assert result.conflicts == 0


def test_form_of_another_handbook_brings_its_text_and_no_base():
    one = make_handbook()
    bring(one, make_docx(*FIRST))
    other = make_handbook(one.region, area=None, centre="Toinen")
    bring(other, handbook_form_file(one, language="fi"))
    assert texts(other, "johtaminen-tarpeet") == ["Koordinaattorilla ei ole sijaista."]
    assert set(ids(other, "johtaminen-tarpeet")).isdisjoint(ids(one, "johtaminen-tarpeet"))


def test_own_section_of_a_handbook_takes_text_too():
    handbook = make_handbook()
    add_section(handbook.document, heading={"fi": "Oma luku"}, key="oma", by=None)
    bring(handbook, make_docx(("h1", "Oma luku"), "Tämä on meidän."))
    assert texts(handbook, "oma") == ["Tämä on meidän."]
