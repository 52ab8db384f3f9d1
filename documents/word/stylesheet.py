"""The fixed parts of our Word files: styles with Word's own names, so that Word's tools know them, and lists."""

from documents.word import names
from documents.word.ooxml import NAMESPACES

DECLARED = "".join(f' xmlns:{prefix}="{NAMESPACES[prefix]}"' for prefix in ("w", "r", "wp", "a", "pic"))
BULLETS, OTHER_BULLETS, NUMBERS = 1, 2, 3
"""Abstract lists. Two of bullets, so that a list right after another is told apart."""
LEVELS = 9
SIGNS = ("•", "–", "▪")
FORMATS = ("decimal", "lowerLetter", "lowerRoman")
LOCALES = {"fi": "fi-FI", "sv": "sv-FI", "en": "en-GB", "se": "se-FI"}


def locale(language: str) -> str:
    return LOCALES.get(language, language)


def _paragraph_style(
    key: str,
    title: str,
    *,
    based_on: str = "Normal",
    after: str = "",
    paragraph: str = "",
    run: str = "",
    listed: bool = True,
) -> str:
    follow = f'<w:next w:val="{after}"/>' if after else ""
    based = f'<w:basedOn w:val="{based_on}"/>' if based_on else ""
    custom = ' w:customStyle="1"' if key[:2] == "fc" or key == names.GUIDANCE_STYLE else ""
    return (
        f'<w:style w:type="paragraph" w:styleId="{key}"{custom}><w:name w:val="{title}"/>{based}{follow}'
        + ("<w:qFormat/>" if listed else "")
        + (f"<w:pPr>{paragraph}</w:pPr>" if paragraph else "")
        + (f"<w:rPr>{run}</w:rPr>" if run else "")
        + "</w:style>"
    )


def _character_style(key: str, title: str, run: str) -> str:
    return f'<w:style w:type="character" w:styleId="{key}"><w:name w:val="{title}"/><w:rPr>{run}</w:rPr></w:style>'


