"""A finished PDF as a screen reader meets it: elements with their roles, attributes and words, in reading order."""

import io
import re

import pikepdf

HEADINGS = ("H1", "H2", "H3", "H4", "H5", "H6")


class Element:
    """One element of the structure tree."""

    def __init__(self, reader, raw, parent=None):
        self.raw = raw
        self.parent = parent
        self.role = str(raw.S).lstrip("/")
        self.kids = []
        self._parts = []
        page = raw.get("/Pg")
        kids = raw.get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, pikepdf.Dictionary):
                if kid.get("/Type") == "/StructElem":
                    child = Element(reader, kid, self)
                    self.kids.append(child)
                    self._parts.append(child)
            else:
                self._parts.append(reader.marked[page.objgen][int(kid)])

    @property
    def text(self):
        return "".join(part if isinstance(part, str) else part.text for part in self._parts)

    def text_without(self, role):
        """Its words, leaving out what stands below it in elements of a role."""
        return "".join(
            part if isinstance(part, str) else part.text_without(role)
            for part in self._parts
            if isinstance(part, str) or part.role != role
        )

    @property
    def attributes(self):
        return self.raw.get("/A", {})

    def walk(self):
        yield self
        for kid in self.kids:
            yield from kid.walk()

    def all(self, *roles):
        return [element for element in self.walk() if element.role in roles]

    def above(self, role):
        element = self.parent
        while element is not None and element.role != role:
            element = element.parent
        return element


class Structure:
    """A whole file."""

    def __init__(self, content):
        self.pdf = pikepdf.open(io.BytesIO(content))
        self._fonts = {}
        self.marked = {}
        """Page -> number of marked content -> words."""
        self.artefacts = []
        """Words of each page that belong to the page and not to the text."""
        for page in self.pdf.pages:
            self.marked[page.obj.objgen], artefact = self._words(page)
            self.artefacts.append(artefact)
        tree = self.pdf.Root.StructTreeRoot
        self.tree = tree
        self.document = Element(self, tree.K[0])

    def all(self, *roles):
        return self.document.all(*roles)

    def headings(self):
        return [(int(element.role[1]), element.text.strip()) for element in self.all(*HEADINGS)]

    def structure_objects(self):
        """Every structure element in the file, whether the tree leads to it or not."""
        return {
            row.objgen
            for row in self.pdf.objects
            if isinstance(row, pikepdf.Dictionary) and row.get("/Type") == "/StructElem"
        }

    def page_of(self, anchor):
        """The number, from 1, of the page that an anchor stands on."""
        names = self.pdf.Root.Names.Dests.Names
        found = {str(names[place]): names[place + 1][0].objgen for place in range(0, len(names), 2)}
        pages = [page.obj.objgen for page in self.pdf.pages]
        return pages.index(found[anchor]) + 1

    def _words(self, page):
        words, artefact, stack, font = {}, [], [], None
        for operands, operator in pikepdf.parse_content_stream(page):
            name = str(operator)
            if name in {"BDC", "BMC"}:
                marks = operands[1] if len(operands) > 1 else {}
                stack.append(int(marks["/MCID"]) if "/MCID" in marks else None)
                if stack[-1] is not None:
                    words.setdefault(stack[-1], "")
            elif name == "EMC":
                stack.pop()
            elif name == "Tf":
                font = self._font(page, str(operands[0]))
            elif name in {"TJ", "Tj"}:
                text = self._decoded(operands[0], font)
                mark = next((item for item in reversed(stack) if item is not None), None)
                if mark is None:
                    artefact.append(text)
                else:
                    words[mark] += text
        return words, " ".join(artefact)

    def _font(self, page, name):
        if name not in self._fonts:
            table = {}
            cmap = page.resources.Font[name].ToUnicode.read_bytes().decode()
            for code, text in re.findall(r"<([0-9a-fA-F]{4})> <([0-9a-fA-F]+)>\s", cmap):
                table[int(code, 16)] = bytes.fromhex(text).decode("utf-16-be")
            self._fonts[name] = table
        return self._fonts[name]

    def _decoded(self, operand, font):
        strings = operand if isinstance(operand, pikepdf.Array) else [operand]
        text = ""
        for item in strings:
            if isinstance(item, pikepdf.String):
                raw = bytes(item)
                codes = (int.from_bytes(raw[place : place + 2], "big") for place in range(0, len(raw), 2))
                text += "".join(font.get(code, "") for code in codes)
        return text
