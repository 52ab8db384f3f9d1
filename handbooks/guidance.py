"""A template's help for those who write: paragraphs and lists, cleaned when written and again when shown.

A table among them is no help: it is what the answer begins with, a header row and empty rows to fill in.
"""

import re

import nh3
from django.utils.safestring import SafeString, mark_safe

from documents.richtext import LINK_SCHEMES, plain

TAGS = {"p", "ul", "ol", "li", "strong", "em", "a", "br", "table", "thead", "tbody", "tr", "th", "td"}
SPANS = {"colspan", "rowspan"}
ATTRIBUTES = {"a": {"href"}, "td": SPANS, "th": SPANS}
TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)


def clean_guidance(html: str) -> SafeString:
    """Guidance as safe HTML."""
    cleaned = nh3.clean(html.strip(), tags=TAGS, attributes=ATTRIBUTES, url_schemes=LINK_SCHEMES, link_rel=None)
    return mark_safe(cleaned)  # noqa: S308 cleaned above


def help_in(html: str) -> SafeString:
    """What guidance says, without the table that the answer begins with."""
    return clean_guidance(TABLE.sub("", clean_guidance(html)))


def answer_table(html: str) -> SafeString:
    """The table that guidance asks to be filled in, or nothing."""
    return clean_guidance("".join(TABLE.findall(clean_guidance(html))))


def guidance_lines(html: str) -> list[str]:
    """Its paragraphs and list items as plain text."""
    return [text for part in re.split(r"</?(?:p|ul|ol|li)>|<br>", help_in(html)) if (text := plain(part))]


def table_rows(html: str) -> list[str]:
    """What is written in each row of its table, as plain text: the header, and what else the groups are given."""
    return [text for row in answer_table(html).split("</tr>") if (text := plain(row.replace("</t", " </t")))]
