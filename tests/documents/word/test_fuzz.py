"""Files of any shape: the words of the file and of its pieces agree, whatever people did in Word."""

import io

import docx
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from documents.word.ooxml import name
from documents.word.pieces import Tracked
from documents.word.reader import read_docx
from tests.documents.word import files
from tests.documents.word.files import called, notes, num, p, png, r, table

TEXT = st.one_of(
    st.text("abÄö \u00a0–-•1.)(", max_size=12),
    st.sampled_from(
        ["– ", "• ", "1. ", "2) ", "a) ", "sana", "kaksi sanaa", "2.3 Otsikko", " ", "Lause, joka päättyy."]
    ),
)
STYLES = [
    "Normal",
    "Heading 1",
    "Heading 2",
    "List Bullet",
    "List Bullet 2",
    "List Number",
    "Quote",
    "Caption",
    "Title",
]
RUN = st.tuples(TEXT, st.booleans(), st.booleans())
PARAGRAPH = st.tuples(st.just("p"), st.sampled_from(STYLES), st.lists(RUN, max_size=4))
TABLE = st.tuples(
    st.just("t"),
    st.lists(
        st.lists(st.lists(st.tuples(st.sampled_from(STYLES), TEXT), max_size=3), min_size=2, max_size=2), max_size=3
    ),
    st.booleans(),
)


def counted(document):
    """Words by python-docx and nothing else."""
    texts = []
    for paragraph in document.element.body.iter(name("w:p")):
        texts.append("".join(row.text or "" for row in paragraph.iter(name("w:t"))))
    return sum(len(text.split()) for text in texts)


@given(st.lists(st.one_of(PARAGRAPH, TABLE), max_size=8))
def test_words_of_any_document_agree(parts):
    document = docx.Document()
    for part in parts:
        if part[0] == "p":
            paragraph = document.add_paragraph(style=part[1])
            for text, bold, italic in part[2]:
                run = paragraph.add_run(text)
                run.bold, run.italic = bold or None, italic or None
        elif part[1]:
            grid = document.add_table(len(part[1]), 2)
            for row, cells in zip(grid.rows, part[1], strict=True):
                for cell, paragraphs in zip(row.cells, cells, strict=True):
                    for style, text in paragraphs:
                        cell.add_paragraph(text, style=style)
            if part[2]:
                grid.cell(0, 0).merge(grid.cell(len(part[1]) - 1, 1))
    stream = io.BytesIO()
    document.save(stream)
    text = read_docx(stream.getvalue())
    assert text.words == counted(document)
    assert text.piece_words == text.words


LOOKS = ["", "<w:b/>", "<w:i/>", "<w:vanish/>", '<w:sz w:val="40"/>', '<w:lang w:val="sv-FI"/>']
WHO = 'w:author="A"'


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


ODD_RUN = st.one_of(
    st.tuples(TEXT, st.sampled_from(LOOKS)).map(lambda row: r(escaped(row[0]), row[1])),
    st.tuples(TEXT, st.sampled_from(["ins", "moveTo"])).map(lambda row: f"<w:{row[1]} {WHO}>{r(row[0])}</w:{row[1]}>"),
    TEXT.map(lambda text: f"<w:del {WHO}>{r(text).replace('w:t', 'w:delText')}</w:del>"),
    st.sampled_from([called(2), called(3), called(2, "endnote"), called(99)]),
    st.sampled_from(["<w:r><w:tab/></w:r>", "<w:r><w:br/></w:r>", '<w:r><w:br w:type="page"/></w:r>']),
    st.just('<w:r><w:sym w:font="Symbol" w:char="F0B7"/></w:r>'),
    st.just(files.drawing("i", "Kuva")),
    st.just(f"<w:r><w:pict><v:textbox><w:txbxContent>{p('laatikko nyt')}</w:txbxContent></v:textbox></w:pict></w:r>"),
    TEXT.map(lambda text: f"<w:smartTag>{r(text)}</w:smartTag>"),
    TEXT.map(lambda text: f"<w:sdt><w:sdtContent>{r(text)}</w:sdtContent></w:sdt>"),
    TEXT.map(lambda text: f"<w:m><m:oMath><m:r><m:t>{text}</m:t></m:r></m:oMath></w:m>"),
    st.sampled_from(
        [
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r>',
            "<w:r><w:instrText>PAGE</w:instrText></w:r>",
            "<w:r><w:instrText>TOC</w:instrText></w:r>",
            '<w:r><w:instrText>HYPERLINK "https://example.org"</w:instrText></w:r>',
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r>',
            '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
        ]
    ),
)
LOOK = st.sampled_from(
    [
        "",
        num(1),
        num(2),
        num(2, 1),
        num(3),
        num(4),
        num(77),
        f"<w:rPr><w:del {WHO}/></w:rPr>",
        f"<w:rPr><w:ins {WHO}/></w:rPr>",
    ]
)
ODD_STYLES = ["", "Otsikko1", "Title", "Lainaus", "Kuvaotsikko", "Sisluet1", "Luettelo2", "Puuttuu", "Ohje", "Sisluet1"]
ODD_PARAGRAPH = st.tuples(st.lists(ODD_RUN, max_size=5), st.sampled_from(ODD_STYLES), LOOK).map(
    lambda row: p(*row[0], style=row[1], properties=row[2])
)
CELL_LOOKS = ["", '<w:gridSpan w:val="2"/>', '<w:vMerge w:val="restart"/>', "<w:vMerge/>", '<w:gridSpan w:val="-3"/>']
ODD_BLOCK = st.recursive(
    ODD_PARAGRAPH,
    lambda blocks: st.one_of(
        st.lists(
            st.lists(
                st.tuples(st.lists(blocks, min_size=1, max_size=2).map("".join), st.sampled_from(CELL_LOOKS)),
                max_size=3,
            ),
            max_size=3,
        ).map(lambda rows: table(*rows, header=len(rows) // 2)),
        st.lists(blocks, max_size=2).map(lambda row: f"<w:sdt><w:sdtContent>{''.join(row)}</w:sdtContent></w:sdt>"),
        st.lists(blocks, max_size=2).map(
            lambda row: (
                "<w:sdt><w:sdtPr><w:tag w:val='fc:avain'/></w:sdtPr>"
                f"<w:sdtContent>{''.join(row)}</w:sdtContent></w:sdt>"
            )
        ),
    ),
    max_leaves=6,
)


@given(st.lists(ODD_BLOCK, max_size=6).map("".join), st.sampled_from(list(Tracked)))
def test_words_of_any_odd_document_agree(body, tracked):
    parts = notes("footnote", n2="alaviite nyt", n3=p("kaksi") + p("– kappaletta")) | notes("endnote", n2="loppu")
    parts["word/media/image1.png"] = png()
    image = f'<Relationship Id="i" Type="{files.REL}/image" Target="media/image1.png"/>'
    text = read_docx(files.docx(body, parts=parts, relations=image), tracked=tracked)
    assert text.piece_words == text.words
    assert text.words == (text.words_original if tracked is Tracked.ORIGINAL else text.words_accepted)


@given(st.data())
def test_a_body_with_any_damage_is_refused_or_agrees(data):
    body = bytearray(
        files.docx_body(
            p("– yksi", properties=num(1)), table(["a", ("b", "<w:vMerge/>")]), p("Otsikko", style="Otsikko1")
        )
    )
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(body) - 1))
        body[start : start + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    try:
        text = read_docx(files.docx(parts={"word/document.xml": bytes(body)}))
    except ValidationError as error:
        assert error.code in {"broken", "entities"}
    else:
        assert text.agrees
