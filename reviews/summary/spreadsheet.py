"""The summary of a round as a workbook: remarks, questions, respondents and those who were asked, a sheet each."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from documents.rendering import interface_language, language_name
from documents.spreadsheets.sheets import CELL, DAY, QUOTED, Value, workbook, write_cell
from reviews.summary.content import Summary
from reviews.summary.differences import after, before
from reviews.summary.numbering import in_words, numbered, remark_numbers
from reviews.summary.page import Page, PartRow, RemarkRow, RespondentRow, page_of

Head = tuple[str, int]
"""Title of a column and its width in characters; longer texts wrap."""


def summary_workbook(summary: Summary, language: str, *, is_draft: bool) -> bytes:
    """An .xlsx file whose texts are texts and whose dates and numbers are such."""
    with override(interface_language(language)):
        page = page_of(summary, language)

        def write(book: Any) -> None:
            sheets = _Sheets(book, _footer(page, is_draft=is_draft))
            sheets.add(_("Remarks"), *_remarks(page))
            sheets.add(_("Questions"), *_questions(page))
            sheets.add(_("Respondents"), *_respondents(page))
            sheets.add(_("Who was asked"), *_asked(page))

        title = f"{_('Summary of statements')}: {page.title}"
        return workbook(write, title=title, company=page.region, created=page.made)


def _footer(page: Page, *, is_draft: bool) -> str:
    marks = [page.title]
    if is_draft:
        marks.insert(0, pgettext("mark on every page", "DRAFT"))
    if page.is_sample:
        marks.append(_("Sample text – not an official document"))
    # An ampersand begins a code in a page's foot, which holds 255 signs.
    return " · ".join(marks)[:200].replace("&", "&&")


class _Sheets:
    def __init__(self, book: Any, footer: str) -> None:
        self.book = book
        self.footer = footer
        self.head = book.add_format({**CELL, "bold": True, "bottom": 1})
        self.body, self.quoted, self.day = (book.add_format({**CELL, **more}) for more in ({}, QUOTED, DAY))

    def add(self, name: str, heads: Sequence[Head], rows: Iterable[Sequence[Value]]) -> None:
        sheet = self.book.add_worksheet(name[:31])
        for column, (title, width) in enumerate(heads):
            sheet.write_string(0, column, title, self.head)
            sheet.set_column(column, column, width, self.body)
        line = 0
        for line, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                write_cell(sheet, line, column, value, self.body, quoted=self.quoted, day=self.day)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(line, 1), len(heads) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_footer(f"&L{self.footer}&R&P (&N)")


# --- Remarks --------------------------------------------------------------------------------------------------


def _remarks(page: Page) -> tuple[list[Head], Iterator[Sequence[Value]]]:
    numbers = remark_numbers(page)
    by_remark = {remark: row for row in page.respondents for remark in row.remarks}
    heads = [
        (_("No."), 6),
        (_("Section no."), 10),
        (_("Section"), 28),
        (_("Place in the text"), 34),
        (_("Respondent"), 26),
        (pgettext("of a respondent", "Kind"), 22),
        (_("Quoted words"), 34),
        (pgettext("of a person", "Remark"), 60),
        (_("Old wording"), 44),
        (_("Proposed wording"), 44),
        (_("Outcome"), 26),
        (_("Reason"), 60),
        (_("Changed in version"), 12),
        (_("Language"), 12),
        (_("Received"), 12),
        (_("Id of the remark"), 14),
    ]
    rows = (
        _remark(numbers[remark.id], part, remark, by_remark.get(remark.id))
        for part in page.parts
        for remark in part.remarks
    )
    return heads, rows


def _remark(number: int, part: PartRow, remark: RemarkRow, by: RespondentRow | None) -> list[Value]:
    words = in_words(remark.pieces)
    if remark.hidden_reason:
        words = _("The remark is not published: %(reason)s") % {"reason": remark.hidden_reason}
    return [
        number,
        part.number,
        part.heading,
        remark.place,
        remark.who,
        by.group if by else "",
        remark.quote,
        words,
        "\n".join(before(change["html"]) for change in remark.proposal),
        "\n".join(_proposed(change) for change in remark.proposal),
        remark.outcome_text,
        remark.reason,
        remark.first_version,
        language_name(remark.language),
        by.received if by else None,
        remark.id,
    ]


def _proposed(change: dict[str, str]) -> str:
    """The words as they would stand; of a change that leaves none, what it does."""
    return after(change["html"]) or change["title"]


# --- Questions ------------------------------------------------------------------------------------------------


def _questions(page: Page) -> tuple[list[Head], Iterator[Sequence[Value]]]:
    """One row for each option, for each option in each group, and for each answer in words."""
    heads = [
        (_("Question"), 44),
        (_("Form"), 16),
        (_("Option"), 34),
        (pgettext("of respondents", "Group"), 26),
        (pgettext("to a question", "Answers"), 12),
        (_("Respondent"), 26),
        (_("Answer in words"), 60),
        (_("Language"), 12),
    ]

    def rows() -> Iterator[Sequence[Value]]:
        for question in page.questions:
            told: list[Value] = [question.text, question.form]
            for option, count in question.counts:
                yield [*told, option, _("All"), count, "", "", ""]
            for option, counts in question.rows:
                for column, count in zip(question.columns, counts, strict=True):
                    yield [*told, option, column.label, count, "", "", ""]
            for said in question.texts:
                yield [*told, "", "", None, said.who, in_words(said.pieces), language_name(said.language)]
            if question.note:
                yield [*told, "", "", None, "", question.note, ""]

    return heads, rows()


# --- People ---------------------------------------------------------------------------------------------------


def _respondents(page: Page) -> tuple[list[Head], Iterator[Sequence[Value]]]:
    numbers = remark_numbers(page)
    heads = [
        (_("Respondent"), 30),
        (pgettext("of a respondent", "Kind"), 24),
        (_("Received"), 12),
        (_("Late"), 10),
        (_("About the answer"), 44),
        (_("Language"), 12),
        (_("The answer as a whole"), 70),
        (_("Attachments"), 34),
        (_("Numbers of the remarks"), 24),
        (_("Why it is not published"), 34),
    ]
    rows = (
        [
            row.who,
            row.group,
            row.received,
            _("yes") if row.late else "",
            " · ".join(row.about[1:]),
            language_name(row.language),
            in_words(row.pieces),
            ", ".join(row.attachments),
            ", ".join(str(number) for _id, number in numbered(row.remarks, numbers)),
            row.hidden_ground,
        ]
        for row in page.respondents
    )
    return heads, rows


def _asked(page: Page) -> tuple[list[Head], Iterator[Sequence[Value]]]:
    heads = [(_("Who"), 44), (pgettext("of a respondent", "Kind"), 30), (_("Answer"), 34)]
    rows = ([row.name, kind.label, row.answer] for kind in page.asked for row in kind.rows)
    return heads, rows
