"""Settles a story's tree before it is read: one text out of tracked changes, fields, alternatives and odd signs.

Afterwards the letters of the story are in `w:t` and its line breaks in `w:br`, and nothing else has to be understood
to read or to count it.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from lxml import etree

from documents.word.ooxml import (
    BR,
    HREF,
    LEFT_OUT,
    R_PR,
    SDT,
    TBL,
    TC,
    TR,
    P,
    R,
    T,
    find,
    name,
    raw_text,
    switch,
    value,
)
from documents.word.styles import Styles

KEPT_WHEN_ACCEPTED = (name("w:ins"), name("w:moveTo"))
KEPT_WHEN_ORIGINAL = (name("w:del"), name("w:moveFrom"))
TRACKED = KEPT_WHEN_ACCEPTED + KEPT_WHEN_ORIGINAL
NUMBER = re.compile(r"^\s*\d+\s?")
PAGE_FIELDS = frozenset({"PAGE", "NUMPAGES", "SECTIONPAGES", "PAGEREF"})
CONTENTS_FIELDS = frozenset({"TOC", "TOA", "INDEX"})
INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
SYMBOLS = {0xF0B7: "•", 0xF0A7: "▪", 0xF0D8: "➢", 0xF0FC: "✓", 0xF0E0: "→", 0xF0E8: "→", 0xF0AB: "★"}
"""Signs of the fonts Symbol and Wingdings, whose codes mean nothing elsewhere."""
CHECKED = {0xF0FE: "☒", 0xF0FD: "☒", 0xF0A8: "☐", 0xF06F: "☐", 0xF052: "☑", 0xF0A3: "☐"}


@dataclass
class Changes:
    """The tracked changes of a file: how many, and by whom."""

    count: int = 0
    authors: set[str] = field(default_factory=set)


def count_changes(root: etree._Element) -> Changes:
    """Insertions, deletions and moves. Changes of looks alone are not counted: they change no words."""
    changes = Changes()
    for element in root.iter(*TRACKED, name("w:cellIns"), name("w:cellDel")):
        parent = element.getparent()
        is_mark = parent is not None and parent.tag in {name("w:rPr"), name("w:trPr"), name("w:tcPr")}
        if is_mark or any(True for _part in element.iter(T, name("w:delText"), name("w:drawing"), name("w:pict"))):
            changes.count += 1
            if author := element.get(name("w:author")):
                changes.authors.add(author)
    return changes


def settle(root: etree._Element, *, accepted: bool) -> list[str]:
    """Settle a story in place. Returns the texts that were hidden by their writer, which are taken out."""
    choose_alternatives(root)
    settle_changes(root, accepted=accepted)
    hidden = _take_out_hidden(root)
    _Fields().settle(root)
    _plain_signs(root)
    return hidden


def unwrap(element: etree._Element) -> None:
    """Put an element's children in its place."""
    parent = element.getparent()
    if parent is None:
        return
    place = parent.index(element)
    for offset, child in enumerate(list(element)):
        parent.insert(place + offset, child)
    parent.remove(element)


def remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def choose_alternatives(root: etree._Element) -> None:
    """The newer of the ways in which Word wrote a drawing; the other says the same words again."""
    for element in list(root.iter(name("mc:AlternateContent"))):
        options = [child for child in element if child.tag in {name("mc:Choice"), name("mc:Fallback")}]
        chosen = next((option for option in options if len(option)), None)
        for child in list(element):
            if child is not chosen:
                element.remove(child)
        if chosen is not None:
            unwrap(chosen)
        unwrap(element)


# --- Tracked changes ------------------------------------------------------------------------------------


def settle_changes(root: etree._Element, *, accepted: bool) -> None:
    """One text out of tracked changes: with them, or as it was before them."""
    kept, dropped = (KEPT_WHEN_ACCEPTED, KEPT_WHEN_ORIGINAL) if accepted else (KEPT_WHEN_ORIGINAL, KEPT_WHEN_ACCEPTED)
    _settle_tables(root, dropped, name("w:cellDel" if accepted else "w:cellIns"))
    ended = [
        paragraph
        for paragraph in root.iter(P)
        if any(find(paragraph, f"w:pPr/w:rPr/{_short(tag)}") is not None for tag in dropped)
    ]
    for element in list(root.iter(*dropped)):
        if not _is_mark(element):
            remove(element)
    for element in list(root.iter(*kept)):
        if not _is_mark(element):
            unwrap(element)
    for element in list(root.iter(name("w:delText"))):
        element.tag = T
    for element in list(root.iter(name("w:delInstrText"))):
        element.tag = name("w:instrText")
    # From the last one on, so that what was joined already is not moved again with each one before it.
    for paragraph in reversed(ended):
        _join_with_next(paragraph)


