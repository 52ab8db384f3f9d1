"""The gate for Excel files that people bring: what passes it may be opened, what does not is refused as a whole.

Sizes are counted from the bytes that really come out, and no part is read as XML before it is known to declare
nothing. Nothing is ever fetched and no macro is kept.
"""

import io
import zipfile
import zlib

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from lxml import etree

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED_BYTES = 100 * 1024 * 1024
MAX_PARTS = 500
MAX_RATIO = 150
"""Real files unpack to at most about thirty times their size."""
FREE_OF_RATIO_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 60
CHUNK = 64 * 1024

OLE_HEADER = bytes.fromhex("d0cf11e0a1b11ae1")
MAIN_TYPES = frozenset(
    f"application/vnd.openxmlformats-officedocument.spreadsheetml.{name}.main+xml" for name in ("sheet", "template")
)
BROKEN = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError),
    *(ValueError, OverflowError, IndexError),
)


def check_workbook(content: bytes) -> None:
    """Let a harmless .xlsx file pass.

    Raises ValidationError under one of the codes `not_xlsx`, `old_excel`, `encrypted`, `macros`, `external_links`,
    `too_large`, `too_large_unpacked`, `entities` or `broken`.
    """
    if len(content) > MAX_BYTES:
        limit = MAX_BYTES // (1024 * 1024)
        raise ValidationError(
            _("The file is too large. An Excel file can be at most %(limit)s megabytes.") % {"limit": limit},
            code="too_large",
        )
    if content.startswith(OLE_HEADER):
        raise _old_container(content)
    if not content.startswith(b"PK"):
        raise _not_xlsx()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check(archive, len(content))
    except BROKEN as error:
        raise broken() from error


def _check(archive: zipfile.ZipFile, packed: int) -> None:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    names = {entry.filename.lower() for entry in entries}
    if len(entries) > MAX_PARTS:
        raise _unpacks_too_large()
    if "[content_types].xml" not in names:
        raise _not_xlsx()
    if len(names) != len(entries):
        raise broken()
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise _encrypted()
    total = 0
    for entry in entries:
        name = entry.filename.lower()
        source = _inflate(archive, entry, total, packed)
        total += len(source)
        if name.endswith((".xml", ".rels", ".vml")):
            _check_xml(source)
            if name == "[content_types].xml":
                _check_types(source)
    if any(name.rpartition("/")[2].startswith("vbaproject") for name in names):
        raise _macros()
    if any(name.startswith("xl/externallinks/") for name in names):
        raise ValidationError(
            _("The file takes values from another file. Replace such cells with their values and try again."),
            code="external_links",
        )


def _inflate(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, before: int, packed: int) -> bytes:
    chunks: list[bytes] = []
    total = before
    with archive.open(entry) as stream:
        while chunk := stream.read(CHUNK):
            total += len(chunk)
            if total > MAX_UNPACKED_BYTES or (total > FREE_OF_RATIO_BYTES and total > packed * MAX_RATIO):
                raise _unpacks_too_large()
            chunks.append(chunk)
    return b"".join(chunks)


class _Depth:
    """Counts how deep elements stand in one another."""

    def __init__(self) -> None:
        self.depth = 0

    def start(self, tag: str | bytes, attrib: dict[str | bytes, str | bytes]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _unpacks_too_large()

    def end(self, tag: str | bytes) -> None:
        self.depth -= 1

    def data(self, data: str | bytes) -> None:
        """Words are not counted."""

    def comment(self, text: str | bytes) -> None:
        """Comments are not counted."""

    def close(self) -> None:
        """Nothing is kept."""


def _check_xml(source: bytes) -> None:
    for mark in ("<!DOCTYPE", "<!ENTITY"):
        if any(mark.encode(code) in source for code in ("utf-8", "utf-16-le", "utf-16-be")):
            raise ValidationError(
                _("The file has declarations that an Excel file never has, so it was not opened."), code="entities"
            )
    parser = etree.XMLParser(target=_Depth(), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        etree.fromstring(source, parser)
    except etree.XMLSyntaxError as error:
        raise broken() from error


def _check_types(source: bytes) -> None:
    kinds = {(row.get("ContentType") or "").lower() for row in etree.fromstring(source) if isinstance(row.tag, str)}
    if any("macroenabled" in kind or "vbaproject" in kind for kind in kinds):
        raise _macros()
    if not kinds & {kind.lower() for kind in MAIN_TYPES}:
        raise _not_xlsx()


def _old_container(content: bytes) -> ValidationError:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return _encrypted()
    if "Workbook".encode("utf-16-le") in content:
        return ValidationError(
            _("This is a file of an old Excel (.xls). Open it in Excel, save it as .xlsx and try again."),
            code="old_excel",
        )
    return _not_xlsx()


def _not_xlsx() -> ValidationError:
    return ValidationError(
        _("This is not an Excel file (.xlsx). Open the file in Excel, save it as .xlsx and try again."),
        code="not_xlsx",
    )


def _encrypted() -> ValidationError:
    return ValidationError(
        _("The file is protected with a password. Remove the password in Excel and try again."), code="encrypted"
    )


def _macros() -> ValidationError:
    return ValidationError(
        _("The file contains macros. Save it in Excel as a workbook without macros (.xlsx) and try again."),
        code="macros",
    )


def _unpacks_too_large() -> ValidationError:
    return ValidationError(
        _("The file unpacks to far more than it should. It was not opened."), code="too_large_unpacked"
    )


def broken() -> ValidationError:
    return ValidationError(
        _("The file is damaged and cannot be read. Open it in Excel, save it again and try with the new file."),
        code="broken",
    )
