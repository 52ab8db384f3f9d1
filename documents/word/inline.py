"""The inside of a paragraph: runs as inline HTML, with links, notes and the pictures that stand in it."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape

from lxml import etree

from documents import richtext
from documents.word.guard import Package, Relation
from documents.word.ooxml import BR, HREF, NOTE_REFERENCES, P_PR, R_PR, TEXT_BOX, P, R, T, find, integer, name, switch
from documents.word.ooxml import value as val
from documents.word.pieces import Image
from documents.word.styles import Styles

MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x01\x00\x00\x00", "image/x-emf"),
    (b"\xd7\xcd\xc6\x9a", "image/x-wmf"),
)
SKIPPED = frozenset({P_PR, R_PR, name("w:sdtPr"), name("w:sdtEndPr"), name("w:instrText"), name("w:annotationRef")})
UNREAD = {
    name("w:altChunk"): "attached_file",
    "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart": "chart",
    "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds": "diagram",
}


@dataclass(frozen=True)
class Segment:
    """A stretch of text of one look, a line break ("\\n") or a note."""

    text: str
    strong: bool = False
    em: bool = False
    href: str = ""
    note: str = ""
    """The note's own HTML."""
    size: int = 0
    lang: str = ""
    """On the way out: the language, where it is another one than the file's."""


def is_decorative(drawing: etree._Element) -> bool:
    """Whether Word's "Mark as decorative" is set on a picture."""
    return any(mark.get("val") in {"1", "true"} for mark in drawing.iter(name("adec:decorative")))


@dataclass
class Inside:
    """What a paragraph holds."""

    segments: list[Segment] = field(default_factory=list)
    figures: list[tuple[str, str]] = field(default_factory=list)
    """Pictures: key and text alternative."""
    decorations: set[str] = field(default_factory=set)
    """Keys of the pictures that are marked as decorative."""
    boxes: list[etree._Element] = field(default_factory=list)
    bookmarks: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(segment.text for segment in self.segments)

    @property
    def all_strong(self) -> bool:
        letters = [segment for segment in self.segments if segment.text.strip()]
        return bool(letters) and all(segment.strong for segment in letters)

    @property
    def size(self) -> int:
        """Of most of its letters; 0 where the runs do not say."""
        sizes: dict[int, int] = {}
        for segment in self.segments:
            sizes[segment.size] = sizes.get(segment.size, 0) + len(segment.text.strip())
        return max(sizes, key=lambda size: sizes[size], default=0)


