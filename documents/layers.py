"""What a reader of HTML may be given: it mends unclosed tags by repeating them, so little text may become gigabytes.

The rules are those of the HTML standard for tokens (WHATWG HTML, 13.2.5), so that a tag inside a comment or an
attribute does not count, and a hidden end tag does not close anything.
"""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MAX_TAGS = 300_000
"""Tags and character references; reading either takes time that grows faster than their number."""
MAX_OPEN = 400
"""Tags that are open at once, those that close by themselves left out. A person's text has some ten."""

# Marks that a reader opens again in every paragraph after it, three of each that differ in their attributes.
REPEATED = frozenset({"b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"})
VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
)
CLOSED_BY_OTHERS = frozenset(
    {"p", "li", "dt", "dd", "td", "th", "tr", "tbody", "thead", "tfoot", "colgroup", "caption", "option", "optgroup"}
)
_VALUE = r"""\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)"""
_TOKEN = re.compile(
    r"(?P<comment><!--(?:-?>|.*?(?:--!?>|\Z)))"
    r"|<(?:[!?]|/[^a-zA-Z])[^>]*+>?"
    rf"|<(?P<end>/?)(?P<tag>[a-zA-Z][^\s/>]*+)(?:[\s/]++|[^\s/>][^\s/>=]*+(?:{_VALUE})?)*+>",
    re.DOTALL,
)


def readable(source: str, *, layers: int = MAX_OPEN) -> str:
    """The same HTML without comments and without the attributes of marks, which nobody keeps.

    Raises ValidationError for what no person writes: hundreds of thousands of tags (`text_too_long`), hundreds of tags
    within tags (`text_too_deep`). Both are found before anything is built of them.
    """
    if source.count("<") + source.count("&") > MAX_TAGS:
        raise ValidationError(_("This text is too long for one section. Divide it."), code="text_too_long")
    opened: list[str] = []

    def token(match: re.Match[str]) -> str:
        tag = (match["tag"] or "").lower()
        if not tag:
            return ""
        if match["end"]:
            _close(opened, tag)
        elif tag not in VOID and not (opened and opened[-1] == tag in CLOSED_BY_OTHERS):
            opened.append(tag)
            if len(opened) > layers and _open(opened) > layers:
                raise ValidationError(
                    _("This text has too many layers inside each other to be read. Paste it as plain text."),
                    code="text_too_deep",
                )
        return f"<{match['end']}{tag}>" if tag in REPEATED else match[0]

    return _TOKEN.sub(token, source)


def _close(opened: list[str], tag: str) -> None:
    """Forget the tag that ends here and those inside it that need no end of their own. A stray end closes nothing."""
    place = len(opened) - 1
    while place >= 0 and opened[place] != tag and opened[place] in CLOSED_BY_OTHERS:
        place -= 1
    if place >= 0 and opened[place] == tag:
        del opened[place:]


def _open(opened: list[str]) -> int:
    """How many stand inside each other; what closes by itself leaves the list as soon as it is long."""
    opened[:] = [tag for tag in opened if tag not in CLOSED_BY_OTHERS]
    return len(opened)
