"""Mending the structure of a tagged PDF: what validators accept and readers with a screen reader suffer from.

The layout engine tags page by page. So a table cut by a page becomes two tables, a running head is an orphan, and the
position of a picture is told from the wrong corner. Here the structure tree is put right before the file is written:
once, over all pages, with the HTML beside it.

This reads the engine's own structures and wraps one private function of it (`weasyprint.pdf.tags._build_box_tree`), so
the engine is pinned to one release.
"""

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import islice
from typing import Any
from xml.etree.ElementTree import Element

import pydyf
from weasyprint.document import Document as LaidOut
from weasyprint.formatting_structure import boxes
from weasyprint.layout.absolute import AbsolutePlaceholder
from weasyprint.pdf import tags

# CSS pixels are 1/96 inch, PDF points 1/72.
POINTS_PER_PIXEL = 0.75
JOINED = frozenset(
    {"/Table", "/TBody", "/P", "/L", "/LI", "/LBody", "/TOC", "/TOCI", "/Sect", "/Part", "/Art", "/Div", "/BlockQuote"}
    | {"/Caption", "/NonStruct", "/Span", "/H1", "/H2", "/H3", "/H4", "/H5", "/H6"}
)
"""What may be cut by a page and is one thing again afterwards."""
NOTE_CLASS = "note"
CONTENTS_CLASS = "toc"


@dataclass
class Piece:
    """One element of the structure tree and the box, so the HTML and the page, that it came from."""

    element: pydyf.Dictionary
    source: Element | None
    box: Any
    page: int
    in_margin: bool = False

    @property
    def role(self) -> str:
        return str(self.element.get("S", ""))


_pieces: ContextVar[dict[int, Piece] | None] = ContextVar("pieces", default=None)
"""The pieces of the file that this thread is making, by the identity of their element."""
_build_box_tree = tags._build_box_tree


def _recorded_box_tree(box: Any, parent: Any, pdf: Any, page_number: int, *rest: Any) -> Generator[Any]:
    pieces = _pieces.get()
    built = _build_box_tree(box, parent, pdf, page_number, *rest)
    if pieces is None:
        yield from built
        return
    real = box._box if isinstance(box, AbsolutePlaceholder) else box
    before = len(pieces)
    for element in built:
        # A box that stands for its children (the body) passes their elements on: the innermost has the say.
        pieces.setdefault(id(element), Piece(element, real.element, real, page_number))
        yield element
    if isinstance(real, boxes.MarginBox):
        for piece in islice(pieces.values(), before, None):
            piece.in_margin = True


tags._build_box_tree = _recorded_box_tree


