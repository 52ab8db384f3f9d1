"""Inline rich text: the small HTML in which a block's words are kept.

Stored text is a canonical string: only `strong`, `em`, `a[href]`, `span.note` (a footnote's own text, standing
where it is called) and `br`; table cells may also hold `p`, `ul`, `ol` and `li`. Everything is cleaned when it
is written and once more when it is shown, so that neither an import nor a hand-made row can carry a script.
"""

import html
import re
from functools import lru_cache
from html.parser import HTMLParser

import nh3

INLINE_TAGS = frozenset({"strong", "em", "a", "span", "br"})
CELL_TAGS = INLINE_TAGS | {"p", "ul", "ol", "li"}
RENAMED_TAGS = {"b": "strong", "i": "em"}
LINK_SCHEMES = {"http", "https", "mailto", "tel"}

TOKEN = re.compile(r"<[^>]*>|&[#\w]+;|\w+|\s+|[^\w\s]", re.UNICODE)
SPACE = re.compile(r"[ \t\r\n\f]+")
EMPTY_ELEMENT = re.compile(r"<(strong|em|a|span|p|ul|ol|li)(?: [^>]*)?>(\s*)</\1>")
ADJACENT_MARK = re.compile(r"</(strong|em)>(\s*)<\1>")


class _Canonical(HTMLParser):
    """Writes already sanitised HTML again in the one form that we store."""

    def __init__(self, tags: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.tags = tags
        self.out: list[str] = []
        self.open_spans: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = RENAMED_TAGS.get(tag, tag)
        if tag == "br":
            self.out.append("<br>")
        elif tag == "a":
            href = next((value for name, value in attrs if name == "href"), None) or ""
            self.open_spans.append(bool(href))
            if href:
                self.out.append(f'<a href="{html.escape(href)}">')
        elif tag == "span":
            note = ("class", "note") in attrs
            self.open_spans.append(note)
            if note:
                self.out.append('<span class="note">')
        elif tag in self.tags:
            self.out.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        tag = RENAMED_TAGS.get(tag, tag)
        if tag in {"a", "span"}:
            if self.open_spans and self.open_spans.pop():
                self.out.append(f"</{tag}>")
        elif tag in self.tags and tag != "br":
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.out.append(html.escape(SPACE.sub(" ", data), quote=False))


@lru_cache(maxsize=20_000)
def sanitise(source: str, *, cell: bool = False) -> str:
    """The canonical, safe form of one block's text (or of one table cell's, which may hold lists)."""
    if not source:
        return ""
    tags = CELL_TAGS if cell else INLINE_TAGS
    cleaned = nh3.clean(
        source,
        tags=set(tags | {"b", "i"}),
        attributes={"a": {"href"}},
        allowed_classes={"span": {"note"}},
        url_schemes=LINK_SCHEMES,
        link_rel=None,
    )
    writer = _Canonical(tags)
    writer.feed(cleaned)
    writer.close()
    text = "".join(writer.out)
    previous = None
    while previous != text:
        previous = text
        text = EMPTY_ELEMENT.sub(r"\2", text)
        text = ADJACENT_MARK.sub(r"\2", text)
    text = SPACE.sub(" ", text).strip(" ")
    return re.sub(r"^(?:<br>)+|(?:<br>)+$", "", text).strip(" ")


class _Plain(HTMLParser):
    """Collects the words; a break or the border of a cell's paragraph becomes a line break."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"br", "p", "li"}:
            self.out.append("\n")
        elif tag == "span":
            self.out.append(" ")

    def handle_data(self, data: str) -> None:
        self.out.append(data)


@lru_cache(maxsize=20_000)
def plain(source: str) -> str:
    """The words of a text without their marks, notes included, one space between words."""
    if "<" not in source and "&" not in source:
        return " ".join(source.split())
    reader = _Plain()
    reader.feed(source)
    reader.close()
    return " ".join("".join(reader.out).split())


def words(source: str) -> list[str]:
    """The words of a text in order, in lower case and without punctuation: what likeness is measured on."""
    return re.findall(r"\w+", plain(source).lower())


def count_words(source: str) -> int:
    """Words as a word processor counts them: runs of characters between spaces."""
    return len(plain(source).split())


def tokens(source: str) -> list[str]:
    """Tags, words, runs of spaces and single signs: the pieces that a difference or a merge moves."""
    return TOKEN.findall(source)
