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
from cydifflib import SequenceMatcher

from documents.layers import readable

INLINE_TAGS = frozenset({"strong", "em", "a", "span", "br"})
CELL_TAGS = INLINE_TAGS | {"p", "ul", "ol", "li"}
RENAMED_TAGS = {"b": "strong", "i": "em"}
BOUNDARY_TAGS = frozenset(
    (
        *("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "center"),
        *("div", "section", "article", "header", "footer", "main", "aside", "nav", "address", "details", "summary"),
        *("figure", "figcaption", "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th"),
    )
)
"""Where one of these begins or ends inside a text that cannot hold it, its words go on a line of their own."""
MAX_NESTING = 16
"""Lists in the lists of a table cell. Deeper ones are written at this depth."""
MAX_COMPARED = 2_000_000
"""Tokens of one text times those of the other that are compared one by one: some 700 words with as many."""
MAX_LAYERS = 5_000
"""Tags within tags that a text may arrive with; what is too deep for its place is written without them."""
LINK_SCHEMES = {"http", "https", "mailto", "tel"}

TOKEN = re.compile(r"<[^>]*>|&[#\w]+;|\w+|\s+|[^\w\s]", re.UNICODE)
UNSTORABLE = re.compile("[\x00-\x08\x0b\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What neither PostgreSQL nor a Word file can hold: control signs and halves of signs."""
SPACE = re.compile(r"[ \t\r\n\f]+")
EMPTY_ELEMENT = re.compile(r"<(strong|em|a|span|p|ul|ol|li)(?: [^>]*)?>(\s*)</\1>")
ADJACENT_MARK = re.compile(r"</(strong|em)>(\s*)<\1>")


def storable(source: str) -> str:
    """The text without signs that cannot be stored; a vertical tab (Word's line break) becomes a space."""
    return UNSTORABLE.sub("", source.replace("\v", " "))


KEPT_CHARACTERS = 4_000
"""Longer texts are cleaned anew each time: 20,000 of any length would fill the memory."""


class _Canonical(HTMLParser):
    """Writes already sanitised, so well-formed, HTML again in the one form that we store."""

    def __init__(self, tags: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.tags = tags
        self.out: list[str] = []
        self.open: list[str] = []
        """What was written for each open tag; empty where its tag is left out."""
        self.line_is_empty = True
        self.new_line = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = RENAMED_TAGS.get(tag, tag)
        if tag == "br":
            self.out.append("<br>")
            self.line_is_empty, self.new_line = True, False
            return
        start = self.start_tag(tag, attrs)
        if tag in BOUNDARY_TAGS:
            self.line_is_empty, self.new_line = self.line_is_empty or bool(start), not start
        elif start:
            self.break_line()
        self.open.append(f"</{tag}>" if start else "")
        self.out.append(start)

    def start_tag(self, tag: str, attrs: list[tuple[str, str | None]]) -> str:
        """What is written where this tag begins; a mark inside the same mark says nothing."""
        if tag not in self.tags or self.open.count(f"</{tag}>") >= (MAX_NESTING if tag in BOUNDARY_TAGS else 1):
            return ""
        if tag == "a":
            href = storable(next((value for name, value in attrs if name == "href"), None) or "")
            return f'<a href="{html.escape(href)}">' if href else ""
        if tag == "span":
            return '<span class="note">' if ("class", "note") in attrs else ""
        return f"<{tag}>"

    def handle_endtag(self, tag: str) -> None:
        end = self.open.pop() if self.open else ""
        self.out.append(end)
        if tag in BOUNDARY_TAGS:
            self.line_is_empty, self.new_line = self.line_is_empty or bool(end), not end

    def handle_data(self, data: str) -> None:
        text = SPACE.sub(" ", storable(data))
        if text.strip():
            self.break_line()
            self.line_is_empty = False
        self.out.append(html.escape(text, quote=False))

    def break_line(self) -> None:
        if self.new_line and not self.line_is_empty:
            self.out.append("<br>")
            self.line_is_empty = True
        self.new_line = False


def sanitise(source: str, *, cell: bool = False) -> str:
    """The canonical, safe form of one block's text (or of one table cell's, which may hold lists)."""
    kept = len(source) <= KEPT_CHARACTERS
    return _sanitise(source, cell) if kept else _sanitise.__wrapped__(source, cell)


@lru_cache(maxsize=20_000)
def _sanitise(source: str, cell: bool) -> str:
    if not source:
        return ""
    tags = CELL_TAGS if cell else INLINE_TAGS
    cleaned = nh3.clean(
        readable(storable(source), layers=MAX_LAYERS),
        tags=set(tags | BOUNDARY_TAGS | {"b", "i"}),
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


def plain(source: str) -> str:
    """The words of a text without their marks, notes included, one space between words."""
    return _plain(source) if len(source) <= KEPT_CHARACTERS else _plain.__wrapped__(source)


@lru_cache(maxsize=20_000)
def _plain(source: str) -> str:
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


Opcode = tuple[str, int, int, int, int]


def opcodes(before: list[str], after: list[str]) -> list[Opcode]:
    """What turns one list of tokens into the other, as `difflib` tells it.

    Its time grows with the cube of the length where spaces are all that two texts share. So of two very long texts the
    common ends are taken away first, and a middle that is still too long counts as replaced in one piece.
    """
    if len(before) * len(after) <= MAX_COMPARED:
        return list(SequenceMatcher(None, before, after, autojunk=False).get_opcodes())
    shorter = min(len(before), len(after))
    start = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    rest = shorter - start
    end = next((at for at in range(rest) if before[-1 - at] != after[-1 - at]), rest)
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    codes: list[Opcode] = [("equal", 0, start, 0, start)] if start else []
    if len(old) * len(new) > MAX_COMPARED:
        codes.append(("replace", start, start + len(old), start, start + len(new)))
    else:
        inner = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        codes += [(tag, a + start, b + start, c + start, d + start) for tag, a, b, c, d in inner]
    if end:
        codes.append(("equal", len(before) - end, len(before), len(after) - end, len(after)))
    return codes