def _settle_tables(root: etree._Element, dropped: Collection[str], cell_mark: str) -> None:
    """Take out the rows and cells that the choice drops, and a table that has none left."""
    for row in list(root.iter(TR)):
        if any(find(row, f"w:trPr/{_short(tag)}") is not None for tag in dropped):
            remove(row)
    for mark in list(root.iter(cell_mark)):
        for cell in mark.iterancestors(TC):
            remove(cell)
            break
    for table in list(root.iter(TBL)):
        if find(table, ".//w:tr") is None:
            remove(table)


def _short(tag: str) -> str:
    return f"w:{tag.rpartition('}')[2]}"


def _is_mark(element: etree._Element) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag in {name("w:rPr"), name("w:trPr"), name("w:numPr")}


def _join_with_next(paragraph: etree._Element) -> None:
    """A paragraph whose end was taken away runs on into the next one, whose looks it takes."""
    following = paragraph.getnext()
    while following is not None and following.tag in {name("w:bookmarkStart"), name("w:bookmarkEnd")}:
        following = following.getnext()
    content = [child for child in paragraph if child.tag != name("w:pPr")]
    if following is None or following.tag != P:
        parent = paragraph.getparent()
        if not content and parent is not None and any(other is not paragraph for other in parent.iterchildren(P)):
            parent.remove(paragraph)
        return
    place = 1 if len(following) and following[0].tag == name("w:pPr") else 0
    for offset, child in enumerate(content):
        following.insert(place + offset, child)
    remove(paragraph)


# --- Hidden text, fields, signs ---------------------------------------------------------------------------


def take_out_numbers(root: etree._Element, styles: Styles) -> None:
    """Take the numbers off that a file for comments shows before its texts. What somebody typed beside one stays."""
    for run in list(root.iter(R)):
        if not styles.is_number(value(run, "w:rPr/w:rStyle")):
            continue
        for part in run.iter(T, name("w:delText")):
            part.text = NUMBER.sub("", part.text or "", count=1)
            break


def _take_out_hidden(root: etree._Element) -> list[str]:
    texts: list[str] = []
    last: etree._Element | None = None
    for run in list(root.iter(R)):
        if not switch(run, "w:rPr/w:vanish"):
            continue
        text = "".join(part.text or "" for part in run.iter(T))
        if text.strip():
            if last is run.getparent() and texts:
                texts[-1] += text
            else:
                texts.append(text)
            last = run.getparent()
        for part in list(run):
            if part.tag in {T, BR, name("w:tab"), name("w:sym")}:
                run.remove(part)
    return texts


@dataclass
class _Field:
    code: str = ""
    in_result: bool = False

    @property
    def kind(self) -> str:
        words = self.code.split()
        return words[0].upper() if words else ""

    @property
    def address(self) -> str:
        """Where a HYPERLINK field leads; empty for a place inside the file."""
        found = re.match(r'\s*HYPERLINK\s+(?:"([^"]*)"|(?!\\)(\S+))', self.code, re.IGNORECASE)
        return (found.group(1) or found.group(2) or "") if found else ""


