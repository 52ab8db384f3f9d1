"""Words that somebody quoted, marked in the text they stand in."""

import re
from html import unescape

from django.utils.safestring import SafeString, mark_safe

_PIECES = re.compile(r"<[^>]*>|&[^;\s<]+;|[^<&]|&")
_BREAKS = re.compile(r"</?(?:p|li|br|td|th|tr|h\d|span)\b")


def mark_quote(html: str, quote: str, *, near: int = 0) -> SafeString:
    """Safe HTML with `<mark>` around the quoted words; of several places the one nearest to the sign `near`.

    Found without regard to white space, as `places.quote_in` does. Where they do not stand the HTML stays as it is. A
    mark never reaches over a tag: it ends before and begins anew behind it.
    """
    wanted = quote.split()
    if not wanted:
        return mark_safe(html)  # noqa: S308 given as safe
    pieces = _PIECES.findall(html)
    plain = [_plain(piece) for piece in pieces]
    found = list(re.finditer(r"\s*".join(map(re.escape, wanted)), "".join(plain)))
    if not found:
        return mark_safe(html)  # noqa: S308 given as safe
    match = min(found, key=lambda one: abs(one.start() - near))
    out: list[str] = []
    at, is_open = 0, False
    for piece, words in zip(pieces, plain, strict=True):
        is_tag = piece.startswith("<")
        inside = not is_tag and match.start() <= at < match.end()
        if inside != is_open:
            out.append("<mark>" if inside else "</mark>")
            is_open = inside
        out.append(piece)
        at += len(words)
    if is_open:
        out.append("</mark>")
    return mark_safe("".join(out))  # noqa: S308 the given HTML with marks


def _plain(piece: str) -> str:
    if piece.startswith("<"):
        return " " if _BREAKS.match(piece) else ""
    return unescape(piece)