class InlineReader:
    """Reads the insides of paragraphs of one part of a file."""

    def __init__(
        self, package: Package, part: str, styles: Styles, notes: Mapping[str, Mapping[str, etree._Element]]
    ) -> None:
        self.package = package
        self.styles = styles
        self.notes = notes
        self.relations: dict[str, Relation] = package.relations(part)
        self.note_readers = {kind: self._note_reader(kind) for kind in notes}
        self.images: dict[str, Image] = {}
        self.unread: list[str] = []
        self.letters: dict[str, int] = {}
        self._fetched: dict[str, str | None] = {}

    def _note_reader(self, kind: str) -> "InlineReader | None":
        part = self.package.related(kind)
        return InlineReader(self.package, part, self.styles, {}) if part else None

    def read(self, paragraph: etree._Element) -> Inside:
        inside = Inside()
        self._walk(paragraph, inside, href="")
        return inside

    def _walk(self, parent: etree._Element, inside: Inside, *, href: str) -> None:
        for child in parent:
            tag = child.tag
            if tag in SKIPPED or not isinstance(tag, str):
                continue
            if tag == R:
                self._run(child, inside, href)
            elif tag == name("w:hyperlink"):
                self._walk(child, inside, href=self._address(child) or href)
            elif tag == name("w:bookmarkStart"):
                inside.bookmarks.append(child.get(name("w:name")) or "")
            elif tag == P:
                inside.boxes.append(parent)
                return
            else:
                self._walk(child, inside, href=href)

    def _address(self, link: etree._Element) -> str:
        relation = self.relations.get(link.get(name("r:id")) or "")
        return relation.target if relation and relation.external else ""

    def _run(self, run: etree._Element, inside: Inside, href: str) -> None:
        properties = find(run, "w:rPr")
        look = self._look(properties)
        look = replace(look, href=run.get(HREF) or href)
        for part in run:
            if part.tag == T:
                self._note_language(properties, part.text or "")
                inside.segments.append(replace(look, text=part.text or ""))
            elif part.tag == BR:
                inside.segments.append(Segment("\n"))
            elif part.tag in NOTE_REFERENCES:
                note = self._note(NOTE_REFERENCES[part.tag], part.get(name("w:id")) or "")
                if note:
                    inside.segments.append(Segment("", note=note))
            elif part.tag in {name("w:drawing"), name("w:pict"), name("w:object")}:
                self._picture(part, inside)
            elif part.tag not in SKIPPED:
                self._walk_odd(part, inside, look.href)

    def _walk_odd(self, part: etree._Element, inside: Inside, href: str) -> None:
        """Elements that we do not know may still hold runs, as the base text of ruby does."""
        self._walk(part, inside, href=href)

    def _look(self, properties: etree._Element | None) -> Segment:
        style = val(properties, "w:rStyle")
        strong, em = switch(properties, "w:b"), switch(properties, "w:i")
        if style and strong is None:
            strong = self.styles.bold(style) or self.styles.is_named(style, frozenset({"strong", "vahva", "stark"}))
        if style and em is None:
            em = self.styles.is_named(style, frozenset({"emphasis", "korostus", "betoning"}))
        size = integer(val(properties, "w:sz"))
        if style in self.styles.table and not size:
            size = self.styles.table[style].size or 0
        return Segment("", strong=bool(strong), em=bool(em), size=size)

    def _note_language(self, properties: etree._Element | None, text: str) -> None:
        language = find(properties, "w:lang")
        code = (language.get(name("w:val")) if language is not None else None) or self.styles.language
        self.letters[code[:2].lower()] = self.letters.get(code[:2].lower(), 0) + len(text)

    def _note(self, kind: str, key: str) -> str:
        note = self.notes.get(kind, {}).get(key)
        reader = self.note_readers.get(kind)
        if note is None or reader is None:
            return ""
        lines = []
        for paragraph in note.iter(P):
            inside = reader.read(paragraph)
            if html := to_html(inside.segments):
                lines.append(html)
        self.unread += reader.unread
        reader.unread.clear()
        return richtext.sanitise("<br>".join(lines))

    # --- Pictures ---------------------------------------------------------------------------------------

    def _picture(self, drawing: etree._Element, inside: Inside) -> None:
        inside.boxes += [box for box in drawing.iter(TEXT_BOX) if not any(_between(box, drawing, TEXT_BOX))]
        properties = find(drawing, ".//wp:docPr")
        alt = ""
        if properties is not None:
            alt = properties.get("descr") or properties.get("title") or ""
        for element in drawing.iter():
            if not isinstance(element.tag, str) or any(_between(element, drawing, TEXT_BOX)):
                continue
            if element.tag in UNREAD:
                self.unread.append(UNREAD[element.tag])
            elif element.tag == name("a:blip"):
                self._add(element.get(name("r:embed")), element.get(name("r:link")), alt, inside)
                if inside.figures and not alt and is_decorative(drawing):
                    inside.decorations.add(inside.figures[-1][0])
            elif element.tag == name("v:imagedata"):
                shape = element.getparent()
                own_alt = (shape.get("alt") if shape is not None else None) or alt
                self._add(element.get(name("r:id")), element.get(name("r:href")), own_alt, inside)
            elif element.tag == "{urn:schemas-microsoft-com:office:office}OLEObject":
                self.unread.append("object")

    def _add(self, embedded: str | None, linked: str | None, alt: str, inside: Inside) -> None:
        relation = self.relations.get(embedded or "") or self.relations.get(linked or "")
        if relation is None:
            return
        if relation.external:
            self.unread.append("linked_image")
            return
        key = self._fetch(relation.target)
        if key is None:
            self.unread.append("image")
        else:
            inside.figures.append((key, " ".join(alt.split())))

    def _fetch(self, part: str) -> str | None:
        if part not in self._fetched:
            self._fetched[part] = None
            if part in self.package:
                content = self.package.read(part)
                key = f"picture-{hashlib.sha256(content).hexdigest()[:16]}"
                file_name = part.rpartition("/")[2]
                self.images[key] = Image(content, picture_type(content, self.package.content_type(part)), file_name)
                self._fetched[part] = key
        return self._fetched[part]


