"""The names of Word's XML, and the few questions that are asked of it everywhere."""

from collections.abc import Iterator

from lxml import etree

NAMESPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "adec": "http://schemas.microsoft.com/office/drawing/2017/decorative",
    "v": "urn:schemas-microsoft-com:vml",
    "xml": "http://www.w3.org/XML/1998/namespace",
    "fc": "urn:familycentre",
}
"""`fc` is ours: marks that the reader leaves on the tree while it reads; they are never written to a file."""


def name(short: str) -> str:
    """`w:p` as lxml names it."""
    prefix, _, local = short.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


P, R, T, TBL, TR, TC, SDT = (name(f"w:{tag}") for tag in ("p", "r", "t", "tbl", "tr", "tc", "sdt"))
P_PR, R_PR, BR, SDT_CONTENT = (name(f"w:{tag}") for tag in ("pPr", "rPr", "br", "sdtContent"))
TEXT_BOX = name("w:txbxContent")
VAL = name("w:val")
LEFT_OUT = name("fc:left-out")
HREF = name("fc:href")
NOTE_REFERENCES = {name("w:footnoteReference"): "footnotes", name("w:endnoteReference"): "endnotes"}


def find(element: etree._Element | None, path: str) -> etree._Element | None:
    return None if element is None else element.find(path, NAMESPACES)


def value(element: etree._Element | None, path: str) -> str | None:
    """The `w:val` of the element at `path`, or None where there is none."""
    found = find(element, path)
    return None if found is None else found.get(VAL)


def switch(element: etree._Element | None, path: str) -> bool | None:
    """A yes-or-no property: True, False where it is switched off, None where it is not said."""
    found = find(element, path)
    if found is None:
        return None
    return (found.get(VAL) or "true").lower() not in {"0", "false", "off", "none"}


def integer(text: str | None, default: int = 0) -> int:
    """A number as files have it, whatever they put there."""
    try:
        return int(float(text)) if text is not None else default
    except (ValueError, OverflowError):
        return default


def own(paragraph: etree._Element) -> Iterator[etree._Element]:
    """Everything inside a paragraph in order, except what belongs to a paragraph inside it (a text box)."""
    for child in paragraph:
        if child.tag == P:
            continue
        yield child
        yield from own(child)


def raw_text(paragraph: etree._Element) -> str:
    """A paragraph's letters straight from its runs; a break counts as a space."""
    out: list[str] = []
    for element in own(paragraph):
        if element.tag == T:
            out.append(element.text or "")
        elif element.tag == BR:
            out.append(" ")
    return "".join(out)
