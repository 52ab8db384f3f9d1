"""A template's help for those who write: a few paragraphs and lists, cleaned when written and again when shown."""

import re

import nh3
from django.utils.safestring import SafeString, mark_safe

from documents.richtext import LINK_SCHEMES, plain

TAGS = {"p", "ul", "ol", "li", "strong", "em", "a", "br"}


def clean_guidance(html: str) -> SafeString:
    """Guidance as safe HTML."""
    cleaned = nh3.clean(html.strip(), tags=TAGS, attributes={"a": {"href"}}, url_schemes=LINK_SCHEMES, link_rel=None)
    return mark_safe(cleaned)  # noqa: S308 cleaned above


def guidance_lines(html: str) -> list[str]:
    """Its paragraphs and list items as plain text."""
    return [text for part in re.split(r"</?(?:p|ul|ol|li)>|<br>", html) if (text := plain(part))]
