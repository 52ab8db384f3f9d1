"""Word files made by hand for the tests: small, and as odd as the test needs."""

import io
import struct
import zipfile
import zlib

from documents.word.ooxml import NAMESPACES

DECLARED = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items() if prefix not in {"xml", "fc"})
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

STYLES = """
<w:style w:type="paragraph" w:default="1" w:styleId="Normaali"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="Otsikko1"><w:name w:val="heading 1"/>
  <w:pPr><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:sz w:val="32"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Otsikko2"><w:name w:val="heading 2"/>
  <w:pPr><w:outlineLvl w:val="1"/></w:pPr><w:rPr><w:b/><w:sz w:val="28"/></w:rPr></w:style>
<w:style w:type="paragraph" w:customStyle="1" w:styleId="Oma"><w:name w:val="Luku"/>
  <w:basedOn w:val="Otsikko1"/></w:style>
<w:style w:type="paragraph" w:customStyle="1" w:styleId="Vanha"><w:name w:val="Otsikko 3"/></w:style>
<w:style w:type="paragraph" w:customStyle="1" w:styleId="Ruotsi"><w:name w:val="Rubrik 2"/></w:style>
<w:style w:type="paragraph" w:customStyle="1" w:styleId="EiOtsikko"><w:name w:val="Ei otsikko"/>
  <w:basedOn w:val="Otsikko1"/><w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>
<w:style w:type="paragraph" w:styleId="Lainaus"><w:name w:val="Quote"/></w:style>
<w:style w:type="paragraph" w:styleId="Kuvaotsikko"><w:name w:val="caption"/></w:style>
<w:style w:type="paragraph" w:styleId="Sisluet1"><w:name w:val="toc 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Luettelo2"><w:name w:val="List Bullet 2"/>
  <w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:type="character" w:styleId="Vahva"><w:name w:val="Strong"/></w:style>
"""

NUMBERING = """
<w:abstractNum w:abstractNumId="0">{bullets}</w:abstractNum>
<w:abstractNum w:abstractNumId="1">{numbers}</w:abstractNum>
<w:abstractNum w:abstractNumId="2">{chapters}</w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="1"/>
  <w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>
<w:num w:numId="4"><w:abstractNumId w:val="2"/></w:num>
""".format(
    bullets="".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/></w:lvl>'
        for n in range(9)
    ),
    numbers="".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="%{n + 1})"/></w:lvl>'
        for n, form in enumerate(("decimal", "lowerLetter", "lowerRoman"))
    ),
    chapters="".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="{text}"/></w:lvl>'
        for n, text in enumerate(("%1", "%1.%2"))
    ),
)


def docx(body="", *, parts=None, relations="", main=MAIN, types="", defaults=""):
    """A Word file with this body; `parts` adds or replaces parts, `relations` rows of the main part's relations."""
    rels = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    files = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{defaults}'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/>{types}</Types>',
        "_rels/.rels": rels.format(f'<Relationship Id="a" Type="{REL}/officeDocument" Target="word/document.xml"/>'),
        "word/document.xml": f"<w:document{DECLARED}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": rels.format(
            f'<Relationship Id="s" Type="{REL}/styles" Target="styles.xml"/>'
            f'<Relationship Id="n" Type="{REL}/numbering" Target="/word/numbering.xml"/>'
            f'<Relationship Id="f" Type="{REL}/footnotes" Target="footnotes.xml"/>'
            f'<Relationship Id="e" Type="{REL}/endnotes" Target="endnotes.xml"/>'
            f'<Relationship Id="c" Type="{REL}/comments" Target="comments.xml"/>{relations}'
        ),
        "word/styles.xml": f'<w:styles{DECLARED}><w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val="22"/>'
        f'<w:lang w:val="fi-FI"/></w:rPr></w:rPrDefault></w:docDefaults>{STYLES}</w:styles>',
        "word/numbering.xml": f"<w:numbering{DECLARED}>{NUMBERING}</w:numbering>",
    }
    files.update(parts or {})
    return package(files)


def package(files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def p(*inside, style="", properties=""):
    """A paragraph of runs; plain text becomes a run."""
    runs = "".join(part if part.startswith("<") else r(part) for part in inside)
    looks = (f'<w:pStyle w:val="{style}"/>' if style else "") + properties
    return f"<w:p>{f'<w:pPr>{looks}</w:pPr>' if looks else ''}{runs}</w:p>"


def r(text, look=""):
    return f'<w:r>{f"<w:rPr>{look}</w:rPr>" if look else ""}<w:t xml:space="preserve">{text}</w:t></w:r>'


def num(num_id, level=0):
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num_id}"/></w:numPr>'


def table(*rows, properties="", header=0):
    """Rows of cells; a cell is a text, XML of blocks, or (XML, cell properties)."""
    out = []
    for position, row in enumerate(rows):
        cells = []
        for cell in row:
            inside, looks = cell if isinstance(cell, tuple) else (cell, "")
            inside = inside if inside.startswith("<") else p(inside)
            cells.append(f"<w:tc><w:tcPr>{looks}</w:tcPr>{inside}</w:tc>")
        flag = "<w:trPr><w:tblHeader/></w:trPr>" if position < header else ""
        out.append(f"<w:tr>{flag}{''.join(cells)}</w:tr>")
    return f"<w:tbl><w:tblPr>{properties}</w:tblPr>{''.join(out)}</w:tbl>"


def notes(kind, **texts):
    """A part of footnotes or endnotes: `n2="words"`."""
    rows = "".join(
        f'<w:{kind} w:id="{key[1:]}">{text if text.startswith("<") else p(text)}</w:{kind}>'
        for key, text in texts.items()
    )
    odd = f'<w:{kind} w:type="separator" w:id="0"><w:p/></w:{kind}>'
    return {f"word/{kind}s.xml": f"<w:{kind}s{DECLARED}>{odd}{rows}</w:{kind}s>"}


def called(number, kind="footnote"):
    return f'<w:r><w:{kind}Reference w:id="{number}"/></w:r>'


def png(colour=0):
    """The smallest picture there is."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(bytes([0, colour])))
        + chunk(b"IEND", b"")
    )


def drawing(relation, alt="", *, inside=""):
    return (
        f'<w:r><w:drawing><wp:inline><wp:docPr id="1" name="Kuva" descr="{alt}"/><a:graphic><a:graphicData uri="x">'
        f'<pic:pic><pic:blipFill><a:blip r:embed="{relation}"/></pic:blipFill></pic:pic>{inside}'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def docx_body(*blocks):
    """The bytes of a main part with these blocks."""
    return f"<w:document{DECLARED}><w:body>{''.join(blocks)}</w:body></w:document>".encode()