class _Fields:
    """Walks the runs of a story with the fields that are open at each."""

    def __init__(self) -> None:
        self.open: list[_Field] = []

    def settle(self, root: etree._Element) -> None:
        for simple in list(root.iter(name("w:fldSimple"))):
            self._simple(simple)
        for run in list(root.iter(R)):
            self._run(run)

    def _simple(self, element: etree._Element) -> None:
        kind = _Field(element.get(name("w:instr")) or "")
        if kind.kind in PAGE_FIELDS:
            remove(element)
            return
        if kind.kind in CONTENTS_FIELDS:
            _leave_out(element)
        if kind.address:
            for run in element.iter(R):
                run.set(HREF, kind.address)
        unwrap(element)

    def _run(self, run: etree._Element) -> None:
        for part in list(run):
            if part.tag == name("w:fldChar"):
                self._mark(run, part)
            elif part.tag == name("w:instrText"):
                if self.open and not self.open[-1].in_result:
                    self.open[-1].code += part.text or ""
            elif self.open and part.tag != R_PR:
                self._inside(run, part)
        if self.open and any(row.kind in CONTENTS_FIELDS for row in self.open):
            _leave_out(run)

    def _mark(self, run: etree._Element, part: etree._Element) -> None:
        kind = part.get(name("w:fldCharType"))
        if kind == "begin":
            self.open.append(_Field())
            box = find(part, "w:ffData/w:checkBox")
            if box is not None:
                checked = switch(box, "w:checked")
                checked = switch(box, "w:default") if checked is None else checked
                sign = etree.Element(T)
                sign.text = "☒" if checked else "☐"
                run.insert(run.index(part), sign)
        elif kind == "separate" and self.open:
            self.open[-1].in_result = True
        elif kind == "end" and self.open:
            self.open.pop()

    def _inside(self, run: etree._Element, part: etree._Element) -> None:
        hidden = any(not row.in_result for row in self.open) or any(row.kind in PAGE_FIELDS for row in self.open)
        if hidden:
            if not any(row.kind in CONTENTS_FIELDS for row in self.open):
                run.remove(part)
            return
        address = next((row.address for row in reversed(self.open) if row.address), "")
        if address:
            run.set(HREF, address)


def _leave_out(element: etree._Element) -> None:
    """Mark the paragraph around an element as part of a table of contents."""
    paragraph = next(element.iterancestors(P), None)
    if paragraph is not None:
        paragraph.set(LEFT_OUT, "contents")


def _plain_signs(root: etree._Element) -> None:
    for formula in list(root.iter(name("m:oMath"))):
        run = etree.Element(R)
        etree.SubElement(run, T).text = "".join(part.text or "" for part in formula.iter(name("m:t")))
        run.tail = None
        parent = formula.getparent()
        if parent is not None:
            parent.replace(formula, run)
    for run in list(root.iter(R)):
        for part in list(run):
            text = _as_text(part)
            if text is not None:
                part.tag = T
                part.text = text
                for key in list(part.attrib):
                    del part.attrib[key]
                for child in list(part):
                    part.remove(child)
    for part in root.iter(T):
        if part.text:
            part.text = INVISIBLE.sub("", part.text)


def _as_text(part: etree._Element) -> str | None:
    """What a sign that has an element of its own reads as; None where the element stays as it is."""
    tag = part.tag
    if tag in {name("w:tab"), name("w:ptab")}:
        return " "
    if tag == name("w:cr"):
        part.tag = BR
    elif tag == BR and part.get(name("w:type")) in {"page", "column"}:
        return " "
    elif tag == name("w:noBreakHyphen"):
        return "-"
    elif tag == name("w:softHyphen"):
        return ""
    elif tag == name("w:sym"):
        return _symbol(part)
    return None


def _symbol(part: etree._Element) -> str:
    try:
        code = int(part.get(name("w:char")) or "", 16)
    except ValueError:
        return ""
    sign = SYMBOLS.get(code) or CHECKED.get(code)
    if sign:
        return sign
    return "•" if 0xE000 <= code <= 0xF8FF or code < 0x20 or code > 0x10FFFF else chr(code)


def leave_out_contents(root: etree._Element) -> None:
    """Mark a table of contents that Word keeps in a control of its own, its heading too."""
    for control in root.iter(SDT):
        gallery = value(control, "w:sdtPr/w:docPartObj/w:docPartGallery") or ""
        if gallery.lower() in {"table of contents", "sisällysluettelo", "innehållsförteckning"}:
            for paragraph in control.iter(P):
                paragraph.set(LEFT_OUT, "contents")


def words_left_out(root: etree._Element) -> Iterator[tuple[str, str]]:
    """The paragraphs that are marked as no part of the text: why, and what they say."""
    for paragraph in root.iter(P):
        reason = paragraph.get(LEFT_OUT)
        text = " ".join(raw_text(paragraph).split())
        if reason and text:
            yield reason, text
