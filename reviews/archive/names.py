"""What the files of an archive are called: names that every system can write, each once."""

from pathlib import PurePosixPath

from django.utils.text import slugify

from regions.models import StoredFile

INDEX = "index.json"
PAGE = "index.html"
STYLE = "index.css"
CHECKSUMS = "SHA256SUMS.txt"
"""As `sha256sum -c` reads it."""

LONGEST = 60
"""Signs of a name, so that the whole path stays below what old systems can write."""


def plain_name(text: str) -> str:
    """Small letters without accents, digits and hyphens; nothing where there are none."""
    return slugify(text)[:LONGEST].strip("-_")


def numbered_name(number: int, text: str) -> str:
    """Unique by its number, and no name that a system keeps for itself: `003-lempaala`."""
    name = plain_name(text)
    return f"{number:03d}-{name}" if name else f"{number:03d}"


def attachment_name(number: int, stored: StoredFile) -> str:
    path = PurePosixPath(stored.name)
    suffix = plain_name(path.suffix)[:5]
    stem = numbered_name(number, path.stem)
    return f"{stem}.{suffix}" if suffix else stem
