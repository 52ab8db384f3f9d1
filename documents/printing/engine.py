"""The PDF engine: HTML in, PDF/UA-1 out, the same bytes for the same HTML.

Nothing is fetched from outside: the print stylesheets, the typefaces and the document's own pictures are all there is.
Whatever the layout engine complains about fails the export, because a missing text alternative or language is only a
line in its log.
"""

import datetime
import hashlib
import logging
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import fontpkg_source_sans_3
import page
from django.conf import settings
from weasyprint import HTML
from weasyprint.logger import LOGGER as ENGINE_LOG
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from documents.printing import hyphenation
from documents.printing.repair import StructureRepair

# The library that cuts typefaces to size stamps them with the current time unless it is told another one.
os.environ.setdefault("SOURCE_DATE_EPOCH", "1767225600")

OWN_SCHEME = "fcprint:"
"""Addresses of our own files in print HTML and CSS: `fcprint:plan.css`, `fcprint:accent/17566b.css`.

Without a hyphen, so that `collectstatic` knows them for addresses and leaves them alone.
"""
IMAGE_SCHEME = "fc-file:"
"""Addresses of a version's pictures: `fc-file:<key>`."""

PROFILE = "ua1"
SVG = "{http://www.w3.org/2000/svg}"
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})

_FONTS = Path(fontpkg_source_sans_3.__file__).parent / "files"
_OWN_FILES: dict[str, tuple[Path, str]] = {
    "plan.css": (settings.BASE_DIR / "static" / "print" / "plan.css", "text/css"),
    "source-sans-3.ttf": (_FONTS / "SourceSans3[wght].ttf", "font/ttf"),
    "source-sans-3-italic.ttf": (_FONTS / "SourceSans3-Italic[wght].ttf", "font/ttf"),
}
_ACCENT = re.compile(r"accent/([0-9a-f]{6})\.css")

Fetch = Callable[[str], tuple[bytes, str]]
"""Answers a picture's key with its bytes and content type; raises KeyError when the version has no such picture."""


class PrintError(Exception):
    """The document cannot be printed as an accessible PDF. `messages` say why, for people who maintain the layout."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


class PrintFetcher(URLFetcher):
    """Serves our own print files and the version's pictures. Every other address is refused."""

    def __init__(self, fetch: Fetch) -> None:
        super().__init__(allowed_protocols=())
        self._pictures = fetch

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if url.startswith(OWN_SCHEME):
            content, content_type = _own_file(url.removeprefix(OWN_SCHEME))
        elif url.startswith(IMAGE_SCHEME):
            content, content_type = self._pictures(url.removeprefix(IMAGE_SCHEME))
        else:
            raise ValueError(f"A printed document may not load {url}")
        return URLFetcherResponse(url, content, {"Content-Type": content_type})


def _own_file(name: str) -> tuple[bytes, str]:
    if accent := _ACCENT.fullmatch(name):
        return f":root {{ --accent: #{accent[1]}; }}".encode(), "text/css"
    path, content_type = _OWN_FILES[name]
    return path.read_bytes(), content_type


class _Complaints(logging.Handler):
    """Collects what the layout engine logs in this thread while one document is made."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.messages.append(record.getMessage())


@contextmanager
def _collected_complaints() -> Iterator[list[str]]:
    handler = _Complaints()
    ENGINE_LOG.addHandler(handler)
    try:
        yield handler.messages
    finally:
        ENGINE_LOG.removeHandler(handler)


def make_pdf(
    html: str,
    *,
    language: str,
    title: str,
    created_at: datetime.datetime,
    identifier: str,
    fetch: Fetch,
) -> bytes:
    """A tagged PDF that claims PDF/UA-1; `check_pdf` tells whether it is.

    `html` is a whole page in `language`. `identifier` names what is printed: the same identifier, date and HTML give
    the same bytes. Raises PrintError when the page is in another language, a heading skips a level, or the engine
    complains of anything.
    """
    hyphenation.register()
    with _collected_complaints() as complaints:
        source = HTML(string=html, url_fetcher=PrintFetcher(fetch))
        if source.etree_element.get("lang") != language:
            complaints.append(f"The page does not say that its language is {language!r}.")
        complaints.extend(heading_gaps(source.etree_element))
        complaints.extend(nameless_pictures(source.etree_element))
        for picture in decorations(source.etree_element):
            picture.set("alt", " ")  # the engine would ask for words; `StructureRepair` takes it out of the tree
        repair = StructureRepair(source.etree_element)
        laid_out = source.render(font_config=FontConfiguration(), optimize_images=True)
        laid_out.metadata.title = title
        laid_out.metadata.lang = language
        laid_out.metadata.created = laid_out.metadata.modified = _stamp(created_at)
        with repair.recording(laid_out):
            content = laid_out.write_pdf(
                finisher=repair,
                pdf_variant="pdf/ua-1",
                pdf_identifier=hashlib.sha256(identifier.encode()).hexdigest()[:32].encode(),
                optimize_images=True,
            )
    if complaints:
        raise PrintError(complaints)
    return content


def _stamp(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def heading_gaps(root: Element) -> list[str]:
    """A sentence for each heading that skips a level, which readers of headings take for a missing part."""
    gaps: list[str] = []
    previous = 0
    for element in root.iter():
        if element.tag not in HEADINGS:
            continue
        level = int(element.tag[1])
        if level > previous + 1:
            words = " ".join("".join(element.itertext()).split())
            gaps.append(f"The heading “{words}” is of level {level} but follows one of level {previous}.")
        previous = level
    return gaps


def nameless_pictures(root: Element) -> list[str]:
    """A sentence for each drawn picture without a title of its own, about which the engine is silent."""
    pictures = root.iter(f"{SVG}svg")
    return [
        "A drawn picture has no title: a screen reader would say nothing of it."
        for picture in pictures
        if not (picture.findtext(f"{SVG}title") or "").strip()
    ]


def decorations(root: Element) -> list[Element]:
    """The pictures that the writers have marked as decorative."""
    return [picture for picture in root.iter("img") if picture.get("role") == "presentation"]


def check_pdf(content: bytes) -> dict[str, Any]:
    """What the validator says of a finished file, as JSON: profile, verdict, and each broken rule once."""
    report = page.validate_pdf_bytes(content, profile=PROFILE)
    failures = {failure.rule_id: failure.message for failure in report.failures}
    return {
        "checker": f"page-validation {page.__version__}",
        "profile": PROFILE,
        "compliant": report.is_compliant,
        "failures": [{"rule": rule, "message": message} for rule, message in sorted(failures.items())],
    }
