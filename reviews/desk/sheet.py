"""The list of remarks as a spreadsheet: what is shown, one row each, words as words. Never an e-mail address."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from documents import richtext
from documents.blocks import Block
from documents.models import Document
from documents.operations import INSERT_AFTER, REPLACE_TEXT
from documents.rendering import language_name
from documents.spreadsheets.sheets import CELL, DAY, QUOTED, Value, workbook, write_cell
from reviews.desk.listing import KINDS, Line, Listed
from reviews.desk.page import place_label
from reviews.desk.respondents import respondent_name
from reviews.models import Remark

WIDTHS = (6, 24, 30, 26, 18, 18, 40, 60, 60, 24, 50, 50, 20)
"""Characters of each column; longer texts wrap."""


def remark_workbook(document: Document, found: Listed) -> bytes:
    """An .xlsx file of all remarks in the list, in its order."""
    heads, rows = _heads(document), list(_rows(document, found))

    def write(book: Any) -> None:
        head = book.add_format({**CELL, "bold": True, "bottom": 1})
        body, quoted, day = (book.add_format({**CELL, **more}) for more in ({}, QUOTED, DAY))
        sheet = book.add_worksheet(_("Remarks")[:31])
        for column, title in enumerate(heads):
            sheet.write_string(0, column, title, head)
            sheet.set_column(column, column, WIDTHS[min(column, len(WIDTHS) - 1)], body)
        for line, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                write_cell(sheet, line, column, value, body, quoted=quoted, day=day)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(rows), 1), len(heads) - 1)

    return workbook(write, title=str(document), company=document.region.name, created=timezone.localtime())


def _heads(document: Document) -> list[str]:
    return [
        _("No."),
        _("Round"),
        _("Section"),
        _("Respondent"),
        pgettext("of a remark", "Kind"),
        _("Received"),
        _("Quoted words"),
        _("Remark"),
        _("Proposed wording"),
        pgettext("of a remark", "Answer"),
        *(_("Reason (%(language)s)") % {"language": language_name(code)} for code in document.languages),
        _("Handled by"),
        _("Id of the remark"),
    ]


def _rows(document: Document, found: Listed) -> Iterable[Sequence[Value]]:
    remarks = {
        row.pk: row
        for row in Remark.objects.filter(version__document=document)
        .select_related("statement__organisation", "statement__round", "statement__user", "author", "assigned_to")
        .prefetch_related("answers")
    }
    for number, line in enumerate(found.lines, 1):
        if remark := remarks.get(line.pk):
            yield _row(document, found, line, remark, number)


def _row(document: Document, found: Listed, line: Line, remark: Remark, number: int) -> list[Value]:
    statement = remark.statement
    given = next((row for row in remark.answers.all() if row.withdrawn_at is None), None)
    reason = given.reason if given else {}
    return [
        number,
        str(statement.round) if statement else "",
        place_label(found, line),
        respondent_name(remark),
        str(KINDS[line.kind]),
        timezone.localdate(statement.received_at) if statement and statement.received_at else None,
        remark.quote,
        remark.text,
        proposed_words(remark),
        str(given.get_outcome_display()) if given else "",
        *(reason.get(code, "") for code in document.languages),
        remark.assigned_to.name if remark.assigned_to else "",
        remark.public_id,
    ]


def proposed_words(remark: Remark) -> str:
    """The words that a proposal would bring into the text; other changes are told on the remark's page."""
    told = []
    for raw in remark.operations:
        if raw["op"] == REPLACE_TEXT:
            told.append(richtext.plain(str(raw["value"])))
        elif raw["op"] == INSERT_AFTER:
            told.append(Block.from_json(raw["new"]).plain_in(remark.language))
        else:
            told.append(_("(another change)"))
    return "\n".join(told)
