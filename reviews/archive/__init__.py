"""Everything of a round in one file for the county's own registry, with checksums."""

from reviews.archive.checking import problems_in
from reviews.archive.writing import ArchiveTooLargeError, write_archive

__all__ = ["ArchiveTooLargeError", "problems_in", "write_archive"]
