"""Signs that the typeface of our PDFs lacks: one smiling face among thousands of remarks must not stop the file."""

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import fontpkg_source_sans_3
from fontTools.ttLib import TTFont

from reviews.summary.content import Summary, from_json

MARK = "[?]"
"""What stands in the place of such signs; the file says so, and the other formats show them."""
LAID_OUT = frozenset("\n\r\t ")
FONTS = ("SourceSans3[wght].ttf", "SourceSans3-Italic[wght].ttf")


@cache
def _known() -> frozenset[int]:
    """The signs that stand both upright and slanting."""
    folder = Path(fontpkg_source_sans_3.__file__).parent / "files"
    upright, slanting = (set(TTFont(folder / name, lazy=True).getBestCmap()) for name in FONTS)
    return frozenset(upright & slanting)


@cache
def _replaced(sign: str) -> str:
    if sign in LAID_OUT or ord(sign) in _known():
        return sign
    # Controls, joiners and marks of direction show nothing by themselves.
    return "" if unicodedata.category(sign) in {"Cc", "Cf", "Mn", "Cs"} else "\0"


def showable(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return re.sub("\0[\0 ]*(?<=\0)", MARK, "".join(_replaced(sign) for sign in unicodedata.normalize("NFC", text)))


def showable_summary(summary: Summary) -> Summary:
    """The same summary with a mark where the typeface has no sign."""
    return from_json(_mapped(summary.to_json()))


def _mapped(value: Any) -> Any:
    if isinstance(value, str):
        return showable(value)
    if isinstance(value, list):
        return [_mapped(row) for row in value]
    if isinstance(value, dict):
        return {key: _mapped(row) for key, row in value.items()}
    return value
