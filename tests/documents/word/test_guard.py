"""The gate: every file that is no honest Word document is refused with its own sentence."""

import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from documents.word.guard import OLE_HEADER, open_package
from documents.word.reader import read_docx
from tests.documents.word.files import DECLARED, docx, p, package

BILLION_LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'


def refusal(content):
    with pytest.raises(ValidationError) as caught:
        read_docx(content)
    assert len(caught.value.messages) == 1
    assert caught.value.messages[0].endswith(".")
    return caught.value.code


def document(prolog="", body=""):
    return f"{prolog}<w:document{DECLARED}><w:body>{body}</w:body></w:document>"


def test_a_word_file_passes():
    assert open_package(docx(p("Hei"))).main == "word/document.xml"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"plain text",
        b"%PDF-1.7",
        b"<html>Hei</html>",
        package({"hello.txt": "hei"}),
        package({"[Content_Types].xml": "<Types/>"}),
        docx(main="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"),
        OLE_HEADER + b"\0" * 600,
    ],
    ids=["empty", "text", "pdf", "html", "zip", "no-document", "excel", "other-ole"],
)
def test_what_is_no_word_file_is_refused(content):
    assert refusal(content) == "not_docx"


def open_document(compression=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", "<!DOCTYPE x><office:document/>")
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        open_document(),
        open_document(zipfile.ZIP_DEFLATED),
        open_document()[:120],
        b"PK\x03\x04" + b"\0" * 26 + b"mimetypeapplication/vnd.oasis.opendocument.text",
    ],
    ids=["whole", "packed", "cut", "bare"],
)
def test_open_document_is_told_to_be_saved_as_word(content):
    assert refusal(content) == "not_docx"


def test_old_word_and_encrypted_have_sentences_of_their_own():
    old = OLE_HEADER + b"\0" * 500 + "WordDocument".encode("utf-16-le")
    locked = OLE_HEADER + b"\0" * 500 + "EncryptedPackage".encode("utf-16-le")
    assert refusal(old) == "old_word"
    assert refusal(locked) == "encrypted"


def test_zip_with_a_password_is_encrypted():
    content = bytearray(docx(p("Hei")))
    start = content.index(b"PK\x01\x02")
    content[start + 8] |= 1
    assert refusal(bytes(content)) == "encrypted"


@pytest.mark.parametrize(
    "content",
    [
        docx(p("Hei"), parts={"word/vbaProject.bin": b"\0"}),
        docx(p("Hei"), parts={"Word/VBAPROJECT.BIN": b"\0"}),
        docx(p("Hei"), main="application/vnd.ms-word.document.macroEnabled.main+xml"),
        docx(p("Hei"), defaults='<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'),
    ],
)
def test_macros_are_refused(content):
    assert refusal(content) == "macros"


def test_too_large_a_file_is_refused(settings):
    settings.IMPORT_MAX_BYTES = 500
    assert refusal(docx(p("Hei"))) == "too_large"


def test_too_many_parts_are_refused(settings):
    settings.IMPORT_MAX_PARTS = 2000
    assert refusal(docx(p("Hei"), parts={f"word/media/{n}.png": b"x" for n in range(3000)})) == "too_large_unpacked"


def test_a_bomb_is_refused_by_its_ratio():
    bomb = docx(p("Hei"), parts={"word/media/image1.bmp": b"\0" * 12_000_000})
    assert len(bomb) < 40_000
    assert refusal(bomb) == "too_large_unpacked"


def test_a_bomb_of_many_parts_is_refused_by_its_sum(settings):
    settings.IMPORT_MAX_UNPACKED_BYTES = 100_000
    parts = {f"word/media/{n}.png": b"\0" * 30_000 for n in range(4)}
    assert refusal(docx(p("Hei"), parts=parts)) == "too_large_unpacked"


def test_a_header_that_lies_about_its_size_does_not_help(settings):
    settings.IMPORT_MAX_UNPACKED_BYTES = 100_000
    content = bytearray(docx(p("Hei"), parts={"word/media/a.png": b"\0" * 200_000}))
    place = content.rindex(b"PK\x01\x02")
    content[place + 24 : place + 28] = (10).to_bytes(4, "little")
    assert refusal(bytes(content)) in {"too_large_unpacked", "broken"}