def _between(element: etree._Element, top: etree._Element, tag: str) -> Iterator[bool]:
    """Yields when an element with `tag` stands between the element and `top`."""
    for ancestor in element.iterancestors():
        if ancestor is top:
            return
        if ancestor.tag == tag:
            yield True


def picture_type(content: bytes, said: str) -> str:
    """By its first bytes; what the file says only where they do not tell."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in MAGIC if content.startswith(magic)), said)


# --- Segments -------------------------------------------------------------------------------------------


def with_notes_at_words(segments: Sequence[Segment]) -> list[Segment]:
    """Notes hang on the word before them, and a word that follows at once is parted from them by a space."""
    result: list[Segment] = []
    for position, segment in enumerate(segments):
        result.append(segment)
        if not segment.note:
            continue
        following = next((row for row in segments[position + 1 :] if row.text or row.note), None)
        before = next((row for row in reversed(result[:-1]) if not row.note), None)
        parted = before is None or not before.text or before.text[-1].isspace()
        if parted and following is not None and not following.note and not following.text[0].isspace():
            result.append(Segment(" "))
    return result


def lines_of(segments: Sequence[Segment]) -> list[list[Segment]]:
    """The segments cut at line breaks."""
    lines: list[list[Segment]] = [[]]
    for segment in segments:
        if segment.text == "\n" and not segment.note:
            lines.append([])
        else:
            lines[-1].append(segment)
    return lines


def joined(lines: Sequence[Sequence[Segment]]) -> list[Segment]:
    """Lines with their breaks between them again."""
    result: list[Segment] = []
    for position, line in enumerate(lines):
        result += ([Segment("\n")] if position else []) + list(line)
    return result


def take_start(segments: Sequence[Segment], pattern: re.Pattern[str]) -> tuple[str, list[Segment]]:
    """What the pattern finds at the start (looks apart), and the segments without it."""
    plain = "".join(segment.text for segment in segments)
    lead = len(plain) - len(plain.lstrip())
    found = pattern.match(plain.lstrip())
    if not found:
        return "", list(segments)
    rest = lead + found.end()
    result: list[Segment] = []
    for segment in segments:
        cut = min(rest, len(segment.text))
        rest -= cut
        if segment.note or len(segment.text) > cut:
            result.append(replace(segment, text=segment.text[cut:]))
    return found.group(1), result


def to_html(segments: Sequence[Segment], *, strong: bool = True) -> str:
    """Inline HTML in the form that we store. Without `strong`, bold is not marked: a heading is bold anyhow."""
    out: list[str] = []
    open_href, open_strong, open_em = "", False, False

    def close() -> None:
        nonlocal open_href, open_strong, open_em
        out.append(("</em>" if open_em else "") + ("</strong>" if open_strong else "") + ("</a>" if open_href else ""))
        open_href, open_strong, open_em = "", False, False

    for segment in segments:
        if segment.note:
            close()
            out.append(f'<span class="note">{segment.note}</span>')
            continue
        if segment.text == "\n":
            close()
            out.append("<br>")
            continue
        blank = not segment.text.strip()
        look = (
            segment.href,
            (open_strong if blank else segment.strong) and strong,
            open_em if blank else segment.em,
        )
        if look != (open_href, open_strong, open_em):
            close()
            open_href, open_strong, open_em = look
            href = f'<a href="{escape(open_href)}">' if open_href else ""
            out.append(href + ("<strong>" if open_strong else "") + ("<em>" if open_em else ""))
        out.append(escape(segment.text, quote=False))
    close()
    return richtext.sanitise("".join(out))
