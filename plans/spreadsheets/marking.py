"""The file that somebody brought, with the cells marked that must be corrected."""

import io
from collections import defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from documents.spreadsheets.guard import check_workbook
from plans.spreadsheets.reading import CellError


def marked_copy(content: bytes, errors: Iterable[CellError]) -> bytes:
    """The same workbook with a red ground and a comment in each wrong cell; a row's own error is in its first cell."""
    check_workbook(content)
    book = load_workbook(io.BytesIO(content), keep_links=False)
    told: dict[tuple[str, str], list[str]] = defaultdict(list)
    for error in errors:
        told[error.sheet, f"{error.letter or 'A'}{error.row}"].append(error.message)
    ground = PatternFill("solid", start_color="FFFFC7CE", end_color="FFFFC7CE")
    for (sheet, place), messages in told.items():
        cell = book[sheet][place]
        cell.fill = ground
        cell.comment = Comment("\n".join(messages), _("Family Centre"), height=120, width=320)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
