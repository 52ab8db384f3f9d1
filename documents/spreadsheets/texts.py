"""The words of a cell that somebody brings."""

import re

_WRITTEN_BREAK = re.compile(r"(_x000[dD]_\n?)|_x000[aA]_")


def plain_text(value: str) -> str:
    """Line breaks as one sign, and without the signs that no text may have."""
    # openpyxl leaves line breaks as the file has them written out.
    text = _WRITTEN_BREAK.sub("\n", value).replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    return "".join(sign for sign in text if sign in "\n\t" or sign.isprintable() or sign.isspace())