def test_a_bomb_inside_is_not_opened():
    inner = docx(p("Hei"), parts={"word/media/image1.bmp": b"\0" * 12_000_000})
    assert read_docx(docx(p("Hei"), parts={"word/embeddings/a.docx": inner})).words == 1


def test_deep_nesting_is_refused():
    deep = "<w:sdt><w:sdtContent>" * 200 + p("Hei") + "</w:sdtContent></w:sdt>" * 200
    assert refusal(docx(deep)) == "too_large_unpacked"
    assert refusal(docx("<w:ins>" * 5000 + "</w:ins>" * 5000)) == "too_large_unpacked"


@pytest.mark.parametrize(
    "prolog",
    [
        BILLION_LAUGHS,
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        '<?xml version="1.0"?>\n<!--' + "x" * 9000 + "--><!DOCTYPE x>",
    ],
)
def test_declarations_are_refused(prolog):
    assert refusal(docx(parts={"word/document.xml": document(prolog, p("&amp;"))})) == "entities"


def test_declarations_are_refused_in_every_part_and_encoding():
    assert refusal(docx(p("Hei"), parts={"customXml/item1.xml": f"{BILLION_LAUGHS}<x/>"})) == "entities"
    for code in ("utf-16-le", "utf-16-be"):
        other = f'<?xml version="1.0" encoding="utf-16"?>{BILLION_LAUGHS}<x/>'
        assert refusal(docx(p("Hei"), parts={"word/styles.xml": other.encode(code)})) == "entities"
    strange = f'<?xml version="1.0" encoding="UTF-32"?>{BILLION_LAUGHS}{document()}'.encode("utf-32")
    assert refusal(docx(parts={"word/document.xml": strange})) in {"entities", "broken"}


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9, 0.99])
def test_a_file_cut_short_is_broken(cut):
    content = docx(p("Hei " * 2000))
    assert refusal(content[: int(len(content) * cut)]) == "broken"


def test_broken_xml_is_broken():
    assert refusal(docx("<w:p>")) == "broken"
    assert refusal(docx(parts={"word/document.xml": b"\xff\xfe\x00"})) == "broken"
    assert refusal(docx(p("Hei"), parts={"word/styles.xml": "<w:styles"})) == "broken"


def test_two_parts_of_one_name_are_broken():
    stream = io.BytesIO(docx(p("Hei")))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("Word/Document.xml", document())
    assert refusal(stream.getvalue()) == "broken"


def test_what_points_outside_is_never_fetched():
    relations = (
        '<Relationship Id="x" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" '
        'Target="http://192.0.2.1/a.png" TargetMode="External"/>'
    )
    body = p('<w:r><w:drawing><a:blip r:link="x"/></w:drawing></w:r>', "Hei")
    text = read_docx(docx(body, relations=relations))
    assert text.images == {}
    assert text.unread == ["linked_image"]


def test_a_target_outside_the_package_finds_nothing():
    relations = (
        '<Relationship Id="x" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" '
        'Target="../../../../etc/passwd"/>'
    )
    text = read_docx(docx(p('<w:r><w:drawing><a:blip r:embed="x"/></w:drawing></w:r>', "Hei"), relations=relations))
    assert text.images == {}
    assert text.unread == ["image"]


def test_strict_word_files_are_read():
    source = document(body=p("Hei vain")).replace(
        "http://schemas.openxmlformats.org/wordprocessingml/2006/", "http://purl.oclc.org/ooxml/wordprocessingml/"
    )
    assert read_docx(docx(parts={"word/document.xml": source})).words == 2


@given(st.data())
def test_damage_is_refused_or_read_but_never_crashes(data):
    content = bytearray(docx(p("Hei vain", style="Otsikko1") + p("toinen")))
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_docx(bytes(content))
    except ValidationError as error:
        assert error.code
