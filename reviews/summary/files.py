"""The summary of a round as a file of each format."""

from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import override

from documents.printing.engine import PrintError, check_pdf
from documents.rendering import interface_language
from regions.files import DOCX, PDF, XLSX
from regions.models import Region
from reviews.models import SummaryFile
from reviews.summary.content import Summary
from reviews.summary.printing import summary_pdf
from reviews.summary.spreadsheet import summary_workbook
from reviews.summary.word import summary_word

ZIP = "application/zip"
CONTENT_TYPES: dict[str, str] = {
    SummaryFile.Format.PDF: PDF,
    SummaryFile.Format.DOCX: DOCX,
    SummaryFile.Format.XLSX: XLSX,
    SummaryFile.Format.ZIP: ZIP,
}
FORMATS = (SummaryFile.Format.PDF, SummaryFile.Format.DOCX, SummaryFile.Format.XLSX)
"""What a summary can be had as, in the order in which people want it."""


def write_summary(summary: Summary, format_name: str, language: str, *, region: Region, is_draft: bool) -> bytes:
    """Raises PrintError for a PDF that would not be accessible."""
    if format_name == SummaryFile.Format.DOCX:
        return summary_word(summary, language, is_draft=is_draft)
    if format_name == SummaryFile.Format.XLSX:
        return summary_workbook(summary, language, is_draft=is_draft)
    content = summary_pdf(summary, language, region=region, is_draft=is_draft)
    report = check_pdf(content)
    if not report["compliant"]:
        raise PrintError([f"{failure['rule']}: {failure['message']}" for failure in report["failures"]])
    return content


def file_name(title: str, format_name: str, language: str) -> str:
    """What the file is called where it is saved: `lausuntoyhteenveto-kommenttikierros-fi.pdf`."""
    with override(interface_language(language)):
        kind = _("Everything of a round") if format_name == SummaryFile.Format.ZIP else _("Summary of statements")
    parts = [slugify(kind), slugify(title)[:80]]
    if format_name != SummaryFile.Format.ZIP:
        parts.append(language)
    return f"{'-'.join(part for part in parts if part)}.{format_name}"
