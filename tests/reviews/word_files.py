"""Files for comments as respondents send them back: our own copy with Word's marks written into its XML."""

import io
import re
import zipfile

from documents.services.versions import freeze
from reviews.word.copy import comment_copy
from tests.documents.factories import blocks, make_document, make_section
from tests.regions.factories import RegionFactory
from tests.reviews.factories import CommentRoundFactory

W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
W15 = "http://schemas.microsoft.com/office/word/2012/wordml"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TEXT = """<p>Kahvila on auki maanantaisin.</p><p>Ohjaaja on paikalla <strong>aina</strong>.</p>
<ul><li>leikkitila</li><li>keittiö</li></ul><p>Tilat ovat esteettömät.</p>
<table><tr><th>Palvelu</th><th>Vastuu</th></tr><tr><td>Perhekahvila</td><td>Kunta</td></tr>
<tr><td>Neuvonta</td><td>Alue</td></tr></table>"""
MORE = "<p>Palaute kootaan vuosittain.</p><p>Palaute kootaan vuosittain.</p><p>Kokous pidetään keväällä.</p>"


def make_round(**fields):
    """A round on a version of two sections: paragraphs, a list, a table, and a text that stands twice."""
    region = fields.pop("region", None) or RegionFactory()
    document = make_document(region)
    make_section(document, TEXT, key="toiminta")
    make_section(document, MORE, key="seuranta")
    return CommentRoundFactory(version=freeze(document, by=None), region=region, **fields)


def texts_of(comment_round, key="toiminta"):
    section = comment_round.version.document.sections.get(key=key)
    return [block.plain_in("fi") for block in blocks(section)]


def copy_of(comment_round, language="fi"):
    return comment_copy(comment_round, language)


def parts_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return stream.getvalue()


def main_of(content):
    return parts_of(content)["word/document.xml"].decode()


def with_main(content, *changes, comments="", extended=""):
    """The file with texts of its main part replaced, each exactly once, and with comments."""
    parts = parts_of(content)
    main = parts["word/document.xml"].decode()
    for old, new in changes:
        assert main.count(old) == 1, (main.count(old), old)
        main = main.replace(old, new)
    parts["word/document.xml"] = main.encode()
    if comments:
        parts |= commented(parts, comments, extended)
    return packed(parts)


def commented(parts, comments, extended=""):
    types = parts["[Content_Types].xml"].decode()
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments"
    types = types.replace(
        "</Types>",
        f'<Override PartName="/word/comments.xml" ContentType="{kind}+xml"/>'
        f'<Override PartName="/word/commentsExtended.xml" ContentType="{kind}Extended+xml"/></Types>',
    )
    relations = parts["word/_rels/document.xml.rels"].decode()
    relations = relations.replace(
        "</Relationships>",
        f'<Relationship Id="com" Type="{REL}/comments" Target="comments.xml"/>'
        '<Relationship Id="ext" Type="http://schemas.microsoft.com/office/2011/relationships/commentsExtended" '
        'Target="commentsExtended.xml"/></Relationships>',
    )
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return {
        "[Content_Types].xml": types,
        "word/_rels/document.xml.rels": relations,
        "word/comments.xml": f'<w:comments xmlns:w="{space}" xmlns:w14="{W14}">{comments}</w:comments>',
        "word/commentsExtended.xml": f'<w15:commentsEx xmlns:w15="{W15}">{extended}</w15:commentsEx>',
    }


def comment(number, text, author="Maija Meikäläinen", paragraph=""):
    lines = "".join(
        f'<w:p w14:paraId="{paragraph or f"{number:08d}"}"><w:r><w:t xml:space="preserve">{line}</w:t></w:r></w:p>'
        for line in text.split("\n")
    )
    return f'<w:comment w:id="{number}" w:author="{author}" w:date="2026-01-20T10:00:00Z">{lines}</w:comment>'


def about(number, inside):
    """Runs with a comment's range around them."""
    return (
        f'<w:commentRangeStart w:id="{number}"/>{inside}<w:commentRangeEnd w:id="{number}"/>'
        f'<w:r><w:commentReference w:id="{number}"/></w:r>'
    )


def r(text):
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def ins(text, author="Maija Meikäläinen"):
    return f'<w:ins w:id="900" w:author="{author}" w:date="2026-01-20T10:00:00Z">{r(text)}</w:ins>'


def gone(text, author="Maija Meikäläinen"):
    run = f'<w:r><w:delText xml:space="preserve">{text}</w:delText></w:r>'
    return f'<w:del w:id="901" w:author="{author}" w:date="2026-01-20T10:00:00Z">{run}</w:del>'


def mark(kind):
    """The mark of an inserted or a deleted end of a paragraph."""
    return f'<w:pPr><w:rPr><w:{kind} w:id="902" w:author="Esko Esimerkki"/></w:rPr></w:pPr>'


def paragraph_of(content, text):
    """The XML of the paragraph that has this text in one run."""
    found = [row for row in re.findall(r"<w:p>.*?</w:p>", main_of(content)) if f">{text}</w:t>" in row]
    assert len(found) == 1, found
    return found[0]
