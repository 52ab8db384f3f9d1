"""What kind of file some bytes are, by the bytes and not by the name."""

import io
import zipfile
import zlib
from pathlib import PurePosixPath

PNG = "image/png"
JPEG = "image/jpeg"
WEBP = "image/webp"
GIF = "image/gif"
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
IMAGES = (PNG, JPEG, WEBP, GIF)

_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": PNG,
    b"\xff\xd8\xff": JPEG,
    b"GIF87a": GIF,
    b"GIF89a": GIF,
    b"%PDF-": PDF,
}


def content_type_of(content: bytes) -> str | None:
    """The content type of the bytes, or None when it is none that we take.

    SVG is not taken: it can carry scripts. Nor is a Word file with macros.
    """
    for signature, content_type in _SIGNATURES.items():
        if content.startswith(signature):
            return content_type
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return WEBP
    if content.startswith(b"PK\x03\x04") and _is_docx(content):
        return DOCX
    return None


def _is_docx(content: bytes) -> bool:
    """Only the list of parts is read; nothing is unpacked here."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile:
        return False
    return {"[Content_Types].xml", "word/document.xml"} <= names and "word/vbaProject.bin" not in names


def attachment_type_of(content: bytes) -> str | None:
    """The content type of what a respondent attaches: also a spreadsheet or an OpenDocument text, without macros.

    These are kept and handed out as they are and read by nobody here.
    """
    known = content_type_of(content)
    if known or not content.startswith(b"PK\x03\x04"):
        return known
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            if {"[Content_Types].xml", "xl/workbook.xml"} <= names:
                macros = any("vbaproject" in name.lower() or name.startswith("xl/macrosheets/") for name in names)
                return None if macros else XLSX
            # The first entry of an OpenDocument file is its type, not compressed: some sixty signs.
            if {"mimetype", "content.xml"} <= names and archive.getinfo("mimetype").file_size < 100:
                plain = not any(name.startswith(("Basic/", "Scripts/")) for name in names)
                return ODT if plain and archive.read("mimetype").strip() == ODT.encode() else None
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, zlib.error):
        return None
    return None


SUFFIXES = {
    PNG: (".png",),
    JPEG: (".jpg", ".jpeg"),
    WEBP: (".webp",),
    GIF: (".gif",),
    PDF: (".pdf",),
    DOCX: (".docx",),
    XLSX: (".xlsx",),
    ODT: (".odt",),
}


def name_of_type(name: str, content_type: str) -> str:
    """The name with an ending that tells what the file is, whatever its sender called it."""
    clean = safe_name(name)
    if clean.lower().endswith(SUFFIXES[content_type]):
        return clean
    suffix = SUFFIXES[content_type][0]
    return clean[: 200 - len(suffix)] + suffix


def safe_name(name: str) -> str:
    """The last part of a file name without folders or control characters, at most 200 characters."""
    base = PurePosixPath(name.replace("\\", "/")).name
    clean = "".join(character for character in base if character.isprintable()).strip()
    if len(clean) > 200:
        suffix = PurePosixPath(clean).suffix[:20]
        clean = clean[: 200 - len(suffix)] + suffix
    return clean or "file"
