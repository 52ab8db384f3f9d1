"""What came in to a round: the list with its filter, and the same as a spreadsheet."""

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Lower, NullIf
from django.utils import timezone
from django.utils.translation import gettext as _

from documents.spreadsheets.sheets import CELL, DAY, QUOTED, workbook, write_cell
from documents.spreadsheets.sheets import Value as CellValue
from reviews.models import CommentRound, Remark, Statement
from reviews.rounds.questions import Question, answer_in_words
from reviews.rounds.short_forms import questions_of_form

WIDEST = 60
"""Characters; longer texts wrap."""


def _count(rows: QuerySet[Any], by: str) -> Coalesce:
    counted = rows.order_by().values(by).annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def received_rows(comment_round: CommentRound) -> QuerySet[Statement]:
    """All that has come in, with how many remarks and attachments each has; one query however many there are."""
    remarks = Remark.objects.said().filter(statement=OuterRef("pk"))
    files = Statement.attachments.through.objects.filter(statement=OuterRef("pk"))
    return (
        comment_round.statements.received()
        .select_related("organisation", "user", "entered_by", "invitation__body")
        .annotate(
            sorted_who=Lower(
                Coalesce(
                    "organisation__name_fi",
                    NullIf("organisation_name", Value("")),
                    NullIf("signed_by", Value("")),
                    "user__name",
                    Value(""),
                )
            ),
            remark_count=_count(remarks, "statement"),
            file_count=_count(files, "statement"),
        )
        .order_by("received_at", "pk")
    )


def filtered(rows: QuerySet[Statement], wanted: dict[str, Any]) -> QuerySet[Statement]:
    """Those that fit what was filled in (`StatementFilter`)."""
    for word in wanted.get("q", "").split():
        rows = rows.filter(
            Q(organisation__name_fi__icontains=word)
            | Q(organisation__name_sv__icontains=word)
            | Q(organisation__short_name_fi__icontains=word)
            | Q(organisation_name__icontains=word)
            | Q(signed_by__icontains=word)
        )
    for name in ("kind", "origin", "stance"):
        if wanted.get(name):
            rows = rows.filter(**{name: wanted[name]})
    if wanted.get("of_kind"):
        rows = rows.filter(organisation__kind=wanted["of_kind"])
    match wanted.get("only"):
        case "late":
            rows = rows.filter(late=True)
        case "unpicked":
            # What `received_rows` counts is no field of the model.
            rows = rows.filter(remark_count=0).exclude(text="")  # type: ignore[misc]
        case "files":
            rows = rows.filter(file_count__gt=0)  # type: ignore[misc]
    return rows


def as_workbook(comment_round: CommentRound, rows: QuerySet[Statement], language: str) -> bytes:
    """The list as an .xlsx file, with texts and answers. Addresses of people are not in it."""
    statements = list(rows)
    forms = [form for form in Statement.Form.values if any(row.form == form for row in statements)]
    questions = [
        (form, question)
        for form in forms or [Statement.Form.FULL]
        for question in questions_of_form(comment_round, form)
    ]
    heads = [
        *(_("Respondent"), _("Kind"), _("Kind of organisation"), _("Signed by"), _("How it came"), _("Entered by")),
        *(_("Received"), _("Late"), _("What they answer"), _("Joins"), _("Language")),
        *(_("Handled in"), _("Date of the meeting"), _("Section (§)"), _("Case number")),
        *(_("Remarks"), _("Attachments"), _("Statement as a whole")),
        *(question.text_in(language) for _form, question in questions),
    ]
    lines = [_line(row, questions, language) for row in statements]
    version = comment_round.version

    def write(book: Any) -> None:
        head = book.add_format({**CELL, "bold": True, "bottom": 1})
        body, quoted, day = (book.add_format({**CELL, **more}) for more in ({}, QUOTED, DAY))
        sheet = book.add_worksheet(_("Statements")[:31])
        for place, title in enumerate(heads):
            write_cell(sheet, 0, place, title, head, quoted=head, day=day)
            longest = max([len(title), *(len(str(line[place] or "")) for line in lines)])
            sheet.set_column(place, place, min(longest + 2, WIDEST), body)
        for number, line in enumerate(lines, 1):
            for place, value in enumerate(line):
                write_cell(sheet, number, place, value, body, quoted=quoted, day=day)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(len(lines), 1), len(heads) - 1)

    title = comment_round.title_in(language)
    return workbook(write, title=title, company=version.document.region.name, created=timezone.now())


def _line(row: Statement, questions: list[tuple[str, Question]], language: str) -> list[CellValue]:
    return [
        str(row),
        row.get_kind_display(),
        row.organisation.get_kind_display() if row.organisation else "",
        row.signed_by,
        row.get_origin_display(),
        str(row.entered_by or ""),
        timezone.localdate(row.received_at),
        _("Late") if row.late else "",
        row.get_stance_display(),
        row.joins,
        row.language,
        row.handled_in,
        row.handled_on,
        row.item_no,
        row.case_number,
        row.remark_count,  # type: ignore[attr-defined]
        row.file_count,  # type: ignore[attr-defined]
        row.text,
        *(
            answer_in_words(question, row.answers.get(question.key), language) if row.form == form else ""
            for form, question in questions
        ),
    ]
