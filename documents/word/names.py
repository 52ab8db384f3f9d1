"""The hidden names by which our own Word files are known again: bookmarks, tags and styles."""

import hashlib
import re

BLOCK = "_fc_"
"""Bookmark of a block, followed by its id."""
TABLE = "_fct_"
"""Bookmark of a whole table, standing in its first row."""
COLUMN = "_fcc_"
"""Bookmark of a table's column, in the cell of the first row that covers it; a wide cell has several, in order."""
SECTION = "_fcs_"
"""Bookmark of a section's heading."""
STRUCTURED = "_fcb_"
"""Bookmark of a block that is no running text (a goal, an action), followed by its id."""
GUIDANCE = "_fcg_"
"""Bookmark of a paragraph that we wrote as guidance, followed by a digest of its words and its section's number."""
TRANSLATION = "_fcd_"
"""Bookmark of a file for a translator, followed by the document's id and the language."""
ORIGINAL = "_fcx_"
"""Bookmark of an original that a translator is shown: id, unit and the hash of the original."""
TRANSLATED = "_fcy_"
"""Bookmark of its translation: id, unit and a mark of the translation that went out."""

ANSWER_TAG = "fc:"
"""Tag of the content control in which a section is answered."""
GUIDANCE_DASH = "– "
"""What a list item of the guidance begins with in the form."""
GUIDANCE_TAG = "fcg:"

GIVEN = "_fca_"
"""Bookmark of a row that we wrote in a table to be filled in, followed by a digest of its words and its place."""

FALLBACK = "_fcf_"
"""Bookmark of a text that is shown in the original's language for want of a translation, with a digest of its words."""

VERSION = "_fcv_"
"""Bookmark on the first page of a file for comments, followed by the beginning of the version's SHA-256."""

GUIDANCE_STYLE = "Ohje"
NUMBER_STYLE = "fcNumber"
NUMBER_STYLE_NAME = "Block Number"
"""Runs in front of a text that say its number in a file for comments; they are nobody's words."""
TABLE_CAPTION_STYLE = "Table Caption"
PLACEHOLDER_STYLE = "PlaceholderText"
COVER_STYLE = "fcCover"
COVER_STYLE_NAME = "Cover Line"
COVER_TEXT_STYLE = "fcCoverText"
COVER_TEXT_STYLE_NAME = "Cover Text"
COVER_HEADING_STYLE = "fcCoverHeading"
COVER_HEADING_STYLE_NAME = "Cover Heading"
"""Paragraphs that we print around the text (date, version, marks); they are nobody's words."""

KEY_LENGTH = 35
ID = re.compile(r"[0-9a-z]{10}")


def section_name(key: str) -> str:
    """A section's key as Word can hold it: bookmarks end at forty characters."""
    if len(key) <= KEY_LENGTH:
        return key
    return f"{key[:24]}-{hashlib.sha256(key.encode()).hexdigest()[:10]}"


def digest(text: str) -> str:
    """Names a text's words, so that guidance somebody typed into is told from guidance left alone."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:12]