def styles(language: str) -> str:
    """`word/styles.xml`. Sizes are half points, distances twentieths of a point."""
    rows = [
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>'
        '<w:pPr><w:spacing w:after="120" w:line="276" w:lineRule="auto"/></w:pPr></w:style>',
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr>'
        '<w:tblCellMar><w:left w:w="108" w:type="dxa"/><w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        "</w:style>",
        '<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/><w:basedOn w:val="TableNormal"/>'
        "<w:tblPr><w:tblBorders>"
        + "".join(
            f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="8A8F94"/>'
            for side in ("top", "left", "bottom", "right", "insideH", "insideV")
        )
        + "</w:tblBorders></w:tblPr></w:style>",
        _paragraph_style("Title", "Title", after="Normal", paragraph='<w:spacing w:after="240"/>', run=_size(52)),
    ]
    for level, (size, before) in enumerate(((34, 480), (28, 360), (25, 280), (23, 240), (22, 200), (22, 200)), 1):
        paragraph = (
            f'<w:keepNext/><w:keepLines/><w:spacing w:before="{before}" w:after="120"/>'
            f'<w:outlineLvl w:val="{level - 1}"/>'
        )
        title = f"heading {level}"
        rows.append(
            _paragraph_style(f"Heading{level}", title, after="Normal", paragraph=paragraph, run=f"<w:b/>{_size(size)}")
        )
    for level in range(1, 6):
        suffix, title = ("" if level == 1 else str(level)), ("" if level == 1 else f" {level}")
        spacing = '<w:spacing w:after="60"/>'
        rows.append(_paragraph_style(f"ListBullet{suffix}", f"List Bullet{title}", paragraph=spacing))
        rows.append(_paragraph_style(f"ListNumber{suffix}", f"List Number{title}", paragraph=spacing))
    grey = '<w:color w:val="5F656B"/>'
    quote = '<w:pBdr><w:left w:val="single" w:sz="12" w:space="10" w:color="8A8F94"/></w:pBdr><w:ind w:left="567"/>'
    cell = '<w:spacing w:before="40" w:after="40" w:line="240" w:lineRule="auto"/>'
    table_caption = '<w:keepNext/><w:spacing w:before="120" w:after="80"/>'
    rows += [
        _paragraph_style("Caption", "caption", paragraph='<w:spacing w:after="200"/>', run=f"<w:i/>{_size(20)}"),
        _paragraph_style("fcTableCaption", names.TABLE_CAPTION_STYLE, based_on="Caption", paragraph=table_caption),
        _paragraph_style("Quote", "Quote", paragraph=quote),
        _paragraph_style("fcTableText", "Table Text", paragraph=cell, run=_size(20)),
        _paragraph_style("fcTableHeading", "Table Heading", based_on="fcTableText", run="<w:b/>"),
        _paragraph_style(
            names.GUIDANCE_STYLE,
            names.GUIDANCE_STYLE,
            paragraph='<w:spacing w:after="80"/>',
            run=f"{grey}{_size(20)}",
        ),
        _paragraph_style(names.COVER_STYLE, names.COVER_STYLE_NAME, run=grey, listed=False),
        _paragraph_style(names.COVER_TEXT_STYLE, names.COVER_TEXT_STYLE_NAME, listed=False),
        _paragraph_style(
            names.COVER_HEADING_STYLE,
            names.COVER_HEADING_STYLE_NAME,
            paragraph='<w:keepNext/><w:spacing w:before="200" w:after="60"/>',
            run=f"<w:b/>{_size(24)}",
            listed=False,
        ),
        _paragraph_style("header", "header", run=_size(18), listed=False),
        _paragraph_style("footer", "footer", run=_size(18), listed=False),
        _paragraph_style(
            "FootnoteText",
            "footnote text",
            paragraph='<w:spacing w:after="0" w:line="240" w:lineRule="auto"/>',
            run=_size(18),
            listed=False,
        ),
        _character_style("FootnoteReference", "footnote reference", '<w:vertAlign w:val="superscript"/>'),
        _character_style("Hyperlink", "Hyperlink", '<w:color w:val="0B5394"/><w:u w:val="single"/>'),
        _character_style(names.PLACEHOLDER_STYLE, "Placeholder Text", grey),
        _character_style(names.NUMBER_STYLE, names.NUMBER_STYLE_NAME, f"{grey}{_size(16)}"),
    ]
    code = locale(language)
    defaults = (
        "<w:docDefaults><w:rPrDefault><w:rPr>"
        '<w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:eastAsia="Calibri" w:cs="Calibri"/><w:sz w:val="22"/>'
        f'<w:szCs w:val="22"/><w:lang w:val="{code}" w:eastAsia="{code}" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        "<w:pPrDefault/></w:docDefaults>"
    )
    return f"<w:styles{DECLARED}>{defaults}{''.join(rows)}</w:styles>"


def _size(half_points: int) -> str:
    return f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'


def numbering(lists: list[int]) -> str:
    """`word/numbering.xml`: one list for each entry, made of that abstract list; numbers begin at 1 in each."""
    out = []
    for abstract in (BULLETS, OTHER_BULLETS, NUMBERS):
        levels = []
        for level in range(LEVELS):
            indent = 357 * (level + 1)
            form = FORMATS[level % 3] if abstract == NUMBERS else "bullet"
            text = f"%{level + 1}." if abstract == NUMBERS else SIGNS[level % 3]
            levels.append(
                f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/>'
                f'<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="{indent}" w:hanging="357"/></w:pPr></w:lvl>'
            )
        out.append(
            f'<w:abstractNum w:abstractNumId="{abstract}"><w:multiLevelType w:val="hybridMultilevel"/>'
            f"{''.join(levels)}</w:abstractNum>"
        )
    restart = "".join(
        f'<w:lvlOverride w:ilvl="{level}"><w:startOverride w:val="1"/></w:lvlOverride>' for level in range(LEVELS)
    )
    for number, abstract in enumerate(lists, 1):
        changes = restart if abstract == NUMBERS else ""
        out.append(f'<w:num w:numId="{number}"><w:abstractNumId w:val="{abstract}"/>{changes}</w:num>')
    return f"<w:numbering{DECLARED}>{''.join(out)}</w:numbering>"
