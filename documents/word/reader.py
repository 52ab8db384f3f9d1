"""Reads a Word file: its pieces in document order, with nothing dropped that is not told of.

The file is settled first (one text out of tracked changes and fields), then counted straight from its runs, then
walked. The two counts are told side by side, so that whoever imports can see that they agree.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from lxml import etree

from documents.blocks import FIGURE, HEADING, LIST_ITEM, PARAGRAPH, QUOTE
from documents.html import MAX_LIST_DEPTH, Incoming
from documents.word import guessing, names
from documents.word.counting import count_file, count_html
from documents.word.fallback import REASON, leave_out_fallbacks
from documents.word.form import placeholder_texts
from documents.word.given import leave_out_given
from documents.word.guard import Package, open_package
from documents.word.inline import (
    InlineReader,
    Inside,
    Segment,
    joined,
    lines_of,
    take_start,
    to_html,
    with_notes_at_words,
)
from documents.word.numbering import Numbering, Place
from documents.word.ooxml import (
    LEFT_OUT,
    SDT,
    SDT_CONTENT,
    TBL,
    P,
    find,
    integer,
    name,
    raw_text,
    value,
)
from documents.word.pieces import LeftOut, Piece, Tracked, WordText
from documents.word.settle import count_changes, leave_out_contents, settle, take_out_numbers, words_left_out
from documents.word.styles import CAPTIONS, QUOTES, Styles
from documents.word.tables import Cell, is_ours, read_table

Notes = dict[str, dict[str, etree._Element]]


def read_docx(
    content: bytes,
    *,
    tracked: Tracked = Tracked.ASK,
    guidance: Collection[str] = (),
    given: Collection[str] = (),
) -> WordText:
    """Read a Word file.

    With `Tracked.ASK` a file with tracked changes is read as accepted and says `must_ask`. `guidance` are texts that
    are known to be instructions, not answers, where they stand as paragraphs of their own; `given` are rows of tables
    that were given to be filled in. Raises ValidationError as `guard.open_package` does.
    """
    return read_package(open_package(content), tracked=tracked, guidance=guidance, given=given)


def read_package(
    package: Package,
    *,
    tracked: Tracked = Tracked.ASK,
    guidance: Collection[str] = (),
    given: Collection[str] = (),
) -> WordText:
    """Read a Word file that has passed the gate."""
    styles = Styles(_part(package, "styles"))
    story = _Story(package, styles, accepted=tracked is not Tracked.ORIGINAL, guidance=guidance, given=given)
    body_reader = _Reader(package, styles, story)
    pieces = body_reader.pieces()
    text = WordText(
        pieces=pieces,
        words=story.words,
        language=body_reader.language,
        title=_title(package),
        tracked_changes=story.changes.count,
        authors=sorted(story.changes.authors),
        comments=_count_comments(package),
        images=body_reader.inline.images,
        left_out=story.left_out,
        unread=sorted(set(body_reader.inline.unread)),
    )
    text.words_accepted = text.words_original = story.words
    if story.changes.count:
        other = _Story(package, styles, accepted=not story.accepted, guidance=guidance, given=given)
        text.words_accepted = story.words if story.accepted else other.words
        text.words_original = other.words if story.accepted else story.words
        text.must_ask = tracked is Tracked.ASK
    return text


def _part(package: Package, kind: str) -> etree._Element | None:
    part = package.related(kind)
    return package.xml(part) if part else None


def _title(package: Package) -> str:
    core = next((row.target for row in package.relations("").values() if row.kind == "core-properties"), "")
    root = package.xml(core) if core else None
    found = root.find("{http://purl.org/dc/elements/1.1/}title") if root is not None else None
    return (found.text or "").strip() if found is not None else ""


def _count_comments(package: Package) -> int:
    root = _part(package, "comments")
    return 0 if root is None else len(root.findall(name("w:comment")))


class _Story:
    """The settled body and notes of a file, by one choice of what tracked changes mean."""

    def __init__(
        self,
        package: Package,
        styles: Styles,
        *,
        accepted: bool,
        guidance: Collection[str],
        given: Collection[str],
    ) -> None:
        self.accepted = accepted
        root = package.xml(package.main)
        body = find(root, "w:body")
        self.body = body if body is not None else etree.Element(name("w:body"))
        self.changes = count_changes(self.body)
        take_out_numbers(self.body, styles)
        hidden = settle(self.body, accepted=accepted)
        self.notes: Notes = {}
        for kind, tag in (("footnotes", "w:footnote"), ("endnotes", "w:endnote")):
            part = _part(package, kind)
            if part is None:
                continue
            changes = count_changes(part)
            self.changes.count += changes.count
            self.changes.authors |= changes.authors
            hidden += settle(part, accepted=accepted)
            self.notes[kind] = {
                row.get(name("w:id")) or "": row
                for row in part.iterfind(name(tag))
                if (row.get(name("w:type")) or "normal") == "normal"
            }
        _leave_out(self.body, styles, guidance)
        leave_out_given(self.body, given)
        leave_out_fallbacks(self.body, self.notes)
        self.left_out = [LeftOut(reason, text) for reason, text in words_left_out(self.body)]
        self.left_out += [LeftOut("hidden", " ".join(text.split())) for text in hidden]
        self.words = count_file(self.body, self.notes)


def _leave_out(body: etree._Element, styles: Styles, guidance: Collection[str]) -> None:
    """Mark the paragraphs that are no part of the text: contents, our own guidance and marks around the text."""
    leave_out_contents(body)
    known = {" ".join(text.split()) for text in guidance}
    placeholders = placeholder_texts()
    for paragraph in body.iter(P):
        if paragraph.get(LEFT_OUT):
            continue
        style = value(paragraph, "w:pPr/w:pStyle")
        if styles.is_contents(style):
            paragraph.set(LEFT_OUT, "contents")
        elif styles.is_cover(style):
            paragraph.set(LEFT_OUT, "cover")
        else:
            text = " ".join(raw_text(paragraph).split())
            if not text:
                continue
            marks = (row.get(name("w:name")) or "" for row in paragraph.iter(name("w:bookmarkStart")))
            if text in placeholders:
                paragraph.set(LEFT_OUT, "placeholder")
            # Word drops a bookmark whose name stands twice in a file, other programs add to it: the words decide first.
            elif text.removeprefix(names.GUIDANCE_DASH) in known or any(
                mark.startswith(names.GUIDANCE + names.digest(text)) for mark in marks
            ):
                paragraph.set(LEFT_OUT, "guidance")


@dataclass
class _Where:
    """The section of the file in which the walk stands."""

    section_key: str = ""
    section_level: int = 0
    in_guidance: bool = False


@dataclass
class _List:
    """The list that the last piece belonged to, at its lowest level."""

    ordered: bool
    identity: str


@dataclass
class _Flow:
    """A run of blocks that is being read: the body, or what one cell or text box holds."""

    in_cell: bool = False
    pieces: list[Piece] = field(default_factory=list)
    insides: dict[int, list[Segment]] = field(default_factory=dict)
    """Piece -> its segments, for those whose start may yet be taken off."""
    last_list: _List | None = None
    bookmarks: list[str] = field(default_factory=list)


class _Reader:
    """Walks a settled body once."""

    def __init__(self, package: Package, styles: Styles, story: _Story) -> None:
        self.styles = styles
        self.body = story.body
        self.numbering = Numbering(_part(package, "numbering"), styles)
        self.inline = InlineReader(package, package.main, styles, story.notes)
        self.where = _Where()
        self.in_own_table = False
        """The words of a table that we wrote stay as they are: nothing in them was typed as a number or a dash."""
        self.count = 0
        self.tables = 0

    @property
    def language(self) -> str:
        letters = self.inline.letters
        best = max(letters, key=lambda code: letters[code], default="")
        return best if best in {"fi", "sv", "en"} else ""

    def pieces(self) -> list[Piece]:
        flow = _Flow()
        self._blocks(self.body, flow)
        self._finish(flow)
        guessing.guess_headings(flow.pieces, flow.insides)
        return flow.pieces

    def _finish(self, flow: _Flow) -> None:
        guessing.typed_numbers(flow.pieces, flow.insides)
        guessing.typed_levels(flow.pieces)
        flow.pieces[:] = guessing.with_captions(flow.pieces)

    def _blocks(self, parent: etree._Element, flow: _Flow) -> None:
        for child in parent:
            if child.tag == P:
                self._paragraph(child, flow)
            elif child.tag == TBL:
                self._table(child, flow)
            elif child.tag == SDT:
                self._control(child, flow)
            elif child.tag == name("w:bookmarkStart"):
                flow.bookmarks.append(child.get(name("w:name")) or "")
            elif child.tag == name("w:altChunk"):
                self.inline.unread.append("attached_file")
            elif isinstance(child.tag, str) and next(child.iter(P, TBL), None) is not None:
                self._blocks(child, flow)

    def _control(self, control: etree._Element, flow: _Flow) -> None:
        content = control.find(SDT_CONTENT)
        if content is None:
            return
        tag = value(control, "w:sdtPr/w:tag") or ""
        before = self.where
        if tag.startswith(names.ANSWER_TAG):
            key = tag.removeprefix(names.ANSWER_TAG)
            level = before.section_level if before.section_key == key else 0
            self.where = _Where(key, level)
        elif tag.startswith(names.GUIDANCE_TAG):
            self.where = _Where(before.section_key or tag.removeprefix(names.GUIDANCE_TAG), before.section_level, True)
        self._blocks(content, flow)
        if tag.startswith((names.ANSWER_TAG, names.GUIDANCE_TAG)):
            self.where = before

    # --- Paragraphs -------------------------------------------------------------------------------------

    def _paragraph(self, paragraph: etree._Element, flow: _Flow) -> None:
        properties = find(paragraph, "w:pPr")
        letters = dict(self.inline.letters)
        inside = self.inline.read(paragraph)
        if paragraph.get(LEFT_OUT):
            if paragraph.get(LEFT_OUT) == REASON:
                self.inline.letters = letters
                self._pass_by(properties, flow)
            self._around(inside, flow)
            return
        place = self.numbering.place(properties)
        marks = [*flow.bookmarks, *inside.bookmarks]
        level = self.styles.heading_level(properties)
        own = self.in_own_table or bool(_block_id(marks))
        if not own:
            inside.segments = with_notes_at_words(inside.segments)
        style_id = value(properties, "w:pStyle")
        is_title = self.styles.is_title(style_id)
        section = next((mark.removeprefix(names.SECTION) for mark in marks if mark.startswith(names.SECTION)), "")
        before = len(flow.pieces)
        if inside.text.strip() or any(segment.note for segment in inside.segments):
            flow.bookmarks = []
            if (level or is_title) and not flow.in_cell:
                self._heading(inside, flow, place, level=level or 1, is_title=is_title, section=section, own=own)
            else:
                self._running(inside, flow, place, properties, own=own)
        added = flow.pieces[before:]
        self._describe(added, inside, properties, marks)
        self._around(inside, flow, block_id="" if added else _block_id(marks))

    def _pass_by(self, properties: etree._Element | None, flow: _Flow) -> None:
        """A text that stands in another language is not read, but lists end at it or go on as they do for the eye."""
        flow.bookmarks = []
        place = self.numbering.place(properties)
        if place is None:
            flow.last_list = None
        elif place.level == 0 or flow.last_list is None:
            flow.last_list = _List(place.ordered, self.numbering.identity(place))

    def _describe(
        self, added: Iterable[Piece], inside: Inside, properties: etree._Element | None, marks: list[str]
    ) -> None:
        style_id = value(properties, "w:pStyle")
        indent = find(properties, "w:ind")
        left = "0" if indent is None else indent.get(name("w:left")) or indent.get(name("w:start")) or "0"
        for position, piece in enumerate(added):
            piece.style = next((style.name for style in self.styles.chain(style_id)), "")
            piece.size = inside.size or self.styles.size(style_id)
            piece.indent = integer(left)
            piece.is_caption = piece.kind == PARAGRAPH and self.styles.is_named(style_id, CAPTIONS)
            piece.in_guidance = self.where.in_guidance or self.styles.is_guidance(style_id)
            if position == 0:
                piece.incoming.id = _block_id(marks) or None

    def _around(self, inside: Inside, flow: _Flow, *, block_id: str = "") -> None:
        """The pictures and text boxes that hang on a paragraph, after it."""
        for key, alt in inside.figures:
            incoming = Incoming(kind=FIGURE, text={"alt": _escaped(alt), "caption": ""}, data={"file": key})
            if key in inside.decorations:
                incoming.data["decorative"] = True
            incoming.id, block_id = block_id or None, ""
            self._add(flow, incoming)
            flow.last_list = None
        for box in inside.boxes:
            self._blocks(box, flow)

    def _add(self, flow: _Flow, incoming: Incoming, segments: list[Segment] | None = None) -> Piece:
        self.count += 1
        piece = Piece(incoming=incoming, section_key=self.where.section_key, place=self.count)
        flow.pieces.append(piece)
        if segments is not None:
            flow.insides[id(piece)] = segments
        return piece

    def _heading(
        self, inside: Inside, flow: _Flow, place: Place | None, *, level: int, is_title: bool, section: str, own: bool
    ) -> None:
        """`own` text is a block of ours: nothing in it was typed as a number or a dash."""
        flow.last_list = None
        segments = [Segment(" ") if row.text == "\n" and not row.note else row for row in inside.segments]
        typed, rest = ("", segments) if own else take_start(segments, guessing.HEADING_NUMBER)
        html = to_html(rest, strong=own)
        if not html:
            typed, rest, html = "", segments, to_html(segments, strong=False)
        if section:
            self.where = _Where(section, level)
        relative = level - self.where.section_level if self.where.section_level else 1
        incoming = Incoming(kind=HEADING, text={"body": html}, data={"level": min(2, max(1, relative))})
        piece = self._add(flow, incoming, rest)
        piece.heading_level, piece.is_title = level, is_title
        piece.is_section_heading = bool(section)
        piece.typed = typed
        piece.number = typed or (place.label if place and place.ordered else "")
        piece.typed_words = count_html(to_html(segments)) - count_html(html)

    def _running(
        self, inside: Inside, flow: _Flow, place: Place | None, properties: etree._Element | None, *, own: bool
    ) -> None:
        style_id = value(properties, "w:pStyle")
        named = self.styles.list_style(style_id)
        if place is not None or (named is not None and value(properties, "w:numPr/w:numId") != "0"):
            self._list_item(inside, flow, place, named, own=own)
            return
        kind = QUOTE if self.styles.is_named(style_id, QUOTES) else PARAGRAPH
        if own:
            self._add(flow, Incoming(kind=kind, text={"body": to_html(inside.segments)}))
            flow.last_list = None
            return
        groups = guessing.typed_lines(lines_of(inside.segments))
        for is_item, lines in groups:
            segments = joined(lines)
            if not to_html(segments):
                continue
            if is_item:
                typed, rest = take_start(segments, guessing.BULLET)
                html = to_html(rest)
                data = {"level": 0, "ordered": False}
                piece = self._add(flow, Incoming(kind=LIST_ITEM, text={"body": html}, data=data), rest)
                piece.typed = piece.number = typed
                piece.typed_words = count_html(to_html(segments)) - count_html(html)
                self._continue_list(flow, piece, _List(ordered=False, identity="typed"))
            else:
                self._add(flow, Incoming(kind=kind, text={"body": to_html(segments)}), segments)
                flow.last_list = None

    def _list_item(
        self, inside: Inside, flow: _Flow, place: Place | None, named: tuple[bool, int] | None, *, own: bool
    ) -> None:
        ordered = place.ordered if place else bool(named and named[0])
        level = max(place.level if place else 0, named[1] if named else 0)
        data = {"level": min(level, MAX_LIST_DEPTH), "ordered": ordered}
        segments = inside.segments
        typed, rest = ("", segments) if own else take_start(segments, guessing.BULLET)
        html = to_html(rest)
        if not html:
            typed, rest, html = "", segments, to_html(segments)
        piece = self._add(flow, Incoming(kind=LIST_ITEM, text={"body": html}, data=data), rest)
        piece.number = place.label if place else ""
        piece.typed = typed
        piece.typed_words = count_html(to_html(segments)) - count_html(html)
        identity = self.numbering.identity(place) if place else "named"
        self._continue_list(flow, piece, _List(ordered, identity), restarts=bool(place and place.starts))

    def _continue_list(self, flow: _Flow, piece: Piece, current: _List, *, restarts: bool = False) -> None:
        """Say where a list begins right after another, which the eye tells by its numbers or its dashes."""
        if piece.incoming.data["level"] > 0 and flow.last_list is not None:
            return
        last = flow.last_list
        if last is not None and (restarts or last != current) and piece.incoming.data["level"] == 0:
            piece.incoming.data["starts"] = True
        flow.last_list = current

    # --- Tables -----------------------------------------------------------------------------------------

    def _table(self, table: etree._Element, flow: _Flow) -> None:
        self.tables += 1
        ordinal = self.tables
        pending, flow.bookmarks = flow.bookmarks, []
        outer, self.in_own_table = self.in_own_table, self.in_own_table or is_ours(table)
        pieces = read_table(table, self._cell, ordinal=ordinal)
        self.in_own_table = outer
        flow.last_list = None
        for piece in pieces:
            self.count += 1
            piece.place = self.count
            piece.section_key = self.where.section_key
            piece.in_guidance = self.where.in_guidance
        if len(pieces) > 1 and pieces[1].incoming.id is None:
            pieces[1].incoming.id = _block_id(pending) or None
        flow.pieces += pieces

    def _cell(self, element: etree._Element, cell: Cell) -> None:
        inner = _Flow(in_cell=True)
        self._blocks(element, inner)
        self._finish(inner)
        cell.pieces = inner.pieces
        cell.bookmarks = [row.get(name("w:name")) or "" for row in element.iter(name("w:bookmarkStart"))]
        letters = [inner.insides[id(piece)] for piece in inner.pieces if id(piece) in inner.insides]
        filled = [Inside(segments=segments) for segments in letters if any(row.text.strip() for row in segments)]
        styles = [value(row, "w:pPr/w:pStyle") for row in element.iter(P) if raw_text(row).strip()]
        by_style = bool(styles) and all(self.styles.bold(style) for style in styles)
        cell.bold = by_style or (bool(filled) and all(inside.all_strong for inside in filled))
        for piece in inner.pieces:
            piece.incoming.id = None if piece.kind != FIGURE else piece.incoming.id


def _block_id(bookmarks: Iterable[str]) -> str:
    for mark in bookmarks:
        if mark.startswith(names.BLOCK) and names.ID.fullmatch(mark.removeprefix(names.BLOCK)):
            return mark.removeprefix(names.BLOCK)
    return ""


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
