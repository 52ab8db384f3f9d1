"""Our inline HTML as Word's runs, and a table cell's as paragraphs."""

from dataclasses import dataclass, replace
from html import escape
from html.parser import HTMLParser

from documents.word.inline import Segment

CONTROL = dict.fromkeys([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFFFE, 0xFFFF])
"""Signs that XML cannot hold."""


def xml_text(text: str) -> str:
    return escape(text.translate(CONTROL))


@dataclass
class CellParagraph:
    """A paragraph of a cell: running text (level -1) or an item of a list."""

    segments: list[Segment]
    level: int = -1
    ordered: bool = False
    starts: bool = False


class _Html(HTMLParser):
    """Reads stored HTML, which is canonical, into segments; a cell's into paragraphs."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.paragraphs: list[CellParagraph] = [CellParagraph([])]
        self.look = Segment("")
        self.spans: list[bool] = []
        self.lists: list[bool] = []
        self.fresh_list = False
        self.note: list[str] | None = None

    def _break(self, paragraph: CellParagraph) -> None:
        if self.paragraphs[-1].segments or self.paragraphs[-1].level >= 0:
            self.paragraphs.append(paragraph)
        else:
            self.paragraphs[-1] = paragraph

    def _mark(self, tag: str, *, on: bool) -> None:
        self.look = replace(self.look, strong=on) if tag == "strong" else replace(self.look, em=on)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.note is not None and tag != "span":
            href = dict(attrs).get("href")
            self.note.append(f'<a href="{escape(href)}">' if href else f"<{tag}>")
        elif tag in {"strong", "em"}:
            self._mark(tag, on=True)
        elif tag == "a":
            self.look = replace(self.look, href=dict(attrs).get("href") or "")
        elif tag == "br":
            self.paragraphs[-1].segments.append(Segment("\n"))
        elif tag == "span":
            self.look = replace(self.look, lang=dict(attrs).get("lang") or self.look.lang)
            self.spans.append(("class", "note") in attrs)
            self.note = [] if self.spans[-1] else self.note
        elif tag == "p" and not self.lists:
            self._break(CellParagraph([]))
        elif tag in {"ul", "ol"}:
            self.lists.append(tag == "ol")
            self.fresh_list = len(self.lists) == 1
        elif tag == "li":
            ordered = bool(self.lists and self.lists[-1])
            self._break(CellParagraph([], max(0, len(self.lists) - 1), ordered, self.fresh_list))
            self.fresh_list = False

    def handle_endtag(self, tag: str) -> None:
        if tag == "span":
            if self.spans and self.spans.pop() and self.note is not None:
                self.paragraphs[-1].segments.append(Segment("", note="".join(self.note), lang=self.look.lang))
                self.note = None
            elif not self.spans:
                self.look = replace(self.look, lang="")
        elif self.note is not None:
            self.note.append(f"</{tag}>")
        elif tag in {"strong", "em"}:
            self._mark(tag, on=False)
        elif tag == "a":
            self.look = replace(self.look, href="")
        elif tag in {"ul", "ol"}:
            if self.lists:
                self.lists.pop()
            if not self.lists:
                self._break(CellParagraph([]))
        elif tag == "p" and not self.lists:
            self._break(CellParagraph([]))

    def handle_data(self, data: str) -> None:
        if self.note is not None:
            self.note.append(escape(data, quote=False))
        else:
            self.paragraphs[-1].segments.append(replace(self.look, text=data))


def segments_of(html: str) -> list[Segment]:
    """A block's text; paragraphs, should there be any, end in line breaks."""
    result: list[Segment] = []
    for position, paragraph in enumerate(cell_paragraphs(html)):
        result += ([Segment("\n")] if position else []) + paragraph.segments
    return result


def in_language(segments: list[Segment], language: str) -> list[Segment]:
    """The segments marked as of another language than the file's; as they are where `language` is empty."""
    return [replace(segment, lang=language) for segment in segments] if language else segments


def written_words(html: str) -> str:
    """The words of a text as a file shows them: its own letters, then those of its notes."""
    segments = segments_of(html)
    notes = [row.text for segment in segments if segment.note for row in [Segment(" "), *segments_of(segment.note)]]
    return "".join([*(segment.text for segment in segments), *notes]).translate(CONTROL)


def cell_paragraphs(html: str) -> list[CellParagraph]:
    """A cell's paragraphs and items; at least one, as Word asks for."""
    reader = _Html()
    reader.feed(html)
    reader.close()
    kept = [row for row in reader.paragraphs if row.segments or row.level >= 0]
    return kept or [CellParagraph([])]