class StructureRepair:
    """A finisher for `write_pdf`, to be used inside its own `recording()`."""

    def __init__(self, root: Element) -> None:
        """`root` is the HTML that the file is made of."""
        self._root = root
        self._parents = {child: parent for parent in root.iter() for child in parent}
        self._contents = {
            element
            for nav in root.iter("nav")
            if CONTENTS_CLASS in nav.get("class", "").split()
            for element in nav.iter()
        }
        self._by_element: dict[int, Piece] = {}

    @contextmanager
    def recording(self, document: LaidOut) -> Iterator[None]:
        """While this is open, the engine's tags of this thread are noted down with their boxes."""
        for page in document.pages:
            # Bold words inside a link would be a second link on top of it.
            page.links = [link for link in page.links if link[-1].element_tag == "a"]
        token = _pieces.set(self._by_element)
        try:
            yield
        finally:
            _pieces.reset(token)

    def __call__(self, document: LaidOut, pdf: pydyf.PDF) -> None:
        self._pdf = pdf
        self._tree = self._object(pdf.catalog["StructTreeRoot"])
        self._top = self._object(self._tree["K"][0])
        self._pieces = list(self._by_element.values())
        self._heights = [page.height for page in document.pages]
        self._decorations_to_artefacts()
        self._name_parts(document.metadata.lang)
        self._running_heads_to_artefacts()
        self._contents_roles()
        self._notes_into_paragraphs()
        self._join(self._top)
        self._index_ids()
        pdf.catalog["PageLabels"] = pydyf.Dictionary({"Nums": pydyf.Array([0, pydyf.Dictionary({"S": "/D"})])})

    # --- The tree -------------------------------------------------------------------------------------------

    def _object(self, reference: bytes) -> Any:
        return self._pdf.objects[int(reference.split()[0])]

    def _kids(self, element: pydyf.Dictionary) -> list[pydyf.Dictionary]:
        """The structure elements below an element; marked content and links' annotations are left out."""
        kids = (self._object(kid) for kid in element.get("K", ()) if isinstance(kid, bytes))
        return [kid for kid in kids if kid.get("Type") == "/StructElem"]

    def _below(self, element: pydyf.Dictionary) -> Iterator[pydyf.Dictionary]:
        yield element
        for kid in self._kids(element):
            yield from self._below(kid)

    def _move(self, references: Iterable[Any], new: pydyf.Dictionary) -> None:
        for reference in references:
            if isinstance(reference, bytes) and "P" in (kid := self._object(reference)):
                kid["P"] = new.reference
            new["K"].append(reference)

    def _drop(self, element: pydyf.Dictionary) -> None:
        """Take an element and all below it out of the file; what they showed is no longer part of the text."""
        shown: dict[bytes, set[int]] = {}
        for dead in self._below(element):
            for kid in dead["K"]:
                if isinstance(kid, int):
                    shown.setdefault(dead["Pg"], set()).add(kid)
        for dead in list(self._below(element)):
            dead.clear()  # the writer counts its objects, so none may vanish: an empty one stays behind
        for page, marks in shown.items():
            self._unmark(page, marks)

    def _unmark(self, page: bytes, marks: set[int]) -> None:
        """Turn marked content of a page into artefacts of its layout."""
        content = self._object(self._object(page)["Contents"]).stream
        for position, operator in enumerate(content):
            if operator != b"BDC" or not isinstance(content[position - 1], dict):
                continue
            if content[position - 1].get("MCID") in marks:
                content[position - 2] = "/Artifact"
                content[position - 1] = pydyf.Dictionary({"Type": "/Pagination"})
        numbers = self._object(self._tree["ParentTree"])["Nums"]
        owners = numbers[numbers.index(self._object(page)["StructParents"]) + 1]
        for mark in marks:
            owners[mark] = b"null"

    # --- The repairs ----------------------------------------------------------------------------------------

    def _decorations_to_artefacts(self) -> None:
        """A decorative picture is part of the page and not of the text."""
        kept = []
        for piece in self._pieces:
            if piece.role == "/Figure" and piece.source is not None and piece.source.get("role") == "presentation":
                above = self._object(piece.element["P"])
                above["K"].remove(piece.element.reference)
                self._drop(piece.element)
            else:
                kept.append(piece)
        self._pieces = kept

    def _name_parts(self, language: str) -> None:
        """What single elements lack: scopes of header cells, places of pictures, words of links, other languages."""
        for piece in self._pieces:
            element, source = piece.element, piece.source
            if source is None:
                continue
            if piece.role == "/TH":
                element["A"]["Scope"] = "/Row" if source.get("scope", "").startswith("row") else "/Column"
            elif piece.role == "/Figure":
                left, top, right, bottom = element["A"]["BBox"]
                height = self._heights[piece.page]
                corners = (left, height - bottom, right, height - top)
                element["A"]["BBox"] = pydyf.Array(round(float(value) * POINTS_PER_PIXEL, 2) for value in corners)
            if (part := source.get("lang")) and part != language:
                element["Lang"] = pydyf.String(part)
            if piece.box.link_annotation is not None and (words := " ".join("".join(source.itertext()).split())):
                piece.box.link_annotation["Contents"] = pydyf.String(words)

    def _running_heads_to_artefacts(self) -> None:
        """Running heads and feet are in no tree. They belong to the page and not to the text."""
        inner = {id(kid) for piece in self._pieces if piece.in_margin for kid in self._kids(piece.element)}
        for piece in self._pieces:
            if piece.in_margin and id(piece.element) not in inner:
                self._drop(piece.element)
        self._pieces = [piece for piece in self._pieces if not piece.in_margin]

    def _contents_roles(self) -> None:
        roles = {"/L": "/TOC", "/LI": "/TOCI", "/LBody": "/NonStruct"}
        for piece in self._pieces:
            if piece.source in self._contents and piece.role in roles:
                piece.element["S"] = roles[piece.role]

    def _notes_into_paragraphs(self) -> None:
        """A footnote is read where it is called, not at the end of the page."""
        homes: dict[Element, pydyf.Dictionary] = {}
        for piece in self._pieces:
            if piece.source is not None and piece.role in {"/P", "/LBody", "/TD", "/TH", "/Caption", "/H2", "/H3"}:
                homes.setdefault(piece.source, piece.element)
        for piece in self._pieces:
            source = piece.source
            if source is None or piece.role != "/Span" or NOTE_CLASS not in source.get("class", "").split():
                continue
            area = self._object(piece.element["P"])
            home = next((homes[above] for above in self._above(source) if above in homes), None)
            piece.element["S"] = "/Note"
            piece.element["ID"] = pydyf.String(f"note-{piece.element.number}")
            if home is None or piece.element.reference not in area["K"]:
                continue
            area["K"].remove(piece.element.reference)
            self._move([piece.element.reference], home)
            self._prune(area)

    def _above(self, source: Element) -> Iterator[Element]:
        while (parent := self._parents.get(source)) is not None:
            yield parent
            source = parent

    def _prune(self, element: pydyf.Dictionary) -> None:
        """Take out an element that nothing is left in, and what it leaves empty above it."""
        while element is not self._top and not element["K"]:
            above = self._object(element["P"])
            if element.reference in above["K"]:
                above["K"].remove(element.reference)
            element.clear()
            element = above

    def _join(self, parent: pydyf.Dictionary) -> None:
        """Put together what a page cut: neighbours of one kind that come from one HTML element on different pages."""
        kept = pydyf.Array()
        last: Piece | None = None
        for reference in parent["K"]:
            piece = self._piece(reference)
            if last is not None and piece is not None and self._continues(last, piece):
                self._append(last, piece)
                last.page = piece.page
                continue
            kept.append(reference)
            last = piece
        parent["K"] = kept
        for kid in self._kids(parent):
            self._join(kid)

    def _piece(self, reference: Any) -> Piece | None:
        return self._by_element.get(id(self._object(reference))) if isinstance(reference, bytes) else None

    def _continues(self, one: Piece, other: Piece) -> bool:
        return (
            one.source is not None
            and one.source is other.source
            and one.role == other.role
            and one.page < other.page
            and one.role in JOINED
            and all(isinstance(kid, bytes) for kid in other.element["K"])
        )

    def _append(self, one: Piece, other: Piece) -> None:
        if other.role == "/Table":
            self._drop_repeated_head(one.element, other.element)
        self._move(other.element["K"], one.element)
        other.element.clear()

    def _drop_repeated_head(self, first: pydyf.Dictionary, rest: pydyf.Dictionary) -> None:
        """The header row printed again on the next page is not read again; cells point to the first one."""
        new_ids = {
            copy["ID"].data: original["ID"]
            for original, copy in zip(self._header_cells(first), self._header_cells(rest), strict=False)
        }
        for element in self._below(rest):
            if "Headers" in element.get("A", {}):
                headers = element["A"]["Headers"]
                element["A"]["Headers"] = pydyf.Array(new_ids.get(header.data, header) for header in headers)
        kept = pydyf.Array()
        for reference in rest["K"]:
            if self._object(reference)["S"] == "/THead":
                self._drop(self._object(reference))
            else:
                kept.append(reference)
        rest["K"] = kept

    def _header_cells(self, table: pydyf.Dictionary) -> list[pydyf.Dictionary]:
        heads = [kid for kid in self._kids(table) if kid["S"] == "/THead"]
        return [cell for head in heads for cell in self._below(head) if cell["S"] == "/TH" and "ID" in cell]

    def _index_ids(self) -> None:
        """Where a reader finds the header cells and notes that are named by their identifiers."""
        named = [element for element in self._below(self._top) if "ID" in element]
        if not named:
            return
        named.sort(key=lambda element: str(element["ID"].string))
        names = pydyf.Array(value for element in named for value in (element["ID"], element.reference))
        limits = pydyf.Array([named[0]["ID"], named[-1]["ID"]])
        leaf = pydyf.Dictionary({"Names": names, "Limits": limits})
        self._pdf.add_object(leaf)
        index = pydyf.Dictionary({"Kids": pydyf.Array([leaf.reference])})
        self._pdf.add_object(index)
        self._tree["IDTree"] = index.reference
