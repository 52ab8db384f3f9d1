"""Numbers of remarks in files, where there is nothing to press: the same in the PDF, the Word file and the sheet."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from reviews.summary.content import Piece
from reviews.summary.page import Page


def remark_numbers(page: Page) -> dict[str, int]:
    """Each remark's number by its id, in the order of the text."""
    ids = (remark.id for part in page.parts for remark in part.remarks)
    return {remark_id: number for number, remark_id in enumerate(ids, 1)}


def numbered(remarks: Iterable[str], numbers: Mapping[str, int]) -> list[tuple[str, int]]:
    """Ids and numbers of those of some remarks that are told."""
    return [(remark_id, numbers[remark_id]) for remark_id in remarks if remark_id in numbers]


def in_words(pieces: Iterable[Piece]) -> str:
    """What somebody said as plain text, with what is left out told in brackets."""
    return "".join(
        f"[{_('left out: %(reason)s') % {'reason': piece.text}}]" if piece.is_left_out else piece.text
        for piece in pieces
    )
