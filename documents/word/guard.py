"""The gate: opens a Word file from outside, or says in a sentence why it will not.

Nothing in the file is believed before it is counted: sizes are those of the bytes that really come out, and no part
is read as XML before it is known to declare nothing. Nothing is ever fetched: what points outside is only a link.
"""

import io
import posixpath
import zipfile
import zlib
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from lxml import etree

OLE_HEADER = bytes.fromhex("d0cf11e0a1b11ae1")
CHUNK = 64 * 1024
MAX_XML_PART_BYTES = 32 * 1024 * 1024
"""The text of a thousand-page book is a third of this; parsed, a part takes about ten times its size in memory."""
FREE_OF_RATIO_BYTES = 8 * 1024 * 1024
MAX_RATIO = 150
"""Real files unpack to at most about thirty times their size."""
MAX_DEPTH = 200

OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."
"""What the first part of LibreOffice's own files says, unpacked, so that it can be read without opening them."""
OPEN_DOCUMENT_REACH = 200

MAIN_TYPES = frozenset(
    f"application/vnd.openxmlformats-officedocument.wordprocessingml.{name}.main+xml"
    for name in ("document", "template")
)
STRICT_NAMESPACES = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/", b"http://schemas.openxmlformats.org/wordprocessingml/2006/"),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
    (b"http://purl.oclc.org/ooxml/officeDocument/math", b"http://schemas.openxmlformats.org/officeDocument/2006/math"),
    (b"http://purl.oclc.org/ooxml/drawingml/", b"http://schemas.openxmlformats.org/drawingml/2006/"),
)
"""What Word writes in its strict form, and the names that everybody else uses."""


@dataclass(frozen=True)
class Relation:
    """Where one part of the file points. `external` ones are addresses, never fetched."""

    kind: str
    target: str
    external: bool


@dataclass
class Package:
    """A Word file that has passed the gate."""

    content: bytes
    names: dict[str, str]
    """Part name in lower case -> name as the archive has it."""
    types: dict[str, str]
    defaults: dict[str, str]
    main: str
    _xml: dict[str, bytes] = field(default_factory=dict)

    def __contains__(self, part: str) -> bool:
        return part.lower() in self.names

    def xml(self, part: str) -> etree._Element | None:
        """The root of an XML part, or None when the file has no such part."""
        source = self._xml.get(part.lower())
        return None if source is None else _parse(source)

    def with_xml(self, part: str, root: etree._Element) -> "Package":
        """The same file with another XML part in the place of this one."""
        return replace(self, _xml={**self._xml, part.lower(): etree.tostring(root)})

    def read(self, part: str) -> bytes:
        """The bytes of a part, a picture for instance."""
        with zipfile.ZipFile(io.BytesIO(self.content)) as archive, archive.open(self.names[part.lower()]) as stream:
            return stream.read(settings.IMPORT_MAX_UNPACKED_BYTES)

    def content_type(self, part: str) -> str:
        extension = part.rpartition(".")[2].lower()
        return self.types.get(part.lower()) or self.defaults.get(extension, "application/octet-stream")

    def relations(self, part: str) -> dict[str, Relation]:
        folder, name = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
        found: dict[str, Relation] = {}
        for row in root if root is not None else ():
            if not isinstance(row.tag, str):
                continue
            external = (row.get("TargetMode") or "").lower() == "external"
            target = row.get("Target") or ""
            if not external:
                target = posixpath.normpath(posixpath.join("/", folder, unquote(target))).lstrip("/")
            found[row.get("Id") or ""] = Relation((row.get("Type") or "").rpartition("/")[2], target, external)
        return found

    def related(self, kind: str) -> str | None:
        """The first part of a kind that the main part points to: `styles`, `numbering`, `footnotes`."""
        for relation in self.relations(self.main).values():
            if relation.kind == kind and not relation.external and relation.target in self:
                return relation.target
        return None


def open_package(content: bytes) -> Package:
    """Open a Word file.

    Raises ValidationError, with nothing stored, under one of the codes `not_docx`, `old_word`, `encrypted`, `macros`,
    `too_large`, `too_large_unpacked`, `entities` or `broken`.
    """
    if len(content) > settings.IMPORT_MAX_BYTES:
        limit = settings.IMPORT_MAX_BYTES // (1024 * 1024)
        raise ValidationError(
            gettext("The file is too large. A Word file can be at most %(limit)s megabytes.") % {"limit": limit},
            code="too_large",
        )
    if content.startswith(OLE_HEADER):
        raise _old_container(content)
    if not content.startswith(b"PK") or OPEN_DOCUMENT in content[:OPEN_DOCUMENT_REACH]:
        raise _not_docx()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            package = _read(archive, content)
    except (
        *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError),
        *(ValueError, OverflowError, IndexError),
    ) as error:
        raise _broken() from error
    return package


