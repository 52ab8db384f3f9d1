"""What the templates of a summary need beside Django's own filters."""

from collections.abc import Mapping

import nh3
from django import template
from django.utils.safestring import SafeString, mark_safe

from documents.richtext import CELL_TAGS, LINK_SCHEMES

MARKED_TAGS = set(CELL_TAGS | {"ins", "del"})
MARKED_ATTRIBUTES = {"a": {"href"}, "span": {"class"}, "ins": {"class"}, "del": {"class"}}

register = template.Library()


@register.filter
def at(rows: Mapping[str, str], key: str) -> str:
    """The value of a key that is known only when the page is written; nothing where there is none."""
    return rows.get(key, "")


@register.filter
def marked(html: str) -> SafeString:
    """A difference as the program wrote it, cleaned once more: a kept summary is data like any other."""
    clean = nh3.clean(html, tags=MARKED_TAGS, attributes=MARKED_ATTRIBUTES, url_schemes=LINK_SCHEMES)
    return mark_safe(clean)  # noqa: S308 cleaned just before
