"""Counting words twice: in the file's own letters and in what was made of them, so that agreement means something.

A word is what stands between spaces, as Word counts: the body, tables, text boxes, footnotes and endnotes, but not
headers and footers, text alternatives of pictures or numbers that Word adds by itself.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from html.parser import HTMLParser

from lxml import etree

from documents.blocks import FIGURE
from documents.word.ooxml import LEFT_OUT, NOTE_REFERENCES, P, name, own, raw_text


class _Words(HTMLParser):
    """Collects words; a note is counted by itself, so that it never joins the word that it hangs on."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[list[str]] = [[]]
        self.open: list[bool] = []
        self.count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"br", "p", "li", "ul", "ol"}:
            self.texts[-1].append(" ")
        elif tag == "span":
            note = ("class", "note") in attrs
            self.open.append(note)
            if note:
                self.texts.append([])

    def handle_endtag(self, tag: str) -> None:
        if tag in {"p", "li"}:
            self.texts[-1].append(" ")
        elif tag == "span" and self.open and self.open.pop():
            self.count += len("".join(self.texts.pop()).split())

    def handle_data(self, data: str) -> None:
        self.texts[-1].append(data)

    def close(self) -> None:
        super().close()
        self.count += sum(len("".join(text).split()) for text in self.texts)


@lru_cache(maxsize=20_000)
def count_html(source: str) -> int:
    """The words of inline HTML, or of a table cell's, notes included."""
    if "<" not in source and "&" not in source:
        return len(source.split())
    reader = _Words()
    reader.feed(source)
    reader.close()
    return reader.count


def count_text(kind: str, text: Mapping[str, str]) -> int:
    """The words of a block in one language, by unit. A picture's text alternative is not among them."""
    return sum(count_html(words) for unit, words in text.items() if not (kind == FIGURE and unit == "alt"))


def count_file(body: etree._Element, notes: Mapping[str, Mapping[str, etree._Element]]) -> int:
    """The words of a settled file, straight from its runs. `notes`: part name -> note id -> note."""
    return sum(_count_paragraph(paragraph, notes) for paragraph in body.iter(P) if not paragraph.get(LEFT_OUT))


def _count_paragraph(paragraph: etree._Element, notes: Mapping[str, Mapping[str, etree._Element]]) -> int:
    return len(raw_text(paragraph).split()) + sum(
        len(raw_text(row).split()) for note in called_notes(paragraph, notes) for row in note.iter(P)
    )


def called_notes(
    paragraph: etree._Element, notes: Mapping[str, Mapping[str, etree._Element]]
) -> Iterable[etree._Element]:
    """The footnotes and endnotes that are called in a paragraph."""
    for element in own(paragraph):
        if element.tag in NOTE_REFERENCES:
            note = notes.get(NOTE_REFERENCES[element.tag], {}).get(element.get(name("w:id")) or "")
            if note is not None:
                yield note