def _old_container(content: bytes) -> ValidationError:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return _encrypted()
    if "WordDocument".encode("utf-16-le") in content:
        return ValidationError(
            gettext("This is a file of an old Word (.doc). Open it in Word, save it as .docx and try again."),
            code="old_word",
        )
    return _not_docx()


def _not_docx() -> ValidationError:
    return ValidationError(
        gettext("This is not a Word document (.docx). Open the file in Word, save it as .docx and try again."),
        code="not_docx",
    )


def _encrypted() -> ValidationError:
    return ValidationError(
        gettext("The file is protected with a password. Remove the password in Word and try again."), code="encrypted"
    )


def _broken() -> ValidationError:
    return ValidationError(
        gettext("The file is damaged and cannot be read. Open it in Word, save it again and try with the new file."),
        code="broken",
    )


def _unpacks_too_large() -> ValidationError:
    return ValidationError(
        gettext("The file unpacks to far more than a Word document should. It was not opened."),
        code="too_large_unpacked",
    )


def _read(archive: zipfile.ZipFile, content: bytes) -> Package:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > settings.IMPORT_MAX_PARTS:
        raise _unpacks_too_large()
    names = {entry.filename.lower(): entry.filename for entry in entries}
    if "[content_types].xml" not in names:
        raise _not_docx()
    if len(names) != len(entries):
        raise _broken()
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise _encrypted()
    xml: dict[str, bytes] = {}
    total = 0
    for entry in entries:
        name = entry.filename.lower()
        keep = name.endswith((".xml", ".rels", ".vml"))
        part, size = _inflate(archive, entry, total, len(content), keep=keep)
        total += size
        if keep:
            xml[name] = _declares_nothing(part)
    package = Package(content=content, names=names, types={}, defaults={}, main="", _xml=xml)
    _read_types(package)
    return package


def _inflate(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, before: int, packed: int, *, keep: bool
) -> tuple[bytes, int]:
    """One part's bytes (when they are to be kept) and their true number, counted as they come out."""
    limit = settings.IMPORT_MAX_UNPACKED_BYTES
    chunks: list[bytes] = []
    size = 0
    with archive.open(entry) as stream:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            total = before + size
            if (
                total > limit
                or (keep and size > MAX_XML_PART_BYTES)
                or (total > FREE_OF_RATIO_BYTES and total > packed * MAX_RATIO)
            ):
                raise _unpacks_too_large()
            if keep:
                chunks.append(chunk)
    return b"".join(chunks), size


def _declares_nothing(source: bytes) -> bytes:
    """The part itself, once it is known to have neither a DOCTYPE nor entities of its own, in any encoding."""
    for mark in ("<!DOCTYPE", "<!ENTITY"):
        if any(mark.encode(code) in source for code in ("utf-8", "utf-16-le", "utf-16-be")):
            raise _entities()
    return source


def _entities() -> ValidationError:
    return ValidationError(
        gettext("The file has declarations that a Word document never has, so it was not opened."), code="entities"
    )


def _parse(source: bytes) -> etree._Element:
    for strict, usual in STRICT_NAMESPACES:
        if strict in source:
            source = source.replace(strict, usual)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(source, parser)
    except etree.XMLSyntaxError as error:
        if "depth" in str(error).lower():
            raise _unpacks_too_large() from error
        raise _broken() from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise _entities()
    if _depth_exceeds(root, MAX_DEPTH):
        raise _unpacks_too_large()
    return root


def _depth_exceeds(root: etree._Element, limit: int) -> bool:
    depth = 0
    for event, _element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > limit:
            return True
    return False


def _read_types(package: Package) -> None:
    """What the parts are; refuses files that are not Word documents, or that carry macros."""
    root = package.xml("[Content_Types].xml")
    for row in root if root is not None else ():
        if not isinstance(row.tag, str):
            continue
        kind = row.get("ContentType") or ""
        if part := row.get("PartName"):
            package.types[part.lstrip("/").lower()] = kind
        elif extension := row.get("Extension"):
            package.defaults[extension.lower()] = kind
    kinds = {kind.lower() for kind in [*package.types.values(), *package.defaults.values()]}
    has_macros = any("macroenabled" in kind or "vbaproject" in kind for kind in kinds) or any(
        name.rpartition("/")[2] in {"vbaproject.bin", "vbadata.xml"} for name in package.names
    )
    if has_macros:
        raise ValidationError(
            gettext("The file contains macros. Save it in Word as a document without macros (.docx) and try again."),
            code="macros",
        )
    main = next(
        (row.target for row in package.relations("").values() if row.kind == "officeDocument" and not row.external), ""
    )
    package.main = main if main in package else "word/document.xml"
    if package.main not in package or package.content_type(package.main) not in MAIN_TYPES:
        raise _not_docx()
    if package.xml(package.main) is None:
        raise _broken()
