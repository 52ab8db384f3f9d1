"""What kind of file some bytes are, by the bytes and not by the name."""

import io
import zipfile
from pathlib import PurePosixPath

PNG = "image/png"
JPEG = "image/jpeg"
WEBP = "image/webp"
GIF = "image/gif"
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
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


def safe_name(name: str) -> str:
    """The last part of a file name without folders or control characters, at most 200 characters."""
    base = PurePosixPath(name.replace("\\", "/")).name
    clean = "".join(character for character in base if character.isprintable()).strip()
    if len(clean) > 200:
        suffix = PurePosixPath(clean).suffix[:20]
        clean = clean[: 200 - len(suffix)] + suffix
    return clean or "file"
